//! Exports to the business systems (IK-2.1.2d1, IK-3.5.7b).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bridge_contract::messages::{CitizenWrote, Correction};
use domain::export::Manifest;
use jiff::SignedDuration;
use lgwan_zone::commands::load_city;
use lgwan_zone_store::By;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::exports;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::applications::step;
use crate::browser::Browser;
use crate::city::{self, COPY};
use crate::desk::{Desk, PNG, Sent, incoming};
use crate::messages::files;

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
    for () in platform_testkit::patiently() {
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
    for () in platform_testkit::patiently() {
        page = admin.get("/exports/juminhyo").await.text();
        if page.contains("取込エラー") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(page.contains("取込エラー") && page.contains("2行目の日付が違います"), "{page}");
    desk.closes().await;
}

on_both_databases!(
    /// IK-2.1.2d1: a job puts out a generation at the times of its schedule and at no other; a turn that
    /// passed before the job was there is none, and each turn is taken once. Times no clock shows are told.
    a_job_leaves_by_its_schedule,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&[]).await;
        let admin = desk.logged_in("kanri").await;
        let mut definition: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
        definition["schedule"] = json!({"at": ["8:30"]});
        let text = definition.to_string();
        let bad = admin.post("/exports/new", "/exports/new", &[("definition", &text)]).await;
        assert_eq!(bad.status, 422);
        assert!(bad.text().contains("自動で出力する時刻"), "{}", bad.text());
        // It is Friday, ten in the morning.
        definition["schedule"] = json!({"days": ["fri", "mon"], "at": ["08:30", "17:00"]});
        let text = definition.to_string();
        let put = admin.post("/exports/new", "/exports/new", &[("definition", &text)]).await;
        assert_eq!(put.status, 303, "{}", put.text());
        let page = admin.get("/exports/juminhyo").await.text();
        assert!(page.contains("月曜日・金曜日 08:30、17:00"), "{page}");
        desk.arrives(desk.submission(("山田", "花子"), &[]).await).await.expect("taken in");
        let number = || async {
            let job = desk.store.read(|db| exports::job(db, "juminhyo")).await.expect("readable");
            job.expect("a job").generation
        };
        desk.clock.advance(SignedDuration::from_mins(6 * 60 + 59));
        // The task looks every two seconds.
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(number().await, 0, "the morning was before the job");
        desk.clock.advance(SignedDuration::from_mins(1));
        until(&desk.config.exports.folder.join("juminhyo/000001/juminhyo_20261120_000001.end")).await;
        desk.arrives(desk.submission(("佐藤", "太郎"), &[]).await).await.expect("taken in");
        tokio::time::sleep(Duration::from_secs(3)).await;
        assert_eq!(number().await, 1, "a turn is taken once");
        desk.clock.advance(SignedDuration::from_hours(24 * 3));
        until(&desk.config.exports.folder.join("juminhyo/000002")).await;
        assert_eq!(number().await, 2, "what passed on Monday is made up for");
        desk.closes().await;
    }
);

