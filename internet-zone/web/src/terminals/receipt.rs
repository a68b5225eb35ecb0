//! The receipt by mail, for who has no account and sends at a terminal. The address is used for
//! this one mail and kept nowhere: nobody proved it.

use axum::extract::{Path, State};
use domain::forms::definition::CitizenEvent;
use domain::identity::Action;
use internet_zone_store::identity::tries;
use internet_zone_store::mail;
use platform_store::time;
use platform_web::{CsrfForm, PageResult, Reply, see_other};

use super::Here;
use crate::applications::access;
use crate::caller::Caller;
use crate::identity::address;
use crate::letters::{Letter, Template, Told};
use crate::reader;
use crate::site::Site;
use crate::urls;

/// Sends number, time and the way to look it up.
pub(crate) async fn post(
    _: Here,
    caller: Caller,
    State(site): State<Site>,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let open = access::application(&site, &caller, &id, Action::ReadApplication).await?;
    let back = urls::receipt(&id);
    let Some(email) = address::read(form.text("email")) else {
        return Ok(see_other(format!("{back}?mail=wrong#mail")));
    };
    let letter = Letter::new(email, Template::Arrived)
        .noted(&open.entry.mail, CitizenEvent::Arrived)
        .in_language(reader::lang())
        .about(&open.entry.title)
        .with("number", &open.application.number)
        .told("time", Told::Moment(open.application.arrived_at))
        .with("link", format!("{}{}", site.city.base_url, urls::LOOKUP))
        .seal(&site.vault, site.new_id());
    // So many mails for one application, then a wait: nobody writes to strangers from here.
    let subject = site.vault.index("mail:receipt", &id);
    let now = site.clock.now();
    let sent = site.store.write(move |tx| {
        if tries::charge(tx, &subject, now)?.is_err() {
            return Ok(false);
        }
        mail::queue(tx, &letter, time::to_micros(now))?;
        Ok(true)
    });
    if !sent.await? {
        return Err(Reply::too_many("terminals.too_many").link(back).into());
    }
    (site.wake)();
    Ok(see_other(format!("{back}?mail=sent#mail")))
}
