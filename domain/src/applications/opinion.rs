//! 意見照会: a department asks another one for its view of an application. What the other one sees
//! is chosen by who asks, and nothing of it leaves the town hall.
//!
//! ```text
//!            ┌──── reply ────┐
//!            ▼               │
//! asked ──▶ asked ── ask ──▶ asked back
//!  │  │                      │
//!  │  └── answer ──▶ answered│
//!  └───── take back, end ────┴──▶ taken back, over
//! ```

/// What a department thinks of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Opinion {
    /// 支障なし.
    NoObjection,
    /// 条件付き.
    Conditional,
    /// 支障あり.
    Objection,
}

impl Opinion {
    /// Every opinion, in the order pages offer them.
    pub const ALL: [Self; 3] = [Self::NoObjection, Self::Conditional, Self::Objection];

    /// How it is stored, and the last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NoObjection => "no_objection",
            Self::Conditional => "conditional",
            Self::Objection => "objection",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }
}

/// Where a request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Inquiry {
    /// The other department has to say something.
    Asked,
    /// It wants to know more first.
    AskedBack,
    /// It said what it thinks.
    Answered,
    /// Who asked does not need it any more.
    TakenBack,
    /// The application was decided without it.
    Over,
}

/// What moves a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Turn {
    /// The other department says what it thinks.
    Answer,
    /// It asks back.
    AskBack,
    /// Who asked answers that.
    Reply,
    /// Who asked reminds the other department; nothing moves.
    Remind,
    /// Who asked takes it back.
    TakeBack,
    /// The application is decided or over.
    End,
}

impl Turn {
    /// Every turn.
    pub const ALL: [Self; 6] =
        [Self::Answer, Self::AskBack, Self::Reply, Self::Remind, Self::TakeBack, Self::End];

    /// How it is stored, and the last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::AskBack => "ask_back",
            Self::Reply => "reply",
            Self::Remind => "remind",
            Self::TakeBack => "take_back",
            Self::End => "end",
        }
    }
}

impl Inquiry {
    /// Every place.
    pub const ALL: [Self; 5] =
        [Self::Asked, Self::AskedBack, Self::Answered, Self::TakenBack, Self::Over];

    /// How it is stored, and the last part of its words.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::AskedBack => "asked_back",
            Self::Answered => "answered",
            Self::TakenBack => "taken_back",
            Self::Over => "over",
        }
    }

    /// Reads [`Self::key`]; `None` for any other text.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.key() == key)
    }

    /// Whether somebody still has to say something.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Asked | Self::AskedBack => true,
            Self::Answered | Self::TakenBack | Self::Over => false,
        }
    }

    /// Whether the other department still sees what it was shown: not what was taken back or went
    /// on without it.
    #[must_use]
    pub const fn shows(self) -> bool {
        match self {
            Self::Asked | Self::AskedBack | Self::Answered => true,
            Self::TakenBack | Self::Over => false,
        }
    }

    /// Where a turn leads; `None` when it is not to be taken now.
    #[must_use]
    pub const fn after(self, turn: Turn) -> Option<Self> {
        match (self, turn) {
            (Self::Asked, Turn::Answer) => Some(Self::Answered),
            (Self::Asked, Turn::AskBack) => Some(Self::AskedBack),
            (Self::AskedBack, Turn::Reply) | (Self::Asked, Turn::Remind) => Some(Self::Asked),
            (Self::Asked | Self::AskedBack, Turn::TakeBack) => Some(Self::TakenBack),
            (Self::Asked | Self::AskedBack, Turn::End) => Some(Self::Over),
            (Self::Asked, Turn::Reply)
            | (Self::AskedBack, Turn::Answer | Turn::AskBack | Turn::Remind)
            | (Self::Answered | Self::TakenBack | Self::Over, _) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-35: who has to speak next is one question with one answer, and what is over stays over.
    #[test]
    fn a_request_goes_back_and_forth_and_ends_once() {
        let talk = [Turn::AskBack, Turn::Reply, Turn::Remind, Turn::Answer];
        let mut at = Inquiry::Asked;
        for turn in talk {
            at = at.after(turn).expect("its turn");
        }
        assert_eq!(at, Inquiry::Answered);
        for over in [Inquiry::Answered, Inquiry::TakenBack, Inquiry::Over] {
            assert!(!over.is_open());
            assert!(Turn::ALL.into_iter().all(|turn| over.after(turn).is_none()));
        }
        assert_eq!(Inquiry::AskedBack.after(Turn::Answer), None, "they wait for a reply");
        assert!(Inquiry::Answered.shows() && !Inquiry::TakenBack.shows());
        for one in Inquiry::ALL {
            assert_eq!(Inquiry::parse(one.key()), Some(one));
        }
        for one in Opinion::ALL {
            assert_eq!(Opinion::parse(one.key()), Some(one));
        }
    }
}
