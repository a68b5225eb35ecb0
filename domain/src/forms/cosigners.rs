//! Who must agree before an application is sent, and to what (連署).

use jiff::civil::Date;

use crate::forms::definition::{Bound, Cosigner, FieldKind, MOST_COSIGNERS};
use crate::forms::expr::{Expr, Type, Value};
use crate::forms::publish::Problem;
use crate::forms::{Answers, Compiled};

/// One person who must agree.
#[derive(Debug, Clone, Copy)]
pub struct CosignPlace<'a> {
    /// Which kind of co-signer.
    pub kind: &'a Cosigner,
    /// The how manieth of its kind, from 1.
    pub place: u32,
    /// How many of its kind there are.
    pub of: u32,
}

/// When co-signers of a kind are needed, and how many.
#[derive(Debug)]
pub(super) struct Signers {
    /// `None` is always.
    when: Option<Expr>,
    /// `None` is one.
    count: Option<Expr>,
}

/// Whether it is worked out from the answers.
const fn is_worked_out(kind: &FieldKind) -> bool {
    matches!(kind, FieldKind::Calc(_) | FieldKind::Fee(_))
}

impl Compiled {
    /// Parses when there are co-signers and how many: every answer may count.
    pub(super) fn with_signers(mut self) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut signers = Vec::new();
        for (n, cosigner) in self.procedure().access.cosigners.iter().enumerate() {
            let at = |part: &str| format!("access.cosigners[{n}].{part}");
            let whole = match &cosigner.count {
                Some(Bound::Whole(count)) => Some(count.to_string()),
                Some(Bound::Expr(text)) => Some(text.clone()),
                None => None,
            };
            let mut parsed = |text: Option<&String>, part: &str, kind| {
                text.and_then(|text| self.typed(text, kind, &at(part), &mut problems))
            };
            signers.push(Signers {
                when: parsed(cosigner.when.as_ref(), "when", Type::Bool),
                count: parsed(whole.as_ref(), "count", Type::Number),
            });
        }
        self.signers = signers;
        if problems.is_empty() { Ok(self) } else { Err(problems) }
    }

    /// Everybody who must agree to these answers, [`MOST_COSIGNERS`] at most. A count without a
    /// value asks for nobody.
    #[must_use]
    pub fn cosigners(&self, answers: &Answers, today: Date) -> Vec<CosignPlace<'_>> {
        let kinds = self.procedure().access.cosigners.iter().zip(&self.signers);
        let places = kinds.flat_map(|(kind, signers)| {
            let holds = |when: &Expr| {
                self.evaluate(when, answers, today, |value| matches!(value, Value::Bool(true)))
            };
            let count = match &signers.count {
                _ if !signers.when.as_ref().is_none_or(holds) => 0,
                None => 1,
                Some(expr) => self.rounded_up(expr, answers, today).unwrap_or(0),
            };
            let of = u32::try_from(count.clamp(0, i64::from(MOST_COSIGNERS))).unwrap_or(0);
            (1..=of).map(move |place| CosignPlace { kind, place, of })
        });
        places.take(MOST_COSIGNERS as usize).collect()
    }

    /// What a co-signer agrees to of checked answers: without what is worked out from them, which
    /// may be another number tomorrow.
    #[must_use]
    pub fn signed(&self, answers: &Answers) -> Answers {
        let mut signed = answers.clone();
        signed.retain(|input| {
            self.field_storing(input).is_none_or(|field| !is_worked_out(&field.kind))
        });
        signed
    }
}
