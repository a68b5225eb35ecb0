//! 保存期間: proposed by one person, approved by another, deleted at night, with what is left of it.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use bridge_contract::digest::Digest;
use bridge_contract::keys::KeyFolder;
use bridge_contract::messages::{EventsTold, ToldEvent};
use diesel::RunQueryDsl as _;
use domain::ids::AccountId;
use domain::retention::Class;
use jiff::SignedDuration;
use lgwan_zone::commands::verify_audit;
use lgwan_zone::retention::Keeper;
use lgwan_zone_store::By;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::steps::{self, Hop, Step, Taken};
use lgwan_zone_store::audit::{self, Subject, Verdict, leaving};
use lgwan_zone_store::post::Office;
use lgwan_zone_store::retention::deletion::{self, Piece};
use lgwan_zone_store::retention::rules::{self, Moved, New};
use lgwan_zone_store::retention::{self, CheckpointKey, Graves};
use platform_service::config::Within;
use platform_service::shutdown::Shutdown;
use platform_store::files::Files;
use platform_testkit::on_both_databases;

use crate::browser::{Answer, Browser};
use crate::city::COPY;
use crate::desk::{Desk, Sent, incoming};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A desk whose log is signed. Its own nights never come: the tests make them.
pub(crate) async fn keeping(url: &str) -> Desk {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("audit.key");
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
    std::fs::write(&path, pkcs8.as_ref()).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("set");
    Desk::on_with(url, folder, |config| {
        config.folders.checkpoint_key = Some(path);
        config.retention.hour = Within::new(23).expect("an hour");
    })
    .await
}

fn key(desk: &Desk) -> Arc<CheckpointKey> {
    let path = desk.config.folders.checkpoint_key.as_ref().expect("a key");
    Arc::new(CheckpointKey::from_pkcs8(&std::fs::read(path).expect("read")).expect("a key"))
}

fn office(desk: &Desk) -> Office {
    let keys = KeyFolder::open(&desk.config.folders.keys).expect("keys");
    Office::open(keys.live(), desk.clock.clone()).expect("lane keys")
}

fn keeper(desk: &Desk) -> Keeper {
    let files = Files::open(&desk.config.folders.files).expect("files");
    let (store, clock) = (desk.store.clone(), desk.clock.clone());
    let (office, posted) = (office(desk), Arc::new(|| {}));
    Keeper { store, files, clock, key: Some(key(desk)), office, posted, hour: 0 }
}

pub(crate) async fn night(desk: &Desk) -> i64 {
    keeper(desk).look(&Shutdown::new()).await.expect("it works")
}

/// An application that is over: `(id, number)`.
async fn ended(desk: &Desk, family: &str, files: &[Sent]) -> (String, String) {
    let sent = desk.submission((family, "花子"), files).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    let number = sent.message.arrival.clone().and_then(|one| one.number).expect("a number");
    desk.arrives(sent).await.expect("taken in");
    let (by, wanted) = (By::system(desk.clock.now()), id.clone());
    let taken = desk.store.write(move |tx| {
        let row = file::row(tx.db, &wanted)?.expect("it is there");
        let hop = Hop {
            act: "refuse_entry".to_owned(),
            actor: "system".to_owned(),
            actor_name: String::new(),
            from: Some(row.state),
            to: "refused_entry".to_owned(),
            words: "あて先が違います".to_owned(),
        };
        let step = Step {
            application: wanted,
            seen: row.version,
            hops: vec![hop],
            correction: None,
            documents: Vec::new(),
            messages: Vec::new(),
            days: domain::calendar::OfficeDays::default(),
            needs: Vec::new(),
            fee: 0,
        };
        steps::take(tx, &by, &step)
    });
    assert_eq!(taken.await.expect("written"), Taken::Done);
    (id, number)
}

async fn is_there(desk: &Desk, id: &str) -> bool {
    let id = id.to_owned();
    desk.store.read(move |db| file::row(db, &id)).await.expect("readable").is_some()
}

async fn proposes(browser: &Browser, class: &str, years: &str) -> Answer {
    let fields = [
        ("class", class),
        ("procedure", ""),
        ("years", years),
        ("months", ""),
        ("reason", "文書規程"),
    ];
    browser.post("/retention/new", "/retention/new", &fields).await
}

async fn presses(browser: &Browser, rule: &str, button: &str) -> Answer {
    browser.post("/retention/new", rule, &[("do", button)]).await
}

