//! `sanitizer verify FILE...`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sanitizer_verifier::{Kind, verify};

use super::FAULT;

const REFUSED: u8 = 3;

/// Prints one line for each file that is not of ours, and why.
pub(super) fn run(inputs: &[PathBuf]) -> ExitCode {
    let (mut refused, mut unread) = (false, false);
    for path in inputs {
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                unread = true;
                continue;
            }
        };
        if let Err(why) = judge(path, &bytes) {
            println!("refused\t{}\t{why}", path.display());
            refused = true;
        }
    }
    match (unread, refused) {
        (true, _) => ExitCode::from(FAULT),
        (false, true) => ExitCode::from(REFUSED),
        (false, false) => ExitCode::SUCCESS,
    }
}

fn judge(path: &Path, bytes: &[u8]) -> Result<(), String> {
    let extension = path.extension().and_then(|it| it.to_str()).unwrap_or_default();
    let kind = Kind::of_extension(extension).ok_or("not a kind the sanitizer writes")?;
    verify(kind, bytes).map_err(|refusal| refusal.what().to_owned())
}
