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
use crate::{
    api, applications, audit, batches, bridge, entry, exports, frame, identity, inquiries,
    internal, numbers, procedures, retention,
};

static FILES: LazyLock<StaticFiles> = LazyLock::new(|| {
    StaticFiles::new(&[
        ("staff.css", include_bytes!("../static/staff.css")),
        ("design.js", include_bytes!("../static/design.js")),
        ("desk.js", include_bytes!("../static/desk.js")),
    ])
});

/// Address of the script of the designer.
#[must_use]
pub fn design_js() -> String {
    FILES.url("design.js").to_owned()
}

/// Address of the script of the keys.
#[must_use]
pub fn desk_js() -> String {
    FILES.url("desk.js").to_owned()
}

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

impl Route {
    /// The same route for larger bodies.
    fn of_size(self, bytes: u64) -> Self {
        Self { handler: self.handler.layer(axum::Extension(BodyLimit(bytes))), ..self }
    }
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
    use api::{keys, webhooks};
    use identity::{
        account, app_reset, code, handed, keys_page, login, logout, manual, password, posts, proof,
        recovery, reforms, rosters, sessions, sso, staff, staff_list, totp,
    };
    let own = Need::Right(Action::UseAccount, Kind::Own);
    let read = Need::Right(Action::ReadStaff, Kind::StaffList);
    let manage = Need::Right(Action::ManageStaff, Kind::StaffList);
    // What is made or handed out lasts longer than an unattended desk.
    let risky = Need::Fresh(Action::ManageStaff, Kind::StaffList);
    let release = Need::Fresh(Action::ReleaseKey, Kind::StaffList);
    let enrol = Need::FreshStep(Stage::Enrol);
    vec![
        get("/", own, account::home),
        get("/login", Need::Nothing, login::get),
        post("/login", Need::Nothing, login::post),
        get("/login/saml", Need::Nothing, sso::begin),
        post("/login/saml", Need::Nothing, sso::answer).of_size(sso::LARGEST),
        get("/login/saml/enter", Need::Nothing, sso::enter),
        get("/login/saml/metadata", Need::Nothing, sso::metadata),
        get("/login/code", Need::Step(Stage::Code), code::get),
        post("/login/code", Need::Step(Stage::Code), code::post),
        post("/logout", Need::Nothing, logout::post),
        get("/account", own, account::get),
        get("/keys", own, keys_page::get),
        get("/manual", own, manual::get),
        get("/manual/administrator", read, manual::administrator),
        get("/account/proof", own, proof::get),
        post("/account/proof", own, proof::post),
        get("/account/totp", enrol, totp::get),
        get("/account/totp/qr.svg", enrol, totp::qr),
        post("/account/totp", enrol, totp::post),
        get("/account/recovery", own, recovery::get),
        post("/account/recovery", Need::Fresh(Action::UseAccount, Kind::Own), recovery::post),
        post("/account/sessions", own, sessions::end_others),
        get("/account/password", Need::Step(Stage::Password), password::get),
        post("/account/password", Need::Step(Stage::Password), password::post),
        get("/staff", read, staff_list::get),
        get("/staff/file", read, staff_list::file),
        get("/staff/rosters", read, rosters::get),
        post("/staff/rosters", manage, rosters::post),
        get("/staff/rosters/{id}", read, rosters::show),
        post("/staff/rosters/{id}", risky, rosters::decide),
        get("/staff/reforms", read, reforms::get),
        post("/staff/reforms", manage, reforms::post),
        get("/staff/reforms/{id}", read, reforms::show),
        post("/staff/reforms/{id}", risky, reforms::decide),
        post("/staff/reforms/{id}/roster", manage, reforms::roster),
        post("/staff/passwords", risky, handed::several),
        get("/staff/posts", read, posts::get),
        post("/staff/posts", risky, posts::post),
        get("/staff/sessions", read, sessions::list),
        post("/staff/{id}/sessions", manage, sessions::end),
        get("/staff/keys", read, keys::list),
        get("/staff/keys/new", manage, keys::new),
        post("/staff/keys/new", risky, keys::post),
        get("/staff/keys/{id}", read, keys::show),
        post("/staff/keys/{id}/release", release, keys::decide),
        post("/staff/keys/{id}/secret", risky, keys::reveal),
        post("/staff/keys/{id}/revoke", manage, keys::revoke),
        post("/staff/keys/{id}/turn", risky, keys::turn),
        get("/staff/webhooks", read, webhooks::list),
        get("/staff/webhooks/new", manage, webhooks::new),
        post("/staff/webhooks/new", risky, webhooks::post),
        get("/staff/webhooks/{id}", read, webhooks::show),
        post("/staff/webhooks/{id}", manage, webhooks::act),
        post("/staff/webhooks/{id}/release", release, webhooks::decide),
        get("/staff/new", manage, staff::new),
        post("/staff/new", risky, staff::post),
        post("/staff/{id}/disable", manage, staff::disable),
        post("/staff/{id}/enable", risky, staff::enable),
        post("/staff/{id}/password", risky, handed::reset),
        get("/staff/{id}/app", read, app_reset::get),
        post("/staff/{id}/app", risky, app_reset::post),
    ]
}

