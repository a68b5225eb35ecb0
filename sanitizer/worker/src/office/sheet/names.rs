//! Names of ranges and formulas.

use sanitizer_intermediate::office::{DefinedName, Formula};
use sanitizer_intermediate::{Place, RemovedKind};

use super::formulas::Formulas;
use super::tab::TabSource;
use crate::office::package::Package;
use crate::office::xml::Element;

/// Longest name.
const MAX_NAME: usize = 1_000;
/// Names that run a macro when the workbook opens, closes or is shown.
const STARTERS: &[&str] =
    &["auto_open", "auto_close", "auto_activate", "auto_deactivate", "auto_exec", "auto_exit"];

/// Whether Excel runs what this name stands for.
pub(in crate::office) fn is_starter(name: &str) -> bool {
    let bare = name.trim_start_matches("_xlnm.").to_lowercase();
    STARTERS.iter().any(|it| bare.starts_with(it))
}

/// Whether a name stands for a function younger than the file format.
pub(in crate::office) fn is_function(name: &str) -> bool {
    ["_xlfn.", "_xlws.", "_xlpm."].iter().any(|it| name.starts_with(it))
}

/// Reads the names that stand for something of this workbook.
pub(super) fn read(
    package: &mut Package<'_>,
    root: &Element,
    sources: &[TabSource],
    formulas: &Formulas,
) -> Vec<DefinedName> {
    let mut names = Vec::new();
    for element in root.child("definedNames").into_iter().flat_map(Element::elements) {
        match read_one(element, sources, formulas) {
            Ok(name) => names.extend(name),
            Err(kind) => package.remove(kind, 1, Place::Document),
        }
    }
    names
}

fn read_one(
    element: &Element,
    sources: &[TabSource],
    formulas: &Formulas,
) -> Result<Option<DefinedName>, RemovedKind> {
    let name = element.attribute("name").unwrap_or_default();
    let runs = ["function", "vbProcedure", "xlm"].iter().any(|it| on(element, it));
    if runs || is_starter(name) {
        return Err(RemovedKind::MacroCalls);
    }
    if name.is_empty() || name.len() > MAX_NAME {
        return Ok(None);
    }
    let sheet = match element.attribute("localSheetId").map(str::parse::<usize>) {
        None => None,
        Some(Ok(at)) if sources.get(at).is_some_and(|it| it.part.is_some()) => {
            u32::try_from(sources[..at].iter().filter(|it| it.part.is_some()).count()).ok()
        }
        Some(_) => return Ok(None),
    };
    let formula: Formula = match formulas.keep(&element.own_text()) {
        Ok(formula) => formula,
        Err(kind) => return kind.map_or(Ok(None), Err),
    };
    Ok(Some(DefinedName { name: name.to_owned(), formula, sheet, hidden: on(element, "hidden") }))
}

fn on(element: &Element, name: &str) -> bool {
    matches!(element.attribute(name), Some("1" | "true"))
}
