//! The answers of a form that is being filled in when a newer revision of it is published (NF-60).

use std::mem::discriminant;

use jiff::civil::Date;

use crate::calendar::PartialDate;
use crate::forms::definition::{Field, FieldKind};
use crate::forms::display::SummaryRow;
use crate::forms::{Answers, Compiled, inputs};

/// What becomes of the answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MovedOver {
    /// What stays.
    pub answers: Answers,
    /// What falls away, under the names it was stored by.
    pub gone: Answers,
    /// The same for people, as the form before asked it.
    pub dropped: Vec<Dropped>,
    /// Names of the questions without an answer that the form before did not ask, or asked otherwise.
    pub asked: Vec<String>,
}

/// An answer that does not fit the form any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// Name of the question: two of them may have one label.
    pub name: String,
    /// The question.
    pub label: String,
    /// The answer, a line each; identifiers of attachments for a file.
    pub lines: Vec<String>,
    /// Whether the lines are identifiers of attachments.
    pub is_file: bool,
}

impl Compiled {
    /// Takes over what was answered in `before`. An answer stays while its question does, of the same
    /// kind and with the options chosen; a declaration only while its words do.
    #[must_use]
    pub fn moved_from(&self, before: &Self, answers: &Answers, today: Date) -> MovedOver {
        let mut moved = MovedOver { answers: answers.clone(), ..MovedOver::default() };
        let rows = before.summary(answers, today).into_iter().flat_map(|page| page.rows);
        for row in rows.filter(|row| !row.lines.is_empty()) {
            if matches!(row.field.kind, FieldKind::Calc(_)) || self.still_fits(&row, answers) {
                continue;
            }
            moved.drop(|input| is_of(input, &row.name));
            moved.dropped.push(Dropped {
                is_file: matches!(row.field.kind, FieldKind::File(_)),
                name: row.name,
                label: row.label,
                lines: row.lines,
            });
        }
        // What was hidden means nothing to a question of another kind either.
        for field in before.procedure().pages.iter().flat_map(|page| &page.fields) {
            let takes =
                |now: &Field| alike(now, field) && !falls_short(now, answers.first(&field.id));
            if !self.field(&field.id).is_some_and(takes) {
                moved.drop(|input| inputs::field_of(input) == field.id);
            }
        }
        let rows = self.summary(&moved.answers, today).into_iter().flat_map(|page| page.rows);
        let open = rows
            .filter(|row| row.lines.is_empty() && !matches!(row.field.kind, FieldKind::Calc(_)));
        let asked = open.filter(|row| {
            let known = before.asking(row).is_some_and(|then| alike(then, row.field));
            !known || moved.gone.iter().any(|(input, _)| is_of(input, &row.name))
        });
        moved.asked = asked.map(|row| row.name).collect();
        moved
    }

    /// The question of this form that a row of another revision's summary is about.
    pub(super) fn asking(&self, row: &SummaryRow<'_>) -> Option<&Field> {
        let of = self.field(&row.of.id)?;
        if row.name == row.of.id {
            return Some(of);
        }
        of.repeat()?.fields.iter().find(|field| field.id == row.field.id)
    }

    fn still_fits(&self, row: &SummaryRow<'_>, answers: &Answers) -> bool {
        let Some(now) = self.asking(row).filter(|now| alike(now, row.field)) else { return false };
        let offers = |options: &[crate::forms::definition::ChoiceOption], code: &String| {
            options.iter().any(|option| option.code == *code)
        };
        let mut given = answers.iter().filter(|(input, _)| is_of(input, &row.name));
        match &now.kind {
            FieldKind::Consent(_) => now.label == row.field.label && now.kind == row.field.kind,
            FieldKind::Date(_) => !falls_short(now, answers.first(&row.name)),
            FieldKind::Choice(_) | FieldKind::Multi(_) => {
                let options = inputs::options(now);
                let mut codes = given.filter(|(input, _)| *input == row.name);
                codes.all(|(_, codes)| codes.iter().all(|code| offers(options, code)))
            }
            FieldKind::Matrix(matrix) => given.all(|(input, codes)| {
                let asked = input.rsplit('.').next().unwrap_or_default();
                matrix.rows.iter().any(|row| row.id == asked)
                    && codes.iter().all(|code| offers(&matrix.options, code))
            }),
            _ => true,
        }
    }
}

