//! A presentation as plain data.

use std::fmt::Write as _;

use sanitizer_intermediate::image::Picture;
use sanitizer_intermediate::office::{Master, NotesMaster, Remark, Slide, Slides};
use sanitizer_intermediate::{HoldReason, Limits};

use super::{escaped, made};

/// Furthest from the slide, in EMU, that a shape is written.
const FAR: i64 = 100_000_000;

/// A presentation.
#[derive(Debug, Default)]
pub(in crate::office) struct Deck {
    /// Width and height of a slide in EMU; 4 to 3 when not known.
    pub size: Option<(i64, i64)>,
    pub slides: Vec<Frame>,
}

/// A slide.
#[derive(Debug, Default)]
pub(in crate::office) struct Frame {
    pub shapes: Vec<Shape>,
    /// What the speaker wrote, by paragraphs.
    pub notes: Vec<String>,
    /// What people wrote about it.
    pub remarks: Vec<Remark>,
    pub hidden: bool,
}

/// Something on a slide.
#[derive(Debug)]
pub(in crate::office) struct Shape {
    pub content: Content,
    pub area: Option<Area>,
}

/// A place on a slide in EMU.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(in crate::office) struct Area {
    pub left: i64,
    pub top: i64,
    pub width: i64,
    pub height: i64,
}

#[derive(Debug)]
pub(in crate::office) enum Content {
    Title(Vec<Line>),
    Text(Vec<Line>),
    /// A picture by its number, and what the drawing it was said.
    Picture(u32, String),
    /// Rows of cells.
    Table(Vec<Vec<Vec<Line>>>),
}

/// A paragraph; breaks within it are `\u{b}`.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::office) struct Line {
    pub runs: Vec<Run>,
    /// Depth in a list.
    pub level: u8,
    pub bullet: bool,
}

/// Characters in one look.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::office) struct Run {
    pub text: String,
    pub bold: bool,
    pub italic: bool,
    pub underline: bool,
    /// Hundredths of a point.
    pub size: Option<u32>,
}

impl Line {
    /// A paragraph in the usual look.
    pub(in crate::office) fn plain(text: &str) -> Self {
        let run = Run { text: text.to_owned(), ..Run::default() };
        Self { runs: vec![run], level: 0, bullet: false }
    }

    pub(in crate::office) fn is_empty(&self) -> bool {
        self.runs.iter().all(|it| it.text.trim().is_empty())
    }
}

const THEME: &str = include_str!("theme.xml");
const TREE: &str =
    "<p:nvGrpSpPr><p:cNvPr id=\"1\" name=\"\"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>";
const MAP: &str = "<p:clrMap bg1=\"lt1\" tx1=\"dk1\" bg2=\"lt2\" tx2=\"dk2\" accent1=\"accent1\" accent2=\"accent2\" accent3=\"accent3\" accent4=\"accent4\" accent5=\"accent5\" accent6=\"accent6\" hlink=\"hlink\" folHlink=\"folHlink\"/>";
const OWN_MAP: &str = "<p:clrMapOvr><a:masterClrMapping/></p:clrMapOvr>";
const WHITE: &str = "<p:bg><p:bgPr><a:solidFill><a:schemeClr val=\"bg1\"/></a:solidFill><a:effectLst/></p:bgPr></p:bg>";

impl Deck {
    /// The presentation in the shapes of PowerPoint.
    ///
    /// # Errors
    /// [`HoldReason`] when it has no slide or too many.
    pub(in crate::office) fn finish(
        self,
        pictures: Vec<Picture>,
        limits: &Limits,
    ) -> Result<Slides, HoldReason> {
        if self.slides.is_empty() {
            return Err(HoldReason::Broken);
        }
        if self.slides.len() > limits.pages as usize {
            return Err(HoldReason::TooComplex);
        }
        let (width, height) = self.size.unwrap_or((9_144_000, 6_858_000));
        let (width, height) = (width.clamp(914_400, 51_206_400), height.clamp(914_400, 51_206_400));
        let settings = format!(
            "<p:sldSz cx=\"{width}\" cy=\"{height}\"/><p:notesSz cx=\"6858000\" cy=\"9144000\"/>"
        );
        let has_notes = self.slides.iter().any(|it| !it.notes.is_empty());
        let mut deck = Slides {
            settings: made("p:presentation", &settings)?,
            masters: vec![master(width, height)?],
            notes_master: has_notes.then(notes_master).transpose()?,
            pictures,
            ..Slides::default()
        };
        for frame in self.slides {
            let mut shapes = String::new();
            for (id, shape) in (2..).zip(&frame.shapes) {
                write_shape(shape, id, (width, height), &mut shapes);
            }
            let content = format!("<p:cSld><p:spTree>{TREE}{shapes}</p:spTree></p:cSld>{OWN_MAP}");
            let name = if frame.hidden { "p:sld show=\"0\"" } else { "p:sld" };
            let notes = match frame.notes.as_slice() {
                [] => None,
                lines => Some(made("p:notes", &notes(lines))?),
            };
            let content = made(name, &content)?;
            deck.slides.push(Slide { layout: 0, content, notes, remarks: frame.remarks });
        }
        Ok(deck)
    }
}

