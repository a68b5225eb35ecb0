//! Turns what Word wrote into what the tables have a place for: revisions as
//! shown, wrappers opened, fields as planned, old drawings as new ones.

use sanitizer_intermediate::office::Space;
use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use super::fields::{Fate, Fields, Verdict, fate};
use super::{canvas, diagram, vml};
use crate::office::compat;
use crate::office::links::{MISSING, PartLinks};
use crate::office::shape::Links as _;
use crate::office::xml::{Content, Element, Ns};

/// Works on one element at a time.
pub(super) struct Simplifier<'s, 'l, 'f> {
    links: &'s mut PartLinks<'l, 'f>,
    fields: &'s mut Fields,
}

impl<'s, 'l, 'f> Simplifier<'s, 'l, 'f> {
    /// Works with the references and fields of one part.
    pub(super) fn new(links: &'s mut PartLinks<'l, 'f>, fields: &'s mut Fields) -> Self {
        Self { links, fields }
    }

    /// What stands for an element: itself, its content, something else or nothing.
    ///
    /// # Errors
    /// [`HoldReason`] when a reference fails.
    pub(super) fn element(&mut self, element: Element) -> Result<Vec<Element>, HoldReason> {
        match element.ns {
            Ns::Mc if &*element.name == "AlternateContent" => self.alternative(element),
            Ns::Known(Space::W) => self.word(element),
            Ns::Known(Space::Wp) if matches!(&*element.name, "inline" | "anchor") => {
                self.itself(canvas::as_group(element))
            }
            Ns::Known(Space::A) if &*element.name == "blip" => self.blip(element),
            Ns::Known(Space::A) if &*element.name == "graphicData" => self.graphic(element),
            _ => self.itself(element),
        }
    }

    fn word(&mut self, mut element: Element) -> Result<Vec<Element>, HoldReason> {
        match &*element.name {
            "r" => self.run(element),
            "ins" | "moveTo" if !element.content.is_empty() => {
                super::note_revisions(self.links, 1);
                self.inside(element)
            }
            "del" | "moveFrom" if !element.content.is_empty() => {
                super::note_revisions(self.links, 1);
                self.fields.pass_over(&element);
                Ok(Vec::new())
            }
            "smartTag" | "customXml" => self.inside(element),
            "hyperlink" => {
                let outside = element.reference("id");
                if outside.is_some_and(|id| self.links.link(id).is_none()) {
                    self.links.remove(RemovedKind::Links, 1);
                    return self.inside(element);
                }
                self.itself(element)
            }
            "commentRangeStart" | "commentRangeEnd" | "commentReference" => {
                let known = element
                    .attribute("id")
                    .is_some_and(|id| self.links.shared.comments.contains(id));
                Ok(if known { vec![element] } else { Vec::new() })
            }
            "fldSimple" => self.simple_field(element),
            "altChunk" => {
                self.links.remove(RemovedKind::EmbeddedHtml, 1);
                Ok(Vec::new())
            }
            "subDoc" => {
                self.links.remove(RemovedKind::ExternalReferences, 1);
                Ok(Vec::new())
            }
            "tc" | "txbxContent" => {
                element.content = self.contents(element.content)?;
                if element.child("p").is_none() {
                    element.content.push(Content::Element(Element::new(Space::W, "p")));
                }
                Ok(vec![element])
            }
            _ => self.itself(element),
        }
    }

    /// The element, with its content simplified.
    fn itself(&mut self, mut element: Element) -> Result<Vec<Element>, HoldReason> {
        element.content = self.contents(element.content)?;
        Ok(vec![element])
    }

    /// Only what is in the element.
    fn inside(&mut self, element: Element) -> Result<Vec<Element>, HoldReason> {
        let mut all = Vec::new();
        for content in element.content {
            if let Content::Element(inner) = content {
                all.extend(self.element(inner)?);
            }
        }
        Ok(all)
    }

    fn contents(&mut self, content: Vec<Content>) -> Result<Vec<Content>, HoldReason> {
        let mut simple = Vec::with_capacity(content.len());
        for it in content {
            match it {
                Content::Element(inner) => {
                    simple.extend(self.element(inner)?.into_iter().map(Content::Element));
                }
                text @ Content::Text(_) => simple.push(text),
            }
        }
        Ok(simple)
    }

    /// One branch is taken; fields of the others were counted in the first walk.
    fn alternative(&mut self, element: Element) -> Result<Vec<Element>, HoldReason> {
        let taken = compat::branch_index(&element);
        let mut all = Vec::new();
        for (at, branch) in element.content.into_iter().enumerate() {
            let Content::Element(branch) = branch else {
                continue;
            };
            if Some(at) == taken {
                all = self.inside(branch)?;
            } else {
                self.fields.pass_over(&branch);
            }
        }
        Ok(all)
    }

