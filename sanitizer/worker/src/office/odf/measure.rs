//! Lengths with units.

/// A length in EMU.
pub(super) fn emu(text: &str) -> Option<i64> {
    let digits = text.find(|it: char| it.is_ascii_alphabetic() || it == '%')?;
    let (number, unit) = text.split_at(digits);
    let number: f64 = number.trim().parse().ok()?;
    let scale = match unit {
        "cm" => 360_000.0,
        "mm" => 36_000.0,
        "in" => 914_400.0,
        "pt" => 12_700.0,
        "pc" => 152_400.0,
        "px" => 9_525.0,
        _ => return None,
    };
    #[expect(clippy::cast_possible_truncation, reason = "a cast to fewer bits saturates")]
    let emu = (number * scale) as i64;
    Some(emu.clamp(-1_000_000_000, 1_000_000_000))
}

/// A length in twips.
pub(super) fn twips(text: &str) -> Option<i64> {
    emu(text).map(|it| it / 635)
}

/// A length in points.
pub(super) fn points(text: &str) -> Option<f64> {
    let tenths = i32::try_from(emu(text)? / 1_270).ok()?;
    Some(f64::from(tenths) / 10.0)
}

/// `#rrggbb`.
pub(super) fn colour(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|it| it.len() == 6)?;
    let part = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_and_colours_are_read() {
        assert_eq!(emu("1cm"), Some(360_000));
        assert_eq!(twips("1in"), Some(1_440));
        assert_eq!(points("10.5pt"), Some(10.5));
        assert_eq!((emu("10%"), emu("x"), emu("")), (None, None, None));
        assert_eq!(colour("#ff8000"), Some([255, 128, 0]));
        assert_eq!((colour("#fff"), colour("red")), (None, None));
    }
}
