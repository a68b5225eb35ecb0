//! Texts in other languages: beside each Japanese text what is said in one of them, what is missing,
//! and what was not translated again since the Japanese changed (IK-2.1.2b).

use askama::Template;
use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use domain::forms::definition::Lang;
use domain::forms::design::translated::{self, Text};
use domain::forms::design::{self, Edit};
use platform_web::{
    CsrfForm, FormData, Html, PageResult, QueryData, Reply, Trouble, Visitor, see_other,
};

use super::panel::{Panel, frame};
use super::work::{Said, Saved, Work};
use crate::frame::Frame;
use crate::guard::Who;
use crate::site::{Site, TEXTS};

#[derive(Template)]
#[template(path = "procedures/design/texts.html")]
struct TextsPage {
    frame: Frame,
    panel: Panel,
    lang: &'static str,
    name: &'static str,
    /// Code, name, texts that are open.
    langs: Vec<(&'static str, &'static str, usize)>,
    /// The page of the form; empty for the procedure.
    page: String,
    /// Id, heading, texts that are open.
    pages: Vec<(String, String, usize)>,
    texts: Vec<Line>,
}

struct Line {
    number: usize,
    text: Text,
    /// Several lines are offered.
    long: bool,
}

/// The languages with the codes of their addresses.
const LANGS: [(Lang, &str); 5] = [
    (Lang::Easy, "easy"),
    (Lang::En, "en"),
    (Lang::ZhHans, "zh-hans"),
    (Lang::ZhHant, "zh-hant"),
    (Lang::Ko, "ko"),
];

/// Characters of a Japanese text from which several lines are offered.
const LONG: usize = 40;
/// Longest translation, in characters.
const LONGEST: usize = 20_000;

/// Shows the texts of the procedure, or of a page of the form.
pub async fn get(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    query: QueryData,
    Path((id, lang)): Path<(String, String)>,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let lang = known(&lang, &work)?;
    let wanted = query.0.text("page");
    let of = design::page(work.procedure(), wanted).map(|(_, page)| page.id.clone());
    let mut page =
        page((&site, &who, &visitor), &work, (lang, of.unwrap_or_default()), Said::Nothing);
    page.frame = page.frame.said(&query, "procedures");
    Ok(Html(page).into_response())
}

/// Keeps what was typed.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    visitor: Visitor,
    Path((id, lang)): Path<(String, String)>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let work = Work::load(&site, &who, &id).await?;
    let lang = known(&lang, &work)?;
    let of = form.text("page").to_owned();
    let texts = typed(&form);
    let too_long = texts.iter().any(|(_, text)| text.chars().count() > LONGEST);
    let said = if too_long {
        Said::Refused(vec![TEXTS.text("design.fault.too_long").to_owned()])
    } else {
        let still = form.all("still").map(str::to_owned).collect();
        let edit = Edit::Translate { lang, texts: texts.clone(), still };
        match work.save(&site, &who, &form, vec![edit]).await? {
            Saved::Done(_) => {
                let code = code(lang);
                let path = format!("/texts/{code}?page={of}&said=design_kept");
                return Ok(see_other(work.at(&path)));
            }
            Saved::Refused(refused) => Said::refused(&refused),
            Saved::Behind(behind) => Said::Behind(behind),
        }
    };
    let status = said.status();
    let mut page = page((&site, &who, &visitor), &work, (lang, of), said);
    for line in &mut page.texts {
        if let Some((_, text)) = texts.iter().find(|(name, _)| *name == line.text.name) {
            line.text.told = Some(text.clone());
        }
    }
    Err((status, Html(page)).into_response().into())
}

fn typed(form: &FormData) -> Vec<(String, String)> {
    let told = form.all("told").map(|text| text.trim().to_owned());
    form.all("name").map(str::to_owned).zip(told).collect()
}

fn known(code: &str, work: &Work) -> Result<Lang, Trouble> {
    let found = LANGS.iter().find(|(_, known)| *known == code).map(|(lang, _)| *lang);
    found.ok_or_else(|| Reply::not_found("design.page_gone").link(work.at("")).into())
}

fn code(lang: Lang) -> &'static str {
    LANGS.iter().find(|(known, _)| *known == lang).map_or("en", |(_, code)| code)
}

/// What a language is called here.
pub(super) fn name(lang: Lang) -> &'static str {
    TEXTS.text(match lang {
        Lang::Ja => "design.lang.ja",
        Lang::Easy => "design.lang.easy",
        Lang::En => "design.lang.en",
        Lang::ZhHans => "design.lang.zh_hans",
        Lang::ZhHant => "design.lang.zh_hant",
        Lang::Ko => "design.lang.ko",
    })
}

/// Where the translations of a language that are of an older text are made anew.
pub(super) fn place_of(work: &Work, (text, lang): &(String, Lang)) -> String {
    let all = translated::texts(work.procedure(), *lang, &work.draft.stale);
    let page = all.into_iter().find(|one| one.name == *text).map(|one| one.page);
    format!("/texts/{}?page={}", code(*lang), page.unwrap_or_default())
}

fn page(
    (site, who, visitor): (&Site, &Who, &Visitor),
    work: &Work,
    (lang, of): (Lang, String),
    said: Said,
) -> TextsPage {
    let procedure = work.procedure();
    let told = |lang| translated::texts(procedure, lang, &work.draft.stale);
    let open = |all: &[Text]| all.iter().filter(|one| one.is_open()).count();
    let all = told(lang);
    let of_page = |id: &str| all.iter().filter(|one| one.page == id && one.is_open()).count();
    let first = (String::new(), TEXTS.text("design.texts.procedure").to_owned(), of_page(""));
    let pages = procedure
        .pages
        .iter()
        .map(|page| (page.id.clone(), page.title.ja().to_owned(), of_page(&page.id)));
    let pages = std::iter::once(first).chain(pages).collect();
    let langs = LANGS.iter().map(|(lang, code)| (*code, name(*lang), open(&told(*lang))));
    let langs = langs.collect();
    let texts = all.into_iter().filter(|one| one.page == of).enumerate();
    let texts = texts.map(|(number, text)| Line {
        number,
        long: text.ja.chars().count() > LONG || text.ja.contains('\n'),
        text,
    });
    TextsPage {
        frame: frame(site, who, visitor),
        panel: Panel::of(work, "texts", said).on(&format!("/texts/{}", code(lang)), &of),
        lang: code(lang),
        name: name(lang),
        langs,
        pages,
        texts: texts.collect(),
        page: of,
    }
}
