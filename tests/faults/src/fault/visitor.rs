//! Somebody who fills in a form with a file while something is broken, and never sends it.

use load::person::Paper;
use load::survey;
use town::Town;

use crate::runner::SAID;

/// They come, and whatever they are told is fine: the promise is what was acknowledged.
pub(super) fn comes(town: &Town) {
    let site = town.citizens();
    let words = format!("来ただけの{SAID}");
    let paper = Paper { name: "yomikake.txt".to_owned(), says: format!("{words}\n") };
    tokio::spawn(async move {
        let _ = survey::saying(site, vec![(words, Some(paper))]).await;
    });
}
