//! What staff see of the bridge.

use std::time::Duration;

use diesel::RunQueryDsl as _;

use crate::desk::Desk;

/// NN-7, NS-2: a lane that an operator must look at stops alone; the pages go on,
/// name the lane and say what to do, and the operation log has it.
#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_stops_leaves_the_pages_running_and_is_named_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let lane = folder.path().join("spool/pub.ctl");
    std::fs::create_dir_all(&lane).expect("a folder");
    std::fs::write(lane.join("id"), "the spool of another town\n").expect("written");
    let url = format!("sqlite:{}", folder.path().join("staff.db").display());
    let desk = Desk::on(&url, folder).await;

    let admin = desk.logged_in("kanri").await;
    let mut page = String::new();
    for () in platform_testkit::patiently() {
        page = admin.get("/bridge").await.text();
        if page.contains("経路が止まっています") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.contains("経路が止まっています:状態・通知"), "{page}");
    assert!(page.contains("フォルダーの割り当て"), "{page}");

    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("経路の停止"), "{log}");
    desk.closes().await;
}

/// NS-2, NF-38: the history of a lane, each bundle with its items, and 再送, which the
/// operation log keeps; an auditor looks and does not press.
#[tokio::test(flavor = "multi_thread")]
async fn every_bundle_has_its_page_and_can_be_sent_again() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let admin = desk.logged_in("kanri").await;
    let history = "/bridge/lanes/pub.doc";
    let mut page = String::new();
    for () in platform_testkit::patiently() {
        page = admin.get(history).await.text();
        if page.contains("2 配信中") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(page.contains("配信履歴:手続・交付文書") && page.contains("1-000001"), "{page}");
    assert!(page.contains("件数(予定)") && page.contains("未確認"), "what I took in: {page}");
    let status = admin.get("/bridge").await.text();
    for words in [
        "受け渡しのフォルダーの使用量:ディスク",
        "書いたものがディスクに確実に残るまでの時間:最近の",
        "鍵の一覧の版:1",
        "取込待ち(大きさ)",
        "拒んだファイル(1時間)",
        "署名の鍵",
        "(0から)",
    ] {
        assert!(status.contains(words), "{words}: {status}");
    }
    let bundle = format!("{history}/1/1");
    assert!(page.contains(&format!("href=\"{bundle}\"")), "{page}");
    let page = admin.get(&bundle).await.text();
    assert!(page.contains("手続の公開") && page.contains("配信開始"), "{page}");
    let answer = admin.post(&bundle, &format!("{bundle}/replay"), &[]).await;
    assert_eq!(answer.location(), format!("{bundle}?said=replayed"), "{}", answer.text());
    assert!(admin.get(&answer.location()).await.text().contains("再送を受け付けました"));

    let auditor = desk.logged_in("kansa").await;
    assert!(!auditor.get(&bundle).await.text().contains("再送する"));
    let log = auditor.get("/audit").await.text();
    assert!(log.contains("e1 1 to 1"), "{log}");
    for nothing in ["/bridge/lanes/pub.doc/1/99", "/bridge/lanes/other", "/bridge/lanes/raw/1/1"] {
        assert_eq!(admin.get(nothing).await.status, 404, "{nothing}");
    }
    let answer = admin.post(&bundle, "/bridge/lanes/pub.doc/1/99/replay", &[]).await;
    assert_eq!(answer.status, 409, "{}", answer.text());
    desk.closes().await;
}

/// NS-2, I17: what is not set aside can neither be taken in again nor given up, and
/// giving up wants a reason.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_set_aside_is_not_found() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let admin = desk.logged_in("kanri").await;
    assert!(admin.get("/bridge/aside").await.text().contains("保留はありません"));
    for (place, act, why, status) in [
        ("in 1 1 0", "redrive", "", 404),
        ("in 1 1 0", "discard", "試験", 404),
        ("in 1 1 0", "discard", " ", 409),
        ("in 1 1", "redrive", "", 404),
        ("../x 1 1 0", "redrive", "", 404),
    ] {
        let form = [("place", place), ("act", act), ("why", why)];
        let answer = admin.post("/exports/new", "/bridge/aside", &form).await;
        assert_eq!(answer.status, status, "{place} {act}: {}", answer.text());
    }
    desk.closes().await;
}

/// NS-2, I17: a page that does not show all that is set aside says how much there is.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_show_all_that_is_set_aside_says_so() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    for (items, cut) in [(0..200, false), (200..201, true)] {
        let row = |idx: u32| {
            format!("('in', 1, 9, {idx}, 'row-{idx}', 1, 'x', 'x', 'reason-{idx}.', {idx})")
        };
        let order = format!(
            "insert into quarantine (lane, epoch, seq, idx, uuid, kind, stamp, sealed, reason, at) values {}",
            items.map(row).collect::<Vec<_>>().join(", ")
        );
        let written = desk.store.write(move |tx| diesel::sql_query(order).execute(tx.db).map(drop));
        written.await.expect("written");
        let page = admin.get("/bridge/aside").await.text();
        let words = "保留は201件あります。ここに表示しているのは新しい200件です。";
        assert_eq!((page.contains(words), page.contains(">reason-0.<")), (cut, !cut), "{page}");
    }
    desk.closes().await;
}
