//! The command line: exit codes, names, reports.

use serde_json::Value;

use crate::desk::Desk;
use crate::pictures::{bmp, colours, exif, gradient, jpeg, jpeg_with, png};

fn photo() -> Vec<u8> {
    jpeg_with(&jpeg(&gradient(1), 16, 16), &[(0xe1, &exif(1))])
}

#[test]
fn one_file_goes_where_it_is_told() {
    let desk = Desk::new();
    desk.lays("a.png", &png(&gradient(1), 16, 16));
    let run = desk.runs(&["a.png", "-o", "result.bin"]);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{}", run.err);
    assert_eq!(colours(&desk.read("result.bin")), gradient(1));
}

#[test]
fn into_a_folder_results_keep_their_names() {
    let desk = Desk::new();
    desk.lays("in/写真.jpg", &photo());
    desk.lays("in/下/図.bmp", &bmp(&gradient(2), 16));
    desk.lays("in/下/図.png", &png(&gradient(3), 16, 16));
    let run = desk.runs(&["in", "-o", "out", "--jobs", "2"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.err.contains("3件中、再構成 3件"), "{}", run.err);
    assert!(desk.read("out/写真.jpg").starts_with(b"\xff\xd8"));
    let mut found = [
        colours(&desk.read("out/下/図.png")),
        std::fs::read(desk.path("out/下/図.bmp.png"))
            .or_else(|_| std::fs::read(desk.path("out/下/図.png.png")))
            .map(|it| colours(&it))
            .expect("a second name"),
    ];
    found.sort();
    let mut expected = [gradient(2), gradient(3)];
    expected.sort();
    assert_eq!(found, expected);
    let leftovers = std::fs::read_dir(desk.path("out")).expect("a folder").count();
    assert_eq!(leftovers, 2, "nothing unfinished is left");
}

/// NF-32: a script can tell held files by exit code and reason.
#[test]
fn a_held_file_exits_with_three_and_its_reason() {
    let desk = Desk::new();
    desk.lays("a.heic", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif");
    let run = desk.runs(&["a.heic", "-o", "out/"]);
    assert_eq!((run.code, run.out.as_str()), (Some(3), "unsupported\n"));
    assert!(run.err.contains("JPEG に変換"), "{}", run.err);
    assert!(!desk.path("out/a.heic").exists());

    desk.lays("b.png", &png(&gradient(1), 16, 16));
    let run = desk.runs(&["a.heic", "b.png", "-o", "out"]);
    assert_eq!((run.code, run.out.as_str()), (Some(3), "unsupported\ta.heic\n"));
    assert!(desk.path("out/b.png").exists());
}

#[test]
fn a_limit_exits_with_four() {
    let desk = Desk::new();
    desk.lays("p.toml", b"[limits]\ninput_mb = 1\n");
    desk.lays("a.txt", &vec![b'a'; (1 << 20) + 1]);
    let run = desk.runs(&["a.txt", "-o", "b.txt", "--policy", "p.toml"]);
    assert_eq!((run.code, run.out.as_str()), (Some(4), "too_large\n"));
}

#[test]
fn wrong_arguments_exit_with_two() {
    let desk = Desk::new();
    desk.lays("bad.toml", b"nonsense = 1\n");
    desk.lays("a.txt", b"text");
    for args in [
        &[][..],
        &["a.txt"],
        &["missing.txt", "-o", "b.txt"],
        &["a.txt", "-o", "b.txt", "--policy", "bad.toml"],
        &["a.txt", "-o", "b.txt", "--jobs", "0"],
        &["explain"],
    ] {
        assert_eq!(desk.runs(args).code, Some(2), "{args:?}");
    }
}

#[test]
fn a_fault_of_ours_exits_with_one() {
    let desk = Desk::new();
    desk.lays("a.txt", b"text");
    let run = desk.runs(&["a.txt", "-o", "b.txt", "--worker", "missing"]);
    assert_eq!((run.code, run.out.as_str()), (Some(1), ""));
    let run = desk.runs(&["a.txt", "-o", "no/such/folder.txt"]);
    assert_eq!(run.code, Some(1), "{}", run.err);
}

/// NF-32: the report names every removal with count and place, for machines and people.
#[test]
fn the_report_says_what_was_removed() {
    let desk = Desk::new();
    desk.lays("a.jpg", &photo());
    desk.lays("b.csv", b"a,=1+1\n");
    desk.lays("c.lzh", b"\x20\x00-lh5- and so on");
    desk.runs(&["a.jpg", "b.csv", "c.lzh", "-o", "out", "--report", "r.json"]);
    let report: Value = serde_json::from_slice(&desk.read("r.json")).expect("JSON");
    assert_eq!(report["version"], 1);
    let files = report["files"].as_array().expect("a list");
    let codes: Vec<&Value> = files.iter().map(|it| &it["outcome"]).collect();
    assert_eq!(codes, ["rebuilt", "rebuilt", "held"]);
    assert_eq!(files[0]["kind"], "jpeg");
    assert_eq!(files[0]["confinement"]["landlock"], true);
    assert_eq!(files[0]["removed"][0]["kind"], "exif");
    assert_eq!(files[0]["removed"][0]["count"], 1);
    assert_eq!(files[0]["output"]["name"], "a.jpg");
    assert_eq!(files[1]["changed"][0]["kind"], "formulas_neutralised");
    assert_eq!(files[1]["changed"][0]["place"], "cell 1 1 2");
    let words = files[1]["changed"][0]["words"].as_str().expect("words");
    assert!(words.contains("1枚目のシートの1行2列"), "{words}");
    assert_eq!(files[2]["reason"], "unsupported");
    assert!(files[2]["next"].as_str().expect("words").contains("展開して"));
}

#[test]
fn explain_lists_what_it_finds_and_writes_nothing() {
    let desk = Desk::new();
    desk.lays("a.jpg", &photo());
    let run = desk.runs(&["explain", "a.jpg"]);
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert!(run.out.contains("JPEG 画像") && run.out.contains("撮影情報"), "{}", run.out);
    assert_eq!(std::fs::read_dir(desk.path(".")).expect("a folder").count(), 1);
    let run = desk.runs(&["explain", "--json", "a.jpg"]);
    let report: Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!(report["files"][0]["removed"][0]["kind"], "exif");
}
