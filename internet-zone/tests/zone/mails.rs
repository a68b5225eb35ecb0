//! Mails come in the language their reader chose.

use std::time::{Duration, Instant};

use diesel::RunQueryDsl as _;
use domain::applications::{Origin, State, WithdrawUntil};
use domain::forms::Answers;
use domain::forms::definition::{CitizenEvent, Lang, Login, Words};
use internet_zone_store::By;
use internet_zone_store::applications::told::{self, NewCorrection};
use internet_zone_store::mail::{self as queue, NewLetter};
use internet_zone_web::applications::Asked;
use jiff::SignedDuration;

use crate::applying::{clock, surveyed};
use crate::browser::Browser;
use crate::delegates::{action, taro};
use crate::identity::hanako;
use crate::staff::{state, vault};
use crate::support::{Zone, base64, link, publish, sample, words};

/// Subject and words of the newest of `count` mails to an address.
fn mail(zone: &Zone, to: &str, count: usize) -> (String, String) {
    let mails = zone.mails.wait_for(to, count);
    let raw = &mails.last().expect("a mail").raw;
    (subject(raw), words(raw))
}

/// The subject, which RFC 2047 writes in words of base64 on folded lines.
fn subject(raw: &str) -> String {
    let (_, rest) = raw.split_once("Subject: ").expect("a subject");
    let mut lines = rest.lines();
    let first = lines.next().expect("a line");
    let folded = lines.take_while(|line| line.starts_with(' '));
    let bytes = std::iter::once(first).chain(folded).flat_map(str::split_whitespace);
    let bytes = bytes.flat_map(|word| match word.strip_prefix("=?utf-8?b?") {
        Some(coded) => base64(coded.trim_end_matches("?=").trim_end_matches('=')),
        None => word.as_bytes().to_vec(),
    });
    String::from_utf8(bytes.collect()).expect("UTF-8")
}

/// NF-29: what the town tells by itself comes in the language its reader chose last, to each in
/// their own; who chooses another one gets that from then on.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_the_town_begins_is_in_the_language_of_its_reader() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    hanako.get("/mypage?lang=ko").await.is(200);
    taro.get("/delegates/ask").await.is(200);
    let asked = [("email", "HANAKO@example.jp"), ("until", "2026-12-31"), ("scope", "all")];
    taro.submit("/delegates/ask", &asked).await.is(200);
    let (_, asked) = mail(&zone, "taro@example.jp", 3);
    assert!(
        asked.contains("申請の代理を頼みました") && asked.contains("2026年12月31日"),
        "{asked}"
    );
    let (about, offered) = mail(&zone, "HANAKO@example.jp", 1);
    assert!(about.contains("대리 요청이 도착했습니다"), "{about}");
    assert!(offered.contains("鈴木 太郎 님이"), "{offered}");
    assert!(offered.contains("2026년 12월 31일"), "the day too: {offered}");
    assert!(!offered.contains("申請の代理"), "{offered}");

    hanako.get("/delegates?lang=en").await.is(200);
    taro.get("/delegates").await.is(200);
    let end = action(&taro, "/end");
    taro.get(&end).await.is(200);
    taro.submit(&end, &[]).await.is(200);
    let (about, ended) = mail(&zone, "HANAKO@example.jp", 2);
    assert!(about.contains("delegat") && !about.contains("代理"), "{about}");
    assert!(ended.contains("鈴木 太郎") && !ended.contains("代理"), "{ended}");
    zone.close().await;
}

/// NF-29: a guest who reads a translation is warned in it, with the name of the procedure in that
/// language where it has one and in Japanese where not; whoever chose nothing reads Japanese.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_is_warned_in_the_language_the_form_was_read_in() {
    let zone = Zone::open(clock()).await;
    for (email, lang) in [("en@example.jp", "en"), ("ko@example.jp", "ko"), ("ja@example.jp", "")] {
        let mut browser = Browser::new(zone.running.public_addr);
        if !lang.is_empty() {
            browser.get(&format!("/?lang={lang}")).await.is(200);
        }
        browser.get("/procedures/juminhyo/start").await.is(200);
        browser.submit("/start", &[("email", email), ("agree", "yes")]).await.is(200);
        let path = link(&zone, email, 1);
        browser.get(&path).await.is(200);
        browser.submit(&path, &[]).await.is(200);
    }
    zone.clock.advance(SignedDuration::from_hours(24 * 28));
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);

    let (about, english) = mail(&zone, "en@example.jp", 2);
    assert!(about.contains("Your unfinished application".replace(' ', "").as_str()), "{about}");
    assert!(english.contains("Procedure: Request a copy of your residence record"), "{english}");
    assert!(english.contains("will be deleted on July 1, 2026"), "{english}");
    let (_, korean) = mail(&zone, "ko@example.jp", 2);
    assert!(korean.contains("절차: 住民票の写しの請求"), "no Korean title: {korean}");
    let (about, japanese) = mail(&zone, "ja@example.jp", 2);
    assert!(about.contains("入力途中の申請がまもなく消えます"), "{about}");
    assert!(japanese.contains("手続き：住民票の写しの請求"), "{japanese}");
    zone.close().await;
}

