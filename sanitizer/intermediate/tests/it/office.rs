//! Office documents, made by the tables: any element may have what its type allows.

use sanitizer_intermediate::image::Samples;
use sanitizer_intermediate::office::grammar::{Kind, TypeId, grammar};
use sanitizer_intermediate::office::{
    Bag, Cell, CellError, CellFormula, CellNote, CellText, CellValue, DefinedName, Field, Formula,
    MAX_COLUMNS, MAX_ROWS, Master, NotesMaster, Props, Remark, Row, Shape, Sheet, Slide, Slides,
    Story, StoryKind, Tab, TabKind, Value, Verb, Visibility, Word,
};

use crate::dice::Dice;
use crate::plain::picture;

/// Pictures, charts and stories a document of these tests has, so that every
/// reference of it leads somewhere.
const EACH: usize = 2;
/// How deep elements are made that nothing asks for.
const DEEP: u32 = 4;

pub(crate) fn props<S: Shape>(dice: &mut Dice<'_>) -> Props<S> {
    bag(S::id(), dice, DEEP).into()
}

fn bag(id: TypeId, dice: &mut Dice<'_>, depth: u32) -> Bag {
    let rules = grammar().get(id);
    let mut bag = Bag::default();
    for (at, rule) in rules.attributes.iter().enumerate() {
        let held = rule.kind != Kind::Count && (rule.required || dice.below(4) == 1);
        if held {
            let at = u8::try_from(at).expect("few attributes");
            bag.attributes.push((at, value(&rule.kind, dice)));
        }
    }
    if let Some(kind) = &rules.text
        && (rules.text_required || dice.flag())
    {
        bag.text = Some(value(kind, dice));
    }
    let number = |at: usize| u16::try_from(at).expect("few children");
    let below = depth.saturating_sub(1);
    for (at, child) in rules.children.iter().enumerate().filter(|(_, it)| it.required) {
        bag.children.push((number(at), self::bag(child.of, dice, below)));
    }
    let more = if depth == 0 || rules.children.is_empty() { 0 } else { dice.below(4) };
    let wanted = usize::from(rules.child_required && bag.children.is_empty());
    for _ in 0..more.max(wanted) {
        let at = dice.below(rules.children.len());
        bag.children.push((number(at), self::bag(rules.children[at].of, dice, below)));
    }
    rules.settle(&mut bag);
    bag
}

fn value(kind: &Kind, dice: &mut Dice<'_>) -> Value {
    let text = |text: &str| Value::Text(text.to_owned());
    match kind {
        Kind::Bool => Value::Int(i64::from(dice.flag())),
        Kind::Int => Value::Int(i64::from(dice.u32().cast_signed())),
        Kind::Uint => Value::Int(i64::from(dice.u32())),
        Kind::Number => Value::Number(f64::from(dice.number())),
        Kind::Measure if dice.flag() => text("-12.5pt"),
        Kind::Percent if dice.flag() => text("12.5%"),
        Kind::Measure | Kind::Percent => Value::Int(i64::from(dice.i16())),
        Kind::Hex(digits) => {
            Value::Text("0123456789abcdef".chars().cycle().take(usize::from(*digits)).collect())
        }
        Kind::Colour => text(dice.one(&["auto", "00ff7F"])),
        Kind::Word => text(dice.one(&["ja-JP", "rect", "+mj-lt"])),
        Kind::Guid => text("{B5A4A2C1-0000-4000-8000-000000000001}"),
        Kind::OneOf(words) => {
            Value::Token(u16::try_from(dice.below(words.len())).expect("few words"))
        }
        Kind::Text(most) => Value::Text(dice.text(*most)),
        Kind::Cells => text("A1:B2 D4"),
        Kind::Guide => text("*/ h 1 2"),
        Kind::Image | Kind::Chart | Kind::Story => {
            Value::Ref(u32::try_from(dice.below(EACH)).expect("few"))
        }
        Kind::Link => text("https://example.com/?a=1"),
        Kind::Field => {
            let verbs: Vec<Verb> =
                Verb::ALL.iter().copied().filter(|it| *it != Verb::Hyperlink).collect();
            Value::Field(Field::new(dice.one(&verbs), "\\* MERGEFORMAT").expect("a field"))
        }
        Kind::Formula => Value::Formula(formula(dice)),
        Kind::Count => unreachable!("counts are never held"),
    }
}

fn formula(dice: &mut Dice<'_>) -> Formula {
    let text = dice.one(&["SUM(A1:B2)*2", "IF(A1>0,\"はい\",'市の 表'!C$3)", "1"]);
    Formula::new(text).expect("a formula")
}

