//! The line as a state machine: raw bundles come, items are opened and treated in any order, what may
//! go is shown, and the relay dies between any two of it and begins where its newest stamp says.

use bridge_contract::digest::Digest;
use bridge_contract::wire::decode;
use proptest::prelude::*;

use super::*;

/// Two of them are more than a bundle.
const LARGE: usize = BYTES_SOFT / 2 + 1;

/// What happens next; a place is counted among those that it can happen to.
#[derive(Clone, Debug)]
enum Move {
    /// A raw bundle comes: whose items it has; nobody's wait for none.
    Enter(Vec<Option<u8>>),
    /// An item is opened.
    Open(usize),
    /// An opened one is treated; it may be large.
    Treat(usize, bool),
    /// What may go is shown.
    Show,
    /// The relay dies.
    Die,
}

fn a_move() -> impl Strategy<Value = Move> {
    let whose = prop::option::weighted(0.8, 0..3_u8);
    prop_oneof![
        3 => prop::collection::vec(whose, 1..4).prop_map(Move::Enter),
        5 => any::<usize>().prop_map(Move::Open),
        5 => (any::<usize>(), prop::bool::weighted(0.1)).prop_map(|(which, large)| Move::Treat(which, large)),
        3 => Just(Move::Show),
        1 => Just(Move::Die),
    ]
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Closed,
    Open,
    Treated,
    Shown,
}

#[derive(Debug)]
struct Item {
    origin: Origin,
    whose: Option<u8>,
    stage: Stage,
    /// In any life of the relay.
    seen: bool,
}

/// The line, and what is known of every item there ever was.
struct World {
    line: Line,
    items: Vec<Item>,
    bundles: u64,
    /// Up to where everything was shown, by the newest stamp.
    recorded: Option<Origin>,
    /// The first item of this life.
    first: usize,
    /// Raw bundles that this life was told to be worked off.
    finished: usize,
}

impl World {
    fn new() -> Self {
        let (line, items) = (Line::after(None), Vec::new());
        Self { line, items, bundles: 0, recorded: None, first: 0, finished: 0 }
    }

    fn play(&mut self, one: &Move) -> Result<(), String> {
        match one {
            Move::Enter(all) => self.enter(all),
            Move::Open(which) => {
                if let Some(place) = self.nth(Stage::Closed, *which) {
                    self.open(place);
                }
            }
            Move::Treat(which, large) => {
                if let Some(place) = self.nth(Stage::Open, *which) {
                    self.treat(place, if *large { LARGE } else { 1 });
                }
            }
            Move::Show => {
                self.show()?;
            }
            Move::Die => self.die(),
        }
        let ready = self.items[self.first..].iter().any(|item| item.stage == Stage::Treated);
        holds(self.line.has_ready() == ready, "what is ready is known")
    }

    fn enter(&mut self, all: &[Option<u8>]) {
        self.bundles += 1;
        let count = u32::try_from(all.len()).unwrap_or(u32::MAX);
        for (idx, whose) in (0..).zip(all) {
            let at = Position { epoch: 1, seq: self.bundles, idx };
            let origin = Origin { at, items: count, hash: Digest::ZERO };
            self.line.enter(origin);
            self.items.push(Item { origin, whose: *whose, stage: Stage::Closed, seen: false });
        }
    }

    /// One of this life's items at a stage.
    fn nth(&self, stage: Stage, which: usize) -> Option<usize> {
        let places: Vec<usize> =
            (self.first..self.items.len()).filter(|at| self.items[*at].stage == stage).collect();
        (!places.is_empty()).then(|| places[which % places.len()])
    }

    fn open(&mut self, place: usize) {
        let item = &mut self.items[place];
        item.stage = Stage::Open;
        let of = |whose: u8| Thread::Of(ApplicationId::from_bits(u128::from(whose)));
        self.line.opened(item.origin.at, item.whose.map_or(Thread::Loose, of));
    }

    fn treat(&mut self, place: usize, size: usize) {
        let item = &mut self.items[place];
        item.stage = Stage::Treated;
        let (uuid, sealed) = (place.to_string(), vec![0; size]);
        self.line.ready(item.origin.at, NewItem { uuid, kind: 2, stamp: Vec::new(), sealed });
    }

