//! Bytes between our own processes, as another process might forge them.

use bridge_contract::digest::Digest;
use bridge_contract::ids::{ApplicationId, AttachmentId};
use bridge_contract::messages::Declared;
use bridge_contract::pipe::PipeRequest;
use bridge_contract::wire;
use sanitizer::build;
use sanitizer::policy::Policy;
use sanitizer_intermediate::codec::{Encode as _, Writer};
use sanitizer_intermediate::{Answer, Confinement, Document, Kind, Outcome};

use super::End;
use super::reader::{self, decoded};
use crate::corpus;

/// Answers and requests to begin with, made from the kept files of readers: the
/// form between our processes changes with every release, so none is kept.
pub(super) fn made(target: &str) -> Vec<Vec<u8>> {
    let bytes = |from: &str| {
        let kept = corpus::load(&corpus::house(), from).unwrap_or_default();
        kept.into_iter().filter(|(name, _)| name.starts_with("seed")).map(|(_, it)| it)
    };
    match target {
        "answer" => MODELS
            .iter()
            .flat_map(|(from, kind)| bytes(from).map(|it| reader::request(&it, *kind)))
            .filter_map(|request| reader::answered(&request).ok())
            .filter(|it| it.len() < MOST_MODEL)
            .collect(),
        "request" => MODELS
            .iter()
            .flat_map(|(from, kind)| bytes(from).take(2).map(|it| reader::request(&it, *kind)))
            .filter(|it| it.len() < MOST_MODEL)
            .collect(),
        "pipe" => bytes("csv").map(|it| wire::encode(&asked(it))).collect(),
        _ => Vec::new(),
    }
}

fn asked(bytes: Vec<u8>) -> PipeRequest {
    PipeRequest {
        application_id: ApplicationId::from_bits(1),
        declared: Declared {
            id: AttachmentId::from_bits(2),
            field: "file".to_owned(),
            name: "一覧.csv".to_owned(),
            media: "text/csv".to_owned(),
            size: bytes.len() as u64,
            sha256: Digest::of(&bytes),
        },
        bytes,
        password: None,
    }
}

/// Kinds that together have every shape of the intermediate.
const MODELS: [(&str, Kind); 7] = [
    ("pdf", Kind::Pdf),
    ("docx", Kind::Docx),
    ("xlsx", Kind::Xlsx),
    ("pptx", Kind::Pptx),
    ("png", Kind::Png),
    ("csv", Kind::Csv),
    ("zip", Kind::Zip),
];
const MOST_MODEL: usize = 24 << 10;

/// An answer of a worker that was taken over: the builder refuses it or builds
/// from it, and never falls. Whatever is read is the same again after it was
/// written and read once more.
pub(super) fn answer(bytes: &[u8]) -> End {
    let Some(answer) = decoded(bytes) else {
        return End::Held;
    };
    if decoded(&written(&answer)).as_ref() != Some(&answer) {
        return End::Wrong("an answer that changes when it is written and read".to_owned());
    }
    match answer.outcome {
        Outcome::Read { document: Document::Archive(_), .. } | Outcome::Held(_) => End::Read,
        Outcome::Read { document, .. } => match build::build(&document, &Policy::default()) {
            Ok(_) => End::Read,
            Err(_) => End::Held,
        },
    }
}

fn written(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut to = Writer::new(&mut bytes);
    answer.encode(&mut to);
    // Memory takes everything.
    to.finish().map_or(Vec::new(), |()| bytes)
}

/// A request to a worker.
pub(super) fn request(bytes: &[u8]) -> End {
    let walls = Confinement { landlock: false, seccomp: false };
    match sanitizer_worker::serve(&mut &*bytes, &mut std::io::sink(), walls) {
        Ok(()) => End::Read,
        Err(_) => End::Held,
    }
}

/// A request of the relay: read in one way only.
pub(super) fn pipe(bytes: &[u8]) -> End {
    match wire::decode::<PipeRequest>(bytes) {
        Ok(request) if wire::encode(&request) == bytes => End::Read,
        Ok(_) => End::Wrong("a request with two forms".to_owned()),
        Err(_) => End::Held,
    }
}
