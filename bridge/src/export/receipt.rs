//! What B says about a generation becomes `receipt.json` in its folder at A. While that folder is not
//! there, because the share is away, the receipt waits in the spool, in `unfiled/`.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge_contract::keys::{LiveKeys, OpenKeys};
use bridge_contract::messages::{PickupOutcome, ToServerA};
use bridge_contract::wire::decode;
use bridge_spool::FAILED;
use jiff::Timestamp;
use platform_service::shutdown::Shutdown;
use serde::{Deserialize, Serialize};

use crate::aside::Aside;
use crate::disk::{mark, rename_over, sync_dir};
use crate::faults::RoleFault;
use crate::generation::{self, Generation, RECEIPT};
use crate::running::blocking;
use crate::taker::{Sealed, Taker};

/// How far a generation is, by B.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Complete and durable at B, waiting for the business system.
    Stored,
    /// B cannot show it; an operator must look.
    Refused,
    /// The business system left a `.done` file (取込済).
    Done,
    /// The business system left an `.err` file (取込エラー).
    Error,
}

/// The content of `receipt.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// The export job.
    pub job: String,
    /// The generation.
    pub generation: String,
    /// How far it is.
    pub outcome: Outcome,
    /// When B saw that, UTC.
    pub at: Timestamp,
    /// What the business system or B said with it, in its own words.
    pub detail: String,
}

impl Receipt {
    /// What B said last about the generation in a folder.
    pub(super) fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(dir.join(RECEIPT)).ok()?).ok()
    }
}

/// Files receipts.
pub(super) struct Clerk {
    folder: PathBuf,
    /// Of which generations this server sent bundles.
    packed: PathBuf,
    /// Receipts of generations that were not in the folder, by job and generation.
    unfiled: PathBuf,
    keys: Arc<LiveKeys>,
    openers: Arc<OpenKeys>,
}

impl Clerk {
    pub(super) fn new(
        (folder, spool): (PathBuf, &Path),
        keys: Arc<LiveKeys>,
        openers: Arc<OpenKeys>,
    ) -> Self {
        let (packed, unfiled) = (spool.join("packed"), spool.join("unfiled"));
        Self { folder, packed, unfiled, keys, openers }
    }

    pub(super) async fn run(
        self,
        mut taker: Taker,
        aside: Aside,
        shutdown: Shutdown,
    ) -> Result<(), RoleFault> {
        let (clerk, aside, watch) = (Arc::new(self), Arc::new(aside), taker.watch());
        loop {
            aside.tell();
            let late = Arc::clone(&clerk);
            blocking(move || late.file_late()).await?;
            while let Some(bundle) = taker.next().await? {
                let (clerk, items) = (Arc::clone(&clerk), bundle.items.clone());
                let aside = Arc::clone(&aside);
                blocking(move || items.iter().try_for_each(|item| clerk.file(item, &aside)))
                    .await?;
                taker.done(bundle).await?;
            }
            tokio::select! {
                () = watch.changed() => {}
                () = shutdown.wait() => return Ok(()),
            }
        }
    }

    /// Files one receipt. One that cannot be read is set aside, one of a generation that this server
    /// never sent is logged; neither stops the lane.
    fn file(&self, item: &Sealed, aside: &Aside) -> Result<(), RoleFault> {
        let read = item
            .open(&self.openers, &self.keys.set())
            .map_err(|error| error.to_string())
            .and_then(|content| decode(&content).map_err(|error| error.to_string()));
        let receipt = match read {
            Ok(message) => receipt(message),
            Err(why) => return aside.keep(item, &why),
        };
        let generation = Generation::of(&receipt.job, &receipt.generation);
        let filed = generation.map_or(Ok(false), |generation| self.put(&generation, &receipt));
        if !filed.map_err(RoleFault::disk("file a receipt"))? {
            tracing::warn!(job = %receipt.job, "a receipt for a generation that was not sent");
        }
        Ok(())
    }

