//! Generations that no business system has: server B could not show them (配信エラー), or the business system
//! failed after it had said that it took them in. Both are alarms, one a generation (IK-3.5.7b, I21).

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use bridge_spool::FAILED;
use lgwan_zone_store::By;
use lgwan_zone_store::exports::{self, Pickup, Said};
use platform_service::halts::Need;

use super::found::Numbered;
use super::generation::{self, blocking};
use super::{ExportError, Exporter, receipt};

/// What is known of them since the start.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// Those that server A named and whose receipt was read again. A database that was set back comes with a
    /// new start.
    read: Mutex<BTreeSet<Numbered>>,
    /// Parts that are told, by their names at `/readyz`.
    told: Mutex<BTreeSet<String>>,
}

impl Known {
    fn was_read(&self, one: &Numbered) -> bool {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).contains(one)
    }

    fn note(&self, one: Numbered) {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(one);
    }
}

/// Reads the receipts again of which server A says that they tell of a failed import, and those of generations
/// that server B could not show: after a start at A or B it may have looked at them twice.
pub(super) async fn look(from: &Exporter) -> Result<(), ExportError> {
    for one in from.store.read(exports::undelivered).await? {
        let Some(found) = read(from, &one).await? else { continue };
        if found.said != Said::Undelivered && note(from, &one, found).await? {
            tracing::info!(job = one.0, number = one.1, "server B shows a generation after all");
        }
    }
    let folder = from.folder.clone();
    let all = blocking(move || named(&folder)).await?;
    for one in all {
        if from.failed.was_read(&one) {
            continue;
        }
        let Some(found) = read(from, &one).await? else { continue };
        if note(from, &one, found).await? {
            let (job, number) = &one;
            tracing::error!(job, number, "a business system says that a generation failed");
        }
        from.failed.note(one);
    }
    Ok(())
}

async fn read(from: &Exporter, (job, number): &Numbered) -> Result<Option<Pickup>, ExportError> {
    let folder = generation::folder(&from.folder, job, *number);
    blocking(move || Ok(receipt::read(&folder))).await
}

async fn note(from: &Exporter, one: &Numbered, found: Pickup) -> Result<bool, ExportError> {
    let (by, (job, number)) = (By::system(from.clock.now()), one.clone());
    let noted = from.store.write(move |tx| exports::receipt(tx, &by, (&job, number), &found));
    Ok(noted.await?)
}

/// What server A names. Files that are no generation of ours are passed over.
fn named(folder: &Path) -> Result<Vec<Numbered>, ExportError> {
    let entries = match fs::read_dir(folder.join(FAILED)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let parts = name.to_str().and_then(|name| name.rsplit_once('.'));
        all.extend(
            parts.and_then(|(job, number)| Some((job.to_owned(), number.parse::<i32>().ok()?))),
        );
    }
    Ok(all)
}

/// Says which there are; one that was put out again is well.
pub(super) async fn tell(from: &Exporter) -> Result<(), ExportError> {
    let now = from.clock.now().as_microsecond();
    let all = from.store.read(move |db| exports::unsettled(db, now)).await?;
    let mut needs = Vec::new();
    for (job, number, after_taken) in all {
        let detail = format!("{job}/{number:06}");
        let (code, what) = if after_taken {
            ("failed_after_taken", "failed at the business system, which had taken it in")
        } else {
            ("undelivered", "could not be shown to the business system by server B")
        };
        let part = format!("generation {detail}");
        needs.push(Need { part, code, why: format!("{detail} {what}"), detail });
    }
    let parts: BTreeSet<String> = needs.iter().map(|need| need.part.clone()).collect();
    needs.into_iter().for_each(|need| from.halts.warn(need));
    let mut told = from.failed.told.lock().unwrap_or_else(PoisonError::into_inner);
    told.difference(&parts).for_each(|part| from.halts.all_is_well(part));
    *told = parts;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.7b: what server A names is read, and nothing else stops the look.
    #[test]
    fn what_server_a_names_is_read() {
        let root = tempfile::tempdir().expect("a folder");
        assert_eq!(named(root.path()).expect("nothing yet"), []);
        fs::create_dir(root.path().join(FAILED)).expect("made");
        for name in ["juminhyo.000012", "Thumbs.db", "readme"] {
            fs::write(root.path().join(FAILED).join(name), "").expect("written");
        }
        let found = named(root.path()).expect("readable");
        assert_eq!(found, [("juminhyo".to_owned(), 12)]);
    }
}
