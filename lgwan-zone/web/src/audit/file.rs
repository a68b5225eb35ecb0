//! Events as a file of any length in constant memory, safe to open in a spreadsheet.

use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use lgwan_zone_store::audit::{self, Filter, Zone};
use platform_store::StoreError;
use platform_web::FormData;
use platform_web::download::download;
use tokio::sync::mpsc;

use super::line::Names;
use crate::applications::csv::{Encoding, Sheet};
use crate::applications::files;
use crate::site::{Site, TEXTS};
use crate::words;

/// Events read at once.
const PIECE: usize = 2_000;

/// The columns, after the words in the catalogue.
const COLUMNS: [&str; 13] = [
    "zone",
    "seq",
    "at",
    "id",
    "actor",
    "act",
    "object",
    "result",
    "detail",
    "ip",
    "session",
    "act_code",
    "detail_code",
];

/// Which events.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) zone: Option<Zone>,
    pub(super) filter: Filter,
    pub(super) with_names: bool,
}

/// A file somebody asked for.
pub(super) struct Asked {
    /// Beginning of its name.
    pub(super) name: &'static str,
    pub(super) wanted: Wanted,
    pub(super) encoding: Encoding,
}

/// `encoding=cp932`, or UTF-8.
pub(super) fn encoding(query: &FormData) -> Encoding {
    match query.text("encoding") {
        "cp932" => Encoding::Cp932,
        _ => Encoding::Utf8Bom,
    }
}

type Pieces = mpsc::Sender<Result<Bytes, std::io::Error>>;

impl Asked {
    /// Sends it piece by piece while it is read.
    pub(super) fn send(self, site: &Site) -> Response {
        let (pieces, body) = mpsc::channel(2);
        let name = format!("{}-{}.csv", self.name, words::day(site.clock.now()));
        let media = self.encoding.media();
        tokio::spawn(run(site.clone(), self.wanted, self.encoding, pieces));
        let stream = futures_util::stream::unfold(body, |mut body| async move {
            body.recv().await.map(|piece| (piece, body))
        });
        files::private(download(&name, media, Body::from_stream(stream)))
    }
}

async fn run(site: Site, wanted: Wanted, encoding: Encoding, pieces: Pieces) {
    if let Err(error) = write(&site, &wanted, Sheet::new(encoding), &pieces).await {
        tracing::error!(%error, "the operation log could not be sent whole");
        // The connection breaks off, so the browser does not show it as whole.
        let _ = pieces.send(Err(std::io::Error::other("broken off"))).await;
    }
}

async fn write(
    site: &Site,
    wanted: &Wanted,
    mut sheet: Sheet,
    pieces: &Pieces,
) -> Result<(), StoreError> {
    let heading = COLUMNS.map(|name| TEXTS.text(&format!("audit.csv.{name}")).to_owned());
    sheet.row(&heading);
    let mut behind = None;
    loop {
        let asked = wanted.clone();
        let (found, names) = site
            .store
            .read(move |db| {
                let found = audit::look(db, asked.zone, &asked.filter, behind, PIECE)?;
                let names = Names::of(db, &found)?;
                Ok((found, names))
            })
            .await?;
        for line in &found {
            let row = names.row(line, wanted.with_names);
            sheet.row(&[
                row.zone.to_owned(),
                row.seq.to_string(),
                row.at,
                row.id,
                row.actor,
                row.act,
                row.object,
                row.result.to_owned(),
                row.detail,
                row.ip,
                row.session,
                line.event.act.clone(),
                line.event.detail.clone(),
            ]);
        }
        // A caller that left needs no more.
        if pieces.send(Ok(sheet.take())).await.is_err() || found.len() < PIECE {
            return Ok(());
        }
        behind = found.last().map(audit::Line::cursor);
    }
}
