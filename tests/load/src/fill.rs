//! A million applications, written straight into the staff's database: one a
//! minute from 2024 on, most of them done, each with its answers.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use domain::applications::ReceiptNumber;

/// Where the applications belong.
#[derive(Clone, Debug)]
pub struct Desk {
    /// Procedure id.
    pub procedure: String,
    /// Department id.
    pub department: String,
}

/// How many were counted.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    noted: i64,
}

/// How many applications it is noted of that they left, each once for each list.
///
/// # Errors
/// With the database's words.
pub fn noted(url: &str) -> Result<i64, Box<dyn std::error::Error>> {
    let asked = diesel::sql_query("select count(*) as noted from list_export_applications");
    let found: Counted = if let Some(path) = url.strip_prefix("sqlite:") {
        asked.get_result(&mut SqliteConnection::establish(path)?)?
    } else {
        asked.get_result(&mut PgConnection::establish(url)?)?
    };
    Ok(found.noted)
}

/// Applications written by one statement.
const PIECE: u32 = 50_000;

/// Midnight in Japan at the beginning of 2024, microseconds.
const BEGIN: i64 = 1_704_034_800_000_000;
const MINUTE: i64 = 60_000_000;
/// Twenty days.
const PROMISED: i64 = 1_728_000_000_000;

/// Writes `count` applications.
///
/// # Errors
/// With the database's words.
pub fn applications(url: &str, desk: &Desk, count: u32) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut db = SqliteConnection::establish(path)?;
        db.batch_execute("pragma busy_timeout = 10000; pragma synchronous = off")?;
        let pad = |what: &str, width: u8| format!("printf('%0{width}d', {what})");
        write(&mut db, desk, count, &pad)?;
        db.batch_execute(&numbered(count / 2))?;
        // No statistics: the product's SQLite has none.
        db.batch_execute("pragma wal_checkpoint(truncate)")?;
    } else {
        let mut db = PgConnection::establish(url)?;
        let pad = |what: &str, width: u8| format!("lpad(({what})::text, {width}, '0')");
        write(&mut db, desk, count, &pad)?;
        db.batch_execute(&numbered(count / 2))?;
        // What the server does by itself a minute later.
        db.batch_execute("analyze")?;
    }
    Ok(())
}

/// Writes `count` applications as the citizens' zone keeps them: one a minute, most of them done.
///
/// # Errors
/// With the database's words.
pub fn arrived(url: &str, count: u32) -> Result<(), Box<dyn std::error::Error>> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        let mut db = SqliteConnection::establish(path)?;
        db.batch_execute("pragma busy_timeout = 10000")?;
        write_arrived(&mut db, count, &|what, width| format!("printf('%0{width}d', {what})"))?;
        db.batch_execute("analyze; pragma wal_checkpoint(truncate)")?;
    } else {
        let mut db = PgConnection::establish(url)?;
        write_arrived(&mut db, count, &|what, width| {
            format!("lpad(({what})::text, {width}, '0')")
        })?;
        db.batch_execute("analyze")?;
    }
    Ok(())
}

fn write_arrived(
    db: &mut impl diesel::connection::SimpleConnection,
    count: u32,
    pad: &dyn Fn(&str, u8) -> String,
) -> QueryResult<()> {
    let (id, number) = (pad("i", 26), pad("i", 7));
    for from in (1..=count).step_by(PIECE as usize) {
        let to = count.min(from + PIECE - 1);
        let at = format!("{BEGIN} + cast(i as bigint) * {MINUTE}");
        db.batch_execute(&format!(
            "insert into applications (id, number, draft_id, procedure_id, revision, account_id,
                secret_hash, arrived_at, state, state_at)
            with recursive rows(i) as (select {from} union all select i + 1 from rows where i < {to})
            select {id}, '2023-' || {number} || '-0', {id}, 'full', 1, {id}, null, {at},
                case when i % 100 < 4 then 'reviewing' else 'done' end, {at} from rows"
        ))?;
    }
    Ok(())
}

