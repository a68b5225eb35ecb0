//! Role × state × object × route: every page and step of one application, over HTTP, in every state, for
//! every role, at an own department and at another one (NF-34, NF-38, NF-39). The same tables give
//! `docs/rights.md`: a route, a state or a role without a row stops the build.
//!
//! ```text
//! rights::TABLE  role × route ────────────────┐
//! ROWS           route × state × object ──────┼─► what each answer must be ─► docs/rights.md
//! domain         authorize, State::apply ─────┘
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;

use diesel::RunQueryDsl as _;
use domain::applications::{Event, Rules, Stage, State, WithdrawUntil};
use domain::forms::definition::Listing;
use domain::identity::{Action, Actor, Object, Owner, Role, Staff, authorize};
use domain::ids::{ApplicationId, DepartmentId, StaffId};
use http::StatusCode;
use lgwan_zone_web::site::TEXTS;

use crate::browser::Browser;
use crate::city::{CHILDREN, CITIZENS};
use crate::desk::{Desk, Sent};
use crate::rights::{OPEN, ROLES, TABLE};

/// Routes of one application.
const UNDER: &str = "/applications/{id}";

/// What the application is, beside its state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// It came through the citizens' pages, and nobody approves its decision.
    Online,
    /// Staff entered it from paper.
    Entered,
    /// Its decision is approved by stages (決裁); while it is reviewed one waits for its stage.
    Proposed,
    /// The same, and nothing was proposed yet.
    Unproposed,
    /// As online, and no other department is asked for an opinion (意見照会).
    Unasked,
    /// As online, and the applicant asked to withdraw it (取下げの申出).
    Wanted,
}

/// When the route is open to whoever has the right.
#[derive(Clone, Copy)]
enum When {
    Always,
    /// Where the state machine takes this event from staff: what is over stays over for them.
    Takes(Event),
    /// While the result may still change.
    Undecided,
    /// While something is left to do.
    Open,
    /// Where the state machine takes it up again.
    Reopens,
}

impl When {
    fn holds(self, state: State) -> bool {
        match self {
            Self::Always => true,
            Self::Takes(event) => !state.is_end() && state.apply(event, rules()).is_ok(),
            Self::Undecided => !state.is_end() && state != State::Notified,
            Self::Open => !state.is_end(),
            Self::Reopens => state.apply(Event::Reopen, rules()).is_ok(),
        }
    }
}

/// One way to use a route.
struct Row {
    method: &'static str,
    path: &'static str,
    kind: Kind,
    when: When,
    /// What the form says.
    fields: &'static [(&'static str, &'static str)],
}

const fn row(
    (method, path): (&'static str, &'static str),
    kind: Kind,
    when: When,
    fields: &'static [(&'static str, &'static str)],
) -> Row {
    Row { method, path, kind, when, fields }
}

const SEEN: (&str, &str) = ("seen", "1");
const REASON: (&str, &str) = ("reason", "書類が足りないため");

