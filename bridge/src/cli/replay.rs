//! `bridge replay`: bundles that the far end asks for with a code.

use std::path::Path;

use bridge::config::Common;
use bridge_contract::keys::KeyFolder;
use bridge_contract::request::Request;
use bridge_spool::{Identity, show_again};
use platform_service::config;
use serde_json::json;

use super::Fallible;

pub(super) fn run(settings: &Path, code: &str, as_json: bool) -> Fallible<()> {
    let request = Request::parse(code)?;
    let common: Common = config::load(settings)?;
    let (lane, epoch) = (request.lane, request.epoch);
    if !common.spool.join(lane.word()).join("ready").is_dir() {
        return Err(format!(
            "{lane} is not sent from this host; it is sent by {}",
            lane.sender().word()
        )
        .into());
    }
    let keys = KeyFolder::open(&common.keys)?;
    let set = keys.set();
    let identity = Identity { tenant: set.tenant, environment: set.environment, lane };
    let there = show_again(&common.spool, &identity, &request)?;
    let shown: Vec<(u64, u64)> = there.iter().map(|seq| (*seq, *seq)).collect();
    match Request::of(lane, epoch, &shown) {
        None => Err(format!("{lane} e{epoch} {}: none of them is here", request.words()).into()),
        Some(shown) if as_json => {
            println!(
                "{:#}",
                json!({
                    "lane": lane.word(), "epoch": epoch, "asked": request.ranges,
                    "available": shown.ranges,
                })
            );
            Ok(())
        }
        Some(shown) => {
            println!("{lane} e{epoch} asked for {}; in ready/: {}", request.words(), shown.words());
            Ok(())
        }
    }
}
