//! Edits: what they are, what they say they did, why they cannot be done.

mod files;
mod pages;
mod questions;
mod settings;

pub(super) use questions::{fresh, speaks_of};
pub use settings::Setting;

use super::ids::Ids;
use super::uses::{self, Use};
use super::{Draft, Kind, bank, place, translated};
use crate::codes::codes;
use crate::forms::definition::{Field, FormFile, Lang, Procedure, TestCase, Words};

/// One change of a draft.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A new page at the end.
    AddPage {
        /// Its heading.
        title: String,
    },
    /// Heading and text of a page.
    SetPage {
        /// The page.
        page: String,
        /// Its heading.
        title: String,
        /// The text under it.
        intro: String,
    },
    /// A page up or down.
    MovePage {
        /// The page.
        page: String,
        /// Where to.
        to: Direction,
    },
    /// A page right before another one, or at the end.
    PutPage {
        /// The page.
        page: String,
        /// The page it comes before; the end without one.
        before: Option<String>,
    },
    /// A page once more, right behind it.
    CopyPage {
        /// The page.
        page: String,
        /// The heading of the copy.
        title: String,
    },
    /// A page and its questions away.
    RemovePage {
        /// The page.
        page: String,
    },
    /// A new question at the end of a page or row. Its id, and the codes of its options that are
    /// empty, are made here.
    AddField {
        /// The page, or the repeating group.
        into: Target,
        /// The question.
        field: Box<Field>,
    },
    /// Copies of kept questions at the end of a page (NF-37).
    TakeFields {
        /// The page.
        page: String,
        /// The questions.
        fields: Vec<Field>,
    },
    /// Everything of a question but its kind and place; a group keeps the questions of its row.
    SetField {
        /// The question as it is to be, under its id.
        field: Box<Field>,
    },
    /// A question somewhere else.
    MoveField {
        /// The question.
        field: String,
        /// Where to.
        to: Move,
    },
    /// A question once more, right behind it.
    CopyField {
        /// The question.
        field: String,
        /// The words of the copy.
        label: String,
    },
    /// A question away.
    RemoveField {
        /// The question.
        field: String,
    },
    /// When a page is shown; always without a condition.
    PageWhen {
        /// The page.
        page: String,
        /// An expression.
        when: Option<String>,
    },
    /// A file more, to download or to be shown as a picture; its id is made here.
    AddFile(Box<FormFile>),
    /// What a file is called, and whether it is offered on the procedure's page.
    SetFile {
        /// The file.
        file: String,
        /// What it is.
        title: String,
        /// Whether it is offered.
        listed: bool,
    },
    /// A file away.
    RemoveFile {
        /// The file.
        file: String,
    },
    /// Texts in another language.
    Translate {
        /// The language.
        lang: Lang,
        /// Names of texts, with what they say in it; nothing takes the translation away.
        texts: Vec<(String, String)>,
        /// Names of texts whose translation still says what the Japanese says now.
        still: Vec<String>,
    },
    /// Something of the procedure around the form.
    Set(Box<Setting>),
    /// A test case more; one of the same name is replaced.
    AddTest(Box<TestCase>),
    /// A test case less.
    RemoveTest {
        /// Its name.
        name: String,
    },
}

/// Up or down among its like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Toward the beginning.
    Up,
    /// Toward the end.
    Down,
}

/// Where a question goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Move {
    /// One place up or down, at the edge of a page to the next page.
    One(Direction),
    /// To the end of a page or row.
    To(Target),
    /// Right before another question.
    Before(String),
}

/// What holds questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// A page, by id.
    Page(String),
    /// The row of a repeating group, by the id of the group.
    Rows(String),
}

codes! {
    /// What an edit did.
    pub enum What in "design.did" {
        /// A page was added.
        PageAdded = "page_added",
        /// A page was changed.
        PageChanged = "page_changed",
        /// A page was moved.
        PageMoved = "page_moved",
        /// A page was copied.
        PageCopied = "page_copied",
        /// A page was removed.
        PageRemoved = "page_removed",
        /// A question was added.
        FieldAdded = "field_added",
        /// A question was changed.
        FieldChanged = "field_changed",
        /// A question was moved.
        FieldMoved = "field_moved",
        /// A question was copied.
        FieldCopied = "field_copied",
        /// A question was removed.
        FieldRemoved = "field_removed",
        /// A file was added.
        FileAdded = "file_added",
        /// A file was changed.
        FileChanged = "file_changed",
        /// A file was removed.
        FileRemoved = "file_removed",
        /// A setting was changed.
        SettingChanged = "setting_changed",
        /// Texts in another language were written.
        Translated = "translated",
        /// A test case was kept.
        TestAdded = "test_added",
        /// A test case was removed.
        TestRemoved = "test_removed",
        /// A step was taken back.
        Undone = "undone",
        /// A step was taken again.
        Redone = "redone",
    }
}

impl What {
    /// The last part of its key: what is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        self.key().rsplit('.').next().unwrap_or_default()
    }
}

/// What an edit did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What.
    pub what: What,
    /// To what: the words of the page or question.
    pub label: String,
    /// The id of what was added; empty otherwise.
    pub id: String,
}

/// Why an edit cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refused {
    /// There is no such page, any more perhaps.
    NoPage,
    /// There is no such question, any more perhaps.
    NoField,
    /// There is no such file, any more perhaps.
    NoFile,
    /// It is the first, or the last, already.
    AtEdge,
    /// This kind of question cannot stand in a row.
    NotInRows(Kind),
    /// This kind of question is not asked at the desk.
    NotAtDesk(Kind),
    /// A question keeps its kind.
    OtherKind,
    /// Others speak of it.
    Needed(Vec<Use>),
    /// Conditions would look at a question further down.
    LooksForward(Vec<Use>),
    /// More pages or questions than a form may have.
    TooMany,
}

