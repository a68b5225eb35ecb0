//! What the list asks on every page stays a range of an index, whatever lies behind it.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::Text;
use lgwan_zone_store::applications::inbox::{From, Line, Order, Wish};
use lgwan_zone_store::applications::{
    approvals, charge, entries, inbox, inquiries, labels, messages,
};
use lgwan_zone_store::audit::{self, About, Cursor, Filter, Zone, leaving};
use lgwan_zone_store::exports;
use lgwan_zone_store::retention::{self, CheckpointKey};
use lgwan_zone_store::shelf::Shelf;
use platform_audit::Chain;
use platform_store::{Db, Store, StoreConfig};
use platform_testkit::TempDir;

const TODAY: &str = "2026-11-25";

/// Three in a hundred wait for something; most of the history is over.
const FILL: &str = "
    pragma foreign_keys = off;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 20000)
    insert into applications (id, number, procedure_id, revision, department_id, state, version,
        applicant_kind, applicant_name, arrived_at, ingested_at, updated_at, due, deadline_at,
        asked_since)
    select printf('%026d', i), printf('%07d', i), 'p' || (i % 7), 1, 'd' || (i % 2),
        case when i % 100 < 3 then 'correction:reviewing' else 'done' end, 1, 'guest', 'n', i, i, i,
        case when i % 100 = 1 then '2026-11-01' end, case when i % 100 = 2 then i end,
        case when i % 100 = 3 then i end
    from rows;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 5000)
    insert into inquiries (id, application_id, department_id, state, question, due, fields, files,
        named, asked_at, asked_by, asked_by_name)
    select i, printf('%026d', i), 'd' || (i % 2),
        case when i % 50 = 0 then 'asked' else 'answered' end, 'q', '2026-11-01', '[]', '[]', 0, i,
        's', 's' from rows;";

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps of every statement that some questions are made of, on a database that was filled.
fn plans(fill: &str, statistics: bool, ask: impl FnOnce(&mut Db)) -> Vec<(String, Vec<String>)> {
    let folder = TempDir::new();
    let url = folder.sqlite_url();
    let path = url.strip_prefix("sqlite:").expect("a file").to_owned();
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    drop(
        Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal).expect("open"),
    );
    let mut conn = SqliteConnection::establish(&path).expect("a database");
    // The store's threads end by themselves, a little later.
    conn.batch_execute("pragma busy_timeout = 120000").expect("set");
    conn.batch_execute(fill).expect("filled");
    if statistics {
        conn.batch_execute("analyze").expect("analysed");
    }
    let heard = Arc::new(Mutex::new(Vec::<String>::new()));
    let into = Arc::clone(&heard);
    conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            into.lock().expect("whole").push(query.to_string());
        }
    });
    let mut db = Db::Sqlite(conn);
    ask(&mut db);
    let queries = heard.lock().expect("whole").clone();
    let explain = |query: String| {
        let sql = query.split("-- binds").next().unwrap_or_default().to_owned();
        let steps: Vec<Step> =
            diesel::sql_query(format!("explain query plan {sql}")).load(&mut db).expect("a plan");
        (sql, steps.into_iter().map(|one| one.detail).collect())
    };
    queries.into_iter().map(explain).collect()
}

fn count_what_waits(db: &mut Db) {
    let desks = ["d0".to_owned(), "d1".to_owned()];
    let late = inbox::count_uncorrected(db, &desks, TODAY).expect("read");
    assert_eq!(late, 200);
    assert_eq!(messages::count_waiting(db, &desks).expect("read"), 200);
    messages::waiting(db, &desks, 20).expect("read");
    assert_eq!(inbox::soon(db, &desks, 0, i64::MAX).expect("read").due, 200);
    assert_eq!(inquiries::waiting(db, &desks, TODAY).expect("read"), (100, 100));
    assert_eq!(charge::nobodys(db, &desks, &[], None).expect("read").len(), 600);
}

