//! 納付: what a fee comes to, when it is due, and whether it was paid, as staff record it (NF-15). Nothing is paid
//! here.

use axum::extract::{Path, State};
use domain::applications::State as At;
use domain::applications::payment::{Entry, Payment};
use domain::forms::definition::{Lang, PayWay, PayWhen};
use domain::forms::{Answers, display, fees};
use domain::identity::Action;
use domain::text::{narrow, unwanted, visible};
use jiff::civil::Date;
use lgwan_zone_store::applications::entered;
use lgwan_zone_store::applications::messages::Message;
use lgwan_zone_store::applications::payments::{self, Kept, Line, New};
use platform_web::{CsrfForm, FormData, PageResult, Reply, Trouble, see_other};

use super::clash::keeping;
use super::desk::{self, Desk};
use super::show::EventView;
use crate::frame::Choice;
use crate::guard::{Who, sha256};
use crate::site::{Site, TEXTS};
use crate::words;

/// Longest reason, note or message in characters.
const LONGEST: usize = 500;
/// Largest sum in yen.
const MOST_YEN: i64 = 99_999_999;
/// How something is paid, beside the ways a procedure names.
const OTHER: &str = "other";

/// The section of the application page.
pub(super) struct View {
    /// What it comes to now.
    pub(super) amount: String,
    pub(super) when: &'static str,
    pub(super) stands: &'static str,
    pub(super) mark: &'static str,
    /// That another sum was recorded than it comes to now; empty otherwise.
    pub(super) other: String,
    pub(super) lines: Vec<EventView>,
    /// The newest line that this page shows.
    pub(super) seen: i32,
    /// The same sum as a number.
    pub(super) yen: u64,
    /// What of it is not recorded yet.
    pub(super) rest: u64,
    pub(super) ways: Vec<Choice>,
    /// The last day that can have been one of payment.
    pub(super) today: String,
    /// Words to ask the applicant with.
    pub(super) draft: String,
    pub(super) asks: bool,
    pub(super) pays: bool,
    pub(super) undoes: bool,
    /// Whether the applicant has a page on which they are told.
    pub(super) online: bool,
    /// Whether a decision in favour waits for it.
    pub(super) stops: bool,
}

/// The section; `None` where nothing is charged and nothing was recorded.
pub(super) fn view(
    desk: &Desk,
    answers: &Answers,
    lines: &[Line],
    (today, online): (Date, bool),
) -> Option<View> {
    let procedure = desk.form.procedure();
    let yen = fees::owed(procedure, answers);
    if yen == 0 && lines.is_empty() {
        return None;
    }
    let when = procedure.pay.when;
    let (stands, covered) = (payments::stands((when, yen), lines), payments::covered(lines));
    let rest = yen.saturating_sub(covered.all);
    let amount = in_yen(yen);
    let ways = PayWay::ALL.into_iter().filter(|way| procedure.pay.ways.contains(way));
    let ways: Vec<&str> = ways.map(|way| way_name(way.word())).collect();
    let ways = if ways.is_empty() {
        String::new()
    } else {
        TEXTS.fill(
            "applications.payment.draft_ways",
            &[("ways", &ways.join(TEXTS.text("frame.and")))],
        )
    };
    let other = match stands {
        Payment::Short => "applications.payment.short_sum",
        Payment::Paid if covered.all > yen => "applications.payment.other_sum",
        Payment::Paid | Payment::Waived | Payment::Later | Payment::Due => "",
    };
    let draft = match stands {
        Payment::Short => "applications.payment.draft_rest",
        Payment::Later | Payment::Due | Payment::Paid | Payment::Waived => {
            "applications.payment.draft"
        }
    };
    let sums: [(&str, &dyn std::fmt::Display); 4] = [
        ("amount", &amount),
        ("paid", &in_yen(covered.paid)),
        ("missing", &in_yen(rest)),
        ("ways", &ways),
    ];
    let undecided = !desk.state.is_end() && desk.state != At::Notified;
    Some(View {
        when: TEXTS.text(match when {
            Some(PayWhen::AtApplication) => "applications.payment.at_application",
            Some(PayWhen::AfterReview) => "applications.payment.after_review",
            None => "applications.payment.unsaid",
        }),
        stands: TEXTS.text(match stands {
            Payment::Later => "applications.payment.later",
            Payment::Due => "applications.payment.due",
            Payment::Paid => "applications.payment.paid",
            Payment::Waived => "applications.payment.waived",
            Payment::Short => "applications.payment.short",
        }),
        mark: match stands {
            Payment::Later => "tag",
            Payment::Due | Payment::Short => "tag tag-wait tag-long",
            Payment::Paid | Payment::Waived => "tag tag-work tag-long",
        },
        other: if other.is_empty() { String::new() } else { TEXTS.fill(other, &sums) },
        lines: lines.iter().filter_map(line_view).collect(),
        seen: lines.last().map_or(0, |line| line.seq),
        yen,
        rest,
        ways: ["counter", "slip", OTHER].map(|way| Choice::new(way, way_name(way), false)).into(),
        today: today.to_string(),
        draft: TEXTS.fill(draft, &sums),
        asks: yen > 0 && stands.takes(Entry::Asked) && Payment::may_be_asked(desk.state),
        pays: stands.takes(Entry::Paid),
        undoes: stands.takes(Entry::Undone),
        online,
        stops: undecided && when == Some(PayWhen::AtApplication) && yen > 0 && !stands.is_settled(),
        amount,
    })
}

