//! 付箋: a label a department puts on applications. What it says is its name; the colour only helps.

/// How a label looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Colour {
    /// 灰.
    Grey,
    /// 赤.
    Red,
    /// 橙.
    Orange,
    /// 黄.
    Yellow,
    /// 緑.
    Green,
    /// 青緑.
    Teal,
    /// 青.
    Blue,
    /// 紫.
    Purple,
}

impl Colour {
    /// Every colour, in the order pages show them.
    pub const ALL: [Self; 8] = [
        Self::Grey,
        Self::Red,
        Self::Orange,
        Self::Yellow,
        Self::Green,
        Self::Teal,
        Self::Blue,
        Self::Purple,
    ];

    /// How it is stored, and the last part of its class and its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Red => "red",
            Self::Orange => "orange",
            Self::Yellow => "yellow",
            Self::Green => "green",
            Self::Teal => "teal",
            Self::Blue => "blue",
            Self::Purple => "purple",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|colour| colour.key() == key)
    }
}

/// Longest name in characters: it stands in a line of the list.
pub const LONGEST: usize = 20;

/// A name as it may stand on a label: 1 to [`LONGEST`] characters that can be seen. `None` for others.
#[must_use]
pub fn name(typed: &str) -> Option<String> {
    let name = typed.trim();
    let fits = !name.is_empty() && name.chars().count() <= LONGEST;
    (fits && !name.chars().any(char::is_control)).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A label always has words, short enough for a line of the list.
    #[test]
    fn a_name_can_be_read() {
        assert_eq!(name(" 至急 "), Some("至急".to_owned()));
        assert_eq!(name(&"あ".repeat(LONGEST)).map(|name| name.chars().count()), Some(LONGEST));
        for bad in ["", "　", "a\nb", &"あ".repeat(LONGEST + 1)] {
            assert_eq!(name(bad), None, "{bad:?}");
        }
        for colour in Colour::ALL {
            assert_eq!(Colour::parse(colour.key()), Some(colour));
        }
    }
}
