use super::*;

fn kinds(bytes: &[u8]) -> Result<Vec<u16>, HoldReason> {
    records(bytes).map(|it| it.map(|record| record.kind)).collect()
}

#[test]
fn records_have_kinds_and_lengths_of_seven_bits_a_byte() {
    let mut bytes = vec![0x05, 1, 9, 0x9c, 0x01, 0, 19, 0x81, 0x01];
    bytes.extend([0; 129]);
    assert_eq!(kinds(&bytes), Ok(vec![5, 156, 19]));
}

#[test]
fn what_a_later_program_added_is_stepped_over() {
    assert_eq!(kinds(&[1, 0, 35, 0, 2, 0, 37, 0, 3, 0, 38, 0, 36, 0, 4, 0]), Ok(vec![1, 4]));
}

/// NF-32: a record that is cut off is damage.
#[test]
fn a_record_that_is_cut_off_is_broken() {
    assert_eq!(kinds(&[1, 5, 0]), Err(HoldReason::Broken));
    assert_eq!(kinds(&[0x80]), Err(HoldReason::Broken));
    let deep = [35, 0].repeat(100);
    assert_eq!(kinds(&deep), Err(HoldReason::TooComplex));
}

#[test]
fn other_parts_are_not_spelled() {
    let binary = Binary::read(&[], &[]).expect("an empty workbook");
    let spelled = binary.spell("application/xml", &[], &Limits::default());
    assert!(matches!(spelled, Ok(None)));
    let long = Limits { decoded_bytes: 100, ..Limits::default() };
    let notes = binary.spell("application/vnd.ms-excel.comments", &[], &long);
    assert!(matches!(notes, Err(HoldReason::TooLarge)));
}
