//! What we look for on a page beyond axe; `docs/accessibility-checks.tsv` says it in words.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use thirtyfour::WebDriver;

const PAGE: &str = include_str!("checks/page.js");
const FORCED_COLOURS: &str = include_str!("checks/forced_colours.js");
const TAB_BEGIN: &str = include_str!("checks/tab_begin.js");
const TAB_END: &str = include_str!("checks/tab_end.js");
const ERRORS: &str = include_str!("checks/errors.js");
const CONFIRM: &str = include_str!("checks/confirm.js");

/// What is wrong, by check; a check without faults has an empty list.
pub type Found = BTreeMap<String, Vec<String>>;

/// A page as the checks saw it.
#[derive(Debug, Default)]
pub struct Seen {
    /// What each check found.
    pub found: Found,
    /// Its title.
    pub title: String,
    /// Address and words of each link in its header and footer.
    pub around: Vec<(String, String)>,
}

/// Looks at the page without touching it.
///
/// # Panics
/// When the script cannot run.
pub async fn page(window: &WebDriver, wide: bool) -> Seen {
    let said = window.execute(PAGE, vec![json!(wide)]).await.expect("the checks run");
    let said = said.json();
    let link = |one: &Value| (text(&one[0]), text(&one[1]));
    Seen {
        found: found_in(&said["found"]),
        title: text(&said["title"]),
        around: said["around"].as_array().into_iter().flatten().map(link).collect(),
    }
}

/// Walks through the page with the Tab key.
///
/// # Panics
/// When the keys do not arrive.
pub async fn tab_walk(window: &WebDriver) -> Found {
    let many = window.execute(TAB_BEGIN, vec![]).await.expect("the walk begins");
    let many = many.convert::<usize>().expect("a number of keys");
    let body = window.active_element().await.expect("something has the focus");
    body.send_keys("\u{e004}".repeat(many)).await.expect("the keys arrive");
    let said = window.execute(TAB_END, vec![]).await.expect("the walk ends");
    found_in(said.json())
}

/// Looks at the page in the colours of the system.
///
/// # Panics
/// When they cannot be switched on.
pub async fn forced_colours(window: &WebDriver) -> Found {
    let tools = window.cdp();
    let switch = async |value: &str| {
        let media = json!({ "features": [{ "name": "forced-colors", "value": value }] });
        let done = tools.send_raw("Emulation.setEmulatedMedia", media).await;
        done.expect("the colours switch");
    };
    switch("active").await;
    let said = list(window, FORCED_COLOURS).await;
    switch("none").await;
    Found::from([("forced-colours".to_owned(), said)])
}

/// Looks at a page that says what was wrong with a form.
pub async fn errors(window: &WebDriver) -> Found {
    Found::from([("errors".to_owned(), list(window, ERRORS).await)])
}

/// Looks at a page that asks before something is done.
pub async fn confirm(window: &WebDriver) -> Found {
    Found::from([("confirm".to_owned(), list(window, CONFIRM).await)])
}

async fn list(window: &WebDriver, script: &str) -> Vec<String> {
    let said = window.execute(script, vec![]).await.expect("the check runs");
    texts(said.json())
}

fn found_in(said: &Value) -> Found {
    let checks = said.as_object().expect("lists by check");
    checks.iter().map(|(check, faults)| (check.clone(), texts(faults))).collect()
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().expect("a list").iter().map(text).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
