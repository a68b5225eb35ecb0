//! Bytes between the hosts of the bridge. What is read behind a signature is signed
//! here first, as somebody with a stolen key would.

use std::sync::LazyLock;

use bridge_contract::bundle::{
    Expect, HEADER_BYTES, Header, IndexEntry, PREFIX_BYTES, index_bytes, merkle_root, verify,
    verify_prefix,
};
use bridge_contract::carrier::{Answer, Request as Ask};
use bridge_contract::digest::{Digest, hex};
use bridge_contract::evidence::{
    BundleRecord, Checker, Closing, FORMAT, Opening, ReceiptRecord, Record,
};
use bridge_contract::head::Head;
use bridge_contract::keys::{
    KeyEntry, KeySet, Part, Purpose, SIGNATURE_BYTES, Signature, SigningKey,
};
use bridge_contract::messages::{
    BulkPart, Held, InItem, RawItem, Receipt, ToBusiness, ToCitizen, ToServerA, ToStaff,
};
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_contract::reset::{Reset, ResetDocument};
use bridge_contract::share::Share;
use bridge_contract::wire::{Reader, Wire, decode, encode};

use super::End;

macro_rules! frozen {
    ($name:literal) => {
        include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../bridge/contract/golden/", $name))
            .as_slice()
    };
}

const BUNDLE: &[u8] = frozen!("bundle.v1.kb");
const ITEMS: [&[u8]; 6] = [
    frozen!("raw-item.v1.bin"),
    frozen!("raw-item.v2.bin"),
    frozen!("in-item.sanitized.v1.bin"),
    frozen!("in-item.split.v1.bin"),
    frozen!("in-item.unreadable.v1.bin"),
    frozen!("bulk-part.v1.bin"),
];
const MESSAGES: [&[u8]; 9] = [
    frozen!("held.v1.bin"),
    frozen!("to-citizen.arrival_receipt.v1.bin"),
    frozen!("to-staff.publication_receipt.v1.bin"),
    frozen!("to-staff.submission.v1.bin"),
    frozen!("to-citizen.procedure_published.v1.bin"),
    frozen!("to-citizen.document_issued.v1.bin"),
    frozen!("to-business.generation_part.v1.bin"),
    frozen!("to-server-a.generation_stored.v1.bin"),
    frozen!("to-server-a.generation_picked_up.v1.bin"),
];
const FRAMES: [&[u8]; 8] = [
    frozen!("carrier.ask-head.v1.bin"),
    frozen!("carrier.ask-get.v1.bin"),
    frozen!("carrier.ask-put.v1.bin"),
    frozen!("carrier.head.v1.bin"),
    frozen!("carrier.have.v1.bin"),
    frozen!("carrier.piece.v1.bin"),
    frozen!("carrier.absent.v1.bin"),
    frozen!("carrier.refused.v1.bin"),
];
/// Bytes of the length before a frame.
const LENGTH: usize = 4;
/// Domain tags of `docs/wire/README.md`.
const BUNDLE_TAG: &[u8] = b"madoguchi/bundle/v1\0";
const HEAD_TAG: &[u8] = b"madoguchi/head/v1\0";
const KEY_SET_TAG: &[u8] = b"madoguchi/keyset/v1\0";
const KEY_SET_MAGIC: usize = 8;

/// The town whose examples are frozen, with its private keys.
struct Town {
    keys: KeySet,
    root: SigningKey,
    signer: SigningKey,
    operators: [SigningKey; 2],
}

static TOWN: LazyLock<Option<Town>> = LazyLock::new(|| {
    let [root, signer, one, other] = [1, 2, 8, 9].map(|seed| SigningKey::from_seed(&[seed; 32]));
    let (root, signer, operators) = (root?, signer?, [one?, other?]);
    let mut keys = KeySet::open(frozen!("keyset.v1.bin"), &root.verify_key(), 0).ok()?;
    for operator in &operators {
        let public = operator.verify_key().0;
        let purpose = Purpose::Operator;
        keys.keys.push(KeyEntry { purpose, public, valid_from: 0, valid_until: u64::MAX });
    }
    Some(Town { keys, root, signer, operators })
});

