//! Pages and questions, one by one.

use super::procedure::{ids, not_empty, seats};
use super::{Problem, ProblemCode};
use crate::calendar::read_time;
use crate::forms::Compiled;
use crate::forms::check::Pattern;
use crate::forms::definition::{
    Bank, Bound, ChoiceOption, Content, Fee, Field, FieldKind, Listing, Lookup, MOST_FEE_LINES,
    MOST_YEN, Matrix, Mode, Multi, Number, Page, Procedure, Repeat, SlotKind, Text,
};
use crate::forms::inputs::{self, DATE_PARTS, MAX_ROWS};
use crate::forms::openings::{MOST_CUTOFF_DAYS, MOST_MINUTES, MOST_OPENINGS, Openings};
use crate::text::search_key;

/// Whether a field can stand in a row: files belong to the whole application, seats too.
fn fits_a_row(field: &Field) -> bool {
    let kind = !matches!(
        field.kind,
        FieldKind::Repeat(_)
            | FieldKind::File(_)
            | FieldKind::Exit(_)
            | FieldKind::Fee(_)
            | FieldKind::Slot(_)
    );
    kind && inputs::options(field).iter().all(|option| option.capacity.is_none())
}

/// What nobody may ask for in a form, but where it says something else, too: the number of a card one
/// pays with, and what opens an account.
const NEVER: [(ProblemCode, &[&str], &[&str]); 2] = [
    (
        ProblemCode::AsksCard,
        &[
            "クレジットカード番号",
            "クレジットカードの番号",
            "クレジット番号",
            "デビットカード番号",
            "デビットカードの番号",
            "セキュリティコード",
        ],
        &[],
    ),
    (
        ProblemCode::AsksPassword,
        &["パスワード", "暗証番号", "password"],
        &["忘れ", "再発行", "再設定", "初期化", "理由", "ファイル", "PDF", "ZIP"],
    ),
];

/// What needs a look before it is published, but where it says something else, too: numbers that a law
/// lets only some ask for, what may open an account, and what a law guards (要配慮個人情報).
/// Sources: 健康保険法 194条の2, 国民年金法 108条の5, 個人情報保護法 2条3項.
const TO_BE_LOOKED_AT: [(ProblemCode, &[&str], &[&str]); 5] = [
    (
        ProblemCode::AsksInsuranceNumber,
        &[
            "被保険者番号",
            "被保険者記号",
            "被保険者等記号",
            "保険者番号",
            "保険証の番号",
            "保険証番号",
        ],
        &["雇用保険"],
    ),
    (ProblemCode::AsksPensionNumber, &["基礎年金番号", "年金番号", "年金手帳の番号"], &[]),
    (
        ProblemCode::AsksCard,
        &["クレジットカード", "デビットカード", "カード番号"],
        &["在留カード", "図書", "利用者カード", "会員カード", "診察", "ポイント"],
    ),
    (
        ProblemCode::AsksPassword,
        &["パスワード", "暗証番号", "password"],
        &["忘れ", "再発行", "再設定", "初期化", "理由"],
    ),
    (
        ProblemCode::AsksSensitive,
        &["病歴", "前科", "犯罪歴", "信条", "宗教", "人種", "支持政党", "社会的身分"],
        &[],
    ),
];

/// Whether a sentence of a hint tells to write something down, and not to leave it out.
fn asks(sentence: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    says(&["入力", "記入", "記載", "書いて", "お書き", "教えて"])
        && !says(&["ないで", "ません", "せず", "なくて", "不要", "除"])
}

/// Longest answer, in characters.
const MAX_TEXT: u32 = 20_000;
/// Most files of one field.
const MAX_FILES: u32 = 20;
/// Most inputs of one page, and of all pages where staff have them in one: a form is read up to 2,000, and the
/// page has some of its own.
const MOST_INPUTS: usize = 1_900;
/// Most options of one field.
const MAX_OPTIONS: usize = 1_000;

pub(super) fn check(procedure: &Procedure, found: &mut Vec<Problem>) {
    for (p, page) in procedure.pages.iter().enumerate() {
        check_page(page, &format!("pages[{p}]"), found);
        for (f, field) in page.fields.iter().enumerate() {
            let at = format!("pages[{p}].fields[{f}]");
            Checker { procedure, page, field, at, found }.check();
        }
    }
    if procedure.mode == Mode::Online {
        sent_by_staff(procedure, found);
    }
}

