//! What a lane's newest signed head promises and the folder here does not have. It
//! needs no way back: the head alone, however it came.

use std::fs::{self, File};
use std::io::{ErrorKind, Read as _};
use std::path::Path;

use bridge_contract::bundle::{HEADER_BYTES, Header, bundle_name};
use bridge_contract::digest::Digest;
use bridge_contract::head::Head;
use bridge_contract::keys::KeySet;
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_contract::wire::decode;

use crate::folder::bundles_in;
use crate::{Ingested, SpoolError};

/// The numbers of a lane that are missing in this receiving folder; `None` when there
/// are none, or nobody has said how far the lane is. Bundles that wait with another
/// header than the one the head lists count as missing.
///
/// # Errors
/// [`SpoolError::Io`] when the folder cannot be read.
pub fn missing(spool: &Path, lane: Lane, keys: &KeySet) -> Result<Option<Request>, SpoolError> {
    let root = spool.join(lane.word());
    let Some(head) = head(&root, lane, keys)? else { return Ok(None) };
    let here = Ingested::read(&root).unwrap_or(Ingested::NOTHING);
    if head.epoch != here.epoch {
        // A reset that one end has not heard of is a matter of its own.
        return Ok(None);
    }
    let promised =
        |at: &(u32, u64)| ((head.epoch, here.seq + 1)..=(head.epoch, head.seq)).contains(at);
    let waiting = bundles_in(&root.join("fetched"))?.into_iter().filter(promised);
    let (mut ranges, mut next) = (Vec::new(), here.seq + 1);
    for (_, seq) in waiting {
        let listed = head.lists.recent.iter().find(|(number, _)| *number == seq);
        let path = root.join("fetched").join(bundle_name(head.epoch, seq));
        if listed.is_some_and(|(_, hash)| header_hash(&path) != Some(*hash)) {
            continue;
        }
        ranges.push((next, seq - 1));
        next = seq + 1;
    }
    ranges.push((next, head.seq));
    Ok(Request::of(lane, head.epoch, &ranges))
}

fn head(root: &Path, lane: Lane, keys: &KeySet) -> Result<Option<Head>, SpoolError> {
    let path = root.join("head");
    match fs::read(&path) {
        Ok(head) => Ok(Head::open(&head, lane, keys).ok()),
        Err(why) if why.kind() == ErrorKind::NotFound => Ok(None),
        Err(why) => Err(SpoolError::io("read", &path, why)),
    }
}

/// Hash of the header that a file begins with; `None` when it is too short or gone.
fn header_hash(path: &Path) -> Option<Digest> {
    let mut bytes = [0; HEADER_BYTES];
    File::open(path).ok()?.read_exact(&mut bytes).ok()?;
    decode::<Header>(&bytes).ok().map(|header| header.hash())
}
