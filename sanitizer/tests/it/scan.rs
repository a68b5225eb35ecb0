//! Malware scanners: what they say becomes of a file, and what becomes of it
//! when they say nothing. Real ones in `real`, staged ones in `staged`.

mod real;
mod staged;

use platform_service::config::Within;
use sanitizer::policy::{ClamdScanner, IcapMethod, IcapScanner, Need, Scanners};

use crate::desk::Desk;

fn clamd(address: &str, need: Need) -> Scanners {
    let seconds = Within::new(20);
    Scanners {
        clamd: Some(ClamdScanner { address: address.to_owned(), need, seconds }),
        icap: None,
    }
}

fn icap(address: &str, need: Need, method: IcapMethod) -> Scanners {
    let seconds = Within::new(20);
    Scanners {
        clamd: None,
        icap: Some(IcapScanner { address: address.to_owned(), need, seconds, method }),
    }
}

fn desk(scanners: Scanners) -> Desk {
    let mut desk = Desk::new();
    desk.rebuilder.policy.scanners = scanners;
    desk.rebuilder.runner.limits = desk.rebuilder.policy.worker_limits();
    desk
}
