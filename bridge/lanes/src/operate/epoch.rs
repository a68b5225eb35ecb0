//! `epoch propose`, `epoch install` and `say-receipt`. The second operator signs with
//! `bridge epoch approve`, which needs no database.

use std::path::PathBuf;

use bridge_contract::keys::SigningKey;
use bridge_contract::place::{Host, Lane};
use bridge_contract::reset::{Reset, ResetDocument};
use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use super::answer::Answer;
use super::{Desk, NotDone};
use crate::{epochs, receipts};

/// About the epoch of a lane.
#[derive(Clone, Debug, Subcommand)]
pub enum Order {
    /// Writes a reset of the lane as this zone knows it, signed by the first operator.
    Propose {
        /// The lane.
        #[arg(value_parser = super::lane)]
        lane: Lane,
        /// The operator's private key.
        #[arg(long)]
        key: PathBuf,
        /// The new file; nothing is ever replaced.
        #[arg(long)]
        out: PathBuf,
    },
    /// Installs a reset that two operators signed.
    Install {
        /// The file.
        file: PathBuf,
    },
}

impl Desk {
    pub(super) async fn epoch(&self, order: Order) -> Result<Answer, NotDone> {
        match order {
            Order::Propose { lane, key, out } => self.propose(lane, &key, &out).await,
            Order::Install { file } => self.install(&file).await,
        }
    }

    async fn propose(&self, lane: Lane, key: &PathBuf, out: &PathBuf) -> Result<Answer, NotDone> {
        let key = SigningKey::from_pkcs8(&Zeroizing::new(read(key)?))
            .ok_or_else(|| NotDone::Refused(format!("{}: not a key", key.display())))?;
        let here = self.store.read(move |db| epochs::place(db, lane)).await?;
        let here = here.ok_or_else(|| {
            NotDone::Refused(format!("this zone knows nothing of {lane} yet; propose at the other"))
        })?;
        let done =
            self.done("bridge.epoch_propose", lane.word(), format!("e{}-{}", here.epoch, here.seq));
        let reset = Reset {
            tenant: self.keys.tenant,
            environment: self.keys.environment,
            lane,
            old_epoch: here.epoch,
            old_seq: here.seq,
            old_hash: here.hash,
            at: done.at,
        };
        let mut document = reset.proposed();
        document.sign(&key, &self.keys).map_err(|why| NotDone::Refused(why.to_string()))?;
        write_new(out, &document.to_bytes())?;
        let record = self.record;
        self.store
            .write(move |tx| {
                record(tx, &done);
                Ok(())
            })
            .await?;
        Ok(Answer {
            words: format!(
                "{lane}: epoch {} ends at bundle {} ({}), epoch {} follows\nanother operator signs {} with: bridge epoch approve\n",
                here.epoch,
                here.seq,
                here.hash,
                reset.new_epoch(),
                out.display()
            ),
            facts: json!({
                "lane": lane.word(), "old_epoch": here.epoch, "old_seq": here.seq,
                "old_hash": here.hash.hex(), "new_epoch": reset.new_epoch(),
                "file": out.display().to_string(),
            }),
        })
    }

    async fn install(&self, file: &PathBuf) -> Result<Answer, NotDone> {
        let document = ResetDocument::open(&read(file)?, &self.keys)
            .map_err(|why| NotDone::Refused(why.to_string()))?;
        let (lane, reset) = (document.reset.lane, document.reset);
        let host = if self.zone == "internet" { Host::Internet } else { Host::Lgwan };
        let signers: Vec<String> =
            document.signatures.iter().map(|(signer, _)| signer.to_string()).collect();
        let detail = format!(
            "e{}-{} to e{}, {}",
            reset.old_epoch,
            reset.old_seq,
            reset.new_epoch(),
            signers.join(" ")
        );
        let (done, record) = (self.done("bridge.epoch_install", lane.word(), detail), self.record);
        let sends = lane.sender() == host;
        self.store
            .write(move |tx| {
                let installed = epochs::install(tx, &document, sends, done.at)?;
                if installed.is_ok() {
                    record(tx, &done);
                }
                Ok(installed)
            })
            .await?
            .map_err(|why| NotDone::Refused(format!("{lane}: {why}")))?;
        let epoch = reset.new_epoch();
        Ok(Answer {
            words: format!("{lane}: epoch {epoch} begins; start this zone again\n"),
            facts: json!({ "lane": lane.word(), "epoch": epoch, "installed": true }),
        })
    }

    pub(super) async fn say_receipt(&self, lane: Lane) -> Result<Answer, NotDone> {
        let (keys, clock) = (self.keys.clone(), self.clock.clone());
        let said = self
            .store
            .write(move |tx| {
                receipts::put(tx, lane, &keys, &clock)?;
                Ok(receipts::make(tx.db, lane)?.map(|one| (one.epoch, one.ingested_seq)))
            })
            .await?;
        let nothing = || NotDone::Refused(format!("nothing of {lane} was taken in here"));
        let (epoch, seq) = said.ok_or_else(nothing)?;
        Ok(Answer {
            words: format!("{lane}: e{epoch}-{seq} is said to the far end within seconds\n"),
            facts: json!({ "lane": lane.word(), "epoch": epoch, "ingested": seq }),
        })
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, NotDone> {
    std::fs::read(path).map_err(|why| NotDone::Refused(format!("{}: {why}", path.display())))
}

fn write_new(path: &PathBuf, bytes: &[u8]) -> Result<(), NotDone> {
    use std::io::Write as _;
    let write = || {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|why: std::io::Error| NotDone::Refused(format!("{}: {why}", path.display())))
}
