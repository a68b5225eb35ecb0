//! What a file is, by its content.

mod signatures;
mod text;
mod zip;

use sanitizer_intermediate::{Family, HoldReason, Kind};

/// Tells the kind. The name's claim (`hint`) decides only between text and
/// CSV, and names scripts, which look like any text.
#[must_use]
pub fn kind(bytes: &[u8], hint: Option<Kind>) -> Kind {
    if let Some(kind) = signatures::at_start(bytes) {
        return match kind {
            Kind::Zip => zip::inside(bytes),
            Kind::Ole2 => compound(bytes),
            other => other,
        };
    }
    if signatures::pdf_after_junk(bytes) {
        return Kind::Pdf;
    }
    text::kind(bytes, hint)
}

/// Checks that a text or an archive is not passed off as something else: a
/// drawing script named `.jpg` is no broken picture but a trick, and a `.docx`
/// without a document in it is no archive people packed.
///
/// # Errors
/// [`HoldReason::Broken`] when the name claims another kind.
pub fn agreeing(kind: Kind, hint: Option<Kind>) -> Result<(), HoldReason> {
    if kind == Kind::Zip && !matches!(hint, None | Some(Kind::Zip | Kind::Unknown)) {
        return Err(HoldReason::Broken);
    }
    let text_found = kind.family() == Family::Text;
    let text_claimed = match hint {
        None | Some(Kind::Unknown) => true,
        Some(hint) => hint.family() == Family::Text,
    };
    if text_found && !text_claimed { Err(HoldReason::Broken) } else { Ok(()) }
}

/// Why a kind that no reader handles is held.
#[must_use]
pub fn refusal(kind: Kind) -> HoldReason {
    match kind {
        Kind::EncryptedOffice => HoldReason::Encrypted,
        Kind::Executable | Kind::Script | Kind::Shortcut => HoldReason::ActiveOnly,
        _ => HoldReason::Unsupported,
    }
}

/// What an OLE2 container is by the streams its directory names. An entry of
/// the directory is 128 bytes, its name first.
fn compound(bytes: &[u8]) -> Kind {
    const STREAMS: [(&str, Kind); 5] = [
        ("encryptedpackage", Kind::EncryptedOffice),
        ("worddocument", Kind::Doc),
        ("powerpoint document", Kind::Ppt),
        ("workbook", Kind::Xls),
        ("book", Kind::Xls),
    ];
    // Names of streams are the same in any case.
    let named = |name: &str| {
        let name: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
        let start =
            |entry: &[u8]| entry.get(..name.len()).is_some_and(|it| it.eq_ignore_ascii_case(&name));
        bytes.chunks(128).any(start)
    };
    STREAMS.iter().find(|(name, _)| named(name)).map_or(Kind::Ole2, |(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use super::*;

    fn archive(members: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            let stored = ::zip::write::SimpleFileOptions::default();
            writer.start_file(*name, stored).expect("a member");
            writer.write_all(text.as_bytes()).expect("a member");
        }
        writer.finish().expect("an archive").into_inner()
    }

    fn types(main: &str) -> String {
        format!("<Types><Override PartName=\"/main.xml\" ContentType=\"{main}\"/></Types>")
    }

    /// NF-32: an Office file is told by its main part, whatever its name.
    #[test]
    fn office_files_are_told_by_their_main_part() {
        let kinds = [
            ("application/vnd.ms-word.document.macroEnabled.main+xml", Kind::Docm),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml",
                Kind::Xlsx,
            ),
            (
                "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml",
                Kind::Ppsx,
            ),
            ("application/vnd.ms-excel.sheet.binary.macroEnabled.main", Kind::Xlsb),
            ("application/vnd.ms-visio.drawing.main+xml", Kind::Unknown),
        ];
        for (content_type, expected) in kinds {
            let bytes = archive(&[("[Content_Types].xml", &types(content_type))]);
            assert_eq!(kind(&bytes, Some(Kind::Pdf)), expected, "{content_type}");
        }
    }

    #[test]
    fn other_zip_files_are_told_apart() {
        let odt = archive(&[("mimetype", "application/vnd.oasis.opendocument.text")]);
        assert_eq!(kind(&odt, None), Kind::OpenDocument);
        assert_eq!(kind(&archive(&[("a.txt", "text")]), None), Kind::Zip);
        assert_eq!(kind(&archive(&[("mimetype", "application/epub+zip")]), None), Kind::Unknown);
        assert_eq!(
            kind(&archive(&[("META-INF/MANIFEST.MF", "Manifest-Version: 1.0")]), None),
            Kind::Executable
        );
        assert_eq!(agreeing(Kind::Zip, Some(Kind::Docx)), Err(HoldReason::Broken));
        assert_eq!(agreeing(Kind::Zip, Some(Kind::Zip)), Ok(()));
        assert_eq!(kind(b"PK\x03\x04 and nonsense", Some(Kind::Docx)), Kind::Zip);
    }

    #[test]
    fn the_first_bytes_decide_over_the_name() {
        assert_eq!(kind(b"%PDF-1.7", Some(Kind::Text)), Kind::Pdf);
        assert_eq!(kind(b"\n\njunk %PDF-1.7", None), Kind::Pdf);
        assert_eq!(kind(b"\xff\xd8\xff\xe0 %PDF-1.7", Some(Kind::Pdf)), Kind::Jpeg);
        assert_eq!(kind(b"MZ\x90\0", Some(Kind::Docx)), Kind::Executable);
    }

    #[test]
    fn a_text_is_what_its_name_says_of_texts() {
        assert_eq!(kind(b"a,b\n1,2\n", Some(Kind::Csv)), Kind::Csv);
        assert_eq!(kind(b"a,b\n1,2\n", None), Kind::Text);
        assert_eq!(kind(b"WScript.Echo(1)", Some(Kind::Script)), Kind::Script);
        assert_eq!(kind(b"<?xml version='1.0'?><svg/>", None), Kind::Svg);
        assert_eq!(kind(b"<?xml version='1.0'?><rss/>", Some(Kind::Text)), Kind::Text);
    }
}
