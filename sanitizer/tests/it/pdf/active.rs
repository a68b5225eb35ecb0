//! What must not survive: one test for each line of the list of threats.

use sanitizer::policy::Links;
use sanitizer_intermediate::{HoldReason, RemovedKind};

use super::paper::{Paper, stream};
use super::tools::{is_sound, laid_open, text};
use crate::desk::{Desk, contains, removed};

/// Words that must not occur anywhere in a rebuilt file.
const FORBIDDEN: &[&str] = &[
    "/JavaScript",
    "/JS",
    "/OpenAction",
    "/AA",
    "/Launch",
    "/SubmitForm",
    "/ImportData",
    "/GoToR",
    "/GoToE",
    "/URI",
    "/EmbeddedFile",
    "/Filespec",
    "/EF",
    "/AF",
    "/XFA",
    "/AcroForm",
    "/RichMedia",
    "/Rendition",
    "/Sound",
    "/Movie",
    "/3D",
    "/Metadata",
    "/PieceInfo",
    "/Info",
    "/Sig",
    "/Perms",
    "/Collection",
    "/Names",
    "/Thumb",
    "/OPI",
    "/Ref ",
    "/Alternates",
    "/Trans ",
    "secret",
];

#[track_caller]
fn is_clean(bytes: &[u8]) {
    is_sound(bytes);
    let opened = laid_open(bytes);
    for word in FORBIDDEN {
        assert!(!contains(&opened, word.as_bytes()), "{word} survived");
    }
}

/// Rebuilds a paper that says "harmless" and checks that only that is left.
#[track_caller]
fn loses(paper: Paper, kind: RemovedKind) -> u32 {
    let rebuilt = Desk::new().sends("件.pdf", &paper.written()).becomes("件.pdf");
    is_clean(&rebuilt.bytes);
    assert!(text(&rebuilt.bytes).contains("harmless"));
    let count = removed(&rebuilt, kind);
    assert!(count > 0, "{:?}", rebuilt.findings);
    count
}

fn paper() -> Paper {
    Paper::saying("harmless")
}

const SCRIPT: &str = "<</S /JavaScript /JS (app.alert\\('secret'\\))>>";

/// NF-32: scripts do not survive, wherever they hide.
#[test]
fn scripts_do_not_survive() {
    let kind = RemovedKind::JavaScript;
    assert_eq!(loses(paper().catalog(&format!("/OpenAction {SCRIPT}")), kind), 1);
    assert_eq!(loses(paper().page(&format!("/AA <</O {SCRIPT} /C {SCRIPT}>>")), kind), 2);
    let names = format!("/Names <</JavaScript <</Names [(a) {SCRIPT} (b) {SCRIPT}]>>>>");
    assert_eq!(loses(paper().catalog(&names), kind), 2);
    let chained = format!("/OpenAction <</S /GoTo /D [3 0 R /Fit] /Next {SCRIPT}>>");
    assert_eq!(loses(paper().catalog(&chained), kind), 1);
    let field = format!(
        "/Annots [<</Type /Annot /Subtype /Widget /FT /Btn /Ff 65536 /T (b) \
         /Rect [0 0 10 10] /A {SCRIPT} /AA <</K {SCRIPT}>>>>]"
    );
    assert_eq!(loses(paper().page(&field), kind), 2);
    let written = stream("", b"app.alert('secret')");
    let indirect = paper().catalog("/OpenAction <</S /JavaScript /JS 5 0 R>>").object(written);
    assert_eq!(loses(indirect, kind), 1);
}

/// NF-32: actions that start programs or send data do not survive.
#[test]
fn actions_do_not_survive() {
    let launch = "/OpenAction <</S /Launch /F (secret.exe)>>";
    loses(paper().catalog(launch), RemovedKind::Actions);
    let submit = "/Annots [<</Type /Annot /Subtype /Widget /FT /Btn /Ff 65536 /T (b) \
        /Rect [0 0 10 10] /A <</S /SubmitForm /F (http://secret.example/)>>>>]";
    loses(paper().page(submit), RemovedKind::ExternalReferences);
    let remote = "/Annots [<</Type /Annot /Subtype /Link /Rect [0 0 10 10] \
        /A <</S /GoToR /F (//secret/share/x.pdf) /D [0 /Fit]>>>>]";
    loses(paper().page(remote), RemovedKind::ExternalReferences);
    let sound = "/Annots [<</Type /Annot /Subtype /Screen /Rect [0 0 10 10] \
        /A <</S /Rendition /OP 0 /R <</S /MR /N (secret)>>>>>>]";
    loses(paper().page(sound), RemovedKind::Media);
    let file = "/Annots [<</Type /Annot /Subtype /Link /Rect [0 0 10 10] \
        /A <</S /URI /URI (file:///secret)>>>>]";
    loses(paper().page(file), RemovedKind::Links);
}

/// NF-32: files within the file do not survive.
#[test]
fn embedded_files_do_not_survive() {
    let spec = "<</Type /Filespec /F (secret.exe) /EF <</F 5 0 R>>>>";
    let named = paper()
        .catalog(&format!("/Names <</EmbeddedFiles <</Names [(secret.exe) {spec}]>>>>"))
        .object(stream("/Type /EmbeddedFile", b"MZ secret"));
    assert_eq!(loses(named, RemovedKind::EmbeddedFiles), 1);
    let attached = paper()
        .page(&format!(
            "/Annots [<</Type /Annot /Subtype /FileAttachment /Rect [0 0 10 10] /FS {spec}>>]"
        ))
        .object(stream("/Type /EmbeddedFile", b"MZ secret"));
    assert_eq!(loses(attached, RemovedKind::EmbeddedFiles), 1);
}

