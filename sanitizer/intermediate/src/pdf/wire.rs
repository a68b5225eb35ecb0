//! The binary form of the PDF model.

mod content;
mod document;
mod font;
mod paint;

use super::max;
use crate::codec::{Decode, DecodeError, Reader, Writer};

/// Writes numbers one after the other. What is not a number becomes 0.
fn put<const N: usize>(to: &mut Writer<'_>, numbers: &[f32; N]) {
    for number in numbers {
        to.f32(if number.is_finite() { *number } else { 0.0 });
    }
}

/// Largest number in either direction; readers break beyond.
const LARGEST: f32 = 1.0e9;

fn get<const N: usize>(from: &mut Reader<'_>) -> Result<[f32; N], DecodeError> {
    let mut numbers = [0.0; N];
    for number in &mut numbers {
        *number = from.f32()?.clamp(-LARGEST, LARGEST);
    }
    Ok(numbers)
}

fn get1(from: &mut Reader<'_>) -> Result<f32, DecodeError> {
    get::<1>(from).map(|[number]| number)
}

fn put_option<const N: usize>(to: &mut Writer<'_>, numbers: Option<&[f32; N]>) {
    to.bool(numbers.is_some());
    if let Some(numbers) = numbers {
        put(to, numbers);
    }
}

fn get_option<const N: usize>(from: &mut Reader<'_>) -> Result<Option<[f32; N]>, DecodeError> {
    if from.bool()? { get(from).map(Some) } else { Ok(None) }
}

fn put_rgb(to: &mut Writer<'_>, rgb: [u8; 3]) {
    rgb.into_iter().for_each(|part| to.u8(part));
}

fn get_rgb(from: &mut Reader<'_>) -> Result<[u8; 3], DecodeError> {
    Ok([from.u8()?, from.u8()?, from.u8()?])
}

/// A code and the characters it stands for.
struct CodeText(u16, String);

impl Decode for CodeText {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self(from.u16()?, from.str(max::GLYPH_TEXT)?))
    }
}

fn put_texts(to: &mut Writer<'_>, texts: &[(u16, String)]) {
    to.u32(u32::try_from(texts.len()).unwrap_or(u32::MAX));
    for (code, text) in texts {
        to.u16(*code);
        to.str(text);
    }
}

fn get_texts(from: &mut Reader<'_>) -> Result<Vec<(u16, String)>, DecodeError> {
    let texts: Vec<CodeText> = from.list(max::GLYPHS + 1)?;
    Ok(texts.into_iter().map(|CodeText(code, text)| (code, text)).collect())
}

/// Nothing at all may follow a tag that is not ours.
fn unknown<T>(what: &'static str) -> Result<T, DecodeError> {
    Err(DecodeError::Invalid(what))
}
