//! A job as data: which applications leave, in which layout (IK-2.1.2d1).

use domain::applications::State;
use domain::calendar::time_in_japan;
use domain::export::{self, Layout};
use domain::forms::publish::Problem;
use domain::ids::ProcedureId;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::schedule::Schedule;

/// Most applications in one generation unless the job says otherwise.
const MOST: u32 = 10_000;

/// A job definition, as the city keeps it in a JSON file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Name of the job and of its folder on server A: `a-z 0-9 _ -`.
    pub job: String,
    /// Procedures whose applications leave.
    pub procedures: Vec<ProcedureId>,
    /// States in which they leave.
    #[serde(default = "finished")]
    pub states: Vec<String>,
    /// Most applications in one generation.
    #[serde(default = "most")]
    pub most: u32,
    /// Columns and shape of the data file.
    pub layout: Layout,
    /// Hours after which a generation that nobody picked up raises an alarm; never when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overdue_hours: Option<u32>,
    /// When it puts out a generation by itself; at the interval of the service when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,
    /// Whether a second person must agree before a generation is put out again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub four_eyes: bool,
}

fn finished() -> Vec<String> {
    vec![State::Done.key().to_owned()]
}

const fn most() -> u32 {
    MOST
}

/// Why a job definition is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadDefinition {
    /// Not JSON, an unknown key, a value of the wrong kind.
    #[error("{0}")]
    Shape(#[from] serde_json::Error),
    /// The name cannot be a folder.
    #[error("job: 1 to 40 characters a-z 0-9 _ -, no name of a Windows device, not gaiji or new")]
    Name,
    /// No procedure.
    #[error("procedures: at least one")]
    NoProcedure,
    /// Not a state.
    #[error("states: {0} is not a state")]
    State(String),
    /// No room in a generation.
    #[error("most: 1 to 100000")]
    Most,
    /// An alarm at once or after a month.
    #[error("overdue_hours: 1 to 720")]
    Overdue,
    /// No time, or one no clock shows.
    #[error("schedule: 1 to 24 times HH:MM")]
    Schedule,
}

impl BadDefinition {
    /// Catalogue key of the words for it, behind `exports.fault`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Shape(_) => "shape",
            Self::Name => "name",
            Self::NoProcedure => "no_procedure",
            Self::State(_) => "state",
            Self::Most => "most",
            Self::Overdue => "overdue",
            Self::Schedule => "schedule",
        }
    }
}

/// Names no folder on a Windows share can have.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
/// Names with a page of their own beside the jobs.
const PAGES: [&str; 2] = ["gaiji", "new"];

fn is_device(name: &str) -> bool {
    let numbered = ["com", "lpt"].iter().any(|device| {
        name.strip_prefix(device)
            .is_some_and(|rest| rest.len() == 1 && rest.as_bytes()[0].is_ascii_digit())
    });
    numbered || DEVICES.contains(&name)
}

/// Hours after which the pick-up of a job that a procedure brought is overdue.
const OVERDUE: u32 = 48;

impl Definition {
    /// The job of a procedure that carries its own layout: finished applications
    /// leave under the layout's name.
    #[must_use]
    pub fn of(procedure: &ProcedureId, layout: &Layout) -> Self {
        Self {
            job: layout.name.clone(),
            procedures: vec![procedure.clone()],
            states: finished(),
            most: MOST,
            layout: layout.clone(),
            overdue_hours: Some(OVERDUE),
            schedule: None,
            four_eyes: false,
        }
    }

    /// Reads a definition.
    ///
    /// # Errors
    /// [`BadDefinition`] with the place and reason.
    pub fn from_json(text: &str) -> Result<Self, BadDefinition> {
        let read: Self = serde_json::from_str(text)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        let named = (1..=40).contains(&read.job.len()) && read.job.bytes().all(plain);
        if !named || is_device(&read.job) || PAGES.contains(&read.job.as_str()) {
            return Err(BadDefinition::Name);
        }
        if read.procedures.is_empty() {
            return Err(BadDefinition::NoProcedure);
        }
        if let Some(bad) = read.states.iter().find(|state| State::parse(state).is_err()) {
            return Err(BadDefinition::State(bad.clone()));
        }
        if !(1..=100_000).contains(&read.most) {
            return Err(BadDefinition::Most);
        }
        if read.overdue_hours.is_some_and(|hours| !(1..=720).contains(&hours)) {
            return Err(BadDefinition::Overdue);
        }
        if read.schedule.as_ref().is_some_and(|schedule| !schedule.holds()) {
            return Err(BadDefinition::Schedule);
        }
        Ok(read)
    }

    /// What is wrong with its layout, as far as can be told without a form.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = export::check(&self.layout);
        found.extend(export::too_many(&self.layout, self.most));
        found
    }

    /// The newest moment of its schedule until now; `None` without one.
    #[must_use]
    pub fn turn(&self, now: Timestamp) -> Option<String> {
        self.schedule.as_ref()?.newest(time_in_japan(now))
    }

    /// Most applications in one generation.
    #[must_use]
    pub fn most(&self) -> i64 {
        i64::from(self.most)
    }
}
