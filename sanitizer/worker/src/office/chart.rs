//! Charts, from the values stored with them.

use sanitizer_intermediate::office::{Props, Space, shapes};
use sanitizer_intermediate::{HoldReason, Place};

use super::links::{PartLinks, Shared};
use super::package::Package;
use super::shape;

/// Reads the chart in a part; `None` when there is none to show.
///
/// # Errors
/// [`HoldReason`] when the part is damaged.
pub(super) fn read(
    package: &mut Package<'_>,
    shared: &mut Shared,
    part: &str,
    place: Place,
) -> Result<Option<Props<shapes::Chart>>, HoldReason> {
    let relations = package.relations(part)?;
    let mut links = PartLinks::new(package, &relations, shared, place);
    let Some(root) = links.element(part)?.filter(|it| it.is(Space::C, "chartSpace")) else {
        return Ok(None);
    };
    let chart = shape::props::<shapes::Chart>(&root, &mut links)?;
    Ok(chart.view().child("chart").is_some().then_some(chart))
}
