//! What an intruder in a role would try, for the tests: in the real program,
//! with the role's settings, behind its walls: `bridge inner --probe read=FILE`.

use std::fs::{self, File};
use std::io;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::unix::net::UnixDatagram;
use std::process::Command;
use std::str::FromStr;

/// One thing to try.
#[derive(Clone, Debug)]
pub struct Probe {
    what: What,
    /// The file, folder, address or program.
    on: String,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Read,
    List,
    Write,
    Listen,
    Connect,
    Datagram,
    LocalSocket,
    Run,
    Chroot,
    Thread,
}

/// No probe of this name.
#[derive(Debug, thiserror::Error)]
#[error("no such probe")]
pub struct UnknownProbe;

impl FromStr for Probe {
    type Err = UnknownProbe;

    fn from_str(text: &str) -> Result<Self, UnknownProbe> {
        let (what, on) = text.split_once('=').unwrap_or((text, ""));
        let what = match what {
            "read" => What::Read,
            "list" => What::List,
            "write" => What::Write,
            "listen" => What::Listen,
            "connect" => What::Connect,
            "datagram" => What::Datagram,
            "local-socket" => What::LocalSocket,
            "run" => What::Run,
            "chroot" => What::Chroot,
            "thread" => What::Thread,
            _ => return Err(UnknownProbe),
        };
        Ok(Self { what, on: on.to_owned() })
    }
}

/// The answer of the system to a probe that failed.
#[derive(Debug, thiserror::Error)]
#[error("denied: {0}")]
pub struct Denied(io::Error);

impl Probe {
    /// Tries it. A wall may also end the process.
    ///
    /// # Errors
    /// [`Denied`] when the system did not let it.
    pub fn run(&self) -> Result<(), Denied> {
        let on = self.on.as_str();
        let tried = match self.what {
            What::Read => File::open(on).map(drop),
            What::List => fs::read_dir(on).map(drop),
            What::Write => fs::write(on, "x"),
            What::Listen => TcpListener::bind(on).map(drop),
            What::Connect => TcpStream::connect(on).map(drop),
            What::Datagram => UdpSocket::bind(on).map(drop),
            What::LocalSocket => UnixDatagram::unbound().map(drop),
            What::Run => Command::new(on).status().and_then(|status| {
                status.success().then_some(()).ok_or_else(|| io::Error::other("it failed"))
            }),
            What::Chroot => rustix::process::chroot(on).map_err(io::Error::from),
            What::Thread => std::thread::Builder::new().spawn(|| ()).map(drop),
        };
        tried.map_err(Denied)
    }
}