/// Inputs to begin with.
pub(super) fn made(target: &str) -> Vec<Vec<u8>> {
    let some = |all: &[&[u8]]| all.iter().map(|it| it.to_vec()).collect();
    let Some(town) = &*TOWN else { return Vec::new() };
    match target {
        "bridge-header" => some(&[&BUNDLE[..HEADER_BYTES]]),
        "bridge-bundle" => some(&[BUNDLE]),
        "bridge-item" => some(&ITEMS),
        "bridge-message" => some(&MESSAGES),
        "bridge-head" => vec![frozen!("head.v1.bin").to_vec(), long_head(town)],
        "bridge-keyset" => vec![encode(&town.keys)],
        "bridge-evidence" => evidence_of(town).into_iter().collect(),
        "bridge-reset" => vec![reset_of(town)],
        "bridge-frame" => FRAMES.iter().map(|it| it[LENGTH..].to_vec()).collect(),
        "bridge-part" => some(&[frozen!("part.host.v1.bin"), frozen!("part.operator.v1.bin")]),
        "bridge-share" => {
            let printed = String::from_utf8_lossy(frozen!("share.v1.txt"));
            printed.lines().map(|it| it.as_bytes().to_vec()).collect()
        }
        "bridge-request" => {
            let code = |ranges: &[(u64, u64)]| Request::of(Lane::In, 1, ranges);
            let all = [code(&[(1, 1)]), code(&[(3, 9), (40, 40), (u64::MAX - 1, u64::MAX)])];
            all.into_iter().flatten().map(|it| it.code().into_bytes()).collect()
        }
        _ => Vec::new(),
    }
}

fn long_head(town: &Town) -> Vec<u8> {
    let mut head = frozen!("head.v1.bin").to_vec();
    if let Some(key) = town.keys.keys.first() {
        head[9] = 2;
        head.truncate(head.len() - SIGNATURE_BYTES);
        head.extend_from_slice(&2_u32.to_be_bytes());
        for seq in [6_u64, 7] {
            head.extend_from_slice(&seq.to_be_bytes());
            head.extend_from_slice(&Digest::of(b"one").0);
        }
        head.extend_from_slice(&1_u32.to_be_bytes());
        head.extend_from_slice(&key.id().0);
        head.extend_from_slice(&[0; SIGNATURE_BYTES]);
    }
    head
}

fn reset_of(town: &Town) -> Vec<u8> {
    let at = decode::<Header>(&BUNDLE[..HEADER_BYTES]).map(|header| header.at);
    let reset = Reset {
        lane: Lane::Raw,
        environment: town.keys.environment,
        tenant: town.keys.tenant,
        old_epoch: 1,
        old_seq: 7,
        old_hash: Digest::of(b"last"),
        at: at.unwrap_or_default(),
    };
    let mut document = reset.proposed();
    for key in &town.operators {
        // It stays as it is when an operator's key is not listed.
        let _unsigned = document.sign(key, &town.keys);
    }
    document.to_bytes()
}

fn evidence_of(town: &Town) -> Option<Vec<u8>> {
    let bundle = verify(BUNDLE, &Expect { lane: Lane::Raw, keys: &town.keys }).ok()?;
    let entries: Vec<&IndexEntry> = bundle.items.iter().map(|item| &item.entry).collect();
    let at = "2026-11-20T01:00:00Z".to_owned();
    let opening = Record::Opening(Opening {
        format: FORMAT.to_owned(),
        zone: "internet".to_owned(),
        tenant: town.keys.tenant.to_string(),
        environment: town.keys.environment.to_string(),
        made_at: at.clone(),
    });
    let sent = Record::Bundle(BundleRecord {
        lane: "raw".to_owned(),
        end: "sender".to_owned(),
        envelope: hex(&BUNDLE[..PREFIX_BYTES]),
        entries: hex(&index_bytes(entries)),
        state: "ready".to_owned(),
        times: vec![("ready".to_owned(), at.clone())],
        set_aside: Vec::new(),
    });
    let header = bundle.verified.header();
    let receipt = Receipt {
        lane: Lane::Raw,
        epoch: header.epoch,
        stored_seq: header.seq,
        ingested_seq: header.seq,
        backup_seq: 0,
        head_hash: header.hash(),
        missing: Vec::new(),
        quarantined: Vec::new(),
    };
    let heard = Record::Receipt(ReceiptRecord { receipt: hex(&encode(&receipt)), received_at: at });
    let mut text = String::new();
    for record in [opening, sent, heard] {
        text += &(serde_json::to_string(&record).ok()? + "\n");
    }
    let closing = Closing { bundles: 1, sha256: Digest::of(text.as_bytes()).to_string() };
    text += &(serde_json::to_string(&Record::Closing(closing)).ok()? + "\n");
    Some(text.into_bytes())
}

