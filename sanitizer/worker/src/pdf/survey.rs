//! What a file holds besides pages. Nothing of it is read into the document;
//! it is counted here so that staff learn what is gone.

use super::annotations::web_address;
use hayro::hayro_syntax::object::{Array, Dict, Name, Object};
use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Place, RemovedKind};

/// Steps along chains and trees.
const STEPS: u32 = 5_000;

/// Looks through the catalog and around the objects.
///
/// # Errors
/// [`HoldReason::ActiveOnly`] for forms that only a script engine can show.
pub(super) fn file(
    bytes: &[u8],
    catalog: &Dict<'_>,
    findings: &mut Findings,
) -> Result<(), HoldReason> {
    let whole = Place::Document;
    if catalog.get::<bool>(b"NeedsRendering").unwrap_or(false) {
        return Err(HoldReason::ActiveOnly);
    }
    surroundings(bytes, findings);
    let mut survey = Survey { findings, place: whole, left: STEPS };
    if let Some(action) = catalog.get::<Dict<'_>>(b"OpenAction") {
        survey.action(&action);
    }
    survey.triggers(catalog);
    let names = catalog.get::<Dict<'_>>(b"Names").unwrap_or_default();
    survey.tree(&names, b"JavaScript", RemovedKind::JavaScript);
    survey.tree(&names, b"EmbeddedFiles", RemovedKind::EmbeddedFiles);
    survey.tree(&names, b"Renditions", RemovedKind::Media);
    for (key, kind) in [
        (&b"AF"[..], RemovedKind::EmbeddedFiles),
        (b"Metadata", RemovedKind::Properties),
        (b"PieceInfo", RemovedKind::CustomData),
        (b"SpiderInfo", RemovedKind::CustomData),
        (b"Perms", RemovedKind::Signatures),
        (b"Threads", RemovedKind::CustomData),
    ] {
        survey.entry(catalog, key, kind);
    }
    if let Some(form) = catalog.get::<Dict<'_>>(b"AcroForm") {
        survey.entry(&form, b"XFA", RemovedKind::Xfa);
    }
    Ok(())
}

/// Looks at a page and its annotations.
pub(super) fn page(page: &Dict<'_>, number: u32, findings: &mut Findings) {
    let mut survey = Survey { findings, place: Place::Page(number), left: STEPS };
    survey.triggers(page);
    for (key, kind) in [
        (&b"AF"[..], RemovedKind::EmbeddedFiles),
        (b"Metadata", RemovedKind::Properties),
        (b"PieceInfo", RemovedKind::CustomData),
        (b"Thumb", RemovedKind::Thumbnails),
        (b"Trans", RemovedKind::Actions),
    ] {
        survey.entry(page, key, kind);
    }
    if let Some(annotations) = page.get::<Array<'_>>(b"Annots") {
        for annotation in annotations.iter::<Dict<'_>>() {
            survey.annotation(&annotation);
        }
    }
}

/// Bytes before the header and after the end, earlier revisions, encryption.
fn surroundings(bytes: &[u8], findings: &mut Findings) {
    let start = position(bytes, b"%PDF-").unwrap_or(0);
    let is_mark = bytes.starts_with(&[0xEF, 0xBB, 0xBF]) && start == 3;
    if start > 0 && !is_mark {
        findings.remove(RemovedKind::StrayBytes, 1, Place::Document);
    }
    let ends = count(bytes, b"%%EOF");
    let tail = bytes.len().saturating_sub(bytes_after_last(bytes, b"%%EOF"));
    let tail = &bytes[tail..];
    if ends > 0 && tail.iter().any(|byte| !byte.is_ascii_whitespace() && *byte != 0) {
        findings.remove(RemovedKind::StrayBytes, 1, Place::Document);
    }
    let linear = position(&bytes[..bytes.len().min(2_048)], b"/Linearized").is_some();
    let revisions = ends.saturating_sub(if linear { 2 } else { 1 });
    findings.remove(RemovedKind::HiddenRevisions, revisions, Place::Document);
    if ends == 0 || count(bytes, b"startxref") == 0 {
        findings.change(ChangedKind::Repaired, 1, Place::Document);
    }
    if position(bytes, b"/Encrypt").is_some() {
        findings.change(ChangedKind::RestrictionsLifted, 1, Place::Document);
    }
}

fn position(bytes: &[u8], word: &[u8]) -> Option<usize> {
    bytes.windows(word.len()).position(|window| window == word)
}

fn count(bytes: &[u8], word: &[u8]) -> u32 {
    let found = bytes.windows(word.len()).filter(|window| *window == word).take(10_000).count();
    u32::try_from(found).unwrap_or(u32::MAX)
}

