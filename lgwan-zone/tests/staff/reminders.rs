//! The daily reminder of what is left to do (IK-2.1.1b).

use jiff::SignedDuration;
use lgwan_zone::config::{DepartmentReminders, Mail, Reminders};
use lgwan_zone::reminders::Reminder;
use lgwan_zone_store::letters;
use lgwan_zone_store::shelf::Shelf;
use platform_mail::{MailConfig, SmtpConfig, SmtpSecurity};
use platform_testkit::on_both_databases;
use platform_testkit::smtp::Sink;
use serde_json::json;

use crate::desk::Desk;

const DAY: SignedDuration = SignedDuration::from_hours(24);
const CLERKS: &str = "shimin@mirai.lgwan.example";
const HEAD: &str = "kacho@mirai.lgwan.example";

fn reminder(desk: &Desk, change: impl FnOnce(&mut Reminders)) -> Reminder {
    let mut settings = Reminders::default();
    change(&mut settings);
    Reminder {
        store: desk.store.clone(),
        shelf: Shelf::default(),
        clock: desk.clock.clone(),
        settings,
        staff_url: "https://shokuin.mirai.lgwan.example".to_owned(),
    }
}

fn of_shimin(settings: &mut Reminders, own: DepartmentReminders) {
    settings.departments.insert("shimin".to_owned(), own);
}

async fn queued(desk: &Desk) -> Vec<letters::Due> {
    let now = desk.clock.now().as_microsecond();
    desk.store.read(move |db| letters::due(db, now, 10)).await.expect("readable")
}

/// Publishes with a promise of three open days and lets one application arrive a day.
async fn work(desk: &Desk, days: usize) {
    desk.publishes_with(|one| {
        one["workflow"]["expected_days"] = json!(3);
        one["notify"] = json!({ "staff_mail": [CLERKS] });
    })
    .await;
    for _ in 0..days {
        let sent = desk.submission(("山田", "花子"), &[]).await;
        desk.arrives(sent).await.expect("taken in");
        desk.clock.advance(DAY);
    }
}

on_both_databases!(
    /// IK-2.1.1b: on each open day every recipient gets one letter with what is late and what
    /// comes near, whoever looks and how often; it holds nothing of the applicant.
    everybody_is_reminded_once_a_day,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        work(&desk, 4).await;
        // Tuesday 24 November: the days since Friday were closed, so all four are due on the 26th.
        let own = || DepartmentReminders { to: vec![HEAD.to_owned()], ..Default::default() };
        let one = reminder(&desk, |settings| of_shimin(settings, own()));
        let two = one.clone();
        let (first, second) = tokio::join!(one.look(), two.look());
        let made = [first.expect("looked"), second.expect("looked")];
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
        let letters = queued(&desk).await;
        let mut to: Vec<&str> = letters.iter().map(|one| one.recipient.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, [HEAD, CLERKS]);
        let letter = &letters[0];
        assert_eq!(letter.subject, "【電子申請】処理が残っています(期限間近4件)");
        for words in ["■市民課 住民票の写しの請求", "11月26日(あと2開庁日)", "/inbox?procedure="] {
            assert!(letter.body.contains(words), "{words}: {}", letter.body);
        }
        assert!(!letter.body.contains("山田"), "{}", letter.body);

        desk.clock.advance(DAY * 3);
        assert!(one.look().await.expect("looked"), "Friday is another day");
        let late = queued(&desk).await;
        assert_eq!(late.len(), 4);
        assert!(late.iter().any(|one| one.subject.contains("期限切れ4件")), "{late:?}");
        desk.clock.advance(DAY);
        assert!(!one.look().await.expect("looked"), "nobody is there on Saturday");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.1b, NF-34: what an applicant should have corrected stands on top of the inbox, in a list of
    /// its own and in the letter of the day from the day after, and leaves them with the correction.
    what_is_not_corrected_in_time_is_named,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        work(&desk, 2).await;
        let clerk = desk.logged_in("uketsuke").await;
        let list = clerk.get("/inbox?order=oldest").await.text();
        let first = list.split("href=\"/applications/").nth(1).and_then(|rest| rest.split('"').next());
        let page = format!("/applications/{}", first.expect("a line"));
        let form = format!("{page}/correction");
        let fields =
            [("fields", "phone"), ("reason", "番号を直してください"), ("due", "2026-11-25"), ("seen", "1")];
        assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
        let one = reminder(&desk, |_| {});
        desk.clock.advance(DAY * 3);
        assert!(one.look().await.expect("looked"), "Wednesday 25 November, its day");
        let letters = queued(&desk).await;
        assert!(letters.iter().all(|one| !one.body.contains("補正")), "{letters:?}");
        let clerk = desk.logged_in("uketsuke").await;
        assert!(!clerk.get("/inbox").await.text().contains("補正の期限切れ <b>"));

        desk.clock.advance(DAY);
        assert!(one.look().await.expect("looked"), "Thursday 26 November");
        let letter = queued(&desk).await.pop().expect("a letter");
        assert!(letter.subject.contains("補正の期限切れ1件"), "{}", letter.subject);
        assert!(letter.body.contains("11月25日まで") && !letter.body.contains("山田"), "{}", letter.body);
        let clerk = desk.logged_in("uketsuke").await;
        let inbox = clerk.get("/inbox").await.text();
        assert!(inbox.contains("補正の期限切れ <b>1件</b>"), "{inbox}");
        let late = clerk.get("/inbox?correction=late").await.text();
        assert!(late.contains(&page) && late.contains("1件を表示しています"), "{late}");
        let other = clerk.get("/inbox?correction=late&state=arrived").await.text();
        assert!(!other.contains(&page), "conditions go together: {other}");
        let theirs = desk.logged_in("kodomo").await.get("/inbox?correction=late").await.text();
        assert!(!theirs.contains(&page), "{theirs}");
        let file = clerk.get("/inbox/export/file?correction=late").await.text();
        assert_eq!(file.lines().count(), 2, "the list that is taken out: {file}");

        // Closing stays a person's step.
        let refuse = format!("{page}/refuse");
        assert_eq!(clerk.get(&refuse).await.status, 409);
        let id = page.trim_start_matches("/applications/").to_owned();
        let application = domain::ids::ApplicationId::parse(&id).expect("an id");
        let answers = std::collections::BTreeMap::from([("phone".to_owned(), vec!["0399999999".to_owned()])]);
        let sent = bridge_contract::messages::Correction {
            application_id: application,
            round: 1,
            answers,
            attachments: Vec::new(),
            by: None,
        };
        let corrected = crate::desk::incoming(70, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(corrected).await.expect("taken in");
        assert!(!clerk.get("/inbox?correction=late").await.text().contains(&page));
        desk.closes().await;
    }
);

