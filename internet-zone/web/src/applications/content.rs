//! What a draft holds, sealed.

use std::collections::{BTreeMap, BTreeSet};

use domain::forms::definition::FileType;
use domain::forms::inputs::field_of;
use domain::forms::{Answers, AttachedFile, Compiled};
use internet_zone_store::applications::drafts::{Draft, DraftFile};
use internet_zone_store::post::{Password, Provenance, Source};
use internet_zone_store::vault::{Place, Vault};
use platform_web::Fault;
use serde::{Deserialize, Serialize};

use super::left::Left;
use super::moved::Moved;
use super::windows::Hand;
use crate::forms::Attached;
use crate::look::Look;
use crate::procedures::words;

/// Everything a draft holds.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Content {
    /// What was answered, as typed where it is wrong.
    pub(crate) answers: Answers,
    /// What was filled in from the account when the draft was begun.
    #[serde(default)]
    pub(crate) filled: Answers,
    /// What was taken over from an earlier application.
    #[serde(default)]
    pub(crate) past: Answers,
    /// The earlier application whose answers were asked for and are on their way.
    #[serde(default)]
    pub(crate) waits_for: Option<String>,
    /// What came of it.
    #[serde(default)]
    pub(crate) copied: Option<Copied>,
    /// Questions filled in from an application that was begun together with this one and sent.
    #[serde(default)]
    pub(crate) shared: usize,
    /// Inputs filled in by the postal-code look-up.
    #[serde(default)]
    pub(crate) looked_up: BTreeSet<String>,
    /// Which window saved each answered field last.
    #[serde(default)]
    pub(crate) hands: BTreeMap<String, Hand>,
    /// What was typed when the session had ended, not saved yet.
    #[serde(default)]
    pub(crate) left: Option<Left>,
    /// What became of the answers when a newer revision was published meanwhile.
    #[serde(default)]
    pub(crate) moved: Option<Moved>,
}

/// What was taken over from an earlier application.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Copied {
    /// Fields filled in.
    pub(crate) fields: usize,
    /// Fields that were answered and must be answered anew.
    pub(crate) anew: Vec<String>,
    /// Answers whose question is gone.
    pub(crate) gone: usize,
    /// The staff zone has nothing that this person may use.
    pub(crate) refused: bool,
    /// The earlier application as it was sent, where the form has changed since: its own revision
    /// says what the questions were that are gone.
    #[serde(default)]
    pub(crate) earlier: Option<(i64, Answers)>,
}

impl Copied {
    /// While it is on its way.
    pub(crate) const NOTHING: Self =
        Self { fields: 0, anew: Vec::new(), gone: 0, refused: false, earlier: None };
}

const fn place(draft: &str) -> Place<'_> {
    Place { table: "drafts", column: "answers", row: draft }
}

const fn name_place(file: &str) -> Place<'_> {
    Place { table: "draft_files", column: "name", row: file }
}

/// Where the bytes of a draft's file are sealed.
pub(crate) const fn file_place(file: &str) -> Place<'_> {
    Place { table: "draft_files", column: "bytes", row: file }
}

impl Content {
    /// Opens what a draft holds.
    ///
    /// # Errors
    /// When it does not open: another key, or a broken row. An empty page would be saved over it.
    pub(crate) fn open(vault: &Vault, draft: &Draft) -> Result<Self, Fault> {
        Ok(serde_json::from_slice(&vault.open(place(&draft.id), &draft.answers_sealed)?)?)
    }

    /// The same where one draft among others is looked at: what does not open is logged and left alone.
    pub(crate) fn open_or_skip(vault: &Vault, draft: &Draft) -> Option<Self> {
        let opened = Self::open(vault, draft);
        if opened.is_err() {
            tracing::error!(draft = %draft.id, "a draft does not open");
        }
        opened.ok()
    }

