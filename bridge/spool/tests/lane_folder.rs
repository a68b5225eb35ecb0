//! A lane's folder from both ends.

use std::fs;
use std::path::Path;

use bridge_contract::digest::Digest;
use bridge_contract::place::{Environment, Lane, Tenant};
use bridge_spool::{
    Fetched, Identity, Inbox, Ingested, Proof, Published, ReceiverSpool, SenderSpool, Source,
    SpoolError,
};

fn raw() -> Identity {
    Identity {
        tenant: Tenant::parse("mirai").expect("a good name"),
        environment: Environment::Demo,
        lane: Lane::Raw,
    }
}

fn sender(dir: &Path) -> SenderSpool {
    SenderSpool::open(dir, &raw()).expect("a folder of its own")
}

/// I4: one number never means two bundles.
#[test]
fn a_number_keeps_its_bytes_wherever_the_file_is() {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = sender(dir.path());
    assert_eq!(spool.publish(1, 1, b"one").expect("new"), Published::New);
    assert_eq!(spool.publish(1, 1, b"one").expect("same"), Published::Before);
    assert!(matches!(spool.publish(1, 1, b"two"), Err(SpoolError::Conflict(_))));
    spool.shelve(1, 1).expect("shelved");
    spool.shelve(1, 1).expect("a second time is no error");
    assert!(matches!(spool.publish(1, 1, b"two"), Err(SpoolError::Conflict(_))));
    assert_eq!(spool.read(1, 1).expect("readable"), Some(b"one".to_vec()));
    assert_eq!(spool.last().expect("readable"), Some((1, 1)));
    assert_eq!(spool.unsent().expect("readable"), []);
}

/// I16: two instances never write one lane.
#[test]
fn a_second_instance_is_refused_until_the_first_is_gone() {
    let dir = tempfile::tempdir().expect("a folder");
    let first = sender(dir.path());
    assert!(matches!(SenderSpool::open(dir.path(), &raw()), Err(SpoolError::InUse(_))));
    drop(first);
    sender(dir.path());
}

#[test]
fn half_written_files_are_wiped_at_the_start() {
    let dir = tempfile::tempdir().expect("a folder");
    drop(sender(dir.path()));
    let draft = dir.path().join("raw/tmp/e1-0000000000000001.kb");
    fs::write(&draft, b"half").expect("written");
    let spool = sender(dir.path());
    assert!(!draft.exists());
    assert_eq!(spool.publish(1, 1, b"whole").expect("new"), Published::New);
}

/// I13, I19: an emptied mount stops the lane instead of starting it anew.
#[test]
fn an_emptied_or_swapped_folder_stops_the_lane() {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = sender(dir.path());
    spool.publish(1, 1, b"one").expect("new");
    fs::remove_file(dir.path().join("raw/id")).expect("removed");
    assert!(matches!(spool.publish(1, 2, b"two"), Err(SpoolError::WrongFolder { .. })));
    drop(spool);
    let again = SenderSpool::open(dir.path(), &raw());
    assert!(matches!(again, Err(SpoolError::WrongFolder { .. })), "{again:?}");

    let other = Identity { environment: Environment::Production, ..raw() };
    let dir = tempfile::tempdir().expect("a folder");
    drop(sender(dir.path()));
    let swapped = SenderSpool::open(dir.path(), &other);
    assert!(matches!(swapped, Err(SpoolError::WrongFolder { .. })), "{swapped:?}");

    // A disk that refuses to tell is no other folder: nobody needs to look, a start does.
    let id = dir.path().join("raw/id");
    fs::remove_file(&id).expect("removed");
    fs::create_dir(&id).expect("what cannot be read as a file");
    let refused = SenderSpool::open(dir.path(), &raw());
    assert!(matches!(refused, Err(SpoolError::Io { what: "read", .. })), "{refused:?}");
}

