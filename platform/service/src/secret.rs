//! Secrets come from files handed to the process, never from arguments, the
//! environment or the settings file itself.

use std::fs;
use std::io;
use std::path::Path;

use zeroize::Zeroizing;

use crate::ids;

/// Largest secret file read, in bytes.
const LARGEST: usize = 64 * 1024;

/// Reads a secret file whole. The bytes are wiped when dropped.
///
/// # Errors
/// When the file cannot be read, is empty or is larger than 64 KiB.
pub fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let named =
        |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
    let bytes = Zeroizing::new(std::fs::read(path).map_err(named)?);
    if bytes.is_empty() || bytes.len() > LARGEST {
        return Err(named(io::Error::new(
            io::ErrorKind::InvalidData,
            "a secret file holds 1 byte to 64 KiB",
        )));
    }
    Ok(bytes)
}

/// Reads a secret file that holds exactly 32 bytes.
///
/// # Errors
/// When the file cannot be read or has another length.
pub fn read_key(path: &Path) -> io::Result<Zeroizing<[u8; 32]>> {
    let bytes = read(path)?;
    let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| {
        io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{}: expected 32 bytes, found {}", path.display(), bytes.len()),
        )
    })?;
    Ok(Zeroizing::new(key))
}

/// A new Ed25519 key as a PKCS#8 document.
///
/// # Errors
/// When the operating system gives no random bytes.
pub fn new_signing_key() -> io::Result<Zeroizing<Vec<u8>>> {
    let random = ring::rand::SystemRandom::new();
    ring::signature::Ed25519KeyPair::generate_pkcs8(&random)
        .map(|document| Zeroizing::new(document.as_ref().to_vec()))
        .map_err(|_| io::Error::other("no random bytes"))
}

/// Makes the keys that a folder lacks, `random` ones of 32 bytes and `signing` ones
/// (Ed25519 in PKCS#8), and returns the names of those that were made.
///
/// # Errors
/// When a file cannot be written.
pub fn make_missing(
    folder: &Path,
    random: &[&'static str],
    signing: &[&'static str],
) -> io::Result<Vec<&'static str>> {
    fs::create_dir_all(folder)?;
    let mut made = Vec::new();
    for name in random.iter().filter(|name| !folder.join(name).exists()) {
        write_new(&folder.join(name), &ids::random::<32>())?;
        made.push(*name);
    }
    for name in signing.iter().filter(|name| !folder.join(name).exists()) {
        write_new(&folder.join(name), &new_signing_key()?)?;
        made.push(*name);
    }
    Ok(made)
}

/// Writes a secret file that only its owner may read, and makes it durable.
///
/// # Errors
/// When the file exists already or cannot be written.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
