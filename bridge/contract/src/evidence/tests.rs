use jiff::Timestamp;

use super::*;
use crate::bundle::{BundleFault, Draft, NewItem, Signer, build, index_bytes, verify};
use crate::digest::{Digest, Running, hex};
use crate::keys::{KeyEntry, KeySet, Purpose, SigningKey};
use crate::messages::{Crossed, Origin, Position, Receipt};
use crate::place::{Environment, Lane, Tenant};
use crate::wire::encode;

/// Keys of a town that sign `raw` and `in`.
struct Town {
    key: SigningKey,
    keys: KeySet,
}

impl Town {
    fn new() -> Self {
        let key = SigningKey::from_seed(&[7; 32]).expect("any seed is a key");
        let entry = |lane| KeyEntry {
            purpose: Purpose::Sign(lane),
            public: key.verify_key().0,
            valid_from: 1,
            valid_until: u64::MAX,
        };
        let keys = KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys: vec![entry(Lane::Raw), entry(Lane::In)],
        };
        Self { key, keys }
    }

    /// Bundles of two items, numbered from 1, as records of one end.
    fn bundles(&self, lane: Lane, end: &str, count: u64, origins: &[Origin]) -> Vec<Record> {
        let mut prev = Digest::ZERO;
        let mut origins = origins.iter();
        let bundle = |seq| {
            let mut item = |idx: u32| NewItem {
                uuid: format!("{lane}-{seq}-{idx}"),
                kind: 2,
                stamp: origins.next().map_or_else(Vec::new, |origin| {
                    encode(&Crossed { origin: *origin, floor: None })
                }),
                sealed: vec![9; 100],
            };
            let items = [item(0), item(1)];
            let draft = Draft { lane, epoch: 1, seq, prev, at: Timestamp::UNIX_EPOCH };
            let built = build(&draft, &items, &self.signer());
            prev = built.envelope.header.hash();
            record(&built.bytes, end, lane, &self.keys)
        };
        (1..=count).map(bundle).collect()
    }

    fn signer(&self) -> Signer<'_> {
        Signer {
            tenant: self.keys.tenant,
            environment: self.keys.environment,
            key_set_version: 1,
            key: &self.key,
        }
    }

    fn check(&self, lines: &[String]) -> Result<Findings, EvidenceFault> {
        let mut checker = Checker::new(&self.keys, Some("raw-2-1".to_owned()));
        for line in lines {
            checker.line(line)?;
        }
        checker.finish()
    }

    fn findings(&self, zone: &str, records: &[Record]) -> Findings {
        self.check(&lines(zone, records)).expect("good evidence")
    }
}

fn record(file: &[u8], end: &str, lane: Lane, keys: &KeySet) -> Record {
    let bundle = verify(file, &crate::bundle::Expect { lane, keys }).expect("just built");
    let envelope = bundle.verified.envelope;
    let header = envelope.header.to_bytes();
    Record::Bundle(BundleRecord {
        lane: lane.word().to_owned(),
        end: end.to_owned(),
        envelope: hex(&header) + &hex(&envelope.signature.0),
        entries: hex(&index_bytes(bundle.items.iter().map(|item| &item.entry))),
        state: "ingested".to_owned(),
        times: vec![("ingested".to_owned(), "2026-11-21T00:00:00Z".to_owned())],
        set_aside: Vec::new(),
    })
}

/// Opening, records, closing.
fn lines(zone: &str, records: &[Record]) -> Vec<String> {
    let opening = Record::Opening(Opening {
        format: FORMAT.to_owned(),
        zone: zone.to_owned(),
        tenant: "mirai".to_owned(),
        environment: "demo".to_owned(),
        made_at: "2026-11-21T00:00:00Z".to_owned(),
    });
    let write = |record: &Record| serde_json::to_string(record).expect("records are JSON");
    let mut lines: Vec<String> = std::iter::once(&opening).chain(records).map(write).collect();
    let mut running = Running::new();
    for line in &lines {
        running.update(line.as_bytes());
        running.update(b"\n");
    }
    let bundles = records.iter().filter(|record| matches!(record, Record::Bundle(_))).count();
    let sha256 = running.finish().hex();
    lines.push(write(&Record::Closing(Closing { bundles: bundles as u64, sha256 })));
    lines
}

fn receipt(lane: Lane, taken: u64, head_hash: Digest) -> Record {
    let receipt = Receipt {
        lane,
        epoch: 1,
        stored_seq: taken,
        ingested_seq: taken,
        backup_seq: 0,
        head_hash,
        missing: Vec::new(),
        quarantined: Vec::new(),
    };
    let received_at = "2026-11-21T00:00:00Z".to_owned();
    Record::Receipt(ReceiptRecord { receipt: hex(&encode(&receipt)), received_at })
}

/// NF-32, NN-18: an auditor sees that every number is there, who signed it, and where
/// one item is, without the items and without the zone.
#[test]
fn whole_evidence_holds_and_shows_one_item() {
    let town = Town::new();
    let found = town.findings("internet", &town.bundles(Lane::Raw, "sender", 3, &[]));
    let chain = &found.chains[&(Lane::Raw, End::Sender)];
    assert_eq!((chain.bundles.len(), chain.items()), (3, 6));
    let [item] = found.found.as_slice() else { panic!("{:?}", found.found) };
    assert_eq!(item.at, Position { epoch: 1, seq: 2, idx: 1 });
    assert_eq!(item.entry.sha256, Digest::of(&[9; 100]));
}

