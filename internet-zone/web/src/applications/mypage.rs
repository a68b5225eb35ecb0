//! The own page: one list of what to do now, and everything else below (NF-58).

use std::collections::{BTreeSet, HashMap};

use axum::extract::State;
use axum::response::IntoResponse as _;
use domain::applications::State as Stage;
use internet_zone_store::applications::drafts::{self, Draft};
use internet_zone_store::applications::status::{self, Application};
use internet_zone_store::applications::waiting::{self as in_line, Waiting};
use internet_zone_store::identity::Owner;
use internet_zone_store::identity::accounts::{self, Account};
use internet_zone_store::identity::guests::{self, Earlier};
use jiff::civil::Date;
use platform_web::pager::{Pager, PagerView};
use platform_web::{CsrfForm, Html, PageResult, QueryData, Trouble, Visitor, see_other};

use super::cosigned::{self, Cosigned};
use super::{represented, show};
use crate::caller::Citizen;
use crate::frame::Frame;
use crate::identity::profile::Profile;
use crate::procedures::words;
use crate::reader::said;
use crate::site::Site;
use crate::texts::TEXTS;
use crate::urls;

/// Applications on one page.
const PER_PAGE: i64 = 20;

/// Something the account is to do, or may go on with.
pub(super) struct ToDo {
    /// What it is about, as a tag.
    pub(super) tag: &'static str,
    pub(super) class: &'static str,
    /// What to do, as a link.
    pub(super) link: String,
    pub(super) href: String,
    /// Until when; empty when nothing ends.
    pub(super) due: String,
    /// Number, times and people.
    pub(super) lines: Vec<String>,
    /// Where an unfinished form is thrown away, and its title.
    pub(super) discard: Option<(String, String)>,
    /// Its place in the list: by the day on which it ends; what came and was not looked at counts as of today.
    pub(super) day: Date,
}

impl ToDo {
    /// Something to do about a procedure, by the words of both.
    fn new((tag, class): (&'static str, &'static str), link: &str, title: &str) -> Self {
        Self {
            tag: TEXTS.text(tag),
            class,
            link: TEXTS.fill(link, &[("title", &title)]),
            href: String::new(),
            due: String::new(),
            lines: Vec::new(),
            discard: None,
            day: Date::MAX,
        }
    }

    /// The same until a day.
    fn until(self, day: Date) -> Self {
        let due = TEXTS.fill("applications.mypage.due", &[("due", &words::date(day))]);
        Self { due, day, ..self }
    }

    /// With one more line, unless it is empty.
    pub(super) fn with(mut self, line: String) -> Self {
        self.lines.extend(Some(line).filter(|line| !line.is_empty()));
        self
    }

    /// An application to correct.
    pub(super) fn correct(site: &Site, title: &str, one: &Application, due: Option<&str>) -> Self {
        let tag = ("applications.mypage.correct", "tag-warn");
        let new = Self {
            href: format!("{}/correction", urls::application(&one.id)),
            day: site.today(),
            ..Self::new(tag, "applications.mypage.do_correct", title)
        };
        let new = match due.and_then(|due| due.parse().ok()) {
            Some(day) => new.until(day),
            None => new,
        };
        new.with(numbered(&one.number, one.arrived_at))
    }

    /// An unfinished form.
    pub(super) fn draft(title: &str, draft: &Draft) -> Self {
        let tag = ("applications.mypage.unsent", "tag-active");
        let (saved, ends) = (words::micros(draft.updated_at), words::micros(draft.expires_at));
        Self {
            href: urls::draft(&draft.id),
            due: TEXTS.fill("applications.mypage.saved", &[("saved", &saved), ("ends", &ends)]),
            day: words::day(draft.expires_at),
            discard: Some((format!("{}/discard", urls::draft(&draft.id)), title.to_owned())),
            ..Self::new(tag, "applications.mypage.do_draft", title)
        }
    }

    /// A place in line.
    pub(super) fn line(title: &str, one: &Waiting) -> Self {
        let tag = ("applications.waiting.list", "tag-active");
        let new = Self::new(tag, "applications.mypage.do_wait", title);
        Self { href: urls::waiting(&one.id), ..new }.with(numbered(&one.number, one.since))
    }

    /// Somebody else's form to agree to.
    pub(super) fn cosign(title: &str, (id, until): (&str, i64)) -> Self {
        let tag = ("applications.cosign.to_answer", "tag-warn");
        let new = Self::new(tag, "applications.mypage.do_cosign", title);
        Self { href: urls::cosign(id), ..new }.until(words::day(until))
    }

    /// News about an application.
    fn news(site: &Site, tag: &'static str, link: &str, title: &str, one: &Application) -> Self {
        let new = Self::new((tag, "tag-new"), link, title);
        Self { day: site.today(), ..new }.with(numbered(&one.number, one.arrived_at))
    }
}

