//! Large files on a lane of their own, and raw items that pass each other.

use std::collections::BTreeSet;

use bridge_contract::bundle::{Draft, NewItem, Signer, build};
use bridge_contract::digest::Digest;
use bridge_contract::keys::KeyFolder;
use bridge_contract::messages::{
    Applicant, Arrival, BULK_KIND, BulkPart, Crossed, Declared, InItem, Origin, Outcome, Position,
    Rebuilt, Sanitized, Split, Submission, ToStaff, Verdict, Withdrawal,
};
use bridge_contract::place::Lane;
use bridge_contract::seal::seal_for;
use bridge_contract::wire::encode;
use bridge_lanes::{
    CompleterSetup, FromCitizen, LargeFiles, Redriven, Wake, complete, discard, receive, redrive,
    status,
};
use domain::ids::{ApplicationId, AttachmentId, ProcedureId};
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_testkit::on_both_databases;

use crate::town::{Keeping, Town, deliver};

/// Plays S: signs whatever it is told on `in` and `in.bulk`.
struct Relay<'a> {
    town: &'a Town,
    keys: KeyFolder,
    last: [(u64, Digest); 2],
}

impl<'a> Relay<'a> {
    fn of(town: &'a Town) -> Self {
        let keys = KeyFolder::open(&town.path().join("keys/s")).expect("keys");
        Self { town, keys, last: [(0, Digest::ZERO); 2] }
    }

    /// One bundle with one item.
    fn bring(&mut self, lane: Lane, uuid: &str, (kind, content): (u16, &[u8]), stamp: Vec<u8>) {
        let set = self.keys.set();
        let sealed = seal_for(set, lane, uuid, kind, content).expect("a key for L");
        let item = NewItem { stamp, ..sealed };
        let key = self.keys.signer(lane).expect("a key of S");
        let signer = Signer {
            tenant: set.tenant,
            environment: set.environment,
            key_set_version: set.version,
            key: &key,
        };
        let last = &mut self.last[usize::from(lane == Lane::InBulk)];
        let (seq, at) = (last.0 + 1, self.town.clock.now());
        let built = build(&Draft { lane, epoch: 1, seq, prev: last.1, at }, &[item], &signer);
        *last = (seq, built.envelope.header.hash());
        deliver(&self.town.l, lane, (1, seq), &built.bytes);
    }

    fn message(&mut self, raw: (u64, u32, u32), message: &ToStaff, bulk: Option<&[u8]>) {
        self.message_of(&format!("item-{}-{}", raw.0, raw.1), raw, message, bulk);
    }

    fn message_of(
        &mut self,
        uuid: &str,
        raw: (u64, u32, u32),
        message: &ToStaff,
        bulk: Option<&[u8]>,
    ) {
        let origin = origin(raw);
        let verdicts = message
            .attachments()
            .iter()
            .map(|file| self.verdict(message, file, bulk.expect("its file")))
            .collect();
        let item = Sanitized {
            origin,
            stamp: encode(&Arrival { number: None, at: self.town.clock.now() }),
            message: encode(message),
            verdicts,
            parts: Vec::new(),
        };
        let ids: Vec<_> = message.attachments().iter().map(|file| file.id.clone()).collect();
        let content = match ids.is_empty() {
            true => InItem::Sanitized(item),
            false => InItem::Split(Split { item, bulk: ids }),
        };
        self.bring(Lane::In, uuid, (message.kind(), &encode(&content)), stamp(origin));
    }

    fn verdict(&self, message: &ToStaff, file: &Declared, bytes: &[u8]) -> Verdict {
        let outcome = Outcome::Rebuilt(Rebuilt {
            out_sha256: Digest::of(bytes),
            size: bytes.len() as u64,
            media: "image/png".to_owned(),
            name: "a.png".to_owned(),
            removed: Vec::new(),
        });
        let key = self.keys.verdict_signer().expect("a key of S");
        let application = message.application().expect("of an application");
        Verdict::sign(application, file.id.clone(), file.sha256, outcome, 1, &key)
    }

    fn large_file(&mut self, uuid: &str, bytes: &[u8]) {
        self.large_file_of(7, uuid, bytes);
    }

    fn large_file_of(&mut self, attachment: u128, uuid: &str, bytes: &[u8]) {
        let part = BulkPart {
            application_id: ApplicationId::from_bits(1),
            attachment_id: AttachmentId::from_bits(attachment),
            bytes: bytes.to_vec(),
        };
        self.bring(Lane::InBulk, uuid, (BULK_KIND, &encode(&part)), Vec::new());
    }
}