/// Every page and step of one application. A route that leads to several events has a row for each.
const ROWS: &[Row] = &{
    use Event::{
        Accept, AskCorrection, Close, Expire, Finish, GrantWithdrawal, Notify, RefuseEntry, Reject,
        Resubmit, StartReview, Withdraw,
    };
    use Kind::{Entered, Online, Proposed, Unasked, Unproposed, Wanted};
    use When::{Always, Open, Reopens, Takes, Undecided};
    [
        row(("GET", "/applications/{id}"), Online, Always, &[]),
        row(("GET", "/applications/{id}/staff-fields"), Online, Always, &[]),
        row(
            ("POST", "/applications/{id}/staff-fields"),
            Online,
            Always,
            &[("_seen", "0"), ("shelf", "A1")],
        ),
        row(("POST", "/applications/{id}/entry"), Entered, Takes(Resubmit), &[]),
        row(("GET", "/applications/{id}/receipt.pdf"), Entered, Always, &[]),
        row(("POST", "/applications/{id}/withdraw"), Entered, Takes(Withdraw), &[SEEN, REASON]),
        row(("POST", "/applications/{id}/accept"), Online, Takes(Accept), &[SEEN]),
        row(("POST", "/applications/{id}/review"), Online, Takes(StartReview), &[SEEN]),
        row(("POST", "/applications/{id}/finish"), Online, Takes(Finish), &[SEEN]),
        row(("GET", "/applications/{id}/correction"), Online, Takes(AskCorrection), &[]),
        row(
            ("POST", "/applications/{id}/correction"),
            Online,
            Takes(AskCorrection),
            &[SEEN, REASON, ("fields", "reason"), ("due", "2026-12-18")],
        ),
        row(("GET", "/applications/{id}/reject"), Online, Takes(Reject), &[]),
        row(("POST", "/applications/{id}/reject"), Online, Takes(Reject), &[SEEN, REASON]),
        row(("GET", "/applications/{id}/refuse"), Online, Takes(RefuseEntry), &[]),
        row(("POST", "/applications/{id}/refuse"), Online, Takes(RefuseEntry), &[SEEN, REASON]),
        row(("GET", "/applications/{id}/close"), Online, Takes(Close), &[]),
        row(("POST", "/applications/{id}/close"), Online, Takes(Close), &[SEEN, REASON]),
        row(("GET", "/applications/{id}/reopen"), Online, Reopens, &[]),
        row(("POST", "/applications/{id}/reopen"), Online, Reopens, &[SEEN, REASON]),
        row(("GET", "/applications/{id}/expire"), Online, Takes(Expire), &[]),
        row(("POST", "/applications/{id}/expire"), Online, Takes(Expire), &[SEEN, REASON]),
        row(("GET", "/applications/{id}/hand-over"), Online, Undecided, &[]),
        row(
            ("POST", "/applications/{id}/hand-over"),
            Unasked,
            Undecided,
            &[SEEN, REASON, ("department", OTHER)],
        ),
        row(("GET", "/applications/{id}/withdrawal"), Wanted, Takes(GrantWithdrawal), &[]),
        row(
            ("POST", "/applications/{id}/withdrawal"),
            Wanted,
            Takes(GrantWithdrawal),
            &[SEEN, ("request", REQUEST), ("answer", "grant")],
        ),
        row(
            ("POST", "/applications/{id}/withdrawal"),
            Wanted,
            Undecided,
            &[SEEN, REASON, ("request", REQUEST), ("answer", "decline")],
        ),
        row(("GET", "/applications/{id}/result"), Online, Takes(Notify), &[]),
        row(
            ("POST", "/applications/{id}/result"),
            Online,
            Takes(Notify),
            &[SEEN, ("kind", "none")],
        ),
        row(
            ("POST", "/applications/{id}/result/preview"),
            Online,
            Always,
            &[("kind", "designed"), ("title", "通知書"), ("body", "決定しました。")],
        ),
        row(
            ("POST", "/applications/{id}/propose"),
            Unproposed,
            Takes(Notify),
            &[SEEN, ("event", "notify"), ("words", "要件を満たします")],
        ),
        row(
            ("POST", "/applications/{id}/propose"),
            Unproposed,
            Takes(Reject),
            &[SEEN, ("event", "reject"), ("words", "要件を満たしません")],
        ),
        row(
            ("POST", "/applications/{id}/approval"),
            Proposed,
            Takes(Notify),
            &[("round", "1"), ("stage", "0"), ("do", "approve")],
        ),
        row(("GET", "/applications/{id}/check"), Online, Always, &[]),
        row(("POST", "/applications/{id}/check"), Online, Always, &[]),
        row(("GET", "/applications/{id}/inquiries/new"), Online, Always, &[]),
        row(
            ("POST", "/applications/{id}/inquiries"),
            Online,
            Undecided,
            &[
                SEEN,
                ("department", OTHER),
                ("question", "支障はありますか。"),
                ("due", "2026-12-18"),
            ],
        ),
        row(
            ("POST", "/applications/{id}/inquiries/{inquiry}"),
            Online,
            Undecided,
            &[("do", "take_back"), ("turns", "0")],
        ),
        row(("POST", "/applications/{id}/notes"), Online, Always, &[("words", "確認しました")]),
        row(("POST", "/applications/{id}/hold"), Online, Always, &[REASON]),
        row(
            ("POST", "/applications/{id}/payment"),
            Online,
            Always,
            &[("do", "paid"), ("yen", "300"), ("paid_on", "2026-11-18"), ("way", "counter")],
        ),
        row(("POST", "/applications/{id}/labels"), Online, Always, &[]),
        row(("POST", "/applications/{id}/charge"), Online, Open, &[("person", "")]),
        row(("POST", "/applications/{id}/messages"), Online, Always, &[("message", "お知らせ")]),
        row(("GET", "/applications/{id}/attachments/{file}"), Online, Always, &[]),
        row(("GET", "/applications/{id}/attachments/{file}/view"), Online, Always, &[]),
        row(("GET", "/applications/{id}/attachments/{file}/framed"), Online, Always, &[]),
        row(("GET", "/applications/{id}/attachments.zip"), Online, Always, &[]),
        row(("GET", "/applications/{id}/documents/{file}"), Online, Always, &[]),
    ]
};