/// NF-29, NF-33: the mail before an unsent message is deleted says that it is a message, and that the
/// application stays as it is; its link leads to where it was typed.
#[tokio::test(flavor = "multi_thread")]
async fn who_left_a_message_unsent_is_told_of_a_message() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    survey.access.login = Login::Email;
    survey.retain.draft_days = 30;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo/start").await;
        if browser.html().contains("name=\"email\"") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.submit("/start", &[("email", "hana@example.jp"), ("agree", "yes")]).await.is(200);
    let path = link(&zone, "hana@example.jp", 1);
    browser.get(&path).await.is(200);
    browser.submit(&path, &[]).await.is(200);
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    for _ in 0..2 {
        browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await.is(200);
    }
    browser.submit("/pages/voice", &[("voice", "意見")]).await.is(200).says("内容の確認");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let id = browser.path.split('/').nth(2).expect("an id").to_owned();
    browser.get(&format!("/applications/{id}/messages")).await.is(200);
    let typed = [("words", "あとで送ります。"), ("_do", "upload")];
    let picture: &[u8] = b"\x89PNG\r\n\x1a\n picture";
    browser.upload("/messages", &typed, &[("files", "写真.png", picture)]).await.is(200);

    let before = zone.mails.wait_for("hana@example.jp", 2).len();
    zone.clock.advance(SignedDuration::from_hours(24 * 28));
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    let (about, told) = mail(&zone, "hana@example.jp", before + 1);
    assert!(about.contains("入力途中のメッセージがまもなく消えます"), "{about}");
    assert!(told.contains("申請そのものは、そのまま残ります"), "{told}");
    assert!(!told.contains("入力途中の申請"), "{told}");

    // The same procedure can be begun anew by the same address: a message is no unfinished form.
    let mut again = Browser::new(zone.running.public_addr);
    again.get("/procedures/koho-anketo/start").await;
    again.submit("/start", &[("email", "hana@example.jp"), ("agree", "yes")]).await.is(200);
    let path = link(&zone, "hana@example.jp", before + 2);
    again.get(&path).await.is(200);
    again.submit(&path, &[]).await.is(200);
    assert!(again.path.ends_with("/pages/about"), "{}", again.path);
    zone.close().await;
}

