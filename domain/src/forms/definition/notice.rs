//! Which mails the applicants of a procedure get, and what it adds to their words (NF-29).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Words, Workflow};
use crate::applications::{Stage, State};

/// Longest paragraph of a procedure's own, in characters.
pub const LONGEST_NOTE: usize = 1_000;

/// What an applicant is told by mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CitizenEvent {
    /// 到達: the application arrived.
    Arrived,
    /// 受付, 審査, 完了: it goes on.
    Progress,
    /// It is decided or ended.
    Result,
    /// 差戻し: a correction is asked for.
    Correction,
    /// The day of a correction comes near.
    Reminder,
    /// Another department is in charge.
    Department,
    /// A file could not be taken over.
    Held,
    /// The department wrote.
    Message,
    /// A document is there.
    Document,
    /// The applicant took it back.
    Withdrawn,
    /// What was begun and not sent will be deleted.
    Draft,
}

impl CitizenEvent {
    /// Every event, in the order they come.
    pub const ALL: [Self; 11] = [
        Self::Arrived,
        Self::Progress,
        Self::Result,
        Self::Correction,
        Self::Reminder,
        Self::Department,
        Self::Held,
        Self::Message,
        Self::Document,
        Self::Withdrawn,
        Self::Draft,
    ];

    /// As a document writes it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Arrived => "arrived",
            Self::Progress => "progress",
            Self::Result => "result",
            Self::Correction => "correction",
            Self::Reminder => "reminder",
            Self::Department => "department",
            Self::Held => "held",
            Self::Message => "message",
            Self::Document => "document",
            Self::Withdrawn => "withdrawn",
            Self::Draft => "draft",
        }
    }

    /// Whether its mail goes out whatever the procedure says: a number that nobody else knows, a
    /// decision against which there is a time to object, and what the applicant must act upon.
    #[must_use]
    pub const fn is_required(self) -> bool {
        match self {
            Self::Arrived | Self::Result | Self::Correction | Self::Held => true,
            Self::Progress
            | Self::Reminder
            | Self::Department
            | Self::Message
            | Self::Document
            | Self::Withdrawn
            | Self::Draft => false,
        }
    }

    /// What a new state is to the applicant. 完了 is the result itself where nobody tells one before.
    #[must_use]
    pub fn of(state: State, workflow: &Workflow) -> Self {
        match state {
            State::Arrived => Self::Arrived,
            State::Accepted | State::Reviewing => Self::Progress,
            State::Done if workflow.stages.contains(&Stage::Notify) => Self::Progress,
            State::Correction(_) => Self::Correction,
            State::Withdrawn => Self::Withdrawn,
            State::Done
            | State::Notified
            | State::Rejected
            | State::RefusedEntry
            | State::Expired(_)
            | State::Closed => Self::Result,
        }
    }
}

/// The mails to applicants.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CitizenMail {
    /// What they are not told by mail; none of it is required.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub off: Vec<CitizenEvent>,
    /// A paragraph of the procedure's own, behind the fixed words of that mail.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<CitizenEvent, Words>,
}

impl CitizenMail {
    /// The usual: it does not stand in the document.
    #[must_use]
    pub fn is_usual(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the mail goes out.
    #[must_use]
    pub fn sends(&self, event: CitizenEvent) -> bool {
        event.is_required() || !self.off.contains(&event)
    }

    /// The paragraph of the procedure's own; empty without one.
    #[must_use]
    pub fn note(&self, event: CitizenEvent) -> Words {
        self.notes.get(&event).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-29: what must be told is told, whatever a document says; the words of a document are those
    /// of the events.
    #[test]
    fn what_is_required_goes_out_and_words_read_back() {
        let mail = CitizenMail { off: CitizenEvent::ALL.to_vec(), notes: BTreeMap::new() };
        for event in CitizenEvent::ALL {
            assert_eq!(mail.sends(event), event.is_required(), "{event:?}");
            let word = format!("\"{}\"", event.word());
            assert_eq!(serde_json::from_str::<CitizenEvent>(&word).ok(), Some(event));
        }
        let noted = r#"{"off":["progress"],"notes":{"arrived":{"ja":"持ち物","en":"Bring"}}}"#;
        let mail: CitizenMail = serde_json::from_str(noted).expect("it reads");
        assert!(!mail.sends(CitizenEvent::Progress) && mail.sends(CitizenEvent::Reminder));
        assert_eq!(mail.note(CitizenEvent::Arrived).ja(), "持ち物");
        assert!(mail.note(CitizenEvent::Result).is_empty());
        let written = serde_json::to_string(&mail).expect("it is written");
        assert_eq!(serde_json::from_str::<CitizenMail>(&written).ok(), Some(mail));
    }

    /// NF-29: 完了 is progress where the result was told before, and the result itself elsewhere.
    #[test]
    fn a_state_is_progress_or_the_result() {
        let told = Workflow { stages: vec![Stage::Review, Stage::Notify], ..Workflow::default() };
        let silent = Workflow { stages: vec![Stage::Accept], ..Workflow::default() };
        assert_eq!(CitizenEvent::of(State::Done, &told), CitizenEvent::Progress);
        assert_eq!(CitizenEvent::of(State::Done, &silent), CitizenEvent::Result);
        assert_eq!(CitizenEvent::of(State::Rejected, &told), CitizenEvent::Result);
        assert_eq!(CitizenEvent::of(State::Accepted, &told), CitizenEvent::Progress);
    }
}
