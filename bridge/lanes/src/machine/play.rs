//! The moves, done to the world.

use std::fs;

use bridge_contract::bundle::{Draft, Expect, Header, Signer, build, verify};
use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use jiff::SignedDuration;
use proptest::sample::Index;

use super::model::{At, words};
use super::moves::{How, Move, Side, Step, Telling};
use super::world::{KEYS, LANE, World, copy};
use crate::sender::replay::{self, Range};
use crate::{LaneFault, outbox, receipts};

impl World {
    /// One move. An error is a promise that was broken.
    pub(super) async fn play(&mut self, one: &Move) -> Result<(), String> {
        match one {
            Move::Say { count, poison } => self.say(*count, *poison).await,
            Move::Send => self.send().await.map(drop)?,
            Move::Die(step) => self.die(*step).await?,
            Move::RestartSender => {
                self.sender = None;
                self.start_sender().await?;
            }
            Move::Tidy => self.tidy().await?,
            Move::LiveOn => {
                if let Some(sender) = &mut self.sender {
                    sender
                        .live_on()
                        .await
                        .map_err(|fault| format!("it lives no longer: {fault}"))?;
                }
            }
            Move::Carry(which, how) => self.carry(which, how),
            Move::CarryAll => self.carry_all(),
            Move::Take => self.take().await.map(drop)?,
            Move::RestartReceiver => {
                self.receiver = None;
                self.take().await?;
            }
            Move::Tell(telling) => self.tell(telling).await,
            Move::Replay(which) => {
                if let Some(at) = self.one_made(which) {
                    self.ask_again(at).await;
                    self.tidy().await?;
                }
            }
            Move::LoseFile(which) => {
                let files = self.l.bundles(&["ready", "sent"]);
                if !files.is_empty() {
                    let (at, path) = which.get(&files);
                    fs::remove_file(path).expect("removed");
                    self.model.lost.insert(*at);
                }
            }
            Move::Copy(side) => self.back_up(*side),
            Move::Restore(side) => self.restore(*side),
            Move::Fork(which) => self.fork(which).await?,
            Move::Reset => self.reset().await?,
            Move::SetClock(hours) => {
                self.clock.advance(SignedDuration::from_hours(i64::from(*hours)));
            }
        }
        Ok(())
    }

    async fn say(&mut self, count: u8, poison: bool) {
        for _ in 0..count {
            let uuid = format!("id-{:04}", self.model.ever.len());
            let (item, at) = (self.item(&uuid, &words(&uuid, poison)), self.clock.now());
            self.l.write(move |tx| outbox::put(tx, LANE, &item, at)).await;
            self.model.ever.insert(uuid.clone(), poison);
            self.model.committed.push(uuid);
        }
    }

    /// Whether the sender runs now. It may stay down only when its database was restored.
    pub(super) async fn start_sender(&mut self) -> Result<bool, String> {
        if self.sender.is_some() {
            return Ok(true);
        }
        let mut sender = self.open_sender().await.map_err(|fault| fault.to_string())?;
        match sender.reconcile().await {
            Ok(_) => {
                self.sender = Some(sender);
                self.model.restored = false;
                // I5: what is not confirmed is there again.
                for (at, state) in self.states().await {
                    if state == "ready" {
                        self.model.lost.remove(&at);
                    }
                }
                Ok(true)
            }
            Err(LaneFault::AheadOfDatabase { .. } | LaneFault::Restored { .. })
                if self.model.restored =>
            {
                Ok(false)
            }
            Err(fault) => Err(format!("the sender stops: {fault}")),
        }
    }

    pub(super) async fn send(&mut self) -> Result<bool, String> {
        if !self.start_sender().await? {
            return Ok(false);
        }
        let Some(sender) = &mut self.sender else { return Ok(false) };
        while sender.send_some().await.map_err(|fault| format!("sending stops: {fault}"))? {}
        Ok(true)
    }

    async fn die(&mut self, step: Step) -> Result<(), String> {
        if !self.start_sender().await? {
            return Ok(());
        }
        self.say(2, false).await;
        let Some(mut sender) = self.sender.take() else { return Ok(()) };
        let allocated = sender.settle_and_allocate().await.map_err(|fault| fault.to_string())?;
        match (step, allocated) {
            (Step::Made, Some(allocated)) => {
                sender.make(allocated).await.map_err(|fault| fault.to_string())
            }
            (Step::Allocated, _) | (Step::Made, None) => Ok(()),
        }
    }

    async fn tidy(&mut self) -> Result<(), String> {
        let Some(sender) = &mut self.sender else { return Ok(()) };
        sender.tidy().await.map_err(|fault| format!("tidying stops: {fault}"))
    }

    fn one_made(&self, which: &Index) -> Option<At> {
        let all: Vec<At> = self.model.made.keys().copied().collect();
        (!all.is_empty()).then(|| *which.get(&all))
    }

