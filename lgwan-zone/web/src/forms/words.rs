//! Faults in words: those of the citizens' pages.

use std::collections::HashMap;
use std::fmt::Display;

use domain::forms::Fault;

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
