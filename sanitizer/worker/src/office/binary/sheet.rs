//! A sheet: its cells, and what stands around them.

mod around;
mod cells;

use std::fmt::Write as _;

use sanitizer_intermediate::{HoldReason, Limits};

use super::records::Record;
use super::{Binary, SPACES, Spelled, each};
use around::Around;
use cells::Cells;

const DATA: u16 = 145;
const DATA_END: u16 = 146;
/// Rules of formats by condition.
const CONDITIONS: u16 = 461;
/// Small charts within cells stand among a later program's records.
const SORTING: u16 = 296;

/// The sheet as XML.
pub(super) fn spell(
    bytes: &[u8],
    name: &str,
    binary: &Binary,
    limits: &Limits,
) -> Result<Spelled, HoldReason> {
    let mut cells = Cells::new(binary);
    let mut around = Around::default();
    let mut within = false;
    let mut left_out = 0_u32;
    each(bytes, |record: &Record<'_>| {
        match record.kind {
            DATA => within = true,
            DATA_END => {
                within = false;
                cells.end();
            }
            CONDITIONS | SORTING => left_out = left_out.saturating_add(1),
            _ if within => cells.take(record),
            _ => around.take(record, binary),
        }
        let long = (cells.xml.len() + around.len()) as u64 > limits.decoded_bytes;
        if long { Err(HoldReason::TooLarge) } else { Ok(()) }
    })?;
    let mut xml = format!("<{name} {SPACES}>");
    around.head(&mut xml);
    if name == "worksheet" {
        let _ = write!(xml, "<sheetData>{}</sheetData>", cells.xml);
    }
    around.tail(&mut xml);
    let _ = write!(xml, "</{name}>");
    Ok(Spelled { xml, left_out: left_out.saturating_add(cells.left_out) })
}
