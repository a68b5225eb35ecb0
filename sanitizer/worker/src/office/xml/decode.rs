//! The characters of a part: UTF-8 or UTF-16, as the standard says; other
//! encodings only when the part declares one.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::grammar::is_plain;

/// Decodes a part. Characters that no XML may have are left out.
///
/// # Errors
/// [`HoldReason::Broken`] when the bytes are not text in the encoding they claim.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, HoldReason> {
    let encoding = match bytes.as_slice() {
        [0xff, 0xfe, ..] | [b'<', 0, ..] => UTF_16LE,
        [0xfe, 0xff, ..] | [0, b'<', ..] => UTF_16BE,
        [0xef, 0xbb, 0xbf, ..] => UTF_8,
        _ => declared(&bytes).unwrap_or(UTF_8),
    };
    let text = if encoding == UTF_8 {
        let text = String::from_utf8(bytes).map_err(|_| HoldReason::Broken)?;
        match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }
    } else {
        let (text, _, failed) = encoding.decode(&bytes);
        if failed {
            return Err(HoldReason::Broken);
        }
        text.into_owned()
    };
    if is_plain(&text) {
        Ok(text)
    } else {
        Ok(text.chars().filter(|it| is_plain(it.encode_utf8(&mut [0; 4]))).collect())
    }
}

fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = &bytes[..bytes.len().min(200)];
    let head = std::str::from_utf8(head).ok()?.split_once("?>")?.0;
    let label = head.split_once("encoding")?.1.trim_start_matches([' ', '=']);
    let label = label.trim_start_matches(['"', '\'']).split(['"', '\'']).next()?;
    Encoding::for_label(label.as_bytes()).filter(|it| *it != UTF_16LE && *it != UTF_16BE)
}
