//! Objects, streams and the table of a PDF.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

use super::{place_of, with};
use crate::dice::Dice;

const HEAD: &[u8] = b"%PDF-1.7\n%\xE5\xB8\x82\xE6\xB0\x91\n";

/// A stream of our file: number, dictionary without its length, data.
struct Stream {
    number: u32,
    dict: String,
    data: Vec<u8>,
}

/// One change, in a file written as ours are.
pub(super) fn tampered(file: &[u8], dice: &mut Dice) -> Option<(&'static str, Vec<u8>)> {
    if dice.once_in(4) {
        return outside(file, dice);
    }
    let mut streams = streams(file)?;
    let pack = streams.iter().position(|it| it.dict.contains("/ObjStm"))?;
    let (numbers, mut bodies) = unpacked(&streams[pack])?;
    let at = dice.below(bodies.len());
    let word = |bodies: &mut [String], word: &str, new: &str, dice: &mut Dice| {
        let having: Vec<usize> =
            (0..bodies.len()).filter(|it| bodies[*it].contains(word)).collect();
        let body = &mut bodies[*dice.pick(&having)?];
        *body = body.replacen(word, new, 1);
        Some(())
    };
    let mut spare = None;
    let how = match dice.below(16) {
        0 => {
            let keys = ["/OpenAction", "/AA", "/JS", "/Names", "/Metadata", "/AF"];
            let key =
                format!("<<\n  {} <<\n    /S /JavaScript\n  >>\n", keys[dice.below(keys.len())]);
            bodies[at] = bodies[at].replacen("<<\n", &key, 1);
            "an unknown key"
        }
        1 => {
            let keys = ["/Type", "/Kids", "/MediaBox", "/Parent", "/Contents", "/Resources"];
            let key = format!("  {} ", keys[dice.below(keys.len())]);
            let body = bodies.iter_mut().find(|it| it.contains(&key))?;
            let start = body.find(&key)?;
            let end = start + body[start..].find('\n')?;
            if body[start..end].ends_with("<<") {
                return None;
            }
            body.replace_range(start..=end, "");
            "a key is missing"
        }
        2 => {
            let line = bodies[at].lines().nth(1)?.to_owned();
            bodies[at] = bodies[at].replacen("<<\n", &format!("<<\n{line}\n"), 1);
            "a key twice"
        }
        3 => {
            word(&mut bodies, "/Count ", "/Count 1", dice)?;
            "another count"
        }
        4 => {
            word(&mut bodies, "[", "[null ", dice)?;
            "nothing in a list"
        }
        5 => {
            word(&mut bodies, "<<\n", "<< % x\n", dice)?;
            "a comment"
        }
        6 => {
            word(&mut bodies, "\n  /", "\n /", dice)?;
            "another indent"
        }
        7 => {
            word(&mut bodies, " 0 R", " 1 R", dice)?;
            "another generation"
        }
        8 => {
            spare = Some("<<\n  /Type /Font\n>>".to_owned());
            "an object nothing leads to"
        }
        9 => {
            word(&mut bodies, "/Parent ", "/Parent 9", dice)?;
            "another parent"
        }
        10 => {
            word(&mut bodies, "/Type /Page\n", "/Type /Template\n", dice)?;
            "another type"
        }
        11 => {
            let own = streams.iter().position(|it| it.dict.trim() == "/Filter /FlateDecode")?;
            let mut plain = inflated(&streams[own].data)?;
            let words: [&[u8]; 6] =
                [b"/X BMC\n", b"BI\n", b"Q\n", b"1 0 0 g\n", b"/Nobody Do\n", b"(x) '\n"];
            plain.extend(words[dice.below(words.len())]);
            streams[own].data = deflated(&plain)?;
            "an operator that is not ours"
        }
        12 => {
            let own = dice.below(streams.len() - 1);
            streams[own].data = [streams[own].data.as_slice(), b"\0"].concat();
            "bytes after what is packed"
        }
        13 => {
            let own = dice.below(streams.len() - 1);
            streams[own].dict.push_str("\n  /F (x)");
            "a stream from elsewhere"
        }
        14 => {
            let own = streams.iter().position(|it| it.dict.contains("/Width "))?;
            let dict = &mut streams[own].dict;
            *dict = dict.replacen("/Width ", "/Width 1", 1);
            "another width"
        }
        _ => {
            word(&mut bodies, "/Resources <<", "/Resources <<\n    /Properties <<>>", dice)?;
            "other resources"
        }
    };
    let mut numbers = numbers;
    if let Some(body) = spare {
        let most = streams.iter().map(|it| it.number).max()?;
        // The table's own number; the table moves up by one.
        numbers.push(most);
        bodies.push(body);
        streams.last_mut()?.number += 1;
    }
    pack_into(&mut streams[pack], &numbers, &bodies)?;
    Some((how, written(&streams, pack, &numbers)?))
}

/// Changes around the objects.
fn outside(file: &[u8], dice: &mut Dice) -> Option<(&'static str, Vec<u8>)> {
    let tail = file.windows(9).rposition(|it| it == b"startxref")?;
    Some(match dice.below(8) {
        0 => ("another head", with(file, 7, 1, b"4")?),
        1 => ("bytes in front", [b"MZ", file].concat()),
        2 => ("bytes after the end", [file, b"1 0 obj\n"].concat()),
        3 => ("another end", with(file, tail, 0, b"trailer\n<</Info 1 0 R>>\n")?),
        4 => ("an object between", with(file, HEAD.len(), 0, b"99 0 obj\nnull\nendobj\n\n")?),
        5 => ("bytes between objects", {
            let at = place_of(file, b"endobj\n\n", dice)?;
            with(file, at + 8, 0, b"%x\n")?
        }),
        6 => ("another length", {
            let at = place_of(file, b"/Length ", dice)?;
            with(file, at + 8, 0, b"1")?
        }),
        _ => ("another revision", [file, &file[tail..]].concat()),
    })
}

