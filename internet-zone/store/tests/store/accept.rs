//! The arrival.

use bridge_contract::Lane;
use bridge_contract::bundle::CONTENT_LIMIT;
use bridge_lanes::Leapt;
use diesel::prelude::*;
use domain::forms::definition::MOST_TOTAL_MB;
use internet_zone_store::applications::accept::Accepted;
use internet_zone_store::applications::drafts;
use internet_zone_store::applications::status;
use internet_zone_store::applications::withdraw::{self, Withdrawn};
use internet_zone_store::lanes;
use jiff::SignedDuration;
use platform_service::halts::Halt;
use platform_store::each_backend;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

/// NF-56: files of the largest sum that a procedure may allow fit the one item in which they cross, with
/// room for the answers.
#[test]
fn the_largest_sum_of_files_fits_an_item() {
    let files = usize::try_from(MOST_TOTAL_MB).expect("small") * 1_000_000;
    assert!(files + 5_000_000 <= CONTENT_LIMIT);
}

fn arrived(accepted: &Accepted) -> &str {
    match accepted {
        Accepted::Arrived(receipt) => &receipt.number,
        other => panic!("expected an arrival, got {other:?}"),
    }
}

on_both_databases!(
    /// NF-4: an application gets the next number of the fiscal year and its draft is gone.
    an_application_arrives_with_the_next_number,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        for expected in ["2026-000001-", "2026-000002-"] {
            let (draft, owner) = zone.draft().await;
            let accepted = zone.accept(zone.application(&draft, owner, &[])).await;
            assert!(arrived(&accepted).starts_with(expected), "{accepted:?}");
            let now = zone.now();
            let left = zone.store.read(move |db| drafts::find(db, &draft, now)).await;
            assert!(left.expect("readable").is_none());
        }
    }
);

on_both_databases!(
    /// NF-4, MN-8.2a, I14: a database that was set back gives no number that was given after its
    /// backup; a lane that stops for another reason changes nothing.
    numbers_go_on_far_behind_those_of_a_database_that_was_set_back,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let stops = async |lane: Lane, code: &'static str| {
            let (part, why) = (format!("lane {lane}"), String::new());
            let halt = Halt { part, code, why, at: zone.clock.now() };
            let before = Leapt::new();
            let stopped =
                zone.store.write(move |tx| lanes::stopped(tx, lane, &halt, &before)).await;
            stopped.expect("recorded");
        };
        // Nothing was given yet that this copy knows of.
        stops(Lane::Raw, "restored").await;
        let expected = ["2026-1000001-", "2026-2000002-", "2026-2000003-"];
        for (expected, next) in expected.into_iter().zip(["ahead_of_database", "halted", ""]) {
            let (draft, owner) = zone.draft().await;
            let accepted = zone.accept(zone.application(&draft, owner, &[])).await;
            assert!(arrived(&accepted).starts_with(expected), "{accepted:?}");
            if !next.is_empty() {
                stops(Lane::PubCtl, "restored").await;
                stops(Lane::Raw, next).await;
            }
        }
        // Started again and again while it is held: the numbers stay those of applications.
        for _ in 0..710 {
            stops(Lane::Raw, "restored").await;
        }
        let (draft, owner) = zone.draft().await;
        let accepted = zone.accept(zone.application(&draft, owner, &[])).await;
        assert!(arrived(&accepted).starts_with("2026-700000004-"), "{accepted:?}");
    }
);

on_both_databases!(
    /// NF-4, MN-8.2a, I14: set back twice to one backup, a database gives no number that it gave in between.
    numbers_of_a_database_set_back_twice_are_not_given_twice,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let mut leapt = Leapt::new();
        for expected in ["2026-1000001-", "2026-2000001-", "2026-3000001-"] {
            let (part, why) = (format!("lane {}", Lane::Raw), String::new());
            let halt = Halt { part, code: "restored", why, at: zone.clock.now() };
            let before = leapt.clone();
            let stopped = zone
                .store
                .write(move |tx| {
                    // The backup knows of no number at all.
                    let forget = "delete from counters where name like '%number:2026'";
                    each_backend!(tx.db, conn => diesel::sql_query(forget).execute(conn))?;
                    lanes::stopped(tx, Lane::Raw, &halt, &before)
                })
                .await;
            leapt = stopped.expect("recorded");
            let (draft, owner) = zone.draft().await;
            let accepted = zone.accept(zone.application(&draft, owner, &[])).await;
            assert!(arrived(&accepted).starts_with(expected), "{accepted:?}");
        }
        let counters: Vec<&str> = leapt.keys().map(String::as_str).collect();
        assert_eq!(counters, ["number:2026", "trial-number:2026"]);
    }
);

