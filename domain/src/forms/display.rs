//! How answers are shown on the check-answers page and to staff.

use jiff::civil::Date;

use crate::calendar::{self, PartialDate};
use crate::forms::definition::{
    ChoiceOption, DateKind, Fee, Field, FieldKind, Lang, Matrix, MatrixRow, Page, Repeat,
};
use crate::forms::expr::Decimal;
use crate::forms::{Answers, Compiled, Opening, Seen, inputs};
use crate::postal;

/// One page of the summary.
#[derive(Debug)]
pub struct SummaryPage<'a> {
    /// Index in the document.
    pub index: usize,
    /// The page.
    pub page: &'a Page,
    /// Its questions and answers.
    pub rows: Vec<SummaryRow<'a>>,
}

/// One question and its answer.
#[derive(Debug)]
pub struct SummaryRow<'a> {
    /// The question.
    pub field: &'a Field,
    /// The question of the form it belongs to: itself, or the group whose row it is in.
    pub of: &'a Field,
    /// Name of its input, or the first part of it: `family.2.birth` in a row.
    pub name: String,
    /// What it is called: its label, in a row behind the heading of the row.
    pub label: String,
    /// The answer, a line each; attachment ids for a file field; none when left empty.
    pub lines: Vec<String>,
}

/// What stands in the boxes of a date.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DateBoxes {
    /// Era key, blank for 西暦.
    pub era: String,
    /// Year.
    pub year: String,
    /// Month.
    pub month: String,
    /// Day.
    pub day: String,
}

impl Compiled {
    /// The answer of one field, a line each: dates in both calendars, labels instead of codes,
    /// attachment ids for a file field, nothing when it is empty or absent.
    #[must_use]
    pub fn display(&self, field: &Field, answers: &Answers) -> Vec<String> {
        lines(field, answers, self.lang)
    }

    /// Everything shown, page by page, without content fields.
    #[must_use]
    pub fn summary(&self, answers: &Answers, today: Date) -> Vec<SummaryPage<'_>> {
        let seen = self.seen(answers, today);
        let pages = self.procedure().pages.iter().zip(&self.pages).enumerate();
        pages
            .map(|(index, (page, compiled))| SummaryPage {
                index,
                page,
                rows: compiled
                    .slots
                    .clone()
                    .filter(|slot| seen.is_shown(*slot))
                    .flat_map(|slot| {
                        summary_rows(self.field_at(slot), slot, (answers, self.lang), &seen)
                    })
                    .collect(),
            })
            .filter(|page| !page.rows.is_empty())
            .collect()
    }
}

/// The rows of one field: a repeating group has one for each question of each row.
fn summary_rows<'f>(
    field: &'f Field,
    slot: usize,
    (answers, lang): (&Answers, Lang),
    seen: &Seen,
) -> Vec<SummaryRow<'f>> {
    let rows = seen.rows(slot);
    let Some(repeat) = field.repeat().filter(|_| !rows.is_empty()) else {
        return one((field, field), (slot, (answers, lang), seen), field.id.clone(), "")
            .into_iter()
            .collect();
    };
    let mut all = Vec::new();
    for (n, row) in rows.iter().enumerate() {
        let shown = repeat.fields.iter().enumerate().filter(|(n, _)| row.seen.is_shown(*n));
        all.extend(shown.filter_map(|(inner_slot, inner)| {
            let name = format!("{}.{}.{}", field.id, row.key, inner.id);
            let title = repeat.title(n + 1);
            one((field, inner), (inner_slot, (&row.answers, lang), &row.seen), name, &title)
        }));
    }
    all
}

fn one<'f>(
    (of, field): (&'f Field, &'f Field),
    (slot, (answers, lang), seen): (usize, (&Answers, Lang), &Seen),
    name: String,
    title: &str,
) -> Option<SummaryRow<'f>> {
    if matches!(field.kind, FieldKind::Content(_) | FieldKind::Exit(_)) {
        return None;
    }
    let lines = match seen.made(slot) {
        Some(made) => lines(field, made, lang),
        None => lines(field, answers, lang),
    };
    Some(SummaryRow { field, of, name, label: in_row(title, field.label.ja()), lines })
}

/// A label behind the heading of its row.
pub(super) fn in_row(title: &str, label: &str) -> String {
    joined(title, label)
}

