//! Mails that tell staff of arrivals (NF-59).

use lgwan_zone_store::notices;
use lgwan_zone_web::letters;
use platform_testkit::on_both_databases;

use crate::desk::Desk;

/// The people the sample procedure names.
const RECIPIENTS: [&str; 2] = ["shimin@mirai.lgwan.example", "madoguchi@mirai.lgwan.example"];

on_both_databases!(
    /// NF-59: an arrival makes one mail a recipient, also when it comes twice; the mail
    /// waits until it was sent, and holds nothing of the applicant.
    an_arrival_makes_one_mail_a_recipient,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_telling(&["accept"], &RECIPIENTS).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        desk.arrives(sent.clone()).await.expect("taken in");
        desk.arrives(sent).await.expect("passed over");

        let now = desk.clock.now().as_microsecond();
        let due = desk.store.read(move |db| notices::due(db, now, 10)).await.expect("readable");
        let mut to: Vec<&str> = due.iter().map(|one| one.recipient.as_str()).collect();
        to.sort_unstable();
        assert_eq!(to, ["madoguchi@mirai.lgwan.example", "shimin@mirai.lgwan.example"]);
        let (subject, body) = letters::written(&due[0], "https://shokuin.mirai.lgwan.example");
        let page = format!("https://shokuin.mirai.lgwan.example/applications/{}", due[0].application_id);
        assert!(body.contains(&page) && body.contains(&due[0].number), "{body}");
        assert!(subject.contains("住民票の写しの請求"), "{subject}");
        for private in ["山田", "花子", "hanako", "0312345678"] {
            assert!(!subject.contains(private) && !body.contains(private), "{private}");
        }

        let id = due[0].id.clone();
        let (first, second) = (id.clone(), id.clone());
        let lease = |id: String| desk.store.write(move |tx| notices::lease(tx, &id, now, now + 1));
        assert!(lease(first).await.expect("written"));
        assert!(!lease(second).await.expect("written"), "two senders never have the same mail");
        desk.store.write(move |tx| notices::forget(tx, &id)).await.expect("written");
        let waiting = desk.store.read(notices::waiting).await.expect("readable");
        assert_eq!(waiting, 1);
        desk.closes().await;
    }
);
