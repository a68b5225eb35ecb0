//! Everything the pages of one file share: lists, caches, what may still be spent.

use std::collections::HashMap;

use hayro::hayro_syntax::object::Dict;
use hayro::hayro_syntax::page::{Pages, Resources};
use sanitizer_intermediate::pdf::{Step, Things};
use sanitizer_intermediate::{Findings, HoldReason, Limits};

use super::engine::Engine;
use super::fonts::Shelf;
use super::layers::Layers;
use super::targets::Targets;

/// Why reading a page stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Halt {
    /// This page is better shown as a picture.
    Page,
    /// The file must not cross.
    Hold(HoldReason),
}

/// Identifies a dictionary by where its bytes lie.
pub(super) type Key = (usize, usize);

pub(super) fn key(dict: &Dict<'_>) -> Key {
    (dict.data().as_ptr() as usize, dict.data().len())
}

/// Steps (and segments, glyphs) all pages together may take.
const STEPS: usize = 3_000_000;
/// Bytes of samples all pictures together may take.
const SAMPLES: usize = 96 << 20;
/// The same when all pages are pictures: 30 sheets of A4 in colour, 90 in gray.
const PAGE_SAMPLES: usize = 200 << 20;
/// Forms within forms.
pub(super) const NESTING: usize = 28;

pub(super) struct Book<'a> {
    pub(super) engine: Engine<'a>,
    pub(super) layers: Layers,
    pub(super) targets: Targets<'a>,
    pub(super) shelf: Shelf<'a>,
    pub(super) things: Things,
    pub(super) known: Known,
    pub(super) open: Vec<Key>,
    pub(super) findings: Findings,
    pub(super) limits: Limits,
    pub(super) decoded_left: u64,
    steps_left: usize,
    steps_before_page: usize,
    pub(super) samples_left: usize,
    /// Number of the page being read, from 1.
    pub(super) page: u32,
}

/// What was read before, by where it lies and whose resources it uses.
#[derive(Default)]
pub(super) struct Known {
    pub(super) forms: HashMap<(Key, Key), Option<u32>>,
    pub(super) pictures: HashMap<Key, Option<u32>>,
    pub(super) patterns: HashMap<(Key, Vec<u8>), Option<u32>>,
    pub(super) shadings: HashMap<(Key, Vec<u8>), Option<u32>>,
    pub(super) masks: HashMap<(Key, Key), Option<u32>>,
}

impl<'a> Book<'a> {
    pub(super) fn new(catalog: &Dict<'a>, pages: &'a Pages<'a>, limits: &Limits) -> Self {
        Self {
            engine: Engine::new(pages.xref()),
            layers: Layers::of(catalog),
            targets: Targets::new(catalog, pages),
            shelf: Shelf::default(),
            things: Things::default(),
            known: Known::default(),
            open: Vec::new(),
            findings: Findings::default(),
            limits: *limits,
            decoded_left: limits.decoded_bytes,
            steps_left: STEPS,
            steps_before_page: STEPS,
            samples_left: if limits.page_pictures { PAGE_SAMPLES } else { SAMPLES },
            page: 1,
        }
    }

    /// Counts work.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Halt> {
        let left = self.steps_left.checked_sub(steps);
        self.steps_left = left.ok_or(Halt::Hold(HoldReason::TooComplex))?;
        Ok(())
    }

    /// A page begins.
    pub(super) fn turn_to(&mut self, page: u32) {
        self.page = page;
        self.steps_before_page = self.steps_left;
    }

    /// The page becomes a picture; the steps it took are not kept, and its text
    /// is looked for once more.
    pub(super) fn begin_again(&mut self) {
        self.open.clear();
        self.steps_left = self.steps_before_page;
    }

    /// Numbers a thing at the end of its list.
    pub(super) fn number<T>(list: &mut Vec<T>, thing: T) -> u32 {
        list.push(thing);
        u32::try_from(list.len() - 1).unwrap_or(u32::MAX)
    }

    /// Reads something that may contain itself; `None` when it does, or when
    /// it lies too deep.
    pub(super) fn within<T>(
        &mut self,
        key: Key,
        read: impl FnOnce(&mut Self) -> Result<T, Halt>,
    ) -> Result<Option<T>, Halt> {
        if self.open.contains(&key) || self.open.len() >= NESTING {
            return Ok(None);
        }
        self.open.push(key);
        let outcome = read(self);
        self.open.pop();
        outcome.map(Some)
    }
}

/// Tells one set of resources from another.
pub(super) fn resources_key(resources: &Resources<'_>) -> Key {
    let parts = [
        &resources.ext_g_states,
        &resources.fonts,
        &resources.properties,
        &resources.color_spaces,
        &resources.x_objects,
        &resources.patterns,
        &resources.shadings,
    ];
    parts.into_iter().fold((0, 0), |(place, length), part| {
        let (at, long) = key(part);
        (place.rotate_left(7) ^ at, length.rotate_left(7) ^ long)
    })
}

/// Steps that do nothing need no form.
pub(super) fn draws(steps: &[Step]) -> bool {
    steps.iter().any(|step| {
        matches!(
            step,
            Step::Path { .. } | Step::Picture(_) | Step::Form(_) | Step::Shade(_) | Step::Show(_)
        )
    })
}
