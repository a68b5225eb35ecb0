//! What others ask an account to agree to, and what it agreed to, for its own list (連署).

use domain::applications::Cosign as State;
use internet_zone_store::applications::{cosigns, drafts, status};
use internet_zone_store::identity::accounts;
use platform_web::Trouble;

use super::acting::{called, person};
use super::cosigning;
use super::mypage::{Sent, ToDo, sent, title};
use crate::caller::Citizen;
use crate::identity::{address, profile};
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Somebody else's unsent application that was answered.
pub(super) struct Answered {
    pub(super) title: String,
    /// Whose it is.
    pub(super) line: String,
    pub(super) href: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
}

/// What an account reads of them.
pub(super) struct Cosigned {
    /// Asked.
    pub(super) to_do: Vec<ToDo>,
    /// Answered and not sent yet.
    pub(super) answered: Vec<Answered>,
    /// Sent.
    pub(super) sent: Vec<Sent>,
}

/// Reads them for an account.
pub(super) async fn list(site: &Site, who: &Citizen) -> Result<Cosigned, Trouble> {
    let (me, now, of) = (who.id.clone(), site.micros(), site.clone());
    let (asked, applications) = site
        .store
        .read(move |db| {
            let own = accounts::find(db, &me)?;
            let email = own.map(|own| profile::email(&of.vault, &own)).unwrap_or_default();
            let index = of.vault.index("email", &address::key(&email));
            let mut rows = cosigns::asked_of(db, &index, now)?;
            rows.retain(|(_, owner)| *owner != me);
            let ids: Vec<String> = rows.iter().map(|(row, _)| row.draft_id.clone()).collect();
            let owners: Vec<String> = rows.iter().map(|(_, owner)| owner.clone()).collect();
            let (found, people) = (drafts::among(db, &ids, now)?, accounts::among(db, &owners)?);
            let asked = rows.into_iter().filter_map(|(row, owner)| {
                let draft = found.iter().find(|draft| draft.id == row.draft_id)?.clone();
                let account = people.get(&owner);
                Some((row, draft, person(&of.vault, owner, account)))
            });
            let asked: Vec<_> = asked.collect();
            let agreed = cosigns::agreed_by(db, &me)?;
            Ok((asked, status::from_drafts(db, &agreed)?))
        })
        .await?;
    let mut lists = Cosigned { to_do: Vec::new(), answered: Vec::new(), sent: Vec::new() };
    for (cosign, draft, owner) in asked {
        // The digest is looked at on the page itself.
        let standing = State::parse(&cosign.state);
        let title = title(site, &draft.procedure_id, draft.revision).await?;
        let name = called(&owner);
        let line = TEXTS.fill("applications.mypage.represented_for", &[("name", &name)]);
        if standing == Some(State::Asked) {
            let new = ToDo::cosign(&title, (&cosign.id, cosign.expires_at));
            lists.to_do.push(new.with(line));
        } else {
            let (state, class) = cosigning::state(standing);
            let href = urls::cosign(&cosign.id);
            lists.answered.push(Answered { title, line, href, state, class });
        }
    }
    for (_, application) in applications {
        lists.sent.push(sent(site, application).await?);
    }
    Ok(lists)
}
