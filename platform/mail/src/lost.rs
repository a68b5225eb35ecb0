//! Mails that were never sent. None is lost in silence: the zone logs each, and operators are told.

use std::collections::VecDeque;

use platform_service::halts::{Halts, Need};

/// Of the alarm.
pub const CODE: &str = "mails_lost";
/// Who is in need.
const PART: &str = "mail";
/// How long one is told of, in microseconds.
const DAY: i64 = 86_400_000_000;
/// Addresses are mistyped now and then: so many refused ones a day are worth a look.
const MANY: usize = 10;
/// As many are counted.
const MOST: usize = 10_000;

/// Mails given up within the last day.
#[derive(Debug, Default)]
pub struct Lost {
    /// When, in microseconds, and whether the mail server refused the address.
    mails: VecDeque<(i64, bool)>,
}

impl Lost {
    /// Counts one given up at `now`; `refused` when the mail server takes no mail for the address.
    pub fn note(&mut self, now: i64, refused: bool) {
        self.mails.push_back((now, refused));
        if self.mails.len() > MOST {
            self.mails.pop_front();
        }
    }

    /// Tells operators what was lost within the last day, or that a day passed without.
    pub fn tell(&mut self, now: i64, halts: &Halts) {
        self.mails.retain(|(at, _)| now - at < DAY);
        let ours = self.mails.iter().any(|(_, refused)| !refused);
        if !ours && self.mails.len() < MANY {
            halts.all_is_well(PART);
            return;
        }
        let count = self.mails.len().to_string();
        halts.warn(Need {
            part: PART.to_owned(),
            code: CODE,
            why: format!("{count} mails were given up within a day"),
            detail: count,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(lost: &mut Lost, now: i64) -> Vec<String> {
        let halts = Halts::default();
        lost.tell(now, &halts);
        halts.warnings().into_iter().map(|need| need.detail).collect()
    }

    /// NF-29, NS-2: one mail that cannot be sent from here is an alarm for a day; a mistyped address is
    /// none, ten of them are.
    #[test]
    fn a_lost_mail_is_an_alarm_for_a_day() {
        let mut lost = Lost::default();
        (0..9).for_each(|at| lost.note(at, true));
        assert!(told(&mut lost, 10).is_empty());
        lost.note(10, true);
        assert_eq!(told(&mut lost, 10), ["10"]);
        assert!(told(&mut lost, DAY).is_empty(), "the first of ten is a day old");
        lost.note(DAY, false);
        assert_eq!(told(&mut lost, DAY + 1), ["9"]);
        assert_eq!(told(&mut lost, DAY + 20), ["1"]);
        assert!(told(&mut lost, DAY + DAY).is_empty());
    }
}
