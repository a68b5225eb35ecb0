//! A definition as an Excel workbook: to fill in, to save, and back (NF-37).

pub(super) mod opened;
mod words;
mod written;

use axum::extract::{Path, State};
use axum::response::Response;
use domain::forms::definition::Procedure;
use domain::forms::workbook::{self, Fault, Sheet, Words as _};
use domain::identity::Action;
use domain::ids::ProcedureId;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::identity::departments;
use platform_store::Db;
use platform_web::download::download;
use platform_web::{OrFault as _, PageResult, Reply, Trouble};

use self::opened::NotWorkbook;
use self::words::Town;
use super::show;
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Media type of a workbook.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// What the template shows as an example.
const EXAMPLE: &str = include_str!("example.json");

/// Saves the newest definition as a workbook.
pub async fn get(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let town = site.store.read(town).await?;
    let sheets = workbook::write(&procedure, &town).or_fault()?;
    answer(&format!("{}-{}.xlsx", row.slug, row.revision), sheets, &town)
}

/// Saves a workbook to begin from: an example in every sheet, and what each column is for.
pub async fn template(State(site): State<Site>, who: Who) -> PageResult {
    let town = site.store.read(town).await?;
    let example = EXAMPLE.replace("{department}", who.departments.first().map_or("", |(id, _)| id));
    let example = Procedure::from_json(example.as_bytes()).or_fault()?;
    let mut sheets = workbook::write(&example, &town).or_fault()?;
    // Without an id it becomes a new procedure each time.
    let id = town.heading("id");
    for row in sheets[0].rows.iter_mut().filter(|row| row[0] == id) {
        row.truncate(1);
    }
    answer(&format!("{}.xlsx", TEXTS.text("procedures.page.workbook.file")), sheets, &town)
}

fn answer(name: &str, mut sheets: Vec<Sheet>, town: &Town) -> Result<Response, Trouble> {
    sheets.insert(0, guide(town));
    let bytes = written::bytes(&sheets).map_err(|_| Reply::conflict("procedures.too_long"))?;
    Ok(download(name, XLSX, bytes))
}

/// A sheet for people: what is to be known before filling in the others.
fn guide(town: &Town) -> Sheet {
    let lines = TEXTS.text("procedures.page.workbook.guide").lines();
    let rows = lines.map(|line| vec![line.to_owned()]).collect();
    Sheet { name: town.sheet("guide"), rows, offers: Vec::new() }
}

fn town(db: &mut Db) -> Result<Town, QueryError> {
    let all = departments::all(db)?;
    Ok(Town(all.into_iter().map(|one| (one.id, one.name)).collect()))
}

/// The definition of a workbook that was sent, or what is wrong with it in words.
///
/// # Errors
/// A fault when the departments cannot be read.
pub(super) async fn definition(
    site: &Site,
    bytes: &[u8],
) -> Result<Result<Procedure, Vec<String>>, Trouble> {
    let said = |key: &str| Ok(Err(vec![TEXTS.text(key).to_owned()]));
    let sheets = match opened::read(bytes) {
        Ok(sheets) => sheets,
        Err(NotWorkbook::Other) => return said("procedures.fault.not_workbook"),
        Err(NotWorkbook::Broken) => return said("procedures.fault.broken_workbook"),
        Err(NotWorkbook::TooLarge) => return said("procedures.fault.large_workbook"),
    };
    let town = site.store.read(town).await?;
    let own_id = ProcedureId::parse(&site.new_id()).or_fault()?;
    let read = workbook::read(&sheets, &town, &own_id);
    Ok(read.map_err(|faults| faults.iter().map(in_words).collect()))
}

/// `「質問」シート 12行目 F列（最大）：整数で入力してください（いま：たくさん）。`
fn in_words(fault: &Fault) -> String {
    let mut place = TEXTS.fill("procedures.workbook_place.sheet", &[("sheet", &fault.sheet)]);
    if fault.row > 0 {
        place.push_str(&TEXTS.fill("procedures.workbook_place.row", &[("row", &fault.row)]));
    }
    if let Some(column) = fault.column {
        let letters = letters(column);
        place.push_str(&TEXTS.fill("procedures.workbook_place.column", &[("column", &letters)]));
    }
    if !fault.heading.is_empty() {
        let heading = &fault.heading;
        place.push_str(&TEXTS.fill("procedures.workbook_place.heading", &[("heading", heading)]));
    }
    let detail = match fault.detail.trim() {
        "" => TEXTS.text("procedures.workbook_place.empty"),
        some => some,
    };
    TEXTS.fill(fault.code.key(), &[("place", &place), ("detail", &detail)])
}

/// `A` to `Z`, then `AA`.
fn letters(mut column: usize) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            return letters.into_iter().rev().collect();
        }
        column = column / 26 - 1;
    }
}

#[cfg(test)]
mod tests;
