//! The signed head of a lane: how far the sender is. Also its heartbeat, so
//! that a lost tail is noticed. `docs/wire/head.md` draws it.

use jiff::Timestamp;

use crate::bundle::Signer;
use crate::digest::Digest;
use crate::keys::{KeyId, KeySet, SIGNATURE_BYTES, Signature};
use crate::place::{Environment, Host, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode};

const MAGIC: &[u8; 8] = b"MADOHEAD";
/// A head with neither list.
const PLAIN: u16 = 1;
/// A head with the first two lists, one of them not empty.
const WITH_LISTS: u16 = 2;
/// A head with all three lists, the third not empty.
const WITH_TROUBLES: u16 = 3;
const TAG: &[u8] = b"madoguchi/head/v1\0";
const CONTENT_BYTES: usize = 92;

/// Most bundles a head names beside the newest.
pub const RECENT: usize = 64;
/// Most seal keys a head names.
pub const DONE: usize = 64;
/// Most troubles a head names.
pub const TROUBLES: usize = 16;
/// Most bytes of each word of a trouble.
const WORD: usize = 160;
/// Length of a signed head without lists in bytes.
pub const HEAD_BYTES: usize = CONTENT_BYTES + SIGNATURE_BYTES;
/// Most bytes of a signed head.
pub const LARGEST_HEAD: usize =
    HEAD_BYTES + 12 + RECENT * 40 + DONE * 8 + TROUBLES * (1 + 1 + 3 * (4 + WORD));

/// How far a lane is, by its sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The lane.
    pub lane: Lane,
    /// The kind of installation.
    pub environment: Environment,
    /// The town.
    pub tenant: Tenant,
    /// The epoch.
    pub epoch: u32,
    /// Number of the newest bundle, 0 before the first.
    pub seq: u64,
    /// Hash of its header, zeros before the first.
    pub hash: Digest,
    /// The sender's clock when it signed.
    pub at: Timestamp,
    /// Which key signed.
    pub signer: KeyId,
    /// Version of the key set the sender knew.
    pub key_set_version: u32,
    /// What else it says.
    pub lists: Lists,
}

/// What a head says beside its place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lists {
    /// The last bundles of the epoch, oldest first, with the hashes of their headers:
    /// for a way without a way back, where nobody can ask.
    pub recent: Vec<(u64, Digest)>,
    /// Seal keys of the lane that nothing of it needs any more: what was sealed to
    /// them is released. The sender holds the sealed items, so it alone can know, and
    /// a false word costs only its own.
    pub done: Vec<KeyId>,
    /// What operators must hear of at this host and at those before it. Said inward only.
    pub troubles: Vec<Trouble>,
}

/// A part of a host that stopped or is in need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The host.
    pub host: Host,
    /// It stopped; otherwise it still works.
    pub stopped: bool,
    /// Which part: `lane raw`, `spool`.
    pub part: String,
    /// What is the matter, in one word.
    pub code: String,
    /// Numbers that belong to it, in no language.
    pub detail: String,
}

/// Why bytes are not an acceptable head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// Not a head.
    #[error("not a head: {0}")]
    Malformed(#[from] Malformed),
    /// For another lane, town or kind of installation.
    #[error("a head for another lane or installation")]
    NotOurs,
    /// Not signed by a key of this lane.
    #[error("the head is not signed by a key of its lane")]
    NotSigned,
}

impl Head {
    /// The signed bytes of a head.
    #[must_use]
    pub fn sign(
        lane: Lane,
        (epoch, seq, hash): (u32, u64, Digest),
        at: Timestamp,
        signer: &Signer<'_>,
    ) -> Vec<u8> {
        Self::sign_with(lane, (epoch, seq, hash), Lists::default(), at, signer)
    }

    /// The signed bytes of a head with lists; each is cut to its newest entries.
    #[must_use]
    pub fn sign_with(
        lane: Lane,
        (epoch, seq, hash): (u32, u64, Digest),
        mut lists: Lists,
        at: Timestamp,
        signer: &Signer<'_>,
    ) -> Vec<u8> {
        lists.recent.drain(..lists.recent.len().saturating_sub(RECENT));
        lists.done.drain(..lists.done.len().saturating_sub(DONE));
        lists.troubles.truncate(TROUBLES);
        lists.troubles.iter_mut().for_each(Trouble::shorten);
        let content = encode(&Self {
            lane,
            environment: signer.environment,
            tenant: signer.tenant,
            epoch,
            seq,
            hash,
            at,
            signer: signer.key.verify_key().id(),
            key_set_version: signer.key_set_version,
            lists,
        });
        let signature = signer.key.sign(TAG, &content);
        [content.as_slice(), &signature.0].concat()
    }

