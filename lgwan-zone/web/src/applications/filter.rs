//! The conditions of the inbox, read from and written to the address.

use domain::applications::State;
use jiff::ToSpan as _;
use jiff::civil::Date;
use lgwan_zone_store::applications::inbox::{From, Order, Place, Wish};
use platform_web::FormData;

use crate::words;

/// Lines a page.
pub const ROWS: usize = 50;

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Number or name to look for.
    pub q: String,
    /// One pile of states.
    pub pile: Option<Pile>,
    /// One procedure.
    pub procedure: String,
    /// First day of arrival.
    pub since: Option<Date>,
    /// Last day of arrival.
    pub until: Option<Date>,
    /// Oldest first.
    pub oldest: bool,
}

/// States as the desk thinks of them: 差戻し中 is one pile wherever it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pile {
    /// 受付待ち.
    Arrived,
    /// 受付済.
    Accepted,
    /// 審査中.
    Reviewing,
    /// 差戻し中.
    Correction,
    /// 結果通知済.
    Notified,
    /// 完了.
    Done,
    /// 却下.
    Rejected,
    /// 取下げ.
    Withdrawn,
    /// 不受理.
    RefusedEntry,
}

impl Pile {
    /// Every pile, in the order of the work.
    pub const ALL: [Self; 9] = [
        Self::Arrived,
        Self::Accepted,
        Self::Reviewing,
        Self::Correction,
        Self::Notified,
        Self::Done,
        Self::Rejected,
        Self::Withdrawn,
        Self::RefusedEntry,
    ];

    /// Its word in the address and the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Accepted => "accepted",
            Self::Reviewing => "reviewing",
            Self::Correction => "correction",
            Self::Notified => "notified",
            Self::Done => "done",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::RefusedEntry => "refused_entry",
        }
    }

    /// Reads [`key`](Self::key).
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|pile| pile.key() == key)
    }

    /// The pile of a state.
    #[must_use]
    pub const fn of(state: State) -> Self {
        match state {
            State::Arrived => Self::Arrived,
            State::Accepted => Self::Accepted,
            State::Reviewing => Self::Reviewing,
            State::Correction(_) => Self::Correction,
            State::Notified => Self::Notified,
            State::Done => Self::Done,
            State::Rejected => Self::Rejected,
            State::Withdrawn => Self::Withdrawn,
            State::RefusedEntry => Self::RefusedEntry,
        }
    }

    /// The states in it, as stored.
    #[must_use]
    pub fn states(self) -> Vec<String> {
        let inside = State::ALL.into_iter().filter(|state| Self::of(*state) == self);
        inside.map(|state| state.key().to_owned()).collect()
    }
}

impl Filter {
    /// Reads the conditions; what cannot be read is no condition.
    #[must_use]
    pub fn read(query: &FormData) -> Self {
        let date = |name| query.text(name).parse::<Date>().ok();
        Self {
            q: query.text("q").trim().chars().take(100).collect(),
            pile: Pile::parse(query.text("state")),
            procedure: query.text("procedure").chars().take(26).collect(),
            since: date("since"),
            until: date("until"),
            oldest: query.text("order") == "oldest",
        }
    }

    /// The conditions as a query, without page: `?state=arrived&order=oldest`.
    #[must_use]
    pub fn query(&self) -> String {
        let mut parts = Vec::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                parts.push(format!("{name}={}", words::in_query(value)));
            }
        };
        add("q", &self.q);
        add("state", self.pile.map_or("", Pile::key));
        add("procedure", &self.procedure);
        add("since", &self.since.map_or_else(String::new, |day| day.to_string()));
        add("until", &self.until.map_or_else(String::new, |day| day.to_string()));
        add("order", if self.oldest { "oldest" } else { "" });
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The query with a place of the list.
    #[must_use]
    pub fn query_at(&self, turn: &str, place: &Place) -> String {
        let query = self.query();
        let joint = if query.is_empty() { '?' } else { '&' };
        format!("{query}{joint}{turn}={}-{}", place.arrived_at, place.id)
    }

    /// What the store is asked.
    #[must_use]
    pub fn wish(&self, departments: &[String], from: From, rows: usize) -> Wish {
        let after = |day: Date| day.checked_add(1.day()).ok();
        Wish {
            departments: departments.to_vec(),
            states: self.pile.map_or_else(Vec::new, Pile::states),
            procedure: (!self.procedure.is_empty()).then(|| self.procedure.clone()),
            since: self.since.and_then(words::midnight).map(|at| at.as_microsecond()),
            until: self
                .until
                .and_then(after)
                .and_then(words::midnight)
                .map(|at| at.as_microsecond()),
            order: if self.oldest { Order::Oldest } else { Order::Newest },
            from,
            rows,
        }
    }
}

/// Where the page begins: `after=` or `before=` with arrival and id.
#[must_use]
pub fn from(query: &FormData) -> From {
    let place = |text: &str| {
        let (arrived, id) = text.split_once('-')?;
        Some(Place { arrived_at: arrived.parse().ok()?, id: id.chars().take(26).collect() })
    };
    if let Some(place) = place(query.text("after")) {
        From::After(place)
    } else if let Some(place) = place(query.text("before")) {
        From::Before(place)
    } else {
        From::Top
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_survive_the_way_through_the_address() {
        let typed: FormData = [
            ("q", "山田 &"),
            ("state", "correction"),
            ("since", "2026-04-01"),
            ("until", "nonsense"),
            ("order", "oldest"),
        ]
        .into_iter()
        .collect();
        let filter = Filter::read(&typed);
        let query = filter.query();
        let again = FormData::parse(query.trim_start_matches('?').as_bytes()).expect("text");
        assert_eq!(Filter::read(&again).query(), query);
        assert_eq!(filter.pile.map(Pile::states).map(|states| states.len()), Some(3));
        assert_eq!(filter.until, None);
    }

    #[test]
    fn every_state_lies_on_one_pile() {
        for state in State::ALL {
            assert!(Pile::of(state).states().contains(&state.key().to_owned()));
        }
    }
}
