//! Codes from a telephone: TOTP, RFC 6238, SHA-1, 30 seconds, 6 digits, the
//! only form every authenticator app knows (IK-3.5.2b).

use jiff::Timestamp;
use platform_service::ids;
use ring::hmac;
use zeroize::Zeroizing;

/// Seconds a code lives.
const STEP_SECONDS: i64 = 30;

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// The secret shared with one telephone; 160 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A new secret.
    #[must_use]
    pub fn random() -> Self {
        Self(Zeroizing::new(ids::random::<20>().to_vec()))
    }

    /// A secret that was stored.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes, to be stored sealed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The secret as people type it into an app.
    #[must_use]
    pub fn base32(&self) -> String {
        let mut text = String::new();
        for five in self.0.chunks(5) {
            let mut bits = [0_u8; 8];
            bits[3..3 + five.len()].copy_from_slice(five);
            let bits = u64::from_be_bytes(bits);
            let digits = (five.len() * 8).div_ceil(5);
            for place in 0..digits {
                let index = (bits >> (35 - 5 * place)) & 31;
                text.push(char::from(ALPHABET[index as usize]));
            }
        }
        text
    }

    /// The address to draw as a QR code. `issuer` and `account` are what the app shows.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (escape(issuer), escape(account));
        format!(
            "otpauth://totp/{issuer}:{account}?secret={}&issuer={issuer}\
             &algorithm=SHA1&digits=6&period={STEP_SECONDS}",
            self.base32()
        )
    }

    /// The step a code belongs to, when it is the code of now, of one step
    /// before or of one after, and of a later step than `last_used`.
    /// Store the step in the same transaction as the sign-in: then every code
    /// works once.
    #[must_use]
    pub fn check(&self, typed: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
        let digits: String = typed.chars().filter_map(narrow_digit).collect();
        let step = now.as_second().div_euclid(STEP_SECONDS);
        let fresh = |step: &i64| last_used.is_none_or(|used| *step > used);
        // All three are compared, so that the time tells nothing.
        [step - 1, step, step + 1]
            .into_iter()
            .filter(|step| same(self.code(*step).as_bytes(), digits.as_bytes()))
            .filter(fresh)
            .max()
    }

    /// The code of a time, for tests and for a staff member's first sign-in.
    #[must_use]
    pub fn code_at(&self, time: Timestamp) -> String {
        self.code(time.as_second().div_euclid(STEP_SECONDS))
    }

    fn code(&self, step: i64) -> String {
        format!("{:06}", self.number(step) % 1_000_000)
    }

    /// The 31 bits behind a code (RFC 4226, 5.3).
    fn number(&self, step: i64) -> u32 {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.0);
        let tag = hmac::sign(&key, &step.to_be_bytes());
        let tag = tag.as_ref();
        let offset = usize::from(tag[19] & 15);
        let four: [u8; 4] = tag[offset..offset + 4].try_into().expect("4 of 20 bytes");
        u32::from_be_bytes(four) & 0x7fff_ffff
    }
}

/// Digits typed with a Japanese keyboard are wide; spaces between them mean nothing.
fn narrow_digit(typed: char) -> Option<char> {
    let digit = u32::from(typed).wrapping_sub(u32::from('\u{FF10}'));
    match char::from_digit(digit, 10) {
        Some(narrow) => Some(narrow),
        None => (!typed.is_whitespace()).then_some(typed),
    }
}

fn same(left: &[u8], right: &[u8]) -> bool {
    let differing = left.iter().zip(right).fold(0, |sum, (a, b)| sum | (a ^ b));
    left.len() == right.len() && differing == 0
}

fn escape(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'-' | b'.' | b'_' | b'@' => char::from(byte).to_string(),
            plain if plain.is_ascii_alphanumeric() => char::from(plain).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn rfc() -> Secret {
        Secret::from_bytes(b"12345678901234567890".to_vec())
    }

    /// IK-3.5.2b: the vectors of RFC 6238, appendix B (eight digits there).
    #[test]
    fn the_codes_are_those_of_the_standard() {
        for (second, eight) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            let number = rfc().number(second / STEP_SECONDS) % 100_000_000;
            assert_eq!(number, eight, "at {second}");
        }
        assert_eq!(rfc().code_at(at(1_111_111_109)), "081804");
    }

    /// IK-3.5.2b: a telephone may be half a minute off, and no more.
    #[test]
    fn a_code_works_one_step_early_and_late() {
        let code = rfc().code_at(at(3_000));
        for second in [2_970, 2_999, 3_000, 3_029, 3_059] {
            assert_eq!(rfc().check(&code, at(second), None), Some(100), "{second}");
        }
        for second in [2_969, 3_060] {
            assert_eq!(rfc().check(&code, at(second), None), None, "{second}");
        }
    }

    /// IK-3.5.2b: a code that was seen over a shoulder does not work again.
    #[test]
    fn a_code_works_once() {
        let code = rfc().code_at(at(3_000));
        let step = rfc().check(&code, at(3_000), Some(99));
        assert_eq!(step, Some(100));
        assert_eq!(rfc().check(&code, at(3_010), step), None);
        let older = rfc().code_at(at(2_970));
        assert_eq!(rfc().check(&older, at(3_010), step), None);
    }

    #[test]
    fn a_code_may_be_typed_wide_or_with_a_space_and_nothing_else_is_a_code() {
        let code = rfc().code_at(at(3_000));
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(rfc().check(&spaced, at(3_000), None), Some(100));
        let wide = |c: char| char::from_u32(u32::from(c) - 0x30 + 0xFF10).expect("a digit");
        let wide: String = code.chars().map(wide).collect();
        assert_eq!(rfc().check(&wide, at(3_000), None), Some(100));
        for wrong in ["", "000000", &code[..5], &format!("{code}0")] {
            assert_eq!(rfc().check(wrong, at(3_000), None), None, "{wrong:?}");
        }
    }

    #[test]
    fn an_app_can_read_the_address() {
        assert_eq!(rfc().base32(), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(Secret::from_bytes(b"foob".to_vec()).base32(), "MZXW6YQ");
        assert_eq!(
            rfc().uri("市", "a@b c"),
            "otpauth://totp/%E5%B8%82:a@b%20c?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=%E5%B8%82&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(Secret::random().as_bytes().len(), 20);
    }
}
