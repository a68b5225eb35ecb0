//! Who reads: the language, the size of the letters and furigana of one request.
//!
//! ```text
//!  request ─► around: cookie, Accept-Language ─► Shell ─► choose: ?lang=en sets the cookie
//!                │ the View of this request, for everything below          │ and leads back
//!                ▼                                                          ▼
//!          TEXTS speaks its language                                     handler
//!  answer  ◄─ marks become <ruby> and lang="ja" ◄───────────────────────────┘
//! ```
//!
//! Code that runs outside a request, and code in a transaction, reads Japanese.

mod language;
mod layer;
pub(crate) mod marks;
mod view;

pub(crate) use language::{code, name, of_code, tag};
pub(crate) use layer::{around, choose, rewritten};
pub(crate) use view::{COOKIE, Size, View};

use domain::forms::definition::{Lang, Words};

/// The language of the reader; Japanese outside a request.
pub(crate) fn lang() -> Lang {
    View::language().0
}

/// The language the reader chose; `None` outside a request and before a choice.
pub(crate) fn chosen() -> Option<Lang> {
    View::chosen()
}

/// A text of a procedure in the reader's language, or in Japanese and marked so.
pub(crate) fn said(words: &Words) -> String {
    match lang() {
        Lang::Ja => words.ja().to_owned(),
        other if words.has(other) => words.text(other).to_owned(),
        _ => marks::left(words.ja()),
    }
}
