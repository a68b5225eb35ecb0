//! The boxes of notes on cells: only rows and columns vary, so the whole part
//! is written again from them and compared.

use std::fmt::Write as _;

use crate::refusal::{Refusal, Verdict, must};

const HEAD: &str = "<xml xmlns:v=\"urn:schemas-microsoft-com:vml\" \
    xmlns:o=\"urn:schemas-microsoft-com:office:office\" \
    xmlns:x=\"urn:schemas-microsoft-com:office:excel\">\
    <v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" \
    path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/>\
    <v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>";

/// The boxes of the sheet of this number.
pub(super) fn verify(data: &[u8], sheet: usize) -> Verdict {
    let odd = Refusal::of("a box that is not ours");
    let text = std::str::from_utf8(data).map_err(|_| odd)?;
    let mut again = String::from(HEAD);
    for (at, part) in text.split("<x:Row>").skip(1).enumerate() {
        let (row, rest) = part.split_once("</x:Row><x:Column>").ok_or(odd)?;
        let (column, _) = rest.split_once("</x:Column>").ok_or(odd)?;
        let small = |text: &str| text.parse::<u32>().ok().filter(|it| *it < 1 << 21).ok_or(odd);
        let (row, column) = (small(row)?, small(column)?);
        let above = row.saturating_sub(1);
        let _ = write!(
            again,
            "<v:shape id=\"_x0000_s{}\" type=\"#_x0000_t202\" \
             style=\"position:absolute;width:144pt;height:79pt;visibility:hidden\" \
             fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/>\
             <v:shadow color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/>\
             <v:textbox style=\"mso-direction-alt:auto\"/><x:ClientData ObjectType=\"Note\">\
             <x:MoveWithCells/><x:SizeWithCells/>\
             <x:Anchor>{},15,{above},10,{},31,{},9</x:Anchor><x:AutoFill>False</x:AutoFill>\
             <x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>",
            sheet * 1024 + at + 1,
            column + 1,
            column + 3,
            above + 5,
        );
    }
    again.push_str("</xml>");
    must(again == text, "a box that is not ours")
}
