//! What S keeps, and for how long.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::Path;
use std::time::{Duration, SystemTime};

use bridge_contract::bundle::{NewItem, bundle_name};
use bridge_contract::digest::Digest;
use bridge_contract::messages::{Held, Receipt, ToCitizen};
use bridge_contract::place::{Host, Lane};
use bridge_contract::seal;
use bridge_contract::wire::encode;

use crate::town::{Capitals, Sender, Town, any_port, wait_until};

/// A receipt of L for `raw`, with what it says beside it.
fn receipt(town: &Town, held: &[Held]) -> NewItem {
    let receipt = Receipt {
        lane: Lane::Raw,
        epoch: 1,
        stored_seq: 2,
        ingested_seq: 2,
        backup_seq: 2,
        head_hash: Digest::ZERO,
        missing: Vec::new(),
        quarantined: Vec::new(),
    };
    let keys = town.keys(Host::Lgwan);
    let message = ToCitizen::ArrivalReceipt(receipt);
    let item = seal::to_citizen(keys.set(), "receipt", &message).expect("a key for I");
    NewItem { stamp: encode(&held.to_vec()), ..item }
}

/// Names of the bundles below a folder.
pub(crate) fn bundles(folder: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(bundles(&path));
        } else if path.extension().is_some_and(|it| it == "kb") {
            found.insert(entry.file_name().into_string().expect("plain"));
        }
    }
    found
}

pub(crate) fn names(numbers: &[u64]) -> BTreeSet<String> {
    numbers.iter().map(|seq| bundle_name(1, *seq)).collect()
}

/// Makes all bundles below a folder old.
pub(crate) fn age(folder: &Path) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            age(&path);
        } else if path.extension().is_some_and(|it| it == "kb") {
            let file = File::options().write(true).open(path);
            file.and_then(|file| file.set_modified(old)).expect("its time can be set");
        }
    }
}

/// I13, I4: S forgets a sealed original once L has taken it in, and what it sent to L
/// once two backups of L hold it and it is old enough; never the newest, never what L
/// did not name. A relay that dies afterwards goes on with the next number.
#[tokio::test(flavor = "multi_thread")]
async fn the_relay_forgets_what_l_has_and_nothing_else() {
    let town = Town::new();
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    let outer = town.outer(any_port()).await;
    let relay = town.relay(outer.addr.expect("it listens"), Capitals::of(&town)).await;
    let inner = town.inner(relay.addr.expect("it listens")).await;
    let here = town.spool(Host::Sanitizer);
    for number in 1..=4 {
        raw.send(&[town.submission(number, &[])]);
        let done = usize::try_from(number).expect("small");
        wait_until("it is worked off", || bundles(&here.join("raw/done")).len() == done).await;
    }
    wait_until("all arrived", || town.origins().len() == 4).await;
    assert_eq!(bundles(&here.join("in/ready")), names(&[1, 2, 3, 4]));
    // The second is young, the others are old.
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for seq in [1, 3, 4] {
        let file =
            File::options().write(true).open(here.join("in/ready").join(bundle_name(1, seq)));
        file.and_then(|file| file.set_modified(old)).expect("its time can be set");
    }

    let held = |lane, ingested, kept| Held { lane, epoch: 1, ingested, kept };
    let mut back = Sender::open(&town, Host::Lgwan, Lane::PubCtl);
    back.send(&[receipt(&town, &[held(Lane::Raw, 3, 0), held(Lane::In, 4, 3)])]);
    wait_until("the originals are gone", || bundles(&here.join("raw/done")) == names(&[4])).await;
    wait_until("the old ones are gone", || bundles(&here.join("in")) == names(&[2, 4])).await;
    assert_eq!(bundles(&here.join("in/ready")), names(&[]), "what L has is out of the way");

    town.stop([outer, relay, inner]).await;
    let town = town.next_day();
    let roles = town.three_hosts(Capitals::of(&town)).await;
    raw.send(&[town.submission(5, &[])]);
    wait_until("the next arrived", || town.origins().len() == 5).await;
    assert_eq!(bundles(&here.join("in")), names(&[2, 4, 5]));
    town.stop(roles).await;
}
