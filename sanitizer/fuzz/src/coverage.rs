//! Which code an input reached, told by the profile of the child.
//!
//! A build with `-C instrument-coverage` and relocated counters keeps them in
//! its profile file while it runs (`%c`), so that another process may read
//! them there: no unsafe code, no other toolchain. A build without them has no
//! such file, and the search goes on without knowing.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

/// Counters are 64 bits wide.
const WIDTH: usize = 8;
/// The fields of the file's head that we use, each 64 bits wide, by position:
/// bytes of build ids, functions, padding before counters, counters.
const IDS: usize = 2;
const FUNCTIONS: usize = 3;
const PADDING: usize = 4;
const COUNTERS: usize = 5;
/// Bytes of the head, of a function's entry, and version of the form.
const HEAD: usize = 16 * WIDTH;
const FUNCTION: usize = 64;
const VERSION: u64 = 10;
/// More is no profile of ours.
const MOST_COUNTERS: usize = 1 << 23;

/// The counters of one child.
#[derive(Debug)]
pub struct Profile {
    file: File,
    at: u64,
    before: Vec<u8>,
    now: Vec<u8>,
}

impl Profile {
    /// The value of `LLVM_PROFILE_FILE` that keeps counters in this file.
    #[must_use]
    pub fn pattern(path: &Path) -> String {
        format!("%c{}", path.display())
    }

    /// Opens the profile of a running child; `None` when there is none.
    #[must_use]
    pub fn open(path: &PathBuf) -> Option<Self> {
        let file = File::open(path).ok()?;
        let mut head = [0; HEAD];
        file.read_exact_at(&mut head, 0).ok()?;
        let field = |at: usize| {
            let bytes = head[at * WIDTH..][..WIDTH].try_into().unwrap_or_default();
            u64::from_le_bytes(bytes)
        };
        let counters = usize::try_from(field(COUNTERS)).ok()?;
        if field(1) & 0xFF != VERSION || counters > MOST_COUNTERS {
            return None;
        }
        let functions = field(FUNCTIONS).checked_mul(FUNCTION as u64)?;
        let at = HEAD as u64 + field(IDS) + functions + field(PADDING);
        let mut profile =
            Self { file, at, before: vec![0; counters * WIDTH], now: vec![0; counters * WIDTH] };
        profile.read()?;
        Some(profile)
    }

    fn read(&mut self) -> Option<()> {
        std::mem::swap(&mut self.before, &mut self.now);
        self.file.read_exact_at(&mut self.now, self.at).ok()
    }

    /// Adds what the last input reached; how much of it is new.
    pub fn note(&mut self, known: &mut Known) -> usize {
        if self.read().is_none() {
            return 0;
        }
        known.0.resize(self.now.len() / WIDTH, 0);
        let counters = self.before.chunks_exact(WIDTH).zip(self.now.chunks_exact(WIDTH));
        let mut new = 0;
        for ((before, now), known) in counters.zip(&mut known.0) {
            if before != now {
                let number = |it: &[u8]| u64::from_le_bytes(it.try_into().unwrap_or_default());
                let bit = bucket(number(now).wrapping_sub(number(before)));
                new += usize::from(*known & bit == 0);
                *known |= bit;
            }
        }
        new
    }
}

/// Code reached so far, by how often in one run: one bit for each magnitude.
#[derive(Debug, Default, Clone)]
pub struct Known(Vec<u8>);

impl Known {
    /// Places of the code that were reached.
    #[must_use]
    pub fn places(&self) -> usize {
        self.0.iter().filter(|it| **it != 0).count()
    }
}

const fn bucket(times: u64) -> u8 {
    match times {
        0..=1 => 1,
        2..=3 => 2,
        4..=15 => 4,
        16..=127 => 8,
        128..=4095 => 16,
        _ => 32,
    }
}
