//! Malware scanners asked about the bytes as they were sent, before a worker
//! sees them (NF-32).
//!
//! ```text
//! original bytes ─▶ clamd (INSTREAM) ─▶ ICAP service ─▶ worker
//!                      │ known malware: held as `scanner_hit`
//!                      └ no answer: `required` → a fault of this host, tried again
//!                                   `if_available` → goes on, said on standard error
//! ```
//! This process holds the bytes and speaks to the scanners; the worker has no
//! network. What is rebuilt is not scanned: no byte of it was sent by anybody.
//! Members of archives are not sent one by one: both kinds of scanner open them.
//! What a password opened no scanner could look into, so it is shown to them
//! once more: members as they were packed, documents as the worker opened them,
//! macros and all, and as they were rebuilt (decisions 0017, 0041).

mod clamd;
mod icap;
mod link;

use std::fmt;

use crate::policy::{ClamdScanner, IcapScanner, Need, Scanners};

/// What a scanner knows of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Opinion {
    /// Nothing.
    Clean,
    /// Malware of this name.
    Hit(String),
    /// It is larger than the scanner takes.
    TooLarge,
}

/// What all scanners together say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scanned {
    /// Nobody knows it; these scanners could not be asked, or take no file of
    /// this size, which the policy allows. Staff read which.
    Clean {
        /// Why, for the operator.
        unasked: Vec<ScanError>,
    },
    /// One knows it.
    Hit {
        /// The scanner.
        scanner: Slot,
        /// What it calls it: printable, at most 120 characters.
        name: String,
    },
    /// A required scanner takes no file of this size.
    TooLarge {
        /// The scanner.
        scanner: Slot,
    },
}

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slot {
    /// clamd.
    Clamd,
    /// The ICAP service.
    Icap,
}

impl fmt::Display for Slot {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Clamd => "clamd",
            Self::Icap => "icap",
        })
    }
}

/// A scanner that gave no opinion: a fault of this host, not of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("scanner_down: {scanner}: {why}")]
pub struct ScanError {
    /// The scanner.
    pub scanner: Slot,
    /// What went wrong.
    pub why: String,
}

/// Asks every scanner of the policy; ends at the first that knows the file.
///
/// # Errors
/// [`ScanError`] when a required one gives no opinion.
pub fn scan(scanners: &Scanners, bytes: &[u8]) -> Result<Scanned, ScanError> {
    let mut unasked = Vec::new();
    let clamd = scanners.clamd.as_ref().map(|it: &ClamdScanner| (Slot::Clamd, it.need));
    let icap = scanners.icap.as_ref().map(|it: &IcapScanner| (Slot::Icap, it.need));
    for (scanner, need) in clamd.into_iter().chain(icap) {
        match (ask(scanner, scanners, bytes), need) {
            (Ok(Opinion::Clean), _) => {}
            (Ok(Opinion::TooLarge), Need::IfAvailable) => {
                unasked.push(ScanError { scanner, why: "larger than it takes".to_owned() });
            }
            (Ok(Opinion::Hit(name)), _) => {
                return Ok(Scanned::Hit { scanner, name: printable(&name) });
            }
            (Ok(Opinion::TooLarge), Need::Required) => return Ok(Scanned::TooLarge { scanner }),
            (Err(why), Need::Required) => {
                return Err(ScanError { scanner, why: printable(&why.to_string()) });
            }
            (Err(why), Need::IfAvailable) => {
                unasked.push(ScanError { scanner, why: printable(&why.to_string()) });
            }
        }
    }
    Ok(Scanned::Clean { unasked })
}

fn ask(scanner: Slot, scanners: &Scanners, bytes: &[u8]) -> std::io::Result<Opinion> {
    match (scanner, &scanners.clamd, &scanners.icap) {
        (Slot::Clamd, Some(clamd), _) => clamd::ask(clamd, bytes),
        (Slot::Icap, _, Some(icap)) => icap::ask(icap, bytes),
        (Slot::Clamd, None, _) | (Slot::Icap, _, None) => Ok(Opinion::Clean),
    }
}

/// What another program says, fit for a log line.
fn printable(words: &str) -> String {
    words.chars().filter(|it| !it.is_control()).take(120).collect()
}
