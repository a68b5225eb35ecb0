//! Pages a second through the citizens' listener, and the memory of idle programs.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use town::Database;

use crate::client;
use crate::floor;
use crate::line::{Goal, detail, line};
use crate::place::Place;

const CLIENTS: usize = 200;

/// What people open, and how it is called.
const PAGES: [(&str, &str); 3] = [
    ("front page", "/"),
    ("search", "/procedures?q=%E4%BD%8F%E6%B0%91%E7%A5%A8"),
    ("procedure", "/procedures/juminhyo"),
];

/// Measures the most visited pages.
///
/// # Errors
/// When the town does not start or a page does not answer.
pub async fn measure(each: usize) -> Result<(), String> {
    let words = |error: std::io::Error| error.to_string();
    let place = Place::open(Database::Sqlite).map_err(words)?;
    // Let start-up work end before anything is called idle.
    tokio::time::sleep(Duration::from_secs(2)).await;
    for name in ["internet-zone", "lgwan-zone"] {
        let id = place.town.id_of(name).ok_or("a zone is missing")?;
        line(&format!("{name}, idle"), "MiB", resident(id)?, None, Goal::AtMost(64.0));
    }
    let bare = floor::page(CLIENTS, each).await?;
    let site = place.town.citizens();
    for (what, path) in PAGES {
        let request: Arc<[u8]> =
            format!("GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", site.port())
                .into_bytes()
                .into();
        let figures =
            client::run(site, vec![vec![request; each]; CLIENTS], 200).await.map_err(words)?;
        let floor = Some(bare.per_second());
        line(what, "/s", figures.per_second(), floor, Goal::AtLeast(10_000.0));
        line(
            &format!("{what}, p99"),
            "ms",
            figures.within(99),
            Some(bare.within(99)),
            Goal::AtMost(30.0),
        );
        detail(&figures);
        if figures.bad > 0 {
            return Err(format!("{} answers were not pages", figures.bad));
        }
    }
    place.close().map_err(words)
}

/// Resident memory of a process in MiB.
fn resident(id: u32) -> Result<f64, String> {
    let status =
        fs::read_to_string(format!("/proc/{id}/status")).map_err(|error| error.to_string())?;
    let kib = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = kib.and_then(|rest| rest.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.map(|kib| kib / 1024.0).ok_or_else(|| "no resident size".to_owned())
}
