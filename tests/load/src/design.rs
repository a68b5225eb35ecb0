//! A design of 500 questions: how long until what a clerk typed is kept, and until the page is there
//! again with its checks (NB-2.5).

use std::io;
use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};
use town::Database;

use crate::client::{Connection, Figures};
use crate::floor;
use crate::inbox;
use crate::line::{Goal, detail, line};
use crate::person::Person;
use crate::place::Place;

/// A procedure manager of 市民課.
const MANAGER: &str = "s0002";
const SAMPLE: &str = "deploy/sample-city/procedures/01-juminhyo.json";
const ID: &str = "01kn35e000arge0des1gn00000";
const SLUG: &str = "large-design";
const PAGES: usize = 25;
const FIELDS: usize = 500;
const GOAL: Goal = Goal::AtMost(300.0);

/// Measures saving one question of the design, as pressing the button and as typing do.
///
/// # Errors
/// When the town does not start or a change is not kept.
pub async fn measure(database: Database, times: usize) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    let place = Place::open(database).map_err(words)?;
    let file = place.town.plan.root.join("large-design.json");
    let document = document(&place.town.plan.house.join(SAMPLE)).map_err(words)?;
    std::fs::write(&file, document.to_string()).map_err(words)?;
    place.town.publish(&file, SLUG).map_err(words)?;
    let mut connection = Connection::open(place.town.staff()).await.map_err(words)?;
    let mut clerk = Person::new(place.town.staff(), &mut connection);
    inbox::log_in(&place, &mut clerk, MANAGER).await.map_err(words)?;
    clerk.open(&format!("/procedures/{ID}")).await.map_err(words)?;
    let request = clerk.post(&format!("/procedures/{ID}/design"), &[]);
    let (answer, _) = clerk.ask(&request).await.map_err(words)?;
    let base = answer.header("location").ok_or("no design was begun")?.to_owned();

    let (mut kept, mut whole) = (Vec::new(), Vec::new());
    let begun = Instant::now();
    for number in 0..times {
        let question = format!("{base}/questions/f{}", number * 7 % FIELDS / 2 * 2);
        clerk.open(&question).await.map_err(words)?;
        let label = format!("{number}回目に変えた質問");
        let typed = [("label", label.as_str()), ("required", "yes"), ("max", "60"), ("do", "stay")];
        let request = clerk.post(&question, &typed);
        let pressed = Instant::now();
        let (answer, time) = clerk.ask(&request).await.map_err(words)?;
        if answer.status != 303 {
            return Err(format!("{question}: status {}", answer.status));
        }
        clerk.open(&question).await.map_err(words)?;
        if !clerk.page.contains(&label) {
            return Err(format!("{question} was not kept"));
        }
        kept.push(time);
        whole.push(pressed.elapsed());
    }
    let took = begun.elapsed();
    let (kept, whole) = (Figures::of(kept, 0, took), Figures::of(whole, 0, took));
    let url = place.town.spare_database("floor.db").map_err(words)?;
    let commit = floor::accept(&url, 1, times).await?;
    for (what, figures) in [("saved", &kept), ("saved and drawn with its checks", &whole)] {
        for percent in [50, 99] {
            let name = format!("design of {FIELDS} fields, {what}, p{percent}");
            line(&name, "ms", figures.within(percent), Some(commit.within(percent)), GOAL);
        }
    }
    detail(&kept);
    place.close().map_err(words)
}

/// The sample with many pages.
fn document(sample: &Path) -> io::Result<Value> {
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(sample)?)?;
    for name in ["routing", "export", "staff_fields", "capacity"] {
        document.as_object_mut().into_iter().for_each(|all| drop(all.remove(name)));
    }
    for (name, value) in [
        ("id", json!(ID)),
        ("slug", json!(SLUG)),
        ("title", json!("項目の多い手続")),
        ("tests", json!([])),
        ("files", json!([])),
        ("lists", json!([])),
        ("access", json!({ "login": "account" })),
        ("pages", Value::Array((0..PAGES).map(page).collect())),
    ] {
        document[name] = value;
    }
    Ok(document)
}

fn page(number: usize) -> Value {
    let each = FIELDS / PAGES;
    let fields: Vec<Value> = (number * each..(number + 1) * each).map(field).collect();
    json!({ "id": format!("p{number}"), "title": format!("{}頁", number + 1), "fields": fields })
}

/// A text, then a choice, in turn; every tenth text is asked with an answer before it.
fn field(number: usize) -> Value {
    let kind = if number.is_multiple_of(2) {
        json!({ "type": "text", "max": 50 })
    } else {
        let options = [("a", "はい"), ("b", "いいえ")];
        let options = options.map(|(code, label)| json!({ "code": code, "label": label }));
        json!({ "type": "choice", "options": options })
    };
    let label =
        json!({ "ja": format!("{}番目の質問", number + 1), "en": format!("Question {number}") });
    let mut field =
        json!({ "id": format!("f{number}"), "label": label, "required": true, "kind": kind });
    if number > 0 && number.is_multiple_of(10) {
        field["when"] = json!(format!("f{} == 'a'", number - 1));
    }
    field
}

#[cfg(test)]
mod tests {
    use domain::forms::definition::Procedure;
    use domain::forms::publish::{may_publish, problems};

    use super::*;

    /// NB-2.5: the design that is measured has 500 fields, and can be published.
    #[test]
    fn the_design_is_as_large_as_the_goal_says() {
        let house = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let document = document(&house.join(SAMPLE)).expect("the sample");
        let procedure = Procedure::from_json(document.to_string().as_bytes()).expect("it reads");
        let fields: usize = procedure.pages.iter().map(|page| page.fields.len()).sum();
        assert_eq!(fields, FIELDS);
        let found = problems(&procedure);
        assert!(may_publish(&found), "{found:?}");
    }
}
