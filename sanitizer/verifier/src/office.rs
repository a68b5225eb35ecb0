//! Word, Excel and PowerPoint files: parts, references and elements of a list.
//!
//! ```text
//! list of types ─ start ─ part ─ its references ─ part ─ …
//! ```
//! The two lists are written again and compared; elements follow the tables.

mod boxes;
mod markup;
mod parts;
mod tables;
mod value;

use std::collections::HashMap;

use self::markup::Use;
use crate::image;
use crate::inflate::Purse;
use crate::refusal::{Refusal, Verdict, must};
use crate::zip::{self, Member};

/// Which of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Word,
    Sheet,
    Slides,
}

/// A package from its first to its last byte.
pub(crate) fn verify(family: Family, bytes: &[u8], purse: &mut Purse) -> Verdict {
    let members = zip::members(bytes, purse)?;
    must(members.first().is_some_and(|it| it.name == parts::TYPES), "no list of types")?;
    parts::types(&members)?;
    let mut uses: HashMap<&str, Vec<Use>> = HashMap::new();
    for member in members.iter().skip(1).filter(|it| !it.name.ends_with(".rels")) {
        uses.insert(member.name.as_str(), part(member, purse)?);
    }
    let has = |wanted: &str| members.iter().any(|it| it.name.starts_with(wanted));
    let named = has("ppt/comments/") == has("ppt/commentAuthors.xml");
    must(named, "remarks and the list of who wrote them disagree")?;
    parts::references(family, &members, &uses)
}

/// A part of a known sort; gives the references it uses.
fn part(member: &Member, purse: &mut Purse) -> Result<Vec<Use>, Refusal> {
    let odd = Refusal::of("a part that is not ours");
    let (sort, number) = parts::sort_of(&member.name).ok_or(odd)?;
    let ending = member.name.rsplit_once('.').map(|it| it.1);
    match ending {
        Some("xml") => return markup::verify(&member.data, sort.root, sort.spaces),
        Some("vml") => boxes::verify(&member.data, number)?,
        Some("png") if member.stored => image::png(&member.data, purse)?,
        Some("jpg") if member.stored => drop(image::jpeg(&member.data)?),
        _ => return Err(odd),
    }
    Ok(Vec::new())
}
