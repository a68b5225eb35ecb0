//! What a definition says, in words for staff.

use domain::applications::Stage;
use domain::forms::definition::{
    Access, Delegates, FieldKind, Login, Mode, Open, Procedure, Required,
};

use crate::site::{Site, TEXTS};
use crate::words;

/// Address under which citizens find it (NF-44).
pub(super) fn url(site: &Site, slug: &str) -> String {
    format!("{}/procedures/{slug}", site.settings.citizen_url)
}

pub(super) fn mode(mode: Mode) -> String {
    let key = match mode {
        Mode::Online => "procedures.mode.online",
        Mode::Download => "procedures.mode.download",
        Mode::Guide => "procedures.mode.guide",
    };
    TEXTS.text(key).to_owned()
}

pub(super) fn period(open: &Open) -> String {
    let at = |at: Option<jiff::Timestamp>| at.map(words::minute);
    match (at(open.from), at(open.until)) {
        (None, None) => TEXTS.text("procedures.period.always").to_owned(),
        (Some(from), None) => TEXTS.fill("procedures.period.from", &[("from", &from)]),
        (None, Some(until)) => TEXTS.fill("procedures.period.until", &[("until", &until)]),
        (Some(from), Some(until)) => {
            TEXTS.fill("procedures.period.both", &[("from", &from), ("until", &until)])
        }
    }
}

pub(super) fn login(access: &Access) -> String {
    let key = match access.login {
        Login::None => "procedures.login.none",
        Login::Email => "procedures.login.email",
        Login::Account => "procedures.login.account",
    };
    let words = TEXTS.text(key);
    let words = match access.delegates {
        Delegates::Allowed => words.to_owned(),
        Delegates::Forbidden => TEXTS.fill("procedures.login.in_person", &[("login", &words)]),
    };
    let who: Vec<&str> = access.cosigners.iter().map(|one| one.who.ja()).collect();
    if who.is_empty() {
        return words;
    }
    let who = who.join(TEXTS.text("frame.and"));
    TEXTS.fill("procedures.login.cosigned", &[("login", &words), ("who", &who)])
}

pub(super) fn stages(procedure: &Procedure) -> String {
    let mut names = vec![TEXTS.text("procedures.stage.arrive")];
    for (stage, key) in [
        (Stage::Accept, "procedures.stage.accept"),
        (Stage::Review, "procedures.stage.review"),
        (Stage::Notify, "procedures.stage.notify"),
    ] {
        if procedure.workflow.stages.contains(&stage) {
            names.push(TEXTS.text(key));
        }
    }
    names.push(TEXTS.text("procedures.stage.done"));
    names.join(TEXTS.text("procedures.arrow"))
}

/// Who gets a mail for each arrival (NF-59).
pub(super) fn recipients(procedure: &Procedure) -> String {
    match procedure.notify.staff_mail.as_slice() {
        [] => TEXTS.text("notices.nobody").to_owned(),
        some => some.join(TEXTS.text("frame.and")),
    }
}

pub(super) fn kind(kind: &FieldKind) -> String {
    let key = match kind {
        FieldKind::Text(_) => "procedures.kind.text",
        FieldKind::Textarea(_) => "procedures.kind.textarea",
        FieldKind::Number(_) => "procedures.kind.number",
        FieldKind::Date(_) => "procedures.kind.date",
        FieldKind::Name(_) => "procedures.kind.name",
        FieldKind::Address(_) => "procedures.kind.address",
        FieldKind::Phone(_) => "procedures.kind.phone",
        FieldKind::Email(_) => "procedures.kind.email",
        FieldKind::CorporateNumber(_) => "procedures.kind.corporate_number",
        FieldKind::Month(_) => "procedures.kind.month",
        FieldKind::Time(_) => "procedures.kind.time",
        FieldKind::Matrix(_) => "procedures.kind.matrix",
        FieldKind::Lookup(_) => "procedures.kind.lookup",
        FieldKind::Bank(_) => "procedures.kind.bank",
        FieldKind::Choice(_) => "procedures.kind.choice",
        FieldKind::Multi(_) => "procedures.kind.multi",
        FieldKind::File(_) => "procedures.kind.file",
        FieldKind::Consent(_) => "procedures.kind.consent",
        FieldKind::Calc(_) => "procedures.kind.calc",
        FieldKind::Fee(_) => "procedures.kind.fee",
        FieldKind::Slot(_) => "procedures.kind.slot",
        FieldKind::Repeat(_) => "procedures.kind.repeat",
        FieldKind::Exit(_) => "procedures.kind.exit",
        FieldKind::Content(_) => "procedures.kind.content",
    };
    TEXTS.text(key).to_owned()
}

pub(super) fn required(required: &Required) -> String {
    match required {
        Required::Fixed(true) => TEXTS.text("procedures.required.yes").to_owned(),
        Required::Fixed(false) => TEXTS.text("procedures.required.no").to_owned(),
        Required::When(rule) => TEXTS.fill("procedures.required.when", &[("rule", rule)]),
    }
}
