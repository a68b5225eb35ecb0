//! The question bank (NF-37): questions kept beside the procedures, found by their words, and put
//! into procedures as copies. Whoever makes procedures may look and take; what was kept belongs to
//! the department that kept it.

pub mod list;
pub mod show;
pub mod take;

use domain::forms::definition::Field;
use lgwan_zone_store::bank::{self, Item};
use platform_web::{OrFault as _, Reply, Trouble};

use crate::site::Site;

/// Characters of the longest name.
const LONGEST_NAME: usize = 100;

/// An item that is still offered, with its questions.
pub(super) async fn load(site: &Site, id: &str) -> Result<(Item, Vec<Field>), Trouble> {
    let wanted = id.to_owned();
    let item = site.store.read(move |db| bank::item(db, &wanted)).await?;
    let item = item.ok_or_else(|| Trouble::from(Reply::not_found("procedures.bank_missing")))?;
    let fields = serde_json::from_str(&item.fields).or_fault()?;
    Ok((item, fields))
}

/// The labels of questions and of their rows, for people and for the search.
pub(super) fn labels(fields: &[Field]) -> Vec<String> {
    let mut all = Vec::new();
    for field in fields {
        all.push(field.label.ja().to_owned());
        all.extend(labels(field.repeat().map_or(&[], |repeat| &repeat.fields)));
    }
    all
}

/// A name somebody typed, when it can be one.
fn named(text: &str) -> Option<String> {
    let name = text.trim();
    (!name.is_empty() && name.chars().count() <= LONGEST_NAME).then(|| name.to_owned())
}
