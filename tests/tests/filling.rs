//! Filling a form in in a real Chromium: what its scripts add, at home and at the terminal of the town hall.

#[path = "../../internet-zone/tests/zone/qr.rs"]
mod qr;

use std::time::{Duration, Instant};

use domain::forms::definition::Procedure;
use domain::forms::{Answers, Compiled};
use journeys::browser::{Browser, Screen, Script};
use journeys::counter::{Counter, link_in};
use serde_json::{Value as Json, json};
use town::TERMINAL_CODE;

/// Waits until a script finds these words.
async fn finds(browser: &Browser, script: &str, words: &str) {
    let end = Instant::now() + platform_testkit::PATIENCE;
    loop {
        let told = told(browser, script).await;
        if told == words {
            return;
        }
        assert!(Instant::now() < end, "{script}: {told:?} is not {words:?}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

async fn found(browser: &Browser, script: &str) -> String {
    let told = browser.window.execute(script, vec![]).await.expect("it runs");
    told.convert::<Option<String>>().expect("a text").unwrap_or_default()
}

/// The same of a page that may not be there yet.
async fn told(browser: &Browser, script: &str) -> String {
    match browser.window.execute(script, vec![]).await {
        Ok(told) => told.convert::<Option<String>>().expect("a text").unwrap_or_default(),
        Err(error) => error.to_string(),
    }
}

/// A browser at the first page of a survey.
async fn survey(counter: &Counter) -> (Browser, String) {
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let browser = Browser::open(Screen::Phone, Script::On).await;
    browser.goto(&format!("{site}/procedures/koho-anketo/start")).await;
    browser.click("input[name='agree']").await;
    browser.press("入力をはじめる").await;
    (browser, site)
}

/// A browser at the first page of a form that is begun with an e-mail address.
async fn by_mail(counter: &Counter, slug: &str, address: &str) -> Browser {
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let browser = Browser::open(Screen::Phone, Script::On).await;
    browser.goto(&format!("{site}/procedures/{slug}/start")).await;
    browser.fill("email", address).await;
    browser.click("input[name='agree']").await;
    browser.press("申請を始めるメールを送る").await;
    let mail = counter.town.mail.wait_for(address, 1);
    browser.goto(&link_in(&mail[0].raw).expect("a link")).await;
    browser.press("申請をはじめる").await;
    browser
}

const SHOWN: &str =
    "return [...document.querySelectorAll('form [name=_shown]')].map(one => one.value).join(' ')";
const SAID: &str = "return document.getElementById('rules-said').textContent";
const FOCUS: &str = "return document.activeElement.name || document.activeElement.tagName";

/// NF-63: questions come and go while somebody answers, the focus stays, what was typed in a question
/// comes back with it, and a reader of the screen is told; the server takes what was shown.
#[tokio::test(flavor = "multi_thread")]
async fn questions_come_and_go_while_somebody_answers() {
    let counter = Counter::open();
    let (browser, _) = survey(&counter).await;
    finds(&browser, SHOWN, "age_group lives").await;
    browser.click("input[name='lives'][value='live']").await;
    finds(&browser, SHOWN, "age_group lives years").await;
    finds(&browser, SAID, "質問が増えました：みらい市に住んでいる年数。").await;
    finds(&browser, FOCUS, "lives").await;
    browser.is_accessible().await;
    browser.fill("years", "12").await;
    browser.click("input[name='lives'][value='live']").await;
    finds(&browser, SHOWN, "age_group lives").await;
    finds(&browser, SAID, "質問がなくなりました：みらい市に住んでいる年数。").await;
    finds(&browser, FOCUS, "lives").await;
    let space = browser.window.active_element().await.expect("an element");
    space.send_keys(" ").await.expect("a key");
    finds(&browser, SHOWN, "age_group lives years").await;
    finds(&browser, "return document.querySelector('[name=years]').value", "12").await;
    browser.press("次へ進む").await;

    // Two steps at once, and nothing is asked that does not apply.
    browser.click("input[name='reads'][value='never']").await;
    finds(&browser, SHOWN, "last_year reads why_not form opinion last_issue reading_time place")
        .await;
    browser.click("input[name='why_not'][value='other']").await;
    browser.fill("why_other", "字が細い").await;
    browser.click("input[name='reads'][value='always']").await;
    let shown = "last_year reads rating topics form opinion last_issue reading_time place";
    finds(&browser, SHOWN, shown).await;
    browser.click("input[name='reads'][value='never']").await;
    finds(&browser, "return document.querySelector('[name=why_other]').value", "字が細い").await;
    browser.is_accessible().await;
    browser.press("次へ進む").await;
    browser.fill("voice", "意見").await;
    browser.press("次へ進む").await;
    browser.says("字が細い").await;
    browser.says("12年").await;
    browser.close().await;
    counter.close();
}

/// NF-63: an exit hides what is behind it and lets it come back; sums follow through rows, and so does
/// what hangs on them; a button of the page keeps it all.
#[tokio::test(flavor = "multi_thread")]
async fn sums_and_exits_follow_while_somebody_answers() {
    let counter = Counter::open();
    let browser = by_mail(&counter, "setsubi-hojo", "shop@example.jp").await;

    browser.click("input[name='business'][value='none']").await;
    finds(&browser, SHOWN, "business not_business").await;
    browser.says("創業相談").await;
    browser.is_accessible().await;
    browser.click("input[name='business'][value='sole']").await;
    finds(&browser, SHOWN, "business employees").await;
    browser.fill("employees", "２１").await;
    finds(&browser, SHOWN, "business employees too_large").await;
    browser.fill("employees", "5").await;
    browser.press("次へ進む").await;
    let who = [
        ("company", "みらい商店"),
        ("person.family", "山田"),
        ("person.given", "花子"),
        ("person.family_kana", "ヤマダ"),
        ("person.given_kana", "ハナコ"),
        ("office.postal", "1000005"),
        ("office.prefecture", "東京都"),
        ("office.city", "千代田区"),
        ("office.town", "丸の内1-1"),
        ("phone", "03-1234-5678"),
    ];
    for (name, value) in who {
        browser.fill(name, value).await;
    }
    browser.press("次へ進む").await;

    let made = |name: &str| {
        format!("return document.querySelector(\"[data-worked-out='{name}']\").textContent.trim()")
    };
    browser.fill("items.1.item", "セルフレジ").await;
    browser.fill("items.1.price", "３００，０００").await;
    browser.fill("items.1.pieces", "3").await;
    finds(&browser, &made("items.1.subtotal"), "900,000円").await;
    finds(&browser, &made("total"), "900,000円").await;
    finds(&browser, &made("grant"), "450,000円").await;
    finds(&browser, SHOWN, "items items.1.item items.1.sort items.1.price items.1.pieces items.1.subtotal total grant account").await;
    // Questions of a row come and go too, and keep what was typed.
    browser.click("input[name='items.1.sort'][value='other']").await;
    finds(&browser, SHOWN, "items items.1.item items.1.sort items.1.sort_other items.1.price items.1.pieces items.1.subtotal total grant account").await;
    finds(&browser, SAID, "質問が増えました：1件目の設備 その他の内容。").await;
    finds(&browser, FOCUS, "items.1.sort").await;
    browser.fill("items.1.sort_other", "厨房").await;
    browser.is_accessible().await;
    browser.click("input[name='items.1.sort'][value='energy']").await;
    finds(&browser, SHOWN, "items items.1.item items.1.sort items.1.price items.1.pieces items.1.subtotal total grant plan account").await;
    browser.click("input[name='items.1.sort'][value='other']").await;
    finds(&browser, "return document.querySelector(\"[name='items.1.sort_other']\").value", "厨房")
        .await;
    browser.click("input[name='items.1.sort'][value='energy']").await;
    browser.fill("plan", "半分になります").await;
    browser.fill("items.1.pieces", "4").await;
    finds(&browser, &made("grant"), "500,000円").await;
    browser.is_accessible().await;
    // What is saved meanwhile is what the page shows.
    finds(&browser, KEPT, "true").await;
    finds(&browser, &made("grant"), "500,000円").await;
    browser.click("button[value='row:add:items:1']").await;
    let plan = "var plan = document.querySelector('[name=plan]'); return document.querySelector('[name=\"items.2.item\"]') && plan ? plan.value : ''";
    finds(&browser, plan, "半分になります").await;
    finds(&browser, &made("total"), "1,200,000円").await;
    browser.close().await;
    counter.close();
}

/// NF-63: an option that is not offered any more goes, and what was chosen with it; it comes back
/// when it is offered again.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_offered_follows_while_somebody_answers() {
    let counter = Counter::open();
    let browser = by_mail(&counter, "shimin-koza", "fan@example.jp").await;
    let who = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", "ハナコ"),
        ("badge", "はなこ"),
        ("birth.year", "1980"),
        ("birth.month", "4"),
        ("birth.day", "2"),
        ("phone", "03-1234-5678"),
    ];
    for (name, value) in who {
        browser.fill(name, value).await;
    }
    browser.press("次へ進む").await;
    let offered = "return [...document.querySelectorAll('[name=date] option')].map(one => one.value).filter(Boolean).join(' ')";
    let chosen = "return document.querySelector('[name=date]').value";
    finds(&browser, offered, "dec5 dec6 dec12").await;
    browser.click("input[name='course'][value='phone']").await;
    browser.click("[name=date] option[value='dec12']").await;
    finds(&browser, chosen, "dec12").await;
    browser.click("input[name='course'][value='history']").await;
    finds(&browser, offered, "dec5 dec6").await;
    finds(&browser, chosen, "").await;
    finds(&browser, "return String(document.getElementById('rules-said').textContent.includes('選択肢が変わりました：参加する日。'))", "true").await;
    browser.is_accessible().await;
    browser.click("input[name='course'][value='phone']").await;
    finds(&browser, offered, "dec5 dec6 dec12").await;
    browser.close().await;
    counter.close();
}

/// NF-8, NF-63: a date of which the month and the day are not known is read from its boxes as far as they are
/// filled, by the script as by the server.
#[tokio::test(flavor = "multi_thread")]
async fn a_year_and_a_month_are_an_answer() {
    let counter = Counter::open();
    let browser = by_mail(&counter, "juminhyo", "heir@example.jp").await;
    let typed = |name: &str| {
        format!("return String((window.madoguchi_rules.values('{name}') || ['-'])[0])")
    };
    let who = [
        ("applicant.family", "山田"),
        ("applicant.given", "花子"),
        ("applicant.family_kana", "ヤマダ"),
        ("applicant.given_kana", "ハナコ"),
        ("birth.year", "1980"),
        ("home.postal", "1000005"),
        ("home.prefecture", "東京都"),
        ("home.city", "千代田区"),
        ("home.town", "丸の内1-1"),
        ("phone", "03-1234-5678"),
    ];
    for (name, value) in who {
        browser.fill(name, value).await;
    }
    // Asked for as a whole: a year alone is no answer yet.
    finds(&browser, &typed("birth"), "").await;
    browser.fill("birth.month", "4月").await;
    browser.fill("birth.day", "２日").await;
    finds(&browser, &typed("birth"), "1980-04-02").await;
    browser.click("input[name='relation'][value='self']").await;
    browser.press("次へ進む").await;

    browser.click("input[name='kind'][value='removed']").await;
    let era = "[name='removed_on.era'] option[value='showa']";
    browser.click(era).await;
    for (part, value, known) in [
        ("year", "５０年", "1975"),
        ("month", "4", "1975-04"),
        ("year", "1985", "1985-04"),
        ("year", "0", ""),
        // 昭和 ended on 7 January of its 64th year: of the next day the era is another.
        ("year", "64", ""),
        ("month", "1", "1989-01"),
        ("day", "8", ""),
        ("day", "7", "1989-01-07"),
        ("day", "", "1989-01"),
        ("month", "", "1989"),
        ("year", "65", ""),
        ("month", "4", ""),
        ("year", "50", "1975-04"),
    ] {
        browser.fill(&format!("removed_on.{part}"), value).await;
        finds(&browser, &typed("removed_on"), known).await;
    }
    browser.is_accessible().await;
    browser.fill("copies", "1").await;
    browser.click("[name='purpose'] option[value='pension']").await;
    let address = browser.window.current_url().await.expect("an address").to_string();
    browser.press("次へ進む").await;
    browser.says("市民課の窓口").await;
    browser.goto(&address).await;
    let boxes = "return ['year', 'month', 'day'].map(part => document.querySelector(`[name='removed_on.${part}']`).value).join('/')";
    finds(&browser, boxes, "1975/4/").await;
    finds(&browser, &typed("removed_on"), "1975-04").await;
    browser.close().await;
    counter.close();
}

const STAY: &str = "var box = document.getElementById('stay'); var here = document.activeElement.id; \
                    var words = document.getElementById('stay-said').textContent; \
                    return box.hidden ? '' : [here, words.slice(0, 4), document.getElementById('stay-on').hidden].join(' ')";

/// From now on the server is heard to say `window.says` of the session.
const SAYS: &str = "var own = Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'responseText'); \
                    Object.defineProperty(XMLHttpRequest.prototype, 'responseText', {get: function () { \
                    return this.responseURL.endsWith('/still?look') ? window.says : own.get.call(this); }}); return ''";

/// NN-23: some minutes before a session ends because nothing is done a page says so, and one press keeps it;
/// before it ends for good that is said alone, and whoever had pressed is led to the words. The server knows
/// first: nothing is said of a session that another window kept, and nothing is over while nobody can be asked.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_says_that_its_session_ends() {
    let counter = Counter::open();
    let (browser, _) = survey(&counter).await;
    finds(&browser, STAY, "").await;
    // For the server no time went by, as if another window had been used.
    later(&browser, 31 * 60).await;
    let asked =
        "return String(performance.getEntriesByName(location.origin + '/still?look').length)";
    finds(&browser, asked, "1").await;
    finds(&browser, STAY, "").await;
    found(&browser, SAYS).await;
    // The last moment lies near enough to count whether or not the form was kept meanwhile.
    found(&browser, "window.says = '240 1980'; return ''").await;
    later(&browser, 26 * 60).await;
    finds(&browser, "return document.getElementById('stay').hidden ? '' : 'said'", "said").await;
    browser.says("このまま操作しないと").await;
    browser.is_accessible().await;
    browser.click("#stay-on").await;
    finds(&browser, STAY, "stay-on 続けて使 false").await;
    found(&browser, "window.says = '1740 240'; return ''").await;
    later(&browser, 29 * 60).await;
    finds(&browser, "return String(document.getElementById('stay-on').hidden)", "true").await;
    browser.says("この期限は延ばせません").await;
    finds(&browser, "return document.activeElement.id", "stay-said").await;
    browser.is_accessible().await;
    let cut = "window.sends = XMLHttpRequest.prototype.send; \
               XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new Event('loadend')); }; \
               return ''";
    found(&browser, cut).await;
    later(&browser, 240).await;
    browser.says("有効期限が切れたかどうかを確かめられません").await;
    browser.is_accessible().await;
    found(&browser, "XMLHttpRequest.prototype.send = window.sends; return ''").await;
    browser.window.delete_all_cookies().await.expect("cookies go");
    later(&browser, 60).await;
    browser.says("画面の有効期限が切れました").await;
    browser.close().await;
    counter.close();
}

