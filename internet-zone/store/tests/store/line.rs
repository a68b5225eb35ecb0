//! Seats by weight, kept before sending, waited for (NF-49).

use internet_zone_store::applications::accept::{Accepted, NewApplication};
use internet_zone_store::applications::holds::{self, Wish};
use internet_zone_store::applications::seats::Seat;
use internet_zone_store::applications::withdraw::Withdrawn;
use internet_zone_store::applications::{drafts, status, waiting};
use internet_zone_store::procedures::NewPool;
use jiff::SignedDuration;
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

const MINUTE: i64 = 60_000_000;
const BUS: &str = "trip.bus";

fn seat(units: i64) -> Seat {
    Seat { pool: BUS.to_owned(), units }
}

/// A bus with this many seats and places on the waiting list.
async fn bus(url: String, capacity: i64, waitlist: i64) -> Fixture {
    let zone = Fixture::open(url, &[]).await;
    offer(&zone, 2, capacity, waitlist).await;
    zone
}

async fn offer(zone: &Fixture, revision: i64, capacity: i64, waitlist: i64) {
    let pool = NewPool { pool: BUS.to_owned(), capacity, waitlist };
    zone.publish_pools(revision, vec![pool]).await;
}

/// An application of a new person for so many seats, ready to wait.
async fn wish(zone: &Fixture, units: i64) -> NewApplication {
    let (draft, owner) = zone.draft().await;
    let new = zone.application(&draft, owner, &[]);
    NewApplication { seats: vec![seat(units)], waits: true, ..new }
}

/// Sends one and gives its identifier and what became of it.
async fn send(zone: &Fixture, units: i64) -> (String, Accepted) {
    let new = wish(zone, units).await;
    (new.id.clone(), zone.accept(new).await)
}

async fn arrived(zone: &Fixture, id: &str) -> bool {
    let id = id.to_owned();
    zone.store.read(move |db| status::find(db, &id)).await.expect("readable").is_some()
}

async fn keep(zone: &Fixture, draft: &str, units: i64, minutes: i64) {
    let wishes = [Wish { seat: seat(units), until: zone.now() + minutes * MINUTE }];
    let (draft, procedure, now) = (draft.to_owned(), zone.procedure.clone(), zone.now());
    let kept = zone.store.write(move |tx| holds::keep(tx, (&draft, &procedure), &wishes, now));
    kept.await.expect("written");
}

on_both_databases!(
    /// NF-49: a family of four takes four seats, and gives four back.
    an_application_takes_its_weight,
    |url: String| async move {
        let zone = bus(url, 5, 0).await;
        let (family, accepted) = send(&zone, 4).await;
        assert!(matches!(accepted, Accepted::Arrived(_)), "{accepted:?}");
        assert_eq!(send(&zone, 2).await.1, Accepted::Full(BUS.to_owned()));
        assert!(matches!(send(&zone, 1).await.1, Accepted::Arrived(_)));
        assert_eq!(zone.taken(BUS).await, 5);
        assert_eq!(zone.withdraw(&family).await, Withdrawn::Yes);
        assert_eq!(zone.taken(BUS).await, 1);
    }
);

on_both_databases!(
    /// NF-49: seats chosen are kept for a while; then they are free, though nobody swept.
    seats_are_kept_for_a_while,
    |url: String| async move {
        let zone = bus(url, 2, 0).await;
        let mut mine = wish(&zone, 2).await;
        keep(&zone, &mine.draft_id, 2, 10).await;
        assert_eq!(send(&zone, 1).await.1, Accepted::Full(BUS.to_owned()));
        // Saving again does not stretch it, and sending turns it into seats.
        zone.clock.advance(SignedDuration::from_mins(6));
        keep(&zone, &mine.draft_id, 2, 10).await;
        zone.clock.advance(SignedDuration::from_mins(4));
        assert!(matches!(send(&zone, 1).await.1, Accepted::Arrived(_)), "the time is over");
        assert_eq!(zone.taken(BUS).await, 1);
        mine.waits = false;
        assert_eq!(zone.accept(mine).await, Accepted::Full(BUS.to_owned()));

        let kept = wish(&zone, 1).await;
        keep(&zone, &kept.draft_id, 1, 10).await;
        assert_eq!(zone.taken(BUS).await, 2);
        let draft = kept.draft_id.clone();
        assert!(matches!(zone.accept(kept).await, Accepted::Arrived(_)));
        assert_eq!(zone.taken(BUS).await, 2, "not taken twice");
        let left = zone.store.read(move |db| holds::of(db, &draft)).await.expect("readable");
        assert_eq!(left, []);
    }
);

