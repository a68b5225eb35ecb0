//! Forms with files, read as they arrive.
//!
//! The token must be the first part: nothing of a request is kept before our
//! own page is known to have asked for it. The macro `form::csrf` at the top of
//! the form takes care of that.
//!
//! ```text
//! let mut upload: Upload = …;                       // 403 unless the first part is a good token
//! while let Some(part) = upload.next().await? {
//!     match part {
//!         Part::Text { name, value } => …,
//!         Part::File(file) => { let bytes = file.within(10 * MIB).await?; … }
//!     }
//! }
//! ```

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use axum::body::{Body, BodyDataStream};
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use bytes::{Bytes, BytesMut};
use futures_util::Stream;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use multer::{Field, Multipart};

use crate::csrf::{FIELD, Visitor};
use crate::download::clean_name;
use crate::form::{BadForm, BodyLimit, FormData, MOST_FIELDS, media_type, readable};
use crate::result::{Reply, Trouble};
use crate::server::BodyRefused;

/// Bytes read from one upload request unless the route has a [`BodyLimit`].
const DEFAULT_BYTES: u64 = 32 * 1024 * 1024;

/// Bytes of all parts of a request that are no files: as many as a form without files may have. A text
/// that is too long for its question gets the words of its question, not of the request.
const TEXTS: usize = 1024 * 1024;

/// A form with files whose token was checked.
#[derive(Debug)]
pub struct Upload {
    parts: Multipart<'static>,
    seen: usize,
    /// Bytes of texts that may still come.
    texts: usize,
    /// Bytes of the request that may still come.
    left: Arc<AtomicU64>,
}

/// One part of an upload.
#[derive(Debug)]
pub enum Part<'a> {
    /// A field without file.
    Text {
        /// Name of the field.
        name: String,
        /// What was typed.
        value: String,
    },
    /// A file that was chosen. A file field left empty gives no part.
    File(Box<FilePart<'a>>),
}

/// A file on its way. Read it before asking for the next part.
#[derive(Debug)]
pub struct FilePart<'a> {
    /// Name of the field.
    pub name: String,
    /// Name of the file as the visitor knows it, without folders or characters
    /// that are unsafe to show. Never use it as a path.
    pub file_name: String,
    /// Media type the browser believes it to be; proves nothing.
    pub media: String,
    field: Field<'static>,
    rest: &'a mut Upload,
    read: u64,
}

/// A form with at most one file that fits into memory.
#[derive(Debug, Default)]
pub struct WithFile {
    /// The fields without file.
    pub form: FormData,
    /// Name of the file as in [`FilePart`], and its bytes; `None` when none was chosen, or it is too large.
    pub file: Option<(String, Bytes)>,
    /// Name of the file when it is larger than was asked for. Everything else is here.
    pub too_large: Option<String>,
}

impl<S: Sync> FromRequest<S> for Upload {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, state).await?;
        let mut upload = Self::unproven(&head, body)?;
        match upload.next().await? {
            Some(Part::Text { name, value }) if name == FIELD && visitor.proves(&value) => {
                Ok(upload)
            }
            Some(_) | None => {
                upload.drain().await;
                Err(forged())
            }
        }
    }
}

fn forged() -> Trouble {
    Reply::forbidden("web.forged").into()
}

/// Who pressed at an address that is the proof itself: somebody on our page, with its token, or the mail
/// program of whoever got the address by mail, without cookie or token (RFC 8058).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// Somebody on our page.
    OnOurPage,
    /// A mail program: it takes no redirect.
    InMailProgram,
}

impl<S: Sync> FromRequest<S> for Pressed {
    type Rejection = Trouble;

