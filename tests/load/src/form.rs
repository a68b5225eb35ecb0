//! A page of a large form: 300 fields on ten pages, 65 of them with a rule (NN-15).

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use town::Database;

use crate::client::{Connection, Figures};
use crate::floor;
use crate::line::{Goal, line};
use crate::person::Person;
use crate::place::Place;
use crate::survey::action_of;

const SLUG: &str = "large-form";
const PAGES: usize = 10;
const FIELDS: usize = 300;
const GOAL: Goal = Goal::AtMost(5.0);

/// Measures how long the citizens' zone takes to check and keep a page, and to show one.
///
/// # Errors
/// When the town does not start or a page does not follow on the one before.
pub async fn measure(people: usize) -> Result<(), String> {
    let words = |error: io::Error| error.to_string();
    let place = Place::open(Database::Sqlite).map_err(words)?;
    let file = place.town.plan.root.join("large-form.json");
    let sample = place.town.plan.house.join("deploy/sample-city/procedures/05-koho-anketo.json");
    std::fs::write(&file, document(&sample).map_err(words)?).map_err(words)?;
    place.town.publish(&file, SLUG).map_err(words)?;
    let (mut kept, mut shown, mut bytes) = (Vec::new(), Vec::new(), 0);
    let begun = Instant::now();
    for _ in 0..people {
        let mut connection = Connection::open(place.town.citizens()).await.map_err(words)?;
        let mut person = Person::new(place.town.citizens(), &mut connection);
        bytes = fills(&mut person, &mut kept, &mut shown).await.map_err(words)?;
    }
    let took = begun.elapsed();
    let (kept, shown) = (Figures::of(kept, 0, took), Figures::of(shown, 0, took));
    let url = place.town.spare_database("floor.db").map_err(words)?;
    let commit = floor::accept(&url, 1, people * PAGES).await?;
    let ready = floor::body(bytes, people * PAGES).await?;
    for (what, figures, floor) in [("checked and kept", &kept, &commit), ("shown", &shown, &ready)]
    {
        for percent in [50, 99] {
            let name = format!("page of {FIELDS} fields, {what}, p{percent}");
            line(&name, "ms", figures.within(percent), Some(floor.within(percent)), GOAL);
        }
    }
    place.close().map_err(words)
}

/// One person goes through all pages; gives the size of the last.
async fn fills(
    person: &mut Person<'_>,
    kept: &mut Vec<Duration>,
    shown: &mut Vec<Duration>,
) -> io::Result<usize> {
    let start = format!("/procedures/{SLUG}/start");
    person.open(&start).await?;
    person.send(&start, &[("agree", "yes")]).await?;
    let mut bytes = 0;
    for page in 0..PAGES {
        bytes = person.page.len();
        let path = action_of(&person.page)?;
        let answers = answers(page);
        let fields: Vec<(&str, &str)> = [("_do", "next")]
            .into_iter()
            .chain(answers.iter().map(|(name, value)| (name.as_str(), *value)))
            .collect();
        let (mut answer, time) = {
            let request = person.post(&path, &fields);
            person.ask(&request).await
        }?;
        kept.push(time);
        // Questions that the answers called up are shown once before they count.
        if answer.status == 200 {
            person.page = String::from_utf8_lossy(&answer.body).into_owned();
            let request = person.post(&path, &fields);
            let (again, time) = person.ask(&request).await?;
            kept.push(time);
            answer = again;
        }
        let next = answer.header("location").filter(|_| answer.status == 303);
        let next = next.ok_or_else(|| {
            io::Error::other(format!("page {page} was refused with {}", answer.status))
        })?;
        let (answer, time) = {
            let request = person.get(next);
            person.ask(&request).await
        }?;
        if answer.status != 200 {
            return Err(io::Error::other(format!("{next}: status {}", answer.status)));
        }
        person.page = String::from_utf8_lossy(&answer.body).into_owned();
        // After the last page comes the one that shows all answers.
        if page + 1 < PAGES {
            shown.push(time);
        }
    }
    Ok(bytes)
}

/// The survey of the sample city with other pages.
fn document(sample: &Path) -> io::Result<String> {
    let mut document: Value = serde_json::from_str(&std::fs::read_to_string(sample)?)?;
    for (name, value) in [
        ("id", json!("01kn35e000arge0f0rm0000000")),
        ("slug", json!(SLUG)),
        ("title", json!("項目の多い申請")),
        ("tests", json!([])),
        ("files", json!([])),
        ("lists", json!([])),
        ("pages", Value::Array((0..PAGES).map(page).collect())),
    ] {
        document[name] = value;
    }
    Ok(document.to_string())
}

fn page(number: usize) -> Value {
    let each = FIELDS / PAGES;
    let fields: Vec<Value> = (number * each..(number + 1) * each).map(field).collect();
    json!({ "id": format!("p{number}"), "title": format!("{}頁", number + 1), "fields": fields })
}

/// Six kinds in turn; rules look back at the choice, the number and the date before.
fn field(number: usize) -> Value {
    let kind = match number % 6 {
        0 => json!({ "type": "text", "max": 50 }),
        1 => json!({ "type": "number", "min": 0, "max": 1000 }),
        2 => json!({ "type": "date", "max": "today()" }),
        3 => {
            let options = [("a", "はい"), ("b", "いいえ")];
            let options = options.map(|(code, label)| json!({ "code": code, "label": label }));
            json!({ "type": "choice", "options": options })
        }
        4 => json!({ "type": "name" }),
        _ => json!({ "type": "textarea" }),
    };
    let label = format!("{}番目の質問", number + 1);
    let mut field =
        json!({ "id": format!("f{number}"), "label": label, "required": true, "kind": kind });
    if number % 6 == 5 {
        field["when"] = json!(format!("f{} == 'a' and f{} >= 0", number - 2, number - 4));
    }
    if number > 0 && number.is_multiple_of(6) && number / 6 <= 15 {
        field["required"] = json!(format!("f{} == 'a' or age(f{}) > 3", number - 3, number - 4));
    }
    field
}

/// What a person types on a page.
fn answers(page: usize) -> Vec<(String, &'static str)> {
    let each = FIELDS / PAGES;
    let typed = |number: usize| -> Vec<(String, &'static str)> {
        let parts: &[(&str, &str)] = match number % 6 {
            0 | 5 => &[("", "みらい市中央一丁目")],
            1 => &[("", "１２３")],
            2 => &[("", "令和8年4月1日")],
            3 => &[("", "a")],
            _ => &[
                (".family", "山田"),
                (".given", "花子"),
                (".family_kana", "ﾔﾏﾀﾞ"),
                (".given_kana", "ハナコ"),
            ],
        };
        parts.iter().map(|(part, value)| (format!("f{number}{part}"), *value)).collect()
    };
    (page * each..(page + 1) * each).flat_map(typed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form that is measured has 300 fields, 65 of them with a rule.
    #[test]
    fn the_form_is_as_large_as_the_goal_says() {
        let fields: Vec<Value> = (0..FIELDS).map(field).collect();
        let ruled = |one: &&Value| one.get("when").is_some() || one["required"].is_string();
        assert_eq!((fields.len(), fields.iter().filter(ruled).count()), (300, 65));
    }
}
