//! The frame around every page: city, person, menu.

use askama::Template;
use domain::identity::Role;
use platform_web::{Catalogue, Message, QueryData, Visitor};

use crate::guard::Who;
use crate::site::{Site, TEXTS};
use crate::words;

/// Everything the frame draws.
pub struct Frame {
    /// All words.
    pub t: &'static Catalogue,
    /// Name of the city.
    pub city: String,
    /// Address of the shared style sheet.
    pub base_css: String,
    /// Address of this zone's style sheet.
    pub staff_css: String,
    /// Who is logged in.
    pub person: Option<Person>,
    /// Main menu.
    pub menu: Vec<Item>,
    /// What was just done.
    pub said: Option<String>,
    visitor: Option<Visitor>,
}

/// Who is logged in, as the frame shows it.
pub struct Person {
    /// Name.
    pub name: String,
    /// Role in words.
    pub role: String,
    /// Departments in words.
    pub departments: String,
}

/// One entry of the menu.
pub struct Item {
    /// Where it leads.
    pub href: &'static str,
    /// The key that stands for it; empty for none.
    pub key: &'static str,
    /// Its words.
    pub text: String,
    /// Whether it is the place of this page.
    pub here: bool,
}

/// A place of the main menu.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// 受付一覧.
    Inbox,
    /// 意見照会.
    Inquiries,
    /// 庁内の申請.
    Internal,
    /// 手続.
    Procedures,
    /// 業務システム連携.
    Exports,
    /// 配信・集信履歴.
    Bridge,
    /// 統計.
    Numbers,
    /// 職員アカウント.
    Staff,
    /// 操作記録.
    Audit,
    /// 保存期間.
    Retention,
    /// Not in the menu.
    Elsewhere,
}

impl Frame {
    /// The frame for somebody who is logged in.
    #[must_use]
    pub fn of(site: &Site, who: &Who, visitor: &Visitor, place: Place) -> Self {
        Self {
            person: Some(Person {
                name: who.name.clone(),
                role: TEXTS.text(role_key(who.role)).to_owned(),
                departments: who.belongs(),
            }),
            menu: menu(who.role, place),
            ..Self::plain(site, visitor)
        }
    }

    /// The frame for somebody who is not, or not wholly, logged in.
    #[must_use]
    pub fn plain(site: &Site, visitor: &Visitor) -> Self {
        Self { visitor: Some(visitor.clone()), ..Self::bare(&site.settings.city) }
    }

    fn bare(city: &str) -> Self {
        Self {
            t: &TEXTS,
            city: city.to_owned(),
            base_css: crate::routes::base_css(),
            staff_css: crate::routes::staff_css(),
            person: None,
            menu: Vec::new(),
            said: None,
            visitor: None,
        }
    }

    /// Says what was just done, when the address names it: `?said=applications.accept`.
    #[must_use]
    pub fn said(mut self, query: &QueryData, room: &'static str) -> Self {
        let word = query.0.text("said");
        let plain = word.len() < 40 && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        if plain {
            self.said = TEXTS.get(&format!("{room}.said.{word}")).map(str::to_owned);
        }
        self
    }

    /// The hidden field every form carries.
    #[must_use]
    pub fn token(&self) -> String {
        self.visitor.as_ref().map_or_else(String::new, |visitor| {
            format!(
                "<input type=\"hidden\" name=\"{}\" value=\"{}\">",
                platform_web::csrf::FIELD,
                visitor.token()
            )
        })
    }
}

/// Catalogue key of a role.
#[must_use]
pub const fn role_key(role: Role) -> &'static str {
    match role {
        Role::Administrator => "identity.role.administrator",
        Role::ProcedureManager => "identity.role.procedure_manager",
        Role::Clerk => "identity.role.clerk",
        Role::Auditor => "identity.role.auditor",
    }
}

/// A department with the role somebody has there, where it is not the one of the account.
#[must_use]
pub fn in_department(name: &str, role: Role) -> String {
    let role = TEXTS.text(role_key(role));
    TEXTS.fill("identity.in_department", &[("department", &name), ("role", &role)])
}