    async fn from_request(request: Request, state: &S) -> Result<Self, Trouble> {
        let (mut head, body) = request.into_parts();
        let visitor = Visitor::from_request_parts(&mut head, state).await?;
        let form = if media_type(&head.headers) == "multipart/form-data" {
            let upload = Upload::unproven(&head, body)?;
            upload.with_file("", 0).await?.form
        } else {
            FormData::from_request(Request::from_parts(head, body), state).await?
        };
        if form.text("List-Unsubscribe") == "One-Click" {
            Ok(Self::InMailProgram)
        } else if visitor.proves(form.text(FIELD)) {
            Ok(Self::OnOurPage)
        } else {
            Err(forged())
        }
    }
}

impl Upload {
    /// A form whose token nobody looked at yet.
    fn unproven(head: &Parts, body: Body) -> Result<Self, Trouble> {
        let media = head.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let boundary = multer::parse_boundary(media.unwrap_or_default()).map_err(|_| forged())?;
        let left = Arc::new(AtomicU64::new(BodyLimit::of(&head.extensions, DEFAULT_BYTES)));
        let parts = Multipart::new(Limited::new(body, Arc::clone(&left)), boundary);
        Ok(Self { parts, seen: 0, texts: TEXTS, left })
    }

    /// The next part.
    ///
    /// # Errors
    /// 413 when the request is larger than the route allows or has too many
    /// parts, 408 when it is too slow, 400 when it breaks off or a text is no text.
    pub async fn next(&mut self) -> Result<Option<Part<'_>>, Trouble> {
        loop {
            let Some(field) = self.parts.next_field().await.map_err(explain)? else {
                return Ok(None);
            };
            self.seen += 1;
            let name = if self.seen > MOST_FIELDS {
                Err(BadForm::TooManyFields)
            } else {
                field.name().ok_or(BadForm::NotText).and_then(text)
            };
            let name = match name {
                Ok(name) => name,
                Err(bad) => {
                    drop(field);
                    self.drain().await;
                    return Err(bad.into());
                }
            };
            let Some(file_name) = field.file_name() else {
                return match typed(field, &mut self.texts).await {
                    Ok(value) => Ok(Some(Part::Text { name, value })),
                    Err(trouble) => {
                        self.drain().await;
                        Err(trouble)
                    }
                };
            };
            if file_name.is_empty() {
                continue;
            }
            let media = field.content_type().map(ToString::to_string);
            return Ok(Some(Part::File(Box::new(FilePart {
                name,
                file_name: clean_name(file_name),
                media: media.unwrap_or_default(),
                field,
                rest: self,
                read: 0,
            }))));
        }
    }

    /// Everything, when the form has one file in `field`. One of more than `most` bytes is named and takes
    /// nothing with it that was typed; files in other fields are left out.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub async fn with_file(mut self, field: &str, most: u64) -> Result<WithFile, Trouble> {
        let (mut fields, mut file, mut too_large) = (Vec::new(), None, None);
        while let Some(part) = self.next().await? {
            match part {
                Part::Text { name, value } => fields.push((name, value)),
                Part::File(part) if part.name == field => {
                    let name = part.file_name.clone();
                    match part.within(most).await? {
                        Some(bytes) => file = Some((name, bytes)),
                        None => too_large = Some(name),
                    }
                }
                Part::File(_) => {}
            }
        }
        Ok(WithFile { form: fields.into_iter().collect(), file, too_large })
    }

    /// So many bytes of a file do not count any more.
    fn forget(&self, bytes: u64) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Reads to the end and forgets, so that the browser shows our answer.
    async fn drain(&mut self) {
        while let Ok(Some(_)) = self.parts.next_field().await {}
    }
}

