//! Files with random damage: the worker may refuse them, never fall over them.

use sanitizer::rebuild::End;
use sanitizer_intermediate::HoldReason;

use super::paper::{Paper, packed, stream};
use super::tools::is_sound;
use crate::desk::Desk;

/// Damaged copies of each sample.
const COPIES: u32 = 60;

/// NF-32: no damage brings the worker down or makes the builder write nonsense.
#[test]
fn damage_is_refused_or_repaired_and_nothing_else() {
    let desk = Desk::new();
    for (sample, bytes) in samples().iter().enumerate() {
        for copy in 0..COPIES {
            let mut dice = Dice(0x9E37_79B9 ^ (copy << 8) ^ u32::try_from(sample).expect("few"));
            let damaged = damaged(bytes, &mut dice);
            let sent = desk.sends("壊.pdf", &damaged);
            match sent.0.end {
                End::Held(reason) => {
                    let told = (sample, copy, sent.0.diagnosis);
                    assert_ne!(reason, HoldReason::WorkerFault, "{told:?}");
                    assert_ne!(reason, HoldReason::Timeout, "{told:?}");
                }
                End::Rebuilt(rebuilt) if copy % 10 == 0 => is_sound(&rebuilt.bytes),
                End::Rebuilt(_) => {}
            }
        }
    }
}

/// Files that together touch fonts, pictures, forms, shadings, annotations.
fn samples() -> Vec<Vec<u8>> {
    let drawing = Paper::new("q /G gs 100 0 0 50 20 20 cm /I Do Q /S sh BT /T 20 Tf (A) Tj ET")
        .resources(
            "/XObject <</I 5 0 R>> /ExtGState <</G <</ca 0.5 /BM /Multiply>>>> \
             /Shading <</S <</ShadingType 2 /ColorSpace /DeviceRGB /Coords [0 0 9 9] \
             /Function <</FunctionType 2 /Domain [0 1] /C0 [1 0 0] /C1 [0 0 1] /N 1>>>>>>",
        )
        .object(stream(
            "/Type /XObject /Subtype /Image /Width 4 /Height 4 /BitsPerComponent 8 \
             /ColorSpace [/Indexed /DeviceRGB 1 <FF000000FF00>] /Filter /FlateDecode",
            &packed(&[0, 1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 1, 1, 0, 1, 0]),
        ));
    let form = Paper::saying("Form (with) words")
        .catalog("/AcroForm <</Fields [5 0 R] /NeedAppearances true /DA (/F 0 Tf 0 g)>>")
        .page("/Annots [5 0 R 6 0 R]")
        .object(
            "<</Type /Annot /Subtype /Widget /FT /Tx /Ff 4096 /T (a) /V (Some value) \
             /Rect [10 10 90 40] /MK <</BC [1 0 0] /BG [1 1 1]>>>>",
        )
        .object(
            "<</Type /Annot /Subtype /Ink /Rect [10 10 90 40] /InkList [[1 2 3 4 5 6]] \
             /C [0 0 1]>>",
        );
    vec![drawing.written(), form.written()]
}

fn damaged(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..=dice.below(8) {
        let at = dice.below(damaged.len());
        match dice.below(4) {
            0 | 1 => damaged[at] = u8::try_from(dice.below(256)).unwrap_or(0),
            2 => {
                let end = (at + dice.below(20)).min(damaged.len());
                damaged.drain(at..end);
            }
            _ => {
                let words: [&[u8]; 6] = [b"99999999999", b"-1", b" 3 0 R", b"<<", b"[", b"q "];
                let word = words[dice.below(words.len())];
                damaged.splice(at..at, word.iter().copied());
            }
        }
    }
    damaged
}

/// Numbers that are the same in every run.
struct Dice(u32);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % most.max(1)
    }
}
