//! What the staff zone tells.

use diesel::connection::SimpleConnection as _;
use domain::applications::{Origin, Rules, Stage, State, WithdrawUntil};
use internet_zone_store::applications::accept::Accepted;
use internet_zone_store::applications::seats::{self, Reseated, Seat, Short};
use internet_zone_store::applications::status::Turn;
use internet_zone_store::applications::told::{self, NewCorrection, NewDocument, NewState};
use internet_zone_store::applications::withdraw::{self, Corrected, Withdrawn};
use internet_zone_store::applications::withdrawal_requests::{self, Asked};
use internet_zone_store::applications::{documents, drafts, orphans, status};
use internet_zone_store::procedures::{self, NewPool, NewRevision, Published};
use platform_store::each_backend;
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
                ..Reseated::default()
            };
            zone.store
                .write(move |tx| {
                    withdraw::correct(tx, &by, (&id, round), (&draft, 0), (rules, &new), letter)
                })
                .await
                .expect("an outcome")
        };
        assert_eq!(correct("course.a").await, Corrected::Yes);
        let seat = Seat { pool: "course.b".to_owned(), units: 1 };
        let full = Short { seat, most: 0 };
        assert_eq!(correct("course.b").await, Corrected::Full(full));
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
    /// NF-49, NF-34: a correction that weighs more takes the difference or nothing, passes nobody who waits,
    /// and gives back what it does not need any more: who waits moves up.
    a_correction_weighs_its_seats_anew,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let pool = NewPool { pool: "procedure".to_owned(), capacity: 6, waitlist: 5 };
        zone.publish_pools(2, vec![pool]).await;
        let id = application(&zone, &["procedure"]).await;
        let mut round = 0;
        let mut correct = async |units: i64| {
            tell(&zone, &id, State::Correction(Origin::Arrived), "").await;
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
                fields: ["people".to_owned()].into(),
                reweighed: vec![Seat { pool: "procedure".to_owned(), units }],
                ..Reseated::default()
            };
            zone.store
                .write(move |tx| {
                    withdraw::correct(tx, &by, (&id, round), (&draft, 0), (rules, &new), letter)
                })
                .await
                .expect("an outcome")
        };
        let short = |units: i64, most: i64| {
            let seat = Seat { pool: "procedure".to_owned(), units };
            Corrected::Full(Short { seat, most })
        };
        assert_eq!(correct(4).await, Corrected::Yes);
        assert_eq!(zone.taken("procedure").await, 4);
        assert_eq!(correct(7).await, short(7, 6));
        assert_eq!(zone.taken("procedure").await, 4);

        let (draft, owner) = zone.draft().await;
        let mut family = zone.application(&draft, owner, &["procedure"]);
        family.seats[0].units = 3;
        family.waits = true;
        let waits = family.id.clone();
        assert!(matches!(zone.accept(family).await, Accepted::Waits(_)));
        assert_eq!(correct(5).await, short(5, 4), "who waits is not passed");
        assert_eq!(correct(3).await, Corrected::Yes);
        assert_eq!(zone.taken("procedure").await, 6);
        assert!(zone.seated().await.contains(&waits), "who waits moved up");
        assert_eq!(zone.withdraw(&waits).await, Withdrawn::Yes);
        assert_eq!(zone.taken("procedure").await, 3, "what it weighs was kept");
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

/// Every order of the first `count` numbers.
fn orders(count: usize) -> Vec<Vec<usize>> {
    let Some(last) = count.checked_sub(1) else { return vec![Vec::new()] };
    let mut all = Vec::new();
    for shorter in orders(last) {
        for at in 0..count {
            let mut order = shorter.clone();
            order.insert(at, last);
            all.push(order);
        }
    }
    all
}

