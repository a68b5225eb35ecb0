//! The conditions of the inbox, read from and written to the address.

use domain::applications::State;
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::applications::inbox::{From, Order, Place, Wish};
use platform_web::FormData;

use crate::words;

/// Lines a page.
pub const ROWS: usize = 50;

/// [`Filter::charge`] of what nobody is in charge of.
pub(crate) const NOBODY: &str = "none";

/// What the list is narrowed to.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Number or name to look for.
    pub q: String,
    /// One pile of states.
    pub pile: Option<Pile>,
    /// One procedure.
    pub procedure: String,
    /// One label.
    pub label: String,
    /// A day of which the application asks for a time (日時の枠).
    pub slot: Option<Date>,
    /// Only what another department is asked about (意見照会).
    pub inquiries: bool,
    /// Only what should have been corrected by now (補正の期限切れ).
    pub uncorrected: bool,
    /// Only what the applicant asked to withdraw (取下げの申出).
    pub withdrawals: bool,
    /// Only what this member of staff is in charge of and is not over (担当者); `none` for what nobody is.
    pub charge: String,
    /// First day of arrival.
    pub since: Option<Date>,
    /// Last day of arrival.
    pub until: Option<Date>,
    /// By when it is due.
    pub due: Option<Due>,
    /// Which way the list runs; what is due runs by deadline.
    pub order: Order,
}

/// Until when the deadline of an application lies (IK-2.1.1b).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// 期限切れ.
    Late,
    /// 今日まで, what is late included.
    Today,
    /// 今週中, what is late included.
    Week,
}

impl Due {
    /// Every choice, the most urgent first.
    pub const ALL: [Self; 3] = [Self::Late, Self::Today, Self::Week];

    /// Its word in the address and the catalogue.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Late => "late",
            Self::Today => "today",
            Self::Week => "week",
        }
    }

    /// Reads [`key`](Self::key).
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|due| due.key() == key)
    }

    /// The last moment it asks for, microseconds; weeks end with Sunday.
    #[must_use]
    pub fn until(self, now: Timestamp) -> i64 {
        let today = words::day(now);
        match self {
            Self::Late => now.as_microsecond(),
            Self::Today => countdown::end_of(today),
            Self::Week => {
                let left = i64::from(7 - today.weekday().to_monday_one_offset());
                countdown::end_of(today.saturating_add(left.days()))
            }
        }
    }
}

/// How an order is called in the address.
const fn order_key(order: Order) -> &'static str {
    match order {
        Order::Newest => "",
        Order::Oldest => "oldest",
        Order::Deadline => "deadline",
    }
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
    /// 期限切れ.
    Expired,
    /// 職権終了.
    Closed,
}

