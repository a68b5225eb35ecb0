//! Files staff scanned. They are known by their first bytes and kept as they are: nothing in this
//! zone parses them (`docs/decisions/0072`).

use axum::extract::{Path, State};
use lgwan_zone_store::applications::entries::Scan;
use platform_web::download::inline;
use platform_web::fields::input_id;
use platform_web::multipart::{Part, Upload};
use platform_web::{FormData, OrFault as _, PageResult, Reply, Trouble};

use super::draft::{self, Side};
use crate::applications::{files, result};
use crate::forms::question::is_file;
use crate::frame::Fault;
use crate::guard::{Who, sha256};
use crate::site::{Site, TEXTS};

/// Bytes of the largest scan.
const LARGEST_SCAN: u64 = 20_000_000;
/// Bytes of the scans of one page that are taken at once.
const LARGEST: u64 = 120_000_000;
/// Bytes of one page with its scans, and of the piece of one that is beyond them.
pub const LARGEST_BODY: u64 = LARGEST + 4_000_000;
/// Most scans of one draft.
const MOST: usize = 50;

/// A page as it was sent.
pub(super) struct Sent {
    pub(super) form: FormData,
    /// Field, file name, bytes.
    files: Vec<(String, String, Vec<u8>)>,
    /// Field and name of files larger than a scan may be, or than what the others left, and the key of the words.
    large: Vec<((String, String), &'static str)>,
}

/// Reads a page with its files. One that is too large, alone or with the others, takes nothing with it.
///
/// # Errors
/// As [`Upload::next`].
pub(super) async fn read(mut upload: Upload) -> Result<Sent, Trouble> {
    let (mut fields, mut files, mut large) = (Vec::new(), Vec::new(), Vec::new());
    let mut room = LARGEST;
    while let Some(part) = upload.next().await? {
        match part {
            Part::Text { name, value } => fields.push((name, value)),
            Part::File(part) => {
                let (field, name) = (part.name.clone(), part.file_name.clone());
                match part.within(LARGEST_SCAN.min(room)).await? {
                    Some(bytes) => {
                        room = room.saturating_sub(bytes.len() as u64);
                        files.push((field, name, Vec::from(bytes)));
                    }
                    None if room < LARGEST_SCAN => {
                        large.push(((field, name), "entry.fault.scans_large"));
                    }
                    None => large.push(((field, name), "entry.fault.scan_large")),
                }
            }
        }
    }
    Ok(Sent { form: fields.into_iter().collect(), files, large })
}

/// Keeps the scans of a page; those that are none or too large are told by name.
///
/// # Errors
/// A fault when a file cannot be kept.
pub(super) async fn keep(
    site: &Site,
    open: &mut draft::Open,
    sent: &mut Sent,
) -> Result<(Vec<String>, Vec<Fault>), Trouble> {
    let told = |(field, name): (String, String), key: &str| {
        Fault::said(&input_id(&field), TEXTS.fill(key, &[("name", &name)]))
    };
    let mut faults: Vec<Fault> = sent.large.drain(..).map(|(one, key)| told(one, key)).collect();
    let mut new = Vec::new();
    for (field, name, bytes) in sent.files.drain(..) {
        let asked = open.form.field(&field).is_some_and(is_file) && open.asks(&field);
        let Some(media) = media(&bytes).filter(|_| asked && open.scans.len() < MOST) else {
            faults.push(told((field, name), "entry.fault.scan"));
            continue;
        };
        let scan = Scan {
            id: site.new_id(),
            draft_id: open.draft.id.clone(),
            field,
            name,
            media: media.to_owned(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
            sha256: sha256(&bytes),
        };
        let (folder, id) = (site.files.clone(), scan.id.clone());
        tokio::task::spawn_blocking(move || folder.put(&id, &bytes)).await.or_fault()??;
        new.push(scan.id.clone());
        open.scans.push(scan);
    }
    Ok((new, faults))
}

/// The kind of a scan by its first bytes; `None` for what staff do not scan.
fn media(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        _ if result::is_pdf(bytes) => Some("application/pdf"),
        _ => None,
    }
}

/// Shows a scan of an own draft, to type it from.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    Path(path): Path<(String, String)>,
) -> PageResult {
    shown(&site, &who, Side::Desk, path).await
}

/// Shows a file of an own draft for an internal procedure.
pub async fn own(
    State(site): State<Site>,
    who: Who,
    Path(path): Path<(String, String)>,
) -> PageResult {
    shown(&site, &who, Side::Own, path).await
}

async fn shown(site: &Site, who: &Who, side: Side, (id, wanted): (String, String)) -> PageResult {
    let open = draft::load(site, who, side, &id).await?;
    let scan = open.scans.into_iter().find(|scan| scan.id == wanted);
    let scan = scan.ok_or_else(|| Trouble::from(Reply::not_found("applications.file_missing")))?;
    let (folder, id) = (site.files.clone(), scan.id);
    let bytes = tokio::task::spawn_blocking(move || folder.get(&id)).await.or_fault()??;
    Ok(files::private(inline(&scan.name, &scan.media, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-2.1.2a3: a program that calls itself a scan is none.
    #[test]
    fn a_scan_is_known_by_its_bytes() {
        assert_eq!(media(b"%PDF-1.7\n%%EOF\n"), Some("application/pdf"));
        assert_eq!(media(&[0xff, 0xd8, 0xff, 0xe0]), Some("image/jpeg"));
        assert_eq!(media(b"MZ\x90\x00 a program"), None);
        assert_eq!(media(b""), None);
    }
}
