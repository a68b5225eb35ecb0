//! One application as one row.

use jiff::Timestamp;

use super::layout::{Column, ColumnSource, Layout, SystemValue};
use super::profile::{DateFormat, Header};
use crate::applications::{ReceiptNumber, State};
use crate::calendar::{date_in_japan, rfc3339_in_japan};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Expr, ExprError, Value};
use crate::forms::{Answers, Compiled, inputs};
use crate::ids::ProcedureId;

/// What the system knows about an application.
#[derive(Debug, Clone)]
pub struct Facts {
    /// 受付番号.
    pub number: ReceiptNumber,
    /// 到達.
    pub arrived_at: Timestamp,
    /// State now.
    pub state: State,
    /// Procedure.
    pub procedure: ProcedureId,
    /// Revision it was filled in with.
    pub revision: u32,
    /// Paths in the generation of the attachments delivered with it.
    pub attachments: Vec<String>,
}

/// A layout bound to the form whose answers it exports.
#[derive(Debug)]
pub struct Exporter<'e> {
    form: &'e Compiled,
    layout: &'e Layout,
    columns: Vec<Source>,
}

/// A source whose expressions were read.
#[derive(Debug)]
enum Source {
    Input(String),
    Label(String),
    Expr(Expr),
    /// An expression over fields this form does not have, in a column that may stay empty.
    Nothing,
    Join(Vec<Source>),
    System(SystemValue),
    Fixed(String),
}

impl<'e> Exporter<'e> {
    /// Parses the expressions of the layout.
    /// # Errors
    /// [`ExprError`] of the first one that does not read; the publish checks find it earlier.
    pub fn new(form: &'e Compiled, layout: &'e Layout) -> Result<Self, ExprError> {
        let columns = layout.columns.iter();
        let parsed = columns.map(|column| source(form, &column.source, column.optional));
        Ok(Self { form, layout, columns: parsed.collect::<Result<_, _>>()? })
    }

    /// Values of one application, left to right; most columns have one value, some have several.
    /// Expressions see the day of arrival as today.
    #[must_use]
    pub fn row(&self, answers: &Answers, facts: &Facts) -> Vec<Vec<String>> {
        let columns = self.layout.columns.iter().zip(&self.columns);
        let cells = columns.map(|(column, source)| {
            let dates = column.dates.unwrap_or(self.layout.profile.dates);
            self.values(source, dates, answers, facts)
        });
        cells.collect()
    }

    fn values(
        &self,
        source: &Source,
        dates: DateFormat,
        answers: &Answers,
        facts: &Facts,
    ) -> Vec<String> {
        match source {
            Source::Input(input) => self.input(input, dates, answers),
            Source::Label(id) => {
                let field = self.form.field_storing(id);
                field.map_or_else(Vec::new, |field| self.label(id, field, answers))
            }
            Source::Expr(expr) => {
                let today = date_in_japan(facts.arrived_at);
                self.form.evaluate(expr, answers, today, |value| written(value, dates))
            }
            Source::Nothing => Vec::new(),
            Source::Join(parts) => {
                let joined: String = parts
                    .iter()
                    .flat_map(|part| self.values(part, dates, answers, facts))
                    .collect();
                vec![joined]
            }
            Source::System(value) => self.system(*value, dates, facts),
            Source::Fixed(text) => vec![text.clone()],
        }
    }

    fn input(&self, input: &str, dates: DateFormat, answers: &Answers) -> Vec<String> {
        let values = answers.get(input).unwrap_or(&[]);
        let is_date = self
            .form
            .field_storing(input)
            .is_some_and(|field| matches!(field.kind, FieldKind::Date(_) | FieldKind::Calc(_)));
        match values {
            [day] if is_date => {
                vec![day.parse().map_or_else(|_| day.clone(), |day| dates.write(day))]
            }
            values => values.to_vec(),
        }
    }

    /// What was chosen in words, in a row too.
    fn label(&self, id: &str, field: &Field, answers: &Answers) -> Vec<String> {
        let row = id.strip_suffix(&format!(".{}", field.id)).and_then(|row| row.split_once('.'));
        let own = row.map(|(group, key)| answers.row(group, key));
        self.form.display(field, own.as_ref().unwrap_or(answers))
    }

    fn system(&self, value: SystemValue, dates: DateFormat, facts: &Facts) -> Vec<String> {
        let one = match value {
            SystemValue::ReceiptNumber => facts.number.to_string(),
            SystemValue::ArrivedAt => rfc3339_in_japan(facts.arrived_at),
            SystemValue::ArrivedOn => dates.write(date_in_japan(facts.arrived_at)),
            SystemValue::State => facts.state.key().to_owned(),
            SystemValue::ProcedureId => facts.procedure.to_string(),
            SystemValue::ProcedureTitle => self.form.procedure().title.ja().to_owned(),
            SystemValue::Revision => facts.revision.to_string(),
            SystemValue::AttachmentCount => facts.attachments.len().to_string(),
            SystemValue::AttachmentPaths => return facts.attachments.clone(),
            // The recorder knows when all columns are done.
            SystemValue::ChangedFlag => "0".to_owned(),
        };
        vec![one]
    }
}

/// The heading of a layout; `None` when its profile wants none.
#[must_use]
pub fn heading(layout: &Layout) -> Option<Vec<String>> {
    let columns = layout.columns.iter();
    match layout.profile.header {
        Header::None => None,
        Header::Japanese => Some(columns.map(|c| c.header.clone()).collect()),
        Header::Physical => Some(columns.map(|c| c.id.clone()).collect()),
    }
}