const KEPT: &str =
    "return String(document.getElementById('kept').textContent.includes('に保存しました'))";
const TROUBLE: &str = "var box = document.getElementById('kept-trouble'); return box.hidden ? '' : box.textContent.trim()";
/// Whether leaving the page would be asked about.
const ASKS: &str = "var leave = new Event('beforeunload', {cancelable: true}); \
                    window.dispatchEvent(leave); return String(leave.defaultPrevented)";

/// NF-60: what is typed is kept a moment after the last key; without a line that is said, leaving is asked
/// about, and it is kept once the line is back; another window is never written over; who is not known
/// any more is told and keeps what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_kept_and_what_is_not_is_announced() {
    let counter = Counter::open();
    let (browser, _) = survey(&counter).await;
    browser.click("input[name='lives'][value='work']").await;
    browser.press("次へ進む").await;
    browser.click("input[name='reads'][value='never']").await;
    browser.click("input[name='why_not'][value='small']").await;
    browser.press("次へ進む").await;
    let address = browser.window.current_url().await.expect("an address").to_string();
    let first = browser.window.window().await.expect("a window");

    // The moment after the last key is as long as we look.
    found(&browser, NO_LONG_TIMERS).await;
    browser.fill("voice", "はじめ").await;
    finds(&browser, KEPT, "false").await;
    finds(&browser, ASKS, "true").await;
    found(&browser, TIMERS).await;
    found(&browser, ANOTHER_KEY).await;
    finds(&browser, KEPT, "true").await;
    finds(&browser, ASKS, "false").await;
    browser.is_accessible().await;

    // The line is cut: nothing is lost, and it is kept by itself once it is back.
    let cut = "window.sends = XMLHttpRequest.prototype.send; \
               XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new Event('loadend')); }; \
               return ''";
    found(&browser, cut).await;
    browser.fill("voice", "線が切れた").await;
    let offline = "通信できないため、保存できません。この画面を閉じないでください。つながると自動で保存します。";
    finds(&browser, TROUBLE, offline).await;
    finds(&browser, ASKS, "true").await;
    browser.is_accessible().await;
    found(&browser, "XMLHttpRequest.prototype.send = window.sends; return ''").await;
    finds(&browser, KEPT, "true").await;
    finds(&browser, TROUBLE, "").await;

    // Another window saves something else in the meantime.
    let second = browser.window.new_tab().await.expect("a window");
    browser.window.switch_to_window(second).await.expect("it is there");
    browser.goto(&address).await;
    browser.fill("voice", "二つめの画面").await;
    finds(&browser, KEPT, "true").await;
    browser.window.close_window().await.expect("it closes");
    browser.window.switch_to_window(first).await.expect("it is there");
    browser.fill("voice", "一つめの画面").await;
    let clash = "ほかの画面や端末で、同じところが変更されています。下のボタンを押すと、両方の内容を見比べて選べます。";
    finds(&browser, TROUBLE, clash).await;
    finds(&browser, ASKS, "true").await;
    browser.press("次へ進む").await;
    browser.says("どちらの内容を使うか選んでください").await;
    browser.says("一つめの画面").await;
    browser.says("二つめの画面").await;

    // Nobody is known any more: what is typed stays on the page.
    browser.goto(&address).await;
    browser.window.delete_all_cookies().await.expect("cookies go");
    browser.fill("voice", "だれでしたか").await;
    let refused = "この画面の内容を保存できません。下のボタンを押すと、理由を確認できます。入力した内容は、この画面に残っています。";
    finds(&browser, TROUBLE, refused).await;
    finds(&browser, "return document.querySelector('[name=voice]').value", "だれでしたか").await;
    finds(&browser, ASKS, "true").await;
    browser.close().await;
    counter.close();
}

