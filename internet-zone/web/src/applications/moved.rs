//! A revision that is published while somebody fills in. The draft moves over once; what fell away with
//! what was answered, and what is asked newly, is said on every page until it was read (NF-60).
//!
//! A page that was drawn from the older revision is saved by the form it was drawn from, and the draft
//! moves over again: nothing typed on it is lost.

use std::sync::Arc;

use domain::forms::{Answers, MovedOver};
use internet_zone_store::applications::drafts;
use platform_web::Trouble;
use serde::{Deserialize, Serialize};

use super::access::OpenDraft;
use super::content;
use super::filled::Filled;
use crate::shelf::Entry;
use crate::site::Site;
use crate::urls;

/// Input that tells the revision a page was drawn from.
pub(super) const REVISION: &str = "_revision";

/// What became of the answers.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Moved {
    /// Questions whose answer fell away, with the answer.
    pub(crate) dropped: Vec<(String, Vec<String>)>,
    /// Their names, in the same order.
    #[serde(default)]
    names: Vec<String>,
    /// The same as it was stored.
    gone: Answers,
    /// Names of questions asked newly or anew.
    asked: Vec<String>,
}

impl Moved {
    /// After another step.
    fn and(mut self, step: MovedOver, files: &[(String, String)]) -> Option<Self> {
        // What an earlier release kept has no names.
        self.names.resize(self.dropped.len(), String::new());
        for one in step.dropped {
            let name = |id: &String| files.iter().find(|(known, _)| known == id);
            let lines = if one.is_file {
                one.lines.iter().filter_map(|id| name(id).map(|(_, name)| name.clone())).collect()
            } else {
                one.lines
            };
            // What fell away before falls away anew: the newer answer is told.
            if let Some(at) = self.names.iter().position(|name| *name == one.name) {
                self.names.remove(at);
                self.dropped.remove(at);
            }
            self.names.push(one.name);
            self.dropped.push((one.label, lines));
        }
        self.gone.overlay(&step.gone);
        self.asked.extend(step.asked);
        (!self.dropped.is_empty() || !self.asked.is_empty()).then_some(self)
    }
}

/// What a page says of it.
pub(super) struct Told {
    /// Questions whose answer fell away, with the answer.
    pub(super) dropped: Vec<(String, Vec<String>)>,
    /// Questions asked newly that have no answer yet: label and where they are.
    pub(super) asked: Vec<(String, String)>,
}

/// What is to be said of a draft; `None` when it did not move, or that was read.
pub(super) fn told(site: &Site, open: &OpenDraft) -> Option<Told> {
    let moved = open.content.moved.as_ref()?;
    let summary = open.entry.form.summary(&open.content.answers, site.today());
    let asked = summary.into_iter().flat_map(|page| {
        let address = urls::draft_page(&open.draft.id, &page.page.id);
        let open = page.rows.into_iter().filter(|row| row.lines.is_empty());
        let new = open.filter(|row| moved.asked.contains(&row.name));
        new.map(move |row| (row.label, format!("{address}#q-{}", row.name))).collect::<Vec<_>>()
    });
    let told = Told { dropped: moved.dropped.clone(), asked: asked.collect() };
    (!told.dropped.is_empty() || !told.asked.is_empty()).then_some(told)
}

/// Moves a draft over to the revision it was opened with; `false` when it is there already.
pub(super) async fn over(site: &Site, open: &OpenDraft) -> Result<bool, Trouble> {
    let (draft, now) = (&open.draft, &open.entry);
    if draft.correction.is_some() || draft.revision == now.revision {
        return Ok(false);
    }
    let before = revision(site, open, draft.revision).await?;
    let (mut content, mut reached) = (open.content.clone(), draft.reached);
    if let Some(before) = before {
        let step = now.form.moved_from(&before.form, &content.answers, site.today());
        reached = reaches(&before, now, &step, reached);
        let files = content::shown(&site.vault, &open.files);
        let files: Vec<_> = files.into_iter().map(|file| (file.id, file.name)).collect();
        content.answers = step.answers.clone();
        content.moved = content.moved.unwrap_or_default().and(step, &files);
    }
    let (id, version, revision) = (draft.id.clone(), draft.version, now.revision);
    let sealed = content.seal(&site.vault, &draft.id);
    let moved = site
        .store
        .write(move |tx| drafts::move_over(tx, (&id, version), (revision, reached), &sealed));
    moved.await?;
    Ok(true)
}

