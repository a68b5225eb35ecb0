//! Pictures of pages for the README: `cargo run -p journeys --example gallery`
//! after `cargo build --workspace --bins`.

use std::path::Path;

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::{Counter, licence, photograph};

#[tokio::main]
async fn main() {
    let counter = Counter::open();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/images");
    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let phone = Browser::open(Screen::Phone, Script::On).await;
    phone.goto(&format!("{site}/procedures/juminhyo")).await;
    phone.picture(&folder.join("citizen.png")).await;
    phone.close().await;

    let picture = photograph();
    let (_, slip) = counter
        .applies_for_residence_record("未来", "hanako@example.jp", &[licence(&picture)])
        .await;
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    let site = format!("http://localhost:{}", counter.town.staff().port());
    let facts = counter.town.facts().expect("accounts");
    let accounts = facts["accounts"].as_array().expect("a list");
    let account = accounts.iter().find(|one| one["login_id"] == "s0101").expect("there");
    let window = Browser::open(Screen::Desktop, Script::On).await;
    window.goto(&format!("{site}/login")).await;
    window.fill("login_id", "s0101").await;
    window.fill("password", account["password"].as_str().expect("text")).await;
    window.press("ログイン").await;
    window.goto(&format!("{site}{desk}")).await;
    window.picture(&folder.join("staff.png")).await;
    window.close().await;
    counter.close();
}
