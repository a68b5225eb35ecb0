//! Properties of a question as boxes on a page, and back.

use domain::calendar::{read_date, read_time, written_time};
use domain::forms::definition::{
    Bound, Capacity, ChoiceOption, Day, Field, FieldKind, FileType, MatrixRow, Picture, Procedure,
    Seats, TimesOn, Words,
};
use domain::forms::inputs;
use jiff::civil::Date;
use platform_web::FormData;
use platform_web::fields::{Choice, Field as Asked};

use super::charges;
use super::slots::{At, Slot, default_slot, seat_slots, slots};
use crate::forms::words::type_key;
use crate::frame::Choice as Picked;
use crate::frame::Fault;
use crate::site::TEXTS;

/// A property as a page draws it.
pub(super) struct Property {
    pub(super) asked: Asked,
    pub(super) shape: Shape,
}

/// How a property is drawn.
pub(super) enum Shape {
    Line,
    Area,
    Checks,
    Radio,
    Select,
    /// A picture to choose, and its words for those who cannot see it.
    Picture(Box<Asked>),
    /// Options, with seats when the flag says so.
    Options(Vec<OptionLine>, bool),
    /// Lines of a fee, and what a new one may be for each of.
    Charges(Vec<charges::Line>, Vec<Picked>),
}

/// An option, or a row of a matrix, in the list of them.
pub(super) struct OptionLine {
    pub(super) number: usize,
    pub(super) code: String,
    pub(super) label: String,
    pub(super) hint: String,
    pub(super) seats: String,
    /// Whether it has a condition.
    pub(super) when: bool,
    pub(super) last: bool,
}

/// Most characters of a text that is typed here.
const LONGEST: usize = 20_000;

/// The properties of a question; `procedure` has the names and lists to choose from.
pub(super) fn drawn(field: &Field, procedure: &Procedure) -> Vec<Property> {
    let (mut kind, mut whole) = (field.kind.clone(), field.clone());
    let mut seats = inputs::options(field).iter().find_map(|option| option.capacity.clone());
    let seats = seats.iter_mut().flat_map(seat_slots);
    let all = slots(&mut kind).into_iter().chain(default_slot(&mut whole)).chain(seats);
    all.map(|slot| draw(slot, procedure, &field.id)).collect()
}

