//! Counters and gauges, printed in the Prometheus text format.
//!
//! Names and labels are fixed in the code; nothing a citizen types becomes one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A number that services move and the operator reads.
#[derive(Clone, Debug)]
pub struct Gauge(Arc<AtomicI64>);

impl Gauge {
    /// Adds `by`, which may be negative.
    pub fn add(&self, by: i64) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }

    /// Sets the number.
    pub fn set(&self, to: i64) {
        self.0.store(to, Ordering::Relaxed);
    }

    /// The number now.
    #[must_use]
    pub fn get(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All numbers of one service.
#[derive(Clone, Debug, Default)]
pub struct Metrics(Arc<Mutex<BTreeMap<&'static str, Entry>>>);

#[derive(Debug)]
struct Entry {
    help: &'static str,
    kind: &'static str,
    value: Gauge,
}

impl Metrics {
    /// A number that only grows; its name ends in `_total`.
    #[must_use]
    pub fn counter(&self, name: &'static str, help: &'static str) -> Gauge {
        self.entry(name, help, "counter")
    }

    /// A number that goes up and down.
    #[must_use]
    pub fn gauge(&self, name: &'static str, help: &'static str) -> Gauge {
        self.entry(name, help, "gauge")
    }

    /// All numbers in the Prometheus text format.
    #[must_use]
    pub fn text(&self) -> String {
        let entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut text = String::new();
        for (name, Entry { help, kind, value }) in entries.iter() {
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {}\n",
                value.get()
            );
        }
        text
    }

    fn entry(&self, name: &'static str, help: &'static str, kind: &'static str) -> Gauge {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Entry { help, kind, value: Gauge(Arc::default()) };
        entries.entry(name).or_insert_with(fresh).value.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-7: what the monitor reads is what the service counted.
    #[test]
    fn the_same_name_is_the_same_number() {
        let metrics = Metrics::default();
        metrics.counter("accepted_total", "Applications accepted").add(2);
        metrics.counter("accepted_total", "Applications accepted").add(1);
        metrics.gauge("queue", "Waiting").set(-4);
        assert!(metrics.text().contains("# TYPE accepted_total counter\naccepted_total 3\n"));
        assert!(metrics.text().contains("queue -4\n"));
    }
}
