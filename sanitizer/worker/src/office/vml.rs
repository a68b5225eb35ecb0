//! VML, the drawing language of Office 2003, as far as files of today carry
//! it: sizes and places in `style`, colours, pictures, text boxes.

use std::collections::HashMap;

use sanitizer_intermediate::HoldReason;

use super::diagram::Frame;
use super::links::{PartLinks, id_of_part};
use super::xml::{Element, Ns};

/// EMU per point.
pub(super) const POINT: f64 = 12_700.0;

/// The declarations of a `style` attribute.
pub(super) struct Style(HashMap<String, String>);

impl Style {
    /// Of an element.
    pub(super) fn of(element: &Element) -> Self {
        let text = element.attribute("style").unwrap_or_default();
        let pairs = text.split(';').filter_map(|it| it.split_once(':'));
        Self(
            pairs
                .map(|(name, value)| (name.trim().to_lowercase(), value.trim().to_owned()))
                .collect(),
        )
    }

    /// A declaration.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// A length, in EMU.
    pub(super) fn length(&self, name: &str) -> Option<i64> {
        self.get(name).and_then(length)
    }

    /// Place and size; margins place what stands freely.
    pub(super) fn frame(&self) -> Frame {
        let first =
            |names: [&str; 2]| names.iter().find_map(|it| self.length(it)).unwrap_or_default();
        Frame {
            x: first(["margin-left", "left"]),
            y: first(["margin-top", "top"]),
            width: self.length("width").unwrap_or_default(),
            height: self.length("height").unwrap_or_default(),
        }
    }
}

/// A length with its unit, in EMU; pixels without one.
pub(super) fn length(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.find(|it: char| !it.is_ascii_digit() && !matches!(it, '.' | '-' | '+'));
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let number: f64 = number.parse().ok()?;
    let emu = match unit.trim() {
        "pt" => number * POINT,
        "in" => number * 914_400.0,
        "cm" => number * 360_000.0,
        "mm" => number * 36_000.0,
        "pc" | "pi" => number * 152_400.0,
        "" | "px" => number * 9_525.0,
        "emu" => number,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "rounded and far below the limits")]
    (emu.abs() < 1e12).then(|| emu.round() as i64)
}

/// `#rrggbb`, `#rgb` or one of the names in use, as six digits.
pub(super) fn colour(text: &str) -> Option<String> {
    let text = text.split_whitespace().next()?.to_ascii_lowercase();
    if let Some(digits) = text.strip_prefix('#') {
        let fits = digits.bytes().all(|it| it.is_ascii_hexdigit());
        return match digits.len() {
            6 if fits => Some(digits.to_ascii_uppercase()),
            3 if fits => Some(
                digits.chars().flat_map(|it| [it, it]).collect::<String>().to_ascii_uppercase(),
            ),
            _ => None,
        };
    }
    let known = match text.as_str() {
        "black" | "windowtext" => "000000",
        "white" | "window" => "FFFFFF",
        "red" => "FF0000",
        "lime" => "00FF00",
        "blue" => "0000FF",
        "yellow" => "FFFF00",
        "gray" => "808080",
        "silver" => "C0C0C0",
        "green" => "008000",
        "navy" => "000080",
        "maroon" => "800000",
        _ => return None,
    };
    Some(known.to_owned())
}

/// A switch that is on unless said otherwise.
pub(super) fn unless_off(value: Option<&str>) -> bool {
    !matches!(value, Some("f" | "false" | "0" | "none"))
}

/// The id of the preview picture of an object that the old drawing of a part
/// keeps under `shape`.
///
/// # Errors
/// [`HoldReason`] when that drawing is damaged.
pub(super) fn preview(
    links: &mut PartLinks<'_, '_>,
    shape: &str,
) -> Result<Option<String>, HoldReason> {
    let Some(part) = links.relations.first_part("vmlDrawing").map(str::to_owned) else {
        return Ok(None);
    };
    // Old drawings are not always XML; then there is no preview.
    let Ok(Some(root)) = links.element(&part) else {
        return Ok(None);
    };
    let relations = links.package.relations(&part)?;
    let found = root
        .elements()
        .find(|it| it.attributes.iter().any(|it| matches!(&*it.1, "id" | "spid") && it.2 == shape));
    let data = found.and_then(|it| it.child("imagedata"));
    let id =
        data.and_then(|it| it.attribute_of(Ns::VmlOffice, "relid").or_else(|| it.reference("id")));
    Ok(id.and_then(|it| relations.part(it)).map(id_of_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_have_units() {
        assert_eq!(length("72pt"), Some(914_400));
        assert_eq!(length("1in"), Some(914_400));
        assert_eq!(length("-2.5cm"), Some(-900_000));
        assert_eq!(length("auto"), None);
        assert_eq!(length("1e300pt"), None);
    }

    #[test]
    fn colours_have_six_digits() {
        assert_eq!(colour("#0af").as_deref(), Some("00AAFF"));
        assert_eq!(colour("red [3]").as_deref(), Some("FF0000"));
        assert_eq!(colour("url(x)"), None);
    }
}
