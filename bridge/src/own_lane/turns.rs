//! Which seal key a lane without a database is sealed to, and which are done with: the
//! record of the turns lies beside the lane, one line a turn (decision 0047).
//!
//! ```text
//! <spool>/<lane>/seals    key id · first epoch and number · since when
//! ```

use std::fmt::Write as _;
use std::time::Duration;

use bridge_contract::digest::unhex;
use bridge_contract::keys::KeyId;
use jiff::{SignedDuration, Timestamp};

/// One turn of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Turn {
    key: KeyId,
    /// Bundles from this one on are sealed to it, at the latest from the next.
    first: (u32, u64),
    since: Timestamp,
}

/// The turns of a lane, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Turns(Vec<Turn>);

impl Turns {
    /// Reads the record. A line that is none ends it: what follows is not believed.
    pub(crate) fn read(text: &str) -> Self {
        Self(text.lines().map_while(line).collect())
    }

    /// The record as it is written.
    pub(crate) fn text(&self) -> String {
        let mut text = String::new();
        for turn in &self.0 {
            let (epoch, seq) = turn.first;
            // Writing into a text does not fail.
            let _written =
                writeln!(text, "{} {epoch} {seq} {}", turn.key, turn.since.as_microsecond());
        }
        text
    }

    /// The key in use.
    pub(crate) fn key(&self) -> Option<KeyId> {
        self.0.last().map(|turn| turn.key)
    }

    /// Brings the record up to date; whether it changed. `listed` are the keys in the order
    /// of turning, `first` is the next bundle. Where nothing is recorded the lane begins with
    /// `used`, which its newest bundle is sealed to; where there is no bundle either, with the
    /// first key, or after a reset, which means that the record was lost, with the last: the far
    /// end may have destroyed those before it.
    pub(crate) fn advance(
        &mut self,
        listed: &[KeyId],
        used: Option<KeyId>,
        first: (u32, u64),
        (after, now): (Duration, Timestamp),
    ) -> bool {
        let Some((oldest, newest)) = listed.first().zip(listed.last()) else { return false };
        let known = self.0.iter().rev().find_map(|turn| {
            let place = listed.iter().position(|key| *key == turn.key)?;
            Some((place, *turn))
        });
        let key = match (known, self.0.is_empty()) {
            (Some((_, turn)), _) if Some(turn.key) == self.key() && !is_over(&turn, after, now) => {
                return false;
            }
            (Some((place, _)), _) => listed.get(place + 1).copied(),
            // The set lists none of the record any more: they are all new.
            (None, false) => Some(*oldest),
            (None, true) => used.filter(|key| listed.contains(key)).or(Some(if first.0 > 1 {
                *newest
            } else {
                *oldest
            })),
        };
        let Some(key) = key else { return false };
        self.0.push(Turn { key, first, since: now });
        true
    }

    /// Keys that nothing here is sealed to any more. What was sealed just before a turn may be
    /// shown just after it, so a key counts as needed until the turn after the next: the oldest
    /// bundle that is still here must be one of those.
    pub(crate) fn done(&self, oldest_here: Option<(u32, u64)>) -> Vec<KeyId> {
        let later = self.0.iter().zip(self.0.iter().skip(2));
        let done =
            later.take_while(|(_, later)| oldest_here.is_none_or(|here| here >= later.first));
        let stays = |key: &KeyId| self.0.iter().rev().take(2).all(|turn| turn.key != *key);
        done.map(|(turn, _)| turn.key).filter(stays).collect()
    }
}

fn is_over(turn: &Turn, after: Duration, now: Timestamp) -> bool {
    let after = SignedDuration::try_from(after).unwrap_or(SignedDuration::MAX);
    now.duration_since(turn.since) >= after
}

fn line(text: &str) -> Option<Turn> {
    let mut words = text.split(' ');
    let key = KeyId(unhex(words.next()?)?);
    let first = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let since = Timestamp::from_microsecond(words.next()?.parse().ok()?).ok()?;
    words.next().is_none().then_some(Turn { key, first, since })
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: Duration = Duration::from_secs(7 * 86_400);

    fn key(number: u8) -> KeyId {
        KeyId([number; 8])
    }

    fn day(number: i64) -> Timestamp {
        Timestamp::from_second(1_792_000_000 + number * 86_400).expect("in range")
    }

    fn turned(days: &[i64]) -> Turns {
        let (mut turns, listed) = (Turns::default(), [key(1), key(2), key(3)]);
        for (count, at) in days.iter().enumerate() {
            let first = (1, 10 * count as u64 + 1);
            assert!(turns.advance(&listed, None, first, (WEEK, day(*at))), "day {at}");
        }
        turns
    }

    /// NF-32: keys are turned week after week in the order of the list, and the last one stays.
    #[test]
    fn a_lane_turns_every_week_to_the_next_key() {
        let mut turns = turned(&[0, 7, 14]);
        let listed = [key(1), key(2), key(3)];
        assert_eq!(turns.key(), Some(key(3)));
        assert!(!turns.advance(&listed, None, (1, 99), (WEEK, day(400))), "there is no next one");
        assert!(turns.advance(&[key(3), key(4)], None, (1, 99), (WEEK, day(400))));
        assert_eq!(Turns::read(&turns.text()), turns, "it reads back");
        let mut early = turned(&[0]);
        assert!(!early.advance(&listed, None, (1, 11), (WEEK, day(6))));
    }

    /// I8, I13: a key is done when every bundle until the turn after the next is forgotten; never
    /// the one in use.
    #[test]
    fn a_key_is_done_when_nothing_here_needs_it() {
        let turns = turned(&[0, 7, 14]);
        assert_eq!(turns.done(Some((1, 5))), [], "a bundle of the first key is here");
        assert_eq!(turns.done(Some((1, 11))), [], "it may hold what was sealed before the turn");
        assert_eq!(turns.done(Some((1, 21))), [key(1)]);
        assert_eq!(turns.done(Some((2, 1))), [key(1)]);
        assert_eq!(turned(&[0, 7]).done(None), []);
    }

    /// I14: a lane whose record is lost never goes back to a key that the far end may have
    /// destroyed.
    #[test]
    fn a_lost_record_leads_to_no_destroyed_key() {
        let listed = [key(1), key(2), key(3)];
        let begun = |used, first| {
            let mut turns = Turns::default();
            assert!(turns.advance(&listed, used, first, (WEEK, day(0))));
            turns.key()
        };
        assert_eq!(begun(None, (1, 1)), Some(key(1)), "a new lane");
        assert_eq!(begun(Some(key(2)), (1, 8)), Some(key(2)), "what the newest bundle says");
        assert_eq!(begun(None, (2, 1)), Some(key(3)), "a lane that began anew");
        assert_eq!(begun(Some(key(9)), (2, 1)), Some(key(3)));
        assert_eq!(Turns::read("no line\n"), Turns::default());
    }
}
