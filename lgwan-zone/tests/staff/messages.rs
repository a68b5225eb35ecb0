//! What applicants and staff write to each other.

use bridge_contract::messages::{CitizenWrote, Delegate, ToStaff};
use domain::ids::{AccountId, ApplicationId};
use lgwan_zone_store::applications::messages;
use lgwan_zone_store::notices::{self, MESSAGE};
use lgwan_zone_web::letters;
use platform_testkit::on_both_databases;

use crate::desk::{Desk, incoming};

/// How many messages an application has.
async fn kept(desk: &Desk, application: &ApplicationId) -> usize {
    let id = application.to_string();
    desk.store.read(move |db| messages::of(db, &id)).await.expect("readable").0.len()
}

fn wrote(application: &ApplicationId, number: u8, words: &str, by: Option<Delegate>) -> ToStaff {
    CitizenWrote {
        application_id: application.clone(),
        message_id: format!("message-{number}"),
        by,
        words: words.to_owned(),
    }
    .into()
}

on_both_databases!(
    /// NF-33, NF-59: what an applicant writes stands with the application and on top of the inbox until
    /// somebody answers it or says that none is needed; staff of the department are told by mail,
    /// and nobody else sees it.
    an_applicant_is_answered,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_telling(&["accept"], &["shimin@mirai.lgwan.example"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let application = submission.application_id.clone();
        desk.arrives(sent).await.expect("it arrives");
        let question = "いつごろ届きますか。<b>";
        let first = incoming(50, wrote(&application, 1, question, None), None, Vec::new(), Vec::new());
        desk.arrives(first.clone()).await.expect("taken in");
        desk.arrives(first).await.expect("passed over");
        let by = Delegate {
            id: AccountId::from_bits(7),
            display_name: "鈴木 太郎".to_owned(),
            email: "taro@example.jp".to_owned(),
        };
        let second = wrote(&application, 2, "代理の者です。", Some(by));
        let second = incoming(51, second, None, Vec::new(), Vec::new());
        desk.arrives(second).await.expect("taken in");

        let now = desk.clock.now().as_microsecond();
        let due = desk.store.read(move |db| notices::due(db, now, 10)).await.expect("readable");
        let mails: Vec<_> = due.iter().filter(|one| one.round == MESSAGE).collect();
        assert_eq!(mails.len(), 1, "one mail until it is sent");
        let (subject, body) = letters::written(mails[0], "https://shokuin.mirai.lgwan.example");
        assert!(subject.contains("メッセージが届きました"), "{subject}");
        assert!(!body.contains("いつごろ") && !body.contains("山田"), "{body}");

        let clerk = desk.logged_in("uketsuke").await;
        let path = format!("/applications/{application}");
        let inbox = clerk.get("/inbox").await.text();
        assert!(inbox.contains("返信を待っているメッセージ"), "{inbox}");
        assert!(inbox.contains(&format!("{path}#talk")), "{inbox}");
        let page = clerk.get(&path).await.text();
        assert!(page.contains("いつごろ届きますか。&#60;b&#62;"), "{page}");
        assert!(page.contains("代理人 鈴木 太郎") && page.contains("申請者が返信を待っています"));

        let action = format!("{path}/messages");
        let other = desk.logged_in("kodomo").await;
        assert!(!other.get("/inbox").await.text().contains("返信を待っている"));
        let fields = [("message", "横から"), ("key", "1")];
        assert_eq!(other.post("/inbox", &action, &fields).await.status, 404);
        for bad in ["", " \n ", "a\u{7}", &"あ".repeat(1_001)] {
            let fields = [("message", bad), ("key", "1")];
            assert_eq!(clerk.post(&path, &action, &fields).await.status, 422, "{bad:?}");
        }
        assert_eq!(kept(&desk, &application).await, 2);
        let answer = [("message", "今週中に\r\n発送します。"), ("key", "1")];
        for _ in 0..2 {
            assert_eq!(clerk.post(&path, &action, &answer).await.status, 303);
        }
        assert_eq!(kept(&desk, &application).await, 3, "pressed twice, sent once");
        let page = clerk.get(&path).await.text();
        assert!(page.contains("今週中に\n発送します。") && !page.contains("返信を待っています"), "{page}");
        assert!(!clerk.get("/inbox").await.text().contains("返信を待っている"));

        let third = incoming(52, wrote(&application, 3, "ありがとう。", None), None, Vec::new(), Vec::new());
        desk.arrives(third).await.expect("taken in");
        assert!(clerk.get("/inbox").await.text().contains("返信を待っている"));
        let settled = clerk.post(&path, &action, &[("do", "settle")]).await;
        assert_eq!(settled.status, 303);
        let id = application.to_string();
        let (all, asks) = desk.store.read(move |db| messages::of(db, &id)).await.expect("readable");
        assert_eq!((all.len(), asks), (4, false));
        desk.closes().await;
    }
);
