//! The designer in a real Chromium: what its script adds, and a new clerk's way.

use std::time::{Duration, Instant};

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::Counter;
use thirtyfour::prelude::*;

/// A browser of a member of staff, at the designer of a new procedure.
async fn designer(counter: &Counter, title: &str) -> (Browser, String) {
    let site = format!("http://localhost:{}", counter.town.staff().port());
    let manager = counter.staff("s0002").await;
    let browser = Browser::open(Screen::Desktop, Script::On).await;
    browser.takes_over(&site, manager.cookies()).await;
    browser.goto(&format!("{site}/procedures/designs/new")).await;
    browser.fill("title", title).await;
    browser.click("input[name='department']").await;
    browser.press("設計を始める").await;
    let base = format!("{site}{}", browser.path().await);
    (browser, base)
}

async fn adds(browser: &Browser, label: &str, kind: &str) {
    browser.follow("質問を追加").await;
    browser.fill("label", label).await;
    browser.click(&format!("button[name='kind'][value='{kind}']")).await;
    until(browser, ".design form[data-keep]", "").await;
}

/// Waits until the first element that fits says these words.
async fn until(browser: &Browser, selector: &str, words: &str) {
    let end = Instant::now() + platform_testkit::PATIENCE;
    loop {
        let found = browser.window.find(By::Css(selector)).await;
        let text = match found {
            Ok(found) => found.text().await.unwrap_or_default(),
            Err(_) => "(nothing)".to_owned(),
        };
        if text != "(nothing)" && text.contains(words) {
            return;
        }
        assert!(Instant::now() < end, "{selector} says {text:?}, not {words:?}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

/// What a script finds.
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

/// Waits until a script finds these words.
async fn finds(browser: &Browser, script: &str, words: &str) {
    let end = Instant::now() + platform_testkit::PATIENCE;
    loop {
        let told = told(browser, script).await;
        if told.contains(words) {
            return;
        }
        assert!(Instant::now() < end, "{words:?} is not in {told:?}");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

const LIVE: &str = "return document.querySelector('.live-page').shadowRoot.textContent";
const ORDER: &str = "return [...document.querySelectorAll('[data-field],[data-page]:not(.topic-staff)')].map(one => \
     one.getAttribute('data-label')).join('|')";

/// NB-2.5: what is typed is saved by itself, the citizens' page beside follows, checks follow, and
/// one key takes back all that was typed in one go.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_saved_and_seen_at_once() {
    let counter = Counter::open();
    let (browser, base) = designer(&counter, "夏の講座").await;
    adds(&browser, "団体名", "text").await;
    let question = browser.path().await;
    finds(&browser, LIVE, "団体名").await;
    browser.fill("label", "団体の正式な名前").await;
    until(&browser, "#kept", "保存しました").await;
    finds(&browser, LIVE, "団体の正式な名前").await;
    browser.fill("hint", "登録した名前を書いてください").await;
    finds(&browser, LIVE, "登録した名前を書いてください").await;
    browser.is_accessible().await;

    // In both widths.
    const WIDE: &str = "return String(document.querySelector('.live-page').shadowRoot\
                        .querySelector('.as-citizen').getBoundingClientRect().width)";
    let phone: f64 = found(&browser, WIDE).await.parse().expect("a width");
    browser.click("#live button[data-width='desk']").await;
    let desk: f64 = found(&browser, WIDE).await.parse().expect("a width");
    assert!(phone <= 375.0 && desk > 600.0, "{phone} {desk}");
    browser.is_accessible().await;

    // What cannot be kept is said; nothing typed goes.
    browser.fill("max", "百").await;
    until(&browser, "#kept", "まだ保存していません：数字で入力してください").await;
    browser.fill("max", "30").await;
    until(&browser, "#kept", "保存しました").await;

    // The whole typing is one step: the key takes it back, and brings it again.
    browser.click("h1").await;
    browser.window.active_element().await.expect("an element");
    let body = browser.window.find(By::Tag("body")).await.expect("a body");
    body.send_keys(Key::Control + "z").await.expect("keys");
    finds(&browser, "return document.getElementById('label').value", "団体名").await;
    assert_eq!(browser.path().await, question, "still at the question");
    let body = browser.window.find(By::Tag("body")).await.expect("a body");
    body.send_keys(Key::Control + "y").await.expect("keys");
    finds(&browser, "return document.getElementById('label').value", "団体の正式な名前").await;
    finds(&browser, "return document.querySelector('[name=max]').value", "30").await;

    // The checks beside follow what is typed.
    browser.goto(&format!("{base}/settings/desk")).await;
    browser.fill("approvals", "係長").await;
    until(&browser, "#kept", "保存しました").await;
    until(&browser, "#panel-todo", "処理の流れ・決裁").await;
    browser.fill("approvals", "").await;
    const WRONG: &str = "return String(document.getElementById('panel-todo').textContent\
                         .includes('決裁の設定'))";
    finds(&browser, WRONG, "false").await;

    // So do the names of the files for a business system.
    browser.goto(&format!("{base}/settings/export")).await;
    browser.click("input[name='export'][value='all']").await;
    browser.press("保存する").await;
    until(&browser, "#export-files", "_000012.csv").await;
    browser.fill("file_name", "KOZA{generation:4}").await;
    until(&browser, "#export-files", "KOZA0012.csv").await;
    until(&browser, "#kept", "保存しました").await;
    browser.close().await;
    counter.close();
}

/// NB-2.5: pages, questions and options are dragged, or moved by keys; two people at once never
/// write over each other, and what was typed stays on the page.
#[tokio::test(flavor = "multi_thread")]
async fn things_are_dragged_or_moved_by_keys_and_two_people_meet() {
    let counter = Counter::open();
    let (browser, base) = designer(&counter, "秋の講座").await;
    for label in ["一", "二", "三"] {
        adds(&browser, label, "text").await;
        browser.goto(&base).await;
    }
    browser.fill("title", "二枚目").await;
    browser.press("ページを追加").await;
    browser.goto(&base).await;
    assert_eq!(found(&browser, ORDER).await, "1ページ目|一|二|三|二枚目");

    // A drag with the mouse: the third question before the first.
    let grips = browser.window.find_all(By::Css("[data-field] > .grip")).await.expect("grips");
    let first = browser.window.find(By::Css("[data-field]")).await.expect("a question");
    drags(&browser, &grips[2], &first, -4).await;
    finds(&browser, ORDER, "1ページ目|三|一|二|二枚目").await;
    until(&browser, "#kept", "「三」を動かしました").await;
    // The same by keys; the focus goes along.
    let focus = browser.window.active_element().await.expect("the grip");
    focus.send_keys(Key::Down + "").await.expect("a key");
    finds(&browser, ORDER, "1ページ目|一|三|二|二枚目").await;
    until(&browser, "#kept", "「三」を動かしました").await;
    let focus = browser.window.active_element().await.expect("the grip");
    let label = focus.attr("aria-label").await.expect("readable").unwrap_or_default();
    assert!(label.contains("「三」"), "{label}");
    browser.is_accessible().await;
    // Onto the empty page, and the page before the other.
    let grips = browser.window.find_all(By::Css("[data-field] > .grip")).await.expect("grips");
    let second = browser.window.find(By::Css(".topic:nth-of-type(2)")).await.expect("a page");
    drags(&browser, &grips[0], &second, 6).await;
    finds(&browser, ORDER, "1ページ目|三|二|二枚目|一").await;
    let grips = browser.window.find_all(By::Css(".topic > .grip")).await.expect("grips");
    let first = browser.window.find(By::Css(".topic")).await.expect("a page");
    drags(&browser, &grips[1], &first, -20).await;
    finds(&browser, ORDER, "二枚目|一|1ページ目|三|二").await;

    // Options: typed in a block, then one is moved up by a key.
    browser.goto(&format!("{base}/add/p1")).await;
    browser.fill("label", "方法").await;
    browser.fill("options", "窓口\n郵送\n電子").await;
    browser.click("button[name='kind'][value='choice']").await;
    until(&browser, ".option-line", "1番目").await;
    let grips = browser.window.find_all(By::Css(".option-line > .grip")).await.expect("grips");
    grips[2].send_keys(Key::Up + "").await.expect("a key");
    const OPTIONS: &str = "return [...document.querySelectorAll('[data-line]')].map(one => \
                           one.value).join('|')";
    finds(&browser, OPTIONS, "窓口|電子|郵送").await;
    until(&browser, "#kept", "保存しました").await;
    browser.fill("options_new", "代理の人").await;
    browser.click("#label").await;
    finds(&browser, OPTIONS, "窓口|電子|郵送|代理の人").await;

    // Somebody else changes the design: the page says so and keeps what is typed.
    let path = browser.path().await;
    let mut other = counter.staff("s0002").await;
    other.open(&path).await;
    other.press("保存する", &[("質問の文", "受け取りの方法")]).await;
    browser.fill("hint", "どれか1つ").await;
    until(&browser, "#kept", "ほかの職員が先に変更した").await;
    browser.says("質問を変更「受け取りの方法」").await;
    finds(&browser, "return document.getElementById('hint').value", "どれか1つ").await;
    other.open(&path).await;
    assert!(!other.page.html().contains("どれか1つ"), "nothing was written over the other");
    browser.press("保存する").await;
    other.open(&path).await;
    assert!(other.page.html().contains("どれか1つ"), "kept once somebody looked");
    browser.close().await;
    counter.close();
}

/// Drags with the mouse to a place beside the middle of an element.
async fn drags(browser: &Browser, grip: &WebElement, onto: &WebElement, beside: i64) {
    let chain = browser.window.action_chain();
    let moved = chain.click_and_hold_element(grip).move_to_element_center(onto);
    moved.move_by_offset(0, beside).release().perform().await.expect("a drag");
}

/// What a clerk does: each is a step.
struct Steps<'b> {
    browser: &'b Browser,
    count: usize,
}

impl Steps<'_> {
    async fn types(&mut self, name: &str, value: &str) {
        self.browser.fill(name, value).await;
        self.count += 1;
    }

    async fn clicks(&mut self, selector: &str) {
        self.browser.click(selector).await;
        self.count += 1;
    }

    async fn presses(&mut self, words: &str) {
        self.browser.press(words).await;
        self.count += 1;
    }

    async fn follows(&mut self, words: &str) {
        self.browser.follow(words).await;
        self.count += 1;
    }

    /// A question: where it is added, its words, its kind, back to the list.
    async fn adds(&mut self, kind: &str, label: &str, options: &str, required: bool) {
        self.follows("質問を追加").await;
        if !label.is_empty() {
            self.types("label", label).await;
        }
        if !options.is_empty() {
            self.types("options", options).await;
        }
        if required {
            self.clicks("#required").await;
        }
        self.clicks(&format!("button[name='kind'][value='{kind}']")).await;
        until(self.browser, ".design form[data-keep]", "").await;
        self.follows("項目の一覧に戻る").await;
        until(self.browser, "#outline", "").await;
    }
}

/// NB-2.5, NF-10: a new clerk makes a procedure of eight questions with one condition and one file,
/// looks at it as citizens will, and publishes it, by what is written on the screen alone. A person
/// who takes eight seconds for a step is done in ten minutes after 75 of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_clerk_publishes_a_procedure_in_few_steps() {
    let counter = Counter::open();
    let site = format!("http://localhost:{}", counter.town.staff().port());
    let manager = counter.staff("s0003").await;
    let browser = Browser::open(Screen::Desktop, Script::On).await;
    browser.takes_over(&site, manager.cookies()).await;
    browser.goto(&format!("{site}/procedures")).await;
    let mut clerk = Steps { browser: &browser, count: 0 };
    clerk.follows("新しく作る").await;
    clerk.follows("新しい手続を作る").await;
    clerk.types("title", "夏の親子講座の申し込み").await;
    let department = "input[name='department']";
    clerk.clicks(department).await;
    clerk.presses("設計を始める").await;
    clerk.adds("name", "", "", true).await;
    clerk.adds("phone", "", "", true).await;
    clerk.adds("email", "", "", false).await;
    clerk.adds("address", "", "", true).await;
    clerk.adds("choice", "参加の方法", "会場\nオンライン", true).await;
    clerk.adds("number", "会場に来る人数", "", false).await;
    clerk.adds("date", "希望の日", "", true).await;
    clerk.adds("file", "市内在住の分かる書類", "", false).await;
    // The condition: the number is asked of those who come.
    clerk.follows("会場に来る人数").await;
    clerk.clicks("button[name='do'][value='when']").await;
    until(&browser, "#new_input", "参加の方法").await;
    let choose = "//select[@id='new_input']/option[contains(.,'参加の方法')]";
    let option = browser.window.find(By::XPath(choose)).await.expect("the choice");
    option.click().await.expect("chosen");
    clerk.count += 1;
    clerk.presses("この質問を使う").await;
    clerk.presses("保存する").await;
    browser.says("「参加の方法」が「会場」のとき").await;
    finds(&browser, LIVE, "参加の方法").await;
    let todo = browser.text_of("#panel-todo").await;
    assert!(!todo.contains("公開するまでに直すこと"), "nothing is left to do: {todo}");
    clerk.presses("公開前の確認へ進む").await;
    browser.says("公開前の確認").await;
    clerk.presses("公開する").await;
    browser.says("公開しました").await;
    println!("{} steps", clerk.count);
    assert!(clerk.count <= 75, "{} steps", clerk.count);
    browser.close().await;
    counter.close();
}
