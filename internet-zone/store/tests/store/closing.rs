//! Closing an account.

use std::collections::BTreeSet;

use internet_zone_store::applications::accept::{self, Accepted, NewApplication};
use internet_zone_store::applications::drafts::{self, NewDraft};
use internet_zone_store::applications::{status, waiting};
use internet_zone_store::identity::closing::{self, Closed, Closing, Kept};
use internet_zone_store::identity::guests::NewGuest;
use internet_zone_store::identity::mandates::{self, Offer};
use internet_zone_store::identity::sessions::{self, NewSession, Session};
use internet_zone_store::identity::{Owner, accounts, readers};
use internet_zone_store::mail::{self, NewLetter};
use internet_zone_store::procedures::NewPool;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;
use crate::mandates::account;

const DAY: i64 = 86_400_000_000;
const POOL: &str = "procedure";

async fn begun(zone: &Fixture, account: &str) -> String {
    let id = zone.id();
    let new = NewDraft {
        id: id.clone(),
        procedure_id: zone.procedure.clone(),
        revision: 1,
        owner: Owner::Account(account.to_owned()),
        delegate: None,
        correction: None,
        answers_sealed: vec![1],
        expires_at: zone.now() + DAY,
    };
    let by = zone.by();
    zone.store.write(move |tx| drafts::begin(tx, &by, &new)).await.expect("a draft");
    id
}

/// The key under which an account is the same person.
fn once(account: &str) -> Vec<u8> {
    account.as_bytes().to_vec()
}

/// Sends one for the only seat; gives its identifier and what became of it.
async fn sent(zone: &Fixture, account: &str) -> (String, Accepted) {
    let draft = begun(zone, account).await;
    let new = zone.application(&draft, Owner::Account(account.to_owned()), &[POOL]);
    let new = NewApplication { waits: true, ..new };
    (new.id.clone(), zone.accept(new).await)
}

/// Gives a mandate to an address.
async fn offered(zone: &Fixture, principal: &str, email: &str) -> String {
    let (id, by) = (zone.id(), zone.by());
    let new = Offer {
        id: id.clone(),
        principal_id: principal.to_owned(),
        delegate_index: email.as_bytes().to_vec(),
        delegate_sealed: vec![1],
        procedures: Some(BTreeSet::from([zone.procedure.clone()])),
        documents: false,
        expires_at: by.at + DAY,
    };
    zone.store.write(move |tx| mandates::offer(tx, &by, &new)).await.expect("an outcome");
    id
}

fn letter(zone: &Fixture) -> NewLetter {
    NewLetter { id: zone.id(), letter_sealed: vec![7] }
}

/// What closes the account as it stands now.
async fn plan(zone: &Fixture, account: &str) -> Closing {
    let me = account.to_owned();
    let there = zone.store.read(move |db| closing::holdings(db, &me)).await.expect("readable");
    let kept = |id: &String| Kept {
        id: id.clone(),
        contact_sealed: Some(vec![5]),
        secret: (vec![6], id.as_bytes().to_vec()),
        once: Some((once(account), vec![9; 32])),
    };
    Closing {
        account: account.to_owned(),
        drafts: there.drafts.iter().map(|one| (one.id.clone(), Vec::new())).collect(),
        answered: there.answered.iter().map(|one| (one.id.clone(), Vec::new())).collect(),
        mandates: there.mandates.iter().map(|one| (one.id.clone(), Some(letter(zone)))).collect(),
        applications: there.applications.iter().map(|one| kept(&one.id)).collect(),
        waiting: there.waiting.iter().map(|one| kept(&one.id)).collect(),
        guest: Some(NewGuest {
            id: zone.id(),
            email: Some((b"hanako".to_vec(), vec![1])),
            at: zone.now(),
        }),
        letter: letter(zone),
    }
}

async fn close(zone: &Fixture, plan: Closing) -> Closed {
    let by = zone.by();
    zone.store.write(move |tx| closing::close(tx, &by, &plan)).await.expect("an outcome")
}

