//! Documents of today under a password: agile and standard encryption.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sanitizer_intermediate::HoldReason;
use sha1::Sha1;
use sha2::{Digest, Sha512};

use super::cipher::{chained, padded, separate};
use super::{WORD, opens, password};
use crate::desk::Desk;
use crate::legacy::compound;
use crate::office::package::{Package, SPACES, part};

const WORDS: &str =
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";

/// A document of one paragraph.
pub(super) fn document(text: &str) -> Vec<u8> {
    let body = format!(
        "<w:document {SPACES}><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>"
    );
    Package::new("word/document.xml", WORDS).with("word/document.xml", body).bytes()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn hashed<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = D::new();
    parts.iter().for_each(|part| hash.update(part));
    hash.finalize().to_vec()
}

fn rounds<D: Digest>(salt: &[u8], word: &str, count: u32) -> Vec<u8> {
    let first = hashed::<D>(&[salt, &wide(word)]);
    (0..count).fold(first, |state, round| hashed::<D>(&[&round.to_le_bytes(), &state]))
}

fn package(sizes_as: usize, coded: &[u8]) -> Vec<u8> {
    [&(sizes_as as u64).to_le_bytes()[..], coded].concat()
}

/// As Office 2010 and later lock a file: AES-256, SHA-512.
pub(crate) fn agile(plain: &[u8], word: &str, spins: u32) -> Vec<u8> {
    let (salt, data_salt, key) = ([7_u8; 16], [9_u8; 16], [42_u8; 32]);
    let state = rounds::<Sha512>(&salt, word, spins);
    let sealed = |block: [u8; 8], bytes: &[u8]| {
        let own = hashed::<Sha512>(&[&state, &block]);
        STANDARD.encode(chained(&own[..32], &salt, bytes))
    };
    let input = [3_u8; 16];
    let verifier = sealed([0xfe, 0xa7, 0xd2, 0x76, 0x3b, 0x4b, 0x9e, 0x79], &input);
    let value =
        sealed([0xd7, 0xaa, 0x0f, 0x6d, 0x30, 0x61, 0x34, 0x4e], &hashed::<Sha512>(&[&input]));
    let key_value = sealed([0x14, 0x6e, 0x0b, 0xe7, 0xab, 0xac, 0xd0, 0xd6], &key);
    let coding = |salt: &[u8]| {
        format!(
            "saltSize=\"16\" blockSize=\"16\" keyBits=\"256\" hashSize=\"64\" cipherAlgorithm=\"AES\" \
             cipherChaining=\"ChainingModeCBC\" hashAlgorithm=\"SHA512\" saltValue=\"{}\"",
            STANDARD.encode(salt)
        )
    };
    let description = format!(
        "<encryption xmlns=\"http://schemas.microsoft.com/office/2006/encryption\" \
         xmlns:p=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">\
         <keyData {}/><keyEncryptors>\
         <keyEncryptor uri=\"http://schemas.microsoft.com/office/2006/keyEncryptor/password\">\
         <p:encryptedKey spinCount=\"{spins}\" {} encryptedVerifierHashInput=\"{verifier}\" \
         encryptedVerifierHashValue=\"{value}\" encryptedKeyValue=\"{key_value}\"/>\
         </keyEncryptor></keyEncryptors></encryption>",
        coding(&data_salt),
        coding(&salt),
    );
    let info = [&[4, 0, 4, 0, 0x40, 0, 0, 0][..], description.as_bytes()].concat();
    let mut coded = Vec::new();
    for (number, segment) in (0_u32..).zip(plain.chunks(4096)) {
        let start = hashed::<Sha512>(&[&data_salt, &number.to_le_bytes()]);
        coded.extend(chained(&key, &start[..16], &padded(segment)));
    }
    let coded = package(plain.len(), &coded);
    compound(&[("/EncryptionInfo", &info), ("/EncryptedPackage", &coded)])
}

