//! What a city had before comes over with one command.

use std::path::PathBuf;

use lgwan_zone::commands::publish;
use lgwan_zone_store::procedures;

use crate::city;
use crate::desk::Desk;

/// How many procedures the city brings.
const MANY: usize = 110;
/// A form on paper, as base64 of its PDF.
const PAPER: &str = "JVBERi0xLjcKJSVFT0YK";

fn definition(number: usize) -> String {
    let mut definition = city::definition(&["accept"]);
    definition["id"] = format!("{:026}", 1_000 + number).into();
    definition["slug"] = format!("tetsuzuki-{number}").into();
    definition["title"] = format!("移行した手続{number}").into();
    definition["files"] = serde_json::json!([{
        "id": "paper", "title": "申請書", "name": format!("shinsei-{number}.pdf"),
        "media": "application/pdf", "base64": [PAPER],
    }]);
    definition.to_string()
}

/// NB-7.2: 110 procedures with their questions and forms on paper come over with one command (written
/// in docs/operations/migration.md); each can be opened, is on its way to the citizens, and the same
/// command again changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_ten_procedures_come_over_with_one_command() {
    let desk = Desk::open().await;
    let files: Vec<PathBuf> =
        (0..MANY).map(|n| desk.file(&format!("{n}.json"), &definition(n))).collect();
    for _ in 0..2 {
        let done = publish(&desk.config, &desk.clock, "tetsuzuki", &files, None).await;
        let done = done.expect("published");
        assert_eq!(done.len(), MANY);
        assert!(done.iter().all(|(_, revision)| *revision == 1), "{done:?}");
    }
    let manager = desk.logged_in("tetsuzuki").await;
    let list = manager.get("/procedures").await.text();
    for number in 0..MANY {
        assert!(list.contains(&format!("移行した手続{number}<")), "{number}: {list}");
        let path = format!("/procedures/{:026}", 1_000 + number);
        let page = manager.get(&path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.text().contains(&format!("移行した手続{number}")), "{}", page.text());
        let id = format!("{:026}", 1_000 + number);
        let kept = desk.store.read(move |db| procedures::revision(db, &id, 1)).await;
        let document = kept.expect("readable").expect("a revision").document;
        assert!(document.contains(&format!("shinsei-{number}.pdf")) && document.contains(PAPER));
    }
    desk.closes().await;
}