/// IK-2.1.2d1, IK-3.5.7b: a generation is split into files of as many rows as its job says, named as
/// it says, each with its sum beside it; the control file counts every file and all of them. A
/// pattern that names no file is refused in words.
#[tokio::test(flavor = "multi_thread")]
async fn a_generation_is_split_and_named_as_its_job_says() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let mut split: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
    split["layout"]["rows_per_file"] = json!(2);
    split["layout"]["checksum"] = json!("sha256");
    split["layout"]["file_name"] = json!("JUMIN{date}");
    let text = split.to_string();
    let bad = admin.post("/exports/new", "/exports/new", &[("definition", &text)]).await;
    assert_eq!(bad.status, 422);
    let page = bad.text();
    assert!(page.contains("ファイル名の型") && page.contains("場所:layout.file_name"), "{page}");
    split["layout"]["file_name"] = json!("JUMIN{date}-{generation:3}");
    let text = split.to_string();
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &text)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    for family in ["山田", "佐藤", "鈴木"] {
        desk.arrives(desk.submission((family, "花子"), &[]).await).await.expect("taken in");
    }

    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    let page = admin.get("/exports/juminhyo").await.text();
    assert!(page.contains("JUMIN{date}-{generation:3}"), "{page}");
    let folder = desk.config.exports.folder.join("juminhyo/000001");
    until(&folder.join("JUMIN20261120-001.end")).await;
    let end = end_of(&folder).expect("a control file");
    let manifest = Manifest::parse(&std::fs::read_to_string(end).expect("text")).expect("whole");
    let data: Vec<_> = manifest.data.iter().map(|one| (one.name.as_str(), one.rows)).collect();
    let [first, second] = ["JUMIN20261120-001_001.csv", "JUMIN20261120-001_002.csv"];
    assert_eq!(data, [(first, 2), (second, 1)]);
    assert_eq!((manifest.rows(), manifest.applications), (3, 3));
    let sums = [first, second].map(|name| format!("{name}.sha256"));
    let files: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert_eq!(files, [first, second, &sums[0], &sums[1]]);
    for (name, people) in [(first, ["山田", "佐藤"].as_slice()), (second, ["鈴木"].as_slice())]
    {
        let bytes = std::fs::read(folder.join(name)).expect("a data file");
        let lines = String::from_utf8(bytes.clone()).expect("text");
        assert_eq!(lines.lines().count(), people.len() + 1, "a heading in each: {lines}");
        assert!(people.iter().all(|family| lines.contains(family)), "{lines}");
        let sum = std::fs::read_to_string(folder.join(format!("{name}.sha256"))).expect("a sum");
        let digest = bridge_contract::digest::Digest::of(&bytes).hex();
        assert_eq!(sum, format!("{digest}  {name}\n"));
    }
    desk.closes().await;
}

