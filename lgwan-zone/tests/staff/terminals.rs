//! What was sent at a counter terminal.

use bridge_contract::messages::{SentAtTerminal, ToStaff};
use platform_testkit::on_both_databases;

use crate::desk::{Desk, incoming};

on_both_databases!(
    /// IK-2.1.2a2, IK-2.1.3: staff see at which terminal an application was sent, and how many were;
    /// told before the application arrives, or twice, it is the same.
    staff_see_the_terminal_of_an_application,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let told = SentAtTerminal {
            application_id: submission.application_id.clone(),
            procedure_id: submission.procedure_id.clone(),
            terminal: "市民課 <1番>".to_owned(),
        };
        let path = format!("/applications/{}", submission.application_id);
        for serial in [901, 902] {
            let told = incoming(serial, told.clone().into(), None, Vec::new(), Vec::new());
            desk.arrives(told).await.expect("taken in");
        }
        desk.arrives(sent).await.expect("it arrives");
        let other = desk.submission(("鈴木", "太郎"), &[]).await;
        desk.arrives(other).await.expect("it arrives");

        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get(&path).await.text();
        assert!(page.contains("送信した窓口端末"), "{page}");
        assert!(page.contains("市民課 &#60;1番&#62;"), "{page}");
        let file = clerk.get("/numbers/file?since=2026-11-01&until=2026-11-30").await.text();
        let mut lines = file.lines();
        let heads: Vec<&str> = lines.next().expect("heads").split(',').collect();
        let at = heads.iter().position(|head| *head == "うち窓口端末").expect("a column");
        let sums: Vec<&str> = lines.next_back().expect("a sum").split(',').collect();
        assert_eq!((sums[at - 1], sums[at]), ("2", "1"), "{file}");
        desk.closes().await;
    }
);
