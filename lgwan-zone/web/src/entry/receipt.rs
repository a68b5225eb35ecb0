//! The receipt of an entry on paper, for who has no page of their own.

use axum::extract::{Path, State};
use domain::calendar::Wareki;
use domain::forms::Answers;
use domain::forms::definition::FieldKind;
use domain::forms::display::SummaryRow;
use domain::identity::Action;
use jiff::civil::Date;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::identity::departments;
use platform_store::time;
use platform_web::download::inline;
use platform_web::{OrFault as _, PageResult, Reply};

use super::begin;
use crate::applications::desk::{self, Desk};
use crate::applications::files;
use crate::guard::Who;
use crate::paper::{Paper, Unprintable};
use crate::site::{Site, TEXTS};
use crate::words;

/// When somebody comes and what it costs, each on a line of its own.
fn booked(desk: &Desk, answers: &Answers, today: Date) -> String {
    use FieldKind::{Fee, Slot};
    let rows = desk.form.summary(answers, today).into_iter().flat_map(|page| page.rows);
    let told = rows.filter(|row| matches!(row.of.kind, Slot(_) | Fee(_)) && !row.lines.is_empty());
    let line = |row: SummaryRow<'_>| {
        let said = row.lines.join(TEXTS.text("applications.slash"));
        TEXTS.fill("entry.receipt.line", &[("label", &row.label), ("said", &said)]) + "\n"
    };
    told.map(line).collect()
}

/// Prints the receipt.
pub async fn get(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::ReadApplication).await?;
    let back = format!("/applications/{}", desk.row.id);
    printed(&site, &who, &desk, back).await
}

/// The receipt of an application that began in this zone; `back` is its page.
///
/// # Errors
/// A refusal when it came online or holds what cannot be printed, or a fault.
pub(crate) async fn printed(site: &Site, who: &Who, desk: &Desk, back: String) -> PageResult {
    let (application, own) = (desk.row.id.clone(), desk.row.department_id.clone());
    let (entered, all) = site
        .store
        .read(move |db| Ok((entered::of(db, &application)?, departments::all(db)?)))
        .await?;
    let Some(entered) = entered else {
        return Err(Reply::conflict("entry.online").link(back).into());
    };
    let department = all.into_iter().find(|one| one.id == own);
    let (name, phone) = department.map(|one| (one.name, one.phone)).unwrap_or_default();
    let day = words::day(time::from_micros(desk.row.arrived_at));
    let booked = booked(desk, &desk.answers(site).await?, day);
    let received = Wareki::of(day).map_or_else(|| day.to_string(), |date| date.to_string());
    let row = &desk.row;
    let addressee = match row.applicant_name.as_str() {
        "" => String::new(),
        name => TEXTS.fill("applications.result.addressee", &[("name", &name)]),
    };
    let paper = Paper {
        number: String::new(),
        date: words::day(site.clock.now()),
        addressee,
        sender: site.settings.sender.clone(),
        title: TEXTS.text("entry.receipt.title").to_owned(),
        body: TEXTS.fill(
            "entry.receipt.body",
            &[
                ("number", &row.number),
                ("procedure", &desk.title()),
                ("received", &received),
                ("channel", &begin::name(entered.channel())),
                ("department", &name),
                ("phone", &phone),
                ("booked", &booked),
            ],
        ),
        check: None,
    };
    let typeface = site.typeface.clone();
    let printed = tokio::task::spawn_blocking(move || typeface.print(&paper)).await.or_fault()?;
    let bytes = match printed {
        Ok(printed) => printed.into_bytes(),
        Err(Unprintable::Missing(chars)) => {
            let refused = Reply::unprocessable("entry.glyph").with("chars", &chars);
            return Err(refused.link(back).into());
        }
        Err(Unprintable::Broken) => {
            return Err(platform_web::Fault::because("a receipt could not be printed").into());
        }
    };
    files::noted(site, who, "applications.receipt_printed", "application", &row.id, "").await?;
    Ok(files::private(inline(&format!("{}.pdf", row.number), "application/pdf", bytes)))
}