/// A white master with one empty layout.
fn master(width: i64, height: i64) -> Result<Master, HoldReason> {
    let (wide, tall) = (width - 914_400, height / 6);
    let title = format!(
        "<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Title\"/><p:cNvSpPr/><p:nvPr><p:ph type=\"title\"/></p:nvPr></p:nvSpPr>\
         <p:spPr><a:xfrm><a:off x=\"457200\" y=\"274638\"/><a:ext cx=\"{wide}\" cy=\"{tall}\"/></a:xfrm>\
         <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr>\
         <p:txBody><a:bodyPr anchor=\"ctr\"/><a:lstStyle/><a:p><a:endParaRPr lang=\"ja-JP\"/></a:p></p:txBody></p:sp>"
    );
    let styles = "<p:txStyles><p:titleStyle><a:lvl1pPr algn=\"ctr\"><a:defRPr sz=\"3200\"><a:solidFill><a:schemeClr val=\"tx1\"/></a:solidFill><a:latin typeface=\"+mj-lt\"/><a:ea typeface=\"+mj-ea\"/></a:defRPr></a:lvl1pPr></p:titleStyle><p:bodyStyle/><p:otherStyle/></p:txStyles>";
    let content = made(
        "p:sldMaster",
        &format!("<p:cSld>{WHITE}<p:spTree>{TREE}{title}</p:spTree></p:cSld>{MAP}{styles}"),
    )?;
    let layout = made(
        "p:sldLayout type=\"titleOnly\"",
        &format!("<p:cSld name=\"Title\"><p:spTree>{TREE}{title}</p:spTree></p:cSld>{OWN_MAP}"),
    )?;
    Ok(Master { content, theme: made("a:theme name=\"Office\"", THEME)?, layouts: vec![layout] })
}

fn notes_master() -> Result<NotesMaster, HoldReason> {
    let content = format!("<p:cSld>{WHITE}<p:spTree>{TREE}</p:spTree></p:cSld>{MAP}");
    Ok(NotesMaster {
        content: made("p:notesMaster", &content)?,
        theme: made("a:theme name=\"Office\"", THEME)?,
    })
}

fn notes(lines: &[String]) -> String {
    let lines: Vec<Line> = lines.iter().map(|it| Line::plain(it)).collect();
    let mut text = String::new();
    body(&lines, &mut text);
    format!(
        "<p:cSld><p:spTree>{TREE}<p:sp><p:nvSpPr><p:cNvPr id=\"2\" name=\"Notes\"/><p:cNvSpPr/>\
         <p:nvPr><p:ph type=\"body\" idx=\"1\"/></p:nvPr></p:nvSpPr><p:spPr><a:xfrm><a:off x=\"685800\" y=\"4343400\"/>\
         <a:ext cx=\"5486400\" cy=\"4114800\"/></a:xfrm></p:spPr><p:txBody>{text}</p:txBody></p:sp></p:spTree></p:cSld>{OWN_MAP}"
    )
}