/// A header: one form only, and verified by its signature alone.
pub(super) fn header(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    let Ok(header) = decode::<Header>(bytes) else { return End::Held };
    if header.to_bytes() != bytes {
        return End::Wrong("a header with two forms".to_owned());
    }
    let expect = Expect { lane: header.lane, keys: &town.keys };
    if verify_prefix(&[bytes, &[0; SIGNATURE_BYTES]].concat(), &expect).is_ok() {
        return End::Wrong("a header without a signature".to_owned());
    }
    let signed = [bytes, &town.signer.sign(BUNDLE_TAG, bytes).0].concat();
    match verify_prefix(&signed, &expect) {
        Ok(verified) if *verified.header() == header => End::Read,
        Ok(_) => End::Wrong("another header".to_owned()),
        Err(_) => End::Held,
    }
}

/// A whole bundle whose header is made to fit its body, and signed.
pub(super) fn bundle(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    let (Some(front), Some(body)) = (bytes.get(..HEADER_BYTES), bytes.get(PREFIX_BYTES..)) else {
        return End::Held;
    };
    let Ok(mut header) = decode::<Header>(front) else { return End::Held };
    let mut from = Reader::new(body);
    let entries: Vec<IndexEntry> =
        (0..header.items).map_while(|_| IndexEntry::read(&mut from).ok()).collect();
    header.body_bytes = body.len() as u64;
    header.body_sha256 = Digest::of(body);
    header.merkle_root = merkle_root(&entries);
    header.signer = town.signer.verify_key().id();
    let front = header.to_bytes();
    let file = [&front[..], &town.signer.sign(BUNDLE_TAG, &front).0, body].concat();
    match verify(&file, &Expect { lane: header.lane, keys: &town.keys }) {
        Ok(bundle) => {
            let index = index_bytes(bundle.items.iter().map(|item| &item.entry));
            let items: Vec<&[u8]> = bundle.items.iter().map(|item| item.sealed).collect();
            match [index, items.concat()].concat() == body {
                true => End::Read,
                false => End::Wrong("bytes of a bundle that nobody reads".to_owned()),
            }
        }
        Err(_) => End::Held,
    }
}

/// What is in a sealed item.
pub(super) fn item(bytes: &[u8]) -> End {
    either([one_form::<RawItem>(bytes), one_form::<InItem>(bytes), one_form::<BulkPart>(bytes)])
}

/// What is said, receipts too.
pub(super) fn message(bytes: &[u8]) -> End {
    either([
        one_form::<ToStaff>(bytes),
        one_form::<ToCitizen>(bytes),
        one_form::<ToBusiness>(bytes),
        one_form::<ToServerA>(bytes),
        one_form::<Receipt>(bytes),
        one_form::<Vec<Held>>(bytes),
    ])
}

/// A head, signed anew.
pub(super) fn head(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    let Some((content, _)) = bytes.split_last_chunk::<SIGNATURE_BYTES>() else { return End::Held };
    let file = [content, &town.signer.sign(HEAD_TAG, content).0].concat();
    let opened = Lane::ALL.iter().filter_map(|lane| Head::open(&file, *lane, &town.keys).ok());
    let opened: Vec<Head> = opened.collect();
    match opened.as_slice() {
        [] => End::Held,
        [head] if encode(head) == content => End::Read,
        _ => End::Wrong("a head with two meanings".to_owned()),
    }
}

