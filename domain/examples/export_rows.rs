//! Writes ten thousand records of the sample layouts and prints records a second and peak memory:
//! `cargo run --release -p domain --example export_rows`.

use std::io::Write as _;
use std::time::Instant;

use domain::export::{About, DataWriter, GaijiTable, Layout, Recorder, Totals};
use jiff::civil::date;

const ROWS: u32 = 10_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let samples = [
        ("CSV, UTF-8", include_str!("../../deploy/exports/shinsei-kanri.json")),
        ("XML", include_str!("../../deploy/exports/gif-shinsei.json")),
        ("fixed length, CP932", include_str!("../../deploy/exports/kotei-juminhyo.json")),
    ];
    let mut out = std::io::stdout().lock();
    for (name, text) in samples {
        let job: serde_json::Value = serde_json::from_str(text)?;
        let layout: Layout = serde_json::from_value(job["layout"].clone())?;
        let about = About { business_date: date(2026, 11, 20), generation: 1, layout_version: 1 };
        let values: Vec<Vec<String>> = layout
            .columns
            .iter()
            .map(|column| match column.number {
                Some(_) => vec!["2".to_owned()],
                None if column.width.is_some_and(|width| width < 20) => vec!["2".to_owned()],
                None => vec!["みらい市中央一丁目二番三号".to_owned()],
            })
            .collect();
        let begun = Instant::now();
        let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
        let mut writer = DataWriter::new(layout, about, None)?;
        let mut bytes = 0;
        for _ in 0..ROWS {
            let record = recorder.record(&values).map_err(|refused| format!("{refused:?}"))?;
            writer.record(&record)?;
            bytes += writer.take().len();
        }
        writer.end(&Totals { records: recorder.records(), sums: recorder.totals() })?;
        bytes += writer.take().len();
        let rate = f64::from(ROWS) / begun.elapsed().as_secs_f64();
        writeln!(out, "{name}: {rate:.0} records/s, {bytes} bytes, peak {} KiB", peak())?;
    }
    Ok(())
}

/// Peak memory of the process in KiB, 0 where the system does not say.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
