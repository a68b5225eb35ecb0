//! A job as data: which applications leave, in which layout (IK-2.1.2d1).

use domain::applications::State;
use domain::export::Layout;
use domain::ids::ProcedureId;
use serde::{Deserialize, Serialize};

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
    #[error("job: 1 to 40 characters a-z 0-9 _ -")]
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
}

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
        }
    }

    /// Reads a definition.
    ///
    /// # Errors
    /// [`BadDefinition`] with the place and reason.
    pub fn from_json(text: &str) -> Result<Self, BadDefinition> {
        let read: Self = serde_json::from_str(text)?;
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b);
        if !(1..=40).contains(&read.job.len()) || !read.job.bytes().all(plain) {
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
        Ok(read)
    }

    /// Most applications in one generation.
    #[must_use]
    pub fn most(&self) -> i64 {
        i64::from(self.most)
    }
}
