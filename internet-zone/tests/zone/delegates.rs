//! Acting for somebody else.

use std::time::Duration;

use bridge_contract::messages::Applicant;
use domain::applications::{Origin, State};
use domain::forms::definition::{Delegates, Login};
use internet_zone_store::mail;
use jiff::SignedDuration;

use crate::applying::{HANAKO, clock, person, survey};
use crate::browser::Browser;
use crate::identity::{PASSWORD, hanako};
use crate::line::{choose, course, course_until, guest};
use crate::messages::staff_write;
use crate::safety::only_submission;
use crate::staff::{asks, state};
use crate::support::{Zone, link, publish, sample, words};

/// Registers 太郎 and leaves him signed in.
pub(crate) async fn taro(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    browser.submit("/register", &[("email", "taro@example.jp")]).await;
    let mails = zone.mails.wait_for("taro@example.jp", 1).len();
    let mut path = link(zone, "taro@example.jp", mails);
    if !path.starts_with("/register/") {
        path = link(zone, "taro@example.jp", mails + 1);
    }
    let fields =
        [("name.family", "鈴木"), ("name.given", "太郎"), ("password", PASSWORD), ("agree", "yes")];
    browser.get(&path).await.is(200);
    browser.submit(&path, &fields).await.is(200).says("マイページ");
    browser
}

/// 花子 asks 太郎 until the end of the year; `more` goes along.
async fn ask(hanako: &mut Browser, more: &[(&str, &str)]) {
    hanako.get("/delegates/ask").await.is(200).says("代理人ができないこと");
    let mut fields = vec![("email", "taro@example.jp"), ("until", "令和8年12月31日")];
    fields.extend(more);
    hanako.submit("/delegates/ask", &fields).await;
}

/// The action on the page that ends with these words.
pub(crate) fn action(browser: &Browser, end: &str) -> String {
    let html = browser.html();
    let close = html.find(&format!("{end}\"")).unwrap_or_else(|| panic!("no {end}: {html}"));
    let open = html[..close].rfind('"').expect("an attribute") + 1;
    format!("{}{end}", &html[open..close])
}

pub(crate) fn subjects(zone: &Zone, to: &str, count: usize) -> String {
    let mails = zone.mails.wait_for(to, count);
    mails.iter().map(|mail| words(&mail.raw)).collect::<Vec<_>>().join("\n----\n")
}

/// NF-16: asked by mail, accepted with one press, filled in and sent for the person it belongs
/// to; both see it, both are told, every page says so, and either side ends it at once.
#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_fills_in_and_sends_for_somebody_else() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    let mut taro = taro(&zone).await;
    ask(&mut hanako, &[("scope", "all")]).await;
    hanako.is(200).says("依頼のメールを送りました").says("返事待ち").says("2026年12月31日");
    assert!(subjects(&zone, "taro@example.jp", 3).contains("山田 花子さんが"));

    // Before he accepts he can do nothing for her.
    taro.get("/procedures/juminhyo/start").await.is(200);
    assert!(!taro.text().contains("だれの申請ですか"));
    taro.get("/delegates").await.says("山田 花子さんから頼まれています");
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200).says("代理を引き受けました");
    assert!(
        subjects(&zone, "hanako@example.jp", 4)
            .contains("鈴木 太郎さんが、あなたの代理を引き受けました")
    );

    taro.get("/procedures/juminhyo/start").await.says("だれの申請ですか").says("自分の申請");
    let mandate = accept.split('/').nth(2).expect("an id").to_owned();
    taro.submit("/start", &[("for", &mandate)]).await.is(200);
    taro.get(&taro.path.clone()).await;
    let said = "山田 花子さんの代理で手続きしています";
    assert!(taro.html().contains(said), "{}", taro.html());
    assert!(taro.html().contains("value=\"ヤマダ\""), "her name is in the form");
    let draft = taro.path.split("/pages").next().expect("a draft").to_owned();

    // It is hers: she sees it and who fills it in.
    hanako.get("/mypage").await.says("住民票の写しの請求");
    hanako.says("代理人の鈴木 太郎さんが入力しています");
    hanako.get(&draft).await.is(200);
    assert!(hanako.html().contains("鈴木 太郎さんが、あなたの代理で手続きしています"));
    taro.get("/mypage")
        .await
        .says("「住民票の写しの請求」の入力を続ける")
        .says("山田 花子さんの申請");

    // She ends it: he loses it at once, it stays with her.
    hanako.get("/delegates").await;
    let end = action(&hanako, "/end");
    hanako.get(&end).await.is(200).says("鈴木 太郎さんに、代理をやめてもらいますか");
    hanako.submit(&end, &[]).await.is(200).says("終わりました");
    taro.get(&draft).await.is(404);
    taro.get("/mypage").await;
    assert!(!taro.text().contains("山田 花子"), "{}", taro.text());
    hanako.get(&draft).await.is(200);
    assert!(subjects(&zone, "taro@example.jp", 5).contains("山田 花子さんの代理は終わりました"));
    zone.close().await;
}