/// A calculated value in words; empty when there is none.
pub(super) fn made(field: &Field, answers: &Answers, lang: Lang) -> String {
    let FieldKind::Calc(calc) = &field.kind else { return String::new() };
    let value = answers.first(&field.id).unwrap_or("");
    if let Ok(day) = value.parse::<Date>() {
        return calendar::told(day, lang);
    }
    match value.parse::<Decimal>() {
        Ok(number) => format!("{}{}", with_commas(&number.to_string()), calc.unit.ja()),
        Err(_) => value.to_owned(),
    }
}

/// A fee in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charged {
    /// What is charged and how much, in the order of the document; no amount while it is not known.
    pub lines: Vec<(String, String)>,
    /// The sum; empty while it is not known.
    pub total: String,
    /// Whether the sum is known to be nothing.
    pub is_free: bool,
}

/// A fee in words; `None` for another kind, and for one that was not asked.
#[must_use]
pub fn charged(field: &Field, answers: &Answers, lang: Lang) -> Option<Charged> {
    let FieldKind::Fee(fee) = &field.kind else { return None };
    answers.shown(&field.id).then(|| {
        let line = |line: &crate::forms::definition::FeeLine| {
            let amount = answers.get(&format!("{}.{}", field.id, line.id))?;
            let amount = amount.first().map_or_else(String::new, |yen| in_yen(yen, lang));
            Some((line.label.ja().to_owned(), amount))
        };
        let sum = answers.first(&field.id);
        let total = sum.map_or_else(String::new, |yen| in_yen(yen, lang));
        let lines = fee.lines.iter().filter_map(line).collect();
        Charged { lines, total, is_free: sum == Some("0") }
    })
}

/// `1200` as 1,200円.
#[must_use]
pub fn in_yen(amount: &str, lang: Lang) -> String {
    let unit = match lang {
        Lang::Ja | Lang::Easy => "円",
        Lang::En => " yen",
        Lang::ZhHans => "日元",
        Lang::ZhHant => "日圓",
        Lang::Ko => "엔",
    };
    format!("{}{unit}", with_commas(amount))
}

/// A fee with its lines, the sum last: one line of text each.
fn fee_lines(fee: &Fee, field: &Field, answers: &Answers, lang: Lang) -> Vec<String> {
    let Some(charged) = charged(field, answers, lang).filter(|one| !one.total.is_empty()) else {
        return Vec::new();
    };
    let sum = match lang {
        Lang::Ja | Lang::Easy => "合計",
        Lang::En => "Total",
        Lang::ZhHans => "合计",
        Lang::ZhHant => "合計",
        Lang::Ko => "합계",
    };
    // One line that is always charged is the sum itself.
    let alone = fee.lines.len() == 1 && charged.lines.len() == 1;
    let lines = charged.lines.iter().map(|(label, amount)| format!("{label}：{amount}"));
    let total = (!alone).then(|| format!("{sum}：{}", charged.total));
    lines.chain(total).collect()
}

