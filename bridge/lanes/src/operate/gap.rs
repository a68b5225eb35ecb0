//! `explain-gap`: bundles that never came before a lane began anew. Nothing brings them any more, so they are
//! told until somebody says what became of them.

use bridge_contract::place::Lane;
use diesel::prelude::*;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, Done, NotDone};
use crate::numbers::{big, number, small};
use crate::schema::{lane_gaps as gaps, lane_watermarks as watermarks};

impl Desk {
    pub(super) async fn explain_gap(
        &self,
        lane: Lane,
        (epoch, first): (u32, u64),
        why: String,
    ) -> Result<Answer, NotDone> {
        let done = self.done("bridge.gap_explained", lane.word(), "");
        let record = self.record;
        let explained = self
            .store
            .write(move |tx| {
                let here: Option<i32> = watermarks::table
                    .find(lane.word())
                    .select(watermarks::epoch)
                    .first(tx.db)
                    .optional()?;
                let here = here.unwrap_or_default();
                let ended = || {
                    gaps::table
                        .find((lane.word(), small(epoch), big(first)))
                        .filter(gaps::epoch.lt(here))
                };
                let last: Option<i64> = ended().select(gaps::last_seq).first(tx.db).optional()?;
                let Some(last) = last.map(number) else { return Ok(None) };
                diesel::delete(ended()).execute(tx.db)?;
                let detail = format!("e{epoch} {first} to {last}: {why}");
                record(tx, &Done { detail, ..done });
                Ok(Some(last))
            })
            .await?;
        let none = || {
            NotDone::Refused(format!(
                "{lane}: no gap of an epoch that ended begins at e{epoch}-{first}"
            ))
        };
        let last = explained.ok_or_else(none)?;
        Ok(Answer {
            words: format!(
                "{lane}: e{epoch} {first} to {last} is explained in the operation log\n"
            ),
            facts: json!({ "lane": lane.word(), "epoch": epoch, "first": first, "last": last }),
        })
    }
}