/// NF-60, NF-18: the session ends in the middle of a form: the button leads to the page that asks who it is, and
/// whoever signs in is back in the very field with everything they typed, in the window they typed it in.
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_leads_back_into_the_very_field() {
    let counter = Counter::open();
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let mut parent = counter.registered("parent@example.jp").await;
    parent.open("/procedures/gakudo-nyukai/start").await;
    parent.press("入力をはじめる", &[]).await;
    let browser = Browser::open(Screen::Phone, Script::On).await;
    browser.takes_over(&site, parent.cookies()).await;
    browser.goto(&format!("{site}{}", parent.page.path)).await;
    // Ended elsewhere: the window knows nothing of it.
    parent.open("/logout").await;
    parent.press("ログアウトする", &[]).await;
    browser.click("input[name='grade']").await;
    browser.fill("child.family", "未来").await;
    browser.fill("child.given", "あかり").await;
    browser.press("次へ進む").await;
    browser.says("入力した内容は残っています").await;
    browser.is_accessible().await;
    browser.fill("email", "parent@example.jp").await;
    browser.fill("password", "夕焼け小焼けの赤とんぼを見た日").await;
    browser.click("main form button[type=submit]").await;
    browser.says("まだ保存していません").await;
    finds(&browser, FOCUS, "child.given").await;
    let typed = "return [...document.querySelectorAll(\"[name='child.family'], [name='child.given'], [name=grade]:checked\")].length \
                 + document.querySelector(\"[name='child.family']\").value + document.querySelector(\"[name='child.given']\").value";
    finds(&browser, typed, "3未来あかり").await;
    browser.is_accessible().await;
    browser.close().await;
    counter.close();
}

