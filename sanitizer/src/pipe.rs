//! One attachment for the bridge: a request on standard input, a signed
//! verdict and the rebuilt file on standard output.
//!
//! The bytes are those of `bridge_contract::pipe`. The process ends after one
//! file: nothing of one citizen's document is left for the next.

use std::io::{Read, Write};
use std::path::Path;

use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::{self, Outcome, Removed, Verdict};
use bridge_contract::pipe::{ANSWER_LIMIT, PipeAnswer, PipeRequest};
use bridge_contract::wire::{self, Malformed};
use sanitizer_intermediate::{Findings, HoldReason, Password};
use zeroize::Zeroizing;

use crate::rebuild::{End, RebuildError, Rebuilder, Rebuilt, Sent};

/// Room in an answer for everything but the file.
const ANSWER_OVERHEAD: usize = 2 << 20;
/// Largest request read.
const REQUEST_LIMIT: u64 = 600 << 20;

/// Why no answer was given. The relay holds the attachment then.
#[derive(Debug, thiserror::Error)]
pub enum PipeError {
    /// The key file cannot be read.
    #[error("key file: {0}")]
    Key(std::io::Error),
    /// The key file holds no Ed25519 key in PKCS#8.
    #[error("the key file holds no Ed25519 key in PKCS#8")]
    NoKey,
    /// Standard input or output failed.
    #[error("pipe: {0}")]
    Pipe(#[from] std::io::Error),
    /// Standard input was not one request.
    #[error("request: {0}")]
    Request(#[from] Malformed),
    /// The fault is the sanitizer's.
    #[error(transparent)]
    Rebuild(#[from] RebuildError),
}

impl PipeError {
    /// Whether it is only a scanner that does not answer: later it may.
    #[must_use]
    pub const fn is_scanner_down(&self) -> bool {
        matches!(self, Self::Rebuild(RebuildError::Scanner(_)))
    }
}

/// Reads the signing key.
///
/// # Errors
/// [`PipeError`] when the file holds no usable key.
pub fn key(path: &Path) -> Result<SigningKey, PipeError> {
    let document = platform_service::secret::read(path).map_err(PipeError::Key)?;
    SigningKey::from_pkcs8(&document).ok_or(PipeError::NoKey)
}

/// Treats one attachment.
///
/// # Errors
/// [`PipeError`] when the fault is ours or the request is not one.
pub fn serve(
    input: &mut dyn Read,
    output: &mut dyn Write,
    rebuilder: &Rebuilder,
    key: &SigningKey,
) -> Result<(), PipeError> {
    let mut bytes = Zeroizing::new(Vec::new());
    input.take(REQUEST_LIMIT).read_to_end(&mut bytes)?;
    let request: PipeRequest = wire::decode(&bytes)?;
    drop(bytes);
    let answer = answer(request, rebuilder, key)?;
    output.write_all(&wire::encode(&answer))?;
    Ok(output.flush()?)
}

/// The signed answer to a request.
///
/// # Errors
/// [`PipeError::Rebuild`] when the fault is ours.
pub fn answer(
    request: PipeRequest,
    rebuilder: &Rebuilder,
    key: &SigningKey,
) -> Result<PipeAnswer, PipeError> {
    let PipeRequest { application_id, declared, bytes, password } = request;
    // Both forms have the same bounds.
    let password = password.and_then(|it| Password::new(it.reveal().to_owned()));
    let sent = Sent { name: &declared.name, bytes: &bytes, password: password.as_ref() };
    let treated = rebuilder.rebuild_sent(&sent)?;
    if let (End::Held(HoldReason::ScannerHit), Some(found)) = (&treated.end, &treated.diagnosis) {
        // For the operator of this host, with the scanner that said so.
        eprintln!("scanner_hit: attachment {}: {found}", declared.id);
    }
    let (outcome, rebuilt) = match treated.end {
        End::Rebuilt(rebuilt) if rebuilt.bytes.len() + ANSWER_OVERHEAD > ANSWER_LIMIT => {
            (held(HoldReason::TooLarge), None)
        }
        End::Rebuilt(rebuilt) => (Outcome::Rebuilt(described(&rebuilt)), Some(rebuilt.bytes)),
        End::Held(HoldReason::ScannerHit) => match treated.malware {
            Some(name) => (Outcome::Infected(name), None),
            None => (held(HoldReason::ScannerHit), None),
        },
        End::Held(reason) => (held(reason), None),
    };
    let sent = Digest::of(&bytes);
    let policy = rebuilder.policy.version;
    let verdict = Verdict::sign(&application_id, declared.id, sent, outcome, policy, key);
    Ok(PipeAnswer { verdict, rebuilt })
}

fn described(rebuilt: &Rebuilt) -> messages::Rebuilt {
    messages::Rebuilt {
        out_sha256: Digest::of(&rebuilt.bytes),
        size: rebuilt.bytes.len() as u64,
        media: rebuilt.media.to_owned(),
        name: rebuilt.name.clone(),
        removed: told(&rebuilt.findings),
    }
}

/// Removals and changes alike: staff read both.
fn told(findings: &Findings) -> Vec<Removed> {
    let removed = findings.removed().iter().map(|it| (it.kind.code(), it.count, it.place));
    let changed = findings.changed().iter().map(|it| (it.kind.code(), it.count, it.place));
    removed
        .chain(changed)
        .map(|(what, count, place)| Removed {
            what: what.to_owned(),
            place: place.to_string(),
            count,
        })
        .collect()
}

fn held(reason: HoldReason) -> Outcome {
    Outcome::Held(match reason {
        HoldReason::Encrypted => messages::HoldReason::Encrypted,
        HoldReason::MacroOnly => messages::HoldReason::MacroOnly,
        HoldReason::Broken => messages::HoldReason::Broken,
        HoldReason::Unsupported => messages::HoldReason::Unsupported,
        HoldReason::TooLarge => messages::HoldReason::TooLarge,
        HoldReason::TooComplex => messages::HoldReason::TooComplex,
        HoldReason::Timeout => messages::HoldReason::Timeout,
        HoldReason::ActiveOnly => messages::HoldReason::ActiveOnly,
        HoldReason::ScannerHit => messages::HoldReason::ScannerHit,
        HoldReason::WorkerFault => messages::HoldReason::WorkerFault,
        HoldReason::WrongPassword => messages::HoldReason::WrongPassword,
    })
}

#[cfg(test)]
mod tests {
    use sanitizer_intermediate::{ChangedKind, RemovedKind};

    /// The verdict has one list for both, so a code may not mean two things.
    #[test]
    fn codes_of_removals_and_changes_differ() {
        let removed: Vec<_> = RemovedKind::ALL.iter().map(|it| it.code()).collect();
        assert!(ChangedKind::ALL.iter().all(|it| !removed.contains(&it.code())));
    }
}
