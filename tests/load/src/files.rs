//! The rebuild of files, one process a file, on a folder of real ones: first all
//! rebuilds one after the other, so that the memory of nothing else counts, then
//! what became of them.
//!
//! A `MANIFEST.tsv` in the folder (path in its first column, `rebuilt`, `rejected`
//! or `either` in its fifth) says what should become of each; without one every
//! file counts as `either`.

mod peer;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::line::{Goal, line};
use crate::processor;

/// What a file became.
struct Outcome {
    group: String,
    expected: bool,
    rebuilt: bool,
    verified: bool,
    bytes: u64,
    /// Size of the result in units of the file.
    ratio: f64,
    /// Share of the text's letter pairs that the result has too.
    text: Option<f64>,
    took: Duration,
    /// Processor time.
    worked: Duration,
}

/// Rebuilds every file of a folder and prints the figures.
///
/// # Errors
/// When the folder cannot be read or the sanitizer has a fault of its own.
pub fn measure(corpus: &Path) -> Result<(), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let sanitizer = own.with_file_name("sanitizer");
    let mut runs = Vec::new();
    for (path, wish) in files(corpus)? {
        runs.push(Run::of(&sanitizer, path, wish)?);
    }
    let most = runs.iter().max_by_key(|run| run.peak);
    let most = most.map(|run| (run.path.clone(), run.peak)).unwrap_or_default();
    let mut outcomes = Vec::new();
    for run in runs {
        let outcome = run.judged(&sanitizer, corpus)?;
        if !outcome.expected {
            println!("{}: not {}", run.path.display(), run.wish);
        }
        if outcome.rebuilt && !outcome.verified {
            println!("{}: the verifier does not know the result", run.path.display());
        }
        outcomes.push(outcome);
    }
    if outcomes.is_empty() {
        return Err(format!("no files in {}", corpus.display()));
    }
    let mut groups: BTreeMap<&str, Vec<&Outcome>> = BTreeMap::new();
    for outcome in &outcomes {
        groups.entry(&outcome.group).or_default().push(outcome);
    }
    for (group, outcomes) in groups {
        tell(group, &outcomes);
    }
    tell("all", &outcomes.iter().collect::<Vec<_>>());
    let (path, peak) = most;
    line("peak memory of a process", "MiB", real(peak) / 1024.0, None, Goal::AtMost(256.0));
    println!("{:<44} by {}", "", path.display());
    peer::measure(&sanitizer, corpus)
}