fn origin((seq, idx, items): (u64, u32, u32)) -> Origin {
    Origin { at: Position { epoch: 1, seq, idx }, items, hash: Digest::of(&seq.to_be_bytes()) }
}

fn stamp(origin: Origin) -> Vec<u8> {
    encode(&Crossed { origin, floor: None })
}

fn with_a_file(application: u128) -> ToStaff {
    with_file(application, 7)
}

fn with_file(application: u128, attachment: u128) -> ToStaff {
    ToStaff::from(Box::new(Submission {
        application_id: ApplicationId::from_bits(application),
        procedure_id: ProcedureId::from_bits(1),
        revision: 1,
        definition_sha256: Digest::ZERO,
        applicant: Applicant::Anonymous,
        answers: Default::default(),
        provenance: Default::default(),
        cosigners: Vec::new(),
        attachments: vec![Declared {
            id: AttachmentId::from_bits(attachment),
            field: "photo".to_owned(),
            name: "a.png".to_owned(),
            media: "image/png".to_owned(),
            size: 3,
            sha256: Digest::of(b"raw"),
        }],
    }))
}

fn withdrawal(application: u128) -> ToStaff {
    ToStaff::Withdrawal(Withdrawal {
        application_id: ApplicationId::from_bits(application),
        reason: String::new(),
    })
}

/// L's three tasks: `in`, `in.bulk`, and what completes messages.
struct Desk {
    shutdown: Shutdown,
    tasks: tokio::task::JoinSet<Result<(), bridge_lanes::LaneFault>>,
}

impl Desk {
    fn open(town: &Town) -> Self {
        let shutdown = Shutdown::new();
        let mut tasks = tokio::task::JoinSet::new();
        let files = Files::open(town.path().join("files")).expect("a folder");
        let ingest = Keeping::<FromCitizen>::new(&town.keep);
        let setup = town.receiver_setup(&town.l, Lane::In, shutdown.clone());
        let completer = CompleterSetup {
            lane: Lane::In,
            store: setup.store.clone(),
            keys: setup.keys.clone(),
            openers: setup.openers.clone(),
            files: Some(files.clone()),
            clock: setup.clock.clone(),
            receipts: Wake::new(),
            shutdown: shutdown.clone(),
        };
        tasks.spawn(receive(setup, ingest.clone()));
        tasks.spawn(complete(completer, ingest));
        let bulk = town.receiver_setup(&town.l, Lane::InBulk, shutdown.clone());
        let large = LargeFiles::new(files, town.clock.clone());
        tasks.spawn(receive(bulk, std::sync::Arc::new(large)));
        Self { shutdown, tasks }
    }

    async fn close(mut self) {
        self.shutdown.trigger();
        while let Some(ended) = self.tasks.join_next().await {
            ended.expect("no panic").expect("a clean stop");
        }
    }
}

async fn lane(town: &Town, lane: Lane) -> status::Receiving {
    let lanes = town.l.read(status::status).await;
    lanes.receiving.into_iter().find(|one| one.lane == lane).expect("the lane began")
}

/// The last bundle of a lane that was taken in.
async fn seq_of(town: &Town, lane: Lane) -> u64 {
    let lanes = town.l.read(status::status).await;
    lanes.receiving.into_iter().find(|one| one.lane == lane).map_or(0, |one| one.seq)
}

async fn seen(town: &Town) -> Vec<String> {
    town.l.seen().await.into_iter().map(|(uuid, _)| uuid).collect()
}

on_both_databases!(
    /// I1, I3: a message waits for its large file and holds up nobody but
    /// its own application; the raw number is acknowledged when all of it is here.
    a_message_waits_for_its_large_file_and_others_pass,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        relay.message((1, 0, 1), &with_a_file(1), Some(b"large"));
        relay.message((2, 0, 1), &withdrawal(1), None);
        relay.message((3, 0, 1), &withdrawal(2), None);
        let desk = Desk::open(&town);
        town.l.wait_until("another one passes", async |_| seen(&town).await == ["item-3-0"]).await;
        let (raw, waiting) = (lane(&town, Lane::Raw).await, lane(&town, Lane::In).await);
        assert_eq!((raw.seq, raw.gaps, waiting.waiting_parts), (0, vec![(1, 2)], 2));

        // Another file under its name does not satisfy the verdict.
        relay.large_file("other", b"evil");
        town.l.wait_until("it is in", async |_| seq_of(&town, Lane::InBulk).await == 1).await;
        assert_eq!(lane(&town, Lane::In).await.waiting_parts, 2);
        relay.large_file("right", b"large");
        town.l.wait_until("all are in", async |_| seen(&town).await.len() == 3).await;
        desk.close().await;
        assert_eq!(seen(&town).await, ["item-1-0", "item-2-0", "item-3-0"]);
        let (raw, waiting) = (lane(&town, Lane::Raw).await, lane(&town, Lane::In).await);
        assert_eq!((raw.seq, raw.gaps, waiting.waiting_parts), (3, vec![], 0));
        let kept = Files::open(town.path().join("files")).expect("a folder");
        let shelves = kept.shelves().expect("readable");
        let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1 << 33);
        let names = shelves.iter().flat_map(|shelf| kept.aged(shelf, later).expect("readable"));
        assert_eq!(names.count(), 1, "its application has it now; nobody asked for the other");
    }
);

