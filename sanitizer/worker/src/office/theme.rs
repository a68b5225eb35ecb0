//! Colours, fonts and effects by role.

use sanitizer_intermediate::office::{Props, shapes};
use sanitizer_intermediate::{HoldReason, Place};

use super::links::{PartLinks, Shared};
use super::package::Package;
use super::shape;

/// Reads a theme; `None` when the part is not there.
///
/// # Errors
/// [`HoldReason`] when it is damaged.
pub(super) fn read(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
) -> Result<Option<Props<shapes::Theme>>, HoldReason> {
    let relations = package.relations(part)?;
    let mut links = PartLinks::new(package, &relations, shared, Place::Document);
    match links.element(part)? {
        Some(root) => shape::props(&root, &mut links).map(Some),
        None => Ok(None),
    }
}
