//! A document told in another language: the same questions and rules, other words.

use super::{Content, Exit, Field, FieldKind, Lang, Page, Picture, Procedure, Words};

impl Procedure {
    /// The same document for a reader of `lang`: every text is the one of that language, and
    /// `left` decides how a text is shown that the document has in Japanese only. The bytes of its
    /// files are left out. For showing only: it has another hash, and is never published.
    #[must_use]
    pub fn told(&self, lang: Lang, left: &dyn Fn(&str) -> String) -> Self {
        let files = self.files.iter().map(|file| super::FormFile {
            base64: Vec::new(),
            title: file.title.told(lang, left),
            ..file.clone()
        });
        let mut told = Self { files: files.collect(), tests: Vec::new(), ..self.clone() };
        let tell = |words: &mut Words| *words = words.told(lang, left);
        tell(&mut told.title);
        tell(&mut told.summary);
        tell(&mut told.description);
        tell(&mut told.pay.note);
        tell(&mut told.after);
        told.items_to_bring.iter_mut().for_each(tell);
        told.outcomes.iter_mut().for_each(|outcome| tell(&mut outcome.note));
        for cosigner in &mut told.access.cosigners {
            tell(&mut cosigner.who);
            tell(&mut cosigner.agrees);
        }
        told.pages.iter_mut().for_each(|page| page_told(page, lang, &tell));
        told
    }
}

fn page_told(page: &mut Page, lang: Lang, tell: &dyn Fn(&mut Words)) {
    tell(&mut page.title);
    tell(&mut page.intro);
    page.fields.iter_mut().for_each(|field| field_told(field, lang, tell));
}

fn field_told(field: &mut Field, lang: Lang, tell: &dyn Fn(&mut Words)) {
    tell(&mut field.label);
    tell(&mut field.hint);
    field.checks.iter_mut().for_each(|rule| tell(&mut rule.message));
    match &mut field.kind {
        // Units are read from what is typed, too: they are never marked.
        FieldKind::Number(number) => number.unit = number.unit.told(lang, &str::to_owned),
        FieldKind::Calc(calc) => calc.unit = calc.unit.told(lang, &str::to_owned),
        FieldKind::Fee(fee) => fee.lines.iter_mut().for_each(|line| tell(&mut line.label)),
        FieldKind::Choice(choice) => options_told(&mut choice.options, tell),
        FieldKind::Multi(multi) => options_told(&mut multi.options, tell),
        FieldKind::Matrix(matrix) => {
            matrix.rows.iter_mut().for_each(|row| tell(&mut row.label));
            options_told(&mut matrix.options, tell);
        }
        FieldKind::Consent(consent) => {
            tell(&mut consent.text);
            tell(&mut consent.agree);
        }
        FieldKind::Repeat(repeat) => {
            tell(&mut repeat.row);
            repeat.fields.iter_mut().for_each(|inner| field_told(inner, lang, tell));
        }
        FieldKind::Exit(Exit { body }) => tell(body),
        FieldKind::Content(Content { body, picture }) => {
            tell(body);
            if let Some(Picture { file: _, alt }) = picture {
                tell(alt);
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

fn options_told(options: &mut [super::ChoiceOption], tell: &dyn Fn(&mut Words)) {
    for option in options {
        tell(&mut option.label);
        tell(&mut option.hint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever reads English reads the questions in English; what was not translated stays
    /// and is marked.
    #[test]
    fn every_text_is_told_in_the_language_or_marked_as_left() {
        let document = r#"{
            "id": "00000000000000000000000001", "revision": 1, "slug": "a",
            "title": {"ja": "講座", "en": "Course"}, "summary": "申し込み",
            "department": "00000000000000000000000002", "items_to_bring": [{"ja": "通帳", "en": "Bank book"}],
            "pages": [{"id": "p", "title": {"ja": "本人", "en": "You"}, "fields": [
                {"id": "family", "label": {"ja": "家族", "en": "Family"}, "kind": {
                    "type": "repeat", "row": {"ja": "{n}人目", "en": "Person {n}"}, "max": 3,
                    "fields": [{"id": "kind", "label": "続柄", "kind": {"type": "choice",
                        "options": [{"code": "a", "label": {"ja": "子", "en": "Child"}}]}}]}}
            ]}]
        }"#;
        let procedure = Procedure::from_json(document.as_bytes()).unwrap();
        let told = procedure.told(Lang::En, &|ja| format!("[{ja}]"));
        assert_eq!(told.title.ja(), "Course");
        assert_eq!((told.summary.ja(), told.description.ja()), ("[申し込み]", ""));
        assert_eq!(told.items_to_bring[0].ja(), "Bank book");
        let family = &told.pages[0].fields[0];
        let repeat = family.repeat().unwrap();
        assert_eq!(repeat.title(2), "Person 2");
        assert_eq!(repeat.fields[0].label.ja(), "[続柄]");
        let FieldKind::Choice(choice) = &repeat.fields[0].kind else { panic!("a choice") };
        assert_eq!(choice.options[0].label.ja(), "Child");
    }
}
