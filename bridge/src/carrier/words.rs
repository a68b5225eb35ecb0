//! The words of the carrier: three requests, five answers.

use bridge_contract::bundle::BYTES_HARD;
use bridge_contract::head::LARGEST_HEAD;
use bridge_contract::place::Lane;
use bridge_contract::wire::{Malformed, Reader, Wire, Writer};
use bridge_spool::Fetched;

/// Largest request that carries a bundle, in bytes.
pub(super) const LARGEST_PUT: usize = BYTES_HARD + 64;
/// Largest other request.
pub(super) const LARGEST_ASK: usize = 64;
/// Largest answer: a piece.
pub(super) const LARGEST_ANSWER: usize = super::PIECE as usize + 64;

/// What the dialling side asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// How far is the lane? Answered when it is not at `known` any more, or
    /// after `wait_ms`.
    Head { lane: Lane, known: Fetched, wait_ms: u32 },
    /// A piece of a bundle.
    Get { lane: Lane, at: Fetched, offset: u64 },
    /// A bundle to keep.
    Put { lane: Lane, at: Fetched, bundle: Vec<u8> },
}

/// What the listening side answers.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The signed head of a lane it sends; empty before the first.
    Head(Vec<u8>),
    /// How far a lane it receives is durable.
    Have(Fetched),
    /// A piece, and the size of the whole bundle.
    Piece { size: u64, bytes: Vec<u8> },
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
    use bridge_contract::wire::{decode, encode};
    use proptest::prelude::*;

    use super::*;

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
