//! Alarms in words, for the page and for mails to operators.

use lgwan_zone_store::lanes::Lane;
use platform_service::halts::{Halt, Need};

use super::lane_word;
use crate::site::TEXTS;

/// Codes that an alarm can have; each has a sentence.
pub const CODES: [&str; 19] = [
    "halted",
    "gap",
    "tail",
    "silent",
    "late",
    "set_aside",
    "overdue",
    "spool_warn",
    "spool_alarm",
    "spool_full",
    "log_broken",
    "mirror_broken",
    "spray",
    "probing",
    "mass_export",
    "mass_reading",
    "off_hours",
    "grant",
    "break_glass",
];

/// What a part needs, in a sentence.
#[must_use]
pub fn need(one: &Need) -> String {
    let sentence = TEXTS.fill(&format!("bridge.alarm.{}", one.code), &[("detail", &one.detail)]);
    match lane_of(&one.part) {
        Some(lane) => TEXTS.fill("bridge.alarm.of", &[("lane", &lane), ("what", &sentence)]),
        None => sentence,
    }
}

/// Why a part stopped, in a sentence.
#[must_use]
pub fn halt(one: &Halt) -> String {
    let what = why(one.code);
    match lane_of(&one.part) {
        Some(lane) => TEXTS.fill("bridge.alarm.of", &[("lane", &lane), ("what", &what)]),
        None => what.to_owned(),
    }
}

/// The sentence of a fault that stopped a lane.
pub(super) fn why(code: &str) -> &'static str {
    let key = format!("bridge.stop.{code}");
    TEXTS.get(&key).unwrap_or_else(|| TEXTS.text("bridge.stop.other"))
}

/// The words of the lane that a part's name begins with: `lane in gap`.
fn lane_of(part: &str) -> Option<String> {
    let lane = part.strip_prefix("lane ")?.split(' ').next()?;
    Some(lane_word(Lane::from_word(lane)?))
}
