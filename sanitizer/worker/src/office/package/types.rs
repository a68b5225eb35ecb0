//! `[Content_Types].xml`.

use std::collections::HashMap;

use crate::office::xml::Element;

/// What each part is.
#[derive(Default)]
pub(super) struct Types {
    by_part: HashMap<String, String>,
    by_extension: HashMap<String, String>,
}

impl Types {
    pub(super) fn read(root: &Element) -> Self {
        let mut types = Self::default();
        for entry in root.elements() {
            let Some(media) = entry.attribute("ContentType") else {
                continue;
            };
            let media = media.trim().to_lowercase();
            if let Some(part) = entry.attribute("PartName") {
                types.by_part.insert(part.trim_start_matches('/').to_lowercase(), media);
            } else if let Some(extension) = entry.attribute("Extension") {
                types.by_extension.insert(extension.to_lowercase(), media);
            }
        }
        types
    }

    pub(super) fn of(&self, part: &str) -> Option<&str> {
        let part = part.trim_start_matches('/').replace('\\', "/").to_lowercase();
        let by_extension =
            || part.rsplit_once('.').and_then(|(_, extension)| self.by_extension.get(extension));
        self.by_part.get(&part).or_else(by_extension).map(String::as_str)
    }
}
