//! Values of cells.

use sanitizer_intermediate::office::{CellError, CellValue};

use crate::office::plain::cleaned;
use crate::office::plain::sheet::Book;
use crate::office::xml::{Content, Element};

/// Most characters of a remark.
const MAX_REMARK: usize = 32_767;

/// A value, and the format it needs when its own says nothing.
pub(super) fn value(cell: &Element, book: &mut Book) -> (CellValue, Option<&'static str>) {
    let number = |name: &str| {
        cell.attribute(name).and_then(|it| it.parse().ok()).filter(|it: &f64| it.is_finite())
    };
    match cell.attribute("value-type") {
        Some("float" | "currency") => match number("value") {
            Some(value) if !is_error(cell) => (CellValue::Number(value), None),
            _ => (CellValue::Error(error(&text(cell))), None),
        },
        Some("percentage") => match number("value") {
            Some(value) => (CellValue::Number(value), Some("0%")),
            None => (book.text(&text(cell)), None),
        },
        Some("date") => match cell.attribute("date-value").and_then(days) {
            Some(value) if value.fract() == 0.0 => (CellValue::Number(value), Some("yyyy/mm/dd")),
            Some(value) => (CellValue::Number(value), Some("yyyy/mm/dd hh:mm:ss")),
            None => (book.text(&text(cell)), None),
        },
        Some("time") => match cell.attribute("time-value").and_then(duration) {
            Some(value) => (CellValue::Number(value), Some("[h]:mm:ss")),
            None => (book.text(&text(cell)), None),
        },
        Some("boolean") => (CellValue::Bool(cell.attribute("boolean-value") == Some("true")), None),
        Some(_) => {
            let own = cell.attribute("string-value").map(str::to_owned);
            let shown = text(cell);
            (book.text(&own.filter(|_| shown.is_empty()).unwrap_or(shown)), None)
        }
        None => match text(cell) {
            shown if shown.is_empty() => (CellValue::Empty, None),
            shown => (book.text(&shown), None),
        },
    }
}

/// An error is written as a number with its sign as text.
fn is_error(cell: &Element) -> bool {
    cell.attribute("formula").is_some() && text(cell).starts_with('#')
}

fn error(shown: &str) -> CellError {
    CellError::from_code(shown).unwrap_or(CellError::Value)
}

/// The paragraphs of a cell, a line each.
pub(super) fn text(cell: &Element) -> String {
    let lines = cell.elements().filter(|it| matches!(&*it.name, "p" | "h"));
    let lines: Vec<String> = lines
        .map(|it| {
            let mut out = String::new();
            inline(it, &mut out, 0);
            out
        })
        .collect();
    lines.join("\n")
}

/// What a remark says, a line for each paragraph; who wrote it and when stays behind.
pub(super) fn remark(annotation: &Element) -> String {
    let mut lines = Vec::new();
    said(annotation, &mut lines, 0);
    let text = cleaned(&lines.join("\n"));
    text.char_indices().nth(MAX_REMARK).map_or(text.as_str(), |(end, _)| &text[..end]).to_owned()
}

fn said(group: &Element, lines: &mut Vec<String>, depth: u32) {
    for element in group.elements() {
        match &*element.name {
            "p" | "h" => {
                let mut line = String::new();
                inline(element, &mut line, 0);
                lines.push(line);
            }
            "list" | "list-item" if depth < 20 => said(element, lines, depth + 1),
            _ => {}
        }
    }
}

/// All characters of a paragraph.
pub(super) fn inline(element: &Element, out: &mut String, depth: u32) {
    for content in &element.content {
        match content {
            Content::Text(text) => collapsed(text, out),
            Content::Element(it) => match &*it.name {
                "s" => {
                    let count = it.attribute("c").and_then(|it| it.parse().ok()).unwrap_or(1_usize);
                    out.push_str(&" ".repeat(count.min(1_000)));
                }
                "tab" => out.push('\t'),
                "line-break" => out.push('\n'),
                "annotation" | "note" | "tracked-changes" | "ruby-text" => {}
                _ if depth < 50 => inline(it, out, depth + 1),
                _ => {}
            },
        }
    }
}

/// White space between tags is one space.
pub(super) fn collapsed(text: &str, out: &mut String) {
    let mut in_space = false;
    for it in text.chars() {
        let is_space = matches!(it, ' ' | '\t' | '\n' | '\r');
        if !is_space {
            out.push(it);
        } else if !in_space {
            out.push(' ');
        }
        in_space = is_space;
    }
}

/// A date and time as days from the day before 1900.
fn days(text: &str) -> Option<f64> {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let mut parts = date.splitn(3, '-').map(str::parse::<i64>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    if !(1..=9_999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days of the civil calendar, years from March.
    let year = if month <= 2 { year - 1 } else { year };
    let from_march = (month + 9) % 12;
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    let all =
        year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year;
    let whole = i32::try_from(all - 693_899).ok()?;
    let mut time = time.trim_end_matches('Z').splitn(3, ':').map(|it| it.parse::<f64>().ok());
    let mut next = || time.next().flatten().unwrap_or_default();
    let seconds = next() * 3_600.0 + next() * 60.0 + next();
    let found = f64::from(whole) + seconds / 86_400.0;
    (found >= 0.0 && found.is_finite()).then_some(found)
}

/// `PT1H2M3S` as days.
fn duration(text: &str) -> Option<f64> {
    let mut rest = text.strip_prefix("PT")?;
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|it: char| it.is_ascii_alphabetic())?;
        let number: f64 = rest[..end].parse().ok()?;
        seconds += number
            * match rest.as_bytes()[end] {
                b'H' => 3_600.0,
                b'M' => 60.0,
                b'S' => 1.0,
                _ => return None,
            };
        rest = &rest[end + 1..];
    }
    Some(seconds / 86_400.0).filter(|it| it.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times_become_numbers() {
        assert_eq!(days("1899-12-31"), Some(1.0));
        assert_eq!(days("2024-02-29"), Some(45_351.0));
        assert_eq!(days("2024-02-29T12:00:00"), Some(45_351.5));
        assert_eq!((days("x"), days("2024-13-01")), (None, None));
        assert_eq!(duration("PT12H00M00S"), Some(0.5));
        assert_eq!(duration("12:00"), None);
    }
}
