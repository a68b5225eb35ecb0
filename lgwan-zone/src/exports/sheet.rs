//! A generation that is being written: data file, lists, attachments, control file. Records go to
//! the disk as they come; memory holds one piece of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use domain::applications::State;
use domain::export::{
    self, About, CsvWriter, DataWriter, Exporter as Rows, Facts, FileEntry, GaijiTable,
    Generation as Name, Layout, Manifest, Profile, Record, Recorder, Refusal, Report, Shape,
    Totals, Why,
};
use domain::ids::ProcedureId;
use lgwan_zone_store::exports::{Complete, LeftOut};
use lgwan_zone_web::xlsx::Xlsx;
use platform_store::files::Files;
use platform_store::time;

use super::ExportError;
use super::attachments::{self, List};
use super::generation::{Loaded, summary};
use super::out::{Out, read_entry};
use super::share::{self, Disk, sync};

/// What is to be written.
pub(super) struct Plan {
    pub(super) name: Name,
    pub(super) layout: Layout,
    pub(super) table: GaijiTable,
    /// `name@version`.
    pub(super) table_name: Option<String>,
    pub(super) replaces: Option<u32>,
    pub(super) files: Files,
}

/// A generation on its way.
pub(super) struct Sheet {
    plan: Plan,
    draft: PathBuf,
    data: Data,
    recorder: Recorder,
    report: Report,
    report_out: Option<Out>,
    list: Option<List>,
    codes: BTreeMap<[String; 2], String>,
    attachments: Vec<FileEntry>,
    out: Vec<LeftOut>,
}

/// The data file.
enum Data {
    Bytes(Box<(DataWriter, Out)>),
    Spreadsheet(Box<Xlsx<BufWriter<File>>>, String),
}

impl Sheet {
    pub(super) fn begin(target: &Path, plan: Plan) -> Result<Self, ExportError> {
        // A folder that begins with a dot is no generation to whoever watches.
        let name_of = target.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let draft = target.with_file_name(format!(".{name_of}.part"));
        for left in [target, draft.as_path()] {
            if left.exists() {
                fs::remove_dir_all(left)?;
            }
        }
        fs::create_dir_all(&draft)?;
        let list = plan
            .layout
            .attachment_list
            .then(|| List::create(&draft, plan.name.list_file()))
            .transpose()?;
        Ok(Self {
            data: Data::begin(&draft, &plan)?,
            recorder: Recorder::new(plan.layout.clone(), plan.table.clone()),
            report: Report::default(),
            report_out: None,
            list,
            codes: BTreeMap::new(),
            attachments: Vec::new(),
            out: Vec::new(),
            plan,
            draft,
        })
    }

    pub(super) fn add(&mut self, one: &Loaded) -> Result<(), ExportError> {
        let unusable = |why: String| ExportError::Unusable(format!("{}: {why}", one.row.number));
        let layout = &self.plan.layout;
        let rows = Rows::new(&one.form, layout).map_err(|error| unusable(error.to_string()))?;
        let mut facts = facts(one).ok_or_else(|| unusable("the row does not read".to_owned()))?;
        let paths = attachments::paths(facts.number, &one.files);
        facts.attachments = paths.iter().map(|(path, _)| path.clone()).collect();
        let record = match self.recorder.record(&rows.row(&one.answers, &facts)) {
            Ok(record) => record,
            Err(refused) => {
                let (application, version) = (one.row.id.clone(), one.row.version);
                let why = unwritable(layout, &refused);
                self.out.push(LeftOut { application, version, why });
                return Ok(());
            }
        };
        self.data.record(&record)?;
        if layout.code_table {
            let rows = export::code_table(&one.form, layout);
            self.codes.extend(rows.into_iter().map(|[id, code, label]| ([id, code], label)));
        }
        self.list_changes(&one.row.number, &record)?;
        if let Some(list) = &mut self.list {
            list.add(&one.row.number, &one.files, &paths)?;
        }
        if self.plan.layout.attachments {
            for (path, file) in &paths {
                let copied = attachments::copy(&self.plan.files, &self.draft, path, file)?;
                self.attachments.push(copied);
            }
        }
        Ok(())
    }

    /// Applications that could not be written.
    pub(super) fn left_out(&mut self) -> Vec<LeftOut> {
        std::mem::take(&mut self.out)
    }

    fn list_changes(&mut self, number: &str, record: &Record) -> Result<(), ExportError> {
        if record.changes.is_empty() {
            return Ok(());
        }
        let columns = &self.plan.layout.columns;
        let changes = record.changes.iter();
        let named = changes.map(|(column, change)| (columns[*column].id.as_str(), change));
        self.report.add(self.recorder.records(), number, named);
        let out = match &mut self.report_out {
            Some(out) => out,
            none => none.insert(Out::create(&self.draft, self.plan.name.gaiji_file())?),
        };
        Ok(out.put(&self.report.take())?)
    }

