//! The raw items in work, in the raw lane's order: which of them may be shown, and
//! up to where nothing is missing.

#[cfg(test)]
mod machine;

use std::collections::{HashSet, VecDeque};

use bridge_contract::bundle::{BYTES_SOFT, ITEMS_SOFT, NewItem};
use bridge_contract::ids::ApplicationId;
use bridge_contract::messages::{Crossed, Origin, Position};
use bridge_contract::wire::encode;

/// Which application an item is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Thread {
    /// It is not open yet.
    Unknown,
    /// None, or nobody can tell: it waits for nobody.
    Loose,
    /// This one: items of one application stay in their order.
    Of(ApplicationId),
}

#[derive(Debug)]
enum State {
    Busy,
    Ready(NewItem),
    Shown,
}

#[derive(Debug)]
struct Slot {
    origin: Origin,
    thread: Thread,
    state: State,
}

/// All items between the last one before which nothing is missing and the newest.
#[derive(Debug, Default)]
pub(super) struct Line {
    slots: VecDeque<Slot>,
    /// How many are still treated.
    busy: usize,
    /// How many are treated and not shown.
    ready: usize,
    /// The last item that is shown like all before it.
    floor: Option<Origin>,
}

/// Items to show together.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) items: Vec<NewItem>,
    /// Raw bundles that are worked off once these items are durable.
    pub(super) finished: usize,
}

impl Line {
    pub(super) fn after(floor: Option<Origin>) -> Self {
        Self { floor, ..Self::default() }
    }

    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// The last item before which nothing is missing.
    pub(super) fn floor(&self) -> Option<Position> {
        self.floor.map(|origin| origin.at)
    }

    /// The next item of the raw lane is in work.
    pub(super) fn enter(&mut self, origin: Origin) {
        self.slots.push_back(Slot { origin, thread: Thread::Unknown, state: State::Busy });
        self.busy += 1;
    }

    pub(super) fn opened(&mut self, at: Position, thread: Thread) {
        if let Some(slot) = self.slot(at) {
            slot.thread = thread;
        }
    }

    pub(super) fn ready(&mut self, at: Position, item: NewItem) {
        if let Some(slot) = self.slot(at) {
            slot.state = State::Ready(item);
            self.busy -= 1;
            self.ready += 1;
        }
    }

    /// Whether something is ready.
    pub(super) fn has_ready(&self) -> bool {
        self.ready > 0
    }

    /// Whether a bundle of what is ready is worth its costs: half of what is in work, or
    /// a full one. Whoever waits for it to be so waits a moment only: one slow file may
    /// be all that is in work.
    pub(super) fn is_worth_a_bundle(&self) -> bool {
        self.has_ready() && self.ready >= self.busy.min(ITEMS_SOFT)
    }

    /// The next bundle's items with their stamps. The caller shows them before it
    /// asks again.
    pub(super) fn next_batch(&mut self) -> Batch {
        let places = self.may_go();
        let mut taken: Vec<(Origin, NewItem)> = Vec::new();
        let mut bytes = 0;
        for place in places {
            let slot = &mut self.slots[place];
            let State::Ready(item) = &slot.state else { continue };
            let fits = taken.is_empty()
                || taken.len() < ITEMS_SOFT && bytes + item.sealed.len() <= BYTES_SOFT;
            if !fits {
                break;
            }
            bytes += item.sealed.len();
            if let State::Ready(item) = std::mem::replace(&mut slot.state, State::Shown) {
                taken.push((slot.origin, item));
            }
        }
        self.ready -= taken.len();
        let finished = self.settle();
        let floor = self.floor;
        let stamp = |origin| encode(&Crossed { origin, floor });
        let items = taken
            .into_iter()
            .map(|(origin, item)| NewItem { stamp: stamp(origin), ..item })
            .collect();
        Batch { items, finished }
    }

    /// Ready items that no earlier one of their application holds back.
    fn may_go(&self) -> Vec<usize> {
        let (mut held, mut unknown) = (HashSet::new(), false);
        let mut places = Vec::new();
        for (place, slot) in self.slots.iter().enumerate() {
            let free = match &slot.thread {
                Thread::Unknown => false,
                Thread::Loose => true,
                Thread::Of(application) => !unknown && !held.contains(application),
            };
            match (&slot.state, &slot.thread) {
                (State::Shown, _) => {}
                (State::Ready(_), _) if free => places.push(place),
                (State::Busy | State::Ready(_), Thread::Of(application)) => {
                    held.insert(application);
                }
                (State::Busy | State::Ready(_), Thread::Unknown) => unknown = true,
                (State::Busy | State::Ready(_), Thread::Loose) => {}
            }
        }
        places
    }

    /// Moves the floor over what is shown; says how many raw bundles ended there.
    fn settle(&mut self) -> usize {
        let mut finished = 0;
        while let Some(Slot { state: State::Shown, origin, .. }) = self.slots.front() {
            finished += usize::from(origin.at.idx + 1 == origin.items);
            self.floor = Some(*origin);
            self.slots.pop_front();
        }
        finished
    }

