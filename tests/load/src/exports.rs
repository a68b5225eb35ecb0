//! Records of the sample layouts, as an export job writes them: every value is made to fit,
//! encoded and read back. The floor joins the same values with commas and checks nothing.

use std::io::Write as _;
use std::time::Instant;

use domain::export::{About, DataWriter, GaijiTable, Layout, Recorder, Totals};
use jiff::civil::date;

use crate::line::{Goal, line};
use crate::memory::peak;

/// The layouts in `deploy/exports/`, by what they are.
const SAMPLES: [(&str, &str); 3] = [
    ("CSV, UTF-8", include_str!("../../../deploy/exports/shinsei-kanri.json")),
    ("XML", include_str!("../../../deploy/exports/gif-shinsei.json")),
    ("fixed length, CP932", include_str!("../../../deploy/exports/kotei-juminhyo.json")),
];

/// Writes so many records of each layout.
///
/// # Errors
/// When a sample is no layout or refuses a value.
pub fn measure(records: u32) -> Result<(), String> {
    for (name, text) in SAMPLES {
        let job: serde_json::Value = serde_json::from_str(text).map_err(words)?;
        let layout: Layout = serde_json::from_value(job["layout"].clone()).map_err(words)?;
        let values = values(&layout);
        let bare = bare(&values, records).map_err(words)?;
        let begun = Instant::now();
        let bytes = write(layout, &values, records)?;
        let rate = f64::from(records) / begun.elapsed().as_secs_f64();
        line(&format!("export records/s, {name}"), "/s", rate, Some(bare), Goal::AtLeast(10_000.0));
        println!("{:<44} {bytes:>10} bytes", "");
    }
    line("memory after all of them, peak", "MiB", peak()?, None, Goal::AtMost(64.0));
    Ok(())
}

/// One value for each column, as wide as it may be.
fn values(layout: &Layout) -> Vec<Vec<String>> {
    let value = |narrow| if narrow { "2" } else { "みらい市中央一丁目二番三号" };
    let columns = layout.columns.iter();
    columns
        .map(|column| column.number.is_some() || column.width.is_some_and(|width| width < 20))
        .map(|narrow| vec![value(narrow).to_owned()])
        .collect()
}

fn write(layout: Layout, values: &[Vec<String>], records: u32) -> Result<usize, String> {
    let about = About { business_date: date(2026, 11, 20), generation: 1, layout_version: 1 };
    let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
    let mut writer = DataWriter::new(layout, about, None).map_err(words)?;
    let mut bytes = 0;
    for _ in 0..records {
        let record = recorder.record(values).map_err(|refused| format!("{refused:?}"))?;
        writer.record(&record).map_err(words)?;
        bytes += writer.take().len();
    }
    let totals = Totals { records: recorder.records(), sums: recorder.totals() };
    writer.end(&totals).map_err(words)?;
    Ok(bytes + writer.take().len())
}

/// Records a second when nothing is checked.
fn bare(values: &[Vec<String>], records: u32) -> std::io::Result<f64> {
    let begun = Instant::now();
    let mut bytes = 0;
    for _ in 0..records {
        let mut record = Vec::new();
        for value in values.iter().flatten() {
            write!(record, "{value},")?;
        }
        bytes += std::hint::black_box(record).len();
    }
    std::hint::black_box(bytes);
    Ok(f64::from(records) / begun.elapsed().as_secs_f64())
}

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}
