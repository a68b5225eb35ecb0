//! Every route of the interface with the action it is for: one list.

use axum::Router;
use axum::handler::Handler;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get as on_get, post as on_post};
use domain::identity::{Action, KeyScope};
use http::Method;
use platform_web::form::BodyLimit;

use super::guard::{Pace, pass};
use super::write::{LARGE, SMALL};
use super::{applications, description, files, procedures, statistics, steps};
use crate::site::Site;

/// Where the interface begins: what is asked for below it is answered for programs.
pub const UNDER: &str = "/api/";

/// One route.
pub struct Route {
    /// GET or POST.
    pub method: Method,
    /// Path with `{names}`.
    pub path: &'static str,
    /// The scope a key needs.
    pub scope: KeyScope,
    action: Action,
    handler: MethodRouter<Site>,
}

fn get<H, T>(path: &'static str, scope: KeyScope, handler: H) -> Route
where
    H: Handler<T, Site>,
    T: 'static,
{
    Route { method: Method::GET, path, scope, action: scope.action(), handler: on_get(handler) }
}

fn post<H, T>(path: &'static str, scope: KeyScope, most: u64, handler: H) -> Route
where
    H: Handler<T, Site>,
    T: 'static,
{
    let handler = on_post(handler).layer(axum::Extension(BodyLimit(most)));
    Route { method: Method::POST, path, scope, action: scope.action(), handler }
}

/// Every route but the description, which needs no key.
#[must_use]
pub fn routes() -> Vec<Route> {
    use KeyScope as S;
    vec![
        get("/api/v1/procedures", S::ReadProcedures, procedures::list),
        get("/api/v1/procedures/{id}", S::ReadProcedures, procedures::show),
        get("/api/v1/statistics", S::ReadStatistics, statistics::get),
        get("/api/v1/applications", S::ReadApplications, applications::list),
        get("/api/v1/applications/{id}", S::ReadApplications, applications::show),
        get("/api/v1/applications/{id}/files/{file}", S::ReadApplications, files::get),
        post("/api/v1/applications/{id}/accept", S::WriteApplications, SMALL, steps::accept),
        post("/api/v1/applications/{id}/review", S::WriteApplications, SMALL, steps::review),
        post("/api/v1/applications/{id}/finish", S::WriteApplications, SMALL, steps::finish),
        post(
            "/api/v1/applications/{id}/correction",
            S::WriteApplications,
            SMALL,
            steps::correction,
        ),
        post("/api/v1/applications/{id}/reject", S::WriteApplications, SMALL, steps::reject),
        post("/api/v1/applications/{id}/result", S::WriteDocuments, LARGE, steps::result),
        post("/api/v1/applications/{id}/notes", S::WriteApplications, SMALL, steps::note),
    ]
}

/// The interface; its routes keep their own guard.
pub(crate) fn router(site: &Site) -> Router<Site> {
    let pace = Pace::default();
    let mut router = Router::new().route("/api/v1/openapi.json", on_get(description));
    for route in routes() {
        let guard = from_fn_with_state((site.clone(), pace.clone(), route.action), pass);
        router = router.route(route.path, route.handler.route_layer(guard));
    }
    router
}
