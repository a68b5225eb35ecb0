//! The city's identity provider: pysaml2 with xmlsec1, a SAML 2.0 implementation that shares no line
//! with ours (`idp.py`).

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running identity provider; it ends when it is dropped.
#[derive(Debug)]
pub struct Idp {
    child: Child,
    folder: crate::TempDir,
    address: SocketAddr,
}

/// What everybody types there.
pub const PASSWORD: &str = "himitsu";
/// Where it writes what it thinks of requests: it takes a bad one for a fault of its own, at length.
const LOG: &str = "idp.log";
/// What it says of somebody who showed a second factor.
pub const SECOND_FACTOR: &str = "https://refeds.org/profile/mfa";

impl Idp {
    /// Starts one for the service whose metadata is at this address; it is read later.
    ///
    /// # Panics
    /// When it is not installed or does not start.
    #[must_use]
    pub fn start(metadata: &str) -> Self {
        Self::signing(metadata, "2001/04/xmldsig-more#rsa-sha256")
    }

    /// The same with another signature method, the end of its name.
    ///
    /// # Panics
    /// As [`start`](Self::start).
    #[must_use]
    pub fn signing(metadata: &str, method: &str) -> Self {
        let house = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = std::env::var_os("CARGO_TARGET_DIR");
        let target = target.map_or_else(|| house.join("../../target"), PathBuf::from);
        let python = target.join("pysaml2/bin/python3");
        assert!(
            python.exists() && Path::new("/usr/bin/xmlsec1").exists(),
            "the identity provider is missing: run `cargo xtask test`, which installs xmlsec1 with apt \
             and pysaml2 from PyPI (xtask/pysaml2.txt) into {}",
            python.display()
        );
        let folder = crate::TempDir::new();
        let log = std::fs::File::create(folder.path().join(LOG)).expect("a file of its own");
        let mut child = Command::new(python)
            .arg(house.join("idp.py"))
            .arg(folder.path())
            .args([metadata, method])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("python starts");
        let mut line = String::new();
        let said = child.stdout.take().expect("its output is a pipe");
        BufReader::new(said).read_line(&mut line).expect("it says its port");
        let port = line.trim().parse().unwrap_or_else(|_| {
            panic!(
                "no port: {line:?}; {}",
                std::fs::read_to_string(folder.path().join(LOG)).unwrap_or_default()
            )
        });
        Self { child, folder, address: SocketAddr::from(([127, 0, 0, 1], port)) }
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        format!("http://{}/metadata", self.address)
    }

    /// Where it takes requests.
    #[must_use]
    pub fn sign_in(&self) -> String {
        format!("http://{}/sso", self.address)
    }

    /// Its certificate.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("idp.pem")
    }
}

impl Drop for Idp {
    fn drop(&mut self) {
        // It has nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.folder.path().join(LOG)).unwrap_or_default();
            eprintln!("the identity provider's log:\n{log}");
        }
    }
}
