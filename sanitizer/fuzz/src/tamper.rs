//! Changes of structure to results of ours that none of our encoders would
//! ever write, in containers written just as ours are: the verifier must
//! refuse every one of them (NF-32).
//!
//! Changes that lead to another result of ours (a letter, a pixel, a number, a
//! paragraph less) are not among them; nobody can tell those.

mod office;
mod pdf;
mod picture;
mod zip;

use sanitizer_verifier::Kind;

use crate::dice::Dice;

/// A change, and what it is.
#[derive(Debug)]
pub struct Tampered {
    /// In a few words.
    pub how: &'static str,
    /// The changed file.
    pub bytes: Vec<u8>,
}

/// One change of a result; `None` when there is no place for it in this file.
#[must_use]
pub fn tampered(kind: Kind, file: &[u8], dice: &mut Dice) -> Option<Tampered> {
    let (how, bytes) = match kind {
        Kind::Zip => zip::tampered(file, dice),
        Kind::Docx | Kind::Xlsx | Kind::Pptx => {
            if dice.once_in(3) {
                zip::tampered(file, dice)
            } else {
                office::tampered(file, dice)
            }
        }
        Kind::Pdf => pdf::tampered(file, dice),
        Kind::Png => picture::png(file, dice),
        Kind::Gif => picture::gif(file, dice),
        Kind::Tiff => picture::tiff(file, dice),
        Kind::Jpeg => picture::jpeg(file, dice),
        Kind::Text | Kind::Csv => None,
    }?;
    (bytes != file).then_some(Tampered { how, bytes })
}

/// Where a short run of bytes begins; a random one of all places.
fn place_of(file: &[u8], word: &[u8], dice: &mut Dice) -> Option<usize> {
    let all: Vec<usize> = (0..file.len().saturating_sub(word.len() - 1))
        .filter(|it| file[*it..].starts_with(word))
        .collect();
    dice.pick(&all).copied()
}

/// The bytes with a run replaced.
fn with(file: &[u8], at: usize, length: usize, new: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = file.to_vec();
    (at + length <= bytes.len()).then(|| bytes.splice(at..at + length, new.iter().copied()));
    Some(bytes)
}
