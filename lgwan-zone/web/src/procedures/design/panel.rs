//! What stands beside every page of the designer: where one is, what is still to be done, the way
//! back.

use domain::forms::Compiled;
use domain::forms::definition::{Field, Lang, Procedure};
use domain::forms::publish::{Problem, undecidable, unfillable};
use platform_web::Visitor;

use super::texts;
use super::work::{Behind, Said, Work};
use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::procedures::{problems, publish};
use crate::site::{Site, TEXTS};

/// What every page of the designer shows.
pub(super) struct Panel {
    pub(super) base: String,
    pub(super) title: String,
    pub(super) version: i32,
    pub(super) can_undo: bool,
    pub(super) can_redo: bool,
    /// Which of the four parts this page is of.
    pub(super) part: &'static str,
    pub(super) errors: Vec<Note>,
    pub(super) warnings: Vec<Note>,
    pub(super) refused: Vec<String>,
    pub(super) behind: Behind,
    /// The page of the designer that is shown, to come back to after a step was taken back.
    pub(super) here: String,
    /// The page of the form it is about; empty for the first.
    pub(super) shows: String,
}

/// Something to be looked at, with the page where it is mended.
pub(super) struct Note {
    pub(super) words: String,
    pub(super) href: String,
    pub(super) place: String,
}

/// Notes shown of one sort; more than that nobody reads at once.
const MOST: usize = 30;

impl Panel {
    pub(super) fn of(work: &Work, part: &'static str, said: Said) -> Self {
        let (errors, warnings) = publish::checked(work.procedure());
        let notes = |found: Vec<Problem>| {
            found.iter().take(MOST).map(|one| Note::of(work, one)).collect::<Vec<_>>()
        };
        let (refused, behind) = match said {
            Said::Nothing => (Vec::new(), Behind::default()),
            Said::Refused(lines) => (lines, Behind::default()),
            Said::Behind(behind) => (Vec::new(), behind),
        };
        Self {
            base: work.at(""),
            title: work.procedure().title.ja().to_owned(),
            version: work.version(),
            can_undo: work.opened.can_undo,
            can_redo: work.opened.can_redo,
            part,
            errors: notes(errors),
            warnings: stale(work).into_iter().chain(notes(warnings)).collect(),
            refused,
            behind,
            here: String::new(),
            shows: String::new(),
        }
    }

    /// The same on a page of the designer that is about a page of the form.
    pub(super) fn on(self, here: &str, shows: &str) -> Self {
        Self { here: here.to_owned(), shows: shows.to_owned(), ..self }
    }
}

/// Translations of an older text, one note for each language.
fn stale(work: &Work) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for lang in Lang::ALL {
        let count = work.draft.stale.iter().filter(|(_, of)| *of == lang).count();
        let Some(first) = work.draft.stale.iter().find(|(_, of)| *of == lang) else { continue };
        let place = texts::name(lang).to_owned();
        let words = TEXTS.fill("design.texts.stale_count", &[("count", &count)]);
        notes.push(Note { words, href: work.at(&texts::place_of(work, first)), place });
    }
    notes
}

impl Note {
    fn of(work: &Work, problem: &Problem) -> Self {
        // Here the place stands before the words, so that some can be shorter.
        let code = problem.code.key();
        let short = code.replace("procedures.problem.", "design.problem.");
        let key = if TEXTS.get(&short).is_some() { short.as_str() } else { code };
        let words = problems::told_as(key, problem);
        let spot = Spot::of(work.procedure(), &problem.at);
        Self { words, href: work.at(&spot.path), place: spot.label }
    }
}

/// The page of the designer where a place of the document is changed.
struct Spot {
    path: String,
    label: String,
}

