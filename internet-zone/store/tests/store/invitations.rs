//! Invitations: used by one statement in the transaction of the arrival.

use internet_zone_store::applications::accept::{Accepted, NewApplication};
use internet_zone_store::applications::drafts;
use internet_zone_store::invitations::{self, NewInvitation, Shown};
use jiff::SignedDuration;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

const DAY: i64 = 86_400_000_000;

async fn given(zone: &Fixture, id: &str, uses: i64) {
    let new = NewInvitation {
        id: id.to_owned(),
        procedure_id: zone.procedure.clone(),
        key: id.as_bytes().to_vec(),
        uses,
        until: zone.now() + DAY,
    };
    let (by, procedure) = (zone.by(), zone.procedure.clone());
    let given = zone.store.write(move |tx| {
        // What comes twice changes nothing.
        invitations::given(tx, &by, &procedure, &[new.clone(), new])
    });
    assert_eq!(given.await.expect("written"), 1);
}

async fn application(zone: &Fixture, invitation: &str) -> (String, NewApplication) {
    let (draft, owner) = zone.draft().await;
    let new = zone.application(&draft, owner, &[]);
    let letter = zone.post.invited(zone.id(), invitation, None).expect("good identifiers");
    (draft, NewApplication { invitation: Some((invitation.to_owned(), letter)), ..new })
}

async fn stands(zone: &Fixture, key: &str) -> bool {
    let (procedure, now) = (zone.procedure.clone(), zone.now());
    let shown = Shown { key: Some(key.as_bytes().to_vec()), ..Shown::default() };
    let found = zone.store.read(move |db| invitations::standing(db, &procedure, &shown, now));
    found.await.expect("readable").is_some()
}

on_both_databases!(
    /// NF-45: an invitation for three takes three of twenty who come at the same moment; the others keep
    /// their answers.
    an_invitation_is_used_as_often_as_it_says,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        given(&zone, "three", 3).await;
        let mut people = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let zone = zone.clone();
            people.spawn(async move {
                let (draft, new) = application(&zone, "three").await;
                (draft, zone.accept(new).await)
            });
        }
        let mut arrived = 0;
        while let Some(done) = people.join_next().await {
            let (draft, accepted) = done.expect("no panic");
            match accepted {
                Accepted::Arrived(_) => arrived += 1,
                Accepted::Uninvited => {
                    let now = zone.now();
                    let left = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
                    assert!(left.expect("readable").is_some(), "the answers stay");
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(arrived, 3);
        assert!(!stands(&zone, "three").await);
    }
);

on_both_databases!(
    /// NF-45: one that is over, revoked or unknown is worth nothing at the moment of sending, although it
    /// stood when the form was begun; another procedure's neither.
    what_ended_meanwhile_is_worth_nothing,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        given(&zone, "revoked", 1).await;
        given(&zone, "over", 1).await;
        assert!(stands(&zone, "revoked").await && stands(&zone, "over").await);
        let other = Shown { key: Some(b"over".to_vec()), ..Shown::default() };
        let now = zone.now();
        let elsewhere = zone.store.read(move |db| invitations::standing(db, "other", &other, now));
        assert_eq!(elsewhere.await.expect("readable"), None);
        let by = zone.by();
        let ended = zone.store.write(move |tx| invitations::revoked(tx, &by, &["revoked".into()]));
        ended.await.expect("written");
        assert!(!stands(&zone, "revoked").await);
        let (_, revoked) = application(&zone, "revoked").await;
        assert_eq!(zone.accept(revoked).await, Accepted::Uninvited);
        let (_, unknown) = application(&zone, "nothing").await;
        assert_eq!(zone.accept(unknown).await, Accepted::Uninvited);
        let (_, over) = application(&zone, "over").await;
        zone.clock.advance(SignedDuration::from_hours(24));
        assert_eq!(zone.accept(over).await, Accepted::Uninvited);
        let before = zone.now() + 1;
        let gone = zone.store.write(move |tx| invitations::sweep(tx, before));
        assert_eq!(gone.await.expect("written"), 2);
    }
);

on_both_databases!(
    /// NF-45, NF-64: who has applied before, or finds no seat, uses no invitation up.
    a_refusal_uses_nothing,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.pottery", 1)]).await;
        given(&zone, "one", 1).await;
        let (draft, owner) = zone.draft().await;
        let taken = zone.application(&draft, owner, &["course.pottery"]);
        assert!(matches!(zone.accept(taken).await, Accepted::Arrived(_)));
        let (draft, owner) = zone.draft().await;
        let full = zone.application(&draft, owner, &["course.pottery"]);
        let (_, invited) = application(&zone, "one").await;
        let full = NewApplication { invitation: invited.invitation.clone(), ..full };
        assert!(matches!(zone.accept(full).await, Accepted::Full(_)));
        assert!(stands(&zone, "one").await);

        let once = Some((vec![7; 32], None));
        let (draft, owner) = zone.draft().await;
        let first = NewApplication { once: once.clone(), ..zone.application(&draft, owner, &[]) };
        assert!(matches!(zone.accept(first).await, Accepted::Arrived(_)));
        assert_eq!(zone.accept(NewApplication { once, ..invited }).await, Accepted::Twice);
        assert!(stands(&zone, "one").await);
    }
);
