//! What a drawing says: its texts, put together where they go on.

use hayro::kurbo::Point;

/// Most bytes kept.
const MOST: usize = 6_000;
/// Texts this near, in heights of their letters, go on without a gap.
const NEAR: f64 = 0.35;

/// Texts in the order they were drawn.
#[derive(Debug, Default)]
pub(super) struct Words {
    all: String,
    /// Where the last text ended.
    end: Option<Point>,
}

impl Words {
    /// Adds a text that starts here and is so long, both in units of the drawing.
    pub(super) fn add(&mut self, text: &str, start: Point, length: f64, em: f64) {
        if self.all.len() + text.len() > MOST {
            return;
        }
        let between = self.end.map(|end| {
            let on_line = (start.y - end.y).abs() <= NEAR * em;
            let goes_on = on_line && (start.x - end.x).abs() <= NEAR * em;
            if goes_on { "" } else { " " }
        });
        self.all.push_str(between.unwrap_or_default());
        self.all.push_str(text);
        self.end = Some(Point::new(start.x + length, start.y));
    }

    /// All of them, with one space where some stood.
    pub(super) fn finish(self) -> String {
        self.all.split_whitespace().collect::<Vec<&str>>().join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_go_on_are_one() {
        let mut words = Words::default();
        words.add("東", Point::new(0.0, 0.0), 10.0, 10.0);
        words.add("京都", Point::new(10.5, 0.0), 20.0, 10.0);
        words.add("港区", Point::new(60.0, 0.0), 20.0, 10.0);
        words.add(" 芝公園\n", Point::new(0.0, 14.0), 30.0, 10.0);
        assert_eq!(words.finish(), "東京都 港区 芝公園");
    }
}