fn draw(slot: Slot<'_>, procedure: &Procedure, id: &str) -> Property {
    let name = slot.name;
    let mut asked = Asked::new(name, TEXTS.text(&format!("design.prop.{name}")));
    asked.hint = TEXTS.get(&format!("design.prop_hint.{name}")).unwrap_or_default().to_owned();
    let number = |asked: Asked, value: String| asked.value(value).inputmode("numeric").width(8);
    let (shape, asked) = match slot.at {
        At::Count(value, _) => (Shape::Line, number(asked, value.to_string())),
        At::Small(value, _) => (Shape::Line, number(asked, value.to_string())),
        At::Maybe(value) => {
            (Shape::Line, number(asked, value.map(|n| n.to_string()).unwrap_or_default()))
        }
        At::Flag(value) => (Shape::Checks, yes(asked, *value)),
        At::Not(value) => (Shape::Checks, yes(asked, !*value)),
        At::Words(words) => (Shape::Line, asked.value(words.ja())),
        At::Prose(words) => (Shape::Area, asked.value(words.ja())),
        At::Line(text) => (Shape::Line, asked.value(text.as_str())),
        At::Optional(text) => (Shape::Line, asked.value(text.as_deref().unwrap_or_default())),
        At::Bound(bound) => (Shape::Line, asked.value(bound_text(bound.as_ref())).width(16)),
        At::Day(day) => (Shape::Line, asked.value(day_text(day.as_deref())).width(20)),
        At::Clock(time) => (Shape::Line, asked.value(clock_text(time.as_deref())).width(12)),
        At::One(picked) => {
            let choices = picked.all.iter().map(|word| {
                let label = TEXTS.text(&format!("design.word.{name}.{word}")).to_owned();
                Choice::new(*word, label).among([picked.now.as_str()])
            });
            (Shape::Radio, asked.choices(choices.collect()))
        }
        At::Types(types) => {
            let choices = FileType::ALL.iter().map(|kind| {
                let chosen = types.contains(kind);
                Choice { chosen, ..Choice::new(type_word(*kind), TEXTS.text(type_key(*kind))) }
            });
            (Shape::Checks, asked.choices(choices.collect()))
        }
        At::Holder(holder) => {
            let names = procedure.pages.iter().flat_map(|page| &page.fields);
            let names = names.filter(|field| matches!(field.kind, FieldKind::Name(_)));
            let names = names.map(|field| (field.id.as_str(), field.label.ja()));
            (Shape::Select, asked.choices(among(names, holder.as_deref().unwrap_or_default())))
        }
        At::Picture(kept) => {
            let pictures = procedure.files.iter().filter(|file| file.is_picture());
            let pictures = pictures.map(|file| (file.id.as_str(), file.title.ja()));
            let (file, alt) =
                kept.as_ref().map_or(("", ""), |one| (one.file.as_str(), one.alt.ja()));
            let words = Asked::new("picture_alt", TEXTS.text("design.prop.picture_alt"));
            let words = words.hint(TEXTS.text("design.prop_hint.picture_alt")).value(alt);
            (Shape::Picture(Box::new(words)), asked.choices(among(pictures, file)))
        }
        At::List(list) => {
            let lists = procedure.lists.iter().map(|one| (one.id.as_str(), one.title.as_str()));
            (Shape::Select, asked.choices(among(lists, list)))
        }
        At::Options(options, seats) => {
            let lines = lines(options.iter().map(|option| OptionLine {
                code: option.code.clone(),
                label: option.label.ja().to_owned(),
                hint: option.hint.ja().to_owned(),
                seats: option.capacity.as_ref().map(|c| c.max.to_string()).unwrap_or_default(),
                when: option.when.is_some(),
                ..OptionLine::blank()
            }));
            (Shape::Options(lines, seats), asked)
        }
        At::Dates(days) => {
            let days: Vec<String> = days.iter().map(ToString::to_string).collect();
            (Shape::Area, asked.value(days.join("\n")))
        }
        At::OneDay(day) => {
            (Shape::Line, asked.value(day.map(|day| day.to_string()).unwrap_or_default()).width(16))
        }
        At::Week(days) => {
            let choices = Day::ALL.iter().map(|day| {
                let label = TEXTS.text(&format!("design.word.{name}.{}", day.word())).to_owned();
                Choice { chosen: days.contains(day), ..Choice::new(day.word(), label) }
            });
            (Shape::Checks, asked.choices(choices.collect()))
        }
        At::Code(kept, codes) => {
            let codes = codes.iter().map(|(code, label)| (code.as_str(), label.as_str()));
            (Shape::Select, asked.choices(among(codes, kept.as_deref().unwrap_or_default())))
        }
        At::TimesOn(times) => (Shape::Area, asked.value(times_on_text(times))),
        At::Times(times) => (Shape::Area, asked.value(times.join("\n"))),
        At::OneTime(time) => {
            (Shape::Line, asked.value(time.as_deref().unwrap_or_default()).width(12))
        }
        At::Few(value, _) => (Shape::Line, number(asked, value.to_string())),
        At::Charges(kept) => {
            let (lines, of) = charges::lines(kept, procedure, id);
            (Shape::Charges(lines, of), asked)
        }
        At::Rows(rows) => {
            let lines = lines(rows.iter().map(|row| OptionLine {
                code: row.id.clone(),
                label: row.label.ja().to_owned(),
                ..OptionLine::blank()
            }));
            (Shape::Options(lines, false), asked)
        }
    };
    Property { asked, shape }
}

impl OptionLine {
    const fn blank() -> Self {
        Self {
            number: 0,
            code: String::new(),
            label: String::new(),
            hint: String::new(),
            seats: String::new(),
            when: false,
            last: false,
        }
    }
}

fn lines(of: impl Iterator<Item = OptionLine>) -> Vec<OptionLine> {
    let mut all: Vec<OptionLine> = of.collect();
    let count = all.len();
    for (n, line) in all.iter_mut().enumerate() {
        (line.number, line.last) = (n, n + 1 == count);
    }
    all
}

fn yes(asked: Asked, chosen: bool) -> Asked {
    let label = TEXTS.text("design.word.yes").to_owned();
    asked.choices(vec![Choice { chosen, ..Choice::new("yes", label) }])
}

