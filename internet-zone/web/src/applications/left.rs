//! What somebody typed when their session had ended. It travels sealed through
//! the page on which they prove who they are, and waits in the draft until they
//! are back at the very field (NF-60).

use domain::forms::Answers;
use internet_zone_store::applications::drafts;
use internet_zone_store::identity::{Owner, represented};
use internet_zone_store::vault::{Place, Vault};
use platform_web::Trouble;
use serde::{Deserialize, Serialize};

use super::access;
use super::content::Content;
use super::filled::Filled;
use super::windows::{AT, Drawn};
use crate::site::Site;

/// Input that carries it.
pub(crate) const INPUT: &str = "_left";

/// Bytes beyond which it is not carried: the page that carries it must be readable.
const MOST: usize = 200_000;

/// What was typed on one page.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Left {
    /// The draft.
    pub(crate) draft: String,
    /// The page's address.
    pub(crate) page: String,
    /// What it sent.
    pub(crate) raw: Answers,
    /// What it was drawn from.
    pub(crate) drawn: Drawn,
    /// The input somebody was in; empty when that is not known.
    pub(crate) at: String,
}

const PLACE: Place<'static> = Place { table: "drafts", column: "left", row: "" };

impl Left {
    /// What was sent to this page.
    pub(super) fn of(draft: &str, page: &str, filled: &Filled) -> Self {
        Self {
            draft: draft.to_owned(),
            page: page.to_owned(),
            raw: filled.answers(),
            drawn: Drawn::read(filled),
            at: filled.text(AT).to_owned(),
        }
    }

    /// The page at the very field.
    pub(crate) fn address(&self) -> String {
        if self.at.is_empty() {
            return self.page.clone();
        }
        format!("{}#{}", self.page, platform_web::fields::input_id(&self.at))
    }

    /// Sealed for an input; `None` when it is too long to carry.
    pub(crate) fn sealed(&self, vault: &Vault) -> Option<String> {
        let sealed = vault.seal(PLACE, &serde_json::to_vec(self).ok()?);
        (sealed.len() <= MOST).then(|| sealed.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Opens what an input carried.
    pub(crate) fn open(vault: &Vault, sealed: &str) -> Option<Self> {
        let digits = sealed.as_bytes().chunks(2).map(|pair| {
            let pair = std::str::from_utf8(pair).ok()?;
            u8::from_str_radix(pair, 16).ok()
        });
        let plain = vault.open(PLACE, &digits.collect::<Option<Vec<u8>>>()?).ok()?;
        serde_json::from_slice(&plain).ok()
    }

    /// Puts it into the draft that `owner` may fill in; nothing happens when they may
    /// not or it is gone. What is saved stays as it is.
    pub(crate) async fn put(self, site: &Site, owner: &Owner) -> Result<(), Trouble> {
        let (vault, now, owner) = (site.vault.clone(), site.micros(), owner.clone());
        site.store
            .write(move |tx| {
                let Some((draft, _)) = drafts::find(tx.db, &self.draft, now)? else {
                    return Ok(());
                };
                let begun = represented::of_draft(tx.db, &draft.id)?;
                let who = (owner.account(), draft.procedure_id.as_str());
                let begun = represented::read(tx.db, begun, who, now)?;
                if !access::may_fill(&vault, &owner, &draft, begun) {
                    return Ok(());
                }
                let Some(mut content) = Content::open_or_skip(&vault, &draft) else {
                    return Ok(());
                };
                content.left = Some(self.clone());
                let sealed = content.seal(&vault, &draft.id);
                drafts::set_aside(tx, (&draft.id, draft.version), &sealed).map(drop)
            })
            .await?;
        Ok(())
    }
}
