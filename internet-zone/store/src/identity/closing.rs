//! Closing an account (退会, `docs/decisions/0104`): everything that names it ends or goes on without it, in
//! one transaction. What was sent belongs to the city: number and secret lead to it afterwards, as for a
//! guest. Nothing that was known of the person stays but the address of an application that is not decided, and
//! a keyed hash of it where a person may apply once.

use diesel::prelude::*;
use domain::applications::State;
use platform_store::{Db, Tx};

use super::guests::{self, NewGuest};
use super::{Owner, mandates};
use crate::applications::cosigns::{self, Cosign};
use crate::applications::drafts::{self, Draft};
use crate::applications::status::{self, Application};
use crate::applications::waiting::{self, Waiting};
use crate::mail::{self, NewLetter};
use crate::record::{Act, By, record};
use crate::schema::{
    accounts, applications, consents, given_up_keys, guests as guest_rows, mail_tokens,
    mandate_procedures, mandates as mandate_rows, notice_wishes, once_keys, represented_drafts,
    sessions, waiting as waiting_rows,
};

/// What of an account ends with it, or goes on without it.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    /// Unsent forms, corrections and messages: they are thrown away.
    pub drafts: Vec<Draft>,
    /// Everything it sent: it stays with the city.
    pub applications: Vec<Application>,
    /// Places in lines: they stay where they are.
    pub waiting: Vec<Waiting>,
    /// What it answered to forms of others that are not sent: an agreement ends.
    pub answered: Vec<Cosign>,
    /// Mandates it gave or took that nobody has ended: they end.
    pub mandates: Vec<mandates::Row>,
}

/// Reads that.
///
/// # Errors
/// When the database cannot be read.
pub fn holdings(db: &mut Db, account: &str) -> QueryResult<Holdings> {
    let owner = Owner::Account(account.to_owned());
    Ok(Holdings {
        drafts: drafts::all_of(db, account)?,
        applications: status::of(db, &owner, i64::MAX, 0)?,
        waiting: waiting::all_of(db, account)?,
        answered: cosigns::answered_by(db, account)?,
        mandates: mandates::open_of(db, account)?,
    })
}

/// Something sent, and the way that leads to it without the account.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The application, arrived or waiting.
    pub id: String,
    /// Sealed address for mails; `None` when nothing is left to be told.
    pub contact_sealed: Option<Vec<u8>>,
    /// Sealed secret and its keyed hash.
    pub secret: (Vec<u8>, Vec<u8>),
    /// Where a person may apply once by account: the key of the account, and that of the address in its
    /// place. Either is a keyed hash for this procedure alone.
    pub once: Option<(Vec<u8>, Vec<u8>)>,
}

/// What closing an account does. It fits the holdings it was made from, and no others.
#[derive(Clone, Debug)]
pub struct Closing {
    /// The account.
    pub account: String,
    /// Drafts to throw away, each with the letters to those who were asked to agree.
    pub drafts: Vec<(String, Vec<NewLetter>)>,
    /// Answers to forms of others, by row, each with the letters to the applicants.
    pub answered: Vec<(String, Vec<NewLetter>)>,
    /// Mandates to end, each with the letter to the other side.
    pub mandates: Vec<(String, Option<NewLetter>)>,
    /// What arrived.
    pub applications: Vec<Kept>,
    /// What waits for seats.
    pub waiting: Vec<Kept>,
    /// Whose what is not decided is from now on: whoever proves the address.
    pub guest: Option<NewGuest>,
    /// Tells the person.
    pub letter: NewLetter,
}

impl Closing {
    /// Whether it has a word for everything there is, and for nothing else.
    fn fits(&self, there: &Holdings) -> bool {
        let drafts = there.drafts.iter().map(|one| &one.id);
        let sent = there.applications.iter().map(|one| &one.id);
        let waiting = there.waiting.iter().map(|one| &one.id);
        let answered = there.answered.iter().map(|one| &one.id);
        let mandates = there.mandates.iter().map(|one| &one.id);
        sorted(self.drafts.iter().map(|one| &one.0)) == sorted(drafts)
            && sorted(self.applications.iter().map(|one| &one.id)) == sorted(sent)
            && sorted(self.waiting.iter().map(|one| &one.id)) == sorted(waiting)
            && sorted(self.answered.iter().map(|one| &one.0)) == sorted(answered)
            && sorted(self.mandates.iter().map(|one| &one.0)) == sorted(mandates)
            && self.keeps_addresses(there)
    }

