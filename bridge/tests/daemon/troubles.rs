//! What stops at S, A and B, and who hears of it.

use std::collections::BTreeSet;
use std::time::Duration;

use bridge_contract::bundle::bundle_name;
use bridge_contract::head::{Head, Trouble};
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal::seal_for;

use bridge_spool::server_a_says;
use platform_service::halts::Need;

use crate::town::{Capitals, Sender, Town, any_port, wait_for, wait_until};

/// Within which operators hear of it. Only an optimised build is measured.
const A_MINUTE: Duration =
    if cfg!(debug_assertions) { platform_testkit::PATIENCE } else { Duration::from_secs(60) };

/// I17: a signed bundle that does not continue the chain stops `raw` at S, loudly, and no
/// other lane: publications pass. A start changes nothing about it, and what was taken
/// before stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_fork_stops_one_lane_and_no_other() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    wait_until("the first arrived", || town.origins().len() == 1).await;
    let halts = roles[1].halts();
    assert_eq!(halts.all(), []);

    raw.forks();
    raw.send(&[town.submission(2, &[])]);
    wait_until("the lane stops", || !halts.all().is_empty()).await;
    let halt = &halts.all()[0];
    assert_eq!((halt.part.as_str(), halt.code), ("lane raw", "halted"));
    assert!(halt.why.contains("e1-2"), "{}", halt.why);

    let mut published = Sender::open(&town, Host::Lgwan, Lane::PubCtl);
    published.send(&[town.submission(9, &[])]);
    let passed = town.spool(Host::Internet).join("pub.ctl/fetched").join(bundle_name(1, 1));
    wait_until("a publication passes", || passed.exists()).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(town.origins().len(), 1);
    assert_eq!(halts.all().len(), 1, "it is said once");
    town.stop(roles).await;

    let town = town.next_day();
    let outer = town.outer(any_port()).await;
    let peer = outer.addr.expect("it listens");
    let relay = town.relay(peer, Capitals::of(&town)).await;
    let halts = relay.halts();
    wait_until("it stops again after a start", || !halts.all().is_empty()).await;
    town.stop([outer, relay]).await;
    assert_eq!(town.origins().len(), 1);
}

/// Host, part and code of what L hears in the head of `in`.
fn heard(town: &Town) -> Vec<(Host, String, String)> {
    let Ok(head) = std::fs::read(town.spool(Host::Lgwan).join("in/head")) else {
        return Vec::new();
    };
    let head = Head::open(&head, Lane::In, town.keys(Host::Lgwan).set()).expect("signed by S");
    let troubles = head.lists.troubles.into_iter();
    troubles.map(|one| (one.host, one.part, one.code)).collect()
}

/// I21: L hears within a minute what I and S are in need of: what I says in its head goes
/// on in that of S, with what stopped at S itself, and is gone when it has passed.
#[tokio::test(flavor = "multi_thread")]
async fn the_staff_zone_hears_what_the_hosts_before_it_need() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    wait_until("the first arrived", || town.origins().len() == 1).await;
    raw.says(vec![Trouble {
        host: Host::Internet,
        stopped: false,
        part: "spool".to_owned(),
        code: "spool_full".to_owned(),
        detail: "97 % / 12 %".to_owned(),
    }]);
    let full = (Host::Internet, "spool".to_owned(), "spool_full".to_owned());
    wait_for(A_MINUTE, "I's need is heard", || heard(&town).contains(&full)).await;

    raw.forks();
    raw.send(&[town.submission(2, &[])]);
    let halted = (Host::Sanitizer, "lane raw".to_owned(), "halted".to_owned());
    wait_for(A_MINUTE, "S's halt is heard, and I's need is over", || {
        let heard = heard(&town);
        heard.contains(&halted) && !heard.contains(&full)
    })
    .await;
    town.stop(roles).await;
}