#[derive(diesel::QueryableByName)]
struct Logged {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// What `/readyz` says beside `ok`.
async fn warned(zone: &Zone) -> String {
    let mut monitor = Browser::new(zone.running.ops_addr);
    monitor.get("/readyz").await.is(200).html()
}

/// NF-29, NS-2: no mail is forgotten in silence. One to an address that nobody has is logged; one that
/// cannot be sent from here is an alarm as well.
#[tokio::test(flavor = "multi_thread")]
async fn a_mail_that_cannot_be_sent_is_logged_and_told() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    browser.submit("/register", &[("email", "refused@example.jp")]).await.is(200);
    let store = zone.store();
    let logged = async |count: usize| {
        let patience = Instant::now() + platform_testkit::PATIENCE;
        loop {
            let query =
                "select detail from audit_events where act = 'notices.mail_given_up' order by seq";
            let rows = store.read(move |db| diesel::sql_query(query).load::<Logged>(db));
            let rows = rows.await.expect("readable");
            if rows.len() >= count {
                return rows.into_iter().map(|row| row.detail).collect::<Vec<_>>();
            }
            assert!(Instant::now() < patience, "{count} are in the log");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    assert_eq!(logged(1).await, ["mail=register reason=550"]);
    assert!(!warned(&zone).await.contains("warning: mail"), "one mistyped address is no alarm");

    let now = zone.clock.now().as_microsecond();
    let letter = NewLetter { id: "broken".to_owned(), letter_sealed: vec![1, 2, 3] };
    store.write(move |tx| queue::queue(tx, &letter, now)).await.expect("queued");
    assert_eq!(logged(2).await[1], "mail=- reason=not_opened");
    let patience = Instant::now() + platform_testkit::PATIENCE;
    while !warned(&zone).await.contains("warning: mail: 2 mails were given up within a day") {
        assert!(Instant::now() < patience, "operators are told");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    zone.close().await;
}

/// The reminders of a correction that came to 花子, once there are `count`.
fn reminders(zone: &Zone, count: usize) -> Vec<(String, String)> {
    let until = Instant::now() + platform_testkit::PATIENCE;
    loop {
        let all = zone.mails.wait_for("hanako@example.jp", 0);
        let all = all.iter().map(|mail| (subject(&mail.raw), words(&mail.raw)));
        let told: Vec<_> = all.filter(|(about, _)| about.contains("修正の期限は")).collect();
        if told.len() >= count || Instant::now() > until {
            return told;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// NF-29: a paragraph of the procedure stands in its mail in the language of the reader; a mail that is
/// switched off is not sent nor promised, and one that must be goes out whatever the document says.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_sets_its_mails_and_adds_to_them() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    survey.access.login = Login::Email;
    survey.workflow.withdraw_until = WithdrawUntil::Decided;
    survey.revision += 1;
    let note = Words::from("粗品を市役所でお渡しします。");
    let note = note.in_language(Lang::En, "Pick up your gift at the city hall.");
    let citizen = &mut survey.notify.citizen;
    citizen.notes.insert(CitizenEvent::Arrived, note);
    citizen.off = vec![
        CitizenEvent::Arrived,
        CitizenEvent::Progress,
        CitizenEvent::Message,
        CitizenEvent::Withdrawn,
    ];
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut stranger = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        stranger.get("/procedures/koho-anketo/start").await;
        if stranger.html().contains("name=\"email\"") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut browser = surveyed(hanako(&zone).await, "意見").await;
    let check = browser.path.clone();
    let before = zone.mails.wait_for("hanako@example.jp", 2).len();
    browser.get("/mypage?lang=en").await.is(200);
    browser.get(&check).await.is(200);
    browser.submit("/submit", &[]).await.is(200).says("We will e-mail you the result.");
    let application = browser.path.trim_end_matches("/receipt").to_owned();
    let messages = format!("{application}/messages");
    browser.get(&messages).await.is(200).says("No e-mail is sent when there is a reply");
    let (_, arrived) = mail(&zone, "hanako@example.jp", before + 1);
    assert!(arrived.contains("Pick up your gift at the city hall."), "{arrived}");
    assert!(!arrived.contains("粗品"), "{arrived}");

    browser.get(&format!("{application}/withdraw")).await.is(200);
    browser.submit("/withdraw", &[]).await.is(200);
    // A mail to somebody else that was queued later says that the job has looked.
    stranger.get("/register").await;
    stranger.submit("/register", &[("email", "other@example.jp")]).await.is(200);
    assert_eq!(zone.mails.wait_for("other@example.jp", 1).len(), 1);
    assert_eq!(zone.mails.wait_for("hanako@example.jp", 0).len(), before + 1);
    zone.close().await;
}

/// NF-29, NF-34: who was asked to correct and does not is reminded once some days before, and once on
/// the day, in the morning; nobody is reminded of what is answered or over.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_is_reminded_of_before_and_on_its_day() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    survey.access.login = Login::Email;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut stranger = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        stranger.get("/procedures/koho-anketo/start").await;
        if stranger.html().contains("name=\"email\"") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let mut browser = surveyed(hanako(&zone).await, "前の意見").await;
    browser.submit("/submit", &[]).await.is(200);
    let id = browser.path.split('/').nth(2).expect("an id").to_owned();
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    let asked = Asked {
        reason: "くわしく書いてください。".to_owned(),
        fields: vec!["voice".to_owned()],
        prefill: Answers::from([("voice", "前の意見")]),
        context: Answers::new(),
    };
    let at = zone.clock.now().as_microsecond();
    let new = NewCorrection {
        application_id: id.clone(),
        round: 1,
        asked_sealed: asked.seal(&vault(&zone), &id, 1),
        due: "2026-06-10".to_owned(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| told::correction(tx, &by, &new)).await.expect("told");
    // Anything that is sent wakes the jobs; a mail to somebody else says that they looked.
    let mut others = 0;
    let mut looks = async |zone: &Zone| {
        others += 1;
        let email = format!("other{others}@example.jp");
        let mut other = Browser::new(zone.running.public_addr);
        other.get("/register").await;
        other.submit("/register", &[("email", &email)]).await.is(200);
        assert_eq!(zone.mails.wait_for(&email, 1).len(), 1);
    };
    zone.clock.advance(SignedDuration::from_hours(24 * 5));
    looks(&zone).await;
    assert_eq!(reminders(&zone, 0), [], "four days before");
    zone.clock.advance(SignedDuration::from_hours(24));
    looks(&zone).await;
    let soon = reminders(&zone, 1);
    assert_eq!(soon.len(), 1, "three days before: {soon:?}");
    assert!(soon[0].0.contains("2026年6月10日"), "{soon:?}");
    for words in ["まだ受け取っていません", "期限：2026年6月10日", &format!("/applications/{id}")]
    {
        assert!(soon[0].1.contains(words), "{words}: {soon:?}");
    }
    assert!(!soon[0].1.contains("くわしく"), "nothing of what was asked: {soon:?}");
    // Tuesday 9 June, 23:00, and the same night: it is the day, and nobody is woken.
    zone.clock.advance(SignedDuration::from_hours(24 * 2 + 14));
    looks(&zone).await;
    zone.clock.advance(SignedDuration::from_hours(5));
    looks(&zone).await;
    assert_eq!(reminders(&zone, 1).len(), 1, "four in the morning");
    zone.clock.advance(SignedDuration::from_hours(5));
    looks(&zone).await;
    assert_eq!(reminders(&zone, 2).len(), 2, "nine in the morning of the day");
    zone.clock.advance(SignedDuration::from_hours(24));
    looks(&zone).await;
    looks(&zone).await;
    assert_eq!(reminders(&zone, 2).len(), 2, "never again");
    zone.close().await;
}
