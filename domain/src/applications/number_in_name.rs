//! The receipt number in the name of a file: `2026-000123-4_通知書.pdf` (NF-36).

use std::collections::BTreeSet;

use thiserror::Error;

use super::number::{BadNumber, ReceiptNumber};

/// Why a file name leads to no application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NameFault {
    /// Nothing in it looks like a receipt number.
    #[error("no receipt number in the name")]
    Missing,
    /// A digit is wrong or two are swapped.
    #[error("the check digit does not fit")]
    CheckDigit,
    /// Numbers of more than one application.
    #[error("more than one receipt number in the name")]
    Several,
}

/// Digits of a name, and whether a hyphen joins them to the next ones.
struct Group {
    digits: String,
    joined: bool,
}

/// Reads the one receipt number in a file name: with hyphens (of any kind and width) or without.
///
/// # Errors
/// [`NameFault`] when there is none, a wrong one, or more than one.
pub fn number_in_name(name: &str) -> Result<ReceiptNumber, NameFault> {
    let groups = groups(name);
    let whole = groups.iter().map(|group| group.digits.clone()).filter(|it| it.len() >= 11);
    let parted = groups.windows(3).filter_map(|three| {
        let [year, serial, check] = three else { return None };
        let joined = year.joined && serial.joined;
        let shape = year.digits.len() == 4 && serial.digits.len() >= 6 && check.digits.len() == 1;
        (joined && shape).then(|| format!("{}{}{}", year.digits, serial.digits, check.digits))
    });
    let mut found = BTreeSet::new();
    let mut wrong = false;
    for candidate in whole.chain(parted) {
        match candidate.parse::<ReceiptNumber>() {
            Ok(number) => {
                found.insert(number);
            }
            Err(BadNumber::CheckDigit) => wrong = true,
            Err(BadNumber::Shape) => {}
        }
    }
    let mut found = found.into_iter();
    match (found.next(), found.next()) {
        (Some(number), None) => Ok(number),
        (Some(_), Some(_)) => Err(NameFault::Several),
        (None, _) if wrong => Err(NameFault::CheckDigit),
        (None, _) => Err(NameFault::Missing),
    }
}

fn groups(name: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    // What stood before this character: a digit, one hyphen after digits, anything else.
    let mut before = ' ';
    for c in name.chars().map(crate::text::narrow_char) {
        let c = if crate::text::is_hyphen(c) { '-' } else { c };
        if c.is_ascii_digit() {
            match groups.last_mut() {
                Some(last) if before.is_ascii_digit() => last.digits.push(c),
                Some(_) | None => groups.push(Group { digits: c.to_string(), joined: false }),
            }
        } else if let Some(last) = groups.last_mut() {
            last.joined = c == '-' && before.is_ascii_digit();
        }
        before = c;
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-36: the number is found wherever it stands and however it is written.
    #[test]
    fn a_file_is_matched_by_the_number_in_its_name() {
        let number = ReceiptNumber::new(2026, 123).unwrap();
        let written = number.to_string();
        let bare = written.replace('-', "");
        for name in [
            format!("{written}.pdf"),
            format!("通知書_{written}_山田様.pdf"),
            format!("{bare}.pdf"),
            format!("20261120 通知 {written} (2).pdf"),
            format!("{written}-2.pdf"),
            format!("{written} {bare}.pdf"),
            written.replace('-', "－").replace('2', "２") + ".pdf",
        ] {
            assert_eq!(number_in_name(&name), Ok(number), "{name}");
        }
    }

    /// NF-36: a name without number, with a wrong one or with two leads nowhere.
    #[test]
    fn a_name_that_leads_nowhere_says_why() {
        let one = ReceiptNumber::new(2026, 123).unwrap().to_string();
        let two = ReceiptNumber::new(2026, 124).unwrap().to_string();
        let (rest, check) = one.split_at(one.len() - 1);
        let check = format!("{rest}{}", (check.parse::<u8>().unwrap() + 1) % 10);
        for (name, fault) in [
            ("通知書.pdf".to_owned(), NameFault::Missing),
            ("2026-11-20.pdf".to_owned(), NameFault::Missing),
            (one.replacen('-', "--", 1), NameFault::Missing),
            (check, NameFault::CheckDigit),
            (format!("{one}と{two}.pdf"), NameFault::Several),
        ] {
            assert_eq!(number_in_name(&name), Err(fault), "{name}");
        }
    }
}