/// `1234567.5` as 1,234,567.5.
fn with_commas(number: &str) -> String {
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let whole = digits.split('.').next().unwrap_or("");
    let mut out = sign.to_owned();
    for (n, c) in whole.chars().enumerate() {
        if n > 0 && (whole.len() - n).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + &digits[whole.len()..]
}

/// The rows of a group, a line each: `1人目の家族：氏名 山田　花子／生年月日 …`.
fn row_lines(field: &Field, repeat: &Repeat, answers: &Answers, lang: Lang) -> Vec<String> {
    let keys = inputs::row_keys(answers.get(&field.id).unwrap_or(&[]));
    let row = |(n, key): (usize, &String)| {
        let own = answers.row(&field.id, key);
        let parts = repeat.fields.iter().filter_map(|inner| {
            let lines = lines(inner, &own, lang);
            (!lines.is_empty()).then(|| format!("{} {}", inner.label.ja(), lines.join(" ")))
        });
        format!("{}：{}", repeat.title(n + 1), parts.collect::<Vec<_>>().join("／"))
    };
    keys.iter().enumerate().map(row).collect()
}

fn lines(field: &Field, answers: &Answers, lang: Lang) -> Vec<String> {
    let first = answers.first(&field.id).unwrap_or("");
    let part = |part: &str| answers.first(&format!("{}.{part}", field.id)).unwrap_or("");
    let all = match &field.kind {
        FieldKind::Text(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Time(_)
        | FieldKind::Lookup(_) => {
            vec![first.to_owned()]
        }
        FieldKind::Month(_) => {
            let month = calendar::month(first);
            vec![month.map_or_else(|| first.to_owned(), |month| calendar::told_month(month, lang))]
        }
        FieldKind::Matrix(matrix) => matrix_lines(matrix, &part),
        FieldKind::Textarea(_) => first.lines().map(str::to_owned).collect(),
        FieldKind::Number(_) if first.is_empty() => Vec::new(),
        FieldKind::Number(number) if number.commas && first.parse::<Decimal>().is_ok() => {
            vec![format!("{}{}", with_commas(first), number.unit.ja())]
        }
        FieldKind::Number(number) => vec![format!("{first}{}", number.unit.ja())],
        FieldKind::Date(kind) => vec![date_line(field, kind, answers, lang)],
        FieldKind::Name(_) => vec![
            joined(part("family"), part("given")),
            joined(part("family_kana"), part("given_kana")),
        ],
        FieldKind::Address(_) => vec![
            match part("postal") {
                "" => String::new(),
                code => format!("〒{}", postal::written(code)),
            },
            [part("prefecture"), part("city"), part("town")].concat(),
            part("building").to_owned(),
        ],
        FieldKind::Bank(_) => account_lines(&part, lang),
        FieldKind::Phone(_) => vec![phone(first)],
        FieldKind::Multi(multi) if multi.ranked => ranks(field, answers, lang),
        FieldKind::Choice(_) | FieldKind::Multi(_) => labels(field, answers),
        FieldKind::Slot(kind) => {
            vec![Opening::parse(first).map_or_else(String::new, |one| one.told(kind.minutes, lang))]
        }
        FieldKind::File(_) => answers.get(&field.id).unwrap_or(&[]).to_vec(),
        FieldKind::Consent(consent) if first == "yes" => vec![consent.agree.ja().to_owned()],
        FieldKind::Calc(_) => vec![made(field, answers, lang)],
        FieldKind::Fee(fee) => fee_lines(fee, field, answers, lang),
        FieldKind::Repeat(repeat) => row_lines(field, repeat, answers, lang),
        FieldKind::Consent(_) | FieldKind::Exit(_) | FieldKind::Content(_) => Vec::new(),
    };
    // An empty line inside a text stays, an empty part does not.
    let keep_empty = matches!(field.kind, FieldKind::Textarea(_));
    all.into_iter().filter(|line| keep_empty || !line.is_empty()).collect()
}

fn joined(family: &str, given: &str) -> String {
    match (family, given) {
        (one, "") | ("", one) => one.to_owned(),
        (family, given) => format!("{family}　{given}"),
    }
}

/// An account as people read it to each other: bank, branch, kind and number, holder.
fn account_lines<'a>(part: &impl Fn(&str) -> &'a str, lang: Lang) -> Vec<String> {
    let coded = |name: &str, code: &str| match (part(name), part(code)) {
        (name, "") => name.to_owned(),
        (name, code) => format!("{name}（{code}）"),
    };
    let [ordinary, checking, savings] = account_kinds(lang);
    let kind = match part("account") {
        "ordinary" => ordinary,
        "checking" => checking,
        "savings" => savings,
        other => other,
    };
    let yucho = match (part("yucho_symbol"), part("yucho_number")) {
        ("", "") => String::new(),
        (symbol, number) => format!("記号 {symbol} 番号 {number}"),
    };
    vec![
        joined(&coded("bank_name", "bank"), &coded("branch_name", "branch")),
        joined(kind, part("number")),
        yucho,
        part("holder").to_owned(),
    ]
}

/// What the kinds of accounts are called.
const fn account_kinds(lang: Lang) -> [&'static str; 3] {
    match lang {
        Lang::Ja | Lang::Easy => ["普通", "当座", "貯蓄"],
        Lang::En => ["Ordinary (futsu)", "Checking (toza)", "Savings (chochiku)"],
        Lang::ZhHans => ["普通存款", "活期支票存款", "储蓄存款"],
        Lang::ZhHant => ["普通存款", "支票存款", "儲蓄存款"],
        Lang::Ko => ["보통예금", "당좌예금", "저축예금"],
    }
}

/// The choice of each row: `窓口の対応：よい`.
fn matrix_lines<'a>(matrix: &Matrix, part: &impl Fn(&str) -> &'a str) -> Vec<String> {
    let line = |row: &MatrixRow| {
        let chosen = matrix.options.iter().find(|option| option.code == part(&row.id))?;
        Some(format!("{}：{}", row.label.ja(), chosen.label.ja()))
    };
    matrix.rows.iter().filter_map(line).collect()
}

