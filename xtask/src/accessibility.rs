//! `cargo xtask accessibility`: the result sheet of JIS X 8341-3:2016 (試験結果表).
//!
//! ```text
//! tests/tests/every_page.rs ─► target/tmp/accessibility/*.json ─┐
//! docs/accessibility-criteria.tsv  accessibility-checks.tsv ────┴─► docs/accessibility.md
//! ```
//! Results come from the walk over every page alone; what no machine can judge says so.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::{Fallible, cargo, demo, succeed};

const CRITERIA: &str = "docs/accessibility-criteria.tsv";
const CHECKS: &str = "docs/accessibility-checks.tsv";
const SHEET: &str = "docs/accessibility.md";
/// The files that the walk leaves.
const WALKS: [&str; 4] = ["citizens", "staff", "citizens-refused", "staff-refused"];

/// One check or one rule of axe, over all pages.
#[derive(Default)]
struct Tried {
    criteria: BTreeSet<String>,
    ran: BTreeSet<String>,
    absent: BTreeSet<String>,
    unsure: BTreeSet<String>,
    faulty: BTreeSet<String>,
}

/// Writes the sheet, after a walk over every page or from the last one.
pub(crate) fn write(last: bool) -> Fallible<()> {
    if !last {
        walk(&mut cargo(), &[])?;
    }
    Ok(std::fs::write(SHEET, sheet()?)?)
}

/// Compares the sheet with the last walk. Numbers of pages may differ: a new page does not make
/// the sheet wrong.
pub(crate) fn check() -> Fallible<()> {
    let held = std::fs::read_to_string(SHEET).unwrap_or_default();
    if without_numbers(&held) == without_numbers(&sheet()?) {
        return Ok(());
    }
    Err(format!("{SHEET} is out of date: run `cargo xtask accessibility --last`").into())
}

/// Runs the walk over every page, or those of its tests that the filter names.
pub(crate) fn walk(tests: &mut Command, filter: &[&str]) -> Fallible<()> {
    succeed(cargo().args(["build", "--workspace", "--bins"]))?;
    succeed(tests.args(["test", "--workspace", "--test", "every_page"]).args(filter))
}

fn sheet() -> Fallible<String> {
    let tried = results(&demo::target_folder()?.join("tmp/accessibility"))?;
    let (criteria, checks) = (rows(CRITERIA)?, rows(CHECKS)?);
    for check in criteria.iter().flat_map(|row| row[3].split_whitespace()) {
        let known = checks.iter().any(|row| row[0] == check) && tried.contains_key(check);
        if !known {
            return Err(format!("{CRITERIA} names {check}, which no page was put to").into());
        }
    }
    let pages: BTreeSet<&String> = tried.values().flat_map(|one| &one.ran).collect();
    let of = |zone: &str| pages.iter().filter(|page| page.starts_with(zone)).count();
    let mut text = format!(
        "# 試験結果表(JIS X 8341-3:2016 適合レベルAA)\n\n\
         Written by `cargo xtask accessibility` from the walk over every page; not edited by hand.\n\n\
         対象は市民の画面{}枚(6言語、入力の誤りの画面を含む)と職員の画面{}枚です。\
         幅1280pxと320pxの窓で開き、axe-coreの規則と独自の検査をすべての画面で行いました。\
         「問題なし」は機械で確かめた範囲の結果で、達成基準への適合を表すものではありません。\
         人による確認の欄にあることは、機械では判断できません。\n\n\
         | 達成基準 | 等級 | 検査 | 画面 | 結果 | 人による確認 |\n|---|---|---|---|---|---|\n",
        of("citizens:"),
        of("staff:"),
    );
    for row in &criteria {
        line(&mut text, row, &tried);
    }
    text.push_str(
        "\n## JIS X 8341-3:2016 のほかに確かめること\n\n| 検査 | 画面 | 結果 |\n|---|---|---|\n",
    );
    let named: BTreeSet<&str> = criteria.iter().flat_map(|row| row[3].split_whitespace()).collect();
    for row in checks.iter().filter(|row| !named.contains(row[0].as_str())) {
        let one = tried.get(row[0].as_str()).ok_or_else(|| format!("nobody ran {}", row[0]))?;
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| {} | {} | {} |", row[0], one.ran.len(), verdict(&[one]));
    }
    text.push_str("\n## 独自の検査\n\n| 検査 | 確かめること |\n|---|---|\n");
    for row in &checks {
        let _ = writeln!(text, "| {} | {} |", row[0], row[1]);
    }
    Ok(text)
}

