//! Settings as boxes on a page.

use domain::applications::{Approval, Stage, Unmarked, WithdrawUntil};
use domain::export::{Checksum, Header, Layout, Shape as FileShape};
use domain::forms::definition::{
    ApprovalMail, Audience, CitizenEvent, CitizenMail, Delegates, EntryRefusal, Listing, Login,
    Mode, PayWay, PayWhen, Procedure, RefusalNotice, Required, SamePerson, Seats, Sex, Window,
    Words,
};
use domain::ids::DepartmentId;
use platform_web::fields::{Choice, Field};

use super::super::properties::{Property, Shape};
use crate::site::TEXTS;
use crate::words;

/// The boxes of a section; none for the routes, which have a list of their own. `departments` are
/// `(id, name)`.
pub(super) fn section(
    section: &str,
    of: &Procedure,
    departments: &[(String, String)],
) -> Vec<Property> {
    match section {
        "about" => about(of),
        "finding" => finding(of, departments),
        "period" => period(of),
        "applicants" => applicants(of),
        "bring" => {
            let items: Vec<&str> = of.items_to_bring.iter().map(|item| item.ja()).collect();
            vec![area("items", &items.join("\n"))]
        }
        "seats" => seats(of),
        "pay" => {
            let ways: Vec<&str> = of.pay.ways.iter().map(|way| way.word()).collect();
            let all: Vec<&str> = PayWay::ALL.iter().map(|way| way.word()).collect();
            let times: Vec<&str> = std::iter::once("unsaid")
                .chain(PayWhen::ALL.iter().map(|when| when.word()))
                .collect();
            let when = of.pay.when.map_or("unsaid", PayWhen::word);
            vec![
                one("pay_when", &times, when),
                some("pay_ways", &all, &ways),
                area("pay_note", of.pay.note.ja()),
            ]
        }
        "desk" => desk(of),
        "review" => {
            let unmarked = match of.workflow.unmarked {
                Unmarked::Warn => "warn",
                Unmarked::Refuse => "refuse",
            };
            vec![one("unmarked", &["warn", "refuse"], unmarked)]
        }
        "notices" => {
            let days = of.notify.remind_days.map(|days| days.to_string()).unwrap_or_default();
            let mail = match of.notify.approval_mail {
                ApprovalMail::Each => "each",
                ApprovalMail::Off => "off",
            };
            let mut asked = vec![
                area("staff_mail", &of.notify.staff_mail.join("\n")),
                number("remind_days", &days),
                one("approval_mail", &["each", "off"], mail),
            ];
            asked.extend(to_citizens(&of.notify.citizen));
            asked
        }
        "keeping" => vec![number("draft_days", &of.retain.draft_days.to_string())],
        "export" => match of.export {
            Some(ref layout) => export(layout),
            None => vec![one("export", &["none", "all"], "none")],
        },
        _ => Vec::new(),
    }
}

/// How the files for a business system are made.
fn export(layout: &Layout) -> Vec<Property> {
    let headings = match layout.profile.header {
        Header::None => "none",
        Header::Japanese => "japanese",
        Header::Physical => "physical",
    };
    let first_row = match layout.shape {
        FileShape::Csv | FileShape::Spreadsheet(_) => {
            Some(one("headings", &["japanese", "physical", "none"], headings))
        }
        FileShape::Fixed(_) | FileShape::Xml(_) => None,
    };
    let others = [
        line("file_name", layout.file_name.text()),
        number("rows_per_file", &layout.rows_per_file.map(|n| n.to_string()).unwrap_or_default()),
        one(
            "checksum",
            &["none", "sha256"],
            match layout.checksum {
                Checksum::None => "none",
                Checksum::Sha256 => "sha256",
            },
        ),
        yes("machine_readable", layout.machine_readable),
        yes("attachments", layout.attachments),
        yes("attachment_list", layout.attachment_list),
        yes("code_table", layout.code_table),
    ];
    first_row.into_iter().chain(others).collect()
}

/// The mails to applicants: which go out, and the paragraph of each.
fn to_citizens(mail: &CitizenMail) -> Vec<Property> {
    let free = CitizenEvent::ALL.into_iter().filter(|event| !event.is_required());
    let all: Vec<&str> = free.clone().map(CitizenEvent::word).collect();
    let on: Vec<&str> = free.filter(|event| mail.sends(*event)).map(CitizenEvent::word).collect();
    let notes = CitizenEvent::ALL
        .into_iter()
        .map(|event| area(&format!("note_{}", event.word()), mail.note(event).ja()));
    std::iter::once(some("citizen_on", &all, &on)).chain(notes).collect()
}

