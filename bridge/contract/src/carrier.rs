//! What hosts say to each other while bundles travel: three requests, five answers.
//! `docs/wire/carrier.md` draws them.

use crate::bundle::BYTES_HARD;
use crate::head::LARGEST_HEAD;
use crate::place::Lane;
use crate::wire::{Malformed, Reader, Wire, Writer};

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::wire::{decode, encode};

    proptest! {
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
                prop_assert!(decode::<Request>(&encode(&request)) == Ok(request));
            }
            for answer in [
                Answer::Head(bundle.clone()),
                Answer::Have(at),
                Answer::Piece { size: offset, bytes: bundle.clone() },
                Answer::Absent,
                Answer::Refused,
            ] {
                prop_assert!(decode::<Answer>(&encode(&answer)) == Ok(answer));
            }
        }
    }
}
