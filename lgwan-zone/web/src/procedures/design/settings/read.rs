//! Settings as they were typed.

use domain::applications::{Approval, Stage, Unmarked, WithdrawUntil};
use domain::calendar::{read_date, read_time};
use domain::forms::definition::{
    Access, Ages, ApprovalMail, Audience, Capacity, CitizenEvent, CitizenMail, Delegates,
    EntryRefusal, LONGEST_NOTE, Listing, Login, MOST_TOTAL_MB, Mode, Notify, OncePer, Open, PayWay,
    PayWhen, Procedure, RefusalNotice, Retain, Route, SamePerson, Seats, Sex, Window, Workflow,
};
use domain::forms::design::{Edit, Setting};
use domain::forms::publish::is_slug;
use domain::ids::DepartmentId;
use domain::text::narrow;
use jiff::Timestamp;
use jiff::civil::Time;
use platform_web::FormData;
use platform_web::fields::input_id;

use super::super::condition::NEVER;
use super::asked::audience_word;
use super::{columns, cosigners, outcomes, points};
use crate::frame::Fault;
use crate::procedures::own::LONGEST_TITLE;
use crate::words;

/// The edits a section asks for, and what is wrong with what was typed.
pub(super) fn section(section: &str, of: &Procedure, form: &FormData) -> (Vec<Edit>, Vec<Fault>) {
    let mut typed = Typed { form, faults: Vec::new() };
    let settings = match section {
        "about" => about(of, &mut typed),
        "finding" => finding(&mut typed),
        "period" => vec![Setting::Open(Open {
            from: typed.moment("open_from"),
            until: typed.moment("open_until"),
            grace_seconds: typed.number("grace", 10_080) * 60,
        })],
        "applicants" => vec![Setting::Access(applicants(of, &mut typed))],
        "bring" => vec![Setting::Items(typed.lines("items"))],
        "seats" => seats(&mut typed),
        "pay" => {
            let chosen = |way: &PayWay| form.all("pay_ways").any(|word| word == way.word());
            let ways = PayWay::ALL.into_iter().filter(chosen).collect();
            let when = PayWhen::ALL.into_iter().find(|when| form.text("pay_when") == when.word());
            vec![Setting::Pay(when, ways, typed.text("pay_note"))]
        }
        "desk" => vec![Setting::Workflow(desk(of, &mut typed))],
        "review" => vec![Setting::Workflow(review(of, &mut typed))],
        "routing" => vec![Setting::Routing(routing(of, &typed))],
        "notices" => vec![Setting::Notify(Notify {
            staff_mail: typed.lines("staff_mail"),
            remind_days: typed.maybe("remind_days", 60).and_then(|days| u16::try_from(days).ok()),
            approval_mail: match form.text("approval_mail") {
                "off" => ApprovalMail::Off,
                _ => ApprovalMail::Each,
            },
            citizen: to_citizens(of, &mut typed),
        })],
        "keeping" => vec![Setting::Retain(Retain {
            draft_days: typed.small("draft_days", 365),
            ..of.retain.clone()
        })],
        "export" => vec![Setting::Export(columns::read(of, form, &mut typed.faults))],
        "outcomes" => vec![Setting::Outcomes(outcomes::read(of, form))],
        _ => Vec::new(),
    };
    (settings.into_iter().map(|one| Edit::Set(Box::new(one))).collect(), typed.faults)
}

/// The mails to applicants. Translations of a paragraph stay with it as long as it says something.
fn to_citizens(of: &Procedure, typed: &mut Typed<'_>) -> CitizenMail {
    let mut mail = CitizenMail::default();
    for event in CitizenEvent::ALL {
        let on = typed.form.all("citizen_on").any(|word| word == event.word());
        if !on && !event.is_required() {
            mail.off.push(event);
        }
        let name = format!("note_{}", event.word());
        let text = typed.text(&name);
        if text.chars().count() > LONGEST_NOTE {
            typed.fault(&name, "design.fault.note_long");
        }
        if !text.is_empty() {
            mail.notes.insert(event, of.notify.citizen.note(event).in_japanese(&text));
        }
    }
    mail
}