/// One criterion: what covers it, on how many pages, what came of it.
fn line(text: &mut String, row: &[String], tried: &BTreeMap<String, Tried>) {
    let [criterion, level, name, checks, person] = row else { return };
    let own: Vec<&str> = checks.split_whitespace().collect();
    let by = tried.iter().filter(|(check, one)| {
        let of_axe = check.starts_with("axe:") && one.criteria.contains(criterion);
        (of_axe && !(one.ran.is_empty() && one.unsure.is_empty())) || own.contains(&check.as_str())
    });
    let by: Vec<(&String, &Tried)> = by.collect();
    let names: Vec<&str> = by.iter().map(|(check, _)| check.as_str()).collect();
    let ran: BTreeSet<&String> = by.iter().flat_map(|(_, one)| &one.ran).collect();
    let all: Vec<&Tried> = by.iter().map(|(_, one)| *one).collect();
    let silent = own == ["media"] && all.iter().all(|one| one.faulty.is_empty());
    let result = match () {
        () if by.is_empty() && person.is_empty() => "検査なし".to_owned(),
        () if by.is_empty() => "人による確認".to_owned(),
        () if silent => "該当なし(音声・映像がない)".to_owned(),
        () => verdict(&all),
    };
    let unsure: BTreeSet<&String> = all.iter().flat_map(|one| &one.unsure).collect();
    let person = match (person.is_empty(), unsure.is_empty()) {
        (true, true) => "–".to_owned(),
        (false, true) => person.clone(),
        (true, false) => format!("axe-coreが判断を保留した画面{}枚", unsure.len()),
        (false, false) => format!("{person}、axe-coreが判断を保留した画面{}枚", unsure.len()),
    };
    let _ = writeln!(
        text,
        "| {criterion} {name} | {level} | {} | {} | {result} | {person} |",
        if names.is_empty() { "–".to_owned() } else { names.join(" ") },
        ran.len(),
    );
}

fn verdict(tried: &[&Tried]) -> String {
    let faulty: BTreeSet<&String> = tried.iter().flat_map(|one| &one.faulty).collect();
    if faulty.is_empty() {
        "問題なし".to_owned()
    } else {
        format!("問題あり({}枚)", faulty.len())
    }
}

fn results(folder: &Path) -> Fallible<BTreeMap<String, Tried>> {
    let mut all: BTreeMap<String, Tried> = BTreeMap::new();
    for walk in WALKS {
        let file = folder.join(format!("{walk}.json"));
        let text = std::fs::read_to_string(&file)
            .map_err(|error| format!("{}: {error}; no walk left it", file.display()))?;
        let checks: BTreeMap<String, Value> = serde_json::from_str(&text)?;
        for (check, said) in checks {
            let texts = |name: &str| {
                let list = said[name].as_array().into_iter().flatten();
                list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
            };
            let one = all.entry(check).or_default();
            one.criteria.extend(texts("criteria"));
            one.ran.extend(texts("ran"));
            one.absent.extend(texts("absent"));
            one.unsure.extend(texts("unsure"));
            one.faulty.extend(texts("faulty"));
        }
    }
    Ok(all)
}

fn rows(file: &str) -> Fallible<Vec<Vec<String>>> {
    let text = std::fs::read_to_string(file)?;
    let lines = text.lines().skip(1).filter(|line| !line.is_empty());
    Ok(lines.map(|line| line.split('\t').map(str::to_owned).collect()).collect())
}

/// The sheet with every number of pages as one letter.
fn without_numbers(text: &str) -> String {
    let plain = |cell: &str| {
        let number = !cell.trim().is_empty() && cell.trim().bytes().all(|b| b.is_ascii_digit());
        if number { "n".to_owned() } else { counted(cell) }
    };
    text.split('|').map(plain).collect::<Vec<_>>().join("|")
}

/// 「画面41枚」 as 「画面n枚」.
fn counted(cell: &str) -> String {
    let parts = cell.split('枚').map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()));
    parts.collect::<Vec<_>>().join("n枚")
}
