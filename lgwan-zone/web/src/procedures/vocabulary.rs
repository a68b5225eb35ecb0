//! What a definition calls its parts and values, in the words staff read: one dictionary for the
//! comparison of revisions and for workbooks.

use domain::forms::definition::Lang;

use crate::site::TEXTS;

/// Languages beside Japanese, as a document writes them.
pub(super) const LANGS: [(Lang, &str); 5] = [
    (Lang::Easy, "easy"),
    (Lang::En, "en"),
    (Lang::ZhHans, "zh-Hans"),
    (Lang::ZhHant, "zh-Hant"),
    (Lang::Ko, "ko"),
];

/// A table of a document: 質問, 選択肢.
pub(super) fn table(name: &str) -> String {
    TEXTS.text(&format!("definition.table.{name}")).to_owned()
}

/// A property by its path, `kind.max` or `label.en`. What has no word of its own is named after
/// the nearest part around it that has.
pub(super) fn property(path: &str) -> String {
    if let Some((of, lang)) = path.rsplit_once('.')
        && LANGS.iter().any(|(_, code)| *code == lang)
    {
        let lang = TEXTS.text(&format!("definition.lang.{lang}")).to_owned();
        let args: [(&str, &dyn std::fmt::Display); 2] = [("name", &property(of)), ("lang", &lang)];
        return TEXTS.fill("definition.language", &args);
    }
    let mut known = path;
    loop {
        if let Some(name) = TEXTS.get(&format!("definition.property.{known}")) {
            let rest = path[known.len()..].trim_start_matches('.');
            if rest.is_empty() {
                return name.to_owned();
            }
            return TEXTS.fill("definition.inside", &[("name", &name), ("rest", &rest)]);
        }
        match known.rsplit_once('.') {
            Some((around, _)) => known = around,
            None => return path.to_owned(),
        }
    }
}

/// The word of a value of the property at `path`, when it has one.
pub(super) fn value(path: &str, code: &str) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_lowercase() || c == '_';
    if code.is_empty() || !code.chars().all(plain) {
        return None;
    }
    let own = match path {
        "kind.type" => format!("procedures.kind.{code}"),
        "mode" => format!("procedures.mode.{code}"),
        "access.login" => format!("procedures.login.{code}"),
        "workflow.stages" => format!("procedures.stage.{code}"),
        other => format!("definition.value.{other}.{code}"),
    };
    TEXTS
        .get(&own)
        .or_else(|| TEXTS.get(&format!("definition.value.{code}")).filter(|_| is_flag(code)))
}

fn is_flag(code: &str) -> bool {
    code == "true" || code == "false"
}

#[cfg(test)]
mod tests {
    use domain::forms::compare::{What, changes};
    use domain::forms::definition::Procedure;

    use super::*;

    /// NF-37: everything that stands in the sample city's definitions has a word.
    #[test]
    fn every_part_of_a_definition_has_a_word() {
        let city = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/sample-city/procedures");
        let files = std::fs::read_dir(city).expect("the sample city");
        let documents: Vec<Procedure> = files
            .map(|file| std::fs::read(file.expect("an entry").path()).expect("a file"))
            .map(|bytes| Procedure::from_json(&bytes).expect("a document"))
            .collect();
        assert!(documents.len() > 7);
        for pair in documents.windows(2) {
            for change in changes(&pair[0], &pair[1]).expect("compared") {
                if let What::Became { property: path, .. } = &change.what {
                    assert_ne!(property(path), *path);
                }
                for (name, _) in &change.place.0 {
                    assert!(!table(name).is_empty(), "{name}");
                }
            }
        }
        assert_eq!(property("label.en"), "表示する文（英語）");
        assert_eq!(property("export.columns.a.header"), "業務システム連携（columns.a.header）");
        assert_eq!(property("something.new"), "something.new");
        assert_eq!(value("kind.type", "text"), Some("1行の文字"));
        assert_eq!(value("kind.era", "true"), Some("はい"));
        assert_eq!(value("label", "true story"), None);
    }
}