fn about(of: &Procedure) -> Vec<Property> {
    let mode = match of.mode {
        Mode::Online => "online",
        Mode::Download => "download",
        Mode::Guide => "guide",
    };
    vec![
        line("title", of.title.ja()),
        line("title_kana", &of.title_kana),
        area("summary", of.summary.ja()),
        area("description", of.description.ja()),
        line("slug", &of.slug),
        one("mode", &["online", "download", "guide"], mode),
        area("after", of.after.ja()),
    ]
}

fn finding(of: &Procedure, departments: &[(String, String)]) -> Vec<Property> {
    let age = |age: Option<u8>| age.map(|age| age.to_string()).unwrap_or_default();
    let ages = of.ages.unwrap_or_default();
    let audience: Vec<&str> = of.audience.iter().map(|one| audience_word(*one)).collect();
    let listing = match of.listing {
        Listing::Public => "public",
        Listing::Unlisted => "unlisted",
        Listing::Internal => "internal",
        Listing::Invite => "invite",
    };
    let mut asked = vec![
        area("keywords", &of.keywords.iter().map(Words::ja).collect::<Vec<_>>().join("\n")),
        some("categories", &listed("categories"), &of.categories),
        some("life_events", &listed("life_events"), &of.life_events),
        some("audience", &["citizen", "corporation", "staff"], &audience),
        number("age_from", &age(ages.from)),
        number("age_until", &age(ages.until)),
        one("sex", &["any", "female", "male"], of.sex.map_or("any", Sex::word)),
        one("listing", &["public", "unlisted", "internal", "invite"], listing),
    ];
    if of.listing == Listing::Internal || !of.staff_of.is_empty() {
        asked.push(staff_of(of, departments));
    }
    asked
}

/// The departments whose staff may apply. One that is no more stays to be seen: without it the form might be
/// for everybody.
fn staff_of(of: &Procedure, departments: &[(String, String)]) -> Property {
    let now: Vec<&str> = of.staff_of.iter().map(DepartmentId::as_str).collect();
    let gone = now.iter().filter(|id| !departments.iter().any(|(known, _)| known == *id));
    let gone = gone.map(|id| Choice::new(*id, *id));
    let known = departments.iter().map(|(id, name)| Choice::new(id, name));
    let choices = known.chain(gone).map(|one| one.among(now.iter().copied())).collect();
    Property { asked: field("staff_of").choices(choices), shape: Shape::Checks }
}

pub(super) const fn audience_word(audience: Audience) -> &'static str {
    match audience {
        Audience::Citizen => "citizen",
        Audience::Corporation => "corporation",
        Audience::Staff => "staff",
    }
}

/// Codes of the city, in the order they are offered.
pub(in crate::procedures) fn listed(name: &str) -> Vec<&'static str> {
    TEXTS.get(&format!("design.listed.{name}")).unwrap_or_default().split(' ').collect()
}

fn period(of: &Procedure) -> Vec<Property> {
    let at = |at: Option<jiff::Timestamp>| at.map(words::minute).unwrap_or_default();
    let sized =
        |name, at: String| Property { asked: field(name).value(at).width(20), shape: Shape::Line };
    vec![
        sized("open_from", at(of.open.from)),
        sized("open_until", at(of.open.until)),
        number("grace", &(of.open.grace_seconds / 60).to_string()),
    ]
}

fn applicants(of: &Procedure) -> Vec<Property> {
    let login = match of.access.login {
        Login::None => "none",
        Login::Email => "email",
        Login::Account => "account",
    };
    let delegates = match of.access.delegates {
        Delegates::Allowed => "allowed",
        Delegates::Forbidden => "forbidden",
    };
    let once = of.access.once_per.as_ref();
    let (window, days) = match once.map(|once| once.window).unwrap_or_default() {
        Window::Ever => ("ever", String::new()),
        Window::FiscalYear => ("fiscal_year", String::new()),
        Window::Days(days) => ("days", days.to_string()),
    };
    let asked = field("once").choices(keys(of, once.map_or("", |once| once.key.as_str())));
    vec![
        one("login", &["account", "email", "none"], login),
        one("delegates", &["allowed", "forbidden"], delegates),
        Property { asked, shape: Shape::Select },
        one("window", &["ever", "fiscal_year", "days"], window),
        number("window_days", &days),
    ]
}

/// What can tell the same person: how they log in, or an answer everybody gives.
fn keys(of: &Procedure, now: &str) -> Vec<Choice> {
    let login = ["account", "email"]
        .map(|key| (key.to_owned(), TEXTS.text(&format!("design.word.once.{key}")).to_owned()));
    let fields = of.pages.iter().flat_map(|page| &page.fields);
    let fields = fields.filter(|field| field.required == Required::Fixed(true)).map(|field| {
        let label = TEXTS.fill("design.word.once.field", &[("label", &field.label.ja())]);
        (format!("field:{}", field.id), label)
    });
    let all = login.into_iter().chain(fields);
    all.map(|(key, label)| Choice::new(key, label).among([now])).collect()
}