on_both_databases!(
    /// NF-4: the same draft sent again, also at the same moment, gives the same receipt.
    sending_twice_gives_one_receipt,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, owner) = zone.draft().await;
        let mut tries = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let (zone, new) = (zone.clone(), zone.application(&draft, owner.clone(), &[]));
            tries.spawn(async move { zone.accept(new).await });
        }
        let mut numbers = Vec::new();
        let mut first = 0;
        while let Some(accepted) = tries.join_next().await {
            match accepted.expect("no panic") {
                Accepted::Arrived(receipt) => {
                    first += 1;
                    numbers.push(receipt.number);
                }
                Accepted::Before(receipt) => numbers.push(receipt.number),
                other => panic!("{other:?}"),
            }
        }
        numbers.dedup();
        assert_eq!((first, numbers.len()), (1, 1));
    }
);

on_both_databases!(
    /// NF-49: a choice with ten seats takes ten of forty who come at the same moment.
    forty_people_share_ten_seats,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.pottery", 10), ("procedure", 100)]).await;
        let mut people = tokio::task::JoinSet::new();
        for _ in 0..40 {
            let zone = zone.clone();
            people.spawn(async move {
                let (draft, owner) = zone.draft().await;
                let new = zone.application(&draft, owner, &["course.pottery", "procedure"]);
                zone.accept(new).await
            });
        }
        let (mut seated, mut refused) = (0, 0);
        while let Some(accepted) = people.join_next().await {
            match accepted.expect("no panic") {
                Accepted::Arrived(_) => seated += 1,
                Accepted::Full(pool) => {
                    assert_eq!(pool, "course.pottery");
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((seated, refused), (10, 30));
        // Who was refused by one pool holds nothing of the other.
        assert_eq!((zone.taken("course.pottery").await, zone.taken("procedure").await), (10, 10));
    }
);

on_both_databases!(
    /// NF-49: who is refused keeps the draft, and the seat of one who withdraws is free again.
    a_seat_given_back_can_be_taken,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.pottery", 1)]).await;
        let (first, owner) = zone.draft().await;
        let taken = zone.application(&first, owner, &["course.pottery"]);
        let id = taken.id.clone();
        assert!(matches!(zone.accept(taken).await, Accepted::Arrived(_)));
        let (second, owner) = zone.draft().await;
        let wish = || zone.application(&second, owner.clone(), &["course.pottery"]);
        assert_eq!(zone.accept(wish()).await, Accepted::Full("course.pottery".to_owned()));

        let letter = zone.post.withdrawal(zone.id(), &id, String::new()).expect("good identifiers");
        let rules = domain::applications::Rules::new(&[], domain::applications::WithdrawUntil::Decided);
        let by = zone.by();
        let done = zone.store.write(move |tx| withdraw::withdraw(tx, &by, &id, rules, letter)).await;
        assert_eq!(done.expect("an outcome"), Withdrawn::Yes);
        assert!(matches!(zone.accept(wish()).await, Accepted::Arrived(_)));
    }
);

on_both_databases!(
    /// NF-50: an application that reaches the database after the last moment is not taken.
    the_last_moment_is_kept_to_the_microsecond,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, owner) = zone.draft().await;
        let mut new = zone.application(&draft, owner.clone(), &[]);
        new.closes_at = Some(zone.now());
        assert_eq!(zone.accept(new).await, Accepted::TooLate);
        let mut new = zone.application(&draft, owner, &[]);
        new.closes_at = Some(zone.now() + 1);
        assert!(matches!(zone.accept(new).await, Accepted::Arrived(_)));
    }
);