fn application_routes() -> Vec<Route> {
    use applications::{
        approval, charge, check, columns, correction, export, files, filters, hand, hold, inbox,
        labels, messages, notes, payment, phrases, refuse, result, several, show, staff_fields,
        steps, withdrawal,
    };
    let read = Need::Right(Action::ReadApplication, Kind::Inbox);
    let work = Need::Right(Action::WorkOnApplication, Kind::Inbox);
    let issue = Need::Right(Action::IssueDocument, Kind::Inbox);
    let lead = Need::Right(Action::ManageLabels, Kind::Inbox);
    let close = Need::Right(Action::CloseApplication, Kind::Inbox);
    let reopen = Need::Right(Action::ReopenApplication, Kind::Inbox);
    let take_out = Need::Right(Action::ExportApplications, Kind::Inbox);
    let carry_out = Need::Fresh(Action::ExportApplications, Kind::Inbox);
    let answer = Need::Right(Action::AnswerInquiry, Kind::Inquiries);
    let apply = Need::Right(Action::UseDraft, Kind::Internal);
    vec![
        get("/inbox", read, inbox::get),
        post("/inbox/steps", work, several::post),
        post("/inbox/batches", work, batches::list::post),
        get("/inbox/batches/{id}", work, batches::show::get),
        get("/inbox/batches/{id}/rows/{place}", issue, batches::show::sample),
        post("/inbox/batches/{id}", work, batches::show::post),
        get("/inbox/documents", issue, batches::documents::get),
        post("/inbox/documents", issue, batches::documents::post)
            .of_size(batches::documents::LARGEST_BODY),
        get("/inbox/export", take_out, export::get),
        get("/inbox/export/file", carry_out, export::file),
        get("/inbox/columns", take_out, columns::list),
        post("/inbox/columns", take_out, columns::keep),
        post("/inbox/columns/{id}", take_out, columns::drop_it),
        get("/inbox/labels", lead, labels::list),
        post("/inbox/labels", lead, labels::make),
        post("/inbox/labels/{id}", lead, labels::change),
        get("/inbox/phrases", work, phrases::list),
        post("/inbox/phrases", work, phrases::keep),
        post("/inbox/phrases/{id}", work, phrases::drop_it),
        get("/inbox/filters", read, filters::list),
        post("/inbox/filters", read, filters::keep),
        post("/inbox/filters/{id}", read, filters::drop_it),
        get("/inbox/entry", work, entry::begin::get),
        post("/inbox/entry", work, entry::begin::post),
        get("/inbox/entry/{id}", work, entry::page::get),
        post("/inbox/entry/{id}", work, entry::page::post).of_size(entry::scans::LARGEST_BODY),
        get("/inbox/entry/{id}/scans/{file}", work, entry::scans::get),
        get("/internal", apply, internal::list::get),
        post("/internal/procedures/{id}", apply, internal::list::post),
        get("/internal/drafts/{id}", apply, entry::page::own_get),
        post("/internal/drafts/{id}", apply, entry::page::own_post)
            .of_size(entry::scans::LARGEST_BODY),
        get("/internal/drafts/{id}/scans/{file}", apply, entry::scans::own),
        get("/internal/applications/{id}", apply, internal::show::get),
        post("/internal/applications/{id}/correction", apply, internal::show::correct),
        post("/internal/applications/{id}/withdraw", apply, internal::show::withdraw),
        get("/internal/applications/{id}/receipt.pdf", apply, internal::show::receipt),
        get("/internal/applications/{id}/documents/{file}", apply, internal::show::document),
        get("/applications/{id}/staff-fields", work, staff_fields::get),
        post("/applications/{id}/staff-fields", work, staff_fields::post),
        post("/applications/{id}/entry", work, entry::begin::correct),
        get("/applications/{id}/receipt.pdf", read, entry::receipt::get),
        post("/applications/{id}/withdraw", work, refuse::withdraw::post),
        get("/applications/{id}", read, show::get),
        post("/applications/{id}/accept", work, steps::accept),
        post("/applications/{id}/review", work, steps::review),
        post("/applications/{id}/finish", work, steps::finish),
        get("/applications/{id}/correction", work, correction::get),
        post("/applications/{id}/correction", work, correction::post),
        get("/applications/{id}/reject", work, refuse::reject::get),
        post("/applications/{id}/reject", work, refuse::reject::post),
        get("/applications/{id}/refuse", work, refuse::entry::get),
        post("/applications/{id}/refuse", work, refuse::entry::post),
        get("/applications/{id}/close", close, refuse::close::get),
        post("/applications/{id}/close", close, refuse::close::post),
        get("/applications/{id}/reopen", reopen, refuse::reopen::get),
        post("/applications/{id}/reopen", reopen, refuse::reopen::post),
        get("/applications/{id}/expire", work, refuse::expire::get),
        post("/applications/{id}/expire", work, refuse::expire::post),
        get("/applications/{id}/hand-over", work, hand::get),
        post("/applications/{id}/hand-over", work, hand::post),
        get("/applications/{id}/withdrawal", work, withdrawal::get),
        post("/applications/{id}/withdrawal", work, withdrawal::post),
        get("/applications/{id}/result", issue, result::get),
        post("/applications/{id}/result", issue, result::post),
        post("/applications/{id}/result/preview", issue, result::preview),
        post("/applications/{id}/propose", work, approval::propose),
        post("/applications/{id}/approval", work, approval::say),
        get("/applications/{id}/check", read, check::get),
        post("/applications/{id}/check", work, check::post),
        get("/applications/{id}/attachments/{file}/framed", read, check::framed),
        get("/applications/{id}/inquiries/new", work, inquiries::ask::get),
        post("/applications/{id}/inquiries", work, inquiries::ask::post),
        post("/applications/{id}/inquiries/{inquiry}", work, inquiries::ask::turn),
        get("/inquiries", answer, inquiries::list::get),
        get("/inquiries/file", answer, inquiries::list::file),
        get("/inquiries/{id}", answer, inquiries::show::get),
        post("/inquiries/{id}", answer, inquiries::show::post),
        get("/inquiries/{id}/attachments/{file}", answer, inquiries::show::attachment),
        get("/inquiries/{id}/attachments/{file}/view", answer, inquiries::show::view),
        post("/applications/{id}/charge", work, charge::post),
        post("/applications/{id}/notes", work, notes::post),
        post("/applications/{id}/hold", work, hold::post),
        post("/applications/{id}/payment", work, payment::post),
        post("/applications/{id}/labels", work, labels::post),
        post("/applications/{id}/messages", work, messages::post).of_size(messages::LARGEST),
        get("/applications/{id}/attachments/{file}", read, files::attachment),
        get("/applications/{id}/attachments/{file}/view", read, files::view),
        get("/applications/{id}/attachments.zip", read, files::all),
        get("/applications/{id}/documents/{file}", read, files::document),
    ]
}

