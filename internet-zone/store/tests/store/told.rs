//! What the staff zone tells.

use domain::applications::{Origin, Rules, State, WithdrawUntil};
use internet_zone_store::applications::accept::Accepted;
use internet_zone_store::applications::seats::{self, Reseated, Seat};
use internet_zone_store::applications::told::{self, NewCorrection, NewDocument, NewState};
use internet_zone_store::applications::withdraw::{self, Corrected};
use internet_zone_store::applications::{documents, drafts, orphans, status};
use internet_zone_store::procedures::{self, Published};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

async fn application(zone: &Fixture, pools: &[&str]) -> String {
    let (draft, owner) = zone.draft().await;
    let new = zone.application(&draft, owner, pools);
    let id = new.id.clone();
    assert!(matches!(zone.accept(new).await, Accepted::Arrived(_)));
    id
}

async fn tell(zone: &Fixture, id: &str, state: State, note: &str) -> bool {
    let new = NewState {
        application_id: id.to_owned(),
        state,
        at: zone.now(),
        note: note.to_owned(),
        expected: "2026-06-15".to_owned(),
    };
    let by = zone.by();
    zone.store.write(move |tx| told::state(tx, &by, &new)).await.expect("an outcome")
}

on_both_databases!(
    /// NF-34: the citizen sees each state with the department's words, and the way so far.
    states_are_kept_with_the_way_so_far,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let id = application(&zone, &[]).await;
        assert!(tell(&zone, &id, State::Accepted, "受け付けました").await);
        assert!(tell(&zone, &id, State::Accepted, "受け付けました").await, "told twice");
        assert!(tell(&zone, &id, State::Reviewing, "").await);
        assert!(!tell(&zone, "01kn35e000w8yseg2nqk02mezz", State::Accepted, "").await);
        let story = zone.store.read(move |db| status::story(db, &id)).await.expect("readable");
        let states: Vec<&str> = story.steps.iter().map(|step| step.state.as_str()).collect();
        assert_eq!(states, ["accepted", "reviewing"]);
        assert_eq!(story.steps[0].note, "受け付けました");
    }
);

on_both_databases!(
    /// NF-33, NF-60: a state ends what was begun to correct, and leaves alone what is written to staff.
    a_state_leaves_an_unsent_message_alone,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let id = application(&zone, &[]).await;
        let mut begun = Vec::new();
        for round in [drafts::MESSAGE, 1] {
            let (_, owner) = zone.draft().await;
            let new = drafts::NewDraft {
                id: zone.id(),
                procedure_id: zone.procedure.clone(),
                revision: 1,
                owner,
                delegate: None,
                correction: Some((id.clone(), round)),
                answers_sealed: vec![1],
                expires_at: zone.now() + 86_400_000_000,
            };
            begun.push(new.id.clone());
            let by = zone.by();
            zone.store.write(move |tx| drafts::begin(tx, &by, &new)).await.expect("begun");
        }
        assert!(tell(&zone, &id, State::Accepted, "受け付けました").await);
        let mut there = Vec::new();
        for draft in begun {
            let now = zone.now();
            let found = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
            there.push(found.expect("readable").is_some());
        }
        assert_eq!(there, [true, false], "the message stays, the correction ends");
    }
);

on_both_databases!(
    /// NF-49: a refused application gives its seat back.
    a_refusal_frees_the_seat,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.pottery", 1)]).await;
        let id = application(&zone, &["course.pottery"]).await;
        assert_eq!(zone.taken("course.pottery").await, 1);
        assert!(tell(&zone, &id, State::RefusedEntry, "対象外です").await);
        assert!(tell(&zone, &id, State::RefusedEntry, "対象外です").await);
        assert_eq!(zone.taken("course.pottery").await, 0);
    }
);

on_both_databases!(
    /// NF-34: a correction is answered once, and what it held is gone then.
    a_correction_is_answered_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let id = application(&zone, &[]).await;
        assert!(tell(&zone, &id, State::Correction(Origin::Arrived), "").await);
        let asked = NewCorrection {
            application_id: id.clone(),
            round: 1,
            asked_sealed: vec![9; 40],
            due: "2026-06-30".to_owned(),
            at: zone.now(),
        };
        let by = zone.by();
        zone.store.write(move |tx| told::correction(tx, &by, &asked)).await.expect("told");
        let send = async || {
            let (draft, owner) = zone.draft().await;
            let by = zone.by();
            let rules = Rules::new(&[], WithdrawUntil::Never);
            let letter = zone.post.withdrawal(zone.id(), &id, String::new()).expect("identifiers");
            let (id, _) = (id.clone(), owner);
            zone.store
                .write(move |tx| withdraw::correct(tx, &by, (&id, 1), (&draft, 0), (rules, &Reseated::default()), letter))
                .await
                .expect("an outcome")
        };
        assert_eq!(send().await, Corrected::Yes);
        assert_eq!(send().await, Corrected::Closed);
        let story = zone.store.read({
            let id = id.clone();
            move |db| status::story(db, &id)
        });
        let story = story.await.expect("readable");
        assert!(story.open_correction().is_none());
        assert!(story.corrections[0].asked_sealed.is_empty());
    }
);

