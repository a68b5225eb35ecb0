//! Procedures between cities (NF-66, decision 0073): saved as a signed file, looked at when one
//! comes, made a design of one's own. Nothing is ever published from here.

mod brought;
pub mod signed;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::compare::changes;
use domain::forms::definition::{Lang, Procedure};
use domain::forms::design::Draft;
use domain::identity::Action;
use http::StatusCode;
use lgwan_zone_store::bundles::{self, Bundle};
use lgwan_zone_store::identity::departments;
use lgwan_zone_store::procedures;
use platform_web::download::download;
use platform_web::{CsrfForm, Html, OrFault as _, PageResult, Reply, Trouble, Visitor, see_other};

use self::brought::{Brought, brought};
use self::signed::{Broken, Contents, Opened, Signer};
use super::compare::{Line, lines};
use super::design::{listed, step};
use super::{own, publish, show};
use crate::frame::{Choice, Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

#[derive(Template)]
#[template(path = "procedures/bundle.html")]
struct BundlePage {
    frame: Frame,
    faults: Vec<Fault>,
    id: String,
    city: String,
    made: String,
    file_name: String,
    /// What is said of the signature, and whether the bundle may be used.
    signed: String,
    trusted: bool,
    fingerprint: String,
    /// What it holds, in words.
    holds: Vec<(&'static str, String)>,
    left: Vec<String>,
    /// The procedure here it is compared with.
    compared: Option<String>,
    changes: Vec<Line>,
    problems: usize,
    title: String,
    slug: String,
    departments: Vec<Choice>,
    /// The design it became.
    design: String,
}

/// Saves the newest revision as a signed file.
pub async fn save(State(site): State<Site>, who: Who, Path(id): Path<String>) -> PageResult {
    let (row, procedure) = show::load(&site, &who, &id, Action::ReadDefinition).await?;
    let all = site.store.read(departments::ever).await?;
    let spoken = spoken_of(&procedure);
    let names = all.into_iter().filter(|one| spoken.contains(&one.id));
    let contents = Contents {
        city: site.settings.city.clone(),
        made_at: site.clock.now(),
        departments: names.map(|one| (one.id, one.name)).collect(),
        definition: brought::without_secrets(&procedure),
    };
    let sealed = site.bundles.seal(&contents).or_fault()?;
    let file = sealed.ok_or_else(|| {
        Trouble::from(Reply::conflict("procedures.bundle_no_key").link(format!("/procedures/{id}")))
    })?;
    let by = who.by(&site);
    site.store
        .write(move |tx| {
            bundles::made(tx, &by, &row.id, procedure.revision);
            Ok(())
        })
        .await?;
    let name = format!("{}-{}.madoguchi.json", row.slug, row.revision);
    Ok(download(&name, "application/json", file))
}

/// Departments a definition speaks of.
fn spoken_of(procedure: &Procedure) -> Vec<String> {
    let routes = procedure.routing.iter().map(|route| route.department.to_string());
    let tests = procedure.tests.iter().filter_map(|case| case.department.as_ref());
    let own = std::iter::once(procedure.department.to_string());
    let staff = procedure.staff_of.iter().map(ToString::to_string);
    own.chain(routes).chain(tests.map(ToString::to_string)).chain(staff).collect()
}

/// Keeps a bundle that is whole, to be looked at; otherwise why it is not, in words.
pub(super) async fn bring(
    site: &Site,
    who: &Who,
    (file_name, bytes): (&str, &[u8]),
) -> Result<Result<String, String>, Trouble> {
    let opened = match site.bundles.open(bytes) {
        Ok(opened) => opened,
        Err(broken) => return Ok(Err(why(&broken))),
    };
    let by = who.by(site);
    let bundle = Bundle {
        id: site.new_id(),
        file_name: file_name.to_owned(),
        bundle: String::from_utf8_lossy(bytes).into_owned(),
        brought_at: by.at.as_microsecond(),
        brought_by: who.id.clone(),
        design_id: String::new(),
    };
    let (id, city) = (bundle.id.clone(), opened.city().to_owned());
    site.store.write(move |tx| bundles::bring(tx, &by, &bundle, &city)).await?;
    Ok(Ok(format!("/procedures/bundles/{id}")))
}

fn why(broken: &Broken) -> String {
    match broken {
        Broken::TooLarge => TEXTS.text("procedures.bundle.fault.large").to_owned(),
        Broken::Unreadable => TEXTS.text("procedures.bundle.fault.broken").to_owned(),
        Broken::Altered => TEXTS.text("procedures.bundle.fault.altered").to_owned(),
        Broken::Version(version) => {
            TEXTS.fill("procedures.bundle.fault.version", &[("version", version)])
        }
        Broken::Definition(reason) => {
            TEXTS.fill("procedures.bundle.fault.definition", &[("why", reason)])
        }
    }
}

/// Shows who signed a bundle, what is in it, and what could not be brought.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
) -> PageResult {
    let (bundle, opened) = load(&site, &who, &id).await?;
    let taken = own::slugs(&site).await?;
    let definition = &opened.contents.definition;
    let wish = own::Wish {
        title: definition.title.ja().to_owned(),
        slug: own::free(&definition.slug, &taken),
        department: String::new(),
    };
    let page = page((&site, &who, &visitor), &bundle, &opened, &taken, wish, Vec::new()).await?;
    Ok(Html(page).into_response())
}

/// Makes it a design of one of this person's departments.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let (bundle, opened) = load(&site, &who, &id).await?;
    let here = format!("/procedures/bundles/{id}");
    if opened.signer == Signer::Unknown {
        return Err(Reply::conflict("procedures.bundle_unknown").link(here).into());
    }
    if !bundle.design_id.is_empty() {
        return Ok(see_other(format!("/procedures/designs/{}", bundle.design_id)));
    }
    let taken = own::slugs(&site).await?;
    let wish = own::Wish::of(&form);
    let Brought { procedure, .. } = usable(&opened, &taken);
    let procedure = match own::chosen(&site, &who, &wish, &taken, procedure) {
        Ok(procedure) => procedure,
        Err(faults) => {
            let page =
                page((&site, &who, &visitor), &bundle, &opened, &taken, wish, faults).await?;
            return Err((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response().into());
        }
    };
    let first = step(&Draft::of(procedure.clone(), &[]))?;
    let (by, design, procedure) = (who.by(&site), site.new_id(), procedure.id.to_string());
    let made = design.clone();
    let begun = site
        .store
        .write(move |tx| bundles::begin(tx, &by, &bundle.id, (&made, &procedure), &first))
        .await?;
    // A double click: the first press made the design.
    Ok(see_other(if begun { format!("/procedures/designs/{design}") } else { here }))
}

fn usable(opened: &Opened, taken: &[String]) -> Brought {
    let contents = &opened.contents;
    brought(&contents.definition, &contents.departments, (taken, &listed))
}

/// A bundle this person brought in, verified anew.
async fn load(site: &Site, who: &Who, id: &str) -> Result<(Bundle, Opened), Trouble> {
    let wanted = id.to_owned();
    let found = site.store.read(move |db| bundles::find(db, &wanted)).await?;
    let found = found.filter(|bundle| bundle.brought_by == who.id);
    let bundle = found.ok_or_else(|| Trouble::from(Reply::not_found("procedures.missing")))?;
    let opened = site.bundles.open(bundle.bundle.as_bytes()).or_fault()?;
    Ok((bundle, opened))
}

async fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    bundle: &Bundle,
    opened: &Opened,
    taken: &[String],
    wish: own::Wish,
    faults: Vec<Fault>,
) -> Result<BundlePage, Trouble> {
    let contents = &opened.contents;
    let Brought { procedure, left } = usable(opened, taken);
    let slug = procedure.slug.clone();
    let (same, names) = site
        .store
        .read(move |db| {
            let all = procedures::list(db, None)?;
            let same = match all.into_iter().find(|one| one.slug == slug) {
                None => None,
                Some(row) => procedures::revision(db, &row.id, row.revision)?.map(|one| (row, one)),
            };
            Ok((same, departments::ever(db)?))
        })
        .await?;
    let same = same.filter(|(row, _)| show::may_read(who, &row.department_id));
    let (compared, changes) = match same {
        None => (None, Vec::new()),
        Some((row, revision)) => {
            let old = Procedure::from_json(revision.document.as_bytes()).or_fault()?;
            let names: Vec<(String, String)> =
                names.into_iter().map(|one| (one.id, one.name)).collect();
            // What is its own in every city is no difference.
            let new = Procedure {
                id: old.id.clone(),
                revision: old.revision,
                department: old.department.clone(),
                ..procedure.clone()
            };
            (Some(row.title), lines(&changes(&old, &new).or_fault()?, &names))
        }
    };
    let signed = match &opened.signer {
        Signer::Own => TEXTS.text("procedures.bundle.signer.own").to_owned(),
        Signer::Known(city) => TEXTS.fill("procedures.bundle.signer.known", &[("city", city)]),
        Signer::Unknown => {
            TEXTS.fill("procedures.bundle.signer.unknown", &[("city", &contents.city)])
        }
    };
    Ok(BundlePage {
        frame: Frame::of(site, who, visitor, Place::Procedures),
        faults,
        id: bundle.id.clone(),
        city: contents.city.clone(),
        made: words::minute(contents.made_at),
        file_name: bundle.file_name.clone(),
        signed,
        trusted: opened.signer != Signer::Unknown,
        fingerprint: opened.fingerprint.clone(),
        holds: holds(&contents.definition),
        left,
        compared,
        changes,
        problems: publish::checked(&procedure).0.len(),
        departments: own::own(who)
            .iter()
            .map(|(id, name)| Choice::new(id.as_str(), name, id.as_str() == wish.department))
            .collect(),
        title: wish.title,
        slug: wish.slug,
        design: bundle.design_id.clone(),
    })
}

/// How much is in it.
fn holds(procedure: &Procedure) -> Vec<(&'static str, String)> {
    let fields: usize = procedure.pages.iter().map(|page| page.fields.len()).sum();
    let mut told: BTreeMap<Lang, ()> = BTreeMap::new();
    procedure.clone().each_text(&mut |_, _, text| {
        told.extend(
            Lang::ALL.into_iter().filter(|lang| text.other(*lang).is_some()).map(|l| (l, ())),
        );
    });
    let counts = [
        ("procedures.bundle.holds.pages", procedure.pages.len()),
        ("procedures.bundle.holds.questions", fields),
        ("procedures.bundle.holds.staff", procedure.staff_fields.len()),
        ("procedures.bundle.holds.files", procedure.files.len()),
        ("procedures.bundle.holds.lists", procedure.lists.len()),
        ("procedures.bundle.holds.tests", procedure.tests.len()),
        ("procedures.bundle.holds.languages", told.len()),
    ];
    let revision = ("procedures.bundle.holds.revision", procedure.revision.to_string());
    let counts = counts.into_iter().map(|(key, count)| (key, count.to_string()));
    std::iter::once(revision).chain(counts).map(|(key, text)| (TEXTS.text(key), text)).collect()
}