/// NF-32: an XFA form loses its XML and keeps its pages.
#[test]
fn xfa_does_not_survive() {
    let form = paper()
        .catalog("/AcroForm <</Fields [] /XFA 5 0 R>>")
        .object(stream("", b"<xdp:xdp>secret</xdp:xdp>"));
    assert_eq!(loses(form, RemovedKind::Xfa), 1);
}

/// NF-32: a form that only a script engine can show is held.
#[test]
fn a_form_without_pages_of_its_own_is_held() {
    let form = paper().catalog("/NeedsRendering true /AcroForm <</Fields [] /XFA (x)>>");
    Desk::new().sends("動.pdf", &form.written()).is_held_with(HoldReason::ActiveOnly);
}

/// NF-32: metadata and private data do not survive.
#[test]
fn metadata_does_not_survive() {
    let file = paper()
        .catalog("/Metadata 5 0 R /PieceInfo <</X <</Private (secret)>>>>")
        .object(stream("/Type /Metadata /Subtype /XML", b"<x:xmpmeta>secret</x:xmpmeta>"));
    assert_eq!(loses(file, RemovedKind::Properties), 1);
}

/// NF-32: what an earlier revision said does not survive.
#[test]
fn earlier_revisions_do_not_survive() {
    let first = Paper::saying("secret").written();
    let at = first.windows(9).rposition(|it| it == b"startxref").expect("startxref");
    let table = String::from_utf8_lossy(&first[at + 10..]).lines().next().map(str::to_owned);
    let mut file = first.clone();
    let place = file.len();
    let content = stream("", b"BT /F 12 Tf 20 50 Td (harmless) Tj ET");
    file.extend(b"4 0 obj\n");
    file.extend(content);
    file.extend(b"\nendobj\n");
    let next = file.len();
    let trailer = format!(
        "xref\n4 1\n{place:010} 00000 n \ntrailer\n<</Size 5 /Root 1 0 R /Prev {}>>\n\
         startxref\n{next}\n%%EOF\n",
        table.expect("a place")
    );
    file.extend(trailer.into_bytes());
    let rebuilt = Desk::new().sends("改.pdf", &file).becomes("改.pdf");
    is_clean(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "harmless");
    assert_eq!(removed(&rebuilt, RemovedKind::HiddenRevisions), 1);
}

/// NF-32: bytes before and after the file do not survive.
#[test]
fn stray_bytes_do_not_survive() {
    let mut file = b"GIF89a secret\n".to_vec();
    file.extend(paper().written());
    file.extend(b"PK\x03\x04 secret");
    // The name decides nothing: the content is a PDF for every reader.
    let rebuilt = Desk::new().sends("二.pdf", &file[14..]).becomes("二.pdf");
    is_clean(&rebuilt.bytes);
    assert!(rebuilt.bytes.starts_with(b"%PDF-1.7\n") && rebuilt.bytes.ends_with(b"%%EOF\n"));
    assert_eq!(removed(&rebuilt, RemovedKind::StrayBytes), 1);
}

/// NF-32: a layer that is not shown is not in the file either.
#[test]
fn hidden_layers_do_not_survive() {
    let content = "/OC /L BDC BT /F 12 Tf 20 20 Td (secret) Tj ET EMC \
        BT /F 12 Tf 20 50 Td (harmless) Tj ET";
    let file = Paper::new(content)
        .catalog("/OCProperties <</OCGs [5 0 R] /D <</OFF [5 0 R]>>>>")
        .resources("/Properties <</L 5 0 R>>")
        .object("<</Type /OCG /Name (secret)>>");
    let rebuilt = Desk::new().sends("層.pdf", &file.written()).becomes("層.pdf");
    is_clean(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "harmless");
}

/// NF-32: web links go by default and stay when the city says so; links to
/// pages of the file always stay.
#[test]
fn web_links_are_the_citys_choice() {
    let file = paper().page(
        "/Annots [<</Type /Annot /Subtype /Link /Rect [0 0 10 10] \
         /A <</S /URI /URI (https://city.example/)>>>> \
         <</Type /Annot /Subtype /Link /Rect [20 0 30 10] /Dest [3 0 R /Fit]>>]",
    );
    let mut desk = Desk::new();
    let rebuilt = desk.sends("鎖.pdf", &file.written()).becomes("鎖.pdf");
    is_clean(&rebuilt.bytes);
    assert_eq!(removed(&rebuilt, RemovedKind::Links), 1);
    assert!(contains(&laid_open(&rebuilt.bytes), b"/Dest"));

    desk.rebuilder.policy.links = Links::KeepWeb;
    let rebuilt = desk.sends("鎖.pdf", &file.written()).becomes("鎖.pdf");
    is_sound(&rebuilt.bytes);
    assert_eq!(removed(&rebuilt, RemovedKind::Links), 0);
    assert!(contains(&laid_open(&rebuilt.bytes), b"(https://city.example/)"));
}

/// NF-32: the output speaks an allow-list of operators; others are dropped.
#[test]
fn unknown_operators_do_not_survive() {
    let content = "BX secret1 EX 1 2 evil BT /F 12 Tf 20 50 Td (harmless) Tj ET \
        /Artifact <</secret (x)>> BDC EMC Q Q Q /Nothing Do /Nothing gs";
    let rebuilt = Desk::new().sends("令.pdf", &Paper::new(content).written()).becomes("令.pdf");
    is_clean(&rebuilt.bytes);
    assert_eq!(text(&rebuilt.bytes), "harmless");
    assert!(!contains(&laid_open(&rebuilt.bytes), b"evil"));
}
