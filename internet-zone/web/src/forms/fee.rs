//! A fee as pages show it: what is charged, the sum, how it is paid.

use domain::forms::definition::{Field, PayWay, PayWhen, Procedure};
use domain::forms::display::{self, Charged};
use domain::forms::fees::questions;
use domain::forms::{Answers, inputs};

use crate::markdown;
use crate::reader;
use crate::texts::TEXTS;

/// A fee as pages show it.
#[derive(Debug, Default)]
pub(crate) struct Fee {
    /// What is charged, and how much.
    pub(crate) lines: Vec<(String, String)>,
    /// The sum; empty while it is not known.
    pub(crate) total: String,
    /// When it is paid; empty when the procedure does not say (NF-15).
    pub(crate) when: &'static str,
    /// Ways to pay it.
    pub(crate) ways: Vec<&'static str>,
    /// More about paying, as HTML.
    pub(crate) note: String,
}

impl Fee {
    /// The fee of a question as it stands. Where it comes to nothing, nothing is said of paying.
    pub(crate) fn new(procedure: &Procedure, charged: Option<&Charged>) -> Self {
        if let Some(free) = charged.filter(|one| one.is_free) {
            let (lines, total) = (free.lines.clone(), free.total.clone());
            return Self { lines, total, ..Self::default() };
        }
        let ways = PayWay::ALL.into_iter().filter(|way| procedure.pay.ways.contains(way));
        let way = |way| match way {
            PayWay::Counter => TEXTS.text("forms.fee.counter"),
            PayWay::Slip => TEXTS.text("forms.fee.slip"),
        };
        Self {
            lines: charged.map(|one| one.lines.clone()).unwrap_or_default(),
            total: charged.map(|one| one.total.clone()).unwrap_or_default(),
            when: match procedure.pay.when {
                Some(PayWhen::AtApplication) => TEXTS.text("forms.fee.at_application"),
                Some(PayWhen::AfterReview) => TEXTS.text("forms.fee.after_review"),
                None => "",
            },
            ways: ways.map(way).collect(),
            note: markdown::html(procedure.pay.note.ja()),
        }
    }
}

/// Where the office has written, the words that a notice to pay is still to come are no more true: they point
/// to what was written (NF-15).
pub(crate) fn written(procedure: &Procedure, fees: &mut [(String, Fee)]) {
    if procedure.pay.when == Some(PayWhen::AfterReview) {
        for (_, fee) in fees {
            fee.when = TEXTS.text("forms.fee.after_review_written");
        }
    }
}

/// How the fees of a procedure are paid, before anybody knows what they come to; `None` where nothing
/// is charged.
pub(crate) fn ahead(procedure: &Procedure) -> Option<Fee> {
    questions(procedure).next().map(|_| Fee::new(procedure, None))
}

/// The fees these answers come to, each under its question.
pub(crate) fn all(procedure: &Procedure, answers: &Answers) -> Vec<(String, Fee)> {
    let one = |field: &Field| {
        let charged = display::charged(field, answers, reader::lang())?;
        Some((field.label.ja().to_owned(), Fee::new(procedure, Some(&charged))))
    };
    questions(procedure).filter_map(one).collect()
}

/// Of these answers only the amounts.
pub(crate) fn amounts(procedure: &Procedure, answers: &Answers) -> Answers {
    let mut amounts = Answers::new();
    for input in questions(procedure).flat_map(inputs::stored) {
        if let Some(values) = answers.get(&input) {
            amounts.put(input, values.to_vec());
        }
    }
    amounts
}

/// Sums as one text: a page sends back what it told, so that nobody sends for another sum.
pub(crate) fn told(procedure: &Procedure, answers: &Answers) -> String {
    let sum = |field: &Field| {
        answers
            .shown(&field.id)
            .then(|| format!("{}={}", field.id, answers.first(&field.id).unwrap_or_default()))
    };
    questions(procedure).filter_map(sum).collect::<Vec<String>>().join(";")
}

/// A sentence for each sum that is another than it was.
pub(crate) fn changed(procedure: &Procedure, was: &Answers, now: &Answers) -> Vec<String> {
    let lang = reader::lang();
    let sentence = |field: &Field| {
        let (was, now) = (was.first(&field.id)?, now.first(&field.id)?);
        let args: [(&str, &dyn std::fmt::Display); 3] = [
            ("label", &field.label.ja()),
            ("was", &display::in_yen(was, lang)),
            ("now", &display::in_yen(now, lang)),
        ];
        (was != now).then(|| TEXTS.fill("forms.fee.changed", &args))
    };
    questions(procedure).filter_map(sentence).collect()
}
