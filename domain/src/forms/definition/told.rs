//! A document told in another language: the same questions and rules, other words.

use super::{Lang, Procedure};

impl Procedure {
    /// The same document for a reader of `lang`: every text is the one of that language, and
    /// `left` decides how a text is shown that the document has in Japanese only. The bytes of its
    /// files are left out. For showing only: it has another hash, and is never published.
    #[must_use]
    pub fn told(&self, lang: Lang, left: &dyn Fn(&str) -> String) -> Self {
        let mut told = Self { tests: Vec::new(), ..self.clone() };
        told.files.iter_mut().for_each(|file| file.base64.clear());
        told.each_text(&mut |_, name, words| {
            *words = match is_unit(&name) {
                true => words.told(lang, &str::to_owned),
                false => words.told(lang, left),
            };
        });
        told
    }
}

/// Units are read from what is typed, too: they are never marked.
fn is_unit(name: &str) -> bool {
    let field = name.strip_prefix("fields.").and_then(|rest| rest.split_once('.'));
    field.is_some_and(|(_, part)| part == "unit")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forms::definition::FieldKind;

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
                        "options": [{"code": "a", "label": {"ja": "子", "en": "Child"}}]}}]}},
                {"id": "days", "label": "日数", "kind": {"type": "number", "unit": "日"}},
                {"id": "unit", "label": "単位", "kind": {"type": "choice",
                    "options": [{"code": "unit", "label": "個"}]}}
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
        let FieldKind::Number(days) = &told.pages[0].fields[1].kind else { panic!("a number") };
        assert_eq!(days.unit.ja(), "日", "it is read from what is typed");
        let FieldKind::Choice(choice) = &told.pages[0].fields[2].kind else { panic!("a choice") };
        assert_eq!(choice.options[0].label.ja(), "[個]");
    }
}
