//! 取消: what a batch did is looked at once more, and taken back row by row where it can be.

use domain::identity::Action;
use lgwan_zone_store::QueryError;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::applications::{charge, file};
use lgwan_zone_store::batches::undo::{self, UNDO};
use lgwan_zone_store::batches::{Batch, CHARGE_BACK, Outcome, Row, Stage};
use lgwan_zone_store::shelf::Shelf;
use platform_store::Db;
use platform_web::{Reply, Trouble};

use crate::guard::Who;
use crate::site::Site;

/// Rows that one job looks at.
const PIECE: usize = 500;

/// A row, its application, and why nothing would come of it.
type Judged = (Row, Option<Application>, Option<Outcome>);

fn judge(
    db: &mut Db,
    shelf: &Shelf,
    (of, event): (&Batch, &str),
    mut row: Row,
) -> Result<Judged, QueryError> {
    row.seen += i32::from(event == UNDO);
    let at = row.application_id.clone().unwrap_or_default();
    let application = file::row(db, &at)?;
    let outcome = match &application {
        None => Some(Outcome::Missing),
        Some(_) if event == CHARGE_BACK => {
            let stays = charge::holder(db, &at)? == of.person;
            (!stays).then_some(Outcome::Overtaken)
        }
        Some(_) if event != UNDO => None,
        Some(application) => undo::judge(db, shelf, (of, &row), application)?.err(),
    };
    Ok((row, application, outcome))
}

/// Works out what can be taken back, and keeps it to be looked at: the address of its page.
pub(super) async fn look(site: &Site, who: &Who, original: Batch) -> Result<String, Trouble> {
    let back = format!("/inbox/batches/{}", original.id);
    let over = Stage::parse(&original.state) == Some(Stage::Done);
    let Some(event) = undo::event(&original).filter(|_| over) else {
        return Err(Reply::conflict("batches.not_undone").link(back).into());
    };
    let id = original.id.clone();
    let done = site.store.read(move |db| undo::done(db, &id)).await?;
    let mut judged = Vec::with_capacity(done.len());
    for piece in done.chunks(PIECE) {
        let (rows, shelf, of) = (piece.to_vec(), site.shelf.clone(), original.clone());
        let read = site.store.read(move |db| {
            rows.into_iter().map(|row| judge(db, &shelf, (&of, event), row)).collect()
        });
        let read: Vec<Judged> = read.await?;
        judged.extend(read);
    }
    if judged.is_empty() {
        return Err(Reply::conflict("batches.nothing_done").link(back).into());
    }
    let at = site.clock.now().as_microsecond();
    let batch = Batch {
        title: original.title.clone(),
        label_id: original.label_id.clone(),
        undoes: Some(original.id.clone()),
        notice: original.notice.clone(),
        asked: original.asked.clone(),
        ..Batch::looked_at(site.new_id(), event, (&who.id, &who.name), at)
    };
    let rows = judged.into_iter().zip(1..).map(|((row, application, outcome), place)| {
        let theirs = |row| who.may_with(Action::WorkOnApplication, row).is_err();
        let outcome = match application {
            Some(application) if application.is_of(&who.id) => Some(Outcome::Own),
            Some(application) if theirs(&application) => Some(Outcome::Missing),
            _ => outcome,
        };
        Row {
            batch_id: batch.id.clone(),
            place,
            file_name: String::new(),
            file_id: None,
            size: 0,
            sha256: String::new(),
            outcome: outcome.map(|outcome| outcome.code().to_owned()),
            ..row
        }
    });
    let rows: Vec<Row> = rows.collect();
    let by = who.by(site);
    let made = site.store.write(move |tx| undo::make(tx, &by, (&original, &batch), &rows)).await?;
    Ok(format!("/inbox/batches/{made}"))
}