    fn run(&mut self, mut run: Element) -> Result<Vec<Element>, HoldReason> {
        let pieces = run.elements().any(|it| !it.is_w("rPr"));
        let content = std::mem::take(&mut run.content);
        let mut kept = run;
        for content in content {
            let Content::Element(piece) = content else {
                continue;
            };
            match self.fields.verdict(&piece) {
                Verdict::Keep => {
                    let pieces = self.piece(piece)?;
                    kept.content.extend(pieces.into_iter().map(Content::Element));
                }
                Verdict::Drop if piece.is_w("fldChar") => {}
                Verdict::Drop => self.fields.pass_over(&piece),
                Verdict::DropNoting(kind) => self.links.remove(kind, 1),
                Verdict::Say(text) => {
                    let name = if piece.is_w("instrText") { "instrText" } else { "t" };
                    let said = Element::new(Space::W, name).text_inside(&text);
                    kept.content.push(Content::Element(said));
                }
            }
        }
        let emptied = pieces && kept.elements().all(|it| it.is_w("rPr"));
        Ok(if emptied { Vec::new() } else { vec![kept] })
    }

    fn piece(&mut self, piece: Element) -> Result<Vec<Element>, HoldReason> {
        if piece.is_w("object") || piece.is_w("pict") {
            return self.old_drawing(piece);
        }
        if piece.is_w("control") {
            self.links.remove(RemovedKind::ActiveX, 1);
            return Ok(Vec::new());
        }
        if piece.is(Ns::Mc, "AlternateContent") {
            // A branch may hold an old drawing, which is a piece of a run again.
            let taken = compat::branch_index(&piece);
            let mut all = Vec::new();
            for (at, branch) in piece.content.into_iter().enumerate() {
                let Content::Element(branch) = branch else {
                    continue;
                };
                if Some(at) != taken {
                    self.fields.pass_over(&branch);
                    continue;
                }
                for inner in branch.content {
                    if let Content::Element(inner) = inner {
                        all.extend(self.piece(inner)?);
                    }
                }
            }
            return Ok(all);
        }
        self.element(piece)
    }

    /// `w:object` and `w:pict`: the picture or the text in it, as a drawing of today.
    fn old_drawing(&mut self, old: Element) -> Result<Vec<Element>, HoldReason> {
        let objects = old.count(&|it| it.is(Ns::VmlOffice, "OLEObject"));
        let controls = old.count(&|it| it.is_w("control"));
        self.links.remove(RemovedKind::OleObjects, objects);
        self.links.remove(RemovedKind::ActiveX, controls);
        if objects > 0 {
            self.links.change(ChangedKind::ObjectsAsPictures, objects);
        }
        let Element { content, .. } = old;
        let content = self.contents(content)?;
        let links = old_links(&content);
        self.links.remove(RemovedKind::Links, links);
        let drawn = vml::drawings(&content, objects + controls > 0);
        if drawn.is_empty() && !content.is_empty() {
            self.links.change(ChangedKind::LayoutSimplified, 1);
        }
        Ok(drawn)
    }

    fn simple_field(&mut self, element: Element) -> Result<Vec<Element>, HoldReason> {
        let instruction = element.attribute("instr").unwrap_or_default();
        match fate(instruction, false) {
            Fate::Kept(_) => self.itself(element),
            Fate::Result(kind) => {
                if let Some(kind) = kind {
                    self.links.remove(kind, 1);
                }
                self.inside(element)
            }
            Fate::Text(text) => {
                let text = Element::new(Space::W, "t").text_inside(&text);
                Ok(vec![Element::new(Space::W, "r").and(text)])
            }
            Fate::Unended => Ok(Vec::new()),
        }
    }

    /// A picture that is only linked becomes the stand-in.
    fn blip(&mut self, mut blip: Element) -> Result<Vec<Element>, HoldReason> {
        if blip.reference("link").is_some() {
            self.links.remove(RemovedKind::ExternalReferences, 1);
        }
        if blip.reference("embed").is_none() {
            blip = blip.with(Space::R, "embed", MISSING);
        }
        self.itself(blip)
    }

    /// A diagram is shown by the drawing kept with it.
    fn graphic(&mut self, element: Element) -> Result<Vec<Element>, HoldReason> {
        let ids = element.elements().find(|it| it.is(Ns::Diagram, "relIds"));
        if let Some(ids) = ids {
            return diagram::as_group(ids, self.links);
        }
        self.itself(element)
    }
}

fn old_links(content: &[Content]) -> u32 {
    content
        .iter()
        .map(|it| match it {
            Content::Element(element) => {
                element.count(&|it| it.ns == Ns::Vml && it.attribute_of(Ns::None, "href").is_some())
            }
            Content::Text(_) => 0,
        })
        .sum()
}
