//! Pages and bookmarks: who is above, before and after whom.

use super::file::File;
use super::lexer::{Dict, Object};
use crate::refusal::{Refusal, Verdict, must};

const ODD_PAGES: Refusal = Refusal::of("odd pages");
const ODD_MARKS: Refusal = Refusal::of("odd bookmarks");

/// All pages are in the one list, all bookmarks hang together.
pub(super) fn verify(file: &File<'_>, pages: usize, bookmarks: usize) -> Verdict {
    let catalog = dict(file, file.root).ok_or(ODD_PAGES)?;
    let tree = refer(catalog, "Pages").ok_or(ODD_PAGES)?;
    let list = dict(file, tree).ok_or(ODD_PAGES)?;
    let Some(Object::Array(kids)) = list.get("Kids") else { return Err(ODD_PAGES) };
    must(!kids.is_empty() && kids.len() == pages, ODD_PAGES.what())?;
    must(list.whole("Count") == Some(pages), ODD_PAGES.what())?;
    for kid in kids {
        let Object::Ref(kid) = kid else { return Err(ODD_PAGES) };
        let page = dict(file, *kid).ok_or(ODD_PAGES)?;
        must(refer(page, "Parent") == Some(tree), ODD_PAGES.what())?;
    }
    let Some(root) = refer(catalog, "Outlines") else {
        return must(bookmarks == 0, ODD_MARKS.what());
    };
    must(outline(file, root, bookmarks)? == bookmarks, ODD_MARKS.what())
}

/// Follows the bookmarks from above; gives how many there are.
fn outline(file: &File<'_>, root: u32, most: usize) -> Result<usize, Refusal> {
    let mut waiting = vec![root];
    let mut found = 0;
    while let Some(above) = waiting.pop() {
        let dict_above = dict(file, above).ok_or(ODD_MARKS)?;
        let (mut before, mut children) = (None, 0);
        let mut next = refer(dict_above, "First");
        while let Some(number) = next {
            let mark = dict(file, number).ok_or(ODD_MARKS)?;
            must(refer(mark, "Parent") == Some(above), ODD_MARKS.what())?;
            must(refer(mark, "Prev") == before, ODD_MARKS.what())?;
            (found, children) = (found + 1, children + 1);
            must(found <= most, ODD_MARKS.what())?;
            waiting.push(number);
            (before, next) = (Some(number), refer(mark, "Next"));
        }
        must(refer(dict_above, "Last") == before, ODD_MARKS.what())?;
        let says = match dict_above.get("Count") {
            Some(Object::Number(count)) => Some(count.abs() as usize),
            _ => None,
        };
        must(says == (children > 0).then_some(children), ODD_MARKS.what())?;
    }
    Ok(found)
}

fn dict<'f>(file: &'f File<'_>, number: u32) -> Option<&'f Dict> {
    match &file.things.get(&number)?.body {
        Object::Dict(dict) => Some(dict),
        _ => None,
    }
}

fn refer(dict: &Dict, key: &str) -> Option<u32> {
    match dict.get(key) {
        Some(Object::Ref(number)) => Some(*number),
        _ => None,
    }
}
