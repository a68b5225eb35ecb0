//! The functions a formula may call.

use std::collections::HashSet;
use std::sync::LazyLock;

/// Functions that compute from their arguments. Not among them: WEBSERVICE,
/// FILTERXML, IMAGE, HYPERLINK, RTD, CALL, REGISTER, INFO, CUBE… and whatever
/// a macro would have to provide.
static KEPT: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("functions.txt").split_whitespace().collect());

/// Prefixes of functions younger than the file format.
const PREFIXES: [&str; 3] = ["_XLFN._XLWS.", "_XLFN.", "_XLWS."];

/// Whether a function is on the list, in any case and with its prefixes.
pub(super) fn is_kept(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let bare = PREFIXES.iter().find_map(|it| name.strip_prefix(it)).unwrap_or(&name);
    KEPT.contains(bare)
}