/// I21, IK-3.5.7b: the staff zone hears within a minute what servers A and B are in need of,
/// beside the generations; B is not told of A, and what has passed is said no longer.
#[tokio::test(flavor = "multi_thread")]
async fn the_staff_zone_hears_what_servers_a_and_b_need() {
    let town = Town::new();
    let drop_role = town.drop_role(any_port()).await;
    let export = town.export(drop_role.addr.expect("it listens")).await;
    let need = |detail: &str| Need {
        part: "disk".to_owned(),
        code: "spool_alarm",
        detail: detail.to_owned(),
        why: String::new(),
    };
    drop_role.halts().warn(need("81 % / 3 %"));
    export.halts().warn(need("82 % / 4 %"));
    let keys = town.keys(Host::Lgwan);
    let heard = || -> Vec<(Host, String, String)> {
        let said = server_a_says(&town.path("server-a"), keys.set());
        let troubles = said.map(|head| head.lists.troubles).unwrap_or_default();
        // The disk that the tests run on may be in need, too.
        let others = troubles.into_iter().filter(|one| one.part != "spool");
        others.map(|one| (one.host, one.code, one.detail)).collect()
    };
    let said = |host, detail: &str| (host, "spool_alarm".to_owned(), detail.to_owned());
    let (a, b) = (said(Host::ServerA, "82 % / 4 %"), said(Host::ServerB, "81 % / 3 %"));
    wait_for(A_MINUTE, "both are heard", || heard() == [a.clone(), b.clone()]).await;
    // What a mover would carry to B is the lane's own head.
    let to_b = std::fs::read(town.spool(Host::ServerA).join("exp/head")).expect("shown");
    let to_b = Head::open(&to_b, Lane::Exp, keys.set()).expect("signed by A");
    assert_eq!(to_b.lists.troubles, [], "A tells B nothing");

    // A generation whose name cannot travel is told of, too.
    let stuck = town.path("server-a/job/000001");
    std::fs::create_dir_all(&stuck).expect("made");
    std::fs::write(stuck.join("NUL"), b"x").expect("written");
    std::fs::write(stuck.join("data.end"), b"end=1\n").expect("written");
    let not_packed = (Host::ServerA, "not_packed".to_owned(), "job/000001".to_owned());
    wait_for(A_MINUTE, "it is told", || heard().contains(&not_packed)).await;
    std::fs::remove_file(stuck.join("NUL")).expect("ours");
    drop_role.halts().all_is_well("disk");
    wait_for(A_MINUTE, "both have passed", || heard() == [a.clone()]).await;
    town.stop([drop_role, export]).await;
}

/// I17, I21, IK-3.5.7b: an item that server A or B cannot read is kept as it came and told of, also
/// after a start, until an operator took it away; what comes after it goes its way.
#[tokio::test(flavor = "multi_thread")]
async fn what_servers_a_and_b_cannot_open_is_kept_and_told() {
    let town = Town::new();
    let lanes =
        [(Host::ServerA, Host::ServerB, Lane::Exp), (Host::ServerB, Host::ServerA, Lane::Exr)];
    for (from, _, lane) in lanes {
        let keys = town.keys(from);
        let unknown = seal_for(keys.set(), lane, "unknown", 1, b"of another age".as_slice());
        let mut bent = unknown.clone().expect("a key of the far end");
        bent.uuid = "bent".to_owned();
        Sender::open(&town, from, lane).send(&[unknown.expect("a key of the far end"), bent]);
    }
    let heard = || -> BTreeSet<(Host, String, String)> {
        let keys = town.keys(Host::Lgwan);
        let said = server_a_says(&town.path("server-a"), keys.set());
        let troubles = said.map(|head| head.lists.troubles).unwrap_or_default().into_iter();
        troubles
            .filter(|one| one.code == "unopened")
            .map(|one| (one.host, one.part, one.detail))
            .collect()
    };
    let told: BTreeSet<(Host, String, String)> = lanes
        .iter()
        .map(|(_, at, lane)| (*at, format!("lane {lane} unopened"), "2".to_owned()))
        .collect();
    let drop_role = town.drop_role(any_port()).await;
    let address = drop_role.addr.expect("it listens");
    let export = town.export(address).await;
    wait_for(A_MINUTE, "both are heard", || heard() == told).await;
    let kept = |at: Host, lane: Lane| town.spool(at).join(lane.word()).join("quarantine");
    for (_, at, lane) in lanes {
        let names = std::fs::read_dir(kept(at, lane)).expect("kept");
        assert_eq!(names.count(), 2, "sealed, as they came");
    }
    let next = town.path("server-a/job/000001");
    std::fs::create_dir_all(&next).expect("made");
    std::fs::write(next.join("data.end"), b"end=1\n").expect("written");
    let there = town.path("server-b/job/000001/data.end");
    wait_until("the next generation appears", || there.exists()).await;
    town.stop([drop_role, export]).await;

    let town = town.next_day();
    std::fs::remove_file(town.path("server-a/.server-a")).expect("said before");
    let drop_role = town.drop_role(address).await;
    let export = town.export(address).await;
    let heard = || {
        let keys = town.keys(Host::Lgwan);
        let said = server_a_says(&town.path("server-a"), keys.set());
        let troubles = said.map(|head| head.lists.troubles).unwrap_or_default().into_iter();
        troubles.filter(|one| one.code == "unopened").count()
    };
    wait_for(A_MINUTE, "it is told after a start", || heard() == 2).await;
    for (_, at, lane) in lanes {
        std::fs::remove_dir_all(town.spool(at).join(lane.word()).join("quarantine")).expect("ours");
    }
    wait_for(A_MINUTE, "it is over", || heard() == 0).await;
    town.stop([drop_role, export]).await;
}
