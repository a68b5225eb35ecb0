//! What was taken out of a file or changed in it: kind, count, place.

mod kinds;
mod place;

pub use kinds::{ChangedKind, RemovedKind};
pub use place::Place;

use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

/// Entries kept one by one; beyond this, places are given up and counts kept.
const MAX_ENTRIES: usize = 2_000;

/// Something that does not survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// What it was.
    pub kind: RemovedKind,
    /// How many of them.
    pub count: u32,
    /// Where.
    pub place: Place,
}

/// Something that survives in another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// What happened.
    pub kind: ChangedKind,
    /// How often.
    pub count: u32,
    /// Where.
    pub place: Place,
}

/// Everything staff should know about the difference between input and output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    removed: Vec<Removed>,
    changed: Vec<Changed>,
}

impl Findings {
    /// What does not survive, in the order it was met.
    #[must_use]
    pub fn removed(&self) -> &[Removed] {
        &self.removed
    }

    /// What survives in another form, in the order it was met.
    #[must_use]
    pub fn changed(&self) -> &[Changed] {
        &self.changed
    }

    /// Nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.changed.is_empty()
    }

    /// Notes a removal. The same kind at the same place is counted together;
    /// zero is not noted.
    pub fn remove(&mut self, kind: RemovedKind, count: u32, place: Place) {
        let full = self.removed.len() >= MAX_ENTRIES;
        let place = if full { Place::Document } else { place };
        let known = self.removed.iter_mut().rev().find(|it| it.kind == kind && it.place == place);
        match known {
            Some(known) => known.count = known.count.saturating_add(count),
            None if count > 0 => self.removed.push(Removed { kind, count, place }),
            None => {}
        }
    }

    /// Notes a change, counted as [`Findings::remove`] does.
    pub fn change(&mut self, kind: ChangedKind, count: u32, place: Place) {
        let full = self.changed.len() >= MAX_ENTRIES;
        let place = if full { Place::Document } else { place };
        let known = self.changed.iter_mut().rev().find(|it| it.kind == kind && it.place == place);
        match known {
            Some(known) => known.count = known.count.saturating_add(count),
            None if count > 0 => self.changed.push(Changed { kind, count, place }),
            None => {}
        }
    }

    /// Adds what another stage noted.
    pub fn absorb(&mut self, other: &Self) {
        for it in &other.removed {
            self.remove(it.kind, it.count, it.place);
        }
        for it in &other.changed {
            self.change(it.kind, it.count, it.place);
        }
    }
}

/// Most entries one list can hold: the full list and one more per kind.
const MAX_LISTED: usize = MAX_ENTRIES + 256;

impl Encode for Findings {
    fn encode(&self, to: &mut Writer<'_>) {
        to.list(&self.removed);
        to.list(&self.changed);
    }
}

impl Decode for Findings {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { removed: from.list(MAX_LISTED)?, changed: from.list(MAX_LISTED)? })
    }
}

impl Encode for Removed {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.kind);
        to.u32(self.count);
        to.value(&self.place);
    }
}

impl Decode for Removed {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { kind: from.value()?, count: from.u32()?, place: from.value()? })
    }
}

impl Encode for Changed {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.kind);
        to.u32(self.count);
        to.value(&self.place);
    }
}

impl Decode for Changed {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { kind: from.value()?, count: from.u32()?, place: from.value()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_thing_at_the_same_place_is_counted_together() {
        let mut findings = Findings::default();
        findings.remove(RemovedKind::JavaScript, 1, Place::Page(2));
        findings.remove(RemovedKind::JavaScript, 2, Place::Page(2));
        findings.remove(RemovedKind::JavaScript, 1, Place::Page(3));
        findings.remove(RemovedKind::Macros, 0, Place::Document);
        let counts: Vec<u32> = findings.removed().iter().map(|it| it.count).collect();
        assert_eq!(counts, [3, 1]);
    }

    #[test]
    fn a_flood_of_findings_keeps_its_counts_and_gives_up_its_places() {
        let mut findings = Findings::default();
        for page in 0..10_000 {
            findings.remove(RemovedKind::JavaScript, 1, Place::Page(page));
        }
        assert!(findings.removed().len() <= MAX_LISTED);
        let total: u32 = findings.removed().iter().map(|it| it.count).sum();
        assert_eq!(total, 10_000);
    }
}
