//! A listener that is open before the runtime is, so that nothing needs to be
//! opened behind the walls.

use std::io;
use std::net::{SocketAddr, TcpListener};

use crate::faults::StartError;

pub(crate) struct Door {
    listener: TcpListener,
    /// Differs from the wish when port 0 was asked for.
    pub(crate) addr: SocketAddr,
}

impl Door {
    pub(crate) fn new(address: SocketAddr) -> Result<Self, StartError> {
        let open = || {
            let listener = TcpListener::bind(address)?;
            listener.set_nonblocking(true)?;
            Ok(Self { addr: listener.local_addr()?, listener })
        };
        open().map_err(|why| StartError::Listen { address, why })
    }

    /// Hands the listener to the runtime this is called in.
    pub(crate) fn open(self) -> io::Result<tokio::net::TcpListener> {
        tokio::net::TcpListener::from_std(self.listener)
    }
}
