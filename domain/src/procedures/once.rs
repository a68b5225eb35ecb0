//! One application by the same applicant (NF-64).

use jiff::Span;
use jiff::civil::Date;
use unicode_normalization::UnicodeNormalization;

use crate::calendar::fiscal_year;
use crate::forms::definition::{FieldKind, OncePer, Window};
use crate::forms::{Answers, Compiled};
use crate::ids::AccountId;

/// Who applies, as far as it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Applicant<'a> {
    /// Account.
    pub account: Option<&'a AccountId>,
    /// Verified e-mail address.
    pub email: Option<&'a str>,
}

/// What must not have been used before. The key may be personal data: store a keyed hash of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Once {
    /// Equal for the same applicant in the same window, except for [`Window::Days`].
    pub key: String,
    /// Only applications that arrived on this day or later count; `None` counts all with the key.
    pub since: Option<Date>,
}

/// What must not have been used before under the procedure's rule; `None` when the applicant or
/// the answer it goes by is not known.
#[must_use]
pub fn once(
    rule: &OncePer,
    who: Applicant<'_>,
    (form, answers): (&Compiled, &Answers),
    today: Date,
) -> Option<Once> {
    let value = match rule.key.as_str() {
        "account" => who.account?.as_str().to_owned(),
        "email" => who.email?.to_lowercase(),
        key => answer(key.strip_prefix("field:")?, form, answers)?,
    };
    let key = format!("{}={value}", rule.key);
    Some(match rule.window {
        Window::Ever => Once { key, since: None },
        Window::FiscalYear => Once { key: format!("{key}@{}", fiscal_year(today)), since: None },
        Window::Days(days) => {
            let since = today.saturating_sub(Span::new().days(i64::from(days)));
            Once { key, since: Some(since) }
        }
    })
}

/// All inputs of a field, folded so that width and spaces make no second person, and the case of an
/// e-mail address neither. Nothing else is folded: 1-23 is not 12-3, and 斎藤 is not 斉藤.
fn answer(field: &str, form: &Compiled, answers: &Answers) -> Option<String> {
    let is_mail = form.field(field).is_some_and(|found| matches!(found.kind, FieldKind::Email(_)));
    let fold = |value: &String| {
        let folded: String = value.nfkc().filter(|c| !c.is_whitespace()).collect();
        if is_mail { folded.to_lowercase() } else { folded }
    };
    let inputs = answers.iter().filter(|(input, _)| crate::forms::inputs::field_of(input) == field);
    let values: Vec<String> = inputs.flat_map(|(_, values)| values).map(fold).collect();
    let value = values.join("|");
    values.iter().any(|v| !v.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::forms::definition::Procedure;

    /// A form that asks for a name, a number and a mail address.
    fn form() -> Compiled {
        let json = include_bytes!("../../../deploy/sample-city/procedures/01-juminhyo.json");
        let mut procedure = Procedure::from_json(json).expect("a document");
        let fields = [
            serde_json::json!({"id": "who", "label": "氏名", "kind": {"type": "name"}}),
            serde_json::json!({"id": "lot", "label": "地番", "kind": {"type": "text"}}),
            serde_json::json!({"id": "mail", "label": "メール", "kind": {"type": "email"}}),
        ];
        procedure.pages.truncate(1);
        procedure.pages[0].fields =
            fields.map(|field| serde_json::from_value(field).expect("a field")).into();
        procedure.pages[0].when = None;
        Compiled::new(procedure).expect("it compiles")
    }

    fn of(key: &str, window: Window, answers: &Answers) -> Option<Once> {
        let account = AccountId::from_bits(1);
        let who = Applicant { account: Some(&account), email: Some("Hanako@example.jp") };
        once(&OncePer { key: key.into(), window }, who, (&form(), answers), date(2027, 3, 31))
    }

    fn key(key: &str, window: Window) -> Option<Once> {
        of(key, window, &Answers::from([("who.family", "山田"), ("who.given", "花 子")]))
    }

    /// NF-64: what is written in two ways is one person; what reads alike is not.
    #[test]
    fn two_people_are_not_taken_for_one() {
        let same = |field: &str, one: &str, other: &str| {
            let key = |value: &str| {
                let input = if field == "who" { "who.family" } else { field };
                of(&format!("field:{field}"), Window::Ever, &Answers::from([(input, value)]))
            };
            key(one) == key(other)
        };
        for (field, one, other) in [
            ("mail", "Hanako@Example.jp", "hanako@example.jp"),
            ("lot", "１－２３", "1-23"),
            ("who", "山 田", "山田"),
        ] {
            assert!(same(field, one, other), "{one} {other}");
        }
        for (field, one, other) in [
            ("mail", "a.b@example.jp", "ab@example.jp"),
            ("lot", "1-23", "12-3"),
            ("lot", "a1", "A1"),
            ("who", "斎藤", "斉藤"),
            ("who", "渡邊", "渡辺"),
        ] {
            assert!(!same(field, one, other), "{one} {other}");
        }
    }

    /// NF-64: the same applicant within the window has the same key.
    #[test]
    fn the_key_goes_by_account_mail_or_answer() {
        let plain = |text: &str| Some(Once { key: text.into(), since: None });
        assert_eq!(key("account", Window::Ever), plain("account=00000000000000000000000001"));
        assert_eq!(key("email", Window::FiscalYear), plain("email=hanako@example.jp@2026"));
        assert_eq!(key("field:who", Window::Ever), plain("field:who=山田|花子"));
        assert_eq!(key("field:nobody", Window::Ever), None);
        assert_eq!(key("account", Window::Days(30)).unwrap().since, Some(date(2027, 3, 1)));
    }

    #[test]
    fn an_unknown_applicant_has_no_key() {
        let rule = OncePer { key: "account".into(), window: Window::Ever };
        assert_eq!(
            once(&rule, Applicant::default(), (&form(), &Answers::new()), date(2026, 4, 1)),
            None
        );
    }
}
