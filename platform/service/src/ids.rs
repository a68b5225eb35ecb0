//! Identifiers made by the application, never by the database.
//!
//! 26 characters of lower-case Crockford base32: 48 bits of milliseconds, then
//! 80 random bits. They sort by time, so new rows land at the end of an index.

use ring::rand::{SecureRandom, SystemRandom};

use crate::clock::Clock;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Length of an identifier in characters.
pub const LENGTH: usize = 26;

/// Makes a new identifier.
///
/// # Panics
/// When the operating system gives no random bytes: nothing safe can go on then.
#[must_use]
pub fn new(clock: &Clock) -> String {
    let millis = u64::try_from(clock.now().as_millisecond()).unwrap_or(0);
    let mut bytes = [0_u8; 16];
    bytes[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&random::<10>());
    encode(u128::from_be_bytes(bytes))
}

/// `N` random bytes from the operating system.
///
/// # Panics
/// When the operating system gives none: nothing safe can go on then.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}

/// A random token of 256 bits in 52 characters, for links and cookies.
#[must_use]
pub fn token() -> String {
    let bytes = random::<32>();
    let (high, low) = bytes.split_at(16);
    let half = |part: &[u8]| u128::from_be_bytes(part.try_into().expect("16 of 32 bytes"));
    encode(half(high)) + &encode(half(low))
}

fn encode(value: u128) -> String {
    (0..LENGTH).rev().map(|place| ALPHABET[(value >> (place * 5)) as usize & 31] as char).collect()
}

#[cfg(test)]
mod tests {
    use jiff::{SignedDuration, Timestamp};

    use super::*;

    #[test]
    fn identifiers_sort_by_time_and_differ() {
        let clock = Clock::fixed(Timestamp::UNIX_EPOCH);
        let first = new(&clock);
        clock.advance(SignedDuration::from_millis(1));
        let second = new(&clock);
        assert_eq!(first.len(), LENGTH);
        assert!(first < second);
        assert_ne!(new(&clock), new(&clock));
    }

    #[test]
    fn the_largest_value_keeps_its_length() {
        assert_eq!(encode(u128::MAX), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
        assert_eq!(token().len(), 2 * LENGTH);
    }
}
