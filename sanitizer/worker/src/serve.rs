//! One request, one answer.

use std::io::{self, Read, Write};

use sanitizer_intermediate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use sanitizer_intermediate::{
    Answer, ChangedKind, Confinement, Document, Family, Findings, HoldReason, Kind, Limits, Opened,
    Outcome, Password, Request,
};

use crate::{archive, crypt, detect, image, office, opened, pdf, text};

/// Room for everything of a request that is not the file.
const REQUEST_OVERHEAD: u64 = 4096;
/// Largest file a request may carry whatever limits it names.
const MAX_FILE: u64 = u32::MAX as u64;

/// The worker cannot answer. The runner holds the file as a worker fault.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Stdin was not a request.
    #[error("request: {0}")]
    Request(#[from] DecodeError),
    /// Stdout broke.
    #[error("answer: {0}")]
    Answer(#[from] io::Error),
}

/// Reads a request, reads the file in it, writes the answer.
///
/// # Errors
/// [`ServeError`] when the pipes do not carry what they should.
pub fn serve(
    input: &mut dyn Read,
    output: &mut dyn Write,
    confinement: Confinement,
) -> Result<(), ServeError> {
    let mut from = Reader::new(input, MAX_FILE + REQUEST_OVERHEAD);
    let request = Request::decode(&mut from)?;
    from.finish()?;

    let (kind, read) = read(&request);
    let outcome = match read {
        Ok(((document, findings), opened)) => Outcome::Read { findings, opened, document },
        Err(reason) => Outcome::Held(reason),
    };
    let mut to = Writer::new(output);
    Answer { confinement, kind, outcome }.encode(&mut to);
    Ok(to.finish()?)
}

type Reading = Result<(Document, Findings), HoldReason>;

/// The same, with what a password opened.
type ReadingWhole = Result<((Document, Findings), Vec<Opened>), HoldReason>;

/// What the file is, and what is in it.
fn read(request: &Request) -> (Kind, ReadingWhole) {
    let Request { hint, limits, password, bytes } = request;
    let kind = detect::kind(bytes, *hint);
    if kind == Kind::EncryptedOffice {
        return read_locked(request);
    }
    let reading = read_kind(kind, *hint, bytes, limits, password.as_ref());
    let whole = reading.and_then(|(document, findings)| {
        let locked = findings.changed().iter().any(|it| it.kind == ChangedKind::PasswordRemoved);
        let opened =
            if locked && limits.show_opened { opened::pieces(kind, request)? } else { Vec::new() };
        Ok(((document, findings), opened))
    });
    (kind, whole)
}

/// A document within a compound file, in AES. What is in it is a document of
/// today, or it is broken: nothing is unlocked twice.
fn read_locked(request: &Request) -> (Kind, ReadingWhole) {
    let Request { hint, limits, password, bytes } = request;
    let inner = match office::unlock(bytes, limits, password.as_ref()) {
        Ok(unlocked) => unlocked,
        Err(reason) => return (Kind::EncryptedOffice, Err(reason)),
    };
    let kind = detect::kind(&inner, *hint);
    if kind.family() != Family::Office {
        return (Kind::EncryptedOffice, Err(HoldReason::Broken));
    }
    let reading = read_kind(kind, *hint, &inner, limits, None);
    let whole = reading.and_then(|(document, mut findings)| {
        crypt::note(&mut findings);
        let pieces = if limits.show_opened { vec![inner] } else { Vec::new() };
        Ok(((document, findings), opened::fitting(pieces, limits.answer_bytes)?))
    });
    (kind, whole)
}

fn read_kind(
    kind: Kind,
    hint: Option<Kind>,
    bytes: &[u8],
    limits: &Limits,
    password: Option<&Password>,
) -> Reading {
    if bytes.is_empty() {
        return Err(HoldReason::Broken);
    }
    detect::agreeing(kind, hint)?;
    match kind.family() {
        Family::Pdf => pdf::read(bytes, limits, password),
        Family::Office => office::read(bytes, limits),
        Family::OpenDocument => office::read_odf(bytes, limits, password),
        Family::Rtf => office::read_rtf(bytes, limits),
        Family::Legacy => office::read_legacy(bytes, kind, limits, password),
        Family::Image => image::read(bytes, kind, limits),
        Family::Text => text::read(bytes, kind, limits),
        Family::Archive => archive::read(bytes, limits, password),
        Family::Other => Err(detect::refusal(kind)),
    }
}