fn each<T>(dice: &mut Dice<'_>, mut make: impl FnMut(&mut Dice<'_>) -> T) -> Vec<T> {
    (0..EACH).map(|_| make(dice)).collect()
}

pub(crate) fn word(dice: &mut Dice<'_>) -> Word {
    let story =
        |dice: &mut Dice<'_>| Story { kind: dice.one(StoryKind::ALL), content: props(dice) };
    Word {
        settings: props(dice),
        theme: dice.option(props),
        fonts: dice.option(props),
        styles: props(dice),
        numbering: dice.option(props),
        background: dice.option(props),
        body: props(dice),
        section: dice.option(props),
        stories: each(dice, story),
        footnotes: dice.list(2, props),
        endnotes: dice.list(2, props),
        comments: dice.list(2, props),
        charts: each(dice, props),
        pictures: each(dice, |dice| picture(dice, Samples::ALL)),
    }
}

pub(crate) fn slides(dice: &mut Dice<'_>) -> Slides {
    let master = |dice: &mut Dice<'_>| Master {
        content: props(dice),
        theme: props(dice),
        layouts: each(dice, props),
    };
    let remark = |dice: &mut Dice<'_>| {
        Remark::at(i64::from(dice.u32()), i64::from(dice.i16()), &dice.text(100))
    };
    let notes_master = NotesMaster { content: props(dice), theme: props(dice) };
    let slide = |dice: &mut Dice<'_>| Slide {
        layout: u32::try_from(dice.below(EACH)).expect("few"),
        content: props(dice),
        notes: dice.option(props),
        remarks: dice.list(2, remark),
    };
    Slides {
        settings: props(dice),
        masters: vec![master(dice)],
        slides: dice.list(2, slide),
        notes_master: Some(notes_master),
        table_styles: dice.option(props),
        charts: each(dice, props),
        pictures: each(dice, |dice| picture(dice, Samples::ALL)),
    }
}

pub(crate) fn sheet(dice: &mut Dice<'_>) -> Sheet {
    let name = |dice: &mut Dice<'_>| DefinedName {
        name: dice.text(100),
        formula: formula(dice),
        sheet: dice.option(|_| 0),
        hidden: dice.flag(),
    };
    let mut tabs = vec![tab(dice)];
    tabs.extend(dice.list(1, tab));
    Sheet {
        theme: dice.option(props),
        styles: dice.option(props),
        settings: props(dice),
        names: dice.list(2, name),
        tabs,
        strings: each(dice, text),
        charts: each(dice, props),
        pictures: each(dice, |dice| picture(dice, Samples::ALL)),
    }
}

fn tab(dice: &mut Dice<'_>) -> Tab {
    let row = |dice: &mut Dice<'_>| Row { shape: props(dice), cells: dice.list(4, cell) };
    let note = |dice: &mut Dice<'_>| CellNote {
        row: 1 + dice.u32() % MAX_ROWS,
        column: 1 + dice.u32() % MAX_COLUMNS,
        text: text(dice),
    };
    Tab {
        name: dice.text(100),
        visibility: dice.one(Visibility::ALL),
        kind: dice.one(TabKind::ALL),
        head: props(dice),
        rows: dice.list(4, row).into_iter().collect(),
        tail: props(dice),
        drawing: dice.option(props),
        tables: dice.list(1, props),
        notes: dice.list(2, note),
    }
}

fn text(dice: &mut Dice<'_>) -> CellText {
    if dice.flag() {
        CellText::Rich(Box::new(props(dice)))
    } else {
        CellText::Plain(dice.text(100))
    }
}

fn cell(dice: &mut Dice<'_>) -> Cell {
    let value = match dice.below(7) {
        0 => CellValue::Empty,
        1 => CellValue::Number(f64::from(dice.number())),
        2 => CellValue::Bool(dice.flag()),
        3 => CellValue::Error(dice.one(CellError::ALL)),
        4 => CellValue::Shared(u32::try_from(dice.below(EACH)).expect("few")),
        5 => CellValue::Text(dice.text(100)),
        _ => CellValue::Date("2026-04-01T08:30:00".to_owned()),
    };
    let range = || "A1:B2".to_owned();
    let computes = |dice: &mut Dice<'_>| {
        Box::new(match dice.below(4) {
            0 => CellFormula::Own(formula(dice)),
            1 => CellFormula::SharedFirst {
                group: dice.u32(),
                range: range(),
                formula: formula(dice),
            },
            2 => CellFormula::SharedNext(dice.u32()),
            _ => CellFormula::Array { range: range(), formula: formula(dice) },
        })
    };
    Cell {
        column: 1 + dice.u32() % MAX_COLUMNS,
        style: dice.u32(),
        value,
        formula: dice.option(computes),
    }
}
