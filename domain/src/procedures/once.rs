//! One application by the same applicant (NF-64).

use jiff::Span;
use jiff::civil::Date;

use crate::calendar::fiscal_year;
use crate::forms::Answers;
use crate::forms::definition::{OncePer, Window};
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
pub fn once(rule: &OncePer, who: Applicant<'_>, answers: &Answers, today: Date) -> Option<Once> {
    let value = match rule.key.as_str() {
        "account" => who.account?.as_str().to_owned(),
        "email" => who.email?.to_lowercase(),
        key => answer(key.strip_prefix("field:")?, answers)?,
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

/// All inputs of a field, folded so that width and spaces make no second person.
fn answer(field: &str, answers: &Answers) -> Option<String> {
    let inputs = answers.iter().filter(|(input, _)| crate::forms::inputs::field_of(input) == field);
    let values: Vec<String> =
        inputs.flat_map(|(_, values)| values).map(|v| crate::text::search_key(v)).collect();
    let value = values.join("|");
    values.iter().any(|v| !v.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn key(key: &str, window: Window) -> Option<Once> {
        let account = AccountId::from_bits(1);
        let who = Applicant { account: Some(&account), email: Some("Hanako@example.jp") };
        let answers = Answers::from([("who.family", "山田"), ("who.given", "花 子")]);
        once(&OncePer { key: key.into(), window }, who, &answers, date(2027, 3, 31))
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
        assert_eq!(once(&rule, Applicant::default(), &Answers::new(), date(2026, 4, 1)), None);
    }
}