impl FilePart<'_> {
    /// The next piece of the file, `None` at its end.
    ///
    /// # Errors
    /// As [`Upload::next`].
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Trouble> {
        let chunk = self.field.chunk().await.map_err(explain)?;
        self.read += chunk.as_ref().map_or(0, Bytes::len) as u64;
        Ok(chunk)
    }

    /// The whole file, or `None` once it is longer than `most`: then the rest of it is skipped, so that what was
    /// typed on the page is not lost with it.
    ///
    /// # Errors
    /// As [`Upload::next`].
    pub async fn within(mut self, most: u64) -> Result<Option<Bytes>, Trouble> {
        let mut whole = BytesMut::new();
        while let Some(chunk) = self.chunk().await? {
            if self.read > most {
                drop(whole);
                self.skip().await?;
                return Ok(None);
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(Some(whole.freeze()))
    }

    /// Reads the rest of the file and forgets it, however long it is, to hear what was typed behind it;
    /// gives its size. Nothing of it counts as sent.
    ///
    /// # Errors
    /// As [`Upload::next`].
    pub async fn skip(mut self) -> Result<u64, Trouble> {
        self.rest.forget(self.read);
        while let Some(chunk) = self.chunk().await? {
            self.rest.forget(chunk.len() as u64);
        }
        Ok(self.read)
    }
}

/// The value of a part that is no file, as long as there is room for it.
async fn typed(mut field: Field<'static>, room: &mut usize) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    while let Some(chunk) = field.chunk().await.map_err(explain)? {
        let left = room.checked_sub(chunk.len());
        *room = left.ok_or_else(|| Reply::too_large("web.too_large"))?;
        bytes.extend_from_slice(&chunk);
    }
    let value = String::from_utf8(bytes).map_err(|_| BadForm::NotText)?;
    Ok(readable(value))
}

fn text(value: &str) -> Result<String, BadForm> {
    if value.contains('\0') {
        return Err(BadForm::Nul);
    }
    Ok(value.to_owned())
}

fn explain(error: multer::Error) -> Trouble {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(inner) = cause {
        if inner.is::<TooLarge>() {
            return Reply::too_large("web.too_large").into();
        }
        cause = inner.source();
    }
    match &error {
        multer::Error::StreamReadFailed(cause) => {
            if cause.is::<TooLarge>() {
                return Reply::too_large("web.too_large").into();
            }
            BodyRefused::explain(cause.as_ref())
        }
        _ => BodyRefused::explain(&error),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the request is larger than the route allows")]
struct TooLarge;

/// A body of at most `left` bytes, which grow while files are skipped. Beyond that it is read to its end and
/// thrown away, then it ends with [`TooLarge`]: a browser shows an answer only to what it could send whole.
/// No size ends it, because the pace does: a sender who stops is let go (NN-21), and one who sends on holds what
/// one holds who sends the allowed bytes as slowly as may be.
struct Limited {
    body: BodyDataStream,
    left: Arc<AtomicU64>,
    /// What did not fit. The parts read ahead: it may fit once what came before it was skipped.
    waits: Option<Bytes>,
    throws_away: bool,
}

impl Limited {
    fn new(body: Body, left: Arc<AtomicU64>) -> Self {
        Self { body: body.into_data_stream(), left, waits: None, throws_away: false }
    }
}

impl Stream for Limited {
    type Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            let waited = self.waits.take();
            let again = waited.is_some();
            let next = match waited {
                Some(bytes) => Some(Ok(bytes)),
                None => ready!(Pin::new(&mut self.body).poll_next(cx)),
            };
            match (next, self.throws_away) {
                (Some(Ok(bytes)), false) => {
                    let left = self.left.load(Ordering::Relaxed);
                    match left.checked_sub(bytes.len() as u64) {
                        Some(left) => {
                            self.left.store(left, Ordering::Relaxed);
                            return Poll::Ready(Some(Ok(bytes)));
                        }
                        None if again => self.throws_away = true,
                        None => {
                            self.waits = Some(bytes);
                            cx.waker().wake_by_ref();
                            return Poll::Pending;
                        }
                    }
                }
                (Some(Ok(_)), true) => {}
                (Some(Err(error)), _) => return Poll::Ready(Some(Err(Box::new(error)))),
                (None, true) => return Poll::Ready(Some(Err(Box::new(TooLarge)))),
                (None, false) => return Poll::Ready(None),
            }
        }
    }
}
