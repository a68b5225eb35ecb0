//! What a role keeps when its walls stand.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use crate::config::Sanitizer;

/// What one role still needs after its start.
#[derive(Clone, Debug, Default)]
pub struct Allowance {
    /// Folders in which it writes.
    pub(super) folders: Vec<PathBuf>,
    /// The peer it dials.
    pub(super) dials: Option<Dials>,
    /// Malware scanners that the program it starts dials.
    pub(super) scanners: Vec<Dials>,
    /// Whether one of them has a socket in the file system.
    pub(super) local_scanner: bool,
    /// The program it starts.
    pub(super) program: Option<Program>,
}

/// The peer a role dials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dials {
    pub(super) port: u16,
    /// Names are looked up: the resolver's files and UDP stay open.
    pub(super) by_name: bool,
}

/// Files of the program a role starts.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) run: Vec<PathBuf>,
    pub(super) read: Vec<PathBuf>,
}

impl Dials {
    /// Of `host:port`; `None` when it is neither.
    fn of(peer: &str) -> Option<Self> {
        let (host, port) = peer.rsplit_once(':')?;
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let by_name = host.parse::<IpAddr>().is_err();
        Some(Self { port: port.parse().ok()?, by_name })
    }
}

impl Allowance {
    pub(crate) fn new(spool: &Path) -> Self {
        Self { folders: vec![spool.to_owned()], ..Self::default() }
    }

    pub(crate) fn with_folder(mut self, folder: &Path) -> Self {
        self.folders.push(folder.to_owned());
        self
    }

    /// Allows dialling `host:port`; what is neither is refused when it is dialled.
    pub(crate) fn dialling(mut self, peer: &str) -> Self {
        self.dials = Dials::of(peer);
        self
    }

    /// Everything that is dialled.
    pub(super) fn all_dials(&self) -> impl Iterator<Item = Dials> {
        self.dials.into_iter().chain(self.scanners.iter().copied())
    }

    /// Allows starting the sanitizer with the worker beside it, which dials its
    /// malware scanners. Files that its arguments name (a policy, another
    /// worker) are its own too.
    pub(crate) fn starting(mut self, sanitizer: &Sanitizer, key: &Path) -> Self {
        let program = sanitizer.program.canonicalize();
        let program = program.unwrap_or_else(|_| sanitizer.program.clone());
        let mut run = vec![program.with_file_name("sanitizer-worker"), program];
        run.extend(sanitizer.arguments.iter().map(PathBuf::from).filter(|path| path.is_file()));
        self.program = Some(Program { run, read: vec![key.to_owned()] });
        let (local, remote): (Vec<&str>, Vec<&str>) =
            sanitizer.scanners.iter().map(String::as_str).partition(|it| it.starts_with('/'));
        self.local_scanner = !local.is_empty();
        self.scanners = remote.into_iter().filter_map(Dials::of).collect();
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dials(peer: &str) -> Option<Dials> {
        Allowance::new(Path::new("/spool")).dialling(peer).dials
    }

    #[test]
    fn names_are_told_from_addresses() {
        assert_eq!(dials("10.0.1.10:7443"), Some(Dials { port: 7443, by_name: false }));
        assert_eq!(dials("[fd00::1]:7443"), Some(Dials { port: 7443, by_name: false }));
        assert_eq!(dials("relay.example:7443"), Some(Dials { port: 7443, by_name: true }));
        assert_eq!(dials("relay.example"), None);
    }
}
