//! Small PDF files written by the tests.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;

/// A file of numbered objects. Object 1 is the catalog, 2 the page tree, 3 the
/// page, 4 its content; more can be added.
pub(crate) struct Paper {
    catalog: String,
    page: String,
    fonts: String,
    resources: String,
    content: Vec<u8>,
    more: Vec<Vec<u8>>,
}

/// First number of the objects added with [`Paper::object`].
const FIRST: usize = 5;

impl Paper {
    /// A sheet of 200 × 100 points with a content stream. `/F` is Helvetica.
    pub(crate) fn new(content: &str) -> Self {
        Self {
            catalog: String::new(),
            page: String::new(),
            fonts: "/F <</Type /Font /Subtype /Type1 /BaseFont /Helvetica \
                    /Encoding /WinAnsiEncoding>>"
                .to_owned(),
            resources: String::new(),
            content: stream("", content.as_bytes()),
            more: Vec::new(),
        }
    }

    /// A sheet that shows a text.
    pub(crate) fn saying(text: &str) -> Self {
        Self::new(&format!("BT /F 12 Tf 20 50 Td ({text}) Tj ET"))
    }

    /// Entries of the catalog.
    pub(crate) fn catalog(mut self, entries: &str) -> Self {
        self.catalog.push_str(entries);
        self
    }

    /// Entries of the page.
    pub(crate) fn page(mut self, entries: &str) -> Self {
        self.page.push_str(entries);
        self
    }

    /// Entries of the page's resources.
    pub(crate) fn resources(mut self, entries: &str) -> Self {
        self.resources.push_str(entries);
        self
    }

    /// Entries of the page's fonts.
    pub(crate) fn font(mut self, entries: &str) -> Self {
        self.fonts.push_str(entries);
        self
    }

    /// Another content stream, dictionary and all.
    pub(crate) fn content(mut self, content: Vec<u8>) -> Self {
        self.content = content;
        self
    }

    /// One more object: 5, then 6, and so on.
    pub(crate) fn object(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.more.push(body.into());
        self
    }

    /// The file.
    pub(crate) fn written(&self) -> Vec<u8> {
        let mut objects = vec![
            format!("<</Type /Catalog /Pages 2 0 R {}>>", self.catalog).into_bytes(),
            b"<</Type /Pages /Kids [3 0 R] /Count 1>>".to_vec(),
            format!(
                "<</Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R \
                 /Resources <</Font <<{}>> {}>> {}>>",
                self.fonts, self.resources, self.page
            )
            .into_bytes(),
            self.content.clone(),
        ];
        assert_eq!(objects.len() + 1, FIRST);
        objects.extend(self.more.iter().cloned());
        file(&objects)
    }
}

/// A file of these objects, numbered from 1, with its table and trailer.
pub(crate) fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut places = Vec::new();
    for (number, body) in (1..).zip(objects) {
        places.push(bytes.len());
        bytes.extend(format!("{number} 0 obj\n").into_bytes());
        bytes.extend(body);
        bytes.extend(b"\nendobj\n");
    }
    let table = bytes.len();
    let size = objects.len() + 1;
    bytes.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").into_bytes());
    for place in places {
        bytes.extend(format!("{place:010} 00000 n \n").into_bytes());
    }
    let trailer = format!("trailer\n<</Size {size} /Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n");
    bytes.extend(trailer.into_bytes());
    bytes
}

/// A stream object with entries of its dictionary.
pub(crate) fn stream(entries: &str, data: &[u8]) -> Vec<u8> {
    let mut body = format!("<<{entries} /Length {}>>\nstream\n", data.len()).into_bytes();
    body.extend(data);
    body.extend(b"\nendstream");
    body
}

/// Packs data as `/FlateDecode` has it.
pub(crate) fn packed(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(data).expect("packing in memory");
    encoder.finish().expect("packing in memory")
}
