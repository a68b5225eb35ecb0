//! The package: parts, what they are, and how they refer to each other.

mod inventory;
mod relations;
mod types;

use std::collections::HashSet;

use sanitizer_intermediate::{ChangedKind, Findings, HoldReason, Limits, Place, RemovedKind};

pub(super) use relations::{Relations, Target};

use super::binary::Binary;
use super::xml::{Budget, Element, Pull, decode};
use crate::container::Container;
use types::Types;

/// An opened document and what was noted about it so far.
pub(super) struct Package<'f> {
    container: Container<'f>,
    types: Types,
    budget: Budget,
    /// Parts whose content was looked at.
    used: HashSet<String>,
    /// Parts of records stand where others have XML.
    binary: Option<Binary>,
    pub limits: Limits,
    pub findings: Findings,
}

/// Which of the three families a package is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Word,
    Sheet,
    Slides,
}

/// The part everything starts from.
pub(super) struct Main {
    pub part: String,
    pub family: Family,
    /// It is a template, a show or has macros: it becomes the plain kind.
    pub plain: bool,
}

impl<'f> Package<'f> {
    /// Opens a package.
    ///
    /// # Errors
    /// [`HoldReason`] when the container or its list of types is unusable.
    pub(super) fn open(file: &'f [u8], limits: &Limits) -> Result<Self, HoldReason> {
        let container = Container::open(file, limits)?;
        let mut package = Self {
            container,
            types: Types::default(),
            budget: Budget::new(limits.objects),
            used: HashSet::new(),
            binary: None,
            limits: *limits,
            findings: Findings::default(),
        };
        if package.container.stray_bytes > 0 {
            package.findings.remove(RemovedKind::StrayBytes, 1, Place::Document);
        }
        let listed = package.element("[Content_Types].xml")?.ok_or(HoldReason::Broken)?;
        package.types = Types::read(&listed);
        Ok(package)
    }

    /// Finds the main part.
    ///
    /// # Errors
    /// [`HoldReason`] when there is none of a kind that is rebuilt.
    pub(super) fn main(&mut self) -> Result<Main, HoldReason> {
        let relations = self.relations("")?;
        let target = relations.first("officeDocument").ok_or(HoldReason::Broken)?;
        let Target::Part(part) = target.clone() else {
            return Err(HoldReason::Broken);
        };
        let media = self.content_type(&part).ok_or(HoldReason::Broken)?.to_owned();
        let family = if media.contains("wordprocessingml") || media.contains("ms-word") {
            Family::Word
        } else if media.contains("sheet.binary") {
            self.open_binary(&part)?;
            Family::Sheet
        } else if media.contains("spreadsheetml") || media.contains("ms-excel") {
            Family::Sheet
        } else if media.contains("presentationml") || media.contains("ms-powerpoint") {
            Family::Slides
        } else {
            return Err(HoldReason::Unsupported);
        };
        let plain = ["document.main+xml", "sheet.main+xml", "presentation.main+xml"]
            .iter()
            .any(|it| media.ends_with(it) && media.contains("openxmlformats"));
        Ok(Main { part, family, plain })
    }

    /// Reads what the parts of a binary workbook need to know of it.
    fn open_binary(&mut self, main: &str) -> Result<(), HoldReason> {
        let workbook = self.bytes(main)?.ok_or(HoldReason::Broken)?;
        let relations = self.relations(main)?;
        let styles = match relations.first_part("styles") {
            Some(part) => self.bytes(part)?.unwrap_or_default(),
            None => Vec::new(),
        };
        self.binary = Some(Binary::read(&workbook, &styles)?);
        Ok(())
    }

    /// The media type of a part, in lower case.
    pub(super) fn content_type(&self, part: &str) -> Option<&str> {
        self.types.of(part)
    }

    /// Whether there is such a part.
    pub(super) fn has(&self, part: &str) -> bool {
        self.container.has(part)
    }

    /// The bytes of a part; `None` when it is not there.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged or too large.
    pub(super) fn bytes(&mut self, part: &str) -> Result<Option<Vec<u8>>, HoldReason> {
        self.used.insert(part.to_lowercase());
        self.container.read(part)
    }

    /// The characters of an XML part.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged, too large or not text.
    pub(super) fn text(&mut self, part: &str) -> Result<Option<String>, HoldReason> {
        let Some(bytes) = self.bytes(part)? else {
            return Ok(None);
        };
        if let Some(binary) = &self.binary
            && let Some(media) = self.types.of(part)
            && let Some(spelled) = binary.spell(media, &bytes, &self.limits)?
        {
            let left_out = spelled.left_out;
            self.findings.change(ChangedKind::LayoutSimplified, left_out, Place::Document);
            return Ok(Some(spelled.xml));
        }
        let text = decode(bytes)?;
        self.budget.allows(&text)?;
        Ok(Some(text))
    }

    /// Starts stepping through the XML of a part.
    pub(super) fn pull<'x>(&self, xml: &'x str) -> Pull<'x> {
        Pull::new(xml, self.budget.clone())
    }

    /// A whole XML part as one element.
    ///
    /// # Errors
    /// [`HoldReason`] when it is damaged, too large or not XML.
    pub(super) fn element(&mut self, part: &str) -> Result<Option<Element>, HoldReason> {
        let Some(text) = self.text(part)? else {
            return Ok(None);
        };
        let mut pull = self.pull(&text);
        let root = pull.root()?;
        let root = pull.take(root)?;
        match pull.next_element()? {
            None => Ok(Some(root)),
            Some(_) => Err(HoldReason::Broken),
        }
    }

    /// What a part refers to; `""` is the package itself.
    ///
    /// # Errors
    /// [`HoldReason`] when the list is damaged.
    pub(super) fn relations(&mut self, part: &str) -> Result<Relations, HoldReason> {
        let list = relations::list_of(part);
        let Some(root) = self.element(&list)? else {
            return Ok(Relations::default());
        };
        Ok(Relations::read(&root, part))
    }

    /// How many parts are pictures.
    pub(super) fn picture_parts(&self) -> u64 {
        let pictures = self
            .container
            .names()
            .filter(|it| self.types.of(it).is_some_and(|media| media.starts_with("image/")));
        pictures.count() as u64
    }

    /// A part is told of by whoever reads the one that refers to it.
    pub(super) fn told_of(&mut self, part: &str) {
        self.used.insert(part.to_lowercase());
    }

    /// Notes a removal.
    pub(super) fn remove(&mut self, kind: RemovedKind, count: u32, place: Place) {
        self.findings.remove(kind, count, place);
    }

    /// Notes every part that has no place in the result.
    pub(super) fn note_left_out(&mut self) {
        let parts: Vec<String> = self.container.names().map(str::to_owned).collect();
        for part in parts {
            let used = self.used.contains(&part.to_lowercase());
            if let Some(kind) = inventory::removed(&part, self.types.of(&part), used) {
                self.findings.remove(kind, 1, Place::Document);
            }
        }
    }
}
