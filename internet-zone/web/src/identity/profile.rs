//! What an account knows of its owner, and how forms are filled from it (NF-57).

use domain::calendar::read_date;
use domain::forms::Answers;
use domain::forms::definition::{Field as Defined, FieldKind, Procedure};
use internet_zone_store::identity::accounts::Account;
use internet_zone_store::vault::{Place, Vault};
use jiff::civil::Date;
use platform_web::fields::{Choice, Field};
use platform_web::{Fault, FormData};
use serde::{Deserialize, Serialize};

use crate::forms::{Question, Shape};
use crate::places;
use crate::texts::TEXTS;

/// Name, day of birth, sex, address and telephone of an account; any of them may be empty.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    pub(crate) family: String,
    pub(crate) given: String,
    pub(crate) family_kana: String,
    pub(crate) given_kana: String,
    /// ISO; as typed while it is no day.
    pub(crate) birth: String,
    /// `female`, `male`, or empty.
    pub(crate) sex: String,
    pub(crate) phone: String,
    pub(crate) postal: String,
    pub(crate) prefecture: String,
    pub(crate) city: String,
    pub(crate) town: String,
    pub(crate) building: String,
}

/// Codes of 性別, as forms have them.
const SEXES: [&str; 2] = ["female", "male"];
/// Longest entry in characters.
const LONGEST: usize = 100;

const fn place(account: &str) -> Place<'_> {
    Place { table: "accounts", column: "profile", row: account }
}

/// The address of an account; empty when it does not open.
pub(crate) fn email(vault: &Vault, account: &Account) -> String {
    vault.open_text(places::account_email(&account.id), &account.email_sealed).unwrap_or_default()
}

impl Profile {
    /// Opens the profile of an account.
    ///
    /// # Errors
    /// When it does not open: another key, or a broken row. An empty page would be saved over it.
    pub(crate) fn open(vault: &Vault, account: &Account) -> Result<Self, Fault> {
        Ok(serde_json::from_slice(&vault.open(place(&account.id), &account.profile_sealed)?)?)
    }

    /// The name alone; empty when it does not open.
    pub(crate) fn name_of(vault: &Vault, account: &Account) -> String {
        Self::open(vault, account).map_or_else(|_| String::new(), |profile| profile.display_name())
    }

    /// Seals it for an account.
    pub(crate) fn seal(&self, vault: &Vault, account: &str) -> Vec<u8> {
        vault.seal(place(account), &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Family and given name, as staff see them.
    pub(crate) fn display_name(&self) -> String {
        format!("{} {}", self.family, self.given).trim().to_owned()
    }

    /// Reads what was typed: trimmed, cut, without control characters.
    pub(crate) fn read(form: &FormData) -> Self {
        let text = |name: &str| -> String {
            let typed = form.text(name).trim();
            let seen = |c: &char| !c.is_control() && *c != char::REPLACEMENT_CHARACTER;
            typed.chars().filter(seen).take(LONGEST).collect()
        };
        Self {
            family: text("name.family"),
            given: text("name.given"),
            family_kana: domain::text::hira_to_kata(&text("name.family_kana")),
            given_kana: domain::text::hira_to_kata(&text("name.given_kana")),
            birth: read_date(&text("birth")).map_or_else(|_| text("birth"), |day| day.to_string()),
            sex: SEXES.into_iter().find(|one| *one == text("sex")).unwrap_or_default().to_owned(),
            phone: domain::text::narrow(&text("phone")),
            postal: domain::text::narrow(&text("address.postal")),
            prefecture: text("address.prefecture"),
            city: text("address.city"),
            town: text("address.town"),
            building: text("address.building"),
        }
    }

    /// Whether the day of birth is no day, or has not come yet.
    pub(crate) fn wrong_birth(&self, today: Date) -> bool {
        !self.birth.is_empty() && self.birth.parse::<Date>().map_or(true, |day| day > today)
    }

    /// Day of birth and sex as questions.
    pub(crate) fn person_questions(&self, wrong_birth: bool) -> Vec<Question> {
        let birth = Field::new("birth", TEXTS.text("identity.birth"))
            .optional()
            .hint(TEXTS.text("identity.birth_hint"))
            .value(&self.birth)
            .autocomplete("bday")
            .width(16)
            .error(wrong_birth.then(|| TEXTS.text("identity.birth_wrong")));
        let choices = [("", "identity.sex_none")]
            .into_iter()
            .chain(SEXES.into_iter().zip(["identity.sex_female", "identity.sex_male"]))
            .map(|(code, key)| Choice::new(code, TEXTS.text(key)).among([self.sex.as_str()]));
        let sex = Field::new("sex", TEXTS.text("identity.sex"))
            .optional()
            .hint(TEXTS.text("identity.sex_hint"))
            .choices(choices.collect());
        vec![
            Question { field: birth, shape: Shape::Line },
            Question { field: sex, shape: Shape::Radio },
        ]
    }

    /// The name as a question; family and given name are needed.
    pub(crate) fn name_question(&self, missing: bool) -> Question {
        let part = |name: &str, key: &str, value: &str, auto: &'static str| {
            Field::new(format!("name.{name}"), TEXTS.text(key))
                .value(value)
                .autocomplete(auto)
                .width(12)
        };
        let error = TEXTS.text("identity.name_missing");
        let lacks = |value: &str| (missing && value.is_empty()).then_some(error);
        let field = Field::new("name", TEXTS.text("identity.name")).required().parts(vec![
            part("family", "forms.part.family", &self.family, "family-name")
                .error(lacks(&self.family)),
            part("given", "forms.part.given", &self.given, "given-name").error(lacks(&self.given)),
            part("family_kana", "forms.part.family_kana", &self.family_kana, ""),
            part("given_kana", "forms.part.given_kana", &self.given_kana, ""),
        ]);
        Question { field, shape: Shape::Parts }
    }

    /// Telephone and address as questions.
    pub(crate) fn contact_questions(&self) -> Vec<Question> {
        let phone = Field::new("phone", TEXTS.text("identity.phone"))
            .optional()
            .value(&self.phone)
            .kind("tel")
            .inputmode("tel")
            .autocomplete("tel")
            .width(16);
        let part = |name: &str, key: &str, value: &str, auto: &'static str, width: u32| {
            Field::new(format!("address.{name}"), TEXTS.text(key))
                .value(value)
                .autocomplete(auto)
                .width(width)
        };
        let address = Field::new("address", TEXTS.text("identity.address")).optional().parts(vec![
            part("postal", "forms.part.postal", &self.postal, "postal-code", 10),
            part("prefecture", "forms.part.prefecture", &self.prefecture, "address-level1", 10),
            part("city", "forms.part.city", &self.city, "address-level2", 20),
            part("town", "forms.part.town", &self.town, "address-line1", 0),
            part("building", "forms.part.building", &self.building, "address-line2", 0),
        ]);
        vec![
            Question { field: phone, shape: Shape::Line },
            Question { field: address, shape: Shape::Parts },
        ]
    }

