//! What a form page sent: answers, the button that was pressed, and files. Files
//! stay in memory; nothing is written before it is sealed (K1).

use std::collections::BTreeSet;

use axum::extract::{FromRequest, Request};
use domain::forms::rows::Edit;
use domain::forms::{Answers, Opening};
use http::header::CONTENT_TYPE;
use platform_web::csrf::CsrfForm;
use platform_web::form::BodyLimit;
use platform_web::multipart::{FilePart, Part, Upload};
use platform_web::{FormData, Trouble};
use tokio::sync::OwnedSemaphorePermit;
use zeroize::Zeroizing;

use super::clash;
use crate::forms::sent;
use crate::site::Site;

/// Bytes of the largest file that is kept. Of a larger one no question takes anything: it is read and only
/// counted, so that the page can say what was wrong and keep everything else.
const MOST_FILE: usize = 64 * 1024 * 1024;

/// Bytes of all files of a request that are kept: twice as many as a draft may have.
const MOST_FILES: usize = 100_000_000;

/// Bytes of a form that comes without files: a megabyte of text as it is escaped on its way, so that a text that is too
/// long for its question still gets the words of its question. What a route takes of files is not meant for it.
const MOST_TYPED: u64 = 4 * 1024 * 1024;

/// Bytes for which one permit stands.
const PERMIT: usize = 1024 * 1024;

/// What was sent.
pub(crate) struct Filled {
    form: FormData,
    /// Room in memory, held as long as the files are.
    _room: Room,
    /// Files chosen.
    pub(crate) uploads: Vec<Uploaded>,
}

/// Prefix of the inputs for passwords of files; the file's identifier follows.
pub(crate) const PASSWORD: &str = "_password:";

/// A file chosen.
pub(crate) struct Uploaded {
    /// Input it answers.
    pub(crate) input: String,
    /// Its name, fit to show.
    pub(crate) name: String,
    /// Its bytes; none when it is larger than anything that is taken.
    pub(crate) bytes: Vec<u8>,
    /// How many bytes were sent.
    pub(crate) size: u64,
    /// It is larger than anything that is taken, or there was no room for it in memory: it is not taken, and what was
    /// typed beside it is kept.
    pub(crate) busy: bool,
}

/// The button that was pressed.
pub(crate) enum Button {
    /// Go on.
    Next,
    /// Go back.
    Back,
    /// Save and stay.
    Save,
    /// What became of the answers with a newer revision was read.
    Seen,
    /// Save while typing goes on: the page stays and only hears that it is done.
    Keep,
    /// Save what was chosen where two windows differ.
    Merge(BTreeSet<String>),
    /// Look a postal code up: the field.
    Postal(String),
    /// Take the n-th place found: the field.
    Place(String, usize),
    /// Look for entries of a list: the field.
    Find(String),
    /// Take the n-th entry of a list: the field.
    Pick(String, usize),
    /// Work a calculated value out: the field.
    Calc(String),
    /// Shows the times of the day that was chosen for a field.
    Day(String),
    /// Chooses a day and time for a field.
    Slot(String, Opening),
    /// Change the rows of a group: the field.
    Row(String, Edit),
    /// Take the files chosen.
    Upload,
    /// Try the passwords typed.
    Unlock,
    /// Remove a file.
    Remove(String),
}

impl FromRequest<Site> for Filled {
    type Rejection = Trouble;

    async fn from_request(mut request: Request, site: &Site) -> Result<Self, Trouble> {
        let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !media.unwrap_or_default().starts_with("multipart/") {
            request.extensions_mut().insert(BodyLimit(MOST_TYPED));
            let CsrfForm(form) = CsrfForm::from_request(request, site).await?;
            return Ok(Self { form, _room: Room::default(), uploads: Vec::new() });
        }
        let mut upload = Upload::from_request(request, site).await?;
        let (mut fields, mut uploads) = (Vec::new(), Vec::new());
        let mut room = Room::default();
        while let Some(part) = upload.next().await? {
            match part {
                Part::Text { name, value } => fields.push((name, value)),
                Part::File(file) => uploads.push(received(*file, &mut room, site).await?),
            }
        }
        Ok(Self { form: fields.into_iter().collect(), _room: room, uploads })
    }
}

/// Reads a file. One that is not kept is read to its end all the same: what was typed may stand behind it.
async fn received(
    mut file: FilePart<'_>,
    room: &mut Room,
    site: &Site,
) -> Result<Uploaded, Trouble> {
    let (input, name, before) = (file.name.clone(), file.file_name.clone(), room.held);
    let most = MOST_FILE.min(MOST_FILES.saturating_sub(before));
    let mut bytes = Vec::new();
    while let Some(chunk) = file.chunk().await? {
        let fits = bytes.len() + chunk.len() <= most;
        if !fits || !room.take(chunk.len(), || site.megabyte()) {
            drop(bytes);
            room.give_back(before);
            let size = file.skip().await?;
            return Ok(Uploaded { input, name, bytes: Vec::new(), size, busy: true });
        }
        bytes.extend_from_slice(&chunk);
    }
    let size = bytes.len() as u64;
    Ok(Uploaded { input, name, bytes, size, busy: false })
}

