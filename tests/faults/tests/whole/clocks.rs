//! Clocks that jump while their programs run (I15).

use std::fs;
use std::path::Path;
use std::time::Duration;

use bridge_contract::head::Head;
use bridge_contract::keys::SIGNATURE_BYTES;
use bridge_contract::wire::decode;
use faults::Scene;
use faults::fault::Fault;
use jiff::Timestamp;
use platform_testkit::patiently;
use town::Database;

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;
/// What lies between a signature and the time of its file, on a slow and busy machine.
const MOMENT: i64 = 600;

/// Who signs heads, where the newest lies, and by how many seconds its clock jumps.
const SIGNERS: [(&str, &str, i64); 5] = [
    ("internet-zone", "i/spool/raw/head", 3 * DAY),
    ("relay", "s/spool/in/head", -3 * DAY),
    ("lgwan-zone", "l/spool/pub.ctl/head", 400 * DAY),
    ("export", "a/spool/exp/head", -400 * DAY),
    ("drop", "b/spool/exr/head", HOUR),
];

/// I15: the clock of a program jumps there and back while it runs, behind all its walls: the heads that
/// it signs have the other time, then the right one again, and it is the same process.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_program_signs_with_the_clock_that_jumped() {
    let mut scene = Scene::open(Database::Sqlite, 1).unwrap_or_else(|error| panic!("{error}"));
    if scene.means.faketime.is_none() {
        eprintln!("left out: libfaketime is missing (apt-get install libfaketime)");
        return;
    }
    let jumps = SIGNERS.map(|(name, _, seconds)| Fault::Jump(name, seconds));
    tokio::task::block_in_place(|| {
        for fault in jumps {
            fault.before(&mut scene).unwrap_or_else(|error| panic!("{fault}: {error}"));
        }
    });
    let root = scene.place.town.plan.root.clone();
    let before = ids(&scene);
    for fault in jumps {
        fault.strike(&mut scene).unwrap_or_else(|error| panic!("{fault}: {error}"));
    }
    until_signed(&root, |jump| jump).await;
    for fault in jumps {
        fault.after(&mut scene).await.unwrap_or_else(|error| panic!("{fault}: {error}"));
    }
    until_signed(&root, |_| 0).await;
    assert_eq!(ids(&scene), before, "nobody was started anew");
    let Scene { place, means, .. } = scene;
    place.close_after(means).unwrap_or_else(|error| panic!("{error}"));
}

/// The processes of all that sign.
fn ids(scene: &Scene) -> [Option<u32>; SIGNERS.len()] {
    SIGNERS.map(|(name, ..)| scene.place.town.id_of(name))
}

/// Waits until everybody has signed by a clock that is as wrong as wished.
async fn until_signed(root: &Path, wished: impl Fn(i64) -> i64) {
    let mut signed = Vec::new();
    for () in patiently() {
        signed = SIGNERS.map(|(name, head, _)| (name, wrong_by(&root.join(head)))).to_vec();
        let all = signed.iter().zip(SIGNERS).all(|((_, seconds), (.., jump))| {
            seconds.is_some_and(|seconds| (seconds - wished(jump)).abs() < MOMENT)
        });
        if all {
            return;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    panic!("heads are signed by clocks that are so many seconds wrong: {signed:?}");
}

/// By how many seconds a head is ahead of the time of its file, which the kernel knows.
fn wrong_by(head: &Path) -> Option<i64> {
    let bytes = fs::read(head).ok()?;
    let (content, _) = bytes.split_last_chunk::<SIGNATURE_BYTES>()?;
    let signed: Head = decode(content).ok()?;
    let written = Timestamp::try_from(fs::metadata(head).ok()?.modified().ok()?).ok()?;
    Some(signed.at.as_second() - written.as_second())
}
