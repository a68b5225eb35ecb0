//! The desk's list, as a clerk's browser shows it.

use std::io;

use crate::person::{Person, text_between};
use crate::place::Place;

/// Logs a member of staff in, whose account needs no second step.
///
/// # Errors
/// When there is no such account or it is refused.
pub async fn log_in(place: &Place, clerk: &mut Person<'_>, login_id: &str) -> io::Result<()> {
    clerk.open("/login").await?;
    let password = place.password(login_id)?;
    clerk.send("/login", &[("login_id", login_id), ("password", password.as_str())]).await
}

/// How many applications the list counts.
///
/// # Errors
/// When the page is no list.
pub fn count(page: &str) -> io::Result<usize> {
    // The first pile is the pile of all.
    let piles = text_between(page, "class=\"piles\"", "</ul>").unwrap_or_default();
    let count = text_between(piles, "<b>", "</b>").unwrap_or_default();
    let digits: String = count.chars().filter(char::is_ascii_digit).collect();
    digits.parse().map_err(|_| io::Error::other("a list without a count"))
}

/// The receipt numbers on this page of the list.
#[must_use]
pub fn numbers(page: &str) -> Vec<String> {
    let links = page.split("<a href=\"/applications/").skip(1);
    links.filter_map(|link| link.split(['>', '<']).nth(1)).map(str::to_owned).collect()
}

/// The ids of the applications on this page of the list.
#[must_use]
pub fn ids(page: &str) -> Vec<String> {
    let links = page.split("<a href=\"/applications/").skip(1);
    links.filter_map(|link| link.split('"').next()).map(str::to_owned).collect()
}

/// Where the list goes on.
#[must_use]
pub fn next_page(page: &str) -> Option<String> {
    let nav = text_between(page, "<nav class=\"pages\"", "</nav>")?;
    let link = nav.split("<a ").find(|link| link.contains("rel=\"next\""))?;
    Some(text_between(link, "href=\"", "\"")?.replace("&amp;", "&"))
}
