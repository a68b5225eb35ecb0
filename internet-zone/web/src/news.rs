//! News by mail for who asked for them (IK-2.1.1a): topics, and the letter.

use std::collections::BTreeSet;

use domain::forms::definition::Words;
use internet_zone_store::bulletins::{Bulletin, NewBulletin};
use internet_zone_store::identity::accounts::Account;
use internet_zone_store::mail::NewLetter;

use crate::identity::{news, profile};
use crate::letters::{Letter, Template};
use crate::site::{Notice, Site};

/// The topics of something with these categories and events of life.
#[must_use]
pub fn topics(categories: &[String], life_events: &[String]) -> BTreeSet<String> {
    let categories = categories.iter().map(|code| format!("category.{code}"));
    categories.chain(life_events.iter().map(|code| format!("life.{code}"))).collect()
}

/// An announcement as something to tell; the same day and heading is the same announcement.
#[must_use]
pub fn announcement(notice: &Notice) -> NewBulletin {
    let title = Words::from(notice.title.as_str());
    NewBulletin {
        id: format!("notice:{}:{}", notice.date, notice.title),
        topics: notice.topics.clone(),
        title: serde_json::to_string(&title).unwrap_or_default(),
        path: "/notices".to_owned(),
    }
}

/// The mail to one account, in the language it read last; `None` when its address does not open.
#[must_use]
pub fn letter(site: &Site, bulletin: &Bulletin, account: &Account) -> Option<NewLetter> {
    let title: Words = serde_json::from_str(&bulletin.title).ok()?;
    let is_procedure = bulletin.id.starts_with("procedure:");
    let template = if is_procedure { Template::NewProcedure } else { Template::Announced };
    let email = profile::email(&site.vault, account);
    let base = &site.city.base_url;
    let letter = Letter::new(&email, template)
        .about(&title)
        .with("link", format!("{base}{}", bulletin.path))
        .with("stop", format!("{base}{}", news::stop_path(&site.vault, &account.id)));
    (!email.is_empty()).then(|| letter.seal(&site.vault, site.new_id()))
}
