//! Phone numbers and e-mail addresses.

use super::Code;
use super::reader::Reader;
use crate::text::{is_hyphen, narrow};

/// Reads a phone number.
pub(super) fn read_phone(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    match phone(&typed) {
        Some(digits) => reader.keep(id, digits),
        None => {
            reader.keep(id, typed);
            reader.fault(id, Code::NotPhone, &[]);
        }
    }
}

/// Ten or eleven digits beginning with 0; +81 is the 0 of abroad. Eleven digits are mobile, IP and
/// 0800 numbers.
fn phone(typed: &str) -> Option<String> {
    let bare: String = narrow(typed)
        .chars()
        .filter(|c| !c.is_whitespace() && !is_hyphen(*c) && !matches!(c, '(' | ')' | '.'))
        .collect();
    let digits = match bare.strip_prefix("+81") {
        Some(rest) => format!("0{}", rest.trim_start_matches('0')),
        None => bare,
    };
    let bytes = digits.as_bytes();
    let plain = bytes.iter().all(u8::is_ascii_digit);
    let long = matches!(bytes, [b'0', b'2' | b'5'..=b'9', b'0', ..]);
    let fits = match bytes.len() {
        11 => long,
        10 => {
            matches!(bytes, [b'0', b'1'..=b'9', ..])
                && !matches!(bytes, [b'0', b'7'..=b'9', b'0', ..])
        }
        _ => false,
    };
    (plain && fits).then_some(digits)
}

/// Reads an e-mail address.
pub(super) fn read_email(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    match crate::identity::read_email(&typed) {
        Some(address) => reader.keep(id, address),
        None => {
            reader.keep(id, typed);
            reader.fault(id, Code::NotEmail, &[]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::phone;

    /// NF-8: phone numbers in any width, stored in digits.
    #[test]
    fn a_phone_number_is_read_however_it_is_typed() {
        for (typed, stored) in [
            ("03-1234-5678", "0312345678"),
            ("０９０ー１２３４ー５６７８", "09012345678"),
            ("(0254)12-3456", "0254123456"),
            ("+81 90 1234 5678", "09012345678"),
            ("0120-123-456", "0120123456"),
            ("0800 123 4567", "08001234567"),
            ("050-1234-5678", "05012345678"),
        ] {
            assert_eq!(phone(typed).as_deref(), Some(stored), "{typed}");
        }
        for bad in [
            "",
            "1234-5678",
            "090-1234-567",
            "03-1234-56789",
            "00-1234-5678",
            "09o-1234-5678",
            "110",
        ] {
            assert_eq!(phone(bad), None, "{bad}");
        }
    }
}
