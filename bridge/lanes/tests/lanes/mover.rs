//! A mover that duplicates, reorders, truncates, changes and forges.

use bridge_contract::bundle::{Draft, NewItem, Signer, build};
use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use platform_testkit::on_both_databases;

use crate::town::{Town, deliver, drop_file, shown};

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
