//! Documents and workbooks of before 2007 under a password.

use md5::Md5;
use rc4::{KeyInit as _, Rc4, StreamCipher as _};
use sha1::{Digest, Sha1};

use super::{WORD, opens};
use crate::legacy::{compound, doc, xls};
use crate::office::package::part;

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hashed<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

/// The two ciphers.
#[derive(Clone, Copy)]
enum Cipher {
    Old,
    Api,
}

impl Cipher {
    fn key(self, block: usize) -> Vec<u8> {
        let number = u32::try_from(block).expect("few").to_le_bytes();
        match self {
            Self::Old => {
                let first = hashed::<Md5>(&[&wide(WORD)]);
                let pair = [&first[..5], &SALT].concat().repeat(16);
                let base = hashed::<Md5>(&[&pair]);
                hashed::<Md5>(&[&base[..5], &number])
            }
            Self::Api => {
                let base = hashed::<Sha1>(&[&SALT, &wide(WORD)]);
                hashed::<Sha1>(&[&base, &number])[..16].to_vec()
            }
        }
    }

    /// Runs the keystream over a stream of blocks.
    fn run(self, bytes: &mut [u8], size: usize) {
        for (number, block) in bytes.chunks_mut(size).enumerate() {
            Rc4::new_from_slice(&self.key(number)).expect("a key").apply_keystream(block);
        }
    }

    /// What the file says about it.
    fn description(self) -> Vec<u8> {
        let verifier = [8_u8; 16];
        let hash = match self {
            Self::Old => hashed::<Md5>(&[&verifier]),
            Self::Api => hashed::<Sha1>(&[&verifier]),
        };
        let mut sealed = [&verifier[..], &hash].concat();
        self.run(&mut sealed, 512);
        match self {
            Self::Old => [&[1, 0, 1, 0][..], &SALT, &sealed].concat(),
            Self::Api => {
                let mut head = Vec::new();
                for number in [4_u32, 0, 0x6801, 0x8004, 128, 1, 0, 0] {
                    head.extend(number.to_le_bytes());
                }
                head.extend([0, 0]);
                let length = u32::try_from(head.len()).expect("short").to_le_bytes();
                [
                    &[2, 0, 2, 0, 4, 0, 0, 0][..],
                    &length,
                    &head,
                    &16_u32.to_le_bytes(),
                    &SALT,
                    &sealed[..16],
                    &20_u32.to_le_bytes(),
                    &sealed[16..],
                ]
                .concat()
            }
        }
    }
}

const SALT: [u8; 16] = [1; 16];

/// NF-32: an old document opens with its password.
#[test]
fn an_old_document_opens_with_its_password() {
    for cipher in [Cipher::Old, Cipher::Api] {
        let text = format!("秘密の文書\r{}\r", "あ".repeat(2_000));
        let (mut main, table) = doc::streams(&text, 0x0100);
        let info = cipher.description();
        let length = u32::try_from(info.len()).expect("short").to_le_bytes();
        main[0x0e..0x12].copy_from_slice(&length);
        // The pieces stand behind the description now.
        let place = u32::try_from(info.len()).expect("short").to_le_bytes();
        main[0x9a + 33 * 8..0x9a + 33 * 8 + 4].copy_from_slice(&place);
        let mut coded_main = main.clone();
        cipher.run(&mut coded_main, 512);
        coded_main[..68].copy_from_slice(&main[..68]);
        let mut coded_table = [info.clone(), table].concat();
        cipher.run(&mut coded_table, 512);
        coded_table[..info.len()].copy_from_slice(&info);
        let file = compound(&[("/WordDocument", &coded_main), ("/1Table", &coded_table)]);
        let rebuilt = opens("秘密.doc", &file, WORD, "秘密.docx");
        let body = part(&rebuilt.bytes, "word/document.xml");
        assert!(body.contains("秘密の文書") && body.contains(&"あ".repeat(2_000)));
    }
}

