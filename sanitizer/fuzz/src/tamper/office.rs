//! Parts, references and elements of Office files.

use super::zip::{Member, members, packed};
use super::{place_of, with};
use crate::dice::Dice;

type Change = (&'static str, Vec<u8>);

/// One change of parts, references or elements.
pub(super) fn tampered(file: &[u8], dice: &mut Dice) -> Option<Change> {
    let mut members = members(file)?;
    let how =
        if dice.once_in(3) { parts(&mut members, dice)? } else { markup(&mut members, dice)? };
    Some((how, packed(&members)?))
}

fn parts(members: &mut Vec<Member>, dice: &mut Dice) -> Option<&'static str> {
    let at = 2 + dice.below(members.len().saturating_sub(2));
    let folder = members.last()?.name.split('/').next()?.to_owned();
    Some(match dice.below(8) {
        0 => {
            drop(members.remove(at));
            "a part is missing"
        }
        1 => {
            members.push(Member::new(&format!("{folder}/media/image999.png"), b"x".to_vec()));
            "a part nothing leads to"
        }
        2 => {
            members.push(Member::new(&format!("{folder}/vbaProject.bin"), b"x".to_vec()));
            "a part that runs"
        }
        3 => {
            let copy = Member::new(&format!("{folder}/styles2.xml"), members.get(at)?.data.clone());
            members.push(copy);
            "a part of no known name"
        }
        4 => {
            members.swap(0, 1);
            "parts out of order"
        }
        5 => {
            let types = &mut members.first_mut()?.data;
            let at = place_of(types, b"+xml\"", dice)?;
            *types = with(types, at, 0, b".macroEnabled")?;
            "another type"
        }
        6 => {
            let list = relations(members, dice)?;
            let at = place_of(list, b"<Relationship ", dice)?;
            let words = b"<Relationship Id=\"rId99\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"file:///x.png\" TargetMode=\"External\"/>";
            *list = with(list, at, 0, words)?;
            "a reference out"
        }
        _ => {
            let list = relations(members, dice)?;
            let at = place_of(list, b"Target=\"", dice)?;
            *list = with(list, at + 8, 0, [&b"../"[..], b"./", b"/", b"x"][dice.below(4)])?;
            "a reference elsewhere"
        }
    })
}

fn relations<'m>(members: &'m mut [Member], dice: &mut Dice) -> Option<&'m mut Vec<u8>> {
    let lists: Vec<usize> =
        (0..members.len()).filter(|it| members[*it].name.ends_with(".rels")).collect();
    let at = *dice.pick(&lists)?;
    Some(&mut members[at].data)
}

/// A change of a part's text that our writer never makes.
fn markup(members: &mut [Member], dice: &mut Dice) -> Option<&'static str> {
    let xml: Vec<usize> =
        (2..members.len()).filter(|it| members[*it].name.ends_with(".xml")).collect();
    let data = &mut members[*dice.pick(&xml)?].data;
    // Behind the root's start.
    let root = data.windows(2).position(|it| it == b">\n")? + 2;
    let inner = root + data[root..].iter().position(|it| *it == b'>')? + 1;
    let put = |data: &[u8], word: &[u8], new: &[u8], dice: &mut Dice| {
        let at = inner + place_of(data.get(inner..)?, word, dice)?;
        with(data, at, word.len(), new)
    };
    let (how, new) = match dice.below(18) {
        0 => ("a comment", put(data, b"><", b"><!-- x --><", dice)?),
        1 => ("an instruction", put(data, b"><", b"><?x y?><", dice)?),
        2 => ("raw text", put(data, b"><", b"><![CDATA[x]]><", dice)?),
        3 => ("an unknown element", put(data, b"><", b"><w:object/><", dice)?),
        // Behind a tag's last value: the same signs in a formula are another formula.
        4 => ("an unknown attribute", put(data, b"\"/>", b"\" onload=\"\"/>", dice)?),
        5 => ("a space too many", put(data, b"/>", b" />", dice)?),
        6 => ("another quote", put(data, b"=\"", b"='", dice)?),
        7 => ("an entity", put(data, b"</", b"&#x41;</", dice)?),
        8 => ("a declaration of a type", with(data, root, 0, b"<!DOCTYPE x>")?),
        9 => ("a namespace", put(data, b"/>", b" xmlns:o=\"urn:x\"/>", dice)?),
        10 => ("an element twice within itself", doubled(data, inner, dice)?),
        11 => ("a tag without end", put(data, b"/>", b">", dice)?),
        12 => ("an element that is not closed there", put(data, b"</", b"</x", dice)?),
        13 => ("an id of nothing", put(data, b"rId", b"rId9", dice)?),
        14 => ("an attribute twice", attribute_twice(data, inner, dice)?),
        15 => ("bytes after the end", [data.as_slice(), b"\n"].concat()),
        16 => ("another declaration", with(data, 0, 0, b"\xEF\xBB\xBF")?),
        _ => {
            ("an element of another part", put(data, b"><", b"><w:sectPr/><s:sheetData/><", dice)?)
        }
    };
    *data = new;
    Some(how)
}

/// `<a …><a …/></a>`: no element of ours is within another of its name and
/// nothing else, but those listed.
fn doubled(data: &[u8], from: usize, dice: &mut Dice) -> Option<Vec<u8>> {
    let at = from + place_of(data.get(from..)?, b"/>", dice)?;
    let start = data[..at].iter().rposition(|it| *it == b'<')?;
    let name = std::str::from_utf8(&data[start + 1..at]).ok()?;
    let name = name.split(' ').next()?;
    let own = data.get(start..at)?;
    let again = [own, b">", own, b"/></", name.as_bytes(), b">"].concat();
    with(data, start, at + 2 - start, &again)
}

fn attribute_twice(data: &[u8], from: usize, dice: &mut Dice) -> Option<Vec<u8>> {
    let at = from + place_of(data.get(from..)?, b"=\"", dice)?;
    let within = data[..at].iter().rposition(|it| matches!(it, b'<' | b'>'))?;
    if data[within] == b'>' {
        return None;
    }
    let start = data[..at].iter().rposition(|it| *it == b' ')?;
    let end = at + 2 + data[at + 2..].iter().position(|it| *it == b'"')? + 1;
    with(data, end, 0, data.get(start..end)?)
}