/// IK-2.1.2a3, IK-2.1.2d1: what staff noted last in the fields of their own leaves with the
/// application; a column for a field nobody has is refused.
#[tokio::test(flavor = "multi_thread")]
async fn what_staff_noted_leaves_with_the_application() {
    let desk = Desk::open().await;
    desk.publishes_with(|definition| {
        definition["staff_fields"] = json!([
            {"id": "shelf", "label": "書庫の番号", "kind": {"type": "text"}},
            {"id": "free", "label": "免除", "kind": {"type": "choice", "options": [
                {"code": "yes", "label": "する"}, {"code": "no", "label": "しない"}]}}
        ]);
    })
    .await;
    let admin = desk.logged_in("kanri").await;
    let with = |field: &str| {
        let mut job: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
        job["states"] = json!(["arrived"]);
        let columns = job["layout"]["columns"].as_array_mut().expect("columns");
        columns.push(json!({"id": "shelf", "header": "書庫", "source": {"staff": field}}));
        columns.push(json!({"id": "free", "header": "免除", "source": {"staff_label": "free"}}));
        job.to_string()
    };
    let bad = admin.post("/exports/new", "/exports/new", &[("definition", &with("nobody"))]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.text().contains("場所:layout.columns[3]"), "{}", bad.text());
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{id}/staff-fields");
    let noted = [("_seen", "0"), ("shelf", "A-1"), ("free", "yes")];
    assert_eq!(clerk.post(&page, &page, &noted).await.status, 303);

    let put = admin.post("/exports/new", "/exports/new", &[("definition", &with("shelf"))]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    let folder = desk.config.exports.folder.join("juminhyo/000001");
    until(&folder.join("juminhyo_20261120_000001.end")).await;
    let data = std::fs::read_to_string(folder.join("juminhyo_20261120_000001.csv")).expect("text");
    assert!(data.contains("\"山田\",\"世帯全員\",\"A-1\",\"する\""), "{data}");
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
    for () in platform_testkit::patiently() {
        let page = admin.get("/exports/juminhyo").await.text();
        if page.contains(words) {
            return page;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the page never says {words}");
}

/// IK-3.5.7b, IK-2.1.2d1: a generation that nobody picked up in the hours of its job is an
/// alarm on the operators' page and at `/readyz`; its receipt ends it.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_picks_up_is_an_alarm_until_its_receipt() {
    const ALARM: &str = "業務システムが取り込んでいない出力の世代が1件";
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let mut definition: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
    definition["overdue_hours"] = json!(24);
    let definition = definition.to_string();
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &definition)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    let sent = desk.submission(("山田", "花子"), &[]).await;
    desk.arrives(sent).await.expect("taken in");
    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    until(&desk.config.exports.folder.join("juminhyo/000001/juminhyo_20261120_000001.end")).await;

    desk.clock.advance(SignedDuration::from_hours(23));
    // The task looks every two seconds.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let admin = desk.logged_in("kanri").await;
    assert!(!admin.get("/bridge").await.text().contains(ALARM));
    desk.clock.advance(SignedDuration::from_hours(2));
    let admin = desk.logged_in("kanri").await;
    says(&admin, "/bridge", ALARM, true).await;
    page_with(&admin, "未取込(期限超過)").await;

    picked_up(&desk, 1).await;
    says(&admin, "/bridge", ALARM, false).await;
    assert!(!admin.get("/exports/juminhyo").await.text().contains("未取込(期限超過)"));
    desk.closes().await;
}

/// Waits until a page says this, or says it no longer.
async fn says(admin: &Browser, page: &str, words: &str, wanted: bool) {
    for () in platform_testkit::patiently() {
        if admin.get(page).await.text().contains(words) == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{page} never comes to {wanted}: {words}");
}

/// Waits until the newest generation is this one and on its way; gives when it was started.
async fn on_its_way(desk: &Desk, generation: i32) -> i64 {
    for () in platform_testkit::patiently() {
        let newest = desk.store.read(|db| exports::generations(db, "juminhyo", 1)).await;
        let newest = newest.expect("readable").pop();
        if let Some(one) = newest.filter(|one| one.generation == generation)
            && one.state == "waiting"
        {
            return one.started_at;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("generation {generation} is never on its way");
}

/// IK-3.5.7b: a generation that was written while the share of server A was away is written again under its
/// number when server A is heard beside the others; one that server B has is not.
#[tokio::test(flavor = "multi_thread")]
async fn a_generation_that_server_a_never_saw_is_written_again() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &job())]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    desk.arrives(desk.submission(("山田", "花子"), &[]).await).await.expect("taken in");
    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    on_its_way(&desk, 1).await;
    let root = desk.config.exports.folder.clone();
    let folder = root.join("juminhyo/000001");
    let end = end_of(&folder).expect("a control file");
    let first = std::fs::read(&end).expect("readable");
    std::fs::rename(&folder, root.join(".under-the-mount")).expect("another disk");
    for () in platform_testkit::patiently() {
        if end.exists() {
            break;
        }
        std::fs::write(root.join(".server-a"), "said").expect("server A speaks");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(std::fs::read(&end).expect("readable"), first, "what left in it, and no more");
    on_its_way(&desk, 1).await;

    receives(&folder, "stored", "");
    page_with(&admin, "未取込").await;
    for () in platform_testkit::patiently() {
        let one = desk.store.read(|db| exports::generation_of(db, "juminhyo", 1)).await;
        if one.expect("readable").expect("there").stored_at.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let by = By::system(desk.clock.now());
    let again = desk.store.write(move |tx| exports::write_again(tx, &by, ("juminhyo", 1)));
    assert!(!again.await.expect("written"), "server B has it");
    desk.closes().await;
}

/// The database as it was before a generation was started; later, by the clock.
async fn set_back(desk: &Desk, generation: i32) {
    desk.clock.advance(SignedDuration::from_secs(1));
    let by = By::system(desk.clock.now());
    let taken = desk.store.write(move |tx| exports::take_back(tx, &by, ("juminhyo", generation)));
    taken.await.expect("written");
}

async fn waits(desk: &Desk) -> i64 {
    desk.store.read(|db| exports::waiting_count(db, "juminhyo")).await.expect("readable")
}

on_both_databases!(
    /// I14, IK-3.5.7b: after the database was set back no generation that lies on server A is taken for a
    /// new one, its number is not given again, and what left with it leaves no second time. Where it does
    /// not say what left, the job waits with an alarm until somebody says so; nothing that waits is lost.
    a_database_that_was_set_back_learns_what_left,
    |url: String| async move {
        const ALARM: &str = "連携サーバーAの出力の世代 juminhyo/00000";
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&[]).await;
        let admin = desk.logged_in("kanri").await;
        let put = admin.post("/exports/new", "/exports/new", &[("definition", &job())]).await;
        assert_eq!(put.status, 303, "{}", put.text());
        let run = || admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]);
        let data = |generation: u32| {
            let name = format!("{generation:06}/juminhyo_20261120_{generation:06}.csv");
            std::fs::read_to_string(desk.config.exports.folder.join("juminhyo").join(name))
        };
        desk.arrives(desk.submission(("山田", "花子"), &[]).await).await.expect("taken in");
        run().await;
        let first = on_its_way(&desk, 1).await;

        // Somebody else came meanwhile: they wait for the generation after.
        set_back(&desk, 1).await;
        desk.arrives(desk.submission(("佐藤", "太郎"), &[]).await).await.expect("taken in");
        assert_eq!(waits(&desk).await, 2);
        run().await;
        assert_eq!(on_its_way(&desk, 1).await, first);
        assert_eq!(waits(&desk).await, 1);
        run().await;
        on_its_way(&desk, 2).await;
        let text = data(2).expect("there");
        assert!(text.contains("佐藤") && !text.contains("山田"), "{text}");

        // It names somebody who is not here.
        let members = desk.config.exports.folder.join("juminhyo/000002/.members");
        let told = std::fs::read_to_string(&members).expect("there");
        std::fs::write(&members, format!("{told}nobody\r\n")).expect("written");
        set_back(&desk, 2).await;
        run().await;
        says(&admin, "/bridge", ALARM, true).await;
        assert_eq!(waits(&desk).await, 1);
        std::fs::write(&members, told).expect("written");
        says(&admin, "/bridge", ALARM, false).await;
        on_its_way(&desk, 2).await;
        assert_eq!(waits(&desk).await, 0);

        // An older version said nothing; an operator knows of nobody.
        let members = desk.config.exports.folder.join("juminhyo/000002/.members");
        std::fs::remove_file(&members).expect("there");
        set_back(&desk, 2).await;
        run().await;
        says(&admin, "/bridge", ALARM, true).await;
        std::fs::write(&members, "").expect("written");
        on_its_way(&desk, 2).await;
        says(&admin, "/bridge", ALARM, false).await;
        run().await;
        on_its_way(&desk, 3).await;
        assert!(data(3).expect("there").contains("佐藤"), "they leave with the next");
        desk.closes().await;
    }
);

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

    // The department in charge reads which one and why; another one learns that there is one.
    let clerk = desk.logged_in("uketsuke").await;
    let page = clerk.get("/exports/juminhyo").await.text();
    assert!(page.contains("氏「𠮷」") && !page.contains("ほかの部署の申請"), "{page}");
    let other = desk.logged_in("kodomo").await;
    let page = other.get("/exports/juminhyo").await.text();
    assert!(page.contains("ほかの部署の申請が1件"), "{page}");
    assert!(!page.contains("2026-000001") && !page.contains('𠮷'), "{page}");

    let form = format!("/applications/{id}/correction");
    let fields = [("fields", "name"), ("reason", "氏の字"), ("due", "2026-12-01"), ("seen", "1")];
    assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
    let answers = BTreeMap::from([("name.family".to_owned(), vec!["吉田".to_owned()])]);
    let sent =
        Correction { application_id: id, round: 1, answers, attachments: Vec::new(), by: None };
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

