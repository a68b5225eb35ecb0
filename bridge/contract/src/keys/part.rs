//! The public part of a host's or an operator's keys, on its way to the root. It is
//! not signed: whoever carries it reads its fingerprint out. `docs/wire/keyset.md`.

use super::{KeyEntry, Purpose};
use crate::digest::Digest;
use crate::place::{Environment, Host, Lane, Tenant};
use crate::wire::{Malformed, Reader, Wire, Writer, decode, encode};

const MAGIC: &[u8; 8] = b"MADOPART";
const VERSION: u16 = 1;
/// A part is a list of a few hundred keys.
const LARGEST: usize = 64 * 1024;

/// Whose keys they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A host's.
    Host(Host),
    /// A person's who may sign that a lane begins anew.
    Operator,
}

impl Who {
    /// Whether they may have a key for this.
    #[must_use]
    pub fn may_have(self, purpose: Purpose) -> bool {
        let host = match (self, purpose) {
            (Self::Operator, Purpose::Operator) => return true,
            (Self::Operator, _) | (Self::Host(_), Purpose::Operator) => return false,
            (Self::Host(host), _) => host,
        };
        match purpose {
            Purpose::Sign(lane) => lane.sender() == host,
            Purpose::Seal(lane) => lane.receiver() == host,
            Purpose::Verdict => host == Host::Sanitizer,
            Purpose::Transport(of) => of == host,
            Purpose::Operator => false,
        }
    }
}

/// Public keys of one host or one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The town.
    pub tenant: Tenant,
    /// The kind of installation.
    pub environment: Environment,
    /// Whose.
    pub who: Who,
    /// The keys.
    pub keys: Vec<KeyEntry>,
}

/// Why a file is no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPart {
    /// It cannot be read.
    #[error("not the public part of a host's or an operator's keys: {0}")]
    Malformed(#[from] Malformed),
    /// It lists what its owner may not have.
    #[error("the part lists a key that its owner may not have: {0:?}")]
    NotTheirs(Purpose),
}

impl Part {
    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        encode(self)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`BadPart`] when it is none, or lists a key that its owner may not have (I8).
    pub fn open(file: &[u8]) -> Result<Self, BadPart> {
        if file.len() > LARGEST {
            return Err(Malformed::TooLong.into());
        }
        let part: Self = decode(file)?;
        match part.keys.iter().find(|key| !part.who.may_have(key.purpose)) {
            Some(key) => Err(BadPart::NotTheirs(key.purpose)),
            None => Ok(part),
        }
    }

    /// What its owner reads out.
    #[must_use]
    pub fn fingerprint(&self) -> Digest {
        Digest::of(&encode(self))
    }

    /// Lanes of the keys for one purpose, for people.
    pub fn lanes(&self) -> impl Iterator<Item = Lane> + '_ {
        let of = |key: &KeyEntry| match key.purpose {
            Purpose::Sign(lane) | Purpose::Seal(lane) => Some(lane),
            Purpose::Verdict | Purpose::Transport(_) | Purpose::Operator => None,
        };
        self.keys.iter().filter_map(of)
    }
}

impl Wire for Part {
    fn write(&self, out: &mut Writer) {
        out.raw(MAGIC);
        VERSION.write(out);
        self.tenant.write(out);
        self.environment.write(out);
        match self.who {
            Who::Operator => out.raw(&[0]),
            Who::Host(host) => host.write(out),
        }
        self.keys.write(out);
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        if from.array()? != *MAGIC {
            return Err(Malformed::UnknownTag);
        }
        if u16::read(from)? != VERSION {
            return Err(Malformed::UnknownVersion);
        }
        let (tenant, environment) = (Tenant::read(from)?, Environment::read(from)?);
        let who = match from.array()? {
            [0] => Who::Operator,
            [code] => Host::from_code(code).map(Who::Host).ok_or(Malformed::UnknownTag)?,
        };
        Ok(Self { tenant, environment, who, keys: Vec::read(from)? })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part(who: Who, purpose: Purpose) -> Part {
        let key = KeyEntry { purpose, public: [1; 32], valid_from: 0, valid_until: u64::MAX };
        let tenant = Tenant::parse("mirai").expect("a good name");
        Part { tenant, environment: Environment::Demo, who, keys: vec![key] }
    }

    /// I8: nobody brings a key to the table that is not theirs.
    #[test]
    fn a_host_brings_its_own_keys_only() {
        let own = part(Who::Host(Host::Sanitizer), Purpose::Verdict);
        assert_eq!(Part::open(&own.to_bytes()), Ok(own));
        for (who, purpose) in [
            (Who::Host(Host::Internet), Purpose::Verdict),
            (Who::Host(Host::Internet), Purpose::Seal(Lane::Raw)),
            (Who::Host(Host::Lgwan), Purpose::Sign(Lane::Raw)),
            (Who::Host(Host::Lgwan), Purpose::Transport(Host::Sanitizer)),
            (Who::Host(Host::Lgwan), Purpose::Operator),
            (Who::Operator, Purpose::Sign(Lane::Raw)),
        ] {
            let refused = Part::open(&part(who, purpose).to_bytes());
            assert_eq!(refused, Err(BadPart::NotTheirs(purpose)));
        }
    }

    proptest! {
        #[test]
        fn hostile_parts_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let whole = [part(Who::Operator, Purpose::Operator).to_bytes(), bytes.clone()].concat();
            for file in [bytes, whole] {
                if let Ok(part) = Part::open(&file) {
                    prop_assert_eq!(part.to_bytes(), file);
                }
            }
        }
    }
}
