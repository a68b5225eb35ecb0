//! Everything that crosses between worker and runner comes back as it went, and
//! bytes that are no such thing end with a word.

mod dice;
mod office;
mod paper;
mod plain;

use std::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;
use sanitizer_intermediate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use sanitizer_intermediate::office::{Props, Shape, shapes};
use sanitizer_intermediate::{Answer, Document, HoldReason, Kind, Limits, Outcome, Request};

use dice::Dice;

/// More than any value of these tests takes.
const MOST: u64 = 1 << 20;

fn written(value: &impl Encode) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut to = Writer::new(&mut bytes);
    to.value(value);
    to.finish().expect("memory takes everything");
    bytes
}

fn read<T: Decode>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut input = bytes;
    let mut from = Reader::new(&mut input, MOST);
    let value = from.value()?;
    from.finish()?;
    Ok(value)
}

fn crosses<T: Encode + Decode + PartialEq + Debug>(value: &T) -> Result<(), TestCaseError> {
    let back = read::<T>(&written(value));
    prop_assert_eq!(back.as_ref(), Ok(value));
    Ok(())
}

fn crosses_as<S: Shape + Debug + PartialEq>(dice: &mut Dice<'_>) -> Result<(), TestCaseError> {
    crosses::<Props<S>>(&office::props(dice))
}

/// One value of each kind of document.
fn documents(entropy: &[u8]) -> Vec<Document> {
    let dice = || Dice::new(entropy);
    vec![
        Document::Image(plain::frames(&mut dice())),
        Document::Text(plain::text(&mut dice())),
        Document::Csv(plain::table(&mut dice())),
        Document::Pdf(paper::document(&mut dice())),
        Document::Word(Box::new(office::word(&mut dice()))),
        Document::Sheet(Box::new(office::sheet(&mut dice()))),
        Document::Slides(Box::new(office::slides(&mut dice()))),
        Document::Archive(plain::archive(&mut dice())),
    ]
}

fn answer(document: Document, entropy: &[u8]) -> Answer {
    let mut dice = Dice::new(entropy);
    let confinement = plain::confinement(&mut dice);
    let kind = dice.one(Kind::ALL);
    let (findings, opened) = (plain::findings(&mut dice), dice.list(2, plain::opened));
    Answer { confinement, kind, outcome: Outcome::Read { findings, opened, document } }
}

/// An answer that was read says the same when it is written and read again.
fn is_stable(bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Ok(answer) = read::<Answer>(bytes) {
        let again = written(&answer);
        prop_assert!(again.len() <= bytes.len(), "it grew: {} of {}", again.len(), bytes.len());
        prop_assert_eq!(read::<Answer>(&again), Ok(answer));
    }
    // A request keeps its parts as they are.
    if let Ok(request) = read::<Request>(bytes) {
        prop_assert_eq!(read::<Request>(&written(&request)), Ok(request));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    /// NF-32: every document, with what was found in it, crosses unchanged.
    #[test]
    fn documents_cross_unchanged(entropy in vec(any::<u8>(), 0..1_500)) {
        for document in documents(&entropy) {
            crosses(&answer(document, &entropy))?;
        }
        let mut dice = Dice::new(&entropy);
        let held = Outcome::Held(dice.one(HoldReason::ALL));
        let confinement = plain::confinement(&mut dice);
        crosses(&Answer { confinement, kind: dice.one(Kind::ALL), outcome: held })?;
    }

    /// NF-32: every element the tables name crosses unchanged.
    #[test]
    fn elements_cross_unchanged(entropy in vec(any::<u8>(), 0..800)) {
        let mut dice = Dice::new(&entropy);
        crosses_as::<shapes::Blocks>(&mut dice)?;
        crosses_as::<shapes::Chart>(&mut dice)?;
        crosses_as::<shapes::SheetTail>(&mut dice)?;
        crosses_as::<shapes::StyleSheet>(&mut dice)?;
        crosses_as::<shapes::SheetDrawing>(&mut dice)?;
        crosses_as::<shapes::SlideShape>(&mut dice)?;
        crosses_as::<shapes::Theme>(&mut dice)?;
        crosses_as::<shapes::Settings>(&mut dice)?;
        crosses_as::<shapes::Numbering>(&mut dice)?;
        crosses_as::<shapes::Section>(&mut dice)?;
    }

    /// NF-32: a request with its limits and its password crosses unchanged.
    #[test]
    fn requests_cross_unchanged(entropy in vec(any::<u8>(), 0..300)) {
        let mut dice = Dice::new(&entropy);
        crosses::<Limits>(&plain::limits(&mut dice))?;
        crosses::<Request>(&plain::request(&mut dice))?;
    }

    /// NF-32: bytes that nobody wrote end with a value or a word.
    #[test]
    fn any_bytes_end_with_a_word(mut bytes in vec(any::<u8>(), 0..600), kind in 0_u8..10) {
        is_stable(&bytes)?;
        // The same behind the head of an answer with a document of this kind.
        let head = [1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, kind];
        bytes.splice(0..0, head);
        is_stable(&bytes)?;
    }

    /// NF-32: an answer that was damaged on its way ends with a value or a word.
    #[test]
    fn damaged_answers_end_with_a_word(
        entropy in vec(any::<u8>(), 0..600),
        blows in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        for document in documents(&entropy) {
            let mut bytes = written(&answer(document, &entropy));
            prop_assert!(read::<Answer>(&bytes[..cut.index(bytes.len())]).is_err());
            for (at, byte) in &blows {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            is_stable(&bytes)?;
        }
    }
}

/// NF-32: a length is believed only as far as bytes have come. Every place of an
/// answer that could be one says four thousand million; memory does not follow.
#[test]
fn lengths_that_are_lies_cost_no_memory() {
    let entropy: Vec<u8> =
        (0..600_u32).map(|it| u8::try_from(it * 37 % 251).expect("small")).collect();
    let before = peak();
    for document in documents(&entropy) {
        let whole = written(&answer(document, &entropy));
        for at in (0..whole.len().saturating_sub(4)).step_by(3) {
            for lie in [u32::MAX, 0x0fff_ffff, 0x0040_0000] {
                let mut bytes = whole.clone();
                bytes[at..at + 4].copy_from_slice(&lie.to_be_bytes());
                let _either = read::<Answer>(&bytes);
            }
        }
    }
    // The kernel counts in portions and may take a little back.
    let grown = peak().saturating_sub(before);
    assert!(grown <= 32 << 10, "{grown} KiB");
}

/// The most memory this process has had, in KiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("what the kernel says");
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:")).expect("a peak");
    line.trim_end_matches("kB").trim().parse().expect("a number")
}
