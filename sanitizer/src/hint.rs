//! What a name claims.

use std::path::Path;

use sanitizer_intermediate::Kind;

/// Extensions and the kinds they claim.
const EXTENSIONS: &[(&[&str], Kind)] = &[
    (&["pdf"], Kind::Pdf),
    (&["docx"], Kind::Docx),
    (&["docm"], Kind::Docm),
    (&["dotx"], Kind::Dotx),
    (&["dotm"], Kind::Dotm),
    (&["xlsx"], Kind::Xlsx),
    (&["xlsm"], Kind::Xlsm),
    (&["xltx"], Kind::Xltx),
    (&["xltm"], Kind::Xltm),
    (&["xlam"], Kind::Xlam),
    (&["xlsb"], Kind::Xlsb),
    (&["pptx"], Kind::Pptx),
    (&["pptm"], Kind::Pptm),
    (&["ppsx"], Kind::Ppsx),
    (&["ppsm"], Kind::Ppsm),
    (&["potx"], Kind::Potx),
    (&["potm"], Kind::Potm),
    (&["doc", "dot"], Kind::Doc),
    (&["xls", "xlt"], Kind::Xls),
    (&["ppt", "pps", "pot"], Kind::Ppt),
    (&["msg", "jtd", "jtt", "vsd"], Kind::Ole2),
    (&["odt", "ods", "odp", "ott", "ots", "otp", "odg"], Kind::OpenDocument),
    (&["rtf"], Kind::Rtf),
    (&["jpg", "jpeg", "jpe", "jfif"], Kind::Jpeg),
    (&["png", "apng"], Kind::Png),
    (&["gif"], Kind::Gif),
    (&["bmp", "dib"], Kind::Bmp),
    (&["tif", "tiff"], Kind::Tiff),
    (&["webp"], Kind::WebP),
    (&["heic", "heif", "hif", "avif"], Kind::Heic),
    (&["svg"], Kind::Svg),
    (&["emf", "wmf"], Kind::Metafile),
    (&["html", "htm", "xhtml", "mht", "mhtml"], Kind::Html),
    (&["xml"], Kind::Xml),
    (&["txt", "text", "md", "log"], Kind::Text),
    (&["csv", "tsv", "tab"], Kind::Csv),
    (&["zip"], Kind::Zip),
    (&["lzh", "lha", "7z", "rar", "gz", "tgz", "tar", "bz2", "xz", "cab"], Kind::Archive),
    (&["exe", "dll", "com", "scr", "cpl", "msi", "jar", "class", "sys"], Kind::Executable),
    (
        &[
            "js", "jse", "vbs", "vbe", "bat", "cmd", "ps1", "psm1", "wsf", "wsh", "hta", "sh",
            "py", "rb", "pl", "php", "reg", "inf", "sct",
        ],
        Kind::Script,
    ),
    (&["lnk", "url", "desktop", "pif"], Kind::Shortcut),
    (&["mp3", "mp4", "m4a", "mov", "wav", "avi", "wmv", "mkv", "ogg", "flac"], Kind::Media),
];

/// The kind the last extension of a name claims.
#[must_use]
pub fn of(name: &str) -> Option<Kind> {
    let extension = Path::new(name).extension()?.to_str()?.to_ascii_lowercase();
    EXTENSIONS
        .iter()
        .find(|(extensions, _)| extensions.contains(&extension.as_str()))
        .map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts() {
        assert_eq!(of("写真.JPG"), Some(Kind::Jpeg));
        assert_eq!(of("請求書.pdf.exe"), Some(Kind::Executable));
        assert_eq!(of("README"), None);
        assert_eq!(of("x.unknown"), None);
    }
}
