//! The one list of routes.

use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Extension, Router};
use platform_web::Shell;
use platform_web::csrf::Guard;
use platform_web::form::BodyLimit;

use crate::caller::{SESSION_COOKIE, VISITOR_COOKIE};
use crate::site::Site;
use crate::{
    applications, assets, frame, home, identity, procedures, reader, speed, terminals, texts,
};

/// Bytes of one request that brings files, without those of files nothing takes.
const UPLOAD_BYTES: u64 = 130 * 1_000_000;

/// All pages of this zone. `csrf_key` makes the tokens of forms; `origins` are
/// the public addresses when a proxy in front changes the `Host` header.
pub fn router(site: &Site, csrf_key: &[u8; 32], origins: Vec<String>) -> Router {
    let guard = Guard::new(csrf_key, VISITOR_COOKIE, SESSION_COOKIE);
    let shell = Shell::new(guard, || &texts::TEXTS, frame::chrome(site.clone()), origins);
    let pages =
        open_pages().merge(identity_pages()).merge(application_pages()).merge(terminal_pages());
    let pages = pages.with_state(site.clone()).layer(from_fn(reader::choose));
    let timed = from_fn_with_state(site.clone(), speed::around);
    let at_terminals = from_fn_with_state(site.clone(), terminals::around);
    let whole = shell.around(pages.merge(assets::FILES.router()));
    whole.layer(at_terminals).layer(from_fn(reader::around)).layer(timed)
}

fn open_pages() -> Router<Site> {
    Router::new()
        .route("/", get(home::start::get))
        .route("/guide", get(home::explain::guide))
        .route("/manual", get(home::manual::get))
        .route("/notices", get(home::explain::notices))
        .route("/terms", get(home::explain::terms))
        .route("/accessibility", get(home::explain::accessibility))
        .route("/accessibility/results", get(home::accessibility::get))
        .route("/privacy", get(home::explain::privacy))
        .route("/procedures", get(procedures::list::get))
        .route("/procedures/{slug}", get(procedures::show::get))
        .route(
            "/procedures/{slug}/guide",
            get(procedures::guide::get).post(procedures::guide::post),
        )
        .route("/procedures/{slug}/guide/list", get(procedures::guide::list))
        .route(
            "/procedures/{slug}/invited",
            get(procedures::invited::get).post(procedures::invited::post),
        )
        .route("/procedures/{slug}/invited/{code}", get(procedures::invited::with_code))
        .route("/procedures/{slug}/invited-address", post(procedures::invited::by_address))
        .route(
            "/invited/{token}",
            get(procedures::invited::proven_get).post(procedures::invited::proven_post),
        )
        .route("/procedures/{slug}/qr.svg", get(procedures::qr::get))
        .route("/procedures/{slug}/files/{file}", get(procedures::file::get))
}

fn identity_pages() -> Router<Site> {
    use identity::delegates::{ask, end, list};
    use identity::{account, close, email, login, logout, news, password, register, reset, still};
    Router::new()
        .route("/register", get(register::get).post(register::post))
        .route("/register/{token}", get(register::confirm_get).post(register::confirm_post))
        .route("/login", get(login::get).post(login::post))
        .route("/logout", get(logout::get).post(logout::post))
        .route("/reset", get(reset::get).post(reset::post))
        .route("/reset/{token}", get(reset::confirm_get).post(reset::confirm_post))
        .route("/still", get(still::get))
        .route("/account", get(account::get).post(account::post))
        .route("/account/close", get(close::get).post(close::post))
        .route("/account/closed", get(close::done))
        .route("/account/email", get(email::get).post(email::post))
        .route("/account/email/{token}", get(email::confirm_get).post(email::confirm_post))
        .route("/account/news", get(news::get).post(news::post))
        .route("/news/stop/{account}/{code}", get(news::stop_get).post(news::stop_post))
        .route("/account/password", get(password::get).post(password::post))
        .route("/delegates", get(list::get))
        .route("/delegates/ask", get(ask::get).post(ask::post))
        .route("/delegates/{id}/accept", post(end::accept))
        .route("/delegates/{id}/end", get(end::get).post(end::post))
}