#[test]
fn a_server_reads_pieces_before_and_after_shelving() {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = sender(dir.path());
    let source = Source::open(dir.path(), &raw()).expect("the same folder");
    assert_eq!(source.head().expect("readable"), None);
    spool.publish(1, 1, b"abcdef").expect("new");
    spool.write_head(b"head").expect("written");
    assert_eq!(source.head().expect("readable"), Some(b"head".to_vec()));
    assert_eq!(source.read((1, 1), 2, 3).expect("readable"), Some((b"cde".to_vec(), 6)));
    spool.shelve(1, 1).expect("shelved");
    assert_eq!(source.read((1, 1), 4, 100).expect("readable"), Some((b"ef".to_vec(), 6)));
    assert_eq!(source.read((1, 1), 9, 100).expect("readable"), Some((vec![], 6)));
    assert_eq!(source.read((1, 2), 0, 100).expect("readable"), None);
}

/// I17: a rejected file counts as not received, and is wanted again.
#[test]
fn the_fetcher_wants_what_is_missing_or_rejected() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    let at = |seq| Fetched { epoch: 1, seq };
    assert_eq!(fetcher.fetched().expect("readable"), at(0));
    for seq in [1, 2, 4] {
        fetcher.store((1, seq), b"bundle").expect("stored");
    }
    assert_eq!(fetcher.fetched().expect("readable"), at(2));

    let waiting = inbox.waiting().expect("readable");
    assert_eq!(waiting.iter().map(|one| one.seq).collect::<Vec<_>>(), [1, 2, 4]);
    inbox.done(&waiting[0], &Proof::Check(&|_| true)).expect("moved");
    inbox.set_ingested(&Ingested { epoch: 1, seq: 1, hash: Digest::ZERO }).expect("written");
    assert_eq!(fetcher.fetched().expect("readable"), at(2));
    inbox.reject(&waiting[1]).expect("moved");
    assert_eq!(fetcher.fetched().expect("readable"), at(1));
    fetcher.store((1, 2), b"bundle").expect("stored again");
    fetcher.store((1, 3), b"bundle").expect("stored");
    assert_eq!(fetcher.fetched().expect("readable"), at(4));
}

/// I17: a bundle that somebody takes away before it was taken in stops nothing; it is
/// wanted again. One that goes after it was taken in is not missed.
#[test]
fn a_bundle_that_is_taken_away_is_wanted_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    fetcher.store((1, 1), b"bundle").expect("stored");
    let waiting = inbox.waiting().expect("readable");
    let fetched = std::fs::read_dir(dir.path().join("raw/fetched")).expect("there");
    for file in fetched.flatten() {
        std::fs::remove_file(file.path()).expect("removed");
    }
    assert_eq!(waiting[0].read().expect("no fault of the disk"), b"");
    inbox.reject(&waiting[0]).expect("nothing to set aside");
    inbox.done(&waiting[0], &Proof::Check(&|_| true)).expect("nothing to tidy");
    assert_eq!(fetcher.fetched().expect("readable"), Fetched { epoch: 1, seq: 0 });
}

/// I4: what was taken in keeps its bytes, whatever comes again under its number.
#[test]
fn what_was_taken_in_is_never_written_again() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    for bytes in [b"true", b"bent"] {
        fetcher.store((1, 1), bytes).expect("stored");
        inbox
            .done(&inbox.waiting().expect("readable")[0], &Proof::Check(&|_| true))
            .expect("put on its shelf");
        assert_eq!(inbox.waiting().expect("readable"), []);
    }
    assert_eq!(inbox.read(1, 1).expect("readable").as_deref(), Some(&b"true"[..]));
}

/// I18: a hostile peer cannot fill the disk with rejected files.
#[test]
fn rejected_files_are_bounded() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    for seq in 0..100 {
        fetcher.reject((1, seq % 3), b"forged").expect("set aside");
    }
    let kept = fs::read_dir(dir.path().join("raw/rejected")).expect("readable").count();
    assert!((1..=32).contains(&kept), "{kept}");
}

#[tokio::test]
async fn a_watch_wakes_on_a_new_bundle() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    let watch = inbox.watch();
    fetcher.store((1, 1), b"bundle").expect("stored");
    watch.changed().await;
    assert_eq!(inbox.waiting().expect("readable").len(), 1);
}

