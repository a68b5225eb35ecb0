//! What will become of a file, told before the citizen sends it (IK-3.5.3).

use std::fmt;
use std::pin::Pin;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Looks at files. It reads them in a process of its own: this zone parses no
/// uploaded bytes.
pub trait LookAhead: fmt::Debug + Send + Sync {
    /// Looks at one file. A look that fails refuses nothing: the file is read
    /// again on its way, and what cannot be rebuilt is held there.
    fn look<'a>(&'a self, file: Upload<'a>) -> Pin<Box<dyn Future<Output = Seen> + Send + 'a>>;
}

/// A file to look at.
pub struct Upload<'a> {
    /// Its name: a claim.
    pub name: &'a str,
    /// The file.
    pub bytes: &'a [u8],
    /// What the citizen says opens it.
    pub password: Option<Zeroizing<String>>,
}

/// The answer of one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// It can be taken.
    As(Look),
    /// The password does not open it.
    WrongPassword,
    /// It cannot be rebuilt: why and what to do, for the citizen.
    Refused(String),
}

/// What is known of a file of a draft; kept beside it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Look {
    /// Nobody looked: what is wrong shows when it arrives.
    #[default]
    Unseen,
    /// It arrives as it is, apart from what these sentences say.
    Fits {
        /// What will be missing or different; may be empty.
        lines: Vec<String>,
    },
    /// Its password is needed.
    Locked,
}

impl Look {
    /// What is kept beside the file.
    pub(crate) fn kept(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What was kept; nothing is known when it does not read.
    pub(crate) fn read(kept: &str) -> Self {
        serde_json::from_str(kept).unwrap_or_default()
    }

    /// Whether the file cannot be sent without its password.
    pub(crate) const fn is_locked(&self) -> bool {
        matches!(self, Self::Locked)
    }

    /// Sentences for the citizen.
    pub(crate) fn lines(self) -> Vec<String> {
        match self {
            Self::Fits { lines } => lines,
            Self::Unseen | Self::Locked => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.3: what was seen is kept as it is, and nonsense means nobody looked.
    #[test]
    fn a_look_is_kept_and_read_again() {
        let fits = Look::Fits { lines: vec!["マクロを2件除去します。".to_owned()] };
        for look in [Look::Unseen, fits, Look::Locked] {
            assert_eq!(Look::read(&look.kept()), look);
        }
        assert_eq!(Look::read("{\"state\":\"other\"}"), Look::Unseen);
        assert_eq!(Look::read(""), Look::Unseen);
    }
}