/// Memory for the files of one request, a megabyte at a time: a caller who sends slowly holds only
/// what was sent so far.
#[derive(Default)]
struct Room {
    permits: Vec<OwnedSemaphorePermit>,
    held: usize,
}

impl Room {
    /// Takes room for more bytes; `false` when there is none.
    fn take(&mut self, bytes: usize, next: impl Fn() -> Option<OwnedSemaphorePermit>) -> bool {
        let held = self.held + bytes;
        while self.permits.len() * PERMIT < held {
            let Some(permit) = next() else { return false };
            self.permits.push(permit);
        }
        self.held = held;
        true
    }

    /// Gives back what was taken since so many bytes were held.
    fn give_back(&mut self, held: usize) {
        self.held = held;
        self.permits.truncate(held.div_ceil(PERMIT));
    }
}

/// `add:GROUP:N`, `remove:GROUP:N`, `up:GROUP:N` or `down:GROUP:N`; places count from 0.
fn row(value: &str) -> Option<Button> {
    let (what, rest) = value.split_once(':')?;
    let (group, place) = rest.rsplit_once(':')?;
    let place = place.parse().ok()?;
    let edit = match what {
        "add" => Edit::Add,
        "remove" => Edit::Remove(place),
        "up" => Edit::Up(place),
        "down" => Edit::Down(place),
        _ => return None,
    };
    Some(Button::Row(group.to_owned(), edit))
}

impl Filled {
    /// The answers as typed, with the list of fields the page showed.
    pub(crate) fn answers(&self) -> Answers {
        sent(&self.form)
    }

    /// One of our own inputs; empty when it was not sent.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.form.text(name)
    }

    /// Passwords typed, with the file each is for.
    pub(crate) fn passwords(&self) -> Vec<(String, Zeroizing<String>)> {
        let typed = self.form.iter().filter(|(_, value)| !value.is_empty());
        let of_files =
            typed.filter_map(|(name, value)| Some((name.strip_prefix(PASSWORD)?, value)));
        of_files.map(|(file, value)| (file.to_owned(), Zeroizing::new(value.to_owned()))).collect()
    }

    /// The button that was pressed; the Enter key counts as going on.
    pub(crate) fn button(&self) -> Button {
        let pressed = self.form.text("_do");
        let (what, which) = pressed.split_once(':').unwrap_or((pressed, ""));
        match what {
            "back" => Button::Back,
            "save" => Button::Save,
            "seen" => Button::Seen,
            "keep" => Button::Keep,
            "merge" => Button::Merge(clash::chosen(which, &self.form)),
            "upload" => Button::Upload,
            "unlock" => Button::Unlock,
            "remove" => Button::Remove(which.to_owned()),
            "postal" => Button::Postal(which.to_owned()),
            "calc" => Button::Calc(which.to_owned()),
            "day" => Button::Day(which.to_owned()),
            "slot" => match which.split_once(':').map(|(id, code)| (id, Opening::parse(code))) {
                Some((id, Some(opening))) => Button::Slot(id.to_owned(), opening),
                Some((_, None)) | None => Button::Save,
            },
            "row" => row(which).unwrap_or(Button::Save),
            "find" => Button::Find(which.to_owned()),
            "place" => {
                let (field, number) = which.rsplit_once(':').unwrap_or((which, "0"));
                Button::Place(field.to_owned(), number.parse().unwrap_or(0))
            }
            "pick" => match which.rsplit_once(':').map(|(field, n)| (field, n.parse())) {
                Some((field, Ok(row))) => Button::Pick(field.to_owned(), row),
                Some((_, Err(_))) | None => Button::Save,
            },
            _ => Button::Next,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    /// NF-56: what one file took is given back when the rest of it does not fit; another one has it.
    #[test]
    fn room_is_given_back() {
        let all = Arc::new(Semaphore::new(2));
        let next = || Arc::clone(&all).try_acquire_owned().ok();
        let mut room = Room::default();
        assert!(room.take(10, next) && room.take(PERMIT, next));
        assert_eq!(all.available_permits(), 0);
        assert!(!room.take(PERMIT, next), "three are not there");
        room.give_back(10);
        assert_eq!((all.available_permits(), room.held), (1, 10));
        drop(room);
        assert_eq!(all.available_permits(), 2);
    }
}
