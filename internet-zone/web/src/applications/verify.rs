//! Anybody checks whether a receipt or a document is the town's: by number and code, without
//! learning whose it is. A number nobody has and a code that does not fit get the same answer
//! after the same work; tries are slowed down per number, and counted per network and in total.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use domain::applications::{BadCheckCode, BadNumber, CheckCode, ReceiptNumber, State as Stage};
use http::StatusCode;
use internet_zone_store::applications::documents::{self, Document};
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::identity::tries;
use platform_store::time;
use platform_web::fields::{Field, Problem};
use platform_web::{
    CsrfForm, FormData, Html, OrFault as _, PageResult, QueryData, Reply, Trouble, Visitor,
};

use super::check_codes;
use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::guesses;
use crate::identity::login::charge;
use crate::places;
use crate::procedures::words;
use crate::reader::said;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

#[derive(askama::Template)]
#[template(path = "applications/verify.html")]
struct Page<'a> {
    frame: Frame<'a>,
    number: Field,
    code: Field,
    problems: Vec<Problem>,
}

#[derive(askama::Template)]
#[template(path = "applications/verified.html")]
struct ResultPage<'a> {
    frame: Frame<'a>,
    procedure: String,
    number: &'a str,
    arrived: String,
    withdrawn: bool,
    document: Option<Issued>,
    again: &'static str,
}

/// What is said of a document.
struct Issued {
    at: String,
    size: String,
    bytes: i64,
    /// SHA-256 in groups of eight hexadecimal digits.
    sha256: Vec<String>,
}

/// What is wrong with what was typed, before anything is looked for.
#[derive(Default)]
struct Wrong {
    number: Option<&'static str>,
    code: Option<&'static str>,
}