/// Lets a script wait for nothing: what it would wait for is only noted.
const NO_TIMERS: &str = "window.waits = []; window.timer = window.setTimeout; window.setTimeout = function (f, ms) { window.waits.push(ms); return 0; }; return ''";
/// The same for what it waits for longer than a second.
const NO_LONG_TIMERS: &str = "window.timer = window.setTimeout; window.setTimeout = function (f, ms) { return ms > 1000 ? 0 : window.timer(f, ms); }; return ''";
const TIMERS: &str = "window.setTimeout = window.timer; return ''";
/// A key that changes nothing.
const ANOTHER_KEY: &str = "document.querySelector('[name=voice]').dispatchEvent(new Event('input', {bubbles: true})); return ''";
/// A key in the field, so many milliseconds after the ones before.
fn key(text: &str, later: u32) -> String {
    format!(
        "window.clock = (window.clock || Date.now()) + {later}; Date.now = function () {{ return window.clock; }}; \
         var field = document.querySelector('[name=voice]'); field.value = '{text}'; \
         field.dispatchEvent(new Event('input', {{bubbles: true}})); return window.waits.join(' ')"
    )
}
/// The phone is put away.
const AWAY: &str = "Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true}); \
                    document.dispatchEvent(new Event('visibilitychange')); return ''";

