//! Lanes without a way back: no connection, no receipt, nothing but a mover that
//! carries files in one direction, badly.

use bridge_contract::digest::Digest;
use bridge_contract::messages::ToCitizen;
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_spool::{ReceiverSpool, missing};
use platform_testkit::on_both_databases;

use crate::mover::forged;
use crate::release::order;
use crate::town::{Town, drop_file, shown};

const LANE: Lane = Lane::PubCtl;
const BUNDLES: u64 = 12;

/// Determines what the mover does next.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963);
        (self.0 >> 33) % sides
    }
}

/// Carries the sender's head, as any file.
fn carry_head(town: &Town) {
    drop(ReceiverSpool::open(&town.i.spool, &town.i.identity(LANE)).expect("free"));
    let name = format!("{LANE}/head");
    std::fs::copy(town.l.spool.join(&name), town.i.spool.join(&name)).expect("copied");
}

fn wanted(town: &Town) -> Option<Request> {
    missing(&town.i.spool, LANE, town.i.keys.set()).expect("readable")
}

/// Carries bundles once, in any order: some not at all, some twice, torn, bent, or
/// under another's name, and some that nobody signed.
fn carry(town: &Town, wanted: &Request, dice: &mut Dice) {
    let mut files = shown(&town.l, LANE);
    files.retain(|(at, _)| wanted.asks_for(*at));
    for place in (1..files.len()).rev() {
        files.swap(place, usize::try_from(dice.below(place as u64 + 1)).expect("small"));
    }
    for (at, bytes) in files {
        let mut bent = bytes.clone();
        let place = usize::try_from(dice.below(bytes.len() as u64)).expect("small");
        bent[place] ^= 1;
        let drop_one = |at, bytes: &[u8]| drop_file(&town.i, LANE, at, bytes);
        match dice.below(8) {
            0 | 1 => {}
            2 => drop_one(at, &bytes[..place]),
            3 => drop_one(at, &bent),
            4 => drop_one(at, &forged(town, at.1, Digest::ZERO)),
            5 => drop_one((at.0, at.1 % BUNDLES + 1), &bytes),
            6 => {
                drop_one(at, &bytes);
                drop_one(at, &bytes);
            }
            _ => drop_one(at, &bytes),
        }
    }
}

on_both_databases!(
    /// NN-18, I1, I2, I4, I17, I21: with no way back, what a mover loses, tears, bends or
    /// forges is asked for with a code that an operator types at the sending end; in the
    /// end everything is there once and in order.
    what_a_mover_loses_is_asked_for_with_a_code,
    |url: String| async move {
        let town = Town::open(url);
        assert_eq!(wanted(&town), None, "nobody has said anything");
        let sender = town.start_sender(&town.l, LANE);
        let said: Vec<String> = (1..=BUNDLES).map(|number| format!("{number:02}")).collect();
        for (words, count) in said.iter().zip(1..) {
            town.publish(&[words]).await;
            town.l
                .wait_until("it is shown", async |zone| {
                    let begun = zone.spool.join("pub.ctl/ready").exists();
                    begun && shown(zone, LANE).len() == count
                })
                .await;
        }
        sender.stop().await.expect("a clean stop");
        // What a sender says after a start names everything, too.
        let sender = town.start_sender(&town.l, LANE);
        town.l.wait_until("a head of this start is shown", async |_| {
            carry_head(&town);
            wanted(&town).is_some_and(|wanted| wanted.count() == BUNDLES)
        })
        .await;
        drop_file(&town.i, LANE, (1, 1), &forged(&town, 1, Digest::ZERO));
        let first = wanted(&town).expect("all of it");
        assert_eq!(first.ranges, [(1, BUNDLES)], "what the head does not list is not here");

        let receiver = town.start_receiver::<ToCitizen>(&town.i, LANE);
        let mut dice = Dice(7);
        let mut wanted_now = Some(first);
        let mut codes = 0;
        while let Some(request) = wanted_now {
            carry(&town, &request, &mut dice);
            carry_head(&town);
            let next = |zone: &crate::town::Zone| {
                let ingested = std::fs::read_to_string(zone.spool.join("pub.ctl/ingested"));
                let text = ingested.unwrap_or_default();
                text.split(' ').nth(1).and_then(|seq| seq.parse::<u64>().ok()).unwrap_or(0) + 1
            };
            town.i.wait_until("what came in order was looked at", async |zone| {
                let waits = |seq| zone.spool.join(format!("pub.ctl/fetched/e1-{seq:016}.kb"));
                (1..=next(zone)).all(|seq| !waits(seq).exists())
            })
            .await;
            // What lies behind the next one may be bent, and is asked for once it was looked at.
            wanted_now = loop {
                town.i
                    .wait_until("something is missing or all is in", async |zone| {
                        wanted(&town).is_some() || zone.seen().await.len() as u64 == BUNDLES
                    })
                    .await;
                let now = wanted(&town);
                if now.is_some() || town.i.seen().await.len() as u64 == BUNDLES {
                    break now;
                }
            };
            while let Some(request) = &wanted_now {
                let lanes = order(&town, &town.i, "lanes").await.expect("readable");
                if lanes.contains(&format!("replay --code {}", request.code())) {
                    break;
                }
                // The receiver counted on between the two looks.
                let later = wanted(&town);
                assert_ne!(later, wanted_now, "{lanes}");
                wanted_now = later;
            }
            if let Some(request) = &wanted_now {
                let line = format!("replay --code {}", request.code());
                let said = order(&town, &town.l, &line).await.expect("sent from here");
                assert!(said.contains(&request.words()), "{said}");
            }
            codes += 1;
            assert!(codes < 60, "still missing: {wanted_now:?}");
        }
        assert!(codes > 2, "the mover was too good");
        town.i
            .wait_until("all is in", async |zone| zone.seen().await.len() as u64 == BUNDLES)
            .await;
        receiver.stop().await.expect("a clean stop");
        sender.stop().await.expect("a clean stop");
        let seen: Vec<String> = town.i.seen().await.into_iter().map(|(_, said)| said).collect();
        assert_eq!(seen, said);

        // A code for another lane, and one of what was never sent.
        let other = Request::of(Lane::Raw, 1, &[(1, 2)]).expect("something").code();
        assert!(order(&town, &town.l, &format!("replay --code {other}")).await.is_err());
        let beyond = Request::of(LANE, 1, &[(90, 99)]).expect("something").code();
        assert!(order(&town, &town.l, &format!("replay --code {beyond}")).await.is_err());
    }
);
