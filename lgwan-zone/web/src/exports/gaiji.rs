//! 外字の変換表: tables of replacements, uploaded by staff, one version an upload.

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::export::{BadEntry, EntryFault, GaijiTable};
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::exports::gaiji;
use platform_web::multipart::Upload;
use platform_web::{Html, PageResult, QueryData, Trouble, Visitor, see_other};

use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Largest file, in bytes.
const LARGEST: u64 = 4 * 1024 * 1024;
/// Lines with a mistake that the page names.
const NAMED: usize = 20;

#[derive(Template)]
#[template(path = "exports/gaiji.html")]
struct GaijiPage {
    frame: Frame,
    faults: Vec<Fault>,
    tables: Vec<Line>,
    name: String,
    can_edit: bool,
}

struct Line {
    name: String,
    version: String,
    characters: String,
    at: String,
}

/// Shows the tables.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadOperations, &Object::Operations)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Exports).said(&query, "exports");
    let page = page(&site, &who, (frame, Vec::new(), String::new())).await?;
    Ok(Html(page).into_response())
}

/// Takes a new version in.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    upload: Upload,
) -> PageResult {
    who.may(Action::RunOperations, &Object::Operations)?;
    let sent = upload.with_file("file", LARGEST).await?;
    let name = sent.form.text("name").trim().to_owned();
    let bytes = sent.file.unwrap_or_default().1.to_vec();
    let (table, faults) = match (&sent.too_large, GaijiTable::parse(&bytes)) {
        (Some(file), _) => (GaijiTable::default(), vec![Fault::too_large("file", file, LARGEST)]),
        (None, Ok(table)) => (table, Vec::new()),
        (None, Err(bad)) => {
            (GaijiTable::default(), bad.iter().take(NAMED).map(line_fault).collect())
        }
    };
    let mut faults: Vec<Fault> = faults;
    if faults.is_empty() && table.is_empty() {
        faults.push(Fault::of("file", "exports.gaiji.fault.nothing"));
    }
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if !(1..=40).contains(&name.len()) || !name.bytes().all(plain) {
        faults.insert(0, Fault::of("name", "exports.gaiji.fault.name"));
    }
    if !faults.is_empty() {
        let frame = Frame::of(&site, &who, &visitor, Place::Exports);
        let page = page(&site, &who, (frame, faults, name)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response());
    }
    let characters = i64::try_from(table.len()).unwrap_or(i64::MAX);
    // Kept as UTF-8, whatever it came in.
    let content = String::from_utf8(bytes)
        .unwrap_or_else(|other| domain::cp932::decode(other.as_bytes()).unwrap_or_default());
    let by = who.by(&site);
    let put = site.store.write(move |tx| gaiji::put(tx, &by, &name, (&content, characters)));
    put.await?;
    Ok(see_other("/exports/gaiji?said=gaiji_put"))
}

async fn page(
    site: &Site,
    who: &Who,
    (frame, faults, name): (Frame, Vec<Fault>, String),
) -> Result<GaijiPage, Trouble> {
    let tables = site.store.read(gaiji::newest).await?;
    let line = |one: gaiji::Version| Line {
        version: one.version.to_string(),
        characters: words::count(one.characters),
        at: words::stored(one.uploaded_at),
        name: one.name,
    };
    let can_edit = who.can(Action::RunOperations, &Object::Operations);
    let tables = tables.into_iter().map(line).collect();
    Ok(GaijiPage { frame, faults, tables, name, can_edit })
}

fn line_fault(bad: &BadEntry) -> Fault {
    let key = match bad.fault {
        EntryFault::File => "exports.gaiji.fault.file",
        EntryFault::Columns => "exports.gaiji.fault.columns",
        EntryFault::Character => "exports.gaiji.fault.character",
        EntryFault::Replacement => "exports.gaiji.fault.replacement",
        EntryFault::Twice => "exports.gaiji.fault.twice",
    };
    Fault::said("file", TEXTS.fill(key, &[("line", &bad.line)]))
}