/// The content of a key set, signed by the root.
pub(super) fn key_set(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    let magic = &frozen!("keyset.v1.bin")[..KEY_SET_MAGIC];
    let signature: Signature = town.root.sign(KEY_SET_TAG, bytes);
    let file = [magic, &signature.0, bytes].concat();
    match KeySet::open(&file, &town.root.verify_key(), 0) {
        Ok(set) if set.sign(&town.root) == file => {
            let _either = set.follows(&town.keys);
            let _either: Vec<_> = Lane::ALL.iter().map(|lane| set.seal_key(*lane)).collect();
            End::Read
        }
        Ok(_) => End::Wrong("a key set with two forms".to_owned()),
        Err(_) => End::Held,
    }
}

/// What an auditor is handed.
pub(super) fn evidence(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    let Ok(text) = std::str::from_utf8(bytes) else { return End::Held };
    let mut checker = Checker::new(&town.keys, Some("item".to_owned()));
    match text.lines().try_for_each(|line| checker.line(line)).and_then(|()| checker.finish()) {
        Ok(_) => End::Read,
        Err(_) => End::Held,
    }
}

/// A reset: never from fewer than two operators.
pub(super) fn reset(bytes: &[u8]) -> End {
    let Some(town) = &*TOWN else { return End::Wrong("no keys".to_owned()) };
    match ResetDocument::read(bytes) {
        Ok(document) if document.to_bytes() != bytes => {
            End::Wrong("a reset with two forms".to_owned())
        }
        Ok(_) => match ResetDocument::open(bytes, &town.keys) {
            Ok(_) => End::Read,
            Err(_) => End::Held,
        },
        Err(_) => End::Held,
    }
}

/// What hosts say to each other, without its length.
pub(super) fn frame(bytes: &[u8]) -> End {
    either([one_form::<Ask>(bytes), one_form::<Answer>(bytes)])
}

/// Public keys on their way to the root: nobody brings another's.
pub(super) fn part(bytes: &[u8]) -> End {
    match Part::open(bytes) {
        Ok(part) if part.to_bytes() != bytes => End::Wrong("a part with two forms".to_owned()),
        Ok(part) if part.keys.iter().all(|key| part.who.may_have(key.purpose)) => End::Read,
        Ok(_) => End::Wrong("a part with another's keys".to_owned()),
        Err(_) => End::Held,
    }
}

/// A share that somebody types.
pub(super) fn share(bytes: &[u8]) -> End {
    let Ok(text) = std::str::from_utf8(bytes) else { return End::Held };
    match Share::parse(text) {
        Ok(share) if Share::parse(&share.code()).as_ref() == Ok(&share) => End::Read,
        Ok(_) => End::Wrong("a share that does not read back".to_owned()),
        Err(_) => End::Held,
    }
}

/// A code that somebody types.
pub(super) fn request(bytes: &[u8]) -> End {
    let Ok(text) = std::str::from_utf8(bytes) else { return End::Held };
    match Request::parse(text) {
        Ok(request) if Request::parse(&request.code()).as_ref() == Ok(&request) => End::Read,
        Ok(_) => End::Wrong("a request that does not read back".to_owned()),
        Err(_) => End::Held,
    }
}

fn one_form<T: Wire>(bytes: &[u8]) -> End {
    match decode::<T>(bytes) {
        Ok(value) if encode(&value) == bytes => End::Read,
        Ok(_) => End::Wrong("a value with two forms".to_owned()),
        Err(_) => End::Held,
    }
}

/// The worst of several readings.
fn either<const N: usize>(ends: [End; N]) -> End {
    let worse = |end: &End| match end {
        End::Held => 0,
        End::Read => 1,
        End::Wrong(_) => 2,
    };
    ends.into_iter().max_by_key(worse).unwrap_or(End::Held)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-18: what the search begins with is read, so that damage begins behind the
    /// signatures and not before them.
    #[test]
    fn the_search_begins_behind_the_signatures() {
        for target in super::super::TARGETS.iter().filter(|it| it.name.starts_with("bridge-")) {
            let inputs = made(target.name);
            assert!(!inputs.is_empty(), "{}", target.name);
            for input in inputs {
                assert_eq!((target.run)(&input), End::Read, "{}", target.name);
            }
        }
    }
}
