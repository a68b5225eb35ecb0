//! Who a citizen is to this zone: an account, a guest, a session.
//!
//! | Module | Keeps |
//! |---|---|
//! | [`accounts`] | registered people; address and profile sealed |
//! | [`closing`] | what ends with an account, and what goes on without it |
//! | [`mandates`] | who may act for whom |
//! | [`represented`] | what was begun for somebody else |
//! | [`guests`] | people without an account, with or without a proven address |
//! | [`readers`] | the language a person read last: mails follow it |
//! | [`sessions`] | who is signed in, by hash of the cookie |
//! | [`tokens`] | single-use links sent by mail |
//! | [`consents`] | who agreed to which terms |
//! | [`tries`] | failed tries and the time until the next is allowed |

pub mod accounts;
pub mod closing;
pub mod consents;
pub mod guests;
pub mod mandates;
pub mod readers;
pub mod represented;
pub mod sessions;
pub mod tokens;
pub mod tries;

/// Who owns a draft, a session or an application: exactly one of the two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// A registered person.
    Account(String),
    /// Someone without an account.
    Guest(String),
}

impl Owner {
    /// The account column.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Account(id) => Some(id),
            Self::Guest(_) => None,
        }
    }

    /// The guest column.
    #[must_use]
    pub fn guest(&self) -> Option<&str> {
        match self {
            Self::Account(_) => None,
            Self::Guest(id) => Some(id),
        }
    }

    /// Reads the two columns back.
    pub(crate) fn from_columns(account: Option<String>, guest: Option<String>) -> Option<Self> {
        account.map(Self::Account).or(guest.map(Self::Guest))
    }

    /// Name in the operation log.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Account(id) => format!("account:{id}"),
            Self::Guest(id) => format!("guest:{id}"),
        }
    }
}
