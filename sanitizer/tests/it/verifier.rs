//! The second opinion: it takes what our encoders write and nothing near it.
//! That it takes every result is shown by the desk, which asks it each time.

use sanitizer_verifier::{Kind, verify};

use crate::chance::Chance;
use crate::desk::Desk;
use crate::office::sheets::{S, workbook};
use crate::pdf::paper::Paper;
use crate::pictures::{gradient, jpeg, png};

/// Changed copies of each sample.
const COPIES: u64 = 250;

/// A result of ours, and the file it was made from.
struct Sample {
    kind: Kind,
    sent: Vec<u8>,
    made: Vec<u8>,
}

fn samples() -> Vec<Sample> {
    let desk = Desk::new();
    let sheet = format!(
        "<worksheet {S}><sheetData><row r=\"1\"><c r=\"A1\"><v>7</v></c></row></sheetData></worksheet>"
    );
    let sources = [
        (Kind::Pdf, "a.pdf", Paper::saying("Words").written()),
        (Kind::Xlsx, "a.xlsx", workbook(&sheet, "").bytes()),
        (Kind::Png, "a.png", png(&gradient(1), 16, 16)),
        (Kind::Jpeg, "a.jpg", jpeg(&gradient(1), 16, 16)),
    ];
    let sample = |(kind, name, sent): (Kind, &str, Vec<u8>)| {
        let made = desk.sends(name, &sent).becomes(name).bytes;
        Sample { kind, sent, made }
    };
    sources.map(sample).into()
}

/// NF-32: files that did not go through the rebuild are refused.
#[test]
fn what_was_sent_is_not_ours() {
    for sample in samples().iter().take(2) {
        assert!(verify(sample.kind, &sample.sent).is_err(), "{:?}", sample.kind);
    }
    let mine = Paper::saying("Words").catalog("/OpenAction <</S /JavaScript /JS (x)>>").written();
    assert!(verify(Kind::Pdf, &mine).is_err());
}

/// NF-32: nothing before, after or beside the file proper.
#[test]
fn files_with_two_faces_are_refused() {
    let samples = samples();
    for sample in &samples {
        for other in &samples {
            let both = [sample.made.as_slice(), &other.made].concat();
            assert!(verify(sample.kind, &both).is_err(), "{:?} and more", sample.kind);
            assert!(verify(other.kind, &both).is_err(), "{:?} after another", other.kind);
        }
        for tail in [&b"\0"[..], b"\n", b"PK\x05\x06", b"%%EOF\n"] {
            let longer = [sample.made.as_slice(), tail].concat();
            assert!(verify(sample.kind, &longer).is_err(), "{:?} with a tail", sample.kind);
        }
        let shorter = &sample.made[..sample.made.len() - 1];
        assert!(verify(sample.kind, shorter).is_err(), "{:?} cut short", sample.kind);
    }
}

/// NF-32: bytes put in, taken out or moved change the structure and are seen,
/// in containers where every byte is accounted for.
#[test]
fn changed_structures_are_refused() {
    for sample in samples().iter().take(3) {
        for seed in 0..COPIES {
            let mut dice = Chance::new(seed);
            let at = dice.below(sample.made.len());
            let mut changed = sample.made.clone();
            if seed % 2 == 0 {
                changed.insert(at, b'A' + u8::try_from(dice.below(26)).expect("a letter"));
            } else {
                changed.remove(at);
            }
            if changed == sample.made {
                continue;
            }
            assert!(verify(sample.kind, &changed).is_err(), "{:?} at {at}", sample.kind);
        }
    }
}

/// NF-32: whatever the bytes, the verifier ends with a word and never falls.
#[test]
fn damage_never_brings_the_verifier_down() {
    for sample in samples() {
        for seed in 0..COPIES {
            let mut dice = Chance::new(seed);
            let mut changed = sample.made.clone();
            for _ in 0..=dice.below(8) {
                let at = dice.below(changed.len());
                changed[at] = dice.byte();
            }
            let _either = verify(sample.kind, &changed);
        }
    }
}

/// NF-32: the same at the desk, with an exit code.
#[test]
fn the_command_line_says_which_file_is_not_ours() {
    let desk = Desk::new();
    desk.lays("a.png", &png(&gradient(1), 16, 16));
    assert_eq!(desk.runs(&["a.png", "-o", "b.png"]).code, Some(0));
    assert_eq!(desk.runs(&["verify", "b.png"]).code, Some(0));
    desk.lays("c.png", b"no picture");
    let run = desk.runs(&["verify", "b.png", "c.png"]);
    assert_eq!(run.code, Some(3));
    assert!(run.out.starts_with("refused\tc.png\t"), "{}", run.out);
}
