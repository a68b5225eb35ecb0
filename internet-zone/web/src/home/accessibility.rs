//! The result sheet of the accessibility tests (NN-23), as `cargo xtask accessibility` wrote it.

use axum::extract::State;
use axum::response::IntoResponse as _;
use platform_web::{Html, PageResult};

use crate::caller::Caller;
use crate::frame::Frame;
use crate::site::Site;
use crate::texts::TEXTS;

const SHEET: &str = include_str!("../../../../docs/accessibility.md");

/// One criterion: its name, level, what checks it, on how many pages, the result, what is left to people.
type Row = [&'static str; 6];

#[derive(askama::Template)]
#[template(path = "home/results.html")]
struct Page<'a> {
    frame: Frame<'a>,
    rows: Vec<Row>,
}

/// Shows it; the rows are Japanese, as the standard is.
pub(crate) async fn get(caller: Caller, State(site): State<Site>) -> PageResult {
    let frame = Frame::plain(&site, Some(&caller), TEXTS.text("home.accessibility.results"));
    Ok(Html(Page { frame, rows: rows() }).into_response())
}

fn rows() -> Vec<Row> {
    let criterion =
        |line: &&str| line.starts_with("| ") && line[2..].starts_with(['1', '2', '3', '4']);
    let cells = |line: &'static str| {
        let mut cells = line.trim_matches('|').split('|').map(str::trim);
        std::array::from_fn(|_| cells.next().unwrap_or_default())
    };
    SHEET.lines().filter(criterion).map(cells).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NN-23: the sheet has a row with a result for each of the 38 criteria of levels A and AA.
    #[test]
    fn every_criterion_has_a_result() {
        let rows = rows();
        assert_eq!(rows.len(), 38);
        for [criterion, level, _, _, result, person] in rows {
            assert!(["A", "AA"].contains(&level), "{criterion}: {level}");
            assert!(!result.is_empty() && !person.is_empty(), "{criterion} says nothing");
        }
    }
}
