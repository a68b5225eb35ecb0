//! Mails to citizens. The queue holds recipient and arguments sealed; the words
//! are put together when the mail is sent. A mail says that something happened
//! and where to look, never what was applied for in detail (NF-29).

use std::collections::BTreeMap;
use std::fmt::Display;

use domain::forms::definition::{CitizenEvent, CitizenMail, Lang, Words};
use domain::forms::{Compiled, Opening};
use internet_zone_store::identity::readers;
use internet_zone_store::mail::NewLetter;
use internet_zone_store::vault::{NotOpened, Place, Vault};
use jiff::civil::Date;
use platform_store::{StoreError, time};
use serde::{Deserialize, Serialize};

use crate::identity::address;
use crate::procedures::words;
use crate::reader::{marks, of_code};
use crate::site::{City, Site};
use crate::texts;

/// Which words a mail has: keys below `notices.mail`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Template {
    /// Prove an address, then register: `link`.
    Register,
    /// Somebody wants to register with an address that has an account: `link`.
    RegisterKnown,
    /// The account exists now.
    Registered,
    /// Set a new password: `link`.
    Reset,
    /// The password was changed.
    PasswordChanged,
    /// Prove the new address of an account: `link`.
    AddressProve,
    /// The account has another address now; told at the old one (NF-19).
    AddressChanged,
    /// The registered facts were changed (NF-19).
    ProfileChanged,
    /// The account is closed; nothing was ever sent with it (NF-17).
    AccountClosed,
    /// The account is closed; what was sent is found with numbers: `list`, `link`.
    AccountClosedKept,
    /// Prove an address, then apply as a guest: `title`, `link`.
    GuestStart,
    /// Open what was sent with this address, for who lost the numbers: `link`.
    LostNumber,
    /// Prove an address that was invited to a procedure: `link`.
    Invited,
    /// Somebody asked for that with an address that was not.
    NotInvited,
    /// Go on with what was begun at a counter terminal: `title`, `link`.
    HandOver,
    /// An application arrived: `title`, `number`, `time`, `link`.
    Arrived,
    /// A delegate sent one for the recipient: `name`, `title`, `number`, `time`, `link`.
    ArrivedByDelegate,
    /// The recipient sent one for somebody else: `title`, `number`, `time`, `link`.
    ArrivedForAnother,
    /// Somebody asks the recipient to act for them: `name`, `date`, `link`.
    MandateOffered,
    /// The recipient asked somebody to act for them: `name`, `date`, `link`.
    MandateAsked,
    /// Whom the recipient asked to act accepted: `name`, `date`, `link`.
    MandateAccepted,
    /// The recipient accepted to act: `name`, `date`, `link`.
    MandateTaken,
    /// Nobody acts for the recipient any more: `name`, `link`.
    MandateEnded,
    /// The recipient acts for somebody no more: `name`, `link`.
    MandateGone,
    /// The recipient is asked to agree before it is sent: `name`, `title`, `date`, `link`.
    CosignAsked,
    /// Somebody agreed: `name`, `title`, `link`.
    CosignAgreed,
    /// Everybody agreed: `name`, `title`, `link`.
    CosignReady,
    /// Somebody did not agree: `name`, `title`, `link`.
    CosignDeclined,
    /// Somebody did not answer in time: `name`, `title`, `link`.
    CosignExpired,
    /// Somebody who had agreed closed the account: `name`, `title`, `link`.
    CosignLeft,
    /// The recipient had agreed, and it changed: `title`.
    CosignVoid,
    /// Agreements went stale although nobody saved: `title`, `link`.
    CosignStale,
    /// What the recipient agreed to was corrected: `title`, `number`, `link`.
    CosignCorrected,
    /// The recipient is asked no more: `title`.
    CosignTakenBack,
    /// What the recipient agreed to was sent: `title`, `number`, `time`, `link`.
    CosignSent,
    /// What the recipient agreed to was taken back: `title`, `number`, `link`.
    CosignWithdrawn,
    /// It waits for seats: `title`, `number`, `time`, `link`.
    Waits,
    /// The procedure ended while it waited: `title`, `number`, `link`.
    WaitingOver,
    /// Its turn on the waiting list came and it arrived: `title`, `number`, `link`.
    Promoted,
    /// Its state changed: `title`, `number`, `state`, `link`.
    State,
    /// A correction is asked for: `title`, `number`, `due`, `link`.
    Correction,
    /// A correction is not answered and its day comes near or is today: `title`, `number`, `due`, `link`.
    CorrectionWaits,
    /// Another department is in charge: `title`, `number`, `department`, `link`.
    DepartmentChanged,
    /// A file could not be taken over: `title`, `number`, `link`.
    Held,
    /// The department wrote: `title`, `number`, `link`.
    Message,
    /// A document is there: `title`, `number`, `link`.
    Document,
    /// The citizen withdrew: `title`, `number`, `link`.
    Withdrawn,
    /// They withdrew too late, and it goes on: `title`, `number`, `state`, `link`.
    WithdrawalRefused,
    /// The office does not agree to let it be withdrawn: `title`, `number`, `link`.
    WithdrawalDeclined,
    /// A procedure is new, for who asked for such news: `title`, `link`, `stop`.
    NewProcedure,
    /// An announcement, for who asked for such news: `title`, `link`, `stop`.
    Announced,
    /// Unsent answers will be deleted: `title`, `date`, `link`.
    DraftExpires,
    /// An unsent message will be deleted: `title`, `date`, `link`.
    MessageExpires,
}

