//! Search and list of procedures.

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::calendar::age;
use domain::forms::definition::Sex;
use domain::procedures::missed_word;
use domain::text::{KanaRow, narrow};
use internet_zone_store::identity::accounts;
use jiff::civil::Date;
use platform_web::pager::{Pager, PagerView};
use platform_web::{Html, PageResult, QueryData, Trouble};

use super::search::{self, AUDIENCES, Category, Hit, Own, Wish};
use crate::caller::Caller;
use crate::frame::Frame;
use crate::identity::profile::Profile;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Procedures on one page.
const PER_PAGE: u64 = 20;
/// Characters of a search that are looked at.
const LONGEST_QUERY: usize = 100;
/// Oldest age that can be asked for.
const OLDEST: u8 = 130;

#[derive(askama::Template)]
#[template(path = "procedures/list.html")]
struct Page<'a> {
    frame: Frame<'a>,
    wish: Wish,
    age: String,
    category_name: String,
    categories: Vec<Category>,
    life_events: Vec<(String, String)>,
    departments: Vec<(String, String)>,
    audiences: Vec<(&'static str, String)>,
    sexes: Vec<(Sex, &'static str)>,
    rows: Vec<(KanaRow, String)>,
    /// What is known of who is signed in, in words; empty when nothing is, `None` for everybody else.
    own: Option<String>,
    near: bool,
    hits: Vec<Hit>,
    total: usize,
    pager: PagerView,
}

/// Lists what the search finds (NF-9, NF-53).
pub(crate) async fn get(
    caller: Caller,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let age = narrow(asked.text("age").trim());
    let own = own(&site, &caller).await?;
    let wish = Wish {
        query: asked.text("q").trim().chars().take(LONGEST_QUERY).collect(),
        category: asked.text("category").to_owned(),
        life: asked.text("life").to_owned(),
        department: asked.text("department").to_owned(),
        audience: asked.text("audience").to_owned(),
        age: age.parse().ok().filter(|age| *age <= OLDEST),
        sex: Sex::ALL.into_iter().find(|sex| sex.word() == asked.text("sex")),
        row: KanaRow::from_key(asked.text("row")),
        own: own.filter(|own| own.is_known() && asked.text("mine") == "yes"),
    };
    let shown = site.shelf.shown();
    let found = search::find(&shown, &wish);
    let total = found.hits.len();
    let by_words_alone = wish.category.is_empty() && !wish.is_detailed();
    if total == 0
        && by_words_alone
        && let Some(word) = missed_word(&wish.query)
    {
        site.missed().note(site.today(), word, caller.network());
    }
    let pager = Pager::new(asked.one("page"), PER_PAGE, total as u64);
    let from = usize::try_from(pager.offset()).unwrap_or(usize::MAX);
    let (now, base) = (site.clock.now(), address(&wish));
    let page = found.hits.iter().skip(from).take(PER_PAGE as usize);
    let audiences = AUDIENCES.into_iter().map(|(_, key)| key);
    let category = &wish.category;
    Ok(Html(Page {
        frame: Frame::plain(&site, Some(&caller), TEXTS.text("procedures.list.title")),
        category_name: if category.is_empty() { String::new() } else { search::name(category) },
        categories: search::categories(&shown),
        life_events: search::life_events(&shown),
        departments: search::departments(&shown),
        audiences: audiences
            .map(|key| (key, TEXTS.text(&format!("procedures.audience.{key}")).to_owned()))
            .collect(),
        sexes: Sex::ALL.into_iter().map(|sex| (sex, sex_name(sex))).collect(),
        rows: search::rows(&shown),
        own: own.map(told),
        near: found.near,
        hits: page.map(|entry| search::hit(entry, now)).collect(),
        total,
        pager: pager.links(|page| format!("{base}&page={page}")),
        age: wish.age.map(|age| age.to_string()).unwrap_or_default(),
        wish,
    })
    .into_response())
}

/// What the account that is signed in knows of its owner. It is read for this page and noted nowhere. Nothing
/// when it does not open: the list is there for that person as for everybody else.
async fn own(site: &Site, caller: &Caller) -> Result<Option<Own>, Trouble> {
    let Some(id) = caller.account().map(str::to_owned) else { return Ok(None) };
    let account = site.store.read(move |db| accounts::find(db, &id)).await?;
    let Some(account) = account else { return Ok(None) };
    let Ok(profile) = Profile::open(&site.vault, &account) else {
        tracing::error!(account = %account.id, "a profile does not open: nobody can search by it");
        return Ok(None);
    };
    let birth = profile.birth.parse::<Date>().ok();
    Ok(Some(Own {
        age: birth.and_then(|birth| u8::try_from(age(birth, site.today())).ok()),
        sex: Sex::ALL.into_iter().find(|sex| sex.word() == profile.sex),
    }))
}

/// The same in words.
fn told(own: Own) -> String {
    let age = own.age.map(|age| TEXTS.fill("procedures.more.own_age", &[("age", &age)]));
    let sex = own.sex.map(|sex| sex_name(sex).to_owned());
    age.into_iter().chain(sex).collect::<Vec<_>>().join(" / ")
}

fn sex_name(sex: Sex) -> &'static str {
    match sex {
        Sex::Female => TEXTS.text("procedures.sex.female"),
        Sex::Male => TEXTS.text("procedures.sex.male"),
    }
}

/// The list with the same wishes.
fn address(wish: &Wish) -> String {
    let age = wish.age.map(|age| age.to_string()).unwrap_or_default();
    let pairs: [(&str, &str); 9] = [
        ("q", wish.query.as_str()),
        ("category", &wish.category),
        ("life", &wish.life),
        ("department", &wish.department),
        ("audience", &wish.audience),
        ("age", &age),
        ("sex", wish.sex.map_or("", Sex::word)),
        ("row", wish.row.map_or("", KanaRow::key)),
        ("mine", if wish.own.is_some() { "yes" } else { "" }),
    ];
    let given = pairs.iter().filter(|(name, value)| *name == "q" || !value.is_empty());
    let pairs: Vec<String> =
        given.map(|(name, value)| format!("{name}={}", urls::encode(value))).collect();
    format!("{}?{}", urls::PROCEDURES, pairs.join("&"))
}
