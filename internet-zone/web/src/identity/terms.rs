//! The terms of use: one version at a time, its words hashed into every consent (NF-62).

use std::sync::LazyLock;

use internet_zone_store::identity::consents::Agreement;
use platform_web::fields::{Choice, Field};

use crate::forms::{Question, Shape};
use crate::markdown;
use crate::site::Site;
use crate::texts::TEXTS;

/// The terms in force.
pub(crate) struct Terms {
    /// Version, a date.
    pub(crate) version: &'static str,
    /// Their words as HTML.
    pub(crate) html: String,
    sha256: Vec<u8>,
}

const WORDS: &str = include_str!("../../texts/ja/terms.md");

/// The terms in force.
pub(crate) static TERMS: LazyLock<Terms> = LazyLock::new(|| Terms {
    version: TEXTS.text("identity.terms.in_force"),
    html: markdown::html(WORDS),
    sha256: ring::digest::digest(&ring::digest::SHA256, WORDS.as_bytes()).as_ref().to_vec(),
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