/// IK-2.1.1b: not before the hour, not for a department that is left out; how early is the
/// procedure's, else the department's; what nobody took up is named where nothing is promised.
#[tokio::test(flavor = "multi_thread")]
async fn a_town_says_when_and_whom_to_remind() {
    let desk = Desk::open().await;
    work(&desk, 4).await;
    let early = reminder(&desk, |settings| settings.hour = within(11));
    assert!(!early.look().await.expect("looked"), "it is ten");
    let off = DepartmentReminders { off: true, ..Default::default() };
    let off = reminder(&desk, |settings| of_shimin(settings, off));
    assert!(off.look().await.expect("looked"));
    assert_eq!(queued(&desk).await, []);

    let near = DepartmentReminders { soon_days: Some(within30(0)), ..Default::default() };
    let near = reminder(&desk, |settings| of_shimin(settings, near));
    desk.clock.advance(DAY);
    assert!(near.look().await.expect("looked"), "Wednesday 25 November");
    assert_eq!(queued(&desk).await, [], "they are due tomorrow");
    desk.clock.advance(DAY);
    assert!(near.look().await.expect("looked"));
    let letters = queued(&desk).await;
    assert_eq!(letters.len(), 1);
    assert!(letters[0].subject.contains("期限間近4件"), "{}", letters[0].subject);

    desk.publishes_with(|one| {
        one["revision"] = json!(2);
        one["notify"] = json!({ "staff_mail": [CLERKS], "remind_days": 0 });
    })
    .await;
    let sent = desk.submission(("山田", "花子"), &[]).await;
    desk.arrives(sent).await.expect("taken in");
    desk.clock.advance(DAY * 7);
    // Thursday 3 December: all four are late, and the fifth lies there for five open days.
    assert!(near.look().await.expect("looked"));
    let newest = queued(&desk).await.pop().expect("a letter");
    assert_eq!(newest.subject, "【電子申請】処理が残っています(期限切れ4件、受付待ち1件)");
    assert!(newest.body.contains("受付待ちのまま5開庁日以上 1件"), "{}", newest.body);
    desk.closes().await;
}

/// IK-2.1.1b: the letters leave by the mail server inside LGWAN and are forgotten then.
#[tokio::test(flavor = "multi_thread")]
async fn a_reminder_reaches_the_mail_server() {
    let sink = Sink::start().expect("a port");
    let port = sink.addr().port();
    let desk = Desk::with(|config| {
        let smtp = SmtpConfig {
            host: "127.0.0.1".to_owned(),
            port,
            security: SmtpSecurity::None,
            user: None,
            password_file: None,
        };
        let from = "shinsei@mirai.lgwan.example".to_owned();
        config.mail = Some(Mail {
            staff_url: "https://shokuin.mirai.lgwan.example/".to_owned(),
            operators: Vec::new(),
            out: MailConfig { from, smtp: Some(smtp), folder: None },
        });
    })
    .await;
    work(&desk, 1).await;
    let own = DepartmentReminders { to: vec![HEAD.to_owned()], ..Default::default() };
    desk.clock.advance(DAY * 3);
    let made = reminder(&desk, |settings| of_shimin(settings, own)).look().await;
    assert!(made.expect("looked"));
    let waits = sink.clone();
    let mails = tokio::task::spawn_blocking(move || waits.wait_for(HEAD, 1)).await;
    assert_eq!(mails.expect("waited").len(), 1);
    desk.closes().await;
}

fn within(hour: i64) -> platform_service::config::Within<0, 23> {
    platform_service::config::Within::new(hour).expect("an hour")
}

fn within30(days: i64) -> platform_service::config::Within<0, 30> {
    platform_service::config::Within::new(days).expect("days")
}
