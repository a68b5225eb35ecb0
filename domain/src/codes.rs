//! Codes that stand for words in the catalogue.

/// An enum of codes: each variant has its catalogue key, `ALL` lists them for the test that every
/// code has its words.
macro_rules! codes {
    ($(#[$top:meta])* $vis:vis enum $name:ident in $prefix:literal {
        $($(#[$doc:meta])* $variant:ident = $key:literal),+ $(,)?
    }) => {
        $(#[$top])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name { $($(#[$doc])* $variant),+ }

        impl $name {
            /// Every code, for the test that each has its words.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Catalogue key.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, ".", $key)),+ }
            }
        }
    };
}

pub(crate) use codes;
