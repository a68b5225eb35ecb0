//! 組織改正: departments, staff, procedures and applications move together on a day.

use domain::forms::definition::Procedure;
use jiff::SignedDuration;
use lgwan_zone::commands::publish;
use lgwan_zone::reforms::{take_effect, tell};
use lgwan_zone::rosters::take_over;
use lgwan_zone_store::By;
use lgwan_zone_store::api::keys;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::labels::{self, Label};
use lgwan_zone_store::identity::{departments, reforms, staff};
use lgwan_zone_store::post::Office;
use lgwan_zone_store::procedures;
use platform_service::halts::Halts;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::city::{self, CHILDREN, CITIZENS, COPY};
use crate::desk::Desk;

const REFORMS: &str = "/staff/reforms";
/// A second procedure of 市民課; some of its answers go to こども課.
const MOVING: &str = "00000000000000000000000012";
const HEAD: &str = "区分,所属コード,名称,電話番号,場所,引継先,手続\n";

async fn hands_in(browser: &Browser, lines: &str) -> Answer {
    let text = format!("{HEAD}{lines}");
    let file = Some(("file", "組織改正.csv", text.as_bytes()));
    browser.upload(REFORMS, REFORMS, &[], file).await
}

async fn waits(browser: &Browser, path: &str, day: &str) -> Answer {
    browser.post(path, path, &[("do", "wait"), ("day", day)]).await
}

pub(crate) fn office(desk: &Desk) -> Office {
    let keys = bridge_contract::keys::KeyFolder::open(&desk.config.folders.keys).expect("keys");
    Office::open(keys.live(), desk.clock.clone()).expect("lane keys")
}

async fn has_happened(desk: &Desk) -> bool {
    take_effect(&desk.store, &office(desk), &desk.clock).await.expect("looked")
}

/// The second procedure; answers of one kind go to こども課.
async fn publishes_the_other(desk: &Desk) {
    let mut definition = city::definition(&["accept"]);
    definition["id"] = json!(MOVING);
    definition["slug"] = json!("hikkoshi");
    definition["title"] = json!("転居の届出");
    definition["routing"] = json!([{"when": "kind == 'part'", "department": CHILDREN}]);
    let file = desk.file("other.json", &definition.to_string());
    publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await.expect("published");
}

