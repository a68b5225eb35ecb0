//! One application as one row.

use jiff::Timestamp;
use jiff::civil::Date;

use super::layout::{Column, ColumnSource, DateFormat, Header, Layout, SystemValue};
use crate::applications::{ReceiptNumber, State};
use crate::calendar::{Wareki, date_in_japan, rfc3339_in_japan, western};
use crate::forms::definition::{Field, FieldKind};
use crate::forms::expr::{Expr, ExprError, Value};
use crate::forms::{Answers, Compiled};
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
    /// Attachments delivered with it.
    pub attachments: usize,
}

/// A layout bound to the form whose answers it exports.
#[derive(Debug)]
pub struct Exporter<'e> {
    form: &'e Compiled,
    layout: &'e Layout,
    expressions: Vec<Option<Expr>>,
}

impl<'e> Exporter<'e> {
    /// Parses the expressions of the layout.
    /// # Errors
    /// [`ExprError`] of the first one that does not read; the publish checks find it earlier.
    pub fn new(form: &'e Compiled, layout: &'e Layout) -> Result<Self, ExprError> {
        let parsed = layout.columns.iter().map(|column| match &column.source {
            ColumnSource::Expr(text) => form.expression(text).map(Some),
            ColumnSource::Input(_)
            | ColumnSource::Label(_)
            | ColumnSource::System(_)
            | ColumnSource::Fixed(_) => Ok(None),
        });
        Ok(Self { form, layout, expressions: parsed.collect::<Result<_, _>>()? })
    }

    /// The heading; `None` when the profile wants none.
    #[must_use]
    pub fn heading(&self) -> Option<Vec<String>> {
        let columns = self.layout.columns.iter();
        match self.layout.profile.header {
            Header::None => None,
            Header::Japanese => Some(columns.map(|c| c.header.clone()).collect()),
            Header::Physical => Some(columns.map(|c| c.id.clone()).collect()),
        }
    }

    /// Values of one application, left to right. Expressions see the day of arrival as today.
    #[must_use]
    pub fn row(&self, answers: &Answers, facts: &Facts) -> Vec<String> {
        let columns = self.layout.columns.iter().zip(&self.expressions);
        columns.map(|(column, expr)| self.cell(column, expr.as_ref(), answers, facts)).collect()
    }

    fn cell(
        &self,
        column: &Column,
        expr: Option<&Expr>,
        answers: &Answers,
        facts: &Facts,
    ) -> String {
        match &column.source {
            ColumnSource::Input(input) => self.input(input, answers),
            ColumnSource::Label(id) => {
                let field = self.form.field_storing(id);
                field.map_or_else(String::new, |field| self.label(id, field, answers))
            }
            ColumnSource::Expr(_) => expr.map_or_else(String::new, |expr| {
                let today = date_in_japan(facts.arrived_at);
                self.form.evaluate(expr, answers, today, |value| self.value(value))
            }),
            ColumnSource::System(value) => self.system(*value, facts),
            ColumnSource::Fixed(text) => text.clone(),
        }
    }

    fn input(&self, input: &str, answers: &Answers) -> String {
        let values = answers.get(input).unwrap_or(&[]);
        let is_date = self
            .form
            .field_storing(input)
            .is_some_and(|field| matches!(field.kind, FieldKind::Date(_) | FieldKind::Calc(_)));
        match values {
            [day] if is_date => day.parse().map_or_else(|_| day.clone(), |day| self.date(day)),
            values => values.join(";"),
        }
    }

    /// What was chosen in words, in a row too.
    fn label(&self, id: &str, field: &Field, answers: &Answers) -> String {
        let row = id.strip_suffix(&format!(".{}", field.id)).and_then(|row| row.split_once('.'));
        let own = row.map(|(group, key)| answers.row(group, key));
        self.form.display(field, own.as_ref().unwrap_or(answers)).join(";")
    }

    fn value(&self, value: &Value<'_>) -> String {
        match value {
            Value::Absent => String::new(),
            Value::Bool(yes) => u8::from(*yes).to_string(),
            Value::Text(text) => text.clone().into_owned(),
            Value::Number(n) => n.to_string(),
            Value::Date(day) => self.date(*day),
            Value::List(values) => values.join(";"),
        }
    }

    fn system(&self, value: SystemValue, facts: &Facts) -> String {
        match value {
            SystemValue::ReceiptNumber => facts.number.to_string(),
            SystemValue::ArrivedAt => rfc3339_in_japan(facts.arrived_at),
            SystemValue::ArrivedOn => self.date(date_in_japan(facts.arrived_at)),
            SystemValue::State => facts.state.key().to_owned(),
            SystemValue::ProcedureId => facts.procedure.to_string(),
            SystemValue::Revision => facts.revision.to_string(),
            SystemValue::AttachmentCount => facts.attachments.to_string(),
        }
    }

    fn date(&self, day: Date) -> String {
        let wareki = Wareki::of(day);
        match self.layout.profile.dates {
            DateFormat::Iso => day.to_string(),
            DateFormat::Compact => format!("{:04}{:02}{:02}", day.year(), day.month(), day.day()),
            DateFormat::Wareki => wareki.map_or_else(|| western(day), |w| w.to_string()),
            DateFormat::EraDigit => wareki.map_or_else(String::new, Wareki::era_digit),
        }
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

    fn exported(dates: &str, header: &str) -> (Option<Vec<String>>, Vec<String>) {
        let form = Compiled::new(procedure(dates, header)).unwrap();
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
            attachments: 2,
        };
        (exporter.heading(), exporter.row(&answers, &facts))
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
    fn dates_are_written_in_four_ways() {
        for (format, written) in [
            ("iso", "2026-11-20"),
            ("compact", "20261120"),
            ("wareki", "令和8年11月20日"),
            ("era_digit", "5081120"),
        ] {
            assert_eq!(exported(format, "none").1[1], written);
        }
        assert_eq!(exported("iso", "none").0, None);
        assert_eq!(exported("iso", "physical").0.unwrap()[0], "number");
    }
}