on_both_databases!(
    /// NF-49: a draft that is thrown away, changes its mind, or is swept gives its seats back.
    what_is_kept_comes_back,
    |url: String| async move {
        let zone = bus(url, 3, 0).await;
        let (first, _) = zone.draft().await;
        keep(&zone, &first, 3, 10).await;
        keep(&zone, &first, 1, 10).await;
        assert_eq!(zone.taken(BUS).await, 1);
        let (by, id) = (zone.by(), first.clone());
        zone.store.write(move |tx| drafts::discard(tx, &by, &id)).await.expect("gone");
        assert_eq!(zone.taken(BUS).await, 0);
        let (second, _) = zone.draft().await;
        keep(&zone, &second, 3, 10).await;
        zone.clock.advance(SignedDuration::from_mins(10));
        let (procedure, now) = (zone.procedure.clone(), zone.now());
        let found = zone.store.read(move |db| holds::expired(db, now)).await.expect("readable");
        assert_eq!(found, Some((procedure.clone(), BUS.to_owned())));
        zone.store.write(move |tx| holds::expire(tx, (&procedure, BUS), now)).await.expect("free");
        assert_eq!(zone.taken(BUS).await, 0);
    }
);

on_both_databases!(
    /// NF-49: who wants fewer keeps those although others wait; who wants more than there is keeps what they
    /// have, for as long as before.
    another_number_of_seats_loses_none_that_is_wanted,
    |url: String| async move {
        let zone = bus(url, 3, 5).await;
        let mut mine = wish(&zone, 2).await;
        let draft = mine.draft_id.clone();
        keep(&zone, &draft, 3, 10).await;
        let (waits, _) = send(&zone, 1).await;
        assert!(!arrived(&zone, &waits).await);
        keep(&zone, &draft, 1, 10).await;
        assert!(arrived(&zone, &waits).await, "a seat that is wanted no more");
        assert_eq!(zone.taken(BUS).await, 2, "theirs, and the one that is kept");
        let (last, _) = send(&zone, 1).await;
        assert!(arrived(&zone, &last).await);

        zone.clock.advance(SignedDuration::from_mins(1));
        keep(&zone, &draft, 2, 10).await;
        let wanted = draft.clone();
        let kept = zone.store.read(move |db| holds::of(db, &wanted)).await.expect("readable");
        assert_eq!(kept.len(), 1);
        assert_eq!((&kept[0].seat, kept[0].until), (&seat(1), zone.now() + 9 * MINUTE));
        assert_eq!(zone.withdraw(&last).await, Withdrawn::Yes);
        keep(&zone, &draft, 2, 10).await;
        assert_eq!(zone.taken(BUS).await, 3);
        mine.waits = false;
        assert!(matches!(zone.accept(mine).await, Accepted::Arrived(_)));
        assert_eq!(zone.taken(BUS).await, 3, "not taken twice");
    }
);

