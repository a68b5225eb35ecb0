//! The core of a lane as a state machine: random sequences of what people, movers,
//! crashes and restored backups do to it, against a model of what must hold.
//!
//! ```text
//! L  outbox ─► Sender ─► ready/ ── a mover: any file, any order, bent, forged ──► fetched/ ─► Receiver ─► I
//!                 ▲                                                                             │
//!                 └────────────── receipts: new, old, twice, never ◄────────────────────────────┘
//! ```
//! The tasks around the core only wait and call; here every step is called one by one, so
//! that a crash stands between any two of them. The database is SQLite.

mod heal;
mod model;
mod moves;
mod play;
mod world;

use diesel::RunQueryDsl as _;
use proptest::prelude::*;
use proptest::test_runner::Config;

use moves::{Move, Side, Telling, a_move};
use world::{LANE, World};

/// Sequences of one run, when `PROPTEST_CASES` does not ask for another number.
const SEQUENCES: u32 = 40;
/// Moves of one sequence.
const MOVES: std::ops::Range<usize> = 8..56;

fn config() -> Config {
    let asked = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { asked.cases } else { SEQUENCES };
    Config { cases, failure_persistence: None, ..asked }
}

fn play(moves: &[Move]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let mut world = World::open().await;
        for one in moves {
            world.play(one).await?;
            world.check().await.map_err(|why| format!("after {one:?}: {why}"))?;
        }
        world.heal().await?;
        world.check().await.map_err(|why| format!("in the end: {why}"))?;
        world.check_all_is_in().await
    })
}

/// I14: a database that was set back is known also when nothing was sent and nothing started since its backup; after
/// a reset everything is in.
#[tokio::test]
async fn a_database_set_back_is_known_although_nothing_was_sent() {
    let mut world = World::open().await;
    let moves = [
        Move::Say { count: 2, poison: false },
        Move::Send,
        Move::Copy(Side::Sender),
        Move::LiveOn,
        Move::Restore(Side::Sender),
    ];
    for one in moves {
        world.play(&one).await.expect("as promised");
    }
    assert!(!world.start_sender().await.expect("held, and by nothing else"));
    world.heal().await.expect("two operators let it begin anew");
    world.check_all_is_in().await.expect("once");
}

/// I14: a folder whose mark is older than that of the database, after a crash between the two or a restored spool, is
/// no database that was set back.
#[tokio::test]
async fn an_older_mark_in_the_folder_holds_nothing() {
    let mut world = World::open().await;
    let mark = world.l.spool.join(LANE.word()).join("life");
    let mut before = Vec::new();
    for one in [Move::Send, Move::LiveOn, Move::LiveOn] {
        world.play(&one).await.expect("as promised");
        before.push(std::fs::read(&mark).expect("a mark"));
    }
    assert!(before[0] != before[1] && before[1] != before[2]);
    for older in before {
        std::fs::write(&mark, older).expect("written");
        world.sender = None;
        assert!(world.start_sender().await.expect("it starts"));
    }
}

/// I14: a database that is set back underneath stops the sender that runs, as it would one that starts: a receipt that
/// comes after that lets the next start go on.
#[tokio::test]
async fn a_database_set_back_underneath_stops_the_sender() {
    let mut world = World::open().await;
    for one in [Move::Say { count: 1, poison: false }, Move::Send, Move::LiveOn] {
        world.play(&one).await.expect("as promised");
    }
    world.l.write(|tx| diesel::delete(crate::schema::lane_lives::table).execute(tx.db)).await;
    let why = world.play(&Move::LiveOn).await.expect_err("its mark is gone");
    assert!(why.contains("the database was restored"), "{why}");
    world.sender = None;
    for one in [Move::CarryAll, Move::Take, Move::Tell(Telling::New)] {
        world.play(&one).await.expect("as promised");
    }
    assert!(world.start_sender().await.expect("it starts"));
}

proptest! {
    #![proptest_config(config())]

    /// NF-32, I1 to I6, I13 to I17: whatever people, movers, crashes and restored databases do
    /// to a lane, in any order: every message arrives once or is set aside, no number means
    /// two contents, nothing is told before it is so, and what cannot go on halts.
    #[test]
    fn a_lane_keeps_its_promises(moves in prop::collection::vec(a_move(), MOVES)) {
        if let Err(why) = play(&moves) {
            return Err(TestCaseError::fail(why));
        }
    }
}
