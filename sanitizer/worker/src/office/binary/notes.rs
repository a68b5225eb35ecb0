//! Notes on cells.

use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;

use super::fields::Fields;
use super::{Binary, SPACES, Spelled, each, text};
use crate::office::tokens::area;

const NOTE: u16 = 635;
const TEXT: u16 = 637;

/// The notes of a sheet as XML.
pub(super) fn spell(bytes: &[u8], binary: &Binary) -> Result<Spelled, HoldReason> {
    let mut xml = format!("<comments {SPACES}><commentList>");
    let (mut cell, mut left_out) = (String::new(), 0);
    each(bytes, |record| {
        let mut fields = Fields::new(record.data);
        match record.kind {
            NOTE => {
                let _author = fields.u32();
                let [first, _] = fields.range();
                cell = area(first, first);
            }
            TEXT => {
                let text = text::rich(&mut fields, binary, &mut left_out);
                let _ = write!(xml, "<comment ref=\"{cell}\"><text>{text}</text></comment>");
            }
            _ => {}
        }
        Ok(())
    })?;
    xml.push_str("</commentList></comments>");
    Ok(Spelled { xml, left_out })
}
