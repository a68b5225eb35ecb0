//! Accounts, sessions, links, tries.

use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, NewDraft};
use internet_zone_store::identity::accounts::{self, NewAccount, Registered};
use internet_zone_store::identity::consents::{self, Agreement};
use internet_zone_store::identity::guests::{self, NewGuest};
use internet_zone_store::identity::sessions::{self, NewSession};
use internet_zone_store::identity::tokens::{self, NewToken, Purpose};
use internet_zone_store::identity::{Owner, tries};
use jiff::SignedDuration;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

const MINUTE: i64 = 60_000_000;

async fn register(zone: &Fixture, email: &str) -> (String, Registered) {
    let id = zone.id();
    let new = NewAccount {
        id: id.clone(),
        email_index: email.as_bytes().to_vec(),
        email_sealed: vec![1],
        profile_sealed: vec![2],
        password_hash: "hash".to_owned(),
    };
    let by = zone.by();
    let done = zone.store.write(move |tx| accounts::register(tx, &by, &new)).await;
    (id, done.expect("an outcome"))
}

async fn sign_in(zone: &Fixture, account: &str, cookie: &[u8], replacing: Option<&[u8]>) {
    sign_in_from(zone, account, cookie, replacing, None).await;
}

/// The same from the form of a draft.
async fn sign_in_from(
    zone: &Fixture,
    account: &str,
    cookie: &[u8],
    replacing: Option<&[u8]>,
    draft: Option<&str>,
) {
    let new = NewSession {
        id_hash: cookie.to_vec(),
        owner: Owner::Account(account.to_owned()),
        expires_at: zone.now() + 12 * 60 * MINUTE,
    };
    let (by, old) = (zone.by(), replacing.map(<[u8]>::to_vec));
    let along = draft.map(str::to_owned);
    zone.store
        .write(move |tx| sessions::open(tx, &by, &new, old.as_deref(), along.as_deref()))
        .await
        .expect("open");
}

async fn live(zone: &Fixture, cookie: &[u8]) -> bool {
    let (cookie, now) = (cookie.to_vec(), zone.now());
    let found = zone.store.read(move |db| sessions::find(db, &cookie, now, 30 * MINUTE)).await;
    found.expect("readable").is_some()
}

on_both_databases!(
    /// NF-17: an address has one account.
    an_address_has_one_account,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        assert_eq!(register(&zone, "hanako").await.1, Registered::Yes);
        assert_eq!(register(&zone, "hanako").await.1, Registered::AddressTaken);
    }
);

on_both_databases!(
    /// NF-18: a session ends after 30 idle minutes, and after 12 hours whatever happens.
    a_session_ends_when_idle_and_at_its_absolute_end,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (account, _) = register(&zone, "hanako").await;
        sign_in(&zone, &account, b"cookie", None).await;
        zone.clock.advance(SignedDuration::from_mins(29));
        assert!(live(&zone, b"cookie").await);
        zone.clock.advance(SignedDuration::from_mins(1));
        assert!(!live(&zone, b"cookie").await, "30 minutes without a request");

        sign_in(&zone, &account, b"busy", None).await;
        for _ in 0..36 {
            zone.clock.advance(SignedDuration::from_mins(20));
            let now = zone.now();
            zone.store.write(move |tx| sessions::touch(tx, b"busy", now)).await.expect("touched");
        }
        assert!(!live(&zone, b"busy").await, "12 hours after signing in");
    }
);

on_both_databases!(
    /// NF-18: the session id known before signing in is worth nothing after it.
    signing_in_replaces_the_session,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (account, _) = register(&zone, "hanako").await;
        sign_in(&zone, &account, b"before", None).await;
        sign_in(&zone, &account, b"after", Some(b"before")).await;
        assert!(!live(&zone, b"before").await && live(&zone, b"after").await);
    }
);

