//! What hosts say to each other while bundles travel: three requests, five answers.
//! `docs/wire/carrier.md` draws them.

use std::cmp::Ordering;

use crate::bundle::BYTES_HARD;
use crate::head::LARGEST_HEAD;
use crate::place::Lane;
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode};

/// Largest piece of a bundle in one answer, in bytes.
pub const PIECE: u64 = 4 << 20;
/// Largest request that carries a bundle, in bytes.
pub const LARGEST_PUT: usize = BYTES_HARD + 64;
/// Largest other request.
pub const LARGEST_ASK: usize = 64;
/// Largest answer: a piece.
pub const LARGEST_ANSWER: usize = PIECE as usize + 64;

/// How far a lane is durable at a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// The epoch.
    pub epoch: u32,
    /// All bundles up to this number are here or were taken in already.
    pub seq: u64,
}

/// What the dialling side asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// How far is the lane?
    Head {
        /// The lane.
        lane: Lane,
        /// Answered as soon as the lane is past this.
        known: Fetched,
        /// Or after so many milliseconds.
        wait_ms: u32,
    },
    /// A piece of a bundle.
    Get {
        /// The lane.
        lane: Lane,
        /// The bundle.
        at: Fetched,
        /// First byte of the piece.
        offset: u64,
    },
    /// A bundle to keep.
    Put {
        /// The lane.
        lane: Lane,
        /// Its place.
        at: Fetched,
        /// The whole file.
        bundle: Vec<u8>,
    },
}

/// What the listening side answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The signed head of a lane it sends; empty before the first.
    Head(Vec<u8>),
    /// How far a lane it receives is durable.
    Have(Fetched),
    /// A piece of a bundle.
    Piece {
        /// Size of the whole bundle.
        size: u64,
        /// The piece.
        bytes: Vec<u8>,
    },
    /// There is no such bundle.
    Absent,
    /// Not a lane of this listener, or not an acceptable bundle.
    Refused,
}

fn write_at(at: &Fetched, out: &mut Writer) {
    at.epoch.write(out);
    at.seq.write(out);
}

fn read_at(from: &mut Reader<'_>) -> Result<Fetched, Malformed> {
    Ok(Fetched { epoch: u32::read(from)?, seq: u64::read(from)? })
}

impl Wire for Request {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Head { lane, known, wait_ms } => {
                out.raw(&[1]);
                lane.write(out);
                write_at(known, out);
                wait_ms.write(out);
            }
            Self::Get { lane, at, offset } => {
                out.raw(&[2]);
                lane.write(out);
                write_at(at, out);
                offset.write(out);
            }
            Self::Put { lane, at, bundle } => {
                out.raw(&[3]);
                lane.write(out);
                write_at(at, out);
                bundle.write(out);
            }
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let [verb] = from.array()?;
        let lane = Lane::read(from)?;
        let at = read_at(from)?;
        match verb {
            1 => Ok(Self::Head { lane, known: at, wait_ms: u32::read(from)? }),
            2 => Ok(Self::Get { lane, at, offset: u64::read(from)? }),
            3 => Ok(Self::Put { lane, at, bundle: Vec::read(from)? }),
            _ => Err(Malformed::UnknownTag),
        }
    }
}

impl Wire for Answer {
    fn write(&self, out: &mut Writer) {
        match self {
            Self::Head(head) => {
                out.raw(&[1]);
                out.bytes(head);
            }
            Self::Have(at) => {
                out.raw(&[2]);
                write_at(at, out);
            }
            Self::Piece { size, bytes } => {
                out.raw(&[3]);
                size.write(out);
                out.bytes(bytes);
            }
            Self::Absent => out.raw(&[4]),
            Self::Refused => out.raw(&[5]),
        }
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        match from.array()? {
            [1] => Ok(Self::Head(from.bytes(LARGEST_HEAD)?.to_vec())),
            [2] => Ok(Self::Have(read_at(from)?)),
            [3] => Ok(Self::Piece { size: u64::read(from)?, bytes: Vec::read(from)? }),
            [4] => Ok(Self::Absent),
            [5] => Ok(Self::Refused),
            _ => Err(Malformed::UnknownTag),
        }
    }
}

/// The canonical bytes of a message in two pieces, so that a bundle is not copied on its way into a
/// connection and out of it.
pub trait Frame: Wire {
    /// How many bytes stand in front of a bundle, in the message that carries one.
    const FRONT: usize;

    /// What stands in front, and the bundle behind it; nothing behind other messages.
    fn pieces(&self) -> (Vec<u8>, &[u8]);

    /// The message of which these are the first [`Frame::FRONT`] bytes, or all there are, and the rest.
    ///
    /// # Errors
    /// [`Malformed`] when they are not exactly one canonical message.
    fn from_pieces(front: &[u8], rest: Vec<u8>) -> Result<Self, Malformed>;
}

impl Frame for Request {
    const FRONT: usize = 1 + 1 + 4 + 8 + 4;

