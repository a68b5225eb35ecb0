//! What staff see of the bridge.

use std::time::Duration;

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
    for _ in 0..100 {
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
