//! One application as one row.

use jiff::Timestamp;

use super::layout::{Column, ColumnSource, Layout, SystemValue};
use super::profile::{DateFormat, Header};
use crate::applications::{ReceiptNumber, State};
use crate::calendar::{PartialDate, date_in_japan, rfc3339_in_japan};
use crate::forms::definition::FieldKind;
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
    /// What staff noted last in the fields of their own; empty when nothing was.
    pub noted: Answers,
}

/// A layout bound to the form whose answers it exports.
#[derive(Debug)]
pub struct Exporter<'e> {
    form: &'e Compiled,
    /// The fields of staff, where a column asks for one.
    staff: Option<Compiled>,
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
    First(Vec<Source>),
    Staff(String),
    StaffLabel(String),
    /// Something that stands there only where a condition holds.
    When(Expr, Box<Source>),
    System(SystemValue),
    Fixed(String),
}

impl<'e> Exporter<'e> {
    /// Parses the expressions of the layout.
    /// # Errors
    /// [`ExprError`] of the first one that does not read; the publish checks find it earlier.
    pub fn new(form: &'e Compiled, layout: &'e Layout) -> Result<Self, ExprError> {
        let columns: Vec<Source> =
            layout.columns.iter().map(|one| of_column(form, one)).collect::<Result<_, _>>()?;
        let asks = columns.iter().any(Source::asks_staff);
        // Questions of staff that do not read were refused when the form was published.
        let staff = asks.then(|| form.for_staff().ok().flatten()).flatten();
        Ok(Self { form, staff, layout, columns })
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
            Source::Input(input) => stored(self.form, input, dates, answers),
            Source::Label(id) => self.label(self.form, id, answers),
            Source::Staff(input) => {
                let staff = self.staff.as_ref();
                staff.map_or_else(Vec::new, |form| stored(form, input, dates, &facts.noted))
            }
            Source::StaffLabel(id) => {
                let staff = self.staff.as_ref();
                staff.map_or_else(Vec::new, |form| self.label(form, id, &facts.noted))
            }
            Source::First(parts) => {
                let mut each = parts.iter().map(|part| self.values(part, dates, answers, facts));
                each.find(|values| values.iter().any(|value| !value.is_empty())).unwrap_or_default()
            }
            Source::When(when, inner) => {
                let today = date_in_japan(facts.arrived_at);
                let holds = |value: &Value<'_>| matches!(value, Value::Bool(true));
                if self.form.evaluate(when, answers, today, holds) {
                    self.values(inner, dates, answers, facts)
                } else {
                    Vec::new()
                }
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

    /// What was chosen in words, in a row too. Where data is for machines, what is written beside
    /// その他 stands in its own column alone.
    fn label(&self, form: &Compiled, id: &str, answers: &Answers) -> Vec<String> {
        let Some(field) = form.field_storing(id) else { return Vec::new() };
        let row = id.strip_suffix(&format!(".{}", field.id)).and_then(|row| row.split_once('.'));
        let mut own = row.map(|(group, key)| answers.row(group, key));
        if self.layout.machine_readable && inputs::other(field).is_some() {
            let bare = own.get_or_insert_with(|| answers.clone());
            bare.remove(&format!("{}.{}", field.id, inputs::OTHER));
        }
        form.display(field, own.as_ref().unwrap_or(answers))
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

/// What is stored under an input, days in their format, as far as they are known.
fn stored(form: &Compiled, input: &str, dates: DateFormat, answers: &Answers) -> Vec<String> {
    let values = answers.get(input).unwrap_or(&[]);
    let (Some(field), [day]) = (form.field_storing(input), values) else { return values.to_vec() };
    let written = match &field.kind {
        FieldKind::Date(kind) if kind.partial => {
            PartialDate::parse(day).map(|known| dates.write_known(known))
        }
        FieldKind::Date(_) | FieldKind::Calc(_) => day.parse().ok().map(|day| dates.write(day)),
        _ => None,
    };
    vec![written.unwrap_or_else(|| day.clone())]
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
        ColumnSource::Staff(input) => {
            let mut staff = form.procedure().staff_fields.iter();
            staff.find(|field| field.id == *input).map(|field| (column.id.clone(), field))
        }
        ColumnSource::Label(_)
        | ColumnSource::Expr(_)
        | ColumnSource::Join(_)
        | ColumnSource::First(_)
        | ColumnSource::StaffLabel(_)
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

impl Source {
    fn asks_staff(&self) -> bool {
        match self {
            Self::Staff(_) | Self::StaffLabel(_) => true,
            Self::Join(parts) | Self::First(parts) => parts.iter().any(Self::asks_staff),
            Self::When(_, inner) => inner.asks_staff(),
            Self::Input(_)
            | Self::Label(_)
            | Self::Expr(_)
            | Self::Nothing
            | Self::System(_)
            | Self::Fixed(_) => false,
        }
    }
}

fn of_column(form: &Compiled, column: &Column) -> Result<Source, ExprError> {
    let inner = source(form, &column.source, column.optional)?;
    let Some(when) = &column.when else { return Ok(inner) };
    match form.condition(when) {
        Ok(when) => Ok(Source::When(when, Box::new(inner))),
        Err(_) if column.optional => Ok(Source::Nothing),
        Err(error) => Err(error),
    }
}

fn source(form: &Compiled, from: &ColumnSource, optional: bool) -> Result<Source, ExprError> {
    let each = |parts: &[ColumnSource]| -> Result<Vec<Source>, ExprError> {
        parts.iter().map(|part| source(form, part, optional)).collect()
    };
    Ok(match from {
        ColumnSource::Input(input) => Source::Input(input.clone()),
        ColumnSource::Label(id) => Source::Label(id.clone()),
        ColumnSource::Expr(text) => match form.expression(text) {
            Ok(expr) => Source::Expr(expr),
            Err(_) if optional => Source::Nothing,
            Err(error) => return Err(error),
        },
        ColumnSource::Join(parts) => Source::Join(each(parts)?),
        ColumnSource::First(parts) => Source::First(each(parts)?),
        ColumnSource::Staff(input) => Source::Staff(input.clone()),
        ColumnSource::StaffLabel(id) => Source::StaffLabel(id.clone()),
        ColumnSource::System(value) => Source::System(*value),
        ColumnSource::Fixed(text) => Source::Fixed(text.clone()),
    })
}

fn written(value: &Value<'_>, dates: DateFormat) -> Vec<String> {
    match value {
        Value::Absent | Value::Numbers(..) | Value::Days(..) => Vec::new(),
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
    use crate::forms::publish::unfillable;

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

    fn facts(form: &Compiled) -> Facts {
        Facts {
            number: ReceiptNumber::new(2026, 123).unwrap(),
            arrived_at: "2026-11-19T15:00:00Z".parse().unwrap(),
            state: State::Done,
            procedure: form.procedure().id.clone(),
            revision: 3,
            attachments: vec!["a".to_owned(), "b".to_owned()],
            noted: Answers::new(),
        }
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
        let facts = facts(&form);
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

    /// IK-2.1.2d1: a date known in part is written as far as it is known, in each format.
    #[test]
    fn a_date_known_in_part_keeps_its_format() {
        let written = |dates: &str, birth: &str| {
            let mut document = serde_json::to_value(procedure(dates, "japanese")).unwrap();
            document["pages"][0]["fields"][1]["kind"] = json!({"type": "date", "partial": true});
            let form = Compiled::new(serde_json::from_value(document).unwrap()).unwrap();
            let layout = form.procedure().export.clone().unwrap();
            let row = Exporter::new(&form, &layout).unwrap();
            let row = row.row(&Answers::from([("birth", birth)]), &facts(&form));
            (row[4].join(";"), row[7].join(";"))
        };
        for (dates, day, month, year) in [
            ("iso", "1975-04-01", "1975-04", "1975"),
            ("compact", "19750401", "19750400", "19750000"),
            ("slash", "1975/04/01", "1975/04", "1975"),
            ("wareki", "昭和50年4月1日", "昭和50年4月", "昭和50年"),
            ("era_letter", "S50.04.01", "S50.04", "S50"),
            ("era_digit", "3500401", "3500400", "3500000"),
        ] {
            for (birth, text) in [("1975-04-01", day), ("1975-04", month), ("1975", year)] {
                // Whoever was born in 1975 is of age, whatever the day.
                assert_eq!(written(dates, birth), (text.to_owned(), "1".to_owned()), "{dates}");
            }
        }
        assert_eq!(written("wareki", "1989").0, "平成元年");
        assert_eq!(written("era_digit", "1850").0, "");
        assert_eq!(written("iso", "2008").1, "0");
    }

    /// IK-2.1.2d1: where data is for machines, what is written beside その他 stands in its own column
    /// alone; elsewhere the label goes on telling it.
    #[test]
    fn what_is_written_beside_an_option_has_its_own_column() {
        let read = |machines: bool| {
            let mut document = serde_json::to_value(procedure("iso", "japanese")).unwrap();
            document["pages"][0]["fields"][2] = json!({"id": "topics", "label": "話題", "kind":
                {"type": "multi", "other": "else", "options": [
                    {"code": "tax", "label": "税"}, {"code": "else", "label": "その他"}]}});
            document["export"]["machine_readable"] = json!(machines);
            document["export"]["columns"] = json!([
                {"id": "labels", "header": "話題", "source": {"label": "topics"}},
                {"id": "words", "header": "話題(その他)", "source": {"input": "topics.other"}},
            ]);
            let form = Compiled::new(serde_json::from_value(document).unwrap()).unwrap();
            let layout = form.procedure().export.clone().unwrap();
            let answers =
                Answers::from([("topics", "tax"), ("topics", "else"), ("topics.other", "橋")]);
            Exporter::new(&form, &layout).unwrap().row(&answers, &facts(&form))
        };
        assert_eq!(read(true), [vec!["税", "その他"], vec!["橋"]]);
        assert_eq!(read(false), [vec!["税", "その他：橋"], vec!["橋"]]);
    }

    /// IK-2.1.2a3, IK-2.1.2d1: a column holds what staff noted, the first of several that has a value,
    /// and stands empty where its condition does not hold.
    #[test]
    fn a_column_holds_what_staff_noted_and_stands_where_it_should() {
        let mut document = serde_json::to_value(procedure("iso", "japanese")).unwrap();
        document["staff_fields"] = json!([
            {"id": "issued", "label": "交付の番号", "kind": {"type": "text"}},
            {"id": "paid_on", "label": "入金日", "kind": {"type": "date"}},
            {"id": "way", "label": "渡し方", "kind": {"type": "choice", "options": [
                {"code": "post", "label": "郵送"}, {"code": "desk", "label": "窓口"}]}},
        ]);
        let first = json!({"first": [{"input": "topics"}, {"join": [{"input": "name.given"}]},
            {"input": "name.family"}]});
        document["export"]["columns"] = json!([
            {"id": "issued", "header": "番号", "source": {"staff": "issued"}},
            {"id": "paid", "header": "入金日", "source": {"staff": "paid_on"}, "dates": "compact"},
            {"id": "way", "header": "渡し方コード", "source": {"staff": "way"}},
            {"id": "words", "header": "渡し方", "source": {"staff_label": "way"}},
            {"id": "first", "header": "氏か名", "source": first},
            {"id": "adult", "header": "成年", "source": {"input": "name.family"},
             "when": "age(birth) >= 18"},
            {"id": "minor", "header": "未成年", "source": {"input": "name.family"},
             "when": "age(birth) < 18"},
        ]);
        let form = Compiled::new(serde_json::from_value(document).unwrap()).unwrap();
        let layout = form.procedure().export.clone().unwrap();
        assert_eq!(unfillable(&form, &layout), []);
        let exporter = Exporter::new(&form, &layout).unwrap();
        let answers = Answers::from([("name.family", "山田"), ("birth", "2008-11-20")]);
        let noted = Answers::from([("issued", "A-1"), ("paid_on", "2026-11-20"), ("way", "post")]);
        let row = exporter.row(&answers, &Facts { noted, ..facts(&form) });
        let row: Vec<String> = row.into_iter().map(|values| values.join(";")).collect();
        assert_eq!(row, ["A-1", "20261120", "post", "郵送", "山田", "山田", ""]);
        let codes = code_table(&form, &layout);
        let way = |code: &str, label: &str| ["way", code, label].map(str::to_owned);
        assert_eq!(codes, [way("post", "郵送"), way("desk", "窓口")]);
        let blank = exporter.row(&answers, &facts(&form));
        assert!(blank[..4].iter().all(Vec::is_empty), "nothing noted yet: {blank:?}");
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