impl Spot {
    fn of(procedure: &Procedure, at: &str) -> Self {
        let mut numbers = at.split('[').skip(1).filter_map(|rest| {
            rest.split(']').next().and_then(|number| number.parse::<usize>().ok())
        });
        let setting = |section: &str| Self {
            path: format!("/settings/{section}"),
            label: TEXTS.text(&format!("design.section.{section}")).to_owned(),
        };
        let Some(head) = at.split(['[', '.']).next() else { return setting("about") };
        match head {
            "pages" => {}
            "open" => return setting("period"),
            "files" => {
                let label = TEXTS.text("design.files.title").to_owned();
                return Self { path: "/files".to_owned(), label };
            }
            "staff_fields" => {
                let field = numbers.next().and_then(|n| procedure.staff_fields.get(n));
                return field.map_or_else(
                    || Self { path: String::new(), label: String::new() },
                    |field| Self::of_field(field, at),
                );
            }
            "outcomes" => {
                let when = numbers.next().filter(|_| at.ends_with(".when"));
                let spot = setting("outcomes");
                return match when {
                    Some(n) => Self { path: format!("/conditions/outcomes/{n}"), ..spot },
                    None => spot,
                };
            }
            "mode" | "lists" => return setting("about"),
            "staff_of" => return setting("finding"),
            "access" => {
                let cosigner = at.contains("cosigners[").then(|| numbers.next()).flatten();
                let when = cosigner.filter(|_| at.ends_with(".when"));
                let spot = setting("applicants");
                return match when {
                    Some(n) => Self { path: format!("/conditions/cosigners/{n}"), ..spot },
                    None => spot,
                };
            }
            "capacity" | "total_mb" => return setting("seats"),
            "pay" => return setting("pay"),
            "routing" => return setting("routing"),
            "workflow" if at.contains("points") => return setting("review"),
            "workflow" => return setting("desk"),
            "notify" => return setting("notices"),
            "retain" => return setting("keeping"),
            "export" => {
                let column = at.contains("columns[").then(|| numbers.next()).flatten();
                let spot = setting("export");
                return match column {
                    Some(n) if at.ends_with(".when") => {
                        Self { path: format!("/conditions/export/{n}"), ..spot }
                    }
                    Some(n) => Self { path: format!("{}#column-{n}", spot.path), ..spot },
                    None => spot,
                };
            }
            "tests" => {
                let label = TEXTS.text("design.tab.preview").to_owned();
                return Self { path: "/preview".to_owned(), label };
            }
            _ => return setting("about"),
        }
        let Some(page) = numbers.next().and_then(|n| procedure.pages.get(n)) else {
            return Self { path: String::new(), label: String::new() };
        };
        let field = at.contains(".fields[").then(|| numbers.next()).flatten();
        let Some(field) = field.and_then(|n| page.fields.get(n)) else {
            let part = if at.ends_with(".when") {
                format!("/conditions/{}/when", page.id)
            } else {
                format!("/pages/{}", page.id)
            };
            return Self { path: part, label: page.title.ja().to_owned() };
        };
        let inner = at.contains(".kind.fields[").then(|| numbers.next()).flatten();
        let inner = inner.and_then(|n| field.repeat()?.fields.get(n));
        let field = inner.unwrap_or(field);
        Self::of_field(field, at)
    }

    /// The page of a question.
    fn of_field(field: &Field, at: &str) -> Self {
        let path = match at.rsplit('.').next() {
            Some(part @ ("when" | "required")) if !at.contains("options[") => {
                format!("/conditions/{}/{part}", field.id)
            }
            Some("value") => format!("/calculations/{}", field.id),
            _ => format!("/questions/{}", field.id),
        };
        let label = match field.label.is_empty() {
            true => TEXTS.text("design.no_label"),
            false => field.label.ja(),
        };
        Self { path, label: label.to_owned() }
    }
}

/// The frame around a page of the designer.
pub(super) fn frame(site: &Site, who: &Who, visitor: &Visitor) -> Frame {
    Frame::of(site, who, visitor, Place::Procedures)
}

/// What an edit made wrong that was not wrong before, in words.
pub(super) fn newly_wrong(before: &Procedure, after: &Procedure) -> Vec<String> {
    let wrong = |procedure: &Procedure| {
        let staff = procedure.for_staff().and_then(|form| Compiled::new(form).err());
        let own = match Compiled::new(procedure.clone()) {
            Ok(form) => columns(&form),
            Err(broken) => broken,
        };
        own.into_iter().chain(staff.into_iter().flatten()).collect::<Vec<Problem>>()
    };
    let known = wrong(before);
    let new = wrong(after).into_iter().filter(|one| !known.contains(one));
    new.map(|one| problems::told(&one)).collect()
}

/// What is wrong with the columns for the business system.
fn columns(form: &Compiled) -> Vec<Problem> {
    let layout = form.procedure().export.as_ref();
    let told = layout.map(|layout| {
        unfillable(form, layout).into_iter().chain(undecidable(form, layout)).collect()
    });
    told.unwrap_or_default()
}
