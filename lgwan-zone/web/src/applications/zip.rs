//! A ZIP whose entries are stored as they are: attachments are compressed already.

use std::collections::BTreeSet;
use std::io::{self, Cursor, Write as _};

use lgwan_zone_store::applications::rows::Attachment;
use platform_web::download::clean_name;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Packs the rebuilt files into one folder named after the receipt number. Two
/// files of one name become `name (2).pdf`.
pub(super) fn pack(
    number: &str,
    files: &[Attachment],
    read: impl Fn(&str) -> io::Result<Vec<u8>>,
) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut names = Names::default();
    for file in files {
        let (Some(name), Some(id)) = (&file.out_name, &file.file_id) else {
            continue;
        };
        let name = names.unused(&clean_name(name));
        archive.start_file(format!("{number}/{name}"), stored).map_err(io::Error::other)?;
        archive.write_all(&read(id)?)?;
    }
    Ok(archive.finish().map_err(io::Error::other)?.into_inner())
}

/// Names of files in one folder.
#[derive(Default)]
pub(super) struct Names(BTreeSet<String>);

impl Names {
    /// The name, or the first of `name (2).pdf` and so on that no other file has.
    pub(super) fn unused(&mut self, name: &str) -> String {
        let (stem, ending) = name
            .rsplit_once('.')
            .map_or((name, String::new()), |(stem, ending)| (stem, format!(".{ending}")));
        let numbered = (2..).map(|n| format!("{stem} ({n}){ending}"));
        let free = std::iter::once(name.to_owned())
            .chain(numbered)
            .find(|name| !self.0.contains(&name.to_lowercase()))
            .unwrap_or_else(|| name.to_owned());
        self.0.insert(free.to_lowercase());
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_name_both_stay() {
        let mut names = Names::default();
        let names: Vec<String> =
            ["a.pdf", "A.pdf", "a.pdf", "b"].iter().map(|n| names.unused(n)).collect();
        assert_eq!(names, ["a.pdf", "A (2).pdf", "a (3).pdf", "b"]);
    }
}
