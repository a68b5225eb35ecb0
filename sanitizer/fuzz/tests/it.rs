//! The kept inputs, and a short search from them, for every target.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use platform_testkit::PATIENCE;
use sanitizer_fuzz::hunt::{Plan, hunt};
use sanitizer_fuzz::nurse::{Nurse, Seen};
use sanitizer_fuzz::strike::{Blow, strike};
use sanitizer_fuzz::targets::TARGETS;

/// Tries of the search of one target.
const TRIES: usize = 1_500;
/// Time of all searches together, so that another target takes from the others and
/// not from the gates. Decision 0014 says why this is enough for each change.
const TIME_OF_ALL: Duration = Duration::from_secs(40);
/// Targets at the same time: the gates run on two cores.
const JOBS: usize = 2;

fn program() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_sanitizer-fuzz")).to_owned()
}

/// NF-32: no kept input and no damage done to one brings a reader, the codec,
/// a builder or the verifier down, keeps it busy or makes it ask for too much
/// memory; what is read is built, and the verifier knows it.
#[test]
fn kept_inputs_and_their_damaged_copies_break_no_promise() {
    let queue = Mutex::new(TARGETS.iter());
    let time = TIME_OF_ALL / u32::try_from(TARGETS.len()).expect("not so many");
    let work = || {
        let mut faults = Vec::new();
        loop {
            let Some(target) = queue.lock().expect("a queue").next() else { return faults };
            let plan = Plan { time, tries: TRIES, patience: PATIENCE, ..Plan::of(program()) };
            let found = hunt(target, &plan).expect("a search");
            assert!(found.replayed > 0 && found.tried > 0, "{}", target.name);
            faults.extend(found.faults.into_iter().map(|it| (target.name, it.0)));
        }
    };
    let faults: Vec<(&str, String)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..JOBS).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|it| it.join().expect("no fault of the search")).collect()
    });
    assert!(faults.is_empty(), "{faults:#?}");
}

/// NF-32: the watch itself works: a child that falls, hangs or is short of
/// memory is seen, and the next input gets a new child.
#[test]
fn the_watch_sees_what_a_child_does() {
    let target = TARGETS.iter().find(|it| it.name == "text").expect("a target");
    let watches = |script: &str, patience: Duration, inputs: &[&[u8]]| -> Vec<Seen> {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("child.sh");
        platform_testkit::script::lay_script(&path, script);
        let mut nurse = Nurse::new(&path, target, patience).expect("a nurse");
        inputs.iter().map(|input| nurse.give(input).expect("a child")).collect()
    };
    let watch = |script: &str| watches(script, PATIENCE, &[b"one"]).remove(0);
    let fault = |why: &str| Seen::Fault(why.to_owned());
    let hangs = watches("exec sleep 600", Duration::from_millis(400), &[b"one", b"two"]);
    assert_eq!(hangs, [fault("hang"), fault("hang")]);
    let memory = "echo 'memory allocation of 9 bytes failed' >&2; kill -ABRT $$";
    let short = watches(memory, PATIENCE, &[b"one", b"two"]);
    assert_eq!(short, [fault("too much memory"), fault("too much memory")]);
    assert_eq!(
        watch("echo 'has overflowed its stack' >&2; kill -ABRT $$"),
        fault("stack overflow")
    );
    let place = "sanitizer/worker/src/x.rs:1";
    assert_eq!(
        watch(&format!("printf 'p\\033\\000{place}'; exec sleep 60")),
        fault(&format!("panic at {place}"))
    );
    let place = "library lopdf/src/x.rs:1:";
    assert_eq!(
        watch(&format!("printf 'p\\031\\000{place}'; exec sleep 60")),
        Seen::Contained(place.to_owned())
    );
    assert_eq!(watch("printf 'r\\000\\000'; exec sleep 60"), Seen::Read);
    assert!(matches!(watch("exit 3"), Seen::Fault(why) if why.starts_with("fell: ")));
}

/// NF-32: damaged files through the programs: none takes too long, none brings
/// a program down, every result is known to the verifier, and no result with a
/// changed byte where check sums stand.
#[test]
fn fifty_blows_break_no_promise() {
    let programs = program().parent().expect("a folder").to_owned();
    for name in ["sanitizer", "sanitizer-worker"] {
        let built = programs.join(name).exists();
        assert!(built, "{name} is not built: cargo build --workspace --bins");
    }
    let blow = Blow { programs, corpus: None, trials: 50, seed: 7, patience: PATIENCE };
    let ledger = strike(&blow, |_, _, _| ()).expect("the programs run");
    assert!(ledger.faults.is_empty(), "{:#?}", ledger.faults);
    assert_eq!(ledger.rebuilt + ledger.held.values().sum::<usize>(), 50);
    assert!(ledger.rebuilt > 5, "{ledger:?}");
    assert!(!ledger.held.contains_key("worker_fault"), "{ledger:?}");
}