/// NF-60: who types without a pause is saved all the same, and so is who puts the phone away; once another
/// window sent the form, the page says that and not that the line is cut.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_kept_without_a_pause_and_when_put_away() {
    let counter = Counter::open();
    let (browser, _) = survey(&counter).await;
    browser.click("input[name='lives'][value='work']").await;
    browser.press("次へ進む").await;
    browser.click("input[name='reads'][value='never']").await;
    browser.click("input[name='why_not'][value='small']").await;
    browser.press("次へ進む").await;
    let address = browser.window.current_url().await.expect("an address").to_string();
    let first = browser.window.window().await.expect("a window");

    found(&browser, NO_TIMERS).await;
    for (text, waits) in [
        ("a", "2500"),
        ("ab", "2500 2500"),
        ("abc", "2500 2500 2500"),
        ("abcd", "2500 2500 2500 500"),
    ] {
        let later = if text == "abcd" { 10_500 } else { 2_000 };
        finds(&browser, &key(text, later), waits).await;
    }
    finds(&browser, KEPT, "false").await;
    found(&browser, AWAY).await;
    finds(&browser, KEPT, "true").await;

    let second = browser.window.new_tab().await.expect("a window");
    browser.window.switch_to_window(second).await.expect("it is there");
    browser.goto(&address).await;
    finds(&browser, "return document.querySelector('[name=voice]').value", "abcd").await;
    browser.press("次へ進む").await;
    browser.press("この内容で申請する").await;
    browser.says("申請が届きました").await;
    browser.window.close_window().await.expect("it closes");
    browser.window.switch_to_window(first).await.expect("it is there");
    found(&browser, &key("e", 1)).await;
    found(&browser, AWAY).await;
    let sent = "この申請は、ほかの画面か端末で先に進んだか、送信されています。ここで入力した内容は保存されません。下のボタンを押すと、いまの状態を確認できます。";
    finds(&browser, TROUBLE, sent).await;
    found(&browser, TIMERS).await;
    browser.is_accessible().await;
    browser.close().await;
    counter.close();
}

