//! Rebuilt attachments and issued documents. Staff never get an original.

use axum::extract::{Path, State};
use axum::response::Response;
use domain::identity::Action;
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use lgwan_zone_store::applications::rows::Attachment;
use lgwan_zone_store::applications::{file, messages};
use lgwan_zone_store::{QueryError, audit};
use platform_store::Db;
use platform_web::download::{download, inline};
use platform_web::{OrFault as _, PageResult, Reply, Trouble};

use super::desk;
use crate::guard::Who;
use crate::site::Site;

/// Saves one attachment.
pub async fn attachment(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    Ok(rebuilt(&site, &who, &id, &wanted).await?.saved())
}

/// Shows one attachment when it is an image or a PDF.
pub async fn view(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    Ok(rebuilt(&site, &who, &id, &wanted).await?.shown())
}

/// Saves one issued document.
pub async fn document(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::ReadApplication).await?;
    issued(&site, &who, &desk, wanted).await
}

/// An issued document of this application, with the record that it was read.
pub(crate) async fn issued(
    site: &Site,
    who: &Who,
    desk: &desk::Desk,
    wanted: String,
) -> PageResult {
    let application = desk.row.id.clone();
    let found = site.store.read(move |db| file::document(db, &application, &wanted)).await?;
    let found = found.ok_or_else(missing)?;
    let bytes = bytes_of(site, found.file_id.clone()).await?;
    noted(site, who, "documents.read", "document", &found.id, &desk.row.number).await?;
    Ok(private(inline(&found.file_name, &found.media, bytes)))
}

/// Saves every rebuilt attachment of an application and of its messages as one ZIP.
pub async fn all(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::ReadApplication).await?;
    let application = desk.row.id.clone();
    let files = site.store.read(move |db| of_application(db, &application)).await?;
    let folder = site.files.clone();
    let number = desk.row.number.clone();
    let packed = tokio::task::spawn_blocking(move || {
        crate::applications::zip::pack(&number, &files, |id| folder.get(id))
    })
    .await
    .or_fault()??;
    noted(&site, &who, "applications.files_taken", "application", &desk.row.id, "").await?;
    let name = format!("{}.zip", desk.row.number);
    Ok(private(download(&name, "application/zip", packed)))
}

/// The files of an application and of the messages about it.
pub(super) fn of_application(
    db: &mut Db,
    application: &str,
) -> Result<Vec<Attachment>, QueryError> {
    let mut files = file::attachments_of(db, application)?;
    files.extend(messages::files_of(db, application)?.0);
    Ok(files)
}

/// A rebuilt file this person may read, with the record that it was read.
pub(super) async fn rebuilt(
    site: &Site,
    who: &Who,
    id: &str,
    wanted: &str,
) -> Result<Content, Trouble> {
    let desk = desk::open(site, who, id, Action::ReadApplication).await?;
    let (application, wanted) = (desk.row.id.clone(), wanted.to_owned());
    let found = site.store.read(move |db| file::attachment(db, &application, &wanted)).await?;
    let detail =
        format!("{} {}", desk.row.number, found.as_ref().map_or("", |one| one.id.as_str()));
    let whole = content(site, found).await?;
    noted(site, who, "applications.file_read", "application", &desk.row.id, &detail).await?;
    Ok(whole)
}

/// A rebuilt file.
pub(crate) struct Content {
    /// Its name.
    pub(crate) name: String,
    /// Its media type.
    pub(crate) media: String,
    /// What is in it.
    pub(crate) bytes: Vec<u8>,
}

impl Content {
    /// To be saved.
    pub(crate) fn saved(self) -> Response {
        private(download(&self.name, &self.media, self.bytes))
    }

    /// To be looked at, when it is an image or a PDF.
    pub(crate) fn shown(self) -> Response {
        private(inline(&self.name, &self.media, self.bytes))
    }
}

/// A rebuilt file; 404 for one that is not there or is held.
pub(crate) async fn content(site: &Site, found: Option<Attachment>) -> Result<Content, Trouble> {
    let Attachment { out_name: Some(name), out_media: Some(media), file_id: Some(file_id), .. } =
        found.ok_or_else(missing)?
    else {
        return Err(missing());
    };
    let bytes = bytes_of(site, file_id).await?;
    Ok(Content { name, media, bytes })
}

async fn bytes_of(site: &Site, id: String) -> Result<Vec<u8>, Trouble> {
    let files = site.files.clone();
    let read = tokio::task::spawn_blocking(move || files.get(&id)).await.or_fault()?;
    Ok(read?)
}

/// Records that somebody read something (NF-42).
pub(crate) async fn noted(
    site: &Site,
    who: &Who,
    act: &'static str,
    kind: &'static str,
    id: &str,
    detail: &str,
) -> Result<(), Trouble> {
    let (by, id, detail) = (who.by(site), id.to_owned(), detail.to_owned());
    site.store.write(move |tx| audit::taken_out(tx, &by, act, kind, &id, &detail)).await?;
    Ok(())
}

/// Files about people stay in no cache.
pub(crate) fn private(mut answer: Response) -> Response {
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

fn missing() -> Trouble {
    Reply::not_found("applications.file_missing").into()
}