/// Staff have all pages in one form: for others, and for themselves in a procedure nobody else applies for.
fn sent_by_staff(procedure: &Procedure, found: &mut Vec<Problem>) {
    let inputs = procedure.pages.iter().map(|page| sent_by(&page.fields));
    let inputs = inputs.fold(0, usize::saturating_add);
    if inputs <= MOST_INPUTS {
        return;
    }
    let (code, detail) = (ProblemCode::TooManyForStaff, inputs.to_string());
    found.push(match procedure.listing == Listing::Internal {
        true => Problem::error("pages", code, &detail),
        false => Problem::warning("pages", code, &detail),
    });
}

/// What staff answer for themselves: simple questions, under ids that no other question has.
pub(super) fn for_staff(procedure: &Procedure, found: &mut Vec<Problem>) {
    let Some(form) = procedure.for_staff() else { return };
    let own = procedure.pages.iter().flat_map(|page| &page.fields);
    let own: Vec<&str> = own.map(|field| field.id.as_str()).collect();
    for (f, (page, field)) in
        form.pages.iter().flat_map(|page| page.fields.iter().map(move |f| (page, f))).enumerate()
    {
        let at = format!("staff_fields[{f}]");
        if !fits_a_row(field) || matches!(field.kind, FieldKind::Lookup(_)) {
            found.push(Problem::error(&at, ProblemCode::NotAtDesk, &field.id));
        }
        if own.contains(&field.id.as_str()) {
            found.push(Problem::error(&format!("{at}.id"), ProblemCode::RepeatedId, &field.id));
        }
        Checker { procedure: &form, page, field, at, found }.check();
    }
    if let Err(broken) = Compiled::new(form) {
        found.extend(broken);
    }
}

fn check_page(page: &Page, at: &str, found: &mut Vec<Problem>) {
    not_empty(&page.title, &format!("{at}.title"), found);
    if page.fields.is_empty() {
        found.push(Problem::error(at, ProblemCode::EmptyPage, &page.id));
    }
    let inputs = sent_by(&page.fields);
    if inputs > MOST_INPUTS {
        found.push(Problem::error(at, ProblemCode::TooManyInputs, &inputs.to_string()));
    }
}

/// The most inputs a page with these questions sends: those of the answers, and one a question that says it was shown.
fn sent_by(fields: &[Field]) -> usize {
    let sent = |field: &Field| match &field.kind {
        FieldKind::Repeat(repeat) => {
            // Each row sends its key.
            let row = sent_by(&repeat.fields).saturating_add(1);
            row.saturating_mul(number(repeat.max.min(MAX_ROWS)))
        }
        FieldKind::Date(date) => DATE_PARTS.len() + usize::from(date.time),
        FieldKind::Month(_) => DATE_PARTS.len() - 1,
        FieldKind::Multi(multi) if multi.ranked => multi.options.len(),
        FieldKind::Multi(multi) => {
            let most = multi.max.map_or(usize::MAX, number);
            most.min(multi.options.len()) + usize::from(multi.other.is_some())
        }
        // Without script: those that are chosen, and the passwords of those that wait for one.
        FieldKind::File(file) => number(file.max).saturating_mul(2),
        FieldKind::Slot(_) => 2,
        FieldKind::Calc(_) | FieldKind::Fee(_) => 0,
        _ => inputs::stored(field).len(),
    };
    fields.iter().fold(0_usize, |all, field| all.saturating_add(sent(field)).saturating_add(1))
}

fn number(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

struct Checker<'c> {
    procedure: &'c Procedure,
    page: &'c Page,
    field: &'c Field,
    at: String,
    found: &'c mut Vec<Problem>,
}