/// How many pages count as answered: those before the first that asks something new.
fn reaches(before: &Entry, now: &Entry, step: &MovedOver, reached: i64) -> i64 {
    let (before, form) = (&before.procedure().pages, &now.form);
    let last = usize::try_from(reached).ok().and_then(|reached| before.get(reached));
    let same = match last {
        Some(page) => form.page(&page.id).map_or(0, |(index, _)| index),
        None => form.procedure().pages.len(),
    };
    let first = step.asked.iter().filter_map(|name| form.page_of(name)).min();
    i64::try_from(first.map_or(same, |first| first.min(same))).unwrap_or(0)
}

/// The older revision that a page was drawn from, when it was.
pub(super) async fn drawn_from(
    site: &Site,
    open: &OpenDraft,
    filled: &Filled,
) -> Result<Option<Arc<Entry>>, Trouble> {
    match filled.text(REVISION).parse() {
        Ok(drawn) if drawn != open.entry.revision => revision(site, open, drawn).await,
        Ok(_) | Err(_) => Ok(None),
    }
}

/// The draft as it was in that revision: what fell away is there again.
pub(super) fn back(open: &mut OpenDraft, older: Arc<Entry>) {
    if let Some(moved) = open.content.moved.take() {
        open.content.answers.overlay(&moved.gone);
    }
    open.entry = older;
}

async fn revision(
    site: &Site,
    open: &OpenDraft,
    revision: i64,
) -> Result<Option<Arc<Entry>>, Trouble> {
    let found = site.shelf.revision(&site.store, &open.draft.procedure_id, revision).await?;
    Ok(found.map(|entry| entry.told()))
}

#[cfg(test)]
mod tests {
    use domain::forms::Dropped;

    use super::*;

    fn step(dropped: &[(&str, &str, &str)]) -> MovedOver {
        let one = |(name, label, line): &(&str, &str, &str)| Dropped {
            name: (*name).to_owned(),
            label: (*label).to_owned(),
            lines: vec![(*line).to_owned()],
            is_file: false,
        };
        MovedOver { dropped: dropped.iter().map(one).collect(), ..MovedOver::default() }
    }

    /// NF-60: the name of the applicant and the name of the child are two answers.
    #[test]
    fn two_questions_of_one_label_are_both_told() {
        let first = step(&[("name", "氏名", "山田 花子"), ("child", "氏名", "山田 太郎")]);
        let moved = Moved::default().and(first, &[]).expect("something");
        let moved = moved.and(step(&[("child", "氏名", "山田 次郎")]), &[]).expect("something");
        let told: Vec<&str> = moved.dropped.iter().map(|(_, lines)| lines[0].as_str()).collect();
        assert_eq!(told, ["山田 花子", "山田 次郎"], "the newer answer of one, both of two");
    }

    /// NF-60: what an earlier release kept without names stays, and nothing else falls out for it.
    #[test]
    fn what_was_kept_without_names_stays() {
        let old = ("氏名".to_owned(), vec!["山田 花子".to_owned()]);
        let moved = Moved { dropped: vec![old], ..Moved::default() };
        let moved = moved.and(step(&[("child", "児童", "山田 太郎")]), &[]).expect("something");
        let moved = moved.and(step(&[("child", "児童", "山田 次郎")]), &[]).expect("something");
        let told: Vec<&str> = moved.dropped.iter().map(|(_, lines)| lines[0].as_str()).collect();
        assert_eq!(told, ["山田 花子", "山田 次郎"]);
    }
}
