//! Form fields drawn from their values, as readers do when a file brings no
//! appearance for them or asks for new ones.

use hayro::hayro_syntax::object::{Array, Dict, Name, Object, String as PdfString};
use hayro::hayro_syntax::page::Resources;
use sanitizer_intermediate::pdf::{Colour, Line, Paint, Rule, Segment, Step};

use super::links::Border;
use super::marks::colour;
use super::words::{Style, Words};
use super::{appearance, area};
use crate::pdf::book::{Book, Halt};
use crate::pdf::fonts::FontId;
use crate::pdf::strings;

const MULTILINE: u32 = 1 << 12;
const PASSWORD: u32 = 1 << 13;
const PUSH_BUTTON: u32 = 1 << 16;
const RADIO: u32 = 1 << 15;
const COMB: u32 = 1 << 24;
const COMBO: u32 = 1 << 17;
/// Steps up from a widget to the field it belongs to.
const PARENTS: u8 = 16;

/// What the form as a whole says.
pub(super) struct FormRules<'a> {
    anew: bool,
    appearance: Vec<u8>,
    fonts: Dict<'a>,
}

impl<'a> FormRules<'a> {
    pub(super) fn of(catalog: &Dict<'a>) -> Self {
        let form = catalog.get::<Dict<'a>>(b"AcroForm").unwrap_or_default();
        let resources = form.get::<Dict<'a>>(b"DR").unwrap_or_default();
        let appearance = form.get::<PdfString<'_>>(b"DA");
        Self {
            anew: form.get::<bool>(b"NeedAppearances").unwrap_or(false),
            appearance: appearance.map(|it| it.as_bytes().to_vec()).unwrap_or_default(),
            fonts: resources.get::<Dict<'a>>(b"Font").unwrap_or_default(),
        }
    }

    /// Whether readers draw this widget themselves.
    pub(super) fn draws_anew(&self, widget: &Dict<'_>) -> bool {
        let kind = inherited::<Name<'_>>(widget, b"FT");
        let drawable = kind.is_some_and(|kind| matches!(kind.as_ref(), b"Tx" | b"Ch" | b"Btn"));
        drawable && (self.anew || !widget.contains_key(b"AP"))
    }
}

/// An entry of the widget, or of the field it belongs to.
fn inherited<'a, T>(widget: &Dict<'a>, key: &[u8]) -> Option<T>
where
    T: TryFrom<Object<'a>>,
{
    let mut node = widget.clone();
    for _ in 0..PARENTS {
        if let Some(object) = node.get::<Object<'a>>(key) {
            return T::try_from(object).ok();
        }
        node = node.get::<Dict<'a>>(b"Parent")?;
    }
    None
}

/// Draws a widget from its field's value.
pub(super) fn draw<'a>(
    widget: &Dict<'a>,
    rules: &FormRules<'a>,
    book: &mut Book<'a>,
) -> Result<Option<Vec<Step>>, Halt> {
    let Some([x0, y0, x1, y1]) = area(widget) else { return Ok(None) };
    let field = Field::of(widget, rules, [x1 - x0, y1 - y0]);
    let kind = inherited::<Name<'_>>(widget, b"FT");
    let kind = kind.as_ref().map(|kind| kind.as_ref()).unwrap_or_default();
    let mut steps = vec![Step::Concat([1.0, 0.0, 0.0, 1.0, x0, y0])];
    field.frame(kind, &mut steps);
    match kind {
        b"Btn" if field.flags & PUSH_BUTTON != 0 => {
            field.line(&field.caption(), 1, false, book, &mut steps)?;
        }
        b"Btn" => {
            if field.is_on() {
                let caption = field.caption();
                let mark = match (caption.is_empty(), field.flags & RADIO != 0) {
                    (false, _) => caption.as_str(),
                    (true, true) => "l",
                    (true, false) => "3",
                };
                field.line(mark, 1, true, book, &mut steps)?;
            } else if normal_is_drawn(widget) {
                let fallback = Resources::new(Dict::empty());
                return appearance(widget, &fallback, book);
            }
        }
        b"Ch" if field.flags & COMBO == 0 => field.options(book, &mut steps)?,
        _ => field.value_text(book, &mut steps)?,
    }
    Ok(Some(steps))
}