fn files(corpus: &Path) -> Result<Vec<(PathBuf, String)>, String> {
    let words = |error: std::io::Error| format!("{}: {error}", corpus.display());
    if let Ok(manifest) = fs::read_to_string(corpus.join("MANIFEST.tsv")) {
        let rows = manifest.lines().skip(1).filter(|row| !row.starts_with('#'));
        return Ok(rows
            .filter_map(|row| {
                let cells: Vec<&str> = row.split('\t').collect();
                Some((corpus.join(cells.first()?), (*cells.get(4)?).to_owned()))
            })
            .collect());
    }
    let mut found = Vec::new();
    let mut folders = vec![corpus.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).map_err(words)? {
            let path = entry.map_err(words)?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push((path, "either".to_owned()));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// One file through the sanitizer.
struct Run {
    path: PathBuf,
    wish: String,
    out: TempDir,
    rebuilt: bool,
    took: Duration,
    /// Processor time of all its processes.
    worked: Duration,
    /// Memory of the largest process so far, in KiB; of this file alone when it
    /// is the first with so much, else 0.
    peak: u64,
}

impl Run {
    fn of(sanitizer: &Path, path: PathBuf, wish: String) -> Result<Self, String> {
        let words = |error: std::io::Error| format!("{}: {error}", path.display());
        let out = tempfile::tempdir().map_err(words)?;
        let (worked_before, peak_before) = processor::children()?;
        let begun = Instant::now();
        let mut rebuild = Command::new(sanitizer);
        rebuild.arg(&path).arg("-o").arg(out.path()).stdout(Stdio::null()).stderr(Stdio::null());
        let status = rebuild.status().map_err(words)?;
        let took = begun.elapsed();
        let (worked, peak) = processor::children()?;
        let rebuilt = match status.code() {
            Some(0) => true,
            Some(3 | 4) => false,
            other => return Err(format!("{}: the sanitizer ended with {other:?}", path.display())),
        };
        let worked = worked.saturating_sub(worked_before);
        let peak = if peak > peak_before { peak } else { 0 };
        Ok(Self { path, wish, out, rebuilt, took, worked, peak })
    }

    fn judged(&self, sanitizer: &Path, corpus: &Path) -> Result<Outcome, String> {
        let Self { path, wish, rebuilt, .. } = self;
        let words = |error: std::io::Error| format!("{}: {error}", path.display());
        let out = fs::read_dir(self.out.path()).map_err(words)?;
        let result = out.flatten().map(|it| it.path()).next();
        let bytes = fs::metadata(path).map_err(words)?.len();
        let mut outcome = Outcome {
            group: path.strip_prefix(corpus).ok().and_then(first).unwrap_or_default(),
            expected: wish == "either" || (wish == "rebuilt") == *rebuilt,
            rebuilt: *rebuilt,
            verified: false,
            bytes,
            ratio: 0.0,
            text: None,
            took: self.took,
            worked: self.worked,
        };
        if let Some(result) = result.filter(|_| *rebuilt) {
            let mut verify = Command::new(sanitizer);
            verify.arg("verify").arg(&result).stdout(Stdio::null()).stderr(Stdio::null());
            outcome.verified = verify.status().map_err(words)?.success();
            outcome.ratio = real(fs::metadata(&result).map_err(words)?.len()) / real(bytes.max(1));
            outcome.text = text_kept(path, &result);
        }
        Ok(outcome)
    }
}

fn first(path: &Path) -> Option<String> {
    let mut parts = path.components();
    let first = parts.next()?.as_os_str().to_string_lossy().into_owned();
    parts.next().map(|_| first)
}

#[expect(clippy::cast_precision_loss, reason = "sizes and counts of a benchmark fit an f64")]
fn real(number: u64) -> f64 {
    number as f64
}

fn tell(group: &str, outcomes: &[&Outcome]) {
    let count = real(outcomes.len() as u64);
    let share = |held: usize| 100.0 * real(held as u64) / count;
    let results: Vec<&&Outcome> = outcomes.iter().filter(|it| it.rebuilt).collect();
    let mut times: Vec<Duration> = outcomes.iter().map(|it| it.took).collect();
    times.sort_unstable();
    let within = |percent: usize| {
        times[(times.len() * percent / 100).min(times.len() - 1)].as_secs_f64() * 1e3
    };
    let all: f64 = times.iter().sum::<Duration>().as_secs_f64();
    let bytes = real(outcomes.iter().map(|it| it.bytes).sum());
    let mut ratios: Vec<f64> = results.iter().map(|it| it.ratio).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let named = |what: &str| format!("{group} ({count}): {what}");
    let expected = outcomes.iter().filter(|it| it.expected).count();
    line(&named("became what they should"), "%", share(expected), None, Goal::AtLeast(100.0));
    let verified = results.iter().filter(|it| it.verified).count();
    let verified = 100.0 * real(verified as u64) / real(results.len().max(1) as u64);
    line(&named("results the verifier knows"), "%", verified, None, Goal::AtLeast(100.0));
    let texts: Vec<f64> = results.iter().filter_map(|it| it.text).collect();
    if !texts.is_empty() {
        let kept = texts.iter().filter(|kept| **kept >= 0.985).count();
        let kept = 100.0 * real(kept as u64) / real(texts.len() as u64);
        line(&named("PDF with its text"), "%", kept, None, Goal::AtLeast(95.0));
    }
    line(&named("median"), "ms", within(50), None, Goal::AtMost(60.0));
    line(&named("p95"), "ms", within(95), None, Goal::AtMost(1_000.0));
    line(&named("files, one after the other"), "/s", count / all, None, Goal::None);
    let core: f64 = outcomes.iter().map(|it| it.worked).sum::<Duration>().as_secs_f64();
    line(&named("files, of one core"), "/s", count / core, None, Goal::AtLeast(10.0));
    line(&named("volume, of one core"), "MB/s", bytes / 1e6 / core, None, Goal::AtLeast(1.0));
    if let Some(ratio) = ratios.get(ratios.len() / 2) {
        line(&named("size of the result, median"), "×", *ratio, None, Goal::AtMost(1.5));
    }
}

/// Dice of the letter pairs that an independent reader finds in two PDFs; `None`
/// when it is no PDF, or pdftotext is not installed or cannot read the original.
fn text_kept(before: &Path, after: &Path) -> Option<f64> {
    if after.extension().is_none_or(|it| it != "pdf") {
        return None;
    }
    let (before, after) = (pairs(before)?, pairs(after).unwrap_or_default());
    let total: u64 = before.values().chain(after.values()).sum();
    let shared: u64 =
        before.iter().map(|(pair, times)| after.get(pair).map_or(0, |it| *it.min(times))).sum();
    Some(if total == 0 { 1.0 } else { 2.0 * real(shared) / real(total) })
}

fn pairs(pdf: &Path) -> Option<BTreeMap<(char, char), u64>> {
    let output = Command::new("pdftotext").arg(pdf).arg("-").stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| {
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let letters: Vec<char> = text.chars().filter(|it| !it.is_whitespace()).collect();
        let mut pairs = BTreeMap::new();
        for pair in letters.windows(2) {
            *pairs.entry((pair[0], pair[1])).or_default() += 1;
        }
        pairs
    })
}