impl Template {
    /// Its name in the log.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.key()
    }

    /// Every template, for the test that each has its words.
    pub const ALL: [Self; 53] = [
        Self::Register,
        Self::RegisterKnown,
        Self::Registered,
        Self::Reset,
        Self::PasswordChanged,
        Self::AddressProve,
        Self::AddressChanged,
        Self::ProfileChanged,
        Self::AccountClosed,
        Self::AccountClosedKept,
        Self::GuestStart,
        Self::LostNumber,
        Self::Invited,
        Self::NotInvited,
        Self::HandOver,
        Self::Arrived,
        Self::ArrivedByDelegate,
        Self::ArrivedForAnother,
        Self::MandateOffered,
        Self::MandateAsked,
        Self::MandateAccepted,
        Self::MandateTaken,
        Self::MandateEnded,
        Self::MandateGone,
        Self::CosignAsked,
        Self::CosignAgreed,
        Self::CosignReady,
        Self::CosignDeclined,
        Self::CosignExpired,
        Self::CosignLeft,
        Self::CosignVoid,
        Self::CosignStale,
        Self::CosignCorrected,
        Self::CosignTakenBack,
        Self::CosignSent,
        Self::CosignWithdrawn,
        Self::Waits,
        Self::WaitingOver,
        Self::Promoted,
        Self::State,
        Self::Correction,
        Self::CorrectionWaits,
        Self::DepartmentChanged,
        Self::Held,
        Self::Message,
        Self::Document,
        Self::Withdrawn,
        Self::WithdrawalRefused,
        Self::WithdrawalDeclined,
        Self::NewProcedure,
        Self::Announced,
        Self::DraftExpires,
        Self::MessageExpires,
    ];

    const fn key(self) -> &'static str {
        match self {
            Self::Register => "register",
            Self::RegisterKnown => "register_known",
            Self::Registered => "registered",
            Self::Reset => "reset",
            Self::PasswordChanged => "password_changed",
            Self::AddressProve => "address_prove",
            Self::AddressChanged => "address_changed",
            Self::ProfileChanged => "profile_changed",
            Self::AccountClosed => "account_closed",
            Self::AccountClosedKept => "account_closed_kept",
            Self::GuestStart => "guest_start",
            Self::LostNumber => "lost_number",
            Self::Invited => "invited",
            Self::NotInvited => "not_invited",
            Self::HandOver => "hand_over",
            Self::Arrived => "arrived",
            Self::ArrivedByDelegate => "arrived_by_delegate",
            Self::ArrivedForAnother => "arrived_for_another",
            Self::MandateOffered => "mandate_offered",
            Self::MandateAsked => "mandate_asked",
            Self::MandateAccepted => "mandate_accepted",
            Self::MandateTaken => "mandate_taken",
            Self::MandateEnded => "mandate_ended",
            Self::MandateGone => "mandate_gone",
            Self::CosignAsked => "cosign_asked",
            Self::CosignAgreed => "cosign_agreed",
            Self::CosignReady => "cosign_ready",
            Self::CosignDeclined => "cosign_declined",
            Self::CosignExpired => "cosign_expired",
            Self::CosignLeft => "cosign_left",
            Self::CosignVoid => "cosign_void",
            Self::CosignStale => "cosign_stale",
            Self::CosignCorrected => "cosign_corrected",
            Self::CosignTakenBack => "cosign_taken_back",
            Self::CosignSent => "cosign_sent",
            Self::CosignWithdrawn => "cosign_withdrawn",
            Self::Waits => "waits",
            Self::WaitingOver => "waiting_over",
            Self::Promoted => "promoted",
            Self::State => "state",
            Self::Correction => "correction",
            Self::CorrectionWaits => "correction_waits",
            Self::DepartmentChanged => "department_changed",
            Self::Held => "held",
            Self::Message => "message",
            Self::Document => "document",
            Self::Withdrawn => "withdrawn",
            Self::WithdrawalRefused => "withdrawal_refused",
            Self::WithdrawalDeclined => "withdrawal_declined",
            Self::NewProcedure => "new_procedure",
            Self::Announced => "announced",
            Self::DraftExpires => "draft_expires",
            Self::MessageExpires => "message_expires",
        }
    }
}

