//! What a ZIP container holds.

use std::io::{Cursor, Read};

use quick_xml::events::Event;
use sanitizer_intermediate::Kind;

/// Bytes of `[Content_Types].xml` looked at.
const MAX_TYPES: u64 = 4 << 20;

/// Content types of the main part and the kind they make.
const MAIN_PARTS: &[(&str, Kind)] = &[
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
        Kind::Docx,
    ),
    (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
        Kind::Dotx,
    ),
    ("application/vnd.ms-word.document.macroenabled.main+xml", Kind::Docm),
    ("application/vnd.ms-word.template.macroenabledtemplate.main+xml", Kind::Dotm),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml", Kind::Xlsx),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.template.main+xml", Kind::Xltx),
    ("application/vnd.ms-excel.sheet.macroenabled.main+xml", Kind::Xlsm),
    ("application/vnd.ms-excel.template.macroenabled.main+xml", Kind::Xltm),
    ("application/vnd.ms-excel.addin.macroenabled.main+xml", Kind::Xlam),
    ("application/vnd.ms-excel.sheet.binary.macroenabled.main", Kind::Xlsb),
    (
        "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml",
        Kind::Pptx,
    ),
    ("application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml", Kind::Ppsx),
    ("application/vnd.openxmlformats-officedocument.presentationml.template.main+xml", Kind::Potx),
    ("application/vnd.ms-powerpoint.presentation.macroenabled.main+xml", Kind::Pptm),
    ("application/vnd.ms-powerpoint.slideshow.macroenabled.main+xml", Kind::Ppsm),
    ("application/vnd.ms-powerpoint.template.macroenabled.main+xml", Kind::Potm),
];

/// Office Open XML and OpenDocument are ZIP files with a member that says so.
/// Other formats in a ZIP are no archives people packed. What cannot be opened stays a ZIP: the strict reading is the reader's job.
pub(super) fn inside(bytes: &[u8]) -> Kind {
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else {
        return Kind::Zip;
    };
    if let Ok(mut types) = archive.by_name("[Content_Types].xml") {
        let mut xml = Vec::new();
        let read = types.by_ref().take(MAX_TYPES).read_to_end(&mut xml);
        return read.ok().and_then(|_| main_part(&xml)).unwrap_or(Kind::Unknown);
    }
    if archive.index_for_name("META-INF/MANIFEST.MF").is_some() {
        return Kind::Executable;
    }
    let mut mimetype = String::new();
    let read = archive.by_name("mimetype").map(|it| it.take(100).read_to_string(&mut mimetype));
    match read {
        Ok(Ok(_)) if mimetype.starts_with("application/vnd.oasis.opendocument") => {
            Kind::OpenDocument
        }
        Ok(Ok(_)) if mimetype.starts_with("application/") => Kind::Unknown,
        _ => Kind::Zip,
    }
}

fn main_part(xml: &[u8]) -> Option<Kind> {
    let mut reader = quick_xml::Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(element) | Event::Empty(element) => {
                for attribute in element.attributes().flatten() {
                    let value = attribute.value.to_ascii_lowercase();
                    let found = MAIN_PARTS.iter().find(|(name, _)| *name == value);
                    if let Some((_, kind)) = found {
                        return Some(*kind);
                    }
                }
            }
            Event::Eof => return None,
            _ => {}
        }
        buffer.clear();
    }
}