impl Checker<'_> {
    fn check(&mut self) {
        let field = self.field;
        if self.procedure.mode == Mode::Guide {
            self.for_a_guide();
        }
        if !matches!(field.kind, FieldKind::Content(_)) {
            not_empty(&field.label, &format!("{}.label", self.at), self.found);
        }
        for (n, rule) in field.checks.iter().enumerate() {
            not_empty(&rule.message, &format!("{}.checks[{n}].message", self.at), self.found);
        }
        match &field.kind {
            FieldKind::Text(text) => self.text(text),
            FieldKind::Textarea(area) => {
                self.no_forbidden_question();
                self.limits(area.min, area.max);
                self.at_most(area.max, MAX_TEXT);
            }
            FieldKind::Number(number) => self.number(number),
            FieldKind::Choice(choice) => {
                self.options(&choice.options);
                self.other();
            }
            FieldKind::Multi(multi) => self.multi(multi),
            FieldKind::File(file) => {
                self.no_forbidden_question();
                self.limits(file.min, file.max);
                self.at_most(file.max, MAX_FILES);
                self.at_most(file.max_mb, self.procedure.files_mb());
                self.limits(1, file.max.min(file.max_mb));
            }
            FieldKind::Consent(consent) => {
                not_empty(&consent.text, &format!("{}.kind.text", self.at), self.found);
                not_empty(&consent.agree, &format!("{}.kind.agree", self.at), self.found);
            }
            FieldKind::Content(content) => self.content(content),
            FieldKind::Calc(_) => self.no_forbidden_question(),
            FieldKind::Fee(fee) => self.fee(fee),
            FieldKind::Slot(slot) => self.slot(slot),
            FieldKind::Repeat(repeat) => self.rows(repeat),
            FieldKind::Bank(bank) => self.bank(bank),
            FieldKind::Exit(exit) => {
                not_empty(&exit.body, &format!("{}.kind.body", self.at), self.found);
                if field.when.is_none() && self.page.when.is_none() {
                    self.error("when", ProblemCode::ExitAlways, &field.id);
                }
            }
            FieldKind::Matrix(matrix) => self.matrix(matrix),
            FieldKind::Lookup(lookup) => self.lookup(lookup),
            FieldKind::Date(date) => {
                if date.partial && date.time {
                    self.error("kind.partial", ProblemCode::PartialWithTime, &field.id);
                }
            }
            FieldKind::Month(_)
            | FieldKind::Time(_)
            | FieldKind::Name(_)
            | FieldKind::Address(_)
            | FieldKind::Phone(_)
            | FieldKind::Email(_)
            | FieldKind::CorporateNumber(_) => {}
        }
    }

    fn rows(&mut self, repeat: &Repeat) {
        self.limits(repeat.min, repeat.max);
        self.at_most(repeat.max, MAX_ROWS);
        if !repeat.row.ja().contains("{n}") {
            self.error("kind.row", ProblemCode::NoRowNumber, repeat.row.ja());
        }
        if repeat.fields.is_empty() {
            self.error("kind.fields", ProblemCode::EmptyPage, &self.field.id);
        }
        if let Some(id) = &repeat.unique_by
            && !repeat.fields.iter().any(|field| field.id == *id)
        {
            self.error("kind.unique_by", ProblemCode::UnknownName, id);
        }
        let unique = |field: &&Field| repeat.unique_by.as_ref() == Some(&field.id);
        let unique = repeat.fields.iter().find(unique);
        if let Some(field) = unique.filter(|field| field.is_partial_date()) {
            self.error("kind.unique_by", ProblemCode::PartialKey, &field.id);
        }
        for (n, field) in repeat.fields.iter().enumerate() {
            let at = format!("{}.kind.fields[{n}]", self.at);
            let (procedure, page) = (self.procedure, self.page);
            if !fits_a_row(field) {
                self.found.push(Problem::error(&at, ProblemCode::NotInRows, &field.id));
            }
            Checker { procedure, page, field, at, found: self.found }.check();
        }
    }

    fn bank(&mut self, bank: &Bank) {
        let Some(of) = &bank.holder_of else { return };
        let fields = self.procedure.pages.iter().flat_map(|page| &page.fields);
        let mut names = fields.filter(|field| matches!(field.kind, FieldKind::Name(_)));
        if !names.any(|field| field.id == *of) {
            self.error("kind.holder_of", ProblemCode::UnknownName, of);
        }
    }

    fn matrix(&mut self, matrix: &Matrix) {
        self.options(&matrix.options);
        if matrix.options.iter().any(|option| option.when.is_some() || option.capacity.is_some()) {
            self.error("kind.options", ProblemCode::NotInRows, &self.field.id);
        }
        if matrix.rows.is_empty() {
            self.error("kind.rows", ProblemCode::EmptyPage, &self.field.id);
        }
        self.at_most(u32::try_from(matrix.rows.len()).unwrap_or(u32::MAX), MAX_ROWS);
        for (n, row) in matrix.rows.iter().enumerate() {
            let at = format!("{}.kind.rows[{n}]", self.at);
            ids(&row.id, matrix.rows[..n].iter().map(|other| &other.id), &at, self.found);
            not_empty(&row.label, &format!("{at}.label"), self.found);
        }
    }

    fn lookup(&mut self, lookup: &Lookup) {
        let Some(list) = self.procedure.lists.iter().find(|list| list.id == lookup.list) else {
            return self.error("kind.list", ProblemCode::UnknownList, &lookup.list);
        };
        let narrow = lookup.narrow.iter().map(|narrow| &narrow.column);
        for column in lookup.find_by.iter().chain(&lookup.keep).chain(narrow) {
            if list.column(column).is_none() {
                self.error("kind", ProblemCode::UnknownColumn, column);
            }
        }
    }

    fn slot(&mut self, slot: &SlotKind) {
        seats(&slot.capacity, &format!("{}.kind.capacity", self.at), self.found);
        let times = slot.times.iter().chain(slot.times_on.all()).chain(&slot.cutoff_at);
        for time in times.filter(|time| read_time(time).is_none()) {
            self.error("kind.times", ProblemCode::SlotTime, time);
        }
        let rule = !slot.weekdays.is_empty() || slot.from.is_some() || slot.until.is_some();
        let whole = !slot.weekdays.is_empty()
            && slot.from.zip(slot.until).is_some_and(|(from, until)| from <= until);
        if rule && !whole {
            self.error("kind.from", ProblemCode::SlotRule, &self.field.id.clone());
        }
        self.at_most(slot.minutes, MOST_MINUTES);
        self.at_most(u32::from(slot.cutoff_days), u32::from(MOST_CUTOFF_DAYS));
        let openings = Openings::of(self.field, &self.procedure.office_days());
        if openings.len() > MOST_OPENINGS {
            self.error("kind", ProblemCode::TooMuch, &MOST_OPENINGS.to_string());
        }
        if openings.is_empty() {
            self.error("kind.times", ProblemCode::SlotNothing, &self.field.id.clone());
        }
    }

    fn fee(&mut self, fee: &Fee) {
        if fee.lines.is_empty() {
            self.error("kind.lines", ProblemCode::FeeWithoutLines, &self.field.id);
        }
        if fee.lines.len() > MOST_FEE_LINES {
            self.error("kind.lines", ProblemCode::TooMuch, &MOST_FEE_LINES.to_string());
        }
        for (n, line) in fee.lines.iter().enumerate() {
            let at = format!("{}.kind.lines[{n}]", self.at);
            ids(&line.id, fee.lines[..n].iter().map(|other| &other.id), &at, self.found);
            not_empty(&line.label, &format!("{at}.label"), self.found);
            if let Bound::Whole(yen) = line.amount
                && !(0..=MOST_YEN).contains(&yen)
            {
                let at = format!("{at}.amount");
                self.found.push(Problem::error(&at, ProblemCode::FeeAmount, &yen.to_string()));
            }
        }
        if !self.procedure.pay.says_how() {
            self.found.push(Problem::error("pay", ProblemCode::FeeWithoutPay, ""));
        }
    }

    fn text(&mut self, text: &Text) {
        self.no_forbidden_question();
        self.limits(text.min, text.max);
        self.at_most(text.max, MAX_TEXT);
        let Some(pattern) = &text.pattern else { return };
        let fits = Pattern::parse(pattern).is_ok_and(|pattern| pattern.fits(&text.sample));
        if !fits {
            self.error("kind.sample", ProblemCode::BadSample, &text.sample);
        }
    }

    fn number(&mut self, number: &Number) {
        self.no_forbidden_question();
        if let (Some(Bound::Whole(min)), Some(Bound::Whole(max))) = (&number.min, &number.max)
            && min > max
        {
            self.error("kind", ProblemCode::Limits, "");
        }
        if number.decimals > 6 {
            self.error("kind.decimals", ProblemCode::TooMuch, "6");
        }
    }

    fn multi(&mut self, multi: &Multi) {
        self.options(&multi.options);
        let count = u32::try_from(multi.options.len()).unwrap_or(u32::MAX);
        self.limits(multi.min, multi.max.unwrap_or(count).min(count));
        self.limits(1, multi.max.unwrap_or(1));
        self.other();
        let plain = multi.options.iter().all(|option| option.capacity.is_none());
        if multi.ranked && (multi.other.is_some() || !plain) {
            self.error("kind.ranked", ProblemCode::RankedPlain, &self.field.id.clone());
        }
    }

    /// The option beside which something is written is one of its own.
    fn other(&mut self) {
        let Some(code) = inputs::other(self.field) else { return };
        if !inputs::options(self.field).iter().any(|option| option.code == code) {
            self.error("kind.other", ProblemCode::UnknownOption, code);
        }
    }

    fn options(&mut self, options: &[ChoiceOption]) {
        if options.len() < 2 {
            self.error("kind.options", ProblemCode::FewOptions, "");
        }
        if options.len() > MAX_OPTIONS {
            self.error("kind.options", ProblemCode::TooMuch, &MAX_OPTIONS.to_string());
        }
        for (n, option) in options.iter().enumerate() {
            let at = format!("{}.kind.options[{n}]", self.at);
            let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
            if option.code.is_empty() || option.code.len() > 40 || !option.code.bytes().all(plain) {
                self.found.push(Problem::error(&at, ProblemCode::BadId, &option.code));
            }
            if options[..n].iter().any(|other| other.code == option.code) {
                self.found.push(Problem::error(&at, ProblemCode::RepeatedId, &option.code));
            }
            not_empty(&option.label, &format!("{at}.label"), self.found);
            if let Some(capacity) = &option.capacity {
                seats(capacity, &format!("{at}.capacity"), self.found);
            }
        }
    }

    fn content(&mut self, content: &Content) {
        if content.body.is_empty() && content.picture.is_none() {
            self.error("kind.body", ProblemCode::Empty, "");
        }
        let Some(picture) = &content.picture else { return };
        if picture.alt.is_empty() {
            self.error("kind.picture.alt", ProblemCode::NoAlt, "");
        }
        let mut files = self.procedure.files.iter();
        let known = files.any(|file| file.id == picture.file && file.is_picture());
        if !known {
            self.error("kind.picture.file", ProblemCode::UnknownFile, &picture.file);
        }
    }

    /// A guide keeps nothing, so it asks for nothing about a person: only what can be chosen or
    /// counted.
    fn for_a_guide(&mut self) {
        let fits = matches!(
            self.field.kind,
            FieldKind::Choice(_)
                | FieldKind::Multi(_)
                | FieldKind::Number(_)
                | FieldKind::Date(_)
                | FieldKind::Month(_)
                | FieldKind::Exit(_)
                | FieldKind::Content(_)
        );
        if !fits {
            self.error("kind", ProblemCode::NotInGuides, &self.field.id.clone());
        }
    }

    /// Whether the question asks for what nobody may ask for, or few: the My Number, the number of a card
    /// and a password never, other numbers and facts with a warning that names the law. Of the hint
    /// counts a sentence that tells to write it down.
    fn no_forbidden_question(&mut self) {
        let field = self.field;
        self.no_forbidden_words("label", field.label.ja());
        for sentence in field.hint.ja().split(['。', '\n']).filter(|sentence| asks(sentence)) {
            self.no_forbidden_words("hint", sentence);
        }
    }

    fn no_forbidden_words(&mut self, part: &str, told: &str) {
        let key = search_key(told);
        let says = |words: &[&str]| words.iter().any(|word| key.contains(&search_key(word)));
        // In a hint the card itself is often named: what is printed on it may be asked for.
        let the_card = part == "hint" && says(&["マイナンバーカード"]);
        if says(&["マイナンバー", "個人番号", "mynumber"]) && !the_card {
            self.error(part, ProblemCode::AsksMyNumber, told);
        }
        let never = |code: ProblemCode| {
            NEVER.into_iter().any(|(one, words, but)| one == code && says(words) && !says(but))
        };
        for (code, ..) in NEVER {
            if never(code) {
                self.error(part, code, told);
            }
        }
        for (code, words, but) in TO_BE_LOOKED_AT {
            if says(words) && !says(but) && !never(code) {
                self.found.push(Problem::warning(&format!("{}.{part}", self.at), code, told));
            }
        }
    }

    fn limits(&mut self, min: u32, max: u32) {
        if min > max || max == 0 {
            self.error("kind", ProblemCode::Limits, &format!("{min} > {max}"));
        }
    }

    fn at_most(&mut self, value: u32, most: u32) {
        if value > most {
            self.error("kind", ProblemCode::TooMuch, &most.to_string());
        }
    }

    fn error(&mut self, part: &str, code: ProblemCode, detail: &str) {
        self.found.push(Problem::error(&format!("{}.{part}", self.at), code, detail));
    }
}
