//! Makes and reads picture files with other code than the sanitizer's own
//! reader.

use std::io::Cursor;

use jpeg_encoder::{ColorType, Encoder};

pub(crate) const SIDE: u16 = 16;

/// 16 × 16 pixels of smooth colour.
pub(crate) fn gradient(shift: u8) -> Vec<u8> {
    (0..=255_u8).flat_map(|i| [i, i.wrapping_add(shift), 255 - i]).collect()
}

pub(crate) fn jpeg(rgb: &[u8], width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = Encoder::new(&mut bytes, 90);
    encoder.encode(rgb, width, height, ColorType::Rgb).expect("a JPEG");
    bytes
}

/// A JPEG with segments put in after its start: marker and body.
pub(crate) fn jpeg_with(jpeg: &[u8], segments: &[(u8, &[u8])]) -> Vec<u8> {
    let mut bytes = jpeg[..2].to_vec();
    for (marker, body) in segments {
        let length = u16::try_from(body.len() + 2).expect("a short segment");
        bytes.extend([0xff, *marker]);
        bytes.extend(length.to_be_bytes());
        bytes.extend_from_slice(body);
    }
    bytes.extend_from_slice(&jpeg[2..]);
    bytes
}

/// An EXIF segment that asks for an orientation.
pub(crate) fn exif(orientation: u8) -> Vec<u8> {
    let mut body = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    body.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0, 0, 0, 0, 0]);
    body
}

pub(crate) fn png(rgb: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().expect("a PNG");
    writer.write_image_data(rgb).expect("a PNG");
    writer.finish().expect("a PNG");
    bytes
}

/// A chunk put in before the picture data.
pub(crate) fn png_with(png: &[u8], name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    const AFTER_HEADER: usize = 8 + 25;
    let mut chunk = u32::try_from(body.len()).expect("short").to_be_bytes().to_vec();
    chunk.extend_from_slice(name);
    chunk.extend_from_slice(body);
    chunk.extend(crc(&chunk[4..]).to_be_bytes());
    [&png[..AFTER_HEADER], &chunk, &png[AFTER_HEADER..]].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(crate) fn gif(frames: &[Vec<u8>], side: u16) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = gif::Encoder::new(&mut bytes, side, side, &[]).expect("a GIF");
    encoder.set_repeat(gif::Repeat::Infinite).expect("a GIF");
    for rgb in frames {
        let mut frame = gif::Frame::from_rgb(side, side, rgb);
        frame.delay = 10;
        encoder.write_frame(&frame).expect("a frame");
    }
    encoder.into_inner().expect("a GIF");
    bytes
}

/// 24 bits a pixel, bottom row first.
pub(crate) fn bmp(rgb: &[u8], side: u16) -> Vec<u8> {
    let row = usize::from(side) * 3;
    let size = u32::try_from(54 + rgb.len()).expect("short");
    let mut bytes = b"BM".to_vec();
    for number in [size, 0, 54, 40, u32::from(side), u32::from(side), 0x0018_0001, 0, 0, 0, 0, 0, 0]
    {
        bytes.extend(number.to_le_bytes());
    }
    for line in rgb.chunks_exact(row).rev() {
        bytes.extend(line.chunks_exact(3).flat_map(|pixel| [pixel[2], pixel[1], pixel[0]]));
    }
    bytes
}

pub(crate) fn tiff(pages: &[Vec<u8>], side: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let mut encoder = tiff::encoder::TiffEncoder::new(&mut bytes).expect("a TIFF");
    for page in pages {
        encoder.write_image::<tiff::encoder::colortype::RGB8>(side, side, page).expect("a page");
    }
    bytes.into_inner()
}

pub(crate) fn webp(rgb: &[u8], side: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut bytes);
    encoder.encode(rgb, side, side, image_webp::ColorType::Rgb8).expect("a WebP");
    bytes
}

/// A picture as others read it.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) rgba: Vec<u8>,
}

/// The frames or pages of a file.
pub(crate) fn seen(bytes: &[u8]) -> Vec<Seen> {
    match bytes {
        [0xff, 0xd8, ..] => vec![seen_jpeg(bytes)],
        [0x89, ..] => seen_png(bytes),
        [b'G', ..] => seen_gif(bytes),
        [b'I', b'I', ..] => seen_tiff(bytes),
        _ => panic!("not a picture"),
    }
}

/// The only frame's colours.
pub(crate) fn colours(bytes: &[u8]) -> Vec<u8> {
    let frames = seen(bytes);
    assert_eq!(frames.len(), 1);
    frames[0].rgba.chunks_exact(4).flat_map(|it| [it[0], it[1], it[2]]).collect()
}

