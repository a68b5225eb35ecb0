//! What the list asks on every page stays a range of an index, whatever lies behind it.

use std::sync::{Arc, Mutex};

use diesel::connection::{Connection as _, InstrumentationEvent, SimpleConnection as _};
use diesel::prelude::*;
use diesel::sql_types::Text;
use lgwan_zone_store::applications::{charge, inbox, inquiries, messages};
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

/// The steps of every statement that the questions of the page are made of.
fn plans(url: &str, path: &str, statistics: bool) -> Vec<(String, Vec<String>)> {
    let journal = Box::new(Chain::new(lgwan_zone_store::ZONE));
    drop(
        Store::open(&StoreConfig::at(url), lgwan_zone_store::migrations(), journal).expect("open"),
    );
    let mut conn = SqliteConnection::establish(path).expect("a database");
    conn.batch_execute(FILL).expect("filled");
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
    let desks = ["d0".to_owned(), "d1".to_owned()];
    let late = inbox::count_uncorrected(&mut db, &desks, TODAY).expect("read");
    assert_eq!(late, 200);
    assert_eq!(messages::count_waiting(&mut db, &desks).expect("read"), 200);
    messages::waiting(&mut db, &desks, 20).expect("read");
    assert_eq!(inbox::soon(&mut db, &desks, 0, i64::MAX).expect("read").due, 200);
    assert_eq!(inquiries::waiting(&mut db, &desks, TODAY).expect("read"), (100, 100));
    assert_eq!(charge::nobodys(&mut db, &desks).expect("read").len(), 600);
    let queries = heard.lock().expect("whole").clone();
    let explain = |query: String| {
        let sql = query.split("-- binds").next().unwrap_or_default().to_owned();
        let steps: Vec<Step> =
            diesel::sql_query(format!("explain query plan {sql}")).load(&mut db).expect("a plan");
        (sql, steps.into_iter().map(|one| one.detail).collect())
    };
    queries.into_iter().map(explain).collect()
}

/// IK-2.1.1b, NF-33: late corrections, messages that wait, deadlines that come up and requests of other
/// departments are counted along their own ranges, and what nobody is in charge of; no question walks what is over, with statistics
/// of the database or without.
#[test]
fn what_the_list_counts_does_not_walk_the_history() {
    for statistics in [false, true] {
        let folder = TempDir::new();
        let url = folder.sqlite_url();
        let path = url.strip_prefix("sqlite:").expect("a file").to_owned();
        let plans = plans(&url, &path, statistics);
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
