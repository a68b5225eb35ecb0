//! What waits for an export, and what it costs to ask.

use std::sync::{Arc, Mutex};

use bridge_contract::keys::{KeyFolder, new_keys};
use bridge_contract::place::{Environment, Tenant};
use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::applications::{ReceiptNumber, State};
use domain::export::{self, About, DataWriter, Exporter, Facts, GaijiTable, Recorder};
use domain::forms::Compiled;
use domain::forms::definition::Procedure;
use domain::forms::publish::{unfillable, unreadable};
use domain::retention::{Class, Period};
use jiff::{SignedDuration, Timestamp};
use lgwan_zone_store::By;
use lgwan_zone_store::applications::arrive::{self, Arrival};
use lgwan_zone_store::applications::rows::{Answers, Application};
use lgwan_zone_store::applications::steps::{self, Hop, Step, Taken};
use lgwan_zone_store::audit::leaving::{self, Left, Way};
use lgwan_zone_store::exports::repeat::{self, Part, Repeated, Wish};
use lgwan_zone_store::exports::{
    self, BadDefinition, Complete, Definition, Held, LeftOut, Pickup, Said, Started,
};
use lgwan_zone_store::identity::departments::{self, Department};
use lgwan_zone_store::post::Office;
use lgwan_zone_store::retention::deletion::{self, Piece};
use lgwan_zone_store::retention::rules::{self, Moved, New};
use lgwan_zone_store::retention::{self, CheckpointKey, Verdict};
use platform_audit::Chain;
use platform_service::clock::Clock;
use platform_store::{Db, Store, StoreConfig};
use platform_testkit::{TempDir, on_both_databases};

const DEPARTMENT: &str = "00000000000000000000000001";
const PROCEDURE: &str = "00000000000000000000000011";
const JOB: &str = "juminhyo";

/// Who tells the citizens' zone what went.
fn office() -> Office {
    let folder = TempDir::new();
    let tenant = Tenant::parse("mirai").expect("a town");
    let keys = folder.path().join("keys");
    new_keys(tenant, Environment::Demo).write(&keys).expect("written");
    let keys = KeyFolder::open(&keys.join("l")).expect("the keys of L");
    Office::open(keys.live(), Clock::system()).expect("lane keys")
}

fn by() -> By {
    By::system(Timestamp::from_second(1_780_000_000).expect("a time"))
}

fn definition(states: &[&str], header: &str) -> String {
    serde_json::json!({
        "job": JOB, "procedures": [PROCEDURE], "states": states,
        "layout": {"name": JOB, "version": 1, "columns": [
            {"id": "number", "header": header, "source": {"system": "receipt_number"}}
        ]}
    })
    .to_string()
}

/// A database with a department and a job that takes these states.
async fn open(url: String, states: &[&str]) -> Store {
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    let store = Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal);
    let store = store.expect("a database");
    let job = definition(states, "番号");
    let department = Department {
        id: DEPARTMENT.to_owned(),
        code: "shimin".to_owned(),
        name: "市民課".to_owned(),
        phone: String::new(),
        place: String::new(),
        sort: 0,
    };
    let made = store.write(move |tx| {
        departments::put(tx, &by(), &department)?;
        exports::put_job(tx, &by(), JOB, &job)
    });
    made.await.expect("written");
    store
}

/// Keeps applications number `from` to `to` in this state.
async fn arrive(store: &Store, numbers: std::ops::Range<u32>, state: &'static str) {
    let kept = store.write(move |tx| {
        for number in numbers {
            let at = by().at.as_microsecond() + i64::from(number);
            let row = Application {
                id: id(number),
                number: format!("2026-{number:06}-0"),
                procedure_id: PROCEDURE.to_owned(),
                revision: 1,
                department_id: DEPARTMENT.to_owned(),
                state: state.to_owned(),
                version: 1,
                applicant_kind: "anonymous".to_owned(),
                applicant_account: None,
                applicant_name: String::new(),
                applicant_email: None,
                arrived_at: at,
                ingested_at: at,
                updated_at: at,
                round: 0,
                attachments: 0,
                held: 0,
                due: None,
                deadline_at: None,
                days_left: None,
                approvals: 0,
                applied_by: None,
            };
            let answers = Answers {
                application_id: row.id.clone(),
                round: 0,
                answers: "{}".to_owned(),
                provenance: "{}".to_owned(),
                changed: "[]".to_owned(),
                received_at: at,
                doubts: "[]".to_owned(),
            };
            let new = Arrival {
                delegate: None,
                cosigners: Vec::new(),
                application: row,
                keys: Vec::new(),
                answers,
                slots: Vec::new(),
                attachments: Vec::new(),
                events: Vec::new(),
                messages: Vec::new(),
            };
            arrive::keep(tx, &by(), &new)?;
        }
        Ok(())
    });
    kept.await.expect("kept");
}

