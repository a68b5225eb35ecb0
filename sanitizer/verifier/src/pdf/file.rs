//! The container: which bytes are which object.

use std::collections::BTreeMap;

use super::lexer::{Dict, Lexer, Object};
use crate::bytes::Bytes;
use crate::inflate::{self, Purse};
use crate::refusal::{Refusal, Verdict, must};

const HEAD: &[u8] = b"%PDF-1.7\n%\xE5\xB8\x82\xE6\xB0\x91\n";
/// Bytes of an entry of the cross-reference table.
const ENTRY: usize = 7;

/// An object: a stream when it has data.
pub(super) struct Thing<'f> {
    pub(super) body: Object,
    pub(super) data: Option<&'f [u8]>,
}

/// All objects by number, but for those the container is made of.
pub(super) struct File<'f> {
    pub(super) things: BTreeMap<u32, Thing<'f>>,
    pub(super) root: u32,
}

struct Stream<'f> {
    at: usize,
    dict: Dict,
    data: &'f [u8],
}

/// Reads the container.
pub(super) fn read<'f>(bytes: &'f [u8], purse: &mut Purse) -> Result<File<'f>, Refusal> {
    must(bytes.starts_with(HEAD), "another head")?;
    let mut streams = BTreeMap::new();
    let mut at = HEAD.len();
    let mut last = 0;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        let (number, stream, end) = stream(bytes, at)?;
        must(streams.insert(number, stream).is_none(), "a number twice")?;
        (last, at) = (number, end);
    }
    let table = streams.remove(&last).ok_or(Refusal::of("no objects"))?;
    let tail = format!("startxref\n{}\n%%EOF\n", table.at);
    must(bytes.get(at..) == Some(tail.as_bytes()), "another end")?;
    assemble(streams, last, &table, purse)
}

/// `7 0 obj << … >> stream … endstream endobj`, and where it ends.
fn stream(bytes: &[u8], at: usize) -> Result<(u32, Stream<'_>, usize), Refusal> {
    let rest = &bytes[at..];
    let digits = rest.iter().take_while(|it| it.is_ascii_digit()).count();
    let number = std::str::from_utf8(&rest[..digits]).ok().and_then(|it| it.parse().ok());
    let number = number.ok_or(Refusal::of("an odd number of an object"))?;
    must(rest[digits..].starts_with(b" 0 obj\n"), "an odd object")?;
    let mut lexer = Lexer::new(bytes, at + digits + 7, true);
    let Object::Dict(dict) = lexer.object(0)? else {
        return Err(Refusal::of("an object that is no stream"));
    };
    let length = dict.whole("Length").ok_or(Refusal::of("a stream without length"))?;
    let mut from = Bytes::new(bytes);
    from.take(lexer.at)?;
    from.expect(b"\nstream\n", "an odd stream")?;
    let data = from.take(length)?;
    from.expect(b"\nendstream\nendobj\n\n", "an odd end of a stream")?;
    Ok((number, Stream { at, dict, data }, from.at()))
}

fn assemble<'f>(
    streams: BTreeMap<u32, Stream<'f>>,
    own: u32,
    table: &Stream<'f>,
    purse: &mut Purse,
) -> Result<File<'f>, Refusal> {
    let root = table_dict(&table.dict)?;
    let entries = inflate::zlib(table.data, purse)?;
    must(entries.len() == table.dict.whole("Size").unwrap_or(0) * ENTRY, "an odd table")?;
    must(entries.starts_with(&[0, 0, 0, 0, 0, 0xFF, 0xFF]), "an odd table")?;
    let mut things = BTreeMap::new();
    let mut packs = BTreeMap::new();
    for (number, stream) in streams {
        let here = [1_u8].into_iter().chain((stream.at as u32).to_be_bytes()).chain([0, 0]);
        must(entry(&entries, number)?.iter().copied().eq(here), "an object elsewhere")?;
        if stream.dict.name("Type") == Some("ObjStm") {
            packs.insert(number, unpack(&stream, purse)?);
        } else {
            let body = Object::Dict(stream.dict);
            things.insert(number, Thing { body, data: Some(stream.data) });
        }
    }
    for (pack, objects) in packs {
        for (index, (number, body)) in objects.into_iter().enumerate() {
            let index = (index as u16).to_be_bytes();
            let here = [2_u8].into_iter().chain(pack.to_be_bytes()).chain(index);
            must(entry(&entries, number)?.iter().copied().eq(here), "an object elsewhere")?;
            must(things.insert(number, Thing { body, data: None }).is_none(), "a number twice")?;
        }
    }
    unused(&entries, &things, own)?;
    Ok(File { things, root })
}