on_both_databases!(
    /// NF-50: publications and closings travel on lanes of their own, so they may cross, and each may come
    /// twice; in the end what the staff zone said last holds.
    closings_and_publications_hold_in_any_order,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        // As the staff zone said it: whether it was a publication, and the revision.
        let said = [(true, 1), (false, 1), (true, 2), (false, 2), (true, 3)];
        for count in 1..=said.len() {
            for order in orders(count) {
                let (procedure, by) = (zone.id(), zone.by());
                let (id, twice) = (procedure.clone(), order.repeat(2));
                let taken_in = zone.store.write(move |tx| {
                    for (published, revision) in twice.into_iter().map(|at| said[at]) {
                        if !published {
                            procedures::close(tx, &by, (&id, Some(revision)), by.at)?;
                            continue;
                        }
                        let new = NewRevision {
                            procedure_id: id.clone(),
                            revision,
                            slug: id.clone(),
                            sha256: vec![0; 32],
                            document: format!("{{\"revision\":{revision}}}").into_bytes(),
                            files: Vec::new(),
                            pools: Vec::new(),
                            at: by.at,
                        };
                        procedures::publish(tx, &by, &new)?;
                    }
                    Ok(())
                });
                taken_in.await.expect("taken in");
                let shown = zone.store.read(procedures::shown).await.expect("readable");
                let mine = shown.iter().find(|one| one.0 == procedure).expect("it is known");
                let (published, revision) = said[count - 1];
                assert_eq!((mine.1, mine.3.is_none()), (revision, published), "{order:?}");
            }
        }
    }
);

on_both_databases!(
    /// NF-23, I14: a number that a staff zone gives again after it was set back is no other document here, in
    /// whatever place it is: nothing is changed, and whoever sent it hears. The same words are no matter.
    a_revision_given_again_with_other_words_is_not_taken_in,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let publish = async |revision: i64, words: &'static str| {
            let new = NewRevision {
                procedure_id: zone.procedure.clone(),
                revision,
                slug: words.to_owned(),
                sha256: words.as_bytes().to_vec(),
                document: words.as_bytes().to_vec(),
                files: Vec::new(),
                pools: Vec::new(),
                at: zone.now() + revision,
            };
            let by = zone.by();
            zone.store.write(move |tx| procedures::publish(tx, &by, &new)).await.expect("written")
        };
        assert_eq!(publish(2, "monday").await, Published::Shown);
        assert_eq!(publish(3, "tuesday").await, Published::Shown);
        let shown = zone.store.read(procedures::shown).await.expect("readable");
        for revision in [2, 3] {
            assert_eq!(publish(revision, "friday").await, Published::OtherWords);
        }
        assert_eq!(zone.store.read(procedures::shown).await.expect("readable"), shown);
        let id = zone.procedure.clone();
        let kept = zone.store.read(move |db| procedures::document(db, &id, 3)).await;
        assert_eq!(kept.expect("readable").as_deref(), Some("tuesday".as_bytes()));
        assert_eq!(publish(2, "monday").await, Published::Kept);
        assert_eq!(publish(3, "tuesday").await, Published::Shown);
        assert_eq!(publish(4, "friday").await, Published::Shown);
    }
);

on_both_databases!(
    /// A closing of an older staff zone names no revision: it is about what is shown. One that names a revision
    /// is not about a later one, and the publication it came before is never shown.
    a_closing_is_about_a_revision,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let close = async |revision: Option<i64>| {
            let (by, id) = (zone.by(), zone.procedure.clone());
            let done = zone.store.write(move |tx| procedures::close(tx, &by, (&id, revision), 7));
            done.await.expect("written")
        };
        assert!(close(None).await);
        assert_eq!(zone.publish(1, &[]).await, Published::Closed, "it comes once more");
        assert_eq!(zone.publish(2, &[]).await, Published::Shown);
        assert!(!close(Some(1)).await, "a later revision is shown");
        assert!(close(Some(4)).await, "it is closed until the fourth");
        assert_eq!(zone.publish(4, &[]).await, Published::Closed);
        let shown = zone.store.read(procedures::shown).await.expect("readable");
        assert_eq!((shown[0].1, shown[0].3), (4, Some(7)));
        assert_eq!(zone.publish(5, &[]).await, Published::Shown);
    }
);

on_both_databases!(
    /// NF-50: what was closed before closings were kept stays closed when the publication it had comes once more,
    /// and is opened by the next one.
    what_was_closed_by_an_earlier_version_stays_closed,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let sql = async |text: &'static str| {
            let done = zone.store.write(move |tx| each_backend!(tx.db, conn => conn.batch_execute(text)));
            done.await.expect("done");
        };
        sql("update procedures set closed_at = 7").await;
        sql(include_str!("../../migrations/sqlite/2026-11-26-000240_closings_before/up.sql")).await;
        assert_eq!(zone.publish(1, &[]).await, Published::Closed);
        let shown = zone.store.read(procedures::shown).await.expect("readable");
        assert_eq!((shown[0].1, shown[0].3), (1, Some(7)));
        assert_eq!(zone.publish(2, &[]).await, Published::Shown);
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

