//! The sample city is what a newcomer sees first: its documents pass the checks of publishing.

use std::collections::BTreeSet;
use std::path::PathBuf;

use domain::digits::local_government_code;
use domain::forms::Compiled;
use domain::forms::definition::{Field, FieldKind, Login, Mode, Procedure};
use domain::forms::publish::{ProblemCode, problems};
use domain::ids::DepartmentId;
use domain::postal::PostalBook;
use serde_json::Value;

fn read(path: &str) -> Vec<u8> {
    let sample = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy/sample-city");
    std::fs::read(sample.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

const NAMES: [&str; 11] = [
    "01-juminhyo",
    "02-jido-teate",
    "03-saiyo-shiken",
    "04-shimin-koza",
    "05-koho-anketo",
    "06-sodaigomi",
    "07-setsubi-hojo",
    "08-hikkoshi-guide",
    "09-gakudo",
    "10-kaigishitsu",
    "11-shokuin-kenshu",
];

fn procedures() -> Vec<Procedure> {
    let parse = |name: &&str| {
        Procedure::from_json(&read(&format!("procedures/{name}.json")))
            .unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    NAMES.iter().map(parse).collect()
}

/// NF-22: every sample passes every check, and its own test cases.
#[test]
fn every_sample_may_be_published() {
    for procedure in procedures() {
        let mut found = problems(&procedure);
        // Their pages are there in several languages; what is not shows how that looks.
        found.retain(|problem| problem.code != ProblemCode::Untranslated);
        assert_eq!(found, [], "{}", procedure.slug);
        assert!(Compiled::new(procedure).is_ok());
    }
}

/// NF-37: the samples use every kind of field, every way to log in and both modes.
#[test]
fn the_samples_show_every_kind_of_field() {
    let all = procedures();
    let name = |kind: &FieldKind| match kind {
        FieldKind::Text(_) => "text",
        FieldKind::Textarea(_) => "textarea",
        FieldKind::Number(_) => "number",
        FieldKind::Date(_) => "date",
        FieldKind::Month(_) => "month",
        FieldKind::Time(_) => "time",
        FieldKind::Matrix(_) => "matrix",
        FieldKind::Lookup(_) => "lookup",
        FieldKind::Name(_) => "name",
        FieldKind::Address(_) => "address",
        FieldKind::Phone(_) => "phone",
        FieldKind::Email(_) => "email",
        FieldKind::CorporateNumber(_) => "corporate_number",
        FieldKind::Bank(_) => "bank",
        FieldKind::Choice(_) => "choice",
        FieldKind::Multi(_) => "multi",
        FieldKind::File(_) => "file",
        FieldKind::Consent(_) => "consent",
        FieldKind::Calc(_) => "calc",
        FieldKind::Fee(_) => "fee",
        FieldKind::Slot(_) => "slot",
        FieldKind::Repeat(_) => "repeat",
        FieldKind::Exit(_) => "exit",
        FieldKind::Content(_) => "content",
    };
    let fields = all.iter().flat_map(|p| &p.pages).flat_map(|page| &page.fields);
    let kinds: BTreeSet<&str> = fields.map(|field| name(&field.kind)).collect();
    assert_eq!(kinds.len(), 24, "{kinds:?}");
    let logins: BTreeSet<Login> = all.iter().map(|p| p.access.login).collect();
    assert_eq!(logins.len(), 3);
    assert!(all.iter().any(|p| p.mode == Mode::Download && !p.files.is_empty()));
    assert!(all.iter().any(|p| p.capacity.is_some()));
    assert!(all.iter().any(|p| !p.access.cosigners.is_empty()));
    assert!(all.iter().any(|p| p.notify.remind_days.is_some()));
}

/// NF-37: and what a kind can do beside the usual: an order, その他 in words of one's own, a day with its
/// time or known in part, times of single days of the week, look-ups in rows, answers that stand there already.
#[test]
fn the_samples_show_what_a_kind_can_do() {
    let all = procedures();
    let fields = || all.iter().flat_map(|p| &p.pages).flat_map(|page| &page.fields);
    let any = |is: fn(&FieldKind) -> bool| fields().any(|field| is(&field.kind));
    assert!(any(|kind| matches!(kind, FieldKind::Multi(multi) if multi.ranked)));
    assert!(any(|kind| matches!(kind, FieldKind::Choice(choice) if choice.other.is_some())));
    assert!(any(|kind| matches!(kind, FieldKind::Date(date) if date.time)));
    assert!(any(|kind| matches!(kind, FieldKind::Date(date) if date.partial)));
    assert!(any(|kind| matches!(kind, FieldKind::Slot(slot) if !slot.times_on.sat.is_empty())));
    assert!(fields().any(|field| field.default.is_some()));
    let mut inner = fields().filter_map(Field::repeat).flat_map(|rows| &rows.fields);
    assert!(inner.any(|field| matches!(field.kind, FieldKind::Lookup(_))));
}

#[test]
fn ids_and_slugs_are_unique_and_departments_exist() {
    let city: Value = serde_json::from_slice(&read("city.json")).unwrap();
    let departments: BTreeSet<DepartmentId> = city["departments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| DepartmentId::parse(d["id"].as_str().unwrap()).unwrap())
        .collect();
    assert_eq!(departments.len(), 7);
    let all = procedures();
    assert!(all.iter().all(|procedure| departments.contains(&procedure.department)));
    assert_eq!(all.iter().map(|p| &p.slug).collect::<BTreeSet<_>>().len(), all.len());
    assert_eq!(all.iter().map(|p| &p.id).collect::<BTreeSet<_>>().len(), all.len());
}

/// NF-38: eight people in four roles, each in departments that exist.
#[test]
fn the_sample_staff_fill_every_role() {
    let city: Value = serde_json::from_slice(&read("city.json")).unwrap();
    let codes: BTreeSet<&str> = city["departments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["code"].as_str().unwrap())
        .collect();
    let staff = city["staff"].as_array().unwrap();
    assert_eq!(staff.len(), 8);
    let mut roles = BTreeSet::new();
    for person in staff {
        roles.insert(domain::identity::Role::parse(person["role"].as_str().unwrap()).unwrap());
        let own = person["departments"].as_array().unwrap();
        assert!(!own.is_empty() && own.iter().all(|code| codes.contains(code.as_str().unwrap())));
    }
    assert_eq!(roles.len(), 4);
}

/// NF-8: the sample look-up reads, with the code that stands for two cities.
#[test]
fn the_sample_postal_codes_read() {
    let bytes = read("postal.csv");
    let book = PostalBook::parse(&bytes).unwrap();
    assert!(book.len() >= 55);
    assert_eq!(book.places("498-0000").len(), 2);
    assert_eq!(book.places("1000005")[0].town, "丸の内");
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.lines().all(|line| local_government_code(&line[..5]).is_some()));
}