/// Codes and labels of the choices a layout exports as codes: column id, code, label.
#[must_use]
pub fn code_table(form: &Compiled, layout: &Layout) -> Vec<[String; 3]> {
    let coded = |column: &Column| match &column.source {
        ColumnSource::Input(input) => form.field(input).map(|field| (column.id.clone(), field)),
        ColumnSource::Label(_)
        | ColumnSource::Expr(_)
        | ColumnSource::Join(_)
        | ColumnSource::System(_)
        | ColumnSource::Fixed(_) => None,
    };
    let fields = layout.columns.iter().filter_map(coded);
    let rows = fields.flat_map(|(id, field)| {
        let options = inputs::options(field).iter();
        options.map(move |one| [id.clone(), one.code.clone(), one.label.ja().to_owned()])
    });
    rows.collect()
}

fn source(form: &Compiled, from: &ColumnSource, optional: bool) -> Result<Source, ExprError> {
    Ok(match from {
        ColumnSource::Input(input) => Source::Input(input.clone()),
        ColumnSource::Label(id) => Source::Label(id.clone()),
        ColumnSource::Expr(text) => match form.expression(text) {
            Ok(expr) => Source::Expr(expr),
            Err(_) if optional => Source::Nothing,
            Err(error) => return Err(error),
        },
        ColumnSource::Join(parts) => {
            let parts = parts.iter().map(|part| source(form, part, optional));
            Source::Join(parts.collect::<Result<_, _>>()?)
        }
        ColumnSource::System(value) => Source::System(*value),
        ColumnSource::Fixed(text) => Source::Fixed(text.clone()),
    })
}

fn written(value: &Value<'_>, dates: DateFormat) -> Vec<String> {
    match value {
        Value::Absent => Vec::new(),
        Value::Bool(yes) => vec![u8::from(*yes).to_string()],
        Value::Text(text) => vec![text.clone().into_owned()],
        Value::Number(n) => vec![n.to_string()],
        Value::Date(day) => vec![dates.write(day.to_owned())],
        Value::List(values) => values.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::forms::definition::Procedure;

    fn procedure(dates: &str, header: &str) -> Procedure {
        serde_json::from_value(json!({
            "id": "00000000000000000000000001", "revision": 3, "slug": "x", "title": "見本", "summary": "見本",
            "department": "00000000000000000000000002",
            "pages": [{"id": "p", "title": "頁", "fields": [
                {"id": "name", "label": "氏名", "kind": {"type": "name"}},
                {"id": "birth", "label": "生年月日", "kind": {"type": "date"}},
                {"id": "topics", "label": "話題", "kind": {"type": "multi", "options": [
                    {"code": "tax", "label": "税"}, {"code": "road", "label": "道路"}]}},
            ]}],
            "export": {"name": "x", "version": 1, "profile": {"dates": dates, "header": header}, "columns": [
                {"id": "number", "header": "受付番号", "source": {"system": "receipt_number"}},
                {"id": "arrived", "header": "到達日", "source": {"system": "arrived_on"}},
                {"id": "at", "header": "到達日時", "source": {"system": "arrived_at"}},
                {"id": "family", "header": "氏", "source": {"input": "name.family"}},
                {"id": "birth", "header": "生年月日", "source": {"input": "birth"}},
                {"id": "codes", "header": "コード", "source": {"input": "topics"}},
                {"id": "labels", "header": "話題", "source": {"label": "topics"}},
                {"id": "adult", "header": "成年", "source": {"expr": "age(birth) >= 18"}},
                {"id": "kind", "header": "区分", "source": {"fixed": "01"}},
                {"id": "files", "header": "添付", "source": {"system": "attachment_count"}},
            ]},
        }))
        .unwrap()
    }

    fn exported(dates: &str, headings: &str) -> (Option<Vec<String>>, Vec<String>) {
        let form = Compiled::new(procedure(dates, headings)).unwrap();
        let layout = form.procedure().export.clone().unwrap();
        let exporter = Exporter::new(&form, &layout).unwrap();
        let answers = Answers::from([
            ("name.family", "山田"),
            ("birth", "2008-11-20"),
            ("topics", "tax"),
            ("topics", "road"),
        ]);
        let facts = Facts {
            number: ReceiptNumber::new(2026, 123).unwrap(),
            arrived_at: "2026-11-19T15:00:00Z".parse().unwrap(),
            state: State::Done,
            procedure: form.procedure().id.clone(),
            revision: 3,
            attachments: vec!["a".to_owned(), "b".to_owned()],
        };
        let row = exporter.row(&answers, &facts).into_iter().map(|values| values.join(";"));
        (heading(&layout), row.collect())
    }

    /// IK-2.1.2d1: a row holds what the layout asks for, in its formats.
    #[test]
    fn a_row_follows_the_layout() {
        let (heading, row) = exported("wareki", "japanese");
        assert_eq!(heading.unwrap()[3], "氏");
        let number = ReceiptNumber::new(2026, 123).unwrap().to_string();
        assert_eq!(
            row,
            [
                number.as_str(),
                "令和8年11月20日",
                "2026-11-20T00:00:00+09:00",
                "山田",
                "平成20年11月20日",
                "tax;road",
                "税;道路",
                "1",
                "01",
                "2"
            ]
        );
    }

    #[test]
    fn dates_are_written_in_every_way() {
        for (format, written) in [
            ("iso", "2026-11-20"),
            ("compact", "20261120"),
            ("slash", "2026/11/20"),
            ("era_letter", "R08.11.20"),
            ("wareki", "令和8年11月20日"),
            ("era_digit", "5081120"),
        ] {
            assert_eq!(exported(format, "none").1[1], written);
        }
        assert_eq!(exported("iso", "none").0, None);
        assert_eq!(exported("iso", "physical").0.unwrap()[0], "number");
    }
}