pub(super) fn numbered(number: &str, at: i64) -> String {
    let (name, gap) = (TEXTS.text("applications.number"), TEXTS.text("home.gap"));
    format!("{name}{number}{gap}{}", words::micros(at))
}

/// Something sent.
pub(super) struct Sent {
    pub(super) title: String,
    pub(super) href: String,
    pub(super) state: &'static str,
    pub(super) class: &'static str,
    /// When the next step is expected; empty where nobody said.
    pub(super) expected: String,
    /// Number, times and people.
    pub(super) lines: Vec<String>,
}

#[derive(askama::Template)]
#[template(path = "applications/mypage.html")]
struct Page<'a> {
    frame: Frame<'a>,
    name: String,
    /// What was sent or begun with the same address before the account was there.
    earlier: Vec<String>,
    /// Some of it was sent, and its numbers open it no more once it is taken over.
    numbered: bool,
    /// It was taken over just now.
    taken: bool,
    /// What to do, what ends first on top; `None` behind the first page.
    to_do: Option<Vec<ToDo>>,
    /// Everything else it sent.
    sent: Vec<Sent>,
    /// Nothing was sent at all.
    none: bool,
    /// What the account sent for others.
    represented: Vec<Sent>,
    /// What others ask it to agree to, and what it agreed to.
    cosigned: Cosigned,
    pager: PagerView,
}

/// The tag that goes with a state.
pub(super) const fn class(state: Stage) -> &'static str {
    match state {
        Stage::Arrived => "tag-new",
        Stage::Accepted | Stage::Reviewing => "tag-active",
        Stage::Notified | Stage::Done => "tag-good",
        Stage::Correction(_) => "tag-warn",
        Stage::Rejected | Stage::RefusedEntry => "tag-bad",
        Stage::Withdrawn | Stage::Expired(_) | Stage::Closed => "tag-quiet",
    }
}

pub(super) async fn title(site: &Site, procedure: &str, revision: i64) -> Result<String, Trouble> {
    Ok(said(&site.shelf.title(&site.store, procedure, revision).await?))
}

pub(super) async fn sent(site: &Site, application: Application) -> Result<Sent, Trouble> {
    let state = Stage::parse(&application.state).unwrap_or(Stage::Arrived);
    Ok(Sent {
        title: title(site, &application.procedure_id, application.revision).await?,
        href: urls::application(&application.id),
        state: TEXTS.text(state.name_key()),
        class: class(state),
        expected: show::date(&application.expected),
        lines: vec![numbered(&application.number, application.arrived_at)],
    })
}

/// Who began something for the account, as a line; empty for what it began itself.
fn by(who: &HashMap<String, String>, id: &str, key: &str) -> String {
    let name = who.get(id);
    name.map(|name| TEXTS.fill(key, &[("name", name)])).unwrap_or_default()
}

/// What the store knows of an account for its page.
struct Known {
    account: Option<Account>,
    earlier: Earlier,
    /// Unsent with the same address before the account was there.
    begun_earlier: Vec<Draft>,
    drafts: Vec<Draft>,
    line: Vec<Waiting>,
    to_do: status::ToDo,
    due: HashMap<String, String>,
    others: Vec<Application>,
    pager: Pager,
}

async fn known(site: &Site, id: &str, wanted: Option<String>) -> Result<Known, Trouble> {
    let (id, now) = (id.to_owned(), site.micros());
    let read = site.store.read(move |db| {
        let owner = Owner::Account(id.clone());
        let to_do = status::to_do(db, &id)?;
        let listed: BTreeSet<String> = to_do.applications().map(|one| one.id.clone()).collect();
        let listed: Vec<String> = listed.into_iter().collect();
        let total = status::count(db, &owner)?.saturating_sub(listed.len() as u64);
        let pager = Pager::new(wanted.as_deref(), PER_PAGE as u64, total);
        let offset = i64::try_from(pager.offset()).unwrap_or(0);
        Ok(Known {
            account: accounts::find(db, &id)?,
            earlier: guests::earlier_of(db, &id)?,
            begun_earlier: guests::begun_of(db, &id, now)?,
            drafts: drafts::of(db, &owner, now)?,
            line: in_line::of(db, &id)?,
            due: status::due(db, &listed)?,
            others: status::others(db, &id, &listed, (PER_PAGE, offset))?,
            to_do,
            pager,
        })
    });
    Ok(read.await?)
}