/// NF-16: who was asked at an old address and again at a new one chooses one person, not one of two mandates.
#[tokio::test(flavor = "multi_thread")]
async fn a_person_of_two_mandates_is_one_choice() {
    const NEW: &str = "taro@example.com";
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    ask(&mut hanako, &[("scope", "all")]).await;
    taro.get("/delegates").await;
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200).says("代理を引き受けました");

    taro.get("/account/email").await.is(200);
    taro.submit("/account/email", &[("email", NEW), ("current", PASSWORD)]).await.is(200);
    let confirm = link(&zone, NEW, 1);
    taro.get(&confirm).await.is(200);
    taro.submit(&confirm, &[]).await;
    hanako.get("/delegates/ask").await.is(200);
    let fields = [("email", NEW), ("until", "令和8年12月31日"), ("scope", "all")];
    hanako.submit("/delegates/ask", &fields).await.is(200);
    taro.get("/delegates").await;
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200).says("代理を引き受けました");

    taro.get("/procedures/juminhyo/start").await.is(200);
    let offers = taro.text().matches("山田 花子さんの代理で申請する").count();
    assert_eq!(offers, 1, "{}", taro.text());
    zone.close().await;
}

/// NF-16: what a delegate sent belongs to the person, is told to both, is followed by both,
/// and is taken back by the person alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_delegate_sent_belongs_to_the_person() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    ask(&mut hanako, &[("scope", "all")]).await;
    taro.get("/delegates").await;
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200);
    let mandate = accept.split('/').nth(2).expect("an id").to_owned();
    taro.get("/procedures/shimin-koza/start").await.is(200);
    taro.submit("/start", &[("for", &mandate)]).await.is(200);
    person(&mut taro, HANAKO, "hanako@example.jp").await;
    choose(&mut taro).await;
    assert!(taro.html().contains("山田 花子さんの代理で手続きしています"));
    taro.submit("/submit", &[]).await.is(200).says("申請が届きました");
    assert!(taro.html().contains("山田 花子さんの代理で手続きしています"));
    let application = taro.path.trim_end_matches("/receipt").to_owned();
    let (sent, _) = only_submission(&zone).await;
    let Applicant::Represented { display_name, email, by, .. } = sent.applicant else {
        panic!("the staff zone is not told who filled in: {:?}", sent.applicant);
    };
    assert_eq!((display_name.as_str(), email.as_str()), ("山田 花子", "hanako@example.jp"));
    assert_eq!((by.display_name.as_str(), by.email.as_str()), ("鈴木 太郎", "taro@example.jp"));

    assert!(
        subjects(&zone, "hanako@example.jp", 5).contains("鈴木 太郎さんが、あなたの代理で送信")
    );
    assert!(subjects(&zone, "taro@example.jp", 5).contains("あなたが代理で送信した申請"));
    hanako.get("/mypage").await.says("代理人の鈴木 太郎さんが申請しました");
    hanako.get(&application).await.is(200).says("取り下げ");
    taro.get(&application).await.is(200);
    assert!(!taro.html().contains("/withdraw"), "{}", taro.text());
    taro.get(&format!("{application}/withdraw")).await.is(404);

    // A message is news until she read it; that he did is not that she did.
    let id = application.rsplit('/').next().expect("an id");
    staff_write(&zone, id, "集合場所をお知らせします。").await;
    let messages = format!("{application}/messages");
    taro.get(&messages).await.is(200).says("集合場所");
    hanako.get("/mypage").await.is(200).says("新しいメッセージ");
    hanako.get(&messages).await.is(200).says("集合場所");
    hanako.get("/mypage").await.is(200);
    assert!(!hanako.text().contains("新しいメッセージ"), "{}", hanako.text());

    // Its time is over: he sees nothing of it any more.
    zone.clock.advance(SignedDuration::from_hours(24 * 220));
    let mut taro = Browser::new(zone.running.public_addr);
    taro.get("/login").await;
    let fields = [("email", "taro@example.jp"), ("password", PASSWORD)];
    taro.submit("/login", &fields).await.is(200);
    taro.get(&application).await.is(404);
    zone.close().await;
}

