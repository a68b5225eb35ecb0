//! Every route of the staff side with the right it needs: one list.

use std::sync::LazyLock;

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get as on_get, post as on_post};
use domain::identity::Action;
use http::Method;
use lgwan_zone_store::identity::sessions::Stage;
use platform_web::csrf::Guard;
use platform_web::form::BodyLimit;
use platform_web::static_files::StaticFiles;
use platform_web::{Message, Shell};

use crate::guard::{Kind, Need, SESSION_COOKIE, VISITOR_COOKIE, pass};
use crate::site::{Site, TEXTS};
use crate::{applications, audit, bridge, exports, frame, identity, numbers, procedures};

static FILES: LazyLock<StaticFiles> =
    LazyLock::new(|| StaticFiles::new(&[("staff.css", include_bytes!("../static/staff.css"))]));

/// Address of the shared style sheet.
#[must_use]
pub fn base_css() -> String {
    FILES.url("base.css").to_owned()
}

/// Address of this zone's style sheet.
#[must_use]
pub fn staff_css() -> String {
    FILES.url("staff.css").to_owned()
}

/// One route.
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// Path with `{names}`.
    pub path: &'static str,
    /// The right it needs.
    pub need: Need,
    handler: MethodRouter<Site>,
}

fn get<H, T>(path: &'static str, need: Need, handler: H) -> Route
where
    H: Handler<T, Site>,
    T: 'static,
{
    Route { method: Method::GET, path, need, handler: on_get(handler) }
}

fn post<H, T>(path: &'static str, need: Need, handler: H) -> Route
where
    H: Handler<T, Site>,
    T: 'static,
{
    Route { method: Method::POST, path, need, handler: on_post(handler) }
}

/// Every route. The authorization matrix test fails for one it does not know.
#[must_use]
pub fn routes() -> Vec<Route> {
    let mut all = identity_routes();
    all.extend(application_routes());
    all.extend(procedure_routes());
    all.extend(other_routes());
    all
}

fn identity_routes() -> Vec<Route> {
    use identity::{
        account, code, handed, login, logout, password, rosters, staff, staff_list, totp,
    };
    let own = Need::Right(Action::UseAccount, Kind::Own);
    let read = Need::Right(Action::ReadStaff, Kind::StaffList);
    let manage = Need::Right(Action::ManageStaff, Kind::StaffList);
    vec![
        get("/", own, account::home),
        get("/login", Need::Nothing, login::get),
        post("/login", Need::Nothing, login::post),
        get("/login/code", Need::Step(Stage::Code), code::get),
        post("/login/code", Need::Step(Stage::Code), code::post),
        post("/logout", Need::Nothing, logout::post),
        get("/account", own, account::get),
        get("/account/totp", Need::Step(Stage::Enrol), totp::get),
        get("/account/totp/qr.svg", Need::Step(Stage::Enrol), totp::qr),
        post("/account/totp", Need::Step(Stage::Enrol), totp::post),
        get("/account/password", Need::Step(Stage::Password), password::get),
        post("/account/password", Need::Step(Stage::Password), password::post),
        get("/staff", read, staff_list::get),
        get("/staff/file", read, staff_list::file),
        get("/staff/rosters", read, rosters::get),
        post("/staff/rosters", manage, rosters::post),
        get("/staff/rosters/{id}", read, rosters::show),
        post("/staff/rosters/{id}", manage, rosters::decide),
        post("/staff/passwords", manage, handed::several),
        get("/staff/new", manage, staff::new),
        post("/staff/new", manage, staff::post),
        post("/staff/{id}/disable", manage, staff::disable),
        post("/staff/{id}/enable", manage, staff::enable),
        post("/staff/{id}/password", manage, handed::reset),
    ]
}

fn application_routes() -> Vec<Route> {
    use applications::{
        correction, export, files, inbox, notes, refuse, result, several, show, steps,
    };
    let read = Need::Right(Action::ReadApplication, Kind::Inbox);
    let work = Need::Right(Action::WorkOnApplication, Kind::Inbox);
    let issue = Need::Right(Action::IssueDocument, Kind::Inbox);
    let take_out = Need::Right(Action::ExportApplications, Kind::Inbox);
    vec![
        get("/inbox", read, inbox::get),
        post("/inbox/steps", work, several::post),
        get("/inbox/export", take_out, export::get),
        get("/inbox/export.csv", take_out, export::csv),
        get("/applications/{id}", read, show::get),
        post("/applications/{id}/accept", work, steps::accept),
        post("/applications/{id}/review", work, steps::review),
        post("/applications/{id}/finish", work, steps::finish),
        get("/applications/{id}/correction", work, correction::get),
        post("/applications/{id}/correction", work, correction::post),
        get("/applications/{id}/reject", work, refuse::reject_form),
        post("/applications/{id}/reject", work, refuse::reject),
        get("/applications/{id}/refuse", work, refuse::refuse_form),
        post("/applications/{id}/refuse", work, refuse::refuse),
        get("/applications/{id}/result", issue, result::get),
        post("/applications/{id}/result", issue, result::post),
        post("/applications/{id}/result/preview", issue, result::preview),
        post("/applications/{id}/notes", work, notes::post),
        get("/applications/{id}/attachments/{file}", read, files::attachment),
        get("/applications/{id}/attachments/{file}/view", read, files::view),
        get("/applications/{id}/attachments.zip", read, files::all),
        get("/applications/{id}/documents/{file}", read, files::document),
    ]
}

fn procedure_routes() -> Vec<Route> {
    use procedures::{close, definition, import, list, lists, own, preview, qr, show};
    let read = Need::Right(Action::ReadDefinition, Kind::Definition);
    let edit = Need::Right(Action::EditDefinition, Kind::Definition);
    let publish = Need::Right(Action::PublishDefinition, Kind::Definition);
    vec![
        get("/procedures", read, list::get),
        get("/procedures/import", edit, import::get),
        post("/procedures/import", edit, import::post),
        get("/procedures/imports/{id}", edit, preview::get),
        post("/procedures/imports/{id}", publish, preview::post),
        get("/procedures/imports/{id}/own", edit, own::get),
        post("/procedures/imports/{id}/own", edit, own::post),
        get("/procedures/{id}", read, show::get),
        post("/procedures/{id}/copy", edit, own::copy),
        get("/procedures/{id}/qr.svg", read, qr::get),
        get("/procedures/{id}/definition", read, definition::get),
        get("/procedures/{id}/lists/{list}", edit, lists::get),
        post("/procedures/{id}/lists/{list}", edit, lists::post),
        get("/procedures/{id}/lists/{list}/file", read, lists::file),
        post("/procedures/{id}/close", publish, close::close),
        post("/procedures/{id}/reopen", publish, close::reopen),
    ]
}

fn other_routes() -> Vec<Route> {
    let see = Need::Right(Action::ReadOperations, Kind::Operations);
    let run = Need::Right(Action::RunOperations, Kind::Operations);
    let log = Need::Right(Action::ReadAudit, Kind::AuditLog);
    vec![
        get("/exports", see, exports::list),
        get("/exports/new", run, exports::define::get),
        post("/exports/new", run, exports::define::put),
        get("/exports/gaiji", see, exports::gaiji::get),
        post("/exports/gaiji", run, exports::gaiji::post),
        get("/exports/{job}", see, exports::show),
        post("/exports/{job}/run", run, exports::run),
        post("/exports/{job}/held", run, exports::generation::held_again),
        get("/exports/{job}/generations/{number}", see, exports::generation::show),
        post("/exports/{job}/generations/{number}/repeat", run, exports::generation::repeat),
        post("/exports/{job}/requests/{request}", run, exports::generation::decide),
        get("/numbers", see, numbers::get),
        get("/numbers/file", see, numbers::file),
        get("/bridge", see, bridge::get),
        get("/bridge/aside", see, bridge::aside::get),
        post("/bridge/aside", run, bridge::aside::post),
        get("/bridge/lanes/{lane}", see, bridge::history::get),
        get("/bridge/lanes/{lane}/{epoch}/{seq}", see, bridge::bundle::get),
        post("/bridge/lanes/{lane}/{epoch}/{seq}/replay", run, bridge::bundle::replay),
        get("/audit", log, audit::get),
        get("/audit/export", log, audit::export),
        get("/audit/verify", log, audit::verify),
    ]
}

/// The whole staff side. `key` makes the tokens in forms.
pub fn router(site: Site, key: &[u8; 32]) -> Router {
    let mut router = Router::new();
    for route in routes() {
        let guard = from_fn_with_state((site.clone(), route.need), pass);
        router = router.route(route.path, route.handler.route_layer(guard));
    }
    let city = site.settings.city.clone();
    let chrome = move |message: &Message<'_>| frame::message(&city, message);
    let guard = Guard::new(key, VISITOR_COOKIE, SESSION_COOKIE);
    let origins = site.settings.origins.clone();
    let router = router.layer(axum::Extension(BodyLimit(LARGEST_BODY))).with_state(site);
    Shell::new(guard, &TEXTS, chrome, origins).around(router.merge(FILES.router()))
}

/// Bytes of the largest form: a definition of 8 MiB or a document of 10 MB.
const LARGEST_BODY: u64 = 12 * 1024 * 1024;
