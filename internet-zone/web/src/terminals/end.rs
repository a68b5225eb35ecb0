//! The end of a visit: session, unsent answers and cookies go, and the page says so.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use internet_zone_store::terminals;
use platform_web::cookies::Cookie;
use platform_web::html::see_other_signed_out;
use platform_web::{Html, PageResult, QueryData, Trouble};

use super::{Here, OF_A_VISIT, cookie};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "terminals/ended.html")]
struct Page<'a> {
    frame: Frame<'a>,
    what: &'static str,
}

/// Why a visit ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// Somebody pressed 終了, or nobody touched the terminal.
    Left,
    /// What was begun is on another device now.
    HandedOver,
    /// The way to it was sent by mail.
    Mailed,
}

impl Why {
    const ALL: [Self; 3] = [Self::Left, Self::HandedOver, Self::Mailed];

    const fn code(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::HandedOver => "handed_over",
            Self::Mailed => "mailed",
        }
    }

    fn words(self) -> &'static str {
        TEXTS.text(match self {
            Self::Left => "terminals.ended.left",
            Self::HandedOver => "terminals.ended.handed_over",
            Self::Mailed => "terminals.ended.mailed",
        })
    }
}

/// Wipes, then leads to the page that says so. The mark of the terminal stays, so the cookies of
/// the visit are taken away by name.
pub(super) async fn wiped(
    site: &Site,
    at: &Here,
    caller: &Caller,
    why: Why,
) -> Result<Response, Trouble> {
    if let Some(session) = caller.session.clone() {
        let by = caller.by();
        site.store.write(move |tx| terminals::wipe(tx, &by, &session)).await?;
        (site.wake)();
    }
    let mut answer = see_other_signed_out(format!("{}?why={}", urls::ENDED, why.code()));
    for name in OF_A_VISIT {
        Cookie::expired(name).set_on(&mut answer);
    }
    cookie(&at.code).set_on(&mut answer);
    Ok(answer)
}

/// 終了 on every page, also on those that tell of refusals, where no token can be. That the form
/// comes from here says the browser (`Origin`), and whoever forged it would end a visit, no more.
pub(crate) async fn post(at: Here, caller: Caller, State(site): State<Site>) -> PageResult {
    wiped(&site, &at, &caller, Why::Left).await
}

/// Nobody is there any more: a browser without script can only be led here by an address.
pub(crate) async fn over(at: Here, caller: Caller, State(site): State<Site>) -> PageResult {
    wiped(&site, &at, &caller, Why::Left).await
}

/// Says that everything is gone.
pub(crate) async fn ended(
    _: Here,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let why = Why::ALL.into_iter().find(|why| why.code() == asked.text("why"));
    let page = Page {
        frame: Frame::plain(&site, None, TEXTS.text("terminals.ended.title")),
        what: why.unwrap_or(Why::Left).words(),
    };
    Ok(Html(page).into_response())
}
