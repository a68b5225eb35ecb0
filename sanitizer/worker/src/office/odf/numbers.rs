//! Formats of numbers, from elements to a code as Excel writes it.

use crate::office::xml::Element;

/// Longest code.
const MAX_CODE: usize = 250;

/// The code for a format of numbers, dates or times.
pub(super) fn code(style: &Element) -> Option<String> {
    let mut out = String::new();
    match &*style.name {
        "number-style" | "percentage-style" | "currency-style" | "date-style" | "time-style" => {}
        "boolean-style" => return None,
        "text-style" => return Some("@".to_owned()),
        _ => return None,
    }
    let is_time = &*style.name == "time-style";
    for part in style.elements() {
        piece(part, is_time, &mut out);
    }
    (!out.is_empty() && out.len() <= MAX_CODE).then_some(out)
}

fn piece(part: &Element, is_time: bool, out: &mut String) {
    let is_long = part.attribute("style") == Some("long");
    let choose = |long: &'static str, short: &'static str| if is_long { long } else { short };
    match &*part.name {
        "number" => number(part, out),
        "scientific-number" => {
            number(part, out);
            out.push_str("E+00");
        }
        "fraction" => out.push_str("# ?/?"),
        "year" => out.push_str(choose("yyyy", "yy")),
        "month" if part.attribute("textual") == Some("true") => out.push_str(choose("mmmm", "mmm")),
        "month" => out.push_str(choose("mm", "m")),
        "day" => out.push_str(choose("dd", "d")),
        "day-of-week" => out.push_str(choose("dddd", "ddd")),
        "era" => out.push_str(choose("ggg", "g")),
        "hours" if is_time && !is_long => out.push_str("[h]"),
        "hours" => out.push_str(choose("hh", "h")),
        "minutes" => out.push_str(choose("mm", "m")),
        "seconds" => out.push_str(choose("ss", "s")),
        "am-pm" => out.push_str("AM/PM"),
        "text" | "currency-symbol" => quoted(&part.own_text(), out),
        _ => {}
    }
}

fn number(part: &Element, out: &mut String) {
    let count = |name: &str, usual: usize| {
        part.attribute(name).and_then(|it| it.parse().ok()).unwrap_or(usual).min(30)
    };
    let whole = count("min-integer-digits", 1);
    if part.attribute("grouping") == Some("true") {
        out.push_str("#,##");
        out.push_str(&"0".repeat(whole.max(1)));
    } else if whole == 0 {
        out.push('#');
    } else {
        out.push_str(&"0".repeat(whole));
    }
    let places = count("decimal-places", 0);
    if places > 0 {
        out.push('.');
        out.push_str(&"0".repeat(places));
    }
}

fn quoted(text: &str, out: &mut String) {
    if text.is_empty() {
    } else if text.chars().all(|it| "-/:%., ()".contains(it)) {
        out.push_str(text);
    } else {
        out.push('"');
        out.extend(text.chars().filter(|it| *it != '"'));
        out.push('"');
    }
}
