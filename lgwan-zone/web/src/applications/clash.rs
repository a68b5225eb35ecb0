//! Somebody else was faster, or the step is not possible now: the form is drawn again with what was
//! typed, and says who did what since the page was drawn.

use domain::applications::{Event, State};
use lgwan_zone_store::applications::file;
use platform_web::{Reply, Trouble};

use super::desk::Desk;
use super::show::{EventView, event_view};
use crate::site::{Site, TEXTS};

/// Why a step was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Somebody else changed the application, which is in this state now.
    Overtaken(State),
    /// The state does not allow it.
    NotNow,
    /// The decision is not approved (決裁).
    Unapproved,
    /// A point of the review is not marked (審査の確認項目).
    Unmarked,
    /// The person applied for it themselves (庁内の申請).
    Own,
    /// Its fee is not recorded as paid (納付確認).
    Unpaid,
}

impl Stopped {
    /// The refusal, for a step with which nothing was typed.
    pub(crate) fn reply(&self, id: &str) -> Reply {
        let back = format!("/applications/{id}");
        match self {
            Self::Overtaken(state) => Reply::conflict("applications.overtaken")
                .with("state", TEXTS.text(state.name_key()))
                .link(back),
            Self::NotNow => Reply::conflict("applications.not_now").link(back),
            Self::Unapproved => Reply::conflict("applications.unapproved").link(back),
            Self::Unmarked => {
                Reply::conflict("applications.unmarked").link(format!("{back}/check"))
            }
            Self::Own => Reply::forbidden("applications.own").link(back),
            Self::Unpaid => Reply::conflict("applications.unpaid").link(format!("{back}#payment")),
        }
    }
}

/// What stands on top of a form that is drawn again; nothing on one that is drawn first.
#[derive(Default)]
pub(crate) struct Clash {
    /// What happened.
    pub(crate) what: String,
    /// What to do now.
    pub(crate) next: &'static str,
    /// What others did since the page was drawn, the oldest first.
    pub(crate) lines: Vec<EventView>,
    /// Whether files were chosen that must be chosen again.
    pub(crate) files: bool,
    /// Whether the form cannot be sent any more.
    pub(crate) shut: bool,
}

impl Clash {
    /// Words with what was done meanwhile.
    pub(super) fn new((what, next): (String, &'static str), lines: Vec<EventView>) -> Self {
        Self { what, next, lines, files: false, shut: false }
    }

    /// Says that files must be chosen again.
    pub(crate) fn with_files(self, files: bool) -> Self {
        Self { files, ..self }
    }
}

/// Why the step was not taken, of the application as it is now; `seen` is the version the form was
/// drawn from.
pub(crate) async fn of(
    site: &Site,
    desk: &Desk,
    (event, stopped): (Option<Event>, &Stopped),
    seen: i32,
) -> Result<Clash, Trouble> {
    let id = desk.row.id.clone();
    let lines = site.store.read(move |db| file::since(db, &id, seen)).await?;
    // Who sends no version saw nothing in particular.
    let lines = lines.iter().filter(|_| seen > 0).map(event_view).collect();
    let open = event.is_none_or(|event| desk.state.apply(event, desk.rules()).is_ok());
    let state = TEXTS.text(desk.state.name_key());
    let words = match stopped {
        _ if !open && seen != desk.row.version => {
            (TEXTS.fill("applications.clash.over", &[("state", &state)]), "applications.clash.copy")
        }
        Stopped::Overtaken(_) => (
            TEXTS.fill("applications.overtaken.what", &[("state", &state)]),
            "applications.clash.again",
        ),
        Stopped::NotNow => {
            (TEXTS.text("applications.not_now.what").to_owned(), "applications.clash.copy")
        }
        Stopped::Unapproved => {
            (TEXTS.text("applications.unapproved.what").to_owned(), "applications.unapproved.next")
        }
        Stopped::Unmarked => {
            (TEXTS.text("applications.unmarked.what").to_owned(), "applications.unmarked.next")
        }
        Stopped::Own => (TEXTS.text("applications.own.what").to_owned(), "applications.own.next"),
        Stopped::Unpaid => {
            (TEXTS.text("applications.unpaid.what").to_owned(), "applications.unpaid.next")
        }
    };
    Ok(Clash { shut: !open, ..Clash::new((words.0, TEXTS.text(words.1)), lines) })
}

/// Gives back what was typed with a refusal.
pub(crate) fn keeping(refused: Trouble, key: &'static str, words: &str) -> Trouble {
    match refused {
        Trouble::Refusal(reply) => reply.kept(key, words).into(),
        other => other,
    }
}