on_both_databases!(
    /// NF-49: a correction keeps the seat it holds however full the choice is, takes no
    /// seat of another full one, and gives its own back when it moves.
    a_correction_moves_its_seat_or_stays,
    |url: String| async move {
        let pools = [("course.a", 1), ("course.b", 1), ("course.c", 1)];
        let zone = Fixture::open(url, &pools).await;
        let id = application(&zone, &["course.a"]).await;
        let other = application(&zone, &["course.b"]).await;
        let mut round = 0;
        let mut correct = async |wish: &str| {
            assert!(tell(&zone, &id, State::Correction(Origin::Arrived), "").await);
            round += 1;
            let asked = NewCorrection {
                application_id: id.clone(),
                round,
                asked_sealed: vec![9; 40],
                due: "2026-06-30".to_owned(),
                at: zone.now(),
            };
            let by = zone.by();
            zone.store.write(move |tx| told::correction(tx, &by, &asked)).await.expect("told");
            let (draft, _) = zone.draft().await;
            let (by, id) = (zone.by(), id.clone());
            let rules = Rules::new(&[], WithdrawUntil::Never);
            let letter = zone.post.withdrawal(zone.id(), &id, String::new()).expect("identifiers");
            let new = Reseated {
                fields: ["course".to_owned()].into(),
                seats: vec![Seat { pool: wish.to_owned(), units: 1 }],
                charged_sealed: None,
            };
            zone.store
                .write(move |tx| {
                    withdraw::correct(tx, &by, (&id, round), (&draft, 0), (rules, &new), letter)
                })
                .await
                .expect("an outcome")
        };
        assert_eq!(correct("course.a").await, Corrected::Yes);
        assert_eq!(correct("course.b").await, Corrected::Full("course.b".to_owned()));
        assert_eq!(correct("course.c").await, Corrected::Yes);
        let (moved, stayed, procedure) = (id.clone(), other, zone.procedure.clone());
        let (moved, stayed, pools) = zone
            .store
            .read(move |db| {
                let held = (seats::held(db, &moved)?, seats::held(db, &stayed)?);
                Ok((held.0, held.1, procedures::pools(db, &procedure)?))
            })
            .await
            .expect("readable");
        assert_eq!((moved, stayed), (vec!["course.c".to_owned()], vec!["course.b".to_owned()]));
        let taken: Vec<(&str, i64)> =
            pools.iter().map(|one| (one.pool.as_str(), one.taken)).collect();
        assert_eq!(taken, [("course.a", 0), ("course.b", 1), ("course.c", 1)]);
    }
);

on_both_databases!(
    /// NF-31: the first opening of a document is recorded and told once.
    a_document_is_opened_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let id = application(&zone, &[]).await;
        let document = zone.id();
        let new = NewDocument {
            id: document.clone(),
            application_id: id.clone(),
            name_sealed: vec![1],
            media: "application/pdf".to_owned(),
            size: 3,
            file_id: document.clone(),
            sha256: vec![7; 32],
            message_id: None,
        };
        let by = zone.by();
        assert!(zone.store.write(move |tx| told::document(tx, &by, &new)).await.expect("told"));
        for first in [true, false] {
            let at = zone.clock.now();
            let letter = zone.post.opened(zone.id(), &id, &document, at).expect("identifiers");
            let (by, wanted) = (zone.by(), document.clone());
            let opened = zone.store.write(move |tx| documents::opened(tx, &by, &wanted, letter));
            assert_eq!(opened.await.expect("an outcome"), first);
        }
    }
);

on_both_databases!(
    /// MN-7.2: the file of an issued document has a name, whatever its age; one that
    /// nothing names has none.
    an_issued_document_is_no_orphan,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (lost, file) = (zone.id(), zone.id());
        let new = NewDocument {
            id: zone.id(),
            application_id: application(&zone, &[]).await,
            name_sealed: vec![1],
            media: "application/pdf".to_owned(),
            size: 3,
            file_id: file.clone(),
            sha256: vec![7; 32],
            message_id: None,
        };
        let both = vec![lost.clone(), file];
        let asked = both.clone();
        let before = zone.store.read(move |db| orphans::unnamed(db, &asked)).await;
        assert_eq!(before.expect("readable"), both, "it has not been told yet");
        let by = zone.by();
        assert!(zone.store.write(move |tx| told::document(tx, &by, &new)).await.expect("told"));
        let after = zone.store.read(move |db| orphans::unnamed(db, &both)).await;
        assert_eq!(after.expect("readable"), [lost]);
    }
);

