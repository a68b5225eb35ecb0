//! What a draft holds, sealed.

use std::collections::BTreeSet;

use domain::forms::definition::FileType;
use domain::forms::{Answers, AttachedFile};
use internet_zone_store::applications::drafts::{Draft, DraftFile};
use internet_zone_store::post::{Password, Provenance, Source};
use internet_zone_store::vault::{Place, Vault};
use serde::{Deserialize, Serialize};

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
    /// Inputs filled in by the postal-code look-up.
    #[serde(default)]
    pub(crate) looked_up: BTreeSet<String>,
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
    /// Opens what a draft holds; nothing when it does not open.
    pub(crate) fn open(vault: &Vault, draft: &Draft) -> Self {
        let plain = vault.open(place(&draft.id), &draft.answers_sealed);
        plain.ok().and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default()
    }

    /// Seals it for a draft.
    pub(crate) fn seal(&self, vault: &Vault, draft: &str) -> Vec<u8> {
        vault.seal(place(draft), &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Where the answers came from, for those that were not just typed.
    pub(crate) fn provenance(&self, sent: &Answers) -> Vec<(String, Provenance)> {
        sent.iter()
            .filter_map(|(input, values)| {
                let (source, changed) = match self.filled.get(input) {
                    Some(filled) => (Source::Account, filled != values),
                    None if self.looked_up.contains(input) => (Source::Lookup, false),
                    None => return None,
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
