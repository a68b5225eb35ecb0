//! A bundle before its transaction: verified, opened, decoded. No database.

use std::collections::BTreeMap;
use std::io;
use std::ops::{Deref, Range};
use std::sync::Arc;

use bridge_contract::bundle::{
    BundleFault, BundleItem, Expect, Header, IndexEntry, Verified, verify, verify_closed,
};
use bridge_contract::digest::Digest;
use bridge_contract::keys::{KeySet, OpenKeys};
use bridge_contract::messages::{Origin, Position};
use bridge_contract::place::Lane;
use bridge_contract::seal::Aad;
use bridge_spool::Waiting;

use crate::incoming::{Inbound, Incoming, Ingest, Message, Unprepared};

/// Items that are set aside in this bundle, with the reason.
pub(super) type Skipped = BTreeMap<usize, String>;

/// A verified bundle with its items opened.
pub(super) struct Opened<M> {
    pub(super) verified: Verified,
    /// The whole file.
    pub(super) file: Arc<Vec<u8>>,
    pub(super) items: Vec<OpenedItem<M>>,
}

/// One item; what it says, or why nobody can read it.
pub(super) struct OpenedItem<M> {
    pub(super) entry: IndexEntry,
    /// Kept when it must be set aside or wait.
    pub(super) sealed: Sealed,
    pub(super) origin: Option<Origin>,
    pub(super) content: Result<Content<M>, String>,
}

/// A sealed item, where it stands in its file.
pub(super) struct Sealed {
    file: Arc<Vec<u8>>,
    range: Range<usize>,
}

impl Deref for Sealed {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.file[self.range.clone()]
    }
}

pub(super) enum Content<M> {
    Receipt(bridge_contract::messages::Receipt),
    SetAside(bridge_contract::messages::Unreadable),
    Message(Incoming<M>),
}

impl<M> Opened<M> {
    pub(super) const fn header(&self) -> &Header {
        self.verified.header()
    }
}

impl<M: Message> Opened<M> {
    /// Lets the zone prepare its messages. Those that can never be taken in are noted; a
    /// disk that says no ends it.
    pub(super) fn prepare<I: Ingest<Message = M>>(&mut self, ingest: &I) -> io::Result<()> {
        for item in &mut self.items {
            let Ok(Content::Message(incoming)) = &item.content else { continue };
            // It is prepared once it is whole.
            if !incoming.message.awaited().is_empty() {
                continue;
            }
            match ingest.prepare(incoming) {
                Ok(()) => {}
                Err(Unprepared::Poison(why)) => item.content = Err(why),
                Err(Unprepared::Disk(error)) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Verifies a file and opens its items. An item that does not open does not
/// spoil the bundle.
pub(super) fn open<M: Message>(
    file: Vec<u8>,
    named: &Waiting,
    lane: Lane,
    keys: &KeySet,
    openers: &OpenKeys,
) -> Result<Opened<M>, BundleFault> {
    let file = Arc::new(file);
    let bundle = verify(&file, &Expect { lane, keys })?;
    let header = *bundle.verified.header();
    if (header.epoch, header.seq) != (named.epoch, named.seq) {
        return Err(BundleFault::NotOurs);
    }
    let sealed: usize = bundle.items.iter().map(|item| item.sealed.len()).sum();
    let mut end = file.len() - sealed;
    let items = bundle
        .items
        .into_iter()
        .enumerate()
        .map(|(idx, item)| {
            let range = end..end + item.sealed.len();
            end = range.end;
            open_item(
                item,
                Sealed { file: Arc::clone(&file), range },
                idx,
                (&header, keys, openers),
            )
        })
        .collect();
    Ok(Opened { verified: bundle.verified, file: Arc::clone(&file), items })
}

/// The header hash of a file that verifies; `None` for any other.
pub(super) fn hash(file: &[u8], named: &Waiting, lane: Lane, keys: &KeySet) -> Option<Digest> {
    let verified = verify_closed(file, &Expect { lane, keys }).ok()?;
    let header = verified.header();
    ((header.epoch, header.seq) == (named.epoch, named.seq)).then_some(verified.hash)
}

fn open_item<M: Message>(
    item: BundleItem<'_>,
    sealed: Sealed,
    idx: usize,
    (header, keys, openers): (&Header, &KeySet, &OpenKeys),
) -> OpenedItem<M> {
    let entry = item.entry;
    let aad = Aad {
        tenant: header.tenant,
        environment: header.environment,
        lane: header.lane,
        uuid: &entry.uuid,
        kind: entry.kind,
    };
    let read = openers
        .open_in(keys, header.seq, item.sealed, &aad)
        .map_err(|error| error.to_string())
        .and_then(|content| M::read(&content, entry.kind, keys));
    let position = Position {
        epoch: header.epoch,
        seq: header.seq,
        idx: u32::try_from(idx).unwrap_or(u32::MAX),
    };
    let (content, origin) = match read {
        Ok((inbound, origin)) => {
            let uuid = entry.uuid.clone();
            let content = match inbound {
                Inbound::Receipt(receipt) => Content::Receipt(receipt),
                Inbound::SetAside(item) => Content::SetAside(item),
                Inbound::Message(message) => Content::Message(Incoming {
                    lane: header.lane,
                    position,
                    uuid,
                    sent_at: header.at,
                    message,
                }),
            };
            (Ok(content), origin)
        }
        Err(why) => (Err(why), None),
    };
    OpenedItem { entry, sealed, origin, content }
}