fn in_yen(yen: u64) -> String {
    display::in_yen(&yen.to_string(), Lang::Ja)
}

fn line_view(line: &Line) -> Option<EventView> {
    let act = TEXTS.text(match Entry::parse(&line.act)? {
        Entry::Asked => "applications.act.payment_asked",
        Entry::Paid => "applications.act.payment_paid",
        Entry::Waived => "applications.act.payment_waived",
        Entry::Undone => "applications.act.payment_undone",
    });
    Some(EventView {
        text: act.to_owned(),
        at: words::stored(line.at),
        by: line.staff_name.clone(),
        words: shown(line.yen, (&line.way, &line.paid_on), &line.words),
    })
}

/// What stands in the history: how much was paid when and how, then what was written beside it.
fn shown(yen: i64, (way, day): (&str, &str), words: &str) -> String {
    if way.is_empty() {
        return words.to_owned();
    }
    let amount = display::in_yen(&yen.to_string(), Lang::Ja);
    let facts: [(&str, &dyn std::fmt::Display); 3] =
        [("day", &day), ("way", &way_name(way)), ("amount", &amount)];
    let line = TEXTS.fill("applications.payment.line", &facts);
    format!("{line}\n{words}").trim_end().to_owned()
}

fn way_name(way: &str) -> &'static str {
    TEXTS.text(match way {
        "counter" => "applications.payment.way.counter",
        "slip" => "applications.payment.way.slip",
        _ => "applications.payment.way.other",
    })
}

