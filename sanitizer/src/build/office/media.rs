//! Pictures and charts of a document as parts.

use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::office::{Props, Shape, Space, shapes};

use super::package::Package;
use super::part::{Names, References};
use super::xml::Xml;
use crate::build::{BuildError, image};
use crate::policy::Images;

const CHART: &str = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml";
const THEME: &str = "application/vnd.openxmlformats-officedocument.theme+xml";

/// Encodes all pictures into `folder`, and adds their names.
///
/// # Errors
/// [`BuildError`] when an encoder fails.
pub(super) fn add_pictures(
    package: &mut Package,
    folder: &str,
    pictures: &[Picture],
    choices: &Images,
    names: &mut Names,
) -> Result<(), BuildError> {
    for (at, picture) in pictures.iter().enumerate() {
        let coded = image::picture(picture, None, choices)?;
        let name = format!("{folder}/media/image{}.{}", at + 1, coded.extension);
        package.add_plain(&name, coded.media, coded.bytes);
        names.images.push(name);
    }
    Ok(())
}

/// Names of the charts, before they are written: a chart may be named by many parts.
pub(super) fn name_charts(folder: &str, count: usize, names: &mut Names) {
    names.charts = (1..=count).map(|it| format!("{folder}/charts/chart{it}.xml")).collect();
}

/// Writes all charts.
pub(super) fn add_charts(package: &mut Package, charts: &[Props<shapes::Chart>], names: &Names) {
    for (chart, name) in charts.iter().zip(&names.charts) {
        add_element(package, name, CHART, (Space::C, "chartSpace"), chart, names);
    }
}

/// Writes a theme.
pub(super) fn add_theme(
    package: &mut Package,
    name: &str,
    theme: &Props<shapes::Theme>,
    names: &Names,
) {
    add_element(package, name, THEME, (Space::A, "theme"), theme, names);
}

/// Writes a part that is one element of the tables.
pub(super) fn add_element<S: Shape>(
    package: &mut Package,
    name: &str,
    media: &'static str,
    root: (Space, &str),
    props: &Props<S>,
    names: &Names,
) {
    let mut references = References::new(names);
    let bare = (root.0 == Space::S).then_some(Space::S);
    let mut xml = Xml::new(bare);
    let mut spaces = vec![root.0];
    spaces.extend([Space::A, Space::R].into_iter().filter(|it| *it != root.0));
    xml.root(root.0, root.1, &spaces);
    xml.attributes(&props.bag, S::id(), &mut references);
    xml.content(root, &props.bag, S::id(), &mut references);
    package.add(name, media, xml.finish(), &references);
}
