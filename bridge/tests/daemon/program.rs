//! The sanitizer as a program of its own.

use std::path::PathBuf;

use bridge::config::Sanitizer;
use bridge::relay::{NoAnswer, Program, Sanitize};
use bridge_contract::digest::Digest;
use bridge_contract::ids::{ApplicationId, AttachmentId};
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::{Declared, HoldReason, Outcome, Verdict};
use bridge_contract::pipe::{PipeAnswer, PipeRequest};
use bridge_contract::wire::encode;
use platform_service::config::Within;

fn request() -> PipeRequest {
    let bytes = vec![1; 300_000];
    PipeRequest {
        application_id: ApplicationId::from_bits(1),
        declared: Declared {
            id: AttachmentId::from_bits(2),
            field: "file".to_owned(),
            name: "a.pdf".to_owned(),
            media: "application/pdf".to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        },
        bytes,
        password: None,
    }
}

fn answer() -> PipeAnswer {
    let request = request();
    let verdict = Verdict::sign(
        &request.application_id,
        request.declared.id,
        request.declared.sha256,
        Outcome::Held(HoldReason::Encrypted),
        1,
        &SigningKey::from_seed(&[1; 32]).expect("any seed is a key"),
    );
    PipeAnswer { verdict, rebuilt: None }
}

/// Runs a shell script in the sanitizer's place; `$ANSWER` is a good answer. It may take its time.
async fn asked(script: &str) -> Result<PipeAnswer, NoAnswer> {
    asked_within(120, script).await
}

async fn asked_within(seconds: i64, script: &str) -> Result<PipeAnswer, NoAnswer> {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("answer");
    std::fs::write(&file, encode(&answer())).expect("written");
    let program = dir.path().join("sanitizer");
    let script = script.replace("$ANSWER", &file.display().to_string());
    platform_testkit::script::lay_script(&program, &script);
    let config = Sanitizer {
        program,
        arguments: vec!["pipe".to_owned()],
        scanners: Vec::new(),
        timeout_seconds: Within::new(seconds).expect("allowed"),
        parallel: None,
    };
    let key = PathBuf::from("/keys/verdict.key");
    Program::new(&config, key).expect("it is there").rebuild(request()).await
}

/// NF-32: the program gets the request on its input and the key by file name.
#[tokio::test]
async fn a_good_program_is_heard() {
    let arguments = "[ \"$1 $2 $3\" = 'pipe --key /keys/verdict.key' ] || exit 9";
    assert_eq!(asked(&format!("{arguments}\ncat > /dev/null\ncat $ANSWER")).await, Ok(answer()));
    // Also one that does not read everything.
    assert_eq!(asked("cat $ANSWER").await, Ok(answer()));
}

/// NF-32, I17: a program that fails in any way costs one attachment only.
#[tokio::test]
async fn a_bad_program_costs_one_attachment_only() {
    for script in [
        "exit 1",
        "cat $ANSWER; exit 1",
        "kill -9 $$",
        "echo nonsense",
        "cat $ANSWER; echo more",
        "head -c 70000000 /dev/zero",
    ] {
        assert_eq!(asked(script).await, Err(NoAnswer::Failed), "{script}");
    }
}

/// NF-32: a scanner that is down is no fault of the file, and no answer either.
#[tokio::test]
async fn a_program_may_ask_to_be_asked_later() {
    assert_eq!(asked("cat > /dev/null; exit 75").await, Err(NoAnswer::Later));
    assert_eq!(asked("cat $ANSWER; exit 75").await, Err(NoAnswer::Later));
}

#[tokio::test]
async fn a_program_that_takes_too_long_is_ended() {
    assert_eq!(asked_within(1, "exec sleep 60").await, Err(NoAnswer::TooLong));
}
