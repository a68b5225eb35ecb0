//! Making a browser a terminal: whoever sets it up types its code once.

use axum::extract::State;
use axum::response::Response;
use platform_web::fields::Field;
use platform_web::{CsrfForm, FormData, PageResult, Reply, Visitor, see_other};

use super::{cookie, here, with_code};
use crate::caller::Caller;
use crate::forms::{Question, Shape};
use crate::frame::Frame;
use crate::identity::form_page::FormPage;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    form: &FormData,
    wrong: bool,
) -> Response {
    let field = Field::new("code", TEXTS.text("terminals.setup.code"))
        .required()
        .value(form.text("code"))
        .autocomplete("off")
        .error(wrong.then(|| TEXTS.text("terminals.setup.wrong")));
    let done =
        here().map(|here| TEXTS.fill("terminals.setup.is", &[("name", &here.terminal.name)]));
    let page = FormPage {
        frame: Frame::form(site, caller, visitor, TEXTS.text("terminals.setup.title")),
        intro: TEXTS.text("terminals.setup.intro").to_owned(),
        done: done.unwrap_or_default(),
        action: urls::TERMINAL.to_owned(),
        hidden: Vec::new(),
        questions: vec![Question { field, shape: Shape::Line }],
        submit: TEXTS.text("terminals.setup.submit"),
        links: vec![(urls::HOME.to_owned(), TEXTS.text("home.back"))],
    };
    page.answer()
}

/// A town without terminals has no such page.
fn some(site: &Site) -> Result<(), Reply> {
    if site.terminals.is_empty() { Err(Reply::not_found("web.not_found")) } else { Ok(()) }
}

/// Asks for the code.
pub(crate) async fn get(caller: Caller, visitor: Visitor, State(site): State<Site>) -> PageResult {
    some(&site)?;
    Ok(page((&site, &caller, &visitor), &FormData::default(), false))
}

/// Makes this browser the terminal of the code.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    some(&site)?;
    // As people type what they read: in groups, in capitals.
    let typed = form.text("code").chars().filter(char::is_ascii_alphanumeric);
    let code = typed.collect::<String>().to_ascii_lowercase();
    if with_code(&site, &code).is_none() {
        return Ok(page((&site, &caller, &visitor), &form, true));
    }
    let mut answer = see_other(urls::TERMINAL);
    cookie(&code).set_on(&mut answer);
    Ok(answer)
}