    fn slot(&mut self, at: Position) -> Option<&mut Slot> {
        let place = self.slots.binary_search_by_key(&at, |slot| slot.origin.at).ok()?;
        self.slots.get_mut(place)
    }
}

#[cfg(test)]
mod tests {
    use bridge_contract::digest::Digest;
    use bridge_contract::wire::decode;

    use super::*;

    fn origin(seq: u64, idx: u32, items: u32) -> Origin {
        Origin { at: Position { epoch: 1, seq, idx }, items, hash: Digest::ZERO }
    }

    fn of(number: u128) -> Thread {
        Thread::Of(ApplicationId::from_bits(number))
    }

    fn item(name: &str) -> NewItem {
        NewItem { uuid: name.to_owned(), kind: 2, stamp: Vec::new(), sealed: vec![1] }
    }

    fn names(batch: &Batch) -> Vec<&str> {
        batch.items.iter().map(|item| item.uuid.as_str()).collect()
    }

    /// Two raw bundles: (1,0) (1,1) and (2,0).
    fn three(threads: [Thread; 3]) -> (Line, [Origin; 3]) {
        let mut line = Line::after(None);
        let places = [origin(1, 0, 2), origin(1, 1, 2), origin(2, 0, 1)];
        for (place, thread) in places.iter().zip(threads) {
            line.enter(*place);
            line.opened(place.at, thread);
        }
        (line, places)
    }

    /// I1: a slow item holds up nobody, and the record says that it is missing.
    #[test]
    fn items_pass_a_slow_one_and_the_floor_waits_for_it() {
        let (mut line, [slow, second, third]) = three([of(1), of(2), of(3)]);
        line.ready(third.at, item("third"));
        line.ready(second.at, item("second"));
        let batch = line.next_batch();
        assert_eq!((names(&batch), batch.finished), (vec!["second", "third"], 0));
        let stamp: Crossed = decode(&batch.items[1].stamp).expect("a stamp");
        assert_eq!(stamp, Crossed { origin: third, floor: None });

        line.ready(slow.at, item("slow"));
        let batch = line.next_batch();
        assert_eq!((names(&batch), batch.finished), (vec!["slow"], 2));
        let stamp: Crossed = decode(&batch.items[0].stamp).expect("a stamp");
        assert_eq!(stamp, Crossed { origin: slow, floor: Some(third) });
        assert_eq!((line.len(), line.floor()), (0, Some(third.at)));
    }

    /// I1: what a person does to one application stays in order.
    #[test]
    fn items_of_one_application_stay_in_order() {
        let (mut line, [first, second, third]) = three([of(1), of(1), of(2)]);
        line.ready(second.at, item("withdrawal"));
        line.ready(third.at, item("another"));
        assert_eq!(names(&line.next_batch()), ["another"]);
        assert!(line.next_batch().items.is_empty());
        line.ready(first.at, item("submission"));
        assert_eq!(names(&line.next_batch()), ["submission", "withdrawal"]);
    }

    /// I1: while nobody knows whose item it is, it may be anybody's.
    #[test]
    fn an_item_that_is_not_open_holds_back_those_behind_it() {
        let (mut line, [first, second, third]) = three([Thread::Unknown, of(2), Thread::Loose]);
        line.ready(second.at, item("second"));
        line.ready(third.at, item("receipt"));
        assert_eq!(names(&line.next_batch()), ["receipt"]);
        line.opened(first.at, of(1));
        assert_eq!(names(&line.next_batch()), ["second"]);
    }

    /// One item alone goes at once; among many a bundle is worth half of them.
    #[test]
    fn a_bundle_is_worth_half_of_what_is_in_work() {
        let (mut line, [first, second, third]) = three([of(1), of(2), of(3)]);
        assert!(!line.is_worth_a_bundle());
        line.ready(first.at, item("first"));
        assert!(line.has_ready() && !line.is_worth_a_bundle(), "two are in work");
        line.ready(second.at, item("second"));
        assert!(line.is_worth_a_bundle(), "one is in work");
        assert_eq!(line.next_batch().items.len(), 2);
        assert!(!line.is_worth_a_bundle());
        line.ready(third.at, item("third"));
        assert!(line.is_worth_a_bundle(), "nothing else is in work");
    }

    /// I4: each bundle's record covers itself and no later one.
    #[test]
    fn the_floor_in_a_bundle_covers_only_what_is_shown() {
        let mut line = Line::after(None);
        let many = u32::try_from(ITEMS_SOFT).expect("small") + 1;
        for idx in 0..many {
            let place = origin(1, idx, many);
            line.enter(place);
            line.opened(place.at, Thread::Loose);
            line.ready(place.at, item("one"));
        }
        let first = line.next_batch();
        let last: Crossed = decode(&first.items[ITEMS_SOFT - 1].stamp).expect("a stamp");
        assert_eq!((first.items.len(), first.finished), (ITEMS_SOFT, 0));
        assert_eq!(last.floor, Some(origin(1, many - 2, many)));
        assert_eq!(line.next_batch().finished, 1);
    }
}
