//! `rotate-seal`: the next seal key at once, such as after a break-in at the receiver.

use bridge_contract::place::Lane;
use serde_json::json;

use super::answer::Answer;
use super::{Desk, NotDone};
use crate::sender::turn::{self, listed_in};

impl Desk {
    pub(super) async fn rotate_seal(&self, lane: Lane) -> Result<Answer, NotDone> {
        let listed = listed_in(&self.keys, lane);
        let done = self.done("bridge.rotate_seal", lane.word(), "");
        let record = self.record;
        let turned = self
            .store
            .write(move |tx| {
                let turned = turn::turn_now(tx, lane, &listed, done.at)?;
                if let Some(turned) = &turned {
                    record(tx, &super::Done { detail: turned.key.to_string(), ..done.clone() });
                }
                Ok(turned)
            })
            .await?;
        let none = || NotDone::Refused(format!("{lane}: the key set lists no key after this one"));
        let key = turned.ok_or_else(none)?.key;
        Ok(Answer {
            words: format!("{lane}: new items are sealed to {key} within seconds\n"),
            facts: json!({ "lane": lane.word(), "key": key.to_string() }),
        })
    }
}
