//! qpdf and poppler, as somebody else's opinion on our files.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output};

use tempfile::{NamedTempFile, TempDir};

/// Runs a tool on a file; says which package is missing when it is not there.
fn run(tool: &str, package: &str, args: &[&str], file: &Path) -> Output {
    let place = file.to_str().expect("a plain path");
    let args = args.iter().map(|arg| if *arg == "FILE" { place } else { arg });
    Command::new(tool)
        .args(args)
        .output()
        .unwrap_or_else(|error| panic!("{tool} does not run ({error}): install {package}"))
}

fn on_file(bytes: &[u8], tool: &str, package: &str, args: &[&str]) -> Output {
    let mut file = NamedTempFile::new().expect("a file for the test");
    file.write_all(bytes).expect("a file is written");
    run(tool, package, args, file.path())
}

/// qpdf finds nothing to complain about.
#[track_caller]
pub(crate) fn is_sound(bytes: &[u8]) {
    let checked = on_file(bytes, "qpdf", "qpdf", &["--check", "FILE"]);
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success(), "{said}{}", String::from_utf8_lossy(&checked.stderr));
}

/// Everything in the file with all streams unpacked, for looking for words.
pub(crate) fn laid_open(bytes: &[u8]) -> Vec<u8> {
    let args = ["--qdf", "--object-streams=disable", "--decode-level=all", "FILE", "-"];
    let opened = on_file(bytes, "qpdf", "qpdf", &args);
    assert!(!opened.stdout.is_empty(), "{}", String::from_utf8_lossy(&opened.stderr));
    opened.stdout
}

/// The text of all pages, words separated by single spaces.
pub(crate) fn text(bytes: &[u8]) -> String {
    let read = on_file(bytes, "pdftotext", "poppler-utils", &["-enc", "UTF-8", "FILE", "-"]);
    let text = String::from_utf8(read.stdout).expect("UTF-8");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What pdfinfo says after a label.
pub(crate) fn told(bytes: &[u8], label: &str) -> Option<String> {
    let read = on_file(bytes, "pdfinfo", "poppler-utils", &["FILE"]);
    let lines = String::from_utf8_lossy(&read.stdout).into_owned();
    lines.lines().find_map(|line| Some(line.strip_prefix(label)?.trim().to_owned()))
}

/// A page as gray pixels, one per point.
pub(crate) struct Shown {
    width: usize,
    pixels: Vec<u8>,
}

impl Shown {
    /// Poppler's picture of the first page.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let folder = TempDir::new().expect("a folder for the test");
        let out = folder.path().join("page");
        let out = out.to_str().expect("a plain path");
        let args = ["-r", "72", "-gray", "-singlefile", "FILE", out];
        let drawn = on_file(bytes, "pdftoppm", "poppler-utils", &args);
        let picture = std::fs::read(format!("{out}.pgm"));
        let picture =
            picture.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&drawn.stderr)));
        let mut parts = picture.splitn(4, u8::is_ascii_whitespace);
        let mut next = || parts.next().expect("a PGM header");
        let (kind, width) = (next(), next());
        assert_eq!(kind, b"P5");
        let width = std::str::from_utf8(width).expect("a width").parse().expect("a width");
        let _height = next();
        // The last part still starts with the highest value and a line end.
        let pixels = next().splitn(2, |byte| *byte == b'\n').nth(1).expect("pixels").to_vec();
        Self { width, pixels }
    }

    /// Whether both have as much ink in the same box, roughly.
    pub(crate) fn looks_like(&self, other: &Self) -> bool {
        let (own, theirs) = (self.ink(), other.ink());
        let near = own.1.iter().zip(&theirs.1).all(|(a, b)| a.abs_diff(*b) <= 2);
        theirs.0 > 0 && own.0.abs_diff(theirs.0) * 3 < theirs.0 && near
    }

    /// How much ink there is, and the box around what is clearly seen.
    fn ink(&self) -> (usize, [usize; 4]) {
        let seen = self.pixels.iter().enumerate().filter(|(_, it)| **it < 200);
        let around = seen.fold([usize::MAX, usize::MAX, 0, 0], |[l, t, r, b], (place, _)| {
            let (x, y) = (place % self.width, place / self.width);
            [l.min(x), t.min(y), r.max(x), b.max(y)]
        });
        (self.pixels.iter().map(|it| usize::from(255 - it)).sum(), around)
    }

    /// The gray at a place, counted from the top left.
    pub(crate) fn at(&self, x: usize, y: usize) -> u8 {
        self.pixels[y * self.width + x]
    }
}

/// The file encrypted with these passwords.
pub(crate) fn encrypted(bytes: &[u8], user: &str) -> Vec<u8> {
    locked(bytes, user, "owner", &["256"])
}

/// The same with another cipher: key bits and what more qpdf wants to know.
pub(crate) fn locked(bytes: &[u8], user: &str, owner: &str, cipher: &[&str]) -> Vec<u8> {
    let mut args = vec!["--allow-weak-crypto", "--encrypt", user, owner];
    args.extend(cipher);
    args.extend(["--", "FILE", "-"]);
    let done = on_file(bytes, "qpdf", "qpdf", &args);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    done.stdout
}