    /// Puts a receipt beside its generation, or aside while that is not there. `false` when nothing is
    /// known of it.
    fn put(&self, generation: &Generation, receipt: &Receipt) -> io::Result<bool> {
        let here = generation.dir(&self.folder);
        if is_there(&here)? {
            return self.note(generation, receipt).map(|()| true);
        }
        if !generation.dir(&self.packed).try_exists()? {
            return Ok(false);
        }
        tracing::error!(%generation, "a receipt waits for its generation to be in the folder again");
        let aside = generation.dir(&self.unfiled);
        fs::create_dir_all(&aside)?;
        write(&aside, receipt)?;
        sync_dir(&self.unfiled.join(&generation.job))?;
        sync_dir(&self.unfiled).map(|()| true)
    }

    /// Files what waits for generations that are here again.
    fn file_late(&self) -> Result<(), RoleFault> {
        let disk = || RoleFault::disk(self.unfiled.display().to_string());
        let waiting = match generation::all(&self.unfiled) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            waiting => waiting.map_err(disk())?,
        };
        for generation in waiting {
            self.file_again(&generation).map_err(disk())?;
        }
        Ok(())
    }

    fn file_again(&self, generation: &Generation) -> io::Result<()> {
        let (aside, here) = (generation.dir(&self.unfiled), generation.dir(&self.folder));
        if !is_there(&here)? {
            return Ok(());
        }
        if let Some(receipt) = Receipt::read(&aside) {
            self.note(generation, &receipt)?;
        }
        fs::remove_dir_all(aside)
    }

    /// Writes a receipt into its generation. A failed import is named beside the jobs as well: the staff zone
    /// looks there, because it reads no receipt again of a generation that was taken in.
    fn note(&self, generation: &Generation, receipt: &Receipt) -> io::Result<()> {
        write(&generation.dir(&self.folder), receipt)?;
        if receipt.outcome != Outcome::Error {
            return Ok(());
        }
        let name = format!("{}.{}", generation.job, generation.name);
        mark(&self.folder.join(FAILED).join(name), "")?;
        sync_dir(&self.folder)
    }
}

fn receipt(message: ToServerA) -> Receipt {
    match message {
        ToServerA::Stored(said) => Receipt {
            job: said.job,
            generation: said.generation,
            outcome: Outcome::Stored,
            at: said.at,
            detail: String::new(),
        },
        ToServerA::Refused(said) => Receipt {
            job: said.job,
            generation: said.generation,
            outcome: Outcome::Refused,
            at: said.at,
            detail: said.reason,
        },
        ToServerA::PickedUp(said) => Receipt {
            detail: said.words(),
            job: said.job,
            generation: said.generation,
            outcome: match said.outcome {
                PickupOutcome::Done => Outcome::Done,
                PickupOutcome::Error => Outcome::Error,
            },
            at: said.at,
        },
    }
}

/// Whether a generation's folder is there. A share that does not answer is no answer.
fn is_there(dir: &Path) -> io::Result<bool> {
    use io::ErrorKind::{NotADirectory, NotFound};
    match fs::metadata(dir) {
        Ok(found) => Ok(found.is_dir()),
        Err(error) if matches!(error.kind(), NotFound | NotADirectory) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Writes the file whole; one that says more is not replaced by one that says less, and that an import failed
/// not by that it went well.
fn write(dir: &Path, receipt: &Receipt) -> io::Result<()> {
    let path = dir.join(RECEIPT);
    if Receipt::read(dir)
        .is_some_and(|known| known.outcome > Outcome::Refused && receipt.outcome < known.outcome)
    {
        return Ok(());
    }
    let draft = dir.join(".receipt.new");
    let mut file = File::create(&draft)?;
    file.write_all(&serde_json::to_vec_pretty(receipt)?)?;
    file.sync_all()?;
    rename_over(&draft, &path)?;
    sync_dir(dir)
}
