//! The properties of each kind of question: where each is kept, and what may stand there. Drawing
//! and reading both go through this one list (`properties.rs`).

use domain::forms::definition::{
    Bound, Capacity, Charset, ChoiceOption, ChoiceStyle, Day, FeeLine, Field, FieldKind, FileType,
    Furigana, MatrixRow, Picture, Seats, TimesOn, Words,
};
use domain::forms::openings::{MOST_CUTOFF_DAYS, MOST_MINUTES};
use domain::forms::{inputs, takes_default};
use jiff::civil::Date;

/// A property and where it is kept.
pub(super) struct Slot<'k> {
    /// Its name in forms and in the catalogue, under `design.prop.`.
    pub(super) name: &'static str,
    /// Where it is kept.
    pub(super) at: At<'k>,
}

/// Where a property is kept.
pub(super) enum At<'k> {
    /// A number up to a most.
    Count(&'k mut u32, u32),
    /// A small number up to a most.
    Small(&'k mut u8, u8),
    /// A number, or none.
    Maybe(&'k mut Option<u32>),
    /// Yes or no.
    Flag(&'k mut bool),
    /// No or yes: the box says the opposite of what is kept.
    Not(&'k mut bool),
    /// A line of words.
    Words(&'k mut Words),
    /// Several lines of words.
    Prose(&'k mut Words),
    /// A line that is not shown to citizens.
    Line(&'k mut String),
    /// The same, or none.
    Optional(&'k mut Option<String>),
    /// A smallest or largest number: a number, or an expression.
    Bound(&'k mut Option<Bound>),
    /// A first or last day: a day, today, or an expression.
    Day(&'k mut Option<String>),
    /// A first or last time: a time, or an expression.
    Clock(&'k mut Option<String>),
    /// One of a few words.
    One(Picked<'k>),
    /// Kinds of files; none means all.
    Types(&'k mut Vec<FileType>),
    /// A name of the form, for the holder of an account.
    Holder(&'k mut Option<String>),
    /// A picture of the document with its words, or none (NF-51).
    Picture(&'k mut Option<Picture>),
    /// A list of the document.
    List(&'k mut String),
    /// Options; with seats where the flag says so.
    Options(&'k mut Vec<ChoiceOption>, bool),
    /// Days, one a line.
    Dates(&'k mut Vec<Date>),
    /// A day, or none.
    OneDay(&'k mut Option<Date>),
    /// Days of the week.
    Week(&'k mut Vec<Day>),
    /// One of the options of the question by its code, or none; the codes with their labels.
    Code(&'k mut Option<String>, Vec<(String, String)>),
    /// Times of day, one a line.
    Times(&'k mut Vec<String>),
    /// Days of the week with times of their own, one a line.
    TimesOn(&'k mut TimesOn),
    /// A time of day, or none.
    OneTime(&'k mut Option<String>),
    /// A number up to a most, kept smaller.
    Few(&'k mut u16, u16),
    /// Lines of a fee.
    Charges(&'k mut Vec<FeeLine>),
    /// Rows of a matrix.
    Rows(&'k mut Vec<MatrixRow>),
}

/// One of a few words, as the document writes them.
pub(super) struct Picked<'k> {
    /// The word that is kept.
    pub(super) now: String,
    /// All of them.
    pub(super) all: &'static [&'static str],
    /// Keeps another one.
    pub(super) put: Box<dyn FnMut(&str) + 'k>,
}

/// One of these, through the way the document writes it.
fn one<'k, T>(kept: &'k mut T, all: &'static [&'static str]) -> At<'k>
where
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let now = serde_json::to_value(&*kept).ok().and_then(|word| word.as_str().map(str::to_owned));
    At::One(Picked {
        now: now.unwrap_or_default(),
        all,
        put: Box::new(move |word| {
            if let Ok(new) = serde_json::from_value(serde_json::Value::from(word)) {
                *kept = new;
            }
        }),
    })
}

const CHARSETS: &[&str] = &["any", "full", "half", "alnum", "digits", "hira", "kata", "jis"];
const FURIGANA: &[&str] = &["required", "optional", "none"];
const SHOW: &[&str] = &["left", "few", "full", "none"];
const STYLES: &[&str] = &["radio", "select"];

/// Most characters, files, MB, rows that can be typed; the checks of the document say the rest.
const MOST: u32 = 20_000;

/// How the seats of options are given away: the same for all options of a question (NF-45).
pub(super) fn seat_slots(capacity: &mut Capacity) -> Vec<Slot<'_>> {
    let slot = |name, at| Slot { name, at };
    vec![
        slot("show", one::<Seats>(&mut capacity.show, SHOW)),
        slot("waitlist", At::Count(&mut capacity.waitlist, 1_000_000)),
        slot("hold_minutes", At::Count(&mut capacity.hold_minutes, 1_440)),
        slot("units", At::Optional(&mut capacity.units)),
    ]
}

/// Codes and labels of options.
pub(super) fn codes(options: &[ChoiceOption]) -> Vec<(String, String)> {
    options.iter().map(|option| (option.code.clone(), option.label.ja().to_owned())).collect()
}

/// What stands in the question before anybody answers it.
pub(super) fn default_slot(field: &mut Field) -> Option<Slot<'_>> {
    if !takes_default(&field.kind) {
        return None;
    }
    let options = codes(inputs::options(field));
    let kept = &mut field.default;
    let at = if options.is_empty() { At::Optional(kept) } else { At::Code(kept, options) };
    Some(Slot { name: "default", at })
}

/// The properties of a question beside its label, in the order they are asked.
pub(super) fn slots(kind: &mut FieldKind) -> Vec<Slot<'_>> {
    let slot = |name, at| Slot { name, at };
    match kind {
        FieldKind::Text(text) => vec![
            slot("max", At::Count(&mut text.max, MOST)),
            slot("min", At::Count(&mut text.min, MOST)),
            slot("charset", one::<Charset>(&mut text.charset, CHARSETS)),
            slot("pattern", At::Optional(&mut text.pattern)),
            slot("sample", At::Line(&mut text.sample)),
            slot("takes_12", At::Not(&mut text.refuse_my_number)),
        ],
        FieldKind::Textarea(area) => vec![
            slot("max", At::Count(&mut area.max, MOST)),
            slot("min", At::Count(&mut area.min, MOST)),
            slot("lines", At::Count(&mut area.rows, 40)),
        ],
        FieldKind::Number(number) => vec![
            slot("unit", At::Words(&mut number.unit)),
            slot("smallest", At::Bound(&mut number.min)),
            slot("largest", At::Bound(&mut number.max)),
            slot("decimals", At::Small(&mut number.decimals, 6)),
            slot("commas", At::Flag(&mut number.commas)),
        ],
        FieldKind::Date(day) => vec![
            slot("first_day", At::Day(&mut day.min)),
            slot("last_day", At::Day(&mut day.max)),
            slot("era", At::Flag(&mut day.era)),
            slot("with_time", At::Flag(&mut day.time)),
            slot("partial", At::Flag(&mut day.partial)),
        ],
        FieldKind::Month(month) => vec![
            slot("first_day", At::Day(&mut month.min)),
            slot("last_day", At::Day(&mut month.max)),
            slot("era", At::Flag(&mut month.era)),
        ],
        FieldKind::Time(time) => vec![
            slot("first_time", At::Clock(&mut time.min)),
            slot("last_time", At::Clock(&mut time.max)),
            slot("step", At::Count(&mut time.step, 1_440)),
        ],
        FieldKind::Name(name) => vec![
            slot("furigana", one::<Furigana>(&mut name.furigana, FURIGANA)),
            slot("single", At::Flag(&mut name.single)),
        ],
        FieldKind::Address(address) => vec![slot("within", At::Optional(&mut address.within))],
        FieldKind::Bank(bank) => vec![slot("holder", At::Holder(&mut bank.holder_of))],
        FieldKind::Choice(choice) => {
            let codes = codes(&choice.options);
            vec![
                slot("options", At::Options(&mut choice.options, true)),
                slot("style", one::<ChoiceStyle>(&mut choice.style, STYLES)),
                slot("other", At::Code(&mut choice.other, codes)),
            ]
        }
        FieldKind::Multi(multi) => {
            let codes = codes(&multi.options);
            vec![
                slot("options", At::Options(&mut multi.options, true)),
                slot("fewest", At::Count(&mut multi.min, MOST)),
                slot("most", At::Maybe(&mut multi.max)),
                slot("ranked", At::Flag(&mut multi.ranked)),
                slot("other", At::Code(&mut multi.other, codes)),
            ]
        }
        FieldKind::Matrix(matrix) => vec![
            slot("rows", At::Rows(&mut matrix.rows)),
            slot("options", At::Options(&mut matrix.options, false)),
        ],
        FieldKind::Lookup(lookup) => vec![
            slot("list", At::List(&mut lookup.list)),
            slot("free", At::Flag(&mut lookup.free)),
            slot("secret", At::Flag(&mut lookup.secret)),
        ],
        FieldKind::File(file) => vec![
            slot("types", At::Types(&mut file.types)),
            slot("files_max", At::Count(&mut file.max, MOST)),
            slot("files_min", At::Count(&mut file.min, MOST)),
            slot("max_mb", At::Count(&mut file.max_mb, MOST)),
        ],
        FieldKind::Consent(consent) => vec![
            slot("consent", At::Prose(&mut consent.text)),
            slot("agree", At::Words(&mut consent.agree)),
            slot("terms", At::Line(&mut consent.version)),
        ],
        FieldKind::Calc(calc) => vec![slot("unit", At::Words(&mut calc.unit))],
        FieldKind::Slot(kind) => vec![
            slot("slot_weekdays", At::Week(&mut kind.weekdays)),
            slot("slot_from", At::OneDay(&mut kind.from)),
            slot("slot_until", At::OneDay(&mut kind.until)),
            slot("slot_dates", At::Dates(&mut kind.dates)),
            slot("slot_except", At::Dates(&mut kind.except)),
            slot("slot_closed_too", At::Flag(&mut kind.closed_too)),
            slot("slot_times", At::Times(&mut kind.times)),
            slot("slot_times_on", At::TimesOn(&mut kind.times_on)),
            slot("slot_minutes", At::Count(&mut kind.minutes, MOST_MINUTES)),
            slot("cutoff_days", At::Few(&mut kind.cutoff_days, MOST_CUTOFF_DAYS)),
            slot("cutoff_at", At::OneTime(&mut kind.cutoff_at)),
            slot("slot_seats", At::Count(&mut kind.capacity.max, 1_000_000)),
            slot("show", one::<Seats>(&mut kind.capacity.show, SHOW)),
            slot("hold_minutes", At::Count(&mut kind.capacity.hold_minutes, 1_440)),
            slot("waitlist", At::Count(&mut kind.capacity.waitlist, 1_000_000)),
        ],
        FieldKind::Fee(fee) => vec![slot("charges", At::Charges(&mut fee.lines))],
        FieldKind::Repeat(repeat) => vec![
            slot("row", At::Words(&mut repeat.row)),
            slot("rows_min", At::Count(&mut repeat.min, MOST)),
            slot("rows_max", At::Count(&mut repeat.max, MOST)),
        ],
        FieldKind::Exit(exit) => vec![slot("body", At::Prose(&mut exit.body))],
        FieldKind::Content(content) => vec![
            slot("body", At::Prose(&mut content.body)),
            slot("picture", At::Picture(&mut content.picture)),
        ],
        FieldKind::Phone(_) | FieldKind::Email(_) | FieldKind::CorporateNumber(_) => Vec::new(),
    }
}