/// A department that is neither of the two an application lies with here.
const OTHER: &str = "00000000000000000000000003";
/// The request for an opinion that every application of the test has.
const INQUIRY: &str = "0000000000000000000000005Q";

/// The request to withdraw of an application that has one.
const REQUEST: &str = "0000000000000000000000005R";

/// Forms that come as `multipart/form-data`.
const WITH_FILES: [&str; 3] = ["/result", "/result/preview", "/messages"];

fn rules() -> Rules {
    Rules::new(&[Stage::Accept, Stage::Review, Stage::Notify], WithdrawUntil::Decided)
}

/// Whether the role gets through to the route at all.
fn passes(row: &Row, role: usize) -> bool {
    let found = TABLE.iter().find(|one| (one.0, one.1) == (row.method, row.path));
    found.is_some_and(|one| one.2[role])
}

/// What the answer must be: the guard of the route first, then the department, then the state.
fn expected(row: &Row, role: usize, own: bool, state: State) -> StatusCode {
    match (passes(row, role), own, row.when.holds(state)) {
        (false, _, _) => StatusCode::FORBIDDEN,
        (true, false, _) => StatusCode::NOT_FOUND,
        (true, true, false) => StatusCode::CONFLICT,
        (true, true, true) if row.method == "GET" || row.path.ends_with("/preview") => {
            StatusCode::OK
        }
        (true, true, true) => StatusCode::SEE_OTHER,
    }
}

/// NF-34, NF-38: every route of an application has a row, every event that staff can cause has one,
/// and every role has an account that tries them.
#[test]
fn every_route_of_an_application_and_every_event_has_a_row() {
    let routes = lgwan_zone_web::routes::routes();
    let routes: BTreeSet<(String, &str)> = routes
        .iter()
        .filter(|route| route.path.starts_with(UNDER))
        .map(|route| (route.method.to_string(), route.path))
        .collect();
    let rows: BTreeSet<(String, &str)> =
        ROWS.iter().map(|row| (row.method.to_owned(), row.path)).collect();
    assert_eq!(routes, rows);
    for event in Event::ALL {
        let taken = |row: &Row| match row.when {
            When::Takes(of) => row.method == "POST" && of == event,
            When::Reopens => row.method == "POST" && event == Event::Reopen,
            When::Always | When::Undecided | When::Open => false,
        };
        assert!(ROWS.iter().any(taken), "no route leads to {event}");
    }
    assert_eq!(Role::ALL.len(), ROLES.len());
}

/// The applications of the test.
struct Tried {
    online: String,
    entered: String,
    file: String,
    document: String,
}

impl Tried {
    fn id(&self, kind: Kind) -> &str {
        match kind {
            Kind::Entered => &self.entered,
            Kind::Online | Kind::Proposed | Kind::Unproposed | Kind::Unasked | Kind::Wanted => {
                &self.online
            }
        }
    }

    fn address(&self, row: &Row) -> String {
        let file = if row.path.contains("/documents/") { &self.document } else { &self.file };
        let path = row.path.replace("{id}", self.id(row.kind));
        path.replace("{file}", file).replace("{inquiry}", INQUIRY)
    }

