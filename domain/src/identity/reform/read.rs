//! From a file to lines, each wrong one named.

use super::{Change, City, Facts, Line, ReformFault, ReformFaultCode as Code, faults};
use crate::spreadsheet::{self, NotSheet, Sheet};
use crate::text::narrow;

/// Most lines of one reform.
pub const MAX_ROWS: usize = 2_000;

/// Headings of the file; columns nothing is said in may be missing, but for the first two.
pub const COLUMNS: [&str; 7] = ["区分", "所属コード", "名称", "電話番号", "場所", "引継先", "手続"];

/// Columns without which a file is no reform.
const NEEDED: usize = 2;

/// Letters of a code.
const CODE: usize = 20;

/// Reads a file against what the city has.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file. A reform is taken whole or not at all.
pub fn read(file: &[u8], city: &City) -> Result<Vec<Line>, Vec<ReformFault>> {
    let whole = |code, detail: &str| vec![ReformFault::new(code, 0, detail)];
    let sheet = Sheet::read(file).map_err(|why| match why {
        NotSheet::NotText => whole(Code::NotText, ""),
        NotSheet::Nothing => whole(Code::Nothing, ""),
    })?;
    let places = COLUMNS.map(|title| sheet.column(title));
    for (title, place) in COLUMNS.iter().zip(places).take(NEEDED) {
        if place.is_none() {
            return Err(vec![ReformFault::new(Code::NoColumn, 1, title)]);
        }
    }
    if sheet.lines.is_empty() {
        return Err(whole(Code::Nothing, ""));
    }
    if sheet.lines.len() > MAX_ROWS {
        return Err(whole(Code::TooMany, &MAX_ROWS.to_string()));
    }
    let (mut lines, mut wrong) = (Vec::new(), Vec::new());
    for line in &sheet.lines {
        if !sheet.fits(line) {
            wrong.push(ReformFault::new(Code::Width, line.number, &line.values.len().to_string()));
            continue;
        }
        match change(line, places, city) {
            Ok(change) => lines.push(Line { number: line.number, change }),
            Err((code, detail)) => wrong.push(ReformFault::new(code, line.number, &detail)),
        }
    }
    wrong.extend(faults(&lines, city));
    if wrong.is_empty() {
        return Ok(lines);
    }
    wrong.sort_by_key(|fault| fault.line);
    Err(wrong)
}

fn change(
    line: &spreadsheet::Line,
    places: [Option<usize>; COLUMNS.len()],
    city: &City,
) -> Result<Change, (Code, String)> {
    let values = places.map(|at| at.and_then(|at| line.values.get(at)).map_or("", String::as_str));
    let [kind, code, name, phone, place, heir, procedure] = values;
    let code = as_code(code)?;
    let facts = || facts(name, phone, place);
    Ok(match kind {
        "新設" if name.is_empty() => return Err((Code::Name, String::new())),
        "新設" => Change::Found { code, facts: facts()? },
        "変更" => Change::Alter { code, facts: facts()? },
        "移管" if heir.is_empty() => return Err((Code::NoHeir, String::new())),
        "移管" => Change::Hand { code, procedure: known(procedure, city)?, heir: as_code(heir)? },
        "廃止" if heir.is_empty() => Change::Close { code, heir: None },
        "廃止" => Change::Close { code, heir: Some(as_code(heir)?) },
        other => return Err((Code::Kind, other.to_owned())),
    })
}

fn as_code(typed: &str) -> Result<String, (Code, String)> {
    let code = narrow(typed);
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    let fits = (1..=CODE).contains(&code.chars().count()) && code.chars().all(plain);
    if fits { Ok(code) } else { Err((Code::Code, typed.to_owned())) }
}

fn facts(name: &str, phone: &str, place: &str) -> Result<Facts, (Code, String)> {
    let plain =
        |text: &str, most| text.chars().count() <= most && !text.chars().any(char::is_control);
    if !plain(name, 60) {
        return Err((Code::Name, String::new()));
    }
    if !plain(phone, 40) || !plain(place, 100) {
        return Err((Code::Contact, String::new()));
    }
    Ok(Facts { name: name.to_owned(), phone: phone.to_owned(), place: place.to_owned() })
}

/// The procedure of this address, or of this title when no other has it.
fn known(typed: &str, city: &City) -> Result<String, (Code, String)> {
    if let Some(one) = city.procedures.iter().find(|one| one.slug == typed) {
        return Ok(one.id.clone());
    }
    let mut titled = city.procedures.iter().filter(|one| one.title == typed);
    match (titled.next(), titled.next()) {
        (Some(one), None) => Ok(one.id.clone()),
        (Some(_), Some(_)) => Err((Code::Ambiguous, typed.to_owned())),
        (None, _) => Err((Code::Procedure, typed.to_owned())),
    }
}