/// NF-16: only who proved the address may accept; a mandate for chosen procedures opens no
/// other, and a procedure that wants the person themselves is not offered.
#[tokio::test(flavor = "multi_thread")]
async fn a_mandate_opens_what_it_names_and_nothing_else() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    hanako.get("/delegates/ask").await;
    let own = [("email", "HANAKO@example.jp"), ("scope", "all"), ("until", "2026-12-31")];
    hanako.submit("/delegates/ask", &own).await.is(422).says("自分のメールアドレスです");
    for until in ["2026-05-31", "2029-06-02", "2026-02-30", ""] {
        let fields = [("email", "taro@example.jp"), ("scope", "all"), ("until", until)];
        hanako.submit("/delegates/ask", &fields).await.is(422).says("までの日付を入力");
    }
    ask(&mut hanako, &[("scope", "chosen")]).await;
    hanako.is(422).says("任せる手続きを1つ以上選んでください");
    let koza = sample("shimin-koza").id.as_str().to_owned();
    ask(&mut hanako, &[("scope", "chosen"), ("procedures", &koza)]).await;
    hanako.is(200).says("市民講座");
    let end = action(&hanako, "/end");
    let id = end.split('/').nth(2).expect("an id").to_owned();

    // She cannot accept for him, and a stranger sees nothing of it.
    hanako.get(&end).await.is(200);
    hanako.bytes = hanako.html().replace("/end\"", "/accept\"").into();
    hanako.submit("/accept", &[]).await.is(404);
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get(&format!("/delegates/{id}/end")).await;
    assert!(guest.path.starts_with("/login"), "{}", guest.path);

    taro.get("/delegates").await;
    taro.submit(&action(&taro, "/accept"), &[]).await.is(200);
    taro.get("/procedures/juminhyo/start").await;
    assert!(!taro.text().contains("だれの申請ですか"), "{}", taro.text());
    taro.submit("/start", &[("for", &id)]).await.is(409).says("代理の手続きができません");
    taro.get("/procedures/shimin-koza/start").await.says("だれの申請ですか");

    // The procedure takes no delegates any more.
    taro.submit("/start", &[("for", &id)]).await.is(200);
    let draft = taro.path.split("/pages").next().expect("a draft").to_owned();
    takes_no_delegates(&zone, "shimin-koza", (&mut taro, &draft)).await;
    hanako.get(&draft).await.is(200);
    zone.close().await;
}