/// The control file of a generation, once it is there.
async fn manifest(desk: &Desk, generation: u32) -> (PathBuf, Manifest) {
    let folder = desk.config.exports.folder.join(format!("juminhyo/{generation:06}"));
    let end = folder.join(format!("juminhyo_20261120_{generation:06}.end"));
    until(&end).await;
    let text = std::fs::read_to_string(end).expect("text");
    (folder, Manifest::parse(&text).expect("whole"))
}

fn receives(folder: &Path, outcome: &str, detail: &str) {
    let receipt = json!({"outcome": outcome, "detail": detail}).to_string();
    std::fs::write(folder.join("receipt.json"), receipt).expect("written");
}

/// The job with a table of replacements, as staff bring it in.
fn mapped() -> serde_json::Value {
    let mut job: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
    job["layout"]["profile"] = json!({"encoding": "cp932", "gaiji": "map", "gaiji_table": "meiji"});
    let flag = json!({"id": "changed", "header": "変更", "source": {"system": "changed_flag"}});
    job["layout"]["columns"].as_array_mut().expect("columns").push(flag);
    job
}

/// IK-2.1.2d1: a definition is taken only when the town has what it asks for, and each fault is
/// named in words with its place.
#[tokio::test(flavor = "multi_thread")]
async fn a_definition_that_cannot_work_is_refused_in_words() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let refused = |job: serde_json::Value| {
        let admin = &admin;
        async move {
            let text = job.to_string();
            let put = admin.post("/exports/new", "/exports/new", &[("definition", &text)]).await;
            assert_eq!(put.status, 422, "{}", put.text());
            put.text()
        }
    };
    let page = refused(mapped()).await;
    assert!(page.contains("外字の変換表「meiji」がありません"), "{page}");
    let mut bad = mapped();
    bad["layout"]["profile"] = json!({});
    bad["layout"]["columns"][1]["source"] = json!({"input": "nobody"});
    bad["layout"]["columns"][2]["width"] = json!(0);
    let page = refused(bad).await;
    for words in ["場所:layout.columns[1]", "nobody", "場所:layout.columns[2]"] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let mut device = mapped();
    device["job"] = json!("con");
    assert!(refused(device).await.contains("Windowsの装置名"));

    let fields = [("name", "meiji")];
    let bad = Some(("file", "meiji.csv", "𠮷,吉\n二文字,x\n".as_bytes()));
    let answer = admin.upload("/exports/gaiji", "/exports/gaiji", &fields, bad).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("2行目"), "{}", answer.text());
    let large = vec![b'x'; 13 * 1024 * 1024];
    let large = Some(("file", "meiji.csv", large.as_slice()));
    let answer = admin.upload("/exports/gaiji", "/exports/gaiji", &fields, large).await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    for words in ["「meiji.csv」は大きすぎます", "4MBまで", "value=\"meiji\""] {
        assert!(answer.text().contains(words), "{words}: {}", answer.text());
    }
    desk.closes().await;
}

