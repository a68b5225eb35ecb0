//! Kept inputs: `corpus/<target>/`, in the repository, and the finds of a
//! search, outside of it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use bridge_contract::digest::Digest;

/// The corpus of the repository.
#[must_use]
pub fn house() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// The inputs of a target by their names; none when it has no folder.
///
/// # Errors
/// When a file cannot be read.
pub fn load(folder: &Path, target: &str) -> io::Result<BTreeMap<String, Vec<u8>>> {
    let folder = folder.join(target);
    if !folder.is_dir() {
        return Ok(BTreeMap::new());
    }
    let mut inputs = BTreeMap::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        inputs.insert(name, std::fs::read(&path)?);
    }
    Ok(inputs)
}

/// Keeps an input under a name made of `word` and its digest.
///
/// # Errors
/// When it cannot be written.
pub fn keep(folder: &Path, target: &str, word: &str, input: &[u8]) -> io::Result<PathBuf> {
    let folder = folder.join(target);
    std::fs::create_dir_all(&folder)?;
    let digest = Digest::of(input).hex();
    let path = folder.join(format!("{word}-{}", &digest[..12]));
    std::fs::write(&path, input)?;
    Ok(path)
}
