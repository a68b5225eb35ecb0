//! The attachments of a generation: a folder per receipt number, and a list of all of them.

use std::io;
use std::path::Path;

use domain::applications::ReceiptNumber;
use domain::export::{CsvWriter, FileEntry, Profile, attachment_path};
use lgwan_zone_store::applications::rows::Attachment;
use platform_store::files::Files;

use super::out::Out;

/// The rebuilt files of an application with their paths in the generation.
pub(super) fn paths(number: ReceiptNumber, files: &[Attachment]) -> Vec<(String, &Attachment)> {
    let rebuilt = files.iter().filter_map(|file| {
        file.file_id.as_ref()?;
        Some((file.out_name.as_deref()?, file))
    });
    rebuilt
        .enumerate()
        .map(|(nth, (name, file))| (attachment_path(number, nth + 1, name), file))
        .collect()
}

/// Copies one into the generation.
pub(super) fn copy(
    files: &Files,
    draft: &Path,
    path: &str,
    file: &Attachment,
) -> io::Result<FileEntry> {
    let bytes = files.get(file.file_id.as_deref().unwrap_or_default())?;
    if let Some(folder) = draft.join(path).parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut out = Out::create(draft, path.to_owned())?;
    out.put(&bytes)?;
    out.finish()
}

/// The list: one line for every file the citizen sent, also for one that was held.
pub(super) struct List {
    csv: CsvWriter,
    out: Out,
}

impl List {
    pub(super) fn create(draft: &Path, path: String) -> io::Result<Self> {
        let mut csv = CsvWriter::new(Profile::default());
        csv.row(&[
            "number",
            "field",
            "path",
            "original_name",
            "media",
            "bytes",
            "sha256",
            "original_sha256",
            "sanitized",
            "held_reason",
            "policy",
            "message",
        ]);
        Ok(Self { csv, out: Out::create(draft, path)? })
    }

    pub(super) fn add(
        &mut self,
        number: &str,
        files: &[Attachment],
        paths: &[(String, &Attachment)],
    ) -> io::Result<()> {
        for file in files {
            let path = paths.iter().find(|(_, one)| one.id == file.id);
            let text = |value: &Option<String>| value.clone().unwrap_or_default();
            self.csv.row(&[
                number.to_owned(),
                file.field.clone(),
                path.map(|(path, _)| path.clone()).unwrap_or_default(),
                file.name.clone(),
                text(&file.out_media),
                file.out_size.map(|size| size.to_string()).unwrap_or_default(),
                text(&file.out_sha256),
                file.sha256.clone(),
                file.outcome.clone(),
                text(&file.hold_reason),
                file.policy.clone(),
                text(&file.message_id),
            ]);
        }
        self.out.put(&self.csv.take())
    }

    pub(super) fn finish(mut self) -> io::Result<FileEntry> {
        self.out.put(&self.csv.take())?;
        self.out.finish()
    }
}