    /// First answers of a form from the profile: by the shared meaning of each field.
    pub(crate) fn prefill(&self, procedure: &Procedure, email: &str) -> Answers {
        let mut answers = Answers::new();
        for field in procedure.pages.iter().flat_map(|page| &page.fields) {
            self.fill(field, email, &mut answers);
        }
        answers
    }

    fn fill(&self, field: &Defined, email: &str, answers: &mut Answers) {
        let mut put = |part: &str, value: &str| {
            if !value.is_empty() {
                let gap = if part.is_empty() { "" } else { "." };
                answers.put_one(format!("{}{gap}{part}", field.id), value);
            }
        };
        match (field.reuse.as_deref(), &field.kind) {
            (Some("person.name"), FieldKind::Name(_)) => {
                put("family", &self.family);
                put("given", &self.given);
                put("family_kana", &self.family_kana);
                put("given_kana", &self.given_kana);
            }
            (Some("person.address"), FieldKind::Address(_)) => {
                put("postal", &self.postal);
                put("prefecture", &self.prefecture);
                put("city", &self.city);
                put("town", &self.town);
                put("building", &self.building);
            }
            (Some("person.birth"), FieldKind::Date(_)) => put("", &self.birth),
            (Some("person.sex"), FieldKind::Choice(choice))
                if choice.options.iter().any(|option| option.code == self.sex) =>
            {
                put("", &self.sex);
            }
            (Some("person.phone"), FieldKind::Phone(_)) => put("", &self.phone),
            (Some("person.email"), FieldKind::Email(_)) => put("", email),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-57, IK-2.1.2c: the four facts of a person (氏名, 生年月日, 性別, 住所) and how to reach them
    /// fill the questions that mean them; an option a form does not have is not invented.
    #[test]
    fn registered_facts_fill_the_questions_that_mean_them() {
        let json = include_bytes!("../../../../deploy/sample-city/procedures/01-juminhyo.json");
        let mut procedure = Procedure::from_json(json).expect("a document");
        let fields = || procedure.pages.iter().flat_map(|page| &page.fields);
        let choice = fields().find(|field| matches!(field.kind, FieldKind::Choice(_)));
        let mut sex = choice.expect("a choice").clone();
        (sex.id, sex.reuse) = ("sex".to_owned(), Some("person.sex".to_owned()));
        let FieldKind::Choice(kind) = &mut sex.kind else { panic!("a choice") };
        kind.options[0].code = "female".to_owned();
        procedure.pages[0].fields.push(sex);
        let typed = FormData::from_iter([
            ("name.family", "未来"),
            ("name.given", "花子"),
            ("birth", "昭和59年5月6日"),
            ("sex", "female"),
            ("address.postal", "980-0811"),
            ("phone", "０９０１２３４５６７８"),
        ]);
        let mut profile = Profile::read(&typed);
        let answers = profile.prefill(&procedure, "hanako@example.jp");
        let first = |input: &str| answers.first(input);
        assert_eq!(first("applicant.family"), Some("未来"));
        assert_eq!((first("birth"), first("sex")), (Some("1984-05-06"), Some("female")));
        assert_eq!((first("home.postal"), first("phone")), (Some("980-0811"), Some("09012345678")));
        profile.sex = "male".to_owned();
        assert_eq!(profile.prefill(&procedure, "").first("sex"), None);
    }

    /// NF-16: who lets somebody act for them reads everything of them that is filled in for the delegate.
    #[test]
    fn what_a_delegate_sees_of_a_person_is_said() {
        let told = TEXTS.text("identity.delegates.can_see");
        for fact in ["name", "birth", "sex", "address", "phone", "email"] {
            assert!(told.contains(TEXTS.text(&format!("identity.{fact}"))), "{fact}: {told}");
        }
    }

    #[test]
    fn a_day_of_birth_is_a_day_that_has_come() {
        let today = "2026-06-01".parse().expect("a day");
        let wrong = |birth: &str| {
            Profile::read(&FormData::from_iter([("birth", birth)])).wrong_birth(today)
        };
        assert!(wrong("昭和64年1月8日") && wrong("きのう") && wrong("2026-06-02"));
        assert!(!wrong("") && !wrong("昭和64年1月7日") && !wrong("19840506"));
    }
}
