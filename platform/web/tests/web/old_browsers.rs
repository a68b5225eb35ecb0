//! What browsers get must run on the oldest ones that are served: Chrome 72, Edge 79 (which is
//! Chromium 79) and Safari 12. `old-browsers.tsv` lists everything the styles and scripts of both
//! zones use, with the first version of Chrome and Safari that has it (from the compatibility data
//! of MDN). What is used and not listed fails, and so does what is newer without a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use cssparser::{ParseError, Parser, Token};

use crate::script;

const CHROME: f64 = 72.0;
const SAFARI: f64 = 12.0;

/// Properties whose values are names of ours or of fonts.
const NAMES: [&str; 5] = ["font-family", "animation", "animation-name", "content", "counter-reset"];

fn served(ending: &str) -> Vec<PathBuf> {
    let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folders = ["platform", "internet-zone", "lgwan-zone"];
    let folders = folders.map(|zone| house.join(zone).join("web/static"));
    let folders = folders.into_iter().chain([house.join("platform/web/static")]);
    let files = folders.filter_map(|folder| fs::read_dir(folder).ok()).flatten();
    let files = files.map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|known| known == ending)).collect();
    files.sort();
    files.dedup();
    files
}

/// One line of the table.
struct Known {
    chrome: f64,
    safari: f64,
    /// Why it may be used although it is newer; empty when it is not.
    why: String,
}

fn table() -> BTreeMap<String, Known> {
    let lines = include_str!("../old-browsers.tsv").lines().skip(1);
    lines
        .map(|line| {
            let mut cells = line.split('\t').map(str::to_owned);
            let mut next = || cells.next().unwrap_or_default();
            let (feature, chrome, safari, why) = (next(), next(), next(), next());
            let version = |cell: &str| cell.parse().unwrap_or(f64::INFINITY);
            let known = Known { chrome: version(&chrome), safari: version(&safari), why };
            (feature, known)
        })
        .collect()
}

/// What of `used` the oldest browsers do not have, or nobody looked up.
fn faults(used: &BTreeMap<String, String>, table: &BTreeMap<String, Known>) -> Vec<String> {
    let fault = |(feature, file): (&String, &String)| match table.get(feature) {
        None => Some(format!("{file}: {feature} is not in old-browsers.tsv")),
        Some(known) if !known.why.is_empty() => None,
        Some(known) if known.chrome > CHROME => {
            Some(format!("{file}: {feature} needs a newer Chrome"))
        }
        Some(known) if known.safari > SAFARI => {
            Some(format!("{file}: {feature} needs a newer Safari"))
        }
        Some(_) => None,
    };
    used.iter().filter_map(fault).collect()
}

/// What a text of a language uses.
type Features = fn(&str) -> BTreeSet<String>;

fn used() -> BTreeMap<String, String> {
    let mut used = BTreeMap::new();
    let readers: [(&str, Features); 2] = [("css", style), ("js", script::features)];
    for (ending, features) in readers {
        let files = served(ending);
        assert!(files.len() >= 3, "{ending}: {files:?}");
        for path in files {
            let text = fs::read_to_string(&path).expect("a served file");
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            used.extend(features(&text).into_iter().map(|feature| (feature, name.clone())));
        }
    }
    used
}

/// NN-23, IK-3.6.1: the pages work on the oldest browsers that are served.
#[test]
fn styles_and_scripts_use_nothing_that_old_browsers_lack() {
    let faults = faults(&used(), &table());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// A line nobody needs would hide that something came back.
#[test]
fn the_table_lists_nothing_that_is_not_used() {
    let used = used();
    let idle: Vec<String> = table().into_keys().filter(|key| !used.contains_key(key)).collect();
    assert!(idle.is_empty(), "{}", idle.join("\n"));
}

#[test]
fn what_old_browsers_lack_is_found() {
    let table = table();
    let faults = |features: BTreeSet<String>| {
        let used = features.into_iter().map(|feature| (feature, "x".to_owned())).collect();
        self::faults(&used, &table)
    };
    for newer in [
        "a:is(b, i) { color: red }",
        "li:has(a) { color: red }",
        ".row { display: flex; gap: 1rem }",
        "@layer base { a { color: red } }",
        "@container (min-width: 10rem) { a { color: red } }",
        ".a { .b { color: red } }",
        ".a { width: clamp(1rem, 2vw, 3rem) }",
        ".a { aspect-ratio: 1 }",
        ".a { inset: 0 }",
        ".a { min-height: 100dvh }",
    ] {
        assert!(!faults(style(newer)).is_empty(), "{newer}");
    }
    for newer in [
        "a?.b;",
        "var a = b ?? c;",
        "var f = () => 1;",
        "let a = 1;",
        "list.at(-1);",
        "text.replaceAll(a, b);",
        "new ResizeObserver(f);",
        "var a = `x`;",
        "/(?<=a)b/.test(c);",
        "async function f() {}",
        "globalThis.a = 1;",
    ] {
        assert!(!faults(script::features(newer)).is_empty(), "{newer}");
    }
    assert_eq!(faults(style("a:hover { margin: 0 1rem }")), Vec::<String>::new());
    assert_eq!(faults(script::features("var a = document.getElementById('b');")), [""; 0]);
}

/// Everything a style sheet uses.
fn style(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    rules(&mut Parser::new(text), &mut found);
    found
}

fn next<'i>(parser: &mut Parser<'i>) -> Option<Token<'i>> {
    parser.next().ok().cloned()
}

