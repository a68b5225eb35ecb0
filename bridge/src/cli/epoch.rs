//! `bridge epoch`: the second operator's signature, and hosts without a database.

use std::path::{Path, PathBuf};

use bridge_contract::keys::{KeyFolder, SigningKey};
use bridge_contract::reset::ResetDocument;
use bridge_spool::install_reset;
use clap::Subcommand;
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
}

pub(super) fn run(command: Command) -> Fallible<()> {
    match command {
        Command::Show(file) => show(&file),
        Command::Approve { file, key, out } => approve(&file, &key, &out),
        Command::Install { file, spool } => {
            let keys = KeyFolder::open(&file.keys)?;
            let document = install_reset(&spool, &read(&file.file)?, keys.set())?;
            tell(&document);
            println!("installed; start the roles of this host again");
            Ok(())
        }
    }
}

fn show(file: &File) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    let bytes = read(&file.file)?;
    tell(&ResetDocument::read(&bytes)?);
    ResetDocument::open(&bytes, keys.set())?;
    println!("good: two operators signed it");
    Ok(())
}

fn approve(file: &File, key: &Path, out: &Path) -> Fallible<()> {
    let keys = KeyFolder::open(&file.keys)?;
    let mut document = ResetDocument::read(&read(&file.file)?)?;
    let key = SigningKey::from_pkcs8(&Zeroizing::new(read(key)?)).ok_or("not a key")?;
    document.sign(&key, keys.set())?;
    ResetDocument::open(&document.to_bytes(), keys.set())?;
    bridge::ceremony::write_public(out, &document.to_bytes())?;
    tell(&document);
    println!("two operators signed it; install {} at both ends", out.display());
    Ok(())
}

fn tell(document: &ResetDocument) {
    let reset = &document.reset;
    println!("lane         {}", reset.lane);
    println!("epoch        {} ends, {} begins", reset.old_epoch, reset.new_epoch());
    println!("last bundle  {}", reset.old_seq);
    println!("its hash     {}", reset.old_hash);
    println!("proposed     {}", reset.at);
    for (signer, _) in &document.signatures {
        println!("signed by    {signer}");
    }
}

fn read(path: &Path) -> Fallible<Vec<u8>> {
    Ok(std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}
