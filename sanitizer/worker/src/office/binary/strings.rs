//! The table of texts.

use sanitizer_intermediate::{HoldReason, Limits};

use super::fields::Fields;
use super::{Binary, SPACES, Spelled, each, text};

const ITEM: u16 = 19;

/// The table as XML.
pub(super) fn spell(bytes: &[u8], binary: &Binary, limits: &Limits) -> Result<Spelled, HoldReason> {
    let mut xml = format!("<sst {SPACES}>");
    let mut left_out = 0;
    each(bytes, |record| {
        if record.kind == ITEM {
            xml.push_str("<si>");
            xml.push_str(&text::rich(&mut Fields::new(record.data), binary, &mut left_out));
            xml.push_str("</si>");
        }
        if xml.len() as u64 > limits.decoded_bytes { Err(HoldReason::TooLarge) } else { Ok(()) }
    })?;
    xml.push_str("</sst>");
    Ok(Spelled { xml, left_out })
}