    /// Reads and verifies a signed head of a lane.
    ///
    /// # Errors
    /// [`HeadFault`] when it is not a head this installation may believe.
    pub fn open(bytes: &[u8], lane: Lane, keys: &KeySet) -> Result<Self, HeadFault> {
        let (content, signature) =
            bytes.split_last_chunk::<SIGNATURE_BYTES>().ok_or(Malformed::TooShort)?;
        let head: Self = decode(content)?;
        if head.lane != lane || head.tenant != keys.tenant || head.environment != keys.environment {
            return Err(HeadFault::NotOurs);
        }
        // A head before the first bundle is signed by the key for bundle 1.
        let signer = keys.signer(lane, head.signer, head.seq.max(1));
        match signer {
            Some(key) if key.verifies(TAG, content, &Signature(*signature)) => Ok(head),
            Some(_) | None => Err(HeadFault::NotSigned),
        }
    }
}

impl Wire for Head {
    fn write(&self, out: &mut Writer) {
        out.raw(MAGIC);
        let version = self.lists.version();
        version.write(out);
        self.lane.write(out);
        self.environment.write(out);
        self.tenant.write(out);
        self.epoch.write(out);
        self.seq.write(out);
        self.hash.write(out);
        self.at.write(out);
        self.signer.write(out);
        self.key_set_version.write(out);
        self.lists.write(version, out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != *MAGIC {
            return Err(Malformed::UnknownTag);
        }
        let version = u16::read(from)?;
        if ![PLAIN, WITH_LISTS, WITH_TROUBLES].contains(&version) {
            return Err(Malformed::UnknownVersion);
        }
        Ok(Self {
            lane: Lane::read(from)?,
            environment: Environment::read(from)?,
            tenant: Tenant::read(from)?,
            epoch: u32::read(from)?,
            seq: u64::read(from)?,
            hash: Digest::read(from)?,
            at: Timestamp::read(from)?,
            signer: KeyId::read(from)?,
            key_set_version: u32::read(from)?,
            lists: Lists::read(version, from)?,
        })
    }
}

impl Lists {
    const fn version(&self) -> u16 {
        if !self.troubles.is_empty() {
            WITH_TROUBLES
        } else if !self.recent.is_empty() || !self.done.is_empty() {
            WITH_LISTS
        } else {
            PLAIN
        }
    }

    fn write(&self, version: u16, out: &mut Writer) {
        if version == PLAIN {
            return;
        }
        list(self.recent.len()).write(out);
        for (seq, hash) in &self.recent {
            seq.write(out);
            hash.write(out);
        }
        list(self.done.len()).write(out);
        self.done.iter().for_each(|key| key.write(out));
        if version == WITH_TROUBLES {
            list(self.troubles.len()).write(out);
            self.troubles.iter().for_each(|trouble| trouble.write(out));
        }
    }