fn about(of: &Procedure, typed: &mut Typed<'_>) -> Vec<Setting> {
    let title = typed.text("title");
    if title.is_empty() || title.chars().count() > LONGEST_TITLE {
        typed.fault("title", "procedures.fault.title");
    }
    let slug = narrow(&typed.text("slug")).to_lowercase();
    if !is_slug(&slug) {
        typed.fault("slug", "procedures.fault.slug");
    }
    let about = Setting::About {
        title,
        title_kana: typed.text("title_kana"),
        summary: typed.text("summary"),
        description: typed.text("description"),
        slug,
        after: typed.text("after"),
    };
    let mode = match typed.word("mode") {
        "online" => Mode::Online,
        "download" => Mode::Download,
        "guide" => Mode::Guide,
        _ => of.mode,
    };
    vec![about, Setting::Mode(mode)]
}

fn finding(typed: &mut Typed<'_>) -> Vec<Setting> {
    let age = |age: Option<u32>| age.and_then(|age| u8::try_from(age).ok());
    let from = age(typed.maybe("age_from", 130));
    let until = age(typed.maybe("age_until", 130));
    let ages = Ages { from, until };
    let chosen =
        |one: &Audience| typed.form.all("audience").any(|word| word == audience_word(*one));
    let all = [Audience::Citizen, Audience::Corporation, Audience::Staff];
    let audience: Vec<Audience> = all.into_iter().filter(chosen).collect();
    if audience.is_empty() {
        typed.fault("audience", "design.fault.audience");
    }
    vec![Setting::Finding {
        keywords: typed.lines("keywords"),
        categories: typed.all("categories"),
        life_events: typed.all("life_events"),
        ages: (ages != Ages::default()).then_some(ages),
        sex: Sex::ALL.into_iter().find(|sex| sex.word() == typed.word("sex")),
        audience,
        listing: match typed.word("listing") {
            "unlisted" => Listing::Unlisted,
            "internal" => Listing::Internal,
            "invite" => Listing::Invite,
            _ => Listing::Public,
        },
        staff_of: typed
            .form
            .all("staff_of")
            .filter_map(|id| DepartmentId::parse(id).ok())
            .collect(),
    }]
}

fn applicants(of: &Procedure, typed: &mut Typed<'_>) -> Access {
    let window = match typed.word("window") {
        "fiscal_year" => Window::FiscalYear,
        "days" => {
            let days = typed.small("window_days", 3_650);
            if days == 0 {
                typed.fault("window_days", "design.fault.number");
            }
            Window::Days(days)
        }
        _ => Window::Ever,
    };
    let key = typed.text("once");
    let (cosigners, faults) = cosigners::read(of, typed.form);
    typed.faults.extend(faults);
    Access {
        login: match typed.word("login") {
            "none" => Login::None,
            "email" => Login::Email,
            _ => Login::Account,
        },
        once_per: (!key.is_empty()).then_some(OncePer { key, window }),
        delegates: match typed.word("delegates") {
            "forbidden" => Delegates::Forbidden,
            _ => Delegates::Allowed,
        },
        cosigners,
    }
}

fn seats(typed: &mut Typed<'_>) -> Vec<Setting> {
    let max = typed.maybe("seats", 1_000_000).filter(|max| *max > 0);
    let show = match typed.word("show") {
        "none" => Seats::None,
        "few" => Seats::Few,
        "full" => Seats::Full,
        _ => Seats::Left,
    };
    let units = Some(typed.text("units")).filter(|units| !units.is_empty());
    let (waitlist, hold_minutes) =
        (typed.number("waitlist", 1_000_000), typed.number("hold_minutes", 1_440));
    let capacity = max.map(|max| Capacity { max, show, units, hold_minutes, waitlist });
    vec![Setting::Capacity(capacity), Setting::TotalMb(typed.number("total_mb", MOST_TOTAL_MB))]
}

fn review(of: &Procedure, typed: &mut Typed<'_>) -> Workflow {
    let (points, faults) = points::read(of, typed.form);
    typed.faults.extend(faults);
    Workflow {
        points,
        unmarked: match typed.word("unmarked") {
            "refuse" => Unmarked::Refuse,
            _ => Unmarked::Warn,
        },
        ..of.workflow.clone()
    }
}

