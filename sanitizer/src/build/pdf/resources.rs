//! Resource dictionaries: what one content may name.

use pdf_writer::{Dict, Finish, Name, Ref};

use super::Ids;
use super::content::Uses;
use super::states::States;

/// Writes `/Resources` into the dictionary of a page, form, tile or font.
pub(super) fn write(holder: &mut Dict<'_>, uses: &Uses, ids: &Ids, states: &States) {
    let mut resources = holder.insert(Name(b"Resources")).dict();
    let groups = [
        (&b"Font"[..], 'F', &uses.fonts, &ids.fonts),
        (b"Pattern", 'P', &uses.patterns, &ids.patterns),
        (b"Shading", 'S', &uses.shadings, &ids.shadings),
    ];
    for (key, letter, numbers, list) in groups {
        if !numbers.is_empty() {
            let mut group = resources.insert(Name(key)).dict();
            numbers.iter().for_each(|number| entry(&mut group, letter, *number, list));
        }
    }
    if !(uses.forms.is_empty() && uses.pictures.is_empty()) {
        let mut group = resources.insert(Name(b"XObject")).dict();
        uses.forms.iter().for_each(|number| entry(&mut group, 'X', *number, &ids.forms));
        uses.pictures.iter().for_each(|number| entry(&mut group, 'I', *number, &ids.pictures));
    }
    if !uses.states.is_empty() {
        let mut group = resources.insert(Name(b"ExtGState")).dict();
        states.write(uses.states.iter().copied(), &mut group, &ids.masks);
    }
    if uses.tinted {
        let mut group = resources.insert(Name(b"ColorSpace")).dict();
        let mut space = group.insert(Name(b"T")).array();
        space.item(Name(b"Pattern")).item(Name(b"DeviceRGB"));
        space.finish();
    }
}

fn entry(group: &mut Dict<'_>, letter: char, number: u32, list: &[Ref]) {
    if let Some(id) = list.get(number as usize) {
        group.pair(Name(format!("{letter}{number}").as_bytes()), *id);
    }
}
