//! Members under a password: the old cipher of ZIP, and AES.
//!
//! ```text
//!  old   header 12, its last byte a check │ data
//!  AES   salt │ check 2 │ data │ HMAC 10
//! ```

use hmac::{Hmac, KeyInit as _, Mac as _};
use sanitizer_intermediate::HoldReason;
use sha1::Sha1;

use super::fields::{slice, u16_at};
use crate::crypt::{Aes, spellings};

/// Bytes in front of data of the old cipher.
const HEADER: usize = 12;
/// The method that stands for AES; the real one is in an extra field.
const AES_METHOD: u16 = 99;
const AES_FIELD: u16 = 0x9901;
const AES_ROUNDS: u32 = 1000;
const AES_CHECK: usize = 2;
const AES_SEAL: usize = 10;

/// What protects a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lock {
    /// The old cipher, and what the last byte of its header may be: writers
    /// that do not know the checksum yet use the time.
    Old { checks: [u32; 2] },
    /// AES of a key of this many bytes.
    Aes {
        key: usize,
        /// How the member is packed within.
        method: u16,
        /// The checksum of the content is not kept.
        without_crc: bool,
    },
    /// Something only its own program opens.
    Unknown,
}

impl Lock {
    /// Reads the extra fields of a member.
    ///
    /// # Errors
    /// [`HoldReason::Broken`] when they are damaged.
    pub(super) fn read(method: u16, extra: &[u8], checks: [u32; 2]) -> Result<Self, HoldReason> {
        if method != AES_METHOD {
            return Ok(Self::Old { checks });
        }
        let mut at = 0;
        while at + 4 <= extra.len() {
            let length = usize::from(u16_at(extra, at + 2)?);
            let data = slice(extra, at + 4, length)?;
            if u16_at(extra, at)? == AES_FIELD {
                let strength = data.get(4).copied().unwrap_or_default();
                if !(1..=3).contains(&strength) || data.get(2..4) != Some(b"AE") {
                    return Ok(Self::Unknown);
                }
                return Ok(Self::Aes {
                    key: 8 + 8 * usize::from(strength),
                    method: u16_at(data, 5)?,
                    without_crc: u16_at(data, 0)? == 2,
                });
            }
            at += 4 + length;
        }
        Err(HoldReason::Broken)
    }

    /// How the member is packed within, and the bytes around its data.
    pub(super) const fn inside(&self, method: u16) -> (u16, u64) {
        match self {
            Self::Old { .. } => (method, HEADER as u64),
            Self::Aes { key, method, .. } => (*method, (*key / 2 + AES_CHECK + AES_SEAL) as u64),
            Self::Unknown => (method, 0),
        }
    }

    /// Whether the checksum of the content tells nothing.
    pub(super) const fn is_without_crc(&self) -> bool {
        matches!(self, Self::Aes { without_crc: true, .. })
    }

    /// Everything the data may be under this password, likeliest first.
    pub(super) fn open(&self, data: &[u8], password: &str) -> Vec<Vec<u8>> {
        spellings(password)
            .iter()
            .filter_map(|password| match self {
                Self::Old { checks } => open_old(data, password, *checks),
                Self::Aes { key, .. } => open_aes(data, password, *key),
                Self::Unknown => None,
            })
            .collect()
    }
}

fn open_aes(data: &[u8], password: &[u8], key: usize) -> Option<Vec<u8>> {
    let (salt, rest) = data.split_at_checked(key / 2)?;
    let (check, rest) = rest.split_at_checked(AES_CHECK)?;
    let (coded, seal) = rest.split_at_checked(rest.len().checked_sub(AES_SEAL)?)?;
    let mut derived = vec![0; 2 * key + AES_CHECK];
    pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, AES_ROUNDS, &mut derived);
    if derived.get(2 * key..) != Some(check) {
        return None;
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(derived.get(key..2 * key)?).ok()?;
    mac.update(coded);
    mac.verify_truncated_left(seal).ok()?;
    let mut plain = coded.to_vec();
    Aes::new(derived.get(..key)?)?.count(&mut plain);
    Some(plain)
}

fn open_old(data: &[u8], password: &[u8], checks: [u32; 2]) -> Option<Vec<u8>> {
    let mut keys = Keys::new(password);
    let mut plain: Vec<u8> = data.iter().map(|byte| keys.open(*byte)).collect();
    let check = u32::from(*plain.get(HEADER - 1)?);
    checks.contains(&check).then(|| plain.split_off(HEADER))
}

/// The three numbers the old cipher goes on with.
struct Keys([u32; 3]);

impl Keys {
    fn new(password: &[u8]) -> Self {
        let mut keys = Self([0x1234_5678, 0x2345_6789, 0x3456_7890]);
        password.iter().for_each(|byte| keys.take(*byte));
        keys
    }

    fn take(&mut self, byte: u8) {
        let [a, b, c] = &mut self.0;
        *a = crc(*a, byte);
        *b = b.wrapping_add(*a & 0xff).wrapping_mul(0x0808_8405).wrapping_add(1);
        *c = crc(*c, (*b >> 24) as u8);
    }

    fn open(&mut self, byte: u8) -> u8 {
        let mix = (self.0[2] | 2) & 0xffff;
        let plain = byte ^ (mix.wrapping_mul(mix ^ 1) >> 8) as u8;
        self.take(plain);
        plain
    }
}

/// One step of CRC-32.
const fn crc(sum: u32, byte: u8) -> u32 {
    let [low, ..] = sum.to_le_bytes();
    TABLE[(low ^ byte) as usize] ^ sum >> 8
}

const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut at = 0_u32;
    while at < 256 {
        let mut sum = at;
        let mut bit = 0;
        while bit < 8 {
            sum = if sum & 1 == 0 { sum >> 1 } else { sum >> 1 ^ 0xedb8_8320 };
            bit += 1;
        }
        table[at as usize] = sum;
        at += 1;
    }
    table
};
