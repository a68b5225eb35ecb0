//! E-mail addresses as people type them.

use domain::text::narrow_char;

/// Longest address that mail servers take.
const LONGEST: usize = 254;

/// The address in half width, or `None` when it is none. Dots may stand anywhere
/// before the `@`, as Japanese carriers once gave out.
pub(crate) fn read(typed: &str) -> Option<String> {
    let address: String = typed.trim().chars().take(LONGEST + 1).map(narrow_char).collect();
    let (local, domain) = address.rsplit_once('@')?;
    let fits = address.len() <= LONGEST && (1..=64).contains(&local.len());
    let local_ok =
        local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let labels: Vec<&str> = domain.split('.').collect();
    let label_ok = |label: &&str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    (fits && local_ok && labels.len() >= 2 && labels.iter().all(label_ok)).then_some(address)
}

/// The form under which an address is found again: case makes no difference.
pub(crate) fn key(address: &str) -> String {
    address.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Addresses of carriers and full-width typing are taken.
    #[test]
    fn addresses_are_read_as_people_type_them() {
        assert_eq!(read(" ｈａｎａｋｏ＠example.jp ").as_deref(), Some("hanako@example.jp"));
        assert_eq!(
            read("taro..yamada.@docomo.ne.jp").as_deref(),
            Some("taro..yamada.@docomo.ne.jp")
        );
        for wrong in [
            "",
            "a",
            "a@b",
            "@example.jp",
            "a b@example.jp",
            "a@-x.jp",
            "a@x..jp",
            "a@例.jp",
            "a\r\n@x.jp",
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