fn among<'c>(all: impl Iterator<Item = (&'c str, &'c str)>, chosen: &str) -> Vec<Choice> {
    all.map(|(value, label)| Choice::new(value, label).among([chosen])).collect()
}

/// What a form sends of a kind of file.
fn type_word(kind: FileType) -> &'static str {
    type_key(kind).rsplit('.').next().unwrap_or_default()
}

/// The question with the properties as they were typed; what cannot be kept is said and left as it
/// was.
pub(super) fn read(form: &FormData, field: &mut Field, procedure: &Procedure) -> Vec<Fault> {
    let (mut faults, id) = (Vec::new(), field.id.clone());
    let mut keep = |slot: Slot<'_>| {
        let name = slot.name;
        if let Err(key) = put(form, slot, (procedure, &id)) {
            faults.push(Fault::of(&platform_web::fields::input_id(name), key));
        }
    };
    slots(&mut field.kind).into_iter().for_each(&mut keep);
    default_slot(field).into_iter().for_each(&mut keep);
    // Asked once there are seats.
    if form.has("show") && !inputs::options(field).is_empty() {
        let mut seats = blank_capacity(1);
        seat_slots(&mut seats).into_iter().for_each(&mut keep);
        for capacity in options_of(field).iter_mut().filter_map(|option| option.capacity.as_mut()) {
            *capacity = Capacity { max: capacity.max, ..seats.clone() };
        }
    }
    faults
}

fn options_of(field: &mut Field) -> &mut [ChoiceOption] {
    match &mut field.kind {
        FieldKind::Choice(choice) => &mut choice.options,
        FieldKind::Multi(multi) => &mut multi.options,
        _ => &mut [],
    }
}

fn put(
    form: &FormData,
    slot: Slot<'_>,
    (procedure, id): (&Procedure, &str),
) -> Result<(), &'static str> {
    let name = slot.name;
    let text = form.text(name).trim();
    if text.chars().count() > LONGEST {
        return Err("design.fault.too_long");
    }
    match slot.at {
        At::Count(kept, most) => *kept = number(text, most)?.unwrap_or(0),
        At::Small(kept, most) => {
            let typed = number(text, u32::from(most))?.unwrap_or(0);
            *kept = u8::try_from(typed).unwrap_or(most);
        }
        At::Maybe(kept) => *kept = number(text, u32::MAX)?,
        At::Flag(kept) => *kept = form.has(name),
        At::Not(kept) => *kept = !form.has(name),
        At::Words(words) | At::Prose(words) => {
            let empty = text.is_empty();
            *words = if empty { Words::default() } else { words.in_japanese(text) };
        }
        At::Line(kept) => text.clone_into(kept),
        At::Optional(kept) => *kept = (!text.is_empty()).then(|| text.to_owned()),
        At::Bound(kept) => {
            let plain = domain::text::narrow(text);
            *kept = match plain.replace(',', "").parse::<i64>() {
                _ if text.is_empty() => None,
                Ok(whole) => Some(Bound::Whole(whole)),
                Err(_) => Some(Bound::Expr(text.to_owned())),
            };
        }
        At::Day(kept) => *kept = day_expression(text),
        At::Clock(kept) => *kept = clock_expression(text),
        At::One(mut picked) => {
            if picked.all.contains(&text) {
                (picked.put)(text);
            }
        }
        At::Types(kept) => {
            let chosen = |kind: &FileType| form.all(name).any(|word| word == type_word(*kind));
            *kept = FileType::ALL.into_iter().filter(chosen).collect();
        }
        At::Holder(kept) => *kept = (!text.is_empty()).then(|| text.to_owned()),
        At::Picture(kept) => {
            let alt = form.text("picture_alt").trim();
            let old = kept.take().map(|one| one.alt).unwrap_or_default();
            *kept = (!text.is_empty()).then(|| Picture {
                file: text.to_owned(),
                alt: if alt.is_empty() { Words::default() } else { old.in_japanese(alt) },
            });
            if alt.is_empty() && !text.is_empty() {
                return Err("design.fault.alt");
            }
        }
        At::List(kept) => text.clone_into(kept),
        At::Options(kept, seats) => *kept = options(form, name, kept, seats)?,
        At::Dates(kept) => {
            let days = form.text(name).lines().map(str::trim).filter(|line| !line.is_empty());
            let days: Result<Vec<Date>, _> = days.map(read_date).collect();
            *kept = days.map_err(|_| "design.fault.days")?;
            kept.sort_unstable();
            kept.dedup();
        }
        At::OneDay(kept) => {
            *kept = match text {
                "" => None,
                text => Some(read_date(text).map_err(|_| "design.fault.days")?),
            };
        }
        At::Week(kept) => {
            let chosen = |day: &Day| form.all(name).any(|word| word == day.word());
            *kept = Day::ALL.into_iter().filter(chosen).collect();
        }
        At::Code(kept, codes) => {
            let known = codes.iter().any(|(code, _)| code == text);
            *kept = known.then(|| text.to_owned());
        }
        At::TimesOn(kept) => {
            let mut new = TimesOn::default();
            for line in form.text(name).lines().map(str::trim).filter(|line| !line.is_empty()) {
                let (day, typed) = day_of(line).ok_or("design.fault.times_on")?;
                new.of_mut(day).extend(times(typed)?);
            }
            *kept = new;
        }
        At::Times(kept) => *kept = times(form.text(name))?,
        At::OneTime(kept) => {
            *kept = match text {
                "" => None,
                text => Some(written_time(read_time(text).ok_or("design.fault.times")?)),
            };
        }
        At::Few(kept, most) => {
            let typed = number(text, u32::from(most))?.unwrap_or(0);
            *kept = u16::try_from(typed).unwrap_or(most);
        }
        At::Charges(kept) => {
            let (lines, fine) = charges::read(form, name, (kept.as_slice(), procedure, id));
            *kept = lines;
            fine?;
        }
        At::Rows(kept) => {
            let rows = typed(form, name).into_iter().map(|line| {
                let old = kept.iter().find(|row| row.id == line.code);
                let label = old.map(|row| row.label.clone()).unwrap_or_default();
                MatrixRow { id: line.code, label: label.in_japanese(&line.label) }
            });
            *kept = rows.collect();
        }
    }
    Ok(())
}

