//! Files of a draft, and the one way a draft is stored: a save names the version
//! it read.

use std::collections::HashMap;

use internet_zone_store::applications::cosigns;
use internet_zone_store::applications::drafts::{self, DraftFile, Save, Saved};
use platform_web::{Reply, Trouble, see_other};

use super::access::OpenDraft;
use super::content::Content;
use super::cosigning;
use super::filled::Filled;
use super::upload;
use crate::site::Site;
use crate::urls;

/// Takes the files that were chosen and the passwords for those that wait for
/// one; gives the words for what is not taken.
pub(super) async fn take_files(
    site: &Site,
    open: &mut OpenDraft,
    filled: &mut Filled,
) -> Result<HashMap<String, String>, Trouble> {
    let mut refused: HashMap<String, Vec<String>> = HashMap::new();
    for (id, typed) in filled.passwords() {
        let Some(at) = open.files.iter().position(|file| file.id == id) else { continue };
        match upload::unlock(site, &open.files[at], typed).await? {
            Ok(file) => {
                let (draft, known) = (open.draft.id.clone(), file.clone());
                site.store.write(move |tx| drafts::unlock(tx, &draft, &known)).await?;
                open.files[at] = file;
            }
            Err(words) => refused.entry(open.files[at].input.clone()).or_default().push(words),
        }
    }
    for sent in std::mem::take(&mut filled.uploads) {
        let input = sent.input.clone();
        match upload::take(site, open, sent).await? {
            Ok(file) => store(site, open, Change { add: Some(file), ..Change::default() }).await?,
            Err(words) => refused.entry(input).or_default().push(words),
        }
    }
    Ok(refused.into_iter().map(|(input, words)| (input, words.join("\n"))).collect())
}

/// Removes a file of this draft.
pub(super) async fn remove_file(
    site: &Site,
    open: &mut OpenDraft,
    file: &str,
) -> Result<(), Trouble> {
    if open.files.iter().any(|known| known.id == file) {
        let remove = Some(file.to_owned());
        store(site, open, Change { remove, ..Change::default() }).await?;
    }
    Ok(())
}

/// What a save does beside the answers.
#[derive(Clone, Default)]
pub(super) struct Change {
    /// A file to add.
    pub(super) add: Option<DraftFile>,
    /// A file to remove.
    pub(super) remove: Option<String>,
    /// The upload whose pieces became the file to add.
    pub(super) finishes: Option<String>,
}

/// Adds or removes a file; the answers stay whatever other windows save meanwhile.
pub(super) async fn store(
    site: &Site,
    open: &mut OpenDraft,
    change: Change,
) -> Result<(), Trouble> {
    for _ in 0..5 {
        let content = open.content.clone();
        if store_once(site, open, content, change.clone()).await? {
            return Ok(());
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::draft(&open.draft.id)).into())
}

/// Saves new content; `false` when another window saved first. Either way `open`
/// is what is stored now.
pub(super) async fn store_once(
    site: &Site,
    open: &mut OpenDraft,
    content: Content,
    Change { add, remove, finishes }: Change,
) -> Result<bool, Trouble> {
    let at = site.micros();
    let days = i64::from(open.entry.procedure().retain.draft_days.max(1));
    let mut files = open.files.clone();
    files.retain(|file| Some(&file.id) != remove.as_ref());
    files.extend(add.clone());
    let signed = (open.entry.as_ref(), open.cosigns.as_slice(), &open.by);
    let save = Save {
        voids: cosigning::voids(site, signed, &content, &files),
        id: open.draft.id.clone(),
        version: open.draft.version,
        revision: open.entry.revision,
        answers_sealed: content.seal(&site.vault, &open.draft.id),
        reached: open.draft.reached,
        at,
        expires_at: at + days * 86_400_000_000,
        add,
        remove,
        finishes,
    };
    let id = open.draft.id.clone();
    let (saved, fresh, cosigns) = site
        .store
        .write(move |tx| {
            let saved = drafts::save(tx, &save)?;
            Ok((saved, drafts::find(tx.db, &id, at)?, cosigns::of_draft(tx.db, &id)?))
        })
        .await?;
    open.cosigns = cosigns;
    let Some((draft, files)) = fresh else {
        return Err(see_other(urls::draft(&open.draft.id)).into());
    };
    open.content = match saved {
        Saved::Yes => content,
        Saved::Outdated => Content::open(&site.vault, &draft)?,
    };
    (open.draft, open.files) = (draft, files);
    Ok(saved == Saved::Yes)
}
