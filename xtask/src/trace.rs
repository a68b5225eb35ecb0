//! `cargo xtask trace`: the table of requirements (機能要件対応表).
//!
//! A requirement is met where a doc comment names its id, and shown by a test
//! whose doc comment names it. Nothing is written by hand, so it is true.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use crate::Fallible;

const LIST: &str = "docs/requirements.tsv";
const TABLE: &str = "docs/requirements.md";

#[derive(Default)]
struct Found {
    places: BTreeSet<String>,
    tests: BTreeSet<String>,
}

pub(crate) fn run(check: bool) -> Fallible<()> {
    let list = std::fs::read_to_string(LIST)?;
    let rows: Vec<Vec<&str>> = list
        .lines()
        .skip(1)
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.split('\t').collect())
        .collect();
    let ids: BTreeSet<&str> = rows.iter().map(|row| row[0]).collect();
    let mut found: BTreeMap<&str, Found> = BTreeMap::new();
    for file in sources()? {
        read(&file, &std::fs::read_to_string(&file)?, &ids, &mut found);
    }
    let table = print(&rows, &found);
    if !check {
        std::fs::write(TABLE, table)?;
        return Ok(());
    }
    if std::fs::read_to_string(TABLE).unwrap_or_default() == table {
        return Ok(());
    }
    Err(format!("{TABLE} is out of date: run `cargo xtask trace` and commit it").into())
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

fn print(rows: &[Vec<&str>], found: &BTreeMap<&str, Found>) -> String {
    let mut shown = 0;
    let mut lines = String::new();
    let none = Found::default();
    for row in rows {
        let [id, source, must, words, by] = row[..] else { continue };
        let Found { places, tests } = found.get(id).unwrap_or(&none);
        shown += usize::from(!tests.is_empty());
        let must = if must == "must" { "必須" } else { "任意" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            lines,
            "| {id} | {source} | {must} | {words} | {by} | {} | {} | {} |",
            if tests.is_empty() { "–" } else { "○" },
            joined(places),
            joined(tests),
        );
    }
    format!(
        "# 機能要件対応表\n\n\
         Written by `cargo xtask trace` from the doc comments of the code; not edited by hand.\n\
         ○: at least one test names the requirement. {shown} of {} are shown by a test.\n\n\
         | id | 条項 | 区分 | 要件 | 方法 | 対応 | 実装 | 確認する試験 |\n\
         |---|---|---|---|---|---|---|---|\n{lines}",
        rows.len(),
    )
}

fn joined(words: &BTreeSet<String>) -> String {
    words.iter().map(String::as_str).collect::<Vec<_>>().join("<br>")
}