    fn read(version: u16, from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if version == PLAIN {
            return Ok(Self::default());
        }
        let recent = (0..from.length(RECENT)?)
            .map(|_| Ok((u64::read(from)?, Digest::read(from)?)))
            .collect::<Result<Vec<_>, Malformed>>()?;
        if !recent.is_sorted_by(|one, next| one.0 < next.0) {
            return Err(Malformed::NotCanonical);
        }
        let done = (0..from.length(DONE)?)
            .map(|_| KeyId::read(from))
            .collect::<Result<Vec<_>, Malformed>>()?;
        let troubles = match version {
            WITH_TROUBLES => (0..from.length(TROUBLES)?)
                .map(|_| Trouble::read(from))
                .collect::<Result<Vec<_>, Malformed>>()?,
            _ => Vec::new(),
        };
        let lists = Self { recent, done, troubles };
        // Empty lists have another, shorter form.
        if lists.version() == version { Ok(lists) } else { Err(Malformed::NotCanonical) }
    }
}

impl Trouble {
    fn shorten(&mut self) {
        for word in [&mut self.part, &mut self.code, &mut self.detail] {
            word.truncate(word.floor_char_boundary(WORD));
        }
    }
}

impl Wire for Trouble {
    fn write(&self, out: &mut Writer) {
        self.host.write(out);
        self.stopped.write(out);
        self.part.write(out);
        self.code.write(out);
        self.detail.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let (host, stopped) = (Host::read(from)?, bool::read(from)?);
        let mut word = || {
            let word = String::read(from)?;
            if word.len() > WORD { Err(Malformed::TooLong) } else { Ok(word) }
        };
        Ok(Self { host, stopped, part: word()?, code: word()?, detail: word()? })
    }
}

/// A length that is known to be small.
fn list(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{KeyEntry, Purpose, SigningKey};

    /// NN-18: only the lane's signer says how far the lane is.
    #[test]
    fn a_head_is_believed_from_its_lanes_signer_only() {
        let key = SigningKey::generate().0;
        let entry = KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: key.verify_key().0,
            valid_from: 1,
            valid_until: 10,
        };
        let keys = KeySet {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            version: 1,
            keys: vec![entry],
        };
        let sign = |lane, seq, key| {
            let (tenant, environment) = (keys.tenant, keys.environment);
            let signer = Signer { tenant, environment, key_set_version: 1, key };
            Head::sign(lane, (1, seq, Digest::ZERO), Timestamp::UNIX_EPOCH, &signer)
        };
        let good = sign(Lane::Raw, 0, &key);
        assert_eq!(good.len(), HEAD_BYTES);
        assert_eq!(Head::open(&good, Lane::Raw, &keys).map(|head| head.seq), Ok(0));
        assert_eq!(Head::open(&good, Lane::In, &keys), Err(HeadFault::NotOurs));
        let late = sign(Lane::Raw, 11, &key);
        assert_eq!(Head::open(&late, Lane::Raw, &keys), Err(HeadFault::NotSigned));
        let forged = sign(Lane::Raw, 5, &SigningKey::generate().0);
        assert_eq!(Head::open(&forged, Lane::Raw, &keys), Err(HeadFault::NotSigned));
        let (recent, done) = (vec![(4, Digest::ZERO), (5, Digest::ZERO)], vec![KeyId([1; 8])]);
        let trouble = Trouble {
            host: Host::Internet,
            stopped: false,
            part: "spool".to_owned(),
            code: "spool_full".to_owned(),
            detail: "あ".repeat(99),
        };
        let lists = Lists { recent, done, troubles: Vec::new() };
        let (tenant, environment) = (keys.tenant, keys.environment);
        let signer = Signer { tenant, environment, key_set_version: 1, key: &key };
        let place = (1, 5, Digest::ZERO);
        let long = Head::sign_with(Lane::Raw, place, lists.clone(), Timestamp::UNIX_EPOCH, &signer);
        assert_eq!(Head::open(&long, Lane::Raw, &keys).map(|head| head.lists), Ok(lists));
        for place in 0..long.len() {
            let mut changed = long.clone();
            changed[place] ^= 1;
            assert!(Head::open(&changed, Lane::Raw, &keys).is_err(), "byte {place}");
        }
        let many = Lists {
            recent: (1..99).map(|seq| (seq, Digest::ZERO)).collect(),
            done: vec![],
            troubles: vec![trouble; 20],
        };
        let long = Head::sign_with(Lane::Raw, place, many, Timestamp::UNIX_EPOCH, &signer);
        let head = Head::open(&long, Lane::Raw, &keys).expect("signed");
        assert_eq!((head.lists.recent.len(), head.lists.recent[0].0), (RECENT, 35));
        assert_eq!(head.lists.troubles.len(), TROUBLES);
        assert_eq!(head.lists.troubles[0].detail, "あ".repeat(53), "cut between characters");
        assert!(long.len() <= LARGEST_HEAD);
        for place in 0..good.len() {
            let mut changed = good.clone();
            changed[place] ^= 1;
            assert!(Head::open(&changed, Lane::Raw, &keys).is_err(), "byte {place}");
            assert!(Head::open(&good[..place], Lane::Raw, &keys).is_err(), "cut at {place}");
        }
    }

    /// NN-20, I8: the head of another town, or of the same town in another environment, is refused,
    /// although its signing key is known here.
    #[test]
    fn a_head_of_another_town_or_environment_is_refused() {
        let key = SigningKey::generate().0;
        let entry = KeyEntry {
            purpose: Purpose::Sign(Lane::Raw),
            public: key.verify_key().0,
            valid_from: 1,
            valid_until: 10,
        };
        let keys = |tenant: &str, environment| KeySet {
            tenant: Tenant::parse(tenant).expect("a good name"),
            environment,
            version: 1,
            keys: vec![entry.clone()],
        };
        let ours = keys("mirai", Environment::Demo);
        let strangers = [keys("minato", Environment::Demo), keys("mirai", Environment::Production)];
        for theirs in strangers {
            let (tenant, environment) = (theirs.tenant, theirs.environment);
            let signer = Signer { tenant, environment, key_set_version: 1, key: &key };
            let place = (1, 5, Digest::ZERO);
            let head = Head::sign(Lane::Raw, place, Timestamp::UNIX_EPOCH, &signer);
            assert!(Head::open(&head, Lane::Raw, &theirs).is_ok(), "at home it is good");
            assert_eq!(Head::open(&head, Lane::Raw, &ours), Err(HeadFault::NotOurs));
        }
    }
}
