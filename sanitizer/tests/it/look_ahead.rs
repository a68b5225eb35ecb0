//! `sanitizer explain -`: what the sender is told before sending.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::desk::{Desk, contains};
use crate::pictures::{exif, gradient, jpeg, jpeg_with};
use crate::worker;

/// Runs `explain - --json` on bytes, with more arguments.
fn seen_ahead(bytes: &[u8], args: &[&str]) -> Output {
    let _built = worker::program();
    let mut child = Command::new(env!("CARGO_BIN_EXE_sanitizer"))
        .args(["explain", "--json", "-"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A program that knows enough stops reading.
    let _known = stdin.write_all(bytes);
    drop(stdin);
    child.wait_with_output().expect("the program ends")
}

fn answer(done: &Output) -> Value {
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}

fn sentences(answer: &Value) -> Vec<&str> {
    let list = answer["sentences"].as_array().expect("a list");
    list.iter().map(|it| it.as_str().expect("a sentence")).collect()
}

/// NF-32: the sender reads before sending what will not survive, in plain words.
#[test]
fn a_sender_reads_what_will_change() {
    let seen = answer(&seen_ahead(b"a,=1+1\n", &["--name", "b.csv"]));
    assert_eq!((&seen["version"], &seen["kind"]), (&Value::from(1), &Value::from("csv")));
    assert_eq!((&seen["outcome"], &seen["output"]), (&"rebuilt".into(), &"b.csv".into()));
    assert_eq!((&seen["reason"], &seen["needs_password"]), (&Value::Null, &false.into()));
    assert_eq!(seen["changed"][0]["what"], "formulas_neutralised");
    assert_eq!(seen["changed"][0]["count"], 1);
    assert_eq!(sentences(&seen), ["「=」などで始まる項目は、文字として届きます(1件)。"]);
}

/// NF-32: what nobody would miss is listed and not shown.
#[test]
fn a_sender_is_not_told_what_nobody_would_miss() {
    let photo = jpeg_with(&jpeg(&gradient(1), 16, 16), &[(0xe1, &exif(1))]);
    let seen = answer(&seen_ahead(&photo, &["--name", "a.jpg"]));
    assert_eq!(seen["removed"][0]["what"], "exif");
    assert_eq!(seen["removed"][0]["telling"], false);
    assert!(sentences(&seen).is_empty());
}

/// NF-32: a file that would be held says so, with what to do.
#[test]
fn a_sender_reads_what_to_do_about_a_file_that_would_be_held() {
    let seen = answer(&seen_ahead(b"MZ\x90\0\x03\0\0\0", &["--name", "請求書.pdf"]));
    assert_eq!((&seen["outcome"], &seen["reason"]), (&"held".into(), &"active_only".into()));
    assert_eq!((&seen["output"], &seen["needs_password"]), (&Value::Null, &false.into()));
    let told = sentences(&seen);
    assert_eq!(told.len(), 2);
    assert!(told[1].contains("文書や画像にして"), "{told:?}");
}

/// NF-32: no more is read than shows that a file is too large.
#[test]
fn a_file_beyond_the_limit_is_not_read_to_its_end() {
    let desk = Desk::new();
    let policy = desk.lays("p.toml", b"[limits]\ninput_mb = 1\n");
    let policy = policy.to_str().expect("a path");
    let done = seen_ahead(&vec![b'a'; 8 << 20], &["--name", "a.txt", "--policy", policy]);
    assert_eq!(answer(&done)["reason"], "too_large");
}

/// NF-32: without a worker nothing is said about the file.
#[test]
fn a_fault_of_ours_gives_no_answer() {
    let done = seen_ahead(b"text", &["--name", "a.txt", "--worker", "/nowhere"]);
    assert_eq!((done.status.code(), done.stdout.len()), (Some(1), 0));
}

/// NF-32: a password comes out of a file, has one line and never shows.
#[test]
fn a_password_is_one_line_of_a_file() {
    let desk = Desk::new();
    desk.lays("a.txt", b"text");
    desk.lays("good", "ひみつ\r\n".as_bytes());
    let run = desk.runs(&["a.txt", "-o", "b.txt", "--password-file", "good"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    let long = vec![b'a'; 257];
    for bad in [&b""[..], b"\n", b"one\ntwo\n", b"\xff\xfe", &long] {
        desk.lays("bad", bad);
        let run = desk.runs(&["a.txt", "-o", "c.txt", "--password-file", "bad"]);
        assert_eq!(run.code, Some(2), "{bad:?}");
        assert!(bad.len() < 3 || !contains(run.err.as_bytes(), bad), "{}", run.err);
        assert!(!desk.path("c.txt").exists());
    }
    let run = desk.runs(&["explain", "a.txt", "--password-file", "missing"]);
    assert_eq!(run.code, Some(2));
}
