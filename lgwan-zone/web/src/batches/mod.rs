//! まとめ処理: what is done to many applications at once, looked at before it begins (NF-36).

pub mod documents;
pub mod list;
pub mod show;
mod undo;

use crate::site::TEXTS;

/// Title of an issued document: the one typed for all, else that of the procedure.
#[must_use]
pub fn title_of(typed: &str, procedure: &str) -> String {
    if typed.is_empty() {
        TEXTS.fill("applications.result.title", &[("procedure", &procedure)])
    } else {
        typed.to_owned()
    }
}
