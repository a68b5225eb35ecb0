//! A file on its whole way: reader, codec, builder, verifier.

use sanitizer::build::{self, BuildError};
use sanitizer::policy::{Links, Policy};
use sanitizer_intermediate::codec::{Decode as _, Encode as _, Reader, Writer};
use sanitizer_intermediate::{Answer, Confinement, Document, Kind, Limits, Outcome, Request};
use sanitizer_verifier as verifier;

use super::End;

/// Reads a file that claims to be of this kind. Whatever is read must cross the
/// codec unchanged, must be built, and the verifier must know the result.
pub(super) fn read(bytes: &[u8], hint: Kind) -> End {
    match served(&request(bytes, hint)) {
        Ok(answer) => judged(&answer, bytes.len()),
        Err(why) => End::Wrong(why),
    }
}

/// A request to read a file.
pub(super) fn request(bytes: &[u8], hint: Kind) -> Vec<u8> {
    let mut request = Vec::new();
    let mut to = Writer::new(&mut request);
    Request { hint: Some(hint), limits: limits(), bytes: bytes.to_vec(), password: None }
        .encode(&mut to);
    match to.finish() {
        Ok(()) => request,
        // Nothing is a request, too, and is refused.
        Err(_) => Vec::new(),
    }
}

/// Tells the kind with every hint a name can give.
pub(super) fn detect(bytes: &[u8]) -> End {
    let told = sanitizer_worker::detect::kind(bytes, None);
    for hint in Kind::ALL {
        let hinted = sanitizer_worker::detect::kind(bytes, Some(*hint));
        let _either = sanitizer_worker::detect::agreeing(hinted, Some(*hint));
    }
    if told == Kind::Unknown { End::Held } else { End::Read }
}

/// The bytes the worker answers to a request that is one.
pub(super) fn answered(request: &[u8]) -> Result<Vec<u8>, String> {
    let walls = Confinement { landlock: false, seccomp: false };
    let mut written = Vec::new();
    sanitizer_worker::serve(&mut &*request, &mut written, walls)
        .map_err(|error| format!("the worker does not answer: {error}"))?;
    Ok(written)
}

/// The worker's answer, which must come out of the codec as it went in.
fn served(request: &[u8]) -> Result<Answer, String> {
    let written = answered(request)?;
    let answer = decoded(&written).ok_or("the answer cannot be read")?;
    let mut again = Vec::new();
    let mut to = Writer::new(&mut again);
    answer.encode(&mut to);
    to.finish().map_err(|error| format!("the answer cannot be written: {error}"))?;
    if again == written { Ok(answer) } else { Err("the answer changes on its way".to_owned()) }
}

pub(super) fn decoded(written: &[u8]) -> Option<Answer> {
    let mut bytes = written;
    let mut from = Reader::new(&mut bytes, limits().answer_bytes);
    let answer = Answer::decode(&mut from).ok()?;
    from.finish().ok()?;
    Some(answer)
}

fn judged(answer: &Answer, size: usize) -> End {
    match &answer.outcome {
        Outcome::Held(_) => End::Held,
        // Its members are read one by one, each as a file.
        Outcome::Read { document: Document::Archive(_), .. } => End::Read,
        Outcome::Read { document, .. } => match built(document, size) {
            Ok(()) => End::Read,
            Err(why) => End::Wrong(why),
        },
    }
}

/// Builds a document of an honest worker; the verifier must take it.
fn built(document: &Document, size: usize) -> Result<(), String> {
    let links = if size.is_multiple_of(2) { Links::KeepWeb } else { Links::Remove };
    let policy = Policy { links, ..Policy::default() };
    let built = match build::build(document, &policy) {
        Ok(built) => built,
        Err(BuildError::TooLarge) => return Ok(()),
        Err(error) => return Err(format!("not built: {error}")),
    };
    let kind = verifier::Kind::of_extension(built.extension).unwrap_or(verifier::Kind::Text);
    verifier::verify(kind, &built.bytes)
        .map_err(|refusal| format!("{}: {}", built.extension, refusal.what()))
}

/// What an input may cost: a share of what a real file may, so that a second
/// holds many inputs.
pub(super) fn limits() -> Limits {
    Limits {
        answer_bytes: 64 << 20,
        decoded_bytes: 32 << 20,
        pixels: 2_000_000,
        frames: 60,
        pages: 60,
        objects: 100_000,
        parts: 500,
        cells: 50_000,
        text_bytes: 2 << 20,
        ..Limits::default()
    }
}
