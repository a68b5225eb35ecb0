//! Attached files.

use serde_json::json;

use super::*;
use crate::forms::AttachedFile;
use crate::forms::definition::FileType;

fn file(id: &str, name: &str, bytes: u64, kind: Option<FileType>) -> AttachedFile {
    AttachedFile { id: id.into(), name: name.into(), bytes, kind, locked: false }
}

fn check(kind: &serde_json::Value, files: &[AttachedFile]) -> Vec<String> {
    let form = question(kind);
    let raw: Answers = files.iter().map(|file| ("q", file.id.as_str())).collect();
    let context = Context { files, ..Context::on(TODAY) };
    form.check_page(0, &Answers::new(), &raw, &context)
        .faults
        .iter()
        .map(|f| f.key().to_owned())
        .collect()
}

/// NF-56: number and size of files.
#[test]
fn files_have_their_number_and_size() {
    let kind = json!({"type": "file", "min": 1, "max": 2, "max_mb": 10, "types": ["pdf", "image"]});
    let pdf = |id: &str, bytes| file(id, "証明書.pdf", bytes, Some(FileType::Pdf));
    assert_eq!(check(&kind, &[pdf("a", 10_000_000)]), [] as [&str; 0]);
    assert_eq!(check(&kind, &[pdf("a", 10_000_001)]), ["forms.file_too_large"]);
    assert_eq!(check(&kind, &[pdf("a", 0)]), ["forms.file_empty"]);
    let locked = AttachedFile { locked: true, ..pdf("a", 5) };
    assert_eq!(check(&kind, &[locked]), ["forms.file_locked"]);
    assert_eq!(check(&kind, &[pdf("a", 1), pdf("b", 1), pdf("c", 1)]), ["forms.too_many_files"]);
    assert_eq!(check(&kind, &[]), ["forms.required_file"]);
    assert_eq!(check(&kind, &[file("a", "x.docx", 5, Some(FileType::Word))]), ["forms.file_kind"]);
    assert_eq!(check(&kind, &[file("a", "x.exe", 5, None)]), ["forms.file_kind"]);
    assert_eq!(
        check(&json!({"type": "file"}), &[file("a", "x.exe", 5, None)]),
        ["forms.file_kind"]
    );
    assert_eq!(
        check(&kind, &[file("a", "1234 5678 9018.pdf", 5, Some(FileType::Pdf))]),
        ["forms.file_name_my_number"]
    );
}

/// NF-56: all files of one application together.
#[test]
fn files_together_have_a_limit_over_all_pages() {
    let page = |id: &str, field: &str| {
        json!({"id": id, "title": id, "fields": [
        {"id": field, "label": "書類", "required": true, "kind": {"type": "file", "max": 3, "max_mb": 20}}]})
    };
    let form = compile(&json!([page("one", "a"), page("two", "b")]));
    let files = [
        file("1", "a.pdf", 18_000_000, Some(FileType::Pdf)),
        file("2", "b.pdf", 13_000_000, Some(FileType::Pdf)),
    ];
    let context = Context { files: &files, ..Context::on(TODAY) };
    let saved = form.check_page(0, &Answers::new(), &Answers::from([("a", "1")]), &context);
    assert!(saved.is_clean());
    let second = form.check_page(1, &saved.answers, &Answers::from([("b", "2")]), &context);
    assert_eq!(faults(&second), ["b: forms.files_too_large"]);
    assert_eq!(second.faults[0].args["max"], "30");
}

/// NF-56: whatever an older document allows, no more is taken than can cross to the town hall.
#[test]
fn no_more_is_taken_than_can_cross() {
    let kind = json!({"type": "file", "max": 2, "max_mb": 100});
    let fields = json!([{"id": "q", "label": "書類", "kind": kind}]);
    let mut older = document(&json!([{"id": "one", "title": "一", "fields": fields}]));
    older.total_mb = 200;
    let form = Compiled::new(older).unwrap();
    for (bytes, expected) in
        [(30_000_000, &[][..]), (30_000_001, &["q: forms.files_too_large"][..])]
    {
        let files = [("1", 20_000_000), ("2", bytes)]
            .map(|(id, n)| file(id, "a.pdf", n, Some(FileType::Pdf)));
        let context = Context { files: &files, ..Context::on(TODAY) };
        let raw: Answers = ["1", "2"].map(|id| ("q", id)).into_iter().collect();
        let checked = form.check_page(0, &Answers::new(), &raw, &context);
        assert_eq!(faults(&checked), expected);
    }
}

#[test]
fn a_file_that_is_gone_is_asked_for_again() {
    let form = question(&json!({"type": "file"}));
    let checked = send(&form, &Answers::from([("q", "lost")]));
    assert_eq!(faults(&checked), ["q: forms.file_gone"]);
}