/// A value whose words depend on the language of the mail.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// A text of a procedure.
    Words(Words),
    /// A key of the catalogue.
    Text(String),
    /// A day.
    Day(Date),
    /// A moment, microseconds.
    Moment(i64),
}

impl Told {
    fn said(&self, lang: Lang) -> String {
        let texts = texts::plain(lang);
        match self {
            Self::Words(words) => words.text(lang).to_owned(),
            Self::Text(key) => texts.text(key).to_owned(),
            Self::Day(day) => words::date_in(texts, *day),
            Self::Moment(at) => words::time_in(texts, time::from_micros(*at)),
        }
    }
}

/// A day and time of a calendar that an application took.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Booked {
    /// The question.
    pub label: Words,
    /// The day and time, as the answer stores it.
    pub code: String,
    /// Minutes it takes.
    pub minutes: u32,
}

impl Booked {
    /// Those of these pools.
    #[must_use]
    pub fn of(form: &Compiled, pools: &[String]) -> Vec<Self> {
        let booked = pools.iter().filter_map(|pool| {
            let (field, opening) = form.opening_of(pool)?;
            let minutes = form.openings(&field.id)?.minutes();
            Some(Self { label: field.label.clone(), code: opening.code(), minutes })
        });
        booked.collect()
    }
}

/// A mail before it is written.
#[derive(Clone, Serialize, Deserialize)]
pub struct Letter {
    /// Address of the recipient.
    pub to: String,
    /// Its words.
    pub template: Template,
    /// Values for the words.
    pub args: BTreeMap<String, String>,
    /// Values that are said in the language of the mail.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub told: BTreeMap<String, Told>,
    /// Days and times that were taken.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub booked: Vec<Booked>,
    /// A paragraph of the procedure's own, behind the fixed words.
    #[serde(default, skip_serializing_if = "Words::is_empty")]
    pub note: Words,
    /// Language of its words; what the recipient read last when none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Lang>,
}

impl Letter {
    /// A mail to an address.
    #[must_use]
    pub fn new(to: impl Into<String>, template: Template) -> Self {
        let (args, told) = (BTreeMap::new(), BTreeMap::new());
        Self {
            to: to.into(),
            template,
            args,
            told,
            booked: Vec::new(),
            note: Words::default(),
            lang: None,
        }
    }