async fn refused(zone: &Fixture, id: &str, state: State, note: &str) -> bool {
    let new = NewState {
        application_id: id.to_owned(),
        state,
        at: zone.now(),
        note: note.to_owned(),
        expected: String::new(),
    };
    let by = zone.by();
    zone.store.write(move |tx| told::not_withdrawn(tx, &by, &new)).await.expect("an outcome")
}

/// State, words, and what the newest step says beside the state.
async fn standing(zone: &Fixture, id: &str) -> (String, String, Option<Turn>) {
    let id = id.to_owned();
    let read = zone.store.read(move |db| {
        Ok((status::find(db, &id)?.expect("there"), status::story(db, &id)?.steps.pop()))
    });
    let (application, step) = read.await.expect("readable");
    (application.state, application.note, step.and_then(|step| step.turn))
}

on_both_databases!(
    /// NF-34, NF-49, NF-64: a withdrawal that staff did not take does not stand: what was on its way stays
    /// ignored, then state and words are taken over, and seat and key come back as far as they are free.
    a_withdrawal_that_was_too_late_does_not_stand,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.a", 1), ("course.b", 1)]).await;
        let (draft, owner) = zone.draft().await;
        let mut new = zone.application(&draft, owner, &["course.a", "course.b"]);
        new.once = Some((b"the same person".to_vec(), None));
        let id = new.id.clone();
        assert!(matches!(zone.accept(new).await, Accepted::Arrived(_)));
        assert_eq!(zone.withdraw(&id).await, Withdrawn::Yes);
        assert_eq!((zone.taken("course.a").await, zone.taken("course.b").await), (0, 0));
        let other = application(&zone, &["course.b"]).await;
        assert!(tell(&zone, &id, State::Notified, "交付を決定しました").await, "passed over");
        assert_eq!(standing(&zone, &id).await.0, "withdrawn");

        assert!(refused(&zone, &id, State::Notified, "交付を決定しました").await);
        let now = standing(&zone, &id).await;
        let told = "交付を決定しました".to_owned();
        assert_eq!(now, ("notified".to_owned(), told, Some(Turn::LateFull)));
        assert_eq!((zone.taken("course.a").await, zone.taken("course.b").await), (1, 1));
        let (draft, owner) = zone.draft().await;
        let mut again = zone.application(&draft, owner, &[]);
        again.once = Some((b"the same person".to_vec(), None));
        assert_eq!(zone.accept(again).await, Accepted::Twice, "the key came back");
        assert!(tell(&zone, &other, State::RefusedEntry, "").await);
        assert_eq!(zone.taken("course.b").await, 0);
        assert!(tell(&zone, &id, State::Done, "").await, "it goes on like any other");
        assert_eq!(standing(&zone, &id).await.0, "done");
        assert!(!refused(&zone, "01kn35e000w8yseg2nqk02mezz", State::Accepted, "").await);
    }
);

on_both_databases!(
    /// NF-64: who applied again after the withdrawal keeps that application; a withdrawal that staff took
    /// leaves nothing to come back.
    a_key_somebody_used_again_is_not_taken_back,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.a", 2)]).await;
        let wish = async |pools: &[&str]| {
            let (draft, owner) = zone.draft().await;
            let mut new = zone.application(&draft, owner, pools);
            new.once = Some((b"the same person".to_vec(), None));
            let id = new.id.clone();
            (id, zone.accept(new).await)
        };
        let (first, _) = wish(&["course.a"]).await;
        assert_eq!(zone.withdraw(&first).await, Withdrawn::Yes);
        let (second, arrived) = wish(&[]).await;
        assert!(matches!(arrived, Accepted::Arrived(_)));
        assert!(refused(&zone, &first, State::Accepted, "").await);
        assert_eq!(standing(&zone, &first).await.2, Some(Turn::Late), "the seat was free");
        assert_eq!(zone.withdraw(&first).await, Withdrawn::Yes);
        assert!(matches!(wish(&[]).await.1, Accepted::Twice), "the second has it");
        assert_eq!(zone.withdraw(&second).await, Withdrawn::Yes);
        assert!(tell(&zone, &first, State::Withdrawn, "").await);
        let kept = zone.ids("select application_id as id from given_up_seats").await;
        assert!(kept.is_empty(), "{kept:?}");
        let keys = zone.ids("select application_id as id from given_up_keys").await;
        assert_eq!(keys, std::collections::BTreeSet::from([second]));
    }
);

