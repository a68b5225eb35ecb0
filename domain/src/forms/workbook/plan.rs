//! Which sheets a workbook has, and what stands in each of their columns.

use super::kinds;
use crate::forms::tables::{
    APPROVAL, CHARGE, CHECK, COLUMN, COSIGNER, FIELD, FILE, ITEM, KEYWORD, LIST, OPTION, OUTCOME,
    PAGE, POINT, ROUTE, ROW, TEST, Table,
};

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A text as it stands.
    Text,
    /// An id or an address: blanks around it count for nothing.
    Key,
    /// A text that may be told in several languages, one column each.
    Words,
    /// A whole number up to this one.
    Whole(u64),
    /// Yes or no.
    Flag,
    /// Always, never, or when an expression is true.
    Required,
    /// A whole number or an expression.
    Bound,
    /// One of these codes.
    Code(&'static [&'static str]),
    /// Some of these codes, one a line.
    Codes(&'static [&'static str]),
    /// Texts, one a line.
    Lines,
    /// The same; that there are none is said by a word.
    MaybeLines,
    /// A day.
    Day,
    /// A moment, in Japan to the minute.
    Moment,
    /// A department by name or id.
    Department,
    /// Departments by name or id, one a line.
    Departments,
    /// How long an earlier application counts: a word or a number of days.
    Window,
}

/// Whether a cell may stay empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blank {
    /// It leaves the property out.
    LeavesOut,
    /// It is the empty text or list.
    IsEmpty,
    /// It is a fault.
    IsMissing,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    /// Path of the property, `kind.max`; empty for the thing itself.
    pub(super) path: &'static str,
    pub(super) shape: Shape,
    pub(super) blank: Blank,
}

pub(super) const fn may(path: &'static str, shape: Shape) -> Column {
    Column { path, shape, blank: Blank::LeavesOut }
}

pub(super) const fn empty(path: &'static str, shape: Shape) -> Column {
    Column { path, shape, blank: Blank::IsEmpty }
}

pub(super) const fn must(path: &'static str, shape: Shape) -> Column {
    Column { path, shape, blank: Blank::IsMissing }
}

impl Column {
    /// Catalogue name of its heading.
    pub(super) fn word(&self) -> &'static str {
        if self.path.is_empty() { "item" } else { self.path }
    }
}

/// A sheet with one thing a line.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) table: &'static Table,
    /// Tables of the things a line belongs to, named in its first columns; all but the last may
    /// stay empty in the field sheet, whose last is the repeating group.
    pub(super) owners: &'static [&'static str],
    pub(super) columns: &'static [Column],
}

pub(super) const U32: u64 = u32::MAX as u64;
const U16: u64 = u16::MAX as u64;
const U8: u64 = u8::MAX as u64;
pub(super) const SEATS: &[&str] = &["none", "left", "few", "full"];

