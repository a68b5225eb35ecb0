//! The lanes with a database at both ends and the carrier between them, without
//! pages: outbox → bundles → TLS on loopback → S → TLS → ingest.
//!
//! Beside it the bare prototype, in the same run: items are sealed, put into signed
//! files, synced, verified and synced again, with no database, no network and no S.

mod programs;
mod prototype;
mod zones;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use bridge_contract::place::Host;

use crate::client::Figures;
use crate::line::{Goal, detail, line};
use crate::memory::{in_a_process_of_its_own, peak};
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
/// Rounds of submissions in a row, each between two runs of the prototype: the disk of a
/// machine that others share has better and worse seconds. An odd number has a middle.
const ROUNDS: usize = 5;

/// Measures the bars of the bridge: `many` submissions in a row, and `backlog` that
/// wait for the carrier.
///
/// # Errors
/// When a part does not start, or something does not arrive.
pub async fn measure(many: usize, backlog: usize) -> Result<(), String> {
    println!("everything runs in this one process on {} cores", cores());

    let both = Both::open().await?;
    both.submit(one_by_one(0, 50)).await?;
    both.until_in(50).await?;
    let idle = idle(&both, 50, 200).await?;
    let burst = burst(&both, 250).await?;
    in_a_row(&both, 250 + BURST, many).await?;
    line("200 at once: last accept → all in", "ms", millis(burst), None, Goal::AtMost(1_000.0));
    line("idle: commit → visible, p99", "ms", idle.within(99), None, Goal::AtMost(100.0));
    detail(&idle);
    both.close().await?;
    apart(many).await?;

    let (alone, beside) = beside_a_large_one().await?;
    let delay = millis(beside) - millis(alone);
    line("200 small beside one of 50 MB: delay", "ms", delay.max(0.0), None, Goal::AtMost(1_000.0));

    let drained = drain(backlog).await?;
    let what = format!("backlog of {backlog} in");
    line(&what, "s", drained.as_secs_f64(), None, Goal::AtMost(60.0));
    Ok(())
}

/// The most memory that each process took while the largest bundle crossed: this one is the
/// sending end of I, the taking end of L comes after it in a process of its own.
///
/// # Errors
/// When a part does not start, or the bundle does not arrive.
pub async fn memory() -> Result<(), String> {
    let ends = Both::open_ends(&[Host::Internet])?;
    let programs = Programs::start(ends.folder())?;
    ends.submit(vec![Submission { number: 1, says: LARGEST, file: 0 }]).await?;
    ends.until_carried().await?;
    for (name, peak) in programs.peaks()? {
        let what = format!("bundle of 64 MiB: memory of {name}, peak");
        line(&what, "MiB", peak, None, Goal::AtMost(256.0));
    }
    programs.stop()?;
    line("the same: the end that sends", "MiB", peak()?, None, Goal::AtMost(256.0));
    let folder = ends.folder().as_os_str();
    in_a_process_of_its_own(&["bridge".as_ref(), "--taking-in".as_ref(), folder])?;
    ends.close().await
}

/// The second half of [`memory`], on its folder.
///
/// # Errors
/// When a part does not start, or the bundle is not taken in.
pub async fn memory_taking_in(folder: PathBuf) -> Result<(), String> {
    let end = Both::open_end(folder, Host::Lgwan)?;
    end.until_in(1).await?;
    line("the same: the end that takes in", "MiB", peak()?, None, Goal::AtMost(256.0));
    end.close().await
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

/// `many` submissions in a row and the prototype, in turn; prints the middle of the rounds.
async fn in_a_row(both: &Both, from: usize, many: usize) -> Result<(), String> {
    let (mut rates, mut shares) = (Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS));
    let (mut worked, mut floors) = (Duration::ZERO, Vec::with_capacity(ROUNDS));
    let mut bare_before = prototype::measure(many, SAYS)?;
    for round in 0..ROUNDS {
        let before = processor::own()?;
        let rate = sustained(both, from + round * many, many).await?;
        worked += processor::own()? - before;
        let bare_after = prototype::measure(many, SAYS)?;
        let bare = bare_before.mean(&bare_after);
        rates.push(rate);
        shares.push(100.0 * rate / bare.rate);
        floors.push(bare);
        bare_before = bare_after;
    }
    let floor = Some(middle(floors.iter().map(|bare| bare.rate)));
    let goal = Goal::AtLeast(1_500.0);
    line("submissions/s, accept → ingest, 20 KB", "/s", middle(rates), floor, goal);
    let all: Vec<String> = shares.iter().map(|share| format!("{share:.1}")).collect();
    let goal = Goal::AtLeast(50.0);
    line("share of the bare prototype", "%", middle(shares), None, goal);
    println!("{:<44} {:>10}", "", all.join(", "));
    let each = worked / u32::try_from(ROUNDS * many).map_err(zones::words)?.max(1);
    let floor = Some(middle(floors.iter().map(|bare| millis(bare.each))));
    line("processor time of each of them", "ms", millis(each), floor, Goal::None);
    Ok(())
}

fn middle(figures: impl IntoIterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.into_iter().collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

async fn sustained(both: &Both, from: usize, many: usize) -> Result<f64, String> {
    let start = Instant::now();
    both.submit(one_by_one(from, many)).await?;
    both.until_in(from + many).await?;
    #[expect(clippy::cast_precision_loss, reason = "counts of a benchmark fit an f64")]
    Ok(many as f64 / start.elapsed().as_secs_f64())
}

/// What each host works for a submission when its role is a program of its own, as it is in a
/// town: there no two of them share a machine.
async fn apart(many: usize) -> Result<(), String> {
    let ends = Both::open_without_carrier()?;
    let programs = Programs::start(ends.folder())?;
    ends.submit(one_by_one(0, 50)).await?;
    ends.until_in(50).await?;
    let (own, others) = (processor::own()?, programs.worked()?);
    ends.submit(one_by_one(50, many)).await?;
    ends.until_in(50 + many).await?;
    let each = |since: Duration, until: Duration| {
        u32::try_from(many.max(1)).map(|many| millis((until - since) / many)).map_err(zones::words)
    };
    for ((name, since), (_, until)) in others.into_iter().zip(programs.worked()?) {
        let what = format!("processor time of each at {name}");
        line(&what, "ms", each(since, until)?, None, Goal::None);
    }
    let both = each(own, processor::own()?)?;
    line("processor time of each at both zones' ends", "ms", both, None, Goal::None);
    programs.stop()?;
    ends.close().await
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
    let mut both = Both::open_without_carrier()?;
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