/// Times as they are typed, and their minutes.
const TIMES: [(&str, &str); 13] = [
    ("9:30", "570"),
    ("0930", "570"),
    ("930", "570"),
    ("9時", "540"),
    ("9時5分", "545"),
    ("午前 9時半", "570"),
    ("午後2:15", "855"),
    ("午前12時", "720"),
    ("午後12時", ""),
    ("24:00", ""),
    ("9:60", ""),
    ("9:3", ""),
    ("30", ""),
];

/// Amounts as they are typed, and as they are stored.
const AMOUNTS: [(&str, &str); 7] = [
    ("900,000円", "900000"),
    ("900000", "900000"),
    ("1,200.5 円", "1200.5"),
    ("−5円", "-5"),
    ("1,00円", ""),
    ("円", ""),
    ("5人", ""),
];

/// What the script reads in an input: the rules meet it as it is stored.
async fn reads(browser: &Browser, input: &Json, cases: &[(&str, &str)]) {
    let asked = "var field = arguments[0]; return arguments[1].map(function (typed) {\
        var now = window.madoguchi_rules([{id: 'at'}, field], function () { return false; },\
          function () { return [typed]; });\
        return now.written(now.made.x.is).join();\
      });";
    let field = json!({"id": "x", "value": input});
    let typed = cases.iter().map(|(typed, _)| Json::from(*typed)).collect();
    let told = browser.window.execute(asked, vec![field, Json::Array(typed)]).await;
    let told: Vec<String> = told.expect("it runs").convert().expect("a list");
    let stored: Vec<&str> = cases.iter().map(|(_, stored)| *stored).collect();
    assert_eq!(told, stored);
}

