//! Rebuilt attachments; the bytes a citizen sent never leave this way, because they are not here.

use axum::extract::{Path, State};
use domain::identity::Action;
use lgwan_zone_store::applications::file;
use platform_web::download::download;
use platform_web::{OrFault as _, PageResult, QueryData, Reply, Trouble};

use super::applications::{is_rebuilt, open};
use super::guard::Caller;
use super::query;
use crate::applications::files::private;
use crate::site::Site;

/// Sends one rebuilt file.
pub(super) async fn get(
    State(site): State<Site>,
    caller: Caller,
    Path((id, wanted)): Path<(String, String)>,
    asked: QueryData,
) -> PageResult {
    query::known(&asked, &[])?;
    let desk = open(&site, &caller, &id, Action::ReadApplication).await?;
    let found = site.store.read(move |db| file::attachment(db, &id, &wanted)).await?;
    let missing = || Trouble::from(Reply::not_found("api.no_file"));
    let found = found.filter(is_rebuilt).ok_or_else(missing)?;
    let (Some(name), Some(media), Some(file_id)) = (found.out_name, found.out_media, found.file_id)
    else {
        return Err(missing());
    };
    let files = site.files.clone();
    let bytes = tokio::task::spawn_blocking(move || files.get(&file_id)).await.or_fault()??;
    let detail = format!("{} {}", desk.row.number, found.id);
    caller.noted(&site, "api.file_read", ("application", &desk.row.id), &detail).await?;
    Ok(private(download(&name, &media, bytes)))
}
