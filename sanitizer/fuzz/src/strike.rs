//! `cargo xtask faults sanitizer`: damaged files through the programs, and
//! damaged results past the verifier.
//!
//! ```text
//! file ─ damage ─▶ sanitizer FILE -o OUT ─▶ result ─▶ sanitizer verify: must accept
//!                    │ exit 0, 3, 4; in time          └ damage ─▶ verify: refuses, or
//!                    └ a crash of the worker is              takes it for another result
//!                      a held file, and counted              of ours, and that is counted
//! ```
//! A changed result may still be of the language of our encoders: another
//! letter, another pixel, another number. Containers with check sums (Office,
//! ZIP, PNG) leave no room for a changed byte but for the spare bits behind
//! packed data; more than one in a hundred taken there is a fault. Changes of
//! structure ([`crate::tamper`]) leave the language: one taken is a fault.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use sanitizer_verifier::{Kind, verify};

use crate::corpus;
use crate::dice::Dice;
use crate::mutate::{Shape, Words, mutated};
use crate::tamper::tampered;
use crate::targets::{TARGETS, Target};

/// Changed bytes tried in each result.
const BYTES: usize = 40;
/// Changes of structure tried in each result.
const STRUCTURES: usize = 10;
/// Pieces put in, taken out or moved in each result.
const PIECES: usize = 10;

/// Kinds with check sums. Only the spare bits behind the last code of a packed
/// part can change and mean the same: about one byte in six hundred.
const SUMMED: [&str; 5] = ["docx", "xlsx", "pptx", "zip", "png"];

/// What is struck, and how often.
#[derive(Debug)]
pub struct Blow {
    /// The folder of the programs.
    pub programs: PathBuf,
    /// Real files; the kept inputs of the search when absent.
    pub corpus: Option<PathBuf>,
    /// Damaged files.
    pub trials: usize,
    /// Determines the damage.
    pub seed: u64,
    /// Time one file may take: the limit of the usual policy and the start of
    /// the programs.
    pub patience: Duration,
}

/// What came of all blows.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Files that were rebuilt.
    pub rebuilt: usize,
    /// Files that were held, by reason.
    pub held: BTreeMap<String, usize>,
    /// Time of the slowest file.
    pub slowest: Duration,
    /// What must not be.
    pub faults: Vec<String>,
    /// For each kind of result: changed bytes tried and taken, changes of
    /// structure tried and taken, pieces moved and taken.
    pub changed: BTreeMap<String, [usize; 6]>,
}

/// Strikes; tells of each file what became of it.
///
/// # Errors
/// When a file cannot be read or written or a program not be started.
pub fn strike(blow: &Blow, mut tell: impl FnMut(usize, &str, &str)) -> io::Result<Ledger> {
    let files = files(blow)?;
    let folder = tempfile::tempdir()?;
    let mut dice = Dice::new(blow.seed);
    let mut ledger = Ledger::default();
    for trial in 1..=blow.trials {
        let Some((name, bytes)) = dice.pick(&files) else {
            return Err(io::Error::other("no files to strike"));
        };
        let target = fitting(name);
        let words = target.map_or(Words::Text, |it| it.words);
        let shape = target.map_or(Shape::Plain, |it| it.shape);
        let other = dice.pick(&files).map_or(&[][..], |it| &it.1);
        let damaged = mutated(bytes, other, shape, &words, &mut dice);
        let fate = one(blow, folder.path(), name, &damaged, &mut ledger, &mut dice)?;
        tell(trial, name, &fate);
    }
    for (kind, [bytes, taken, ..]) in &ledger.changed {
        if SUMMED.contains(&kind.as_str()) && taken * 100 > bytes + 200 {
            ledger.faults.push(format!("{kind}: {taken} of {bytes} changed bytes are taken"));
        }
    }
    Ok(ledger)
}

/// Names and bytes; files too large to be damaged a thousand times are left out.
fn files(blow: &Blow) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut found = Vec::new();
    match &blow.corpus {
        Some(folder) => gather(folder, &mut found)?,
        None => {
            for target in TARGETS.iter().filter(|it| is_file(it)) {
                let inputs = corpus::load(&corpus::house(), target.name)?;
                let named = inputs.into_iter().filter(|(_, it)| !it.is_empty());
                found.extend(named.map(|(name, it)| (format!("{name}.{}", target.name), it)));
            }
        }
    }
    found.sort();
    Ok(found)
}