    fn carry(&self, which: &Index, how: &How) {
        let Some(at) = self.one_made(which) else { return };
        let bytes = &self.model.made[&at];
        match how {
            How::Whole => self.drop_file(at, bytes),
            How::Torn(place) => self.drop_file(at, &bytes[..place.index(bytes.len())]),
            How::Bent(place) => {
                let mut bent = bytes.clone();
                bent[place.index(bytes.len())] ^= 1;
                self.drop_file(at, &bent);
            }
            How::Renamed(seq) => self.drop_file((at.0, u64::from(*seq)), bytes),
            How::Forged => {
                let forged = self.signed_by(&KEYS.stranger, at, header(bytes).prev);
                self.drop_file(at, &forged);
            }
        }
    }

    pub(super) fn carry_all(&self) {
        for (at, path) in self.l.bundles(&["ready"]) {
            self.drop_file(at, &fs::read(path).expect("readable"));
        }
    }

    /// Whether the lane goes on. It may halt only when somebody signed a number twice.
    pub(super) async fn take(&mut self) -> Result<bool, String> {
        let receiver = match self.receiver.take() {
            Some(receiver) => Ok(receiver),
            None => self.start_receiver().await,
        };
        let taken = match receiver {
            Ok(receiver) => {
                let taken = receiver.take_all().await;
                self.receiver = Some(receiver);
                taken
            }
            Err(fault) => Err(fault),
        };
        match taken {
            Ok(()) => Ok(true),
            Err(LaneFault::Halted { .. }) if !self.model.forks.is_empty() => Ok(false),
            Err(fault) => Err(format!("the receiver stops: {fault}")),
        }
    }

    async fn tell(&mut self, telling: &Telling) {
        let receipt = match telling {
            Telling::New | Telling::Lost => {
                let made = self.i.read(|db| receipts::make(db, LANE)).await.expect("a place");
                self.model.receipts.push(made.clone());
                matches!(telling, Telling::New).then_some(made)
            }
            Telling::Old(_) if self.model.receipts.is_empty() => None,
            Telling::Old(which) => Some(which.get(&self.model.receipts).clone()),
        };
        if let Some(receipt) = receipt {
            let now = self.clock.now();
            self.l.write(move |tx| receipts::take(tx, &receipt, now)).await;
        }
    }

    async fn ask_again(&self, (epoch, seq): At) {
        let (range, now) = (Range { epoch, first: seq, last: seq }, self.clock.now());
        self.l.write(move |tx| replay::ask(tx, LANE, &range, now)).await;
    }

    fn back_up(&mut self, side: Side) {
        self.model.copies += 1;
        let path = self.dir.path().join(format!("copy-{}.db", self.model.copies));
        match side {
            Side::Sender => {
                copy(&self.l.file, &path);
                self.model.sender_copy = Some((path, self.model.committed.clone()));
            }
            Side::Receiver => {
                copy(&self.i.file, &path);
                self.model.receiver_copy = Some(path);
            }
        }
    }

    fn restore(&mut self, side: Side) {
        match (side, self.model.sender_copy.clone(), self.model.receiver_copy.clone()) {
            (Side::Sender, Some((path, committed)), _) => {
                self.sender = None;
                self.l.restore(&path);
                self.model.committed = committed;
                (self.model.restored, self.model.set_back) = (true, true);
            }
            (Side::Receiver, _, Some(path)) => {
                self.receiver = None;
                self.i.restore(&path);
                self.model.set_back = true;
            }
            (Side::Sender, None, _) | (Side::Receiver, _, None) => {}
        }
    }

    /// A second content for a number that was taken in. It follows nothing, so that it is
    /// nobody's bundle also where the database is set back.
    async fn fork(&mut self, which: &Index) -> Result<(), String> {
        let (epoch, seq) = self.watermark().await;
        if seq == 0 {
            return Ok(());
        }
        let at = (epoch, 1 + which.index(usize::try_from(seq).expect("small")) as u64);
        let key = KEYS.l.signer(LANE).expect("a key of this host");
        let fork = self.signed_by(&key, at, Digest::of(b"nothing"));
        self.model.forks.push(fork.clone());
        self.drop_file(at, &fork);
        match self.take().await? {
            false => Ok(()),
            true => Err(format!("I4: {at:?} was signed twice and the lane goes on")),
        }
    }

    fn signed_by(&self, key: &SigningKey, (epoch, seq): At, prev: Digest) -> Vec<u8> {
        let set = KEYS.l.set();
        let signer = Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key,
        };
        let (lane, at) = (LANE, self.clock.now());
        let item = self.item("id-nobody", "nobody said this");
        build(&Draft { lane, epoch, seq, prev, at }, &[item], &signer).bytes
    }
}

fn header(bundle: &[u8]) -> Header {
    let bundle = verify(bundle, &Expect { lane: LANE, keys: KEYS.l.set() });
    *bundle.expect("our own").verified.header()
}