fn seats(of: &Procedure) -> Vec<Property> {
    let capacity = of.capacity.as_ref();
    let text = |value: Option<u32>| value.map(|n| n.to_string()).unwrap_or_default();
    let show = match capacity.map_or(Seats::Left, |capacity| capacity.show) {
        Seats::None => "none",
        Seats::Left => "left",
        Seats::Few => "few",
        Seats::Full => "full",
    };
    vec![
        number("seats", &text(capacity.map(|capacity| capacity.max))),
        one("show", &["left", "few", "full", "none"], show),
        number("waitlist", &text(capacity.map(|capacity| capacity.waitlist))),
        number("hold_minutes", &text(capacity.map(|capacity| capacity.hold_minutes))),
        line("units", capacity.and_then(|one| one.units.as_deref()).unwrap_or_default()),
        number("total_mb", &of.total_mb.to_string()),
    ]
}

fn desk(of: &Procedure) -> Vec<Property> {
    let workflow = &of.workflow;
    let stages = workflow.stages.iter().map(|stage| match stage {
        Stage::Accept => "accept",
        Stage::Review => "review",
        Stage::Notify => "notify",
    });
    let until = match workflow.withdraw_until {
        WithdrawUntil::Never => "never",
        WithdrawUntil::Accepted => "accepted",
        WithdrawUntil::Decided => "decided",
    };
    let approvals: Vec<String> = workflow.approvals.iter().map(approval).collect();
    let refusal = match workflow.refuse_entry {
        EntryRefusal::Clerk => "clerk",
        EntryRefusal::Approved => "approved",
    };
    let notice = match workflow.refusal_notice {
        RefusalNotice::Optional => "optional",
        RefusalNotice::Required => "required",
    };
    let same = match workflow.same_person {
        SamePerson::Forbidden => "forbidden",
        SamePerson::Allowed => "allowed",
    };
    vec![
        some("stages", &["accept", "review", "notify"], &stages.collect::<Vec<_>>()),
        number("expected_days", &workflow.expected_days.to_string()),
        number("correction_days", &workflow.correction_days.to_string()),
        one("withdraw_until", &["never", "accepted", "decided"], until),
        area("approvals", &approvals.join("\n")),
        one("same_person", &["forbidden", "allowed"], same),
        one("refuse_entry", &["clerk", "approved"], refusal),
        one("refusal_notice", &["optional", "required"], notice),
    ]
}

/// `係長, s0101 s0102, s0103`: the name, who approves, who in their place.
fn approval(one: &Approval) -> String {
    let mut parts = vec![one.title.clone(), one.staff.join(" ")];
    if !one.deputies.is_empty() {
        parts.push(one.deputies.join(" "));
    }
    parts.join(", ")
}

fn field(name: &str) -> Field {
    let mut asked = Field::new(name, TEXTS.text(&format!("design.prop.{name}")));
    asked.hint = TEXTS.get(&format!("design.prop_hint.{name}")).unwrap_or_default().to_owned();
    asked
}

fn line(name: &str, value: &str) -> Property {
    Property { asked: field(name).value(value), shape: Shape::Line }
}

fn area(name: &str, value: &str) -> Property {
    Property { asked: field(name).value(value), shape: Shape::Area }
}

fn number(name: &str, value: &str) -> Property {
    let asked = field(name).value(value).inputmode("numeric").width(8);
    Property { asked, shape: Shape::Line }
}

fn one(name: &str, words: &[&str], now: &str) -> Property {
    Property { asked: worded(name, words, &[now]), shape: Shape::Radio }
}

fn some<W: AsRef<str>>(name: &str, words: &[&str], now: &[W]) -> Property {
    let now: Vec<&str> = now.iter().map(AsRef::as_ref).collect();
    Property { asked: worded(name, words, &now), shape: Shape::Checks }
}

fn yes(name: &str, now: bool) -> Property {
    let label = TEXTS.text("design.word.yes").to_owned();
    let choice = Choice { chosen: now, ..Choice::new("yes", label) };
    Property { asked: field(name).choices(vec![choice]), shape: Shape::Checks }
}

fn worded(name: &str, words: &[&str], now: &[&str]) -> Field {
    let choice = |word: &&str| {
        let label = TEXTS.text(&format!("design.word.{name}.{word}")).to_owned();
        Choice::new(*word, label).among(now.iter().copied())
    };
    field(name).choices(words.iter().map(choice).collect())
}
