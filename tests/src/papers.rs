//! Papers people attach: small, real files.

use std::fmt::Write as _;

use crate::visitor::Visitor;

/// A photograph-like PNG of 40 × 30 pixels.
#[must_use]
pub fn png() -> Vec<u8> {
    png_of(40, 30)
}

/// A photograph-like PNG; noise, so it takes nearly 3 bytes a pixel.
///
/// # Panics
/// Never: the buffer has the size that the encoder wants.
#[must_use]
pub fn png_of(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let noise = |n: u32| {
        let mixed = n.wrapping_mul(2_654_435_761);
        ((mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 24) as u8
    };
    let pixels: Vec<u8> = (0..width * height * 3).map(noise).collect();
    let mut writer = encoder.write_header().expect("a vector takes bytes");
    writer.write_image_data(&pixels).expect("width × height × 3 bytes");
    writer.finish().expect("a vector takes bytes");
    bytes
}

/// Whether two PNGs show the same, pixel by pixel.
///
/// # Panics
/// When one is none.
#[must_use]
pub fn same_pixels(one: &[u8], other: &[u8]) -> bool {
    let pixels = |file: &[u8]| {
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().expect("a PNG");
        let mut bytes = vec![0; reader.output_buffer_size().expect("it fits")];
        let info = reader.next_frame(&mut bytes).expect("a picture");
        (info.width, info.height, info.color_type, bytes)
    };
    pixels(one) == pixels(other)
}

/// A PDF of one page that says `words` (ASCII) and runs a script when opened.
#[must_use]
pub fn pdf_with_script(words: &str) -> Vec<u8> {
    let content = format!("BT /F1 24 Tf 72 700 Td ({words}) Tj ET");
    pdf(&[
        "<< /Type /Catalog /Pages 2 0 R /OpenAction 6 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        "<< /Type /Action /S /JavaScript /JS (app.alert\\('hello'\\)) >>".to_owned(),
    ])
}

/// Objects numbered from 1 on, with a correct table at the end.
fn pdf(objects: &[String]) -> Vec<u8> {
    let (mut text, mut places) = ("%PDF-1.7\n".to_owned(), Vec::new());
    for (number, object) in (1..).zip(objects) {
        places.push(text.len());
        // Writing to a String cannot fail.
        let _ = write!(text, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (table, count) = (text.len(), objects.len() + 1);
    let _ = write!(text, "xref\n0 {count}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(text, "{place:010} 00000 n ");
    }
    let _ = write!(text, "trailer\n<< /Size {count} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
    text.into_bytes()
}

/// A file that no reader can make sense of, but that begins like a PDF.
#[must_use]
pub fn broken_pdf() -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    bytes.extend((0..2000_u32).map(|n| (n.wrapping_mul(2_246_822_519) >> 16) as u8));
    bytes
}

/// The same page, opened by a password only (AES-256, PDF 2.0).
///
/// # Panics
/// When qpdf is not installed: `cargo xtask test` installs it.
#[must_use]
pub fn pdf_with_password(words: &str, password: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let (plain, locked) = (folder.path().join("plain.pdf"), folder.path().join("locked.pdf"));
    std::fs::write(&plain, pdf_with_script(words)).expect("written");
    let done = std::process::Command::new("qpdf")
        .args(["--encrypt", password, password, "256", "--"])
        .args([&plain, &locked])
        .status();
    assert!(done.expect("qpdf is installed").success(), "qpdf protects the file");
    std::fs::read(&locked).expect("it was written")
}

/// The text that an independent reader finds in a PDF.
///
/// # Panics
/// When poppler is not installed or the file is none of its kind.
#[must_use]
pub fn words_of(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("it.pdf");
    std::fs::write(&file, pdf).expect("written");
    let output =
        std::process::Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output();
    let output = output.expect("pdftotext is installed (cargo xtask test installs it)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// An attachment as a clerk fetches it from the desk's page; the first is 0.
///
/// # Panics
/// When there are not so many.
pub async fn attachment_at(clerk: &mut Visitor, desk: &str, which: usize) -> Vec<u8> {
    clerk.open(desk).await;
    let html = clerk.page.html();
    let links: Vec<&str> = html
        .split('"')
        .filter(|part| part.contains("/attachments/") && !part.ends_with("/view"))
        .collect();
    let link = links[which].to_owned();
    clerk.open(&link).await.body.to_vec()
}
