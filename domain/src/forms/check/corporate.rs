//! 法人番号: 13 digits in any width, with the spaces and hyphens people put between them.

use super::Code;
use super::reader::Reader;
use crate::digits::{holds_my_number, is_corporate_number};
use crate::text::{is_hyphen, narrow};

/// Reads a 法人番号. The T of an invoice number before it is dropped.
pub(super) fn read(reader: &mut Reader<'_>) {
    let id = &reader.field.id;
    let Some(typed) = reader.line(id) else { return };
    let digits = digits(&typed);
    if is_corporate_number(&digits) {
        return reader.keep(id, digits);
    }
    // Who has no 法人番号 at hand may type the number they know by heart.
    let code = if holds_my_number(&typed) {
        Code::MyNumber
    } else if digits.len() == 13 && digits.bytes().all(|b| b.is_ascii_digit()) {
        Code::CorporateCheckDigit
    } else {
        Code::NotCorporateNumber
    };
    reader.keep(id, typed);
    reader.fault(id, code, &[]);
}

fn digits(typed: &str) -> String {
    let bare: String =
        narrow(typed).chars().filter(|c| !c.is_whitespace() && !is_hyphen(*c)).collect();
    match bare.strip_prefix(['T', 't']) {
        Some(rest) => rest.to_owned(),
        None => bare,
    }
}
