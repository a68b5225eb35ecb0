//! PNG and animated PNG.
//!
//! ```text
//! IHDR │ pHYs? │ acTL? │ PLTE tRNS? │ (fcTL? IDAT… │ fcTL fdAT…)… │ IEND
//! ```

use crate::bytes::Bytes;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

const ODD_FRAME: Refusal = Refusal::of("an odd frame");
/// A thousandth of a second is the unit of time.
const PER_SECOND: usize = 1000;

/// How samples are stored.
struct Form {
    colour: u8,
    depth: usize,
    channels: usize,
    /// Colours of the palette.
    colours: Option<usize>,
}

/// A PNG from its first to its last byte.
pub(crate) fn verify(bytes: &[u8], purse: &mut Purse) -> Verdict {
    let mut from = Bytes::new(bytes);
    from.expect(b"\x89PNG\r\n\x1A\n", "no PNG")?;
    let mut head = Bytes::new(chunk(&mut from, b"IHDR")?.ok_or(Refusal::of("no head"))?);
    let size = (head.be32()?, head.be32()?);
    must(size.0 > 0 && size.1 > 0, "no size")?;
    let mut form = Form::of(usize::from(head.u8()?), head.u8()?)?;
    must(head.rest() == [0, 0, 0], "odd packing")?;
    if let Some(density) = chunk(&mut from, b"pHYs")? {
        must(density.len() == 9 && density[8] == 1, "an odd density")?;
    }
    let frames = match chunk(&mut from, b"acTL")? {
        None => 0,
        Some(animation) => {
            let mut animation = Bytes::new(animation);
            let frames = animation.be32()?;
            must(animation.rest().len() == 4 && frames > 1, "an odd animation")?;
            must(form.colour == 6 && form.depth == 8, "an odd animation")?;
            frames
        }
    };
    form.palette(&mut from)?;
    let mut sequence = Sequence(0);
    if frames == 0 {
        picture(&mut from, &form, size, purse)?;
    }
    for number in 0..frames {
        let area = frame(&mut from, size, &mut sequence)?;
        if number == 0 {
            must(area == size, "an odd first frame")?;
            picture(&mut from, &form, size, purse)?;
        } else {
            let mut packed = Vec::new();
            while let Some(data) = chunk(&mut from, b"fdAT")? {
                let (count, data) = data.split_at_checked(4).ok_or(ODD_FRAME)?;
                sequence.is_next(count)?;
                packed.extend_from_slice(data);
            }
            samples(&packed, &form, area, purse)?;
        }
    }
    let end = chunk(&mut from, b"IEND")?.ok_or(Refusal::of("a chunk that is not ours"))?;
    must(end.is_empty() && from.is_done(), "bytes after the picture")
}

impl Form {
    fn of(depth: usize, colour: u8) -> Result<Self, Refusal> {
        let channels = match (colour, depth) {
            (0, 1 | 8) | (3, 1 | 2 | 4 | 8) => 1,
            (2, 8) => 3,
            (6, 8) => 4,
            _ => return Err(Refusal::of("odd samples")),
        };
        Ok(Self { colour, depth, channels, colours: None })
    }

    /// The palette, no larger than the samples need.
    fn palette(&mut self, from: &mut Bytes<'_>) -> Verdict {
        if self.colour != 3 {
            return Ok(());
        }
        let odd = Refusal::of("an odd palette");
        let palette = chunk(from, b"PLTE")?.ok_or(odd)?;
        let colours = palette.len() / 3;
        let fits = match self.depth {
            1 => 1..=2,
            2 => 3..=4,
            4 => 5..=16,
            _ => 17..=256,
        };
        must(palette.len() % 3 == 0 && fits.contains(&colours), odd.what())?;
        if let Some(alphas) = chunk(from, b"tRNS")? {
            let some = alphas.iter().any(|it| *it != 255);
            must(alphas.len() == colours && some, "odd transparency")?;
        }
        self.colours = Some(colours);
        Ok(())
    }
}

/// The next chunk when it has this name.
fn chunk<'b>(from: &mut Bytes<'b>, name: &[u8]) -> Result<Option<&'b [u8]>, Refusal> {
    if from.rest().get(4..8) != Some(name) {
        return Ok(None);
    }
    let length = from.be32()?;
    let (kind, data) = (from.take(4)?, from.take(length)?);
    must(from.be32()? == inflate::crc(&[kind, data]) as usize, "a wrong check sum")?;
    Ok(Some(data))
}

/// Chunks of frames are numbered.
struct Sequence(usize);

impl Sequence {
    fn is_next(&mut self, number: &[u8]) -> Verdict {
        let number = Bytes::new(number).be32()?;
        must(number == self.0, "frames out of order")?;
        self.0 += 1;
        Ok(())
    }
}

/// The head of a frame; gives its size.
fn frame(
    from: &mut Bytes<'_>,
    canvas: (usize, usize),
    sequence: &mut Sequence,
) -> Result<(usize, usize), Refusal> {
    let data = chunk(from, b"fcTL")?.ok_or(ODD_FRAME)?;
    must(data.len() == 26, ODD_FRAME.what())?;
    let mut data = Bytes::new(data);
    sequence.is_next(data.take(4)?)?;
    let size = (data.be32()?, data.be32()?);
    let (left, top) = (data.be32()?, data.be32()?);
    let within = left.saturating_add(size.0) <= canvas.0 && top.saturating_add(size.1) <= canvas.1;
    must(within && size.0 > 0 && size.1 > 0, "a frame outside of the canvas")?;
    data.take(2)?;
    must(data.be16()? == PER_SECOND && data.rest() == [0, 0], ODD_FRAME.what())?;
    Ok(size)
}

fn picture(from: &mut Bytes<'_>, form: &Form, size: (usize, usize), purse: &mut Purse) -> Verdict {
    let mut packed = Vec::new();
    while let Some(data) = chunk(from, b"IDAT")? {
        must(!data.is_empty(), "an empty chunk")?;
        packed.extend_from_slice(data);
    }
    samples(&packed, form, size, purse)
}

/// Rows with a filter each; indices and bits have none.
fn samples(
    packed: &[u8],
    form: &Form,
    (width, height): (usize, usize),
    purse: &mut Purse,
) -> Verdict {
    let too_wide = Refusal::of("too wide");
    let bits = width.checked_mul(form.depth * form.channels).ok_or(too_wide)?;
    let row = 1 + bits.div_ceil(8);
    let unfolded = inflate::zlib(packed, purse)?;
    must(Some(unfolded.len()) == row.checked_mul(height), "an odd amount of samples")?;
    let plain = form.colours.is_some() || form.depth < 8;
    for row in unfolded.chunks_exact(row) {
        must(row[0] <= if plain { 0 } else { 4 }, "an odd filter")?;
        if plain {
            indices(&row[1..], form, width)?;
        }
    }
    Ok(())
}

/// Indices within the palette; spare bits are zero.
pub(crate) fn fits_palette(row: &[u8], depth: usize, colours: usize, width: usize) -> bool {
    let per_byte = 8 / depth;
    let mask = (1_usize << depth) - 1;
    let at =
        |it: usize| usize::from(row[it / per_byte]) >> (8 - depth * (it % per_byte + 1)) & mask;
    (0..width).all(|it| at(it) < colours) && (width..row.len() * per_byte).all(|it| at(it) == 0)
}

fn indices(row: &[u8], form: &Form, width: usize) -> Verdict {
    let colours = form.colours.unwrap_or(1 << form.depth);
    must(fits_palette(row, form.depth, colours, width), "an index beyond the palette")
}
