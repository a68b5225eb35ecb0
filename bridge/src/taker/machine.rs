//! Both ends of a lane without a database as a state machine: one sends, a mover carries any file whole,
//! torn, bent or under the next number, the other takes in, several at once, and both die in between.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use bridge_contract::bundle::bundle_name;
use bridge_contract::keys::{KeyFolder, new_keys};
use bridge_contract::place::{Environment, Tenant};
use bridge_contract::seal::seal_for;
use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::faults::StartError;
use crate::own_lane::OwnLane;

const LANE: Lane = Lane::In;
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// Bundles that are in work at once.
const IN_WORK: usize = 3;

/// What happens next.
#[derive(Clone, Debug)]
enum Move {
    /// The sender shows a bundle of so many items.
    Say(usize),
    /// A mover brings one of its bundles.
    Carry(usize, How),
    /// The taker looks for the next one.
    Take,
    /// The oldest one in work is worked off.
    Finish,
    /// The sender dies and starts.
    SenderDies,
    /// The taker dies with what is in work, and starts.
    TakerDies,
    /// The sender starts without its newest file, which is then found again.
    SetBack,
}

#[derive(Clone, Debug)]
enum How {
    Whole,
    /// So many percent of it.
    Torn(usize),
    /// One bit is another.
    Bent(usize),
    /// Under the number after its own.
    Renumbered,
}

fn a_move() -> impl Strategy<Value = Move> {
    let how = prop_oneof![
        5 => Just(How::Whole),
        1 => (0..100_usize).prop_map(How::Torn),
        1 => any::<usize>().prop_map(How::Bent),
        1 => Just(How::Renumbered),
    ];
    prop_oneof![
        4 => (1..4_usize).prop_map(Move::Say),
        8 => (any::<usize>(), how).prop_map(|(which, how)| Move::Carry(which, how)),
        6 => Just(Move::Take),
        4 => Just(Move::Finish),
        1 => Just(Move::SenderDies),
        1 => Just(Move::TakerDies),
        1 => Just(Move::SetBack),
    ]
}

/// Both hosts, and what was said between them.
struct World {
    dir: tempfile::TempDir,
    clock: Clock,
    /// Nobody while it is dead.
    lane: Option<OwnLane>,
    taker: Option<Taker>,
    /// The items of each bundle, from number 1 on.
    said: Vec<Vec<String>>,
    in_work: VecDeque<Taken>,
    done: usize,
}

impl World {
    fn open() -> Self {
        let dir = tempfile::tempdir().expect("a folder");
        let made = new_keys(Tenant::parse("mirai").expect("a good name"), Environment::Demo);
        made.write(dir.path()).expect("written");
        let clock = Clock::fixed(Timestamp::from_second(1_792_000_000).expect("in 2026"));
        let (said, in_work) = (Vec::new(), VecDeque::new());
        let mut world = Self { dir, clock, lane: None, taker: None, said, in_work, done: 0 };
        world.lane = Some(world.sender().expect("it starts"));
        world.taker = Some(world.receiver().expect("it starts"));
        world
    }

    fn keys(&self, host: &str) -> KeyFolder {
        KeyFolder::open(&self.dir.path().join(host)).expect("a key folder")
    }

    fn folder(&self, host: &str) -> PathBuf {
        self.dir.path().join(format!("{host}-spool"))
    }

    fn sender(&self) -> Result<OwnLane, StartError> {
        let keys = self.keys("s");
        OwnLane::open(&self.folder("s"), LANE, (&keys, &keys.live()), WEEK, self.clock.clone())
    }

    fn receiver(&self) -> Result<Taker, RoleFault> {
        let keys = self.keys("l").live();
        Taker::open(&self.folder("l"), LANE, keys, None, self.clock.clone())
    }

    /// Where the sender shows a bundle.
    fn shown(&self, seq: u64) -> PathBuf {
        self.folder("s").join("in/ready").join(bundle_name(1, seq))
    }

    async fn play(&mut self, one: &Move) -> Result<(), String> {
        match one {
            Move::Say(items) => self.say(*items)?,
            Move::Carry(_, _) if self.said.is_empty() => {}
            Move::Carry(which, how) => self.carry(which % self.said.len() + 1, how),
            Move::Take => {
                self.take().await?;
            }
            Move::Finish => self.finish().await?,
            Move::SenderDies => {
                self.lane = None;
                self.lane = Some(self.sender().map_err(|why| why.to_string())?);
            }
            Move::TakerDies => {
                self.in_work.clear();
                self.taker = None;
                self.taker = Some(self.receiver().map_err(|why| why.to_string())?);
            }
            Move::SetBack if self.said.is_empty() => {}
            Move::SetBack => self.set_back()?,
        }
        let last = self.lane.as_ref().map(OwnLane::last);
        holds(last == Some((1, self.said.len() as u64)), "numbers follow each other")?;
        let halted = self.taker.as_ref().is_some_and(|taker| taker.halted);
        holds(!halted, "no file of a mover stops the lane")
    }