async fn arrives(desk: &Desk, family: &str) -> String {
    let sent = desk.submission((family, "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    format!("/applications/{id}")
}

async fn newest(desk: &Desk, id: &'static str) -> (String, i32, Procedure) {
    desk.store
        .read(move |db| {
            let row = procedures::find(db, id)?.expect("published");
            let newest = procedures::revision(db, id, row.revision)?.expect("published");
            let read = Procedure::from_json(newest.document.as_bytes()).expect("a definition");
            Ok((row.department_id, row.revision, read))
        })
        .await
        .expect("readable")
}

async fn id_of(desk: &Desk, code: &'static str) -> String {
    let found = desk.store.read(move |db| departments::by_code(db, code)).await.expect("readable");
    found.expect("a department").id
}

on_both_databases!(
    /// NB-6.5, NF-38: who goes along with a reform has at the heir the role that was named for the
    /// department that went.
    a_role_of_a_department_goes_along,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let admin = desk.logged_in("kanri").await;
        let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,shimin/kodomo=手続管理者\n";
        let file = Some(("file", "名簿.csv", list.as_bytes()));
        let path = admin.upload("/staff/rosters", "/staff/rosters", &[], file).await.location();
        assert_eq!(admin.post(&path, &path, &[("do", "apply")]).await.status, 303);
        let lines = "新設,mirai,こども未来課,,,,\n廃止,kodomo,,,,mirai,\n";
        let path = hands_in(&admin, lines).await.location();
        assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303);
        desk.clock.advance(SignedDuration::from_hours(14));
        assert!(has_happened(&desk).await);
        let account = desk.logged_in("uketsuke").await.get("/account").await.text();
        assert!(account.contains("こども未来課(手続管理者)"), "{account}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-6.5: on its day a reform moves departments, staff, procedures and applications together:
    /// what was open goes on at the new desk, what was decided keeps the old name, what was sent
    /// before arrives where it belongs today, and it happens once.
    a_reform_moves_everything_on_its_day,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        publishes_the_other(&desk).await;
        let (open, decided) = (arrives(&desk, "山田").await, arrives(&desk, "佐藤").await);
        let late = desk.submission(("田中", "花子"), &[]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let refused = [("seen", "1"), ("reason", "あて先が違います")];
        let answer = clerk.post(&format!("{decided}/refuse"), &format!("{decided}/refuse"), &refused).await;
        assert_eq!(answer.status, 303, "{}", answer.text());

        let id = open.trim_start_matches("/applications/").to_owned();
        let label = Label {
            id: platform_service::ids::new(&desk.clock),
            department_id: CITIZENS.to_owned(),
            name: "至急".to_owned(),
            colour: "red".to_owned(),
            made_at: 0,
            made_by: desk.store.read(|db| staff::by_login(db, "tetsuzuki")).await.expect("readable").expect("there").id,
            ended_at: None,
        };
        let (by, put) = (By::cli(desk.clock.now()), label.clone());
        let labelled = desk.store.write(move |tx| {
            labels::make(tx, &by, &put)?;
            let row = file::row(tx.db, &id)?.expect("there");
            labels::put(tx, &by, &row, &put)
        });
        assert_eq!(labelled.await.expect("written"), labels::Put::Done);

        let admin = desk.logged_in("kanri").await;
        let key = |id: &str, procedures: &str| keys::Key {
            id: id.to_owned(),
            name: format!("業務システム{id}"),
            purpose: "連携".to_owned(),
            scopes: "[]".to_owned(),
            departments: json!([CITIZENS]).to_string(),
            procedures: procedures.to_owned(),
            networks: "[]".to_owned(),
            per_minute: 60,
            secret_hash: id.repeat(64),
            made_at: 0,
            made_by: "s".to_owned(),
            expires_at: i64::MAX,
            revoked_at: None,
            revoked_by: None,
            used_at: None,
            used_from: None,
            released_at: Some(0),
            released_by: None,
            shown_at: Some(0),
        };
        let (all, one) = (key("a", "[]"), key("b", &json!([MOVING]).to_string()));
        let by = By::cli(desk.clock.now());
        let made = desk.store.write(move |tx| Ok((keys::make(tx, &by, &all)?, keys::make(tx, &by, &one)?)));
        assert_eq!(made.await.expect("written"), (true, true));
        let lines = "新設,mirai,こども未来課,000-000-0009,2階,,\n\
            新設,madoguchi,市民窓口課,,,,\n\
            移管,shimin,,,,mirai,juminhyo\n\
            廃止,shimin,,,,madoguchi,\n廃止,kodomo,,,,mirai,\n";
        let path = hands_in(&admin, lines).await.location();
        let page = admin.get(&path).await.text();
        for words in [
            "こども未来課",
            "市民窓口課",
            "住民票の写しの請求",
            "処理中の申請1件、終わった申請1件",
            "手続1件、職員3人",
            "<li>業務システムa</li><li>業務システムb</li>",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,mirai\n";
        let file = Some(("file", "異動.csv", list.as_bytes()));
        let roster = admin.upload(&path, &format!("{path}/roster"), &[], file).await.location();
        let alone = admin.post(&roster, &roster, &[("do", "apply")]).await;
        assert_eq!(alone.status, 409, "the list goes with the reform: {}", alone.text());
        assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303);
        assert!(!has_happened(&desk).await, "its day has not come");
        assert_eq!(clerk.get(&open).await.status, 200);

        desk.clock.advance(SignedDuration::from_hours(14));
        has_happened(&desk).await;
        assert!(!has_happened(&desk).await, "once");
        let page = desk.logged_in("kanri").await.get(&path).await.text();
        assert!(page.contains("反映済み") && page.contains("終わった申請1件"), "{page}");

        let moved = desk.logged_in("uketsuke").await;
        let account = moved.get("/account").await.text();
        assert!(account.contains("こども未来課") && !account.contains("市民窓口課"), "{account}");
        let page = moved.get(&open).await.text();
        assert!(page.contains("前の担当部署: 市民課"), "{page}");
        assert!(page.contains("組織改正で、担当の部署が変わりました"), "{page}");
        assert!(page.contains("市民課 → こども未来課"), "{page}");
        let ours = id_of(&desk, "mirai").await;
        let all = desk.store.read(move |db| labels::of_departments(db, &[ours])).await;
        let all = all.expect("readable");
        assert_eq!(all.len(), 1, "the label goes along");
        let narrowed = moved.get(&format!("/inbox?label={}", all[0].id)).await.text();
        assert!(narrowed.contains("山田") && !narrowed.contains("佐藤"), "{narrowed}");
        let page = moved.get(&decided).await.text();
        assert!(page.contains("決定したときの部署: 市民課"), "{page}");
        let answer = moved.post(&open, &format!("{open}/accept"), &[("seen", "1")]).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let stayed = desk.logged_in("shinsa").await;
        assert_eq!(stayed.get(&open).await.status, 404, "who went to the other department");
        let name = stayed.get("/account").await.text();
        assert!(name.contains("市民窓口課"), "{name}");

        let (mirai, madoguchi) = (id_of(&desk, "mirai").await, id_of(&desk, "madoguchi").await);
        let (owner, revision, copy) = newest(&desk, COPY).await;
        assert_eq!((owner.as_str(), revision, copy.department.as_str()), (mirai.as_str(), 2, mirai.as_str()));
        let (owner, _, other) = newest(&desk, MOVING).await;
        assert_eq!((owner.as_str(), other.department.as_str()), (madoguchi.as_str(), madoguchi.as_str()));
        assert_eq!(other.routing[0].department.as_str(), mirai, "answers lead to who took over");
        let reach = desk.store.read(|db| {
            let of = |key: Option<keys::Key>| key.expect("there").departments;
            Ok((of(keys::find(db, "a")?), of(keys::find(db, "b")?)))
        });
        let (all, one) = reach.await.expect("readable");
        assert_eq!(all, json!([mirai, madoguchi]).to_string(), "both who took something over");
        assert_eq!(one, json!([madoguchi]).to_string(), "its procedure went there");

        let id = late.message.message.application().expect("a submission").clone();
        desk.arrives(late).await.expect("taken in, although it names the old department");
        assert_eq!(moved.get(&format!("/applications/{id}")).await.status, 200);
        let inbox = moved.get("/inbox").await.text();
        assert!(inbox.contains("田中") && inbox.contains("山田"), "{inbox}");
        let told = desk.store.read(departments::told).await.expect("readable");
        let old = told.iter().find(|one| one.id == CITIZENS).expect("still told of");
        assert_eq!(old.name, "市民窓口課", "citizens read whom to ask today");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-6.5, NB-2.1: whose staff may apply follows a department that goes as a whole, and nothing else: a
    /// procedure that is handed on is still for the staff it was for.
    whose_staff_may_apply_follows_a_reform,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["listing"] = json!("internal");
            one["staff_of"] = json!([CHILDREN, CITIZENS]);
        })
        .await;
        let admin = desk.logged_in("kanri").await;
        let lines = "新設,mirai,こども未来課,,,,\n移管,shimin,,,,mirai,juminhyo\n廃止,kodomo,,,,mirai,\n";
        let path = hands_in(&admin, lines).await.location();
        assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303);
        desk.clock.advance(SignedDuration::from_hours(14));
        assert!(has_happened(&desk).await);
        let mirai = id_of(&desk, "mirai").await;
        let (owner, revision, form) = newest(&desk, COPY).await;
        let staff_of: Vec<&str> = form.staff_of.iter().map(|one| one.as_str()).collect();
        assert_eq!((owner.as_str(), revision), (mirai.as_str(), 2));
        assert_eq!(staff_of, [mirai.as_str(), CITIZENS]);
        for login_id in ["kodomo", "shinsa"] {
            let staff = desk.logged_in(login_id).await;
            let page = staff.get("/internal").await.text();
            assert!(page.contains("住民票の写しの請求"), "{login_id}: {page}");
        }
        desk.closes().await;
    }
);

