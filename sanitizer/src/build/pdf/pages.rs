//! Pages, links, bookmarks, the catalog.

use pdf_writer::{Dict, Finish, Name, Ref, Str, TextStr};
use sanitizer_intermediate::pdf::{Bookmark, Box4, Link, Page, PdfDocument, Target};
use sanitizer_intermediate::{Place, RemovedKind};

use super::{Builder, content, paint, resources};
use crate::Policy;
use crate::build::BuildError;
use crate::policy::Links;

/// Writes everything that is not a thing, and gives the catalog's object.
pub(super) fn write(
    document: &PdfDocument,
    policy: &Policy,
    builder: &mut Builder<'_>,
) -> Result<Ref, BuildError> {
    let catalog = builder.file.reserve();
    let tree = builder.file.reserve();
    let ids: Vec<Ref> = document.pages.iter().map(|_| builder.file.reserve()).collect();
    for ((page, id), number) in document.pages.iter().zip(&ids).zip(1..) {
        let links = kept_links(page, number, policy, builder);
        write_page(page, *id, tree, &links, &ids, builder)?;
    }
    builder.file.object(tree, |object| {
        let mut dict = object.dict();
        dict.pair(Name(b"Type"), Name(b"Pages"));
        dict.insert(Name(b"Kids")).array().items(ids.iter().copied());
        dict.pair(Name(b"Count"), count(ids.len()));
    });
    let outline = write_bookmarks(&document.bookmarks, &ids, builder);
    builder.file.object(catalog, |object| {
        let mut dict = object.dict();
        dict.pair(Name(b"Type"), Name(b"Catalog"));
        dict.pair(Name(b"Pages"), tree);
        if let Some(outline) = outline {
            dict.pair(Name(b"Outlines"), outline);
        }
    });
    Ok(catalog)
}

fn count(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn write_page(
    page: &Page,
    id: Ref,
    tree: Ref,
    links: &[&Link],
    pages: &[Ref],
    builder: &mut Builder<'_>,
) -> Result<(), BuildError> {
    let written = content::write(&page.content, builder.things, &mut builder.states)?;
    let stream = builder.file.reserve();
    builder.file.packed(stream, &written.bytes, |_| {});
    let (ids, states) = (&builder.ids, &builder.states);
    builder.file.object(id, |object| {
        let mut dict = object.dict();
        dict.pair(Name(b"Type"), Name(b"Page"));
        dict.pair(Name(b"Parent"), tree);
        corners(&mut dict, b"MediaBox", page.media);
        if page.crop != page.media {
            corners(&mut dict, b"CropBox", page.crop);
        }
        if page.turns != 0 {
            dict.pair(Name(b"Rotate"), i32::from(page.turns) * 90);
        }
        if page.unit != 1.0 {
            dict.pair(Name(b"UserUnit"), page.unit);
        }
        if let Some(it) = &page.group {
            paint::group(&mut dict, it);
        }
        dict.pair(Name(b"Contents"), stream);
        resources::write(&mut dict, &written.uses, ids, states);
        if !links.is_empty() {
            let mut annotations = dict.insert(Name(b"Annots")).array();
            for link in links {
                write_link(annotations.push().dict(), link, pages);
            }
            annotations.finish();
        }
    });
    Ok(())
}

fn corners(dict: &mut Dict<'_>, key: &[u8], corners: Box4) {
    dict.insert(Name(key)).array().items(corners);
}

/// Links to pages, and web links when the policy keeps them.
fn kept_links<'p>(
    page: &'p Page,
    number: u32,
    policy: &Policy,
    builder: &mut Builder<'_>,
) -> Vec<&'p Link> {
    let keeps = |link: &&Link| match &link.target {
        Target::Page(_) => true,
        Target::Web(address) => policy.links == Links::KeepWeb && is_web(address),
    };
    let (kept, gone): (Vec<&Link>, Vec<&Link>) = page.links.iter().partition(keeps);
    let gone = u32::try_from(gone.len()).unwrap_or(u32::MAX);
    builder.findings.remove(RemovedKind::Links, gone, Place::Page(number));
    kept
}

