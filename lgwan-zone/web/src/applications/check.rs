//! 審査の確認: a file beside the answers and the points of the review (NF-33). Every button keeps the
//! marks, so that going to the next file loses nothing.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};
use domain::applications::{Mark, Point};
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::review::{self, Found, Kept, LONGEST_NOTE, Marked};
use lgwan_zone_store::applications::rows::Attachment;
use platform_store::time;
use platform_web::download::with_frames;
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Trouble, Visitor, see_other,
};

use super::before::newest;
use super::desk::{self, Desk};
use super::files::{self, Content, noted};
use super::show::{FileView, file_view};
use super::summary::{self, Drawn, Page};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "applications/check.html")]
struct CheckPage {
    frame: Frame,
    faults: Vec<Fault>,
    /// What somebody else marked in between.
    overtaken: String,
    id: String,
    number: String,
    procedure: String,
    pages: Vec<Page>,
    points: Vec<PointView>,
    /// The round of answers that the page shows.
    round: i32,
    can_mark: bool,
    /// All files, to go from one to another.
    files: Vec<Choice>,
    /// The one that is shown.
    shown: Option<Shown>,
    previous: Option<String>,
    next: Option<String>,
}

struct Shown {
    file: FileView,
    title: String,
    place: String,
    pdf: bool,
}

struct PointView {
    id: String,
    title: String,
    help: String,
    optional: bool,
    marks: Vec<Choice>,
    note: String,
    seen: i32,
    /// Who marked it when, and as what where that was on the answers of an earlier round; empty for nobody.
    by: String,
    /// Whether that was on the answers of an earlier round: the point is marked anew then.
    earlier: bool,
    past: Vec<String>,
}

/// What the page is drawn from.
struct Known {
    files: Vec<Attachment>,
    found: BTreeMap<String, Vec<Found>>,
}

async fn known(site: &Site, desk: &Desk) -> Result<Known, Trouble> {
    let id = desk.row.id.clone();
    let read = site.store.read(move |db| {
        Ok(Known { files: files::of_application(db, &id)?, found: review::all(db, &id)? })
    });
    Ok(read.await?)
}

/// Shows the page.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path(id): Path<String>,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::ReadApplication).await?;
    let known = known(&site, &desk).await?;
    noted(&site, &who, "applications.viewed", "application", &desk.row.id, "").await?;
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox).said(&query, "applications");
    let nothing = (Vec::new(), String::new());
    let file = query.0.text("file");
    let page = page(&site, &who, (frame, nothing), &desk, &known, (file, None)).await?;
    Ok(with_frames(Html(page).into_response()))
}

/// Keeps the marks, then shows the file that was asked for.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await?;
    let mut known = known(&site, &desk).await?;
    let shown = form.text("file").to_owned();
    let again = |frame: Frame, known: Known, faults: Vec<Fault>, overtaken: String| {
        let (site, who, desk, form, shown) = (&site, &who, &desk, &form, shown.as_str());
        async move {
            let said = (frame, (faults, overtaken));
            page(site, who, said, desk, &known, (shown, Some(form))).await
        }
    };
    let points = &desk.form.procedure().workflow.points;
    // What was marked was seen on the answers that the page showed, also when a correction came in between.
    let seen = form.text("round").parse::<i32>().ok();
    let round = seen.filter(|round| (0..=desk.row.round).contains(round));
    let round = round.unwrap_or(desk.row.round);
    let (new, faults) = parse((points, round), &known.found, &form);
    let frame = Frame::of(&site, &who, &visitor, Place::Inbox);
    if !faults.is_empty() {
        let page = again(frame, known, faults, String::new()).await?;
        return Err(refused(StatusCode::UNPROCESSABLE_ENTITY, page));
    }
    let (by, row) = (who.by(&site), desk.row.clone());
    let kept = site.store.write(move |tx| review::mark(tx, &by, (&row, round), &new)).await?;
    if let Kept::Overtaken(titles) = kept {
        let id = desk.row.id.clone();
        known.found = site.store.read(move |db| review::all(db, &id)).await?;
        let titles = titles.join(TEXTS.text("frame.and"));
        let words = TEXTS.fill("applications.check.overtaken", &[("titles", &titles)]);
        let page = again(frame, known, Vec::new(), words).await?;
        return Err(refused(StatusCode::CONFLICT, page));
    }
    let wanted = form.text("do").strip_prefix("file:").unwrap_or(&shown);
    let wanted = words::in_query(wanted);
    Ok(see_other(format!("/applications/{}/check?said=checked&file={wanted}", desk.row.id)))
}

fn refused(status: StatusCode, page: CheckPage) -> Trouble {
    let answer: Response = (status, Html(page)).into_response();
    with_frames(answer).into()
}