/// A date that was not read yet is shown as typed.
fn date_line(field: &Field, kind: &DateKind, answers: &Answers, lang: Lang) -> String {
    let first = answers.first(&field.id).unwrap_or("");
    if kind.partial {
        let known = PartialDate::parse(first);
        return known.map_or_else(|| first.to_owned(), |known| known.told(lang));
    }
    if let Some(one) = Opening::parse(first) {
        return format!("{} {}", calendar::told(one.day, lang), one.time_told(0, lang));
    }
    match first.parse::<Date>() {
        Ok(day) => calendar::told(day, lang),
        Err(_) => first.to_owned(),
    }
}

/// Labels of what is chosen, in the order of the options.
fn labels(field: &Field, answers: &Answers) -> Vec<String> {
    let chosen = answers.get(&field.id).unwrap_or(&[]);
    let options = inputs::options(field).iter().filter(|option| chosen.contains(&option.code));
    let written = answers.first(&format!("{}.{}", field.id, inputs::OTHER)).unwrap_or("");
    let label = |option: &ChoiceOption| match inputs::other(field) {
        Some(code) if code == option.code && !written.is_empty() => {
            format!("{}：{written}", option.label.ja())
        }
        Some(_) | None => option.label.ja().to_owned(),
    };
    options.map(label).collect()
}

/// Labels of what was put into an order, the first on top.
fn ranks(field: &Field, answers: &Answers, lang: Lang) -> Vec<String> {
    let options = inputs::options(field);
    let chosen = answers.get(&field.id).unwrap_or(&[]).iter();
    let known = chosen.filter_map(|code| options.iter().find(|option| option.code == *code));
    let line = |(n, option): (usize, &ChoiceOption)| match lang {
        Lang::Ja | Lang::Easy => format!("{}位　{}", n + 1, option.label.ja()),
        Lang::En | Lang::ZhHans | Lang::ZhHant | Lang::Ko => {
            format!("{}. {}", n + 1, option.label.ja())
        }
    };
    known.enumerate().map(line).collect()
}

/// What stands in the box of a time beside a date.
#[must_use]
pub fn time_box(field: &str, answers: &Answers) -> String {
    let stored = answers.first(field).and_then(|text| text.split_once('T'));
    let typed = || answers.first(&format!("{field}.{}", inputs::TIME)).unwrap_or("");
    stored.map_or_else(typed, |(_, time)| time).to_owned()
}

/// The rank an option has; empty when it has none.
#[must_use]
pub fn rank_box(field: &str, code: &str, answers: &Answers) -> String {
    let chosen = answers.get(field).unwrap_or(&[]);
    match chosen.iter().position(|one| one == code) {
        Some(n) => (n + 1).to_string(),
        None => answers.first(&format!("{field}.{code}")).unwrap_or("").to_owned(),
    }
}

/// With hyphens where the groups are certain: mobile, and the two-digit areas of 東京 and 大阪.
fn phone(digits: &str) -> String {
    let cut = |a: usize, b: usize| match (digits.get(..a), digits.get(a..b), digits.get(b..)) {
        (Some(one), Some(two), Some(three)) => format!("{one}-{two}-{three}"),
        _ => digits.to_owned(),
    };
    match digits.len() {
        11 if digits.starts_with("0800") => cut(4, 7),
        11 => cut(3, 7),
        10 if digits.starts_with("03") || digits.starts_with("06") => cut(2, 6),
        10 if digits.starts_with("0120") || digits.starts_with("0570") => cut(4, 7),
        _ => digits.to_owned(),
    }
}

/// What the boxes of a date hold when its page is shown again: the parts as typed, or what is stored
/// in 西暦, as far as it is known.
#[must_use]
pub fn date_boxes(field: &str, answers: &Answers) -> DateBoxes {
    let part = |part: &str| answers.first(&format!("{field}.{part}")).unwrap_or("").to_owned();
    let stored = answers.first(field).and_then(|text| text.split('T').next());
    match stored.and_then(PartialDate::parse) {
        Some(PartialDate::Day(day)) => DateBoxes {
            era: String::new(),
            year: day.year().to_string(),
            month: day.month().to_string(),
            day: day.day().to_string(),
        },
        Some(PartialDate::Month(first)) => DateBoxes {
            year: first.year().to_string(),
            month: first.month().to_string(),
            ..DateBoxes::default()
        },
        Some(PartialDate::Year(first)) => {
            DateBoxes { year: first.year().to_string(), ..DateBoxes::default() }
        }
        None => DateBoxes {
            era: part("era"),
            year: part("year"),
            month: part("month"),
            day: part("day"),
        },
    }
}