/// Numbers of nothing say so.
fn unused(entries: &[u8], things: &BTreeMap<u32, Thing<'_>>, own: u32) -> Verdict {
    let packs: Vec<u32> = entries
        .chunks(ENTRY)
        .filter(|it| it[0] == 2)
        .map(|it| u32::from_be_bytes([it[1], it[2], it[3], it[4]]))
        .collect();
    (1_u32..).zip(entries.chunks(ENTRY).skip(1)).try_for_each(|(number, entry)| {
        let known = number == own || things.contains_key(&number) || packs.contains(&number);
        must(known || entry == [0, 0, 0, 0, 0, 0xFF, 0xFF], "a number of nothing")
    })
}

fn entry(entries: &[u8], number: u32) -> Result<&[u8], Refusal> {
    let at = number as usize * ENTRY;
    entries.get(at..at + ENTRY).ok_or(Refusal::of("a number beyond the table"))
}

fn table_dict(dict: &Dict) -> Result<u32, Refusal> {
    let known = ["Length", "Filter", "Type", "Size", "W", "Root"];
    must(dict.0.iter().map(|it| it.0.as_str()).eq(known), "an odd table")?;
    must(dict.name("Type") == Some("XRef"), "no table")?;
    must(dict.name("Filter") == Some("FlateDecode"), "an odd table")?;
    let widths = [1.0, 4.0, 2.0].map(Object::Number).to_vec();
    must(dict.get("W") == Some(&Object::Array(widths)), "an odd table")?;
    match dict.get("Root") {
        Some(Object::Ref(root)) => Ok(*root),
        _ => Err(Refusal::of("no root")),
    }
}

/// The objects of an object stream.
fn unpack(stream: &Stream<'_>, purse: &mut Purse) -> Result<Vec<(u32, Object)>, Refusal> {
    let known = ["Length", "Filter", "Type", "N", "First"];
    must(stream.dict.0.iter().map(|it| it.0.as_str()).eq(known), "an odd pack")?;
    must(stream.dict.name("Filter") == Some("FlateDecode"), "an odd pack")?;
    let data = inflate::zlib(stream.data, purse)?;
    let first = stream.dict.whole("First").ok_or(Refusal::of("an odd pack"))?;
    let count = stream.dict.whole("N").ok_or(Refusal::of("an odd pack"))?;
    let table = data.get(..first).and_then(|it| std::str::from_utf8(it).ok());
    let table = table.ok_or(Refusal::of("an odd pack"))?;
    let numbers: Result<Vec<u32>, _> = table.split_ascii_whitespace().map(str::parse).collect();
    let numbers = numbers.map_err(|_| Refusal::of("an odd pack"))?;
    must(numbers.len() == count * 2 && count > 0, "an odd pack")?;
    let again: String = numbers.iter().map(|it| format!("{it} ")).collect();
    must(again == table, "an odd pack")?;
    let mut lexer = Lexer::new(&data, first, true);
    let mut objects = Vec::with_capacity(count);
    for pair in numbers.chunks(2) {
        must(lexer.at == first + pair[1] as usize, "bytes between objects")?;
        objects.push((pair[0], lexer.object(0)?));
        must(lexer.pass(b"\n"), "bytes between objects")?;
    }
    must(lexer.is_done(), "bytes after objects")?;
    Ok(objects)
}