/// NB-6.5: nothing may be nobody's: a department that has something needs one that takes it over,
/// also on the day itself, when it got something new; then nothing at all happens, and it is an alarm until
/// somebody has decided on it.
#[tokio::test(flavor = "multi_thread")]
async fn what_would_be_nobodys_stops_a_reform() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let path = hands_in(&admin, "廃止,kodomo,,,,,\n").await.location();
    let page = admin.get(&path).await.text();
    assert!(page.contains("引継先が決まっていない") && page.contains("職員1人"), "{page}");
    assert!(!page.contains("name=\"day\""), "no day can be chosen");
    let answer = waits(&admin, &path, "2026-11-21").await;
    assert_eq!(answer.status, 422);

    let list = "職員番号,氏名,所属\nkodomo,児童 五月,shimin\n";
    let file = Some(("file", "異動.csv", list.as_bytes()));
    let roster = admin.upload("/staff/rosters", "/staff/rosters", &[], file).await.location();
    assert_eq!(admin.post(&roster, &roster, &[("do", "apply")]).await.status, 303);
    assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303, "it has nothing any more");
    desk.publishes_with(|definition| {
        definition["routing"] = json!([{"when": "kind == 'all'", "department": CHILDREN}]);
    })
    .await;
    arrives(&desk, "山田").await;
    desk.clock.advance(SignedDuration::from_hours(14));
    assert!(!has_happened(&desk).await);
    let admin = desk.logged_in("kanri").await;
    let page = admin.get(&path).await.text();
    assert!(page.contains("反映できず中止") && page.contains("処理中の申請1件"), "{page}");
    let open = desk.store.read(departments::all).await.expect("readable");
    assert!(open.iter().any(|one| one.id == CHILDREN), "nothing happened");
    let halts = Halts::default();
    tell(&desk.store, &halts).await.expect("told");
    let needs = halts.warnings();
    assert_eq!(needs.len(), 1, "{needs:?}");
    assert_eq!((needs[0].code, needs[0].detail.as_str()), ("reform_blocked", "2026-11-21"));
    assert_eq!(admin.post(&path, &path, &[("do", "drop")]).await.status, 303);
    tell(&desk.store, &halts).await.expect("told");
    assert_eq!(halts.warnings(), [], "given up");
    desk.closes().await;
}