fn normal_is_drawn(widget: &Dict<'_>) -> bool {
    super::normal(widget).is_some()
}

struct Field<'f, 'a> {
    widget: &'f Dict<'a>,
    rules: &'f FormRules<'a>,
    look: Dict<'a>,
    style: Style,
    flags: u32,
    width: f32,
    height: f32,
    border: f32,
}

impl<'f, 'a> Field<'f, 'a> {
    fn of(widget: &'f Dict<'a>, rules: &'f FormRules<'a>, [width, height]: [f32; 2]) -> Self {
        let appearance = inherited::<PdfString<'_>>(widget, b"DA");
        let appearance =
            appearance.as_ref().map_or(rules.appearance.as_slice(), |it| it.as_bytes());
        let look = widget.get::<Dict<'a>>(b"MK").unwrap_or_default();
        let border = Border::of(widget).map_or(0.0, |border| border.width);
        Self {
            style: Style::of(appearance),
            flags: inherited::<u32>(widget, b"Ff").unwrap_or(0),
            border,
            widget,
            rules,
            look,
            width,
            height,
        }
    }

    fn caption(&self) -> String {
        let caption = self.look.get::<PdfString<'_>>(b"CA");
        caption.map(|caption| strings::text(caption.as_bytes())).unwrap_or_default()
    }

    fn is_on(&self) -> bool {
        let state = self.widget.get::<Name<'_>>(b"AS");
        let state = state.or_else(|| inherited::<Name<'_>>(self.widget, b"V"));
        state.is_some_and(|state| state.as_ref() != b"Off")
    }

    /// Background and border.
    fn frame(&self, kind: &[u8], steps: &mut Vec<Step>) {
        let round = kind == b"Btn" && self.flags & RADIO != 0;
        let shape = |inset: f32| {
            let (w, h) = (self.width - 2.0 * inset, self.height - 2.0 * inset);
            if round {
                super::marks::ellipse([inset, inset, inset + w, inset + h])
            } else {
                vec![Segment::Rect([inset, inset, w, h])]
            }
        };
        if let Some(Some(rgb)) = colour(&self.look, b"BG") {
            steps.push(Step::Fill(Colour::Rgb(rgb)));
            let paint = Paint { fill: Some(Rule::NonZero), ..Paint::default() };
            steps.push(Step::Path { segments: shape(0.0), paint });
        }
        if self.border > 0.0
            && let Some(Some(rgb)) = colour(&self.look, b"BC")
        {
            steps.push(Step::Stroke(Colour::Rgb(rgb)));
            steps.push(Step::Line(Line::Width(self.border)));
            let paint = Paint { stroke: true, ..Paint::default() };
            steps.push(Step::Path { segments: shape(self.border / 2.0), paint });
        }
    }

    fn value_text(&self, book: &mut Book<'a>, steps: &mut Vec<Step>) -> Result<(), Halt> {
        let quadding = inherited::<u8>(self.widget, b"Q").unwrap_or(0);
        let text = match inherited::<Object<'a>>(self.widget, b"V") {
            Some(Object::String(text)) => readable(text.as_bytes()),
            Some(Object::Name(name)) => name.as_str().to_owned(),
            Some(Object::Array(list)) => first_string(&list),
            _ => String::new(),
        };
        if text.is_empty() || self.flags & PASSWORD != 0 {
            return Ok(());
        }
        if self.flags & MULTILINE != 0 {
            return self.lines(&text, quadding, book, steps);
        }
        let most = inherited::<u16>(self.widget, b"MaxLen").filter(|_| self.flags & COMB != 0);
        match most {
            Some(cells @ 1..=1_000) => self.comb(&text, cells, book, steps),
            _ => self.line(&text.replace('\n', " "), quadding, false, book, steps),
        }
    }