fn procedure_routes() -> Vec<Route> {
    use procedures::{
        bank, bundle, close, compare, definition, design, import, invitations, list, lists, own,
        preview, qr, rebase, show, templates, workbook,
    };
    let read = Need::Right(Action::ReadDefinition, Kind::Definition);
    let edit = Need::Right(Action::EditDefinition, Kind::Definition);
    let publish = Need::Right(Action::PublishDefinition, Kind::Definition);
    vec![
        get("/procedures", read, list::get),
        get("/procedures/file", read, list::file),
        get("/procedures/import", edit, import::get),
        post("/procedures/import", edit, import::post).of_size(import::LARGEST),
        get("/procedures/import/workbook", edit, workbook::template),
        get("/procedures/bundles/{id}", edit, bundle::get),
        post("/procedures/bundles/{id}", edit, bundle::post),
        get("/procedures/{id}/bundle", edit, bundle::save),
        get("/procedures/imports/{id}", edit, preview::get),
        post("/procedures/imports/{id}", publish, preview::post),
        get("/procedures/imports/{id}/own", edit, own::get),
        post("/procedures/imports/{id}/own", edit, own::post),
        get("/procedures/templates", edit, templates::list),
        post("/procedures/templates", edit, templates::keep),
        get("/procedures/templates/form", edit, templates::form),
        post("/procedures/templates/preview", edit, templates::preview),
        post("/procedures/templates/{id}", edit, templates::drop_it),
        get("/procedures/bank", edit, bank::list::get),
        get("/procedures/bank/{id}", edit, bank::show::get),
        post("/procedures/bank/{id}", edit, bank::show::post),
        post("/procedures/bank/{id}/take", edit, bank::take::post),
        post("/procedures/{id}/bank", edit, bank::list::keep),
        get("/procedures/designs", edit, design::list::get),
        get("/procedures/designs/new", edit, design::list::new),
        post("/procedures/designs/new", edit, design::list::post),
        get("/procedures/designs/{id}", edit, design::outline::get),
        post("/procedures/designs/{id}", edit, design::outline::post),
        get("/procedures/designs/{id}/pages/{page}", edit, design::topic::get),
        post("/procedures/designs/{id}/pages/{page}", edit, design::topic::post),
        get("/procedures/designs/{id}/add/{into}", edit, design::add::get),
        post("/procedures/designs/{id}/add/{into}", edit, design::add::post),
        get("/procedures/designs/{id}/questions/{field}", edit, design::question::get),
        post("/procedures/designs/{id}/questions/{field}", edit, design::question::post),
        get("/procedures/designs/{id}/conditions/{of}/{part}", edit, design::condition::get),
        post("/procedures/designs/{id}/conditions/{of}/{part}", edit, design::condition::post),
        get("/procedures/designs/{id}/calculations/{field}", edit, design::calculation::get),
        post("/procedures/designs/{id}/calculations/{field}", edit, design::calculation::post),
        get("/procedures/designs/{id}/settings/{section}", edit, design::settings::get),
        post("/procedures/designs/{id}/settings/{section}", edit, design::settings::post),
        get("/procedures/designs/{id}/files", edit, design::files::get),
        post("/procedures/designs/{id}/files", edit, design::files::post),
        get("/procedures/designs/{id}/files/{file}", edit, design::files::file),
        get("/procedures/designs/{id}/texts/{lang}", edit, design::texts::get),
        post("/procedures/designs/{id}/texts/{lang}", edit, design::texts::post),
        get("/procedures/designs/{id}/preview", edit, design::preview::get),
        post("/procedures/designs/{id}/preview", edit, design::preview::post),
        post("/procedures/designs/{id}/release", publish, design::release::post),
        get("/procedures/designs/{id}/trial", edit, design::trial::get),
        post("/procedures/designs/{id}/trial", publish, design::trial::post),
        post("/procedures/{id}/design", edit, design::list::change),
        get("/procedures/{id}", read, show::get),
        get("/procedures/{id}/compare", read, compare::get),
        post("/procedures/{id}/rebase", publish, rebase::post),
        get("/procedures/{id}/workbook", read, workbook::get),
        post("/procedures/{id}/copy", edit, own::copy),
        get("/procedures/{id}/qr.svg", read, qr::get),
        get("/procedures/{id}/definition", read, definition::get),
        get("/procedures/{id}/lists/{list}", edit, lists::get),
        post("/procedures/{id}/lists/{list}", edit, lists::post),
        get("/procedures/{id}/lists/{list}/file", read, lists::file),
        get("/procedures/{id}/invitations", edit, invitations::list::get),
        post("/procedures/{id}/invitations", edit, invitations::list::post),
        get("/procedures/{id}/invitations/{lot}", edit, invitations::lot::get),
        post("/procedures/{id}/invitations/{lot}", edit, invitations::lot::post),
        get("/procedures/{id}/invitations/{lot}/slips", edit, invitations::lot::slips),
        get("/procedures/{id}/invitations/{lot}/file", edit, invitations::lot::file),
        post("/procedures/{id}/close", publish, close::close),
        post("/procedures/{id}/reopen", publish, close::reopen),
    ]
}

