//! A mover that duplicates, reorders, truncates, changes and forges.

use std::io::Write as _;

use bridge_contract::bundle::{Draft, NewItem, Signer, build};
use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use platform_testkit::on_both_databases;

use crate::town::{Town, Zone, deliver, drop_file, shown};

/// A bundle signed by a key that is not in the key set.
pub(crate) fn forged(town: &Town, seq: u64, prev: Digest) -> Vec<u8> {
    let set = town.l.keys.set();
    let signer = Signer {
        tenant: set.tenant,
        environment: set.environment,
        key_set_version: 1,
        key: &SigningKey::generate().0,
    };
    let draft = Draft { lane: Lane::PubCtl, epoch: 1, seq, prev, at: town.clock.now() };
    let item: NewItem = town.item("forged", "forged");
    build(&draft, &[item], &signer).bytes
}

on_both_databases!(
    /// NN-18, I1, I2, I17: a mover that breaks everything delays, but loses,
    /// doubles and adds nothing.
    a_hostile_mover_changes_nothing,
    |url: String| async move {
        let town = Town::open(url);
        for said in ["a", "b", "c"] {
            town.publish(&[said]).await;
            town.send_all(&town.l, Lane::PubCtl).await;
        }
        let files = shown(&town.l, Lane::PubCtl);
        assert_eq!(files.len(), 3);
        let good = |index: usize| (files[index].0, files[index].1.as_slice());
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        let (lane, zone) = (Lane::PubCtl, &town.i);
        let gone = async |seq| {
            let path = zone.spool.join(format!("pub.ctl/fetched/e1-{seq:016}.kb"));
            zone.wait_until("the file was looked at", async |_| !path.exists()).await;
        };

        // Out of order: the third waits for the first two.
        deliver(zone, lane, good(2).0, good(2).1);
        // Truncated, changed, forged, and under another's name.
        drop_file(zone, lane, (1, 1), &good(0).1[..100]);
        gone(1).await;
        let mut changed = good(0).1.to_vec();
        let last = changed.len() - 1;
        changed[last] ^= 1;
        drop_file(zone, lane, (1, 1), &changed);
        gone(1).await;
        drop_file(zone, lane, (1, 1), &forged(&town, 1, Digest::ZERO));
        gone(1).await;
        drop_file(zone, lane, (1, 1), good(1).1);
        gone(1).await;
        assert_eq!(zone.seen().await, [], "nothing was taken in");

        deliver(zone, lane, good(0).0, good(0).1);
        gone(1).await;
        // Again the first, and forged again after it was taken in.
        drop_file(zone, lane, (1, 1), good(0).1);
        gone(1).await;
        drop_file(zone, lane, (1, 1), &forged(&town, 1, Digest::ZERO));
        gone(1).await;
        deliver(zone, lane, good(1).0, good(1).1);
        zone.wait_until("all is in", async |zone| zone.seen().await.len() == 3).await;
        receiver.stop().await.expect("a clean stop");

        let said: Vec<String> = zone.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(said, ["a", "b", "c"]);
        let rejected = std::fs::read_dir(zone.spool.join("pub.ctl/rejected")).expect("readable");
        assert_eq!(rejected.count(), 5);
    }
);

/// Copies a file as a share does that cannot rename: under its last name, in pieces, for longer
/// than a file may stay as it is. With its size first, as some do.
async fn copy_slowly(zone: &Zone, seq: u64, bytes: &[u8], size_first: bool) {
    let path = zone.spool.join(format!("pub.ctl/fetched/e1-{seq:016}.kb"));
    let mut file = std::fs::File::create(path).expect("made");
    if size_first {
        file.set_len(bytes.len() as u64).expect("reserved");
    }
    for piece in bytes.chunks(bytes.len().div_ceil(10)) {
        file.write_all(piece).expect("written");
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
}

on_both_databases!(
    /// I17, NN-18: a bundle that is still being copied is waited for, not refused; what stays half
    /// is set aside, and comes again.
    a_bundle_that_is_still_copied_is_waited_for,
    |url: String| async move {
        let town = Town::open(url);
        for said in ["a", "b", "c"] {
            town.publish(&[said]).await;
            town.send_all(&town.l, Lane::PubCtl).await;
        }
        let files = shown(&town.l, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        let (lane, zone) = (Lane::PubCtl, &town.i);
        let rejected = || {
            let names = std::fs::read_dir(zone.spool.join("pub.ctl/rejected"));
            names.map_or(0, Iterator::count)
        };
        // Its folder is there when it has looked once.
        zone.wait_until("it runs", async |zone| zone.spool.join("pub.ctl/fetched").exists()).await;
        for (seq, size_first) in [(1, false), (2, true)] {
            copy_slowly(zone, seq, &files[usize::from(size_first)].1, size_first).await;
            let count = usize::from(size_first) + 1;
            zone.wait_until("it is in", async |zone| zone.seen().await.len() == count).await;
        }
        assert_eq!(rejected(), 0, "nothing was taken away from who copies");

        drop_file(zone, lane, (1, 3), &files[2].1[..files[2].1.len() / 2]);
        zone.wait_until("what stays half is set aside", async |_| rejected() == 1).await;
        deliver(zone, lane, (1, 3), &files[2].1);
        zone.wait_until("it is in", async |zone| zone.seen().await.len() == 3).await;
        receiver.stop().await.expect("a clean stop");
    }
);
