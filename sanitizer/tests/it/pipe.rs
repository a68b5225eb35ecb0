//! `sanitizer pipe` as the relay uses it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::{Declared, HoldReason, Outcome};
use bridge_contract::pipe::{PipeAnswer, PipeRequest};
use bridge_contract::wire;
use domain::ids::{ApplicationId, AttachmentId};

use crate::desk::Desk;
use crate::pictures::{colours, exif, gradient, jpeg, jpeg_with, png};
use crate::worker;

fn request(name: &str, bytes: &[u8]) -> PipeRequest {
    PipeRequest {
        application_id: ApplicationId::from_bits(7),
        declared: Declared {
            id: AttachmentId::from_bits(8),
            field: "photo".to_owned(),
            name: name.to_owned(),
            media: "application/octet-stream".to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(bytes),
        },
        bytes: bytes.to_vec(),
        password: None,
    }
}

fn piped(key: &std::path::Path, input: &[u8]) -> Output {
    let _built = worker::program();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sanitizer"))
        .arg("pipe")
        .arg("--key")
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let _closed_early = stdin.write_all(input);
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

/// NF-32: a rebuilt file comes with a verdict signed for this application and this file.
#[test]
fn a_rebuilt_attachment_is_signed_for() {
    let desk = Desk::new();
    let (key, document) = SigningKey::generate();
    let key_file = desk.lays("key", &document);
    let sent = request("写真.bmp.png", &png(&gradient(4), 16, 16));
    let done = piped(&key_file, &wire::encode(&sent));
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let PipeAnswer { verdict, rebuilt } = wire::decode(&done.stdout).expect("an answer");
    assert!(verdict.holds_for(&sent.application_id, [key.verify_key()]));
    assert!(!verdict.holds_for(&ApplicationId::from_bits(1), [key.verify_key()]));
    assert_eq!(verdict.attachment_id, sent.declared.id);
    assert_eq!(verdict.in_sha256, sent.declared.sha256);
    assert_eq!(verdict.policy_version, 1);
    let rebuilt = rebuilt.expect("a file");
    let Outcome::Rebuilt(described) = verdict.outcome else { panic!("held") };
    assert_eq!(described.out_sha256, Digest::of(&rebuilt));
    assert_eq!((described.name.as_str(), described.media.as_str()), ("写真.bmp.png", "image/png"));
    assert_eq!(colours(&rebuilt), gradient(4));
}

#[test]
fn the_verdict_lists_removals_and_changes() {
    let desk = Desk::new();
    let key_file = desk.lays("key", &SigningKey::generate().1);
    let photo = jpeg_with(&jpeg(&gradient(1), 16, 16), &[(0xe1, &exif(6))]);
    let done = piped(&key_file, &wire::encode(&request("a.jpg", &photo)));
    let answer: PipeAnswer = wire::decode(&done.stdout).expect("an answer");
    let Outcome::Rebuilt(described) = answer.verdict.outcome else { panic!("held") };
    let told: Vec<&str> = described.removed.iter().map(|it| it.what.as_str()).collect();
    assert_eq!(told, ["exif", "oriented"]);
}

#[test]
fn a_held_attachment_is_signed_for_too() {
    let desk = Desk::new();
    let (key, document) = SigningKey::generate();
    let key_file = desk.lays("key", &document);
    let sent = request("請求書.pdf", b"MZ\x90\0");
    let done = piped(&key_file, &wire::encode(&sent));
    let PipeAnswer { verdict, rebuilt } = wire::decode(&done.stdout).expect("an answer");
    assert_eq!(verdict.outcome, Outcome::Held(HoldReason::ActiveOnly));
    assert_eq!(rebuilt, None);
    assert!(verdict.signature.is_some());
    assert!(verdict.holds_for(&sent.application_id, [key.verify_key()]));
}

/// Without a key or a request there is no verdict, and the relay sees it.
#[test]
fn nothing_is_answered_without_key_or_request() {
    let desk = Desk::new();
    let good = wire::encode(&request("a.txt", b"text"));
    let bad_key = desk.lays("bad", b"not a key");
    assert_eq!(piped(&bad_key, &good).status.code(), Some(1));
    assert_eq!(piped(&desk.path("missing"), &good).status.code(), Some(1));
    let key_file = desk.lays("key", &SigningKey::generate().1);
    for input in [&b""[..], &b"nonsense"[..], &good[..good.len() - 1]] {
        let done = piped(&key_file, input);
        assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
    }
}
