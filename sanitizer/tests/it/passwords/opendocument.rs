//! OpenDocument files under a password.

use std::io::{Cursor, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sanitizer_intermediate::HoldReason;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::cipher::chained;
use super::{WORD, opens, password};
use crate::desk::Desk;
use crate::office::package::part;

const CONTENT: &str = "<office:document-content \
    xmlns:office=\"urn:oasis:names:tc:opendocument:xmlns:office:1.0\" \
    xmlns:text=\"urn:oasis:names:tc:opendocument:xmlns:text:1.0\">\
    <office:body><office:text><text:p>世帯の全員</text:p></office:text></office:body>\
    </office:document-content>";

/// A text whose content is locked after so many rounds.
pub(crate) fn locked(rounds: u32, says: u32) -> Vec<u8> {
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    deflate.write_all(CONTENT.as_bytes()).expect("memory");
    let mut packed = deflate.finish().expect("memory");
    let check = Sha256::digest(&packed[..packed.len().min(1024)]);
    let added = 16 - packed.len() % 16;
    packed.resize(packed.len() + added, u8::try_from(added).expect("a block"));
    let (salt, start) = ([4_u8; 16], [5_u8; 16]);
    let mut key = [0; 32];
    pbkdf2::pbkdf2_hmac::<Sha1>(&Sha256::digest(WORD), &salt, rounds, &mut key);
    let coded = chained(&key, &start, &packed);
    let manifest = format!(
        "<manifest:manifest xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\">\
         <manifest:file-entry manifest:full-path=\"content.xml\" manifest:media-type=\"text/xml\" manifest:size=\"{}\">\
         <manifest:encryption-data manifest:checksum-type=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0#sha256-1k\" manifest:checksum=\"{}\">\
         <manifest:algorithm manifest:algorithm-name=\"http://www.w3.org/2001/04/xmlenc#aes256-cbc\" manifest:initialisation-vector=\"{}\"/>\
         <manifest:key-derivation manifest:key-derivation-name=\"PBKDF2\" manifest:key-size=\"32\" manifest:iteration-count=\"{says}\" manifest:salt=\"{}\"/>\
         <manifest:start-key-generation manifest:start-key-generation-name=\"http://www.w3.org/2000/09/xmldsig#sha256\" manifest:key-size=\"32\"/>\
         </manifest:encryption-data></manifest:file-entry></manifest:manifest>",
        CONTENT.len(),
        STANDARD.encode(check),
        STANDARD.encode(start),
        STANDARD.encode(salt),
    );
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in [
        ("mimetype", &b"application/vnd.oasis.opendocument.text"[..]),
        ("META-INF/manifest.xml", manifest.as_bytes()),
        ("content.xml", &coded),
    ] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).expect("a member");
        zip.write_all(bytes).expect("a member");
    }
    zip.finish().expect("an archive").into_inner()
}

/// NF-32: an OpenDocument file opens with its password.
#[test]
fn an_opendocument_file_opens_with_its_password() {
    let rebuilt = opens("世帯.odt", &locked(1_000, 1_000), WORD, "世帯.docx");
    assert!(part(&rebuilt.bytes, "word/document.xml").contains("世帯の全員"));
}

/// NF-32: a file that asks for endless rounds is held at once.
#[test]
fn a_file_of_endless_rounds_is_held() {
    let sent = Desk::new().sends_with("a.odt", &locked(1, 4_000_000_000), &password(WORD));
    sent.is_held_with(HoldReason::TooComplex);
}