/// Times as they are typed, earliest first.
fn times(text: &str) -> Result<Vec<String>, &'static str> {
    let times = text.split(['\n', '、', ',', '，', ' ', '　']).map(str::trim);
    let times: Option<Vec<u16>> = times.filter(|time| !time.is_empty()).map(read_time).collect();
    let mut times = times.ok_or("design.fault.times")?;
    times.sort_unstable();
    times.dedup();
    Ok(times.into_iter().map(written_time).collect())
}

/// A line of days with times of their own: the day of the week, and what follows it.
fn day_of(line: &str) -> Option<(Day, &str)> {
    Day::ALL.into_iter().find_map(|day| {
        let key = format!("design.word.short_day.{}", day.word());
        let name = TEXTS.text(&key);
        let rest = line.strip_prefix(name)?;
        let rest = rest.strip_prefix(TEXTS.text("design.word.short_day.rest")).unwrap_or(rest);
        Some((day, rest.trim_start_matches([':', '：', ' ', '　'])))
    })
}

/// One line for each day of the week with times of its own.
fn times_on_text(times: &TimesOn) -> String {
    let days = Day::ALL.into_iter().filter(|day| !times.of(*day).is_empty());
    let line = |day: Day| {
        let key = format!("design.word.short_day.{}", day.word());
        let name = TEXTS.text(&key);
        format!("{name} {}", times.of(day).join(" "))
    };
    days.map(line).collect::<Vec<String>>().join("\n")
}

fn number(text: &str, most: u32) -> Result<Option<u32>, &'static str> {
    if text.is_empty() {
        return Ok(None);
    }
    let typed = domain::text::narrow(text).replace(',', "").parse::<u32>();
    typed.ok().filter(|n| *n <= most).map(Some).ok_or("design.fault.number")
}

