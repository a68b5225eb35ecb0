//! How long pages take (応答時間), as a service level counts it: in classes, so that a day of any size is
//! nine numbers and nobody is told apart (NB-9, NN-15).

use std::collections::BTreeMap;

/// How long a page took, from the request to the beginning of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speed {
    /// Within 100 ms.
    Ms100,
    /// Within 300 ms.
    Ms300,
    /// Within 500 ms.
    Ms500,
    /// Within 1000 ms.
    Ms1000,
    /// Within 2000 ms.
    Ms2000,
    /// Within 3000 ms.
    Ms3000,
    /// Within 5000 ms.
    Ms5000,
    /// Within 10000 ms.
    Ms10000,
    /// Later.
    Slower,
}

impl Speed {
    /// Every class, the fastest first.
    pub const ALL: [Self; 9] = [
        Self::Ms100,
        Self::Ms300,
        Self::Ms500,
        Self::Ms1000,
        Self::Ms2000,
        Self::Ms3000,
        Self::Ms5000,
        Self::Ms10000,
        Self::Slower,
    ];

    /// How it is stored.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ms100 => "within_100",
            Self::Ms300 => "within_300",
            Self::Ms500 => "within_500",
            Self::Ms1000 => "within_1000",
            Self::Ms2000 => "within_2000",
            Self::Ms3000 => "within_3000",
            Self::Ms5000 => "within_5000",
            Self::Ms10000 => "within_10000",
            Self::Slower => "slower",
        }
    }

    /// Milliseconds within which it is; none for what is slower than every class.
    #[must_use]
    pub const fn bound(self) -> Option<u32> {
        match self {
            Self::Ms100 => Some(100),
            Self::Ms300 => Some(300),
            Self::Ms500 => Some(500),
            Self::Ms1000 => Some(1000),
            Self::Ms2000 => Some(2000),
            Self::Ms3000 => Some(3000),
            Self::Ms5000 => Some(5000),
            Self::Ms10000 => Some(10000),
            Self::Slower => None,
        }
    }

    /// The class of what took so many milliseconds.
    #[must_use]
    pub fn of(millis: u128) -> Self {
        let within = |one: &Self| one.bound().is_some_and(|bound| millis <= u128::from(bound));
        Self::ALL.into_iter().find(within).unwrap_or(Self::Slower)
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// How many pages were in which class.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers(BTreeMap<Speed, i64>);

impl Answers {
    /// Adds so many.
    pub fn add(&mut self, speed: Speed, times: i64) {
        *self.0.entry(speed).or_default() += times;
    }

    /// All of them.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.0.values().sum()
    }

    /// Hundredths of a percent that were within a class, rounded down; `None` without any.
    #[must_use]
    pub fn share(&self, within: Speed) -> Option<i64> {
        let total = self.total();
        let fast: i64 = self.0.range(..=within).map(|(_, times)| times).sum();
        (total > 0).then(|| fast.saturating_mul(10_000) / total)
    }

    /// The class within which 95 of 100 were; `None` without any.
    #[must_use]
    pub fn p95(&self) -> Option<Speed> {
        Speed::ALL.into_iter().find(|one| self.share(*one).is_some_and(|share| share >= 9_500))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NB-9, NN-15: a class holds its bound; the share within three seconds is never told too high; 95 of
    /// 100 is the class that holds them.
    #[test]
    fn answers_are_counted_in_classes() {
        for (millis, speed) in [
            (0, Speed::Ms100),
            (100, Speed::Ms100),
            (101, Speed::Ms300),
            (3_000, Speed::Ms3000),
            (10_001, Speed::Slower),
        ] {
            assert_eq!(Speed::of(millis), speed, "{millis}");
        }
        let mut answers = Answers::default();
        assert_eq!((answers.share(Speed::Ms3000), answers.p95()), (None, None));
        answers.add(Speed::Ms100, 940);
        answers.add(Speed::Ms1000, 10);
        answers.add(Speed::Slower, 51);
        assert_eq!(answers.total(), 1_001);
        assert_eq!(answers.share(Speed::Ms3000), Some(9_490));
        assert_eq!(answers.p95(), Some(Speed::Slower));
        answers.add(Speed::Ms300, 60);
        assert_eq!(answers.p95(), Some(Speed::Ms1000));
        for one in Speed::ALL {
            assert_eq!(Speed::parse(one.key()), Some(one));
        }
    }
}