/// NB-6.5: a file is taken whole or not at all, each wrong line named; a day must lie ahead and have
/// no other reform; a reform can be given up until its day and never twice.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_reform_is_told_and_changes_nothing() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let lines =
        "廃止,shimin,,,,kodomo,\n廃止,kodomo,,,,shimin,\n統合,shimin,,,,,\n廃止,nani,,,,,\n";
    let answer = hands_in(&admin, lines).await;
    assert_eq!(answer.status, 422);
    for words in [
        "直すところが4か所",
        "2行目: 引継先「kodomo」をたどると、元の部署に戻ります",
        "3行目: 引継先「shimin」をたどると",
        "4行目: 区分「統合」は使えません",
        "5行目: 「nani」という所属コードの部署はありません",
    ] {
        assert!(answer.text().contains(words), "{words}: {}", answer.text());
    }
    assert!(!admin.get(REFORMS).await.text().contains("これまでの組織改正"), "nothing is kept");

    let one = hands_in(&admin, "変更,shimin,市民窓口課,,,,\n").await.location();
    for day in ["2026-11-20", "2026-11-19", "", "2026-13-01"] {
        let answer = waits(&admin, &one, day).await;
        assert_eq!(answer.status, 422, "{day}");
        assert!(answer.text().contains("明日以降の日"), "{}", answer.text());
    }
    assert_eq!(waits(&admin, &one, "2026-12-01").await.status, 303);
    let two = hands_in(&admin, "変更,kodomo,こども未来課,,,,\n").await.location();
    let answer = waits(&admin, &two, "2026-12-01").await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("別の組織改正が予約されています"), "{}", answer.text());
    assert_eq!(admin.post(&one, &one, &[("do", "drop")]).await.status, 303);
    assert_eq!(waits(&admin, &two, "2026-12-01").await.status, 303, "the day is free again");
    assert_eq!(admin.post(REFORMS, &one, &[("do", "drop")]).await.status, 409, "given up once");
    desk.clock.advance(SignedDuration::from_hours(14 * 24));
    has_happened(&desk).await;
    let names: Vec<String> = desk
        .store
        .read(departments::all)
        .await
        .expect("readable")
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["市民課", "こども未来課"], "only the one that waited");
    let clerk = desk.logged_in("uketsuke").await;
    assert_eq!(clerk.get(REFORMS).await.status, 403);
    desk.closes().await;
}

/// NB-6.5: a reform that waits for its day stands on the page of reforms, whatever is handed in later.
#[tokio::test(flavor = "multi_thread")]
async fn a_reform_that_waits_stays_on_the_page() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let lines = "変更,kodomo,子ども課,,,,\n";
    let path = hands_in(&admin, lines).await.location();
    assert_eq!(waits(&admin, &path, "2026-11-25").await.status, 303);
    let mut later = Vec::new();
    for _ in 0..21 {
        desk.clock.advance(SignedDuration::from_secs(1));
        later.push(hands_in(&admin, lines).await.location());
    }
    let page = admin.get(REFORMS).await.text();
    let shown = |path: &str| page.contains(&format!("href=\"{path}\""));
    assert!(shown(&path) && page.contains("反映日待ち"), "{page}");
    assert!(!shown(&later[0]) && shown(&later[1]), "of the others the newest 20: {page}");
    desk.closes().await;
}

