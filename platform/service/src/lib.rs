//! How our services start, tell the time, read settings and stop.
//!
//! Nothing here knows what the town does: a change of framework or operating
//! system lands in this package, a change of ordinance never does.
//!
//! | Module | Gives |
//! |---|---|
//! | [`clock`] | the one source of time, settable in tests |
//! | [`ids`] | 128-bit identifiers that sort by time |
//! | [`config`] | TOML settings whose bounds are in the type |
//! | [`secret`] | key and password files, wiped after use |
//! | [`halts`] | parts that stopped while the rest goes on |
//! | [`shutdown`] | one signal that every task listens to |
//! | [`log`] | JSON or plain logs |
//! | [`metrics`] | counters and gauges in Prometheus text |
//! | [`ops`] | `/livez`, `/readyz`, `/metrics` on a private address |

pub mod clock;
pub mod config;
pub mod halts;
pub mod ids;
pub mod log;
pub mod metrics;
pub mod ops;
pub mod secret;
pub mod shutdown;
