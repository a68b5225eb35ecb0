//! The files of one generation. Written beside their place and moved there
//! whole; the control file comes last, so that its presence means completeness.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge_contract::digest::Digest;
use domain::calendar::date_in_japan;
use domain::export::{GaijiTable, Generation as Name, Manifest, Names};
use domain::forms::{Answers, Compiled};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::rows::{Application, Attachment};
use lgwan_zone_store::applications::{file, messages, staff_answers};
use lgwan_zone_store::exports::{self, Complete, Definition, Generation, gaiji};
use platform_store::time;

use super::sheet::{Plan, Sheet};
use super::{ExportError, Exporter, members};

/// Applications read at once.
const PIECE: usize = 200;

/// Where a generation lies.
pub(super) fn folder(root: &Path, job: &str, generation: i32) -> PathBuf {
    root.join(job).join(format!("{generation:06}"))
}

/// Writes a generation, or finds the one an earlier run completed; `None` when another one lies under its
/// number, which this database does not know.
pub(super) async fn write(
    from: &Exporter,
    of: &Generation,
) -> Result<Option<Complete>, ExportError> {
    let unusable = |why: String| ExportError::Unusable(format!("job {}: {why}", of.job));
    let (job, generation) = (of.job.clone(), of.generation);
    let read = from.store.read(move |db| {
        let job = exports::job(db, &job)?;
        let members = match &job {
            Some(job) => exports::members(db, &job.id, generation)?,
            None => Vec::new(),
        };
        Ok((job, members))
    });
    let (job, members) = read.await?;
    let job = job.ok_or_else(|| unusable("the job is gone".to_owned()))?;
    let definition =
        Definition::from_json(&job.definition).map_err(|error| unusable(error.to_string()))?;
    let number = u32::try_from(of.generation).unwrap_or(0);
    let day = date_in_japan(time::from_micros(of.started_at));
    let name = Name::new(&definition.layout.name, day, number)
        .map_err(|error| unusable(error.to_string()))?;
    let target = folder(&from.folder, &of.job, of.generation);
    if let Some(end) = control_file(&target)? {
        // Nothing complete is written anew, whatever its files are called.
        let is_it = members::read(&target)?.is_some_and(|it| it.started_at == Some(of.started_at));
        return is_it
            .then(|| read_control(&end).map(|(manifest, text)| summary(&manifest, &text)))
            .transpose();
    }
    let (table, table_name) = table(from, &definition).await?;
    let replaces = of.replaces.and_then(|number| u32::try_from(number).ok());
    let layout = definition.layout;
    let names = Names::of(&name, &layout.file_name);
    let files = from.files.clone();
    let started_at = of.started_at;
    let plan = Plan { name, names, layout, table, table_name, replaces, started_at, files };
    let mut sheet = blocking({
        let target = target.clone();
        move || Sheet::begin(&target, plan)
    })
    .await?;
    for piece in members.chunks(PIECE) {
        let loaded = load(from, piece.to_vec()).await?;
        sheet = blocking(move || {
            for one in &loaded {
                sheet.add(one)?;
            }
            Ok(sheet)
        })
        .await?;
    }
    // Before the files are complete: a crash behind this point finds them out already.
    let out = sheet.left_out();
    if !out.is_empty() {
        let (by, job) = (By::system(from.clock.now()), of.job.clone());
        from.store.write(move |tx| exports::hold(tx, &by, (&job, generation), &out)).await?;
    }
    blocking(move || sheet.finish(&target)).await.map(Some)
}

/// The table of replacements the layout names, and `name@version`.
async fn table(
    from: &Exporter,
    definition: &Definition,
) -> Result<(GaijiTable, Option<String>), ExportError> {
    let Some(name) = definition.layout.profile.gaiji_table.clone() else {
        return Ok((GaijiTable::default(), None));
    };
    let found = from.store.read(move |db| gaiji::find(db, &name)).await?;
    let job = &definition.job;
    let version =
        found.ok_or_else(|| ExportError::Unusable(format!("job {job}: its table is not there")))?;
    let table = GaijiTable::parse(version.content.as_bytes())
        .map_err(|bad| ExportError::Unusable(format!("job {job}: {} bad lines", bad.len())))?;
    Ok((table, Some(format!("{}@{}", version.name, version.version))))
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ExportError::Unusable(error.to_string()))?
}

/// One application with what its row needs.
pub(super) struct Loaded {
    pub(super) row: Application,
    pub(super) answers: Answers,
    /// What staff noted last in the fields of their own.
    pub(super) noted: Answers,
    pub(super) files: Vec<Attachment>,
    pub(super) form: Arc<Compiled>,
}

async fn load(from: &Exporter, rows: Vec<Application>) -> Result<Vec<Loaded>, ExportError> {
    let shelf = from.shelf.clone();
    let loaded = from
        .store
        .read(move |db| {
            let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
            let noted = staff_answers::newest(db, &ids)?.into_iter();
            let mut noted: HashMap<String, String> =
                noted.map(|version| (version.application_id, version.answers)).collect();
            rows.into_iter()
                .map(|row| {
                    let stored = file::answers(db, &row.id, row.round)?;
                    let form = shelf.get(db, &row.procedure_id, row.revision)?;
                    let mut files = file::attachments_of(db, &row.id)?;
                    files.extend(messages::files_of(db, &row.id)?.0);
                    let found = stored.zip(form).and_then(|(stored, form)| {
                        Some((serde_json::from_str(&stored.answers).ok()?, form))
                    });
                    let (answers, form) = found.ok_or(lgwan_zone_store::QueryError::NotFound)?;
                    let noted: Answers = match noted.remove(&row.id) {
                        Some(text) => serde_json::from_str(&text)
                            .map_err(|_| lgwan_zone_store::QueryError::NotFound)?,
                        None => Answers::new(),
                    };
                    Ok(Loaded { row, answers, noted, files, form })
                })
                .collect::<Result<Vec<_>, lgwan_zone_store::QueryError>>()
        })
        .await?;
    Ok(loaded)
}

/// The control file of a folder, whatever it is called; `None` when the generation is not complete.
pub(super) fn control_file(target: &Path) -> Result<Option<PathBuf>, ExportError> {
    if !target.is_dir() {
        return Ok(None);
    }
    let names = fs::read_dir(target)?.collect::<Result<Vec<_>, _>>()?;
    let is_end = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "end");
    Ok(names.iter().map(fs::DirEntry::path).find(is_end))
}

/// What a control file says, and its text.
pub(super) fn read_control(end: &Path) -> Result<(Manifest, String), ExportError> {
    let text = fs::read_to_string(end)?;
    let manifest =
        Manifest::parse(&text).map_err(|error| ExportError::Unusable(error.to_string()))?;
    Ok((manifest, text))
}

/// What the database keeps of a complete generation.
pub(super) fn summary(manifest: &Manifest, text: &str) -> Complete {
    let attachments = manifest.files.iter().filter(|file| file.path.contains('/')).count();
    let bytes: u64 = manifest.files.iter().map(|file| file.bytes).sum();
    let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    Complete {
        attachments: whole(attachments as u64),
        bytes: whole(bytes),
        changed: whole(manifest.changed),
        sha256: Digest::of(text.as_bytes()).hex(),
    }
}
