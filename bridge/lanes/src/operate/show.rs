//! `lanes` and `show`.

use std::fmt::Write as _;

use bridge_contract::digest::hex;
use bridge_contract::place::Lane;
use bridge_contract::request::Request;
use bridge_spool::missing;
use jiff::Timestamp;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, NotDone};
use crate::epochs;
use crate::status::{self, OneBundle, Receiving, Sending};

impl Desk {
    pub(super) async fn lanes(&self) -> Result<Answer, NotDone> {
        let lanes = self.store.read(status::status).await?;
        let wanted: Vec<Option<Request>> =
            lanes.receiving.iter().map(|one| self.wanted(one)).collect::<Result<_, _>>()?;
        let sending: Vec<_> = lanes.sending.iter().map(sent_json).collect();
        let receiving: Vec<_> = lanes
            .receiving
            .iter()
            .zip(&wanted)
            .map(|(one, wanted)| received_json(one, wanted.as_ref()))
            .collect();
        let facts = json!({ "sending": sending, "receiving": receiving });
        let mut text = String::new();
        // Writing to a String cannot fail.
        for one in &lanes.sending {
            let _ = writeln!(
                text,
                "sends    {:<8} head {} stored {} ingested {} backed up {} waiting {} set aside {}",
                one.lane.word(),
                one.head_seq,
                one.stored_seq,
                one.ingested_seq,
                one.backup_seq,
                one.waiting + one.unconfirmed,
                one.set_aside
            );
        }
        for (one, wanted) in lanes.receiving.iter().zip(&wanted) {
            let halted = one.halted.as_deref().unwrap_or("runs");
            let _ = writeln!(
                text,
                "receives {:<8} at {} gaps {:?} set aside {} waiting for files {} {halted}",
                one.lane.word(),
                one.seq,
                one.gaps,
                one.quarantined,
                one.waiting_parts
            );
            for (epoch, first, last) in &one.lost {
                let _ = writeln!(
                    text,
                    "         {first} to {last} of epoch {epoch} never came; once it is known why: \
                     explain-gap {} {epoch} {first} --why WORDS",
                    one.lane.word()
                );
            }
            if let Some(wanted) = wanted {
                let _ = writeln!(
                    text,
                    "         missing {}; at the sending end: replay --code {}",
                    wanted.words(),
                    wanted.code()
                );
            }
        }
        Ok(Answer { words: text, facts })
    }

    /// What a lane misses, by its head here; of `raw`, which ends at S, by what `in` tells.
    fn wanted(&self, one: &Receiving) -> Result<Option<Request>, NotDone> {
        if one.gaps.is_empty() {
            missing(&self.spool, one.lane, &self.keys)
                .map_err(|why| NotDone::Refused(why.to_string()))
        } else {
            Ok(Request::of(one.lane, one.epoch, &one.gaps))
        }
    }

    pub(super) async fn show(
        &self,
        lane: Lane,
        seq: u64,
        epoch: Option<u32>,
    ) -> Result<Answer, NotDone> {
        let (at, found) = self
            .store
            .read(move |db| {
                let epoch = match epoch {
                    Some(epoch) => epoch,
                    None => epochs::newest_here(db, lane)?,
                };
                Ok(((epoch, seq), status::bundle(db, lane, epoch, seq)?))
            })
            .await?;
        let Some(bundle) = found else {
            return Err(NotDone::Refused(format!("{lane} e{}-{}: no such bundle", at.0, at.1)));
        };
        let mut text =
            format!("{lane} e{}-{} {}\nhash {}\n", at.0, at.1, bundle.state, hex(&bundle.hash));
        for (what, at) in &bundle.times {
            let _ = writeln!(text, "{what:<10} {}", at.map_or("-".to_owned(), |at| at.to_string()));
        }
        for (idx, (uuid, kind, state)) in bundle.items.iter().enumerate() {
            let _ = writeln!(text, "item {idx} kind {kind} {uuid} {state}");
        }
        Ok(Answer { words: text, facts: bundle_json(lane, at, &bundle) })
    }
}

fn bundle_json(lane: Lane, (epoch, seq): (u32, u64), bundle: &OneBundle) -> serde_json::Value {
    let times: serde_json::Map<String, serde_json::Value> =
        bundle.times.iter().map(|(what, at)| ((*what).to_owned(), json!(moment(*at)))).collect();
    let item = |(uuid, kind, state): &(String, u16, String)| json!({ "uuid": uuid, "kind": kind, "state": state });
    let items: Vec<_> = bundle.items.iter().map(item).collect();
    json!({
        "lane": lane.word(), "epoch": epoch, "seq": seq, "state": bundle.state,
        "hash": hex(&bundle.hash), "times": times, "items": items,
    })
}

fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn sent_json(one: &Sending) -> serde_json::Value {
    json!({
        "lane": one.lane.word(), "epoch": one.epoch, "head": one.head_seq,
        "stored": one.stored_seq, "ingested": one.ingested_seq, "backup": one.backup_seq,
        "waiting": one.waiting, "unconfirmed": one.unconfirmed, "bytes": one.bytes,
        "oldest": moment(one.oldest),
        "set_aside": one.set_aside, "receipt_at": moment(one.receipt_at),
    })
}

fn received_json(one: &Receiving, wanted: Option<&Request>) -> serde_json::Value {
    json!({
        "lane": one.lane.word(), "epoch": one.epoch, "seq": one.seq, "halted": one.halted,
        "at": one.at.to_string(), "gaps": one.gaps, "gaps_since": moment(one.gaps_since),
        "lost": one.lost,
        "quarantined": one.quarantined, "waiting_parts": one.waiting_parts,
        "missing": wanted.map(|one| &one.ranges), "request": wanted.map(Request::code),
    })
}
