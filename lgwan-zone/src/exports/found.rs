//! Generations on server A with numbers beyond those that the database knows: it was set back to an older
//! one. They are entered again, so that nobody takes what they hold for a new generation, and what left
//! with them leaves no second time (I14, decision 0120).

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::SystemTime;

use bridge_spool::FROM_SERVER_A;
use lgwan_zone_store::By;
use lgwan_zone_store::exports::{self, Found};
use platform_service::halts::Need;

use super::generation::{self, blocking, summary};
use super::{ExportError, Exporter, members};

/// Its name at `/readyz`.
const PART: &str = "generations";
/// Digits of a folder's name.
const DIGITS: usize = 6;

/// A complete generation that the database does not know, and what it is, when that can be said.
type Lying = (i32, Option<Found>);

/// Enters them all. Gives the jobs that start nothing until an operator has looked: a generation does not
/// say what is in it, or names an application that is not here, or not here yet.
pub(super) async fn enter_all(from: &Exporter) -> Result<BTreeSet<String>, ExportError> {
    let (mut wait, mut first) = (BTreeSet::new(), None);
    for job in from.store.read(exports::jobs).await? {
        let (root, id, newest) = (from.folder.clone(), job.id.clone(), job.generation);
        let now = from.clock.now();
        let all = blocking(move || beyond(&root.join(id), newest, now.as_microsecond())).await?;
        for (number, found) in all {
            if !enter(from, &job.id, found).await? {
                first = first.or_else(|| Some(format!("{}/{number:06}", job.id)));
                wait.insert(job.id.clone());
                break;
            }
            tracing::warn!(job = job.id, number, "a generation that was not known is entered");
        }
    }
    match first {
        None => from.halts.all_is_well(PART),
        Some(detail) => from.halts.warn(Need {
            part: PART.to_owned(),
            code: "set_back",
            why: format!("{detail} is on server A and not in the database; its job waits"),
            detail,
        }),
    }
    Ok(wait)
}

/// `false` when it cannot be entered, or not yet.
async fn enter(from: &Exporter, job: &str, found: Option<Found>) -> Result<bool, ExportError> {
    let Some(found) = found else { return Ok(false) };
    let ids = found.applications.clone();
    let unknown = from.store.read(move |db| exports::unknown(db, &ids)).await?;
    if let Some(first) = unknown.first() {
        let (number, count) = (found.generation, unknown.len());
        tracing::error!(job, number, count, first, "a generation names applications not here");
        return Ok(false);
    }
    let (by, job) = (By::system(from.clock.now()), job.to_owned());
    from.store.write(move |tx| exports::enter(tx, &by, &job, &found)).await?;
    Ok(true)
}

/// When server A spoke last, by the time of its file; `None` where it says nothing.
fn spoke(folder: &Path) -> Result<Option<SystemTime>, ExportError> {
    match fs::metadata(folder.join(FROM_SERVER_A)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        said => Ok(Some(said?.modified()?)),
    }
}

/// A generation: its job and its number.
pub(super) type Numbered = (String, i32);

/// Which of these generations are not in the folder, and when server A spoke last. Only where it spoke since the
/// look before is it the folder of server A and not a share that is away; and while it does, nobody else carries
/// generations off, as people may do when it is down.
pub(super) fn lost(
    folder: &Path,
    all: Vec<Numbered>,
    before: Option<SystemTime>,
) -> Result<(Vec<Numbered>, Option<SystemTime>), ExportError> {
    let mut lost = Vec::new();
    if all.is_empty() {
        return Ok((lost, None));
    }
    let heard = spoke(folder)?;
    if before.is_none() || heard.is_none() || heard == before {
        return Ok((lost, heard));
    }
    for (job, number) in all {
        if !generation::folder(folder, &job, number).try_exists()? {
            lost.push((job, number));
        }
    }
    // A share that went away while they were looked for took them along.
    if spoke(folder)?.is_none() {
        lost.clear();
    }
    Ok((lost, heard))
}

/// The complete generations in the folder of a job behind a number, in their order.
fn beyond(folder: &Path, newest: i32, now: i64) -> Result<Vec<Lying>, ExportError> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut all = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let is_number =
            |name: &&str| name.len() == DIGITS && name.bytes().all(|digit| digit.is_ascii_digit());
        let number = name.to_str().filter(is_number).and_then(|name| name.parse::<i32>().ok());
        let number = number.filter(|number| *number > newest);
        let (Some(number), true) = (number, entry.file_type()?.is_dir()) else { continue };
        let path = entry.path();
        let Some(end) = generation::control_file(&path)? else { continue };
        let found = read(&path, &end, (number, now)).unwrap_or_else(|error| {
            tracing::error!(path = %path.display(), %error, "a generation cannot be read");
            None
        });
        all.push((number, found));
    }
    all.sort_by_key(|(number, _)| *number);
    Ok(all)
}

/// `None` when it does not say what is in it.
fn read(
    folder: &Path,
    end: &Path,
    (generation, now): (i32, i64),
) -> Result<Option<Found>, ExportError> {
    let (manifest, text) = generation::read_control(end)?;
    let members = members::read(folder)?;
    Ok(members.map(|it| Found {
        generation,
        started_at: it.started_at.unwrap_or(now),
        replaces: manifest.replaces.and_then(|number| i32::try_from(number).ok()),
        applications: it.applications.into_iter().collect(),
        complete: summary(&manifest, &text),
    }))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    /// IK-3.5.7b: what is not on server A is lost; a folder in which server A says nothing, or nothing any more,
    /// tells of no loss.
    #[test]
    fn what_server_a_does_not_have_is_lost() {
        let root = tempfile::tempdir().expect("a folder");
        let all = || vec![("juminhyo".to_owned(), 1), ("juminhyo".to_owned(), 2)];
        fs::create_dir_all(root.path().join("juminhyo/000001")).expect("made");
        let look = |before| lost(root.path(), all(), before).expect("readable");
        let earlier = Some(SystemTime::UNIX_EPOCH);
        assert_eq!(look(earlier), (Vec::new(), None));
        fs::write(root.path().join(FROM_SERVER_A), "said").expect("written");
        let (first, heard) = look(None);
        assert_eq!((first, heard.is_some()), (Vec::new(), true), "it may be of long ago");
        assert_eq!(look(heard), (Vec::new(), heard), "it says nothing any more");
        assert_eq!(look(earlier), (vec![("juminhyo".to_owned(), 2)], heard));
        assert_eq!(
            lost(root.path(), Vec::new(), earlier).expect("nothing waits"),
            (Vec::new(), None)
        );
    }

    /// I14: what lies behind the newest number is found in its order, and nothing that is no complete
    /// generation; one that does not read, or says nothing of what is in it, is found all the same.
    #[test]
    fn what_lies_behind_the_newest_number_is_found() {
        let root = tempfile::tempdir().expect("a folder");
        let complete = |name: &str| -> PathBuf {
            let folder = root.path().join(name);
            fs::create_dir(&folder).expect("made");
            fs::write(folder.join("data.end"), "madoguchi-generation=1\n").expect("written");
            folder
        };
        assert!(beyond(&root.path().join("nowhere"), 0, 5).expect("readable").is_empty());
        for name in ["000012", "000003", "000002", "0004", ".000005.part", "+00006", "000007x"] {
            complete(name);
        }
        fs::create_dir(root.path().join("000008")).expect("made");
        fs::write(root.path().join("000009"), "no folder").expect("written");
        let found = beyond(root.path(), 2, 5).expect("readable");
        let numbers: Vec<i32> = found.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [3, 12]);
        assert!(found.iter().all(|(_, found)| found.is_none()));
    }
}
