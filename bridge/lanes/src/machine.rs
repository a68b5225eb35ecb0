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

use proptest::prelude::*;
use proptest::test_runner::Config;

use moves::{Move, a_move};
use world::World;

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
