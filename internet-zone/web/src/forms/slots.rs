//! 日時の枠 as a page draws it: first the day, then the time, and what else is free.

use std::collections::BTreeMap;

use domain::forms::Opening;
use domain::forms::definition::{Seats, SlotKind};
use domain::forms::inputs::SLOT_DAY;
use internet_zone_store::procedures::Pool;
use jiff::civil::Date;
use platform_web::fields::{Choice, Field};

use super::question::{Asked, seats};
use crate::reader;
use crate::texts::TEXTS;

/// Days and times offered where what was chosen is gone.
const NEXT: usize = 5;

/// A calendar to choose from.
#[derive(Debug)]
pub(crate) struct Slots {
    /// The days, as a list to open.
    pub(crate) days: Field,
    /// Name of the button that shows the times of a day.
    pub(crate) show: String,
    /// The day whose times are shown; empty before one is chosen.
    pub(crate) day: String,
    /// Its times.
    pub(crate) times: Vec<Choice>,
    /// The next that are free, as buttons: value and words.
    pub(crate) next: Vec<(String, String)>,
    /// Nothing can be chosen at all.
    pub(crate) none: bool,
}

/// One that can still be chosen.
struct Open<'a> {
    opening: Opening,
    pool: Option<&'a Pool>,
    full: bool,
}

impl Slots {
    /// The calendar of a question as it stands now.
    pub(crate) fn new(asked: &Asked<'_>, kind: &SlotKind, (id, required): (&str, bool)) -> Self {
        let lang = reader::lang();
        let open = open(asked, id);
        let chosen = asked.answers.first(id).and_then(Opening::parse);
        let part = format!("{id}.{SLOT_DAY}");
        let wanted = asked.answers.first(&part).and_then(|day| day.parse::<Date>().ok());
        let first_free = open.iter().find(|one| !one.full).map(|one| one.opening.day);
        // Who must choose sees the earliest free day at once.
        let shown = wanted.or(chosen.map(|one| one.day)).or(first_free.filter(|_| required));
        let mut days: BTreeMap<Date, (usize, usize)> = BTreeMap::new();
        for one in &open {
            let counted = days.entry(one.opening.day).or_default();
            counted.0 += 1;
            counted.1 += usize::from(!one.full);
        }
        let label = |day: Date, free: usize| {
            let told = Opening { day, minutes: 0 }.day_told(lang);
            let key = if free == 0 { "forms.slot.day_full" } else { "forms.slot.day_free" };
            TEXTS.fill(key, &[("day", &told)])
        };
        let mut list = Field::new(&part, TEXTS.text("forms.slot.day"));
        let nothing = Choice::new("", TEXTS.text("forms.slot.no_day"));
        let now = shown.map(|day| day.to_string()).unwrap_or_default();
        let all = days.iter().map(|(day, (_, free))| {
            Choice::new(day.to_string(), label(*day, *free)).among([now.as_str()])
        });
        list.choices = std::iter::once(nothing).chain(all).collect();
        let taken = asked.answers.first(id).unwrap_or_default();
        let times = open.iter().filter(|one| Some(one.opening.day) == shown).map(|one| {
            let words = one.opening.time_told(kind.minutes, lang);
            let mut choice = Choice::new(one.opening.code(), words).among([taken]);
            // What was chosen before is sent again, to be told that it is full.
            choice.disabled = one.full && !choice.chosen;
            choice.hint = one.pool.map_or_else(
                || {
                    let left = matches!(kind.capacity.show, Seats::Left);
                    let told = || TEXTS.fill("forms.seats.left", &[("left", &kind.capacity.max)]);
                    left.then(told).unwrap_or_default()
                },
                |pool| seats(asked, pool, &kind.capacity).unwrap_or_default(),
            );
            choice
        });
        let times: Vec<Choice> = times.collect();
        // What was chosen is full or too late now: the next that are free, from it on.
        let gone = !asked.error(id).is_empty() && chosen.is_some();
        let from = chosen.map_or(Date::MIN, |one| one.day);
        let (later, earlier): (Vec<&Open<'_>>, Vec<&Open<'_>>) =
            open.iter().filter(|one| !one.full && gone).partition(|one| one.opening.day >= from);
        let next = later.into_iter().chain(earlier).take(NEXT).map(|one| {
            (format!("slot:{id}:{}", one.opening.code()), one.opening.told(kind.minutes, lang))
        });
        Self {
            show: format!("day:{id}"),
            day: shown.map(|day| Opening { day, minutes: 0 }.day_told(lang)).unwrap_or_default(),
            none: open.is_empty(),
            next: next.collect(),
            days: list,
            times,
        }
    }
}

/// What can be chosen now, earliest first; what the application holds is its own.
fn open<'a>(asked: &Asked<'a>, id: &str) -> Vec<Open<'a>> {
    let pools: BTreeMap<&str, &Pool> =
        asked.pools.iter().map(|pool| (pool.pool.as_str(), pool)).collect();
    let openings = asked.entry.form.openings(id);
    let all = openings.into_iter().flat_map(domain::forms::Openings::iter);
    let open = all.filter_map(|(opening, closes)| {
        let name = domain::forms::check::pool(id, &opening.code());
        let own = asked.own.contains(&name);
        let pool = pools.get(name.as_str()).copied();
        let full = !own && pool.is_some_and(|pool| pool.is_full() && !pool.may_wait());
        (own || asked.now < closes).then_some(Open { opening, pool, full })
    });
    open.collect()
}
