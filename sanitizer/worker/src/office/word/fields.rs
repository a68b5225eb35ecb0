//! Fields: which stay is decided by a first walk over the part, because an
//! instruction may be split over many runs; a second walk carries it out.

use std::collections::VecDeque;

use sanitizer_intermediate::office::{Field, Space};
use sanitizer_intermediate::{HoldReason, RemovedKind};

use crate::office::package::Package;
use crate::office::shape::field;
use crate::office::xml::{Element, Ns, Step};

/// Longest instruction looked at.
const MAX_INSTRUCTION: usize = 8_000;

/// What becomes of one field.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Fate {
    /// It stays alive, with this instruction.
    Kept(Field),
    /// Its last result stays.
    Result(Option<RemovedKind>),
    /// It showed this text, which stays.
    Text(String),
    /// It never ends: its marks go, the text stays.
    Unended,
}

/// The fates of all fields of a part in the order they begin, and where the
/// second walk is.
#[derive(Default)]
pub(super) struct Fields {
    fates: VecDeque<Fate>,
    open: Vec<Open>,
}

struct Open {
    fate: Fate,
    /// The instruction is still going on.
    instructing: bool,
    told: bool,
}

/// What to do with an element of a run.
#[derive(Debug, PartialEq)]
pub(super) enum Verdict {
    Keep,
    Drop,
    /// The element with this text instead.
    Say(String),
    /// Drop it, and note what the field was.
    DropNoting(RemovedKind),
}

impl Fields {
    /// Walks over a part for the first time.
    pub(super) fn plan(package: &mut Package<'_>, text: &str) -> Result<Self, HoldReason> {
        if !text.contains("fldChar") {
            return Ok(Self::default());
        }
        let mut plan: Vec<Option<Fate>> = Vec::new();
        let mut open: Vec<Draft> = Vec::new();
        let mut pull = package.pull(text);
        let mut in_instruction = false;
        loop {
            match pull.step()? {
                Step::Open(element) if element.ns == Ns::Known(Space::W) => match &*element.name {
                    "fldChar" => note_mark(&element, &mut open, &mut plan),
                    "instrText" | "delInstrText" => in_instruction = true,
                    _ => {}
                },
                Step::Open(_) => {}
                Step::Text(text) => {
                    let last = open.last_mut().filter(|it| in_instruction && it.instructing);
                    if let Some(draft) = last.filter(|it| it.text.len() < MAX_INSTRUCTION) {
                        draft.text.push_str(&text);
                    }
                }
                Step::Close => in_instruction = false,
                Step::End => break,
            }
        }
        let fates = plan.into_iter().map(|it| it.unwrap_or(Fate::Unended)).collect();
        Ok(Self { fates, open: Vec::new() })
    }

    /// Says what to do with an element of a run, in the second walk.
    pub(super) fn verdict(&mut self, element: &Element) -> Verdict {
        if element.is_w("fldChar") {
            return match element.attribute("fldCharType") {
                Some("begin") => self.begin(),
                Some("separate") => self.separate(),
                Some("end") => self.end(),
                _ => Verdict::Drop,
            };
        }
        let Some(last) = self.open.last_mut() else {
            let lost = element.is_w("instrText") || element.is_w("delInstrText");
            return if lost { Verdict::Drop } else { Verdict::Keep };
        };
        if element.is_w("instrText") {
            return match &last.fate {
                Fate::Kept(field) if last.instructing && !last.told => {
                    last.told = true;
                    Verdict::Say(format!("{} {}", field.verb().code(), field.arguments()))
                }
                _ => Verdict::Drop,
            };
        }
        let hidden = self.open.iter().any(|it| it.instructing);
        if hidden && !element.is_w("rPr") { Verdict::Drop } else { Verdict::Keep }
    }

    /// Walks over an element that is not kept.
    pub(super) fn pass_over(&mut self, element: &Element) {
        if element.is_w("fldChar") {
            self.verdict(element);
        }
        for inner in element.elements() {
            self.pass_over(inner);
        }
    }

    fn begin(&mut self) -> Verdict {
        let fate = self.fates.pop_front().unwrap_or(Fate::Unended);
        let verdict = match &fate {
            Fate::Unended => return Verdict::Drop,
            Fate::Kept(_) => Verdict::Keep,
            Fate::Result(Some(kind)) => Verdict::DropNoting(*kind),
            Fate::Result(None) | Fate::Text(_) => Verdict::Drop,
        };
        self.open.push(Open { fate, instructing: true, told: false });
        verdict
    }

