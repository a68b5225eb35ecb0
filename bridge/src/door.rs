//! A listener that is open before the runtime is, so that nothing needs to be
//! opened behind the walls.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::sleep;
use std::time::Duration;

use crate::faults::StartError;

/// How often, and how long apart, an address is asked for that is taken: what a killed process was just
/// starting holds its sockets for a moment longer than itself.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

pub(crate) struct Door {
    listener: TcpListener,
    /// Differs from the wish when port 0 was asked for.
    pub(crate) addr: SocketAddr,
}

impl Door {
    pub(crate) fn new(address: SocketAddr) -> Result<Self, StartError> {
        let open = || -> io::Result<Self> {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok(Self { addr: listener.local_addr()?, listener })
        };
        let mut opened = open();
        for _ in 1..TRIES {
            match &opened {
                Err(why) if why.kind() == io::ErrorKind::AddrInUse => {
                    sleep(PAUSE);
                    opened = open();
                }
                Ok(_) | Err(_) => break,
            }
        }
        opened.map_err(|why| StartError::Listen { address, why })
    }

    /// Hands the listener to the runtime this is called in.
    pub(crate) fn open(self) -> io::Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::from_std(self.listener)
    }
}
