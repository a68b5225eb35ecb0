//! The interface under a schema fuzzer that knows nothing but the description.

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Command;

use crate::desk::Desk;

/// Where `cargo xtask test` puts the fuzzer.
fn fuzzer() -> PathBuf {
    let tmp = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let place = tmp.parent().expect("a target folder").join("schemathesis/bin/schemathesis");
    assert!(
        place.exists(),
        "the schema fuzzer is missing: run `cargo xtask test`, which installs it from PyPI \
         (xtask/schemathesis.txt) into {}",
        place.display()
    );
    place
}

/// NB-2.6, IK-2.1.2d2: whatever the description allows or forbids to send, the answer is one the
/// description names, never a fault; what does not fit is never taken.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_answered_is_what_the_description_says() {
    let fuzzer = fuzzer();
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let system = desk.able().await;
    let mut last = String::new();
    for given in ["一", "二", "三"] {
        last = desk.applied(given).await;
    }
    let site = format!("http://{}", desk.address());
    // Anything at all, then one application that is there, as it arrived.
    let known = format!("[parameters]\n\"path.id\" = \"{last}\"\n\"header.If-Match\" = '\"1\"'\n");
    for parameters in ["", &known] {
        let settings = desk.file("schemathesis.toml", &format!("{MISSING}{parameters}"));
        let run = Command::new(&fuzzer)
            .arg("--config-file")
            .arg(&settings)
            .args(["run", &format!("{site}/api/v1/openapi.json")])
            .args(["--header", &format!("Authorization: Bearer {}", system.secret)])
            .args(["--phases", "examples,coverage,fuzzing", "--seed", "7"])
            .args(["--max-examples", "30", "--no-color", "--suppress-health-check", "all"])
            .args(["--checks", CHECKS])
            .current_dir(settings.parent().expect("a folder"))
            .kill_on_drop(true)
            .output();
        // It asks thousands of times; this only ends a hang.
        let run = tokio::time::timeout(Duration::from_secs(3_600), run).await;
        let run = run.expect("it ends").expect("it starts");
        let said = String::from_utf8_lossy(&run.stdout);
        assert!(run.status.success(), "{said}{}", String::from_utf8_lossy(&run.stderr));
        assert!(said.contains("passed"), "it asked something: {said}");
    }
    desk.closes().await;
}

/// A write that names no version is answered with 428, which the fuzzer's own list lacks.
const MISSING: &str = "[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 406, 415, 422, 428]

";

/// What every answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
response_headers_conformance,response_schema_conformance,negative_data_rejection,\
missing_required_header,unsupported_method,allow_header_conformance,ignored_auth";