/// A rule in force without the pages.
async fn agreed(desk: &Desk, class: Class, months: u16) {
    let by = |person: &str| By { staff: person.to_owned(), ..By::system(desk.clock.now()) };
    let (one, other) = (by("one"), by("other"));
    let new = New {
        id: platform_service::ids::new(&desk.clock),
        class,
        procedure_id: String::new(),
        period: domain::retention::Period::of(class, months).expect("a period"),
        reason: "規程".to_owned(),
    };
    let done = desk.store.write(move |tx| {
        assert_eq!(rules::propose(tx, &one, &new)?, Moved::Done);
        assert_eq!(rules::approve(tx, &one, &new.id)?, Moved::SamePerson);
        rules::approve(tx, &other, &new.id)
    });
    assert_eq!(done.await.expect("written"), Moved::Done);
}

/// Files on the disk.
fn files(desk: &Desk) -> usize {
    let files = Files::open(&desk.config.folders.files).expect("files");
    let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1 << 35);
    let shelves = files.shelves().expect("readable");
    shelves.iter().map(|shelf| files.aged(shelf, later).expect("readable").len()).sum()
}

/// Messages that tell the citizens' zone what went.
async fn outbox(desk: &Desk) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let counted = desk.store.read(|db| {
        diesel::sql_query("select count(*) as items from outbox_items where kind = 44")
            .get_result::<Count>(db)
    });
    counted.await.expect("readable").items
}

async fn stones(desk: &Desk) -> i64 {
    let key = key(desk);
    match retention::verify(&desk.store, Some(key)).await.expect("readable") {
        Verdict::Whole { events, .. } => events,
        Verdict::Broken { seq, why } => panic!("{seq}: {why}"),
    }
}

