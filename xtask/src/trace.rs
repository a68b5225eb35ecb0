//! `cargo xtask trace`: the table of requirements (機能要件対応表).
//!
//! A requirement is met where a doc comment names its id, and shown by a test
//! whose doc comment names it. What is known to be missing of one that tests name is the only thing
//! written by hand, in `docs/requirements-partly.tsv`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::Fallible;

const LIST: &str = "docs/requirements.tsv";
const PARTLY: &str = "docs/requirements-partly.tsv";
const TABLE: &str = "docs/requirements.md";

#[derive(Default)]
struct Found {
    places: BTreeSet<String>,
    tests: BTreeSet<String>,
}

pub(crate) fn run(check: bool) -> Fallible<()> {
    let list = std::fs::read_to_string(LIST)?;
    let rows = table_of(&list);
    let ids: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    let mut found: BTreeMap<&str, Found> = BTreeMap::new();
    for file in sources()? {
        read(&file, &std::fs::read_to_string(&file)?, &ids, &mut found);
    }
    let partly = std::fs::read_to_string(PARTLY)?;
    let table = print(&rows, &found, &missing(&partly, &found)?);
    if !check {
        std::fs::write(TABLE, table)?;
        return Ok(());
    }
    if std::fs::read_to_string(TABLE).unwrap_or_default() == table {
        return Ok(());
    }
    Err(format!("{TABLE} is out of date: run `cargo xtask trace` and commit it").into())
}

/// The lines of a table without its heading and remarks.
fn table_of(text: &str) -> Vec<Vec<&str>> {
    let lines = text.lines().skip(1).filter(|line| !line.starts_with('#') && !line.is_empty());
    lines.map(|line| line.split('\t').collect()).collect()
}

/// What is missing of requirements that tests name, by id.
///
/// # Errors
/// When a line is none, or no test names its requirement: then all of it is missing.
fn missing<'a>(
    partly: &'a str,
    found: &BTreeMap<&str, Found>,
) -> Fallible<BTreeMap<&'a str, &'a str>> {
    let mut missing = BTreeMap::new();
    for row in table_of(partly) {
        let [id, words] = row[..] else { return Err(format!("{PARTLY}: {row:?}").into()) };
        if found.get(id).is_none_or(|found| found.tests.is_empty()) {
            return Err(format!("{PARTLY}: no test names {id}").into());
        }
        missing.insert(id, words);
    }
    Ok(missing)
}

fn sources() -> Fallible<Vec<String>> {
    let listed = Command::new("git").args(["ls-files", "--", "*.rs"]).output()?;
    let files = String::from_utf8(listed.stdout)?;
    Ok(files.lines().filter(|file| Path::new(file).exists()).map(str::to_owned).collect())
}

/// Reads the ids in the doc comments of one file.
fn read<'a>(file: &str, text: &str, ids: &BTreeSet<&'a str>, found: &mut BTreeMap<&'a str, Found>) {
    let (mut named, mut is_test) = (BTreeSet::new(), false);
    for line in text.lines().map(str::trim) {
        if line.starts_with("//!") {
            for id in ids_in(line, ids) {
                found.entry(id).or_default().places.insert(file.to_owned());
            }
        } else if line.starts_with("///") {
            named.extend(ids_in(line, ids));
        } else if line.starts_with("#[") {
            is_test |= line.contains("test]") || line.contains("test(");
        } else if !line.starts_with("//") && !line.is_empty() {
            let test = test_name(line).filter(|_| is_test || in_test_macro(line));
            for id in std::mem::take(&mut named) {
                let found: &mut Found = found.entry(id).or_default();
                match test {
                    Some(name) => found.tests.insert(format!("`{name}` ({file})")),
                    None => found.places.insert(file.to_owned()),
                };
            }
            is_test = false;
        }
    }
}

fn ids_in<'a>(line: &str, ids: &BTreeSet<&'a str>) -> Vec<&'a str> {
    line.split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '.')))
        .filter_map(|word| ids.get(word.trim_end_matches(['.', '-'])).copied())
        .collect()
}

/// The name in `async fn name() {`, or the first argument of a test macro.
fn test_name(line: &str) -> Option<&str> {
    match line.split_once("fn ") {
        Some((_, rest)) => rest.split(['(', '<']).next(),
        None => line.strip_suffix(',').filter(|name| is_identifier(name)),
    }
}

fn in_test_macro(line: &str) -> bool {
    line.strip_suffix(',').is_some_and(|name| is_identifier(name) && name.contains('_'))
}

fn is_identifier(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

fn print(
    rows: &[Vec<&str>],
    found: &BTreeMap<&str, Found>,
    missing: &BTreeMap<&str, &str>,
) -> String {
    let mut shown = 0;
    let mut lines = String::new();
    let none = Found::default();
    for row in rows {
        let [id, source, must, words, by] = row[..] else { continue };
        let Found { places, tests } = found.get(id).unwrap_or(&none);
        shown += usize::from(!tests.is_empty());
        let mark = match missing.get(id) {
            _ if tests.is_empty() => "–".to_owned(),
            Some(words) => format!("△ {words}"),
            None => "○".to_owned(),
        };
        let must = if must == "must" { "必須" } else { "任意" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            lines,
            "| {id} | {source} | {must} | {words} | {by} | {mark} | {} | {} |",
            joined(places),
            joined(tests),
        );
    }
    format!(
        "# 機能要件対応表\n\n\
         Written by `cargo xtask trace` from the doc comments of the code; not edited by hand.\n\
         ○: at least one test names the requirement, and nothing of it is known to be missing. △: tests name it, and\n\
         what stands behind the mark is missing or not shown (`docs/requirements-partly.tsv`). {shown} of {} are shown by a test,\n\
         {} of them in part.\n\n\
         | id | 条項 | 区分 | 要件 | 方法 | 対応 | 実装 | 確認する試験 |\n\
         |---|---|---|---|---|---|---|---|\n{lines}",
        rows.len(),
        missing.len(),
    )
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join("<br>")
}