on_both_databases!(
    /// I1: two applications with the same file each get it, one after the other.
    the_same_file_serves_two_applications,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        relay.large_file_of(7, "first", b"large");
        relay.large_file_of(8, "second", b"large");
        relay.message((1, 0, 1), &with_file(1, 7), Some(b"large"));
        let desk = Desk::open(&town);
        town.l.wait_until("one is whole", async |_| seen(&town).await == ["item-1-0"]).await;
        relay.message((2, 0, 1), &with_file(2, 8), Some(b"large"));
        town.l.wait_until("both are whole", async |_| seen(&town).await.len() == 2).await;
        desk.close().await;
        assert!(town.l.read(|db| status::quarantined(db, 9)).await.is_empty());
    }
);

on_both_databases!(
    /// I1: whether the file or its message comes first makes no difference, and a
    /// restart in between neither.
    a_large_file_may_come_first,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        relay.large_file("early", b"large");
        let desk = Desk::open(&town);
        town.l.wait_until("it is in", async |_| seq_of(&town, Lane::InBulk).await == 1).await;
        desk.close().await;
        relay.message((1, 0, 1), &with_a_file(1), Some(b"large"));
        let desk = Desk::open(&town);
        town.l.wait_until("it is whole", async |_| seen(&town).await.len() == 1).await;
        desk.close().await;
        assert_eq!(lane(&town, Lane::Raw).await.seq, 1);
    }
);

on_both_databases!(
    /// I17: a whole message that the zone refuses is set aside with its reason, and
    /// what follows it goes on.
    a_refused_whole_message_is_set_aside,
    |url: String| async move {
        let town = Town::open(url);
        town.keep.poison.lock().expect("whole").push("item-1-0".to_owned());
        let mut relay = Relay::of(&town);
        relay.message((1, 0, 1), &with_a_file(1), Some(b"large"));
        relay.message((2, 0, 1), &withdrawal(1), None);
        relay.large_file("file", b"large");
        let desk = Desk::open(&town);
        town.l.wait_until("the next is in", async |_| seen(&town).await == ["item-2-0"]).await;
        desk.close().await;
        let aside = town.l.read(|db| status::quarantined(db, 9)).await;
        assert_eq!((aside.len(), aside[0].uuid.as_str()), (1, "item-1-0"));
        assert_eq!(lane(&town, Lane::Raw).await.seq, 2);
    }
);

on_both_databases!(
    /// I1, I3: raw items may pass each other within and across bundles; the raw
    /// number moves over what is here without a gap, one by one.
    raw_items_that_pass_each_other_leave_a_gap_until_they_come,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        let desk = Desk::open(&town);
        let order = [
            ((2, 1, 2), 0, vec![(1, 2)]),
            ((4, 0, 1), 0, vec![(1, 3)]),
            ((2, 0, 2), 0, vec![(1, 1), (3, 3)]),
            ((1, 1, 2), 0, vec![(1, 1), (3, 3)]),
            ((1, 0, 2), 2, vec![(3, 3)]),
            ((3, 0, 1), 4, vec![]),
        ];
        for (before, (place, seq, gaps)) in order.into_iter().enumerate() {
            relay.message(place, &withdrawal(u128::from(place.0 * 10) + u128::from(place.1)), None);
            town.l.wait_until("it is in", async |_| seen(&town).await.len() == before + 1).await;
            let raw = lane(&town, Lane::Raw).await;
            assert_eq!((raw.seq, raw.gaps), (seq, gaps), "after {place:?}");
        }
        desk.close().await;
    }
);