/// IK-2.1.1b, NF-33: late corrections, messages that wait, deadlines that come up and requests of other
/// departments are counted along their own ranges, and what nobody is in charge of; no question walks what is over, with statistics
/// of the database or without.
#[test]
fn what_the_list_counts_does_not_walk_the_history() {
    for statistics in [false, true] {
        let plans = plans(FILL, statistics, count_what_waits);
        assert!(plans.len() >= 9, "{plans:?}");
        for (sql, steps) in &plans {
            for step in steps {
                let fine = step
                    .contains("applications_by_department_due (department_id=? AND due<?)")
                    || step.contains("applications_by_asked (department_id=? AND asked_since>?)")
                    || step
                        .contains("applications_by_deadline (department_id=? AND deadline_at<?)")
                    || step.contains("applications_by_state (department_id=? AND state=?)")
                    || step.contains("inquiries_by_department (department_id=? AND state=?")
                    || step.contains("(id=?)")
                    || step.contains("LIST SUBQUERY");
                let procedures = step.contains("procedures");
                assert!(fine || procedures, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
        for index in ["_by_department_due", "_by_asked"] {
            assert!(plans.iter().any(|(_, steps)| steps.iter().any(|step| step.contains(index))));
        }
    }
}

/// Everything some departments have.
fn every(departments: &[&str]) -> Wish {
    Wish {
        departments: departments.iter().map(|one| (*one).to_owned()).collect(),
        states: Vec::new(),
        procedure: None,
        label: None,
        slot_day: None,
        inquiries: false,
        uncorrected: None,
        withdrawals: false,
        in_charge: None,
        uncharged: false,
        since: None,
        until: None,
        deadline_by: None,
        order: Order::Newest,
        from: From::Top,
        rows: 50,
    }
}

/// A label on one in a hundred.
const LABELLED: &str = "
    insert into application_labels (application_id, label_id, procedure_id, state, arrived_at)
    select id, 'l', procedure_id, state, arrived_at from applications where arrived_at % 100 = 10;";

/// IK-2.1.1b: what a condition or a label names one by one is fetched one by one; no department is walked for it.
#[test]
fn what_a_condition_names_is_fetched_by_its_name() {
    let wish = every(&["d0"]);
    let late = Wish {
        departments: vec!["d1".to_owned()],
        uncorrected: Some(TODAY.to_owned()),
        ..wish.clone()
    };
    let asked = Wish { inquiries: true, ..wish.clone() };
    let labelled = Wish { label: Some("l".to_owned()), ..wish };
    for statistics in [false, true] {
        let plans = plans(&format!("{FILL}{LABELLED}"), statistics, |db| {
            for wish in [&late, &asked, &labelled] {
                assert_eq!(inbox::page(db, wish).expect("read").lines.len(), 50, "{wish:?}");
            }
            assert_eq!(labels::counts(db, "l", None).expect("read"), [("done".to_owned(), 200)]);
        });
        for (sql, steps) in &plans {
            let walks = |step: &String| {
                step.contains("SCAN applications") || step.contains("(department_id=?)")
            };
            assert!(!steps.iter().any(walks), "statistics: {statistics}\n{sql}\n{steps:?}");
            // The few rows here are read whole where statistics tell so.
            if !statistics && sql.contains("`application_labels`.`state` =") {
                let by_state = steps.iter().any(|step| step.contains("label_id=? AND state=?"));
                assert!(by_state, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
    }
}

/// A time of a day for one in a thousand, whose name few bear; nearly everybody bears the other one, in which a
/// mark stands for itself.
const NAMED: &str = "
    insert into application_slots (application_id, slot)
    select id, '2026-12-01T10:00' from applications where arrived_at % 1000 = 10;
    insert into application_keys (application_id, department_id, search_key, arrived_at)
    select id, department_id, case when arrived_at % 1000 = 10 then 'comma' else 'com_on' end, arrived_at
    from applications;";

/// What the list is asked where an index could lead astray.
fn ask_the_list(db: &mut Db) {
    let wish = every(&["d0", "d1"]);
    let early = Wish { since: Some(100), until: Some(2_000), ..wish.clone() };
    let arrivals = |lines: &[Line]| lines.iter().map(|one| one.arrived_at).collect::<Vec<_>>();
    let (lines, next) = inbox::by_name(db, &wish, "comm", None).expect("read");
    assert_eq!((lines.len(), next), (20, None));
    let (lines, next) = inbox::by_name(db, &early, "comm", None).expect("read");
    assert_eq!((arrivals(&lines), next), (vec![1_010], None));
    let (lines, next) = inbox::by_name(db, &wish, "com_", None).expect("read");
    let newest: Vec<i64> = (1..=20_000).rev().filter(|at| at % 1_000 != 10).take(1_000).collect();
    assert_eq!(arrivals(&lines), newest[..500]);
    let (lines, next) = inbox::by_name(db, &wish, "com_", next.as_ref()).expect("read");
    assert_eq!(arrivals(&lines), newest[500..]);
    assert!(next.is_some());
    let short = Wish { until: Some(200), ..early.clone() };
    let (lines, next) = inbox::by_name(db, &short, "com_", None).expect("read");
    assert_eq!((lines.len(), next), (100, None));
    let day = Wish { slot_day: Some(jiff::civil::date(2026, 12, 1)), rows: 5, ..wish.clone() };
    let page = inbox::page(db, &day).expect("read");
    assert_eq!(arrivals(&page.lines), [19_010, 18_010, 17_010, 16_010, 15_010]);
    assert!(page.later);
    let behind = From::After(page.lines[4].place(Order::Newest));
    let done = Wish { from: behind, states: vec!["done".to_owned()], ..day };
    let page = inbox::page(db, &done).expect("read");
    assert_eq!(arrivals(&page.lines), [14_010, 13_010, 12_010, 11_010, 10_010]);
    let due = Wish { order: Order::Deadline, ..early };
    let page = inbox::page(db, &due).expect("read");
    assert_eq!(arrivals(&page.lines), (1..20).map(|hundred| 100 * hundred + 2).collect::<Vec<_>>());
}

/// IK-2.1.1b, NF-9: a name many bear or few, a day with its times, and what has a deadline of what arrived in a
/// period are found without walking what a department ever had.
#[test]
fn names_days_and_deadlines_are_found_along_their_indexes() {
    for statistics in [false, true] {
        let plans = plans(&format!("{FILL}{NAMED}"), statistics, ask_the_list);
        for (sql, steps) in &plans {
            for step in steps {
                let walks = step.contains("SCAN application_keys")
                    || step.contains("SCAN applications")
                    || step.contains("applications_by_arrival")
                    || step.contains("application_keys_by_key (department_id=?)");
                assert!(!walks, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
        for index in
            ["_keys_by_key (dep", "_keys_by_arrival (dep", "_slots_by_slot", "_deadline (dep"]
        {
            let used = plans.iter().any(|(_, steps)| steps.iter().any(|one| one.contains(index)));
            assert!(used, "statistics: {statistics}, {index}");
        }
    }
}

/// Decisions on everything, of which three in a hundred wait for one of twenty people.
const DECISIONS: &str = "
    insert into decisions (application_id, round, event, words, state, stage, version, proposed_at,
        proposed_by, proposed_by_name)
    select id, 1, 'notify', '', case when state = 'done' then 'told' else 'open' end, 0, 1, arrived_at,
        'x', 'x' from applications;
    insert into approval_desks (application_id, login_id, since)
    select application_id, 'k' || (proposed_at % 20), proposed_at from decisions where state = 'open';";

/// NF-34: what waits for somebody's approval is a range of what lies before them, whatever was decided.
#[test]
fn what_waits_for_an_approval_does_not_walk_what_was_decided() {
    for statistics in [false, true] {
        let plans = plans(&format!("{FILL}{DECISIONS}"), statistics, |db| {
            let desks = ["d0".to_owned(), "d1".to_owned()];
            let whom = ("s1", "k1");
            approvals::waiting(db, &Shelf::default(), whom, &desks).expect("read");
        });
        let of_desks = plans.iter().find(|(sql, _)| sql.contains("approval_desks"));
        let (sql, steps) = of_desks.expect("the desks are asked");
        let has = |words: &str| steps.iter().any(|step| step.contains(words));
        assert!(has("approval_desks_by_person (login_id=?)"), "{statistics}\n{sql}\n{steps:?}");
        assert!(!has("SCAN"), "{statistics}\n{sql}\n{steps:?}");
    }
}

/// A trial that is tried by thousands under one name, and one application of the real one behind them.
const TRIED: &str = "
    pragma foreign_keys = off;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 2101)
    insert into applications (id, number, procedure_id, revision, department_id, state, version,
        applicant_kind, applicant_name, arrived_at, ingested_at, updated_at, in_charge)
    select printf('%026d', i), printf('%07d', i), case when i < 2101 then '7t' else 'p' end, 1, 'd0',
        'reviewing', 1, 'guest', 'n', 3000 - i, i, i, 's'
    from rows;
    insert into application_answers (application_id, round, answers, provenance, changed, received_at, doubts)
    select id, 0, '{}', '{}', '[]', 0, '[]' from applications;
    insert into application_keys (application_id, department_id, search_key, arrived_at)
    select id, department_id, 'k', arrived_at from applications;
    insert into inquiries (id, application_id, department_id, state, question, due, fields, files,
        named, asked_at, asked_by, asked_by_name)
    select id, id, 'd1', 'asked', 'q', '2026-11-01', '[]', '[]', 0, arrived_at, 's', 's'
    from applications;";

/// NB-2.5: what is sent to a trial takes no place in the lists that look at so many at most, and is found
/// where the list is narrowed to it.
#[test]
fn a_trial_crowds_nothing_out_of_a_list() {
    plans(TRIED, false, |db| {
        let desks = ["d0".to_owned()];
        let real = vec![format!("{:026}", 2_101)];
        assert_eq!(charge::mine(db, "s", &[], None).expect("read"), real);
        assert_eq!(inquiries::open_ids(db, &desks, None).expect("read"), real);
        assert_eq!(charge::mine(db, "s", &[], Some("7t")).expect("read").len(), 2_000);
        assert_eq!(inquiries::open_ids(db, &desks, Some("7t")).expect("read").len(), 2_000);
        let others = ["d1".to_owned()];
        assert!(inquiries::open_ids(db, &others, Some("7t")).expect("read").is_empty());
        diesel::sql_query("update applications set in_charge = null").execute(db).expect("written");
        let (keys, states) = (["k".to_owned()], ["reviewing".to_owned()]);
        let alike = entries::alike(db, &desks, &keys, &states).expect("read");
        assert_eq!(alike.iter().map(|one| &one.id).collect::<Vec<_>>(), [&real[0]]);
        assert_eq!(charge::nobodys(db, &desks, &[], None).expect("read"), real);
        assert_eq!(charge::nobodys(db, &desks, &[], Some("7t")).expect("read").len(), 2_000);
    });
}

/// NF-35: the open requests of other departments crowd those of a desk out of its list as little.
#[test]
fn another_department_crowds_nothing_out_of_the_open_requests() {
    let moved = "update applications set procedure_id = 'p', department_id = 'd9' where procedure_id = '7t';";
    plans(&format!("{TRIED}{moved}"), false, |db| {
        let (desks, others) = (["d0".to_owned()], ["d9".to_owned()]);
        let real = [format!("{:026}", 2_101)];
        assert_eq!(inquiries::open_ids(db, &desks, None).expect("read"), real);
        assert_eq!(inquiries::open_ids(db, &others, None).expect("read").len(), 2_000);
    });
}

/// Somebody in charge of 5,000, half of them in review.
const CHARGED: &str = "
    update applications set in_charge = 's',
        state = case when arrived_at % 2 = 0 then 'arrived' else 'reviewing' end
    where arrived_at > 15000;";

/// What somebody is in charge of, and nobody, also in one state.
fn ask_who_is_in_charge(db: &mut Db) {
    let ids = |numbers: Vec<u32>| numbers.iter().map(|n| format!("{n:026}")).collect::<Vec<_>>();
    let (desks, review) = (["d0".to_owned(), "d1".to_owned()], ["reviewing".to_owned()]);
    let oldest = ids((15_001..=17_000).collect());
    assert_eq!(charge::mine(db, "s", &[], None).expect("read"), oldest);
    let oldest = ids((15_001..=20_000).step_by(2).take(2_000).collect());
    assert_eq!(charge::mine(db, "s", &review, None).expect("read"), oldest);
    assert_eq!(charge::nobodys(db, &desks, &[], None).expect("read").len(), 450);
    assert!(charge::nobodys(db, &desks, &review, None).expect("read").is_empty());
}

/// NF-33: of what one person is in charge of, the list looks at the oldest where there is too much, and in one state
/// at the oldest of that; neither what is over nor the rest is walked for it.
#[test]
fn who_is_in_charge_of_very_many_sees_the_oldest() {
    for statistics in [false, true] {
        let plans = plans(&format!("{FILL}{CHARGED}"), statistics, ask_who_is_in_charge);
        for (sql, steps) in &plans {
            for step in steps {
                let fine = step.contains("applications_by_charge (in_charge=? AND state=?)")
                    || step.contains("applications_by_state (department_id=? AND state=?)");
                assert!(fine, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
    }
}

/// Twenty generations in twenty thousand that server B could not show; all but the last were put out again.
const PUT_OUT: &str = "
    pragma foreign_keys = off;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 20000)
    insert into export_generations (job, generation, state, records, attachments, started_at,
        started_by, receipt_at, replaces, refused_by)
    select 'j' || (i % 2), i, case when i % 1000 = 0 then 'refused' else 'taken' end, 1, 0, i, 's', i,
        case when i % 1000 = 2 then i - 2 end, case when i % 1000 = 0 then 'server_b' end
    from rows;";

/// IK-3.5.7b: what is on its way, and what no business system has, is looked for all the time; nothing of it walks
/// what left before.
#[test]
fn what_leaves_is_looked_for_without_walking_what_left() {
    for statistics in [false, true] {
        let plans = plans(PUT_OUT, statistics, |db| {
            let told = exports::unsettled(db, 0).expect("read");
            assert_eq!(told, [("j0".to_owned(), 20_000, false)]);
            assert!(exports::in_state(db, "waiting").expect("read").is_empty());
        });
        for (sql, steps) in &plans {
            for step in steps {
                let fine = step.contains("export_generations_by_state (state=?)")
                    || step.contains("export_generations_by_replaced (job=? AND replaces=?")
                    || step.contains("SUBQUERY")
                    || step.contains("USE TEMP B-TREE FOR ORDER BY");
                assert!(fine, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
    }
}

/// Both logs, and lists that were taken out of many applications.
const LOGS: &str = "
    pragma foreign_keys = off;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 50000)
    insert into audit_events (seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash)
    select i, i, 'lgwan', case when i % 2 = 0 then 'staff:' || (i % 50) else 'account:' || (i % 5000) end,
        's', '::1', 'applications.accept', 'application:' || (i % 10000), 'ok', '', x'00', x'00' from rows;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 50000)
    insert into audit_mirror (seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash)
    select i, i, 'internet', 'account:' || (i % 5000), 's', '::1', 'applications.sent',
        'application:' || (i % 10000), 'ok', '', x'00', x'00' from rows;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 2000)
    insert into list_exports (id, at, staff_id, staff_name, shape)
    select 'l' || i, i, 's', 'n', 'xlsx' from rows;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 40000)
    insert into list_export_applications (export_id, application_id)
    select 'l' || (1 + i % 2000), 'a' || i from rows;
    with recursive rows(i) as (select 1 union all select i + 1 from rows where i < 20000)
    insert into gone_applications (id, account, gone_at) select 'a' || i, 'h' || (i % 5000), i from rows;";

fn ask_for_a_person(db: &mut Db) {
    let (account, application) = ("account:7".to_owned(), "application:7".to_owned());
    let about = About { actors: vec![account.clone()], objects: vec![application.clone()] };
    let filters = [
        Filter { actor: Some(account.clone()), ..Filter::default() },
        Filter { actor: Some(account), result: Some("ok".to_owned()), ..Filter::default() },
        Filter { object: Some(application.clone()), ..Filter::default() },
        Filter {
            object: Some(application),
            act: Some("applications".to_owned()),
            ..Filter::default()
        },
        Filter { about: Some(about), ..Filter::default() },
    ];
    let second = Some(Cursor { at: 40_000, zone: Zone::Staff, seq: 40_000 });
    for filter in &filters {
        for behind in [None, second] {
            let found = audit::look(db, None, filter, behind, 3).expect("read");
            assert_eq!(found.len(), 3, "{filter:?}");
        }
    }
    let ids = ["a1".to_owned(), "a2".to_owned()];
    assert_eq!(leaving::of(db, &ids, (i64::MIN, i64::MAX), 100).expect("read").len(), 2);
    let random = ring::rand::SystemRandom::new();
    let pkcs8 = ring::signature::Ed25519KeyPair::generate_pkcs8(&random).expect("random");
    let key = CheckpointKey::from_pkcs8(pkcs8.as_ref()).expect("a fresh key");
    retention::gone_of(db, &key, "account", 10).expect("read");
    let over = "delete from gone_applications where gone_at < 5";
    diesel::sql_query(over).execute(db).expect("written");
}

/// NF-41, NF-42: what both logs have of a person or an application, with what it left and what went, is read
/// along indexes, from the first page to the last: a log of a million events is never walked for it.
#[test]
fn what_is_known_of_a_person_does_not_walk_the_logs() {
    let indexes = [
        "audit_events_by_actor_at (actor=? AND at>? AND at<?)",
        "audit_events_by_object_at (object=? AND at>? AND at<?)",
        "audit_mirror_by_actor (actor=? AND at>? AND at<?)",
        "audit_mirror_by_object (object=? AND at>? AND at<?)",
        "list_export_applications_of (application_id=?)",
        "export_ledger_by_application (application_id=?)",
        "export_repeated_by_application (application_id=?)",
        "gone_applications_by_account (account=?)",
        "gone_applications_by_time (gone_at<?)",
    ];
    for statistics in [false, true] {
        let plans = plans(LOGS, statistics, ask_for_a_person);
        assert!(plans.len() >= 25, "{plans:?}");
        for (sql, steps) in &plans {
            for step in steps {
                // What belongs to a row that was found, and the order of those that were.
                let fine = step.contains("(id=?)")
                    || step.contains("(job=? AND generation=?)")
                    || step.starts_with("USE TEMP B-TREE")
                    || step.starts_with("MULTI-INDEX OR")
                    || step.starts_with("INDEX ");
                let known = fine || indexes.iter().any(|index| step.contains(index));
                assert!(known, "statistics: {statistics}\n{sql}\n{steps:?}");
            }
        }
        for index in indexes {
            assert!(
                plans.iter().any(|(_, steps)| steps.iter().any(|step| step.contains(index))),
                "{index}"
            );
        }
    }
}

/// A room where little happens, and a few ends that are rare, in either log.
const RARE: &str = "
    insert into audit_events (seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash)
    select seq + 100000, at, zone, actor, session, ip, 'retention.kept', object,
        case when seq % 2 = 0 then 'ok' else 'failed' end, detail, prev, hash
    from audit_events where seq <= 20;
    insert into audit_mirror (seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash)
    select seq + 100000, at, zone, actor, session, ip, 'retention.kept', object,
        case when seq % 2 = 0 then 'ok' else 'strange' end, detail, prev, hash
    from audit_mirror where seq <= 20;";

fn ask_for_what_is_rare(db: &mut Db) {
    let (room, failed) = (Some("retention.".to_owned()), Some("failed".to_owned()));
    let filters = [
        (Filter { result: failed.clone(), ..Filter::default() }, 10),
        (Filter { act: room.clone(), ..Filter::default() }, 40),
        (Filter { act: room.clone(), result: failed, ..Filter::default() }, 10),
        (Filter { act: room, result: Some("strange".to_owned()), ..Filter::default() }, 10),
    ];
    for (filter, all) in &filters {
        let found = audit::look(db, None, filter, None, 100).expect("read");
        assert_eq!(found.len(), *all, "{filter:?}");
        assert!(found.is_sorted_by_key(|line| std::cmp::Reverse(line.event.at)), "{filter:?}");
        // Page by page it is the same.
        let (mut pages, mut behind) = (Vec::new(), None);
        loop {
            let page = audit::look(db, None, filter, behind, 3).expect("read");
            let Some(last) = page.last() else { break };
            behind = Some(last.cursor());
            pages.extend(page.iter().map(audit::Line::cursor));
        }
        assert_eq!(pages, found.iter().map(audit::Line::cursor).collect::<Vec<_>>(), "{filter:?}");
    }
}

/// NF-41: what ended in a rare way, or belongs to a room where little happens, is found along an index in either
/// log, from the first page to the last, whatever word the other zone wrote as a result.
#[test]
fn what_is_rare_in_the_logs_is_found_without_walking_them() {
    for statistics in [false, true] {
        let plans = plans(&format!("{LOGS}{RARE}"), statistics, ask_for_what_is_rare);
        for (sql, steps) in &plans {
            let fine = |step: &String| step.contains("_by_result (") || step.contains("_by_room (");
            assert!(steps.iter().all(fine), "statistics: {statistics}\n{sql}\n{steps:?}");
        }
        for index in ["events_by_result", "events_by_room", "mirror_by_result", "mirror_by_room"] {
            assert!(plans.iter().any(|(_, steps)| steps.iter().any(|one| one.contains(index))));
        }
    }
}

/// A word of its own for each of a thousand results.
const STRANGE: &str = "
    insert into audit_mirror (seq, at, zone, actor, session, ip, act, object, result, detail, prev, hash)
    select seq + 100000, at, zone, actor, session, ip, 'retention.kept', object, 'strange' || seq, detail, prev, hash
    from audit_mirror where seq <= 1000;";

/// NF-41, NN-21: whatever words a citizens' zone that was taken over writes as results, what is asked of its log is
/// found with a few statements.
#[test]
fn strange_results_do_not_multiply_the_statements() {
    let plans = plans(&format!("{LOGS}{STRANGE}"), false, |db| {
        let room = Filter { act: Some("retention.".to_owned()), ..Filter::default() };
        let found = audit::look(db, Some(Zone::Citizens), &room, None, 2_000).expect("read");
        assert_eq!(found.len(), 1_000);
    });
    assert!(plans.len() < 100, "{} statements", plans.len());
}