fn terminal_pages() -> Router<Site> {
    use terminals::{end, hand_over, receipt, setup, still, take_over};
    Router::new()
        .route("/terminal", get(setup::get).post(setup::post))
        .route("/terminal/still", get(still::get))
        .route("/terminal/here", get(still::here))
        .route("/terminal/still.css", get(still::css))
        .route("/terminal/end", post(end::post))
        .route("/terminal/over", get(end::over))
        .route("/terminal/ended", get(end::ended))
        .route("/drafts/{id}/handover", get(hand_over::get).post(hand_over::post))
        .route("/drafts/{id}/handover/{turn}", get(hand_over::code))
        .route("/handover/{code}", get(take_over::get).post(take_over::post))
        .route("/applications/{id}/receipt/mail", post(receipt::post))
}

fn application_pages() -> Router<Site> {
    use applications::{
        again, asking, check, check_codes, closing, comeback, correction, cosign, cosigners,
        discard, documents, guest, lookup, lost, messages, mypage, page, pieces, receipt, show,
        start, submit, together, verify, waiting, withdraw,
    };
    let with_files = Router::new()
        .route("/drafts/{id}/pages/{page}", get(page::get).post(page::post))
        .route("/applications/{id}/correction", get(correction::get).post(correction::post))
        .route("/applications/{id}/messages", get(messages::get).post(messages::post))
        .layer(Extension(BodyLimit(UPLOAD_BYTES)));
    let in_pieces = Router::new()
        .route("/drafts/{id}/uploads", post(pieces::begin))
        .route("/drafts/{id}/uploads/{upload}", get(pieces::get).post(pieces::piece))
        .route("/drafts/{id}/uploads/{upload}/finish", post(pieces::finish))
        .route("/applications/{id}/messages/uploads", post(messages::begin_file))
        .route(
            "/applications/{id}/messages/uploads/{upload}",
            get(messages::file_at).post(messages::piece),
        )
        .route("/applications/{id}/messages/uploads/{upload}/finish", post(messages::finish_file))
        .layer(Extension(BodyLimit(pieces::REQUEST)));
    Router::new()
        .route("/procedures/{slug}/start", get(start::get).post(start::post))
        .route("/together", get(together::get).post(together::post))
        .route("/guest/{token}", get(guest::get).post(guest::post))
        .route("/drafts/{id}", get(page::resume))
        .route("/drafts/{id}/return", get(comeback::get).post(comeback::post))
        .route("/drafts/{id}/copy", get(again::get))
        .route("/drafts/{id}/check", get(check::get))
        .route("/drafts/{id}/answers", get(closing::answers))
        .route("/drafts/{id}/cosigners", get(cosigners::get).post(cosigners::post))
        .route("/drafts/{id}/cosigners/{cosign}/again", post(cosigners::again))
        .route("/drafts/{id}/cosigners/{cosign}/replace", post(cosigners::replace))
        .route("/cosign/{id}", get(cosign::get).post(cosign::post))
        .route("/cosign/{id}/files/{file}", get(cosign::file))
        .route("/drafts/{id}/submit", post(submit::post))
        .route("/drafts/{id}/discard", get(discard::get).post(discard::post))
        .route("/waiting/{id}", get(waiting::get).post(waiting::post))
        .route("/mypage", get(mypage::get))
        .route("/mypage/earlier", post(mypage::take_over))
        .route("/lookup", get(lookup::get).post(lookup::post))
        .route("/lookup/found", get(lost::found))
        .route("/lookup/lost", get(lost::get).post(lost::post))
        .route("/lookup/lost/{token}", get(lost::proven_get).post(lost::proven_post))
        .route("/verify", get(verify::get).post(verify::post))
        .route("/applications/{id}", get(show::get))
        .route("/applications/{id}/again", post(again::post))
        .route("/applications/{id}/receipt", get(receipt::get))
        .route("/applications/{id}/receipt/qr.svg", get(check_codes::receipt))
        .route("/applications/{id}/correction/check", get(correction::check_get))
        .route("/applications/{id}/correction/submit", post(correction::submit))
        .route("/applications/{id}/withdraw", get(withdraw::get).post(withdraw::post))
        .route("/applications/{id}/ask-withdrawal", get(asking::get).post(asking::post))
        .route("/applications/{id}/ask-withdrawal/back", post(asking::back))
        .route("/applications/{id}/documents/{document}", get(documents::get))
        .route("/applications/{id}/documents/{document}/qr.svg", get(check_codes::document))
        .merge(with_files)
        .merge(in_pieces)
}
