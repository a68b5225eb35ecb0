//! Words around questions; those of faults are the citizens' pages'.

use std::collections::HashMap;
use std::fmt::Display;

use domain::forms::Fault;
use domain::forms::definition::FileType;

use crate::site::TEXTS;

/// The words for one fault.
pub(crate) fn text(fault: &Fault) -> String {
    let args: Vec<(&str, &dyn Display)> =
        fault.args.iter().map(|(name, value)| (*name, value as &dyn Display)).collect();
    TEXTS.fill(fault.key(), &args)
}

/// The first fault of each input, in words.
pub(crate) fn by_input(faults: &[Fault]) -> HashMap<String, String> {
    let mut words = HashMap::new();
    for fault in faults {
        words.entry(fault.input.clone()).or_insert_with(|| text(fault));
    }
    words
}

/// Catalogue key of a kind of file.
pub(crate) fn type_key(kind: FileType) -> &'static str {
    match kind {
        FileType::Pdf => "design.word.types.pdf",
        FileType::Word => "design.word.types.word",
        FileType::Excel => "design.word.types.excel",
        FileType::Powerpoint => "design.word.types.powerpoint",
        FileType::Image => "design.word.types.image",
        FileType::Text => "design.word.types.text",
        FileType::Csv => "design.word.types.csv",
        FileType::Archive => "design.word.types.archive",
    }
}