/// IK-2.1.2d1, IK-3.5.7b: a table of the town stands in for what the business system does not
/// know, every change is listed, and a record that was not taken in leaves again with a reason.
#[tokio::test(flavor = "multi_thread")]
async fn a_mapped_record_that_failed_leaves_again() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let table = Some(("file", "meiji.csv", "𠮷,吉\n".as_bytes()));
    let fields = [("name", "meiji")];
    let put = admin.upload("/exports/gaiji", "/exports/gaiji", &fields, table).await;
    assert_eq!(put.location(), "/exports/gaiji?said=gaiji_put", "{}", put.text());
    let job = mapped().to_string();
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &job)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    desk.arrives(desk.submission(("𠮷田", "花子"), &[]).await).await.expect("taken in");
    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;

    let (folder, first) = manifest(&desk, 1).await;
    assert_eq!((first.changed, first.gaiji_table.as_deref()), (1, Some("meiji@1")));
    let data = std::fs::read(folder.join(&first.data[0].name)).expect("a data file");
    let text = domain::cp932::decode(&data).expect("CP932");
    assert!(text.contains("\"吉田\"") && text.ends_with("\"1\"\r\n"), "{text}");
    let list = std::fs::read_to_string(folder.join("juminhyo_20261120_000001_gaiji.csv"));
    let line = "\"family\",\"1\",\"U+20BB7\",\"U+5409\",\"mapped\"";
    assert!(list.expect("a list").contains(line));

    let number = text.lines().nth(1).and_then(|line| line.split('"').nth(1)).expect("a number");
    receives(&folder, "done", &format!("rows=0\n{number},住所コードなし\n"));
    page_with(&admin, "件数が合いません").await;
    let page = "/exports/juminhyo/generations/1";
    let shown = admin.get(page).await.text();
    assert!(shown.contains("住所コードなし") && shown.contains(number), "{shown}");
    let shown = desk.logged_in("uketsuke").await.get(page).await.text();
    assert!(
        shown.contains("住所コードなし") && shown.contains(number),
        "the own department: {shown}"
    );
    let shown = desk.logged_in("kodomo").await.get(page).await.text();
    assert!(shown.contains("ほかの部署の申請が1件"), "{shown}");
    assert!(!shown.contains("住所コード") && !shown.contains(number), "{shown}");

    // Another layout for the same record: the business system now reads spreadsheets.
    let mut sheet: serde_json::Value = serde_json::from_str(&job).expect("JSON");
    sheet["layout"]["profile"] = json!({});
    sheet["layout"]["shape"] = json!({"spreadsheet": {"sheet": "一覧"}});
    let sheet = sheet.to_string();
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &sheet)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    let path = format!("{page}/repeat");
    let silent = admin.post(page, &path, &[("part", "failed"), ("reason", " ")]).await;
    assert_eq!(silent.status, 409);
    let seen = seen(&admin, page).await;
    let wish = [("part", "failed"), ("reason", "住所コードを登録した"), ("seen", &seen)];
    let again = admin.post(page, &path, &wish).await;
    assert_eq!(again.location(), "/exports/juminhyo?said=repeated");
    let (folder, second) = manifest(&desk, 2).await;
    assert_eq!((second.replaces, second.applications), (Some(1), 1));
    let data = std::fs::read(folder.join("juminhyo_20261120_000002.xlsx")).expect("a sheet");
    assert_eq!(second.files[0].bytes, data.len() as u64);
    assert_eq!(second.files[0].sha256, bridge_contract::digest::Digest::of(&data).0);
    receives(&folder, "refused", "a file is missing");
    page_with(&admin, "配信エラー").await;
    desk.closes().await;
}

