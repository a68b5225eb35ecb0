//! A generation that is being written: data file, lists, attachments, control file. Records go to
//! the disk as they come; memory holds one piece of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use bridge_contract::digest::Digest;
use domain::applications::State;
use domain::export::{
    self, About, Checksum, CsvWriter, DataFile, DataWriter, Exporter as Rows, Facts, FileEntry,
    GaijiTable, Generation as Name, Layout, Manifest, Names, Profile, Record, Recorder, Refusal,
    Report, Shape, Totals, Why,
};
use domain::ids::ProcedureId;
use lgwan_zone_store::exports::{Complete, LeftOut};
use lgwan_zone_web::xlsx::Xlsx;
use platform_store::files::Files;
use platform_store::time;

use super::attachments::{self, List};
use super::generation::{Loaded, summary};
use super::out::{Out, read_entry};
use super::share::{self, Disk, sync};
use super::{ExportError, members};

/// What is to be written.
pub(super) struct Plan {
    pub(super) name: Name,
    pub(super) names: Names,
    pub(super) layout: Layout,
    pub(super) table: GaijiTable,
    /// `name@version`.
    pub(super) table_name: Option<String>,
    pub(super) replaces: Option<u32>,
    /// When it was started, by the database.
    pub(super) started_at: i64,
    pub(super) files: Files,
}

/// A generation on its way.
pub(super) struct Sheet {
    plan: Plan,
    draft: PathBuf,
    /// The data file that is being written.
    data: Option<Data>,
    /// Those that are complete, with their rows.
    written: Vec<(FileEntry, u64)>,
    recorder: Recorder,
    report: Report,
    report_out: Option<Out>,
    list: Option<List>,
    codes: BTreeMap<[String; 2], String>,
    attachments: Vec<FileEntry>,
    /// Applications in it.
    members: Vec<String>,
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
            .then(|| List::create(&draft, plan.names.list_file()))
            .transpose()?;
        Ok(Self {
            data: None,
            written: Vec::new(),
            recorder: Recorder::new(plan.layout.clone(), plan.table.clone()),
            report: Report::default(),
            report_out: None,
            list,
            codes: BTreeMap::new(),
            attachments: Vec::new(),
            members: Vec::new(),
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
        if layout.code_table {
            let rows = export::code_table(&one.form, layout);
            self.codes.extend(rows.into_iter().map(|[id, code, label]| ([id, code], label)));
        }
        self.write(&record)?;
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
        self.members.push(one.row.id.clone());
        Ok(())
    }

    /// Puts a record into the data file, and ends the file when it has all it may have.
    fn write(&mut self, record: &Record) -> Result<(), ExportError> {
        let data = match &mut self.data {
            Some(data) => data,
            none => none.insert(Data::begin(&self.draft, &self.plan, self.written.len())?),
        };
        data.record(record)?;
        let full = self.plan.layout.rows_per_file.map(u64::from);
        if full == Some(self.recorder.in_file()) { self.end_file() } else { Ok(()) }
    }

    fn end_file(&mut self) -> Result<(), ExportError> {
        let Some(data) = self.data.take() else { return Ok(()) };
        let totals = self.recorder.end_file();
        let entry = data.finish(&self.draft, &totals)?;
        self.written.push((entry, totals.records));
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
            none => none.insert(Out::create(&self.draft, self.plan.names.gaiji_file())?),
        };
        Ok(out.put(&self.report.take())?)
    }

    /// Makes everything durable, moves it to its place, then writes the control file.
    pub(super) fn finish(mut self, target: &Path) -> Result<Complete, ExportError> {
        if self.written.is_empty() && self.data.is_none() {
            self.data = Some(Data::begin(&self.draft, &self.plan, 0)?);
        }
        self.end_file()?;
        let (records, totals) = (self.recorder.records(), self.recorder.totals());
        let (mut entries, mut data) = (Vec::new(), Vec::new());
        for (entry, rows) in self.written {
            data.push(DataFile { name: entry.path.clone(), rows });
            entries.push(entry);
        }
        entries.extend(checksums(&self.draft, self.plan.layout.checksum, &entries)?);
        entries.extend(self.report_out.map(Out::finish).transpose()?);
        entries.extend(self.list.map(List::finish).transpose()?);
        if self.plan.layout.code_table {
            entries.push(codes(&self.draft, &self.plan.names, &self.codes)?);
        }
        entries.append(&mut self.attachments);
        for folder in fs::read_dir(&self.draft)? {
            let folder = folder?;
            if folder.file_type()?.is_dir() {
                sync(&folder.path())?;
            }
        }
        let members = members::text(self.plan.started_at, &self.members);
        keep(&self.draft.join(members::NAME), members.as_bytes())?;
        sync(&self.draft)?;
        share::into_place(&Disk, &self.draft, target)?;
        sync(target.parent().unwrap_or(target))?;
        let layout = &self.plan.layout;
        let manifest = Manifest {
            layout_version: layout.version,
            replaces: self.plan.replaces,
            encoding: layout.profile.encoding,
            gaiji_table: self.plan.table_name,
            data,
            applications: records,
            changed: self.report.flagged(),
            totals,
            files: entries,
            generation: self.plan.name,
        };
        let text = manifest.print();
        let end = target.join(self.plan.names.end_file());
        let draft = target.join(".end.part");
        keep(&draft, text.as_bytes())?;
        share::rename(&Disk, &draft, &end)?;
        sync(target)?;
        Ok(summary(&manifest, &text))
    }
}

