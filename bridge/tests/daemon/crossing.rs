//! I → S → L and back.

use bridge_contract::ids::ApplicationId;
use bridge_contract::messages::{HoldReason, InItem, Outcome, Position, ToStaff, Withdrawal};
use bridge_contract::place::{Host, Lane};

use crate::town::{Capitals, Sender, Town, any_port, bundles, wait_until};

fn outcomes(item: &InItem) -> Vec<Result<Vec<u8>, HoldReason>> {
    let InItem::Sanitized(item) = item else { panic!("it was readable") };
    let mut parts = item.parts.iter();
    item.verdicts
        .iter()
        .map(|verdict| match &verdict.outcome {
            Outcome::Rebuilt(_) => Ok(parts.next().expect("a file").bytes.clone()),
            Outcome::Held(reason) => Err(*reason),
            Outcome::Infected(_) => Err(HoldReason::ScannerHit),
        })
        .collect()
}

/// NF-32, I1: every application arrives once; its files were
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
    let items: Vec<InItem> = town.items();
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

/// I1: a file that takes long holds up only its own application; what a
/// person does to that application waits for it, and a relay that dies meanwhile
/// treats it again.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_file_holds_up_only_its_own_application() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(any_port()).await;
    let peer = outer.addr.expect("it listens");
    let relay = town.relay(peer, Capitals::of(&town)).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    raw.send(&[town.submission(1, &[b"wait"]), town.submission(2, &[b"two"])]);
    raw.send(&[reseal(&town, "again", 1), town.submission(3, &[])]);
    let at = |seq, idx| Position { epoch: 1, seq, idx };
    wait_until("those behind it arrived", || town.origins().len() == 2).await;
    assert_eq!(town.origins(), [at(1, 1), at(2, 1)]);
    // The relay dies with the slow one in work.
    town.stop([outer, relay, inner]).await;
    let town = town.next_day();
    let outer = town.outer(any_port()).await;
    let capitals = Capitals::of(&town);
    capitals.released.store(true, std::sync::atomic::Ordering::SeqCst);
    let relay = town.relay(outer.addr.expect("it listens"), capitals).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    wait_until("all arrived", || town.origins().len() == 4).await;
    let order: Vec<Position> =
        town.arrived().into_iter().flatten().map(|item| item.origin().at).collect();
    let place = |wanted| order.iter().position(|one| *one == wanted);
    assert!(place(at(1, 0)) < place(at(2, 0)), "one application stays in order: {order:?}");
    assert_eq!(outcomes(&town.items()[0]), [Ok(b"WAITED".to_vec())]);
    town.stop([outer, relay, inner]).await;
}

/// A further message about application `number`.
fn reseal(town: &Town, uuid: &str, number: u128) -> bridge_contract::bundle::NewItem {
    let message = ToStaff::Withdrawal(Withdrawal {
        application_id: ApplicationId::from_bits(number),
        reason: String::new(),
    });
    let keys = town.keys(Host::Internet);
    bridge_contract::seal::to_staff(keys.set(), uuid, &message, vec![]).expect("a key for S")
}

/// NF-32, I10: a large file travels on a lane of its own, under the digest that the
/// signed verdict names; small ones stay with their application.
#[tokio::test(flavor = "multi_thread")]
async fn a_large_file_travels_apart_from_its_application() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let roles = town.three_hosts(Capitals::of(&town)).await;
    let large = vec![b'x'; 200_000];
    raw.send(&[town.submission(1, &[b"small", &large]), town.submission(2, &[b"other"])]);
    wait_until("all arrived", || town.origins().len() == 2 && town.bulk().len() == 1).await;
    town.stop(roles).await;

    let items = town.items();
    let InItem::Split(split) = &items[0] else { panic!("its large file travels apart") };
    assert!(matches!(items[1], InItem::Sanitized(_)));
    assert_eq!(split.item.parts.len(), 1);
    let keys: Vec<_> = town.keys(Host::Lgwan).set().verdict_keys().collect();
    assert!(matches!(split.checked(&keys), Ok(ToStaff::Submission(_))));
    let part = town.bulk().remove(0);
    assert_eq!(split.bulk, std::slice::from_ref(&part.attachment_id));
    let whole = split.clone().complete(|_| Some(part.bytes.clone())).expect("its digest is named");
    assert!(whole.checked(&keys).is_ok());
    assert_eq!(whole.parts[1].bytes, large.to_ascii_uppercase());
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
    let nonsense = bridge_contract::seal::seal_for(&set, Lane::Raw, "x", 2, b"nonsense".as_slice());
    raw.send(&[
        town.submission(1, &[]),
        changed,
        nonsense.expect("a key"),
        town.submission(4, &[]),
    ]);
    raw.send(&[town.submission(5, &[])]);
    wait_until("five arrived", || town.origins().len() == 5).await;
    town.stop(roles).await;

    let readable: Vec<bool> =
        town.items().into_iter().map(|item| matches!(item, InItem::Sanitized(_))).collect();
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
    let items: Vec<InItem> = town.items();
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
