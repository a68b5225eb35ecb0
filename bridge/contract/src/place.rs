//! Where things are: hosts, lanes, the town and the kind of installation.

use std::fmt;

use crate::wire::{Malformed, Reader, Wire, Writer, codes};

codes! {
    /// One of the five hosts. On one machine each is a set of processes.
    pub enum Host {
        /// I: the internet zone, where citizens are.
        Internet = 1 "i",
        /// S: the sanitizer host between the zones.
        Sanitizer = 2 "s",
        /// L: the LGWAN zone, where staff are.
        Lgwan = 3 "l",
        /// A: the export server in the LGWAN zone (IK-3.5.7b).
        ServerA = 4 "a",
        /// B: the DMZ server toward the business systems (IK-3.5.7b).
        ServerB = 5 "b",
    }
}

codes! {
    /// One ordered, one-way stream of bundles with one signer.
    pub enum Lane {
        /// I → S: what citizens sent, sealed for S.
        Raw = 1 "raw",
        /// S → L: the same with rebuilt attachments, sealed for L.
        In = 2 "in",
        /// S → L: large attachments.
        InBulk = 3 "in.bulk",
        /// L → I through S: states, corrections, receipts, sealed for I.
        PubCtl = 4 "pub.ctl",
        /// L → I through S: procedure definitions and issued documents, sealed for I.
        PubDoc = 5 "pub.doc",
        /// A → B: exported generations, sealed for B.
        Exp = 6 "exp",
        /// B → A: pick-up receipts, sealed for A.
        Exr = 7 "exr",
    }
}

impl Lane {
    /// The host that signs and numbers the bundles.
    #[must_use]
    pub const fn sender(self) -> Host {
        match self {
            Self::Raw => Host::Internet,
            Self::In | Self::InBulk => Host::Sanitizer,
            Self::PubCtl | Self::PubDoc => Host::Lgwan,
            Self::Exp => Host::ServerA,
            Self::Exr => Host::ServerB,
        }
    }

    /// The host that can open the items.
    #[must_use]
    pub const fn receiver(self) -> Host {
        match self {
            Self::Raw => Host::Sanitizer,
            Self::In | Self::InBulk => Host::Lgwan,
            Self::PubCtl | Self::PubDoc => Host::Internet,
            Self::Exp => Host::ServerB,
            Self::Exr => Host::ServerA,
        }
    }

    /// The lane's word with dashes for dots, as used in key file names.
    #[must_use]
    pub fn dashed(self) -> String {
        self.word().replace('.', "-")
    }
}

codes! {
    /// What an installation is for. A key of one never works in another.
    pub enum Environment {
        /// Real applications of real people.
        Production = 1 "production",
        /// Training and rehearsal.
        Training = 2 "training",
        /// The demonstration city and tests.
        Demo = 3 "demo",
    }
}

/// The town an installation serves: 1 to 16 characters `a-z 0-9 -`, for
/// example its six-digit code (NN-20: one town, one key set).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tenant([u8; 16]);

/// A tenant name that is not 1 to 16 characters of `a-z`, `0-9` and `-`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a tenant name is 1 to 16 characters of a-z, 0-9 and -")]
pub struct BadTenant;

impl Tenant {
    /// Checks a tenant name.
    ///
    /// # Errors
    /// [`BadTenant`] when it is empty, too long or has other characters.
    pub fn parse(name: &str) -> Result<Self, BadTenant> {
        let good = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-';
        if name.is_empty() || name.len() > 16 || !name.as_bytes().iter().all(good) {
            return Err(BadTenant);
        }
        let mut padded = [0; 16];
        padded[..name.len()].copy_from_slice(name.as_bytes());
        Ok(Self(padded))
    }

    /// The name without its padding.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self.0.iter().position(|byte| *byte == 0).unwrap_or(16);
        std::str::from_utf8(&self.0[..end]).unwrap_or("")
    }
}

impl fmt::Debug for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// 16 bytes: the name, then zeros.
impl Wire for Tenant {
    fn write(&self, out: &mut Writer) {
        out.raw(&self.0);
    }
    fn read(from: &mut Reader<'_>) -> Result<Self, Malformed> {
        let padded: [u8; 16] = from.array()?;
        let tenant = Self::parse(Self(padded).as_str()).map_err(|_| Malformed::OutOfRange)?;
        if tenant.0 == padded { Ok(tenant) } else { Err(Malformed::NotCanonical) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{decode, encode};

    #[test]
    fn a_tenant_is_padded_and_reads_back() {
        let tenant = Tenant::parse("mirai-city").expect("a good name");
        assert_eq!(encode(&tenant).len(), 16);
        assert_eq!(decode(&encode(&tenant)), Ok(tenant));
        assert_eq!(Tenant::parse("Mirai"), Err(BadTenant));
        assert_eq!(decode::<Tenant>(&[0; 16]), Err(Malformed::OutOfRange));
        let hidden = *b"mirai\0x\0\0\0\0\0\0\0\0\0";
        assert_eq!(decode::<Tenant>(&hidden), Err(Malformed::NotCanonical));
    }

    /// IK-3.5.7b, NN-18: no lane has its sender as its receiver, and only L and A sit between.
    #[test]
    fn every_lane_goes_from_one_host_to_another() {
        for lane in Lane::ALL {
            assert_ne!(lane.sender(), lane.receiver());
            assert_eq!(Lane::from_word(lane.word()), Some(*lane));
        }
    }
}
