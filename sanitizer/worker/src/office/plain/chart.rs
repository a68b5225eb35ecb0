//! A chart as plain data.

use std::fmt::Write as _;

use sanitizer_intermediate::HoldReason;
use sanitizer_intermediate::office::{Formula, Props, shapes};

use super::{escaped, made};

/// A chart: series drawn in groups over the same axes.
#[derive(Debug, Default)]
pub(in crate::office) struct Chart {
    pub title: Option<String>,
    /// Of the axis of categories and of the one of values.
    pub axis_titles: [Option<String>; 2],
    pub legend: bool,
    pub groups: Vec<Group>,
}

/// Series drawn in one way.
#[derive(Debug)]
pub(in crate::office) struct Group {
    pub plot: Plot,
    pub series: Vec<Series>,
}

/// How series are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::office) enum Plot {
    /// Across or upright.
    Bars(bool, Stack),
    Lines(Stack),
    Areas(Stack),
    Pie,
    Ring,
    Points,
    Radar,
}

/// Whether values stand on each other.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::office) enum Stack {
    #[default]
    Apart,
    Stacked,
    Percent,
}

/// A series.
#[derive(Debug, Default)]
pub(in crate::office) struct Series {
    pub name: Source,
    pub categories: Source,
    pub values: Source,
}

/// Where data comes from, and what it was last.
#[derive(Debug, Default)]
pub(in crate::office) struct Source {
    pub formula: Option<Formula>,
    /// By the number of a point.
    pub points: Vec<(u32, Point)>,
}

#[derive(Debug, Clone, PartialEq)]
pub(in crate::office) enum Point {
    Number(f64),
    Text(String),
}

impl Chart {
    /// Whether it shows anything.
    pub(in crate::office) fn is_empty(&self) -> bool {
        self.groups.iter().all(|it| it.series.is_empty())
    }

    /// The chart in the shape of today.
    ///
    /// # Errors
    /// [`HoldReason`] when it cannot be made.
    pub(in crate::office) fn finish(&self) -> Result<Props<shapes::Chart>, HoldReason> {
        let mut plots = String::new();
        let mut first = 0;
        for group in self.groups.iter().filter(|it| !it.series.is_empty()) {
            plots.push_str(&plot(group, first));
            first += group.series.len();
        }
        let has_axes = self.groups.iter().any(|it| !it.plot.is_round());
        if has_axes {
            let points = self.groups.iter().any(|it| it.plot == Plot::Points);
            let across = self.groups.iter().any(|it| matches!(it.plot, Plot::Bars(true, _)));
            plots.push_str(&self.axes(points, across));
        }
        let title = self.title.as_deref().map(title).unwrap_or_default();
        let untitled = u8::from(title.is_empty());
        let legend = if self.legend {
            "<c:legend><c:legendPos val=\"r\"/><c:overlay val=\"0\"/></c:legend>"
        } else {
            ""
        };
        let xml = format!(
            "<c:chart>{title}<c:autoTitleDeleted val=\"{untitled}\"/><c:plotArea><c:layout/>{plots}</c:plotArea>{legend}\
             <c:plotVisOnly val=\"1\"/><c:dispBlanksAs val=\"gap\"/></c:chart>"
        );
        made("c:chartSpace", &xml)
    }

    fn axes(&self, points: bool, across: bool) -> String {
        let (below, beside) = if across { ("l", "b") } else { ("b", "l") };
        let axis = |name: &str, own: u8, other: u8, at: &str, text: &Option<String>| {
            let title = text.as_deref().map(title).unwrap_or_default();
            let grid = if own == 2 { "<c:majorGridlines/>" } else { "" };
            let end = match (name, own) {
                ("catAx", _) => {
                    "<c:auto val=\"1\"/><c:lblAlgn val=\"ctr\"/><c:lblOffset val=\"100\"/>"
                }
                _ if points => "<c:crossBetween val=\"midCat\"/>",
                _ => "<c:crossBetween val=\"between\"/>",
            };
            format!(
                "<c:{name}><c:axId val=\"{own}\"/><c:scaling><c:orientation val=\"minMax\"/></c:scaling>\
                 <c:delete val=\"0\"/><c:axPos val=\"{at}\"/>{grid}{title}<c:majorTickMark val=\"out\"/>\
                 <c:minorTickMark val=\"none\"/><c:tickLblPos val=\"nextTo\"/><c:crossAx val=\"{other}\"/>\
                 <c:crosses val=\"autoZero\"/>{end}</c:{name}>"
            )
        };
        let [of_categories, of_values] = &self.axis_titles;
        let first = if points { "valAx" } else { "catAx" };
        axis(first, 1, 2, below, of_categories) + &axis("valAx", 2, 1, beside, of_values)
    }
}

impl Plot {
    const fn is_round(self) -> bool {
        matches!(self, Self::Pie | Self::Ring)
    }
}

