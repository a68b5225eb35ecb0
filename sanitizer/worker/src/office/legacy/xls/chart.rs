//! Charts: the records of one, with the values it showed last.
//!
//! ```text
//! SERIES { AI name │ AI values │ AI categories │ group } … group { BAR } … title { text │ what of }
//! which values │ NUMBER point series │ LABEL point series …
//! ```

use std::collections::HashMap;

use super::formulas::Rules;
use super::records::{Record, Records};
use super::strings::unicode;
use super::{BOF, EOF};
use crate::office::legacy::bytes::{f64_at, slice, u8_at, u16_at};
use crate::office::plain::chart::{Chart, Group, Plot, Point, Series, Source, Stack};
use crate::office::plain::cleaned;
use crate::office::tokens::{self, Place, Tokens};

const BEGIN: u16 = 0x1033;
const END: u16 = 0x1034;
const SERIES: u16 = 0x1003;
/// A series that belongs to another: a trend, an error.
const PART_OF: u16 = 0x104a;
const SOURCE: u16 = 0x1051;
const TEXT_OF: u16 = 0x100d;
const IN_GROUP: u16 = 0x1045;
const GROUP: u16 = 0x1014;
const BARS: u16 = 0x1017;
const LINES: u16 = 0x1018;
const PIE: u16 = 0x1019;
const AREAS: u16 = 0x101a;
const POINTS: u16 = 0x101b;
const RADAR: u16 = 0x103e;
const RADAR_AREA: u16 = 0x1040;
const LEGEND: u16 = 0x1015;
const TEXT: u16 = 0x1025;
const TEXT_FOR: u16 = 0x1027;
const WHICH: u16 = 0x1065;
const NUMBER: u16 = 0x203;
const LABEL: u16 = 0x204;
/// Most series, groups and points.
const MOST: usize = 4_000;
const MOST_POINTS: usize = 200_000;
const MAX_DEPTH: usize = 50;

/// What a block of records is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Series,
    Text,
    Group,
    Other,
}

/// A series in the making.
#[derive(Default)]
struct Drawn {
    series: Series,
    group: u16,
    /// It only goes with another.
    is_part: bool,
}

struct Reader<'r> {
    rules: &'r Rules<'r>,
    series: Vec<Drawn>,
    groups: Vec<(u16, Option<Plot>)>,
    chart: Chart,
    blocks: Vec<About>,
    next: About,
    /// Which source of a series the next text names.
    source: u8,
    /// A text, and what it is for.
    text: Option<String>,
    text_for: u16,
    which: u16,
    points: HashMap<(u16, u16), Vec<(u32, Point)>>,
    points_left: usize,
    refused: u32,
}

/// Reads the chart whose records start here, and counts sources that do not
/// stay.
pub(super) fn read(stream: &[u8], start: usize, rules: &Rules<'_>) -> (Chart, u32) {
    let mut reader = Reader {
        rules,
        series: Vec::new(),
        groups: Vec::new(),
        chart: Chart::default(),
        blocks: Vec::new(),
        next: About::Other,
        source: 0,
        text: None,
        text_for: 0,
        which: 0,
        points: HashMap::new(),
        points_left: MOST_POINTS,
        refused: 0,
    };
    let mut depth = 0_u32;
    for record in Records::new(stream, start) {
        match record.kind {
            BOF => depth += 1,
            EOF if depth <= 1 => break,
            EOF => depth -= 1,
            _ => reader.take(&record),
        }
    }
    reader.finish()
}