/// Options as typed: those that were there in their new order, then one for each new line.
fn options(
    form: &FormData,
    name: &str,
    old: &[ChoiceOption],
    seats: bool,
) -> Result<Vec<ChoiceOption>, &'static str> {
    let mut new = Vec::new();
    for line in typed(form, name) {
        let known = old.iter().find(|option| option.code == line.code && !line.code.is_empty());
        let mut option = known.cloned().unwrap_or_else(|| ChoiceOption {
            code: String::new(),
            label: Words::default(),
            hint: Words::default(),
            when: None,
            capacity: None,
        });
        option.label = option.label.in_japanese(&line.label);
        option.hint = match line.hint.is_empty() {
            true => Words::default(),
            false => option.hint.in_japanese(&line.hint),
        };
        if seats {
            let max = number(&line.seats, 1_000_000)?.filter(|max| *max > 0);
            option.capacity = max.map(|max| match option.capacity.take() {
                Some(capacity) => Capacity { max, ..capacity },
                None => blank_capacity(max),
            });
        }
        new.push(option);
    }
    Ok(new)
}

/// So many seats, with the number left shown.
const fn blank_capacity(max: u32) -> Capacity {
    Capacity { max, show: Seats::Left, units: None, hold_minutes: 0, waitlist: 0 }
}

struct Typed {
    code: String,
    label: String,
    hint: String,
    seats: String,
}

/// The lines of a list, one emptied being away, then the new ones; the pressed button moves one.
fn typed(form: &FormData, name: &str) -> Vec<Typed> {
    let all = |part: &str| {
        let name = format!("{name}_{part}");
        form.all(&name).map(|text| text.trim().to_owned()).collect::<Vec<String>>()
    };
    let (codes, labels, hints, seats) = (all("code"), all("label"), all("hint"), all("seats"));
    let at = |all: &[String], n: usize| all.get(n).cloned().unwrap_or_default();
    let mut lines: Vec<Typed> = (0..labels.len())
        .map(|n| Typed {
            code: at(&codes, n),
            label: at(&labels, n),
            hint: at(&hints, n),
            seats: at(&seats, n),
        })
        .collect();
    let pressed: Vec<&str> = form.text("do").split(':').collect();
    if let [direction @ ("up" | "down"), of, place] = pressed[..]
        && of == name
        && let Ok(place) = place.parse::<usize>()
    {
        let other = if direction == "up" { place.wrapping_sub(1) } else { place + 1 };
        if place < lines.len() && other < lines.len() {
            lines.swap(place, other);
        }
    }
    lines.retain(|line| !line.label.is_empty());
    let added = form.text(&format!("{name}_new")).lines().map(str::trim);
    lines.extend(added.filter(|label| !label.is_empty()).map(|label| Typed {
        code: String::new(),
        label: label.to_owned(),
        hint: String::new(),
        seats: String::new(),
    }));
    lines
}

fn bound_text(bound: Option<&Bound>) -> String {
    match bound {
        None => String::new(),
        Some(Bound::Whole(whole)) => whole.to_string(),
        Some(Bound::Expr(text)) => text.clone(),
    }
}

/// `date('2026-04-01')` as `2026-04-01`, `today() + 7` as 今日+7.
fn day_text(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let day = text.strip_prefix("date('").and_then(|rest| rest.strip_suffix("')"));
    if let Some(day) = day.filter(|day| day.parse::<Date>().is_ok()) {
        return day.to_owned();
    }
    match text.strip_prefix("today()").map(|rest| rest.replace(' ', "")) {
        Some(rest) if rest.is_empty() || is_offset(&rest) => {
            format!("{}{rest}", TEXTS.text("design.word.today"))
        }
        Some(_) | None => text.to_owned(),
    }
}

fn day_expression(text: &str) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    if let Ok(day) = read_date(text) {
        return Some(format!("date('{day}')"));
    }
    let plain = domain::text::narrow(text);
    match plain.strip_prefix(TEXTS.text("design.word.today")).map(|rest| rest.replace(' ', "")) {
        Some(rest) if rest.is_empty() => Some("today()".to_owned()),
        Some(rest) if is_offset(&rest) => Some(format!("today() {} {}", &rest[..1], &rest[1..])),
        Some(_) | None => Some(text.to_owned()),
    }
}

