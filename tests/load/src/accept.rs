//! Submissions a second: filled forms are sent by many clients at once, each
//! answer waited for. Rules, sealing, number, outbox and audit are all in it.

use std::time::Instant;

use town::Database;

use crate::client;
use crate::fill;
use crate::floor;
use crate::line::{Goal, detail, line};
use crate::place::Place;
use crate::survey;

/// Clients at once.
const CLIENTS: usize = 200;

/// Measures on one kind of database in which so many applications stand already.
///
/// # Errors
/// When the town does not start, or a submission was not accepted.
pub async fn measure(database: Database, each: usize, rows: u32) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let (name, goal) = match database {
        Database::Sqlite => ("SQLite", 3_000.0),
        Database::Postgres => ("PostgreSQL", 1_500.0),
    };
    let mut place = Place::open(database).map_err(words)?;
    let site = place.town.citizens();
    if rows > 0 {
        fill::arrived(place.town.citizens_database(), rows).map_err(|error| error.to_string())?;
        println!("{rows} applications stand in the citizens' database");
    }
    let preparing = Instant::now();
    let filled = survey::filled(site, CLIENTS, 2 * each).await.map_err(words)?;
    println!(
        "{} forms filled in by {CLIENTS} people in {:.1} s",
        CLIENTS * 2 * each,
        preparing.elapsed().as_secs_f64()
    );
    let (first, second): (Vec<_>, Vec<_>) = filled
        .into_iter()
        .map(|mut own| {
            let later = own.split_off(each);
            (own, later)
        })
        .unzip();
    let url = place.town.spare_database("floor").map_err(words)?;
    let bare = floor::accept(&url, CLIENTS, each).await?;

    // Without its outer end the bridge is at rest: accepting has the machine to itself.
    let outer = place.town.kill("outer").map_err(words)?;
    let alone = client::run(site, first, 303).await.map_err(words)?;
    place.town.revive(&outer).map_err(words)?;
    let crossing = client::run(site, second, 303).await.map_err(words)?;

    let floor = Some(bare.per_second());
    line(&format!("accept, {name}"), "/s", alone.per_second(), floor, Goal::AtLeast(goal));
    detail(&alone);
    let what = format!("accept, {name}, all crossing meanwhile");
    line(&what, "/s", crossing.per_second(), floor, Goal::None);
    detail(&crossing);
    if alone.bad + crossing.bad > 0 {
        return Err(format!("{} submissions were not accepted", alone.bad + crossing.bad));
    }
    place.close().map_err(words)
}