/// Most pages and questions of a form.
pub(super) const MOST_PAGES: usize = 60;
pub(super) const MOST_FIELDS: usize = 1_000;

impl Draft {
    /// The draft after an edit.
    ///
    /// # Errors
    /// [`Refused`] when it cannot be done; the draft stays as it is.
    pub fn apply(&self, edit: Edit) -> Result<(Self, Done), Refused> {
        let mut new = self.clone();
        let done = new.edit(edit)?;
        translated::follow(&self.procedure, &new.procedure, &mut new.stale);
        Ok((new, done))
    }

    fn edit(&mut self, edit: Edit) -> Result<Done, Refused> {
        // Pages are moved among themselves; questions may be those of staff.
        let of_questions = matches!(
            edit,
            Edit::AddField { .. }
                | Edit::TakeFields { .. }
                | Edit::SetField { .. }
                | Edit::MoveField { .. }
                | Edit::CopyField { .. }
                | Edit::RemoveField { .. }
        );
        if !of_questions {
            return self.change(edit);
        }
        place::gather(&mut self.procedure);
        let done = self.change(edit);
        place::settle(&mut self.procedure);
        done
    }

    fn change(&mut self, edit: Edit) -> Result<Done, Refused> {
        let (procedure, ids) = (&mut self.procedure, &mut Ids(&mut self.next));
        match edit {
            Edit::AddPage { title } => pages::add(procedure, ids, &title),
            Edit::SetPage { page, title, intro } => pages::set(procedure, &page, &title, &intro),
            Edit::PageWhen { page, when } => pages::when(procedure, &page, when),
            Edit::MovePage { page, to } => {
                in_order(procedure, |procedure| pages::r#move(procedure, &page, to))
            }
            Edit::PutPage { page, before } => {
                in_order(procedure, |procedure| pages::put(procedure, &page, before.as_deref()))
            }
            Edit::CopyPage { page, title } => pages::copy(procedure, ids, &page, &title),
            Edit::RemovePage { page } => pages::remove(procedure, &page),
            Edit::AddField { into, field } => questions::add(procedure, ids, &into, *field),
            Edit::TakeFields { page, fields } => {
                let (made, _) = bank::copies(procedure, ids, &page, &fields)?;
                let label = fields.first().map_or("", |field| field.label.ja());
                Ok(Done::made(What::FieldAdded, label, made.into_iter().next().unwrap_or_default()))
            }
            Edit::SetField { field } => questions::set(procedure, ids, *field),
            Edit::MoveField { field, to } => {
                in_order(procedure, |procedure| questions::r#move(procedure, &field, &to))
            }
            Edit::CopyField { field, label } => questions::copy(procedure, ids, &field, &label),
            Edit::RemoveField { field } => questions::remove(procedure, &field),
            Edit::AddFile(file) => Ok(files::add(procedure, ids, *file)),
            Edit::SetFile { file, title, listed } => files::set(procedure, &file, &title, listed),
            Edit::RemoveFile { file } => files::remove(procedure, &file),
            Edit::Translate { lang, texts, still } => {
                translated::put(procedure, lang, &texts);
                for name in still {
                    self.stale.remove(&(name, lang));
                }
                Ok(Done::to(What::Translated, ""))
            }
            Edit::Set(setting) => Ok(setting.put(procedure)),
            Edit::AddTest(case) => {
                procedure.tests.retain(|one| one.name != case.name);
                let done = Done::to(What::TestAdded, &case.name);
                procedure.tests.push(*case);
                Ok(done)
            }
            Edit::RemoveTest { name } => {
                procedure.tests.retain(|one| one.name != name);
                Ok(Done::to(What::TestRemoved, &name))
            }
        }
    }
}

impl Done {
    fn to(what: What, label: &str) -> Self {
        Self { what, label: label.to_owned(), id: String::new() }
    }

    fn made(what: What, label: &str, id: String) -> Self {
        Self { what, label: label.to_owned(), id }
    }
}

/// A move that leaves no condition looking at a question further down that did not so before.
fn in_order(
    procedure: &mut Procedure,
    change: impl FnOnce(&mut Procedure) -> Result<Done, Refused>,
) -> Result<Done, Refused> {
    let before = uses::forward(procedure);
    let done = change(procedure)?;
    let new = uses::forward(procedure).into_iter().filter(|one| !before.contains(one));
    let new: Vec<Use> = new.map(|(one, _)| one).collect();
    if new.is_empty() { Ok(done) } else { Err(Refused::LooksForward(new)) }
}

fn is_full(procedure: &Procedure, more: usize) -> bool {
    let size = |field: &Field| 1 + field.repeat().map_or(0, |repeat| repeat.fields.len());
    let all: usize = procedure.pages.iter().flat_map(|page| &page.fields).map(size).sum();
    all + more > MOST_FIELDS
}

/// Whether there is room for questions that come from elsewhere.
pub(super) fn fits(procedure: &Procedure, fields: &[Field]) -> Result<(), Refused> {
    let more = fields.iter().map(|field| 1 + questions::inner(field).len()).sum();
    if is_full(procedure, more) { Err(Refused::TooMany) } else { Ok(()) }
}

fn worded(ja: &str) -> Words {
    Words::from(ja)
}