on_both_databases!(
    /// NF-34: behind the free time the applicant asks once at a time, may take it back, and hears whether the
    /// office agrees; the state stays meanwhile, and a decision ends the request.
    a_request_to_withdraw_is_answered_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.a", 1)]).await;
        let id = application(&zone, &["course.a"]).await;
        let rules = Rules::new(&[Stage::Accept, Stage::Review], WithdrawUntil::Accepted);
        let ask = async |request: &str| {
            let of = (id.clone(), request.to_owned());
            let letter = zone.post.withdrawal_asked(zone.id(), (&id, request), Some("転居".to_owned()));
            let (letter, by) = (letter.expect("an identifier"), zone.by());
            let asked = zone.store.write(move |tx| {
                let letter = (letter, of.0.as_bytes());
                withdrawal_requests::ask(tx, &by, (&of.0, &of.1), rules, letter)
            });
            asked.await.expect("an outcome")
        };
        assert_eq!(ask("one").await, Asked::NotNow, "it can be withdrawn without asking");
        assert!(tell(&zone, &id, State::Accepted, "").await);
        assert_eq!(ask("one").await, Asked::Yes);
        assert_eq!(ask("two").await, Asked::Already);
        assert_eq!(standing(&zone, &id).await, ("accepted".to_owned(), String::new(), Some(Turn::Asked)));

        let of = id.clone();
        let letter = zone.post.withdrawal_asked(zone.id(), (&id, "one"), None).expect("an identifier");
        let by = zone.by();
        let back = zone.store.write(move |tx| {
            withdrawal_requests::take_back(tx, &by, (&of, "one"), letter)
        });
        assert!(back.await.expect("an outcome"));
        assert_eq!(standing(&zone, &id).await.2, Some(Turn::TakenBack));
        assert_eq!(ask("three").await, Asked::Yes);
        let decline = async |request: &str| {
            let (of, by, at) = ((id.clone(), request.to_owned()), zone.by(), zone.now());
            let told = zone.store.write(move |tx| {
                withdrawal_requests::declined(tx, &by, (&of.0, &of.1), (at, "調査済みのため"))
            });
            told.await.expect("an outcome")
        };
        assert_eq!(decline("one").await, Some(false), "that one was taken back");
        assert_eq!(decline("three").await, Some(true));
        assert_eq!(standing(&zone, &id).await.2, Some(Turn::Declined));
        assert_eq!(zone.taken("course.a").await, 1, "it goes on");

        assert_eq!(ask("four").await, Asked::Yes);
        assert!(tell(&zone, &id, State::Correction(Origin::Accepted), "").await);
        assert_eq!(decline("nothing").await, Some(false), "a correction answers no request");
        assert!(tell(&zone, &id, State::Withdrawn, "").await);
        assert_eq!(standing(&zone, &id).await, ("withdrawn".to_owned(), String::new(), Some(Turn::Granted)));
        assert_eq!(zone.taken("course.a").await, 0, "the seat went back");
        assert_eq!(ask("five").await, Asked::NotNow);
        let other = application(&zone, &[]).await;
        assert!(tell(&zone, &other, State::Reviewing, "").await);
        let of = other.clone();
        let letter = zone.post.withdrawal_asked(zone.id(), (&other, "six"), Some("転居".to_owned()));
        let (letter, by) = (letter.expect("an identifier"), zone.by());
        let asked = zone.store.write(move |tx| {
            withdrawal_requests::ask(tx, &by, (&of, "six"), rules, (letter, of.as_bytes()))
        });
        assert_eq!(asked.await.expect("an outcome"), Asked::Yes);
        assert!(tell(&zone, &other, State::Notified, "").await);
        assert_eq!(standing(&zone, &other).await.2, Some(Turn::Over));
    }
);