/// What the account is to do; `who` began what of it.
async fn to_do(
    site: &Site,
    known: &Known,
    who: &HashMap<String, String>,
) -> Result<Vec<ToDo>, Trouble> {
    let sent_by = |id: &str| by(who, id, "applications.mypage.by");
    let mut all = Vec::new();
    for one in &known.to_do.correct {
        let title = title(site, &one.procedure_id, one.revision).await?;
        let due = known.due.get(&one.id).map(String::as_str);
        all.push(ToDo::correct(site, &title, one, due).with(sent_by(&one.id)));
    }
    for one in &known.to_do.read {
        let title = title(site, &one.procedure_id, one.revision).await?;
        let (tag, link) = ("applications.mypage.message", "applications.mypage.do_message");
        let href = urls::messages(&one.id);
        let new = ToDo { href, ..ToDo::news(site, tag, link, &title, one) };
        all.push(new.with(sent_by(&one.id)));
    }
    for one in &known.to_do.open {
        let title = title(site, &one.procedure_id, one.revision).await?;
        let (tag, link) = ("applications.mypage.document", "applications.mypage.do_document");
        let href = urls::application(&one.id);
        let new = ToDo { href, ..ToDo::news(site, tag, link, &title, one) };
        all.push(new.with(sent_by(&one.id)));
    }
    for draft in known.drafts.iter().filter(|draft| draft.correction.is_none()) {
        let title = title(site, &draft.procedure_id, draft.revision).await?;
        let filled = by(who, &draft.id, "applications.mypage.filled_by");
        all.push(ToDo::draft(&title, draft).with(filled));
    }
    for one in &known.line {
        let title = title(site, &one.procedure_id, one.revision).await?;
        all.push(ToDo::line(&title, one));
    }
    Ok(all)
}

/// What was sent or begun before the account was there, as lines.
async fn earlier(
    site: &Site,
    (earlier, begun): (&Earlier, &[Draft]),
) -> Result<Vec<String>, Trouble> {
    let mut lines = Vec::new();
    for one in &earlier.applications {
        let title = title(site, &one.procedure_id, one.revision).await?;
        lines.push(format!("{title} {}", numbered(&one.number, one.arrived_at)));
    }
    for one in &earlier.waiting {
        let title = title(site, &one.procedure_id, one.revision).await?;
        lines.push(format!("{title} {}", numbered(&one.number, one.since)));
    }
    for one in begun {
        let title = title(site, &one.procedure_id, one.revision).await?;
        lines.push(format!("{title} {}", TEXTS.text("applications.mypage.unsent")));
    }
    Ok(lines)
}

/// Takes over what was sent or begun with the same address before the account was there (NF-17). Both proved it
/// by mail, so one press is enough.
pub(crate) async fn take_over(
    who: Citizen,
    State(site): State<Site>,
    CsrfForm(_): CsrfForm,
) -> PageResult {
    let (by, id) = (who.caller.by(), who.id);
    site.store.write(move |tx| guests::take_over(tx, &by, &id)).await?;
    Ok(see_other(format!("{}?done=taken", urls::MY_PAGE)))
}

/// Shows what is to do, and everything else the account sent.
pub(crate) async fn get(
    who: Citizen,
    visitor: Visitor,
    State(site): State<Site>,
    QueryData(asked): QueryData,
) -> PageResult {
    let known = known(&site, &who.id, asked.one("page").map(str::to_owned)).await?;
    let news: Vec<Application> = known.to_do.applications().cloned().collect();
    let begun = represented::delegates(&site, &known.drafts, &known.others, &news).await?;
    let mut cosigned = cosigned::list(&site, &who).await?;
    let for_others = represented::list(&site, &who).await?;
    let first = known.pager.offset() == 0;
    let mut all = to_do(&site, &known, &begun).await?;
    all.append(&mut cosigned.to_do);
    all.extend(for_others.to_do);
    // What stands on one day stays in the order of what it is.
    all.sort_by_key(|one| one.day);
    let mut own = Vec::new();
    for application in known.others {
        let by = by(&begun, &application.id, "applications.mypage.by");
        let mut one = sent(&site, application).await?;
        one.lines.extend(Some(by).filter(|by| !by.is_empty()));
        own.push(one);
    }
    let earlier = earlier(&site, (&known.earlier, &known.begun_earlier)).await?;
    let account = known.account.map(|a| Profile::name_of(&site.vault, &a));
    let page = Page {
        frame: Frame::form(&site, &who.caller, &visitor, TEXTS.text("applications.mypage.title")),
        taken: asked.text("done") == "taken",
        name: account.unwrap_or_default(),
        none: own.is_empty() && news.is_empty(),
        earlier: if first { earlier } else { Vec::new() },
        numbered: !known.earlier.is_empty(),
        to_do: first.then_some(all),
        sent: own,
        represented: for_others.sent,
        cosigned,
        pager: known.pager.links(|page| format!("{}?page={page}", urls::MY_PAGE)),
    };
    Ok(Html(page).into_response())
}
