//! What the translations of the citizens' pages lack, and the record of what they were made from.
//! `cargo xtask texts` runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

use platform_web::catalogue::BadTexts;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        [] => list().map(|_| true),
        ["--complete"] => list().map(|lacks| lacks == 0),
        ["--record", language, keys @ ..] => record(language, keys),
        _ => {
            eprintln!("texts [--complete | --record LANGUAGE [KEY…]]");
            return ExitCode::FAILURE;
        }
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Prints every gap, then how many there are in each language.
fn list() -> Result<usize, BadTexts> {
    let gaps = internet_zone_web::gaps()?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (language, key, gap) in &gaps {
        println!("{language}\t{gap}\t{key}");
        *counts.entry(language).or_default() += 1;
    }
    for (language, count) in counts {
        println!("{language}: {count}");
    }
    if gaps.is_empty() {
        println!("every text is translated from the present Japanese");
    }
    Ok(gaps.len())
}

/// Writes down that the texts of the keys were translated from the present Japanese.
fn record(language: &str, keys: &[&str]) -> Result<bool, BadTexts> {
    let Some(record) = internet_zone_web::record(language, keys)? else {
        eprintln!("no such language: {language}");
        return Ok(false);
    };
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("texts").join(language);
    match std::fs::write(path.join("made-from.txt"), record) {
        Ok(()) => Ok(true),
        Err(error) => {
            eprintln!("{}: {error}", path.display());
            Ok(false)
        }
    }
}
