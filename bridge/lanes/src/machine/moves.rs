//! What may happen to a lane.

use proptest::prelude::*;
use proptest::sample::Index;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Move {
    /// The zone commits messages, one transaction each; some nobody can take in.
    Say {
        count: u8,
        poison: bool,
    },
    /// The sender sends what waits; it starts when it does not run.
    Send,
    /// It dies at this step and stays down.
    Die(Step),
    /// It is stopped and started.
    RestartSender,
    /// The sender does what is not urgent.
    Tidy,
    /// A minute goes by: it renews its mark.
    LiveOn,
    /// A mover carries one of the files that ever were.
    Carry(Index, How),
    /// A mover carries what the sender shows.
    CarryAll,
    /// The receiver takes in what is there.
    Take,
    /// It is stopped and started.
    RestartReceiver,
    /// A receipt reaches the sender.
    Tell(Telling),
    /// The far end's operator asks for a file once more.
    Replay(Index),
    /// A file of the sender is lost.
    LoseFile(Index),
    /// A backup is made; or the newest one is restored.
    Copy(Side),
    Restore(Side),
    /// Somebody with the signing key signs another content for a number that was taken in.
    Fork(Index),
    /// Two operators let the lane begin anew.
    Reset,
    /// The clock is set, by hours.
    SetClock(i16),
}

/// Where the sender dies.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// A number is given and there is no file.
    Allocated,
    /// The file is there and its row does not say so.
    Made,
}

/// How a file is carried.
#[derive(Clone, Debug)]
pub(super) enum How {
    Whole,
    /// Only its beginning.
    Torn(Index),
    /// With one bit turned.
    Bent(Index),
    /// Under the name of another number.
    Renamed(u8),
    /// Signed by somebody else.
    Forged,
}

/// What becomes of receipts.
#[derive(Clone, Debug)]
pub(super) enum Telling {
    New,
    /// One of those that were made before.
    Old(Index),
    /// It is made and lost.
    Lost,
}

/// Whose database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Sender,
    Receiver,
}

pub(super) fn a_move() -> impl Strategy<Value = Move> {
    prop_oneof![
        5 => (1..5_u8, prop::bool::weighted(0.1))
            .prop_map(|(count, poison)| Move::Say { count, poison }),
        4 => Just(Move::Send),
        2 => prop_oneof![Just(Step::Allocated), Just(Step::Made)].prop_map(Move::Die),
        1 => Just(Move::RestartSender),
        1 => Just(Move::Tidy),
        1 => Just(Move::LiveOn),
        4 => (any::<Index>(), how()).prop_map(|(which, how)| Move::Carry(which, how)),
        3 => Just(Move::CarryAll),
        5 => Just(Move::Take),
        1 => Just(Move::RestartReceiver),
        3 => telling().prop_map(Move::Tell),
        1 => any::<Index>().prop_map(Move::Replay),
        1 => any::<Index>().prop_map(Move::LoseFile),
        2 => side().prop_map(Move::Copy),
        2 => side().prop_map(Move::Restore),
        1 => any::<Index>().prop_map(Move::Fork),
        1 => Just(Move::Reset),
        1 => (-9_000..9_000_i16).prop_map(Move::SetClock),
    ]
}

fn how() -> impl Strategy<Value = How> {
    prop_oneof![
        4 => Just(How::Whole),
        1 => any::<Index>().prop_map(How::Torn),
        1 => any::<Index>().prop_map(How::Bent),
        1 => (1..9_u8).prop_map(How::Renamed),
        1 => Just(How::Forged),
    ]
}

fn telling() -> impl Strategy<Value = Telling> {
    prop_oneof![
        4 => Just(Telling::New),
        1 => any::<Index>().prop_map(Telling::Old),
        1 => Just(Telling::Lost),
    ]
}

fn side() -> impl Strategy<Value = Side> {
    prop_oneof![Just(Side::Sender), Just(Side::Receiver)]
}
