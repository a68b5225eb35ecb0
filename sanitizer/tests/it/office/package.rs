//! Makes Office files of a few parts, and looks into results.

use std::io::{Cursor, Read as _, Write as _};

const TYPES: &str = "http://schemas.openxmlformats.org/package/2006/content-types";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

/// Namespaces of the tests' parts.
pub(crate) const SPACES: &str = "\
    xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\" \
    xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\" \
    xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:p=\"http://schemas.openxmlformats.org/presentationml/2006/main\" \
    xmlns:xdr=\"http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing\" \
    xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" \
    xmlns:v=\"urn:schemas-microsoft-com:vml\" \
    xmlns:o=\"urn:schemas-microsoft-com:office:office\"";

/// A file in the making.
#[derive(Clone, Default)]
pub(crate) struct Package {
    parts: Vec<(String, Vec<u8>)>,
    types: Vec<(String, String)>,
    relations: Vec<(String, String)>,
}

impl Package {
    /// A file whose main part is `part` of the type `media`.
    pub(crate) fn new(part: &str, media: &str) -> Self {
        Self::default().typed(part, media).related("", "officeDocument", part)
    }

    /// With a part.
    pub(crate) fn with(mut self, part: &str, content: impl AsRef<[u8]>) -> Self {
        self.parts.push((part.to_owned(), content.as_ref().to_vec()));
        self
    }

    /// With a media type of a part.
    pub(crate) fn typed(mut self, part: &str, media: &str) -> Self {
        self.types.push((part.to_owned(), media.to_owned()));
        self
    }

    /// With a reference; its id is `kind` and the number of references of
    /// `from` so far: `image1`.
    pub(crate) fn related(self, from: &str, kind: &str, to: &str) -> Self {
        let to = if from.is_empty() { to.to_owned() } else { format!("/{to}") };
        self.reference(from, kind, &format!("Target=\"{to}\""))
    }

    /// With a reference that leads out.
    pub(crate) fn outside(self, from: &str, kind: &str, to: &str) -> Self {
        self.reference(from, kind, &format!("Target=\"{to}\" TargetMode=\"External\""))
    }

    fn reference(mut self, from: &str, kind: &str, target: &str) -> Self {
        let number = self.relations.iter().filter(|it| it.0 == from).count() + 1;
        let reference =
            format!("<Relationship Id=\"{kind}{number}\" Type=\"{OFFICE}/{kind}\" {target}/>");
        self.relations.push((from.to_owned(), reference));
        self
    }

    /// The file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let mut put = |name: &str, bytes: &[u8]| {
            let options = zip::write::SimpleFileOptions::default();
            zip.start_file(name, options).expect("a member");
            zip.write_all(bytes).expect("a member");
        };
        put("[Content_Types].xml", self.listed_types().as_bytes());
        for (from, list) in self.listed_relations() {
            let (folder, name) = from.rsplit_once('/').unwrap_or(("", &from));
            let slash = if folder.is_empty() { "" } else { "/" };
            put(&format!("{folder}{slash}_rels/{name}.rels"), list.as_bytes());
        }
        for (name, bytes) in &self.parts {
            put(name, bytes);
        }
        zip.finish().expect("an archive").into_inner()
    }

    fn listed_types(&self) -> String {
        let entries: String = self
            .types
            .iter()
            .map(|(part, media)| {
                format!("<Override PartName=\"/{part}\" ContentType=\"{media}\"/>")
            })
            .collect();
        format!(
            "{HEAD}<Types xmlns=\"{TYPES}\"><Default Extension=\"rels\" \
             ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
             <Default Extension=\"xml\" ContentType=\"application/xml\"/>\
             <Default Extension=\"png\" ContentType=\"image/png\"/>\
             <Default Extension=\"emf\" ContentType=\"image/x-emf\"/>{entries}</Types>"
        )
    }

    fn listed_relations(&self) -> Vec<(String, String)> {
        let mut lists: Vec<(String, String)> = Vec::new();
        for (from, reference) in &self.relations {
            match lists.iter_mut().find(|it| it.0 == *from) {
                Some(list) => list.1.push_str(reference),
                None => lists.push((from.clone(), reference.clone())),
            }
        }
        let whole = |list: String| {
            format!("{HEAD}<Relationships xmlns=\"{RELATIONSHIPS}\">{list}</Relationships>")
        };
        lists.into_iter().map(|(from, list)| (from, whole(list))).collect()
    }
}

/// The text of a part of a file.
#[track_caller]
pub(crate) fn part(file: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("a container");
    let mut member = archive.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut text = String::new();
    member.read_to_string(&mut text).expect("UTF-8");
    text
}

/// The bytes of a part of a file.
#[track_caller]
pub(crate) fn raw_part(file: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).expect("a container");
    let mut member = archive.by_name(name).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut bytes = Vec::new();
    member.read_to_end(&mut bytes).expect("a whole member");
    bytes
}

/// Names of all parts of a file.
pub(crate) fn parts(file: &[u8]) -> Vec<String> {
    let archive = zip::ZipArchive::new(Cursor::new(file)).expect("a container");
    archive.file_names().flatten().map(Into::into).collect()
}

/// All parts of a file one after the other, expanded.
pub(crate) fn everything(file: &[u8]) -> Vec<u8> {
    parts(file).iter().flat_map(|it| raw_part(file, it)).collect()
}
