//! Items that servers A and B cannot read: their sealed bytes are kept beside the lane until an
//! operator takes them away, and as long as one is there, operators hear of it (I17, I21).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use bridge_contract::place::Lane;
use platform_service::halts::{Halts, Need};

use crate::disk::mark;
use crate::faults::RoleFault;
use crate::taker::Sealed;

/// Most items that are kept; of more the log alone speaks (I18).
const MOST: usize = 256;

/// The folder of such items of a lane, and who hears of it.
pub(crate) struct Aside {
    lane: Lane,
    dir: PathBuf,
    halts: Halts,
}

impl Aside {
    pub(crate) fn new(spool: &Path, lane: Lane, halts: Halts) -> Self {
        Self { lane, dir: spool.join(lane.word()).join("quarantine"), halts }
    }

    /// Keeps an item as it came. Durable when it returns; the same again changes nothing.
    pub(crate) fn keep(&self, item: &Sealed, why: &str) -> Result<(), RoleFault> {
        let path = self.dir.join(item.place());
        tracing::error!(lane = %self.lane, uuid = %item.entry.uuid, item = %item.place(), why,
            "an item cannot be read");
        let disk = |error| RoleFault::Disk { what: path.display().to_string(), why: error };
        if self.count().map_err(disk)? < MOST {
            mark(&path, item.sealed()).map_err(disk)?;
        }
        self.tell();
        Ok(())
    }

    /// Says how many there are; operators take them away.
    pub(crate) fn tell(&self) {
        let part = format!("lane {} unopened", self.lane);
        match self.count() {
            Ok(0) => self.halts.all_is_well(&part),
            Ok(count) => self.halts.warn(Need {
                part,
                code: "unopened",
                detail: count.to_string(),
                why: format!("{count} items cannot be read; they lie in {}", self.dir.display()),
            }),
            Err(error) => tracing::warn!(%error, "the folder of unread items cannot be read"),
        }
    }

    fn count(&self) -> io::Result<usize> {
        match fs::read_dir(&self.dir) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            entries => Ok(entries?.count()),
        }
    }
}
