//! File names of bundles: `e<epoch>-<seq 16 digits>.kb`.

/// The file name of a bundle.
#[must_use]
pub fn bundle_name(epoch: u32, seq: u64) -> String {
    format!("e{epoch}-{seq:016}.kb")
}

/// Epoch and number behind a file name; `None` for any other name.
#[must_use]
pub fn parse_bundle_name(name: &str) -> Option<(u32, u64)> {
    let (epoch, seq) = name.strip_prefix('e')?.strip_suffix(".kb")?.split_once('-')?;
    let (epoch, seq) = (epoch.parse().ok()?, seq.parse().ok()?);
    (bundle_name(epoch, seq) == name).then_some((epoch, seq))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_exact_name_is_a_bundle() {
        assert_eq!(bundle_name(1, 42), "e1-0000000000000042.kb");
        assert_eq!(parse_bundle_name("e1-0000000000000042.kb"), Some((1, 42)));
        for other in [
            "e1-42.kb",
            "e01-0000000000000042.kb",
            "e1-0000000000000042.kb.tmp",
            "head",
            "e+1-0000000000000042.kb",
        ] {
            assert_eq!(parse_bundle_name(other), None, "{other}");
        }
    }
}
