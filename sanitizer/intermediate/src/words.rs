//! Closed lists of words that cross the pipe as a number and appear in
//! reports and catalogues as a snake-case code.

/// Defines an enum without data whose variants each have one fixed code.
macro_rules! words {
    (
        $(#[$outer:meta])*
        pub enum $name:ident { $( $(#[$inner:meta])* $variant:ident = $code:literal, )+ }
    ) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $( $(#[$inner])* $variant, )+ }

        impl $name {
            /// Every word of the list, in the order of the numbers on the wire.
            pub const ALL: &'static [Self] = &[ $( Self::$variant, )+ ];

            /// The code used in reports and catalogues.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$variant => $code, )+ }
            }

            /// The word with this code.
            #[must_use]
            pub fn from_code(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.code() == code)
            }
        }

        impl $crate::codec::Encode for $name {
            fn encode(&self, to: &mut $crate::codec::Writer<'_>) {
                to.u16(*self as u16);
            }
        }

        impl $crate::codec::Decode for $name {
            fn decode(from: &mut $crate::codec::Reader<'_>) -> Result<Self, $crate::codec::DecodeError> {
                let number = usize::from(from.u16()?);
                Self::ALL.get(number).copied().ok_or($crate::codec::DecodeError::Invalid(stringify!($name)))
            }
        }
    };
}

pub(crate) use words;