    fn separate(&mut self) -> Verdict {
        match self.open.last_mut() {
            Some(last) => {
                last.instructing = false;
                if matches!(last.fate, Fate::Kept(_)) { Verdict::Keep } else { Verdict::Drop }
            }
            None => Verdict::Drop,
        }
    }

    fn end(&mut self) -> Verdict {
        match self.open.pop().map(|it| it.fate) {
            Some(Fate::Kept(_)) => Verdict::Keep,
            Some(Fate::Text(text)) => Verdict::Say(text),
            Some(Fate::Result(_) | Fate::Unended) | None => Verdict::Drop,
        }
    }
}

/// A field while its end is still to come.
struct Draft {
    number: usize,
    text: String,
    instructing: bool,
    nested: bool,
}

fn note_mark(mark: &Element, open: &mut Vec<Draft>, plan: &mut Vec<Option<Fate>>) {
    match mark.attribute("fldCharType") {
        Some("begin") => {
            if let Some(outer) = open.last_mut().filter(|it| it.instructing) {
                outer.nested = true;
            }
            open.push(Draft {
                number: plan.len(),
                text: String::new(),
                instructing: true,
                nested: false,
            });
            plan.push(None);
        }
        Some("separate") => {
            if let Some(last) = open.last_mut() {
                last.instructing = false;
            }
        }
        Some("end") => {
            if let Some(done) = open.pop() {
                plan[done.number] = Some(fate(&done.text, done.nested));
            }
        }
        _ => {}
    }
}

/// What becomes of a field with this instruction; `nested` ones are built by
/// other fields and could become anything.
pub(super) fn fate(instruction: &str, nested: bool) -> Fate {
    if let Some(field) = field(instruction).filter(|_| !nested) {
        return Fate::Kept(field);
    }
    let verb = instruction.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    match verb.as_str() {
        "DDE" | "DDEAUTO" => Fate::Result(Some(RemovedKind::Dde)),
        "HYPERLINK" => Fate::Result(Some(RemovedKind::Links)),
        "MACROBUTTON" | "GOTOBUTTON" => Fate::Text(button_text(instruction)),
        "INCLUDETEXT" | "INCLUDE" | "INCLUDEPICTURE" | "IMPORT" | "LINK" | "DATABASE" | "RD"
        | "EMBED" | "ADDIN" | "HTMLCONTROL" | "PRINT" | "MERGEFIELD" | "MERGEREC" | "NEXT"
        | "NEXTIF" | "SKIPIF" | "ASK" | "FILLIN" | "SET" | "AUTOTEXT" | "AUTOTEXTLIST"
        | "CONTROL" | "OCX" | "SHAPE" | "MERGEINC" => Fate::Result(Some(RemovedKind::ActiveFields)),
        _ if nested => Fate::Result(Some(RemovedKind::ActiveFields)),
        _ => Fate::Result(None),
    }
}

/// `MACROBUTTON name text`: the text is what people see.
fn button_text(instruction: &str) -> String {
    let rest = instruction.trim_start();
    let after_verb = rest.split_once(char::is_whitespace).map_or("", |it| it.1).trim_start();
    after_verb.split_once(char::is_whitespace).map_or("", |it| it.1).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: fields that fetch, run or link something keep only their result.
    #[test]
    fn active_fields_keep_only_their_result() {
        assert_eq!(fate(" DDEAUTO c:\\\\x.exe a", false), Fate::Result(Some(RemovedKind::Dde)));
        assert_eq!(
            fate("INCLUDEPICTURE \"http://x\"", false),
            Fate::Result(Some(RemovedKind::ActiveFields))
        );
        assert_eq!(fate("HYPERLINK \"file://x\"", false), Fate::Result(Some(RemovedKind::Links)));
        assert_eq!(fate("PAGE", true), Fate::Result(Some(RemovedKind::ActiveFields)));
        assert_eq!(fate("MACROBUTTON Run ここを押す", false), Fate::Text("ここを押す".into()));
        assert!(matches!(fate(" PAGE \\* MERGEFORMAT ", false), Fate::Kept(_)));
    }
}