/// A guest's session with a draft begun in it; gives the draft.
async fn guest_with_draft(zone: &Fixture, email: Option<&str>, cookie: &[u8]) -> String {
    let (guest, id) = (zone.id(), zone.id());
    let owner = Owner::Guest(guest.clone());
    let email = email.map(|email| (email.as_bytes().to_vec(), vec![1]));
    let draft = NewDraft {
        id: id.clone(),
        procedure_id: zone.procedure.clone(),
        revision: 1,
        owner: owner.clone(),
        delegate: None,
        correction: None,
        answers_sealed: vec![1],
        expires_at: zone.now() + 60 * MINUTE,
    };
    let expires_at = zone.now() + 60 * MINUTE;
    let new = NewSession { id_hash: cookie.to_vec(), owner, expires_at };
    let by = zone.by();
    zone.store
        .write(move |tx| {
            guests::admit(tx, &NewGuest { id: guest, email, at: by.at })?;
            drafts::begin(tx, &by, &draft)?;
            sessions::open(tx, &by, &new, None, None)
        })
        .await
        .expect("a session");
    id
}

async fn owner_of(zone: &Fixture, draft: &str) -> Owner {
    let (draft, now) = (draft.to_owned(), zone.now());
    let found = zone.store.read(move |db| drafts::find(db, &draft, now)).await.expect("readable");
    found.expect("it is there").0.owner
}

on_both_databases!(
    /// NF-17, NF-60: the form from which somebody signs in goes along, and everything begun with the
    /// account's own address; what else was begun at the same device may be another person's, and stays.
    signing_in_takes_the_form_along_from_which_it_was_begun,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (account, _) = register(&zone, "hanako").await;
        for (email, named, moves) in [
            (None, true, true),
            (None, false, false),
            (Some("hanako"), false, true),
            (Some("taro"), true, false),
        ] {
            let case = format!("{email:?} {named}");
            let cookie = format!("guest {case}").into_bytes();
            let draft = guest_with_draft(&zone, email, &cookie).await;
            let before = owner_of(&zone, &draft).await;
            let (new, from) = (format!("in {case}"), named.then_some(draft.as_str()));
            sign_in_from(&zone, &account, new.as_bytes(), Some(&cookie), from).await;
            let after = if moves { Owner::Account(account.clone()) } else { before };
            assert_eq!(owner_of(&zone, &draft).await, after, "{case}");
        }
        // The name of somebody else's draft brings nothing along.
        let other = guest_with_draft(&zone, None, b"elsewhere").await;
        let before = owner_of(&zone, &other).await;
        guest_with_draft(&zone, None, b"here").await;
        sign_in_from(&zone, &account, b"in", Some(b"here"), Some(&other)).await;
        assert_eq!(owner_of(&zone, &other).await, before);
        // The same for whom a link by mail makes known.
        for named in [true, false] {
            let cookie = format!("nobody {named}").into_bytes();
            let draft = guest_with_draft(&zone, None, &cookie).await;
            let before = owner_of(&zone, &draft).await;
            let (_, known) = zone.draft().await;
            let expires_at = zone.now() + MINUTE;
            let id_hash = format!("known {named}").into_bytes();
            let new = NewSession { id_hash, owner: known.clone(), expires_at };
            let (by, along) = (zone.by(), named.then(|| draft.clone()));
            zone.store
                .write(move |tx| sessions::open(tx, &by, &new, Some(&cookie), along.as_deref()))
                .await
                .expect("open");
            assert_eq!(owner_of(&zone, &draft).await, if named { known } else { before });
        }
    }
);

on_both_databases!(
    /// NF-18: a new password ends every other session.
    a_new_password_ends_other_sessions,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (account, _) = register(&zone, "hanako").await;
        sign_in(&zone, &account, b"here", None).await;
        sign_in(&zone, &account, b"elsewhere", None).await;
        let by = zone.by();
        zone.store
            .write(move |tx| accounts::change_password(tx, &by, &account, "new", Some(b"here")))
            .await
            .expect("changed");
        assert!(live(&zone, b"here").await && !live(&zone, b"elsewhere").await);
    }
);

