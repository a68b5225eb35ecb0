//! One share of a secret, as people print it and type it in again: any two of the
//! three give the secret back. `docs/wire/spoken.md` draws it; how a secret is dealt
//! and put together is the ceremony's matter.

use zeroize::Zeroizing;

use crate::digest::Digest;
use crate::spoken::{BadCode, code, read_code};

const VERSION: u8 = 1;
const WHAT: &[u8] = b"share";
const TAG: &[u8] = b"madoguchi/secret/v1\0";
const ID: usize = 4;
/// version ‖ kind ‖ id ‖ number.
const HEAD: usize = 2 + ID + 1;

/// What is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secret {
    /// The seed of a host's opening keys.
    Seed,
    /// The root's PKCS#8 document.
    Root,
}

impl Secret {
    const fn code(self) -> u8 {
        match self {
            Self::Seed => 1,
            Self::Root => 2,
        }
    }

    const fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::Seed),
            2 => Some(Self::Root),
            _ => None,
        }
    }
}

/// Why shares do not give a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadShare {
    /// It was not copied right.
    #[error("{0}")]
    Code(#[from] BadCode),
    /// No share, or one of a later version.
    #[error("not a share that this version reads")]
    NotAShare,
    /// Shares of two secrets.
    #[error("the two shares are of different secrets")]
    Different,
    /// The same share twice, or only one.
    #[error("two different shares are needed")]
    TooFew,
    /// Together they give something else than what was shared.
    #[error("the two shares do not fit together")]
    NotTheSecret,
}

/// One share.
#[derive(Clone, PartialEq, Eq)]
pub struct Share {
    /// What is shared.
    pub kind: Secret,
    /// Tells shares of different secrets apart, and a right result from a wrong one. The
    /// secrets have 256 random bits, of which this tells none that helps.
    pub id: [u8; ID],
    /// Its number, from 1: a share numbered 0 would be the secret itself.
    pub number: u8,
    /// One byte for each byte of the secret.
    pub points: Zeroizing<Vec<u8>>,
}

impl Share {
    /// The id of a secret.
    #[must_use]
    pub fn id_of(secret: &[u8]) -> [u8; ID] {
        let digest = Digest::tagged(TAG, secret).0;
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// What is printed.
    #[must_use]
    pub fn code(&self) -> Zeroizing<String> {
        let head = [&[VERSION, self.kind.code()], self.id.as_slice(), &[self.number]].concat();
        let bytes = Zeroizing::new([head.as_slice(), &self.points].concat());
        Zeroizing::new(code(WHAT, &bytes))
    }

    /// Reads what somebody typed.
    ///
    /// # Errors
    /// [`BadShare`] says which mistake was made.
    pub fn parse(text: &str) -> Result<Self, BadShare> {
        let bytes = Zeroizing::new(read_code(WHAT, text)?);
        let (head, points) = bytes.split_first_chunk::<HEAD>().ok_or(BadShare::NotAShare)?;
        let [version, kind, id @ .., number] = *head;
        let kind = Secret::from_code(kind).filter(|_| version == VERSION && number > 0);
        let kind = kind.filter(|_| !points.is_empty()).ok_or(BadShare::NotAShare)?;
        Ok(Self { kind, id, number, points: Zeroizing::new(points.to_vec()) })
    }
}

/// Says whose it is and nothing of what it gives.
impl std::fmt::Debug for Share {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "share {} of {:?}", self.number, self.kind)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// NN-18: what is no share is named so, whatever was typed.
    #[test]
    fn what_is_no_share_is_refused() {
        let good = Share {
            kind: Secret::Seed,
            id: [1, 2, 3, 4],
            number: 1,
            points: Zeroizing::new(vec![9; 32]),
        };
        assert_eq!(Share::parse(&good.code()), Ok(good.clone()));
        let nothing = Share { points: Zeroizing::default(), ..good.clone() };
        let secret = Share { number: 0, ..good };
        for bad in [nothing.code(), secret.code(), Zeroizing::new(code(WHAT, &[2, 1, 0]))] {
            assert_eq!(Share::parse(&bad), Err(BadShare::NotAShare));
        }
        for version in [[2, 1], [1, 3], [0, 0]] {
            let other = [version.as_slice(), &[0; 20]].concat();
            assert_eq!(Share::parse(&code(WHAT, &other)), Err(BadShare::NotAShare));
        }
    }

    proptest! {
        #[test]
        fn hostile_shares_never_panic(text: String, bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            for text in [text, code(WHAT, &bytes), code(WHAT, &[&[1, 1], bytes.as_slice()].concat())] {
                if let Ok(share) = Share::parse(&text) {
                    prop_assert_eq!(Share::parse(&share.code()), Ok(share));
                }
            }
        }
    }
}