    /// Makes everything durable, moves it to its place, then writes the control file.
    pub(super) fn finish(mut self, target: &Path) -> Result<Complete, ExportError> {
        let totals = Totals { records: self.recorder.records(), sums: self.recorder.totals() };
        let mut entries = vec![self.data.finish(&self.draft, &totals)?];
        entries.extend(self.report_out.map(Out::finish).transpose()?);
        entries.extend(self.list.map(List::finish).transpose()?);
        if self.plan.layout.code_table {
            entries.push(codes(&self.draft, &self.plan.name, &self.codes)?);
        }
        entries.append(&mut self.attachments);
        for folder in fs::read_dir(&self.draft)? {
            let folder = folder?;
            if folder.file_type()?.is_dir() {
                sync(&folder.path())?;
            }
        }
        sync(&self.draft)?;
        share::into_place(&Disk, &self.draft, target)?;
        sync(target.parent().unwrap_or(target))?;
        let layout = &self.plan.layout;
        let manifest = Manifest {
            layout_version: layout.version,
            replaces: self.plan.replaces,
            encoding: layout.profile.encoding,
            gaiji_table: self.plan.table_name,
            data: self.plan.name.data_file(layout.shape.extension()),
            rows: totals.records,
            applications: totals.records,
            changed: self.report.flagged(),
            totals: totals.sums,
            files: entries,
            generation: self.plan.name,
        };
        let text = manifest.print();
        let end = target.join(manifest.generation.end_file());
        let draft = target.join(".end.part");
        keep(&draft, text.as_bytes())?;
        share::rename(&Disk, &draft, &end)?;
        sync(target)?;
        Ok(summary(&manifest, &text))
    }
}

impl Data {
    fn begin(draft: &Path, plan: &Plan) -> Result<Self, ExportError> {
        let layout = &plan.layout;
        let path = plan.name.data_file(layout.shape.extension());
        let heading = export::heading(layout);
        let about = About {
            business_date: plan.name.business_date(),
            generation: plan.name.number(),
            layout_version: layout.version,
        };
        if let Shape::Spreadsheet(spreadsheet) = &layout.shape {
            let file = BufWriter::new(File::create_new(draft.join(&path))?);
            let mut sheet = Xlsx::begin(file, &spreadsheet.sheet)?;
            if let Some(heading) = heading {
                sheet.row(heading.iter().map(String::as_str))?;
            }
            return Ok(Self::Spreadsheet(Box::new(sheet), path));
        }
        let writer = DataWriter::new(layout.clone(), about, heading.as_deref())
            .map_err(|error| ExportError::Unusable(error.to_string()))?;
        Ok(Self::Bytes(Box::new((writer, Out::create(draft, path)?))))
    }

    fn record(&mut self, record: &Record) -> Result<(), ExportError> {
        match self {
            Self::Bytes(both) => {
                let (writer, out) = both.as_mut();
                writer.record(record).map_err(|error| ExportError::Unusable(error.to_string()))?;
                Ok(out.put(&writer.take())?)
            }
            Self::Spreadsheet(sheet, _) => {
                let cells = record.cells.iter();
                let texts = cells.map(|cell| cell.first().map_or("", String::as_str));
                Ok(sheet.row(texts)?)
            }
        }
    }

    fn finish(self, draft: &Path, totals: &Totals) -> Result<FileEntry, ExportError> {
        match self {
            Self::Bytes(both) => {
                let (mut writer, mut out) = *both;
                writer.end(totals).map_err(|error| ExportError::Unusable(error.to_string()))?;
                out.put(&writer.take())?;
                Ok(out.finish()?)
            }
            Self::Spreadsheet(sheet, path) => {
                sheet.end()?.into_inner().map_err(io::Error::other)?.sync_all()?;
                Ok(read_entry(draft, path)?)
            }
        }
    }
}

fn codes(
    draft: &Path,
    name: &Name,
    codes: &BTreeMap<[String; 2], String>,
) -> Result<FileEntry, ExportError> {
    let mut csv = CsvWriter::new(Profile::default());
    csv.row(&["column", "code", "label"]);
    for ([column, code], label) in codes {
        csv.row(&[column, code, label]);
    }
    let mut out = Out::create(draft, name.codes_file())?;
    out.put(&csv.take())?;
    Ok(out.finish()?)
}

/// What cannot be written, for staff: each column with the reason.
fn unwritable(layout: &Layout, refused: &[Refusal]) -> String {
    let texts = &lgwan_zone_web::site::TEXTS;
    let words = refused.iter().map(|one| {
        let column = &layout.columns[one.column].header;
        let name: (&str, &dyn std::fmt::Display) = ("column", column);
        match &one.why {
            Why::Characters(bad) => {
                let each: BTreeSet<char> = bad.chars().collect();
                let bad: String = each.into_iter().collect();
                texts.fill("exports.unwritable.characters", &[name, ("characters", &bad)])
            }
            Why::TooLong { bytes, width } => {
                let args: [(&str, &dyn std::fmt::Display); 3] =
                    [name, ("bytes", bytes), ("width", width)];
                texts.fill("exports.unwritable.too_long", &args)
            }
            Why::Missing => texts.fill("exports.unwritable.missing", &[name]),
            Why::Number => texts.fill("exports.unwritable.number", &[name]),
            Why::Total => texts.fill("exports.unwritable.total", &[name]),
        }
    });
    words.collect::<Vec<_>>().join(texts.text("frame.and"))
}

fn facts(one: &Loaded) -> Option<Facts> {
    Some(Facts {
        number: one.row.number.parse().ok()?,
        arrived_at: time::from_micros(one.row.arrived_at),
        state: State::parse(&one.row.state).ok()?,
        procedure: ProcedureId::parse(&one.row.procedure_id).ok()?,
        revision: u32::try_from(one.row.revision).ok()?,
        attachments: Vec::new(),
    })
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