    /// Seals it for a draft.
    pub(crate) fn seal(&self, vault: &Vault, draft: &str) -> Vec<u8> {
        vault.seal(place(draft), &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Takes earlier answers over where nothing was filled in yet, or nothing else: a new address does not
    /// get the building of the old one. `older` is the revision they were given to, when it is another one
    /// than the form's.
    pub(crate) fn take_over(
        &mut self,
        form: &Compiled,
        (earlier, older): (Option<&Answers>, Option<i64>),
    ) {
        let Some(earlier) = earlier else {
            self.copied = Some(Copied { refused: true, ..Copied::NOTHING });
            return;
        };
        let carried = form.carry(earlier);
        let mut differing = BTreeSet::new();
        for (input, values) in self.answers.iter() {
            if self.answers.answered(input) && carried.answers.get(input) != Some(values) {
                differing.insert(field_of(input).to_owned());
            }
        }
        let mut fields = BTreeSet::new();
        for (input, values) in carried.answers.iter() {
            if !self.answers.answered(input) && !differing.contains(field_of(input)) {
                self.answers.put(input, values.to_vec());
                self.past.put(input, values.to_vec());
                fields.insert(field_of(input));
            }
        }
        let (fields, anew, gone) = (fields.len(), carried.anew, carried.gone);
        let earlier = older.map(|revision| (revision, earlier.clone()));
        self.copied = Some(Copied { fields, anew, gone, refused: false, earlier });
    }

    /// Lays what was sent of another application into questions that were not touched: empty ones,
    /// and those still as the account filled them in. Returns whether there were any.
    pub(crate) fn share(&mut self, form: &Compiled, from: &Compiled, sent: &Answers) -> bool {
        let common = form.common(from, sent);
        let fields: BTreeSet<&str> = common.iter().map(|(input, _)| field_of(input)).collect();
        let mut laid = 0;
        for field in fields {
            let of = |answers: &Answers| -> Vec<(String, Vec<String>)> {
                let own = answers.iter().filter(|(input, _)| field_of(input) == field);
                own.map(|(input, values)| (input.to_owned(), values.to_vec())).collect()
            };
            let (now, new) = (of(&self.answers), of(&common));
            let touched = now.iter().any(|(input, values)| {
                self.answers.answered(input) && self.filled.get(input) != Some(values.as_slice())
            });
            if touched || now == new {
                continue;
            }
            for (input, _) in now {
                self.answers.remove(&input);
            }
            for (input, values) in new {
                self.answers.put(input.as_str(), values.clone());
                self.past.put(input, values);
            }
            laid += 1;
        }
        self.shared += laid;
        laid > 0
    }

    /// Where the answers came from, for those that were not just typed.
    pub(crate) fn provenance(&self, sent: &Answers) -> Vec<(String, Provenance)> {
        sent.iter()
            .filter_map(|(input, values)| {
                let (source, changed) = match (self.past.get(input), self.filled.get(input)) {
                    (Some(past), _) => (Source::Past, past != values),
                    (None, Some(filled)) => (Source::Account, filled != values),
                    (None, None) if self.looked_up.contains(input) => (Source::Lookup, false),
                    (None, None) => return None,
                };
                Some((input.to_owned(), Provenance { source, verified_at: None, changed }))
            })
            .collect()
    }
}

const fn password_place(file: &str) -> Place<'_> {
    Place { table: "draft_files", column: "password", row: file }
}

/// Seals the password of a file.
pub(crate) fn seal_password(vault: &Vault, file: &str, password: &str) -> Vec<u8> {
    vault.seal(password_place(file), password.as_bytes())
}

/// The password of a file, if one was given.
pub(crate) fn password_of(vault: &Vault, file: &DraftFile) -> Option<Password> {
    let sealed = file.password_sealed.as_ref()?;
    let plain = vault.open_text(password_place(&file.id), sealed).ok()?;
    Password::new(plain).ok()
}

/// Seals the name of a file.
pub(crate) fn seal_name(vault: &Vault, file: &str, name: &str) -> Vec<u8> {
    vault.seal(name_place(file), name.as_bytes())
}

/// The name of a file.
pub(crate) fn name_of(vault: &Vault, file: &DraftFile) -> String {
    vault.open_text(name_place(&file.id), &file.name_sealed).unwrap_or_default()
}

/// The files of a draft that go with these answers.
pub(crate) fn sent(files: &[DraftFile], answers: &Answers) -> Vec<DraftFile> {
    let goes =
        |file: &&DraftFile| answers.get(&file.input).is_some_and(|ids| ids.contains(&file.id));
    files.iter().filter(goes).cloned().collect()
}

/// The files of a draft as pages show them.
pub(crate) fn shown(vault: &Vault, files: &[DraftFile]) -> Vec<Attached> {
    files
        .iter()
        .map(|file| Attached {
            id: file.id.clone(),
            input: file.input.clone(),
            name: name_of(vault, file),
            size: words::size(bytes(file)),
            locked: Look::read(&file.look).is_locked(),
            lines: Look::read(&file.look).lines(),
        })
        .collect()
}

/// The files of a draft as the checks know them.
pub(crate) fn for_checks(vault: &Vault, files: &[DraftFile]) -> Vec<AttachedFile> {
    files
        .iter()
        .map(|file| AttachedFile {
            id: file.id.clone(),
            name: name_of(vault, file),
            bytes: bytes(file),
            kind: FileType::of_media(&file.media),
            locked: Look::read(&file.look).is_locked(),
        })
        .collect()
}

pub(crate) fn bytes(file: &DraftFile) -> u64 {
    u64::try_from(file.size).unwrap_or(0)
}

/// The answer of a file question: the files attached to it.
pub(crate) fn put_files(answers: &mut Answers, input: &str, files: &[DraftFile]) {
    let ids = files.iter().filter(|file| file.input == input).map(|file| file.id.clone());
    answers.put(input, ids.collect());
}

#[cfg(test)]
mod tests {
    use domain::forms::definition::Procedure;

    use super::*;

    /// NF-58: a question that is answered otherwise already gets no part of the earlier answer; one that is
    /// answered in part, and alike, gets the rest.
    #[test]
    fn parts_of_two_answers_are_never_one() {
        let json = include_bytes!("../../../../deploy/sample-city/procedures/01-juminhyo.json");
        let procedure = Procedure::from_json(json).expect("a document");
        let form = Compiled::new(procedure).expect("it compiles");
        let account = Answers::from([
            ("applicant.family", "未来"),
            ("applicant.given", "花子"),
            ("home.postal", "9800811"),
            ("home.town", "一番町1-2-3"),
            ("phone", ""),
        ]);
        let earlier = Answers::from([
            ("applicant.family", "未来"),
            ("applicant.given", "花子"),
            ("applicant.family_kana", "ミライ"),
            ("home.postal", "9800803"),
            ("home.town", "国分町3-7-1"),
            ("home.building", "101号室"),
            ("phone", "09012345678"),
        ]);
        let mut content =
            Content { answers: account.clone(), filled: account, ..Content::default() };
        content.take_over(&form, (Some(&earlier), None));
        assert_eq!(content.answers.first("home.town"), Some("一番町1-2-3"));
        assert!(!content.answers.answered("home.building"), "of the old address");
        assert_eq!(content.answers.first("applicant.family_kana"), Some("ミライ"));
        let past: Vec<&str> = content.past.iter().map(|(input, _)| input).collect();
        assert_eq!(past, ["applicant.family_kana", "phone"]);
        assert_eq!(content.copied.expect("something").fields, 2);
    }
}