fn id(number: u32) -> String {
    format!("{number:026}")
}

async fn step(store: &Store, number: u32, seen: i32, from: &str, to: &str) {
    let hop = Hop {
        act: "accept".to_owned(),
        actor: "system".to_owned(),
        actor_name: String::new(),
        from: Some(from.to_owned()),
        to: to.to_owned(),
        words: String::new(),
    };
    let step = Step {
        application: id(number),
        seen,
        hops: vec![hop],
        correction: None,
        documents: Vec::new(),
        messages: Vec::new(),
        days: domain::calendar::OfficeDays::default(),
        needs: Vec::new(),
        fee: 0,
    };
    let taken = store.write(move |tx| steps::take(tx, &by(), &step)).await.expect("written");
    assert_eq!(taken, Taken::Done);
}

async fn start(store: &Store, most: i64) -> Started {
    store.write(move |tx| exports::start(tx, &by(), JOB, most)).await.expect("written")
}

async fn finish(store: &Store, generation: i32) {
    let done =
        store.write(move |tx| exports::finish(tx, &by(), (JOB, generation), &Complete::default()));
    done.await.expect("written");
}

fn said(said: Said, words: &str, records: &[(u32, &str)]) -> Pickup {
    let named = |(number, why): &(u32, &str)| (format!("2026-{number:06}-0"), (*why).to_owned());
    Pickup {
        said,
        words: words.to_owned(),
        rows: Some(1),
        records: records.iter().map(named).collect(),
    }
}

async fn receives(store: &Store, generation: i32, pickup: Pickup) -> bool {
    let noted = store.write(move |tx| exports::receipt(tx, &by(), (JOB, generation), &pickup));
    noted.await.expect("written")
}

fn wish(generation: i32, part: Part) -> Wish {
    let known_at = by().at.as_microsecond();
    Wish {
        job: JOB.to_owned(), generation, part, reason: "取込側の障害".to_owned(), known_at
    }
}

async fn members(store: &Store, generation: i32) -> Vec<String> {
    let all = store.read(move |db| exports::members(db, JOB, generation)).await;
    all.expect("readable").into_iter().map(|one| one.id).collect()
}

async fn waiting(store: &Store) -> Vec<String> {
    let (ids, count) = store
        .read(|db| Ok((exports::waiting(db, JOB, 1_000)?, exports::waiting_count(db, JOB)?)))
        .await
        .expect("readable");
    assert_eq!(i64::try_from(ids.len()), Ok(count));
    ids
}

async fn held(store: &Store) -> Vec<Held> {
    store.read(|db| exports::held(db, JOB, None, 100)).await.expect("readable")
}

/// The statements that `work` sends.
fn statements(
    db: &mut Db,
    work: impl FnOnce(&mut Db) -> QueryResult<()>,
) -> QueryResult<Vec<String>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            noted.lock().expect("not poisoned").push(query.to_string());
        }
    });
    let done = work(db);
    db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    done?;
    let statements = seen.lock().expect("not poisoned").clone();
    Ok(statements)
}

#[derive(QueryableByName)]
struct SqlitePlan {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct PgPlan {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

/// How the engine would answer. A handful of rows would not be worth an index to
/// PostgreSQL, so it is told to use one where it can.
fn plan(db: &mut Db, sql: &str) -> QueryResult<Vec<String>> {
    match db {
        Db::Sqlite(conn) => {
            let lines = diesel::sql_query(format!("explain query plan {sql}")).load(conn)?;
            Ok(lines.into_iter().map(|one: SqlitePlan| one.detail).collect())
        }
        Db::Pg(conn) => {
            diesel::sql_query("set enable_seqscan = off").execute(conn)?;
            diesel::sql_query("set enable_bitmapscan = off").execute(conn)?;
            let lines = diesel::sql_query(format!("explain (costs off) {sql}")).load(conn)?;
            Ok(lines.into_iter().map(|one: PgPlan| one.line).collect())
        }
    }
}

on_both_databases!(
    /// IK-3.5.7b: asking what waits reads the table of the waiting alone, in its
    /// order, and that table holds nothing of what left.
    what_left_costs_nothing_to_those_who_wait,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..300, "done").await;
        assert_eq!(waiting(&store).await.first(), Some(&id(0)), "the longest wait first");
        assert_eq!(start(&store, 120).await, Started::Generation(1));
        assert_eq!(waiting(&store).await.len(), 180);
        finish(&store, 1).await;
        assert_eq!(start(&store, 1_000).await, Started::Generation(2));
        finish(&store, 2).await;
        assert!(waiting(&store).await.is_empty());
        assert_eq!(start(&store, 1_000).await, Started::Nothing);