/// Until when the page of a generation says what became of it.
async fn seen(staff: &Browser, page: &str) -> String {
    let shown = staff.get(page).await.text();
    let known =
        shown.split("name=\"seen\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    known.expect("a moment").to_owned()
}

/// IK-3.5.7b: a generation that server B could not show is an alarm until it is put out again, and so is one that
/// failed after it was taken in; both answers stand on the page.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_business_system_has_is_an_alarm_until_it_leaves_again() {
    const UNDELIVERED: &str = "出力の世代 juminhyo/000001 を業務システムに渡せませんでした";
    const FAILED: &str = "出力の世代 juminhyo/000002 は、業務システムが取込済と答えた後で";
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let admin = desk.logged_in("kanri").await;
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &job())]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    desk.arrives(desk.submission(("山田", "花子"), &[]).await).await.expect("taken in");
    admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    let (folder, _) = manifest(&desk, 1).await;
    receives(&folder, "refused", "a file differs from what was sent");
    says(&admin, "/bridge", UNDELIVERED, true).await;
    receives(&folder, "stored", "");
    says(&admin, "/bridge", UNDELIVERED, false).await;
    receives(&folder, "refused", "a file differs from what was sent");
    says(&admin, "/bridge", UNDELIVERED, true).await;
    let page = "/exports/juminhyo/generations/1";
    let wish = [("part", "all"), ("reason", "サーバBを直した"), ("seen", "0")];
    let early = admin.post(page, &format!("{page}/repeat"), &wish).await;
    assert_eq!(early.status, 409, "more was said of it than the page knew");
    assert!(early.text().contains("この世代の状態が変わりました"), "{}", early.text());
    let known = seen(&admin, page).await;
    let wish = [("part", "all"), ("reason", "サーバBを直した"), ("seen", &known)];
    let again = admin.post(page, &format!("{page}/repeat"), &wish).await;
    assert_eq!(again.location(), "/exports/juminhyo?said=repeated", "{}", again.text());
    says(&admin, "/bridge", UNDELIVERED, false).await;

    let (folder, _) = manifest(&desk, 2).await;
    receives(&folder, "done", "1件を登録");
    page_with(&admin, "1件を登録").await;
    receives(&folder, "error", "登録を取り消した");
    let named = desk.config.exports.folder.join(".failed");
    std::fs::create_dir(&named).expect("made");
    std::fs::write(named.join("juminhyo.000002"), "").expect("named by server A");
    says(&admin, "/bridge", FAILED, true).await;
    let shown = admin.get("/exports/juminhyo").await.text();
    for words in ["取込エラー(取込済の後)", "1件を登録 → 登録を取り消した"]
    {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let page = "/exports/juminhyo/generations/2";
    let known = seen(&admin, page).await;
    let wish = [("part", "all"), ("reason", "サーバBを直した"), ("seen", &known)];
    let again = admin.post(page, &format!("{page}/repeat"), &wish).await;
    assert_eq!(again.location(), "/exports/juminhyo?said=repeated", "{}", again.text());
    says(&admin, "/bridge", FAILED, false).await;
    desk.closes().await;
}