on_both_databases!(
    /// NF-34, NF-60: however often it is declined or taken back, one application asks three times a day; what is
    /// not sent leaves nothing open. Another day it may ask again, and so may another application.
    a_day_has_three_requests_to_withdraw,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let rules = Rules::new(&[Stage::Accept, Stage::Review], WithdrawUntil::Accepted);
        let mut all = Vec::new();
        for _ in 0..2 {
            let id = application(&zone, &[]).await;
            assert!(tell(&zone, &id, State::Accepted, "").await);
            all.push(id);
        }
        let ask = async |id: &str, day: &str| {
            let (id, request) = (id.to_owned(), zone.id());
            let subject = format!("{id} {day}");
            let letter = zone.post.withdrawal_asked(zone.id(), (&id, &request), Some("転居".to_owned()));
            let (letter, by, of) = (letter.expect("an identifier"), zone.by(), request.clone());
            let asked = zone.store.write(move |tx| {
                let letter = (letter, subject.as_bytes());
                withdrawal_requests::ask(tx, &by, (&id, &of), rules, letter)
            });
            (asked.await.expect("an outcome"), request)
        };
        let decline = async |id: &str, request: &str| {
            let (of, by, at) = ((id.to_owned(), request.to_owned()), zone.by(), zone.now());
            let told = zone.store.write(move |tx| {
                withdrawal_requests::declined(tx, &by, (&of.0, &of.1), (at, "調査済みのため"))
            });
            assert_eq!(told.await.expect("an outcome"), Some(true));
        };
        let (one, other) = (all[0].as_str(), all[1].as_str());
        for _ in 0..withdrawal_requests::A_DAY {
            let (asked, request) = ask(one, "2026-06-01").await;
            assert_eq!(asked, Asked::Yes);
            assert_eq!(ask(one, "2026-06-01").await.0, Asked::Already, "it counts for nothing");
            decline(one, request.as_str()).await;
        }
        assert_eq!(ask(one, "2026-06-01").await.0, Asked::TooMany);
        assert!(zone.ids("select application_id as id from withdrawal_requests").await.is_empty());
        assert_eq!(standing(&zone, one).await.2, Some(Turn::Declined), "no line was added");
        assert_eq!(ask(other, "2026-06-01").await.0, Asked::Yes);
        assert_eq!(ask(one, "2026-06-02").await.0, Asked::Yes);
    }
);

on_both_databases!(
    /// NF-34: where it may be withdrawn without asking again, a request that still waited is over with that.
    a_withdrawal_leaves_no_request_open,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let id = application(&zone, &[]).await;
        assert!(tell(&zone, &id, State::Accepted, "").await);
        let rules = Rules::new(&[Stage::Accept, Stage::Review], WithdrawUntil::Accepted);
        let (of, by) = (id.clone(), zone.by());
        let letter = zone.post.withdrawal_asked(zone.id(), (&id, "one"), Some("転居".to_owned()));
        let letter = letter.expect("an identifier");
        let asked = zone.store.write(move |tx| {
            withdrawal_requests::ask(tx, &by, (&of, "one"), rules, (letter, of.as_bytes()))
        });
        assert_eq!(asked.await.expect("an outcome"), Asked::Yes);
        // A newer revision lets it be withdrawn until it is decided.
        assert_eq!(zone.withdraw(&id).await, Withdrawn::Yes);
        let of = id.clone();
        let open = zone.store.read(move |db| withdrawal_requests::open(db, &of)).await;
        assert_eq!(open.expect("readable"), None);
        assert_eq!(standing(&zone, &id).await, ("withdrawn".to_owned(), String::new(), None));
        // And when the office was faster, there is none again that nobody sent.
        assert!(refused(&zone, &id, State::Notified, "").await);
        assert_eq!(standing(&zone, &id).await.2, Some(Turn::Late));
    }
);

on_both_databases!(
    /// NF-34, NF-49: what the office takes up again gets back the seat that is free, and says so where none is.
    what_is_taken_up_again_gets_its_seat_back,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.a", 1), ("course.b", 1)]).await;
        let first = application(&zone, &["course.a"]).await;
        let second = application(&zone, &["course.b"]).await;
        for id in [&first, &second] {
            assert!(tell(&zone, id, State::Rejected, "要件を満たしません").await);
        }
        application(&zone, &["course.b"]).await;
        for id in [&first, &second] {
            assert!(tell(&zone, id, State::Reviewing, "もう一度審査します").await);
        }
        let told = "もう一度審査します".to_owned();
        let now = standing(&zone, &first).await;
        assert_eq!(now, ("reviewing".to_owned(), told, Some(Turn::Reopened)));
        assert_eq!(standing(&zone, &second).await.2, Some(Turn::ReopenedFull));
        assert_eq!((zone.taken("course.a").await, zone.taken("course.b").await), (1, 1));
        assert!(tell(&zone, &first, State::Rejected, "").await);
        assert_eq!(zone.taken("course.a").await, 0, "it is given up again");
    }
);
