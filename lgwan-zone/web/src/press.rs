//! An issued document on its way from its words to the file: filled in, printed, signed. The pages and
//! the worker of batches print by the same press (NF-34, NF-47).

use std::collections::BTreeMap;

use domain::applications::CheckCode;
use domain::calendar::Wareki;
use domain::forms::notice::{BadNotice, Notice};
use domain::forms::{Answers, Compiled};
use domain::ids::DocumentId;
use jiff::Timestamp;
use jiff::civil::Date;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::templates::Words;
use platform_store::time;
use platform_web::download::clean_name;
use ring::digest::{SHA256, digest};

use crate::paper::{Check, Paper, Printed, Typeface, Unprintable};
use crate::signatory::{Signatories, Unsigned};
use crate::site::{Site, TEXTS};
use crate::words;

/// What documents are made with.
#[derive(Clone, Debug)]
pub struct Press {
    /// Their typeface.
    pub typeface: Typeface,
    /// Whose certificates sign them.
    pub signatories: Signatories,
    /// Whose name stands under them.
    pub sender: String,
    /// Citizens' address without a slash at the end, where a print-out is checked.
    pub citizen_url: String,
}

/// The words of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// 文書番号.
    pub number: String,
    /// 件名.
    pub title: String,
    /// 宛名.
    pub addressee: String,
    /// 本文.
    pub body: String,
}

impl Press {
    pub(crate) fn of(site: &Site) -> Self {
        Self {
            typeface: site.typeface.clone(),
            signatories: site.signatories.clone(),
            sender: site.settings.sender.clone(),
            citizen_url: site.settings.citizen_url.clone(),
        }
    }

    /// How anybody checks a print-out with the citizens' zone (NF-31); in a preview without the code.
    #[must_use]
    pub fn check(&self, number: &str, document: Option<&DocumentId>) -> Check {
        let page = format!("{}/verify", self.citizen_url);
        let code = document.map(|id| {
            let hash = digest(&SHA256, CheckCode::of_document(id).as_bytes());
            CheckCode::of_hash(hash.as_ref()).to_string()
        });
        let shown = code.as_deref().unwrap_or(TEXTS.text("applications.result.no_code_yet"));
        let lines = [
            TEXTS.text("applications.result.check").to_owned(),
            page.clone(),
            TEXTS.fill("applications.result.check_code", &[("number", &number), ("code", &shown)]),
        ];
        let address = code.as_deref().map(|code| format!("{page}?number={number}&code={code}"));
        Check { lines: lines.into(), address }
    }

    /// Prints it; takes long enough to be done where nobody waits.
    ///
    /// # Errors
    /// [`Unprintable`] names the characters that cannot be printed.
    pub fn print(
        &self,
        draft: &Draft,
        date: Date,
        check: Option<Check>,
    ) -> Result<Printed, Unprintable> {
        self.typeface.print(&Paper {
            number: draft.number.clone(),
            date,
            addressee: draft.addressee.clone(),
            sender: self.sender.clone(),
            title: draft.title.clone(),
            body: draft.body.clone(),
            check,
        })
    }

    /// The document with the signature of the post that signs for this department code, and the name of
    /// the post; as it is when nobody signs.
    ///
    /// # Errors
    /// [`Unsigned`] with the last moment of the certificate.
    pub fn sign(
        &self,
        printed: Printed,
        department: &str,
        now: Timestamp,
    ) -> Result<(Vec<u8>, Option<String>), (Unsigned, Timestamp)> {
        match self.signatories.of(department) {
            None => Ok((printed.into_bytes(), None)),
            Some(post) => {
                let signed = post.sign(&printed, now).map_err(|why| (why, post.until()))?;
                Ok((signed, Some(post.name.clone())))
            }
        }
    }
}

impl Draft {
    /// What its file is called.
    #[must_use]
    pub fn file_name(&self) -> String {
        clean_name(&format!("{}.pdf", self.title))
    }
}

/// What the places of a text stand for, about an application.
#[must_use]
pub fn facts(
    row: &Application,
    procedure: &str,
    sender: &str,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let date = |day| Wareki::of(day).map_or_else(String::new, |date| date.to_string());
    vec![
        ("number", row.number.clone()),
        ("name", row.applicant_name.clone()),
        ("procedure", procedure.to_owned()),
        ("arrived", date(words::day(time::from_micros(row.arrived_at)))),
        ("today", date(words::day(now))),
        ("sender", sender.to_owned()),
    ]
}

/// 教示: where and until when somebody may object to a decision (行政不服審査法82条), as the town set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remedies {
    /// Whom 審査請求 goes to.
    pub authority: String,
    /// Whom a suit is brought against.
    pub defendant: String,
    /// Who represents it in court.
    pub represented_by: String,
    /// Months for 審査請求.
    pub months: i64,
    /// Months for a suit.
    pub suit_months: i64,
    /// Whom 審査請求 of other departments goes to, by their code.
    pub departments: BTreeMap<String, String>,
}

impl Remedies {
    /// The words for a decision of this department.
    #[must_use]
    pub fn of(&self, department: &str) -> String {
        TEXTS.fill(
            "applications.refusal.remedy",
            &[
                ("authority", self.departments.get(department).unwrap_or(&self.authority)),
                ("defendant", &self.defendant),
                ("represented_by", &self.represented_by),
                ("months", &self.months),
                ("suit_months", &self.suit_months),
            ],
        )
    }
}

/// A template about an application: the document, and what the applicant reads beside it.
///
/// # Errors
/// [`BadNotice`] when it names what this revision of the procedure does not have.
pub fn written(
    words: &Words,
    (form, answers, row): (&Compiled, &Answers, &Application),
    sender: &str,
    now: Timestamp,
) -> Result<(Draft, String), BadNotice> {
    filled(words, (form, answers, row), facts(row, form.procedure().title.ja(), sender, now))
}

/// A template of a refusal about an application, with its reasons and the 教示.
///
/// # Errors
/// As [`written`].
pub fn refused(
    words: &Words,
    (form, answers, row): (&Compiled, &Answers, &Application),
    (sender, now): (&str, Timestamp),
    (reason, remedy): (&str, String),
) -> Result<Draft, BadNotice> {
    let mut facts = facts(row, form.procedure().title.ja(), sender, now);
    facts.extend([("reason", reason.to_owned()), ("remedy", remedy)]);
    Ok(filled(words, (form, answers, row), facts)?.0)
}

fn filled(
    words: &Words,
    (form, answers, row): (&Compiled, &Answers, &Application),
    facts: Vec<(&'static str, String)>,
) -> Result<(Draft, String), BadNotice> {
    let fact = |place: &str| {
        let known = facts.iter().find(|(name, _)| *name == place);
        known.map_or_else(String::new, |(_, value)| value.clone())
    };
    let of = (form, answers, words::day(time::from_micros(row.arrived_at)));
    let write = |text: &str| Ok(Notice::read(text, Some(form))?.write(of, &fact));
    // Who applied without a name is not addressed by the word behind it.
    let nobody = row.applicant_name.is_empty() && words.addressee.contains("{name}");
    let draft = Draft {
        number: String::new(),
        title: write(&words.title)?,
        addressee: if nobody { String::new() } else { write(&words.addressee)? },
        body: write(&words.body)?,
    };
    Ok((draft, write(&words.note)?))
}
