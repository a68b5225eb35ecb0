//! Remarks about slides, of the old kind (a text) and the new (paragraphs, with
//! answers). What they say is content; who wrote them and when is not.

use sanitizer_intermediate::office::Remark;

use crate::office::xml::Element;

/// EMU in a unit of the places of old remarks.
const EMU_PER_UNIT: f64 = 914_400.0 / 576.0;
/// Where the first remark without a place stands, and how far below it the next does, in EMU.
const FIRST: i64 = 15_875;
const STEP: i64 = 228_600;

/// Adds the remarks of a part.
pub(super) fn read(root: &Element, found: &mut Vec<Remark>) {
    for remark in root.elements().filter(|it| &*it.name == "cm") {
        let (left, top) = place(remark, found.len());
        if let Some(text) = remark.child("text") {
            found.push(Remark::at(left, top, &text.own_text()));
        }
        if let Some(text) = remark.child("txBody") {
            found.push(Remark::at(left, top, &paragraphs(text)));
        }
        let answers = remark.child("replyLst").into_iter().flat_map(Element::elements);
        for text in answers.filter_map(|it| it.child("txBody")) {
            found.push(Remark::at(left, top, &paragraphs(text)));
        }
    }
}

fn place(remark: &Element, before: usize) -> (i64, i64) {
    let side = |name: &str| remark.child("pos")?.attribute(name)?.parse::<i32>().ok().map(emu);
    match (side("x"), side("y")) {
        (Some(left), Some(top)) => (left, top),
        _ => (FIRST, FIRST + STEP * i64::try_from(before % 20).unwrap_or_default()),
    }
}

fn emu(units: i32) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "32 bits by 1 587.5 fit 64")]
    let emu = (f64::from(units) * EMU_PER_UNIT).ceil() as i64;
    emu
}

/// Paragraphs of a text body, a line each.
fn paragraphs(body: &Element) -> String {
    let lines = body.elements().filter(|it| &*it.name == "p").map(|it| {
        let mut line = String::new();
        words(it, &mut line);
        line
    });
    lines.collect::<Vec<String>>().join("\n")
}

fn words(element: &Element, line: &mut String) {
    for it in element.elements() {
        match &*it.name {
            "t" => line.push_str(&it.own_text()),
            "br" => line.push('\n'),
            _ => words(it, line),
        }
    }
}
