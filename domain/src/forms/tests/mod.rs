//! Forms as they are filled in.

mod conditions;
mod correction;
mod cosigners;
mod display;
mod fees;
mod files;
mod kinds;
mod lists;
mod people;
mod rows;
mod seats;
mod slots;
mod speed;
mod times;
mod wishes;

use jiff::civil::{Date, date};
use serde_json::{Value, json};

use super::definition::Procedure;
use super::{Answers, Checked, Compiled, Context};

pub(super) const TODAY: Date = date(2026, 11, 20);

/// A procedure with these pages, everything else as small as it may be.
pub(super) fn document(pages: &Value) -> Procedure {
    let document = json!({
        "id": "00000000000000000000000001", "revision": 1, "slug": "sample", "title": "見本",
        "summary": "見本です。", "department": "00000000000000000000000002", "pages": pages,
    });
    serde_json::from_value(document).unwrap()
}

pub(super) fn compile(pages: &Value) -> Compiled {
    Compiled::new(document(pages)).unwrap()
}

/// A form of one page.
pub(super) fn form(fields: &Value) -> Compiled {
    compile(&json!([{ "id": "one", "title": "一", "fields": fields }]))
}

/// A form of one field `q`, required.
pub(super) fn question(kind: &Value) -> Compiled {
    form(&json!([{ "id": "q", "label": "質問", "required": true, "kind": kind }]))
}

pub(super) fn send(form: &Compiled, raw: &Answers) -> Checked {
    form.check_page(0, &Answers::new(), raw, &Context::on(TODAY))
}

/// Faults as `input: code`.
pub(super) fn faults(checked: &Checked) -> Vec<String> {
    checked.faults.iter().map(|f| format!("{}: {}", f.input, f.key())).collect()
}

/// Answers one question with one text: what is stored, or the code of the first fault.
pub(super) fn typed(kind: &Value, text: &str) -> Result<String, &'static str> {
    let checked = send(&question(kind), &Answers::from([("q", text)]));
    match checked.faults.first() {
        Some(fault) => Err(fault.key().trim_start_matches("forms.")),
        None => Ok(checked.answers.first("q").unwrap_or("").to_owned()),
    }
}
