//! ひな形: definitions of usual procedures that come with the service, to begin a design from.

use domain::forms::definition::Procedure;

use crate::frame::Choice;
use crate::site::Site;

/// What stands before the name of a template where a procedure's id could stand.
const MARK: &str = "template:";

/// The city whose name the texts of the templates say.
const CITY: &str = "みらい市";

struct Template {
    name: &'static str,
    document: &'static str,
}

macro_rules! templates {
    ($($name:literal $path:literal)*) => {
        &[$(Template {
            name: $name,
            document: include_str!(concat!("../../../../../deploy/", $path)),
        }),*]
    };
}

/// In the order of the page. Those of the sample city are what its demonstration shows.
const TEMPLATES: &[Template] = templates! {
    "juminhyo" "sample-city/procedures/01-juminhyo.json"
    "kazei-shomei" "procedure-templates/kazei-shomei.json"
    "jido-teate" "sample-city/procedures/02-jido-teate.json"
    "gakudo" "sample-city/procedures/09-gakudo.json"
    "setsubi-hojo" "sample-city/procedures/07-setsubi-hojo.json"
    "inu-todoke" "procedure-templates/inu-todoke.json"
    "shimin-koza" "sample-city/procedures/04-shimin-koza.json"
    "demae-koza" "procedure-templates/demae-koza.json"
    "saiyo-shiken" "sample-city/procedures/03-saiyo-shiken.json"
    "anketo" "sample-city/procedures/05-koho-anketo.json"
    "goiken" "procedure-templates/goiken.json"
    "hikkoshi-guide" "sample-city/procedures/08-hikkoshi-guide.json"
};

/// The templates to choose from.
pub(super) fn choices(chosen: &str) -> Vec<Choice> {
    let all = TEMPLATES.iter().filter_map(|one| {
        let title = read(one, CITY)?.title.ja().to_owned();
        let value = format!("{MARK}{}", one.name);
        Some(Choice::new(&value, &title, value == chosen))
    });
    all.collect()
}

/// The template that was chosen, with the name of this city; `None` when it is no template.
/// Whom the sample city tells of arrivals is nobody's business here.
pub(super) fn chosen(site: &Site, from: &str) -> Option<Procedure> {
    let name = from.strip_prefix(MARK)?;
    let template = TEMPLATES.iter().find(|one| one.name == name)?;
    let mut procedure = read(template, &site.settings.city)?;
    procedure.notify.staff_mail.clear();
    Some(procedure)
}

fn read(template: &Template, city: &str) -> Option<Procedure> {
    // A name of a city holds nothing that JSON writes in another way, or the text would not read.
    let document = template.document.replace(CITY, city);
    Procedure::from_json(document.as_bytes()).ok()
}

#[cfg(test)]
mod tests {
    use domain::forms::publish::{may_publish, problems};

    use super::*;

    /// NF-37: every template can be published as it is, and its own test cases hold.
    #[test]
    fn every_template_can_be_published() {
        for one in TEMPLATES {
            let procedure = read(one, "架空町").expect(one.name);
            assert!(!one.document.contains("架空町"));
            assert_eq!(choices("").len(), TEMPLATES.len());
            let found = problems(&procedure);
            assert!(may_publish(&found), "{}: {found:?}", one.name);
        }
    }
}
