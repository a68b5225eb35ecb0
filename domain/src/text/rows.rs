//! The ten rows of the 五十音 list.

use super::{compose_kana, hira_to_kata};

/// A row: あ行 to わ行.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum KanaRow {
    /// あ行.
    A,
    /// か行.
    Ka,
    /// さ行.
    Sa,
    /// た行.
    Ta,
    /// な行.
    Na,
    /// は行.
    Ha,
    /// ま行.
    Ma,
    /// や行.
    Ya,
    /// ら行.
    Ra,
    /// わ行.
    Wa,
}

impl KanaRow {
    /// Every row, in order, with its key in addresses and its katakana, voiced and small included.
    const ROWS: [(Self, &'static str, &'static str); 10] = [
        (Self::A, "a", "アイウエオァィゥェォヴ"),
        (Self::Ka, "ka", "カキクケコガギグゲゴヵヶ"),
        (Self::Sa, "sa", "サシスセソザジズゼゾ"),
        (Self::Ta, "ta", "タチツテトダヂヅデドッ"),
        (Self::Na, "na", "ナニヌネノ"),
        (Self::Ha, "ha", "ハヒフヘホバビブベボパピプペポ"),
        (Self::Ma, "ma", "マミムメモ"),
        (Self::Ya, "ya", "ヤユヨャュョ"),
        (Self::Ra, "ra", "ラリルレロ"),
        (Self::Wa, "wa", "ワヰヱヲンヮ"),
    ];

    /// Every row, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ROWS.into_iter().map(|(row, ..)| row)
    }

    /// The row of a kana; `None` for any other character.
    #[must_use]
    pub fn of(letter: char) -> Option<Self> {
        let kata = hira_to_kata(&compose_kana(&letter.to_string()));
        let letter = kata.chars().next()?;
        Self::ROWS.into_iter().find(|(.., kana)| kana.contains(letter)).map(|(row, ..)| row)
    }

    /// Its key in addresses: `ka`.
    #[must_use]
    pub fn key(self) -> &'static str {
        Self::ROWS.into_iter().find(|(row, ..)| *row == self).map_or("", |(_, key, _)| key)
    }

    /// The row of a key.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ROWS.into_iter().find(|(_, known, _)| *known == key).map(|(row, ..)| row)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-9: every kana has its row, voiced, small and in either script.
    #[test]
    fn every_kana_has_its_row() {
        for (letter, row) in [
            ('あ', Some(KanaRow::A)),
            ('ガ', Some(KanaRow::Ka)),
            ('じ', Some(KanaRow::Sa)),
            ('ッ', Some(KanaRow::Ta)),
            ('ぽ', Some(KanaRow::Ha)),
            ('ょ', Some(KanaRow::Ya)),
            ('を', Some(KanaRow::Wa)),
            ('漢', None),
            ('a', None),
        ] {
            assert_eq!(KanaRow::of(letter), row, "{letter}");
        }
        assert!(KanaRow::all().all(|row| KanaRow::from_key(row.key()) == Some(row)));
    }
}
