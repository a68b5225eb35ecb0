//! `bridge epoch`: the second operator's signature, and hosts without a database.

use std::path::{Path, PathBuf};

use bridge_contract::keys::{KeyFolder, SigningKey};
use bridge_contract::reset::ResetDocument;
use bridge_spool::install_reset;
use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use super::Fallible;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Shows what a reset says, and who signed it.
    Show(File),
    /// Signs a proposed reset as another operator.
    Approve {
        #[command(flatten)]
        file: File,
        /// The operator's private key.
        #[arg(long)]
        key: PathBuf,
        /// The file with both signatures; nothing is ever replaced.
        #[arg(long)]
        out: PathBuf,
    },
    /// Installs a reset on a host without a database (S, A, B); then start its roles again.
    Install {
        #[command(flatten)]
        file: File,
        /// The host's spool folder.
        #[arg(long)]
        spool: PathBuf,
    },
}

/// A reset and the keys to judge it by.
#[derive(clap::Args)]
pub(super) struct File {
    /// The reset document.
    file: PathBuf,
    /// A key folder; its key set and root are enough.
    #[arg(long)]
    keys: PathBuf,
    /// As JSON.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: Command) -> Fallible<()> {
    match command {
        Command::Show(file) => show(&file),
        Command::Approve { file, key, out } => approve(&file, &key, &out),
        Command::Install { file, spool } => {
            let keys = KeyFolder::open(&file.keys)?;
            let document = install_reset(&spool, &read(&file.file)?, keys.set())?;
            tell(&document, file.json, "installed; start the roles of this host again");
            Ok(())
        }
    }
}

fn show(file: &File) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    let bytes = read(&file.file)?;
    let document = ResetDocument::read(&bytes)?;
    let good = ResetDocument::open(&bytes, keys.set()).map(|_| ());
    tell(&document, file.json, if good.is_ok() { "good: two operators signed it" } else { "" });
    Ok(good?)
}

fn approve(file: &File, key: &Path, out: &Path) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    let mut document = ResetDocument::read(&read(&file.file)?)?;
    let key = SigningKey::from_pkcs8(&Zeroizing::new(read(key)?)).ok_or("not a key")?;
    document.sign(&key, keys.set())?;
    ResetDocument::open(&document.to_bytes(), keys.set())?;
    bridge::ceremony::write_public(out, &document.to_bytes())?;
    let said = format!("two operators signed it; install {} at both ends", out.display());
    tell(&document, file.json, &said);
    Ok(())
}

/// Shows what a reset says, and what was done with it.
fn tell(document: &ResetDocument, as_json: bool, said: &str) {
    let reset = &document.reset;
    let signers = document.signatures.iter().map(|(signer, _)| signer.to_string());
    if as_json {
        let signers: Vec<String> = signers.collect();
        println!(
            "{:#}",
            json!({
                "lane": reset.lane.word(), "old_epoch": reset.old_epoch, "old_seq": reset.old_seq,
                "old_hash": reset.old_hash.hex(), "new_epoch": reset.new_epoch(),
                "proposed": reset.at.to_string(), "signers": signers, "said": said,
            })
        );
        return;
    }
    println!("lane         {}", reset.lane);
    println!("epoch        {} ends, {} begins", reset.old_epoch, reset.new_epoch());
    println!("last bundle  {}", reset.old_seq);
    println!("its hash     {}", reset.old_hash);
    println!("proposed     {}", reset.at);
    for signer in signers {
        println!("signed by    {signer}");
    }
    if !said.is_empty() {
        println!("{said}");
    }
}

fn read(path: &Path) -> Fallible<Vec<u8>> {
    Ok(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
