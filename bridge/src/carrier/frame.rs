//! Frames: a u32 length, then that many bytes. Nothing is reserved before
//! the length is checked against the limit of the place.

use std::io;

use bridge_contract::carrier::Frame;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use super::{FRAME, IDLE};

/// Room that is made for a frame before any of it came.
const AT_FIRST: usize = 64 * 1024;

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
pub(super) async fn read<T: Frame>(
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

/// Reads a frame of a known length. A bundle in it is left where it was read to.
pub(super) async fn body<T: Frame>(
    from: &mut (impl AsyncRead + Unpin),
    length: usize,
) -> Result<T, FrameFault> {
    // Grows as bytes arrive, so that a mere claim reserves little.
    let (mut front, mut rest) = (Vec::new(), Vec::with_capacity(length.min(AT_FIRST)));
    let reading = async {
        let first = length.min(T::FRONT);
        (&mut *from).take(first as u64).read_to_end(&mut front).await?;
        (&mut *from).take((length - first) as u64).read_to_end(&mut rest).await
    };
    timeout(FRAME, reading).await.map_err(|_| FrameFault::TooSlow)??;
    if front.len() + rest.len() < length {
        return Err(FrameFault::Broken(io::ErrorKind::UnexpectedEof.into()));
    }
    Ok(T::from_pieces(&front, rest)?)
}

/// Writes one frame. A bundle in it is not copied before.
pub(super) async fn write<T: Frame>(
    to: &mut (impl AsyncWrite + Unpin),
    value: &T,
) -> Result<(), FrameFault> {
    let (front, bundle) = value.pieces();
    let size = front.len() + bundle.len();
    let length = u32::try_from(size).map_err(|_| FrameFault::TooLarge(size))?;
    let front = [length.to_be_bytes().as_slice(), &front].concat();
    let write = async {
        to.write_all(&front).await?;
        to.write_all(bundle).await?;
        to.flush().await
    };
    timeout(FRAME, write).await.map_err(|_| FrameFault::TooSlow)??;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use bridge_contract::carrier::{Answer, LARGEST_ANSWER, LARGEST_ASK, LARGEST_PUT, Request};
    use tokio::io::duplex;
    use tokio::time::{Instant, sleep};

    use super::*;

    macro_rules! frozen {
        ($name:literal) => {
            include_bytes!(concat!("../../contract/golden/carrier.", $name, ".v1.bin")).as_slice()
        };
    }

    /// NN-18: what was once said on a connection is understood by every later version.
    #[tokio::test]
    async fn frozen_frames_are_read() {
        let asks = [frozen!("ask-head"), frozen!("ask-get"), frozen!("ask-put")];
        for mut ask in asks {
            let read: Option<Request> = read(&mut ask, LARGEST_ASK).await.expect("a frame");
            assert!(read.is_some() && ask.is_empty());
        }
        let answers = [
            frozen!("head"),
            frozen!("have"),
            frozen!("piece"),
            frozen!("absent"),
            frozen!("refused"),
        ];
        for frozen in answers {
            let mut from = frozen;
            let answer: Answer =
                read(&mut from, LARGEST_ANSWER).await.expect("a frame").expect("not the end");
            let mut written = Vec::new();
            write(&mut written, &answer).await.expect("room");
            assert_eq!(written, frozen);
        }
    }

    /// I18: whoever says nothing for a minute is gone.
    #[tokio::test(start_paused = true)]
    async fn a_silent_dialler_is_gone_after_a_minute() {
        let (mut far, mut near) = duplex(64);
        let began = Instant::now();
        let ended = read::<Request>(&mut near, LARGEST_ASK).await;
        assert!(matches!(ended, Err(FrameFault::TooSlow)));
        assert_eq!(began.elapsed().as_secs(), 60);

        let speaks = tokio::spawn(async move {
            sleep(Duration::from_secs(59)).await;
            far.write_all(frozen!("ask-head")).await
        });
        assert!(matches!(read::<Request>(&mut near, LARGEST_ASK).await, Ok(Some(_))));
        speaks.await.expect("no panic").expect("it is heard");
    }

    /// I18: a frame that has begun is there within a minute or never; one that drips in time
    /// is read.
    #[tokio::test(start_paused = true)]
    async fn a_slow_writer_is_cut_off_after_a_minute() {
        for (pause, is_read) in [(2, true), (5, false)] {
            let (mut far, mut near) = duplex(64);
            let drip = tokio::spawn(async move {
                let (length, rest) = frozen!("ask-head").split_at(4);
                far.write_all(length).await.expect("heard");
                for byte in rest {
                    sleep(Duration::from_secs(pause)).await;
                    if far.write_all(&[*byte]).await.is_err() {
                        return;
                    }
                }
            });
            let began = Instant::now();
            let ended = read::<Request>(&mut near, LARGEST_ASK).await;
            match is_read {
                true => assert!(matches!(ended, Ok(Some(Request::Head { .. })))),
                false => {
                    assert!(matches!(ended, Err(FrameFault::TooSlow)));
                    assert_eq!(began.elapsed().as_secs(), 60);
                }
            }
            drop(near);
            drip.await.expect("no panic");
        }
    }

    /// I18: who does not take its answer is left after a minute.
    #[tokio::test(start_paused = true)]
    async fn a_slow_reader_is_left_after_a_minute() {
        let (_far, mut near) = duplex(64);
        let began = Instant::now();
        let answer = Answer::Piece { size: 1_000, bytes: vec![7; 1_000] };
        assert!(matches!(write(&mut near, &answer).await, Err(FrameFault::TooSlow)));
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    /// I18: a length over the limit ends the talk before another byte is read.
    #[tokio::test]
    async fn a_frame_that_is_too_large_is_not_read() {
        for limit in [LARGEST_ASK, LARGEST_PUT, LARGEST_ANSWER] {
            let largest = u32::try_from(limit).expect("short");
            let claim = |length: u32| [length.to_be_bytes().as_slice(), b"rest"].concat();
            let allowed = claim(largest);
            let read = length(&mut allowed.as_slice(), limit).await;
            assert!(matches!(read, Ok(Some(length)) if length == limit));
            let claimed = claim(largest + 1);
            let mut from = claimed.as_slice();
            let refused = length(&mut from, limit).await;
            assert!(matches!(refused, Err(FrameFault::TooLarge(length)) if length == limit + 1));
            assert_eq!(from, b"rest");
        }
        // A mere claim is no frame.
        let ended = body::<Request>(&mut b"few".as_slice(), LARGEST_PUT).await;
        assert!(matches!(ended, Err(FrameFault::Broken(_))));
    }
}
