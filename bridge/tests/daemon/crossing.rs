//! I → S → L and back.

use bridge_contract::messages::{HoldReason, InItem, Outcome, Position, ToStaff};
use bridge_contract::place::{Host, Lane};

use crate::town::{Capitals, Sender, Town, bundles, wait_until};

fn outcomes(item: &InItem) -> Vec<Result<Vec<u8>, HoldReason>> {
    let InItem::Sanitized(item) = item else { panic!("it was readable") };
    let mut parts = item.parts.iter();
    item.verdicts
        .iter()
        .map(|verdict| match &verdict.outcome {
            Outcome::Rebuilt(_) => Ok(parts.next().expect("a file").bytes.clone()),
            Outcome::Held(reason) => Err(*reason),
        })
        .collect()
}

/// NF-32, I1: every application arrives once and in order; its files were
/// rebuilt, or are held with a reason, and never come through as they were.
#[tokio::test(flavor = "multi_thread")]
async fn applications_arrive_with_rebuilt_files() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    raw.send(&[
        town.submission(1, &[]),
        town.submission(2, &[b"hello", b"slow", b"crash", b"liar", b"world"]),
    ]);
    raw.send(&[town.submission(3, &[])]);
    wait_until("three arrived", || town.origins().len() == 3).await;
    town.stop(roles).await;

    let at = |seq, idx| Position { epoch: 1, seq, idx };
    assert_eq!(town.origins(), [at(1, 0), at(1, 1), at(2, 0)]);
    let items: Vec<InItem> = town.arrived().into_iter().flatten().collect();
    assert_eq!(
        outcomes(&items[1]),
        [
            Ok(b"HELLO".to_vec()),
            Err(HoldReason::Timeout),
            Err(HoldReason::WorkerFault),
            Err(HoldReason::WorkerFault),
            Ok(b"WORLD".to_vec()),
        ]
    );
    let keys: Vec<_> = town.keys(Host::Lgwan).set().verdict_keys().collect();
    for item in items {
        let InItem::Sanitized(item) = item else { panic!("it was readable") };
        assert!(matches!(item.checked(&keys), Ok(ToStaff::Submission(_))));
    }
}

/// I17: a raw item that cannot be opened or read, and one whose treatment
/// panics, are set aside; those around them arrive.
#[tokio::test(flavor = "multi_thread")]
async fn one_bad_item_never_stops_the_lane() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    let mut changed = town.submission(2, &[]);
    changed.sealed[300] ^= 1;
    let set = town.keys(Host::Internet).set().clone();
    let nonsense = bridge_contract::seal::seal_for(&set, Lane::Raw, "x", 2, b"nonsense");
    raw.send(&[
        town.submission(1, &[]),
        changed,
        nonsense.expect("a key"),
        town.submission(4, &[]),
    ]);
    raw.send(&[town.submission(5, &[])]);
    wait_until("five arrived", || town.origins().len() == 5).await;
    town.stop(roles).await;

    let readable: Vec<bool> = town
        .arrived()
        .into_iter()
        .flatten()
        .map(|item| matches!(item, InItem::Sanitized(_)))
        .collect();
    assert_eq!(readable, [true, false, false, true, true]);
}

/// A sanitizer that panics costs its application the files, never the lane.
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_in_the_treatment_does_not_lose_the_application() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    raw.send(&[town.submission(1, &[b"panic"]), town.submission(2, &[b"fine"])]);
    wait_until("both arrived", || town.origins().len() == 2).await;
    town.stop(roles).await;
    let items: Vec<InItem> = town.arrived().into_iter().flatten().collect();
    assert_eq!(outcomes(&items[0]), [Err(HoldReason::WorkerFault)]);
    assert_eq!(outcomes(&items[1]), [Ok(b"FINE".to_vec())]);
}

/// NN-18: publications pass S closed, byte for byte, and arrive in order.
#[tokio::test(flavor = "multi_thread")]
async fn publications_pass_through_unopened() {
    let town = Town::new();
    let mut control = Sender::open(&town, Host::Lgwan, Lane::PubCtl);
    let mut documents = Sender::open(&town, Host::Lgwan, Lane::PubDoc);
    let item = |uuid: &str| bridge_contract::bundle::NewItem {
        uuid: uuid.to_owned(),
        kind: 4,
        stamp: Vec::new(),
        sealed: vec![7; 5_000_000],
    };
    control.send(&[item("before")]);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    control.send(&[item("after")]);
    documents.send(&[item("a"), item("b"), item("c")]);
    let at = |host, folder: &str| bundles(&town.spool(host).join(folder));
    wait_until("all arrived", || {
        at(Host::Internet, "pub.ctl/fetched").len() == 2
            && at(Host::Internet, "pub.doc/fetched").len() == 1
    })
    .await;
    wait_until("S is done with them", || at(Host::Sanitizer, "pub.ctl/fetched").is_empty()).await;
    town.stop(roles).await;
    assert_eq!(at(Host::Internet, "pub.ctl/fetched"), at(Host::Lgwan, "pub.ctl/ready"));
    assert_eq!(at(Host::Internet, "pub.doc/fetched"), at(Host::Lgwan, "pub.doc/ready"));
}