impl MovedOver {
    fn drop(&mut self, goes: impl Fn(&str) -> bool) {
        for (input, values) in self.answers.iter().filter(|(input, _)| goes(input)) {
            self.gone.put(input, values.to_vec());
        }
        self.answers.retain(|input| !goes(input));
    }
}

/// Whether an input belongs to the question with this name: `home.city` to `home`.
fn is_of(input: &str, name: &str) -> bool {
    input.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether an answer is a date known in part, and the question asks for the whole of it.
pub(super) fn falls_short(now: &Field, answer: Option<&str>) -> bool {
    let whole = matches!(&now.kind, FieldKind::Date(date) if !date.partial);
    let known = answer.and_then(PartialDate::parse);
    whole && known.is_some_and(|known| !matches!(known, PartialDate::Day(_)))
}

/// Whether two questions are of the same kind.
fn alike(one: &Field, other: &Field) -> bool {
    match (&one.kind, &other.kind) {
        (FieldKind::Date(one), FieldKind::Date(other)) => one.time == other.time,
        (one, other) => discriminant(one) == discriminant(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::Procedure;

    const TODAY: Date = Date::constant(2026, 6, 1);

    fn document() -> Procedure {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        Procedure::from_json(json).expect("a document")
    }

    fn form(change: impl FnOnce(&mut Procedure)) -> Compiled {
        let mut document = document();
        change(&mut document);
        Compiled::new(document).expect("it compiles")
    }

    fn field<'p>(document: &'p mut Procedure, id: &str) -> &'p mut Field {
        let mut fields = document.pages.iter_mut().flat_map(|page| &mut page.fields);
        fields.find(|field| field.id == id).expect("a field")
    }

    fn answers() -> Answers {
        Answers::from([
            ("applicant.family", "未来"),
            ("applicant.given", "花子"),
            ("home.postal", "9800811"),
            ("phone", "09012345678"),
            ("relation", "self"),
            ("kind", "whole"),
            ("copies", "2"),
            ("declaration", "yes"),
        ])
    }

    /// NF-60: a revision that changes words only takes everything over and asks nothing.
    #[test]
    fn other_words_cost_nothing() {
        let after = form(|document| {
            document.title = "別の名前".into();
            field(document, "copies").label = "必要な通数".into();
        });
        let moved = after.moved_from(&form(|_| ()), &answers(), TODAY);
        assert_eq!((moved.answers, moved.dropped, moved.asked), (answers(), vec![], vec![]));
    }

    /// NF-60: an option that is gone, a question that is gone or of another kind, and a declaration with
    /// other words fall away with what was answered; they and a new question are named as asked.
    #[test]
    fn what_does_not_fit_is_named_with_its_answer() {
        let after = form(|document| {
            if let FieldKind::Choice(choice) = &mut field(document, "kind").kind {
                choice.options.retain(|option| option.code != "whole");
            }
            for page in &mut document.pages {
                page.fields.retain(|field| field.id != "phone");
            }
            field(document, "declaration").label = "新しい約束".into();
            let mut fresh = field(document, "kind").clone();
            fresh.id = "fresh".to_owned();
            let at = document.pages.iter().position(|p| p.fields.iter().any(|f| f.id == "kind"));
            document.pages[at.expect("a page")].fields.push(fresh);
        });
        let moved = after.moved_from(&form(|_| ()), &answers(), TODAY);
        let told: Vec<(&str, String)> =
            moved.dropped.iter().map(|one| (one.label.as_str(), one.lines.join(" "))).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told[0].1.contains("5678") && !told[1].1.is_empty(), "{told:?}");
        let names: Vec<&str> = moved.gone.iter().map(|(input, _)| input).collect();
        assert_eq!(names, ["declaration", "kind", "phone"]);
        let stays: Vec<&str> = moved.answers.iter().map(|(input, _)| input).collect();
        let kept = ["applicant.family", "applicant.given", "copies", "home.postal", "relation"];
        assert_eq!(stays, kept);
        assert_eq!(moved.asked, ["kind", "fresh", "declaration"]);
    }
}
