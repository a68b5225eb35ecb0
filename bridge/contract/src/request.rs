//! Which bundles of a lane are missing, short enough to be read out over a telephone
//! and typed at the sending end, where no other way leads back.
//! `docs/wire/spoken.md` draws it.

use crate::place::Lane;
use crate::spoken::{BadCode, code, read_code};

/// What a code of this kind is.
const WHAT: &[u8] = b"request";
const VERSION: u8 = 1;
/// Most ranges that one code names; what is beyond is asked for with the next.
pub const RANGES: usize = 8;

/// Numbers of a lane that are wanted again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The lane.
    pub lane: Lane,
    /// Its epoch.
    pub epoch: u32,
    /// First and last number of each range: from 1, rising, never touching.
    pub ranges: Vec<(u64, u64)>,
}

impl Request {
    /// Gathers numbers that are missing into ranges; `None` when there are none.
    /// Ranges that touch become one, and only the oldest [`RANGES`] are named.
    #[must_use]
    pub fn of(lane: Lane, epoch: u32, missing: &[(u64, u64)]) -> Option<Self> {
        let mut sorted: Vec<(u64, u64)> = missing.to_vec();
        sorted.retain(|(first, last)| (1..=*last).contains(first));
        sorted.sort_unstable();
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for (first, last) in sorted {
            match ranges.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                Some(_) | None => ranges.push((first, last)),
            }
        }
        ranges.truncate(RANGES);
        (!ranges.is_empty()).then_some(Self { lane, epoch, ranges })
    }

    /// The code that is read out.
    #[must_use]
    pub fn code(&self) -> String {
        let mut bytes = vec![VERSION, self.lane.code()];
        write(u64::from(self.epoch), &mut bytes);
        let mut before = 0;
        for (first, last) in &self.ranges {
            write(first - before, &mut bytes);
            write(last - first, &mut bytes);
            before = *last;
        }
        code(WHAT, &bytes)
    }

    /// What a typed code asks for.
    ///
    /// # Errors
    /// [`BadCode`] when a character is wrong, missing or too many, or when it is a code
    /// for something else.
    pub fn parse(text: &str) -> Result<Self, BadCode> {
        let bytes = read_code(WHAT, text)?;
        Self::read(&bytes).ok_or(BadCode::Mistake)
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let ([VERSION, lane], mut rest) = bytes.split_first_chunk::<2>()? else { return None };
        let lane = Lane::ALL.iter().copied().find(|one| one.code() == *lane)?;
        let epoch = u32::try_from(take(&mut rest)?).ok()?;
        let (mut ranges, mut before) = (Vec::new(), 0_u64);
        while !rest.is_empty() {
            let first = before.checked_add(take(&mut rest)?)?;
            let last = first.checked_add(take(&mut rest)?)?;
            ranges.push((first, last));
            before = last;
        }
        // Exactly what `of` would make of it: no empty list, no zero, nothing that touches.
        let request = Self::of(lane, epoch, &ranges)?;
        (request.ranges == ranges).then_some(request)
    }

    /// How many numbers it asks for.
    #[must_use]
    pub fn count(&self) -> u64 {
        let size = |(first, last): &(u64, u64)| (last - first).saturating_add(1);
        self.ranges.iter().map(size).fold(0, u64::saturating_add)
    }

    /// Whether it asks for this bundle.
    #[must_use]
    pub fn asks_for(&self, (epoch, seq): (u32, u64)) -> bool {
        let within = |(first, last): &(u64, u64)| (*first..=*last).contains(&seq);
        epoch == self.epoch && self.ranges.iter().any(within)
    }

    /// The ranges as people write them: `12–14 20`.
    #[must_use]
    pub fn words(&self) -> String {
        let word = |(first, last): &(u64, u64)| match first == last {
            true => first.to_string(),
            false => format!("{first}–{last}"),
        };
        self.ranges.iter().map(word).collect::<Vec<_>>().join(" ")
    }
}

/// Seven bits a byte, low ones first; the last byte has its high bit clear.
fn write(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.push(value as u8);
}

/// One number in its shortest form.
fn take(from: &mut &[u8]) -> Option<u64> {
    let (mut value, mut bits) = (0_u64, 0_u32);
    loop {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        let part = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit; a last byte of zero is not the shortest.
        if bits > 63 || (bits == 63 && part > 1) || (*byte == 0 && bits > 0) {
            return None;
        }
        value |= part << bits;
        bits += 7;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// NN-18: what is missing fits three groups of five; frozen, because one end may be
    /// older than the other.
    #[test]
    fn a_request_is_short_and_stays_as_it_is() {
        let request = Request::of(Lane::Raw, 1, &[(13, 14), (12, 12), (20, 20)]);
        let request = request.expect("something is missing");
        assert_eq!(request.ranges, [(12, 14), (20, 20)]);
        assert_eq!((request.words().as_str(), request.count()), ("12–14 20", 4));
        assert_eq!(request.code(), FROZEN);
        assert_eq!(Request::parse(FROZEN), Ok(request));
        assert_eq!(Request::of(Lane::Raw, 1, &[]), None);
        assert_eq!(Request::parse("0000-0000"), Err(BadCode::Mistake));
    }

    const FROZEN: &str = "040G2-3020R-0757D-P";

    proptest! {
        /// NN-18: a request reads back, whatever is missing, and one wrong character is noticed.
        #[test]
        fn a_request_reads_back(
            lane in 0..Lane::ALL.len(),
            epoch: u32,
            missing in prop::collection::vec((any::<u64>(), 0..1000_u64), 1..12),
            place: prop::sample::Index,
        ) {
            let missing: Vec<(u64, u64)> =
                missing.into_iter().map(|(at, more)| (at, at.saturating_add(more))).collect();
            let Some(request) = Request::of(Lane::ALL[lane], epoch, &missing) else {
                return Ok(());
            };
            let code = request.code();
            prop_assert_eq!(Request::parse(&code), Ok(request));
            let mut letters: Vec<char> = code.chars().filter(|one| *one != '-').collect();
            let at = place.index(letters.len());
            letters[at] = if letters[at] == '7' { '8' } else { '7' };
            prop_assert!(Request::parse(&letters.iter().collect::<String>()).is_err());
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Some(request) = Request::read(&bytes) {
                prop_assert_eq!(Request::parse(&request.code()), Ok(request));
            }
        }
    }
}
