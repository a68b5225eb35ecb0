//! How our services talk to a browser. Nothing here knows what the town does.
//!
//! ```text
//!  socket ─► server::serve ─► Shell ─► axum Router ─► handler ─► PageResult
//!            limits, TLS,     panics, origin check,    FormData,   Html, see_other,
//!            who is calling   headers, refusal pages   CsrfForm    Reply, Fault
//! ```
//!
//! | Module | Gives |
//! |---|---|
//! | [`server`] | the accept loop: time, size and number limits, TLS, graceful stop |
//! | [`shell`] | what every answer passes: headers, panic catcher, pages for refusals and faults |
//! | [`result`] | the three kinds of answer a handler gives: page, refusal, fault |
//! | [`html`] | askama templates as answers, redirects |
//! | [`form`], [`csrf`], [`multipart`] | what a visitor sends, and proof that our page asked for it |
//! | [`catalogue`] | every text a visitor reads |
//! | [`manual`] | a manual of `docs/manuals` as escaped HTML |
//! | [`markdown`] | a small markdown as escaped HTML |
//! | [`fields`], [`pager`] | what the macros of `templates/form.html` and `templates/page.html` draw |
//! | [`cookies`], [`download`], [`static_files`] | the rest of an answer |
//! | [`passwords`], [`totp`] | proof of who signs in |
//!
//! Templates: a zone lists `../../platform/web/templates` in the `dirs` of its
//! `askama.toml` and writes `{% import "platform/form.html" as form %}`.

pub mod catalogue;
pub mod cookies;
pub mod csrf;
pub mod download;
pub mod fields;
pub mod form;
mod headers;
pub mod html;
pub mod manual;
pub mod markdown;
pub mod multipart;
pub mod pager;
pub mod passwords;
pub mod result;
pub mod server;
pub mod shell;
pub mod static_files;
pub mod totp;
pub mod translation;

pub use catalogue::Catalogue;
pub use csrf::{CsrfForm, Visitor};
pub use form::{FormData, QueryData};
pub use html::{Html, see_other, see_other_signed_out};
pub use result::{Explain, Fault, OrFault, PageResult, Reply, Trouble};
pub use server::{Peer, Secure};
pub use shell::{Chrome, Message, Shell};
