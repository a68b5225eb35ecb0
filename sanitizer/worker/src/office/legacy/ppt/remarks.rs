//! Remarks about a slide, which newer programs keep among its tags.
//!
//! ```text
//! slide ─▶ tags ─▶ tag "___PPT10" ─▶ data: remark │ remark │ …
//! ```

use sanitizer_intermediate::office::Remark;

use super::emu;
use crate::office::legacy::art::{Record, records};
use crate::office::legacy::bytes::{u32_at, utf16};

const TAGS: u16 = 0x1388;
const TAG: u16 = 0x138a;
const DATA: u16 = 0x138b;
const REMARK: u16 = 0x2ee0;
const ABOUT: u16 = 0x2ee1;
const TEXT: u16 = 0x0fba;
/// Which of the texts of a remark it is; the others name who wrote it.
const SAID: u16 = 1;
/// Where its place is, after its number and time.
const PLACE: usize = 20;
const MAX_REMARKS: usize = 10_000;

/// What people wrote about a slide.
pub(super) fn of(slide: &Record<'_>) -> Vec<Remark> {
    let within = |bytes, kind| records(bytes).filter(move |it: &Record<'_>| it.kind == kind);
    let tags = within(slide.data, TAGS).flat_map(|it| within(it.data, TAG));
    let data = tags.flat_map(|it| within(it.data, DATA));
    let remarks = data.flat_map(|it| within(it.data, REMARK));
    remarks.filter_map(|it| remark(it.data)).take(MAX_REMARKS).collect()
}

fn remark(bytes: &[u8]) -> Option<Remark> {
    let said = records(bytes).find(|it| it.kind == TEXT && it.instance == SAID)?;
    let about = records(bytes).find(|it| it.kind == ABOUT);
    let side = |at: usize| about.map_or(0, |it| emu(u32_at(it.data, at).cast_signed()));
    Some(Remark::at(side(PLACE), side(PLACE + 4), &utf16(said.data).replace('\r', "\n")))
}
