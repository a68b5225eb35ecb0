//! Rows of the files of the post: 15 columns, quoted.

use thiserror::Error;

/// A row that does not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("line {line}: {reason}")]
pub struct BadRow {
    /// Line from 1; 0 for the file as a whole.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

/// What is kept of a row.
pub(super) struct Row {
    pub(super) code: u32,
    pub(super) prefecture: String,
    pub(super) city: String,
    pub(super) town: String,
}

/// The file as text: UTF-8 (with or without BOM), else CP932.
pub(super) fn text(bytes: &[u8]) -> Option<String> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text.trim_start_matches('\u{FEFF}').to_owned()),
        Err(_) => crate::cp932::decode(bytes),
    }
}

/// Hands out each place once: lines of a town that is still inside its parentheses are skipped.
pub(super) fn rows(
    text: &str,
    mut take: impl FnMut(&Row) -> Result<(), &'static str>,
) -> Result<(), BadRow> {
    let mut inside: Option<u32> = None;
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fail = |reason| BadRow { line: n + 1, reason };
        let columns = split(line).ok_or_else(|| fail("quotes do not match"))?;
        let [_, _, code, _, _, _, prefecture, city, town, ..] = columns.as_slice() else {
            return Err(fail("fewer than nine columns"));
        };
        let code: u32 = match code.len() {
            7 => code.parse().map_err(|_| fail("the postal code is not a number"))?,
            _ => return Err(fail("the postal code has not seven digits")),
        };
        let continued = inside == Some(code);
        inside =
            if continued { (!town.contains('）')).then_some(code) } else { opens(town, code) };
        if continued {
            continue;
        }
        let row = Row {
            code,
            prefecture: prefecture.clone(),
            city: city.clone(),
            town: plain_town(town).to_owned(),
        };
        take(&row).map_err(fail)?;
    }
    Ok(())
}

fn opens(town: &str, code: u32) -> Option<u32> {
    (town.contains('（') && !town.contains('）')).then_some(code)
}

/// The town without what is no part of an address.
fn plain_town(town: &str) -> &str {
    if town == "以下に掲載がない場合" || town.ends_with("の次に番地がくる場合")
    {
        return "";
    }
    // 「…町一円」 is the whole town; 一円 alone is the name of a place in 滋賀県.
    if town.ends_with("一円") && town != "一円" {
        return "";
    }
    town.split('（').next().unwrap_or("")
}

fn split(line: &str) -> Option<Vec<String>> {
    let mut columns = vec![String::new()];
    let mut quoted = false;
    for c in line.trim_end_matches('\r').chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => columns.push(String::new()),
            c => columns.last_mut()?.push(c),
        }
    }
    (!quoted).then_some(columns)
}