fn desk(of: &Procedure, typed: &mut Typed<'_>) -> Workflow {
    let stages = [(Stage::Accept, "accept"), (Stage::Review, "review"), (Stage::Notify, "notify")];
    let chosen = |word: &str| typed.form.all("stages").any(|one| one == word);
    let stages = stages.into_iter().filter(|(_, word)| chosen(word)).map(|(stage, _)| stage);
    Workflow {
        stages: stages.collect(),
        withdraw_until: match typed.word("withdraw_until") {
            "never" => WithdrawUntil::Never,
            "decided" => WithdrawUntil::Decided,
            _ => WithdrawUntil::Accepted,
        },
        approvals: typed.lines("approvals").iter().map(|line| approval(line)).collect(),
        expected_days: typed.small("expected_days", 1_000),
        correction_days: typed.small("correction_days", 365),
        refuse_entry: refuse_entry(typed.word("refuse_entry")),
        same_person: match typed.word("same_person") {
            "allowed" => SamePerson::Allowed,
            _ => SamePerson::Forbidden,
        },
        refusal_notice: match typed.word("refusal_notice") {
            "required" => RefusalNotice::Required,
            _ => RefusalNotice::Optional,
        },
        ..of.workflow.clone()
    }
}

fn refuse_entry(word: &str) -> EntryRefusal {
    match word {
        "approved" => EntryRefusal::Approved,
        _ => EntryRefusal::Clerk,
    }
}

fn approval(line: &str) -> Approval {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    let line = line.replace(['、', '，'], ",");
    let mut parts = line.splitn(3, ',').map(str::trim);
    let mut next = || parts.next().unwrap_or_default();
    Approval { title: next().to_owned(), staff: words(next()), deputies: words(next()) }
}

/// The routes with their departments, after the pressed button.
fn routing(of: &Procedure, typed: &Typed<'_>) -> Vec<Route> {
    let department = |name: &str| DepartmentId::parse(typed.form.text(name)).ok();
    let routes = of.routing.iter().enumerate().map(|(n, route)| {
        let department = department(&format!("department_{n}"));
        let department = department.unwrap_or_else(|| route.department.clone());
        Route { when: route.when.clone(), department }
    });
    let mut routes: Vec<Route> = routes.collect();
    let pressed: Vec<&str> = typed.form.text("do").split(':').collect();
    let place = pressed.get(2).and_then(|n| n.parse().ok()).filter(|n| *n < routes.len());
    match (pressed.get(1).copied(), place) {
        (Some("add"), _) => {
            let new = department("new_department").unwrap_or_else(|| of.department.clone());
            routes.push(Route { when: NEVER.to_owned(), department: new });
        }
        (Some("remove"), Some(n)) => {
            routes.remove(n);
        }
        (Some("up"), Some(n)) if n > 0 => routes.swap(n, n - 1),
        (Some("down"), Some(n)) if n + 1 < routes.len() => routes.swap(n, n + 1),
        _ => {}
    }
    routes
}

/// What was typed, and what is wrong with it.
struct Typed<'f> {
    form: &'f FormData,
    faults: Vec<Fault>,
}

impl<'f> Typed<'f> {
    fn fault(&mut self, name: &str, key: &str) {
        self.faults.push(Fault::of(&input_id(name), key));
    }

    fn word(&self, name: &str) -> &'f str {
        self.form.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.form.text(name).trim().to_owned()
    }

    fn lines(&self, name: &str) -> Vec<String> {
        let lines = self.form.text(name).lines().map(str::trim);
        lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }

    fn all(&self, name: &str) -> Vec<String> {
        self.form.all(name).map(str::to_owned).collect()
    }

    fn maybe(&mut self, name: &str, most: u32) -> Option<u32> {
        let text = narrow(&self.text(name)).replace(',', "");
        if text.is_empty() {
            return None;
        }
        let typed = text.parse().ok().filter(|n| *n <= most);
        if typed.is_none() {
            self.fault(name, "design.fault.number");
        }
        typed
    }

    fn number(&mut self, name: &str, most: u32) -> u32 {
        self.maybe(name, most).unwrap_or(0)
    }

    fn small(&mut self, name: &str, most: u16) -> u16 {
        u16::try_from(self.number(name, u32::from(most))).unwrap_or(most)
    }

    /// A day, or a day and a time, in Japan.
    fn moment(&mut self, name: &str) -> Option<Timestamp> {
        let text = self.text(name);
        if text.is_empty() {
            return None;
        }
        let (day, time) = text.split_once([' ', '　']).unwrap_or((&text, "0:00"));
        let at = read_date(day).ok().zip(read_time(time.trim())).and_then(|(day, minutes)| {
            let minutes = i16::try_from(minutes).ok()?;
            let (hour, minute) =
                (i8::try_from(minutes / 60).ok()?, i8::try_from(minutes % 60).ok()?);
            words::from_wall(Time::new(hour, minute, 0, 0).ok()?.on(
                day.year(),
                day.month(),
                day.day(),
            ))
        });
        if at.is_none() {
            self.fault(name, "design.fault.moment");
        }
        at
    }
}
