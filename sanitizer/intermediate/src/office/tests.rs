//! The models cross the pipe unchanged, and nothing off the grammar crosses.

use super::*;
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};

fn bytes_of(value: &impl Encode) -> Vec<u8> {
    let mut sink = Vec::new();
    let mut to = Writer::new(&mut sink);
    to.value(value);
    to.finish().expect("memory takes everything");
    sink
}

fn back<T: Decode>(bytes: &[u8]) -> Result<T, DecodeError> {
    let mut input = bytes;
    let mut from = Reader::new(&mut input, 1 << 20);
    let value = from.value()?;
    from.finish()?;
    Ok(value)
}

#[test]
fn every_shape_is_in_the_tables() {
    for name in shapes::NAMES {
        assert!(grammar::grammar().find(name).is_some(), "{name}");
    }
}

fn paragraph(text: &str) -> Bag {
    let rules = grammar::grammar();
    let find = |name: &str| rules.get(rules.find(name).expect("a type"));
    let word = |of: &str, child: &str| find(of).child(Space::W, child).expect("a child");
    let text = Bag { text: Some(Value::Text(text.into())), ..Bag::default() };
    let run = Bag { children: vec![(word("w:r", "t"), text)], ..Bag::default() };
    Bag { children: vec![(word("w:p", "r"), run)], ..Bag::default() }
}

fn letter() -> Word {
    let rules = grammar::grammar();
    let blocks = rules.get(rules.find("w:blocks").expect("a type"));
    let at = blocks.child(Space::W, "p").expect("a child");
    let body = Bag { children: vec![(at, paragraph("拝啓"))], ..Bag::default() };
    Word { body: body.into(), ..Word::default() }
}

#[test]
fn a_letter_crosses_unchanged() {
    let letter = letter();
    assert_eq!(letter.body.view().all_text(), "拝啓");
    assert_eq!(back::<Word>(&bytes_of(&letter)), Ok(letter));
}

/// NF-32: a worker cannot hand over an element that the tables do not name.
#[test]
fn an_element_off_the_tables_is_refused() {
    let mut letter = letter();
    letter.body.bag.children[0].0 = 999;
    assert_eq!(back::<Word>(&bytes_of(&letter)), Err(DecodeError::Invalid("child")));
}

/// NF-32: a worker cannot hand over a value of another kind.
#[test]
fn a_value_of_another_kind_is_refused() {
    let mut letter = letter();
    letter.body.bag.children[0].1.children[0].1.children[0].1.text = Some(Value::Ref(1));
    assert_eq!(back::<Word>(&bytes_of(&letter)), Err(DecodeError::Invalid("value")));
    letter.body.bag.children[0].1.children[0].1.children[0].1.text =
        Some(Value::Text("\u{1}".into()));
    assert_eq!(back::<Word>(&bytes_of(&letter)), Err(DecodeError::Invalid("value")));
}

/// NF-32: elements cannot be nested until a reader's stack ends.
#[test]
fn endless_nesting_is_refused() {
    let rules = grammar::grammar();
    let group = rules.get(rules.find("p:spTree").expect("a type"));
    let at = group.child(Space::P, "grpSp").expect("a child");
    let mut bag = Bag::default();
    for _ in 0..100 {
        bag = Bag { children: vec![(at, bag)], ..Bag::default() };
    }
    let mut sink = Vec::new();
    let mut to = Writer::new(&mut sink);
    to.value(&Props::<shapes::Blocks>::from(bag));
    to.finish().expect("memory takes everything");
    assert!(back::<Props<shapes::Blocks>>(&sink).is_err());
}

/// NF-32: a cell may only name a text the workbook has.
#[test]
fn a_text_that_is_not_there_is_refused() {
    let cell = Cell { column: 1, style: 0, value: CellValue::Shared(0), formula: None };
    let shape = Bag { attributes: vec![(0, Value::Int(1))], ..Bag::default() };
    let row = Row { shape: shape.into(), cells: vec![cell] };
    let mut book = Sheet {
        tabs: vec![Tab {
            name: "様式".into(),
            visibility: Visibility::Visible,
            kind: TabKind::Cells,
            head: Props::default(),
            rows: [row].into_iter().collect(),
            tail: Props::default(),
            drawing: None,
            tables: Vec::new(),
            notes: Vec::new(),
        }],
        ..Sheet::default()
    };
    assert_eq!(back::<Sheet>(&bytes_of(&book)), Err(DecodeError::Invalid("Sheet")));
    book.strings.push(CellText::Plain("氏名".into()));
    assert_eq!(back::<Sheet>(&bytes_of(&book)), Ok(book));
}