    fn pieces(&self) -> (Vec<u8>, &[u8]) {
        match self {
            Self::Put { lane, at, bundle } => {
                let mut front = Writer::with_room(Self::FRONT);
                front.raw(&[3]);
                lane.write(&mut front);
                write_at(at, &mut front);
                length(bundle).write(&mut front);
                (front.into_bytes(), bundle)
            }
            Self::Head { .. } | Self::Get { .. } => (encode(self), &[]),
        }
    }

    fn from_pieces(front: &[u8], rest: Vec<u8>) -> Result<Self, Malformed> {
        let mut from = Reader::new(front);
        if front.len() < Self::FRONT || from.array()? != [3] {
            return decode(&[front, &rest].concat());
        }
        let (lane, at) = (Lane::read(&mut from)?, read_at(&mut from)?);
        Ok(Self::Put { lane, at, bundle: announced(&mut from, rest)? })
    }
}

impl Frame for Answer {
    const FRONT: usize = 1 + 8 + 4;

    fn pieces(&self) -> (Vec<u8>, &[u8]) {
        match self {
            Self::Piece { size, bytes } => {
                let mut front = Writer::with_room(Self::FRONT);
                front.raw(&[3]);
                size.write(&mut front);
                length(bytes).write(&mut front);
                (front.into_bytes(), bytes)
            }
            Self::Head(_) | Self::Have(_) | Self::Absent | Self::Refused => (encode(self), &[]),
        }
    }

    fn from_pieces(front: &[u8], rest: Vec<u8>) -> Result<Self, Malformed> {
        let mut from = Reader::new(front);
        if front.len() < Self::FRONT || from.array()? != [3] {
            return decode(&[front, &rest].concat());
        }
        let size = u64::read(&mut from)?;
        Ok(Self::Piece { size, bytes: announced(&mut from, rest)? })
    }
}

/// A length that is known to be small.
fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap_or(u32::MAX)
}

/// The rest, when it has the length that is announced and nothing else is.
fn announced(from: &mut Reader<'_>, rest: Vec<u8>) -> Result<Vec<u8>, Malformed> {
    let announced = from.length(usize::MAX)?;
    match rest.len().cmp(&announced) {
        Ordering::Less => Err(Malformed::TooShort),
        Ordering::Equal => Ok(rest),
        Ordering::Greater => Err(Malformed::LeftOver),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A message read in two pieces.
    fn framed<T: Frame>(bytes: &[u8]) -> Option<T> {
        let (front, rest) = bytes.split_at(bytes.len().min(T::FRONT));
        T::from_pieces(front, rest.to_vec()).ok()
    }

    fn in_pieces<T: Frame>(message: &T) -> Vec<u8> {
        let (front, rest) = message.pieces();
        [front.as_slice(), rest].concat()
    }

    proptest! {
        /// NN-18: two pieces are understood as one, and no others.
        #[test]
        fn two_pieces_say_what_one_says(
            tag in 1..7_u8,
            numbers in prop::collection::vec(0..3_u8, 0..24),
            bytes in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            for bytes in [[&[tag], numbers.as_slice(), &bytes].concat(), bytes.clone()] {
                prop_assert_eq!(framed::<Request>(&bytes), decode::<Request>(&bytes).ok());
                prop_assert_eq!(framed::<Answer>(&bytes), decode::<Answer>(&bytes).ok());
            }
        }

        /// I18: hostile bytes never panic, and what decodes is canonical.
        #[test]
        fn hostile_frames(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            if let Ok(request) = decode::<Request>(&bytes) {
                prop_assert_eq!(encode(&request), bytes.clone());
            }
            if let Ok(answer) = decode::<Answer>(&bytes) {
                prop_assert_eq!(encode(&answer), bytes);
            }
        }

        #[test]
        fn frames_read_back(epoch: u32, seq: u64, offset: u64, bundle in prop::collection::vec(any::<u8>(), 0..64)) {
            let at = Fetched { epoch, seq };
            let lane = Lane::PubCtl;
            for request in [
                Request::Head { lane, known: at, wait_ms: epoch },
                Request::Get { lane, at, offset },
                Request::Put { lane, at, bundle: bundle.clone() },
            ] {
                prop_assert_eq!(in_pieces(&request), encode(&request));
                prop_assert_eq!(framed::<Request>(&encode(&request)), Some(request.clone()));
                prop_assert!(decode::<Request>(&encode(&request)) == Ok(request));
            }
            for answer in [
                Answer::Head(bundle.clone()),
                Answer::Have(at),
                Answer::Piece { size: offset, bytes: bundle.clone() },
                Answer::Absent,
                Answer::Refused,
            ] {
                prop_assert_eq!(in_pieces(&answer), encode(&answer));
                prop_assert_eq!(framed::<Answer>(&encode(&answer)), Some(answer.clone()));
                prop_assert!(decode::<Answer>(&encode(&answer)) == Ok(answer));
            }
        }
    }
}
