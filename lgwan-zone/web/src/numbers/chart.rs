//! A chart of columns. The table below it says the same, so the picture is for the eye alone.

/// Units of the drawing: it is stretched to the width of the page.
const WIDTH: i64 = 1_000;
const HEIGHT: i64 = 200;

/// One column.
pub(super) struct Bar {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) width: i64,
    pub(super) height: i64,
}

/// A chart.
pub(super) struct Chart {
    pub(super) bars: Vec<Bar>,
    /// The value of the highest line.
    pub(super) top: i64,
}

impl Chart {
    /// Draws values of at least 0.
    pub(super) fn of(values: &[i64]) -> Self {
        let top = round_up(values.iter().copied().max().unwrap_or(0));
        let count = i64::try_from(values.len()).unwrap_or(1).max(1);
        let step = WIDTH / count;
        let bars = (0_i64..)
            .zip(values)
            .map(|(place, value)| {
                let height = value * HEIGHT / top;
                let width = (step * 4 / 5).max(1);
                Bar {
                    x: place * WIDTH / count + (step - width) / 2,
                    y: HEIGHT - height,
                    width,
                    height,
                }
            })
            .collect();
        Self { bars, top }
    }
}

/// The next number that is easy to read: 1, 2 or 5 with zeros.
fn round_up(value: i64) -> i64 {
    let mut unit = 1;
    loop {
        for round in [unit, unit * 2, unit * 5] {
            if value <= round {
                return round;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_on_the_ground_and_below_the_top() {
        let chart = Chart::of(&[0, 7, 10, 13]);
        assert_eq!(chart.top, 20);
        let heights: Vec<i64> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [0, 70, 100, 130]);
        assert!(chart.bars.iter().all(|bar| bar.y + bar.height == HEIGHT && bar.x >= 0));
        assert_eq!(Chart::of(&[]).top, 1);
    }
}