fn bytes_after_last(bytes: &[u8], word: &[u8]) -> usize {
    let last = bytes.windows(word.len()).rposition(|window| window == word);
    last.map_or(0, |place| bytes.len() - place - word.len())
}

struct Survey<'f> {
    findings: &'f mut Findings,
    place: Place,
    left: u32,
}

impl Survey<'_> {
    fn entry(&mut self, holder: &Dict<'_>, key: &[u8], kind: RemovedKind) {
        if holder.contains_key(key) {
            self.findings.remove(kind, 1, self.place);
        }
    }

    /// `/AA`: actions that events start.
    fn triggers(&mut self, holder: &Dict<'_>) {
        let Some(triggers) = holder.get::<Dict<'_>>(b"AA") else { return };
        let keys: Vec<_> = triggers.keys().collect();
        for key in keys {
            if let Some(action) = triggers.get::<Dict<'_>>(key.as_ref()) {
                self.action(&action);
            }
        }
    }

    /// An action and the ones that follow it.
    fn action(&mut self, action: &Dict<'_>) {
        if self.left == 0 {
            return;
        }
        self.left -= 1;
        let kind = action.get::<Name<'_>>(b"S");
        let removed = match kind.as_ref().map(|kind| kind.as_ref()) {
            Some(b"JavaScript") => Some(RemovedKind::JavaScript),
            Some(b"URI") => Some(RemovedKind::Links),
            Some(b"GoToR" | b"GoToE" | b"ImportData" | b"SubmitForm") => {
                Some(RemovedKind::ExternalReferences)
            }
            Some(b"Movie" | b"Sound" | b"Rendition" | b"RichMediaExecute") => {
                Some(RemovedKind::Media)
            }
            // Moves within the file do no harm; without their link they are gone, too.
            Some(b"GoTo" | b"Named") => None,
            _ => Some(RemovedKind::Actions),
        };
        if let Some(removed) = removed {
            self.findings.remove(removed, 1, self.place);
        }
        match action.get::<Object<'_>>(b"Next") {
            Some(Object::Dict(next)) => self.action(&next),
            Some(Object::Array(all)) => {
                all.iter::<Dict<'_>>().for_each(|next| self.action(&next));
            }
            _ => {}
        }
    }

    /// Counts the leaves of a name tree.
    fn tree(&mut self, names: &Dict<'_>, key: &[u8], kind: RemovedKind) {
        if let Some(root) = names.get::<Dict<'_>>(key) {
            let leaves = self.leaves(&root).max(1);
            self.findings.remove(kind, leaves, self.place);
        }
    }

    fn leaves(&mut self, node: &Dict<'_>) -> u32 {
        if self.left == 0 {
            return 0;
        }
        self.left -= 1;
        let own = node.get::<Array<'_>>(b"Names").map_or(0, |names| names.raw_iter().count() / 2);
        let own = u32::try_from(own).unwrap_or(u32::MAX);
        let kids = node.get::<Array<'_>>(b"Kids");
        let below = kids.map_or(0, |kids| {
            kids.iter::<Dict<'_>>().fold(0_u32, |sum, kid| sum.saturating_add(self.leaves(&kid)))
        });
        own.saturating_add(below)
    }

    fn annotation(&mut self, annotation: &Dict<'_>) {
        let kind = annotation.get::<Name<'_>>(b"Subtype");
        let is_link = kind.as_ref().is_some_and(|kind| kind.as_ref() == b"Link");
        for key in [&b"A"[..], b"PA"] {
            // Ordinary web links are the builder's choice, by policy.
            if let Some(action) = annotation.get::<Dict<'_>>(key)
                && !(is_link && key == b"A" && web_address(&action).is_some())
            {
                self.action(&action);
            }
        }
        self.triggers(annotation);
        let removed = match kind.as_ref().map(|kind| kind.as_ref()) {
            Some(b"FileAttachment") => RemovedKind::EmbeddedFiles,
            Some(b"RichMedia" | b"3D" | b"Movie" | b"Sound" | b"Screen") => RemovedKind::Media,
            Some(b"TrapNet" | b"Projection") => RemovedKind::Annotations,
            Some(b"Widget") => return self.widget(annotation),
            _ => return,
        };
        self.findings.remove(removed, 1, self.place);
    }

    fn widget(&mut self, widget: &Dict<'_>) {
        self.findings.change(ChangedKind::FormsFlattened, 1, self.place);
        let kind = widget.get::<Name<'_>>(b"FT");
        let signed =
            widget.get::<Dict<'_>>(b"V").is_some_and(|value| value.contains_key(b"Contents"));
        if signed && kind.is_some_and(|kind| kind.as_ref() == b"Sig") {
            self.findings.remove(RemovedKind::Signatures, 1, self.place);
        }
        if let Some(parent) = widget.get::<Dict<'_>>(b"Parent") {
            self.triggers(&parent);
        }
    }
}