        let asked = store.read(|db| {
            statements(db, |db| {
                exports::waiting(db, JOB, 1)?;
                exports::waiting_count(db, JOB).map(drop)
            })
        });
        let asked = asked.await.expect("readable");
        assert_eq!(asked.len(), 2, "{asked:?}");
        for one in &asked {
            assert!(one.contains("export_waiting"), "{one}");
            let other = ["export_ledger", "`applications`", "\"applications\"", "EXISTS", "JOIN"];
            assert!(other.iter().all(|word| !one.contains(word)), "{one}");
        }
    }
);

on_both_databases!(
    /// IK-3.5.7b: those who wait are found in their order through one index, never sorted.
    the_waiting_are_found_through_their_index,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..50, "done").await;
        let plan = store.read(|db| {
            plan(
                db,
                "select application_id from export_waiting where job = 'juminhyo' \
                 order by since, application_id limit 10",
            )
        });
        let plan = plan.await.expect("readable").join("\n");
        assert!(plan.contains("export_waiting_by_job"), "{plan}");
        let lower = plan.to_lowercase();
        assert!(!lower.contains("sort") && !lower.contains("b-tree"), "{plan}");
    }
);

on_both_databases!(
    /// IK-3.5.7b: an application waits while it is in a state the job takes, once.
    an_application_waits_while_its_state_is_taken,
    |url: String| async move {
        let store = open(url, &["accepted"]).await;
        arrive(&store, 0..2, "arrived").await;
        assert!(waiting(&store).await.is_empty());
        step(&store, 0, 1, "arrived", "accepted").await;
        step(&store, 1, 1, "arrived", "accepted").await;
        assert_eq!(waiting(&store).await.len(), 2);
        step(&store, 1, 2, "accepted", "reviewing").await;
        assert_eq!(waiting(&store).await, [id(0)], "it moved on before it was taken");

        assert_eq!(start(&store, 10).await, Started::Generation(1));
        finish(&store, 1).await;
        step(&store, 0, 2, "accepted", "correction:accepted").await;
        step(&store, 0, 3, "correction:accepted", "accepted").await;
        assert!(waiting(&store).await.is_empty(), "it left before");

        let wider = definition(&["accepted", "reviewing"], "番号");
        let put = store.write(move |tx| exports::put_job(tx, &by(), JOB, &wider));
        put.await.expect("written");
        assert_eq!(waiting(&store).await, [id(1)], "what is there already waits from now on");
    }
);

on_both_databases!(
    /// IK-3.5.7b: what a generation left out keeps its reason whatever the receipt
    /// says, and leaves with a later one once it, or the job, changed.
    what_was_left_out_keeps_its_reason_until_it_leaves,
    |url: String| async move {
        let store = open(url, &["accepted"]).await;
        arrive(&store, 0..3, "accepted").await;
        assert_eq!(start(&store, 10).await, Started::Generation(1));
        let out = |number: u32, version: i32| LeftOut {
            application: id(number),
            version,
            why: "氏「𠮷」".to_owned(),
        };
        let both = [out(1, 1), out(2, 1)];
        let hold = store.write(move |tx| exports::hold(tx, &by(), (JOB, 1), &both));
        hold.await.expect("written");
        finish(&store, 1).await;
        let noted = store.write(|tx| {
            let pickup = said(Said::Taken, "1件", &[]);
            exports::receipt(tx, &by(), (JOB, 1), &pickup)
        });
        assert!(noted.await.expect("written"));
        let line = store.read(|db| exports::generations(db, JOB, 1)).await.expect("readable");
        assert_eq!((line[0].records, line[0].receipt.as_deref()), (1, Some("1件")));
        let seen = held(&store).await;
        assert_eq!(seen.len(), 2);
        assert!(seen.iter().all(|one| one.why == "氏「𠮷」" && !one.waits), "{seen:?}");
        assert!(waiting(&store).await.is_empty(), "nothing changed yet");

        step(&store, 1, 1, "accepted", "correction:accepted").await;
        step(&store, 1, 2, "correction:accepted", "accepted").await;
        assert_eq!(waiting(&store).await, [id(1)]);
        let seen: Vec<_> = held(&store).await.into_iter().map(|one| one.waits).collect();
        assert_eq!(seen, [true, false]);
        assert_eq!(start(&store, 10).await, Started::Generation(2));
        finish(&store, 2).await;
        let seen: Vec<_> = held(&store).await.into_iter().map(|one| one.application).collect();
        assert_eq!(seen, [id(2)], "the other one has left");

        let other = definition(&["accepted"], "受付番号");
        let put = store.write(move |tx| exports::put_job(tx, &by(), JOB, &other));
        put.await.expect("written");
        assert_eq!(waiting(&store).await, [id(2)], "another layout may hold it");
        assert_eq!(start(&store, 10).await, Started::Generation(3));
        // It changes while the generation is being written.
        step(&store, 2, 1, "accepted", "correction:accepted").await;
        step(&store, 2, 2, "correction:accepted", "accepted").await;
        let again = [out(2, 1)];
        let hold = store.write(move |tx| exports::hold(tx, &by(), (JOB, 3), &again));
        hold.await.expect("written");
        finish(&store, 3).await;
        assert_eq!(waiting(&store).await, [id(2)], "what was looked at is outdated");
    }
);

