//! Every bundle in every folder.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bridge_contract::bundle::{bundle_name, parse_bundle_name};
use bridge_contract::digest::Digest;
use bridge_contract::place::Lane;

const HOSTS: [&str; 5] = ["i", "s", "l", "a", "b"];
/// Most files in `rejected/` (`docs/wire/spool.md`).
const REJECTED: usize = 32;

/// The bytes that every number was seen with.
#[derive(Debug, Default)]
pub(super) struct Files {
    numbers: BTreeMap<(Lane, u32, u64), Digest>,
    /// Files that were read, and when they were written.
    read: BTreeMap<PathBuf, SystemTime>,
}

impl Files {
    /// I4, I18: looks at everything that is new since the last look.
    pub(super) fn look(&mut self, root: &Path) -> io::Result<()> {
        for host in HOSTS {
            for lane in Lane::ALL {
                let folder = root.join(host).join("spool").join(lane.word());
                let rejected = entries(&folder.join("rejected"))?.len();
                if rejected > REJECTED {
                    let words = format!("I18: {rejected} files in {host}/{lane}/rejected");
                    return Err(io::Error::other(words));
                }
                for part in ["sent", "done"] {
                    for shelf in entries(&folder.join(part))? {
                        self.look_at(*lane, &shelf)?;
                    }
                }
                self.look_at(*lane, &folder.join("ready"))?;
            }
        }
        Ok(())
    }

    fn look_at(&mut self, lane: Lane, folder: &Path) -> io::Result<()> {
        for path in entries(folder)? {
            let name = path.file_name().and_then(|name| name.to_str());
            let Some((epoch, seq)) = name.and_then(parse_bundle_name) else { continue };
            // It may be put on a shelf meanwhile, where the next look finds it.
            let Ok(written) = fs::metadata(&path).and_then(|about| about.modified()) else {
                continue;
            };
            if self.read.get(&path) == Some(&written) {
                continue;
            }
            let Ok(bytes) = fs::read(&path) else { continue };
            let digest = Digest::of(&bytes);
            let known = *self.numbers.entry((lane, epoch, seq)).or_insert(digest);
            if known != digest {
                return Err(io::Error::other(format!("I4: {} changed its bytes", path.display())));
            }
            self.read.insert(path, written);
        }
        Ok(())
    }
}

/// A sender's file, wherever it is.
pub(super) fn sent(folder: &Path, epoch: u32, seq: u64) -> io::Result<Option<Vec<u8>>> {
    let name = bundle_name(epoch, seq);
    let shelf = folder.join("sent").join(format!("{:013}", seq / 1000));
    // It may move from `ready` to `sent` between two looks.
    for dir in [folder.join("ready"), shelf, folder.join("ready")] {
        match fs::read(dir.join(&name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read.map(Some),
        }
    }
    Ok(None)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            Ok(Vec::new())
        }
        entries => entries?.map(|entry| Ok(entry?.path())).collect(),
    }
}