    /// Puts the application into a state at a department, as if nothing had happened to it yet.
    fn placed(&self, (kind, state): (Kind, State), department: &str) -> Vec<String> {
        let id = self.id(kind);
        let stages = i32::from(matches!(kind, Kind::Proposed | Kind::Unproposed));
        let settled = kind == Kind::Unasked || !When::Undecided.holds(state);
        let inquiry = if settled { "over" } else { "asked" };
        // The day of a correction is over: it can be made 期限切れ.
        let due = if state.waits_for_applicant() { "'2026-11-01'" } else { "null" };
        let mut all = vec![
            format!(
                "update applications set state = '{}', version = 1, department_id = '{department}', \
                 approvals = {stages}, due = {due} where id = '{id}'",
                state.key()
            ),
            format!("delete from corrections where application_id = '{id}'"),
            format!("delete from approval_desks where application_id = '{id}'"),
            format!("delete from approvals where application_id = '{id}'"),
            format!("delete from decisions where application_id = '{id}'"),
            format!("delete from payments where application_id = '{id}'"),
            format!("delete from withdrawal_requests where application_id = '{id}'"),
            format!("delete from inquiry_lines where application_id = '{id}'"),
            format!("delete from inquiry_lines where inquiry_id = '{INQUIRY}'"),
            format!("delete from inquiries where application_id = '{id}' or id = '{INQUIRY}'"),
            format!(
                "insert into inquiries (id, application_id, department_id, state, turns, question, \
                 due, fields, files, named, asked_at, asked_by, asked_by_name) values \
                 ('{INQUIRY}', '{id}', '{OTHER}', '{inquiry}', 0, '意見', '2026-12-01', '[]', '[]', \
                 false, 0, 'x', 'x')"
            ),
        ];
        if kind == Kind::Wanted {
            all.push(format!(
                "insert into withdrawal_requests (id, application_id, reason, asked_at, state) \
                 values ('{REQUEST}', '{id}', '不要になった', 0, 'open')"
            ));
        }
        if kind == Kind::Proposed && state == State::Reviewing {
            all.push(format!(
                "insert into decisions (application_id, round, event, words, state, stage, version, \
                 proposed_at, proposed_by, proposed_by_name) values \
                 ('{id}', 1, 'notify', '', 'open', 0, 1, 0, 'x', 'x')"
            ));
        }
        all
    }
}

async fn runs(desk: &Desk, statements: Vec<String>) {
    let done = desk.store.write(move |tx| {
        for statement in &statements {
            diesel::sql_query(statement).execute(tx.db)?;
        }
        Ok(())
    });
    done.await.expect("it is placed");
}

/// One application through the whole way, so that it has a file and a document, and one from paper.
async fn tried(desk: &Desk) -> Tried {
    let sent = desk.submission(("山田", "花子"), &[Sent::Picture("免許証.png")]).await;
    let file = sent.message.parts[0].attachment_id.to_string();
    let online = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let sent = desk.submission(("鈴木", "一郎"), &[]).await;
    let entered = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let third = format!(
        "insert into departments (id, code, name, phone) values ('{OTHER}', 'kankyo', '環境課', '')"
    );
    runs(desk, vec![third]).await;
    let mut tried = Tried { online, entered, file, document: String::new() };
    runs(desk, tried.placed((Kind::Online, State::Reviewing), CITIZENS)).await;
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{}", tried.online);
    let form = format!("{page}/result");
    let fields = [SEEN, ("kind", "designed"), ("title", "通知書"), ("body", "決定しました。")];
    let told = clerk.upload(&form, &form, &fields, None).await;
    assert_eq!(told.status, 303, "{}", told.text());
    let shown = clerk.get(&page).await.text();
    let link = shown.split("/documents/").nth(1).and_then(|rest| rest.split('"').next());
    tried.document = link.expect("a document").to_owned();
    let paper = format!(
        "insert into desk_entries (application_id, channel, entered_at, staff_id, staff_name) \
         values ('{}', 'counter', 0, 'x', 'x')",
        tried.entered
    );
    runs(desk, vec![paper]).await;
    tried
}

async fn asks(browser: &Browser, token: &str, row: &Row, path: &str) -> (StatusCode, String) {
    let with_files = WITH_FILES.iter().any(|end| row.path.ends_with(end));
    let answer = match (row.method, with_files) {
        ("GET", _) => browser.get(path).await,
        (_, true) => browser.upload_with(token, path, row.fields).await,
        (_, false) => browser.post_with(token, path, row.fields).await,
    };
    (answer.status, answer.text())
}

