//! Frames: a u32 length, then that many bytes. Nothing is reserved before
//! the length is checked against the limit of the place.

use std::io;

use bridge_contract::wire::{Wire, decode, encode};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{FRAME, IDLE};

/// Why no further frame is exchanged on a connection.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameFault {
    /// The connection broke.
    #[error(transparent)]
    Broken(#[from] io::Error),
    /// The other side is too slow.
    #[error("the other side is too slow")]
    TooSlow,
    /// The frame is larger than allowed here.
    #[error("a frame of {0} bytes is over the limit here")]
    TooLarge(usize),
    /// The bytes make no sense.
    #[error("a frame is malformed: {0}")]
    Malformed(#[from] bridge_contract::wire::Malformed),
}

/// Reads one frame; `None` when the other side closed between two frames.
pub(super) async fn read<T: Wire>(
    from: &mut (impl AsyncRead + Unpin),
    limit: usize,
) -> Result<Option<T>, FrameFault> {
    match length(from, limit).await? {
        Some(length) => body(from, length).await.map(Some),
        None => Ok(None),
    }
}

/// Reads the length of the next frame, and nothing else of it.
pub(super) async fn length(
    from: &mut (impl AsyncRead + Unpin),
    limit: usize,
) -> Result<Option<usize>, FrameFault> {
    let mut length = [0; 4];
    match timeout(IDLE, from.read_exact(&mut length)).await {
        Err(_) => return Err(FrameFault::TooSlow),
        Ok(Err(error)) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        Ok(read) => read?,
    };
    let length = u32::from_be_bytes(length) as usize;
    if length > limit { Err(FrameFault::TooLarge(length)) } else { Ok(Some(length)) }
}

/// Reads a frame of a known length.
pub(super) async fn body<T: Wire>(
    from: &mut (impl AsyncRead + Unpin),
    length: usize,
) -> Result<T, FrameFault> {
    // Grows as bytes arrive, so that a mere claim reserves nothing.
    let mut bytes = Vec::new();
    let mut rest = from.take(length as u64);
    timeout(FRAME, rest.read_to_end(&mut bytes)).await.map_err(|_| FrameFault::TooSlow)??;
    if bytes.len() < length {
        return Err(FrameFault::Broken(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(decode(&bytes)?)
}

/// Writes one frame.
pub(super) async fn write<T: Wire>(
    to: &mut (impl AsyncWrite + Unpin),
    value: &T,
) -> Result<(), FrameFault> {
    let bytes = encode(value);
    let length = u32::try_from(bytes.len()).map_err(|_| FrameFault::TooLarge(bytes.len()))?;
    let write = async {
        to.write_all(&length.to_be_bytes()).await?;
        to.write_all(&bytes).await?;
        to.flush().await
    };
    timeout(FRAME, write).await.map_err(|_| FrameFault::TooSlow)??;
    Ok(())
}
