//! Numbers of the wire as the databases keep them, and back. The wire's ranges
//! are wider than a lane ever gets: 2³¹ epochs, 2⁶³ bundles.

pub(crate) fn small(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

pub(crate) fn big(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(crate) fn index(stored: i32) -> u32 {
    u32::try_from(stored).unwrap_or(0)
}

pub(crate) fn number(stored: i64) -> u64 {
    u64::try_from(stored).unwrap_or(0)
}
