//! The container: objects, object streams, the cross-reference stream.
//!
//! ```text
//! %PDF-1.7
//! streams, one after the other
//! object streams holding every other object
//! the cross-reference stream, the only one, with no earlier revision
//! ```

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::{Chunk, Filter, Finish, Name, Obj, Ref, Stream};

/// Objects that share one object stream.
const PER_STREAM: usize = 150;

pub(super) struct File {
    bytes: Vec<u8>,
    /// Where each object is, by its number less one.
    places: Vec<Place>,
    /// Objects waiting for their object stream.
    waiting: Vec<(Ref, Vec<u8>)>,
}

#[derive(Clone, Copy)]
enum Place {
    Nowhere,
    At(u32),
    Within { stream: u32, index: u16 },
}

impl File {
    pub(super) fn new() -> Self {
        Self {
            bytes: b"%PDF-1.7\n%\xE5\xB8\x82\xE6\xB0\x91\n".to_vec(),
            places: Vec::new(),
            waiting: Vec::new(),
        }
    }

    /// A number for an object that is written later.
    pub(super) fn reserve(&mut self) -> Ref {
        self.places.push(Place::Nowhere);
        Ref::new(i32::try_from(self.places.len()).unwrap_or(i32::MAX))
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Writes an object that is not a stream.
    pub(super) fn object(&mut self, id: Ref, write: impl FnOnce(Obj<'_>)) {
        let mut chunk = Chunk::new();
        write(chunk.indirect(id));
        let bytes = chunk.as_bytes();
        // What pdf-writer puts around the object: `7 0 obj\n…\nendobj\n\n`.
        let start = bytes.windows(4).position(|window| window == b"obj\n").map_or(0, |at| at + 4);
        let end = bytes.windows(6).rposition(|window| window == b"endobj").unwrap_or(bytes.len());
        let body = bytes.get(start..end).unwrap_or_default().trim_ascii_end().to_vec();
        self.waiting.push((id, body));
        if self.waiting.len() >= PER_STREAM {
            self.flush();
        }
    }

    /// Writes a stream, packed here.
    pub(super) fn packed(&mut self, id: Ref, data: &[u8], write: impl FnOnce(&mut Stream<'_>)) {
        let packed = pack(data);
        self.stream(id, &packed, |stream| {
            stream.filter(Filter::FlateDecode);
            write(stream);
        });
    }

    /// Writes a stream whose data is ready.
    pub(super) fn stream(&mut self, id: Ref, data: &[u8], write: impl FnOnce(&mut Stream<'_>)) {
        let mut chunk = Chunk::new();
        let mut stream = chunk.stream(id, data);
        write(&mut stream);
        stream.finish();
        self.put(id, Place::At(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX)));
        self.bytes.extend_from_slice(chunk.as_bytes());
    }

    fn put(&mut self, id: Ref, place: Place) {
        let index = usize::try_from(id.get()).unwrap_or(1) - 1;
        if let Some(slot) = self.places.get_mut(index) {
            *slot = place;
        }
    }

    fn flush(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        if waiting.is_empty() {
            return;
        }
        let id = self.reserve();
        let (mut table, mut bodies) = (String::new(), Vec::new());
        for (index, (object, body)) in waiting.iter().enumerate() {
            table.push_str(&format!("{} {} ", object.get(), bodies.len()));
            bodies.extend_from_slice(body);
            bodies.push(b'\n');
            let stream = u32::try_from(id.get()).unwrap_or(0);
            let index = u16::try_from(index).unwrap_or(u16::MAX);
            self.put(*object, Place::Within { stream, index });
        }
        let first = i32::try_from(table.len()).unwrap_or(i32::MAX);
        let count = i32::try_from(waiting.len()).unwrap_or(i32::MAX);
        let mut data = table.into_bytes();
        data.extend_from_slice(&bodies);
        self.packed(id, &data, |stream| {
            stream.pair(Name(b"Type"), Name(b"ObjStm"));
            stream.pair(Name(b"N"), count);
            stream.pair(Name(b"First"), first);
        });
    }

    /// Ends the file.
    pub(super) fn finish(mut self, catalog: Ref) -> Vec<u8> {
        self.flush();
        let id = self.reserve();
        let at = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.put(id, Place::At(at));
        let mut table = vec![0, 0, 0, 0, 0, 0xFF, 0xFF];
        for place in &self.places {
            let (kind, number, index) = match *place {
                Place::Nowhere => (0, 0, 0xFFFF),
                Place::At(offset) => (1, offset, 0),
                Place::Within { stream, index } => (2, stream, index),
            };
            table.push(kind);
            table.extend(number.to_be_bytes());
            table.extend(index.to_be_bytes());
        }
        let size = i32::try_from(self.places.len() + 1).unwrap_or(i32::MAX);
        self.packed(id, &table, |stream| {
            stream.pair(Name(b"Type"), Name(b"XRef"));
            stream.pair(Name(b"Size"), size);
            stream.insert(Name(b"W")).array().items([1, 4, 2]);
            stream.pair(Name(b"Root"), catalog);
        });
        self.bytes.extend_from_slice(format!("startxref\n{at}\n%%EOF\n").as_bytes());
        self.bytes
    }
}

/// Deflates.
pub(super) fn pack(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
    // Writing to memory cannot fail.
    let _ = encoder.write_all(data);
    encoder.finish().unwrap_or_default()
}