impl Reader<'_> {
    fn take(&mut self, record: &Record<'_>) {
        let data = record.data;
        match record.kind {
            BEGIN if self.blocks.len() < MAX_DEPTH => {
                self.blocks.push(std::mem::replace(&mut self.next, About::Other));
            }
            END => self.end(),
            SERIES if self.series.len() < MOST => {
                self.series.push(Drawn::default());
                self.next = About::Series;
            }
            TEXT => {
                self.next = About::Text;
                (self.text, self.text_for) = (None, 0);
            }
            GROUP if self.groups.len() < MOST => {
                self.groups.push((u16_at(data, 18), None));
                self.next = About::Group;
            }
            SOURCE => self.source(data),
            TEXT_OF => self.text_of(data),
            TEXT_FOR => self.text_for = u16_at(data, 0),
            PART_OF => self.in_series(|it| it.is_part = true),
            IN_GROUP => self.in_series(|it| it.group = u16_at(data, 0)),
            BARS | LINES | PIE | AREAS | POINTS | RADAR | RADAR_AREA => {
                if let Some(group) = self.groups.last_mut() {
                    group.1 = plot(record.kind, data);
                }
            }
            LEGEND => self.chart.legend = true,
            WHICH => self.which = u16_at(data, 0),
            NUMBER => {
                let value = f64_at(data, 6);
                if value.is_finite() {
                    self.point(data, Point::Number(value));
                }
            }
            LABEL => {
                let length = usize::from(u16_at(data, 6));
                let text = self.characters(data, 8, length);
                self.point(data, Point::Text(text));
            }
            _ => {}
        }
    }

    fn in_series(&mut self, change: impl FnOnce(&mut Drawn)) {
        if self.blocks.contains(&About::Series)
            && let Some(series) = self.series.last_mut()
        {
            change(series);
        }
    }

    fn point(&mut self, data: &[u8], point: Point) {
        if let Some(left) = self.points_left.checked_sub(1) {
            self.points_left = left;
            let points = self.points.entry((self.which, u16_at(data, 2))).or_default();
            points.push((u32::from(u16_at(data, 0)), point));
        }
    }

    fn characters(&self, data: &[u8], at: usize, length: usize) -> String {
        let rest = data.get(at..).unwrap_or_default();
        cleaned(&if self.rules.globals.is_8 {
            unicode(rest, length)
        } else {
            let encoding = self.rules.globals.encoding;
            encoding.decode(slice(rest, 0, length.min(rest.len()))).0.into_owned()
        })
    }

    /// Where name, values or categories come from.
    fn source(&mut self, data: &[u8]) {
        const PLACE: u8 = 2;
        self.source = u8_at(data, 0);
        if u8_at(data, 1) != PLACE || !self.blocks.contains(&About::Series) {
            return;
        }
        let (tokens, extra) = tokens::counted(data, 8, usize::from(u16_at(data, 6)));
        let tokens = Tokens { form: self.rules.form(), tokens, extra, at: Place::default() };
        let text = tokens::text(&tokens, self.rules.scope);
        let formula = text.and_then(|it| self.rules.formulas.keep(&it).ok());
        self.refused += u32::from(formula.is_none());
        let source = self.source;
        self.in_series(|it| {
            if let Some(source) = part(&mut it.series, source) {
                source.formula = formula;
            }
        });
    }

    fn text_of(&mut self, data: &[u8]) {
        let text = self.characters(data, 3, usize::from(u8_at(data, 2)));
        match self.blocks.last() {
            Some(About::Text) => self.text = Some(text),
            _ => {
                let source = self.source;
                self.in_series(|it| {
                    if let Some(source) = part(&mut it.series, source) {
                        source.points = vec![(0, Point::Text(text))];
                    }
                });
            }
        }
    }

    fn end(&mut self) {
        const CHART: u16 = 1;
        const VALUES: u16 = 2;
        const CATEGORIES: u16 = 3;
        if self.blocks.pop() != Some(About::Text) {
            return;
        }
        let Some(text) = self.text.take().filter(|it| !it.is_empty()) else {
            return;
        };
        match self.text_for {
            CHART => self.chart.title = Some(text),
            VALUES => self.chart.axis_titles[1] = Some(text),
            CATEGORIES => self.chart.axis_titles[0] = Some(text),
            _ => {}
        }
    }

    fn finish(mut self) -> (Chart, u32) {
        const OF_VALUES: u16 = 1;
        const OF_CATEGORIES: u16 = 2;
        let mut groups: Vec<(u16, Group)> = Vec::new();
        for (id, plot) in &self.groups {
            if let Some(plot) = plot {
                groups.push((*id, Group { plot: *plot, series: Vec::new() }));
            }
        }
        for (number, mut drawn) in (0..=u16::MAX).zip(std::mem::take(&mut self.series)) {
            if drawn.is_part {
                continue;
            }
            drawn.series.values.points =
                self.points.remove(&(OF_VALUES, number)).unwrap_or_default();
            drawn.series.categories.points =
                self.points.remove(&(OF_CATEGORIES, number)).unwrap_or_default();
            let group = groups.iter().position(|it| it.0 == drawn.group).unwrap_or(0);
            if let Some((_, group)) = groups.get_mut(group) {
                group.series.push(drawn.series);
            }
        }
        self.chart.groups = groups.into_iter().map(|it| it.1).collect();
        (self.chart, self.refused)
    }
}

fn part(series: &mut Series, source: u8) -> Option<&mut Source> {
    match source {
        0 => Some(&mut series.name),
        1 => Some(&mut series.values),
        2 => Some(&mut series.categories),
        _ => None,
    }
}

fn plot(kind: u16, data: &[u8]) -> Option<Plot> {
    let stack = |flags: u16| match (flags & 2 != 0, flags & 1 != 0) {
        (true, _) => Stack::Percent,
        (false, true) => Stack::Stacked,
        (false, false) => Stack::Apart,
    };
    Some(match kind {
        BARS => {
            let flags = u16_at(data, 4);
            Plot::Bars(flags & 1 != 0, stack(flags >> 1))
        }
        LINES => Plot::Lines(stack(u16_at(data, 0))),
        AREAS => Plot::Areas(stack(u16_at(data, 0))),
        PIE if u16_at(data, 2) != 0 => Plot::Ring,
        PIE => Plot::Pie,
        POINTS => Plot::Points,
        RADAR | RADAR_AREA => Plot::Radar,
        _ => return None,
    })
}