    /// Gives a value for the words.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl AsRef<str>) -> Self {
        self.args.insert(name.to_owned(), marks::without(value.as_ref()));
        self
    }

    /// Gives a value that is said in the language of the mail.
    #[must_use]
    pub fn told(mut self, name: &str, value: Told) -> Self {
        self.told.insert(name.to_owned(), value);
        self
    }

    /// Says which days and times were taken.
    #[must_use]
    pub fn booked(mut self, booked: &[Booked]) -> Self {
        self.booked = booked.to_vec();
        self
    }

    /// Names the procedure it is about.
    #[must_use]
    pub fn about(self, title: &Words) -> Self {
        self.told("title", Told::Words(title.clone()))
    }

    /// Adds what the procedure says to the mail of this event (NF-29).
    #[must_use]
    pub fn noted(self, mail: &CitizenMail, event: CitizenEvent) -> Self {
        Self { note: mail.note(event), ..self }
    }

    /// The same; `None` where the procedure sends no mail of this event.
    #[must_use]
    pub fn as_set(self, mail: &CitizenMail, event: CitizenEvent) -> Option<Self> {
        mail.sends(event).then(|| self.noted(mail, event))
    }

    /// Writes it in a language: that of the reader whose own act it answers. Any other mail is in
    /// the language its recipient read last.
    #[must_use]
    pub fn in_language(self, lang: Lang) -> Self {
        Self { lang: Some(lang), ..self }
    }

    /// Where all mails of its kind are stopped; `None` where nobody asked for a kind.
    #[must_use]
    pub fn stop(&self) -> Option<&str> {
        self.args.get("stop").map(String::as_str)
    }

    /// Seals it for the queue.
    #[must_use]
    pub fn seal(&self, vault: &Vault, id: String) -> NewLetter {
        let plain = serde_json::to_vec(self).unwrap_or_default();
        NewLetter { letter_sealed: vault.seal(place(&id), &plain), id }
    }

    /// Opens one of the queue.
    ///
    /// # Errors
    /// [`NotOpened`] when it was not sealed by [`Letter::seal`] for this row.
    pub fn open(vault: &Vault, id: &str, sealed: &[u8]) -> Result<Self, NotOpened> {
        let plain = vault.open(place(id), sealed)?;
        serde_json::from_slice(&plain).map_err(|_| NotOpened)
    }

    /// The language to write it in: the one it was given, or what whoever proved the address read
    /// last, or Japanese.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn language(&self, site: &Site) -> Result<Lang, StoreError> {
        if let Some(lang) = self.lang {
            return Ok(lang);
        }
        let index = site.vault.index("email", &address::key(&self.to));
        let read = site.store.read(move |db| readers::of_address(db, &index)).await?;
        Ok(read.as_deref().and_then(of_code).unwrap_or(Lang::Ja))
    }

    /// Subject and body.
    #[must_use]
    pub fn written(&self, city: &City, lang: Lang) -> (String, String) {
        let told = self.told.iter().map(|(name, value)| (name.as_str(), value.said(lang)));
        let told: Vec<(&str, String)> = told.collect();
        let given = self.args.iter().map(|(name, value)| (name.as_str(), value as &dyn Display));
        let said = told.iter().map(|(name, value)| (*name, value as &dyn Display));
        let mut args: Vec<(&str, &dyn Display)> = given.chain(said).collect();
        args.push(("city", &city.name));
        let key = self.template.key();
        let texts = texts::plain(lang);
        let subject = texts.fill(&format!("notices.mail.{key}.subject"), &args);
        let body = texts.fill(&format!("notices.mail.{key}.body"), &args);
        let booked = self.booked.iter().filter_map(|one| {
            let when = Opening::parse(&one.code)?.told(one.minutes, lang);
            let args: [(&str, &dyn Display); 2] =
                [("label", &one.label.text(lang)), ("when", &when)];
            Some(texts.fill("notices.mail.booked", &args) + "\n")
        });
        let booked: String = booked.collect();
        let body = if booked.is_empty() { body } else { format!("{body}\n{booked}") };
        let note = self.note.text(lang).trim();
        let body = if note.is_empty() { body } else { format!("{body}\n{note}\n") };
        let foot = texts.fill(
            "notices.mail.foot",
            &[("city", &city.name), ("address", &city.base_url), ("contact", &city.contact)],
        );
        (marks::without(&subject), marks::without(&format!("{body}\n{foot}")))
    }
}

const fn place(id: &str) -> Place<'_> {
    Place { table: "mail_queue", column: "letter", row: id }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// NF-29: every mail has its words, and none is left with a hole.
    #[test]
    fn every_template_has_subject_and_body() {
        let city = City {
            name: "みらい市".to_owned(),
            contact: "0256-00-0000".to_owned(),
            base_url: "https://shinsei.example".to_owned(),
        };
        for (template, lang) in Template::ALL.into_iter().flat_map(|t| Lang::ALL.map(|l| (t, l))) {
            let mut letter = Letter::new("hanako@example.jp", template);
            for name in [
                "link",
                "title",
                "number",
                "time",
                "state",
                "due",
                "date",
                "name",
                "department",
                "list",
                "stop",
            ] {
                letter = letter.with(name, format!("<{name}>"));
            }
            let (subject, body) = letter.written(&city, lang);
            assert!(subject.contains("みらい市"), "{template:?} {lang:?}: {subject}");
            assert!(
                !body.contains('{') && body.contains("https://shinsei.example"),
                "{template:?} {lang:?}: {body}"
            );
        }
    }

    #[test]
    fn a_letter_opens_only_in_its_own_row() {
        let vault = Vault::new(&[1; 32], "mirai");
        let queued = Letter::new("a@example.jp", Template::Reset).seal(&vault, "row".to_owned());
        assert!(!queued.letter_sealed.windows(9).any(|w| w == b"example.j"));
        assert_eq!(
            Letter::open(&vault, "row", &queued.letter_sealed).map(|l| l.to).as_deref(),
            Ok("a@example.jp")
        );
        assert!(Letter::open(&vault, "other", &queued.letter_sealed).is_err());
    }
}