/// What was marked anew, and what is wrong with it.
fn parse(
    (points, round): (&[Point], i32),
    found: &BTreeMap<String, Vec<Found>>,
    form: &FormData,
) -> (Vec<Marked>, Vec<Fault>) {
    let (mut new, mut faults) = (Vec::new(), Vec::new());
    for point in points {
        let text = |part: &str| form.text(&format!("{part}_{}", point.id));
        let (mark, note) = (Mark::parse(text("mark")), text("note").trim().to_owned());
        let Some(mark) = mark else {
            if !note.is_empty() {
                let field = format!("mark_{}", point.id);
                faults.push(Fault::of(&field, "applications.check.fault.mark"));
            }
            continue;
        };
        if note.chars().count() > LONGEST_NOTE {
            let field = format!("note_{}", point.id);
            faults.push(Fault::of(&field, "applications.check.fault.note"));
        }
        let now = newest(found, &point.id);
        let same = |now: &Found| now.mark == mark.key() && now.note == note && now.round >= round;
        if now.is_some_and(same) {
            continue;
        }
        let seen = text("seen").parse().unwrap_or(0);
        new.push(Marked { point: point.id.clone(), title: point.title.clone(), seen, mark, note });
    }
    (new, faults)
}

async fn page(
    site: &Site,
    who: &Who,
    (frame, (faults, overtaken)): (Frame, (Vec<Fault>, String)),
    desk: &Desk,
    known: &Known,
    (file, typed): (&str, Option<&FormData>),
) -> Result<CheckPage, Trouble> {
    let id = desk.row.id.clone();
    let (rounds, round) = (id.clone(), desk.row.round);
    let stored = site.store.read(move |db| file::answers(db, &rounds, round)).await?;
    let stored = stored.ok_or_else(|| platform_web::Fault::because("no answers stored"))?;
    let provenance: BTreeMap<String, String> =
        serde_json::from_str(&stored.provenance).or_fault()?;
    let pages = summary::pages(&Drawn {
        form: &desk.form,
        answers: &desk::parse_answers(&stored)?,
        before: None,
        provenance: &provenance,
        files: &known.files,
        today: words::day(time::from_micros(desk.row.arrived_at)),
    });
    let all = &known.files;
    let at = all.iter().position(|one| one.id == file).unwrap_or(0);
    let step =
        |place: Option<usize>| place.and_then(|place| all.get(place)).map(|one| one.id.clone());
    Ok(CheckPage {
        frame,
        faults,
        overtaken,
        number: desk.row.number.clone(),
        procedure: desk.title().to_owned(),
        pages,
        points: desk
            .form
            .procedure()
            .workflow
            .points
            .iter()
            .map(|point| point_view(desk, point, known.found.get(&point.id), typed))
            .collect(),
        round: desk.row.round,
        can_mark: who.may_with(Action::WorkOnApplication, &desk.row).is_ok(),
        files: all
            .iter()
            .map(|one| Choice::new(&one.id, &one.name, one.id == all[at].id))
            .collect(),
        shown: all.get(at).map(|one| shown(desk, one, (at + 1, all.len()))),
        previous: step(at.checked_sub(1)),
        next: step(Some(at + 1)),
        id,
    })
}

fn shown(desk: &Desk, file: &Attachment, (place, all): (usize, usize)) -> Shown {
    let counts: [(&str, &dyn std::fmt::Display); 2] = [("place", &place), ("all", &all)];
    Shown {
        pdf: file.out_media.as_deref() == Some("application/pdf"),
        title: TEXTS.fill("applications.check.frame", &[("name", &file.name)]),
        place: TEXTS.fill("applications.check.place", &counts),
        file: file_view(desk, file),
    }
}

fn point_view(
    desk: &Desk,
    point: &Point,
    found: Option<&Vec<Found>>,
    typed: Option<&FormData>,
) -> PointView {
    let newest = found.and_then(|all| all.first());
    let current = newest.filter(|one| one.round >= desk.row.round);
    let text = |part: &str, stored: &str| {
        typed.map_or_else(
            || stored.to_owned(),
            |form| form.text(&format!("{part}_{}", point.id)).to_owned(),
        )
    };
    let mark = text("mark", current.map_or("", |one| &one.mark));
    let name = |mark: &str| TEXTS.text(&format!("applications.check.mark.{mark}")).to_owned();
    let by = |one: &Found| {
        let at = words::stored(one.at);
        TEXTS.fill("applications.check.by", &[("at", &at), ("name", &one.staff_name)])
    };
    let past = |one: &Found| format!("{} {} {}", name(&one.mark), by(one), one.note);
    PointView {
        id: point.id.clone(),
        title: point.title.clone(),
        help: point.help.clone(),
        optional: point.optional,
        marks: Mark::ALL
            .into_iter()
            .map(|one| Choice::new(one.key(), &name(one.key()), one.key() == mark))
            .collect(),
        note: text("note", current.map_or("", |one| &one.note)),
        seen: newest.map_or(0, |one| one.version),
        by: current.map(by).or_else(|| newest.map(past)).unwrap_or_default(),
        earlier: newest.is_some() && current.is_none(),
        past: found.map(|all| all.iter().skip(1).map(past).collect()).unwrap_or_default(),
    }
}

/// A rebuilt PDF for the frame of this page.
pub async fn framed(
    State(site): State<Site>,
    who: Who,
    Path((id, wanted)): Path<(String, String)>,
) -> PageResult {
    let Content { name, media, bytes } = files::rebuilt(&site, &who, &id, &wanted).await?;
    Ok(files::private(platform_web::download::framed(&name, &media, bytes)))
}