/// A workbook with the record that says it is locked, and where the rest begins.
fn locked_book(says: &[u8]) -> (Vec<u8>, usize) {
    let texts: Vec<String> = (0..400).map(|it| format!("秘密{it}")).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let cells: Vec<Vec<u8>> = (0..400).map(|it| xls::text_cell(it, 0, u32::from(it))).collect();
    let record = xls::record(0x2f, says);
    let book = xls::book_of(&[xls::sheet_with(&cells)], &[0], &texts, &[]);
    let first = 4 + usize::from(u16::from_le_bytes([book[2], book[3]]));
    let mut out = [&book[..first], &record, &book[first..]].concat();
    // The sheet starts further on by as much.
    let at = first + record.len() + 4;
    let start = u32::from_le_bytes(out[at..at + 4].try_into().expect("four"));
    let moved = start + u32::try_from(record.len()).expect("short");
    out[at..at + 4].copy_from_slice(&moved.to_le_bytes());
    (out, first + record.len())
}

/// Changes the data of every record from `from` on that may be locked.
fn each(book: &mut [u8], from: usize, mut change: impl FnMut(&mut [u8], usize, bool)) {
    let mut at = from;
    while at + 4 <= book.len() {
        let kind = u16::from_le_bytes([book[at], book[at + 1]]);
        let end = at + 4 + usize::from(u16::from_le_bytes([book[at + 2], book[at + 3]]));
        let open = match kind {
            0x809 => end,
            0x85 => at + 8,
            _ => at + 4,
        };
        change(&mut book[open..end], open, kind == 0x85);
        at = end;
    }
}

/// NF-32: an old workbook opens with its password.
#[test]
fn an_old_workbook_opens_with_its_password() {
    for cipher in [Cipher::Old, Cipher::Api] {
        let (mut book, from) = locked_book(&[&[1, 0][..], &cipher.description()].concat());
        let mut keys = vec![0; book.len()];
        cipher.run(&mut keys, 1024);
        each(&mut book, from, |data, at, _| {
            data.iter_mut().zip(&keys[at..]).for_each(|(byte, key)| *byte ^= key);
        });
        let rebuilt = opens("給与.xls", &compound(&[("/Workbook", &book)]), WORD, "給与.xlsx");
        let texts = part(&rebuilt.bytes, "xl/sharedStrings.xml");
        assert!(texts.contains("秘密0") && texts.contains("秘密399"));
    }
}

/// NF-32: a workbook under the mask of old Excel opens with its password.
#[test]
fn a_masked_workbook_opens_with_its_password() {
    let (word, key) = (b"himitsu", 0x5a3c_u16);
    let turned = |sum: u16| (sum << 1) & 0x7fff | sum >> 14;
    let check = word.iter().rev().fold(0, |sum, byte| turned(sum) ^ u16::from(*byte));
    let check = turned(check) ^ 7 ^ 0xce4b;
    let filled = [&word[..], &[0xbb, 0xff, 0xff, 0xba, 0xff, 0xff, 0xb9, 0x80, 0x00]].concat();
    let mask = |at: usize| (filled[at % 16] ^ key.to_le_bytes()[at % 2]).rotate_right(1);
    let says = [&[0, 0][..], &key.to_le_bytes(), &check.to_le_bytes()].concat();
    let (mut book, from) = locked_book(&says);
    each(&mut book, from, |data, at, is_sheet| {
        // A sheet's place stays open, and counts once more.
        let start = at + data.len() + if is_sheet { 4 } else { 0 };
        for (place, byte) in data.iter_mut().enumerate() {
            *byte = byte.rotate_left(5) ^ mask(start + place);
        }
    });
    let rebuilt = opens("給与.xls", &compound(&[("/Workbook", &book)]), "himitsu", "給与.xlsx");
    assert!(part(&rebuilt.bytes, "xl/sharedStrings.xml").contains("秘密399"));
}
