//! Fonts by name.

use pdf_writer::{Dict, Finish, Name, Ref};
use sanitizer_intermediate::pdf::{Encoding, Named, NamedCid};

use super::descriptor;
use super::outlined::{system_info, write_uprights, write_widths};
use super::text::{self, Codes};
use crate::build::pdf::Builder;

impl Builder<'_> {
    pub(super) fn named(&mut self, id: Ref, font: &Named) {
        let descriptor =
            font.metrics.as_ref().map(|metrics| descriptor(self, &font.name, metrics, None));
        let texts = font.text.iter().map(|(code, text)| (*code, text.as_str()));
        let map = text::map(Codes::OneByte, texts).map(|map| {
            let id = self.file.reserve();
            self.file.packed(id, &map, |_| {});
            id
        });
        self.file.object(id, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Font"));
            let subtype: &[u8] = if font.true_type { b"TrueType" } else { b"Type1" };
            dict.pair(Name(b"Subtype"), Name(subtype));
            dict.pair(Name(b"BaseFont"), Name(font.name.as_bytes()));
            encoding(&mut dict, font);
            widths(&mut dict, font);
            if let Some(descriptor) = descriptor {
                dict.pair(Name(b"FontDescriptor"), descriptor);
            }
            if let Some(map) = map {
                dict.pair(Name(b"ToUnicode"), map);
            }
        });
    }

    pub(super) fn named_cid(&mut self, id: Ref, font: &NamedCid) {
        let descriptor = descriptor(self, &font.name, &font.metrics, None);
        let descendant = self.file.reserve();
        self.file.object(descendant, |object| {
            let mut dict = object.dict();
            dict.pair(Name(b"Type"), Name(b"Font"));
            let subtype: &[u8] = if font.true_type { b"CIDFontType2" } else { b"CIDFontType0" };
            dict.pair(Name(b"Subtype"), Name(subtype));
            dict.pair(Name(b"BaseFont"), Name(font.name.as_bytes()));
            system_info(&mut dict, font.collection.code(), font.supplement);
            dict.pair(Name(b"FontDescriptor"), descriptor);
            dict.pair(Name(b"DW"), font.default_width);
            if !font.widths.is_empty() {
                let widths = font.widths.iter().map(|it| (it.code, it.width));
                write_widths(dict.insert(Name(b"W")).array(), f32::NAN, widths);
            }
            if let Some(pair) = font.default_upright {
                dict.insert(Name(b"DW2")).array().items(pair);
            }
            if !font.uprights.is_empty() {
                let uprights = font.uprights.iter().map(|it| (it.code, it.numbers));
                write_uprights(dict.insert(Name(b"W2")).array(), uprights);
            }
        });
        // Also with a collection of Adobe's: a reader without its tables shows no text at all
        // (poppler without poppler-data).
        let texts = font.text.iter().map(|(code, text)| (*code, text.as_str()));
        let map = text::map(Codes::TwoBytes, texts);
        let encoding: &[u8] = if font.vertical { b"Identity-V" } else { b"Identity-H" };
        self.composite(id, &font.name, encoding, descendant, map);
    }
}

fn encoding(dict: &mut Dict<'_>, font: &Named) {
    let base = match font.encoding {
        Encoding::BuiltIn => None,
        named => Some(Name(named.code().as_bytes())),
    };
    if font.differences.is_empty() {
        if let Some(base) = base {
            dict.pair(Name(b"Encoding"), base);
        }
        return;
    }
    let mut encoding = dict.insert(Name(b"Encoding")).dict();
    encoding.pair(Name(b"Type"), Name(b"Encoding"));
    if let Some(base) = base {
        encoding.pair(Name(b"BaseEncoding"), base);
    }
    let mut list = encoding.insert(Name(b"Differences")).array();
    let mut next = None;
    for (code, name) in &font.differences {
        if next != Some(*code) {
            list.item(i32::from(*code));
        }
        list.item(Name(name.as_bytes()));
        next = code.checked_add(1);
    }
    list.finish();
}

fn widths(dict: &mut Dict<'_>, font: &Named) {
    let (Some(first), Some(last)) = (font.widths.first(), font.widths.last()) else { return };
    let (first, last) = (first.code.min(255), last.code.min(255));
    dict.pair(Name(b"FirstChar"), i32::from(first));
    dict.pair(Name(b"LastChar"), i32::from(last));
    let width =
        |code: u16| font.widths.iter().find(|it| it.code == code).map_or(0.0, |it| it.width);
    dict.insert(Name(b"Widths")).array().items((first..=last).map(width));
}
