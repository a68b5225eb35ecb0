//! A secret in three shares of which any two give it back (Shamir over GF(256)). A
//! share is a short text that can be printed and typed in again.

use blahaj::{Share, Sharks};
use bridge_contract::digest::Digest;
use bridge_contract::spoken::{BadCode, code, read_code};
use zeroize::Zeroizing;

const NEEDED: u8 = 2;
const SHARES: usize = 3;
const VERSION: u8 = 1;
const WHAT: &[u8] = b"share";
const TAG: &[u8] = b"madoguchi/secret/v1\0";
const ID: usize = 4;
/// version ‖ kind ‖ id.
const HEAD: usize = 2 + ID;

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

/// Three shares of a secret, as texts.
#[must_use]
pub fn split(kind: Secret, secret: &[u8]) -> Vec<Zeroizing<String>> {
    let dealer = Sharks(NEEDED).dealer(secret);
    let text = |share: Share| {
        let points = Zeroizing::new(Vec::from(&share));
        let head = [&[VERSION, kind.code()], id(secret).as_slice()].concat();
        let bytes = Zeroizing::new([head.as_slice(), &points].concat());
        Zeroizing::new(code(WHAT, &bytes))
    };
    dealer.take(SHARES).map(text).collect()
}

/// The secret of two shares.
///
/// # Errors
/// [`BadShare`] says which mistake was made.
pub fn combine(texts: &[&str]) -> Result<(Secret, Zeroizing<Vec<u8>>), BadShare> {
    let read: Vec<(Secret, [u8; ID], Share)> =
        texts.iter().map(|text| share(text)).collect::<Result<_, _>>()?;
    let (kind, known) = read.first().map(|one| (one.0, one.1)).ok_or(BadShare::TooFew)?;
    if read.iter().any(|one| (one.0, one.1) != (kind, known)) {
        return Err(BadShare::Different);
    }
    if read.iter().any(|one| one.2.y.len() != read[0].2.y.len()) {
        return Err(BadShare::Different);
    }
    let points: Vec<Share> = read.into_iter().map(|one| one.2).collect();
    let secret = Sharks(NEEDED).recover(&points).map_err(|_| BadShare::TooFew)?;
    let secret = Zeroizing::new(secret);
    if id(&secret) == known { Ok((kind, secret)) } else { Err(BadShare::NotTheSecret) }
}

fn share(text: &str) -> Result<(Secret, [u8; ID], Share), BadShare> {
    let bytes = Zeroizing::new(read_code(WHAT, text)?);
    let (head, points) = bytes.split_first_chunk::<HEAD>().ok_or(BadShare::NotAShare)?;
    let [version, kind, id @ ..] = *head;
    let kind = Secret::from_code(kind).filter(|_| version == VERSION);
    let share = Share::try_from(points).map_err(|_| BadShare::NotAShare)?;
    Ok((kind.ok_or(BadShare::NotAShare)?, id, share))
}

/// Tells shares of different secrets apart, and a right result from a wrong one. The
/// secrets have 256 random bits, of which this tells none that helps.
fn id(secret: &[u8]) -> [u8; ID] {
    let digest = Digest::tagged(TAG, secret).0;
    [digest[0], digest[1], digest[2], digest[3]]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-18: any two of the three shares give the secret back.
    #[test]
    fn any_two_shares_give_the_secret() {
        let secret = [7; 32];
        let shares = split(Secret::Seed, &secret);
        for (one, two) in [(0, 1), (1, 0), (0, 2), (2, 1)] {
            let (kind, found) = combine(&[&shares[one], &shares[two]]).expect("two shares");
            assert_eq!((kind, found.as_slice()), (Secret::Seed, secret.as_slice()));
        }
        assert_eq!(shares[0].len(), 81, "a share of a seed is short enough to type");
    }

    /// NN-18: one share alone fits every secret there could be.
    #[test]
    fn one_share_tells_nothing() {
        let shares = split(Secret::Seed, &[7; 32]);
        assert_eq!(combine(&[&shares[0]]).err(), Some(BadShare::TooFew));
        assert_eq!(combine(&[&shares[0], &shares[0]]).err(), Some(BadShare::TooFew));
        let first = share(&shares[0]).expect("a share").2;
        // For whatever secret, there is a second share that leads to it.
        for wanted in [0_u8, 1, 99, 255] {
            let leads = |byte: u8| {
                let second = Share::try_from([2, byte].as_slice()).expect("a share");
                let one = Share::try_from(&Vec::from(&first)[..2]).expect("a share");
                Sharks(NEEDED).recover([&one, &second]).expect("two") == [wanted]
            };
            assert_eq!((0..=255).filter(|byte| leads(*byte)).count(), 1, "{wanted}");
        }
    }

    /// NN-18: a share that was copied wrong, or is of another secret, is named so.
    #[test]
    fn a_wrong_share_is_noticed() {
        let (ours, other) = (split(Secret::Seed, &[7; 32]), split(Secret::Seed, &[8; 32]));
        assert_eq!(combine(&[&ours[0], &other[1]]).err(), Some(BadShare::Different));
        let root = split(Secret::Root, &[7; 32]);
        assert_eq!(combine(&[&ours[0], &root[1]]).err(), Some(BadShare::Different));
        let mut typed = ours[1].as_str().to_owned();
        typed.replace_range(20..21, if typed.as_bytes()[20] == b'7' { "8" } else { "7" });
        if typed.as_bytes()[20] != b'-' {
            let found = combine(&[&ours[0], &typed]).err();
            assert_eq!(found, Some(BadShare::Code(BadCode::Mistake)));
        }
        // Well copied, and not what was dealt.
        let bytes = read_code(WHAT, &ours[1]).expect("a share");
        let mut forged = bytes.clone();
        forged[HEAD + 5] ^= 1;
        let found = combine(&[&ours[0], &code(WHAT, &forged)]).err();
        assert_eq!(found, Some(BadShare::NotTheSecret));
        assert_eq!(combine(&["ABC", &ours[0]]).err(), Some(BadShare::Code(BadCode::Mistake)));
    }
}