on_both_databases!(
    /// NF-49: who agreed to wait moves up in order the moment seats are free; nobody who
    /// comes later passes, and the number stays the same.
    the_line_moves_up_in_order,
    |url: String| async move {
        let zone = bus(url, 2, 2).await;
        let (seated, _) = send(&zone, 2).await;
        let mut asks = wish(&zone, 1).await;
        asks.waits = false;
        assert_eq!(zone.accept(asks).await, Accepted::MayWait(BUS.to_owned()));
        let (first, waits) = send(&zone, 2).await;
        let Accepted::Waits(receipt) = waits else { panic!("{waits:?}") };
        zone.clock.advance(SignedDuration::from_secs(1));
        let (second, _) = send(&zone, 1).await;
        assert_eq!(send(&zone, 1).await.1, Accepted::Full(BUS.to_owned()), "the list is full");
        assert!(!arrived(&zone, &first).await && !arrived(&zone, &second).await);
        let wanted = second.clone();
        let place = zone.store.read(move |db| {
            let found = waiting::find(db, &wanted)?.expect("it waits");
            waiting::before(db, &found)
        });
        assert_eq!(place.await.expect("readable"), 1);

        assert_eq!(zone.withdraw(&seated).await, Withdrawn::Yes);
        assert!(arrived(&zone, &first).await && !arrived(&zone, &second).await);
        let id = first.clone();
        let found = zone.store.read(move |db| status::find(db, &id)).await.expect("readable");
        assert_eq!(found.expect("it arrived").number, receipt.number);
        let pool = zone.pool(BUS).await;
        assert_eq!((pool.taken, pool.waiting), (2, 1));
        // More seats: the next one moves up, and is to be told.
        offer(&zone, 3, 3, 2).await;
        assert!(arrived(&zone, &second).await);
        let told = zone.store.read(|db| waiting::promoted(db, 10)).await.expect("readable");
        assert_eq!(told.len(), 2);
        for id in [first, second] {
            let once = zone.store.write(move |tx| {
                let first = waiting::told(tx, &id)?;
                Ok((first, waiting::told(tx, &id)?))
            });
            assert_eq!(once.await.expect("written"), (true, false));
        }
    }
);

on_both_databases!(
    /// NF-49, NF-64: leaving frees the place in the line, lets the next one move up, and
    /// the same person may come again; sending twice finds the same place.
    leaving_the_line_lets_others_move_up,
    |url: String| async move {
        let zone = bus(url, 1, 5).await;
        let (seated, _) = send(&zone, 1).await;
        let mut new = wish(&zone, 3).await;
        new.once = Some((b"the same person".to_vec(), None));
        let again = new.clone();
        let large = new.id.clone();
        assert!(matches!(zone.accept(new).await, Accepted::Waits(_)));
        let Accepted::Waits(found) = zone.accept(again).await else { panic!("it waits") };
        assert_eq!(found.application_id, large);
        let (small, _) = send(&zone, 1).await;
        assert_eq!(zone.withdraw(&seated).await, Withdrawn::Yes);
        assert!(!arrived(&zone, &small).await, "three seats come first");
        let (by, id) = (zone.by(), large.clone());
        let left = zone.store.write(move |tx| {
            let left = waiting::leave(tx, &by, &id)?;
            Ok((left, waiting::leave(tx, &by, &id)?))
        });
        assert_eq!(left.await.expect("written"), (true, false));
        assert!(arrived(&zone, &small).await);
        let mut back = wish(&zone, 1).await;
        back.once = Some((b"the same person".to_vec(), None));
        assert!(matches!(zone.accept(back).await, Accepted::Waits(_)));
        let pool = zone.pool(BUS).await;
        assert_eq!((pool.taken, pool.waiting), (1, 1));
    }
);

on_both_databases!(
    /// NF-49: what somebody kept too long goes to who waits, whoever finds it free; who comes then
    /// stands behind them, and has what is left.
    a_seat_kept_too_long_goes_to_who_waits,
    |url: String| async move {
        let zone = bus(url, 2, 5).await;
        let (draft, _) = zone.draft().await;
        keep(&zone, &draft, 2, 10).await;
        let (large, waits) = send(&zone, 2).await;
        assert!(matches!(waits, Accepted::Waits(_)), "{waits:?}");
        zone.clock.advance(SignedDuration::from_mins(10));
        let (late, waits) = send(&zone, 1).await;
        assert!(matches!(waits, Accepted::Waits(_)), "{waits:?}");
        assert!(arrived(&zone, &large).await && !arrived(&zone, &late).await);
        assert_eq!((zone.pool(BUS).await.taken, zone.pool(BUS).await.waiting), (2, 1));

        // The same when somebody keeps a seat, or sends for fewer than were kept.
        offer(&zone, 3, 6, 5).await;
        assert!(arrived(&zone, &late).await);
        let (kept, _) = zone.draft().await;
        keep(&zone, &kept, 3, 10).await;
        let (next, _) = send(&zone, 2).await;
        zone.clock.advance(SignedDuration::from_mins(10));
        let mut fewer = wish(&zone, 1).await;
        keep(&zone, &fewer.draft_id, 1, 10).await;
        assert!(arrived(&zone, &next).await, "the one who looked freed it");
        assert_eq!(zone.taken(BUS).await, 6, "one is left for who looked");
        fewer.seats.clear();
        fewer.seats.push(Seat { pool: "trip.other".to_owned(), units: 1 });
        let other = NewPool { pool: "trip.other".to_owned(), capacity: 1, waitlist: 0 };
        let pool = NewPool { pool: BUS.to_owned(), capacity: 6, waitlist: 5 };
        zone.publish_pools(4, vec![pool, other]).await;
        let (last, waits) = send(&zone, 1).await;
        assert!(matches!(waits, Accepted::Waits(_)), "{waits:?}");
        assert!(matches!(zone.accept(fewer).await, Accepted::Arrived(_)));
        assert!(arrived(&zone, &last).await, "the seat that was kept and not needed");
    }
);

