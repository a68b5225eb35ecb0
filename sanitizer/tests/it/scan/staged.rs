//! Scanners that say what a test wants, on a port of their own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, channel};

use sanitizer::policy::{IcapMethod, Need, Scanners};
use sanitizer::rebuild::{End, RebuildError};
use sanitizer_intermediate::HoldReason;

use super::{clamd, desk, icap};
use crate::desk::contains;
use crate::office::word;
use crate::passwords::{WORD, office, opendocument, password};
use crate::pdf::paper::Paper;
use crate::pdf::tools;

const OPTIONS: &str =
    "ICAP/1.0 200 OK\r\nMethods: RESPMOD, REQMOD\r\nPreview: 4\r\nAllow: 204\r\n\r\n";

/// Hears one connection: for each step it waits until it has heard this, then
/// says that. Then it closes.
fn stage(steps: Vec<(&'static str, String)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a caller");
        let mut heard = Vec::new();
        for (until, answer) in steps {
            while !heard.windows(until.len()).any(|it| it == until.as_bytes()) {
                let mut piece = [0; 4_096];
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => return,
                    Ok(read) => heard.extend_from_slice(&piece[..read]),
                }
            }
            heard.clear();
            if stream.write_all(answer.as_bytes()).is_err() {
                return;
            }
        }
    });
    address
}

/// What becomes of a text of eight bytes.
fn asked(scanners: Scanners) -> Result<End, RebuildError> {
    Ok(desk(scanners).rebuilder.rebuild("a.txt", b"eight by")?.end)
}

fn by_clamd(answer: &str, need: Need) -> Result<End, RebuildError> {
    let place = stage(vec![("eight by\0\0\0\0", answer.to_owned())]);
    asked(clamd(&place.to_string(), need))
}

fn by_icap(steps: Vec<(&'static str, String)>, need: Need) -> Result<End, RebuildError> {
    let place = stage(steps);
    asked(icap(&format!("icap://{place}/scan"), need, IcapMethod::Respmod))
}

fn is_held(end: Result<End, RebuildError>, reason: HoldReason) -> bool {
    matches!(end, Ok(End::Held(found)) if found == reason)
}

/// NF-32: a scanner that does not answer, or not in words we know, lets nothing
/// pass that must be scanned; the fault is the host's and not the file's.
#[test]
fn what_must_be_scanned_waits_for_its_scanner() {
    for odd in ["", "stream: ERROR\0", "OK\0", "stream: Can't allocate memory ERROR\0"] {
        assert!(matches!(by_clamd(odd, Need::Required), Err(RebuildError::Scanner(_))), "{odd:?}");
        assert!(matches!(by_clamd(odd, Need::IfAvailable), Ok(End::Rebuilt(_))), "{odd:?}");
    }
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let place = nobody.local_addr().expect("an address").to_string();
    drop(nobody);
    assert!(matches!(asked(clamd(&place, Need::Required)), Err(RebuildError::Scanner(_))));
    let service = format!("icap://{place}/x");
    let down = asked(icap(&service, Need::Required, IcapMethod::Reqmod));
    assert!(matches!(down, Err(RebuildError::Scanner(_))));
    let down = asked(icap(&service, Need::IfAvailable, IcapMethod::Reqmod));
    assert!(matches!(down, Ok(End::Rebuilt(_))));
}

/// NF-32: known malware is held under any policy; what a required scanner does
/// not take for its size is held, too.
#[test]
fn known_malware_is_held() {
    for need in [Need::Required, Need::IfAvailable] {
        assert!(is_held(by_clamd("stream: Some.Virus FOUND\0", need), HoldReason::ScannerHit));
    }
    let large = "INSTREAM size limit exceeded. ERROR\0";
    assert!(is_held(by_clamd(large, Need::Required), HoldReason::TooLarge));
    assert!(matches!(by_clamd(large, Need::IfAvailable), Ok(End::Rebuilt(_))));
    assert!(matches!(by_clamd("stream: OK\0", Need::Required), Ok(End::Rebuilt(_))));
}

/// NF-32: an ICAP service is shown the beginning, then the rest when it asks;
/// unchanged is clean, anything else is not.
#[test]
fn an_icap_service_decides() {
    let hello = || ("\r\n\r\n", OPTIONS.to_owned());
    let rest = || ("eigh\r\n0\r\n\r\n", "ICAP/1.0 100 Continue\r\n\r\n".to_owned());
    let says = |words: &str| ("t by\r\n0\r\n\r\n", words.to_owned());
    let unchanged = "ICAP/1.0 204 No Content\r\n\r\n";
    let passed = by_icap(vec![hello(), rest(), says(unchanged)], Need::Required);
    assert!(matches!(passed, Ok(End::Rebuilt(_))));

    let head =
        "ICAP/1.0 200 OK\r\nEncapsulated: res-hdr=0, res-body=19\r\n\r\nHTTP/1.1 200 OK\r\n\r\n";
    let back = format!("{head}8\r\neight by\r\n0\r\n\r\n");
    let passed = by_icap(vec![hello(), rest(), says(&back)], Need::Required);
    assert!(matches!(passed, Ok(End::Rebuilt(_))));

    let other = format!("{head}4\r\nsafe\r\n0\r\n\r\n");
    let named = "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Threat=V;\r\n\r\n";
    for answer in [other.as_str(), named] {
        let held = by_icap(vec![hello(), rest(), says(answer)], Need::IfAvailable);
        assert!(is_held(held, HoldReason::ScannerHit), "{answer}");
    }
    for answer in ["ICAP/1.0 500 Oh\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\n", ""] {
        let down = by_icap(vec![hello(), rest(), says(answer)], Need::Required);
        assert!(matches!(down, Err(RebuildError::Scanner(_))), "{answer}");
    }
    // A service that blocks after the beginning alone.
    let early = ("eigh\r\n0\r\n\r\n", named.to_owned());
    assert!(is_held(by_icap(vec![hello(), early], Need::Required), HoldReason::ScannerHit));
}

/// NF-32, IK-3.5.3, MN-7.3b: two scanners of different makes look at a file: one of them
/// that knows it is enough to hold it, and it passes when both let it.
#[test]
fn two_scanners_of_different_makes_decide_together() {
    let (clean, virus) = ("stream: OK\0", "stream: Some.Virus FOUND\0");
    let unchanged = "ICAP/1.0 204 No Content\r\n\r\n";
    let named = "ICAP/1.0 200 OK\r\nX-Infection-Found: Type=0; Threat=V;\r\n\r\n";
    let both = |first: &str, second: &str| {
        let one = stage(vec![("eight by\0\0\0\0", first.to_owned())]);
        let hello = ("\r\n\r\n", OPTIONS.to_owned());
        let rest = ("eigh\r\n0\r\n\r\n", "ICAP/1.0 100 Continue\r\n\r\n".to_owned());
        let said = ("t by\r\n0\r\n\r\n", second.to_owned());
        let other = format!("icap://{}/scan", stage(vec![hello, rest, said]));
        let other = icap(&other, Need::Required, IcapMethod::Respmod).icap;
        asked(Scanners { icap: other, ..clamd(&one.to_string(), Need::Required) })
    };
    assert!(matches!(both(clean, unchanged), Ok(End::Rebuilt(_))));
    assert!(is_held(both(clean, named), HoldReason::ScannerHit));
    assert!(is_held(both(virus, unchanged), HoldReason::ScannerHit));
    assert!(matches!(both(clean, ""), Err(RebuildError::Scanner(_))), "the second is down");
    assert!(matches!(both("", unchanged), Err(RebuildError::Scanner(_))), "the first is down");
}

/// The file of an `INSTREAM`: chunks behind their lengths, the last of none.
fn streamed(from: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let (mut verb, mut length, mut file) = ([0; 10], [0; 4], Vec::new());
    from.read_exact(&mut verb)?;
    loop {
        from.read_exact(&mut length)?;
        let most = u64::from(u32::from_be_bytes(length));
        if most == 0 {
            return Ok(file);
        }
        std::io::Read::take(&mut *from, most).read_to_end(&mut file)?;
    }
}

/// A scanner that finds every file clean but those with this in them, and tells
/// what it was shown.
fn attentive(knows: &'static [u8]) -> (SocketAddr, Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (tell, shown) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a caller");
            let heard = streamed(&mut stream).expect("a file in chunks");
            let known = contains(&heard, knows);
            let answer: &[u8] = if known { b"stream: Macro FOUND\0" } else { b"stream: OK\0" };
            stream.write_all(answer).expect("an answer");
            if tell.send(heard).is_err() {
                return;
            }
        }
    });
    (address, shown)
}