/// NB-6.5: a department that is gone gets no new procedure; a procedure that was closed opens again
/// where it belongs today.
#[tokio::test(flavor = "multi_thread")]
async fn a_department_that_is_gone_gets_nothing_new() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let at = format!("/procedures/{COPY}");
    assert_eq!(manager.post(&at, &format!("{at}/close"), &[]).await.status, 303);
    let admin = desk.logged_in("kanri").await;
    let path = hands_in(&admin, "廃止,shimin,,,,kodomo,\n").await.location();
    assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303);
    desk.clock.advance(SignedDuration::from_hours(14));
    has_happened(&desk).await;

    let mut definition = city::definition(&["accept"]);
    definition["id"] = json!(MOVING);
    definition["slug"] = json!("hikkoshi");
    let file = desk.file("other.json", &definition.to_string());
    let refused = publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await;
    assert!(refused.is_err(), "市民課 is gone");
    let manager = desk.logged_in("tetsuzuki").await;
    let (page, text) = ("/procedures/import", definition.to_string());
    let sent = manager.upload(page, page, &[("text", &text)], None).await;
    assert!(sent.location().ends_with("/own"), "it becomes a procedure of today's department");

    let (owner, revision, _) = newest(&desk, COPY).await;
    assert_eq!((owner.as_str(), revision), (CHILDREN, 1), "closed: nothing is published");
    let answer = manager.post(&at, &format!("{at}/reopen"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let (_, revision, again) = newest(&desk, COPY).await;
    assert_eq!((revision, again.department.as_str()), (2, CHILDREN));
    desk.closes().await;
}

/// NB-7.1, NB-6.5: a list of staff that waited while a reform abolished a department on it puts people into
/// the department that took over, once, with the role the list names there, and nobody back into the one that is
/// gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_waited_follows_a_reform() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let admin = desk.logged_in("kanri").await;
    let list = "職員番号,氏名,所属\n\
        uketsuke,受付 三郎,shimin=手続管理者/kodomo\n900001,新人 太郎,shimin=手続管理者\n";
    let (lists, file) = ("/staff/rosters", Some(("file", "異動.csv", list.as_bytes())));
    let waiting = admin.upload(lists, lists, &[], file).await.location();
    assert_eq!(waits(&admin, &waiting, "2026-11-22").await.status, 303);
    let path = hands_in(&admin, "廃止,shimin,,,,kodomo,\n").await.location();
    assert_eq!(waits(&admin, &path, "2026-11-21").await.status, 303);
    desk.clock.advance(SignedDuration::from_hours(14));
    has_happened(&desk).await;
    desk.clock.advance(SignedDuration::from_hours(24));
    take_over(&desk.store, &desk.clock).await.expect("taken over");
    for (login_id, role) in [("uketsuke", None), ("900001", Some("procedure_manager".to_owned()))] {
        let found = desk.store.read(move |db| {
            let person = staff::by_login(db, login_id)?.expect("an account");
            staff::memberships(db, &[person.id])
        });
        let found = found.await.expect("readable").into_iter();
        let found: Vec<(String, Option<String>)> = found.map(|(_, of, role)| (of, role)).collect();
        assert_eq!(found, [(CHILDREN.to_owned(), role)], "{login_id}");
    }
    desk.closes().await;
}

/// NB-6.5: what went to another department and came back is at home again; whoever still names an
/// old department finds the one of today in one step.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_handed_on_comes_back() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let late = desk.submission(("田中", "花子"), &[]).await;
    let steps = [
        ("移管,shimin,,,,kodomo,juminhyo\n", CHILDREN),
        ("新設,mirai,未来課,,,,\n移管,kodomo,,,,mirai,juminhyo\n", ""),
        ("廃止,mirai,,,,shimin,\n", CITIZENS),
    ];
    for (day, (lines, expected)) in (21..).zip(steps) {
        let admin = desk.logged_in("kanri").await;
        let path = hands_in(&admin, lines).await.location();
        assert_eq!(waits(&admin, &path, &format!("2026-11-{day}")).await.status, 303);
        desk.clock.advance(SignedDuration::from_hours(if day == 21 { 14 } else { 24 }));
        has_happened(&desk).await;
        let today = desk.store.read(|db| reforms::today(db, CITIZENS, COPY)).await;
        let (owner, ..) = newest(&desk, COPY).await;
        assert_eq!(today.expect("readable"), owner, "{lines}");
        assert!(expected.is_empty() || owner == expected, "{lines}");
    }
    let id = late.message.message.application().expect("a submission").clone();
    desk.arrives(late).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    assert_eq!(clerk.get(&format!("/applications/{id}")).await.status, 200);
    desk.closes().await;
}
