//! Small files that want to be large. A worker here has ten seconds of processor time: whoever
//! needs more is killed and held as `timeout`, which is not the answer these tests accept.

use sanitizer_intermediate::HoldReason;

use super::paper::{Paper, file, packed, stream};
use super::tools::is_sound;
use crate::desk::{Desk, Sent};

const CPU_SECONDS: u32 = 10;

/// Sends a file to a worker with little time.
fn quickly(bytes: &[u8]) -> Sent {
    let mut desk = Desk::new();
    desk.rebuilder.runner.limits.cpu_seconds = CPU_SECONDS;
    desk.sends("爆.pdf", bytes)
}

/// NF-32: a stream that unfolds to hundreds of megabytes is not unfolded.
#[test]
fn a_stream_bomb_is_held() {
    let once = packed(&vec![b' '; 300 << 20]);
    let bomb = |filters: &str, data: &[u8]| {
        Paper::saying("").content(stream(&format!("/Filter [{filters}]"), data)).written()
    };
    let twice = packed(&once);
    quickly(&bomb("/FlateDecode", &once)).is_held_with(HoldReason::TooLarge);
    quickly(&bomb("/FlateDecode /FlateDecode", &twice)).is_held_with(HoldReason::TooLarge);
    let thrice = packed(&twice);
    quickly(&bomb("/FlateDecode /FlateDecode /FlateDecode", &thrice))
        .is_held_with(HoldReason::TooLarge);
}

/// NF-32: a picture that says it is enormous is not decoded.
#[test]
fn a_picture_bomb_is_held() {
    let entries = "/Type /XObject /Subtype /Image /Width 60000 /Height 60000 \
        /BitsPerComponent 8 /ColorSpace /DeviceGray /Filter /FlateDecode";
    let paper = Paper::new("/I Do")
        .resources("/XObject <</I 5 0 R>>")
        .object(stream(entries, &packed(&[0; 1_000])));
    quickly(&paper.written()).is_held_with(HoldReason::TooLarge);
}

/// NF-32: forms that use each other many times over are not followed.
#[test]
fn forms_that_multiply_are_held() {
    let mut paper = Paper::new("/X Do").resources("/XObject <</X 5 0 R>>");
    for next in 6..21 {
        let entries = format!(
            "/Type /XObject /Subtype /Form /BBox [0 0 9 9] \
             /Resources <</XObject <</X {next} 0 R>>>>"
        );
        paper = paper.object(stream(&entries, "/X Do ".repeat(20).as_bytes()));
    }
    let last = stream("/Type /XObject /Subtype /Form /BBox [0 0 9 9]", b"0 0 9 9 re f");
    quickly(&paper.object(last).written()).is_held_with(HoldReason::TooComplex);
}

/// NF-32: a form that contains itself is drawn once.
#[test]
fn a_form_within_itself_ends() {
    let entries = "/Type /XObject /Subtype /Form /BBox [0 0 9 9] \
        /Resources <</XObject <</X 5 0 R>>>>";
    let paper = Paper::new("/X Do")
        .resources("/XObject <</X 5 0 R>>")
        .object(stream(entries, b"/X Do 0 0 9 9 re f"));
    is_sound(&quickly(&paper.written()).becomes("爆.pdf").bytes);
}

/// NF-32: a page tree that contains itself ends.
#[test]
fn a_page_tree_in_a_circle_ends() {
    let circle = file(&[
        b"<</Type /Catalog /Pages 2 0 R>>".to_vec(),
        b"<</Type /Pages /Kids [2 0 R 3 0 R 2 0 R] /Count 9>>".to_vec(),
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_vec(),
    ]);
    is_sound(&quickly(&circle).becomes("爆.pdf").bytes);
}

/// NF-32: brackets without end do not bring the reader down.
#[test]
fn deep_nesting_ends() {
    let deep = ["[".repeat(100_000), "]".repeat(100_000)].concat();
    let sent = quickly(&Paper::new(&format!("{deep} TJ 0 0 9 9 re f")).written());
    is_sound(&sent.becomes("爆.pdf").bytes);
    let object = Paper::saying("x").catalog(&format!("/X {deep}"));
    let sent = quickly(&object.written());
    assert!(sent.0.diagnosis.is_none(), "{:?}", sent.0.diagnosis);
}

/// NF-32: more drawing steps than a reader can bear are held.
#[test]
fn too_many_steps_are_held() {
    let steps = packed("0 0 m 9 9 l S ".repeat(2_000_000).as_bytes());
    let paper = Paper::saying("").content(stream("/Filter /FlateDecode", &steps));
    quickly(&paper.written()).is_held_with(HoldReason::TooComplex);
}

/// NF-32: more pages than allowed are held.
#[test]
fn too_many_pages_are_held() {
    let mut objects = vec![b"<</Type /Catalog /Pages 2 0 R>>".to_vec()];
    let kids: String = (3..2_104).map(|page| format!("{page} 0 R ")).collect();
    objects.push(format!("<</Type /Pages /Kids [{kids}] /Count 2101>>").into_bytes());
    for _ in 3..2_104 {
        objects.push(b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 9 9]>>".to_vec());
    }
    quickly(&file(&objects)).is_held_with(HoldReason::TooLarge);
}
