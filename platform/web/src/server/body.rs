//! A request body that must keep moving.

use std::error::Error;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use hyper::body::{Body, Frame, Incoming, SizeHint};
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
    BrokenOff(#[source] hyper::Error),
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

/// Only time spent waiting for the caller counts, not the time we take.
pub(super) struct PacedBody {
    inner: Incoming,
    grace: Duration,
    bytes_per_second: f64,
    received: u64,
    /// Time the caller kept us waiting before the wait that is on now.
    waited: Duration,
    waiting: Option<Waiting>,
}

struct Waiting {
    since: Instant,
    alarm: Pin<Box<Sleep>>,
}

impl PacedBody {
    pub(super) fn new(inner: Incoming, limits: &Limits) -> Self {
        Self {
            inner,
            grace: limits.body_grace(),
            bytes_per_second: f64::from(limits.body_bytes_per_second.max(1)),
            received: 0,
            waited: Duration::ZERO,
            waiting: None,
        }
    }

    /// How long the caller may still keep us waiting.
    fn patience(&self) -> Duration {
        #[expect(clippy::cast_precision_loss, reason = "a pace needs no exact bytes")]
        let earned = Duration::from_secs_f64(self.received as f64 / self.bytes_per_second);
        (self.grace + earned).saturating_sub(self.waited)
    }
}

impl Body for PacedBody {
    type Data = Bytes;
    type Error = BodyRefused;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyRefused>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            if let Some(waiting) = self.waiting.take() {
                self.waited += waiting.since.elapsed();
            }
            if let Some(Ok(frame)) = &frame {
                self.received += frame.data_ref().map_or(0, Bytes::len) as u64;
            }
            return Poll::Ready(frame.map(|frame| frame.map_err(BodyRefused::BrokenOff)));
        }
        let patience = self.patience();
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
