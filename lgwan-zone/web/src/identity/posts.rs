//! 役職: who holds which post of a department; approvals name posts (NF-34).

use askama::Template;
use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::LONGEST_POST;
use domain::identity::{Action, Object};
use http::StatusCode;
use lgwan_zone_store::identity::{departments, posts, staff};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other};

use crate::frame::{Fault, Frame, Place};
use crate::guard::Who;
use crate::site::{Site, TEXTS};

/// Lines taken at once.
const MOST: usize = 500;

#[derive(Template)]
#[template(path = "identity/posts.html")]
struct PostsPage {
    frame: Frame,
    faults: Vec<Fault>,
    held: Vec<View>,
    typed: String,
    can_manage: bool,
}

struct View {
    department_id: String,
    department: String,
    title: String,
    staff_id: String,
    login_id: String,
    name: String,
    counts: bool,
}

async fn page(
    site: &Site,
    who: &Who,
    frame: Frame,
    (typed, faults): (&str, Vec<Fault>),
) -> Result<PostsPage, Trouble> {
    let held = site.store.read(posts::all).await?;
    Ok(PostsPage {
        frame,
        faults,
        held: held
            .into_iter()
            .map(|one| View {
                counts: one.counts(),
                department_id: one.department_id,
                department: one.department,
                title: one.title,
                staff_id: one.staff_id,
                login_id: one.login_id,
                name: one.name,
            })
            .collect(),
        typed: typed.to_owned(),
        can_manage: who.can(Action::ManageStaff, &Object::StaffList),
    })
}

/// Shows who holds which post.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
) -> PageResult {
    who.may(Action::ReadStaff, &Object::StaffList)?;
    let frame = Frame::of(&site, &who, &visitor, Place::Staff).said(&query, "identity");
    Ok(Html(page(&site, &who, frame, ("", Vec::new())).await?).into_response())
}

/// Gives posts, a line each, or takes one away. With a wrong line nothing is given.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    who.may(Action::ManageStaff, &Object::StaffList)?;
    let by = who.by(&site);
    if form.text("do") == "take" {
        let text = |name: &str| form.text(name).to_owned();
        let (department, title, person) = (text("department"), text("title"), text("staff"));
        let taken = site
            .store
            .write(move |tx| posts::take(tx, &by, (&department, &title, &person)))
            .await?;
        if !taken {
            return Err(Reply::not_found("identity.no_post").link("/staff/posts").into());
        }
        return Ok(see_other("/staff/posts?said=post_taken"));
    }
    let typed = form.text("lines").to_owned();
    let lines: Vec<(usize, Vec<String>)> = typed
        .lines()
        .enumerate()
        .map(|(n, line)| (n + 1, line.replace(['、', '，', '\t'], ",")))
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(n, line)| (n, line.split(',').map(|part| part.trim().to_owned()).collect()))
        .collect();
    let (new, faults) = site
        .store
        .read(move |db| {
            let all = departments::all(db)?;
            let (mut new, mut faults) = (Vec::new(), Vec::new());
            for (n, parts) in lines {
                let [department, title, login_id] = parts.as_slice() else {
                    faults.push((n, "identity.posts.fault.parts"));
                    continue;
                };
                let department =
                    all.iter().find(|one| one.code == *department || one.name == *department);
                let person = staff::by_login(db, login_id)?.filter(|one| one.disabled_at.is_none());
                let title = title.trim_start_matches('@');
                let plain = (1..=LONGEST_POST).contains(&title.chars().count());
                match (department, person) {
                    (None, _) => faults.push((n, "identity.posts.fault.department")),
                    (_, None) => faults.push((n, "identity.posts.fault.staff")),
                    _ if !plain => faults.push((n, "identity.posts.fault.title")),
                    (Some(department), Some(person)) => {
                        let own = staff::departments_of(db, &person.id)?;
                        if own.contains(&department.id) {
                            new.push((department.id.clone(), title.to_owned(), person.id));
                        } else {
                            faults.push((n, "identity.posts.fault.member"));
                        }
                    }
                }
            }
            Ok((new, faults))
        })
        .await?;
    let mut faults: Vec<Fault> = faults
        .into_iter()
        .map(|(n, key)| {
            let line: [(&str, &dyn std::fmt::Display); 2] =
                [("line", &n), ("fault", &TEXTS.text(key))];
            Fault::said("lines", TEXTS.fill("identity.posts.fault.line", &line))
        })
        .collect();
    if faults.is_empty() && (new.is_empty() || new.len() > MOST) {
        faults.push(Fault::of("lines", "identity.posts.fault.none"));
    }
    if !faults.is_empty() {
        let frame = Frame::of(&site, &who, &visitor, Place::Staff);
        let page = page(&site, &who, frame, (&typed, faults)).await?;
        return Err(Trouble::from((StatusCode::UNPROCESSABLE_ENTITY, Html(page)).into_response()));
    }
    site.store.write(move |tx| posts::give(tx, &by, &new)).await?;
    Ok(see_other("/staff/posts?said=post_given"))
}
