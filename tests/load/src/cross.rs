//! From pressing 申請する to the line in the staff's list, on an idle town; then
//! two hundred in one second.

use std::time::{Duration, Instant};

use town::Database;

use crate::client::{self, Connection, Figures};
use crate::floor;
use crate::inbox;
use crate::line::{Goal, detail, line};
use crate::person::{Person, text_between};
use crate::place::Place;
use crate::survey;

/// The department that the survey goes to, and one of its clerks.
const CLERK: &str = "s0104";

const BURST: usize = 200;

/// Measures single crossings one after the other, then a burst.
///
/// # Errors
/// When the town does not start, or an application does not arrive within 20 s.
pub async fn measure(database: Database, times: usize) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let place = Place::open(database).map_err(words)?;
    let (site, desk) = (place.town.citizens(), place.town.staff());
    let mut clerks_line = Connection::open(desk).await.map_err(words)?;
    let mut clerk = Person::new(desk, &mut clerks_line);
    inbox::log_in(&place, &mut clerk, CLERK).await.map_err(words)?;

    let mut citizens_line = Connection::open(site).await.map_err(words)?;
    let mut crossed = Vec::with_capacity(times);
    let start = Instant::now();
    for _ in 0..times {
        let mut person = Person::new(site, &mut citizens_line);
        survey::fill(&mut person).await.map_err(words)?;
        let to = survey::submit_of(&person.page).map_err(words)?;
        let pressed = Instant::now();
        person.send(&to, &[]).await.map_err(words)?;
        let number = text_between(&person.page, "panel-number\">", "<").unwrap_or_default();
        seen(&mut clerk, number, pressed).await?;
        crossed.push(pressed.elapsed());
    }
    let crossed = Figures::of(crossed, 0, start.elapsed());

    let filled = survey::filled(site, BURST, 1).await.map_err(words)?;
    let before = waiting(&mut clerk).await?;
    let pressed = Instant::now();
    let accepted = client::run(site, filled, 303).await.map_err(words)?;
    while waiting(&mut clerk).await? < before + BURST {
        if pressed.elapsed() > Duration::from_secs(20) {
            return Err("not all of the burst arrived within 20 s".to_owned());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let burst = pressed.elapsed().as_secs_f64();

    let url = place.town.spare_database("floor").map_err(words)?;
    let bare = floor::accept(&url, 1, times).await?;
    let floor = Some(bare.within(99));
    line("submit → visible to staff, p99", "ms", crossed.within(99), floor, Goal::AtMost(1_000.0));
    detail(&crossed);
    line("200 sent at once, all accepted", "ms", accepted.within(100), None, Goal::AtMost(500.0));
    line("200 sent at once, all visible", "ms", burst * 1e3, None, Goal::AtMost(1_000.0));
    place.close().map_err(words)
}

/// Asks for the list until the number is on it.
async fn seen(clerk: &mut Person<'_>, number: &str, since: Instant) -> Result<(), String> {
    loop {
        clerk.open("/inbox").await.map_err(|error| error.to_string())?;
        if !number.is_empty() && clerk.page.contains(number) {
            return Ok(());
        }
        if since.elapsed() > Duration::from_secs(20) {
            return Err(format!("{number:?} did not arrive within 20 s"));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// How many applications the clerk's list counts.
async fn waiting(clerk: &mut Person<'_>) -> Result<usize, String> {
    clerk.open("/inbox").await.map_err(|error| error.to_string())?;
    inbox::count(&clerk.page).map_err(|error| error.to_string())
}