fn write(
    db: &mut impl diesel::connection::SimpleConnection,
    desk: &Desk,
    count: u32,
    pad: &dyn Fn(&str, u8) -> String,
) -> QueryResult<()> {
    let Desk { procedure, department } = desk;
    let (id, number, name) = (pad("i", 26), pad("i", 7), pad("i % 100000", 5));
    for from in (1..=count).step_by(PIECE as usize) {
        let to = count.min(from + PIECE - 1);
        let rows = format!(
            "with recursive rows(i) as (select {from} union all select i + 1 from rows where i < {to})"
        );
        let at = format!("{BEGIN} + cast(i as bigint) * {MINUTE}");
        db.batch_execute(&format!(
            "begin;
            insert into applications (id, number, procedure_id, revision, department_id, state,
                version, applicant_kind, applicant_name, arrived_at, ingested_at, updated_at,
                deadline_at, due, asked_since)
            {rows} select {id}, '2024-' || {number} || '-0', '{procedure}', 1, '{department}',
                case when i % 100 < 2 then 'arrived' when i % 100 < 4 then 'reviewing'
                    when i % 100 = 4 then 'correction:reviewing' else 'done' end,
                1, 'guest', '山田' || {name}, {at}, {at}, {at},
                case when i % 100 < 4 then {at} + {PROMISED} end,
                case when i % 1000 = 4 then '2024-06-01' when i % 100 = 4 then '2099-12-31' end,
                case when i % 1000 = 5 then {at} end from rows;
            insert into application_keys (application_id, department_id, search_key, arrived_at)
            {rows} select {id}, '{department}', '山田' || {name}, {at} from rows;
            insert into application_answers
                (application_id, round, answers, provenance, changed, received_at)
            {rows} select {id}, 0, '{ANSWERS}', '{{}}', '[]', {at} from rows;
            commit"
        ))?;
    }
    labels(db, department)?;
    talks(db, department, pad)?;
    db.batch_execute(
        "insert into inbox_counts (department_id, procedure_id, state, applications)
         select department_id, procedure_id, state, count(*) from applications group by 1, 2, 3",
    )
}

/// A message about every hundredth application, a request to the department itself about every
/// thousandth (one in ten still open), a day and time for every tenth.
fn talks(
    db: &mut impl diesel::connection::SimpleConnection,
    department: &str,
    pad: &dyn Fn(&str, u8) -> String,
) -> QueryResult<()> {
    let serial = "cast(substr(id, 15) as bigint)";
    let day = pad(&format!("1 + {serial} % 28"), 2);
    db.batch_execute(&format!(
        "begin;
        insert into messages (id, application_id, at, writer, writer_name, words)
        select id, id, arrived_at, 'applicant', '', 'm' from applications where id like '%05';
        insert into inquiries (id, application_id, department_id, state, question, due, fields,
            files, named, asked_at, asked_by, asked_by_name)
        select id, id, '{department}',
            case when id like '%0002' then 'asked' else 'answered' end, 'q', '2024-06-01', '[]',
            '[]', false, arrived_at, 's', 's'
        from applications where id like '%002';
        insert into application_slots (application_id, slot)
        select id, '2024-06-' || {day} || 'T09:00' from applications where id like '%0';
        commit"
    ))
}

/// The label on every second application, and the one on one in ten thousand.
pub const LABELS: [&str; 2] = ["00000000000000000000000091", "00000000000000000000000092"];

fn labels(db: &mut impl diesel::connection::SimpleConnection, department: &str) -> QueryResult<()> {
    for (label, ends) in LABELS.into_iter().zip([
        "(id like '%0' or id like '%2' or id like '%4' or id like '%6' or id like '%8')",
        "id like '%0000'",
    ]) {
        db.batch_execute(&format!(
            "begin;
            insert into labels (id, department_id, name, colour, made_at, made_by)
            select '{label}', '{department}', '{label}', 'red', 0, min(id) from staff;
            insert into application_labels
                (application_id, label_id, procedure_id, state, arrived_at, deadline_at)
            select id, '{label}', procedure_id, state, arrived_at, deadline_at from applications
            where department_id = '{department}' and {ends};
            commit"
        ))?;
    }
    Ok(())
}

/// The number of the application in the middle, as a clerk types it. The others
/// have numbers of the same length without a check digit.
///
/// # Panics
/// Never: the year and the serial are in range.
#[must_use]
pub fn sought() -> ReceiptNumber {
    ReceiptNumber::new(2023, 500_000)
        .unwrap_or_else(|| unreachable!("a year and a serial in range"))
}

fn numbered(row: u32) -> String {
    format!("update applications set number = '{}' where id = '{row:026}'", sought())
}

/// Answers to 住民票の写しの請求.
const ANSWERS: &str = r#"{"applicant.family":["山田"],"applicant.given":["花子"],"applicant.family_kana":["ヤマダ"],"applicant.given_kana":["ハナコ"],"birth":["1980-04-01"],"home.postal":["9800811"],"home.prefecture":["宮城県"],"home.city":["仙台市青葉区"],"home.town":["一番町1丁目2番3号"],"phone":["090-1234-5678"],"relation":["self"],"kind":["whole"],"copies":["2"],"purpose":["company"],"delivery":["post"],"send_to":["home"],"declaration":["yes"]}"#;