on_both_databases!(
    /// NF-49: a limit that is taken away keeps nobody waiting; should it come back, everybody who
    /// holds a seat is counted.
    a_limit_taken_away_ends_the_line,
    |url: String| async move {
        let zone = bus(url, 1, 5).await;
        let (seated, _) = send(&zone, 1).await;
        let (first, _) = send(&zone, 1).await;
        let (second, _) = send(&zone, 3).await;
        let other = NewPool { pool: "trip.train".to_owned(), capacity: 1, waitlist: 0 };
        zone.publish_pools(3, vec![other]).await;
        assert!(arrived(&zone, &first).await && arrived(&zone, &second).await);
        assert_eq!((zone.pool(BUS).await.taken, zone.pool(BUS).await.waiting), (5, 0));
        assert!(zone.pool(BUS).await.is_unlimited());
        offer(&zone, 4, 6, 0).await;
        assert!(!zone.pool(BUS).await.is_unlimited());
        assert!(matches!(send(&zone, 1).await.1, Accepted::Arrived(_)));
        assert_eq!(send(&zone, 1).await.1, Accepted::Full(BUS.to_owned()));
        assert_eq!(zone.withdraw(&seated).await, Withdrawn::Yes);
        assert_eq!(zone.taken(BUS).await, 5);
        // The whole of the procedure may lose its limits, too.
        offer(&zone, 5, 5, 5).await;
        let (last, _) = send(&zone, 1).await;
        zone.publish_pools(6, Vec::new()).await;
        assert!(arrived(&zone, &last).await);
    }
);

on_both_databases!(
    /// NF-49: who waits for another seat is neither counted before nor held up; who waits for two
    /// kinds is before those who wait for one of them.
    a_line_stands_for_each_seat,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let [bus, train] = [BUS, "trip.train"];
        let pools =
            |n: i64| [bus, train].map(|pool| NewPool { pool: pool.to_owned(), capacity: n, waitlist: 9 });
        zone.publish_pools(2, pools(1).into()).await;
        let mut line = Vec::new();
        for wanted in [&[bus, train][..], &[bus], &[bus], &[train], &[bus, train], &[train], &[bus]] {
            let (draft, owner) = zone.draft().await;
            let new = NewApplication { waits: true, ..zone.application(&draft, owner, wanted) };
            line.push(new.id.clone());
            zone.accept(new).await;
            zone.clock.advance(SignedDuration::from_secs(1));
        }
        let mut places = Vec::new();
        for id in &line[1..] {
            let id = id.clone();
            let place = zone.store.read(move |db| {
                let found = waiting::find(db, &id)?.expect("it waits");
                waiting::before(db, &found)
            });
            places.push(place.await.expect("readable"));
        }
        assert_eq!(places, [0, 1, 0, 3, 2, 3]);
        // Both seats are free: the first of each line has one, and nobody else moves.
        assert_eq!(zone.withdraw(&line[0]).await, Withdrawn::Yes);
        let mut seated = Vec::new();
        for id in &line[1..] {
            seated.push(arrived(&zone, id).await);
        }
        assert_eq!(seated, [true, false, true, false, false, false]);
        zone.publish_pools(3, pools(2).into()).await;
        let mut seated = Vec::new();
        for id in &line[1..] {
            seated.push(arrived(&zone, id).await);
        }
        // The second of the bus had its seat; the train's stays for the one who needs both.
        assert_eq!(seated, [true, true, true, false, false, false]);
    }
);