on_both_databases!(
    /// NF-17, NF-16: nothing of an account stays that names it; what was sent is found by number and
    /// secret, a place in line stays, the other side of a mandate is told, and the address registers anew.
    an_account_goes_and_what_was_sent_stays,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let pool = NewPool { pool: POOL.to_owned(), capacity: 1, waitlist: 1 };
        zone.publish_pools(2, vec![pool]).await;
        let (me, taro) = (account(&zone, "hanako").await, account(&zone, "taro").await);
        let (arrived, accepted) = sent(&zone, &taro).await;
        assert!(matches!(accepted, Accepted::Arrived(_)));
        let (waits, accepted) = sent(&zone, &me).await;
        let Accepted::Waits(place) = accepted else { panic!("it waits") };
        let unsent = begun(&zone, &me).await;
        offered(&zone, &me, "taro").await;
        let expires_at = zone.now() + DAY;
        let owner = Owner::Account(me.clone());
        let new = NewSession { id_hash: b"cookie".to_vec(), owner: owner.clone(), expires_at };
        let by = zone.by();
        zone.store.write(move |tx| sessions::open(tx, &by, &new, None, None)).await.expect("open");
        let (id_hash, seen_at) = (b"cookie".to_vec(), zone.now());
        let here = Session { id_hash, owner, seen_at, expires_at, lang: None };
        zone.store.write(move |tx| readers::note(tx, &here, "en")).await.expect("noted");

        // What came after the list was drawn is not closed over.
        let old = plan(&zone, &me).await;
        let late = begun(&zone, &me).await;
        assert_eq!(close(&zone, old).await, Closed::Changed);
        let (kept, now) = ([unsent, late], zone.now());
        for draft in kept.clone() {
            let there = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
            assert!(there.expect("readable").is_some(), "nothing was done");
        }

        let now_it_fits = plan(&zone, &me).await;
        assert_eq!(close(&zone, now_it_fits).await, Closed::Yes);
        for draft in kept {
            let there = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
            assert!(there.expect("readable").is_none(), "it went");
        }
        assert_eq!(zone.store.read(mail::waiting).await.expect("readable"), 2, "he, and she");
        let names = [
            "select id from accounts where id = '#'",
            "select draft_id as id from represented_drafts where principal_id = '#'",
            "select id from mandates where principal_id = '#'",
            "select id from drafts where account_id = '#'",
            "select id from waiting where account_id = '#'",
            "select account_id as id from sessions where account_id = '#'",
        ];
        for sql in names {
            let sql: &'static str = sql.replace('#', &me).leak();
            assert!(zone.ids(sql).await.is_empty(), "{sql}");
        }
        let lang = zone.store.read(|db| readers::of_address(db, b"hanako")).await;
        assert_eq!(lang.expect("readable").as_deref(), Some("en"), "its news stay readable");
        let empty = Closing { drafts: Vec::new(), ..plan(&zone, &me).await };
        assert_eq!(close(&zone, empty).await, Closed::Before, "pressed twice");

        // The place is where it was, and whose turn came is found with the new secret.
        let id = waits.clone();
        let there = zone.store.read(move |db| waiting::find(db, &id)).await.expect("readable");
        let owner = there.expect("it waits").owner;
        assert!(matches!(owner, Some(Owner::Guest(_))), "{owner:?}");
        zone.withdraw(&arrived).await;
        let (id, number) = (waits.clone(), place.number);
        let found = zone.store.read(move |db| {
            Ok((status::find(db, &id)?, status::secret_of(db, &number)?))
        });
        let (application, secret) = found.await.expect("readable");
        let application = application.expect("its turn came");
        assert_eq!(application.owner, owner);
        assert_eq!(application.contact_sealed, Some(vec![5]));
        assert_eq!(secret, Some((waits.clone(), Some(waits.into_bytes()))));
        let again = account(&zone, "hanako").await;
        let found = zone.store.read(|db| accounts::find_by_email(db, b"hanako")).await;
        assert_eq!(found.expect("readable").map(|account| account.id), Some(again));
    }
);

on_both_databases!(
    /// NF-64, NF-17: where a person may apply once, the next account of the address is known, one of another
    /// address is not, and nothing goes by the account that is closed.
    a_closed_account_is_no_second_turn,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let me = account(&zone, "hanako").await;
        let applies = async |account: &str, address: u8| {
            let draft = begun(&zone, account).await;
            let new = zone.application(&draft, Owner::Account(account.to_owned()), &[]);
            let (once, left) = (Some((once(account), None)), Some(vec![address; 32]));
            zone.accept(NewApplication { once, left, ..new }).await
        };
        assert!(matches!(applies(&me, 9).await, Accepted::Arrived(_)));
        assert_eq!(applies(&me, 9).await, Accepted::Twice);
        let closing = plan(&zone, &me).await;
        assert_eq!(close(&zone, closing).await, Closed::Yes);
        let (again, other) = (account(&zone, "hanako").await, account(&zone, "taro").await);
        assert_eq!(applies(&again, 9).await, Accepted::Twice);
        assert!(matches!(applies(&other, 8).await, Accepted::Arrived(_)));
        let (procedure, gone, now) = (zone.procedure.clone(), once(&me), zone.now());
        let read = zone.store.read(move |db| accept::is_taken(db, &procedure, &gone, now));
        assert!(!read.await.expect("readable"), "nothing goes by the account");
    }
);
