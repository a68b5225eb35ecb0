//! What citizens were promised, and what the desk has.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use load::client::Connection;
use load::inbox;
use load::person::Person;
use load::place::Place;
use load::survey::Saying;

/// Time in which somebody must answer, and in which everything must have crossed.
const PATIENCE: Duration = platform_testkit::PATIENCE;
/// 受付停止, or the service is going down.
const NOT_NOW: u16 = 503;
/// A fault of ours, with a reference.
const OURS: u16 = 500;
/// Of the department that the survey goes to.
const CLERK: &str = "s0104";

/// Every receipt that was given: the application's id, what its form said, and the file
/// that was sent along.
#[derive(Debug, Default)]
pub struct Ledger {
    all: BTreeMap<String, Saying>,
    /// Those whose words the desk has not been asked for yet.
    unread: Vec<String>,
}

impl Ledger {
    /// How many receipts were given.
    #[must_use]
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// Whether none was given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Writes down where a receipt is and what the form said.
    ///
    /// # Errors
    /// When the receipt was given before.
    pub fn write(&mut self, receipt: &str, said: Saying) -> io::Result<()> {
        let id = receipt.split('/').nth(2).unwrap_or_default().to_owned();
        if id.is_empty() || self.all.insert(id.clone(), said).is_some() {
            return Err(io::Error::other(format!("{receipt} was given twice, or is none")));
        }
        self.unread.push(id);
        Ok(())
    }

    /// I1, I2: waits until the clerk's list counts as many as receipts were given,
    /// then compares each: the same applications, each once, with its own words, and its own
    /// file with what was in it (I10, NF-32).
    ///
    /// # Errors
    /// When one is missing after a minute, is there twice, is nobody's, or says
    /// what another one said.
    pub async fn compare(&mut self, place: &Place) -> io::Result<()> {
        let site = place.town.staff();
        let mut connection = Connection::open(site).await?;
        let mut clerk = Person::new(site, &mut connection);
        inbox::log_in(place, &mut clerk, CLERK).await?;
        let found = at_the_desk(&mut clerk, self.len()).await?;
        let expected: BTreeSet<&String> = self.all.keys().collect();
        if let Some(odd) = expected.symmetric_difference(&found.iter().collect()).next() {
            return Err(io::Error::other(format!(
                "{odd} is at the desk or in the ledger, not both"
            )));
        }
        for id in &self.unread {
            clerk.open(&format!("/applications/{id}")).await?;
            let (words, paper) = &self.all[id];
            if !clerk.page.contains(words.as_str()) {
                return Err(io::Error::other(format!("{id} does not say what was sent")));
            }
            let papers = papers(&clerk.page, id);
            if papers.len() != usize::from(paper.is_some()) {
                return Err(io::Error::other(format!("{id} has {} files", papers.len())));
            }
            for (address, paper) in papers.iter().zip(paper) {
                let request = clerk.get(address);
                let (answer, _) = clerk.ask(&request).await?;
                if answer.status != 200 || !same(&answer.body, &paper.says) {
                    return Err(io::Error::other(format!("{id}: {} is another file", paper.name)));
                }
            }
        }
        self.unread.clear();
        Ok(())
    }
}

/// Where the files of an application are saved from.
fn papers(page: &str, id: &str) -> BTreeSet<String> {
    let place = format!("/applications/{id}/attachments/");
    let links = page.split("href=\"").skip(1).filter_map(|link| link.split('"').next());
    let own = links.filter(|link| link.starts_with(&place) && !link.ends_with("/view"));
    own.map(str::to_owned).collect()
}

/// A rebuilt text has the words that were sent; its mark and line ends are ours.
fn same(rebuilt: &[u8], sent: &str) -> bool {
    let Ok(text) = std::str::from_utf8(rebuilt) else { return false };
    text.strip_prefix('\u{FEFF}').unwrap_or(text).lines().eq(sent.lines())
}

/// Sends every form until it has its receipt; whoever gets no answer, or is told
/// that nothing is accepted now, sends again. Returns where the receipts are, in
/// the order of the forms.
///
/// # Errors
/// When a form is refused, or nobody answers for a minute.
pub async fn press(site: SocketAddr, forms: Vec<Arc<[u8]>>) -> io::Result<Vec<String>> {
    press_at(site, forms, &[NOT_NOW]).await
}

/// The same where a disk cannot be read: whoever is shown a page with a reference sends again, too.
///
/// # Errors
/// As [`press`].
pub async fn press_on(site: SocketAddr, forms: Vec<Arc<[u8]>>) -> io::Result<Vec<String>> {
    press_at(site, forms, &[NOT_NOW, OURS]).await
}

async fn press_at(
    site: SocketAddr,
    forms: Vec<Arc<[u8]>>,
    again: &'static [u16],
) -> io::Result<Vec<String>> {
    let people: Vec<_> =
        forms.into_iter().map(|form| tokio::spawn(press_one(site, form, again))).collect();
    let mut receipts = Vec::with_capacity(people.len());
    for person in people {
        receipts.push(person.await.map_err(io::Error::other)??);
    }
    Ok(receipts)
}

async fn press_one(site: SocketAddr, form: Arc<[u8]>, again: &'static [u16]) -> io::Result<String> {
    let until = Instant::now() + PATIENCE;
    loop {
        let answer = match Connection::open(site).await {
            Ok(mut connection) => connection.ask(&form).await,
            Err(error) => Err(error),
        };
        match answer {
            Ok(answer) if answer.status == 303 => {
                let receipt = answer.header("location").filter(|to| to.ends_with("/receipt"));
                let receipt = receipt.map(str::to_owned);
                return receipt.ok_or_else(|| io::Error::other("a redirect to no receipt"));
            }
            Ok(answer) if again.contains(&answer.status) && Instant::now() < until => {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            Ok(answer) => return Err(io::Error::other(format!("status {}", answer.status))),
            Err(error) if Instant::now() > until => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

/// Waits until the clerk's list counts this many, then reads all their ids.
async fn at_the_desk(clerk: &mut Person<'_>, expected: usize) -> io::Result<BTreeSet<String>> {
    let until = Instant::now() + PATIENCE;
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
        for id in inbox::ids(&clerk.page) {
            if !found.insert(id.clone()) {
                return Err(io::Error::other(format!("{id} is there twice")));
            }
        }
        match inbox::next_page(&clerk.page) {
            Some(next) => clerk.open(&next).await?,
            None => return Ok(found),
        }
    }
}
