//! What a business system gets (IK-2.1.2d1, IK-3.5.7b): which columns, in which order, under which
//! heading and condition, and how the files are named.

use domain::calendar::date_in_japan;
use domain::export::{
    Checksum, Column, ColumnSource, FileName, Generation, Header, Layout, MOST_IN_FILE, Names,
    SystemValue,
};
use domain::forms::compiled::is_id;
use domain::forms::definition::{Field, FieldKind, Procedure};
use domain::forms::inputs;
use domain::text::narrow;
use jiff::Timestamp;
use platform_web::FormData;
use platform_web::fields::input_id;

use crate::frame::{Choice, Fault};
use crate::procedures::design::notes;
use crate::site::TEXTS;

/// A column.
pub(in crate::procedures::design) struct Line {
    pub(in crate::procedures::design) number: usize,
    pub(in crate::procedures::design) header: String,
    /// What it holds, in words.
    pub(in crate::procedures::design) source: String,
    /// When it holds something, in words.
    pub(in crate::procedures::design) when: String,
    pub(in crate::procedures::design) last: bool,
}

/// What the system knows, in the order it is offered.
const SYSTEM: [(&str, SystemValue); 8] = [
    ("receipt_number", SystemValue::ReceiptNumber),
    ("arrived_at", SystemValue::ArrivedAt),
    ("arrived_on", SystemValue::ArrivedOn),
    ("state", SystemValue::State),
    ("procedure_title", SystemValue::ProcedureTitle),
    ("revision", SystemValue::Revision),
    ("attachment_count", SystemValue::AttachmentCount),
    ("attachment_paths", SystemValue::AttachmentPaths),
];

pub(super) fn lines(procedure: &Procedure) -> Vec<Line> {
    let Some(layout) = &procedure.export else { return Vec::new() };
    let all = offered(procedure);
    let count = layout.columns.len();
    let lines = layout.columns.iter().enumerate().map(|(number, column)| Line {
        number,
        header: column.header.clone(),
        source: {
            let known = all.iter().find(|one| one.source == column.source);
            let other = || match is_gone(procedure, &column.source) {
                true => TEXTS.text("design.columns.gone").to_owned(),
                false => TEXTS.text("design.columns.other").to_owned(),
            };
            known.map_or_else(other, |one| one.label.clone())
        },
        when: column.when.as_deref().map_or_else(
            || TEXTS.text("design.columns.always").to_owned(),
            |when| notes::condition(procedure, when),
        ),
        last: number + 1 == count,
    });
    lines.collect()
}

/// Whether a column holds the answer to a question that is no more.
fn is_gone(procedure: &Procedure, source: &ColumnSource) -> bool {
    let (fields, input): (Vec<&Field>, &str) = match source {
        ColumnSource::Input(input) | ColumnSource::Label(input) => {
            (procedure.pages.iter().flat_map(|page| &page.fields).collect(), input.as_str())
        }
        ColumnSource::Staff(input) | ColumnSource::StaffLabel(input) => {
            (procedure.staff_fields.iter().collect(), input.as_str())
        }
        ColumnSource::Expr(_)
        | ColumnSource::Join(_)
        | ColumnSource::First(_)
        | ColumnSource::System(_)
        | ColumnSource::Fixed(_) => return false,
    };
    let id = input.split('.').next().unwrap_or(input);
    !fields.iter().any(|field| field.id == id)
}

/// Number of the generation whose files are shown.
const EXAMPLE: u32 = 12;

/// The files of a generation of today; none where the names do not hold yet.
pub(super) fn files(procedure: &Procedure, now: Timestamp) -> Vec<String> {
    let Some(layout) = procedure.export.as_ref().filter(|layout| layout.file_name.holds()) else {
        return Vec::new();
    };
    let today = date_in_japan(now);
    let Ok(generation) = Generation::new(&layout.name, today, EXAMPLE) else { return Vec::new() };
    let names = Names::of(&generation, &layout.file_name);
    let extension = layout.shape.extension();
    let mut all = match layout.rows_per_file {
        Some(_) => vec![names.part_file(1, extension), names.part_file(2, extension)],
        None => vec![names.data_file(extension)],
    };
    match layout.checksum {
        Checksum::None => {}
        Checksum::Sha256 => {
            let sums: Vec<String> = all.iter().map(|name| format!("{name}.sha256")).collect();
            all.extend(sums);
        }
    }
    if layout.attachment_list {
        all.push(names.list_file());
    }
    if layout.code_table {
        all.push(names.codes_file());
    }
    all.push(names.end_file());
    all
}

/// Everything a new column can hold that no column holds yet.
pub(super) fn sources(procedure: &Procedure) -> Vec<Choice> {
    let used = |one: &Offered| {
        let columns = procedure.export.iter().flat_map(|layout| &layout.columns);
        columns.into_iter().any(|column| column.source == one.source)
    };
    let all = offered(procedure).into_iter().filter(|one| !used(one));
    all.map(|one| Choice::new(&one.word, &one.label, false)).collect()
}

