//! Which formulas stay.

use sanitizer_intermediate::RemovedKind;
use sanitizer_intermediate::office::{Formula, NotKept};

/// Decides about formulas of one workbook.
pub(in crate::office) struct Formulas {
    /// `name!` of each sheet that is not rebuilt, in lower case.
    dropped: Vec<String>,
}

impl Formulas {
    /// For a workbook that loses these sheets.
    pub(in crate::office) fn without_sheets(names: &[&str]) -> Self {
        let dropped = names.iter().flat_map(|it| {
            let name = it.to_lowercase();
            [format!("{name}!"), format!("'{}'!", name.replace('\'', "''"))]
        });
        Self { dropped: dropped.collect() }
    }

    /// The formula when it stays, else what it was.
    pub(in crate::office) fn keep(&self, text: &str) -> Result<Formula, Option<RemovedKind>> {
        let formula = Formula::new(text.trim()).map_err(|why| match why {
            NotKept::External => Some(RemovedKind::ExternalReferences),
            NotKept::Dde => Some(RemovedKind::Dde),
            NotKept::Function => Some(RemovedKind::ActiveFormulas),
            NotKept::Malformed => None,
        })?;
        if !self.dropped.is_empty() {
            let lower = formula.text().to_lowercase();
            if self.dropped.iter().any(|it| lower.contains(it)) {
                return Err(Some(RemovedKind::MacroCalls));
            }
        }
        Ok(formula)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-32: a formula that calls into a dropped macro sheet keeps its value only.
    #[test]
    fn formulas_into_dropped_sheets_do_not_stay() {
        let formulas = Formulas::without_sheets(&["Macro1", "it's"]);
        assert!(formulas.keep("SUM(A1)").is_ok());
        assert_eq!(formulas.keep("MACRO1!A1+1"), Err(Some(RemovedKind::MacroCalls)));
        assert_eq!(formulas.keep("'it''s'!A1"), Err(Some(RemovedKind::MacroCalls)));
    }
}