    /// Whether exactly what is not over keeps the address: what was decided may be taken up again meanwhile.
    fn keeps_addresses(&self, there: &Holdings) -> bool {
        there.applications.iter().all(|one| {
            let over = State::parse(&one.state).is_ok_and(State::is_end);
            let kept = self.applications.iter().find(|kept| kept.id == one.id);
            kept.is_some_and(|kept| kept.contact_sealed.is_none() == over)
        })
    }
}

fn sorted<'a>(ids: impl Iterator<Item = &'a String>) -> Vec<&'a String> {
    let mut ids: Vec<&String> = ids.collect();
    ids.sort_unstable();
    ids
}

/// What became of closing an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// It is gone.
    Yes,
    /// It was gone already.
    Before,
    /// Something came or went since the holdings were read; nothing was done.
    Changed,
}

/// Closes an account (NF-17). Its address may register anew at once.
///
/// # Errors
/// When the database cannot be written.
pub fn close(tx: &mut Tx<'_>, by: &By, all: &Closing) -> QueryResult<Closed> {
    // Whoever gives a mandate, or closes it in another window, waits here.
    let there: Option<Option<String>> = diesel::update(accounts::table.find(&all.account))
        .set(accounts::mandates.eq(accounts::mandates))
        .returning(accounts::lang)
        .get_result(tx.db)
        .optional()?;
    let Some(lang) = there else { return Ok(Closed::Before) };
    let holdings = holdings(tx.db, &all.account)?;
    for draft in &holdings.drafts {
        // What is sent at this moment is no draft any more.
        if !drafts::hold(tx, &draft.id, draft.version)? {
            return Ok(Closed::Changed);
        }
    }
    if !all.fits(&holdings) {
        return Ok(Closed::Changed);
    }
    end(tx, by, all)?;
    let guest = all.guest.as_ref().map(|guest| guests::admit(tx, guest)).transpose()?;
    if let (Some(guest), Some(lang)) = (&guest, lang) {
        // What is still told of comes in the language the account was read in.
        diesel::update(guest_rows::table.find(guest))
            .set(guest_rows::lang.eq(Some(lang)))
            .execute(tx.db)?;
    }
    keep(tx, all, guest.as_deref(), by.at)?;
    forget(tx, &all.account)?;
    mail::queue(tx, &all.letter, by.at)?;
    record(tx, by, Act::AccountClosed, &all.account);
    Ok(Closed::Yes)
}

/// Ends what ends, and tells whom it concerns.
fn end(tx: &mut Tx<'_>, by: &By, all: &Closing) -> QueryResult<()> {
    for (draft, letters) in &all.drafts {
        if drafts::discard(tx, by, draft)? {
            queue(tx, letters, by.at)?;
        }
    }
    for (cosign, letters) in &all.answered {
        if cosigns::leave(tx, by, cosign, &all.account)? {
            queue(tx, letters, by.at)?;
        }
    }
    for (mandate, letter) in &all.mandates {
        if mandates::end(tx, by, mandate)? {
            queue(tx, letter.as_slice(), by.at)?;
        }
    }
    Ok(())
}

fn queue(tx: &mut Tx<'_>, letters: &[NewLetter], at: i64) -> QueryResult<()> {
    letters.iter().try_for_each(|letter| mail::queue(tx, letter, at))
}

/// Leaves what was sent to its number and secret. What is still to be told of goes to the address, and is
/// that of whoever proves it.
fn keep(tx: &mut Tx<'_>, all: &Closing, guest: Option<&str>, at: i64) -> QueryResult<()> {
    for one in &all.applications {
        let own = applications::table.find(&one.id);
        diesel::update(own.filter(applications::account_id.eq(&all.account)))
            .set((
                applications::account_id.eq(None::<String>),
                applications::guest_id.eq(guest.filter(|_| one.contact_sealed.is_some())),
                applications::contact_sealed.eq(&one.contact_sealed),
                applications::secret_sealed.eq(Some(&one.secret.0)),
                applications::secret_hash.eq(Some(&one.secret.1)),
            ))
            .execute(tx.db)?;
    }
    for one in &all.waiting {
        let own = waiting_rows::table.find(&one.id);
        diesel::update(own.filter(waiting_rows::account_id.eq(&all.account)))
            .set((
                waiting_rows::account_id.eq(None::<String>),
                waiting_rows::guest_id.eq(guest.filter(|_| one.contact_sealed.is_some())),
                waiting_rows::contact_sealed.eq(&one.contact_sealed),
                waiting_rows::secret_sealed.eq(Some(&one.secret.0)),
                waiting_rows::secret_hash.eq(Some(&one.secret.1)),
            ))
            .execute(tx.db)?;
    }
    all.applications.iter().chain(&all.waiting).try_for_each(|one| rekey(tx, one, at))
}