fn is_web(address: &str) -> bool {
    let lower = address.to_ascii_lowercase();
    let known = ["http://", "https://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme));
    known && address.bytes().all(|byte| byte.is_ascii_graphic())
}

fn write_link(mut dict: Dict<'_>, link: &Link, pages: &[Ref]) {
    dict.pair(Name(b"Type"), Name(b"Annot"));
    dict.pair(Name(b"Subtype"), Name(b"Link"));
    dict.insert(Name(b"Rect")).array().items(link.area);
    dict.insert(Name(b"Border")).array().items([0, 0, 0]);
    match &link.target {
        Target::Page(page) => destination(&mut dict, *page, pages),
        Target::Web(address) => {
            let mut action = dict.insert(Name(b"A")).dict();
            action.pair(Name(b"S"), Name(b"URI"));
            action.pair(Name(b"URI"), Str(address.as_bytes()));
        }
    }
}

fn destination(dict: &mut Dict<'_>, page: u32, pages: &[Ref]) {
    if let Some(page) = pages.get(page as usize) {
        dict.insert(Name(b"Dest")).array().item(*page).item(Name(b"Fit"));
    }
}

/// Writes the outline; levels that skip are pulled up.
fn write_bookmarks(list: &[Bookmark], pages: &[Ref], builder: &mut Builder<'_>) -> Option<Ref> {
    if list.is_empty() {
        return None;
    }
    let root = builder.file.reserve();
    let ids: Vec<Ref> = list.iter().map(|_| builder.file.reserve()).collect();
    let family = Family::of(list);
    for (place, bookmark) in list.iter().enumerate() {
        let id = |place: usize| ids[place];
        let parent = family.parent[place].map_or(root, id);
        let (first, last) = family.ends(Some(place));
        builder.file.object(ids[place], |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Title"), TextStr(&bookmark.title));
            dict.pair(Name(b"Parent"), parent);
            for (key, other) in [
                (&b"Prev"[..], family.before[place]),
                (b"Next", family.after[place]),
                (b"First", first),
                (b"Last", last),
            ] {
                if let Some(other) = other {
                    dict.pair(Name(key), id(other));
                }
            }
            let below = family.children(Some(place));
            if below > 0 {
                dict.pair(Name(b"Count"), -count(below));
            }
            destination(&mut dict, bookmark.page, pages);
        });
    }
    let (first, last) = family.ends(None);
    builder.file.object(root, |object| {
        let mut dict = object.dict();
        dict.pair(Name(b"Type"), Name(b"Outlines"));
        if let (Some(first), Some(last)) = (first, last) {
            dict.pair(Name(b"First"), ids[first]);
            dict.pair(Name(b"Last"), ids[last]);
        }
        dict.pair(Name(b"Count"), count(family.children(None)));
    });
    Some(root)
}

/// Who belongs to whom, from the levels in order.
struct Family {
    parent: Vec<Option<usize>>,
    before: Vec<Option<usize>>,
    after: Vec<Option<usize>>,
    /// First child, last child and how many, of each; of the root at the end.
    below: Vec<(Option<usize>, Option<usize>, usize)>,
}

impl Family {
    fn of(list: &[Bookmark]) -> Self {
        let count = list.len();
        let mut family = Self {
            parent: vec![None; count],
            before: vec![None; count],
            after: vec![None; count],
            below: vec![(None, None, 0); count + 1],
        };
        let mut open: Vec<(u8, usize)> = Vec::new();
        for (place, bookmark) in list.iter().enumerate() {
            while open.last().is_some_and(|(level, _)| *level >= bookmark.level) {
                open.pop();
            }
            let parent = open.last().map(|(_, place)| *place);
            family.parent[place] = parent;
            let below = &mut family.below[parent.unwrap_or(count)];
            family.before[place] = below.1;
            below.0.get_or_insert(place);
            if let Some(sibling) = below.1.replace(place) {
                family.after[sibling] = Some(place);
            }
            below.2 += 1;
            open.push((bookmark.level, place));
        }
        family
    }

    fn ends(&self, of: Option<usize>) -> (Option<usize>, Option<usize>) {
        let (first, last, _) = self.below[of.unwrap_or(self.parent.len())];
        (first, last)
    }

    fn children(&self, of: Option<usize>) -> usize {
        self.below[of.unwrap_or(self.parent.len())].2
    }
}
