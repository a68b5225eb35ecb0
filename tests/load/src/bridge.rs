//! The lanes with a database at both ends and the carrier between them, without
//! pages: outbox → bundles → TLS on loopback → S → TLS → ingest.
//!
//! Beside it the bare prototype, in the same run: items are sealed, put into signed
//! files, synced, verified and synced again, with no database, no network and no S.

mod programs;
mod prototype;
mod zones;

use std::time::{Duration, Instant};

use crate::client::Figures;
use crate::line::{Goal, detail, line};
use crate::memory::peak;
use crate::processor;
use programs::Programs;
use zones::{Both, Submission};

/// Bytes that one submission says.
const SAYS: usize = 20 * 1024;
/// Submissions at the same moment in the burst.
const BURST: usize = 200;
/// Tasks that seal and commit.
const CLIENTS: usize = 64;
const FIFTY_MEGABYTES: usize = 50 << 20;
const LARGEST: usize = 54 << 20;

/// Measures the bars of the bridge: `many` submissions in a row, and `backlog` that
/// wait for the carrier.
///
/// # Errors
/// When a part does not start, or something does not arrive.
pub async fn measure(many: usize, backlog: usize) -> Result<(), String> {
    let bare = prototype::measure(many, SAYS)?;
    println!("everything runs in this one process on {} cores", cores());

    let both = Both::open().await?;
    both.submit(one_by_one(0, 50)).await?;
    both.until_in(50).await?;
    let idle = idle(&both, 50, 200).await?;
    let burst = burst(&both, 250).await?;
    let before = processor::own()?;
    let sustained = sustained(&both, 250 + BURST, many).await?;
    let each = (processor::own()? - before) / u32::try_from(many).map_err(zones::words)?.max(1);
    line(
        "submissions/s, accept → ingest, 20 KB",
        "/s",
        sustained,
        Some(bare.rate),
        Goal::AtLeast(1_500.0),
    );
    line(
        "share of the bare prototype",
        "%",
        100.0 * sustained / bare.rate,
        None,
        Goal::AtLeast(50.0),
    );
    let floor = Some(millis(bare.each));
    line("processor time of each of them", "ms", millis(each), floor, Goal::None);
    line("200 at once: last accept → all in", "ms", millis(burst), None, Goal::AtMost(1_000.0));
    line("idle: commit → visible, p99", "ms", idle.within(99), None, Goal::AtMost(100.0));
    detail(&idle);
    both.close().await?;

    let (alone, beside) = beside_a_large_one().await?;
    let delay = millis(beside) - millis(alone);
    line("200 small beside one of 50 MB: delay", "ms", delay.max(0.0), None, Goal::AtMost(1_000.0));

    let drained = drain(backlog).await?;
    let what = format!("backlog of {backlog} in");
    line(&what, "s", drained.as_secs_f64(), None, Goal::AtMost(60.0));
    Ok(())
}

/// The most memory that each program took while the largest bundle crossed, and this
/// process, which is the sending end of I and the taking end of L one after the other. In a
/// process of its own, because the peak of a process never falls.
///
/// # Errors
/// When a part does not start, or the bundle does not arrive.
pub async fn memory() -> Result<(), String> {
    let both = Both::open_without_carrier().await?;
    let programs = Programs::start(both.folder())?;
    both.submit(vec![Submission { number: 1, says: LARGEST, file: 0 }]).await?;
    both.until_in(1).await?;
    for (name, peak) in programs.peaks()? {
        let what = format!("bundle of 64 MiB: memory of {name}, peak");
        line(&what, "MiB", peak, None, Goal::AtMost(256.0));
    }
    line("the same, both databases' ends", "MiB", peak()?, None, Goal::AtMost(256.0));
    programs.stop()?;
    both.close().await
}

fn one_by_one(from: usize, count: usize) -> Vec<Submission> {
    (from..from + count).map(|number| Submission { number, says: SAYS, file: 0 }).collect()
}

/// One submission after the other, nothing else going on.
async fn idle(both: &Both, from: usize, times: usize) -> Result<Figures, String> {
    let (start, mut taken) = (Instant::now(), Vec::with_capacity(times));
    for number in from..from + times {
        let since = both.submit(one_by_one(number, 1)).await?;
        both.until_in(number + 1).await?;
        taken.push(since.elapsed());
    }
    Ok(Figures::of(taken, 0, start.elapsed()))
}

async fn burst(both: &Both, from: usize) -> Result<Duration, String> {
    let last = both.submit(one_by_one(from, BURST)).await?;
    both.until_in(from + BURST).await?;
    Ok(last.elapsed())
}

async fn sustained(both: &Both, from: usize, many: usize) -> Result<f64, String> {
    let start = Instant::now();
    both.submit(one_by_one(from, many)).await?;
    both.until_in(from + many).await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark fit an f64")]
    Ok(many as f64 / start.elapsed().as_secs_f64())
}

/// The burst alone, and once more right behind a submission with a large file.
async fn beside_a_large_one() -> Result<(Duration, Duration), String> {
    let both = Both::open().await?;
    both.submit(one_by_one(0, 50)).await?;
    both.until_in(50).await?;
    let alone = burst(&both, 50).await?;
    let from = 50 + BURST;
    both.submit(vec![Submission { number: from, says: 100, file: FIFTY_MEGABYTES }]).await?;
    let last = both.submit(one_by_one(from + 1, BURST)).await?;
    // The small ones; the large one may be later.
    both.until_small_in(50 + 2 * BURST).await?;
    let beside = last.elapsed();
    both.until_in(from + 1 + BURST).await?;
    both.close().await?;
    Ok((alone, beside))
}

/// Everything is accepted while the carrier is down; then it comes up.
async fn drain(backlog: usize) -> Result<Duration, String> {
    let mut both = Both::open_without_carrier().await?;
    both.submit(one_by_one(0, backlog)).await?;
    let start = Instant::now();
    both.open_carrier().await?;
    both.until_in(backlog).await?;
    let took = start.elapsed();
    both.close().await?;
    Ok(took)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}