on_both_databases!(
    /// IK-3.5.7b: what the business system did not take in is named by its number, and leaves
    /// again in a generation that names the one it repeats; nothing else leaves twice.
    records_that_failed_leave_again_with_a_reason,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..3, "done").await;
        assert_eq!(start(&store, 10).await, Started::Generation(1));
        let early = wish(1, Part::All);
        let busy = store.write(move |tx| repeat::start(tx, &by(), &early, None)).await;
        assert_eq!(busy.expect("written"), Repeated::Busy);
        finish(&store, 1).await;
        assert!(receives(&store, 1, said(Said::Stored, "", &[])).await);
        assert!(!receives(&store, 1, said(Said::Stored, "", &[])).await, "nothing new");
        let errors = [(1, "住所コードなし"), (7, "ほかの世代")];
        assert!(receives(&store, 1, said(Said::Taken, "2件", &errors)).await);
        let named = store.read(|db| exports::record_errors(db, (JOB, 1), None, 10)).await;
        let named = named.expect("readable");
        assert_eq!(named.len(), 1, "{named:?}");
        assert_eq!((named[0].application.clone(), named[0].why.as_str()), (id(1), "住所コードなし"));

        let again = wish(1, Part::Failed);
        let made = store.write(move |tx| repeat::start(tx, &by(), &again, None)).await;
        assert_eq!(made.expect("written"), Repeated::Generation(2));
        assert_eq!(members(&store, 2).await, [id(1)]);
        finish(&store, 2).await;
        let line = store.read(|db| exports::generation_of(db, JOB, 2)).await.expect("readable");
        let line = line.expect("there");
        assert_eq!((line.replaces, line.reason.as_deref()), (Some(1), Some("取込側の障害")));
        assert_eq!(start(&store, 10).await, Started::Nothing, "each left once");
        let left = store.read(|db| leaving::of(db, &[id(0), id(1)], (0, i64::MAX), 9)).await;
        let number = |one: &Left| match &one.way {
            Way::Generation { number, .. } => Some(*number),
            Way::List { .. } => None,
        };
        let mut told: Vec<i32> = left.expect("readable").iter().filter_map(number).collect();
        told.sort_unstable();
        assert_eq!(told, [1, 1, 2], "a disclosure tells what left again (NF-41)");
        assert!(receives(&store, 2, said(Said::Undelivered, "disk", &[])).await);
        let line = store.read(|db| exports::generation_of(db, JOB, 2)).await.expect("readable");
        assert_eq!(line.and_then(|one| one.refused_by).as_deref(), Some("server_b"));
        let none = wish(2, Part::Failed);
        let none = store.write(move |tx| repeat::start(tx, &by(), &none, None)).await;
        assert_eq!(none.expect("written"), Repeated::Nothing);
    }
);

