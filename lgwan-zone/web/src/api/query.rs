//! Addresses of the interface: what is not known is refused, so that a slip is noticed.

use jiff::Timestamp;
use platform_web::{FormData, QueryData, Reply, Trouble};

use crate::applications::filter::Pile;

/// A parameter that cannot be read.
pub(super) fn bad(name: &str) -> Trouble {
    let name: String = name.chars().take(40).collect();
    Reply::bad_request("api.bad_parameter").with("name", name).into()
}

/// The query, when it has known names only, each once.
pub(super) fn known<'q>(query: &'q QueryData, names: &[&str]) -> Result<&'q FormData, Trouble> {
    for (name, _) in query.0.iter() {
        if !names.contains(&name) || query.0.all(name).count() > 1 {
            return Err(bad(name));
        }
    }
    Ok(&query.0)
}

/// An identifier that may be missing.
pub(super) fn id(query: &FormData, name: &str) -> Result<Option<String>, Trouble> {
    let Some(text) = query.one(name) else { return Ok(None) };
    if is_id(text) { Ok(Some(text.to_owned())) } else { Err(bad(name)) }
}

/// Whether a text may be an identifier.
pub(super) fn is_id(text: &str) -> bool {
    domain::ids::ApplicationId::parse(text).is_ok()
}

/// A number between bounds; `usual` when it is missing.
pub(super) fn number(
    query: &FormData,
    name: &str,
    (least, most): (usize, usize),
    usual: usize,
) -> Result<usize, Trouble> {
    let Some(text) = query.one(name) else { return Ok(usual) };
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| plain && (least..=most).contains(number));
    number.ok_or_else(|| bad(name))
}

/// A moment, microseconds.
pub(super) fn moment(query: &FormData, name: &str) -> Result<Option<i64>, Trouble> {
    let Some(text) = query.one(name) else { return Ok(None) };
    let at: Timestamp = text.parse().map_err(|_| bad(name))?;
    Ok(Some(at.as_microsecond()))
}

/// A state.
pub(super) fn state(query: &FormData, name: &str) -> Result<Option<Pile>, Trouble> {
    let Some(text) = query.one(name) else { return Ok(None) };
    Pile::parse(text).map(Some).ok_or_else(|| bad(name))
}
