//! One request, one answer.

use std::io::{self, Read, Write};

use sanitizer_intermediate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use sanitizer_intermediate::{
    Answer, Confinement, Document, Family, Findings, HoldReason, Kind, Outcome, Request,
};

use crate::{archive, detect, image, office, pdf, text};

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

    let kind = detect::kind(&request.bytes, request.hint);
    let outcome = match read(kind, &request) {
        Ok((document, findings)) => Outcome::Read { findings, document },
        Err(reason) => Outcome::Held(reason),
    };
    let mut to = Writer::new(output);
    Answer { confinement, kind, outcome }.encode(&mut to);
    Ok(to.finish()?)
}

fn read(kind: Kind, request: &Request) -> Result<(Document, Findings), HoldReason> {
    let (bytes, limits) = (request.bytes.as_slice(), &request.limits);
    if bytes.is_empty() {
        return Err(HoldReason::Broken);
    }
    detect::agreeing(kind, request.hint)?;
    match kind.family() {
        Family::Pdf => pdf::read(bytes, limits),
        Family::Office => office::read(bytes, limits),
        Family::OpenDocument => office::read_odf(bytes, limits),
        Family::Rtf => office::read_rtf(bytes, limits),
        Family::Legacy => office::read_legacy(bytes, kind, limits),
        Family::Image => image::read(bytes, kind, limits),
        Family::Text => text::read(bytes, kind, limits),
        Family::Archive => archive::read(bytes, limits),
        Family::Other => Err(detect::refusal(kind)),
    }
}