/// As Office 2007 locks a file: AES-128, SHA-1, 50 000 rounds.
fn standard(plain: &[u8], word: &str) -> Vec<u8> {
    let (salt, verifier) = ([5_u8; 16], [6_u8; 16]);
    let state = rounds::<Sha1>(&salt, word, 50_000);
    let state = hashed::<Sha1>(&[&state, &[0; 4]]);
    let mut mixed = [0x36_u8; 64];
    mixed.iter_mut().zip(&state).for_each(|(byte, other)| *byte ^= other);
    let key = hashed::<Sha1>(&[&mixed])[..16].to_vec();
    let mut head = Vec::new();
    for number in [0x24_u32, 0, 0x660e, 0x8004, 128, 0x18, 0, 0] {
        head.extend(number.to_le_bytes());
    }
    head.extend(wide("Microsoft Enhanced RSA and AES Cryptographic Provider\0"));
    let length = u32::try_from(head.len()).expect("short").to_le_bytes();
    let hash = padded(&hashed::<Sha1>(&[&verifier]));
    let info = [
        &[3, 0, 2, 0, 0x24, 0, 0, 0][..],
        &length,
        &head,
        &16_u32.to_le_bytes(),
        &salt,
        &separate(&key, &verifier),
        &20_u32.to_le_bytes(),
        &separate(&key, &hash),
    ]
    .concat();
    let coded = package(plain.len(), &separate(&key, &padded(plain)));
    compound(&[("/EncryptionInfo", &info), ("/EncryptedPackage", &coded)])
}

/// NF-32: a locked Office document opens with its password.
#[test]
fn an_office_document_opens_with_its_password() {
    let plain = document(&"住民税の申告".repeat(2_000));
    for bytes in [agile(&plain, WORD, 1_000), standard(&plain, WORD)] {
        let rebuilt = opens("申告.docx", &bytes, WORD, "申告.docx");
        assert!(part(&rebuilt.bytes, "word/document.xml").contains("住民税の申告"));
    }
}

/// NF-32: a document that asks for endless rounds is held at once.
#[test]
fn a_document_of_endless_rounds_is_held() {
    let bytes = agile(&document("本文"), WORD, 1_000);
    let desk = Desk::new();
    let held = |rounds: &str, reason| {
        let bytes = asking(&bytes, rounds);
        desk.sends_with("a.docx", &bytes, &password(WORD)).is_held_with(reason);
    };
    held("10000000", HoldReason::TooComplex);
    held("4294967295", HoldReason::TooComplex);
    held("-1", HoldReason::Broken);
}

/// The same file, asking for other rounds.
fn asking(bytes: &[u8], rounds: &str) -> Vec<u8> {
    let mut file = cfb::CompoundFile::open(std::io::Cursor::new(bytes)).expect("a compound file");
    let mut read = |name: &str| {
        let mut stream = file.open_stream(name).expect("a stream");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut stream, &mut bytes).expect("a stream");
        bytes
    };
    let (info, package) = (read("/EncryptionInfo"), read("/EncryptedPackage"));
    let text = String::from_utf8(info[8..].to_vec()).expect("XML");
    let text = text.replace("spinCount=\"1000\"", &format!("spinCount=\"{rounds}\""));
    let info = [&info[..8], text.as_bytes()].concat();
    compound(&[("/EncryptionInfo", &info), ("/EncryptedPackage", &package)])
}

/// NF-32: what is in a locked document is a document; no other file hides there.
#[test]
fn a_locked_document_holds_nothing_but_a_document() {
    let desk = Desk::new();
    for inner in [&b"MZ\x90\0 program"[..], b"{\\rtf1 text}", &agile(&document("本文"), WORD, 10)]
    {
        let bytes = agile(inner, WORD, 10);
        desk.sends_with("a.docx", &bytes, &password(WORD)).is_held_with(HoldReason::Broken);
    }
}
