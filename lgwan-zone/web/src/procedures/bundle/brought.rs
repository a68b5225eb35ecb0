//! What of another city's definition has a place here, and what is left behind.

use std::collections::BTreeMap;

use domain::applications::post as post_of;
use domain::forms::definition::{FieldKind, List, Procedure};

use crate::site::TEXTS;

/// The definition as it can be used here, and what could not be brought, in words.
pub(super) struct Brought {
    pub(super) procedure: Procedure,
    pub(super) left: Vec<String>,
}

/// Lists whose entries nobody may see: they never leave the city.
pub(super) fn without_secrets(procedure: &Procedure) -> Procedure {
    let secret = secret_lists(procedure);
    let mut new = procedure.clone();
    for list in new.lists.iter_mut().filter(|list| secret.contains(&list.id)) {
        list.rows.clear();
    }
    new
}

fn secret_lists(procedure: &Procedure) -> Vec<String> {
    let fields = procedure.pages.iter().flat_map(|page| &page.fields);
    let lookups = fields.filter_map(|field| {
        let FieldKind::Lookup(lookup) = &field.kind else { return None };
        lookup.secret.then(|| lookup.list.clone())
    });
    lookups.collect()
}

/// The codes that this city knows of a catalogue.
type Known<'a> = &'a dyn Fn(&str) -> Vec<&'static str>;

/// Takes out what speaks of the other city: its departments, people, addresses, codes.
pub(super) fn brought(
    from: &Procedure,
    departments: &BTreeMap<String, String>,
    (slugs, codes): (&[String], Known<'_>),
) -> Brought {
    let mut new = from.clone();
    let mut left = Vec::new();
    let mut leave = |key: &str, label: &str| {
        left.push(TEXTS.fill(&format!("procedures.bundle.left.{key}"), &[("label", &label)]));
    };
    for route in new.routing.drain(..) {
        let id = route.department.as_str();
        leave("route", departments.get(id).map_or(id, String::as_str));
    }
    for department in new.staff_of.drain(..) {
        let id = department.as_str();
        leave("staff_of", departments.get(id).map_or(id, String::as_str));
    }
    // A stage of posts alone fits every city.
    new.workflow.approvals.retain(|stage| {
        let fits = stage.everybody().all(|one| post_of(one).is_some());
        if !fits {
            leave("approval", &stage.title);
        }
        fits
    });
    for mail in new.notify.staff_mail.drain(..) {
        leave("mail", &mail);
    }
    for list in new.lists.iter().filter(|list| is_empty(list)) {
        leave("list", &list.title);
    }
    for outcome in &mut new.outcomes {
        if !outcome.procedure.is_empty() && !slugs.contains(&outcome.procedure) {
            leave("outcome", &outcome.procedure);
            outcome.procedure.clear();
        }
    }
    let (categories, events) = (codes("categories"), codes("life_events"));
    new.categories.retain(|code| keeps(&categories, code, || leave("code", code)));
    new.life_events.retain(|code| keeps(&events, code, || leave("code", code)));
    if let Some(table) = new.export.as_mut().and_then(|layout| layout.profile.gaiji_table.take()) {
        leave("gaiji", &table);
    }
    for case in &mut new.tests {
        let lost = case.department.take().is_some();
        let led = case.outcomes.as_ref().is_some_and(|all| all.iter().any(|s| !slugs.contains(s)));
        if led {
            case.outcomes = None;
        }
        if lost || led {
            leave("test", &case.name);
        }
    }
    Brought { procedure: new, left }
}

fn is_empty(list: &List) -> bool {
    list.rows.is_empty()
}

fn keeps(known: &[&'static str], code: &str, leave: impl FnOnce()) -> bool {
    let kept = known.contains(&code);
    if !kept {
        leave();
    }
    kept
}
