//! Pictures whose coders are not among our libraries: small files of theirs,
//! written down.

use sanitizer_intermediate::{ChangedKind, HoldReason};

use crate::desk::{Desk, changed};
use crate::pictures::{Seen, gradient, jpeg, seen};

/// 32 by 16 pixels in AVIF, 4:2:0: red, green, blue and white quarters.
const AVIF: &str = "\
    00000020667479706176696600000000617669666d6966316d6961664d413142000000eb6d6574610000000000000021\
    68646c72000000000000000070696374000000000000000000000000000000000e7069746d0000000000010000001e69\
    6c6f63000000004400000100010000000100000113000000340000002869696e660000000000010000001a696e666502\
    0000000001000061763031436f6c6f72000000006a697072700000004b6970636f000000146973706500000000000000\
    2000000010000000107069786900000000030808080000000c6176314381000c0000000013636f6c726e636c78000100\
    0d0006800000001769706d610000000000000001000104010283040000003c6d64617412000a091810ffed9010d06840\
    32254481fdfdaa400079000008ece97a6857b7316228edd4f35f478527a53c36af9643f88136c0";

/// The same in 4:4:4; the container says: turn and mirror (orientation 5 of EXIF).
const TURNED_AVIF: &str = "\
    00000020667479706176696600000000617669666d6966316d6961664d413141000000ff6d6574610000000000000021\
    68646c72000000000000000070696374000000000000000000000000000000000e7069746d0000000000010000001e69\
    6c6f63000000004400000100010000000100000127000000320000002869696e660000000000010000001a696e666502\
    0000000001000061763031436f6c6f72000000007e697072700000005d6970636f000000146973706500000000000000\
    2000000010000000107069786900000000030808080000000c617631438120000000000013636f6c726e636c78000100\
    0d0006800000000969726f740100000009696d6972000000001969706d61000000000000000100010601028304858600\
    00003a6d64617412000a083810ffeda021a0d23224448090d2a0003c800004ece97a6857b7316228edd4f355959b5200\
    102f8b435cf799dac2";

/// 32 by 32 pixels in JPEG, 4:2:0, each colour in a scan of its own.
pub(crate) const APART_JPEG: &str = "\
    ffd8ffe000104a46494600010100000100010000ffdb004300100b0c0e0c0a100e0d0e1211101318281a181616183123\
    251d283a333d3c3933383740485c4e404457453738506d51575f626768673e4d71797064785c656763ffdb0043011112\
    121815182f1a1a2f63423842636363636363636363636363636363636363636363636363636363636363636363636363\
    6363636363636363636363636363ffc00011080020002003012200021101031101ffc400170001010101000000000000\
    00000000000000050706ffc40014100100000000000000000000000000000000ffda0008010100003f00942b0922b0e6\
    06bc3211af0fffc400160101010100000000000000000000000000040607ffc400141101000000000000000000000000\
    00000000ffda0008010211003f00008d1d24ffc40017010003010000000000000000000000000003050607ffc4001411\
    0100000000000000000000000000000000ffda0008010311003f00ad662743bfffd9";

pub(crate) fn bytes(hexadecimal: &str) -> Vec<u8> {
    let digit =
        |it: u8| u8::try_from(char::from(it).to_digit(16).expect("a digit")).expect("a digit");
    hexadecimal.as_bytes().chunks_exact(2).map(|it| digit(it[0]) << 4 | digit(it[1])).collect()
}

/// Whether the quarters of a picture have these colours, row by row.
#[track_caller]
fn shows(seen: &Seen, quarters: [[u8; 3]; 4]) {
    for (number, wanted) in quarters.iter().enumerate() {
        let x = seen.width * (1 + number % 2 * 2) / 4;
        let y = seen.height * (1 + number / 2 * 2) / 4;
        let found = &seen.rgba[(y * seen.width + x) * 4..][..3];
        let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(*b) <= 12);
        assert!(near, "quarter {number}: {found:?} instead of {wanted:?}");
    }
}

const RED: [u8; 3] = [220, 30, 30];
const GREEN: [u8; 3] = [30, 200, 30];
const BLUE: [u8; 3] = [30, 30, 220];
const WHITE: [u8; 3] = [240, 240, 240];

/// NF-32: an AVIF photo becomes a JPEG that shows the same, upright.
#[test]
fn an_avif_photo_becomes_a_jpeg() {
    let rebuilt = Desk::new().sends("写真.avif", &bytes(AVIF)).becomes("写真.jpg");
    let plain = &seen(&rebuilt.bytes)[0];
    assert_eq!((plain.width, plain.height), (32, 16));
    shows(plain, [RED, GREEN, BLUE, WHITE]);
    assert_eq!(changed(&rebuilt, ChangedKind::TypeChanged), 1);
    let rebuilt = Desk::new().sends("縦.avif", &bytes(TURNED_AVIF)).becomes("縦.jpg");
    let upright = &seen(&rebuilt.bytes)[0];
    assert_eq!((upright.width, upright.height), (16, 32));
    shows(upright, [RED, BLUE, GREEN, WHITE]);
}

/// NF-32: a damaged AVIF photo ends with a reason.
#[test]
fn a_damaged_avif_photo_is_held() {
    let whole = bytes(AVIF);
    Desk::new().sends("写真.avif", &whole[..whole.len() - 20]).is_held_with(HoldReason::Broken);
}

/// NF-32: colours in scans of their own are not mixed up.
#[test]
fn colours_in_scans_of_their_own_stay_in_place() {
    let rebuilt = Desk::new().sends("写真.jpg", &bytes(APART_JPEG)).becomes("写真.jpg");
    shows(&seen(&rebuilt.bytes)[0], [RED, GREEN, BLUE, WHITE]);
}

/// NF-32: a JPEG of arithmetic codes, which cameras and programs do not write, is
/// held with that reason, and its sender reads how to save it.
#[test]
fn a_jpeg_of_arithmetic_codes_is_held_with_advice() {
    let mut coded = jpeg(&gradient(3), 16, 16);
    let frame = coded.windows(2).position(|it| it == [0xff, 0xc0]).expect("a frame");
    coded[frame + 1] = 0xc9;
    let desk = Desk::new();
    desk.sends("写真.jpg", &coded).is_held_with(HoldReason::Unsupported);
    let path = desk.lays("写真.jpg", &coded).display().to_string();
    let told = desk.runs(&["explain", &path]);
    assert!(told.out.contains("算術符号"), "{}", told.out);
}