impl Data {
    /// Begins the data file behind so many others.
    fn begin(draft: &Path, plan: &Plan, others: usize) -> Result<Self, ExportError> {
        let layout = &plan.layout;
        let extension = layout.shape.extension();
        let path = match layout.rows_per_file {
            Some(_) => plan.names.part_file(others + 1, extension),
            None => plan.names.data_file(extension),
        };
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
                sheet.heading(heading.iter().map(String::as_str))?;
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

/// The file beside each data file by which it is checked.
fn checksums(
    draft: &Path,
    kind: Checksum,
    data: &[FileEntry],
) -> Result<Vec<FileEntry>, ExportError> {
    let beside = |entry: &FileEntry| -> Result<FileEntry, ExportError> {
        let mut out = Out::create(draft, format!("{}.sha256", entry.path))?;
        out.put(format!("{}  {}\n", Digest(entry.sha256).hex(), entry.path).as_bytes())?;
        Ok(out.finish()?)
    };
    match kind {
        Checksum::None => Ok(Vec::new()),
        Checksum::Sha256 => data.iter().map(beside).collect(),
    }
}

fn codes(
    draft: &Path,
    names: &Names,
    codes: &BTreeMap<[String; 2], String>,
) -> Result<FileEntry, ExportError> {
    let mut csv = CsvWriter::new(Profile::default());
    csv.row(&["column", "code", "label"]);
    for ([column, code], label) in codes {
        csv.row(&[column, code, label]);
    }
    let mut out = Out::create(draft, names.codes_file())?;
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
        noted: one.noted.clone(),
    })
}

fn keep(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// What a spreadsheet says, in the cells of its one sheet.
    const GOLDEN: &str = include_str!("golden/sheet1.xml");

    /// IK-2.1.2d1: the cells of a spreadsheet are fixed, as the bytes of every other kind of file are; the
    /// same records give the same file.
    #[test]
    fn a_spreadsheet_is_as_it_was() {
        let column = |id: &str, header: &str| serde_json::json!({"id": id, "header": header, "source": {"input": id}});
        let mut layout = serde_json::json!({"name": "sample", "version": 2,
            "shape": {"spreadsheet": {"sheet": "一覧"}}, "profile": {"header": "japanese"},
            "columns": [column("number", "受付番号"), column("name", "氏名"),
                column("amount", "金額"), column("changed", "変更")]});
        layout["columns"][2]["number"] = serde_json::json!({"total": true});
        layout["columns"][2]["empty"] = "0".into();
        layout["columns"][3]["source"] = serde_json::json!({"system": "changed_flag"});
        let layout: Layout = serde_json::from_value(layout).expect("a layout");
        assert_eq!(export::check(&layout), []);
        let rows = [
            ["2026-000001-2", "=1+1", "1,200", ""],
            ["2026-000002-0", "𠮷田〜<b>&\"", "", ""],
            ["2026-000003-8", "齋藤\n二行目", "-30", ""],
        ];
        let written = [(), ()].map(|()| {
            let folder = tempfile::tempdir().expect("a folder");
            let name = Name::new("sample", date(2026, 11, 20), 12).expect("a name");
            let plan = Plan {
                names: Names::of(&name, &layout.file_name),
                name,
                layout: layout.clone(),
                table: GaijiTable::default(),
                table_name: None,
                replaces: None,
                started_at: 0,
                files: Files::open(folder.path().join("files")).expect("a folder"),
            };
            let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
            let mut data = Data::begin(folder.path(), &plan, 0).expect("begun");
            for row in rows {
                let values: Vec<Vec<String>> =
                    row.iter().map(|cell| vec![(*cell).to_owned()]).collect();
                data.record(&recorder.record(&values).expect("it fits")).expect("written");
            }
            assert_eq!(recorder.totals(), [("amount".to_owned(), "1170".to_owned())]);
            let entry = data.finish(folder.path(), &recorder.end_file()).expect("ended");
            assert_eq!(entry.path, "sample_20261120_000012.xlsx");
            std::fs::read(folder.path().join(entry.path)).expect("there")
        });
        assert_eq!(written[0], written[1]);
        let mut zip = zip::ZipArchive::new(io::Cursor::new(&written[0])).expect("an archive");
        let sheet = zip.by_name("xl/worksheets/sheet1.xml").expect("a sheet");
        assert_eq!(io::read_to_string(sheet).expect("text"), GOLDEN);
    }
}