struct Offered {
    word: String,
    id: String,
    label: String,
    header: String,
    source: ColumnSource,
}

fn offered(procedure: &Procedure) -> Vec<Offered> {
    let system = SYSTEM.map(|(word, value)| {
        let label = TEXTS.text(&format!("design.columns.system.{word}")).to_owned();
        Offered {
            word: format!("system:{word}"),
            id: word.to_owned(),
            header: label.clone(),
            label,
            source: ColumnSource::System(value),
        }
    });
    let mut all = Vec::from(system);
    for field in procedure.pages.iter().flat_map(|page| &page.fields) {
        for input in inputs::stored(field) {
            let part = input.strip_prefix(field.id.as_str()).unwrap_or_default();
            let charge = if let FieldKind::Fee(fee) = &field.kind {
                fee.lines.iter().find(|line| part.strip_prefix('.') == Some(line.id.as_str()))
            } else {
                None
            };
            let header = match charge {
                Some(line) => format!("{} {}", field.label.ja(), line.label.ja()),
                None if inputs::other(field).is_some() && !part.is_empty() => {
                    TEXTS.fill("design.columns.written", &[("label", &field.label.ja())])
                }
                None => format!("{}{part}", field.label.ja()),
            };
            all.push(Offered {
                word: format!("input:{input}"),
                id: input.replace('.', "_"),
                label: TEXTS.fill("design.columns.input", &[("label", &header)]),
                header,
                source: ColumnSource::Input(input),
            });
        }
        if matches!(field.kind, FieldKind::Choice(_) | FieldKind::Multi(_) | FieldKind::Slot(_)) {
            let header = field.label.ja().to_owned();
            all.push(Offered {
                word: format!("label:{}", field.id),
                id: format!("{}_label", field.id),
                label: TEXTS.fill("design.columns.label", &[("label", &header)]),
                header,
                source: ColumnSource::Label(field.id.clone()),
            });
        }
    }
    all.extend(procedure.staff_fields.iter().flat_map(of_staff));
    all
}

/// What staff answer for themselves: as stored, and what was chosen in words.
fn of_staff(field: &Field) -> Vec<Offered> {
    let told = |header: &str| TEXTS.fill("design.columns.staff", &[("label", &header)]);
    let stored = inputs::stored(field).into_iter().map(|input| {
        let part = input.strip_prefix(field.id.as_str()).unwrap_or_default();
        let header = if inputs::other(field).is_some() && !part.is_empty() {
            TEXTS.fill("design.columns.written", &[("label", &field.label.ja())])
        } else {
            format!("{}{part}", field.label.ja())
        };
        Offered {
            word: format!("staff:{input}"),
            id: input.replace('.', "_"),
            label: told(&header),
            header,
            source: ColumnSource::Staff(input),
        }
    });
    let mut all: Vec<Offered> = stored.collect();
    if !inputs::options(field).is_empty() {
        let header = field.label.ja().to_owned();
        all.push(Offered {
            word: format!("staff_label:{}", field.id),
            id: format!("{}_label", field.id),
            label: TEXTS.fill("design.columns.staff_label", &[("label", &header)]),
            header,
            source: ColumnSource::StaffLabel(field.id.clone()),
        });
    }
    all
}

/// The layout as it was typed, after the pressed button.
pub(super) fn read(of: &Procedure, form: &FormData, faults: &mut Vec<Fault>) -> Option<Layout> {
    let mut layout = match form.text("export") {
        "none" => return None,
        "all" => every_column(of)?,
        _ => of.export.clone()?,
    };
    if form.text("export") == "keep" {
        shape(&mut layout, form, faults);
        for (n, column) in layout.columns.iter_mut().enumerate() {
            let name = format!("column_{n}");
            if !form.has(&name) {
                continue;
            }
            let header = form.text(&name).trim();
            if header.is_empty() || header.chars().count() > 100 {
                faults.push(Fault::of(&format!("column-{n}"), "design.fault.header"));
            } else {
                header.clone_into(&mut column.header);
            }
        }
    }
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    let columns = &mut layout.columns;
    let place = pressed.get(2).and_then(|n| n.parse().ok()).filter(|n| *n < columns.len());
    match (pressed.get(1).copied(), place) {
        (Some("add"), _) => {
            let wanted = form.text("new_column");
            let found = offered(of).into_iter().find(|one| one.word == wanted);
            columns.extend(found.map(|one| column(one, columns)));
        }
        (Some("remove"), Some(n)) if columns.len() > 1 => {
            columns.remove(n);
        }
        (Some("up"), Some(n)) if n > 0 => columns.swap(n, n - 1),
        (Some("down"), Some(n)) if n + 1 < columns.len() => columns.swap(n, n + 1),
        _ => {}
    }
    Some(layout)
}

