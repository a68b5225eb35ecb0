//! Templates hold no words of their own: what visitors read is in the catalogue.

use std::fs;
use std::path::Path;

/// What is wrong with the templates under `folder`: a Japanese letter outside the
/// catalogue, or a key `known` does not know.
///
/// # Panics
/// When the folder cannot be read.
#[must_use]
pub fn faults(folder: &Path, known: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of templates") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            faults.extend(self::faults(&path, known));
            continue;
        }
        let text = fs::read_to_string(&path).expect("a template");
        for (line, words) in (1..).zip(without_comments(&text).lines()) {
            let place = format!("{}:{line}", path.display());
            if let Some(letter) = words.chars().find(|letter| is_japanese(*letter)) {
                faults.push(format!("{place}: {letter} belongs into the catalogue"));
            }
            let unknown = keys(words).filter(|key| !known(key));
            faults.extend(unknown.map(|key| format!("{place}: no text for {key}")));
        }
    }
    faults
}

/// Comments of the template language are for us, not for visitors.
fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("{#") {
        kept.push_str(before);
        rest = after.split_once("#}").map_or("", |(_, behind)| behind);
    }
    kept + rest
}

/// Keys that are written out: `.text("room.key")`, `.phrase("room.key")`.
fn keys(line: &str) -> impl Iterator<Item = &str> {
    [".text(\"", ".phrase(\""]
        .into_iter()
        .flat_map(move |call| line.split(call).skip(1))
        .filter_map(|rest| rest.split('"').next())
}

const fn is_japanese(letter: char) -> bool {
    matches!(letter, '\u{3000}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_unknown_keys_are_found_and_comments_are_not() {
        let folder = crate::TempDir::new();
        let write = |text: &str| fs::write(folder.path().join("page.html"), text).expect("written");
        let faults = || faults(folder.path(), &|key| key == "room.known");
        write("{# 説明 #}<p>{{ t.text(\"room.known\") }}</p>");
        assert_eq!(faults(), Vec::<String>::new());
        write("<p>受付</p>\n<p>{{ t.phrase(\"room.other\") }}</p>");
        let found = faults();
        assert_eq!(found.len(), 2);
        assert!(found[0].ends_with("page.html:1: 受 belongs into the catalogue"), "{found:?}");
        assert!(found[1].ends_with("page.html:2: no text for room.other"), "{found:?}");
    }
}