fn streams(file: &[u8]) -> Option<Vec<Stream>> {
    let mut found = Vec::new();
    let mut at = HEAD.len();
    while file.get(at)?.is_ascii_digit() {
        let rest = &file[at..];
        let start = rest.windows(8).position(|it| it == b"\nstream\n")?;
        let head = std::str::from_utf8(&rest[..start]).ok()?;
        let (number, dict) = head.split_once(" 0 obj\n<<\n  /Length ")?;
        let (length, dict) = dict.split_once('\n')?;
        let length: usize = length.parse().ok()?;
        let dict = dict.strip_suffix("\n>>")?.to_owned();
        let data = rest.get(start + 8..start + 8 + length)?.to_vec();
        found.push(Stream { number: number.parse().ok()?, dict, data });
        at += start + 8 + length + b"\nendstream\nendobj\n\n".len();
    }
    Some(found)
}

fn inflated(data: &[u8]) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    ZlibDecoder::new(data).read_to_end(&mut plain).ok()?;
    Some(plain)
}

fn deflated(data: &[u8]) -> Option<Vec<u8>> {
    let mut packer = ZlibEncoder::new(Vec::new(), Compression::new(6));
    packer.write_all(data).ok()?;
    packer.finish().ok()
}

/// Numbers and bodies of the objects of a pack.
fn unpacked(pack: &Stream) -> Option<(Vec<u32>, Vec<String>)> {
    let plain = inflated(&pack.data)?;
    let first: usize = pack.dict.split("/First ").nth(1)?.trim().parse().ok()?;
    let table = std::str::from_utf8(plain.get(..first)?).ok()?;
    let table: Vec<usize> = table.split_whitespace().flat_map(str::parse).collect();
    let mut bodies = Vec::new();
    for (place, pair) in table.chunks(2).enumerate() {
        let end = table.get(place * 2 + 3).map_or(plain.len(), |it| first + it);
        let body = plain.get(first + pair[1]..end)?;
        bodies.push(String::from_utf8(body.strip_suffix(b"\n")?.to_vec()).ok()?);
    }
    let numbers = table.chunks(2).flat_map(|it| u32::try_from(it[0])).collect();
    Some((numbers, bodies))
}

fn pack_into(pack: &mut Stream, numbers: &[u32], bodies: &[String]) -> Option<()> {
    let (mut table, mut text) = (String::new(), String::new());
    for (number, body) in numbers.iter().zip(bodies) {
        let _ = write!(table, "{number} {} ", text.len());
        text.push_str(body);
        text.push('\n');
    }
    pack.data = deflated(format!("{table}{text}").as_bytes())?;
    let count = numbers.len();
    let first = table.len();
    pack.dict = format!("  /Filter /FlateDecode\n  /Type /ObjStm\n  /N {count}\n  /First {first}");
    Some(())
}

/// The file with a table that is right for its objects.
fn written(streams: &[Stream], pack: usize, packed: &[u32]) -> Option<Vec<u8>> {
    let (table, others) = streams.split_last()?;
    let size = table.number as usize + 1;
    let old = inflated(&table.data)?;
    let mut entries = old.clone();
    entries.resize(size * 7, 0);
    let mut file = HEAD.to_vec();
    let put = |file: &mut Vec<u8>, stream: &Stream, dict: &str| {
        let head = format!(
            "{} 0 obj\n<<\n  /Length {}\n{dict}\n>>\nstream\n",
            stream.number,
            stream.data.len()
        );
        file.extend(head.as_bytes());
        file.extend(&stream.data);
        file.extend(b"\nendstream\nendobj\n\n");
    };
    let set = |entries: &mut [u8], number: u32, kind: u8, place: u32, index: u16| {
        let at = number as usize * 7;
        entries[at] = kind;
        entries[at + 1..at + 5].copy_from_slice(&place.to_be_bytes());
        entries[at + 5..at + 7].copy_from_slice(&index.to_be_bytes());
    };
    for (at, stream) in others.iter().enumerate() {
        set(&mut entries, stream.number, 1, u32::try_from(file.len()).ok()?, 0);
        put(&mut file, stream, &stream.dict);
        if at == pack {
            for (index, number) in packed.iter().enumerate() {
                set(&mut entries, *number, 2, stream.number, u16::try_from(index).ok()?);
            }
        }
    }
    let start = file.len();
    set(&mut entries, table.number, 1, u32::try_from(start).ok()?, 0);
    let root = table.dict.split("/Root ").nth(1)?;
    let dict = format!(
        "  /Filter /FlateDecode\n  /Type /XRef\n  /Size {size}\n  /W [1 4 2]\n  /Root {root}"
    );
    let last = Stream { number: table.number, dict: String::new(), data: deflated(&entries)? };
    put(&mut file, &last, &dict);
    file.extend(format!("startxref\n{start}\n%%EOF\n").as_bytes());
    Some(file)
}