fn is_offset(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']);
    digits.is_some_and(|digits| {
        (1..=5).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `time('09:30')` as `09:30`.
fn clock_text(text: Option<&str>) -> String {
    let text = text.unwrap_or_default();
    let time = text.strip_prefix("time('").and_then(|rest| rest.strip_suffix("')"));
    time.filter(|time| read_time(time).is_some()).unwrap_or(text).to_owned()
}

fn clock_expression(text: &str) -> Option<String> {
    match read_time(text) {
        _ if text.is_empty() => None,
        Some(minutes) => Some(format!("time('{}')", written_time(minutes))),
        None => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use domain::forms::definition::{Required, Words};
    use domain::forms::design::Kind;

    use super::*;

    fn blank(kind: Kind) -> (Field, Procedure) {
        let field = Field {
            id: "q1".to_owned(),
            label: Words::from("問"),
            hint: Words::default(),
            required: Required::default(),
            when: None,
            checks: Vec::new(),
            default: None,
            reuse: None,
            kind: kind.blank(),
        };
        let document = serde_json::json!({
            "id": "00000000000000000000000001", "revision": 1, "slug": "a", "title": "手続",
            "summary": "", "department": "00000000000000000000000002",
        });
        (field, serde_json::from_value(document).expect("a document"))
    }

    /// A form that sends back what the page drew.
    fn sent(properties: &[Property]) -> FormData {
        let mut pairs: Vec<(String, String)> = Vec::new();
        for one in properties {
            let name = &one.asked.name;
            match &one.shape {
                Shape::Line | Shape::Area => pairs.push((name.clone(), one.asked.value.clone())),
                Shape::Checks | Shape::Radio | Shape::Select => {
                    let chosen = one.asked.choices.iter().filter(|choice| choice.chosen);
                    pairs.extend(chosen.map(|choice| (name.clone(), choice.value.clone())));
                }
                Shape::Picture(alt) => {
                    let chosen = one.asked.choices.iter().filter(|choice| choice.chosen);
                    pairs.extend(chosen.map(|choice| (name.clone(), choice.value.clone())));
                    pairs.push((alt.name.clone(), alt.value.clone()));
                }
                Shape::Charges(lines, _) => {
                    for line in lines {
                        pairs.push((format!("{name}_id"), line.id.clone()));
                        pairs.push((format!("{name}_label"), line.label.clone()));
                        pairs.push((format!("{name}_yen"), line.yen.clone()));
                        let of = line.of.iter().find(|of| of.chosen).map(|of| of.value.clone());
                        pairs.push((format!("{name}_of"), of.unwrap_or_default()));
                        let formula = line.formula.clone().unwrap_or_default();
                        pairs.push((format!("{name}_formula"), formula));
                    }
                }
                Shape::Options(lines, _) => {
                    for line in lines {
                        pairs.push((format!("{name}_code"), line.code.clone()));
                        pairs.push((format!("{name}_label"), line.label.clone()));
                        pairs.push((format!("{name}_hint"), line.hint.clone()));
                        pairs.push((format!("{name}_seats"), line.seats.clone()));
                    }
                }
            }
        }
        pairs.into_iter().collect()
    }

    /// NB-2.5: what is drawn and sent back unchanged changes nothing, for every kind; every
    /// property has its words.
    #[test]
    fn a_form_that_is_sent_back_unchanged_changes_nothing() {
        for kind in Kind::ALL {
            let (field, procedure) = blank(*kind);
            let properties = drawn(&field, &procedure);
            for one in &properties {
                assert!(!one.asked.label.starts_with("design."), "{}", one.asked.label);
            }
            let mut read_back = field.clone();
            assert_eq!(
                read(&sent(&properties), &mut read_back, &procedure),
                Vec::new(),
                "{kind:?}"
            );
            assert_eq!(read_back, field, "{kind:?}");
        }
    }

    #[test]
    fn days_and_times_are_typed_as_people_write_them() {
        for (typed, kept) in [
            ("2026/4/1", "date('2026-04-01')"),
            ("令和8年4月1日", "date('2026-04-01')"),
            ("今日", "today()"),
            ("今日＋７", "today() + 7"),
            ("q2", "q2"),
        ] {
            assert_eq!(day_expression(typed).as_deref(), Some(kept), "{typed}");
        }
        assert_eq!(day_text(Some("today() - 1")), "今日-1");
        assert_eq!(clock_text(clock_expression("午前9時30分").as_deref()), "09:30");
    }
}