/// Publishes a procedure that takes no delegates any more, and waits until the draft of one does not open.
async fn takes_no_delegates(zone: &Zone, slug: &str, (delegate, draft): (&mut Browser, &str)) {
    let mut strict = sample(slug);
    strict.access.delegates = Delegates::Forbidden;
    strict.access.login = Login::Account;
    strict.revision += 1;
    let at = zone.clock.now().as_microsecond() + 1;
    publish(&zone.store(), &strict, crate::support::pools(&strict), at).await;
    for () in platform_testkit::patiently() {
        delegate.get(draft).await;
        if delegate.status != 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    delegate.is(409).says("代理人は申請できません");
}

/// NF-16: one mandate serves again and again until its day; when it is over, by nobody's doing, both are
/// told.
#[tokio::test(flavor = "multi_thread")]
async fn a_mandate_serves_twice_and_its_end_is_told_to_both() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    let mut taro = taro(&zone).await;
    ask(&mut hanako, &[("scope", "all")]).await;
    hanako.is(200);
    taro.get("/delegates").await;
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200);
    let mandate = accept.split('/').nth(2).expect("an id").to_owned();
    let mut drafts = Vec::new();
    for slug in ["juminhyo", "jido-teate-genkyo"] {
        taro.get(&format!("/procedures/{slug}/start")).await.is(200).says("だれの申請ですか");
        taro.submit("/start", &[("for", &mandate)]).await.is(200);
        drafts.push(taro.path.split("/pages").next().expect("a draft").to_owned());
    }
    assert_ne!(drafts[0], drafts[1]);
    taro.get("/mypage").await.says("住民票の写しの請求").says("児童手当の現況届");
    zone.clock.advance(SignedDuration::from_hours(24 * 214));
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    hears(&zone, "hanako@example.jp", "鈴木 太郎さんへの代理の依頼が終わりました").await;
    hears(&zone, "taro@example.jp", "山田 花子さんの代理は終わりました").await;
    zone.close().await;
}

