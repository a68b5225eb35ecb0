//! Questions that staff answer for themselves: on the desk only, never on a citizens' page
//! (IK-2.1.2a3, 申請項目の追加).

use crate::forms::Compiled;
use crate::forms::definition::{Page, Procedure, Words};
use crate::forms::publish::Problem;

impl Procedure {
    /// The questions of staff as a form of its own; `None` when there are none. They refer to each
    /// other only.
    #[must_use]
    pub fn for_staff(&self) -> Option<Self> {
        if self.staff_fields.is_empty() {
            return None;
        }
        let page = Page {
            id: "staff".to_owned(),
            title: Words::default(),
            intro: Words::default(),
            when: None,
            fields: self.staff_fields.clone(),
        };
        Some(Self {
            pages: vec![page],
            staff_fields: Vec::new(),
            routing: Vec::new(),
            outcomes: Vec::new(),
            capacity: None,
            export: None,
            tests: Vec::new(),
            ..self.clone()
        })
    }
}

impl Compiled {
    /// The form staff fill in for themselves; `None` when the procedure has none.
    ///
    /// # Errors
    /// The problems of its expressions and ids.
    pub fn for_staff(&self) -> Result<Option<Self>, Vec<Problem>> {
        self.procedure().for_staff().map(Self::new).transpose()
    }
}
