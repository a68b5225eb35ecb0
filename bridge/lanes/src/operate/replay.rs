//! `replay`: bundles that the far end shall find again.

use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use jiff::Timestamp;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, Done, NotDone};
use crate::epochs;
use crate::sender::replay::{self, Range};

impl Desk {
    /// What the far end asks for with a code. Numbers that are released, or were never
    /// sent, are left out and said so.
    pub(super) async fn replay_request(&self, request: Request) -> Result<Answer, NotDone> {
        let (lane, epoch) = (request.lane, request.epoch);
        let wished = request.clone();
        let found = self
            .store
            .read(move |db| {
                let mut found = Vec::new();
                for (first, last) in wished.ranges {
                    let wish = Range { epoch, first, last };
                    found.extend(replay::available(db, lane, &wish)?);
                }
                Ok(found)
            })
            .await?;
        if found.is_empty() {
            let words =
                format!("{lane} e{epoch} {}: not sent from here, or released", request.words());
            return Err(NotDone::Refused(words));
        }
        let ranges = found.iter().map(|one| (one.first, one.last)).collect::<Vec<_>>();
        let there = Request::of(lane, epoch, &ranges).map_or_else(String::new, |one| one.words());
        let done = self.done("bridge.replay", lane.word(), format!("e{epoch} {there} by code"));
        let record = self.record;
        let anew = self
            .store
            .write(move |tx| {
                let mut anew = Vec::new();
                for range in &found {
                    anew.extend(replay::ask(tx, lane, range, done.at)?);
                }
                record(tx, &with(done, &anew));
                Ok(anew)
            })
            .await?;
        Ok(Answer {
            words: format!(
                "{lane} e{epoch} asked for {}; available within seconds, for an hour: {there}{}\n",
                request.words(),
                told(&anew)
            ),
            facts: json!({
                "lane": lane.word(), "epoch": epoch, "asked": request.ranges, "available": ranges,
                "anew": anew,
            }),
        })
    }

    pub(super) async fn replay(
        &self,
        (lane, epoch): (Lane, Option<u32>),
        (from, to): (Option<u64>, Option<u64>),
        since: Option<Timestamp>,
    ) -> Result<Answer, NotDone> {
        let found = self
            .store
            .read(move |db| {
                if let Some(since) = since {
                    return replay::available_since(db, lane, epoch, since);
                }
                let Some(first) = from else { return Ok(Vec::new()) };
                let epoch = match epoch {
                    Some(epoch) => epoch,
                    None => epochs::newest_here(db, lane)?,
                };
                let wish = Range { epoch, first, last: to.unwrap_or(u64::MAX) };
                Ok(replay::available(db, lane, &wish)?.into_iter().collect())
            })
            .await?;
        let Some(newest) = found.last().copied() else {
            return Err(NotDone::Refused("nothing to replay: no such bundles, or released".into()));
        };
        let said = |one: &Range| format!("e{} {} to {}", one.epoch, one.first, one.last);
        let words = found.iter().map(said).collect::<Vec<_>>().join(", ");
        let earlier: Vec<_> = found
            .iter()
            .rev()
            .skip(1)
            .map(|one| json!({ "epoch": one.epoch, "available": [(one.first, one.last)] }))
            .collect();
        let done = self.done("bridge.replay", lane.word(), words.clone());
        let record = self.record;
        let anew = self
            .store
            .write(move |tx| {
                let mut anew = Vec::new();
                for range in &found {
                    anew.extend(replay::ask(tx, lane, range, done.at)?);
                }
                record(tx, &with(done, &anew));
                Ok(anew)
            })
            .await?;
        Ok(Answer {
            words: format!(
                "{lane} {words}: available to the far end within seconds, for an hour{}\n",
                told(&anew)
            ),
            facts: json!({
                "lane": lane.word(), "epoch": newest.epoch,
                "available": [(newest.first, newest.last)], "earlier": earlier, "anew": anew,
            }),
        })
    }
}

/// What else is to be said where items go out under new numbers.
fn told(anew: &[u64]) -> String {
    if anew.is_empty() {
        return String::new();
    }
    let numbers: Vec<String> = anew.iter().map(ToString::to_string).collect();
    format!("; S could not open all of {}: sent under new numbers", numbers.join(", "))
}

fn with(done: Done, anew: &[u64]) -> Done {
    let detail = format!("{}{}", done.detail, told(anew));
    Done { detail, ..done }
}
