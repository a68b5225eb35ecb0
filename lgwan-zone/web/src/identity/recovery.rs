//! 予備コード: for somebody whose authenticator app is lost. Made by the person, shown once, used once.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::{recovery, staff};
use lgwan_zone_store::letters::Letter;
use platform_service::ids;
use platform_web::{CsrfForm, Html, PageResult, Reply, Trouble, Visitor};

use crate::frame::{Frame, Place};
use crate::guard::Who;
use crate::letters::{self, Changed};
use crate::site::Site;
use crate::words;

/// Codes made at once.
const CODES: usize = 10;
/// Letters that are not taken for one another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
/// Letters of a code, in two halves: 50 bits.
const LENGTH: usize = 10;

#[derive(Template)]
#[template(path = "identity/recovery.html")]
struct RecoveryPage {
    frame: Frame,
    /// Whether an authenticator app is registered.
    totp: bool,
    /// When they were made and how many are left.
    there: Option<(String, usize)>,
    /// New ones, shown once.
    codes: Vec<String>,
    login_id: String,
    at: String,
}

/// Shows how many are left.
pub async fn get(State(site): State<Site>, who: Who, visitor: Visitor) -> PageResult {
    Ok(Html(page(&site, &who, &visitor, Vec::new()).await?).into_response())
}

/// Makes new ones; those of before are void.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let before = page(&site, &who, &visitor, Vec::new()).await?;
    if !before.totp {
        return Err(Reply::conflict("identity.no_app").link("/account/totp").into());
    }
    let codes: Vec<String> = std::iter::repeat_with(random).take(CODES).collect();
    let hashes: Vec<String> =
        codes.iter().map(|code| site.vault.recovery(&who.id, &plain(code))).collect();
    let (by, clock) = (who.by(&site), site.clock.clone());
    let letter = letter(&site, &by, &who.id, Changed::Codes).await?;
    let made = site.store.write(move |tx| {
        recovery::make(tx, &by, &hashes)?;
        letter.map_or(Ok(()), |letter| recovery::tell(tx, &clock, &letter))
    });
    made.await?;
    let mut answer = Html(page(&site, &who, &visitor, codes).await?).into_response();
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(answer)
}

/// What is told by mail to a person something of whose log-in was changed; `None` where no mails are sent
/// or the person has no address.
pub(super) async fn letter(
    site: &Site,
    by: &By,
    staff_id: &str,
    what: Changed,
) -> Result<Option<Letter>, Trouble> {
    let id = staff_id.to_owned();
    let person = site.store.read(move |db| staff::find(db, &id)).await?;
    let recipient = person.map_or_else(String::new, |person| person.email);
    let mails = site.settings.mails && !recipient.is_empty();
    let (subject, body) = letters::changed(what, &words::minute(by.at), &by.ip);
    Ok(mails.then_some(Letter { recipient, subject, body }))
}

async fn page(
    site: &Site,
    who: &Who,
    visitor: &Visitor,
    codes: Vec<String>,
) -> Result<RecoveryPage, Trouble> {
    let id = who.id.clone();
    let (person, left) =
        site.store.read(move |db| Ok((staff::find(db, &id)?, recovery::left(db, &id)?))).await?;
    Ok(RecoveryPage {
        frame: Frame::of(site, who, visitor, Place::Elsewhere),
        totp: person.is_some_and(|person| person.totp_secret.is_some()),
        there: left.map(|(made, left)| (words::stored(made), left)),
        codes,
        login_id: who.login_id.clone(),
        at: words::minute(site.clock.now()),
    })
}

fn random() -> String {
    let bytes: [u8; LENGTH] = ids::random();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    let (one, two) = bytes.split_at(LENGTH / 2);
    let half = |bytes: &[u8]| bytes.iter().map(letter).collect::<String>();
    format!("{}-{}", half(one), half(two))
}

/// A code as it is hashed, however it is typed: capitals, no hyphens, no spaces, half width.
pub(super) fn plain(typed: &str) -> String {
    typed
        .chars()
        .map(|c| match c {
            '！'..='～' => char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c),
            other => other,
        })
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_uppercase())
        .take(2 * LENGTH)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-3.5.2b: a code reads the same however it is typed, and no two are alike.
    #[test]
    fn a_code_reads_the_same_however_it_is_typed() {
        for typed in ["ABCDE-23456", " abcde 23456 ", "ＡＢＣＤＥ－２３４５６", "abcde23456"]
        {
            assert_eq!(plain(typed), "ABCDE23456", "{typed}");
        }
        let all: std::collections::BTreeSet<String> =
            std::iter::repeat_with(random).take(100).collect();
        assert_eq!(all.len(), 100);
        assert!(all.iter().all(|code| plain(code).len() == LENGTH && code.len() == LENGTH + 1));
    }
}
