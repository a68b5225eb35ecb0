//! The columns of each kind of question.

use super::plan::{Column, SEATS, Shape, U32, empty, may, must};

const MIN: Column = may("kind.min", Shape::Whole(U32));
const MAX: Column = may("kind.max", Shape::Whole(U32));
/// Limits that are expressions.
const FROM: Column = may("kind.min", Shape::Text);
const UNTIL: Column = may("kind.max", Shape::Text);
const ERA: Column = may("kind.era", Shape::Flag);
const UNIT: Column = may("kind.unit", Shape::Words);
const DAYS: &[&str] = &["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const CHARSETS: &[&str] = &["any", "full", "half", "alnum", "digits", "hira", "kata", "jis"];
const FILE_TYPES: &[&str] =
    &["pdf", "word", "excel", "powerpoint", "image", "text", "csv", "archive"];

/// Every kind with its columns, in the order in which they are offered.
pub(super) const KINDS: &[(&str, &[Column])] = &[
    (
        "text",
        &[
            may("kind.charset", Shape::Code(CHARSETS)),
            MIN,
            MAX,
            may("kind.pattern", Shape::Text),
            may("kind.sample", Shape::Text),
            may("kind.refuse_my_number", Shape::Flag),
        ],
    ),
    ("textarea", &[MIN, MAX, may("kind.rows", Shape::Whole(U32))]),
    (
        "number",
        &[
            may("kind.min", Shape::Bound),
            may("kind.max", Shape::Bound),
            may("kind.decimals", Shape::Whole(255)),
            UNIT,
            may("kind.commas", Shape::Flag),
        ],
    ),
    ("date", &[FROM, UNTIL, ERA, may("kind.time", Shape::Flag), may("kind.partial", Shape::Flag)]),
    ("month", &[FROM, UNTIL, ERA]),
    ("time", &[FROM, UNTIL, may("kind.step", Shape::Whole(U32))]),
    (
        "name",
        &[
            may("kind.furigana", Shape::Code(&["required", "optional", "none"])),
            may("kind.single", Shape::Flag),
        ],
    ),
    ("address", &[may("kind.within", Shape::Text)]),
    ("phone", &[]),
    ("email", &[]),
    ("corporate_number", &[]),
    ("bank", &[may("kind.holder_of", Shape::Key)]),
    (
        "choice",
        &[may("kind.style", Shape::Code(&["radio", "select"])), may("kind.other", Shape::Key)],
    ),
    ("multi", &[MIN, MAX, may("kind.other", Shape::Key), may("kind.ranked", Shape::Flag)]),
    ("matrix", &[]),
    (
        "lookup",
        &[
            must("kind.list", Shape::Key),
            may("kind.find_by", Shape::Lines),
            may("kind.keep", Shape::Lines),
            may("kind.narrow.column", Shape::Key),
            may("kind.narrow.value", Shape::Text),
            may("kind.free", Shape::Flag),
            may("kind.secret", Shape::Flag),
        ],
    ),
    (
        "file",
        &[
            MIN,
            MAX,
            may("kind.max_mb", Shape::Whole(U32)),
            may("kind.types", Shape::Codes(FILE_TYPES)),
        ],
    ),
    (
        "consent",
        &[
            empty("kind.text", Shape::Words),
            empty("kind.agree", Shape::Words),
            may("kind.version", Shape::Text),
        ],
    ),
    ("calc", &[must("kind.value", Shape::Text), UNIT]),
    ("fee", &[]),
    (
        "slot",
        &[
            may("kind.dates", Shape::Lines),
            may("kind.weekdays", Shape::Codes(DAYS)),
            may("kind.from", Shape::Day),
            may("kind.until", Shape::Day),
            may("kind.except", Shape::Lines),
            may("kind.closed_too", Shape::Flag),
            empty("kind.times", Shape::Lines),
            may("kind.times_on.mon", Shape::Lines),
            may("kind.times_on.tue", Shape::Lines),
            may("kind.times_on.wed", Shape::Lines),
            may("kind.times_on.thu", Shape::Lines),
            may("kind.times_on.fri", Shape::Lines),
            may("kind.times_on.sat", Shape::Lines),
            may("kind.times_on.sun", Shape::Lines),
            may("kind.minutes", Shape::Whole(U32)),
            may("kind.cutoff_days", Shape::Whole(65_535)),
            may("kind.cutoff_at", Shape::Text),
            must("kind.capacity.max", Shape::Whole(U32)),
            may("kind.capacity.show", Shape::Code(SEATS)),
            may("kind.capacity.units", Shape::Text),
            may("kind.capacity.hold_minutes", Shape::Whole(U32)),
            may("kind.capacity.waitlist", Shape::Whole(U32)),
        ],
    ),
    (
        "repeat",
        &[
            empty("kind.row", Shape::Words),
            MIN,
            must("kind.max", Shape::Whole(U32)),
            may("kind.unique_by", Shape::Key),
        ],
    ),
    ("exit", &[empty("kind.body", Shape::Words)]),
    (
        "content",
        &[
            may("kind.body", Shape::Words),
            may("kind.picture.file", Shape::Key),
            may("kind.picture.alt", Shape::Words),
        ],
    ),
];

/// The kinds by name.
pub(super) const NAMES: &[&str] = &{
    let mut names = [""; KINDS.len()];
    let mut n = 0;
    while n < KINDS.len() {
        names[n] = KINDS[n].0;
        n += 1;
    }
    names
};

/// The columns of one kind; `None` when there is no such kind.
pub(super) fn columns(kind: &str) -> Option<&'static [Column]> {
    KINDS.iter().find(|(name, _)| *name == kind).map(|(_, columns)| *columns)
}

/// Every column of some kind once, in order. Which shape its cells have says the kind of the line.
pub(super) fn every_column() -> Vec<Column> {
    let mut all: Vec<Column> = Vec::new();
    for column in KINDS.iter().flat_map(|(_, columns)| *columns) {
        if !all.iter().any(|one| one.path == column.path) {
            all.push(*column);
        }
    }
    all
}
