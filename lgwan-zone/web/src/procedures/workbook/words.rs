//! The words of a workbook: the catalogue of definitions and the names of the departments.

use domain::forms::workbook::Words;

use crate::procedures::vocabulary;
use crate::site::TEXTS;

/// The catalogue with the departments of the town, as `(id, name)`.
#[derive(Debug)]
pub(super) struct Town(pub(super) Vec<(String, String)>);

impl Words for Town {
    fn sheet(&self, name: &str) -> String {
        vocabulary::table(name)
    }

    fn heading(&self, path: &str) -> String {
        match path.strip_prefix("value_") {
            Some(number) => TEXTS.fill("definition.value_number", &[("number", &number)]),
            None => vocabulary::property(path),
        }
    }

    fn value(&self, path: &str, code: &str) -> Option<String> {
        match code {
            "none" if path == "outcomes" => Some(TEXTS.text("definition.value.none").to_owned()),
            _ => vocabulary::value(path, code).map(str::to_owned),
        }
    }

    fn department(&self, id: &str) -> Option<String> {
        let name = &self.0.iter().find(|(known, _)| known == id)?.1;
        self.department_id(name).map(|_| name.clone())
    }

    fn department_id(&self, name: &str) -> Option<String> {
        let mut same = self.0.iter().filter(|(_, known)| known == name);
        let found = same.next()?;
        same.next().is_none().then(|| found.0.clone())
    }
}