/// NN-18: what was left out, put in another order or changed shows, also when the
/// closing line was made anew.
#[test]
fn changed_evidence_does_not_hold() {
    let town = Town::new();
    let good = town.bundles(Lane::Raw, "sender", 4, &[]);
    let wrong = |records: &[Record]| match town.check(&lines("internet", records)) {
        Ok(found) => panic!("it held: {found:?}"),
        Err(fault) => fault.wrong,
    };
    let mut gap = good.clone();
    gap.remove(1);
    assert!(matches!(wrong(&gap), Wrong::Number { last: 1, found: 3, .. }));
    let mut turned = good.clone();
    turned.swap(1, 2);
    assert!(matches!(wrong(&turned), Wrong::Number { .. }));
    let twice = [good.clone(), good[3..].to_vec()].concat();
    assert!(matches!(wrong(&twice), Wrong::Number { last: 4, found: 4, .. }));
    let mut bent = good.clone();
    let Record::Bundle(second) = &mut bent[1] else { panic!("a bundle") };
    second.entries = second.entries.replace(&hex(b"raw-2-0"), &hex(b"raw-2-9"));
    assert_eq!(wrong(&bent), Wrong::Index(Lane::Raw, 1, 2));
    let mut other = good.clone();
    let Record::Bundle(third) = &mut other[2] else { panic!("a bundle") };
    third.lane = "in".to_owned();
    assert!(matches!(wrong(&other), Wrong::Envelope { why: BundleFault::NotOurs, .. }));
    let mut forged = good.clone();
    let Record::Bundle(third) = &mut forged[2] else { panic!("a bundle") };
    let last = third.envelope.pop().expect("256 bytes");
    third.envelope.push(if last == '0' { '1' } else { '0' });
    assert!(matches!(wrong(&forged), Wrong::Envelope { why: BundleFault::BadSignature, .. }));
}

/// NN-18: a lane that was signed twice shows at the header before.
#[test]
fn a_chain_of_two_histories_does_not_hold() {
    let town = Town::new();
    let mut mixed = town.bundles(Lane::Raw, "sender", 3, &[]);
    let origin = Origin { at: Position { epoch: 1, seq: 1, idx: 0 }, items: 1, hash: Digest::ZERO };
    mixed[1] = town.bundles(Lane::Raw, "sender", 2, &[origin; 4])[1].clone();
    let fault = town.check(&lines("internet", &mixed)).expect_err("another history");
    assert_eq!(fault, EvidenceFault { line: 3, wrong: Wrong::Chain(Lane::Raw, 1, 2) });
}

/// NN-18: a tail that was left out shows by the receipt, and a file cut on its way by
/// its closing line.
#[test]
fn a_tail_that_is_missing_shows() {
    let town = Town::new();
    let good = town.bundles(Lane::Raw, "sender", 4, &[]);
    let head = town.findings("internet", &good).chains[&(Lane::Raw, End::Sender)].last();
    let (_, hash) = head.expect("four bundles");
    let with = |bundles: &[Record], receipt: Record| {
        town.check(&lines("internet", &[bundles, &[receipt]].concat())).map_err(|one| one.wrong)
    };
    assert!(with(&good, receipt(Lane::Raw, 4, hash)).is_ok());
    let cut = with(&good[..3], receipt(Lane::Raw, 4, hash));
    assert_eq!(cut, Err(Wrong::Tail { lane: Lane::Raw, epoch: 1, taken: 4 }));
    let other = with(&good, receipt(Lane::Raw, 4, Digest::ZERO));
    assert_eq!(other, Err(Wrong::Receipt(Lane::Raw, 1, 4)));
    let mut lines = lines("internet", &good);
    lines.remove(3);
    assert!(town.check(&lines).is_err());
    lines.truncate(3);
    assert_eq!(town.check(&lines).expect_err("no end").wrong, Wrong::Cut);
}

/// I1, NF-32: both zones' evidence together shows which item of the citizens arrived,
/// and that none was made of anything else.
#[test]
fn two_zones_agree_or_contradict() {
    let town = Town::new();
    let sent = town.findings("internet", &town.bundles(Lane::Raw, "sender", 2, &[]));
    let raw = &sent.chains[&(Lane::Raw, End::Sender)];
    let origin = |seq, idx, hash| Origin { at: Position { epoch: 1, seq, idx }, items: 2, hash };
    let [one, two] = [1, 2].map(|seq| raw.bundles[&(1, seq)].0);
    let arrived = |origins: &[Origin]| {
        town.findings("lgwan", &town.bundles(Lane::In, "receiver", 2, origins))
    };
    let three = [origin(1, 0, one), origin(1, 1, one), origin(2, 0, two), origin(2, 0, two)];
    let agreement = compare(&sent, &arrived(&three)).expect("no contradiction");
    let [raw] = agreement.as_slice() else { panic!("{agreement:?}") };
    assert_eq!((raw.lane, raw.both, raw.sent_only_count), (Lane::Raw, 3, 1));
    assert_eq!(raw.sent_only, [Position { epoch: 1, seq: 2, idx: 1 }]);
    let forged = [origin(1, 0, one), origin(1, 1, two), origin(2, 0, two), origin(2, 1, two)];
    let contradiction = compare(&sent, &arrived(&forged)).expect_err("made of another bundle");
    assert_eq!(contradiction, Contradiction::Origin(1, 1));
}
