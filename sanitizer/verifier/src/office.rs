//! Word, Excel and PowerPoint files: parts, references and elements of a list.

mod markup;
mod names;
mod parts;

use std::collections::HashMap;

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
    let by_name: HashMap<&str, &Member> = members.iter().map(|it| (it.name.as_str(), it)).collect();
    must(members.first().is_some_and(|it| it.name == parts::TYPES), "no list of types")?;
    parts::types(&members)?;
    parts::references(family, &by_name)?;
    members.iter().try_for_each(|member| part(member, purse))
}

fn part(member: &Member, purse: &mut Purse) -> Verdict {
    let name = member.name.as_str();
    must(name.is_ascii(), "an odd name of a part")?;
    match name.rsplit_once('.').map(|it| it.1) {
        Some("rels") => Ok(()),
        Some("xml") if name == parts::TYPES => Ok(()),
        Some("xml") => markup::verify(&member.data),
        Some("vml") => markup::boxes(&member.data),
        Some("png") if member.stored => image::png(&member.data, purse),
        Some("jpg") if member.stored => image::jpeg(&member.data),
        _ => Err(Refusal::of("a part that is not ours")),
    }
}
