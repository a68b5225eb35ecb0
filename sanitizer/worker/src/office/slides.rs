//! PowerPoint presentations.
use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::Slides;

use super::package::Package;

pub(super) fn read(_package: &mut Package<'_>, _main: &str) -> Result<Slides, HoldReason> {
    Err(HoldReason::Unsupported)
}