/// NF-63: the script says of every expression what the rules of the server say.
#[tokio::test(flavor = "multi_thread")]
async fn the_script_says_what_the_rules_say() {
    let table: Json =
        serde_json::from_str(include_str!("../../domain/src/forms/script_cases.json"))
            .expect("JSON");
    let cases = table["cases"].as_array().expect("a list");
    let mut document = table["procedure"].clone();
    let fields = document["pages"][0]["fields"].as_array_mut().expect("a list");
    for (n, case) in cases.iter().enumerate() {
        let (id, text) = (format!("c{n}"), case[0].clone());
        fields.push(if case[2].is_boolean() {
            json!({"id": id, "label": id, "when": text, "kind": {"type": "text"}})
        } else {
            json!({"id": id, "label": id, "kind": {"type": "calc", "value": text}})
        });
    }
    let document = serde_json::to_vec(&document).expect("JSON");
    let form = Compiled::new(Procedure::from_json(&document).expect("a document"));
    let form = form.unwrap_or_else(|problems| panic!("{problems:?}"));
    let today = "2026-06-01".parse().expect("a day");
    let script = form.script(0, &Answers::new(), today).expect("something to follow");

    let counter = Counter::open();
    let (browser, _) = survey(&counter).await;
    let answers = cases.iter().map(|case| {
        let mut given = table["answers"].as_object().expect("answers").clone();
        given.extend(case[1].as_object().expect("answers").clone());
        Json::Object(given)
    });
    let rules: Json = serde_json::from_str(&script.json).expect("JSON");
    let arguments = vec![rules.clone(), Json::Array(answers.collect())];
    let asked = "var fields = arguments[0]; return arguments[1].map(function (answers, n) {\
        var now = window.madoguchi_rules(fields, function () { return false; },\
          function (name) { return answers[name] || null; });\
        var made = now.made['c' + n];\
        return made ? now.written(made.is).join() : now.shown['c' + n];\
      });";
    let told = browser.window.execute(asked, arguments).await.expect("it runs");
    let told: Vec<Json> = told.convert().expect("a list");
    for (case, told) in cases.iter().zip(&told) {
        assert_eq!(told, &case[2], "{} of {}", case[0], case[1]);
    }
    reads(&browser, &json!(["i", "at", "h", "at"]), &TIMES).await;
    reads(&browser, &json!(["i", "at", "n", "at", "円"]), &AMOUNTS).await;
    let rows = table["rows"].as_array().expect("a list");
    let answers = rows.iter().map(|case| {
        let mut given = table["answers"].as_object().expect("answers").clone();
        given.extend(case[0].as_object().expect("answers").clone());
        Json::Object(given)
    });
    let asked = "var fields = arguments[0], cases = arguments[2]; return arguments[1].map(function (answers, n) {\
        var row = window.madoguchi_rules(fields, function () { return false; },\
          function (name) { return answers[name] || null; }).rows('items')['1'];\
        var pick = function (from, like) { var to = {};\
          Object.keys(like).forEach(function (id) { to[id] = from[id]; }); return to; };\
        var always = ['p', 'q'].concat(row.offered.sort.r ? ['r'] : []);\
        return [cases[n][0], pick(row.shown, cases[n][1]), pick(row.needed, cases[n][2]), always];\
      });";
    let arguments = vec![rules, Json::Array(answers.collect()), Json::Array(rows.clone())];
    let told = browser.window.execute(asked, arguments).await.expect("it runs");
    let told: Vec<Json> = told.convert().expect("a list");
    assert_eq!(&told, rows);
    browser.close().await;
    counter.close();
}

/// A browser at the terminal of the town hall, at the first page of the survey; and its address.
async fn at_the_terminal(counter: &Counter) -> (Browser, String) {
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let mut visitor = counter.citizen().await;
    visitor.open("/terminal").await;
    visitor.press("設定する", &[("code", TERMINAL_CODE)]).await.says("市民課 1番");
    visitor.open("/procedures/koho-anketo/start").await;
    visitor.press("入力をはじめる", &[("agree", "利用規約に同意します")]).await;
    let browser = Browser::open(Screen::Desktop, Script::On).await;
    browser.takes_over(&site, visitor.cookies()).await;
    browser.goto(&format!("{site}{}", visitor.page.path)).await;
    (browser, site)
}