on_both_databases!(
    /// IK-3.5.7b: that it failed counts also when the business system said before that it took it in, once; what it
    /// said of a record last counts. Such a generation, and one that server B could not show, are told until they
    /// are put out again; the first for some days alone.
    what_failed_after_all_is_told_until_it_leaves_again,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..3, "done").await;
        for generation in 1..4 {
            assert_eq!(start(&store, 1).await, Started::Generation(generation));
            finish(&store, generation).await;
        }
        let now = by().at.as_microsecond();
        let told = |now: i64| store.read(move |db| exports::unsettled(db, now));
        let first = [(0, "住所コードなし")];
        assert!(receives(&store, 1, said(Said::Taken, "1件", &first)).await);
        assert!(receives(&store, 3, said(Said::Failed, "項目数", &[])).await);
        assert_eq!(told(now).await.expect("readable"), [], "who was told by .err looks by themselves");
        let later = [(0, "二重の登録")];
        assert!(receives(&store, 1, said(Said::Failed, "巻き戻し", &later)).await);
        for said_again in [Said::Failed, Said::Taken, Said::Stored] {
            assert!(!receives(&store, 1, said(said_again, "", &[])).await, "nothing new");
        }
        let one = store.read(|db| exports::generation_of(db, JOB, 1)).await.expect("readable");
        let one = one.expect("there");
        assert_eq!((one.state.as_str(), one.refused_by), ("refused", Some("after_taken".to_owned())));
        assert_eq!(one.receipt.as_deref(), Some("1件 \u{2192} 巻き戻し"));
        let named = store.read(|db| exports::record_errors(db, (JOB, 1), None, 9)).await;
        let whys: Vec<String> = named.expect("readable").into_iter().map(|one| one.why).collect();
        assert_eq!(whys, ["二重の登録"]);
        assert!(receives(&store, 2, said(Said::Undelivered, "disk", &[])).await);
        let job = || JOB.to_owned();
        assert_eq!(told(now).await.expect("readable"), [(job(), 1, true), (job(), 2, false)]);
        assert_eq!(told(now + 8 * 86_400_000_000).await.expect("readable"), [(job(), 2, false)]);

        assert!(receives(&store, 2, said(Said::Stored, "", &[])).await, "server B looked twice");
        assert_eq!(told(now).await.expect("readable"), [(job(), 1, true)]);
        let one = store.read(|db| exports::generation_of(db, JOB, 2)).await.expect("readable");
        let one = one.expect("there");
        assert_eq!((one.state.as_str(), one.refused_by), ("waiting", None));
        assert_eq!(one.receipt.as_deref(), Some("disk"), "what was said stays");
        let early = Wish { known_at: now - 1, ..wish(2, Part::All) };
        let early = store.write(move |tx| repeat::start(tx, &by(), &early, None)).await;
        assert_eq!(early.expect("written"), Repeated::Changed, "it arrived after the page was shown");
        assert!(receives(&store, 2, said(Said::Undelivered, "disk", &[])).await);
        assert!(!receives(&store, 2, said(Said::Undelivered, "disk", &[])).await, "nothing new");

        for (repeated, made) in [(1, 4), (2, 5), (2, 6)] {
            let again = wish(repeated, Part::All);
            let again = store.write(move |tx| repeat::start(tx, &by(), &again, None)).await;
            assert_eq!(again.expect("written"), Repeated::Generation(made));
            finish(&store, made).await;
            assert!(receives(&store, made, said(Said::Undelivered, "disk", &[])).await);
        }
        assert_eq!(told(now).await.expect("readable"), [(job(), 4, false), (job(), 6, false)]);
        let undelivered = store.read(exports::undelivered).await.expect("readable");
        assert_eq!(undelivered, [(job(), 4), (job(), 6)]);
        for out_again in [2, 5] {
            let late = receives(&store, out_again, said(Said::Stored, "", &[])).await;
            assert!(!late, "{out_again} left again: it stays what it was when that was decided");
        }
    }
);

on_both_databases!(
    /// IK-3.5.7b: where a job asks for two persons, nobody agrees to their own wish.
    a_second_person_agrees_to_a_wish,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..2, "done").await;
        assert_eq!(start(&store, 10).await, Started::Generation(1));
        finish(&store, 1).await;
        let all = wish(1, Part::All);
        let asked = store.write(move |tx| repeat::ask(tx, &by(), "r1", &all)).await;
        assert_eq!(asked.expect("written"), Repeated::Asked);
        let own = store.write(|tx| repeat::decide(tx, &by(), "r1", true)).await;
        assert_eq!(own.expect("written"), Repeated::SamePerson);
        let open = store.read(|db| repeat::open(db, JOB)).await.expect("readable");
        assert_eq!(open.len(), 1);
        let other = || By { staff: "other".to_owned(), ..by() };
        let made = store.write(move |tx| repeat::decide(tx, &other(), "r1", true)).await;
        assert_eq!(made.expect("written"), Repeated::Generation(2));
        assert_eq!(members(&store, 2).await, [id(0), id(1)]);
        let line = store.read(|db| exports::generation_of(db, JOB, 2)).await.expect("readable");
        assert_eq!(line.and_then(|one| one.approved_by).as_deref(), Some("other"));
        let twice = store.write(move |tx| repeat::decide(tx, &by(), "r1", false)).await;
        assert_eq!(twice.expect("written"), Repeated::Missing);
    }
);

