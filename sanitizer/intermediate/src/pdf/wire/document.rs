//! Pages, forms, pictures, bookmarks.

use super::{get, get1, put, unknown};
use crate::codec::{Decode, DecodeError, Encode, Reader, Writer};
use crate::image::Samples;
use crate::pdf::{
    Bookmark, Form, Group, Link, Page, PdfDocument, PdfPicture, Stencil, Target, Things, max,
};

impl Encode for PdfDocument {
    fn encode(&self, to: &mut Writer<'_>) {
        to.list(&self.pages);
        to.value(&*self.things);
        to.list(&self.bookmarks);
    }
}

impl Decode for PdfDocument {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let pages: Vec<Page> = from.list(max::PAGES)?;
        if pages.is_empty() {
            return unknown("pages");
        }
        Ok(Self { pages, things: Box::new(from.value()?), bookmarks: from.list(max::BOOKMARKS)? })
    }
}

impl Encode for Things {
    fn encode(&self, to: &mut Writer<'_>) {
        to.list(&self.fonts);
        to.list(&self.forms);
        to.list(&self.pictures);
        to.list(&self.patterns);
        to.list(&self.shadings);
        to.list(&self.masks);
    }
}

impl Decode for Things {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            fonts: from.list(max::THINGS)?,
            forms: from.list(max::THINGS)?,
            pictures: from.list(max::THINGS)?,
            patterns: from.list(max::THINGS)?,
            shadings: from.list(max::THINGS)?,
            masks: from.list(max::THINGS)?,
        })
    }
}

impl Encode for Page {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &self.media);
        put(to, &self.crop);
        to.u8(self.turns);
        put(to, &[self.unit]);
        to.option(self.group.as_ref());
        to.list(&self.content);
        to.list(&self.links);
    }
}

impl Decode for Page {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            media: get(from)?,
            crop: get(from)?,
            turns: from.u8()? % 4,
            unit: get1(from)?.clamp(0.1, 100.0),
            group: from.option()?,
            content: from.list(max::STEPS)?,
            links: from.list(max::LINKS)?,
        })
    }
}

impl Encode for Link {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &self.area);
        match &self.target {
            Target::Page(page) => {
                to.u8(1);
                to.u32(*page);
            }
            Target::Web(address) => {
                to.u8(2);
                to.str(address);
            }
        }
    }
}

impl Decode for Link {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let area = get(from)?;
        let target = match from.u8()? {
            1 => Target::Page(from.u32()?),
            2 => Target::Web(from.str(max::ADDRESS)?),
            _ => return unknown("Link"),
        };
        Ok(Self { area, target })
    }
}

impl Encode for Group {
    fn encode(&self, to: &mut Writer<'_>) {
        to.bool(self.isolated);
        to.bool(self.knockout);
        to.value(&self.space);
    }
}

impl Decode for Group {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { isolated: from.bool()?, knockout: from.bool()?, space: from.value()? })
    }
}

impl Encode for Form {
    fn encode(&self, to: &mut Writer<'_>) {
        put(to, &self.bounds);
        put(to, &self.matrix);
        to.option(self.group.as_ref());
        to.list(&self.content);
    }
}

impl Decode for Form {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self {
            bounds: get(from)?,
            matrix: get(from)?,
            group: from.option()?,
            content: from.list(max::STEPS)?,
        })
    }
}

impl Encode for PdfPicture {
    fn encode(&self, to: &mut Writer<'_>) {
        to.value(&self.picture);
        to.option(self.alpha.as_ref());
        to.bool(self.stencil.is_some());
        to.bool(self.smooth);
        to.u32(self.coded_bytes);
    }
}

impl Decode for PdfPicture {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let it = Self {
            picture: from.value()?,
            alpha: from.option()?,
            stencil: from.bool()?.then_some(Stencil),
            smooth: from.bool()?,
            coded_bytes: from.u32()?,
        };
        let plain = it.picture.samples() != Samples::Rgba;
        let mask = it
            .alpha
            .as_ref()
            .is_none_or(|alpha| matches!(alpha.samples(), Samples::Bilevel | Samples::Gray));
        let stencil = it.stencil.is_none()
            || (it.picture.samples() == Samples::Bilevel && it.alpha.is_none());
        if plain && mask && stencil { Ok(it) } else { unknown("PdfPicture") }
    }
}

impl Encode for Bookmark {
    fn encode(&self, to: &mut Writer<'_>) {
        to.u8(self.level);
        to.str(&self.title);
        to.u32(self.page);
    }
}

impl Decode for Bookmark {
    fn decode(from: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { level: from.u8()?, title: from.str(1_024)?, page: from.u32()? })
    }
}