/// Reads what is inside the block or function that was just opened.
fn inside<'i>(parser: &mut Parser<'i>, read: impl FnOnce(&mut Parser<'i>)) {
    let done: Result<(), ParseError<()>> = parser.parse_nested_block(|inner| {
        read(inner);
        while inner.next().is_ok() {}
        Ok(())
    });
    done.expect("the style sheet can be read");
}

fn rules(parser: &mut Parser<'_>, found: &mut BTreeSet<String>) {
    let mut at: Option<String> = None;
    while let Some(token) = next(parser) {
        match token {
            Token::AtKeyword(name) => {
                found.insert(format!("@{name}"));
                at = Some(name.to_string());
            }
            Token::Semicolon => at = None,
            Token::CurlyBracketBlock => match at.take().as_deref() {
                None | Some("font-face" | "page") => inside(parser, |p| declarations(p, found)),
                Some(_) => inside(parser, |p| rules(p, found)),
            },
            Token::ParenthesisBlock => inside(parser, |p| {
                if let Some(Token::Ident(name)) = next(p) {
                    found.insert(format!("@{} ({name})", at.as_deref().unwrap_or_default()));
                }
                values(p, "", found);
            }),
            other => selector(other, parser, found),
        }
    }
}

fn selector(token: Token<'_>, parser: &mut Parser<'_>, found: &mut BTreeSet<String>) {
    let inner = |p: &mut Parser<'_>, found: &mut BTreeSet<String>| {
        while let Some(token) = next(p) {
            selector(token, p, found);
        }
    };
    match token {
        Token::Colon => match next(parser) {
            Some(Token::Ident(name)) => {
                found.insert(format!(":{name}"));
            }
            Some(Token::Function(name)) => {
                found.insert(format!(":{name}()"));
                inside(parser, |p| inner(p, found));
            }
            Some(Token::Colon) => {
                if let Some(Token::Ident(name) | Token::Function(name)) = next(parser) {
                    found.insert(format!("::{name}"));
                }
            }
            _ => {}
        },
        Token::Delim('&') => {
            found.insert("nesting".to_owned());
        }
        _ => {}
    }
}

fn declarations(parser: &mut Parser<'_>, found: &mut BTreeSet<String>) {
    while let Some(token) = next(parser) {
        match token {
            Token::Ident(name) => {
                if !name.starts_with("--") {
                    found.insert(name.to_string());
                }
                values(parser, &name, found);
            }
            Token::Semicolon => {}
            _ => {
                found.insert("nesting".to_owned());
            }
        }
    }
}

/// A value up to the semicolon.
fn values(parser: &mut Parser<'_>, property: &str, found: &mut BTreeSet<String>) {
    let named = property.is_empty() || property.starts_with("--") || NAMES.contains(&property);
    while let Some(token) = next(parser) {
        match token {
            Token::Semicolon => return,
            Token::Ident(word) if !named => {
                found.insert(format!("{property}: {word}"));
            }
            Token::Dimension { unit, .. } => {
                found.insert(format!("1{unit}"));
            }
            Token::Function(name) => {
                found.insert(format!("{name}()"));
                inside(parser, |p| values(p, "", found));
            }
            Token::ParenthesisBlock => inside(parser, |p| values(p, "", found)),
            Token::CurlyBracketBlock => {
                found.insert("nesting".to_owned());
            }
            _ => {}
        }
    }
}
