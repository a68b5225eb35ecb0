//! Days of the town, written into a document that counts by them.

use serde::{Deserialize, Serialize};

use super::{FieldKind, Procedure};
use crate::calendar::OfficeDays;

/// Days on which the town is closed or open beside the law: `2026-12-28` once, `05-15` every year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TownDays {
    /// Closed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub closed: Vec<String>,
    /// Open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<String>,
}

impl TownDays {
    /// Whether the town keeps to the law.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.closed.is_empty() && self.open.is_empty()
    }
}

impl Procedure {
    /// The days it counts by; a day that is none is left out, and stops the publication.
    #[must_use]
    pub fn office_days(&self) -> OfficeDays {
        OfficeDays::read(&self.town_days.closed, &self.town_days.open).unwrap_or_default()
    }

    /// Takes over the days of the town where it counts by them: both zones read them from the
    /// document, so that neither offers a day the other does not know.
    pub fn counts_by(&mut self, office: &OfficeDays) {
        let mut fields = self.pages.iter().flat_map(|page| &page.fields);
        let counts = fields.any(|field| matches!(field.kind, FieldKind::Slot(_)));
        self.town_days = match counts {
            true => {
                let (closed, open) = office.written();
                TownDays { closed, open }
            }
            false => TownDays::default(),
        };
    }
}