/// NF-32: what is in a locked document is shown to scanners as it was sent,
/// macros and all, and not only as it was rebuilt.
#[test]
fn what_a_password_opened_is_shown_to_scanners() {
    let with_macro = word::document("<w:p/>")
        .related(word::MAIN, "vbaProject", "word/vbaProject.bin")
        .with("word/vbaProject.bin", "Sub AutoOpen()");
    let sheet = word::document("<w:p/>");
    let document =
        |package: &crate::office::package::Package| office::agile(&package.bytes(), WORD, 1_000);
    // Each name stands in the clear in what was opened, and nowhere else.
    for (name, bytes, knows, known) in [
        ("a.docm", document(&with_macro), &b"vbaProject.bin"[..], true),
        ("a.docx", document(&sheet), b"vbaProject.bin", false),
        ("a.odt", opendocument::locked(1_000, 1_000), "世帯の全員".as_bytes(), true),
    ] {
        let (place, _shown) = attentive(knows);
        let desk = desk(clamd(&place.to_string(), Need::Required));
        let sent = desk.sends_with(name, &bytes, &password(WORD));
        if known {
            sent.is_held_with(HoldReason::ScannerHit);
            assert_eq!(sent.0.malware.as_deref(), Some("Macro"), "{name}");
        } else {
            assert!(matches!(sent.0.end, End::Rebuilt(_)), "{name}");
        }
    }
    // The file, what was opened, the result; of a file without a lock the first alone.
    let plain = Paper::saying("resident record").written();
    let locked = tools::locked(&plain, "himitsu", "owner", &["256"]);
    for (bytes, times) in [(&locked, 3), (&plain, 1)] {
        let (place, shown) = attentive(b"no file has this");
        let desk = desk(clamd(&place.to_string(), Need::Required));
        desk.sends_with("a.pdf", bytes, &password("himitsu")).becomes("a.pdf");
        let shown: Vec<Vec<u8>> = shown.try_iter().collect();
        assert_eq!(shown.len(), times);
        let closed = shown.iter().filter(|it| contains(it, b"/Encrypt")).count();
        assert_eq!(closed, usize::from(times == 3), "the file alone is closed");
    }
}