/// IK-3.5.7b, IK-3.5.2b: where a job asks for two people, nothing is put out again by one: who asked
/// cannot agree, by the button or by a request of their own, and somebody else can.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_agrees_to_their_own_re_export() {
    let mut desk = Desk::open().await;
    desk.publishes(&[]).await;
    let mut city = city::city();
    let other = json!({"login_id": "kanri2", "name": "管理 八重", "role": "administrator"});
    city["staff"] = json!([other]);
    let file = desk.file("second.json", &city.to_string());
    let made = load_city(&desk.config, &desk.clock, &file, None, true).await.expect("a city");
    let made = made.into_iter().map(|one| (one.login_id, (one.password, one.totp_secret)));
    desk.passwords.extend(made);
    let (one, two) = (desk.logged_in("kanri").await, desk.logged_in("kanri2").await);

    let mut job: serde_json::Value = serde_json::from_str(&job()).expect("JSON");
    job["four_eyes"] = json!(true);
    let job = job.to_string();
    let put = one.post("/exports/new", "/exports/new", &[("definition", &job)]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    desk.arrives(desk.submission(("山田", "花子"), &[]).await).await.expect("taken in");
    one.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    picked_up(&desk, 1).await;
    page_with(&one, "取込済").await;

    let page = "/exports/juminhyo/generations/1";
    let seen = seen(&one, page).await;
    let wish = [("part", "all"), ("reason", "取り込み先を入れ替えた"), ("seen", &seen)];
    let asked = one.post(page, &format!("{page}/repeat"), &wish).await;
    assert_eq!(asked.location(), "/exports/juminhyo?said=asked");
    let shown = one.get("/exports/juminhyo").await.text();
    let form = shown.split("/exports/juminhyo/requests/").nth(1).expect("the wish is shown");
    let path = format!("/exports/juminhyo/requests/{}", form.split('"').next().expect("its id"));
    let agree = [("decision", "agree")];
    for _ in 0..2 {
        let own = one.post("/exports/juminhyo", &path, &agree).await;
        assert_eq!(own.status, 409, "{}", own.text());
        assert!(own.text().contains("自分では承認できません"), "{}", own.text());
        assert!(own.text().contains("ほかの管理者に承認を頼んで"), "{}", own.text());
    }
    let again = desk.config.exports.folder.join("juminhyo/000002");
    assert!(!again.exists(), "nothing was put out");

    let agreed = two.post("/exports/juminhyo", &path, &agree).await;
    assert_eq!(agreed.location(), "/exports/juminhyo?said=repeated", "{}", agreed.text());
    let (_, second) = manifest(&desk, 2).await;
    assert_eq!((second.replaces, second.applications), (Some(1), 1));
    // It was decided; nobody decides it twice.
    for who in [&one, &two] {
        assert_eq!(who.post("/exports/juminhyo", &path, &agree).await.status, 404);
    }
    let all = desk.store.read(|db| audit::search(db, &Filter::default(), 500)).await;
    let all = all.expect("readable");
    let agreed = |result: &str| {
        let tries = all.iter().filter(|one| one.event.act == "exports.repeat_agreed");
        tries.filter(|one| one.event.result == result).count()
    };
    assert_eq!(agreed("refused"), 2, "both tries of one's own stand in the log");
    desk.closes().await;
}

