//! What others ask an account to agree to, and what it agreed to, for its own list (連署).

use domain::applications::Cosign as State;
use internet_zone_store::applications::{cosigns, drafts, status};
use internet_zone_store::identity::accounts;
use platform_web::Trouble;

use super::acting::{called, person};
use super::cosigning;
use super::mypage::{Sent, sent, title};
use crate::caller::Citizen;
use crate::identity::{address, profile};
use crate::site::Site;
use crate::urls;

/// Somebody else's unsent application.
pub(super) struct ToAnswer {
    pub(super) title: String,
    /// Whose it is.
    pub(super) name: String,
    pub(super) href: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
}

/// Both lists.
pub(super) struct Cosigned {
    /// Asked, or answered and not sent yet.
    pub(super) asked: Vec<ToAnswer>,
    /// Sent.
    pub(super) sent: Vec<Sent>,
}

/// Reads both for an account.
pub(super) async fn list(site: &Site, who: &Citizen) -> Result<Cosigned, Trouble> {
    let (me, now, of) = (who.id.clone(), site.micros(), site.clone());
    let (asked, applications) =
        site.store
            .read(move |db| {
                let own = accounts::find(db, &me)?;
                let email = own.map(|own| profile::email(&of.vault, &own)).unwrap_or_default();
                let index = of.vault.index("email", &address::key(&email));
                let mut asked = Vec::new();
                for (cosign, owner) in cosigns::asked_of(db, &index, now)? {
                    let draft = drafts::find(db, &cosign.draft_id, now)?;
                    let account = accounts::find(db, &owner)?;
                    asked.extend(draft.map(|(draft, _)| {
                        (cosign, draft, person(&of.vault, owner, account.as_ref()))
                    }));
                }
                let agreed = cosigns::agreed_by(db, &me)?;
                Ok((asked, status::from_drafts(db, &agreed)?))
            })
            .await?;
    let mut lists = Cosigned { asked: Vec::new(), sent: Vec::new() };
    for (cosign, draft, owner) in asked.into_iter().filter(|(_, _, owner)| owner.id != who.id) {
        // The digest is looked at on the page itself.
        let (state, class) = cosigning::state(State::parse(&cosign.state));
        lists.asked.push(ToAnswer {
            title: title(site, &draft.procedure_id, draft.revision).await?,
            name: called(&owner),
            href: urls::cosign(&cosign.id),
            state,
            class,
        });
    }
    for (_, application) in applications {
        let one = sent(site, application).await?;
        lists.sent.push(Sent { to_do: false, ..one });
    }
    Ok(lists)
}