/// Records that the applicant is asked to pay, that it was paid, that the decision goes on without it, or that
/// the last record was wrong. A second press of the same button changes nothing.
pub async fn post(
    State(site): State<Site>,
    who: Who,
    Path(id): Path<String>,
    CsrfForm(form): CsrfForm,
) -> PageResult {
    let kept = |refused| typed(refused, &form);
    let desk = desk::open(&site, &who, &id, Action::WorkOnApplication).await.map_err(kept)?;
    let back = format!("/applications/{}", desk.row.id);
    let overtaken = || {
        let no = Reply::conflict("applications.payment_overtaken").link(back.clone());
        typed(no.into(), &form)
    };
    let owed = fees::owed(desk.form.procedure(), &desk.answers(&site).await?);
    let id = desk.row.id.clone();
    let (online, lines) = site
        .store
        .read(move |db| Ok((entered::of(db, &id)?.is_none(), payments::of(db, &id)?)))
        .await?;
    let rest = owed.saturating_sub(payments::covered(&lines).all);
    let Some(new) = parse(&form, words::day(site.clock.now()), (owed, rest)) else {
        let no = Reply::unprocessable("applications.payment_refused").link(back.clone());
        return Err(kept(no.into()));
    };
    // The words name the sum that the page told, and nobody waives more than they saw.
    let same = form.text("sum").parse() == Ok(owed);
    let goes = match new.entry {
        Entry::Asked => owed > 0 && same,
        Entry::Waived => same,
        Entry::Paid | Entry::Undone => true,
    };
    if !goes {
        return Err(overtaken());
    }
    let (by, seen) = (who.by(&site), form.text("line").parse::<i32>().unwrap_or(0));
    let words = match new.entry {
        Entry::Asked => Some(new.words.clone()),
        Entry::Paid if form.text("tell") == "yes" => {
            let amount = display::in_yen(&new.yen.to_string(), Lang::Ja);
            Some(TEXTS.fill("applications.payment.told", &[("amount", &amount)]))
        }
        Entry::Paid | Entry::Waived | Entry::Undone => None,
    };
    let told = match words.filter(|_| online) {
        None => None,
        Some(words) => {
            let message = message(&desk, (&who, by.at), seen, words);
            let told = (message.words.as_str(), 0);
            let sealed = site.office.message(&desk.id()?, &message.id, told, by.at);
            Some((message, sealed))
        }
    };
    let said = match new.entry {
        Entry::Asked => "payment_asked",
        Entry::Paid => "payment_paid",
        Entry::Waived => "payment_waived",
        Entry::Undone => "payment_undone",
    };
    let (row, fee) = (desk.row, (desk.form.procedure().pay.when, owed));
    let put = site
        .store
        .write(move |tx| payments::put(tx, &by, (&row, fee), (seen, &new), told.as_ref()))
        .await?;
    match put {
        Kept::Done | Kept::Before => {
            (site.posted)();
            Ok(see_other(format!("{back}?said={said}")))
        }
        Kept::Overtaken => Err(overtaken()),
    }
}

/// Gives back what was typed with a refusal.
fn typed(refused: Trouble, form: &FormData) -> Trouble {
    let words = match Entry::parse(form.text("do")) {
        Some(Entry::Asked) => "applications.payment.ask_words",
        Some(Entry::Waived) => "applications.payment.waive_words",
        Some(Entry::Undone) => "applications.payment.undo_words",
        Some(Entry::Paid) | None => "applications.payment.note",
    };
    let refused = keeping(refused, "applications.payment.day", form.text("paid_on"));
    let refused = keeping(refused, "applications.payment.yen", form.text("yen"));
    keeping(refused, words, form.text("words"))
}

/// What was typed; `None` when something of it cannot be so. `rest` is what of the fee is not recorded yet.
fn parse(form: &FormData, today: Date, (owed, rest): (u64, u64)) -> Option<New> {
    let entry = Entry::parse(form.text("do"))?;
    let words = visible(form.text("words")).replace("\r\n", "\n").trim().to_owned();
    let fits =
        words.chars().count() <= LONGEST && unwanted(&words.replace('\t', " "), true).is_none();
    let needed = match entry {
        Entry::Asked | Entry::Waived | Entry::Undone => true,
        Entry::Paid => false,
    };
    if !fits || (needed && words.is_empty()) {
        return None;
    }
    let (yen, way, paid_on) = match entry {
        Entry::Asked => (i64::try_from(rest).ok()?, String::new(), String::new()),
        Entry::Waived | Entry::Undone => (i64::try_from(owed).ok()?, String::new(), String::new()),
        Entry::Paid => {
            let yen: i64 = narrow(form.text("yen")).replace(',', "").trim().parse().ok()?;
            let day: Date = form.text("paid_on").trim().parse().ok()?;
            let way = form.text("way");
            let known = way == OTHER || PayWay::ALL.iter().any(|one| one.word() == way);
            if !(1..=MOST_YEN).contains(&yen) || day > today || !known {
                return None;
            }
            (yen, way.to_owned(), day.to_string())
        }
    };
    let shown = shown(yen, (&way, &paid_on), &words);
    Some(New { entry, yen, way, paid_on, words, shown })
}

/// What the applicant is told, in the thread of the application.
fn message(desk: &Desk, (who, at): (&Who, jiff::Timestamp), seen: i32, words: String) -> Message {
    let key = format!("{} payment {seen}", desk.row.id);
    Message {
        id: sha256(key.as_bytes()).chars().take(32).collect(),
        application_id: desk.row.id.clone(),
        at: at.as_microsecond(),
        writer: who.id.clone(),
        writer_name: who.name.clone(),
        words,
        files: 0,
    }
}
