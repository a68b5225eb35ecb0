//! Alarms in words, for the page and for mails to operators.

use lgwan_zone_store::lanes::Lane;
use platform_service::halts::{Halt, Need};

use super::lane_word;
use crate::site::TEXTS;

/// Codes that an alarm can have; each has a sentence.
pub const CODES: [&str; 33] = [
    "halted",
    "gap",
    "tail",
    "lost",
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
    "mass_rows",
    "api_reading",
    "mass_reading",
    "off_hours",
    "grant",
    "break_glass",
    "elsewhere",
    "webhook",
    "set_back",
    "undelivered",
    "failed_after_taken",
    "not_packed",
    "folder_away",
    "unopened",
    "unheard",
    "mails_lost",
    "reform_blocked",
];

/// Where an alarm is looked at: a page, and the part of the runbook that says what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Lanes, spool and exports.
    Bridge,
    /// The operation logs are not as they were written.
    Verify,
    /// Something in the operation logs is worth a look.
    Alerts,
}

impl Place {
    /// The place of an alarm.
    #[must_use]
    pub fn of(code: &str) -> Self {
        match code {
            "log_broken" | "mirror_broken" => Self::Verify,
            "spray" | "probing" | "mass_export" | "mass_rows" | "api_reading" | "mass_reading"
            | "off_hours" | "grant" | "break_glass" => Self::Alerts,
            _ => Self::Bridge,
        }
    }

    /// Its words and the path of its page.
    pub(crate) const fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::Bridge => ("bridge.alarm.mail.where.bridge", "/bridge"),
            Self::Verify => ("bridge.alarm.mail.where.verify", "/audit/verify"),
            Self::Alerts => ("bridge.alarm.mail.where.alerts", "/audit/alerts"),
        }
    }
}

/// What a part needs, in a sentence. What another host says of itself is named after it.
#[must_use]
pub fn need(one: &Need) -> String {
    let (host, part) =
        host_of(&one.part).map_or((None, one.part.as_str()), |(host, part)| (Some(host), part));
    // What a full spool stops is not the same at I, where people send, and behind it.
    let behind = host.is_some() && !one.part.starts_with("host i ");
    let key = match one.code {
        "spool_full" if behind => "bridge.alarm.spool_full_behind".to_owned(),
        code => format!("bridge.alarm.{code}"),
    };
    let sentence = match TEXTS.get(&key) {
        Some(_) => TEXTS.fill(&key, &[("detail", &one.detail)]),
        None => why(one.code).to_owned(),
    };
    let said = match lane_of(part) {
        Some(lane) => TEXTS.fill("bridge.alarm.of", &[("lane", &lane), ("what", &sentence)]),
        None => sentence,
    };
    match host {
        Some(host) => TEXTS.fill("bridge.alarm.at", &[("host", &host), ("what", &said)]),
        None => said,
    }
}

/// The words of the host that a part's name begins with, and the rest: `host i spool`.
fn host_of(part: &str) -> Option<(&'static str, &str)> {
    let (host, part) = part.strip_prefix("host ")?.split_once(' ')?;
    Some((TEXTS.get(&format!("bridge.host.{host}"))?, part))
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
