//! Counts put together: by procedure, by day or month, and in all.

use std::collections::BTreeMap;

use lgwan_zone_store::numbers::{Number, What};

use super::period::Period;

/// What began in this zone, by the way it came (IK-2.1.2a3, NB-2.1).
pub(super) const INSIDE: [What; 5] =
    [What::Post, What::Phone, What::Counter, What::Fax, What::Staff];

/// Sums of everything that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sums(BTreeMap<What, i64>);

impl Sums {
    fn add(&mut self, what: What, by: i64) {
        *self.0.entry(what).or_default() += by;
    }

    pub(super) fn of(&self, what: What) -> i64 {
        self.0.get(&what).copied().unwrap_or(0)
    }

    /// What arrived through the citizens' pages: what began in this zone is none of it.
    pub(super) fn online(&self) -> i64 {
        self.of(What::Arrived) - INSIDE.iter().map(|what| self.of(*what)).sum::<i64>()
    }

    /// Of a hundred who began, how many sent; `None` when nobody began.
    pub(super) fn sent_of_hundred(&self) -> Option<i64> {
        let (began, sent) = (self.of(What::Start), self.online());
        (began > 0).then(|| (sent * 100 / began).min(100))
    }

    /// Days from arrival to the end, in tenths, over all that are done.
    pub(super) fn tenths_of_days(&self) -> Option<i64> {
        let done = self.of(What::Done);
        (done > 0).then(|| self.of(What::Minutes) * 10 / (done * 24 * 60))
    }
}

/// Everything of a period.
#[derive(Clone, Debug, Default)]
pub(super) struct Totals {
    pub(super) all: Sums,
    pub(super) procedures: BTreeMap<String, Sums>,
    /// One for each column of the period, in its order.
    pub(super) columns: Vec<(String, Sums)>,
}

impl Totals {
    /// From the counts of each procedure and those of each day, whatever else they are told apart by.
    pub(super) fn of(of_procedures: &[Number], of_days: &[Number], period: Period) -> Self {
        let mut columns: BTreeMap<String, Sums> =
            period.columns().into_iter().map(|column| (column, Sums::default())).collect();
        let mut totals = Self::default();
        for number in of_procedures {
            totals.all.add(number.what, number.total);
            if !number.procedure_id.is_empty() {
                let procedure = totals.procedures.entry(number.procedure_id.clone()).or_default();
                procedure.add(number.what, number.total);
            }
        }
        for number in of_days {
            if let Some(column) = columns.get_mut(&period.column(&number.day)) {
                column.add(number.what, number.total);
            }
        }
        totals.columns = columns.into_iter().collect();
        totals
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// NF-25, IK-2.1.3: counts are put together by procedure and by day.
    #[test]
    fn counts_are_put_together() {
        let number = |day: &str, procedure: &str, what, total| Number {
            day: day.to_owned(),
            procedure_id: procedure.to_owned(),
            what,
            total,
        };
        let numbers = [
            number("2026-11-01", "", What::Visit, 100),
            number("2026-11-01", "a", What::Start, 4),
            number("2026-11-01", "a", What::Arrived, 3),
            number("2026-11-02", "a", What::Done, 2),
            number("2026-11-02", "a", What::Minutes, 2 * 36 * 60),
            number("2026-11-02", "b", What::Arrived, 1),
        ];
        let period = Period { since: date(2026, 11, 1), until: date(2026, 11, 3) };
        let totals = Totals::of(&numbers, &numbers, period);
        assert_eq!((totals.all.of(What::Visit), totals.all.of(What::Arrived)), (100, 4));
        let a = &totals.procedures["a"];
        assert_eq!((a.sent_of_hundred(), a.tenths_of_days()), (Some(75), Some(15)));
        assert_eq!(totals.procedures["b"].sent_of_hundred(), None);
        let arrived: Vec<i64> =
            totals.columns.iter().map(|(_, sums)| sums.of(What::Arrived)).collect();
        assert_eq!(arrived, [3, 1, 0], "a day without anything is there as well");
    }
}
