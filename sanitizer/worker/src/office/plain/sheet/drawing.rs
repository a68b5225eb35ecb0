//! What lies on a sheet: pictures, texts, charts.

use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::{Props, shapes};

use crate::office::plain::{escaped, made};

/// Something on a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) struct Lying {
    pub area: Area,
    pub what: What,
}

/// Where something lies.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::office) enum Area {
    /// From a corner to another: column and row from 0, and EMU within them.
    Cells([Corner; 2]),
    /// Left, top, width and height in EMU.
    Sheet([i64; 4]),
}

#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(in crate::office) struct Corner {
    pub column: u32,
    pub across: i64,
    pub row: u32,
    pub down: i64,
}

/// What it is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum What {
    /// A picture by its number.
    Picture(u32),
    /// Paragraphs in a box, with a frame or without.
    Text(Vec<String>, bool),
    /// A chart by its number.
    Chart(u32),
}

/// The drawing of a sheet; none when nothing lies there.
pub(super) fn drawing(lying: &[Lying]) -> Result<Option<Props<shapes::SheetDrawing>>, HoldReason> {
    if lying.is_empty() {
        return Ok(None);
    }
    let mut xml = String::new();
    for (it, number) in lying.iter().zip(2_u32..) {
        let (name, place) = anchor(&it.area);
        let _ =
            write!(xml, "<xdr:{name}>{place}{}<xdr:clientData/></xdr:{name}>", inner(it, number));
    }
    made("xdr:wsDr", &xml).map(Some)
}

fn anchor(area: &Area) -> (&'static str, String) {
    match area {
        Area::Cells([from, to]) => {
            let place = format!("{}{}", corner("from", from), corner("to", to));
            ("twoCellAnchor", place)
        }
        Area::Sheet([left, top, width, height]) => {
            let place = format!(
                "<xdr:pos x=\"{left}\" y=\"{top}\"/><xdr:ext cx=\"{}\" cy=\"{}\"/>",
                width.max(&0),
                height.max(&0)
            );
            ("absoluteAnchor", place)
        }
    }
}

fn corner(name: &str, corner: &Corner) -> String {
    let Corner { column, across, row, down } = corner;
    format!(
        "<xdr:{name}><xdr:col>{column}</xdr:col><xdr:colOff>{across}</xdr:colOff>\
         <xdr:row>{row}</xdr:row><xdr:rowOff>{down}</xdr:rowOff></xdr:{name}>"
    )
}

fn inner(it: &Lying, number: u32) -> String {
    const RECTANGLE: &str = "<a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom>";
    let named = |of: &str, kind: &str| {
        format!(
            "<xdr:nv{of}Pr><xdr:cNvPr id=\"{number}\" name=\"{kind} {number}\"/><xdr:cNv{of}Pr/></xdr:nv{of}Pr>"
        )
    };
    match &it.what {
        What::Picture(picture) => format!(
            "<xdr:pic>{}<xdr:blipFill><a:blip r:embed=\"{picture}\"/><a:stretch><a:fillRect/></a:stretch></xdr:blipFill>\
             <xdr:spPr>{RECTANGLE}</xdr:spPr></xdr:pic>",
            named("Pic", "Picture")
        ),
        What::Text(lines, framed) => {
            let fill = if *framed {
                "<a:solidFill><a:srgbClr val=\"FFFFFF\"/></a:solidFill><a:ln w=\"9525\"><a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill></a:ln>"
            } else {
                "<a:noFill/>"
            };
            let mut text = String::new();
            for line in lines {
                let _ = write!(
                    text,
                    "<a:p><a:r><a:rPr lang=\"ja-JP\" sz=\"1000\"/><a:t>{}</a:t></a:r></a:p>",
                    escaped(line)
                );
            }
            format!(
                "<xdr:sp>{}<xdr:spPr>{RECTANGLE}{fill}</xdr:spPr>\
                 <xdr:txBody><a:bodyPr vertOverflow=\"overflow\" horzOverflow=\"overflow\" wrap=\"square\" lIns=\"36000\" tIns=\"18000\" rIns=\"36000\" bIns=\"18000\"/>{text}</xdr:txBody></xdr:sp>",
                named("Sp", "TextBox")
            )
        }
        What::Chart(chart) => format!(
            "<xdr:graphicFrame>{}<xdr:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"0\" cy=\"0\"/></xdr:xfrm>\
             <a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\">\
             <c:chart r:id=\"{chart}\"/></a:graphicData></a:graphic></xdr:graphicFrame>",
            named("GraphicFrame", "Chart")
        ),
    }
}