/// Moves the clock of the page; from then on it stands, however long we look.
async fn later(browser: &Browser, seconds: u32) {
    let script = format!(
        "var now = Date.now() + {seconds} * 1000; Date.now = function () {{ return now; }}; return ''"
    );
    found(browser, &script).await;
}

const ASKED: &str = "return String(!document.getElementById('terminal-still').hidden)";
const HERE: &str = "return document.activeElement.id || document.activeElement.name";

/// IK-2.1.2a2: at the terminal a page that nobody touches asks above itself whether somebody is there, and
/// counts; going on by key or button leaves everything and everybody where they were; nobody there, and
/// all is wiped, also what could not be saved, without a question in between.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_asks_and_wipes_itself() {
    let counter = Counter::open();
    let (browser, _) = at_the_terminal(&counter).await;
    let address = browser.window.current_url().await.expect("an address").to_string();
    browser.click("input[name='lives'][value='work']").await;
    finds(&browser, ASKED, "false").await;
    later(&browser, 181).await;
    finds(&browser, ASKED, "true").await;
    finds(&browser, HERE, "terminal-on").await;
    browser.says("まだお使いですか").await;
    browser.says("秒以内に操作がないときは、この端末に入力した内容を消して終了します").await;
    browser.is_accessible().await;
    let keys = async |keys: &str| {
        let here = browser.window.active_element().await.expect("an element");
        here.send_keys(keys).await.expect("keys");
    };
    keys("\u{e004}").await;
    finds(&browser, HERE, "terminal-on").await;
    keys("\u{e00c}").await;
    finds(&browser, ASKED, "false").await;
    finds(&browser, FOCUS, "lives").await;
    later(&browser, 181).await;
    finds(&browser, ASKED, "true").await;
    browser.click("#terminal-on").await;
    finds(&browser, ASKED, "false").await;
    let work = "return String(document.querySelector('input[value=work]').checked)";
    finds(&browser, work, "true").await;

    // The line is cut and something is typed: it goes all the same, and nothing asks. The name of a window
    // outlives the wiping.
    let cut = "XMLHttpRequest.prototype.send = function () { this.dispatchEvent(new Event('loadend')); }; \
               window.addEventListener('beforeunload', function (leave) { \
                 window.name = String(leave.defaultPrevented); }); return ''";
    found(&browser, cut).await;
    browser.click("input[name='lives'][value='study']").await;
    finds(&browser, ASKS, "true").await;
    later(&browser, 300).await;
    finds(&browser, "return document.querySelector('h1').textContent", "終了しました").await;
    finds(&browser, "return window.name", "false").await;
    browser.goto(&address).await;
    let text = browser.text().await;
    assert!(!text.contains("みらい市とのかかわり"), "{text}");
    browser.close().await;
    counter.close();
}

/// IK-2.1.2a2: the screen with the code leads on by itself once a telephone took the answers over.
#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_leads_on_when_the_code_was_scanned() {
    let counter = Counter::open();
    let (browser, site) = at_the_terminal(&counter).await;
    browser.click("input[name='lives'][value='live']").await;
    browser.fill("years", "7").await;
    finds(&browser, KEPT, "true").await;
    browser.follow("スマートフォンで続ける").await;
    browser.press("二次元コードを表示する").await;
    browser.says("読み取ってください").await;
    let picture =
        found(&browser, "return document.querySelector('.terminal-code').innerHTML").await;
    let link = qr::read(&picture);
    let path = link.strip_prefix(&site).unwrap_or_else(|| panic!("{link} at {site}"));
    let mut phone = counter.citizen().await;
    phone.open(path).await.says("お使いの端末に移します");
    phone.press("この端末で続ける", &[]).await.says("みらい市に住んでいる年数");
    assert!(phone.page.html().contains("value=\"7\""), "{}", phone.page.html());
    finds(&browser, "return document.querySelector('h1').textContent", "終了しました").await;
    browser.says("読み取った端末で入力できます").await;
    browser.close().await;
    counter.close();
}