on_both_databases!(
    /// An older revision that arrives late is kept and not shown; seats stay taken.
    an_older_revision_is_not_shown,
    |url: String| async move {
        let zone = Fixture::open(url, &[("procedure", 2)]).await;
        application(&zone, &["procedure"]).await;
        assert_eq!(zone.publish(3, &[("procedure", 5)]).await, Published::Shown);
        assert_eq!(zone.publish(2, &[("procedure", 1)]).await, Published::Kept);
        let procedure = zone.procedure.clone();
        let (shown, pools) = zone
            .store
            .read(move |db| Ok((procedures::shown(db)?, procedures::pools(db, &procedure)?)))
            .await
            .expect("readable");
        assert_eq!((shown.len(), shown[0].1), (1, 3));
        assert_eq!((pools[0].capacity, pools[0].taken), (5, 1));
    }
);

on_both_databases!(
    /// NF-60: of two windows that save the same version one is told; nothing is overwritten in silence.
    a_save_names_the_version_it_read,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        let save = |version| drafts::Save {
            id: draft.clone(),
            version,
            revision: 1,
            answers_sealed: vec![4],
            reached: 1,
            at: zone.now(),
            expires_at: zone.now() + 1,
            add: None,
            remove: None,
            finishes: None,
            voids: None,
        };
        let (first, second) = (save(0), save(0));
        let first = zone.store.write(move |tx| drafts::save(tx, &first)).await;
        let second = zone.store.write(move |tx| drafts::save(tx, &second)).await;
        assert_eq!(first.expect("an outcome"), drafts::Saved::Yes);
        assert_eq!(second.expect("an outcome"), drafts::Saved::Outdated);
    }
);

on_both_databases!(
    /// NF-60: a draft moves over to a newer revision once, only from the version that was read; it lives
    /// no longer by it.
    a_draft_moves_over_to_a_revision_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        let (first, now) = (draft.clone(), zone.now());
        let moved = zone.store.write(move |tx| {
            let first = (drafts::move_over(tx, (&first, 0), (2, 1), &[7])?, first.clone());
            Ok((first.0, drafts::move_over(tx, (&first.1, 0), (3, 2), &[8])?))
        });
        let moved = moved.await.expect("an outcome");
        assert_eq!(moved, (drafts::Saved::Yes, drafts::Saved::Outdated));
        let found = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
        let (found, _) = found.expect("readable").expect("it is there");
        assert_eq!((found.revision, found.reached, found.version), (2, 1, 1));
        assert_eq!(found.answers_sealed, [7]);
        assert_eq!((found.updated_at, found.expires_at), (now, now + 86_400_000_000));
    }
);

on_both_databases!(
    /// NF-34, NF-49: a correction that did not come ends the application and frees its seat; one that was
    /// sent before this zone heard of it counts, and keeps the seat.
    what_was_sent_in_time_wins_over_an_expiry,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.a", 1), ("course.b", 1)]).await;
        let late = application(&zone, &["course.a"]).await;
        let sent = application(&zone, &["course.b"]).await;
        for id in [&late, &sent] {
            assert!(tell(&zone, id, State::Correction(Origin::Arrived), "").await);
            let asked = NewCorrection {
                application_id: id.clone(),
                round: 1,
                asked_sealed: vec![9; 40],
                due: "2026-06-30".to_owned(),
                at: zone.now(),
            };
            let by = zone.by();
            zone.store.write(move |tx| told::correction(tx, &by, &asked)).await.expect("told");
        }
        let (draft, _) = zone.draft().await;
        let by = zone.by();
        let rules = Rules::new(&[], WithdrawUntil::Never);
        let letter = zone.post.withdrawal(zone.id(), &sent, String::new()).expect("identifiers");
        let of = sent.clone();
        let new = Reseated::default();
        let corrected = zone.store.write(move |tx| {
            withdraw::correct(tx, &by, (&of, 1), (&draft, 0), (rules, &new), letter)
        });
        assert_eq!(corrected.await.expect("an outcome"), Corrected::Yes);
        for id in [&late, &sent] {
            assert!(tell(&zone, id, State::Expired(Origin::Arrived), "期限を過ぎました").await);
            assert!(tell(&zone, id, State::Expired(Origin::Arrived), "期限を過ぎました").await);
        }
        let mut found = Vec::new();
        for id in [late, sent] {
            let read = zone.store.read(move |db| {
                Ok((status::find(db, &id)?.expect("there").state, status::story(db, &id)?))
            });
            let (state, story) = read.await.expect("readable");
            found.push((state, story.open_correction().is_none()));
        }
        assert_eq!(found, [("expired:arrived".to_owned(), true), ("arrived".to_owned(), true)]);
        assert_eq!((zone.taken("course.a").await, zone.taken("course.b").await), (0, 1));
    }
);