/// I13: of what may go, the old goes; the newest that was sent stays, because it says
/// where the lane goes on.
#[test]
fn only_what_is_named_and_old_is_forgotten() {
    let dir = tempfile::tempdir().expect("a folder");
    let spool = sender(dir.path());
    let later = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(9_000_000_000);
    for seq in 1..=4 {
        spool.publish(1, seq, b"bundle").expect("new");
    }
    spool.shelve(1, 1).expect("shelved");
    assert_eq!(spool.forget((1, 4), std::time::SystemTime::UNIX_EPOCH).expect("nothing is old"), 0);
    assert_eq!(spool.forget((1, 2), later).expect("two may go"), 2);
    assert_eq!(spool.unsent().expect("readable"), [(1, 3), (1, 4)]);
    assert_eq!(spool.forget((1, 9), later).expect("one may go"), 1);
    assert_eq!(spool.last().expect("readable"), Some((1, 4)));

    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    for seq in 1..=3 {
        fetcher.store((1, seq), b"bundle").expect("stored");
    }
    for bundle in inbox.waiting().expect("readable").iter().take(2) {
        inbox.done(bundle, &Proof::Check(&|_| true)).expect("moved");
    }
    assert_eq!(inbox.forget((1, 1), later).expect("one may go"), 1);
    assert_eq!(inbox.read(1, 1).expect("readable"), None);
    assert_eq!(inbox.read(1, 2).expect("readable").as_deref(), Some(&b"bundle"[..]));
    assert_eq!(inbox.forget((1, 9), later).expect("what waits stays"), 1);
    assert!(inbox.read(1, 3).expect("readable").is_some());
}

/// I4: what a mover lays down under the name of a bundle in work never gets to the shelf.
#[test]
fn a_file_that_was_exchanged_meanwhile_is_set_aside() {
    let dir = tempfile::tempdir().expect("a folder");
    let fetcher = ReceiverSpool::open(dir.path(), &raw()).expect("a folder of its own");
    let inbox = Inbox::open(dir.path(), &raw()).expect("the same folder");
    fetcher.store((1, 1), b"whole").expect("stored");
    let waiting = inbox.waiting().expect("readable");
    let whole = waiting[0].read().expect("readable");
    fs::write(dir.path().join("raw/fetched/e1-0000000000000001.kb"), b"torn").expect("written");
    let is_it = |bytes: &[u8]| bytes == whole;
    inbox.done(&waiting[0], &Proof::Check(&is_it)).expect("set aside");
    assert_eq!(inbox.read(1, 1).expect("readable"), None);
    let rejected = fs::read_dir(dir.path().join("raw/rejected")).expect("readable");
    assert_eq!(rejected.count(), 1);
    fetcher.store((1, 1), b"whole").expect("stored again");
    inbox.done(&waiting[0], &Proof::Check(&is_it)).expect("shelved");
    assert_eq!(inbox.read(1, 1).expect("readable").as_ref(), Some(&whole));

    // Who has the bytes keeps them, whatever became of the file.
    for exchanged in [true, false] {
        let seq = if exchanged { 2 } else { 3 };
        fetcher.store((1, seq), b"whole").expect("stored");
        let waiting = inbox.waiting().expect("readable");
        let path = dir.path().join(format!("raw/fetched/e1-{seq:016}.kb"));
        match exchanged {
            true => fs::write(&path, b"torn").expect("written"),
            false => fs::remove_file(&path).expect("taken away"),
        }
        // The fetcher brings it again at the same moment: neither takes the other's draft.
        let draft = dir.path().join(format!("raw/part/e1-{seq:016}.kb"));
        fs::write(&draft, b"wh").expect("begun");
        inbox.done(&waiting[0], &Proof::Bytes(&whole)).expect("shelved");
        assert_eq!(inbox.read(1, seq).expect("readable").as_ref(), Some(&whole));
        assert_eq!(fs::read(&draft).expect("it is still there"), b"wh");
        fs::remove_file(&draft).expect("ended");
    }
}