/// The document itself: one property a line.
pub(super) const PROPERTIES: &[Column] = &[
    may("id", Shape::Key),
    may("revision", Shape::Whole(U32)),
    must("slug", Shape::Key),
    must("title", Shape::Words),
    may("title_kana", Shape::Text),
    empty("summary", Shape::Words),
    may("description", Shape::Words),
    must("department", Shape::Department),
    may("categories", Shape::Lines),
    may("life_events", Shape::Lines),
    may("ages.from", Shape::Whole(U8)),
    may("ages.until", Shape::Whole(U8)),
    may("sex", Shape::Code(&["female", "male"])),
    may("audience", Shape::Codes(&["citizen", "corporation", "staff"])),
    may("listing", Shape::Code(&["public", "unlisted", "internal", "invite"])),
    may("staff_of", Shape::Departments),
    may("mode", Shape::Code(&["online", "download", "guide"])),
    may("open.from", Shape::Moment),
    may("open.until", Shape::Moment),
    may("open.grace_seconds", Shape::Whole(U32)),
    may("access.login", Shape::Code(&["none", "email", "account"])),
    may("access.once_per.key", Shape::Text),
    may("access.once_per.window", Shape::Window),
    may("access.delegates", Shape::Code(&["allowed", "forbidden"])),
    may("capacity.max", Shape::Whole(U32)),
    may("capacity.show", Shape::Code(SEATS)),
    may("capacity.units", Shape::Text),
    may("capacity.hold_minutes", Shape::Whole(U32)),
    may("capacity.waitlist", Shape::Whole(U32)),
    may("total_mb", Shape::Whole(U32)),
    empty("workflow.stages", Shape::Codes(&["accept", "review", "notify"])),
    may("workflow.withdraw_until", Shape::Code(&["never", "accepted", "decided"])),
    may("workflow.expected_days", Shape::Whole(U16)),
    may("workflow.correction_days", Shape::Whole(U16)),
    may("workflow.unmarked", Shape::Code(&["warn", "refuse"])),
    may("workflow.refuse_entry", Shape::Code(&["clerk", "approved"])),
    may("workflow.same_person", Shape::Code(&["forbidden", "allowed"])),
    may("workflow.refusal_notice", Shape::Code(&["optional", "required"])),
    may("notify.staff_mail", Shape::Lines),
    may("notify.remind_days", Shape::Whole(U16)),
    may("notify.approval_mail", Shape::Code(&["each", "off"])),
    may(
        "notify.citizen.off",
        Shape::Codes(&[
            "arrived",
            "progress",
            "result",
            "correction",
            "reminder",
            "department",
            "held",
            "message",
            "document",
            "withdrawn",
            "draft",
        ]),
    ),
    may("notify.citizen.notes.arrived", Shape::Words),
    may("notify.citizen.notes.progress", Shape::Words),
    may("notify.citizen.notes.result", Shape::Words),
    may("notify.citizen.notes.correction", Shape::Words),
    may("notify.citizen.notes.reminder", Shape::Words),
    may("notify.citizen.notes.department", Shape::Words),
    may("notify.citizen.notes.held", Shape::Words),
    may("notify.citizen.notes.message", Shape::Words),
    may("notify.citizen.notes.document", Shape::Words),
    may("notify.citizen.notes.withdrawn", Shape::Words),
    may("notify.citizen.notes.draft", Shape::Words),
    may("retain.draft_days", Shape::Whole(U16)),
    may("retain.done_months", Shape::Whole(U16)),
    may("retain.then", Shape::Code(&["delete", "anonymise"])),
    may("town_days.closed", Shape::Lines),
    may("town_days.open", Shape::Lines),
    may("pay.when", Shape::Code(&["at_application", "after_review"])),
    may("pay.ways", Shape::Codes(&["counter", "slip"])),
    may("pay.note", Shape::Words),
    may("after", Shape::Words),
];

/// Columns of a question that do not hang on its kind.
pub(super) const QUESTION: &[Column] = &[
    must("id", Shape::Key),
    empty("label", Shape::Words),
    must("kind.type", Shape::Code(kinds::NAMES)),
    may("required", Shape::Required),
    may("hint", Shape::Words),
    may("when", Shape::Text),
    may("default", Shape::Text),
    may("reuse", Shape::Key),
];

