//! Who may act for whom.

use std::collections::BTreeSet;

use domain::identity::{Mandate, Scope};
use domain::ids::ProcedureId;
use internet_zone_store::By;
use internet_zone_store::identity::accounts::{self, NewAccount};
use internet_zone_store::identity::mandates::{self, Offer, Offered};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

const DAY: i64 = 86_400_000_000;

pub(crate) async fn account(zone: &Fixture, email: &str) -> String {
    let id = zone.id();
    let new = NewAccount {
        id: id.clone(),
        email_index: email.as_bytes().to_vec(),
        email_sealed: vec![1],
        profile_sealed: vec![2],
        password_hash: "hash".to_owned(),
    };
    let by = zone.by();
    zone.store.write(move |tx| accounts::register(tx, &by, &new)).await.expect("registered");
    id
}

/// Offers a mandate for a day; gives its identifier and the outcome.
async fn offer(
    zone: &Fixture,
    principal: &str,
    email: &str,
    procedures: Option<BTreeSet<String>>,
) -> (String, Offered) {
    let (id, by) = (zone.id(), zone.by());
    let new = Offer {
        id: id.clone(),
        principal_id: principal.to_owned(),
        delegate_index: email.as_bytes().to_vec(),
        delegate_sealed: vec![1],
        procedures,
        documents: false,
        expires_at: by.at + DAY,
    };
    (id, zone.store.write(move |tx| mandates::offer(tx, &by, &new)).await.expect("an outcome"))
}

async fn accept(zone: &Fixture, id: &str, delegate: &str) -> bool {
    let (id, delegate, by) = (id.to_owned(), delegate.to_owned(), zone.by());
    zone.store.write(move |tx| mandates::accept(tx, &by, &id, &delegate)).await.expect("an outcome")
}

async fn end(zone: &Fixture, id: &str) -> bool {
    let (id, by) = (id.to_owned(), zone.by());
    zone.store.write(move |tx| mandates::end(tx, &by, &id)).await.expect("an outcome")
}

async fn scope(zone: &Fixture, principal: &str, delegate: &str, later: i64) -> Option<Scope> {
    let at = zone.now() + later;
    right(zone, (principal, delegate), &zone.procedure, at).await.map(|mandate| mandate.scope)
}

/// What counts between the two in a procedure at a moment.
async fn right(
    zone: &Fixture,
    (principal, delegate): (&str, &str),
    procedure: &str,
    at: i64,
) -> Option<Mandate> {
    let (principal, delegate) = (principal.to_owned(), delegate.to_owned());
    let procedure = procedure.to_owned();
    let live = zone
        .store
        .read(move |db| mandates::live(db, (&principal, &delegate), &procedure, at))
        .await;
    live.expect("readable")
}

on_both_databases!(
    /// NF-16: a mandate counts from its acceptance until it ends or its time is over, for the
    /// procedures it names and between these two accounts only.
    a_mandate_counts_between_acceptance_and_end,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (hanako, taro) = (account(&zone, "hanako").await, account(&zone, "taro").await);
        let named = BTreeSet::from([zone.procedure.clone()]);
        let (id, offered) = offer(&zone, &hanako, "taro", Some(named)).await;
        assert_eq!(offered, Offered::Yes);
        assert_eq!(scope(&zone, &hanako, &taro, 0).await, None, "nobody accepted");
        assert!(accept(&zone, &id, &taro).await);
        assert!(!accept(&zone, &id, &taro).await, "pressed twice");
        let Some(Scope::Only(covers)) = scope(&zone, &hanako, &taro, 0).await else {
            panic!("a scope of one procedure")
        };
        assert_eq!(covers.len(), 1);
        assert_eq!(scope(&zone, &taro, &hanako, 0).await, None, "not the other way round");
        assert_eq!(scope(&zone, &hanako, &taro, DAY).await, None, "its time is over");
        assert!(end(&zone, &id).await);
        assert!(!end(&zone, &id).await, "pressed twice");
        assert_eq!(scope(&zone, &hanako, &taro, 0).await, None, "it ended");
        assert!(!accept(&zone, &id, &taro).await, "what ended is not accepted again");
    }
);

