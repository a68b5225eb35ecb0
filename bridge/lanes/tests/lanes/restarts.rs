//! Stops between any two steps.

use std::time::Duration;

use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_lanes::{LaneFault, receive, send, status};
use platform_service::shutdown::Shutdown;
use platform_testkit::on_both_databases;

use crate::town::{Keeping, Town, deliver_all, shown};

/// Lets a task run for a while, then drops it where it stands.
async fn cut<T>(task: impl Future<Output = T>, micros: u64) {
    let _ = tokio::time::timeout(Duration::from_micros(micros), task).await;
}

on_both_databases!(
    /// I1, I4, I5: a sender that dies between any two steps sends every item
    /// once, and never two files with one number.
    a_sender_that_dies_anywhere_sends_everything_once,
    |url: String| async move {
        let town = Town::open(url);
        let mut said = Vec::new();
        for round in 0..40_u64 {
            for number in 0..3 {
                said.push(format!("{round:02}-{number}"));
            }
            town.publish_at_once(said[said.len() - 3..].to_vec()).await;
            let setup = town.sender_setup(&town.l, Lane::PubCtl, Shutdown::new());
            cut(send(setup), 200 + round * 300).await;
            town.l
                .wait_until("the lock is free", async |zone| {
                    bridge_spool::SenderSpool::open(&zone.spool, &zone.identity(Lane::PubCtl)).is_ok()
                })
                .await;
        }
        town.send_all(&town.l, Lane::PubCtl).await;
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("all is in", async |zone| zone.seen().await.len() == said.len()).await;
        receiver.stop().await.expect("a clean stop");
        let seen: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(seen, said);
    }
);

on_both_databases!(
    /// I1, I3: a receiver that dies between any two steps takes everything in once.
    a_receiver_that_dies_anywhere_takes_everything_in_once,
    |url: String| async move {
        let town = Town::open(url);
        let mut said = Vec::new();
        for number in 0..30 {
            said.push(format!("{number:02}"));
            town.publish(&[&said[number]]).await;
            town.send_all(&town.l, Lane::PubCtl).await;
        }
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        for round in 0..60_u64 {
            let setup = town.receiver_setup(&town.i, Lane::PubCtl, Shutdown::new());
            cut(receive(setup, Keeping::<ToCitizen>::new(&town.keep)), 200 + round * 150).await;
            town.i
                .wait_until("the lock is free", async |zone| {
                    bridge_spool::Inbox::open(&zone.spool, &zone.identity(Lane::PubCtl)).is_ok()
                })
                .await;
        }
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("all is in", async |zone| zone.seen().await.len() == 30).await;
        receiver.stop().await.expect("a clean stop");
        let seen: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(seen, said);
        assert_eq!(town.i.read(status::status).await.receiving[0].seq, 30);
    }
);

on_both_databases!(
    /// I5: what the folder lost is rebuilt from the database, byte for byte,
    /// even without the key that signed it.
    lost_files_are_rebuilt_byte_for_byte,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a", "b"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        town.publish(&["c"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let before = shown(&town.l, Lane::PubCtl);
        for name in std::fs::read_dir(town.l.spool.join("pub.ctl/ready")).expect("readable") {
            std::fs::remove_file(name.expect("readable").path()).expect("removed");
        }
        let mut setup = town.sender_setup(&town.l, Lane::PubCtl, Shutdown::new());
        setup.key = bridge_contract::keys::SigningKey::generate().0.into();
        let shutdown = setup.shutdown.clone();
        let sender = tokio::spawn(send(setup));
        town.l
            .wait_until("the files are back", async |zone| {
                shown(zone, Lane::PubCtl).len() == before.len()
            })
            .await;
        shutdown.trigger();
        sender.await.expect("no panic").expect("a clean stop");
        assert_eq!(shown(&town.l, Lane::PubCtl), before);
    }
);

on_both_databases!(
    /// I14: whoever gives numbers waits until the database is known to be no older one; where it is one,
    /// the sender leaves that to whoever goes behind the numbers.
    the_gate_opens_to_a_database_that_was_not_set_back,
    |url: String| async move {
        let town = Town::open(url);
        let stop = Shutdown::new();
        let setup = town.sender_setup(&town.l, Lane::PubCtl, stop.clone());
        let gate = setup.gate.clone();
        assert!(!gate.is_open());
        let sender = tokio::spawn(send(setup));
        gate.wait().await;
        stop.trigger();
        sender.await.expect("no panic").expect("a clean stop");

        town.publish(&["a"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let file = shown(&town.l, Lane::PubCtl).remove(0).1;
        let spool =
            bridge_spool::SenderSpool::open(&town.l.spool, &town.l.identity(Lane::PubCtl));
        spool.expect("free").publish(1, 2, &file).expect("a bundle the database never heard of");
        let setup = town.sender_setup(&town.l, Lane::PubCtl, Shutdown::new());
        let gate = setup.gate.clone();
        let ended = send(setup).await;
        assert!(matches!(ended, Err(LaneFault::AheadOfDatabase { .. })), "{ended:?}");
        assert!(!gate.is_open());
    }
);

on_both_databases!(
    /// I14, I16: a database that was set back halts the lane instead of using
    /// a number twice.
    a_restored_database_halts_its_lane,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let file = shown(&town.l, Lane::PubCtl).remove(0).1;
        let spool =
            bridge_spool::SenderSpool::open(&town.l.spool, &town.l.identity(Lane::PubCtl));
        spool.expect("free").publish(1, 2, &file).expect("a bundle the database never heard of");

        town.publish(&["b"]).await;
        let ended = town.start_sender(&town.l, Lane::PubCtl).ended().await;
        assert!(
            matches!(ended, Err(LaneFault::AheadOfDatabase { spool: (1, 2), database: (1, 1), .. })),
            "{ended:?}"
        );
    }
);
