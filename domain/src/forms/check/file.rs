//! Attached files: count, size, kind (NF-56). The content is looked at elsewhere.

use super::reader::Reader;
use super::{AttachedFile, Code, Context, Fault};
use crate::digits::holds_my_number;
use crate::forms::definition::{FieldKind, FileKind, FileType, Procedure};
use crate::forms::expr::Scope;

/// Bytes of a megabyte in limits.
const MB: u64 = 1_000_000;

/// Reads the files of a field.
pub(super) fn read(reader: &mut Reader<'_>, kind: &FileKind, context: &Context<'_>) {
    let id = &reader.field.id;
    let mut ids: Vec<String> = Vec::new();
    for value in reader.raw.get(id).unwrap_or(&[]) {
        if !value.is_empty() && !ids.contains(value) {
            ids.push(value.clone());
        }
    }
    reader.answers.put(id.as_str(), ids.clone());
    if ids.is_empty() {
        return;
    }
    let count = ids.len();
    if count < kind.min as usize {
        reader.fault(id, Code::TooFewFiles, &[("min", kind.min.to_string())]);
    }
    if count > kind.max as usize {
        reader.fault(id, Code::TooManyFiles, &[("max", kind.max.to_string())]);
    }
    for file in &ids {
        match context.files.iter().find(|known| known.id == *file) {
            Some(file) => one(reader, kind, file),
            None => reader.fault(id, Code::FileGone, &[]),
        }
    }
}

fn one(reader: &mut Reader<'_>, kind: &FileKind, file: &AttachedFile) {
    let id = &reader.field.id;
    let name = ("name", file.name.clone());
    if holds_my_number(&file.name) {
        // The name itself would repeat the number.
        reader.fault(id, Code::FileNameMyNumber, &[]);
    } else if file.bytes == 0 {
        reader.fault(id, Code::FileEmpty, &[name]);
    } else if file.bytes > u64::from(kind.max_mb) * MB {
        reader.fault(id, Code::FileTooLarge, &[name, ("max", kind.max_mb.to_string())]);
    } else if !takes(kind, file.kind) {
        reader.fault(id, Code::FileKind, &[name]);
    } else if file.locked {
        reader.fault(id, Code::FileLocked, &[name]);
    }
}

fn takes(kind: &FileKind, file: Option<FileType>) -> bool {
    file.is_some_and(|file| kind.types.is_empty() || kind.types.contains(&file))
}

/// The sum over all file fields shown so far, told at the page's last file field.
pub(super) fn total(
    procedure: &Procedure,
    page: usize,
    scope: &Scope<'_>,
    context: &Context<'_>,
    faults: &mut Vec<(usize, Fault)>,
) {
    let fields = procedure.pages.iter().take(page + 1).flat_map(|page| &page.fields).enumerate();
    let files = fields.filter(|(slot, field)| {
        scope.seen.is_shown(*slot) && matches!(field.kind, FieldKind::File(_))
    });
    let (mut sum, mut last) = (0u64, None);
    for (slot, field) in files {
        last = Some((slot, field));
        for id in scope.answers.get(&field.id).unwrap_or(&[]) {
            let bytes =
                context.files.iter().find(|file| file.id == *id).map_or(0, |file| file.bytes);
            sum = sum.saturating_add(bytes);
        }
    }
    let Some((slot, field)) = last else { return };
    let on_this_page = procedure.pages[page].fields.iter().any(|f| f.id == field.id);
    if on_this_page && sum > u64::from(procedure.files_mb()) * MB {
        let max = [("max", procedure.files_mb().to_string())];
        faults.push((slot, Fault::new(field, &field.id, Code::FilesTooLarge, &max)));
    }
}
