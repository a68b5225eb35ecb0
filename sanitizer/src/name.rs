//! Names of rebuilt files: the citizen's own, made harmless, with the
//! extension of what the file is now.

use sanitizer_intermediate::Kind;
use sanitizer_intermediate::text::unwanted;

use crate::hint;

/// Longest name in bytes; file systems allow 255.
const MAX_BYTES: usize = 200;

/// Names Windows keeps for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul"];

/// The name for the result. `extension` is without the dot.
#[must_use]
pub fn rebuilt(original: &str, extension: &str) -> String {
    let last = original.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last
        .chars()
        .filter(|it| unwanted(*it).is_none() && !it.is_control())
        .map(|it| if "<>:\"|?*".contains(it) { '_' } else { it })
        .collect();
    let clean = clean.trim().trim_start_matches('.');
    let (stem, given) = clean.rsplit_once('.').unwrap_or((clean, ""));
    let claims_the_same =
        hint::of(clean).is_some() && hint::of(clean) == hint::of(&format!("x.{extension}"));
    let extension = if claims_the_same { given } else { extension };
    let stem = if stem.is_empty() || DEVICES.contains(&stem.to_ascii_lowercase().as_str()) {
        "file"
    } else {
        stem.trim_end_matches(['.', ' '])
    };
    format!("{}.{extension}", shortened(stem, MAX_BYTES - extension.len() - 1))
}

/// The last part of the path of a member of an archive. `rebuilt` is what it is
/// and would be called as a file of its own. A text without an extension, and
/// an empty file, keep their names: nothing opens them by mistake.
#[must_use]
pub fn member(path: &str, rebuilt: Option<(Kind, &str)>) -> String {
    let last = path.rsplit('/').next().unwrap_or_default();
    match rebuilt {
        Some((Kind::Text, _)) if !last.contains('.') => last.to_owned(),
        Some((_, name)) => name.to_owned(),
        None => last.to_owned(),
    }
}

fn shortened(stem: &str, most: usize) -> &str {
    let mut end = stem.len().min(most);
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    &stem[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_keeps_its_name_with_the_right_extension() {
        assert_eq!(rebuilt("写真.bmp", "png"), "写真.png");
        assert_eq!(rebuilt("写真.JPEG", "jpg"), "写真.JPEG");
        assert_eq!(rebuilt("申請書.docm", "docx"), "申請書.docx");
        assert_eq!(rebuilt("写真", "jpg"), "写真.jpg");
        assert_eq!(rebuilt("scan.pdf", "jpg"), "scan.jpg");
    }

    /// NF-32: a name is input too.
    #[test]
    fn a_hostile_name_becomes_harmless() {
        assert_eq!(rebuilt("../../etc/passwd", "txt"), "passwd.txt");
        assert_eq!(rebuilt("C:\\a\\b.txt", "txt"), "b.txt");
        assert_eq!(rebuilt("a\u{202e}fdp.exe.txt", "txt"), "afdp.exe.txt");
        assert_eq!(rebuilt(".htaccess", "txt"), "htaccess.txt");
        assert_eq!(rebuilt("", "png"), "file.png");
        assert_eq!(rebuilt("CON.png", "png"), "file.png");
        assert_eq!(rebuilt("a:b?.png", "png"), "a_b_.png");
        assert!(rebuilt(&"長".repeat(300), "png").len() <= MAX_BYTES);
    }
}