fn menu(role: Role, here: Place) -> Vec<Item> {
    let places: &[Place] = match role {
        Role::Administrator => &[
            Place::Staff,
            Place::Procedures,
            Place::Numbers,
            Place::Exports,
            Place::Bridge,
            Place::Retention,
            Place::Internal,
        ],
        Role::ProcedureManager | Role::Clerk => &[
            Place::Inbox,
            Place::Inquiries,
            Place::Procedures,
            Place::Numbers,
            Place::Exports,
            Place::Bridge,
            Place::Internal,
        ],
        Role::Auditor => &[
            Place::Audit,
            Place::Staff,
            Place::Procedures,
            Place::Numbers,
            Place::Exports,
            Place::Bridge,
            Place::Retention,
            Place::Internal,
        ],
    };
    places
        .iter()
        .map(|place| {
            let (href, key) = entry(*place);
            let text = TEXTS.text(key).to_owned();
            let key = match place {
                Place::Inbox => "i",
                Place::Inquiries => "o",
                Place::Internal
                | Place::Procedures
                | Place::Exports
                | Place::Bridge
                | Place::Numbers
                | Place::Staff
                | Place::Audit
                | Place::Retention
                | Place::Elsewhere => "",
            };
            Item { href, key, text, here: *place == here }
        })
        .collect()
}

const fn entry(place: Place) -> (&'static str, &'static str) {
    match place {
        Place::Inbox => ("/inbox", "frame.menu.inbox"),
        Place::Inquiries => ("/inquiries", "frame.menu.inquiries"),
        Place::Internal => ("/internal", "frame.menu.internal"),
        Place::Procedures => ("/procedures", "frame.menu.procedures"),
        Place::Exports => ("/exports", "frame.menu.exports"),
        Place::Bridge => ("/bridge", "frame.menu.bridge"),
        Place::Numbers => ("/numbers", "frame.menu.numbers"),
        Place::Staff => ("/staff", "frame.menu.staff"),
        Place::Audit => ("/audit", "frame.menu.audit"),
        Place::Retention => ("/retention", "frame.menu.retention"),
        Place::Elsewhere => ("/", "frame.menu.home"),
    }
}

/// Where a role begins.
#[must_use]
pub const fn home(role: Role) -> &'static str {
    match role {
        Role::Administrator => "/staff",
        Role::ProcedureManager | Role::Clerk => "/inbox",
        Role::Auditor => "/audit",
    }
}

/// One line of an error summary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Id of the field.
    pub field: String,
    /// Its words.
    pub words: String,
}

impl Fault {
    /// A fault of a field; the words are of the catalogue.
    #[must_use]
    pub fn of(field: &str, key: &str) -> Self {
        Self { field: field.to_owned(), words: TEXTS.text(key).to_owned() }
    }

    /// A fault with ready words.
    #[must_use]
    pub fn said(field: &str, words: String) -> Self {
        Self { field: field.to_owned(), words }
    }

    /// The file of a field has more bytes than `most`.
    #[must_use]
    pub fn too_large(field: &str, name: &str, most: u64) -> Self {
        let max = most / 1_000_000;
        Self::said(field, TEXTS.fill("frame.file_too_large", &[("name", &name), ("max", &max)]))
    }
}

/// One entry of a list to choose from.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Sent.
    pub value: String,
    /// Shown.
    pub text: String,
    /// Whether it is the chosen one.
    pub chosen: bool,
}

impl Choice {
    /// An entry.
    #[must_use]
    pub fn new(value: &str, text: &str, chosen: bool) -> Self {
        Self { value: value.to_owned(), text: text.to_owned(), chosen }
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    frame: Frame,
    heading: &'a str,
    what: &'a str,
    next: &'a str,
    reference: Option<&'a str>,
    link: Option<(&'a str, &'a str)>,
    kept: &'a [(&'a str, &'a str)],
}

/// Draws refusals and faults in the frame of this zone.
///
/// # Errors
/// When the template fails.
pub fn message(city: &str, message: &Message<'_>) -> askama::Result<String> {
    MessagePage {
        frame: Frame::bare(city),
        heading: message.title,
        what: message.what,
        next: message.next,
        reference: message.reference,
        link: message.link,
        kept: &message.kept,
    }
    .render()
}

/// Department names by id, for lists.
#[must_use]
pub fn name_of(names: &[(String, String)], id: &str) -> String {
    names.iter().find(|(known, _)| known == id).map_or_else(String::new, |(_, name)| name.clone())
}

/// Microseconds that may be missing.
#[must_use]
pub fn maybe(micros: Option<i64>) -> Option<String> {
    micros.map(words::stored)
}