    /// One line, in the middle of the height.
    fn line(
        &self,
        text: &str,
        quadding: u8,
        symbols: bool,
        book: &mut Book<'a>,
        steps: &mut Vec<Step>,
    ) -> Result<(), Halt> {
        let font = if symbols { book.standard_font("ZapfDingbats") } else { self.font(book)? };
        let Some(font) = font else { return Ok(()) };
        let words =
            if symbols { Words::symbols(text, font, book)? } else { Words::new(text, font, book)? };
        let (room, high) = (self.width - 2.0 * self.border, self.height - 2.0 * self.border);
        let size = if self.style.size > 0.0 {
            self.style.size
        } else {
            let fits = if words.width > 0.0 { (room - 4.0) / words.width } else { high };
            fits.min(high).floor().max(1.0)
        };
        let x = self.start(words.width * size, quadding);
        let y = 0.5 * self.height - 0.4 * size;
        self.begin(steps);
        words.show(x, y, size, steps);
        steps.push(Step::EndText);
        Ok(())
    }

    fn start(&self, wide: f32, quadding: u8) -> f32 {
        match quadding {
            1 => (self.width - wide) / 2.0,
            2 => self.width - self.border - 2.0 - wide,
            _ => self.border + 2.0,
        }
    }

    /// Nothing shows outside of the field.
    fn begin(&self, steps: &mut Vec<Step>) {
        let inset = self.border;
        let inner = [inset, inset, self.width - 2.0 * inset, self.height - 2.0 * inset];
        let paint = Paint { clip: Some(Rule::NonZero), ..Paint::default() };
        steps.push(Step::Path { segments: vec![Segment::Rect(inner)], paint });
        steps.push(Step::BeginText);
        steps.push(Step::Fill(self.style.colour));
    }

    /// Characters in cells of equal width.
    fn comb(
        &self,
        text: &str,
        cells: u16,
        book: &mut Book<'a>,
        steps: &mut Vec<Step>,
    ) -> Result<(), Halt> {
        let Some(font) = self.font(book)? else { return Ok(()) };
        let cell = (self.width - 2.0 * self.border) / f32::from(cells);
        let high = self.height - 2.0 * self.border;
        let size = if self.style.size > 0.0 { self.style.size } else { high.min(cell * 1.5) };
        let y = 0.5 * self.height - 0.4 * size;
        self.begin(steps);
        for (c, place) in text.chars().zip(0..cells) {
            let words = Words::new(c.encode_utf8(&mut [0; 4]), font, book)?;
            let x = self.border + cell * (f32::from(place) + 0.5) - words.width * size / 2.0;
            words.show(x, y, size, steps);
        }
        steps.push(Step::EndText);
        Ok(())
    }

