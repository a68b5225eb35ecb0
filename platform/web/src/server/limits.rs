//! The numbers of a listener.

use std::time::Duration;

use serde::Deserialize;

/// What one listener takes. The defaults fit a service behind a proxy; a proxy
/// must keep idle connections shorter than `header_seconds`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Connections at once; more wait in the kernel's queue.
    pub connections: usize,
    /// Bytes of request line and headers.
    pub header_bytes: usize,
    /// Seconds for the TLS handshake, for a whole header, and between two requests.
    pub header_seconds: f64,
    /// Seconds of waiting for a body before its speed counts.
    pub body_grace_seconds: f64,
    /// Bytes a second a body must then bring.
    pub body_bytes_per_second: u32,
    /// Seconds without progress after which a caller that reads nothing is cut.
    pub stall_seconds: f64,
    /// Seconds to finish what is under way at the end.
    pub stop_seconds: f64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 8_192,
            header_bytes: 16 * 1024,
            header_seconds: 10.0,
            body_grace_seconds: 10.0,
            body_bytes_per_second: 1024,
            stall_seconds: 30.0,
            stop_seconds: 30.0,
        }
    }
}

impl Limits {
    pub(super) fn header(&self) -> Duration {
        seconds(self.header_seconds)
    }

    pub(super) fn body_grace(&self) -> Duration {
        seconds(self.body_grace_seconds)
    }

    pub(super) fn stall(&self) -> Duration {
        seconds(self.stall_seconds)
    }

    pub(super) fn stop(&self) -> Duration {
        seconds(self.stop_seconds)
    }
}

/// A setting as a duration: not negative, at most an hour.
fn seconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value.clamp(0.0, 3_600.0)).unwrap_or_default()
}
