//! What is tried: one function of bytes for each way in.

mod bridge;
#[cfg(feature = "files")]
mod codec;
#[cfg(feature = "files")]
mod reader;
#[cfg(feature = "files")]
mod verifier;

use std::sync::LazyLock;

#[cfg(feature = "files")]
use sanitizer_intermediate::Kind;

use crate::mutate::{Shape, Words};

/// What came of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// They were read.
    Read,
    /// They were refused.
    Held,
    /// A promise was broken, in words that are the same for the same one.
    Wrong(String),
}

/// A way in.
#[derive(Debug)]
pub struct Target {
    /// Its name, and that of its folder in the corpus.
    pub name: &'static str,
    /// The container its files have.
    pub shape: Shape,
    /// The words its files know.
    pub words: Words,
    /// Reads the bytes.
    pub run: fn(&[u8]) -> End,
}

/// All ways in.
pub static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let mut all = Vec::new();
    #[cfg(feature = "files")]
    all.extend(of_files());
    all.extend(of_the_bridge());
    all
});

#[cfg(feature = "files")]
fn of_files() -> [Target; 28] {
    [
        reader("pdf", Shape::Pdf, Words::Pdf, |it| reader::read(it, Kind::Pdf)),
        reader("docx", Shape::Zip, Words::Xml, |it| reader::read(it, Kind::Docx)),
        reader("xlsx", Shape::Zip, Words::Xml, |it| reader::read(it, Kind::Xlsx)),
        reader("xlsb", Shape::Zip, Words::Records, |it| reader::read(it, Kind::Xlsb)),
        reader("pptx", Shape::Zip, Words::Xml, |it| reader::read(it, Kind::Pptx)),
        reader("doc", Shape::Compound, Words::Records, |it| reader::read(it, Kind::Doc)),
        reader("xls", Shape::Compound, Words::Records, |it| reader::read(it, Kind::Xls)),
        reader("ppt", Shape::Compound, Words::Records, |it| reader::read(it, Kind::Ppt)),
        reader("odf", Shape::Zip, Words::Xml, |it| reader::read(it, Kind::OpenDocument)),
        reader("rtf", Shape::Plain, Words::Rtf, |it| reader::read(it, Kind::Rtf)),
        reader("zip", Shape::Zip, Words::Text, |it| reader::read(it, Kind::Zip)),
        reader("jpeg", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::Jpeg)),
        reader("png", Shape::Png, Words::Picture, |it| reader::read(it, Kind::Png)),
        reader("gif", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::Gif)),
        reader("bmp", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::Bmp)),
        reader("tiff", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::Tiff)),
        reader("webp", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::WebP)),
        reader("heic", Shape::Plain, Words::Picture, |it| reader::read(it, Kind::Heic)),
        reader("svg", Shape::Plain, Words::Xml, |it| reader::read(it, Kind::Svg)),
        reader("text", Shape::Plain, Words::Text, |it| reader::read(it, Kind::Text)),
        reader("csv", Shape::Plain, Words::Text, |it| reader::read(it, Kind::Csv)),
        reader("detect", Shape::Plain, Words::Text, reader::detect),
        reader("answer", Shape::Plain, Words::Picture, codec::answer),
        reader("request", Shape::Plain, Words::Picture, codec::request),
        reader("pipe", Shape::Plain, Words::Text, codec::pipe),
        reader("verify-pdf", Shape::Pdf, Words::Pdf, verifier::pdf),
        reader("verify-office", Shape::Zip, Words::Xml, verifier::office),
        reader("verify-picture", Shape::Png, Words::Picture, verifier::picture),
    ]
}

fn of_the_bridge() -> [Target; 12] {
    [
        reader("bridge-header", Shape::Plain, Words::Picture, bridge::header),
        reader("bridge-bundle", Shape::Plain, Words::Picture, bridge::bundle),
        reader("bridge-item", Shape::Plain, Words::Text, bridge::item),
        reader("bridge-message", Shape::Plain, Words::Text, bridge::message),
        reader("bridge-head", Shape::Plain, Words::Picture, bridge::head),
        reader("bridge-keyset", Shape::Plain, Words::Picture, bridge::key_set),
        reader("bridge-evidence", Shape::Plain, Words::Text, bridge::evidence),
        reader("bridge-reset", Shape::Plain, Words::Picture, bridge::reset),
        reader("bridge-request", Shape::Plain, Words::Text, bridge::request),
        reader("bridge-frame", Shape::Plain, Words::Picture, bridge::frame),
        reader("bridge-part", Shape::Plain, Words::Picture, bridge::part),
        reader("bridge-share", Shape::Plain, Words::Text, bridge::share),
    ]
}

const fn reader(name: &'static str, shape: Shape, words: Words, run: fn(&[u8]) -> End) -> Target {
    Target { name, shape, words, run }
}

/// Inputs to begin with that are not kept but made.
#[must_use]
pub fn made(target: &Target) -> Vec<Vec<u8>> {
    let made = bridge::made(target.name).into_iter();
    #[cfg(feature = "files")]
    let made = made.chain(codec::made(target.name));
    made.collect()
}

/// The target of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|it| it.name == name)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// NF-32: every folder of the corpus belongs to a target, and every target
    /// has something to begin with.
    #[cfg(feature = "files")]
    #[test]
    fn every_target_has_inputs() {
        let folders: BTreeSet<String> = crate::corpus::house()
            .read_dir()
            .expect("a corpus")
            .map(|it| it.expect("a folder").file_name().to_string_lossy().into_owned())
            .collect();
        let names: BTreeSet<String> = TARGETS.iter().map(|it| it.name.to_owned()).collect();
        assert!(folders.is_subset(&names), "{folders:?}");
        for target in TARGETS.iter() {
            let inputs = crate::corpus::load(&crate::corpus::house(), target.name);
            let kept = inputs.expect("readable").len();
            assert!(kept + made(target).len() > 0, "{}", target.name);
        }
    }
}
