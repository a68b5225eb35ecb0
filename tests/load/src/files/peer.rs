//! The same files through mat2, when it is installed: how many it gives back, how
//! many of those are clean, and when.
//!
//! Clean means here that `sanitizer explain` finds nothing in the result that acts,
//! leads out or hides; of our own results it says so by what the verifier knows.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use super::{files, real};

/// What a clean result has none of, as the report spells it.
const UNCLEAN: [&str; 22] = [
    "macros",
    "macro_sheets",
    "macro_calls",
    "activex",
    "custom_ui",
    "ole_objects",
    "embedded_files",
    "embedded_html",
    "media",
    "external_references",
    "active_fields",
    "dde",
    "connections",
    "active_formulas",
    "javascript",
    "actions",
    "xfa",
    "hidden_revisions",
    "stray_bytes",
    "exif",
    "active_members",
    "member_links",
];

/// Prints how mat2 does on the same files.
pub(super) fn measure(sanitizer: &Path, corpus: &Path) -> Result<(), String> {
    let there = Command::new("mat2").arg("--version").stdout(Stdio::null()).status();
    if !there.is_ok_and(|status| status.success()) {
        println!("mat2 is not installed: no figures of a peer in this run");
        return Ok(());
    }
    let (mut wished, mut given, mut clean) = (0_u64, 0_u64, 0_u64);
    let mut times = Vec::new();
    let mut found = BTreeMap::<String, u64>::new();
    for (path, wish) in files(corpus)? {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let copy = folder.path().join(path.file_name().unwrap_or_default());
        fs::copy(&path, &copy).map_err(|error| error.to_string())?;
        let begun = Instant::now();
        let mut mat2 = Command::new("mat2");
        mat2.arg("--inplace").arg(&copy).stdout(Stdio::null()).stderr(Stdio::null());
        let done = mat2.status().is_ok_and(|status| status.success());
        times.push(begun.elapsed());
        if wish != "rebuilt" {
            continue;
        }
        wished += 1;
        if !done {
            continue;
        }
        given += 1;
        let unclean = unclean(sanitizer, &copy)?;
        clean += u64::from(unclean.is_empty());
        for kind in unclean {
            *found.entry(kind).or_default() += 1;
        }
    }
    times.sort_unstable();
    let median = times.get(times.len() / 2).map_or(0.0, |it| it.as_secs_f64() * 1e3);
    let share = 100.0 * real(clean) / real(given.max(1));
    println!(
        "mat2: {given} of {wished} that should be rebuilt given back, {clean} of those clean \
         ({share:.0} %), median of all {median:.0} ms"
    );
    let mut found: Vec<(String, u64)> = found.into_iter().collect();
    found.sort_by_key(|it| std::cmp::Reverse(it.1));
    let found: Vec<String> =
        found.iter().take(8).map(|(kind, files)| format!("{kind} {files}")).collect();
    println!("mat2: left in results: {}", found.join(", "));
    Ok(())
}

/// What of [`UNCLEAN`] is in a file; a file nobody can open is not clean either.
fn unclean(sanitizer: &Path, file: &Path) -> Result<Vec<String>, String> {
    let mut explain = Command::new(sanitizer);
    explain.arg("explain").arg("--json").arg(file).stderr(Stdio::null());
    let told = explain.output().map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_slice(&told.stdout).map_err(|error| error.to_string())?;
    let removed = &report["files"][0]["removed"];
    let Some(removed) = removed.as_array() else {
        return Ok(vec!["cannot be opened".to_owned()]);
    };
    let kinds = removed.iter().filter_map(|it| it["kind"].as_str());
    let mut found: Vec<String> =
        kinds.filter(|kind| UNCLEAN.contains(kind)).map(str::to_owned).collect();
    found.sort();
    found.dedup();
    Ok(found)
}