fn other_routes() -> Vec<Route> {
    let see = Need::Right(Action::ReadOperations, Kind::Operations);
    let run = Need::Right(Action::RunOperations, Kind::Operations);
    let log = Need::Right(Action::ReadAudit, Kind::AuditLog);
    let carry_out = Need::Fresh(Action::ReadAudit, Kind::AuditLog);
    let keep = Need::Right(Action::ManageRetention, Kind::Retention);
    let release = Need::Fresh(Action::ManageRetention, Kind::Retention);
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
        get("/numbers/filling", see, numbers::filling::get),
        get("/numbers/filling/file", see, numbers::filling::file),
        get("/numbers/report", see, numbers::report::page::get),
        get("/numbers/report/file", see, numbers::report::page::file),
        get("/numbers/report/document", see, numbers::report::page::document),
        get("/numbers/incidents", see, numbers::report::register::list),
        get("/numbers/incidents/new", run, numbers::report::register::new),
        post("/numbers/incidents/new", run, numbers::report::register::post),
        get("/numbers/incidents/{id}", see, numbers::report::register::show),
        post("/numbers/incidents/{id}", run, numbers::report::register::correct),
        get("/bridge", see, bridge::get),
        get("/bridge/aside", see, bridge::aside::get),
        post("/bridge/aside", run, bridge::aside::post),
        get("/bridge/lanes/{lane}", see, bridge::history::get),
        get("/bridge/lanes/{lane}/{epoch}/{seq}", see, bridge::bundle::get),
        post("/bridge/lanes/{lane}/{epoch}/{seq}/replay", run, bridge::bundle::replay),
        get("/audit", log, audit::list::get),
        get("/audit/export", carry_out, audit::list::export),
        get("/audit/disclosure", log, audit::disclosure::get),
        get("/audit/disclosure/file", carry_out, audit::disclosure::file),
        get("/audit/alerts", log, audit::alerts::get),
        post("/audit/alerts/{id}", log, audit::alerts::post),
        get("/audit/verify", log, audit::verify::verify),
        get("/retention", keep, retention::list::get),
        get("/retention/new", keep, retention::propose::get),
        post("/retention/new", keep, retention::propose::post),
        get("/retention/rules/{id}", keep, retention::rule::get),
        post("/retention/rules/{id}", release, retention::rule::post),
        get("/retention/tombstones", keep, retention::gone::get),
    ]
}

/// The whole staff side. `key` makes the tokens in forms.
pub fn router(site: Site, key: &[u8; 32]) -> Router {
    let mut router = api::routes::router(&site);
    for route in routes() {
        let guard = from_fn_with_state((site.clone(), route.need), pass);
        router = router.route(route.path, route.handler.route_layer(guard));
    }
    let city = site.settings.city.clone();
    let chrome = move |message: &Message<'_>| frame::message(&city, message);
    let guard = Guard::new(key, VISITOR_COOKIE, SESSION_COOKIE);
    let origins = site.settings.origins.clone();
    let router = router.layer(axum::Extension(BodyLimit(LARGEST_BODY))).with_state(site);
    let shell = Shell::new(guard, || &TEXTS, chrome, origins)
        .problems_under(api::routes::UNDER)
        .signed_answers_at(identity::sso::ANSWERS);
    shell.around(router.merge(FILES.router()))
}

/// Bytes of the largest form: a definition of 8 MiB or a document of 10 MB.
const LARGEST_BODY: u64 = 12 * 1024 * 1024;