on_both_databases!(
    /// I1, I3: a message that comes again under another number while it waits is taken in once, by
    /// whichever copy is whole first, and all its numbers are here then.
    a_message_that_comes_again_while_it_waits_counts_under_each_number,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        let desk = Desk::open(&town);
        relay.message((1, 0, 1), &with_a_file(1), Some(b"large"));
        relay.message((2, 0, 1), &withdrawal(1), None);
        // The lane began anew, or its bundles went out again; the file was rebuilt otherwise.
        relay.message_of("item-1-0", (3, 0, 1), &with_a_file(1), Some(b"newer"));
        relay.message_of("item-2-0", (4, 0, 1), &withdrawal(1), None);
        relay.message((5, 0, 1), &withdrawal(2), None);
        town.l.wait_until("another one passes", async |_| seen(&town).await == ["item-5-0"]).await;
        let (raw, waiting) = (lane(&town, Lane::Raw).await, lane(&town, Lane::In).await);
        assert_eq!((raw.seq, raw.gaps, waiting.waiting_parts), (0, vec![(1, 4)], 2));
        relay.large_file("newer", b"newer");
        town.l.wait_until("all are in", async |_| seen(&town).await.len() == 3).await;
        // What was sent first comes at last: nobody waits for it.
        relay.large_file("older", b"large");
        town.l.wait_until("it is in", async |_| seq_of(&town, Lane::InBulk).await == 2).await;
        desk.close().await;
        let once: BTreeSet<String> = seen(&town).await.into_iter().collect();
        assert_eq!(once, ["item-1-0", "item-2-0", "item-5-0"].map(String::from).into());
        let (raw, waiting) = (lane(&town, Lane::Raw).await, lane(&town, Lane::In).await);
        assert_eq!((raw.seq, raw.gaps, waiting.waiting_parts), (5, vec![], 0));
        assert!(town.l.read(|db| status::quarantined(db, 9)).await.is_empty());
    }
);

on_both_databases!(
    /// I17: a message that came twice is set aside once when it is refused, with the copy that was
    /// whole; it waits for nothing then, and what follows it goes on.
    a_refused_message_that_waits_twice_is_set_aside_once,
    |url: String| async move {
        let town = Town::open(url);
        town.keep.poison.lock().expect("whole").push("item-1-0".to_owned());
        let mut relay = Relay::of(&town);
        relay.message((1, 0, 1), &with_a_file(1), Some(b"never"));
        relay.message_of("item-1-0", (2, 0, 1), &with_a_file(1), Some(b"large"));
        relay.message((3, 0, 1), &withdrawal(1), None);
        let desk = Desk::open(&town);
        town.l.wait_until("all wait", async |_| seq_of(&town, Lane::In).await == 3).await;
        relay.large_file("file", b"large");
        town.l.wait_until("the next is in", async |_| seen(&town).await == ["item-3-0"]).await;
        desk.close().await;
        let aside = town.l.read(|db| status::quarantined(db, 9)).await;
        assert_eq!((aside.len(), aside[0].uuid.as_str()), (1, "item-1-0"));
        assert_eq!(aside[0].seq, 2, "the whole one");
        assert_eq!(lane(&town, Lane::Raw).await.seq, 3);
    }
);

on_both_databases!(
    /// I17: what L could never read is not counted until an operator gives it up, and holds up
    /// nothing any more then.
    an_unreadable_item_that_is_given_up_leaves_no_gap,
    |url: String| async move {
        let town = Town::open(url);
        let mut relay = Relay::of(&town);
        let desk = Desk::open(&town);
        relay.bring(Lane::In, "riddle", (1, b"not a message"), stamp(origin((1, 0, 1))));
        relay.message((2, 0, 1), &withdrawal(1), None);
        town.l.wait_until("the next is in", async |_| seen(&town).await == ["item-2-0"]).await;
        let raw = lane(&town, Lane::Raw).await;
        assert_eq!((raw.seq, raw.gaps), (0, vec![(1, 1)]));
        // Driven again too early, it is set aside again, and not counted either.
        let (at, now) = (Position { epoch: 1, seq: 1, idx: 0 }, town.clock.now());
        let again = town.l.store.write(move |tx| redrive(tx, Lane::In, at, now)).await;
        assert_eq!(again.expect("written"), Redriven::Done);
        let aside = async |_: &_| !town.l.read(|db| status::quarantined(db, 9)).await.is_empty();
        town.l.wait_until("it is aside again", aside).await;
        desk.close().await;
        let raw = lane(&town, Lane::Raw).await;
        assert_eq!((raw.seq, raw.gaps), (0, vec![(1, 1)]));
        let given_up = town.l.store.write(move |tx| discard(tx, Lane::In, at, now)).await;
        assert_eq!(given_up.expect("written").expect("it was aside").0, "riddle");
        let raw = lane(&town, Lane::Raw).await;
        assert_eq!((raw.seq, raw.gaps), (2, vec![]));
    }
);
