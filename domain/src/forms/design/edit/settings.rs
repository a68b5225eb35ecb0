//! Settings of the procedure around the form.

use super::{Done, What};
use crate::export::Layout;
use crate::forms::definition::{
    Access, Ages, Audience, Capacity, Listing, Mode, Notify, Open, Outcome, PayWay, PayWhen,
    Procedure, Retain, Route, Sex, Words, Workflow,
};
use crate::ids::DepartmentId;

/// One group of settings, as one page of the designer holds them.
#[derive(Debug, Clone, PartialEq)]
pub enum Setting {
    /// What it is called and where it is found.
    About {
        /// Its name.
        title: String,
        /// Its reading.
        title_kana: String,
        /// One or two sentences.
        summary: String,
        /// Its page.
        description: String,
        /// Last part of its address.
        slug: String,
        /// What is said when it was sent.
        after: String,
    },
    /// Whom it is for and where it is listed.
    Finding {
        /// More words that find it.
        keywords: Vec<String>,
        /// Categories.
        categories: Vec<String>,
        /// Events of a life.
        life_events: Vec<String>,
        /// Ages.
        ages: Option<Ages>,
        /// Sex.
        sex: Option<Sex>,
        /// Who applies.
        audience: Vec<Audience>,
        /// Who finds it.
        listing: Listing,
        /// Departments whose staff may apply.
        staff_of: Vec<DepartmentId>,
    },
    /// Whether it takes applications at all.
    Mode(Mode),
    /// When it takes them.
    Open(Open),
    /// Who may apply, and how often.
    Access(Access),
    /// What to have ready.
    Items(Vec<String>),
    /// Seats of the whole procedure.
    Capacity(Option<Capacity>),
    /// Largest sum of attachments, in MB.
    TotalMb(u32),
    /// How a fee is paid: when, the ways, and more about it.
    Pay(Option<PayWhen>, Vec<PayWay>, String),
    /// Where applications go.
    Routing(Vec<Route>),
    /// Whose it is.
    Department(DepartmentId),
    /// Stages, deadlines, approvals.
    Workflow(Workflow),
    /// Who is told.
    Notify(Notify),
    /// How long it is kept.
    Retain(Retain),
    /// What the business system gets.
    Export(Option<Layout>),
    /// What a guide leads to.
    Outcomes(Vec<Outcome>),
}

impl Setting {
    pub(super) fn put(self, procedure: &mut Procedure) -> Done {
        match self {
            Self::About { title, title_kana, summary, description, slug, after } => {
                procedure.title = procedure.title.in_japanese(&title);
                procedure.title_kana = title_kana;
                procedure.summary = procedure.summary.in_japanese(&summary);
                procedure.description = kept(&procedure.description, &description);
                procedure.slug = slug;
                procedure.after = kept(&procedure.after, &after);
            }
            Self::Finding {
                keywords,
                categories,
                life_events,
                ages,
                sex,
                audience,
                listing,
                staff_of,
            } => {
                procedure.keywords = known(&procedure.keywords, &keywords);
                procedure.categories = categories;
                procedure.life_events = life_events;
                procedure.ages = ages;
                procedure.sex = sex;
                procedure.audience = audience;
                procedure.listing = listing;
                procedure.staff_of = staff_of;
            }
            Self::Mode(mode) => procedure.mode = mode,
            Self::Open(open) => procedure.open = open,
            Self::Access(access) => procedure.access = access,
            Self::Items(items) => {
                procedure.items_to_bring = known(&procedure.items_to_bring, &items);
            }
            Self::Capacity(capacity) => procedure.capacity = capacity,
            Self::TotalMb(most) => procedure.total_mb = most,
            Self::Pay(when, ways, note) => {
                procedure.pay.when = when;
                procedure.pay.ways = ways;
                procedure.pay.note = kept(&procedure.pay.note, &note);
            }
            Self::Routing(routing) => procedure.routing = routing,
            Self::Department(department) => procedure.department = department,
            Self::Workflow(workflow) => procedure.workflow = workflow,
            Self::Notify(notify) => procedure.notify = notify,
            Self::Retain(retain) => procedure.retain = retain,
            Self::Export(layout) => procedure.export = layout,
            Self::Outcomes(outcomes) => procedure.outcomes = outcomes,
        }
        Done::to(What::SettingChanged, "")
    }
}

/// The texts of a list; what is there in other languages stays with its Japanese words.
fn known(old: &[Words], texts: &[String]) -> Vec<Words> {
    let known = |ja: &String| {
        let old = old.iter().find(|one| one.ja() == ja);
        old.cloned().unwrap_or_else(|| Words::from(ja.as_str()))
    };
    texts.iter().map(known).collect()
}

/// A text that may be left out: without Japanese words there is none.
fn kept(old: &Words, ja: &str) -> Words {
    if ja.trim().is_empty() { Words::default() } else { old.in_japanese(ja) }
}