/// Waits for a mail with these words.
async fn hears(zone: &Zone, to: &str, told: &str) {
    for () in platform_testkit::patiently() {
        if heard(zone, to, told) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{to} hears: {told}");
}

/// Waits until no mail is queued any more.
async fn all_mails_left(zone: &Zone) {
    for () in platform_testkit::patiently() {
        if zone.store().read(mail::waiting).await.expect("readable") == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("mails wait");
}

fn heard(zone: &Zone, to: &str, told: &str) -> bool {
    zone.mails.mails_to(to).iter().any(|mail| words(&mail.raw).contains(told))
}

/// 花子, and 太郎 at the first page of what he begins for her.
async fn begun_for_hanako(zone: &Zone, slug: &str) -> (Browser, Browser) {
    let (mut hanako, mut taro) = (hanako(zone).await, taro(zone).await);
    ask(&mut hanako, &[("scope", "all")]).await;
    taro.get("/delegates").await;
    let accept = action(&taro, "/accept");
    taro.submit(&accept, &[]).await.is(200);
    let mandate = accept.split('/').nth(2).expect("an id").to_owned();
    taro.get(&format!("/procedures/{slug}/start")).await.is(200);
    taro.submit("/start", &[("for", &mandate)]).await.is(200);
    (hanako, taro)
}

/// NF-16, NF-60: who left something unsent for somebody else is warned before it is deleted, as the
/// person is; not when the mandate ended.
#[tokio::test(flavor = "multi_thread")]
async fn who_fills_in_for_another_is_warned_too() {
    let warned = "入力途中の申請が、";
    for ends in [false, true] {
        let zone = Zone::open(clock()).await;
        let (mut hanako, _) = begun_for_hanako(&zone, "juminhyo").await;
        if ends {
            hanako.get("/delegates").await;
            let end = action(&hanako, "/end");
            hanako.get(&end).await.is(200);
            hanako.submit(&end, &[]).await.is(200).says("終わりました");
        }
        zone.clock.advance(SignedDuration::from_hours(24 * 28));
        // Anything that is sent wakes the jobs.
        let mut other = Browser::new(zone.running.public_addr);
        other.get("/register").await;
        other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
        hears(&zone, "hanako@example.jp", warned).await;
        if ends {
            all_mails_left(&zone).await;
            assert!(!heard(&zone, "taro@example.jp", warned), "he may not open it any more");
        } else {
            hears(&zone, "taro@example.jp", warned).await;
        }
        zone.close().await;
    }
}

/// NF-16, NF-60: nor is who may not open it because the procedure takes no delegates any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_delegate_who_is_not_taken_any_more_is_not_warned() {
    let warned = "入力途中の申請が、";
    let zone = Zone::open(clock()).await;
    let (_, mut taro) = begun_for_hanako(&zone, "juminhyo").await;
    let draft = taro.path.split("/pages").next().expect("a draft").to_owned();
    takes_no_delegates(&zone, "juminhyo", (&mut taro, &draft)).await;
    zone.clock.advance(SignedDuration::from_hours(24 * 28));
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    hears(&zone, "hanako@example.jp", warned).await;
    all_mails_left(&zone).await;
    assert!(!heard(&zone, "taro@example.jp", warned), "it does not open for him");
    zone.close().await;
}

/// NF-16, NF-29: who sent something for somebody else is reminded of a correction, as the person is.
#[tokio::test(flavor = "multi_thread")]
async fn who_sent_for_another_is_reminded_of_a_correction() {
    let zone = Zone::open(clock()).await;
    let (_, mut taro) = begun_for_hanako(&zone, "shimin-koza").await;
    person(&mut taro, HANAKO, "hanako@example.jp").await;
    choose(&mut taro).await;
    taro.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let id = taro.path.split('/').nth(2).expect("an id").to_owned();
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    // Until the 30th.
    asks(&zone, &id, &["badge"], "読めません。").await;
    zone.clock.advance(SignedDuration::from_hours(24 * 27));
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    for to in ["hanako@example.jp", "taro@example.jp"] {
        hears(&zone, to, "申請の内容の修正を、まだ受け取っていません").await;
    }
    zone.close().await;
}

/// The one seat is taken; 太郎 waits for one for 花子.
async fn waits_for_hanako(zone: &Zone) -> Browser {
    let mut first = guest(zone, "jiro@example.jp").await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let (_, mut taro) = begun_for_hanako(zone, "shimin-koza").await;
    person(&mut taro, HANAKO, "hanako@example.jp").await;
    choose(&mut taro).await;
    taro.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    first
}

/// NF-16, NF-49: who waits for somebody else hears that the turn came, as the person does; that it can be
/// taken back is told to the person alone.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_another_hears_of_the_turn() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let mut first = waits_for_hanako(&zone).await;
    let application = first.path.trim_end_matches("/receipt").to_owned();
    first.get(&format!("{application}/withdraw")).await;
    first.submit("/withdraw", &[]).await.is(200).says("取り下げました");
    hears(&zone, "hanako@example.jp", "キャンセル待ちの順番が来たため").await;
    hears(&zone, "taro@example.jp", "あなたが代理で送信した申請が届きました").await;
    assert!(!heard(&zone, "taro@example.jp", "取り下げてください"));
    zone.close().await;
}

/// NF-16, NF-49: who waits for somebody else hears that the wait ended without a seat.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_another_hears_that_it_was_in_vain() {
    let zone = Zone::open(clock()).await;
    course_until(&zone, 1, Some("2026-06-02T08:15:00Z")).await;
    waits_for_hanako(&zone).await;
    zone.clock.advance(SignedDuration::from_hours(48));
    // Anything that is sent wakes the jobs.
    survey(&zone, "意見").await.submit("/submit", &[]).await.is(200);
    for to in ["hanako@example.jp", "taro@example.jp"] {
        hears(&zone, to, "申込みは成立していません").await;
    }
    zone.close().await;
}
