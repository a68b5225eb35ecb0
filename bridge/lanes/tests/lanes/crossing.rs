//! The undisturbed way.

use bridge_contract::head::Head;
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_lanes::{FromCitizen, send, status};
use jiff::SignedDuration;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_testkit::on_both_databases;

use crate::town::{Town, deliver_all, shown, waiting};

on_both_databases!(
    /// NN-18, I1, I3: everything put into the outbox arrives once and in order,
    /// and the watermark counts the bundles.
    everything_arrives_once_and_in_order,
    |url: String| async move {
        let town = Town::open(url);
        let said: Vec<String> = (0..600).map(|number| format!("{number:04}")).collect();
        town.publish_at_once(said.clone()).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        let bundles = shown(&town.l, Lane::PubCtl).len() as u64;
        assert_eq!(bundles, 3, "256 + 256 + 88 items");

        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("all is in", async |zone| zone.seen().await.len() == 600).await;
        receiver.stop().await.expect("a clean stop");

        let seen: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(seen, said);
        let lanes = town.i.read(status::status).await;
        assert_eq!(lanes.receiving[0].seq, bundles);
        assert_eq!(town.i.read(|db| status::received(db, Lane::PubCtl, 9)).await.len(), 3);
    }
);

on_both_databases!(
    /// I6: the sender learns what the far database has, from the far database.
    a_receipt_comes_back_and_settles_the_bundles,
    |url: String| async move {
        let town = Town::open(url);
        town.publish(&["a", "b"]).await;
        town.send_all(&town.l, Lane::PubCtl).await;
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("all is in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");

        // The receipt is an item on `raw`; the relay's part is played by hand.
        assert!(town.i.read(|db| waiting(db, Lane::Raw)).await >= 1);
        town.send_all(&town.i, Lane::Raw).await;
        crate::trouble::relay(&town, &[]);
        let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
        town.l
            .wait_until("the bundles are settled", async |zone| {
                let sent = zone.read(|db| status::sent(db, Lane::PubCtl, 9)).await;
                sent.iter().all(|bundle| bundle.state == "ingested")
            })
            .await;
        receiver.stop().await.expect("a clean stop");

        // Receipts only: nothing is answered, or two idle zones never rest.
        assert_eq!(town.l.read(|db| waiting(db, Lane::PubCtl)).await, 0);
        let lanes = town.l.read(status::status).await;
        let control = lanes.sending.iter().find(|lane| lane.lane == Lane::PubCtl).expect("sent");
        assert_eq!((control.waiting, control.unconfirmed), (0, 0));
    }
);

on_both_databases!(
    /// NS-2: the bytes that wait are counted, and of what was sent, what the far end set aside is told
    /// apart by its receipt: what was taken in is no copy of what was sent.
    what_the_far_end_set_aside_is_told_apart,
    |url: String| async move {
        let town = Town::open(url);
        town.keep.poison.lock().expect("whole").push("id-b".to_owned());
        town.publish_at_once(vec!["a".into(), "b".into(), "c".into()]).await;
        let control = async || {
            let lanes = town.l.read(status::status).await;
            lanes.sending.into_iter().find(|lane| lane.lane == Lane::PubCtl).expect("sent")
        };
        let before = control().await;
        assert!(before.waiting == 3 && before.bytes > 0, "{before:?}");
        town.send_all(&town.l, Lane::PubCtl).await;
        let sent = control().await;
        assert_eq!((sent.waiting, sent.unconfirmed, sent.bytes), (0, 3, before.bytes));
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("the others are in", async |zone| zone.seen().await.len() == 2).await;
        receiver.stop().await.expect("a clean stop");

        town.send_all(&town.i, Lane::Raw).await;
        crate::trouble::relay(&town, &[]);
        let receiver = town.start_receiver::<FromCitizen>(&town.l, Lane::In);
        town.l
            .wait_until("the bundle is settled", async |zone| {
                let sent = zone.read(|db| status::sent(db, Lane::PubCtl, 9)).await;
                sent.iter().all(|bundle| bundle.state == "ingested")
            })
            .await;
        receiver.stop().await.expect("a clean stop");
        let sent = town.l.read(|db| status::sent(db, Lane::PubCtl, 9)).await;
        assert_eq!((sent[0].items, sent[0].set_aside), (3, 1));
        let settled = control().await;
        assert_eq!((settled.unconfirmed, settled.bytes, settled.set_aside), (0, 0, 1));
    }
);

on_both_databases!(
    /// I15, NS-2: a clock that somebody set back at the sender changes nothing of the order, and the
    /// bundle that was made then is marked, also where it is the last of a page.
    a_clock_that_was_set_back_is_marked,
    |url: String| async move {
        let town = Town::open(url);
        for (said, seconds) in [("a", -60), ("b", 120), ("c", 0)] {
            town.publish(&[said]).await;
            town.send_all(&town.l, Lane::PubCtl).await;
            town.clock.advance(SignedDuration::from_secs(seconds));
        }
        deliver_all(&town.l, &town.i, Lane::PubCtl);
        let receiver = town.start_receiver::<ToCitizen>(&town.i, Lane::PubCtl);
        town.i.wait_until("all is in", async |zone| zone.seen().await.len() == 3).await;
        receiver.stop().await.expect("a clean stop");
        let seen: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(seen, ["a", "b", "c"]);
        for (limit, marked) in [(9, [false, true, false].as_slice()), (2, [false, true].as_slice())] {
            let received =
                town.i.read(move |db| status::received(db, Lane::PubCtl, limit)).await;
            let back: Vec<bool> = received.iter().map(|bundle| bundle.clock_back).collect();
            assert_eq!(back, marked);
        }
    }
);

on_both_databases!(
    /// I21: the head of a lane that leads inward says what this zone is in need of, and the
    /// lane that leads outward says nothing of the staff zone.
    a_head_that_leads_inward_tells_of_its_zone,
    |url: String| async move {
        let town = Town::open(url);
        let halts = Halts::default();
        halts.warn(Need {
            part: "spool".to_owned(),
            code: "spool_full",
            detail: "97 % / 12 %".to_owned(),
            why: String::new(),
        });
        for (zone, lane, tells) in
            [(&town.i, Lane::Raw, Some(halts.clone())), (&town.l, Lane::PubCtl, None)]
        {
            let shutdown = Shutdown::new();
            let mut setup = town.sender_setup(zone, lane, shutdown.clone());
            let told = usize::from(tells.is_some());
            setup.tells = tells;
            let task = tokio::spawn(send(setup));
            let path = zone.spool.join(lane.word()).join("head");
            zone.wait_until("the head is shown", async |_| path.exists()).await;
            let head = std::fs::read(&path).expect("shown");
            let head = Head::open(&head, lane, zone.keys.set()).expect("signed");
            assert_eq!(head.lists.troubles.len(), told, "{lane}");
            shutdown.trigger();
            task.await.expect("no panic").expect("a clean stop");
        }
    }
);

on_both_databases!(
    /// A sender that is idle sends a single item at once, in a bundle of its own.
    an_idle_lane_sends_one_item_at_once,
    |url: String| async move {
        let town = Town::open(url);
        let sender = town.start_sender(&town.l, Lane::PubCtl);
        for (count, said) in ["a", "b", "c"].iter().enumerate() {
            town.publish(&[said]).await;
            town.l
                .wait_until("the file is there", async |zone| {
                    zone.spool.join("pub.ctl/ready").exists()
                        && shown(zone, Lane::PubCtl).len() == count + 1
                })
                .await;
        }
        sender.stop().await.expect("a clean stop");
    }
);
