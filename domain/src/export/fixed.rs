//! Records of one length, counted in bytes.

use super::encoding::Encoding;
use super::layout::Column;
use super::shape::{Fixed, Pad, Part, PartSource, Side};
use super::writer::{About, Totals, Unwritable};

/// One data record: every value on its side, the rest filled.
pub(super) fn data(
    encoding: Encoding,
    columns: &[Column],
    values: &[String],
) -> Result<Vec<u8>, Unwritable> {
    let mut record = Vec::new();
    for (column, value) in columns.iter().zip(values) {
        let width = column.width.ok_or(Unwritable)?;
        record.extend(field(encoding, value, width, (column.side, column.pad))?);
    }
    Ok(record)
}

/// A header, trailer or end record.
pub(super) fn frame(
    encoding: Encoding,
    parts: &[Part],
    about: &About,
    totals: Option<&Totals>,
) -> Result<Vec<u8>, Unwritable> {
    let mut record = Vec::new();
    for part in parts {
        let value = match &part.source {
            PartSource::Fixed(text) => text.clone(),
            PartSource::BusinessDate(format) => format.write(about.business_date),
            PartSource::Generation => about.generation.to_string(),
            PartSource::LayoutVersion => about.layout_version.to_string(),
            PartSource::Records => totals.ok_or(Unwritable)?.records.to_string(),
            PartSource::Total(id) => {
                let mut sums = totals.ok_or(Unwritable)?.sums.iter();
                sums.find(|(column, _)| column == id).ok_or(Unwritable)?.1.clone()
            }
        };
        record.extend(field(encoding, &value, part.width, (part.side, part.pad))?);
    }
    Ok(record)
}

/// The whole record with its line end.
pub(super) fn whole(
    encoding: Encoding,
    fixed: &Fixed,
    mut record: Vec<u8>,
    newline: &str,
) -> Result<Vec<u8>, Unwritable> {
    if record.len() != fixed.record as usize {
        return Err(Unwritable);
    }
    if fixed.line_ends {
        record.extend(encoding.exact(newline).ok_or(Unwritable)?);
    }
    Ok(record)
}

fn field(
    encoding: Encoding,
    value: &str,
    width: u32,
    (side, pad): (Side, Pad),
) -> Result<Vec<u8>, Unwritable> {
    let exact = |text: &str| encoding.exact(text).ok_or(Unwritable);
    // A sign stays in front of the zeros that fill up.
    let (sign, value) = match value.strip_prefix('-') {
        Some(digits) if pad == Pad::Zero && side == Side::Right => ("-", digits),
        Some(_) | None => ("", value),
    };
    let (sign, bytes) = (exact(sign)?, exact(value)?);
    let one = exact(pad.letter().encode_utf8(&mut [0; 4]))?;
    let rest = (width as usize).checked_sub(sign.len() + bytes.len()).ok_or(Unwritable)?;
    let mut fill = one.repeat(rest / one.len());
    // Half a full-width space is none.
    fill.resize(rest, b' ');
    Ok(match side {
        Side::Left => [bytes, fill].concat(),
        Side::Right => [sign, fill, bytes].concat(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(value: &str, width: u32, side: Side, pad: Pad) -> String {
        let bytes = field(Encoding::Cp932, value, width, (side, pad)).unwrap();
        assert_eq!(bytes.len(), width as usize);
        crate::cp932::decode(&bytes).unwrap()
    }

    /// IK-2.1.2d1: widths are bytes, kana take one, kanji two.
    #[test]
    fn a_value_fills_its_bytes() {
        use {Pad::*, Side::*};
        assert_eq!(filled("ﾔﾏﾀﾞ", 6, Left, Space), "ﾔﾏﾀﾞ  ");
        assert_eq!(filled("山田", 7, Left, WideSpace), "山田　 ");
        assert_eq!(filled("山", 6, Right, Space), "    山");
        assert_eq!(filled("12", 5, Right, Zero), "00012");
        assert_eq!(filled("-12", 5, Right, Zero), "-0012");
        assert!(field(Encoding::Cp932, "山田", 3, (Left, Space)).is_err());
        assert!(field(Encoding::Cp932, "𠮷", 9, (Left, Space)).is_err());
    }
}