fn page(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    form: &FormData,
    wrong: &Wrong,
) -> Response {
    let number = Field::new("number", TEXTS.text("applications.lookup.number"))
        .required()
        .hint(TEXTS.text("applications.lookup.number_hint"))
        .value(form.text("number"))
        .width(20)
        .error(wrong.number);
    let code = Field::new("code", TEXTS.text("applications.verify.code"))
        .required()
        .hint(TEXTS.text("applications.verify.code_hint"))
        .value(form.text("code"))
        .width(20)
        .error(wrong.code);
    let problems: Vec<Problem> = [&number, &code].into_iter().flat_map(Field::problems).collect();
    let bad = !problems.is_empty();
    let title = TEXTS.text("applications.verify.title");
    let frame = Frame::form(site, caller, visitor, title).with_errors(bad);
    let status = if bad { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    (status, Html(Page { frame, number, code, problems })).into_response()
}

/// Asks for number and code; who scanned them finds them filled in.
pub(crate) async fn get(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    Ok(page((&site, &caller, &visitor), &asked, &Wrong::default()))
}

/// Says what the town has of it.
pub(crate) async fn post(
    caller: Caller,
    visitor: Visitor,
    State(site): State<Site>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let who = (&site, &caller, &visitor);
    let (number, code) = match typed(&form) {
        Ok(typed) => typed,
        Err(wrong) => return Ok(page(who, &form, &wrong)),
    };
    let by_number = site.vault.index("verify", &number.to_string());
    charge(&site, &by_number).await?;
    let counted = guesses::count(&site, &caller, "verify-minute").await?;
    let counted = counted.ok_or_else(busy)?;
    let wanted = number.to_string();
    let found = site.store.read(move |db| {
        let found = status::by_number(db, &wanted)?;
        let id = found.as_ref().map_or("", |found| found.id.as_str()).to_owned();
        Ok((found, documents::of(db, &id)?))
    });
    let (application, documents) = found.await?;
    let Some((application, document)) = fits(&site, application, documents, code) else {
        let wrong = Wrong { number: None, code: Some(TEXTS.text("applications.verify.wrong")) };
        return Ok(page(who, &form, &wrong));
    };
    site.store
        .write(move |tx| {
            tries::forgive(tx, &by_number)?;
            counted.iter().try_for_each(|subject| tries::give_back(tx, subject))
        })
        .await?;
    result(who, &application, document).await
}

fn busy() -> Reply {
    Reply::too_many("applications.verify_busy").link(urls::VERIFY).retry_after(60)
}

/// Reads what was typed. A slip of the finger is told by the check digits alone.
fn typed(form: &FormData) -> Result<(ReceiptNumber, CheckCode), Wrong> {
    let number = form.text("number").parse::<ReceiptNumber>();
    let code = form.text("code").parse::<CheckCode>();
    let wrong = Wrong {
        number: number.err().map(|bad| match bad {
            BadNumber::Shape => TEXTS.text("applications.verify.number_shape"),
            BadNumber::CheckDigit => TEXTS.text("applications.verify.number_slip"),
        }),
        code: code.err().map(|bad| match bad {
            BadCheckCode::Shape => TEXTS.text("applications.verify.code_shape"),
            BadCheckCode::CheckCharacter => TEXTS.text("applications.verify.code_slip"),
        }),
    };
    number.ok().zip(code.ok()).ok_or(wrong)
}

/// The application whose receipt has this code, or that one of its documents has it of.
fn fits(
    site: &Site,
    application: Option<Application>,
    documents: Vec<Document>,
    code: CheckCode,
) -> Option<(Application, Option<Document>)> {
    let id = application.as_ref().map_or("", |found| found.id.as_str());
    let receipt = check_codes::of_receipt(&site.vault, id) == code;
    let of = |document: &Document| {
        check_codes::of_document(&document.id) == code
            || check_codes::of_document_before(&site.vault, &document.id) == code
    };
    let document = documents.into_iter().rfind(of);
    let application = application.filter(|_| receipt || document.is_some())?;
    Some((application, document))
}

async fn result(
    (site, caller, visitor): (&Site, &Caller, &Visitor),
    application: &Application,
    document: Option<Document>,
) -> PageResult {
    let entry =
        site.shelf.revision(&site.store, &application.procedure_id, application.revision).await?;
    let title = if document.is_some() {
        "applications.verify.document_title"
    } else {
        "applications.verify.receipt_title"
    };
    let document = match document {
        Some(document) => Some(issued(site, document).await?),
        None => None,
    };
    let page = ResultPage {
        frame: Frame::form(site, caller, visitor, TEXTS.text(title)),
        procedure: entry.map_or_else(String::new, |entry| said(&entry.procedure().title)),
        number: &application.number,
        arrived: words::exact_time(time::from_micros(application.arrived_at)),
        withdrawn: Stage::parse(&application.state) == Ok(Stage::Withdrawn),
        document,
        again: urls::VERIFY,
    };
    Ok(Html(page).into_response())
}

async fn issued(site: &Site, document: Document) -> Result<Issued, Trouble> {
    let hash = match document.sha256 {
        Some(hash) => hash,
        None => hash_of(site, document.id, document.file_id).await?,
    };
    let digits: Vec<String> = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Issued {
        at: words::micros(document.issued_at),
        size: words::size(u64::try_from(document.size).unwrap_or(0)),
        bytes: document.size,
        sha256: digits.chunks(4).map(<[String]>::concat).collect(),
    })
}

/// The hash of a document that arrived before hashes were kept.
async fn hash_of(site: &Site, id: String, file: String) -> Result<Vec<u8>, Trouble> {
    let (vault, files) = (site.vault.clone(), site.files.clone());
    let hash = move || -> Result<Vec<u8>, platform_web::Fault> {
        let bytes = vault.open(places::document(&id), &files.get(&file)?)?;
        Ok(internet_zone_store::vault::sha256(&bytes))
    };
    Ok(tokio::task::spawn_blocking(hash).await.or_fault()??)
}
