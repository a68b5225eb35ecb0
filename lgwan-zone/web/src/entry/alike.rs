//! A hint at applications that may be of the same person: same name, reading or address, and
//! whether a day such as the birthday is the same too. It never stops anybody.

use std::collections::BTreeSet;

use domain::applications::State;
use domain::forms::Answers;
use domain::forms::definition::FieldKind;
use domain::text::search_key;
use jiff::civil::Date;
use lgwan_zone_store::applications::entries;
use platform_web::{OrFault as _, Trouble};

use super::draft::{Open, Side};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// An application that may be of the same person.
pub(super) struct View {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) name: String,
    pub(super) arrived: String,
    pub(super) state: &'static str,
    /// For the same procedure.
    pub(super) same_procedure: bool,
    /// A day of the form is the same.
    pub(super) same_day: bool,
}

/// Open applications of the own desks that may be of the person in the draft.
/// Who fills in for themselves gets no hint: what others sent is not theirs to know.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn find(site: &Site, who: &Who, open: &Open) -> Result<Vec<View>, Trouble> {
    if open.correction.is_some() || open.side == Side::Own {
        return Ok(Vec::new());
    }
    let keys = keys(open);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let desks = who.desks();
    let states = State::ALL.into_iter().filter(|state| !state.is_end());
    let states: Vec<String> = states.map(|state| state.key().to_owned()).collect();
    let found = site.store.read(move |db| entries::alike(db, &desks, &keys, &states)).await?;
    let days = days(open);
    found
        .into_iter()
        .map(|one| {
            let answers: Answers = serde_json::from_str(&one.answers).or_fault()?;
            let same = |value: &String| days.contains(value);
            Ok(View {
                same_procedure: one.procedure_id == open.draft.procedure_id,
                same_day: answers.iter().any(|(_, values)| values.iter().any(same)),
                state: State::parse(&one.state)
                    .map_or(TEXTS.text("frame.unknown"), |state| TEXTS.text(state.name_key())),
                arrived: words::stored(one.arrived_at),
                id: one.id,
                number: one.number,
                name: one.applicant_name,
            })
        })
        .collect()
}

/// Under what the person would be found.
pub(super) fn keys(open: &Open) -> Vec<String> {
    let names = open.form.names(&open.answers);
    let names = names.into_iter().flat_map(|(name, kana)| [name, kana]);
    let keys = names.chain([open.draft.email.clone()]).map(|name| search_key(&name));
    let keys: BTreeSet<String> = keys.filter(|key| !key.is_empty()).collect();
    keys.into_iter().collect()
}

/// Days answered in the form, as they are stored.
fn days(open: &Open) -> BTreeSet<String> {
    let fields = open.form.procedure().pages.iter().flat_map(|page| &page.fields);
    fields
        .filter(|field| matches!(field.kind, FieldKind::Date(_)))
        .filter_map(|field| open.answers.first(&field.id))
        .filter(|day| day.parse::<Date>().is_ok())
        .map(str::to_owned)
        .collect()
}

/// Marks what was shown, so that nobody sends past a hint that was not on the page.
pub(super) fn mark(found: &[View]) -> String {
    found.iter().map(|one| one.number.as_str()).collect::<Vec<_>>().join(",")
}