    /// Shows a bundle; how many items it has.
    fn show(&mut self) -> Result<usize, String> {
        let batch = self.line.next_batch();
        let bytes: usize = batch.items.iter().map(|item| item.sealed.len()).sum();
        let small = batch.items.len() <= ITEMS_SOFT && bytes <= BYTES_SOFT;
        holds(small || batch.items.len() == 1, "a bundle has its size")?;
        let mut floors = Vec::new();
        for item in &batch.items {
            let place: usize = item.uuid.parse().map_err(|_| "an item of nobody".to_owned())?;
            let stamp: Crossed = decode(&item.stamp).map_err(|why| why.to_string())?;
            holds(stamp.origin == self.items[place].origin, "a stamp names its raw item")?;
            holds(self.items[place].stage == Stage::Treated, "once in a life, and when treated")?;
            holds(self.is_free(place), "nothing passes an earlier item of its application")?;
            self.items[place].stage = Stage::Shown;
            self.items[place].seen = true;
            floors.push(stamp.floor);
        }
        let settled = self.settled();
        let floor = settled.checked_sub(1).map(|last| self.items[last].origin);
        holds(self.line.floor() == floor.map(|origin| origin.at), "the floor is what is whole")?;
        holds(floors.iter().all(|told| *told == floor), "each stamp tells the floor")?;
        holds(self.line.len() == self.items.len() - settled, "what is settled is let go")?;
        self.finished += batch.finished;
        let ended = |item: &&Item| item.origin.at.idx + 1 == item.origin.items;
        let whole = self.items[self.first..settled].iter().filter(ended).count();
        holds(self.finished == whole, "raw bundles are worked off when their last item is shown")?;
        if !floors.is_empty() {
            self.recorded = floor;
        }
        let stays = (self.first..self.items.len())
            .any(|at| self.items[at].stage == Stage::Treated && self.is_free(at));
        let full = batch.items.len() == ITEMS_SOFT || bytes + LARGE > BYTES_SOFT;
        holds(!stays || full, "what may go goes")?;
        Ok(batch.items.len())
    }

    /// Whether no item before it in this life is of the same application, or may be.
    fn is_free(&self, place: usize) -> bool {
        let Some(whose) = self.items[place].whose else { return true };
        self.items[self.first..place].iter().all(|before| match before.stage {
            Stage::Closed => false,
            Stage::Shown => true,
            Stage::Open | Stage::Treated => before.whose != Some(whose),
        })
    }

    /// Up to where everything is shown.
    fn settled(&self) -> usize {
        let shown = |item: &&Item| item.stage == Stage::Shown;
        self.first + self.items[self.first..].iter().take_while(shown).count()
    }

    /// What came behind the recorded floor comes again; what is before it must have been shown.
    fn die(&mut self) {
        self.line = Line::after(self.recorded);
        self.first = self.recorded.map_or(0, |floor| {
            self.items.iter().take_while(|item| item.origin.at <= floor.at).count()
        });
        self.finished = 0;
        for item in &mut self.items[self.first..] {
            item.stage = Stage::Closed;
            self.line.enter(item.origin);
        }
    }

    /// Everything is opened and treated; in the end all of it was shown.
    fn heal(&mut self) -> Result<(), String> {
        while let Some(place) = self.nth(Stage::Closed, 0) {
            self.open(place);
        }
        while let Some(place) = self.nth(Stage::Open, 0) {
            self.treat(place, 1);
        }
        while self.show()? > 0 {}
        holds(self.line.len() == 0, "nothing is left in work")?;
        holds(self.items.iter().all(|item| item.seen), "everything was shown")
    }
}

fn holds(well: bool, what: &str) -> Result<(), String> {
    if well { Ok(()) } else { Err(format!("it does not hold that {what}")) }
}

fn play(moves: &[Move]) -> Result<(), String> {
    let mut world = World::new();
    for one in moves {
        world.play(one).map_err(|why| format!("after {one:?}: {why}"))?;
    }
    world.heal()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// I1, I4: whatever is slow and whenever the relay dies, items of one application stay in their
    /// order, every item is shown, and no stamp says that something is whole which is not.
    #[test]
    fn the_line_keeps_its_promises(moves in prop::collection::vec(a_move(), 4..60)) {
        if let Err(why) = play(&moves) {
            return Err(TestCaseError::fail(why));
        }
    }
}
