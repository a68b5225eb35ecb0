//! `replay`: bundles that the far end shall find again.

use bridge_contract::place::Lane;
use jiff::Timestamp;

use super::{Desk, NotDone};
use crate::sender::replay::{self, Range};

impl Desk {
    pub(super) async fn replay(
        &self,
        (lane, epoch): (Lane, u32),
        (from, to): (Option<u64>, Option<u64>),
        since: Option<Timestamp>,
    ) -> Result<String, NotDone> {
        let nothing = || NotDone::Refused("nothing to replay: no such bundles, or released".into());
        let found = self
            .store
            .read(move |db| {
                let first = match since {
                    Some(since) => replay::first_since(db, lane, epoch, since)?,
                    None => from,
                };
                let Some(first) = first else { return Ok(None) };
                let wish = Range { epoch, first, last: to.unwrap_or(u64::MAX) };
                replay::available(db, lane, &wish)
            })
            .await?;
        let range = found.ok_or_else(nothing)?;
        let words = format!("e{epoch} {} to {}", range.first, range.last);
        let done = self.done("bridge.replay", lane.word(), words.clone());
        let record = self.record;
        self.store
            .write(move |tx| {
                replay::ask(tx, lane, &range, done.at)?;
                record(tx, &done);
                Ok(())
            })
            .await?;
        Ok(format!("{lane} {words}: available to the far end within seconds, for an hour\n"))
    }
}
