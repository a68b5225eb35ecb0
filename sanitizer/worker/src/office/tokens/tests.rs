use super::*;

fn scope() -> Scope {
    Scope {
        sheets: vec!["売上".into(), "Sheet 2".into(), "A1".into()],
        names: vec!["単価".into()],
        links: vec![
            Link::Sheets(0, 0),
            Link::Sheets(1, 1),
            Link::Sheets(0, 1),
            Link::Gone,
            Link::Outside,
            Link::Program,
            Link::Functions(vec!["_xlfn.CONCAT".to_owned()].into()),
            Link::Sheets(2, 2),
        ],
    }
}

fn read(form: Form, tokens: &[u8], extra: &[u8]) -> Option<String> {
    text(&Tokens { form, tokens, extra, at: Place { row: 4, column: 2 } }, &scope())
}

fn eight(tokens: &[u8]) -> Option<String> {
    read(Form::Eight, tokens, &[])
}

#[test]
fn operators_stand_between_their_operands() {
    let tokens = [0x44, 0, 0, 0, 0xc0, 0x1e, 2, 0, 0x03, 0x15, 0x1e, 3, 0, 0x05, 0x13];
    assert_eq!(eight(&tokens).as_deref(), Some("-(A1+2)*3"));
    assert_eq!(eight(&[0x1d, 1, 0x1c, 0x2a, 0x0b]).as_deref(), Some("TRUE=#N/A"));
    assert_eq!(eight(&[0x17, 3, 0, b'a', b'"', b'b']).as_deref(), Some("\"a\"\"b\""));
    assert_eq!(eight(&[0x17, 1, 1, 0x42, 0x30]).as_deref(), Some("\"あ\""));
    let mut half = vec![0x1f];
    half.extend(0.5_f64.to_le_bytes());
    half.push(0x14);
    assert_eq!(eight(&half).as_deref(), Some("0.5%"));
}

#[test]
fn places_are_absolute_or_move() {
    assert_eq!(eight(&[0x44, 4, 0, 1, 0x40]).as_deref(), Some("B$5"));
    assert_eq!(eight(&[0x25, 0, 0, 9, 0, 0, 0xc0, 1, 0xc0]).as_deref(), Some("A1:B10"));
    assert_eq!(eight(&[0x25, 0, 0, 0xff, 0xff, 0, 0, 1, 0]).as_deref(), Some("$A:$B"));
    assert_eq!(eight(&[0x25, 0, 0x00, 2, 0, 0, 0xc0, 0xff, 0xc0]).as_deref(), Some("1:3"));
    // Offsets count from the cell of the formula, C5, and go round at the edge.
    assert_eq!(eight(&[0x2c, 0xff, 0xff, 0xff, 0xc0]).as_deref(), Some("B4"));
    assert_eq!(eight(&[0x2c, 0, 0, 0xfd, 0xc0]).as_deref(), Some("IV5"));
    let twelve = [0x24, 0xff, 0xff, 0x0f, 0, 0xff, 0x3f];
    assert_eq!(read(Form::Twelve, &twelve, &[]).as_deref(), Some("$XFD$1048576"));
}

#[test]
fn functions_take_their_arguments() {
    let sum = [0x25, 0, 0, 9, 0, 0, 0xc0, 0, 0xc0, 0x19, 0x10, 0, 0];
    assert_eq!(eight(&sum).as_deref(), Some("SUM(A1:A10)"));
    let chosen = [0x1e, 1, 0, 0x16, 0x1e, 2, 0, 0x42, 3, 1, 0];
    assert_eq!(eight(&chosen).as_deref(), Some("IF(1,,2)"));
    assert_eq!(eight(&[0x41, 221, 0]).as_deref(), Some("TODAY()"));
    let named = [0x59, 6, 0, 1, 0, 0, 0, 0x17, 1, 0, b'x', 0x42, 2, 0xff, 0];
    assert_eq!(eight(&named).as_deref(), Some("_xlfn.CONCAT(\"x\")"));
}

#[test]
fn sheets_and_names_are_spelled() {
    let on = |link: u8| eight(&[0x5a, link, 0, 0, 0, 0, 0xc0]);
    assert_eq!(on(0).as_deref(), Some("売上!A1"));
    assert_eq!(on(1).as_deref(), Some("'Sheet 2'!A1"));
    assert_eq!(on(2).as_deref(), Some("'売上:Sheet 2'!A1"));
    assert_eq!(on(3).as_deref(), Some("#REF!A1"));
    assert_eq!(on(7).as_deref(), Some("'A1'!A1"));
    assert_eq!(on(9), None);
    assert_eq!(eight(&[0x43, 1, 0, 0, 0]).as_deref(), Some("単価"));
}

/// NF-32: what leads out of the workbook is spelled so that the filter of formulas refuses it.
#[test]
fn what_leads_out_is_refused_by_the_filter() {
    use sanitizer_intermediate::office::{Formula, NotKept};
    let on = |link: u8| eight(&[0x5a, link, 0, 0, 0, 0, 0xc0]).expect("a text");
    assert_eq!(Formula::new(&on(4)), Err(NotKept::External));
    assert_eq!(Formula::new(&on(5)), Err(NotKept::Dde));
    let name = |link: u8| eight(&[0x39, link, 0, 1, 0, 0, 0]).expect("a text");
    assert_eq!(Formula::new(&name(4)), Err(NotKept::External));
    assert_eq!(Formula::new(&name(5)), Err(NotKept::Dde));
}

#[test]
fn arrays_stand_behind_the_tokens() {
    let mut tokens = vec![0x60];
    tokens.extend([0; 7]);
    let mut extra = vec![1, 1, 0];
    for value in [1.0_f64, 2.0, 3.5] {
        extra.push(1);
        extra.extend(value.to_le_bytes());
    }
    extra.extend([2, 1, 0, 1, 0x42, 0x30]);
    let text = read(Form::Eight, &tokens, &extra);
    assert_eq!(text.as_deref(), Some("{1,2;3.5,\"あ\"}"));
    tokens.extend([0; 7]);
    let extra = [1, 0, 0, 0, 2, 0, 0, 0, 2, 1, 4, 7, 0, 0, 0];
    assert_eq!(read(Form::Twelve, &tokens, &extra).as_deref(), Some("{TRUE,#DIV/0!}"));
}

/// NF-32: what is no formula gives none, however long.
#[test]
fn damaged_tokens_are_no_formula() {
    for tokens in
        [&[0x03][..], &[0x44, 0], &[0x1e, 1, 0, 0x1e, 1, 0], &[0x42, 9, 4, 0], &[0xff], &[]]
    {
        assert_eq!(eight(tokens), None, "{tokens:?}");
    }
    let mut long = vec![0x1e, 1, 0];
    for _ in 0..8_000 {
        long.extend([0x1e, 0xff, 0xff, 0x08]);
    }
    assert_eq!(eight(&long), None);
}
