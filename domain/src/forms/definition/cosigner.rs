//! People beside the applicant who must agree before an application is sent (連署).

use serde::{Deserialize, Serialize};

use super::{Bound, Words};

/// Most people one application asks for.
pub const MOST_COSIGNERS: u32 = 10;

/// A kind of co-signer, such as the other parent or a guarantor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cosigner {
    /// Key in the procedure: `a-z 0-9 _`.
    pub id: String,
    /// Who it is: もう一人の保護者.
    pub who: Words,
    /// What they agree to, in a sentence or two.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub agrees: Words,
    /// When they are needed: an expression over the answers; always without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// How many of them: a number, or an expression over the answers that may come to none. One
    /// without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<Bound>,
}
