//! The terms of use: one version at a time, its words hashed into every consent (NF-62).

use std::sync::LazyLock;

use domain::forms::definition::Lang;
use internet_zone_store::identity::consents::Agreement;
use platform_web::fields::{Choice, Field};

use crate::forms::{Question, Shape};
use crate::markdown;
use crate::site::Site;
use crate::texts::{self, TEXTS};

/// The terms in force.
pub(crate) struct Terms {
    /// Version, a date.
    pub(crate) version: &'static str,
    sha256: Vec<u8>,
}

/// The terms in force: the Japanese ones, whatever language they are read in.
pub(crate) static TERMS: LazyLock<Terms> = LazyLock::new(|| Terms {
    version: texts::plain(Lang::Ja).text("identity.terms.in_force"),
    sha256: {
        let words = texts::plain(Lang::Ja).text("documents.terms");
        ring::digest::digest(&ring::digest::SHA256, words.as_bytes()).as_ref().to_vec()
    },
});

/// A consent to record.
pub(crate) fn agreement(site: &Site) -> Agreement {
    Agreement { id: site.new_id(), version: TERMS.version.to_owned(), sha256: TERMS.sha256.clone() }
}

/// Name of the box.
pub(crate) const INPUT: &str = "agree";

/// The question whether one agrees.
pub(crate) fn question(agreed: bool, missing: bool) -> Question {
    let error = TEXTS.text("identity.terms.missing");
    let choice =
        Choice { chosen: agreed, ..Choice::new("yes", TEXTS.text("identity.terms.agree")) };
    let field = Field::new(INPUT, TEXTS.text("identity.terms.title"))
        .required()
        .error(missing.then_some(error))
        .choices(vec![choice]);
    Question { field, shape: Shape::Consent(markdown::html(TEXTS.text("identity.terms.box"))) }
}