/// The largest difference between two pictures.
pub(crate) fn furthest(left: &[u8], right: &[u8]) -> u8 {
    assert_eq!(left.len(), right.len());
    left.iter().zip(right).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or(0)
}

fn seen_jpeg(bytes: &[u8]) -> Seen {
    let mut decoder =
        zune_jpeg::JpegDecoder::new(zune_jpeg::zune_core::bytestream::ZCursor::new(bytes));
    let data = decoder.decode().expect("a JPEG");
    let (width, height) = decoder.dimensions().expect("a size");
    let channels = data.len() / width / height;
    let rgba = data
        .chunks_exact(channels)
        .flat_map(|it| {
            if channels == 1 { [it[0], it[0], it[0], 255] } else { [it[0], it[1], it[2], 255] }
        })
        .collect();
    Seen { width, height, rgba }
}

fn seen_png(bytes: &[u8]) -> Vec<Seen> {
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let frames = reader.info().animation_control().map_or(1, |it| it.num_frames);
    let (width, height) = (reader.info().width as usize, reader.info().height as usize);
    let mut canvas = vec![0; width * height * 4];
    (0..frames)
        .map(|_| {
            let mut data = vec![0; reader.output_buffer_size().expect("a size")];
            let info = reader.next_frame(&mut data).expect("a frame");
            let (left, top) = reader
                .info()
                .frame_control()
                .map_or((0, 0), |it| (it.x_offset as usize, it.y_offset as usize));
            let channels = info.color_type.samples();
            for (y, row) in data.chunks_exact(info.line_size).take(info.height as usize).enumerate()
            {
                for (x, it) in row.chunks_exact(channels).take(info.width as usize).enumerate() {
                    let pixel = match channels {
                        1 => [it[0], it[0], it[0], 255],
                        2 => [it[0], it[0], it[0], it[1]],
                        3 => [it[0], it[1], it[2], 255],
                        _ => [it[0], it[1], it[2], it[3]],
                    };
                    let at = ((top + y) * width + left + x) * 4;
                    canvas[at..at + 4].copy_from_slice(&pixel);
                }
            }
            Seen { width, height, rgba: canvas.clone() }
        })
        .collect()
}

fn seen_gif(bytes: &[u8]) -> Vec<Seen> {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(Cursor::new(bytes)).expect("a GIF");
    let (width, height) = (usize::from(decoder.width()), usize::from(decoder.height()));
    let mut canvas = vec![0; width * height * 4];
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().expect("a frame") {
        let across = usize::from(frame.width);
        for (index, pixel) in frame.buffer.chunks_exact(4).enumerate().filter(|(_, it)| it[3] > 0) {
            let x = usize::from(frame.left) + index % across;
            let y = usize::from(frame.top) + index / across;
            canvas[(y * width + x) * 4..][..4].copy_from_slice(pixel);
        }
        frames.push(Seen { width, height, rgba: canvas.clone() });
        if frame.dispose == gif::DisposalMethod::Background {
            canvas.fill(0);
        }
    }
    frames
}

fn seen_tiff(bytes: &[u8]) -> Vec<Seen> {
    let mut decoder = tiff::decoder::Decoder::new(Cursor::new(bytes)).expect("a TIFF");
    let mut pages = Vec::new();
    loop {
        let (width, height) = decoder.dimensions().expect("a size");
        let colour = decoder.colortype().expect("a colour type");
        let tiff::decoder::DecodingResult::U8(data) = decoder.read_image().expect("a page") else {
            panic!("eight bits a sample")
        };
        let rgba = match colour {
            tiff::ColorType::Gray(1) => bits(&data, width as usize),
            tiff::ColorType::Gray(_) => data.iter().flat_map(|it| [*it, *it, *it, 255]).collect(),
            tiff::ColorType::RGBA(_) => data,
            _ => data.chunks_exact(3).flat_map(|it| [it[0], it[1], it[2], 255]).collect(),
        };
        pages.push(Seen { width: width as usize, height: height as usize, rgba });
        if !decoder.more_images() {
            return pages;
        }
        decoder.next_image().expect("another page");
    }
}

/// Rows of bits, 1 is white.
pub(crate) fn bits(data: &[u8], width: usize) -> Vec<u8> {
    data.chunks_exact(width.div_ceil(8))
        .flat_map(|row| (0..width).map(move |x| row[x / 8] >> (7 - x % 8) & 1))
        .flat_map(|bit| [bit * 255, bit * 255, bit * 255, 255])
        .collect()
}
