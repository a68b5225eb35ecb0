//! A form to download, counted (NF-11, NF-25).

use axum::extract::{Path, State};
use internet_zone_store::procedures;
use platform_web::{PageResult, Reply, download};

use super::invited::reach;
use crate::caller::Caller;
use crate::site::Site;
use crate::{terminals, urls};

/// Sends a file of a procedure. Pictures of the form are shown and not counted.
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    Path((slug, id)): Path<(String, String)>,
) -> PageResult {
    let entry = reach(&site, &caller, &slug).await?;
    let unknown = || Reply::not_found("procedures.unknown_file").link(urls::procedure(&slug));
    let file = entry.procedure().files.iter().find(|file| file.id == id).ok_or_else(unknown)?;
    if file.listed {
        terminals::may_take_away(urls::procedure(&slug))?;
    }
    let procedure_id = entry.procedure().id.as_str().to_owned();
    let bytes = match decode(&file.base64) {
        Some(bytes) if !bytes.is_empty() => bytes,
        _ => {
            let (of, revision, wanted) = (procedure_id.clone(), entry.revision, id.clone());
            let stored =
                site.store.read(move |db| procedures::file(db, &of, revision, &wanted)).await?;
            stored.ok_or_else(unknown)?.content
        }
    };
    if !file.listed {
        return Ok(download::inline(&file.name, &file.media, bytes));
    }
    let day = site.today().to_string();
    site.store.write(move |tx| procedures::count_download(tx, &procedure_id, &id, &day)).await?;
    Ok(download::download(&file.name, &file.media, bytes))
}

/// Standard base64 with padding, in pieces.
fn decode(pieces: &[String]) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for byte in pieces.iter().flat_map(|piece| piece.bytes()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' | b'\n' | b'\r' => continue,
            _ => return None,
        };
        bits = (bits << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_in_pieces_is_read() {
        let pieces = ["TWFk".to_owned(), "b2d1Y2hp".to_owned(), "IQ==".to_owned()];
        assert_eq!(decode(&pieces).as_deref(), Some(b"Madoguchi!".as_slice()));
        assert_eq!(decode(&["a b".to_owned()]), None);
    }
}