/// IK-2.1.2d1, NF-33: files that came with a message leave with the application, like those of the form.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_messages_leave_with_the_application() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let admin = desk.logged_in("kanri").await;
    let put = admin.post("/exports/new", "/exports/new", &[("definition", &job())]).await;
    assert_eq!(put.status, 303, "{}", put.text());
    let sent = desk.submission(("山田", "花子"), &[Sent::Picture("免許証.png")]).await;
    let application = sent.message.message.application().expect("one").clone();
    desk.arrives(sent).await.expect("taken in");
    let words = CitizenWrote {
        application_id: application.clone(),
        message_id: "message-1".to_owned(),
        by: None,
        words: "診断書を送ります。".to_owned(),
        files: 2,
    };
    desk.arrives(incoming(60, words.into(), None, Vec::new(), Vec::new())).await.expect("in");
    let (enclosed, verdicts, parts) = files(&application, "message-1");
    desk.arrives(incoming(61, enclosed, None, verdicts, parts)).await.expect("in");
    let clerk = desk.logged_in("uketsuke").await;
    assert_eq!(step(&clerk, &application, "accept", &[("seen", "1")]).await, 303);

    let run = admin.post("/exports/juminhyo", "/exports/juminhyo/run", &[]).await;
    assert_eq!(run.location(), "/exports/juminhyo?said=started");
    let folder = desk.config.exports.folder.join("juminhyo/000001");
    until(&folder.join("juminhyo_20261120_000001.end")).await;
    let end = end_of(&folder).expect("a control file");
    let manifest = Manifest::parse(&std::fs::read_to_string(end).expect("text")).expect("whole");
    let paths: Vec<&str> = manifest.files.iter().map(|file| file.path.as_str()).collect();
    assert!(paths.iter().any(|path| path.ends_with("免許証.png")), "{paths:?}");
    let enclosed = paths.iter().find(|path| path.ends_with("診断書.png")).expect("it leaves");
    let bytes = std::fs::read(folder.join(enclosed)).expect("it is there");
    assert_eq!(bytes, PNG);
    desk.closes().await;
}