impl Stack {
    const fn code(self, apart: &'static str) -> &'static str {
        match self {
            Self::Apart => apart,
            Self::Stacked => "stacked",
            Self::Percent => "percentStacked",
        }
    }
}

fn title(text: &str) -> String {
    let lines: String = text
        .lines()
        .map(|it| {
            format!("<a:p><a:r><a:rPr lang=\"ja-JP\"/><a:t>{}</a:t></a:r></a:p>", escaped(it))
        })
        .collect();
    let lines = if lines.is_empty() { "<a:p/>".to_owned() } else { lines };
    format!(
        "<c:title><c:tx><c:rich><a:bodyPr/>{lines}</c:rich></c:tx><c:overlay val=\"0\"/></c:title>"
    )
}

fn plot(group: &Group, first: usize) -> String {
    const AXES: &str = "<c:axId val=\"1\"/><c:axId val=\"2\"/>";
    let (name, before, after) = match group.plot {
        Plot::Bars(across, stack) => {
            let direction = if across { "bar" } else { "col" };
            let overlap = if stack == Stack::Apart { 0 } else { 100 };
            (
                "barChart",
                format!(
                    "<c:barDir val=\"{direction}\"/><c:grouping val=\"{}\"/>",
                    stack.code("clustered")
                ),
                format!("<c:gapWidth val=\"150\"/><c:overlap val=\"{overlap}\"/>{AXES}"),
            )
        }
        Plot::Lines(stack) => (
            "lineChart",
            format!("<c:grouping val=\"{}\"/>", stack.code("standard")),
            format!("<c:marker val=\"1\"/>{AXES}"),
        ),
        Plot::Areas(stack) => (
            "areaChart",
            format!("<c:grouping val=\"{}\"/>", stack.code("standard")),
            AXES.to_owned(),
        ),
        Plot::Pie => ("pieChart", "<c:varyColors val=\"1\"/>".to_owned(), String::new()),
        Plot::Ring => (
            "doughnutChart",
            "<c:varyColors val=\"1\"/>".to_owned(),
            "<c:holeSize val=\"50\"/>".to_owned(),
        ),
        Plot::Points => {
            ("scatterChart", "<c:scatterStyle val=\"lineMarker\"/>".to_owned(), AXES.to_owned())
        }
        Plot::Radar => ("radarChart", "<c:radarStyle val=\"marker\"/>".to_owned(), AXES.to_owned()),
    };
    let mut series = String::new();
    for (it, number) in group.series.iter().zip(first..) {
        let _ = write!(
            series,
            "<c:ser><c:idx val=\"{number}\"/><c:order val=\"{number}\"/>{}{}</c:ser>",
            named(&it.name),
            data(it, group.plot)
        );
    }
    format!("<c:{name}>{before}{series}{after}</c:{name}>")
}

fn named(source: &Source) -> String {
    let text = source.points.first().map(|it| it.1.text()).unwrap_or_default();
    match &source.formula {
        Some(_) => format!("<c:tx>{}</c:tx>", texts("strRef", source)),
        None if text.is_empty() => String::new(),
        None => format!("<c:tx><c:v>{}</c:v></c:tx>", escaped(&text)),
    }
}

fn data(series: &Series, plot: Plot) -> String {
    let (first, second) = if plot == Plot::Points { ("xVal", "yVal") } else { ("cat", "val") };
    let mut out = String::new();
    let categories = &series.categories;
    if categories.formula.is_some() || !categories.points.is_empty() {
        let numbers = categories.points.iter().all(|it| matches!(it.1, Point::Number(_)));
        let kind = match (numbers && !categories.points.is_empty(), &categories.formula) {
            (true, Some(_)) => numbered("numRef", categories),
            (true, None) => numbered("numLit", categories),
            (false, Some(_)) => texts("strRef", categories),
            (false, None) => texts("strLit", categories),
        };
        let _ = write!(out, "<c:{first}>{kind}</c:{first}>");
    }
    let kind = if series.values.formula.is_some() { "numRef" } else { "numLit" };
    let _ = write!(out, "<c:{second}>{}</c:{second}>", numbered(kind, &series.values));
    out
}

fn count(source: &Source) -> u32 {
    source.points.iter().map(|it| it.0.saturating_add(1)).max().unwrap_or_default()
}

fn texts(name: &str, source: &Source) -> String {
    let mut points = format!("<c:ptCount val=\"{}\"/>", count(source));
    for (number, point) in &source.points {
        let text = escaped(&point.text());
        let _ = write!(points, "<c:pt idx=\"{number}\"><c:v>{text}</c:v></c:pt>");
    }
    referred(name, "strCache", &points, source)
}

fn numbered(name: &str, source: &Source) -> String {
    let mut points =
        format!("<c:formatCode>General</c:formatCode><c:ptCount val=\"{}\"/>", count(source));
    for (number, point) in &source.points {
        if let Point::Number(value) = point {
            let _ = write!(points, "<c:pt idx=\"{number}\"><c:v>{value}</c:v></c:pt>");
        }
    }
    referred(name, "numCache", &points, source)
}

/// With the place it comes from and the last values, or as values alone.
fn referred(name: &str, cache: &str, points: &str, source: &Source) -> String {
    match &source.formula {
        Some(formula) => format!(
            "<c:{name}><c:f>{}</c:f><c:{cache}>{points}</c:{cache}></c:{name}>",
            escaped(formula.text())
        ),
        None => format!("<c:{name}>{points}</c:{name}>"),
    }
}

impl Point {
    fn text(&self) -> String {
        match self {
            Self::Number(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