/// 「一人一回」 goes on by the address: the identifier of the account will be nobody's.
fn rekey(tx: &mut Tx<'_>, one: &Kept, at: i64) -> QueryResult<()> {
    let Some((account, address)) = &one.once else { return Ok(()) };
    let own = || {
        once_keys::table
            .filter(once_keys::application_id.eq(&one.id))
            .filter(once_keys::key_hash.eq(account))
    };
    let procedure: Option<String> =
        own().select(once_keys::procedure_id).first(tx.db).optional()?;
    if let Some(procedure) = procedure {
        let over = once_keys::table.find((&procedure, address));
        diesel::delete(over.filter(once_keys::expires_at.le(at))).execute(tx.db)?;
        // An account before this one may have had the same address.
        let known = once_keys::table.find((&procedure, address));
        if known.count().get_result::<i64>(tx.db)? == 0 {
            diesel::update(own()).set(once_keys::key_hash.eq(address)).execute(tx.db)?;
        }
    }
    let given_up = given_up_keys::table.find(&one.id);
    diesel::update(given_up.filter(given_up_keys::key_hash.eq(account)))
        .set(given_up_keys::key_hash.eq(address))
        .execute(tx.db)?;
    Ok(())
}

/// Deletes every other row that names the account, its own last.
fn forget(tx: &mut Tx<'_>, account: &str) -> QueryResult<()> {
    let either = mandate_rows::principal_id.eq(account).or(mandate_rows::delegate_id.eq(account));
    let ended: Vec<String> =
        mandate_rows::table.filter(either).select(mandate_rows::id).load(tx.db)?;
    diesel::delete(mandate_procedures::table.filter(mandate_procedures::mandate_id.eq_any(&ended)))
        .execute(tx.db)?;
    diesel::delete(mandate_rows::table.filter(mandate_rows::id.eq_any(&ended))).execute(tx.db)?;
    diesel::delete(represented_drafts::table.filter(represented_drafts::principal_id.eq(account)))
        .execute(tx.db)?;
    diesel::delete(represented_drafts::table.filter(represented_drafts::delegate_id.eq(account)))
        .execute(tx.db)?;
    diesel::delete(notice_wishes::table.filter(notice_wishes::account_id.eq(account)))
        .execute(tx.db)?;
    diesel::delete(consents::table.filter(consents::account_id.eq(account))).execute(tx.db)?;
    diesel::delete(mail_tokens::table.filter(mail_tokens::account_id.eq(account)))
        .execute(tx.db)?;
    diesel::delete(sessions::table.filter(sessions::account_id.eq(account))).execute(tx.db)?;
    diesel::delete(accounts::table.find(account)).execute(tx.db)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use platform_store::{NoJournal, Store, StoreConfig, shape};
    use platform_testkit::TempDir;

    /// The tables that name an account, and what closing it does with their rows.
    const KNOWN: [&str; 10] = [
        // Handed to number and secret.
        "applications",
        "consents",
        // An agreement to what was sent stays, under an identifier that leads to nobody.
        "cosigns",
        "drafts",
        "mail_tokens",
        "mandates",
        "notice_wishes",
        "represented_drafts",
        "sessions",
        "waiting",
    ];

    /// NF-17: nothing that names an account is forgotten when it is closed. A new table that names
    /// accounts and is not listed fails here.
    #[tokio::test]
    async fn every_table_that_names_an_account_is_known() {
        let folder = TempDir::new();
        let url = StoreConfig::at(folder.sqlite_url());
        let store = Store::open(&url, crate::migrations(), Box::new(NoJournal)).expect("opens");
        let lines = store.read(shape::lines).await.expect("readable");
        let columns = ["account_id", "principal_id", "delegate_id"];
        let mut there: Vec<&str> = lines
            .iter()
            .filter_map(|line| {
                let (table, rest) = line.split_once(" column ")?;
                columns.contains(&rest.split(' ').next()?).then_some(table)
            })
            .collect();
        there.sort_unstable();
        there.dedup();
        assert_eq!(there, KNOWN);
    }
}