/// How the files are named, split and checked, and what lies beside them.
fn shape(layout: &mut Layout, form: &FormData, faults: &mut Vec<Fault>) {
    let mut fault = |name: &str, key: &str| faults.push(Fault::of(&input_id(name), key));
    if form.has("file_name") {
        let typed = narrow(form.text("file_name")).trim().to_owned();
        // Emptied, it is the usual one.
        layout.file_name =
            if typed.is_empty() { FileName::default() } else { FileName::new(&typed) };
        if !layout.file_name.holds() {
            fault("file_name", "design.fault.file_name");
        }
    }
    if form.has("rows_per_file") {
        let typed = narrow(form.text("rows_per_file")).trim().replace(',', "");
        let rows = typed.parse::<u32>().ok().filter(|rows| (1..=MOST_IN_FILE).contains(rows));
        if rows.is_none() && !typed.is_empty() {
            fault("rows_per_file", "design.fault.rows_per_file");
        } else {
            layout.rows_per_file = rows;
        }
    }
    match form.text("checksum") {
        "none" => layout.checksum = Checksum::None,
        "sha256" => layout.checksum = Checksum::Sha256,
        _ => {}
    }
    match form.text("headings") {
        "japanese" => layout.profile.header = Header::Japanese,
        "physical" => layout.profile.header = Header::Physical,
        "none" => layout.profile.header = Header::None,
        _ => {}
    }
    layout.machine_readable = form.has("machine_readable");
    layout.attachments = form.has("attachments");
    layout.attachment_list = form.has("attachment_list");
    layout.code_table = form.has("code_table");
}

/// A text that is not taken: with a number behind it where it is.
fn unlike(text: &str, joint: char, taken: impl Fn(&str) -> bool) -> String {
    let mut free = text.to_owned();
    let mut number = 2;
    while taken(&free) {
        free = format!("{text}{joint}{number}");
        number += 1;
    }
    free
}

/// A column under an id and a heading no other has.
fn column(one: Offered, others: &[Column]) -> Column {
    Column {
        id: unlike(&one.id, '_', |id| others.iter().any(|other| other.id == id)),
        header: unlike(&one.header, ' ', |header| {
            others.iter().any(|other| other.header == header)
        }),
        optional: !matches!(one.source, ColumnSource::System(_)),
        source: one.source,
        when: None,
        required: false,
        empty: String::new(),
        dates: None,
        number: None,
        letters: domain::export::Letters::default(),
        width: None,
        overflow: domain::export::Overflow::default(),
        side: domain::export::Side::default(),
        pad: domain::export::Pad::default(),
        path: String::new(),
    }
}

/// One column for each input, under the words of its question, behind the receipt number.
fn every_column(of: &Procedure) -> Option<Layout> {
    let mut columns: Vec<Column> = Vec::new();
    for one in offered(of) {
        let first = one.source == ColumnSource::System(SystemValue::ReceiptNumber);
        if first || matches!(one.source, ColumnSource::Input(_)) {
            let new = column(one, &columns);
            columns.push(new);
        }
    }
    let name = name_by(&of.slug);
    let empty = serde_json::json!({"name": name, "version": 1, "columns": []});
    let layout: Layout = serde_json::from_value(empty).ok()?;
    Some(Layout { columns, ..layout })
}

/// The name of a layout: by the address of the procedure, which may be longer and begin with a digit.
fn name_by(slug: &str) -> String {
    let name = slug.replace('-', "_");
    if is_id(&name) { name } else { format!("x_{name}").chars().take(40).collect() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// IK-2.1.2d1: a column says what it holds, and that the question behind it is no more.
    #[test]
    fn a_column_without_its_question_says_so() {
        let column = |id: &str, source: serde_json::Value| json!({"id": id, "header": id, "source": source, "optional": true});
        let procedure: Procedure = serde_json::from_value(json!({
            "id": "00000000000000000000000001", "revision": 3, "slug": "x", "title": "見本",
            "summary": "見本", "department": "00000000000000000000000002",
            "pages": [{"id": "p", "title": "頁", "fields": [
                {"id": "name", "label": "氏名", "kind": {"type": "name"}},
            ]}],
            "export": {"name": "x", "version": 1, "columns": [
                column("a", json!({"input": "name.family"})),
                column("b", json!({"input": "gone.family"})),
                column("c", json!({"staff": "name"})),
                column("d", json!({"expr": "1 + 1"})),
            ]},
        }))
        .expect("a procedure");
        let told: Vec<String> = lines(&procedure).into_iter().map(|line| line.source).collect();
        let (gone, other) = (TEXTS.text("design.columns.gone"), TEXTS.text("design.columns.other"));
        assert!(told[0] != gone && told[0] != other, "{told:?}");
        assert_eq!(told[1..], [gone, gone, other]);
    }

    /// IK-2.1.2d1: whatever the address of a procedure is, its layout has a name that is published.
    #[test]
    fn a_layout_has_a_name_by_any_address() {
        assert_eq!(name_by("jido-teate"), "jido_teate");
        assert_eq!(name_by("2026-koza"), "x_2026_koza");
        for slug in ["in", "0", &"a".repeat(60)] {
            assert!(is_id(&name_by(slug)), "{slug}");
        }
    }
}
