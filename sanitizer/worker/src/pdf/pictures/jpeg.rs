//! How strongly a JPEG was compressed, read from its tables.

use sanitizer_intermediate::image::Source;

/// What is assumed when the tables cannot be read.
pub(super) const USUAL: Source = Source::Lossy { quality: 85, subsampled: true };

/// Sum of the standard luminance table at quality 50.
const STANDARD_SUM: u32 = 3_688;

/// Estimates quality and subsampling from `DQT` and `SOF`.
pub(super) fn source(jpeg: &[u8]) -> Source {
    let mut quality = None;
    let mut subsampled = true;
    let mut rest = jpeg.get(2..).unwrap_or_default();
    while let [0xFF, marker, high, low, ..] = *rest {
        if marker == 0xFF {
            rest = &rest[1..];
            continue;
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        let Some(segment) = rest.get(4..2 + length) else { break };
        match marker {
            0xDB if quality.is_none() => quality = quality_of(segment),
            0xC0..=0xC2 => subsampled = is_subsampled(segment),
            0xDA => break,
            _ => {}
        }
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    match quality {
        Some(quality) => Source::Lossy { quality, subsampled },
        None => USUAL,
    }
}

fn quality_of(tables: &[u8]) -> Option<u8> {
    let (first, values) = tables.split_first()?;
    let sum: u32 = if first >> 4 == 0 {
        values.get(..64)?.iter().map(|value| u32::from(*value)).sum()
    } else {
        let (pairs, _) = values.get(..128)?.as_chunks::<2>();
        pairs.iter().map(|pair| u32::from(u16::from_be_bytes(*pair))).sum()
    };
    let percent = sum * 100 / STANDARD_SUM;
    let quality = if percent <= 100 { 100 - percent / 2 } else { 5_000 / percent.max(1) };
    u8::try_from(quality.clamp(1, 100)).ok()
}

fn is_subsampled(frame: &[u8]) -> bool {
    // Precision, height, width, count, then per component: id, factors, table.
    frame.get(7).is_some_and(|factors| *factors != 0x11)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_and_subsampling_are_read_from_the_tables() {
        let mut jpeg = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
        jpeg.extend([58; 64]);
        jpeg.extend([0xFF, 0xC0, 0, 17, 8, 0, 1, 0, 1, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]);
        assert_eq!(source(&jpeg), Source::Lossy { quality: 50, subsampled: true });
        assert_eq!(source(b"\xFF\xD8junk"), USUAL);
    }
}
