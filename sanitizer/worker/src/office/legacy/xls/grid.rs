//! How wide columns and how high rows are, in EMU.

use std::collections::HashMap;

use crate::office::plain::sheet::Page;
use crate::office::plain::sheet::drawing::{Area, Corner};

const EMU_PER_POINT: f64 = 12_700.0;
/// EMU of a point of the screen, and points of a character.
const EMU_PER_DOT: f64 = 9_525.0;
const DOTS: f64 = 7.0;
/// Of columns and rows that say nothing.
const WIDTH: f64 = 9.14;
const HEIGHT: f64 = 13.5;

/// Columns and rows of a sheet of old.
const COLUMNS: u32 = 256;
const ROWS: u32 = 65_536;

/// The measures of a sheet: where each column and row begins, and where the
/// last one ends.
pub(super) struct Grid {
    columns: Vec<f64>,
    rows: Vec<f64>,
}

impl Grid {
    pub(super) fn of(page: &Page) -> Self {
        let usual = page.width.unwrap_or(WIDTH);
        let column = |number: u32| {
            let own = page.columns.iter().find(|it| (it.0..=it.1).contains(&number));
            own.map_or(usual, |it| if it.3 { 0.0 } else { it.2 }) * DOTS * EMU_PER_DOT
        };
        let rows: HashMap<u32, f64> = page
            .rows
            .iter()
            .filter_map(|it| {
                let height = if it.hidden { Some(0.0) } else { it.height };
                height.map(|height| (it.number, height))
            })
            .collect();
        let usual = page.height.unwrap_or(HEIGHT);
        let row = |number: u32| rows.get(&number).copied().unwrap_or(usual) * EMU_PER_POINT;
        Self { columns: begins(COLUMNS, column), rows: begins(ROWS, row) }
    }

    /// EMU of a column, counted from 0.
    fn column(&self, number: u32) -> f64 {
        at(&self.columns, number + 1) - at(&self.columns, number)
    }

    /// EMU of a row, counted from 0.
    fn row(&self, number: u32) -> f64 {
        at(&self.rows, number + 1) - at(&self.rows, number)
    }

    /// A corner by column and row, and shares of them: of 1024 and of 256.
    pub(super) fn corner(&self, column: u16, across: u16, row: u16, down: u16) -> Corner {
        let share =
            |whole: f64, part: u16, of: f64| super::drawing::whole(whole * f64::from(part) / of);
        let (column, row) = (u32::from(column), u32::from(row));
        Corner::from((
            column,
            share(self.column(column), across.min(1_024), 1_024.0),
            row,
            share(self.row(row), down.min(256), 256.0),
        ))
    }

    /// Left, top, width and height of an area on the sheet, in EMU.
    #[expect(clippy::cast_precision_loss, reason = "sheets are small against a float")]
    pub(super) fn area(&self, area: &Area) -> [f64; 4] {
        match area {
            Area::Sheet(sides) => sides.map(|it| it as f64),
            Area::Cells(corners) => {
                let [from, to] = corners.map(|it| {
                    let (left, top) = (at(&self.columns, it.column), at(&self.rows, it.row));
                    (left + it.across as f64, top + it.down as f64)
                });
                [from.0, from.1, to.0 - from.0, to.1 - from.1]
            }
        }
    }
}

fn begins(count: u32, size: impl Fn(u32) -> f64) -> Vec<f64> {
    let mut end = 0.0;
    let ends = (1..=count).map(|it| {
        end += size(it);
        end
    });
    std::iter::once(0.0).chain(ends).collect()
}

/// Where a line begins; beyond the last one, where that ends.
fn at(begins: &[f64], number: u32) -> f64 {
    let place = usize::try_from(number).unwrap_or(usize::MAX);
    begins.get(place).or(begins.last()).copied().unwrap_or_default()
}
