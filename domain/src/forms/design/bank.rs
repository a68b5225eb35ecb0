//! The question bank: questions kept beside the procedures and put into others as copies (NF-37).

use std::collections::{BTreeMap, BTreeSet};

use super::edit::{fits, fresh, speaks_of};
use super::ids::Ids;
use super::pieces::Spoken;
use super::{Draft, Refused, place, uses};
use crate::forms::definition::{Field, FieldKind, Procedure};

/// Questions that were put into a draft.
#[derive(Debug, Clone, PartialEq)]
pub struct Put {
    /// The draft with them, at the end of the page.
    pub draft: Draft,
    /// Their ids there, in their order; those of a row stand behind their group.
    pub ids: Vec<String>,
    /// What they speak of that the draft does not have: ids of questions, lists and files.
    pub missing: Vec<String>,
}

/// Puts copies of questions at the end of a page. They get ids of their own, and what they say of
/// each other is said of the copies.
///
/// # Errors
/// [`Refused`] when there is no such page, or the draft would have too many questions.
pub fn put(draft: &Draft, page: &str, fields: &[Field]) -> Result<Put, Refused> {
    let mut draft = draft.clone();
    let ids = &mut Ids(&mut draft.next);
    let (made, needed) = copies(&mut draft.procedure, ids, page, fields)?;
    let procedure = &draft.procedure;
    let known = |name: &String| {
        place::field(procedure, name).is_some()
            || procedure.lists.iter().any(|list| list.id == *name)
            || procedure.files.iter().any(|file| file.id == *name)
    };
    let missing = needed.into_iter().filter(|name| !known(name)).collect();
    Ok(Put { draft, ids: made, missing })
}

/// Puts the copies in: their ids, and what they speak of.
pub(super) fn copies(
    procedure: &mut Procedure,
    ids: &mut Ids<'_>,
    page: &str,
    fields: &[Field],
) -> Result<(Vec<String>, BTreeSet<String>), Refused> {
    fits(procedure, fields)?;
    let there = place::page_mut(procedure, page).ok_or(Refused::NoPage)?;
    let mut new = BTreeMap::new();
    let mut copies = fields.to_vec();
    copies.iter_mut().for_each(|field| fresh(field, ids, &mut new));
    copies.iter_mut().for_each(|field| speaks_of(field, &new));
    let made = copies.iter().flat_map(whole).map(|field| field.id.clone()).collect();
    let needed = needed(&mut copies);
    there.fields.extend(copies);
    Ok((made, needed))
}

/// A question and those of its row.
fn whole(field: &Field) -> impl Iterator<Item = &Field> {
    let inner = field.repeat().map_or(&[][..], |repeat| &repeat.fields);
    std::iter::once(field).chain(inner)
}

/// Words of expressions that name nothing.
const WORDS: [&str; 5] = ["and", "or", "not", "true", "false"];

/// Every id of a question, list or file that these questions speak of.
fn needed(fields: &mut [Field]) -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for field in fields {
        uses::texts_of(field, &mut |_, text| needed.extend(Spoken::in_text(text).ids));
        needed.retain(|name| !WORDS.contains(&name.as_str()));
        match &mut field.kind {
            FieldKind::Lookup(lookup) => {
                needed.insert(lookup.list.clone());
            }
            FieldKind::Content(content) => {
                needed.extend(content.picture.as_ref().map(|picture| picture.file.clone()));
            }
            FieldKind::Repeat(repeat) => needed.extend(self::needed(&mut repeat.fields)),
            FieldKind::Text(_)
            | FieldKind::Textarea(_)
            | FieldKind::Number(_)
            | FieldKind::Date(_)
            | FieldKind::Month(_)
            | FieldKind::Time(_)
            | FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_)
            | FieldKind::Bank(_)
            | FieldKind::Choice(_)
            | FieldKind::Multi(_)
            | FieldKind::Matrix(_)
            | FieldKind::File(_)
            | FieldKind::Consent(_)
            | FieldKind::Calc(_)
            | FieldKind::Fee(_)
            | FieldKind::Slot(_)
            | FieldKind::Exit(_) => {}
        }
    }
    needed
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn draft() -> Draft {
        let document = json!({
            "id": "00000000000000000000000001", "revision": 1, "slug": "a", "title": "講座",
            "summary": "申し込み", "department": "00000000000000000000000002",
            "pages": [{"id": "p1", "title": "本人", "fields": [
                {"id": "q2", "label": "人数", "kind": {"type": "number"}}]}]
        });
        let procedure = Procedure::from_json(document.to_string().as_bytes()).expect("it reads");
        Draft::of(procedure, &[])
    }

    fn kept() -> Vec<Field> {
        serde_json::from_value(json!([
            {"id": "q2", "label": "同居の家族がいますか", "kind": {"type": "choice", "options": [
                {"code": "yes", "label": "いる"}, {"code": "no", "label": "いない"}]}},
            {"id": "family", "label": "家族", "when": "q2 == 'yes' and age > 3", "kind": {"type": "repeat",
                "row": "{n}人目", "max": 5, "fields": [
                {"id": "school", "label": "学校", "kind": {"type": "lookup", "list": "schools"}}]}}
        ]))
        .expect("questions")
    }

    /// NF-37: copies get ids of their own and speak of each other; what they need is named.
    #[test]
    fn questions_are_put_in_as_copies() {
        let put = put(&draft(), "p1", &kept()).expect("put in");
        assert_eq!(put.ids, ["q3", "q4", "q5"]);
        let fields = &put.draft.procedure.pages[0].fields;
        assert_eq!(fields[0].label.ja(), "人数");
        assert_eq!(fields[2].when.as_deref(), Some("q3 == 'yes' and age > 3"));
        assert_eq!(put.missing, ["age", "schools"]);
        assert_eq!(put.draft.next, 6);
        let again = super::put(&put.draft, "p1", &kept()).expect("put in again");
        assert_eq!(again.ids, ["q6", "q7", "q8"]);
    }

    /// NF-37: nothing is put where there is no page, or no room.
    #[test]
    fn a_page_must_be_there() {
        assert_eq!(put(&draft(), "p9", &kept()), Err(Refused::NoPage));
        let many: Vec<Field> = kept().into_iter().cycle().take(5_000).collect();
        assert_eq!(put(&draft(), "p1", &many), Err(Refused::TooMany));
    }
}
