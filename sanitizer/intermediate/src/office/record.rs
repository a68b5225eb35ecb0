//! Writes `Encode` and `Decode` of a model from the list of its fields.

/// `record! { Name { one a, flag b, list(9) c, option d, text(9) e } }`: fields cross in
/// this order. `list` and `text` name the most items or bytes a message may have.
/// With `if is_sound`, a message whose parts do not fit together is refused.
macro_rules! record {
    ($name:ident { $( $how:ident $(($max:expr))? $field:ident ),+ $(,)? } $(if $sound:ident)?) => {
        impl $crate::codec::Encode for $name {
            fn encode(&self, to: &mut $crate::codec::Writer<'_>) {
                $( record!(@put $how to self.$field); )+
            }
        }

        impl $crate::codec::Decode for $name {
            fn decode(
                from: &mut $crate::codec::Reader<'_>,
            ) -> Result<Self, $crate::codec::DecodeError> {
                let made = Self { $( $field: record!(@take $how $(($max))? from), )+ };
                $( if !made.$sound() {
                    return Err($crate::codec::DecodeError::Invalid(stringify!($name)));
                } )?
                Ok(made)
            }
        }
    };
    (@put one $to:ident $value:expr) => { $to.value(&$value) };
    (@put flag $to:ident $value:expr) => { $to.bool($value) };
    (@put list $to:ident $value:expr) => { $to.list(&$value) };
    (@put option $to:ident $value:expr) => { $to.option($value.as_ref()) };
    (@put text $to:ident $value:expr) => { $to.str(&$value) };
    (@take one $from:ident) => { $from.value()? };
    (@take flag $from:ident) => { $from.bool()? };
    (@take list ($max:expr) $from:ident) => { $from.list($max)? };
    (@take option $from:ident) => { $from.option()? };
    (@take text ($max:expr) $from:ident) => {{
        let text = $from.str($max)?;
        if !$crate::office::grammar::is_plain(&text) {
            return Err($crate::codec::DecodeError::Invalid("text"));
        }
        text
    }};
}

pub(super) use record;