impl Pile {
    /// Every pile, in the order of the work.
    pub const ALL: [Self; 11] = [
        Self::Arrived,
        Self::Accepted,
        Self::Reviewing,
        Self::Correction,
        Self::Notified,
        Self::Done,
        Self::Rejected,
        Self::Withdrawn,
        Self::RefusedEntry,
        Self::Expired,
        Self::Closed,
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
            Self::Expired => "expired",
            Self::Closed => "closed",
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
            State::Expired(_) => Self::Expired,
            State::Closed => Self::Closed,
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
        let due = Due::parse(query.text("due"));
        let order = match query.text("order") {
            _ if due.is_some() => Order::Deadline,
            "oldest" => Order::Oldest,
            "deadline" => Order::Deadline,
            _ => Order::Newest,
        };
        Self {
            q: query.text("q").trim().chars().take(100).collect(),
            pile: Pile::parse(query.text("state")),
            procedure: query.text("procedure").chars().take(26).collect(),
            label: query.text("label").chars().take(26).collect(),
            slot: date("slot"),
            inquiries: query.text("inquiry") == "open",
            uncorrected: query.text("correction") == "late",
            withdrawals: query.text("withdrawal") == "asked",
            charge: query.text("charge").chars().take(26).collect(),
            since: date("since"),
            until: date("until"),
            due,
            order,
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
        add("label", &self.label);
        add("slot", &self.slot.map_or_else(String::new, |day| day.to_string()));
        add("inquiry", if self.inquiries { "open" } else { "" });
        add("correction", if self.uncorrected { "late" } else { "" });
        add("withdrawal", if self.withdrawals { "asked" } else { "" });
        add("charge", &self.charge);
        add("since", &self.since.map_or_else(String::new, |day| day.to_string()));
        add("until", &self.until.map_or_else(String::new, |day| day.to_string()));
        add("due", self.due.map_or("", Due::key));
        add("order", if self.due.is_some() { "" } else { order_key(self.order) });
        if parts.is_empty() { String::new() } else { format!("?{}", parts.join("&")) }
    }

    /// The query with a place of the list.
    #[must_use]
    pub fn query_at(&self, turn: &str, place: &Place) -> String {
        let query = self.query();
        let joint = if query.is_empty() { '?' } else { '&' };
        format!("{query}{joint}{turn}={}-{}", place.at, place.id)
    }

    /// What the store is asked.
    #[must_use]
    pub fn wish(&self, departments: &[String], from: From, rows: usize, now: Timestamp) -> Wish {
        let after = |day: Date| day.checked_add(1.day()).ok();
        Wish {
            departments: departments.to_vec(),
            states: self.pile.map_or_else(Vec::new, Pile::states),
            procedure: (!self.procedure.is_empty()).then(|| self.procedure.clone()),
            label: (!self.label.is_empty()).then(|| self.label.clone()),
            slot_day: self.slot,
            inquiries: self.inquiries,
            withdrawals: self.withdrawals,
            in_charge: Some(&self.charge).filter(|one| !one.is_empty() && *one != NOBODY).cloned(),
            uncharged: self.charge == NOBODY,
            uncorrected: self.uncorrected.then(|| words::day(now).to_string()),
            since: self.since.and_then(words::midnight).map(|at| at.as_microsecond()),
            until: self
                .until
                .and_then(after)
                .and_then(words::midnight)
                .map(|at| at.as_microsecond()),
            deadline_by: self.due.map(|due| due.until(now)),
            order: self.order,
            from,
            rows,
        }
    }
}

/// Where the page begins: `after=` or `before=` with the moment and id of a place.
#[must_use]
pub fn from(query: &FormData) -> From {
    let place = |text: &str| {
        let (at, id) = text.split_once('-')?;
        Some(Place { at: at.parse().ok()?, id: id.chars().take(26).collect() })
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
            ("slot", "2026-12-01"),
            ("until", "nonsense"),
            ("label", "01kn35e000p10vamgtbq15jnjc"),
            ("inquiry", "open"),
            ("correction", "late"),
            ("withdrawal", "asked"),
            ("charge", "01kn35e000p10vamgtbq15jnjd"),
            ("order", "oldest"),
        ]
        .into_iter()
        .collect();
        let filter = Filter::read(&typed);
        assert_eq!(filter.label, "01kn35e000p10vamgtbq15jnjc");
        let query = filter.query();
        let again = FormData::parse(query.trim_start_matches('?').as_bytes()).expect("text");
        assert_eq!(Filter::read(&again).query(), query);
        assert_eq!(filter.pile.map(Pile::states).map(|states| states.len()), Some(3));
        assert_eq!(filter.until, None);
    }

    /// IK-2.1.1b: what is late, due today and due until Sunday; the list runs by deadline then.
    #[test]
    fn what_is_due_is_asked_for_by_its_last_moment() {
        let friday: Timestamp = "2026-11-20T01:00:00Z".parse().expect("a time");
        let until = |due: Due| {
            let moment = Timestamp::from_microsecond(due.until(friday)).expect("a time");
            words::minute(moment)
        };
        assert_eq!(
            Due::ALL.map(until),
            ["2026-11-20 10:00", "2026-11-21 00:00", "2026-11-23 00:00"]
        );
        let typed: FormData = [("due", "week"), ("order", "oldest")].into_iter().collect();
        let filter = Filter::read(&typed);
        assert_eq!((filter.order, filter.query().as_str()), (Order::Deadline, "?due=week"));
        let wish = filter.wish(&[], From::Top, 1, friday);
        assert_eq!(wish.deadline_by, Some(Due::Week.until(friday)));
    }

    #[test]
    fn every_state_lies_on_one_pile() {
        for state in State::ALL {
            assert!(Pile::of(state).states().contains(&state.key().to_owned()));
        }
    }
}
