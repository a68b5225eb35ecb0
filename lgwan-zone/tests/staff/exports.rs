//! Exports to the business systems (IK-2.1.2d1, IK-3.5.7b).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bridge_contract::messages::Correction;
use domain::export::Manifest;
use serde_json::json;

use crate::browser::Browser;
use crate::city::COPY;
use crate::desk::{Desk, Sent, incoming};

fn job() -> String {
    json!({
        "job": "juminhyo", "procedures": [COPY],
        "layout": {"name": "juminhyo", "version": 1, "attachments": true, "columns": [
            {"id": "number", "header": "受付番号", "source": {"system": "receipt_number"}},
            {"id": "family", "header": "氏", "source": {"input": "name.family"}},
            {"id": "kind", "header": "種類", "source": {"label": "kind"}}
        ]}
    })
    .to_string()
}

/// Waits until the file is there: the export task works beside the pages.
async fn until(path: &Path) {
    for _ in 0..200 {
        if path.exists() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{} never came", path.display());
}

fn end_of(folder: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(folder).ok()?.filter_map(Result::ok);
    files.map(|file| file.path()).find(|path| path.extension().is_some_and(|e| e == "end"))
}

/// IK-2.1.2d1, IK-3.5.7b: a finished application leaves once, complete before
/// its control file, and the receipt comes back to the page.
#[tokio::test(flavor = "multi_thread")]
async fn a_finished_application_leaves_once_and_its_receipt_comes_back() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &job())]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    let sent = desk.submission(("山田", "花子"), &[Sent::Picture("免許証.png")]).await;
    desk.arrives(sent).await.expect("taken in");

    let run = admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    assert_eq!(run.location(), "/exports/juminhyo?said=started");
    let folder = desk.config.exports.folder.join("juminhyo/000001");
    until(&folder).await;
    until(&folder.join("juminhyo_20261120_000001.end")).await;
    let end = end_of(&folder).expect("a control file");
    let manifest = Manifest::parse(&std::fs::read_to_string(end).expect("text")).expect("whole");
    assert_eq!((manifest.applications, manifest.files.len()), (1, 2));
    for file in &manifest.files {
        let bytes = std::fs::read(folder.join(&file.path)).expect("every file is there");
        assert_eq!(bytes.len() as u64, file.bytes);
        assert_eq!(bridge_contract::digest::Digest::of(&bytes).0, file.sha256);
    }
    let data = std::fs::read_to_string(folder.join("juminhyo_20261120_000001.csv")).expect("text");
    assert!(data.contains("\"山田\",\"世帯全員\""), "{data}");

    let again = admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    assert!(again.location().ends_with("said=nothing") || again.location().ends_with("said=busy"));
    let receipt = json!({"outcome": "error", "detail": "2行目の日付が違います"}).to_string();
    std::fs::write(folder.join("receipt.json"), receipt).expect("written");
    let mut page = String::new();
    for _ in 0..100 {
        page = admin.get("/exports/juminhyo").await.text();
        if page.contains("取込エラー") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains("取込エラー") && page.contains("2行目の日付が違います"), "{page}");
    desk.closes().await;
}

/// What the business system gets of a generation, and writes its receipt.
async fn picked_up(desk: &Desk, generation: u32) -> String {
    let folder = desk.config.exports.folder.join(format!("juminhyo/{generation:06}"));
    until(&folder.join(format!("juminhyo_20261120_{generation:06}.end"))).await;
    let data = std::fs::read(folder.join(format!("juminhyo_20261120_{generation:06}.csv")));
    let receipt = json!({"outcome": "done", "detail": format!("世代{generation}を登録")});
    std::fs::write(folder.join("receipt.json"), receipt.to_string()).expect("written");
    domain::cp932::decode(&data.expect("a data file")).expect("CP932")
}

/// The page of the job once it says this.
async fn page_with(admin: &Browser, words: &str) -> String {
    for _ in 0..100 {
        let page = admin.get("/exports/juminhyo").await.text();
        if page.contains(words) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the page never says {words}");
}

/// IK-3.5.7b: an application CP932 cannot hold stays on the page with its reason
/// when the receipt came, and leaves with the next generation once it is corrected.
#[tokio::test(flavor = "multi_thread")]
async fn an_application_left_out_leaves_after_its_correction() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let admin = desk.logged_in("kanri").await;
    let mut strict: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
    strict["states"] = json!(["arrived"]);
    strict["layout"]["profile"] = json!({"encoding": "cp932", "gaiji": "hold"});
    let strict = strict.to_string();
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &strict)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    let out = desk.submission(("𠮷田", "花子"), &[]).await;
    let id = out.message.message.application().expect("a submission").clone();
    desk.arrives(out).await.expect("taken in");
    desk.arrives(desk.submission(("山田", "太郎"), &[]).await).await.expect("taken in");

    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    let data = picked_up(&desk, 1).await;
    assert!(data.contains("山田") && !data.contains("2026-000001"), "{data}");
    let page = page_with(&admin, "世代1を登録").await;
    for words in ["出力を保留した申請", "氏「𠮷」", "修正待ち"] {
        assert!(page.contains(words), "{words}: {page}");
    }

    let clerk = desk.logged_in("uketsuke").await;
    let form = format!("/applications/{id}/correction");
    let fields = [("fields", "name"), ("reason", "氏の字"), ("due", "2026-12-01"), ("seen", "1")];
    assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
    let answers = BTreeMap::from([("name.family".to_owned(), vec!["吉田".to_owned()])]);
    let sent = Correction { application_id: id, round: 1, answers, attachments: Vec::new() };
    let corrected = incoming(50, sent.into(), None, Vec::new(), Vec::new());
    desk.arrives(corrected).await.expect("taken in");
    page_with(&admin, "次の世代で出力</span>").await;

    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    let data = picked_up(&desk, 2).await;
    assert!(data.contains("吉田") && !data.contains("山田"), "{data}");
    let page = page_with(&admin, "世代2を登録").await;
    assert!(!page.contains("出力を保留した申請"), "{page}");
    desk.closes().await;
}