fn write_shape(shape: &Shape, id: u32, (width, height): (i64, i64), out: &mut String) {
    let area = shape.area.unwrap_or(Area {
        left: 457_200,
        top: height / 4,
        width: width - 914_400,
        height: height / 2,
    });
    let (left, top) = (area.left.clamp(-FAR, FAR), area.top.clamp(-FAR, FAR));
    let (wide, tall) = (area.width.clamp(1, FAR), area.height.clamp(1, FAR));
    let place = format!("<a:off x=\"{left}\" y=\"{top}\"/><a:ext cx=\"{wide}\" cy=\"{tall}\"/>");
    let box_properties = format!(
        "<p:spPr><a:xfrm>{place}</a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></p:spPr>"
    );
    match &shape.content {
        Content::Title(lines) | Content::Text(lines) => {
            let holder = match &shape.content {
                Content::Title(_) => "<p:ph type=\"title\"/>",
                Content::Text(_) | Content::Picture(..) | Content::Table(_) => "",
            };
            let _ = write!(
                out,
                "<p:sp><p:nvSpPr><p:cNvPr id=\"{id}\" name=\"{id}\"/><p:cNvSpPr/><p:nvPr>{holder}</p:nvPr></p:nvSpPr>\
                 {box_properties}<p:txBody>"
            );
            body(lines, out);
            out.push_str("</p:txBody></p:sp>");
        }
        Content::Picture(number, said) => {
            let said = match said.as_str() {
                "" => String::new(),
                said => format!(" descr=\"{}\"", escaped(said)),
            };
            let _ = write!(
                out,
                "<p:pic><p:nvPicPr><p:cNvPr id=\"{id}\" name=\"{id}\"{said}/><p:cNvPicPr/><p:nvPr/></p:nvPicPr>\
                 <p:blipFill><a:blip r:embed=\"{number}\"/><a:stretch><a:fillRect/></a:stretch></p:blipFill>\
                 {box_properties}</p:pic>"
            );
        }
        Content::Table(rows) => {
            let columns = rows.iter().map(Vec::len).max().unwrap_or(1).max(1);
            let each = wide / i64::try_from(columns).unwrap_or(1);
            let row_height = tall / i64::try_from(rows.len().max(1)).unwrap_or(1);
            let _ = write!(
                out,
                "<p:graphicFrame><p:nvGraphicFramePr><p:cNvPr id=\"{id}\" name=\"{id}\"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr>\
                 <p:xfrm>{place}</p:xfrm><a:graphic><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/table\"><a:tbl><a:tblPr/><a:tblGrid>"
            );
            for _ in 0..columns {
                let _ = write!(out, "<a:gridCol w=\"{each}\"/>");
            }
            out.push_str("</a:tblGrid>");
            for row in rows {
                let _ = write!(out, "<a:tr h=\"{row_height}\">");
                for column in 0..columns {
                    out.push_str("<a:tc><a:txBody>");
                    body(row.get(column).map_or(&[], Vec::as_slice), out);
                    out.push_str("</a:txBody><a:tcPr/></a:tc>");
                }
                out.push_str("</a:tr>");
            }
            out.push_str("</a:tbl></a:graphicData></a:graphic></p:graphicFrame>");
        }
    }
}

fn body(lines: &[Line], out: &mut String) {
    out.push_str("<a:bodyPr wrap=\"square\"/><a:lstStyle/>");
    for line in lines {
        let level = line.level.min(8);
        let bullet = if line.bullet {
            let left = 285_750 + 457_200 * i64::from(level);
            format!(
                "<a:pPr marL=\"{left}\" lvl=\"{level}\" indent=\"-285750\"><a:buChar char=\"•\"/></a:pPr>"
            )
        } else {
            format!("<a:pPr lvl=\"{level}\"/>")
        };
        let _ = write!(out, "<a:p>{bullet}");
        for run in &line.runs {
            for (at, part) in run.text.split(['\u{b}', '\n']).enumerate() {
                if at > 0 {
                    out.push_str("<a:br/>");
                }
                if !part.is_empty() {
                    look(run, out);
                    let _ = write!(out, "<a:t>{}</a:t></a:r>", escaped(part));
                }
            }
        }
        out.push_str("</a:p>");
    }
    if lines.is_empty() {
        out.push_str("<a:p/>");
    }
}

fn look(run: &Run, out: &mut String) {
    out.push_str("<a:r><a:rPr lang=\"ja-JP\"");
    if let Some(size) = run.size.filter(|it| (100..=400_000).contains(it)) {
        let _ = write!(out, " sz=\"{size}\"");
    }
    for (on, attribute) in
        [(run.bold, "b=\"1\""), (run.italic, "i=\"1\""), (run.underline, "u=\"sng\"")]
    {
        if on {
            let _ = write!(out, " {attribute}");
        }
    }
    out.push_str("/>");
}