    fn say(&mut self, items: usize) -> Result<(), String> {
        let keys = self.keys("s");
        let names: Vec<String> =
            (0..items).map(|idx| format!("{}-{idx}", self.said.len() + 1)).collect();
        let item = |name: &String| seal_for(keys.set(), LANE, name, 1, b"said".as_slice());
        let sealed: Option<Vec<_>> = names.iter().map(item).collect();
        let (lane, sealed) = self.lane.as_mut().zip(sealed).ok_or("no sender, or no key")?;
        lane.publish(&sealed).map_err(|why| why.to_string())?;
        self.said.push(names);
        Ok(())
    }

    /// A mover lays a file down, whatever was there.
    fn carry(&self, number: usize, how: &How) {
        let seq = number as u64;
        let mut bytes = fs::read(self.shown(seq)).expect("shown");
        let size = bytes.len();
        let to = match how {
            How::Whole => seq,
            How::Torn(part) => {
                bytes.truncate(size * part / 100);
                seq
            }
            How::Bent(at) => {
                bytes[at % size] ^= 1;
                seq
            }
            How::Renumbered => seq + 1,
        };
        let folder = self.folder("l").join("in");
        let draft = folder.join("part/foreign");
        fs::write(&draft, bytes).expect("written");
        fs::rename(draft, folder.join("fetched").join(bundle_name(1, to))).expect("laid down");
    }

    /// Whether something was taken.
    async fn take(&mut self) -> Result<bool, String> {
        if self.in_work.len() == IN_WORK {
            return Ok(false);
        }
        let taker = self.taker.as_mut().ok_or("no taker")?;
        let Some(taken) = taker.next().await.map_err(|why| why.to_string())? else {
            return Ok(false);
        };
        let expected = self.done + self.in_work.len();
        let header = taken.verified.header();
        holds((header.epoch, header.seq) == (1, expected as u64 + 1), "each comes in its turn")?;
        let names: Vec<&String> = taken.items.iter().map(|item| &item.entry.uuid).collect();
        let said = self.said.get(expected).ok_or("nobody said so much")?;
        holds(names.iter().copied().eq(said), "it is what was said")?;
        self.in_work.push_back(taken);
        Ok(true)
    }

    async fn finish(&mut self) -> Result<(), String> {
        let Some(taken) = self.in_work.pop_front() else { return Ok(()) };
        let taker = self.taker.as_mut().ok_or("no taker")?;
        taker.done(taken).await.map_err(|why| why.to_string())?;
        self.done += 1;
        let told = taker.inbox().ingested().map(|at| (at.epoch, at.seq));
        holds(told == Some((1, self.done as u64)), "what is told is what was worked off")
    }

    /// A folder without its newest file is not gone on with: its number would be used twice.
    fn set_back(&mut self) -> Result<(), String> {
        self.lane = None;
        let (path, aside) = (self.shown(self.said.len() as u64), self.dir.path().join("aside"));
        fs::rename(&path, &aside).expect("taken away");
        holds(self.sender().is_err(), "a sender that was set back does not start")?;
        fs::rename(&aside, &path).expect("back again");
        self.lane = Some(self.sender().map_err(|why| why.to_string())?);
        Ok(())
    }

    /// Everything is carried well; in the end all of it was taken in.
    async fn heal(&mut self) -> Result<(), String> {
        for number in 1..=self.said.len() {
            self.carry(number, &How::Whole);
        }
        while self.done < self.said.len() {
            let taken = self.take().await?;
            let moved = taken || !self.in_work.is_empty();
            self.finish().await?;
            holds(moved, "what is there is taken in")?;
        }
        Ok(())
    }
}

fn holds(well: bool, what: &str) -> Result<(), String> {
    if well { Ok(()) } else { Err(format!("it does not hold that {what}")) }
}

fn play(moves: &[Move]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut world = World::open();
        for one in moves {
            world.play(one).await.map_err(|why| format!("after {one:?}: {why}"))?;
        }
        world.heal().await
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    /// I1 to I4, I14, I17: between two hosts without a database every bundle is handed out in its turn,
    /// with what was said in it, and again after a death exactly when it was not worked off; no number is
    /// used twice, and no file that a mover spoils stops the lane.
    #[test]
    fn a_lane_between_folders_keeps_its_promises(moves in prop::collection::vec(a_move(), 8..48)) {
        if let Err(why) = play(&moves) {
            return Err(TestCaseError::fail(why));
        }
    }
}