on_both_databases!(
    /// IK-3.5.7b: what was left out in 完了 can be put out again without a step of the application.
    what_was_left_out_waits_again_at_a_press,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..1, "done").await;
        assert_eq!(start(&store, 10).await, Started::Generation(1));
        let out = [LeftOut { application: id(0), version: 1, why: "氏「𠮷」".to_owned() }];
        let hold = store.write(move |tx| exports::hold(tx, &by(), (JOB, 1), &out));
        hold.await.expect("written");
        finish(&store, 1).await;
        assert!(waiting(&store).await.is_empty());
        let again = store.write(|tx| exports::try_again(tx, &by(), JOB)).await;
        assert_eq!(again.expect("written"), 1);
        assert_eq!(waiting(&store).await, [id(0)]);
    }
);

on_both_databases!(
    /// I14, IK-3.5.7b: a generation whose number is taken is taken back also when it left somebody out, and so is
    /// one that puts another out again: nothing that waits is lost, and the job goes on.
    what_a_generation_left_out_waits_again_when_it_is_taken_back,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..2, "done").await;
        assert_eq!(start(&store, 10).await, Started::Generation(1));
        let left = |number| LeftOut { application: id(number), version: 1, why: "氏「𠮷」".to_owned() };
        let hold = store.write(move |tx| exports::hold(tx, &by(), (JOB, 1), &[left(0)]));
        hold.await.expect("written");
        let back = |generation: i32| {
            store.write(move |tx| exports::take_back(tx, &by(), (JOB, generation)))
        };
        back(1).await.expect("taken back");
        assert_eq!(waiting(&store).await, [id(0), id(1)]);
        assert!(held(&store).await.is_empty());

        assert_eq!(start(&store, 10).await, Started::Generation(1), "the number is free again");
        finish(&store, 1).await;
        let again = wish(1, Part::All);
        let made = store.write(move |tx| repeat::start(tx, &by(), &again, None)).await;
        assert_eq!(made.expect("written"), Repeated::Generation(2));
        let hold = store.write(move |tx| exports::hold(tx, &by(), (JOB, 2), &[left(1)]));
        hold.await.expect("written");
        back(2).await.expect("taken back");
        assert_eq!(members(&store, 1).await, [id(0), id(1)]);
        assert!(waiting(&store).await.is_empty(), "each left with the first");
    }
);

fn shipped(path: &str) -> String {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../deploy/");
    std::fs::read_to_string(format!("{root}{path}")).expect("readable")
}

/// The form of the sample city that the sample definitions are for.
fn shipped_form() -> Compiled {
    form_of("01-juminhyo")
}

fn form_of(name: &str) -> Compiled {
    let form = shipped(&format!("sample-city/procedures/{name}.json"));
    let form = Procedure::from_json(form.as_bytes()).expect("a procedure");
    Compiled::new(form).expect("a sound form")
}