/// NF-34, NF-38, NF-39: what every role gets from every page and step of an application in every
/// state is what the authorization function and the state machine say; another department's
/// application is not there.
#[tokio::test(flavor = "multi_thread")]
async fn every_role_gets_from_every_route_in_every_state_what_the_tables_say() {
    let desk = Desk::open().await;
    desk.publishes_with(|one| {
        one["workflow"]["approvals"] =
            serde_json::json!([{"title": "係長", "staff": ["uketsuke", "tetsuzuki"]}]);
        one["staff_fields"] = serde_json::json!([
            {"id": "shelf", "label": "書庫の番号", "kind": {"type": "text", "max": 5}}]);
    })
    .await;
    let tried = tried(&desk).await;
    let mut people = Vec::new();
    for login_id in ROLES {
        let browser = desk.logged_in(login_id).await;
        let token = browser.token("/account/password").await;
        people.push((login_id, browser, token));
    }
    let mut wrong = Vec::new();
    for row in ROWS {
        let path = tried.address(row);
        for (state, department) in
            State::ALL.into_iter().flat_map(|state| [(state, CITIZENS), (state, CHILDREN)])
        {
            let own = department == CITIZENS;
            runs(&desk, tried.placed((row.kind, state), department)).await;
            for (role, (login_id, browser, token)) in people.iter().enumerate() {
                let (status, text) = asks(browser, token, row, &path).await;
                let wanted = expected(row, role, own, state);
                if status != wanted {
                    let of = format!("{login_id} {} {} {state}", row.method, row.path);
                    let words: String = text.chars().take(300).collect();
                    wrong.push(format!("{of} own={own}: {status}, not {wanted}: {words}"));
                }
                if status == StatusCode::SEE_OTHER {
                    runs(&desk, tried.placed((row.kind, state), department)).await;
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    desk.closes().await;
}

/// Where the tables are written down for those who read no Rust.
const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/rights.md");

/// NF-38: `docs/rights.md` says what the tables say.
#[test]
fn the_document_of_rights_says_what_the_tables_say() {
    let text = document();
    if std::env::var_os("MADOGUCHI_RIGHTS").is_some() {
        std::fs::write(DOCUMENT, &text).expect("written");
    }
    let held = std::fs::read_to_string(DOCUMENT).unwrap_or_default();
    let differs = held.lines().zip(text.lines()).find(|(held, text)| held != text);
    assert!(
        held == text,
        "docs/rights.md is out of date: run this test with MADOGUCHI_RIGHTS=write. {differs:?}"
    );
}

fn document() -> String {
    let roles = Role::ALL.map(|role| TEXTS.get(&format!("identity.role.{}", role.key())));
    let roles = roles.map(|words| words.expect("every role has words"));
    let mut text = "# 権限の一覧\n\n\
        Written by the test `the_document_of_rights_says_what_the_tables_say` (`lgwan-zone/tests/staff/matrix.rs`), run with \
        `MADOGUCHI_RIGHTS=write`; not edited by hand. The same tables are tried over HTTP.\n"
        .to_owned();
    // Writing to a String cannot fail.
    text.push_str("\n## 役割と対象\n\n何に対して何をしてよいかを、一つの関数(`domain::identity::authorize`)が決めます。書いていないことはできません。\n\n");
    let _ = writeln!(text, "| 対象 | {} |", roles.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(roles.len()));
    for (name, object) in objects() {
        let cells = Role::ALL.map(|role| allowed(role, &object));
        let _ = writeln!(text, "| {name} | {} |", cells.join(" | "));
    }
    text.push_str("\n## 役割と経路\n\n○は通り、–は403です。申請や手続など対象のある経路は、通った後に対象ごとに上の表で決めます。\n\n");
    let _ = writeln!(text, "| 経路 | {} |", roles.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(roles.len()));
    for (method, path, allowed) in TABLE {
        let cells = allowed.map(|yes| if yes { "○" } else { "–" });
        let _ = writeln!(text, "| {method} `{path}` | {} |", cells.join(" | "));
    }
    for (method, path) in OPEN {
        let cells = ["ログイン不要"; ROLES.len()];
        let _ = writeln!(text, "| {method} `{path}` | {} |", cells.join(" | "));
    }
    by_state(&mut text, roles);
    text
}

/// The pages and steps of an application by its state.
fn by_state(text: &mut String, roles: [&str; ROLES.len()]) {
    text.push_str(
        "\n## 役割と申請の状態と経路\n\n○は開く・できる、409はその状態ではできないことを言う答えです。\
         ほかの課の申請は、通る役割にも404です(ないものと同じ)。\n\n",
    );
    let states = State::ALL.map(|state| TEXTS.get(&format!("audit.word.{}", state.key())));
    let states = states.map(|words| words.expect("every state has words"));
    let _ = writeln!(text, "| 経路 | 申請 | {} | {} |", roles.join(" | "), states.join(" | "));
    let _ = writeln!(text, "|---|---|{}", "---|".repeat(roles.len() + states.len()));
    for row in ROWS {
        let passing = [0, 1, 2, 3].map(|role| if passes(row, role) { "○" } else { "403" });
        let cells = State::ALL.map(|state| if row.when.holds(state) { "○" } else { "409" });
        let kind = match row.kind {
            Kind::Online => "オンライン",
            Kind::Entered => "職員が入力したもの",
            Kind::Proposed => "決裁のあるもの(決裁待ち)",
            Kind::Unproposed => "決裁のあるもの",
            Kind::Unasked => "意見照会の終わったもの",
            Kind::Wanted => "取下げの申出のあるもの",
        };
        let event = match row.when {
            When::Takes(event) if row.path.ends_with("/propose") => format!(" {event}"),
            When::Takes(_) | When::Always | When::Undecided | When::Open | When::Reopens => {
                String::new()
            }
        };
        let _ = writeln!(
            text,
            "| {} `{}`{event} | {kind} | {} | {} |",
            row.method,
            row.path,
            passing.join(" | "),
            cells.join(" | ")
        );
    }
}

/// What a role may do to an object, by the names of the code.
fn allowed(role: Role, object: &Object) -> String {
    let own = DepartmentId::parse(CITIZENS).expect("an id");
    let actor = Actor::Staff(Staff::new(StaffId::from_bits(1), role, [(own, None)]));
    let allowed = Action::ALL.into_iter().filter(|one| authorize(&actor, *one, object).is_ok());
    let names: Vec<String> = allowed.map(|action| format!("{action:?}")).collect();
    if names.is_empty() { "–".to_owned() } else { names.join("<br>") }
}

/// Everything staff may meet, of an own department and of another one.
fn objects() -> Vec<(String, Object)> {
    let mut all = Vec::new();
    for (whose, id) in [("所属の", CITIZENS), ("ほかの課の", CHILDREN)] {
        let department = || DepartmentId::parse(id).expect("an id");
        let application = Object::Application {
            id: ApplicationId::from_bits(5),
            owner: Owner::Bearer,
            department: department(),
        };
        all.extend([
            (format!("{whose}申請"), application),
            (format!("{whose}申請の一覧"), Object::Inbox { department: department() }),
            (format!("{whose}意見照会"), Object::Inquiry { department: department() }),
            (format!("{whose}手続"), Object::Definition { department: department() }),
            (
                format!("{whose}職員だけが申請できる手続"),
                Object::Internal { staff_of: vec![department()] },
            ),
        ]);
    }
    let published = Object::Procedure { listing: Listing::Public, invited: false };
    let own = |of| Object::Application {
        id: ApplicationId::from_bits(6),
        owner: Owner::Staff(StaffId::from_bits(of)),
        department: DepartmentId::parse(CHILDREN).expect("an id"),
    };
    let desk = |of| Object::Application {
        id: ApplicationId::from_bits(6),
        owner: Owner::Colleague(StaffId::from_bits(of)),
        department: DepartmentId::parse(CITIZENS).expect("an id"),
    };
    let draft = |of| Object::Draft { owner: Owner::Staff(StaffId::from_bits(of)) };
    all.extend([
        ("自分の庁内の申請".to_owned(), own(1)),
        ("ほかの職員の、ほかの課への庁内の申請".to_owned(), own(2)),
        ("所属の課で見る、自分の庁内の申請".to_owned(), desk(1)),
        ("所属の課で見る、ほかの職員の庁内の申請".to_owned(), desk(2)),
        ("自分の庁内の申請の入力".to_owned(), draft(1)),
        ("ほかの職員の庁内の申請の入力".to_owned(), draft(2)),
        ("公開した手続".to_owned(), published),
        ("自分のアカウント".to_owned(), Object::StaffAccount(StaffId::from_bits(1))),
        ("ほかの職員のアカウント".to_owned(), Object::StaffAccount(StaffId::from_bits(2))),
        ("職員と組織".to_owned(), Object::StaffList),
        ("操作の記録".to_owned(), Object::AuditLog),
        ("連携と出力".to_owned(), Object::Operations),
        ("保存期間".to_owned(), Object::Retention),
    ]);
    all
}
