//! Formulas of a sheet: of one cell, shared by several, and of whole ranges.

use std::collections::HashMap;

use sanitizer_intermediate::office::CellFormula;
use sanitizer_intermediate::{ChangedKind, Findings, RemovedKind};

use super::Globals;
use crate::office::legacy::bytes::{u8_at, u16_at};
use crate::office::sheet::Formulas;
use crate::office::tokens::{self, Form, Place, Scope, Tokens, area};

/// What decides about the formulas of a workbook.
pub(super) struct Rules<'r> {
    pub globals: &'r Globals,
    pub scope: &'r Scope,
    pub formulas: &'r Formulas,
    /// The sheet is of macros: of its cells the last values stay.
    pub values_only: bool,
}

impl Rules<'_> {
    /// The edition of the tokens.
    pub(super) const fn form(&self) -> Form {
        self.globals.form()
    }
}

/// The formulas of one sheet.
pub(super) struct Shared {
    /// Shared formulas by the cell that has them; nothing for those that do not stay.
    groups: HashMap<Place, Option<(u32, [u32; 4])>>,
    valued: u32,
    removed: Vec<(RemovedKind, u32)>,
}

/// What a record of a formula says.
pub(super) enum Found {
    /// It is this, or only the value stays.
    Formula(Option<CellFormula>),
    /// A record that follows says it.
    Follows,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self { groups: HashMap::new(), valued: 0, removed: Vec::new() }
    }

    /// The formula of a cell.
    pub(super) fn own(&mut self, rules: &Rules<'_>, at: Place, data: &[u8]) -> Found {
        let (tokens, extra) = tokens::counted(data, 22, usize::from(u16_at(data, 20)));
        let tokens = Tokens { form: rules.form(), tokens, extra, at };
        let Some(first) = tokens::shared_with(&tokens) else {
            return Found::Formula(self.keep(rules, &tokens).map(CellFormula::Own));
        };
        match self.groups.get(&first) {
            None => Found::Follows,
            Some(Some((group, [top, bottom, left, right])))
                if (*top..=*bottom).contains(&at.row) && (*left..=*right).contains(&at.column) =>
            {
                Found::Formula(Some(CellFormula::SharedNext(*group)))
            }
            Some(_) => {
                self.valued += 1;
                Found::Formula(None)
            }
        }
    }

    /// A formula that several cells share, told after the first of them.
    pub(super) fn shared(
        &mut self,
        rules: &Rules<'_>,
        at: Place,
        data: &[u8],
    ) -> Option<CellFormula> {
        let (tokens, extra) = tokens::counted(data, 10, usize::from(u16_at(data, 8)));
        let formula = self.keep(rules, &Tokens { form: rules.form(), tokens, extra, at });
        let [first, last] = corners(data);
        let number = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let range = [at.row, last.row, first.column, last.column];
        let known = formula.as_ref().map(|_| (number, range));
        self.groups.insert(at, known);
        let range = area(Place { row: at.row, column: first.column }, last);
        Some(CellFormula::SharedFirst { group: number, range, formula: formula? })
    }

    /// A formula with a result for each cell of a range.
    pub(super) fn array(
        &mut self,
        rules: &Rules<'_>,
        at: Place,
        data: &[u8],
    ) -> Option<CellFormula> {
        let (tokens, extra) = tokens::counted(data, 14, usize::from(u16_at(data, 12)));
        let formula = self.keep(rules, &Tokens { form: rules.form(), tokens, extra, at })?;
        let [first, last] = corners(data);
        Some(CellFormula::Array { range: area(first, last), formula })
    }

    fn keep(
        &mut self,
        rules: &Rules<'_>,
        tokens: &Tokens<'_>,
    ) -> Option<sanitizer_intermediate::office::Formula> {
        let text = tokens::text(tokens, rules.scope).filter(|_| !rules.values_only);
        let kept = text.ok_or(None).and_then(|it| rules.formulas.keep(&it));
        match kept {
            Ok(formula) => Some(formula),
            Err(kind) => {
                self.valued += 1;
                self.removed.extend(kind.map(|it| (it, 1)));
                None
            }
        }
    }

    /// A formula whose text never came.
    pub(super) fn missed(&mut self) {
        self.valued += 1;
    }

    /// Notes what became values.
    pub(super) fn note(self, findings: &mut Findings, place: sanitizer_intermediate::Place) {
        findings.change(ChangedKind::FormulasToValues, self.valued, place);
        for (kind, count) in self.removed {
            findings.remove(kind, count, place);
        }
    }
}

/// The corners of a range before shared and array formulas.
fn corners(data: &[u8]) -> [Place; 2] {
    let (top, bottom) = (u32::from(u16_at(data, 0)), u32::from(u16_at(data, 2)));
    let (left, right) = (u32::from(u8_at(data, 4)), u32::from(u8_at(data, 5)));
    [Place { row: top, column: left }, Place { row: bottom.max(top), column: right.max(left) }]
}
