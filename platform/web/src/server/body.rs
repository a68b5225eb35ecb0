//! A request body that must keep moving.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::result::{Reply, Trouble};

use super::limits::Limits;

/// Why a body could not be read to its end.
#[derive(Debug, thiserror::Error)]
pub enum BodyRefused {
    /// It came more slowly than the limit.
    #[error("the body came too slowly")]
    TooSlow,
    /// The caller hung up or sent nonsense.
    #[error("the body broke off")]
    BrokenOff(#[source] Box<dyn Error + Send + Sync>),
}

impl BodyRefused {
    /// The refusal for an error met while reading a body.
    pub(crate) fn explain(error: &(dyn Error + 'static)) -> Trouble {
        let mut cause = Some(error);
        while let Some(inner) = cause {
            if let Some(Self::TooSlow) = inner.downcast_ref() {
                return Reply::new(StatusCode::REQUEST_TIMEOUT, "web.too_slow").into();
            }
            cause = inner.source();
        }
        Reply::bad_request("web.broken_off").into()
    }
}

/// Longest that a caller may keep us waiting, however much it sent before.
const LONGEST: Duration = Duration::from_secs(60);

/// Only time spent waiting for the caller counts, not the time we take.
pub(super) struct PacedBody<B> {
    inner: B,
    bytes_per_second: f64,
    /// How long the caller may still keep us waiting, and how long at most.
    patience: Duration,
    most: Duration,
    waiting: Option<Waiting>,
}

struct Waiting {
    since: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl<B> PacedBody<B> {
    pub(super) fn new(inner: B, limits: &Limits) -> Self {
        let grace = limits.body_grace();
        Self {
            inner,
            bytes_per_second: f64::from(limits.body_bytes_per_second.max(1)),
            patience: grace,
            most: grace.max(LONGEST),
            waiting: None,
        }
    }

    /// So many bytes came: they earn the time they take at the least pace.
    fn received(&mut self, bytes: usize) {
        #[expect(clippy::cast_precision_loss, reason = "a pace needs no exact bytes")]
        let earned = Duration::from_secs_f64(bytes as f64 / self.bytes_per_second);
        self.patience = (self.patience + earned).min(self.most);
    }
}

impl<B> Body for PacedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = BodyRefused;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyRefused>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            if let Some(waiting) = self.waiting.take() {
                self.patience = self.patience.saturating_sub(waiting.since.elapsed());
            }
            if let Some(Ok(frame)) = &frame {
                self.received(frame.data_ref().map_or(0, Bytes::len));
            }
            return Poll::Ready(
                frame.map(|frame| frame.map_err(|error| BodyRefused::BrokenOff(error.into()))),
            );
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Waiting {
            since: Instant::now(),
            alarm: Box::pin(tokio::time::sleep(patience)),
        });
        match waiting.alarm.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(Some(Err(BodyRefused::TooSlow))),
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, StreamBody};
    use tokio::time::sleep;

    use super::*;

    /// A caller that sends `frames` pieces of `bytes` bytes, one after each `pause`.
    fn caller(
        frames: u32,
        bytes: usize,
        pause: Duration,
    ) -> impl Body<Data = Bytes, Error = std::io::Error> + Unpin {
        StreamBody::new(Box::pin(stream::unfold(0, move |sent| async move {
            if sent == frames {
                return None;
            }
            sleep(pause).await;
            Some((Ok(Frame::data(Bytes::from(vec![0; bytes]))), sent + 1))
        })))
    }

    /// A large form over a weak signal arrives as long as it moves.
    #[tokio::test(start_paused = true)]
    async fn a_slow_body_that_moves_arrives() {
        let body = caller(120, 1024, Duration::from_secs(1));
        let whole = PacedBody::new(body, &Limits::default()).collect().await;
        assert_eq!(whole.expect("it moves").to_bytes().len(), 120 * 1024);
    }

    /// NN-21: 100 bytes a second are cut off when the ten seconds are used up.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_dribbles_is_cut_off() {
        let begun = Instant::now();
        let body = caller(10_000, 100, Duration::from_secs(1));
        let refused = PacedBody::new(body, &Limits::default()).collect().await;
        assert!(matches!(refused, Err(BodyRefused::TooSlow)));
        // Ten seconds, and the 0.98 s that 1,000 bytes earned.
        assert_eq!(begun.elapsed().as_millis() / 10, 1_097);
    }

    /// NN-21: who sent much at once may then stop for a minute, not for as long as all of it would take at the
    /// least pace: files in memory wait with it.
    #[tokio::test(start_paused = true)]
    async fn a_body_that_stops_is_cut_off() {
        let begun = Instant::now();
        let much = Frame::data(Bytes::from(vec![0; 1024 * 1024]));
        let sent = stream::iter([Ok::<_, std::io::Error>(much)]).chain(stream::pending());
        let refused = PacedBody::new(StreamBody::new(sent), &Limits::default()).collect().await;
        assert!(matches!(refused, Err(BodyRefused::TooSlow)));
        assert_eq!(begun.elapsed().as_secs(), 60);
    }

    /// Time that we take is not the caller's.
    #[tokio::test(start_paused = true)]
    async fn our_own_slowness_does_not_count() {
        let body = caller(10, 1, Duration::from_millis(1));
        let mut paced = PacedBody::new(body, &Limits::default());
        let mut frames = 0;
        while let Some(frame) = paced.frame().await {
            frame.expect("the caller is fast");
            sleep(Duration::from_secs(60)).await;
            frames += 1;
        }
        assert_eq!(frames, 10);
    }
}