fn shipped_definition(name: &str) -> Definition {
    Definition::from_json(&shipped(&format!("exports/{name}.json")))
        .unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// IK-2.1.2d1: the sample definitions read, have no fault, and fit the sample city's form.
#[test]
fn every_sample_definition_may_be_used() {
    let (copies, rooms) = (shipped_form(), form_of("10-kaigishitsu"));
    for (name, form) in [
        ("shinsei-kanri", &copies),
        ("gif-shinsei", &copies),
        ("kotei-juminhyo", &copies),
        ("kaigishitsu-yoyaku", &rooms),
    ] {
        let definition = shipped_definition(name);
        assert_eq!(definition.procedures, [form.procedure().id.clone()], "{name}");
        assert_eq!(definition.problems(), [], "{name}");
        assert_eq!(unfillable(form, &definition.layout), [], "{name}");
        assert_eq!(unreadable(form, &definition.layout), [], "{name}");
    }
}

/// What a sample writes of one application.
fn exported(name: &str, answers: &domain::forms::Answers) -> String {
    let (form, layout) = (shipped_form(), shipped_definition(name).layout);
    let facts = Facts {
        number: ReceiptNumber::new(2026, 123).expect("a number"),
        arrived_at: by().at,
        state: State::Done,
        procedure: form.procedure().id.clone(),
        revision: 1,
        attachments: vec!["2026-000123-4/01_委任状.pdf".to_owned()],
        noted: domain::forms::Answers::new(),
    };
    let values = Exporter::new(&form, &layout).expect("it reads").row(answers, &facts);
    let mut recorder = Recorder::new(layout.clone(), GaijiTable::default());
    let record = recorder.record(&values).unwrap_or_else(|why| panic!("{name}: {why:?}"));
    let business_date = jiff::civil::date(2026, 11, 20);
    let about = About { business_date, generation: 1, layout_version: layout.version };
    let (heading, encoding) = (export::heading(&layout), layout.profile.encoding);
    let mut writer = DataWriter::new(layout, about, heading.as_deref()).expect("begun");
    writer.record(&record).expect("written");
    writer.end(&recorder.end_file()).expect("ended");
    encoding.decode(&writer.take()).expect("text")
}

/// An application of the sample city: `more` is put over what everybody answers.
fn applied(more: &[(&str, &str)]) -> domain::forms::Answers {
    let mut answers = domain::forms::Answers::from([
        ("applicant.family", "山田"),
        ("applicant.given", "花子"),
        ("applicant.family_kana", "ヤマダ"),
        ("applicant.given_kana", "ハナコ"),
        ("birth", "1989-01-07"),
        ("home.postal", "498-0000"),
        ("home.prefecture", "愛知県"),
        ("home.city", "弥富市"),
        ("home.town", "前ケ須町1-2-3"),
        ("phone", "090-0000-0000"),
        ("relation", "self"),
        ("kind", "whole"),
        ("details", "domicile"),
        ("copies", "2"),
        ("purpose", "other"),
        ("purpose_other", "相続の手続き"),
        ("delivery", "post"),
        ("send_to", "home"),
        ("fee", "600"),
    ]);
    more.iter().for_each(|(input, value)| answers.put_one(*input, *value));
    answers
}

/// IK-2.1.2d1: the GIF sample writes the whole block of the application: where the applicant is reached,
/// who entrusted what to whom, and what is applied for; without an agent there is no 委任.
#[test]
fn the_gif_sample_writes_the_whole_block() {
    let own = exported("gif-shinsei", &applied(&[]));
    let whole = "<全体>愛知県弥富市前ケ須町1-2-3</全体>";
    assert_eq!(own.matches(whole).count(), 2, "the address, and where one is reached: {own}");
    assert!(!own.contains("<委任>"), "{own}");
    for part in [
        "<電話番号>090-0000-0000</電話番号>",
        "<証明書の種類>世帯全員の写し</証明書の種類>",
        "<通数>2</通数>",
        "<使いみち>その他</使いみち>",
        "<使いみちその他>相続の手続き</使いみちその他>",
        "<受け取り方法>郵送</受け取り方法>",
        "<手数料>600</手数料>",
    ] {
        assert!(own.contains(part), "{part}: {own}");
    }

    let agent = exported(
        "gif-shinsei",
        &applied(&[
            ("relation", "agent"),
            ("subject.family", "佐藤"),
            ("subject.given", "次郎"),
            ("subject.family_kana", "サトウ"),
            ("subject.given_kana", "ジロウ"),
            ("subject_birth", "1950-02-03"),
        ]),
    );
    for part in [
        "<委任者>",
        "<氏>佐藤</氏>",
        "<名カナ>ジロウ</名カナ>",
        "<生年月日>1950-02-03</生年月日>",
        "<役割>代理の方</役割>",
        "<内容>住民票の写し等の請求と受け取り</内容>",
    ] {
        assert!(agent.contains(part), "{part}: {agent}");
    }
    let elsewhere = exported(
        "gif-shinsei",
        &applied(&[
            ("send_to", "other"),
            ("send_address.postal", "460-0001"),
            ("send_address.prefecture", "愛知県"),
            ("send_address.city", "名古屋市中区"),
            ("send_address.town", "三の丸1-1"),
        ]),
    );
    let there = ["<郵便番号>460-0001</郵便番号>", "<全体>愛知県名古屋市中区三の丸1-1</全体>"];
    assert!(there.iter().all(|part| elsewhere.contains(part)), "{elsewhere}");
    assert_eq!(elsewhere.matches(whole).count(), 1, "{elsewhere}");
}

/// IK-2.1.2d1: the sample for a 申請管理システム writes what is applied for, by codes and plain numbers.
#[test]
fn the_bulk_sample_writes_what_is_applied_for() {
    let text = exported("shinsei-kanri", &applied(&[("relation", "household")]));
    let lines: Vec<Vec<&str>> = text.lines().map(|line| line.split("\",\"").collect()).collect();
    let [heading, record] = lines.as_slice() else { panic!("{text}") };
    assert_eq!(heading.len(), record.len());
    for (column, value) in [
        ("連絡先の住所", "愛知県弥富市前ケ須町1-2-3"),
        ("申請者の立場", "household"),
        ("委任者氏名", ""),
        ("委任内容", ""),
        ("証明書の種類", "whole"),
        ("載せる項目", "domicile"),
        ("通数", "2"),
        ("使いみち", "other"),
        ("使いみち（その他）", "相続の手続き"),
        ("受け取り方法", "post"),
        ("手数料", "600"),
    ] {
        let at = heading.iter().position(|name| *name == column).expect(column);
        assert_eq!(record[at], value, "{column}");
    }
}

/// W7: a job is a folder on a Windows share and a page of its own.
#[test]
fn a_job_is_never_named_like_a_device_or_a_page() {
    for name in ["con", "nul", "com1", "lpt9", "gaiji", "new", "a b", "A", ""] {
        let text = definition(&["done"], "番号")
            .replace("\"job\":\"juminhyo\"", &format!("\"job\":\"{name}\""));
        assert!(text.contains(&format!("\"job\":\"{name}\"")), "{text}");
        let read = Definition::from_json(&text);
        assert!(matches!(read, Err(BadDefinition::Name)), "{name}: {read:?}");
    }
}

on_both_databases!(
    /// IK-3.5.1a: an application goes when a business system has taken it, not before; then its
    /// generation goes too, with its requests.
    what_was_taken_goes_and_what_waits_stays,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        arrive(&store, 0..2, "done").await;
        assert_eq!(start(&store, 1).await, Started::Generation(1));
        finish(&store, 1).await;
        assert!(receives(&store, 1, said(Said::Taken, "", &[])).await);
        let known = "insert into procedures (id, slug, title, department_id, state, revision, \
                     created_at, updated_at) values ('00000000000000000000000011', 'juminhyo', \
                     't', '00000000000000000000000001', 'published', 1, 0, 0)";
        let rules = store.write(move |tx| {
            diesel::sql_query(known).execute(tx.db)?;
            for (id, class) in [("a", Class::Applications), ("b", Class::Exports)] {
                let new = New {
                    id: id.to_owned(),
                    class,
                    procedure_id: String::new(),
                    period: Period::of(class, 12).expect("a period"),
                    reason: String::new(),
                };
                assert_eq!(rules::propose(tx, &by(), &new)?, Moved::Done);
                let other = By { staff: "other".to_owned(), ..by() };
                assert_eq!(rules::approve(tx, &other, id)?, Moved::Done);
            }
            Ok(())
        });
        rules.await.expect("written");
        let random = ring::rand::SystemRandom::new();
        let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
        let key = Arc::new(CheckpointKey::from_pkcs8(pkcs8.as_ref()).expect("a fresh key"));
        let later = by().at + SignedDuration::from_hours(24 * 400);
        let (mut gone, office) = (Vec::new(), office());
        for mut part in store.read(move |db| deletion::parts(db, later)).await.expect("readable") {
            let (key, office) = (Arc::clone(&key), office.clone());
            let piece = store
                .write(move |tx| {
                    deletion::piece(tx, &By::system(later), (&key, &|ids, at| office.gone(ids, at)), &mut part)
                })
                .await
                .expect("written");
            gone.extend((piece != Piece::Finished).then_some(piece));
        }
        assert_eq!(gone, [Piece::Gone(1), Piece::Gone(1)]);
        assert_eq!(waiting(&store).await, [id(1)], "nobody took that one");
        let left = store.read(|db| exports::generations(db, JOB, 9)).await.expect("readable");
        assert!(left.is_empty(), "{left:?}");
        let verdict = retention::verify(&store, Some(key)).await;
        assert!(matches!(verdict, Ok(Verdict::Whole { events: 2, .. })), "{verdict:?}");
    }
);

