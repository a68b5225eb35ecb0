use std::collections::BTreeSet;

use domain::forms::workbook::FaultCode;

use super::*;

const CITIZENS: &str = "01kn35e000d00000000000shim";

fn town() -> Town {
    Town(vec![(CITIZENS.to_owned(), "市民課".to_owned())])
}

fn there_and_back(procedure: &Procedure) {
    let mut sheets = workbook::write(procedure, &town()).expect("written");
    sheets.insert(0, guide(&town()));
    let bytes = written::bytes(&sheets).expect("packed");
    let read = opened::read(&bytes).expect("unpacked");
    let back = workbook::read(&read, &town(), &procedure.id);
    assert_eq!(back.as_ref(), Ok(procedure));
}

/// NF-37: every definition of the sample city, and the template, comes back from the file Excel gets.
#[test]
fn what_is_saved_is_read_back_as_it_was() {
    let city = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/sample-city/procedures");
    for file in std::fs::read_dir(city).expect("the sample city") {
        let bytes = std::fs::read(file.expect("an entry").path()).expect("a file");
        there_and_back(&Procedure::from_json(&bytes).expect("a document"));
    }
    let example = EXAMPLE.replace("{department}", "00000000000000000000000001");
    let example = Procedure::from_json(example.as_bytes()).expect("a document");
    assert!(domain::forms::publish::may_publish(&domain::forms::publish::problems(&example)));
    there_and_back(&example);
}

/// NF-37: no two columns of a sheet, no two sheets and no two properties share a heading.
#[test]
fn every_heading_means_one_thing() {
    let example = EXAMPLE.replace("{department}", "00000000000000000000000001");
    let example = Procedure::from_json(example.as_bytes()).expect("a document");
    let sheets = workbook::write(&example, &town()).expect("written");
    let names: BTreeSet<&String> = sheets.iter().map(|sheet| &sheet.name).collect();
    assert_eq!(names.len(), sheets.len());
    for sheet in &sheets {
        let headings: BTreeSet<&String> = sheet.rows[0].iter().collect();
        assert_eq!(headings.len(), sheet.rows[0].len(), "{}: {:?}", sheet.name, sheet.rows[0]);
        for heading in headings {
            assert!(!heading.is_ascii() || heading == "ID", "{}: {heading}", sheet.name);
        }
        for offer in &sheet.offers {
            let words: BTreeSet<&String> = offer.words.iter().collect();
            assert_eq!(words.len(), offer.words.len(), "{words:?}");
            assert!(words.iter().all(|word| !word.is_ascii() && !word.contains(',')), "{words:?}");
        }
    }
    let properties: BTreeSet<&String> = sheets[0].rows.iter().map(|row| &row[0]).collect();
    assert_eq!(properties.len(), sheets[0].rows.len());
}

/// NF-37: everything that can be wrong with a workbook has its words, and they name the place.
#[test]
fn every_fault_has_words_with_its_place() {
    for code in FaultCode::ALL {
        let fault = Fault {
            code: *code,
            sheet: "質問".to_owned(),
            row: 12,
            column: Some(26),
            heading: "最大".to_owned(),
            detail: "たくさん".to_owned(),
        };
        let words = in_words(&fault);
        assert!(words.contains("質問"), "{words}");
    }
    assert_eq!([0, 25, 26, 702].map(letters), ["A", "Z", "AA", "AAA"]);
}