fn gather(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            gather(&path, found)?;
        } else if path.metadata()?.len() <= crate::mutate::MOST_BYTES as u64 {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((name, fs::read(&path)?));
        }
    }
    Ok(())
}

/// Whether a target's inputs are files people send.
fn is_file(target: &Target) -> bool {
    !matches!(target.name, "detect" | "answer" | "request" | "pipe")
        && !target.name.starts_with("verify-")
}

/// The target whose damage fits a file of this name.
fn fitting(name: &str) -> Option<&'static Target> {
    let extension = name.rsplit_once('.')?.1.to_ascii_lowercase();
    let target = match extension.as_str() {
        "docm" | "dotx" | "dotm" => "docx",
        "xlsm" | "xltx" | "xltm" => "xlsx",
        "pptm" | "ppsx" | "potx" => "pptx",
        "odt" | "ods" | "odp" => "odf",
        "jpg" => "jpeg",
        "tif" => "tiff",
        "heif" | "avif" => "heic",
        "txt" => "text",
        other => other,
    };
    crate::targets::named(target)
}

/// One damaged file; what became of it in a word.
fn one(
    blow: &Blow,
    folder: &Path,
    name: &str,
    damaged: &[u8],
    ledger: &mut Ledger,
    dice: &mut Dice,
) -> io::Result<String> {
    let (input, out) = (folder.join(name), folder.join("out"));
    fs::write(&input, damaged)?;
    let _of_the_last_one = fs::remove_dir_all(&out);
    fs::create_dir(&out)?;
    let begun = Instant::now();
    let mut rebuild = Command::new(blow.programs.join("sanitizer"));
    rebuild.arg(&input).arg("-o").arg(&out).stderr(Stdio::null());
    let done = rebuild.output()?;
    let took = begun.elapsed();
    fs::remove_file(&input)?;
    ledger.slowest = ledger.slowest.max(took);
    if took > blow.patience {
        ledger.faults.push(format!("{name}: {} s", took.as_secs()));
    }
    let reason = String::from_utf8_lossy(&done.stdout).trim().to_owned();
    match done.status.code() {
        Some(0) => {}
        Some(3 | 4) => {
            *ledger.held.entry(reason.clone()).or_default() += 1;
            return Ok(reason);
        }
        _ => {
            ledger.faults.push(format!("{name}: the sanitizer ended with {}", done.status));
            return Ok("fault".to_owned());
        }
    }
    let Some(result) = fs::read_dir(&out)?.flatten().map(|it| it.path()).next() else {
        ledger.faults.push(format!("{name}: rebuilt to nothing"));
        return Ok("fault".to_owned());
    };
    let verified =
        Command::new(blow.programs.join("sanitizer")).arg("verify").arg(&result).output()?;
    if !verified.status.success() {
        let why = String::from_utf8_lossy(&verified.stdout).trim().to_owned();
        ledger.faults.push(format!("{name}: {why}"));
    }
    ledger.rebuilt += 1;
    change(name, &result, ledger, dice)?;
    Ok("rebuilt".to_owned())
}

/// Changes a result in many ways; what the verifier then takes is counted.
fn change(name: &str, result: &Path, ledger: &mut Ledger, dice: &mut Dice) -> io::Result<()> {
    let extension = result.extension().unwrap_or_default().to_string_lossy().into_owned();
    let Some(kind) = Kind::of_extension(&extension) else { return Ok(()) };
    let bytes = fs::read(result)?;
    let counts = ledger.changed.entry(extension.clone()).or_default();
    for _ in 0..BYTES {
        let mut other = bytes.clone();
        let at = dice.below(other.len());
        let Some(byte) = other.get_mut(at) else { break };
        *byte ^= 1 << dice.below(8);
        counts[0] += 1;
        if verify(kind, &other).is_ok() {
            counts[1] += 1;
        }
    }
    for _ in 0..STRUCTURES {
        let Some(other) = tampered(kind, &bytes, dice) else { continue };
        counts[2] += 1;
        if verify(kind, &other.bytes).is_ok() {
            counts[3] += 1;
            ledger.faults.push(format!("{name}: taken for ours with {}", other.how));
        }
    }
    let target = fitting(&format!("a.{extension}"));
    let words = target.map_or(Words::Text, |it| it.words);
    let shape = target.map_or(Shape::Plain, |it| it.shape);
    for _ in 0..PIECES {
        let other = mutated(&bytes, &bytes, shape, &words, dice);
        if other != bytes {
            counts[4] += 1;
            counts[5] += usize::from(verify(kind, &other).is_ok());
        }
    }
    Ok(())
}