on_both_databases!(
    /// NF-41, NF-42: whose data left with a list of ten thousand is noted in one transaction with a
    /// statement for each thousand, on both databases, and each of them once.
    a_long_list_is_noted_with_few_statements,
    |url: String| async move {
        let store = open(url, &["done"]).await;
        let ids: Vec<String> = (0..10_000).map(id).collect();
        let put = async |ids: Vec<String>| {
            let sent = Arc::new(Mutex::new(0_usize));
            let count = Arc::clone(&sent);
            let noted = store.write(move |tx| {
                let count = Arc::clone(&count);
                tx.db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                    if let InstrumentationEvent::StartQuery { .. } = event {
                        *count.lock().expect("not poisoned") += 1;
                    }
                });
                let put = leaving::put(tx, "long", &ids);
                tx.db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
                put
            });
            noted.await.expect("written");
            *sent.lock().expect("not poisoned")
        };
        let begun = store.write(|tx| leaving::begin(tx, &by(), "long", "utf8"));
        begun.await.expect("written");
        let sent = put(ids.clone()).await;
        assert!(sent <= 20, "{sent} statements: one asks, one notes, for each thousand");
        assert!(put(ids.clone()).await <= 10, "nothing is new");
        let left = store.read(move |db| leaving::of(db, &ids, (0, i64::MAX), 30_000)).await;
        assert_eq!(left.expect("readable").len(), 10_000, "each once");
    }
);