    /// The options of a list, those chosen on a dark ground.
    fn options(&self, book: &mut Book<'a>, steps: &mut Vec<Step>) -> Result<(), Halt> {
        let Some(font) = self.font(book)? else { return Ok(()) };
        let Some(list) = inherited::<Array<'a>>(self.widget, b"Opt") else { return Ok(()) };
        let chosen = inherited::<Object<'a>>(self.widget, b"V").map(chosen).unwrap_or_default();
        let top = inherited::<usize>(self.widget, b"TI").unwrap_or(0);
        let size = if self.style.size > 0.0 { self.style.size } else { 12.0 };
        let mut y = self.height - 1.1 * size;
        let paint = Paint { fill: Some(Rule::NonZero), ..Paint::default() };
        for option in list.iter::<Object<'a>>().skip(top).take(1_000) {
            if y + size < 0.0 {
                break;
            }
            let (value, shown) = option_words(option);
            let dark = chosen.contains(&value);
            if dark {
                let room =
                    [self.border, y - 0.2 * size, self.width - 2.0 * self.border, 1.1 * size];
                steps.push(Step::Fill(Colour::Gray(0.0)));
                steps.push(Step::Path { segments: vec![Segment::Rect(room)], paint });
            }
            let words = Words::new(&shown, font, book)?;
            steps.push(Step::BeginText);
            steps.push(Step::Fill(if dark { Colour::Gray(1.0) } else { self.style.colour }));
            words.show(self.border + 2.0, y, size, steps);
            steps.push(Step::EndText);
            y -= 1.1 * size;
        }
        Ok(())
    }

    /// The font of the default appearance, from the form's or the field's resources.
    fn font(&self, book: &mut Book<'a>) -> Result<Option<FontId>, Halt> {
        let own = inherited::<Dict<'a>>(self.widget, b"DR");
        let own = own.and_then(|own| own.get::<Dict<'a>>(b"Font"));
        match own {
            Some(fonts) if self.style.is_in(&fonts) => self.style.font(&fonts, book),
            _ => self.style.font(&self.rules.fonts, book),
        }
    }

    /// Lines from the top, broken where they do not fit.
    fn lines(
        &self,
        text: &str,
        quadding: u8,
        book: &mut Book<'a>,
        steps: &mut Vec<Step>,
    ) -> Result<(), Halt> {
        let Some(font) = self.font(book)? else { return Ok(()) };
        let room = self.width - 2.0 * self.border - 4.0;
        let mut size = if self.style.size > 0.0 { self.style.size } else { 12.0 };
        let mut lines = broken(text, room / size, font, book)?;
        while self.style.size == 0.0 && size > 4.0 && lines.len() as f32 * size > self.height {
            size -= 1.0;
            lines = broken(text, room / size, font, book)?;
        }
        let mut y = self.height - 3.0;
        self.begin(steps);
        for line in lines {
            y -= size;
            let x = self.start(line.width * size, quadding);
            line.show(x, y, size, steps);
        }
        steps.push(Step::EndText);
        Ok(())
    }
}

/// Breaks a text into lines of at most `room`, at spaces where there are any.
fn broken(text: &str, room: f32, font: FontId, book: &mut Book<'_>) -> Result<Vec<Words>, Halt> {
    let mut lines = Vec::new();
    for paragraph in text.split('\n').take(1_000) {
        let mut line = String::new();
        let mut wide = 0.0;
        for part in paragraph.split_inclusive(|c: char| c == ' ' || !c.is_ascii()) {
            let width = Words::new(part.trim_end(), font, book)?.width;
            if wide + width > room && !line.is_empty() {
                lines.push(Words::new(line.trim_end(), font, book)?);
                line.clear();
                wide = 0.0;
            }
            line.push_str(part);
            wide += Words::new(part, font, book)?.width;
        }
        lines.push(Words::new(&line, font, book)?);
    }
    Ok(lines)
}

/// What a list's value names.
fn chosen(value: Object<'_>) -> Vec<String> {
    match value {
        Object::String(text) => vec![readable(text.as_bytes())],
        Object::Array(list) => {
            let strings = list.iter::<Object<'_>>().filter_map(Object::into_string);
            strings.take(1_000).map(|text| readable(text.as_bytes())).collect()
        }
        _ => Vec::new(),
    }
}

/// The value of an option and the words shown for it.
fn option_words(option: Object<'_>) -> (String, String) {
    match option {
        Object::String(text) => {
            let text = readable(text.as_bytes());
            (text.clone(), text)
        }
        Object::Array(pair) => {
            let mut strings = pair.iter::<Object<'_>>().filter_map(Object::into_string);
            let mut next = || strings.next().map(|text| readable(text.as_bytes()));
            let value = next().unwrap_or_default();
            let shown = next().unwrap_or_else(|| value.clone());
            (value, shown)
        }
        _ => Default::default(),
    }
}

fn first_string(list: &Array<'_>) -> String {
    let first = list.iter::<Object<'_>>().next().and_then(Object::into_string);
    first.map(|text| readable(text.as_bytes())).unwrap_or_default()
}

/// A value with its line breaks as `\n`.
fn readable(bytes: &[u8]) -> String {
    strings::lines(bytes).join("\n")
}