on_both_databases!(
    /// NF-16: who was asked at an old address and at a new one may do what either mandate allows.
    of_two_mandates_of_a_pair_the_one_that_covers_counts,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (hanako, taro) = (account(&zone, "hanako").await, account(&zone, "taro").await);
        let (own, other) = (zone.procedure.clone(), zone.id());
        for (address, named) in [("taro", &own), ("taro-new", &other)] {
            let named = Some(BTreeSet::from([named.clone()]));
            let (id, _) = offer(&zone, &hanako, address, named).await;
            assert!(accept(&zone, &id, &taro).await);
        }
        let pair = (hanako.as_str(), taro.as_str());
        for procedure in [&own, &other] {
            let found = right(&zone, pair, procedure, zone.now()).await.expect("a right");
            let procedure = ProcedureId::parse(procedure).expect("an id");
            assert!(found.scope.covers(&procedure), "{found:?}");
        }
        let third = right(&zone, pair, &zone.id(), zone.now()).await.expect("a right");
        let third = third.scope;
        assert!(matches!(third, Scope::Only(named) if named.len() == 1), "neither covers it");

        // One of everything, with documents, is more than either.
        let (id, by) = (zone.id(), zone.by());
        let new = Offer {
            id: id.clone(),
            principal_id: hanako.clone(),
            delegate_index: b"taro-newest".to_vec(),
            delegate_sealed: vec![1],
            procedures: None,
            documents: true,
            expires_at: by.at + DAY,
        };
        let offered = zone.store.write(move |tx| mandates::offer(tx, &by, &new)).await;
        assert_eq!(offered.expect("an outcome"), Offered::Yes);
        assert!(accept(&zone, &id, &taro).await);
        for procedure in [&own, &other] {
            let found = right(&zone, pair, procedure, zone.now()).await.expect("a right");
            assert!(found.documents, "{found:?}");
        }
        assert!(end(&zone, &id).await);
        let found = right(&zone, pair, &own, zone.now()).await.expect("a right");
        assert!(!found.documents, "{found:?}");
    }
);

on_both_databases!(
    /// NF-16: an address has one mandate of an account at a time, an account gives ten, and
    /// what ended makes room.
    an_account_gives_ten_mandates_at_a_time,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let hanako = account(&zone, "hanako").await;
        let (first, _) = offer(&zone, &hanako, "taro0", None).await;
        assert_eq!(offer(&zone, &hanako, "taro0", None).await.1, Offered::Before);
        for n in 1..mandates::MOST {
            assert_eq!(offer(&zone, &hanako, &format!("taro{n}"), None).await.1, Offered::Yes);
        }
        assert_eq!(offer(&zone, &hanako, "jiro", None).await.1, Offered::TooMany);
        assert!(end(&zone, &first).await);
        assert_eq!(offer(&zone, &hanako, "jiro", None).await.1, Offered::Yes);
        assert_eq!(offer(&zone, &hanako, "saburo", None).await.1, Offered::TooMany);
    }
);

on_both_databases!(
    /// NF-16: what nobody ended is found when its time is over, and the address may be asked anew.
    a_mandate_whose_time_is_over_makes_room,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let hanako = account(&zone, "hanako").await;
        let (id, _) = offer(&zone, &hanako, "taro", None).await;
        let now = zone.now();
        let expired = |at: i64| zone.store.read(move |db| mandates::expired(db, at, 10));
        assert!(expired(now).await.expect("readable").is_empty());
        let found = expired(now + DAY).await.expect("readable");
        assert_eq!(found.into_iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
        let by = By::system("test", now + DAY);
        let new = Offer {
            id: zone.id(),
            principal_id: hanako.clone(),
            delegate_index: b"taro".to_vec(),
            delegate_sealed: vec![1],
            procedures: None,
            documents: true,
            expires_at: now + 2 * DAY,
        };
        let again = zone.store.write(move |tx| mandates::offer(tx, &by, &new)).await;
        assert_eq!(again.expect("an outcome"), Offered::Yes);
        assert_eq!(expired(now + DAY).await.expect("readable").len(), 0);
    }
);