on_both_databases!(
    /// NF-64: the same person is taken once, and again when the window is over.
    the_same_person_is_taken_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[("course.pottery", 5)]).await;
        let day = 86_400_000_000;
        let wish = |zone: &Fixture, draft: &str, owner, until| {
            let mut new = zone.application(draft, owner, &["course.pottery"]);
            new.once = Some((b"the same person".to_vec(), Some(until)));
            new
        };
        let (draft, owner) = zone.draft().await;
        let first = wish(&zone, &draft, owner, zone.now() + day);
        assert!(matches!(zone.accept(first).await, Accepted::Arrived(_)));
        let (draft, owner) = zone.draft().await;
        let again = wish(&zone, &draft, owner.clone(), zone.now() + day);
        assert_eq!(zone.accept(again).await, Accepted::Twice);
        assert_eq!(zone.taken("course.pottery").await, 1, "the refused one gave its seat back");
        zone.clock.advance(SignedDuration::from_hours(23));
        let later = wish(&zone, &draft, owner.clone(), zone.now() + day);
        assert_eq!(zone.accept(later).await, Accepted::Twice);
        zone.clock.advance(SignedDuration::from_mins(59));
        let still = wish(&zone, &draft, owner.clone(), zone.now() + day);
        assert_eq!(zone.accept(still).await, Accepted::Twice);
        zone.clock.advance(SignedDuration::from_mins(1));
        let over = wish(&zone, &draft, owner, zone.now() + day);
        assert!(matches!(zone.accept(over).await, Accepted::Arrived(_)));
    }
);

on_both_databases!(
    /// NF-60: a draft that changed after it was checked is not sent as it was.
    a_changed_draft_is_checked_again,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, owner) = zone.draft().await;
        let mut new = zone.application(&draft, owner, &[]);
        new.draft_version = 7;
        assert_eq!(zone.accept(new).await, Accepted::Outdated);
    }
);

on_both_databases!(
    /// NF-31: what is known of an application after arrival is its number and state.
    an_application_is_found_by_its_owner,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, owner) = zone.draft().await;
        let new = zone.application(&draft, owner.clone(), &[]);
        let id = new.id.clone();
        let number = arrived(&zone.accept(new).await).to_owned();
        let wanted = id.clone();
        let found = zone.store.read(move |db| status::find(db, &wanted)).await.expect("readable");
        let found = found.expect("it is there");
        assert_eq!((found.number, found.state.as_str()), (number, "arrived"));
        let mine = zone.store.read(move |db| status::of(db, &owner, 10, 0)).await;
        assert_eq!(mine.expect("readable").len(), 1);
    }
);

/// A line of a plan.
#[derive(diesel::QueryableByName)]
struct Planned {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
    step: String,
}

/// The same of SQLite.
#[derive(diesel::QueryableByName)]
struct Detail {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

on_both_databases!(
    /// NF-6, NN-15: what is swept all day is found by an index, however many applications there are.
    a_sweep_reads_what_it_deletes,
    |url: String| async move {
        let sqlite = url.starts_with("sqlite");
        let zone = Fixture::open(url, &[]).await;
        for (index, swept) in [
            (
                "applications_by_secret",
                "update applications set secret_sealed = null \
                 where secret_sealed is not null and arrived_at < 5",
            ),
            ("sessions_by_idle", "delete from sessions where expires_at <= 5 or seen_at <= 5"),
            ("tries_by_last", "delete from tries where last_at < 5"),
        ] {
            let plan = zone.store.read(move |db| {
                if sqlite {
                    let rows = diesel::sql_query(format!("explain query plan {swept}"));
                    let rows: Vec<Detail> = rows.load(db)?;
                    return Ok(rows.into_iter().map(|row| row.detail).collect::<Vec<_>>());
                }
                // The tables are empty here: without this, reading them all would be cheaper.
                diesel::sql_query("set enable_seqscan = off").execute(db)?;
                let rows: Vec<Planned> = diesel::sql_query(format!("explain {swept}")).load(db)?;
                Ok(rows.into_iter().map(|row| row.step).collect())
            });
            let plan = plan.await.expect("a plan").join("\n");
            assert!(plan.contains(index), "{plan}");
        }
    }
);
