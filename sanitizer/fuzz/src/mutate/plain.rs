//! Damage to bytes of which nothing is known.

use super::Words;
use crate::dice::Dice;

/// Numbers at which readers go wrong.
const EDGES: [u32; 14] = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x100,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x1_0000,
    0x00FF_FFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
];

/// One to eight injuries, most often few.
pub(super) fn damaged(file: &[u8], other: &[u8], words: &Words, dice: &mut Dice) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let most = 1 << dice.below(4);
    for _ in 0..=dice.below(most) {
        injure(&mut bytes, other, words, dice);
    }
    bytes
}

fn injure(bytes: &mut Vec<u8>, other: &[u8], words: &Words, dice: &mut Dice) {
    let at = dice.below(bytes.len());
    match dice.below(11) {
        0 => flip(bytes, at, dice),
        1 => set(bytes, at, &[dice.byte()]),
        2 => edge(bytes, at, dice),
        3 => drop(bytes.drain(run(bytes.len(), at, dice))),
        4 => repeat(bytes, at, dice),
        5 => {
            let piece = slice(other, dice);
            insert(bytes, at, &piece);
        }
        6 => {
            let piece = slice(other, dice);
            set(bytes, at, &piece);
        }
        7 => {
            let word = words.one(dice);
            insert(bytes, at, word);
        }
        8 => {
            let word = words.one(dice);
            set(bytes, at, word);
        }
        9 => digits(bytes, at, dice),
        _ => {
            let piece = slice(bytes, dice);
            insert(bytes, at, &piece);
        }
    }
}

fn flip(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 1 << dice.below(8);
    }
}

/// A number at an edge, of one to four bytes, either end first.
fn edge(bytes: &mut [u8], at: usize, dice: &mut Dice) {
    let number = EDGES[dice.below(EDGES.len())];
    let width = [1, 2, 4][dice.below(3)];
    if dice.once_in(2) {
        set(bytes, at, &number.to_le_bytes()[..width]);
    } else {
        set(bytes, at, &number.to_be_bytes()[4 - width..]);
    }
}

/// A number written in digits becomes another one.
fn digits(bytes: &mut Vec<u8>, near: usize, dice: &mut Dice) {
    let Some(from) = bytes.iter().skip(near).position(u8::is_ascii_digit) else { return };
    let from = near + from;
    let length = bytes[from..].iter().take_while(|it| it.is_ascii_digit()).count();
    let number = match dice.below(4) {
        0 => (-1_i64).to_string(),
        1 => u64::MAX.to_string(),
        2 => dice.below(300).to_string(),
        _ => EDGES[dice.below(EDGES.len())].to_string(),
    };
    bytes.splice(from..from + length, number.into_bytes());
}

fn repeat(bytes: &mut Vec<u8>, at: usize, dice: &mut Dice) {
    let piece = bytes[run(bytes.len(), at, dice)].to_vec();
    let times = 1 << dice.below(8);
    if piece.len() * times < super::MOST_BYTES {
        insert(bytes, at, &piece.repeat(times));
    }
}

/// A short run from here, sometimes a long one.
fn run(length: usize, at: usize, dice: &mut Dice) -> std::ops::Range<usize> {
    let most = if dice.once_in(8) { length } else { 48 };
    at.min(length)..(at + 1 + dice.below(most)).min(length)
}

fn slice(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let at = dice.below(bytes.len());
    bytes[run(bytes.len(), at, dice)].to_vec()
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    let at = at.min(bytes.len());
    bytes.splice(at..at, piece.iter().copied());
}

fn set(bytes: &mut [u8], at: usize, piece: &[u8]) {
    for (byte, new) in bytes.iter_mut().skip(at).zip(piece) {
        *byte = *new;
    }
}
