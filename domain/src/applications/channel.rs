//! How an application came in (IK-2.1.2a3, NB-2.1).

/// The way an application took. Only staff enter what did not come through the citizens' pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// Through the citizens' pages.
    Online,
    /// 郵送.
    Post,
    /// 電話.
    Phone,
    /// 窓口.
    Counter,
    /// FAX.
    Fax,
    /// 庁内: a member of staff applies, for an internal procedure.
    Staff,
}

impl Channel {
    /// Those that staff enter from paper and phone, for somebody else.
    pub const AT_DESK: [Self; 4] = [Self::Post, Self::Phone, Self::Counter, Self::Fax];

    /// The stored word, and the last part of its catalogue key.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Post => "post",
            Self::Phone => "phone",
            Self::Counter => "counter",
            Self::Fax => "fax",
            Self::Staff => "staff",
        }
    }

    /// Reads the [`key`](Self::key) of one that staff enter for somebody else.
    #[must_use]
    pub fn at_desk(word: &str) -> Option<Self> {
        Self::AT_DESK.into_iter().find(|channel| channel.key() == word)
    }

    /// Reads the [`key`](Self::key) of one that began in the staff zone.
    #[must_use]
    pub fn inside(word: &str) -> Option<Self> {
        Self::at_desk(word).or_else(|| (word == Self::Staff.key()).then_some(Self::Staff))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IK-2.1.2a3: staff never enter what came through the citizens' pages.
    #[test]
    fn every_way_to_the_desk_reads_back_and_online_is_none() {
        for channel in Channel::AT_DESK {
            assert_eq!(Channel::at_desk(channel.key()), Some(channel));
        }
        assert_eq!(Channel::at_desk(Channel::Online.key()), None);
    }

    /// NB-2.1: what staff apply for themselves is no way somebody chooses at the desk.
    #[test]
    fn an_application_of_staff_began_inside_and_not_at_the_desk() {
        assert_eq!(Channel::at_desk("staff"), None);
        assert_eq!(Channel::inside("staff"), Some(Channel::Staff));
        assert_eq!(Channel::inside("fax"), Some(Channel::Fax));
        assert_eq!(Channel::inside("online"), None);
    }
}
