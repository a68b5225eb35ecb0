//! The files of one generation. Written beside their place and moved there
//! whole; the control file comes last, so that its presence means completeness.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bridge_contract::digest::{Digest, Running};
use domain::applications::{ReceiptNumber, State};
use domain::calendar::date_in_japan;
use domain::cp932;
use domain::export::{
    CsvWriter, Exporter as Rows, Facts, FileEntry, Generation as Name, Layout, Manifest,
    attachment_path, gaiji_file,
};
use domain::forms::{Answers, Compiled};
use domain::ids::ProcedureId;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::rows::{Application, Attachment};
use lgwan_zone_store::exports::{self, Definition, Generation, LeftOut};
use platform_store::files::Files;
use platform_store::time;
use std::sync::Arc;

use super::{ExportError, Exporter};

/// Applications read at once.
const PIECE: usize = 200;

/// A complete generation.
pub(super) struct Written {
    pub(super) attachments: i64,
    pub(super) sha256: String,
}

/// Where a generation lies.
pub(super) fn folder(root: &Path, job: &str, generation: i32) -> PathBuf {
    root.join(job).join(format!("{generation:06}"))
}

/// Writes a generation, or finds the one an earlier run completed.
pub(super) async fn write(from: &Exporter, of: &Generation) -> Result<Written, ExportError> {
    let unusable = |why: String| ExportError::Unusable(format!("job {}: {why}", of.job));
    let job = of.job.clone();
    let job = from.store.read(move |db| exports::job(db, &job)).await?;
    let job = job.ok_or_else(|| unusable("the job is gone".to_owned()))?;
    let definition =
        Definition::from_json(&job.definition).map_err(|error| unusable(error.to_string()))?;
    let number = u32::try_from(of.generation).unwrap_or(0);
    let day = date_in_japan(time::from_micros(of.started_at));
    let name = Name::new(&definition.layout.name, day, number)
        .map_err(|error| unusable(error.to_string()))?;
    let target = folder(&from.folder, &of.job, of.generation);
    if let Some(written) = complete(&target, &name)? {
        return Ok(written);
    }
    let (job, generation) = (of.job.clone(), of.generation);
    let members = from.store.read(move |db| exports::members(db, &job, generation)).await?;
    let mut sheet = blocking({
        let (target, name, layout) = (target.clone(), name.clone(), definition.layout.clone());
        let files = from.files.clone();
        move || Sheet::begin(&target, name, layout, files)
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
    let out = std::mem::take(&mut sheet.out);
    if !out.is_empty() {
        let (by, job) = (By::system(from.clock.now()), of.job.clone());
        from.store.write(move |tx| exports::hold(tx, &by, (&job, generation), &out)).await?;
    }
    blocking(move || sheet.finish(&target)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ExportError> + Send + 'static,
) -> Result<T, ExportError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| ExportError::Unusable(error.to_string()))?
}

/// One application with what its row needs.
struct Loaded {
    row: Application,
    answers: Answers,
    files: Vec<Attachment>,
    form: Arc<Compiled>,
}

async fn load(from: &Exporter, rows: Vec<Application>) -> Result<Vec<Loaded>, ExportError> {
    let shelf = from.shelf.clone();
    let loaded = from
        .store
        .read(move |db| {
            rows.into_iter()
                .map(|row| {
                    let stored = file::answers(db, &row.id, row.round)?;
                    let form = shelf.get(db, &row.procedure_id, row.revision)?;
                    let files = file::attachments_of(db, &row.id)?;
                    let found = stored.zip(form).and_then(|(stored, form)| {
                        Some((serde_json::from_str(&stored.answers).ok()?, form))
                    });
                    let (answers, form) = found.ok_or(lgwan_zone_store::QueryError::NotFound)?;
                    Ok(Loaded { row, answers, files, form })
                })
                .collect::<Result<Vec<_>, lgwan_zone_store::QueryError>>()
        })
        .await?;
    Ok(loaded)
}

/// A generation that was completed before the database was told.
fn complete(target: &Path, name: &Name) -> Result<Option<Written>, ExportError> {
    let end = target.join(name.end_file());
    if !end.exists() {
        return Ok(None);
    }
    let text = fs::read_to_string(&end)?;
    let manifest =
        Manifest::parse(&text).map_err(|error| ExportError::Unusable(error.to_string()))?;
    let attachments = manifest.files.iter().filter(|file| file.path.contains('/')).count();
    Ok(Some(Written {
        attachments: i64::try_from(attachments).unwrap_or(i64::MAX),
        sha256: Digest::of(text.as_bytes()).hex(),
    }))
}

/// A generation that is being written.
struct Sheet {
    name: Name,
    layout: Layout,
    files: Files,
    draft: PathBuf,
    data: File,
    csv: CsvWriter,
    digest: Running,
    bytes: u64,
    begun: bool,
    applications: u64,
    entries: Vec<FileEntry>,
    out: Vec<LeftOut>,
}

impl Sheet {
    fn begin(target: &Path, name: Name, layout: Layout, files: Files) -> Result<Self, ExportError> {
        // A folder that begins with a dot is no generation to whoever watches.
        let name_of = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let draft = target.with_file_name(format!(".{name_of}.part"));
        for left in [target, draft.as_path()] {
            if left.exists() {
                fs::remove_dir_all(left)?;
            }
        }
        fs::create_dir_all(&draft)?;
        let data = File::create_new(draft.join(name.data_file()))?;
        Ok(Self {
            csv: CsvWriter::new(layout.profile.clone()),
            digest: Running::new(),
            bytes: 0,
            begun: false,
            applications: 0,
            entries: Vec::new(),
            out: Vec::new(),
            name,
            layout,
            files,
            draft,
            data,
        })
    }

    fn add(&mut self, one: &Loaded) -> Result<(), ExportError> {
        let unusable = |why: String| ExportError::Unusable(format!("{}: {why}", one.row.number));
        let rows =
            Rows::new(&one.form, &self.layout).map_err(|error| unusable(error.to_string()))?;
        if !self.begun {
            self.begun = true;
            if let Some(heading) = rows.heading() {
                self.csv.row(&heading);
            }
        }
        let facts = facts(one).ok_or_else(|| unusable("the row does not read".to_owned()))?;
        let cells = rows.row(&one.answers, &facts);
        if self.csv.must_hold(&cells) {
            self.out.push(LeftOut {
                application: one.row.id.clone(),
                version: one.row.version,
                why: unwritable(&self.layout, &cells),
            });
            return Ok(());
        }
        self.csv.row(&cells);
        self.flush()?;
        self.applications += 1;
        if self.layout.attachments {
            self.copy(one, facts.number)?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = self.csv.take();
        self.digest.update(&bytes);
        self.bytes += bytes.len() as u64;
        self.data.write_all(&bytes)
    }

    fn copy(&mut self, one: &Loaded, number: ReceiptNumber) -> Result<(), ExportError> {
        let rebuilt = one
            .files
            .iter()
            .filter_map(|file| Some((file.file_id.as_ref()?, file.out_name.as_ref()?)));
        for (nth, (id, name)) in rebuilt.enumerate() {
            let path = attachment_path(number, nth + 1, name);
            let bytes = self.files.get(id)?;
            let place = self.draft.join(&path);
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
            }
            keep(&place, &bytes)?;
            self.entries.push(entry(path, &bytes));
        }
        Ok(())
    }

    /// Makes everything durable, moves it to its place, then writes the control file.
    fn finish(mut self, target: &Path) -> Result<Written, ExportError> {
        self.flush()?;
        self.data.sync_all()?;
        let mut entries = vec![FileEntry {
            path: self.name.data_file(),
            bytes: self.bytes,
            sha256: std::mem::take(&mut self.digest).finish().0,
        }];
        if let Some(report) = gaiji_file(self.csv.gaiji()) {
            keep(&self.draft.join(self.name.gaiji_file()), &report)?;
            entries.push(entry(self.name.gaiji_file(), &report));
        }
        let attachments = self.entries.len();
        entries.append(&mut self.entries);
        for folder in fs::read_dir(&self.draft)? {
            let folder = folder?;
            if folder.file_type()?.is_dir() {
                sync(&folder.path())?;
            }
        }
        sync(&self.draft)?;
        fs::rename(&self.draft, target)?;
        sync(target.parent().unwrap_or(target))?;
        let manifest = Manifest {
            layout_version: self.layout.version,
            encoding: self.layout.profile.encoding,
            rows: self.applications,
            applications: self.applications,
            files: entries,
            generation: self.name,
        };
        let text = manifest.print();
        let end = target.join(manifest.generation.end_file());
        let draft = target.join(".end.part");
        keep(&draft, text.as_bytes())?;
        fs::rename(&draft, &end)?;
        sync(target)?;
        Ok(Written {
            attachments: i64::try_from(attachments).unwrap_or(i64::MAX),
            sha256: Digest::of(text.as_bytes()).hex(),
        })
    }
}

/// Each column with the characters that CP932 cannot hold, each once.
fn unwritable(layout: &Layout, cells: &[String]) -> String {
    let texts = &lgwan_zone_web::site::TEXTS;
    let columns = layout.columns.iter().zip(cells).filter_map(|(column, cell)| {
        let bad: BTreeSet<char> = cell.chars().filter(|c| !cp932::holds(*c)).collect();
        let bad: String = bad.into_iter().collect();
        let args: [(&str, &dyn std::fmt::Display); 2] =
            [("column", &column.header), ("characters", &bad)];
        (!bad.is_empty()).then(|| texts.fill("exports.unwritable", &args))
    });
    columns.collect::<Vec<_>>().join(texts.text("frame.and"))
}

fn facts(one: &Loaded) -> Option<Facts> {
    Some(Facts {
        number: one.row.number.parse().ok()?,
        arrived_at: time::from_micros(one.row.arrived_at),
        state: State::parse(&one.row.state).ok()?,
        procedure: ProcedureId::parse(&one.row.procedure_id).ok()?,
        revision: u32::try_from(one.row.revision).ok()?,
        attachments: one.files.iter().filter(|file| file.file_id.is_some()).count(),
    })
}

fn entry(path: String, bytes: &[u8]) -> FileEntry {
    FileEntry { path, bytes: bytes.len() as u64, sha256: Digest::of(bytes).0 }
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
