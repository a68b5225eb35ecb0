//! Word documents.
//!
//! ```text
//!  part ─▶ fields::plan   which fields stay, decided before anything is kept
//!       ─▶ story          one block at a time: simplify, then shape
//!            simplify     revisions accepted, wrappers opened, old drawings turned new
//! ```

mod canvas;
mod diagram;
mod fields;
mod simplify;
mod story;
mod vml;

use sanitizer_intermediate::office::{Props, Shape, Story, StoryKind, Word, shapes};
use sanitizer_intermediate::{ChangedKind, HoldReason, Place, RemovedKind};

use super::links::{PartLinks, Shared};
use super::package::{Package, Relations, Target};
use super::shape::{self, NoLinks};

/// Reads the document that starts from `main`.
///
/// # Errors
/// [`HoldReason`] when it must not cross.
pub(super) fn read(package: &mut Package<'_>, main: &str) -> Result<Word, HoldReason> {
    let relations = package.relations(main)?;
    note_references(package, &relations);
    let mut shared = Shared::new(package);
    let comments = comments(package, &relations, &mut shared)?;
    let mut word = Word {
        settings: settings(package, &relations)?,
        theme: theme(package, &relations, &mut shared)?,
        fonts: plain(package, &relations, "fontTable")?,
        styles: plain(package, &relations, "styles")?.unwrap_or_default(),
        numbering: plain(package, &relations, "numbering")?,
        comments,
        ..Word::default()
    };
    let read = story::body(package, &relations, &mut shared, main)?;
    word.background = read.background;
    word.body = read.blocks;
    word.section = read.section;
    for part in read.stories {
        let kind = match package.content_type(&part) {
            Some(media) if media.contains("footer") => StoryKind::Footer,
            _ => StoryKind::Header,
        };
        let content = story::blocks(package, &mut shared, &part)?;
        word.stories.push(Story { kind, content });
    }
    word.footnotes = notes(package, &relations, &mut shared, "footnotes")?;
    word.endnotes = notes(package, &relations, &mut shared, "endnotes")?;
    word.charts = shared.charts;
    word.pictures = shared.media.pictures;
    Ok(word)
}

/// A part that refers to nothing.
fn plain<S: Shape>(
    package: &mut Package<'_>,
    relations: &Relations,
    kind: &str,
) -> Result<Option<Props<S>>, HoldReason> {
    let Some(part) = relations.first_part(kind) else {
        return Ok(None);
    };
    let Some(root) = package.element(part)? else {
        return Ok(None);
    };
    shape::props(&super::compat::chosen(root), &mut NoLinks).map(Some)
}

fn theme(
    package: &mut Package<'_>,
    relations: &Relations,
    shared: &mut Shared,
) -> Result<Option<Props<shapes::Theme>>, HoldReason> {
    match relations.first_part("theme") {
        Some(part) => super::theme::read(package, shared, part),
        None => Ok(None),
    }
}

fn settings(
    package: &mut Package<'_>,
    relations: &Relations,
) -> Result<Props<shapes::Settings>, HoldReason> {
    let Some(part) = relations.first_part("settings").map(str::to_owned) else {
        return Ok(Props::default());
    };
    let own = package.relations(&part)?;
    note_references(package, &own);
    let Some(root) = package.element(&part)? else {
        return Ok(Props::default());
    };
    if root.child("mailMerge").is_some() {
        package.remove(RemovedKind::Connections, 1, Place::Document);
    }
    if root.child("docVars").is_some() {
        package.remove(RemovedKind::CustomData, 1, Place::Document);
    }
    if root.child("rsids").is_some() {
        package.remove(RemovedKind::RevisionMarks, 1, Place::Document);
    }
    shape::props(&root, &mut NoLinks)
}

fn notes(
    package: &mut Package<'_>,
    relations: &Relations,
    shared: &mut Shared,
    kind: &str,
) -> Result<Vec<Props<shapes::Note>>, HoldReason> {
    match relations.first_part(kind) {
        Some(part) => story::notes(package, shared, part),
        None => Ok(Vec::new()),
    }
}

/// Notes what leads out of the document by the list of references alone.
fn note_references(package: &mut Package<'_>, relations: &Relations) {
    for (kind, _) in relations.outside() {
        let removed = match kind {
            // Noted where they are used.
            "hyperlink" | "image" => continue,
            "video" | "audio" | "media" => RemovedKind::Media,
            "oleObject" | "package" => RemovedKind::OleObjects,
            "mailMergeSource" | "mailMergeHeaderSource" => RemovedKind::Connections,
            _ => RemovedKind::ExternalReferences,
        };
        package.remove(removed, 1, Place::Document);
    }
}

/// Remarks beside the text: what they say is content, who said it is not.
fn comments(
    package: &mut Package<'_>,
    relations: &Relations,
    shared: &mut Shared,
) -> Result<Vec<Props<shapes::Comment>>, HoldReason> {
    let Some(Target::Part(part)) = relations.first("comments").cloned() else {
        return Ok(Vec::new());
    };
    let kept = story::comments(package, shared, &part)?;
    let count = u32::try_from(kept.len()).unwrap_or(u32::MAX);
    package.remove(RemovedKind::Properties, count.min(1), Place::Document);
    Ok(kept)
}

/// Notes accepted revisions.
fn note_revisions(links: &mut PartLinks<'_, '_>, count: u32) {
    links.change(ChangedKind::RevisionsAccepted, count);
}
