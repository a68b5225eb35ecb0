//! Every text of a document that citizens read, each by a name of its place: to be told in another
//! language, listed and translated.

use super::{Content, Exit, Field, FieldKind, Procedure, Words};

/// Visits a text: the page it stands on (empty for the procedure), its name, the text.
pub type Visit<'v> = dyn FnMut(&str, String, &mut Words) + 'v;

impl Procedure {
    /// Visits every text citizens read, in the order of the document.
    pub fn each_text(&mut self, visit: &mut Visit<'_>) {
        visit("", "title".to_owned(), &mut self.title);
        visit("", "summary".to_owned(), &mut self.summary);
        visit("", "description".to_owned(), &mut self.description);
        for (n, item) in self.items_to_bring.iter_mut().enumerate() {
            visit("", format!("items.{n}"), item);
        }
        for (n, outcome) in self.outcomes.iter_mut().enumerate() {
            visit("", format!("outcomes.{n}"), &mut outcome.note);
        }
        for one in &mut self.access.cosigners {
            visit("", format!("cosigners.{}.who", one.id), &mut one.who);
            visit("", format!("cosigners.{}.agrees", one.id), &mut one.agrees);
        }
        for file in &mut self.files {
            visit("", format!("files.{}", file.id), &mut file.title);
        }
        visit("", "pay.note".to_owned(), &mut self.pay.note);
        visit("", "after".to_owned(), &mut self.after);
        for (event, note) in &mut self.notify.citizen.notes {
            visit("", format!("notices.{}", event.word()), note);
        }
        for page in &mut self.pages {
            let id = page.id.clone();
            visit(&id, format!("pages.{id}.title"), &mut page.title);
            visit(&id, format!("pages.{id}.intro"), &mut page.intro);
            page.fields.iter_mut().for_each(|field| of_field(&id, field, visit));
        }
    }
}

fn of_field(page: &str, field: &mut Field, visit: &mut Visit<'_>) {
    let name = format!("fields.{}", field.id);
    let mut say = |part: &str, words: &mut Words| visit(page, format!("{name}.{part}"), words);
    say("label", &mut field.label);
    say("hint", &mut field.hint);
    for (n, rule) in field.checks.iter_mut().enumerate() {
        say(&format!("checks.{n}"), &mut rule.message);
    }
    match &mut field.kind {
        FieldKind::Number(number) => say("unit", &mut number.unit),
        FieldKind::Calc(calc) => say("unit", &mut calc.unit),
        FieldKind::Fee(fee) => {
            for line in &mut fee.lines {
                say(&format!("lines.{}", line.id), &mut line.label);
            }
        }
        FieldKind::Choice(choice) => options(&mut choice.options, &mut say),
        FieldKind::Multi(multi) => options(&mut multi.options, &mut say),
        FieldKind::Matrix(matrix) => {
            for row in &mut matrix.rows {
                say(&format!("rows.{}", row.id), &mut row.label);
            }
            options(&mut matrix.options, &mut say);
        }
        FieldKind::Consent(consent) => {
            say("text", &mut consent.text);
            say("agree", &mut consent.agree);
        }
        FieldKind::Repeat(repeat) => {
            say("row", &mut repeat.row);
            repeat.fields.iter_mut().for_each(|inner| of_field(page, inner, visit));
        }
        FieldKind::Exit(Exit { body }) => say("body", body),
        FieldKind::Content(Content { body, picture }) => {
            say("body", body);
            if let Some(picture) = picture {
                say("alt", &mut picture.alt);
            }
        }
        FieldKind::Text(_)
        | FieldKind::Textarea(_)
        | FieldKind::Date(_)
        | FieldKind::Month(_)
        | FieldKind::Time(_)
        | FieldKind::Name(_)
        | FieldKind::Address(_)
        | FieldKind::Phone(_)
        | FieldKind::Slot(_)
        | FieldKind::Email(_)
        | FieldKind::CorporateNumber(_)
        | FieldKind::Bank(_)
        | FieldKind::Lookup(_)
        | FieldKind::File(_) => {}
    }
}

fn options(options: &mut [super::ChoiceOption], say: &mut dyn FnMut(&str, &mut Words)) {
    for option in options {
        say(&format!("options.{}", option.code), &mut option.label);
        say(&format!("options.{}.hint", option.code), &mut option.hint);
    }
}
