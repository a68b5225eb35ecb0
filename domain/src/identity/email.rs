//! E-mail addresses as people in Japan have them.

use crate::text::{narrow, trim};

/// An address as typed in its stored form: half width, domain in lower case. `None` when it is not
/// an address.
///
/// Lenient before the @: old carrier addresses have dots in a row or at the end. Strict about what
/// could become a mail header: no spaces, control characters, quotes or lists.
#[must_use]
pub fn read_email(typed: &str) -> Option<String> {
    let address = narrow(trim(typed));
    let (local, domain) = address.rsplit_once('@')?;
    let fits = address.len() <= 254 && is_local(local) && is_domain(domain);
    fits.then(|| format!("{local}@{}", domain.to_ascii_lowercase()))
}

fn is_local(local: &str) -> bool {
    let taken = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b);
    (1..=64).contains(&local.len()) && local.bytes().all(taken)
}

fn is_domain(domain: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit('.').next().unwrap_or("");
    domain.contains('.')
        && domain.split('.').all(label)
        && top.len() >= 2
        && top.starts_with(|c: char| c.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-8: carrier-style addresses are taken, header tricks are not.
    #[test]
    fn an_address_is_read_as_people_have_it() {
        for (typed, stored) in [
            ("Hanako@Example.JP", "Hanako@example.jp"),
            ("ｈａｎａｋｏ＠ｅｘａｍｐｌｅ．ｊｐ", "hanako@example.jp"),
            ("a..b.@docomo.ne.jp", "a..b.@docomo.ne.jp"),
            ("-x+y@sub.example.co.jp", "-x+y@sub.example.co.jp"),
        ] {
            assert_eq!(read_email(typed).as_deref(), Some(stored), "{typed}");
        }
        for bad in [
            "",
            "a",
            "@example.jp",
            "a@",
            "a@localhost",
            "a@-x.jp",
            "a@x..jp",
            "a b@example.jp",
            "a@example.jp\r\nBcc: b@example.jp",
            "a@example.jp,b@example.jp",
            "\"a\"@example.jp",
            "<a@example.jp>",
            "花子@example.jp",
            "a@example.1",
            &format!("{}@example.jp", "a".repeat(65)),
        ] {
            assert_eq!(read_email(bad), None, "{bad}");
        }
    }
}
