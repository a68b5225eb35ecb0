//! Hosts that die and come back.

use std::time::Duration;

use bridge_contract::place::{Host, Lane};
use bridge_spool::Identity;

use crate::town::{Capitals, Sender, Town, any_port, bundles, wait_until};

/// Waits until a role that was cut off lets go of its folders.
async fn free(town: &Town, host: Host, lane: Lane) {
    let set = town.keys(host).set().clone();
    let identity = Identity { tenant: set.tenant, environment: set.environment, lane };
    wait_until("the folders are free", || {
        bridge_spool::Inbox::open(&town.spool(host), &identity).is_ok()
            && bridge_spool::ReceiverSpool::open(&town.spool(host), &identity).is_ok()
    })
    .await;
}

/// I1, I4: a relay that dies between any two steps loses and doubles nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_dies_anywhere_crosses_everything_once() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(any_port()).await;
    let peer = outer.addr.expect("it listens");
    let mut expected = Vec::new();
    for round in 0..20_u64 {
        let numbers = (0..5).map(|number| u128::from(round * 5 + number));
        let items: Vec<_> = numbers.map(|number| town.submission(number, &[b"file"])).collect();
        raw.send(&items);
        expected.extend((0..5).map(|idx| (round + 1, idx)));
        let relay = town.relay(peer, Capitals::of(&town)).await;
        tokio::time::timeout(Duration::from_millis(4 * round), std::future::pending::<()>())
            .await
            .expect_err("nothing else happens");
        drop(relay);
        free(&town, Host::Sanitizer, Lane::Raw).await;
        free(&town, Host::Sanitizer, Lane::PubCtl).await;
        free(&town, Host::Sanitizer, Lane::PubDoc).await;
        let set = town.keys(Host::Sanitizer).set().clone();
        let lane = Lane::In;
        let identity = Identity { tenant: set.tenant, environment: set.environment, lane };
        wait_until("the lane is free", || {
            bridge_spool::SenderSpool::open(&town.spool(Host::Sanitizer), &identity).is_ok()
        })
        .await;
    }
    let relay = town.relay(peer, Capitals::of(&town)).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    wait_until("all arrived", || town.origins().len() >= expected.len()).await;
    town.stop([outer, relay, inner]).await;
    let origins: Vec<(u64, u32)> = town.origins().into_iter().map(|at| (at.seq, at.idx)).collect();
    assert_eq!(origins, expected);
}

/// A link that was cut heals by itself; nothing is asked for twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_peer_is_found_again() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(any_port()).await;
    let address = outer.addr.expect("it listens");
    let relay = town.relay(address, Capitals::of(&town)).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    raw.send(&[town.submission(1, &[])]);
    wait_until("the first arrived", || town.origins().len() == 1).await;

    drop(outer);
    raw.send(&[town.submission(2, &[])]);
    free(&town, Host::Internet, Lane::PubCtl).await;
    free(&town, Host::Internet, Lane::PubDoc).await;
    let outer = town.outer(address).await;
    wait_until("the second arrived", || town.origins().len() == 2).await;
    town.stop([outer, relay, inner]).await;
}

/// I14: a relay whose folder was emptied stops instead of using numbers twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_relay_whose_bundles_are_gone_does_not_start() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    raw.send(&[town.submission(1, &[])]);
    wait_until("it arrived", || town.origins().len() == 1).await;
    town.stop(roles).await;
    for file in std::fs::read_dir(town.spool(Host::Sanitizer).join("in/ready")).expect("there") {
        std::fs::remove_file(file.expect("readable").path()).expect("removed");
    }
    let again = town.try_relay(any_port(), any_port(), Capitals::of(&town)).await;
    let words = again.expect_err("it must not start").to_string();
    assert!(words.contains("an operator must decide"), "{words}");
    assert_eq!(bundles(&town.spool(Host::Sanitizer).join("in/ready")), Vec::<Vec<u8>>::new());
}