on_both_databases!(
    /// IK-3.5.1a, NS-2: staff set after how long applications go; nobody approves what they
    /// proposed, the preview says what would go, and on a later night it goes with its files, but
    /// for what is held and what is not over.
    what_two_people_agreed_on_goes_at_night,
    |url: String| async move {
        let desk = keeping(&url).await;
        desk.publishes(&["accept"]).await;
        let gone = ended(&desk, "山田", &[Sent::Picture("証明.png")]).await;
        let held = ended(&desk, "佐藤", &[Sent::Picture("証明.png")]).await;
        let open = desk.submission(("田中", "花子"), &[Sent::Picture("証明.png")]).await;
        let open_id = open.message.message.application().expect("a submission").to_string();
        desk.arrives(open).await.expect("taken in");
        assert_eq!(files(&desk), 3);

        let admin = desk.logged_in("kanri").await;
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get("/retention").await.status, 403);
        let short = admin.get("/retention/new?class=staff_log&years=2&months=11").await;
        assert_eq!(short.status, 422);
        assert!(short.text().contains("3年より短くできません"), "{}", short.text());
        assert_eq!(proposes(&admin, "citizens_log", "2").await.status, 422);
        let early = admin.get("/retention/new?class=applications&years=1").await.text();
        assert!(early.contains("削除されるものはありません"), "{early}");
        let unsaid = [("class", "applications"), ("years", "1"), ("reason", " ")];
        let unsaid = admin.post("/retention/new", "/retention/new", &unsaid).await;
        assert_eq!(unsaid.status, 422, "{}", unsaid.text());

        let asked = proposes(&admin, "applications", "1").await;
        let rule = asked.location().split('?').next().unwrap_or_default().to_owned();
        assert_eq!(proposes(&admin, "applications", "2").await.status, 409, "one waits");
        let own = presses(&admin, &rule, "approve").await;
        assert_eq!(own.status, 403, "{}", own.text());
        assert!(own.text().contains("自分で承認することはできません"), "{}", own.text());
        let auditor = desk.logged_in("kansa").await;
        assert_eq!(presses(&auditor, &rule, "return").await.status, 422, "a return says why");
        assert_eq!(presses(&auditor, &rule, "approve").await.status, 303);
        assert_eq!(presses(&auditor, &rule, "approve").await.status, 409, "once");

        let page = format!("/applications/{}", held.0);
        let form = format!("{page}/hold");
        assert_eq!(clerk.post(&page, &form, &[("reason", "")]).await.status, 422);
        assert_eq!(clerk.post(&page, &form, &[("reason", "審査請求のため")]).await.status, 303);
        assert!(clerk.get(&page).await.text().contains("審査請求のため"));

        desk.clock.advance(DAY * 365);
        assert_eq!(night(&desk).await, 0, "the last day of the year");
        desk.clock.advance(DAY);
        let (admin, clerk) = (desk.logged_in("kanri").await, desk.logged_in("uketsuke").await);
        let shown = admin.get(&rule).await.text();
        for words in ["2件", "保存延長のため残すもの", &*gone.1, "住民票の写しの請求"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains(&held.1) && !shown.contains("山田"), "{shown}");

        let before = outbox(&desk).await;
        assert_eq!(night(&desk).await, 1);
        assert_eq!(outbox(&desk).await, before + 1, "the citizens' zone is told");
        assert_eq!(night(&desk).await, 0, "the night's work is done");
        assert!(!is_there(&desk, &gone.0).await);
        assert!(is_there(&desk, &held.0).await && is_there(&desk, &open_id).await);
        assert_eq!(files(&desk), 2);
        assert_eq!(clerk.get(&format!("/applications/{}", gone.0)).await.status, 404);
        let left = admin.get(&format!("/retention/tombstones?number={}&check=1", gone.1)).await.text();
        for words in [&*gone.1, "管理 一郎", "監査 六助", "1件すべての記録が、書かれたときのまま"] {
            assert!(left.contains(words), "{words}: {left}");
        }
        assert_eq!(stones(&desk).await, 1);
        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get(&format!("/audit?object={}", gone.1)).await.text();
        assert!(log.contains("保存期間を過ぎた申請の削除"), "{log}");
        let disclosed = auditor.get(&format!("/audit/disclosure?of={}", gone.1)).await.text();
        assert!(disclosed.contains("保存期間を過ぎた申請の削除"), "the log is left: {disclosed}");

        let unsaid = clerk.post(&page, &form, &[("do", "lift")]).await;
        assert_eq!(unsaid.status, 422, "an end needs its reason, too");
        let why = "訴訟が終わったため";
        assert_eq!(clerk.post(&page, &form, &[("do", "lift"), ("reason", why)]).await.status, 303);
        let log = auditor.get(&format!("/audit?object={}", held.1)).await.text();
        assert!(log.contains(why), "{log}");
        assert_eq!(presses(&admin, &rule, "stop").await.status, 303, "one person is enough");
        desk.clock.advance(DAY);
        assert_eq!(night(&desk).await, 0, "the rule was stopped");
        assert!(is_there(&desk, &held.0).await);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.1a: a procedure with a rule of its own goes by that rule; one whose rule was stopped
    /// does not fall back to the rule for all.
    a_procedure_s_own_rule_comes_first,
    |url: String| async move {
        let desk = keeping(&url).await;
        desk.publishes(&["accept"]).await;
        let one = ended(&desk, "山田", &[]).await;
        agreed(&desk, Class::Applications, 1).await;
        let admin = desk.logged_in("kanri").await;
        let own = [
            ("class", "applications"), ("procedure", COPY), ("years", "5"), ("reason", "永年に近い文書"),
        ];
        let rule = admin.post("/retention/new", "/retention/new", &own).await.location();
        let rule = rule.split('?').next().unwrap_or_default().to_owned();
        let auditor = desk.logged_in("kansa").await;
        assert_eq!(presses(&auditor, &rule, "approve").await.status, 303);
        desk.clock.advance(DAY * 60);
        assert_eq!(night(&desk).await, 0);
        let admin = desk.logged_in("kanri").await;
        assert_eq!(presses(&admin, &rule, "stop").await.status, 303);
        desk.clock.advance(DAY);
        assert_eq!(night(&desk).await, 0);
        assert!(is_there(&desk, &one.0).await);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.1a: a night that is killed in the middle goes on where it stopped. What was not
    /// committed stays whole; files whose rows are gone go the next time; every one of them has its
    /// tombstone, once.
    a_night_that_was_killed_goes_on,
    |url: String| async move {
        let desk = keeping(&url).await;
        desk.publishes(&["accept"]).await;
        let mut all = Vec::new();
        for _ in 0..60 {
            all.push(ended(&desk, "山田", &[Sent::Picture("証明.png")]).await);
        }
        agreed(&desk, Class::Applications, 1).await;
        desk.clock.advance(DAY * 40);
        let now = desk.clock.now();
        let parts = desk.store.read(move |db| deletion::parts(db, now)).await.expect("readable");
        let mut part = None;
        for one in parts {
            let look = one.clone();
            if desk.store.read(move |db| deletion::has_work(db, &look)).await.expect("readable") {
                part = Some(one);
            }
        }
        let part = part.expect("something to do");
        let (by, signing, mut broken) = (By::system(now), key(&desk), part.clone());
        let (tells, before) = (office(&desk), outbox(&desk).await);
        let undone = desk.store.write(move |tx| {
            let told = (&*signing, &|ids: &[_], at| tells.gone(ids, at));
            assert_eq!(deletion::piece(tx, &by, (told.0, told.1), &mut broken)?, Piece::Gone(50));
            Err::<(), _>(lgwan_zone_store::QueryError::RollbackTransaction)
        });
        assert!(undone.await.is_err(), "killed before the commit");
        assert_eq!(outbox(&desk).await, before, "nobody is told of what stays");
        assert_eq!((stones(&desk).await, files(&desk)), (0, 60));
        assert!(is_there(&desk, &all[0].0).await);

        let (by, signing, mut half) = (By::system(now), key(&desk), part);
        let tells = office(&desk);
        let piece = desk.store.write(move |tx| {
            let told = (&*signing, &|ids: &[_], at| tells.gone(ids, at));
            deletion::piece(tx, &by, (told.0, told.1), &mut half)
        });
        let piece = piece.await;
        assert_eq!(outbox(&desk).await, before + 1, "one message for fifty");
        assert_eq!(piece.expect("written"), Piece::Gone(50), "killed before the files went");
        assert_eq!((stones(&desk).await, files(&desk)), (50, 60));
        let mut left = 0;
        for (id, _) in &all {
            left += u8::from(is_there(&desk, id).await);
        }
        assert_eq!(left, 10);

        assert_eq!(night(&desk).await, 10);
        assert_eq!((stones(&desk).await, files(&desk)), (60, 0));
        for (id, number) in &all {
            assert!(!is_there(&desk, id).await);
            let which = Graves { label: Some(number.clone()), before: None };
            let found = desk.store.read(move |db| retention::tombstones(db, &which, 9)).await;
            assert_eq!(found.expect("readable").len(), 1, "{number}");
        }
        let nights = desk.store.read(|db| rules::newest_runs(db, 9)).await.expect("readable");
        assert_eq!(nights.iter().map(|night| night.2).sum::<i64>(), 60);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-43, IK-3.5.1a, ET-5.3b: both logs go after three years and not a day earlier; the check
    /// at the machine is content with what is left and names what went.
    logs_go_after_three_years_and_stay_verifiable,
    |url: String| async move {
        let desk = keeping(&url).await;
        let event = ToldEvent {
            at: desk.clock.now(),
            actor: "guest".to_owned(),
            session: String::new(),
            ip: "198.51.100.4".to_owned(),
            act: "applications.draft_begun".to_owned(),
            object: "draft:1".to_owned(),
            result: "ok".to_owned(),
            detail: String::new(),
        };
        let events = vec![event; 3];
        let told = EventsTold { first: 1, prev: Digest::ZERO, events };
        let told = incoming(900, told.into(), None, Vec::new(), Vec::new());
        desk.arrives(told).await.expect("taken in");
        desk.logged_in("kansa").await;
        let by = By::system(desk.clock.now());
        let noted = desk.store.write(move |tx| {
            leaving::begin(tx, &by, "a list", "utf8")?;
            let at = by.at.as_microsecond();
            diesel::sql_query(format!("insert into gone_applications values ('one', 'x', {at})"))
                .execute(tx.db)?;
            leaving::put(tx, "a list", &["one".to_owned(), "one".to_owned()])
        });
        noted.await.expect("written");
        let left = async || {
            let read = desk.store.read(|db| leaving::of(db, &["one".to_owned()], (0, i64::MAX), 9));
            read.await.expect("readable").len()
        };
        let whose = async || {
            let all = "update gone_applications set account = account";
            let found = desk.store.write(move |tx| diesel::sql_query(all).execute(tx.db));
            found.await.expect("written")
        };
        agreed(&desk, Class::StaffLog, 36).await;
        agreed(&desk, Class::CitizensLog, 36).await;
        desk.clock.advance(DAY * 1_096);
        assert_eq!(night(&desk).await, 0, "the last day");
        let before = verify_audit(&desk.config, None).await.expect("readable");
        assert_eq!((before.own.gone, before.other.gone), (0, 0));
        assert_eq!(left().await, 1, "what left with a list is known as long as the log");
        assert_eq!(whose().await, 1, "and whose the applications were that went");

        desk.clock.advance(DAY);
        let gone = night(&desk).await;
        let after = verify_audit(&desk.config, None).await.expect("readable");
        assert_eq!(after.other.gone, 3);
        assert!(after.own.gone > 5, "{after:?}");
        assert_eq!(gone, after.own.gone + 3);
        assert_eq!((left().await, whose().await), (0, 0));
        for verdict in [&after.own.verdict, &after.other.verdict, &after.tombstones] {
            assert!(matches!(verdict, Verdict::Whole { .. }), "{after:?}");
        }
        let auditor = desk.logged_in("kansa").await;
        let page = auditor.get("/audit/verify").await.text();
        assert_eq!(page.matches("書かれたときのままです").count(), 3, "{page}");
        assert!(page.contains(&format!("1から{}まで", after.own.gone)), "{page}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.1a: lists of staff and results of batches go by their own rules; of what was done to
    /// an application that went, no file name stays.
    lists_and_results_go_too,
    |url: String| async move {
        let desk = keeping(&url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let one = ended(&desk, "山田", &[]).await;
        let admin = desk.logged_in("kanri").await;
        let list = "職員番号,氏名,所属\n900001,新人 太郎,shimin\n";
        let file = Some(("file", "異動.csv", list.as_bytes()));
        let roster = admin.upload("/staff/rosters", "/staff/rosters", &[], file).await.location();
        let clerk = desk.logged_in("uketsuke").await;
        let name = format!("{}_山田花子.pdf", one.1);
        let files = [("files", name.as_str(), b"%PDF-1.7\n%%EOF".as_slice())];
        let form = "/inbox/documents";
        let batch = clerk.upload_all(form, form, &[("title", "証明書")], &files).await.location();
        assert!(clerk.get(&batch).await.text().contains("山田花子"));
        assert_eq!(clerk.post(&batch, &batch, &[("do", "drop")]).await.status, 303);

        agreed(&desk, Class::Applications, 1).await;
        desk.clock.advance(DAY * 40);
        assert_eq!(night(&desk).await, 1);
        let clerk = desk.logged_in("uketsuke").await;
        let left = clerk.get(&batch).await;
        assert!(left.status == 200 && !left.text().contains("山田花子"), "{}", left.text());
        agreed(&desk, Class::Rosters, 1).await;
        agreed(&desk, Class::Batches, 1).await;
        desk.clock.advance(DAY);
        assert_eq!(night(&desk).await, 2);
        assert_eq!(desk.logged_in("kanri").await.get(&roster).await.status, 404);
        assert_eq!(desk.logged_in("uketsuke").await.get(&batch).await.status, 404);
        assert_eq!(stones(&desk).await, 3);
        desk.closes().await;
    }
);

/// IK-3.5.1a: without the key that signs tombstones nothing is approved and nothing goes.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_goes_unsigned() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    assert!(admin.get("/retention").await.text().contains("署名する鍵が設定されていません"));
    let rule = proposes(&admin, "batches", "1").await.location();
    let rule = rule.split('?').next().unwrap_or_default().to_owned();
    let auditor = desk.logged_in("kansa").await;
    let answer = presses(&auditor, &rule, "approve").await;
    assert_eq!(answer.status, 409);
    assert!(answer.text().contains("checkpoint_key"), "{}", answer.text());
    assert_eq!(presses(&admin, &rule, "withdraw").await.status, 303);
    desk.closes().await;
}

on_both_databases!(
    /// NF-41, IK-3.5.1a: an application that went is still found from its account, as long as the logs tell
    /// of it, with the key of the log alone; nothing of the account stands in the database otherwise.
    what_went_is_found_from_its_account,
    |url: String| async move {
        let desk = keeping(&url).await;
        desk.publishes(&["accept"]).await;
        let (id, _) = ended(&desk, "山田", &[]).await;
        let account = AccountId::from_bits(1).as_str().to_owned();
        let object = format!("application:{id}");
        agreed(&desk, Class::Applications, 1).await;
        desk.clock.advance(DAY * 40);
        assert_eq!(night(&desk).await, 1);
        assert!(!is_there(&desk, &id).await);
        let finds = async |key: Option<Arc<CheckpointKey>>| {
            let subject = Subject::Account(account.clone());
            let known = desk.store.read(move |db| audit::find(db, &subject, key.as_deref())).await;
            known.expect("readable").is_some_and(|known| known.about.objects.contains(&object))
        };
        assert!(finds(Some(key(&desk))).await);
        assert!(!finds(None).await, "nobody finds it without the key");
        let page = desk.logged_in("kansa").await;
        let page = page.get(&format!("/audit/disclosure?of={account}")).await.text();
        assert!(!page.contains("見つかりません"), "{page}");
        desk.closes().await;
    }
);
