//! Formulas: the same functions in another spelling.

use sanitizer_intermediate::office::Formula;

/// The formula as Excel spells it, when it may stay.
pub(super) fn kept(text: &str) -> Option<Formula> {
    let body = ["of:=", "oooc:="].iter().find_map(|it| text.strip_prefix(it));
    let body = body.or_else(|| text.strip_prefix('='))?;
    Formula::new(&spelled(body)?).ok()
}

fn spelled(body: &str) -> Option<String> {
    let mut out = String::new();
    let mut rest = body;
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                let end = rest[1..].find('"')? + 2;
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            '[' => {
                let (reference, after) = rest[1..].split_once(']')?;
                out.push_str(&cells(reference)?);
                rest = after;
            }
            ';' => {
                out.push(',');
                rest = &rest[1..];
            }
            '{' | '|' | '~' => return None,
            _ => {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    Some(out)
}

/// `.A1`, `.A1:.B2`, `$Sheet1.A1`, `'My sheet'.A1:.B2`.
fn cells(reference: &str) -> Option<String> {
    let quoted_end = match reference.trim_start_matches('$').starts_with('\'') {
        true => reference.rfind('\'')?,
        false => 0,
    };
    let dot = reference[quoted_end..].find('.')? + quoted_end;
    let (sheet, rest) = (&reference[..dot], &reference[dot + 1..]);
    let range = match rest.split_once(':') {
        Some((first, last)) => {
            let last = last.strip_prefix('.')?;
            format!("{first}:{last}")
        }
        None => rest.to_owned(),
    };
    let is_cells = range.bytes().all(|it| it.is_ascii_alphanumeric() || b"$:#!/".contains(&it));
    // A reference to another file has its address in front.
    if !is_cells || sheet.contains(['#', '/', ':']) {
        return None;
    }
    let sheet = sheet.trim_start_matches('$');
    Some(if sheet.is_empty() { range } else { format!("{sheet}!{range}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_spelled_as_excel_does() {
        let kept = |text: &str| kept(text).map(|it| it.text().to_owned());
        assert_eq!(kept("of:=SUM([.A1:.B2];3)").as_deref(), Some("SUM(A1:B2,3)"));
        assert_eq!(kept("of:=[$売上.$A$1]*2").as_deref(), Some("売上!$A$1*2"));
        assert_eq!(kept("of:=['a b'.A1]&\";\"").as_deref(), Some("'a b'!A1&\";\""));
    }

    /// NF-32: a formula that reaches out does not stay.
    #[test]
    fn formulas_that_reach_out_do_not_stay() {
        for text in [
            "of:=['file:///tmp/x.ods'#$Sheet1.A1]",
            "of:=WEBSERVICE(\"http://example.com\")",
            "of:=DDE(\"cmd\";\"/c calc\";\"a\")",
            "msoxl:=A1",
            "of:=[.A1",
        ] {
            assert!(kept(text).is_none(), "{text}");
        }
    }
}