on_both_databases!(
    /// A link is good once, for its purpose, until its end.
    a_link_is_good_once_and_for_a_while,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let issue = |hash: &'static [u8]| {
            let at = zone.now();
            let new = NewToken {
                hash: hash.to_vec(),
                purpose: Purpose::Reset,
                payload_sealed: vec![1],
                account_id: None,
                at,
                expires_at: at + 30 * MINUTE,
            };
            zone.store.write(move |tx| tokens::issue(tx, &new))
        };
        let spend = |hash: &'static [u8], purpose| {
            let now = zone.now();
            let store = zone.store.clone();
            async move { store.write(move |tx| tokens::spend(tx, hash, purpose, now)).await }
        };
        issue(b"one").await.expect("issued");
        assert!(!spend(b"one", Purpose::Register).await.expect("an outcome"));
        let (first, second) = tokio::join!(spend(b"one", Purpose::Reset), spend(b"one", Purpose::Reset));
        let good = [first, second].into_iter().filter(|used| *used.as_ref().expect("an outcome"));
        assert_eq!(good.count(), 1, "used at the same moment");
        issue(b"two").await.expect("issued");
        zone.clock.advance(SignedDuration::from_mins(30));
        assert!(!spend(b"two", Purpose::Reset).await.expect("an outcome"));
    }
);

on_both_databases!(
    /// IK-3.5.2b: a hundred tries at the same moment get no further than the free ones.
    tries_at_the_same_moment_are_charged_one_by_one,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let (store, now) = (zone.store.clone(), zone.clock.now());
            all.spawn(async move { store.write(move |tx| tries::charge(tx, b"hanako", now)).await });
        }
        let mut allowed = 0;
        while let Some(charged) = all.join_next().await {
            allowed += usize::from(charged.expect("no panic").expect("an outcome").is_ok());
        }
        assert!(allowed <= 3, "{allowed} of 100 were allowed");
        let now = zone.clock.now();
        zone.store.write(|tx| tries::forgive(tx, b"hanako")).await.expect("forgiven");
        let again = zone.store.write(move |tx| tries::charge(tx, b"hanako", now)).await;
        assert!(again.expect("an outcome").is_ok(), "a right try is forgiven");
    }
);

on_both_databases!(
    /// NF-43: every change has its event, and the log verifies.
    every_change_is_in_the_log,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (account, _) = register(&zone, "hanako").await;
        sign_in(&zone, &account, b"cookie", None).await;
        let by = By { actor: format!("account:{account}"), ..zone.by() };
        let id = account.clone();
        zone.store
            .write(move |tx| accounts::save_profile(tx, &by, &id, b"sealed"))
            .await
            .expect("saved");
        let verdict = zone.store.read(|db| platform_audit::verify(db, None)).await;
        // One publication, one registration, one sign-in, one change.
        assert!(matches!(
            verdict.expect("readable"),
            platform_audit::Verdict::Whole { events: 4, .. }
        ));
    }
);

on_both_databases!(
    /// NF-62: who agreed to the terms of use agreed to that version of them; a new version is asked
    /// for once more, the old consent stays, and one person's consent is nobody else's.
    a_new_version_of_the_terms_is_agreed_to_anew,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (hanako, _) = register(&zone, "hanako").await;
        let (taro, _) = register(&zone, "taro").await;
        let agrees = async |account: &str, version: &str| {
            let agreement =
                Agreement { id: zone.id(), version: version.to_owned(), sha256: vec![7; 32] };
            let (by, owner) = (zone.by(), Owner::Account(account.to_owned()));
            let done = zone.store.write(move |tx| consents::agree(tx, &by, &owner, &agreement));
            done.await.expect("recorded");
        };
        let agreed = async |account: &str, version: &'static str| {
            let owner = Owner::Account(account.to_owned());
            let found = zone.store.read(move |db| consents::agreed(db, &owner, version)).await;
            found.expect("readable")
        };
        agrees(&hanako, "2026-04-01").await;
        assert!(agreed(&hanako, "2026-04-01").await);
        assert!(!agreed(&hanako, "2027-04-01").await, "the new version is asked for");
        assert!(!agreed(&taro, "2026-04-01").await);
        agrees(&hanako, "2027-04-01").await;
        assert!(agreed(&hanako, "2027-04-01").await && agreed(&hanako, "2026-04-01").await);
    }
);
