//! What B says about a generation becomes `receipt.json` in its folder at A.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bridge_contract::keys::{LiveKeys, OpenKeys};
use bridge_contract::messages::{PickupOutcome, ToServerA};
use bridge_contract::wire::decode;
use jiff::Timestamp;
use platform_service::shutdown::Shutdown;
use serde::{Deserialize, Serialize};

use crate::aside::Aside;
use crate::faults::RoleFault;
use crate::generation::{Generation, RECEIPT};
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
    keys: Arc<LiveKeys>,
    openers: Arc<OpenKeys>,
}

impl Clerk {
    pub(super) const fn new(folder: PathBuf, keys: Arc<LiveKeys>, openers: Arc<OpenKeys>) -> Self {
        Self { folder, keys, openers }
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

    /// Files one receipt. One that cannot be read is set aside, one that belongs to no
    /// generation is logged; neither stops the lane.
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
        let dir = generation.as_ref().map(|generation| generation.dir(&self.folder));
        match dir.filter(|dir| dir.is_dir()) {
            Some(dir) => write(&dir, &receipt)
                .map_err(RoleFault::disk(format!("receipt in {}", dir.display()))),
            None => {
                tracing::warn!(job = %receipt.job, "a receipt for a generation that is not here");
                Ok(())
            }
        }
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

/// Writes the file whole; one that says more is not replaced by one that says less.
fn write(dir: &Path, receipt: &Receipt) -> io::Result<()> {
    let path = dir.join(RECEIPT);
    if Receipt::read(dir).is_some_and(|known| {
        known.outcome > Outcome::Refused && receipt.outcome <= Outcome::Refused
    }) {
        return Ok(());
    }
    let draft = dir.join(".receipt.new");
    let mut file = File::create(&draft)?;
    file.write_all(&serde_json::to_vec_pretty(receipt)?)?;
    file.sync_all()?;
    fs::rename(&draft, &path)?;
    File::open(dir)?.sync_all()
}
