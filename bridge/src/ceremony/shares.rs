//! A secret in three shares of which any two give it back (Shamir over GF(256)). A
//! share is a short text that can be printed and typed in again.

use blahaj::{Share as Point, Sharks};
use bridge_contract::share::{BadShare, Secret, Share};
use zeroize::Zeroizing;

const NEEDED: u8 = 2;
const SHARES: usize = 3;

/// Three shares of a secret, as texts.
#[must_use]
pub fn split(kind: Secret, secret: &[u8]) -> Vec<Zeroizing<String>> {
    let (dealer, id) = (Sharks(NEEDED).dealer(secret), Share::id_of(secret));
    let text = |point: Point| {
        let bytes = Zeroizing::new(Vec::from(&point));
        let (number, points) = bytes.split_first().map_or((0, &[][..]), |(at, rest)| (*at, rest));
        Share { kind, id, number, points: Zeroizing::new(points.to_vec()) }.code()
    };
    dealer.take(SHARES).map(text).collect()
}

/// The secret of two shares.
///
/// # Errors
/// [`BadShare`] says which mistake was made.
pub fn combine(texts: &[&str]) -> Result<(Secret, Zeroizing<Vec<u8>>), BadShare> {
    let read: Vec<Share> = texts.iter().map(|text| Share::parse(text)).collect::<Result<_, _>>()?;
    let first = read.first().ok_or(BadShare::TooFew)?;
    let fits = |one: &Share| {
        (one.kind, one.id, one.points.len()) == (first.kind, first.id, first.points.len())
    };
    if !read.iter().all(fits) {
        return Err(BadShare::Different);
    }
    let points: Vec<Point> = read.iter().map(point).collect::<Result<_, _>>()?;
    let secret = Sharks(NEEDED).recover(&points).map_err(|_| BadShare::TooFew)?;
    let secret = Zeroizing::new(secret);
    match Share::id_of(&secret) == first.id {
        true => Ok((first.kind, secret)),
        false => Err(BadShare::NotTheSecret),
    }
}

fn point(share: &Share) -> Result<Point, BadShare> {
    let bytes = Zeroizing::new([&[share.number], share.points.as_slice()].concat());
    Point::try_from(bytes.as_slice()).map_err(|_| BadShare::NotAShare)
}

#[cfg(test)]
mod tests {
    use bridge_contract::spoken::BadCode;

    use super::*;

    /// The three shares of thirty-two sevens that are frozen for all time.
    const FROZEN: &str = include_str!("../../contract/golden/share.v1.txt");

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

    /// NN-18: shares that were printed once are read by every later version.
    #[test]
    fn frozen_shares_give_their_secret() {
        let shares: Vec<&str> = FROZEN.lines().collect();
        assert_eq!(shares.len(), SHARES);
        for (one, two) in [(0, 1), (2, 0), (1, 2)] {
            let (kind, found) = combine(&[shares[one], shares[two]]).expect("two shares");
            assert_eq!((kind, found.as_slice()), (Secret::Seed, [7; 32].as_slice()));
        }
    }

    /// NN-18: one share alone fits every secret there could be.
    #[test]
    fn one_share_tells_nothing() {
        let shares = split(Secret::Seed, &[7; 32]);
        assert_eq!(combine(&[&shares[0]]).err(), Some(BadShare::TooFew));
        assert_eq!(combine(&[&shares[0], &shares[0]]).err(), Some(BadShare::TooFew));
        let first = point(&Share::parse(&shares[0]).expect("a share")).expect("a point");
        // For whatever secret, there is a second share that leads to it.
        for wanted in [0_u8, 1, 99, 255] {
            let leads = |byte: u8| {
                let second = Point::try_from([2, byte].as_slice()).expect("a share");
                let one = Point::try_from(&Vec::from(&first)[..2]).expect("a share");
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
        let mut forged = Share::parse(&ours[1]).expect("a share");
        forged.points[4] ^= 1;
        let found = combine(&[&ours[0], &forged.code()]).err();
        assert_eq!(found, Some(BadShare::NotTheSecret));
        assert_eq!(combine(&["ABC", &ours[0]]).err(), Some(BadShare::Code(BadCode::Mistake)));
    }
}
