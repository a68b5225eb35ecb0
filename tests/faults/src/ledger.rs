//! What citizens were promised, and what the desk has.

use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load::client::Connection;
use load::inbox;
use load::person::Person;
use load::place::Place;
use tokio::task::JoinSet;

/// Time in which somebody must answer, and in which everything must have crossed.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends every form until it has its receipt; whoever gets no answer sends again.
/// Returns where the receipts are.
///
/// # Errors
/// When a form is refused, or nobody answers for a minute.
pub async fn press(site: SocketAddr, forms: Vec<Arc<[u8]>>) -> io::Result<Vec<String>> {
    let mut people = JoinSet::new();
    for form in forms {
        people.spawn(press_one(site, form));
    }
    people.join_all().await.into_iter().collect()
}

async fn press_one(site: SocketAddr, form: Arc<[u8]>) -> io::Result<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = match Connection::open(site).await {
            Ok(mut connection) => connection.ask(&form).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) if answer.status == 303 => {
                let receipt = answer.header("location").map(str::to_owned);
                return receipt.ok_or_else(|| io::Error::other("a receipt without address"));
            }
            Ok(answer) => return Err(io::Error::other(format!("status {}", answer.status))),
            Err(error) if Instant::now() > until => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Waits until the clerk's list counts this many, then reads all its numbers.
///
/// # Errors
/// When it counts fewer after a minute, more at any time, or one twice.
pub async fn at_the_desk(place: &Place, expected: usize) -> io::Result<BTreeSet<String>> {
    /// Of the department that the survey goes to.
    const CLERK: &str = "s0104";
    let (site, until) = (place.town.staff(), Instant::now() + PATIENCE);
    let mut connection = Connection::open(site).await?;
    let mut clerk = Person::new(site, &mut connection);
    inbox::log_in(place, &mut clerk, CLERK).await?;
    loop {
        clerk.open("/inbox").await?;
        let count = inbox::count(&clerk.page)?;
        if count == expected {
            break;
        }
        if count > expected || Instant::now() > until {
            return Err(io::Error::other(format!("the desk has {count} of {expected}")));
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // Lines and count of one page are two looks at the database; now nothing moves.
    clerk.open("/inbox").await?;
    let mut found = BTreeSet::new();
    loop {
        for number in inbox::numbers(&clerk.page) {
            if !found.insert(number.clone()) {
                return Err(io::Error::other(format!("{number} is there twice")));
            }
        }
        match inbox::next_page(&clerk.page) {
            Some(next) => clerk.open(&next).await?,
            None => return Ok(found),
        }
    }
}
