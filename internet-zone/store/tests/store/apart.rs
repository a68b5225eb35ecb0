//! Two processes on one database: what one has begun the other waits for, and then sees.

use std::sync::mpsc;
use std::time::Duration;

use diesel::QueryResult;
use domain::applications::{Rules, State, WithdrawUntil};
use internet_zone_store::applications::accept::{self, Accepted};
use internet_zone_store::applications::drafts::{self, Save, Saved};
use internet_zone_store::applications::status;
use internet_zone_store::applications::told::{self, NewState};
use internet_zone_store::applications::withdraw::{self, Withdrawn};
use internet_zone_store::identity::tries;
use platform_store::Tx;
use platform_testkit::on_both_databases;
use tokio::sync::oneshot;

use crate::fixture::Fixture;

/// Time that a process has to run into the other one.
const A_WHILE: Duration = Duration::from_millis(300);

/// Runs `one` up to its end but one, then `two` in another process, then commits the first.
async fn at_once<T: Send + 'static, U: Send + 'static>(
    (zone, other): (&Fixture, &Fixture),
    one: impl FnOnce(&mut Tx<'_>) -> QueryResult<T> + Send + 'static,
    two: impl FnOnce(&mut Tx<'_>) -> QueryResult<U> + Send + 'static,
) -> (T, U) {
    let (done, is_done) = oneshot::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let (first, second) = (zone.store.clone(), other.store.clone());
    let first = tokio::spawn(async move {
        let held = first.write(move |tx| {
            let result = one(tx)?;
            let _ = done.send(());
            let _ = may_go.recv();
            Ok(result)
        });
        held.await.expect("written")
    });
    is_done.await.expect("the first is nearly done");
    let mut second = tokio::spawn(async move { second.write(two).await.expect("written") });
    let waited = tokio::time::timeout(A_WHILE, &mut second).await;
    assert!(waited.is_err(), "the second waits for the first");
    go.send(()).expect("it waits");
    (first.await.expect("the first"), second.await.expect("the second"))
}

/// A database that two processes use.
async fn shared(url: String) -> (Fixture, Fixture) {
    let zone = Fixture::open(url.clone(), &[]).await;
    let other = Fixture::beside(url, zone.procedure.clone(), zone.clock.clone());
    (zone, other)
}

on_both_databases!(
    /// NF-34: a state that is told while the applicant withdraws changes nothing any more.
    a_state_told_meanwhile_does_not_undo_a_withdrawal,
    |url: String| async move {
        let (zone, other) = shared(url).await;
        let (draft, owner) = zone.draft().await;
        let new = zone.application(&draft, owner, &[]);
        let id = new.id.clone();
        assert!(matches!(zone.accept(new).await, Accepted::Arrived(_)));
        let letter = zone.post.withdrawal(zone.id(), &id, String::new()).expect("identifiers");
        let rules = Rules::new(&[], WithdrawUntil::Decided);
        let (by, mine) = (zone.by(), id.clone());
        let state = NewState {
            application_id: id.clone(),
            state: State::Accepted,
            at: zone.now(),
            note: String::new(),
            expected: String::new(),
        };
        let told_by = zone.by();
        let both = at_once(
            (&zone, &other),
            move |tx| withdraw::withdraw(tx, &by, &mine, rules, letter),
            move |tx| told::state(tx, &told_by, &state),
        );
        assert_eq!(both.await, (Withdrawn::Yes, true));
        let found = zone.store.read(move |db| status::find(db, &id)).await.expect("readable");
        assert_eq!(found.expect("it is there").state, State::Withdrawn.key());
    }
);

on_both_databases!(
    /// NF-60: what is saved in one window while another sends is not lost: nothing is sent.
    a_save_meanwhile_is_not_sent_over,
    |url: String| async move {
        let (zone, other) = shared(url).await;
        let (draft, owner) = zone.draft().await;
        let new = zone.application(&draft, owner, &[]);
        let save = Save {
            id: draft.clone(),
            version: 0,
            revision: 1,
            answers_sealed: vec![9, 9],
            reached: 0,
            at: zone.now(),
            expires_at: zone.now() + 86_400_000_000,
            add: None,
            remove: None,
            finishes: None,
            voids: None,
        };
        let (by, clock) = (zone.by(), zone.clock.clone());
        let both = at_once(
            (&zone, &other),
            move |tx| drafts::save(tx, &save),
            move |tx| accept::accept(tx, &by, &clock, new, Box::new(|_, _| Vec::new())),
        );
        assert_eq!(both.await, (Saved::Yes, Accepted::Outdated));
        let now = zone.now();
        let found = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
        let (kept, _) = found.expect("readable").expect("the draft is there");
        assert_eq!(kept.answers_sealed, [9, 9]);
    }
);

on_both_databases!(
    /// IK-3.5.2b: tries at the same moment are each counted, whichever process takes them.
    tries_at_once_are_each_counted,
    |url: String| async move {
        let (zone, other) = shared(url).await;
        let now = zone.clock.now();
        let charge = move |tx: &mut Tx<'_>| Ok(tries::charge(tx, b"somebody", now)?.is_ok());
        assert_eq!(at_once((&zone, &other), charge, charge).await, (true, true));
        assert!(zone.store.write(charge).await.expect("written"), "the third is free");
        assert!(!zone.store.write(charge).await.expect("written"), "the fourth waits");
    }
);