/// The sheets with one thing a line, in the order of the workbook. The questions' further columns
/// are those of [`kinds`].
pub(super) static PLANS: [Plan; 17] = [
    plan(
        &PAGE,
        &[],
        &[
            must("id", Shape::Key),
            empty("title", Shape::Words),
            may("intro", Shape::Words),
            may("when", Shape::Text),
        ],
    ),
    plan(&FIELD, &["page", "group"], QUESTION),
    plan(
        &OPTION,
        &["field"],
        &[
            must("code", Shape::Key),
            empty("label", Shape::Words),
            may("hint", Shape::Words),
            may("when", Shape::Text),
            may("capacity.max", Shape::Whole(U32)),
            may("capacity.show", Shape::Code(SEATS)),
            may("capacity.units", Shape::Text),
            may("capacity.hold_minutes", Shape::Whole(U32)),
            may("capacity.waitlist", Shape::Whole(U32)),
        ],
    ),
    plan(&ROW, &["field"], &[must("id", Shape::Key), empty("label", Shape::Words)]),
    plan(
        &CHARGE,
        &["field"],
        &[
            must("id", Shape::Key),
            empty("label", Shape::Words),
            must("amount", Shape::Bound),
            may("when", Shape::Text),
        ],
    ),
    plan(&CHECK, &["field"], &[must("rule", Shape::Text), empty("message", Shape::Words)]),
    plan(&KEYWORD, &[], &[must("", Shape::Words)]),
    plan(&ITEM, &[], &[must("", Shape::Words)]),
    plan(&ROUTE, &[], &[must("when", Shape::Text), must("department", Shape::Department)]),
    plan(
        &OUTCOME,
        &[],
        &[may("procedure", Shape::Key), may("when", Shape::Text), may("note", Shape::Words)],
    ),
    plan(
        &COSIGNER,
        &[],
        &[
            must("id", Shape::Key),
            must("who", Shape::Words),
            may("agrees", Shape::Words),
            may("when", Shape::Text),
            may("count", Shape::Bound),
        ],
    ),
    plan(
        &APPROVAL,
        &[],
        &[must("title", Shape::Text), empty("staff", Shape::Lines), may("deputies", Shape::Lines)],
    ),
    plan(
        &POINT,
        &[],
        &[
            must("id", Shape::Key),
            must("title", Shape::Text),
            may("help", Shape::Text),
            may("optional", Shape::Flag),
        ],
    ),
    plan(
        &FILE,
        &[],
        &[
            must("id", Shape::Key),
            empty("title", Shape::Words),
            must("name", Shape::Text),
            must("media", Shape::Key),
            may("listed", Shape::Flag),
        ],
    ),
    plan(&LIST, &[], &[must("id", Shape::Key), empty("title", Shape::Text)]),
    plan(&COLUMN, &["list"], &[must("id", Shape::Key), empty("title", Shape::Text)]),
    plan(
        &TEST,
        &[],
        &[
            must("name", Shape::Text),
            must("today", Shape::Day),
            may("faults", Shape::Lines),
            may("hidden", Shape::Lines),
            may("department", Shape::Department),
            may("outcomes", Shape::MaybeLines),
        ],
    ),
];

const fn plan(
    table: &'static Table,
    owners: &'static [&'static str],
    columns: &'static [Column],
) -> Plan {
    Plan { table, owners, columns }
}

impl Plan {
    /// Every column behind those of the owners.
    pub(super) fn all_columns(&self) -> Vec<Column> {
        let mut all = self.columns.to_vec();
        if std::ptr::eq(self.table, &FIELD) {
            all.extend(kinds::every_column());
        }
        all
    }
}

/// Stands in the place of a page at questions of staff's own.
pub(super) const STAFF: &str = "*";

/// Sheets that hold long texts in pieces: entries of lists, answers of cases, contents of files,
/// and the layout for the business system. The first columns name the owner.
pub(super) const ENTRIES: &str = "entry";
/// Answers of the stored cases, a value a line.
pub(super) const ANSWERS: &str = "answer";
/// Files in base64, in pieces a cell can hold.
pub(super) const PIECES: &str = "piece";
/// The layout for the business system as JSON, a line of it a row.
pub(super) const EXPORT: &str = "export";
/// A sheet for people; it is not read.
pub(super) const GUIDE: &str = "guide";
/// The sheet of [`PROPERTIES`].
pub(super) const DOCUMENT: &str = "procedure";

/// What must be there when something else of the same group is.
pub(super) const TOGETHER: &[(&str, &[&str])] = &[
    ("capacity.", &["capacity.max"]),
    ("kind.capacity.", &["kind.capacity.max"]),
    ("access.once_per.", &["access.once_per.key"]),
    ("kind.picture.", &["kind.picture.file"]),
    ("kind.narrow.", &["kind.narrow.column", "kind.narrow.value"]),
];
