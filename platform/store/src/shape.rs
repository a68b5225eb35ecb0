//! The shape of a database in lines that are equal on both engines when tables,
//! columns, types, constraints and indexes are. Tests compare them.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::{Db, each_backend};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// Every column, constraint and index, in order.
///
/// # Errors
/// When the database cannot be read.
pub fn lines(db: &mut Db) -> QueryResult<Vec<String>> {
    let mut all: Vec<String> = match db {
        Db::Sqlite(_) => {
            let columns = ask(db, SQLITE_COLUMNS)?;
            let tables = ask(db, "select sql as line from sqlite_master where type = 'table'")?;
            let keys = ask(db, SQLITE_KEYS)?;
            let indexes = ask(db, SQLITE_INDEXES)?;
            let constraints = tables.iter().flat_map(|sql| constraints(sql));
            columns.into_iter().chain(keys).chain(constraints).chain(indexes).collect()
        }
        Db::Pg(_) => [PG_COLUMNS, PG_KEYS, PG_CONSTRAINTS, PG_INDEXES]
            .into_iter()
            .map(|sql| ask(db, sql))
            .collect::<QueryResult<Vec<_>>>()?
            .concat(),
    };
    all.sort();
    Ok(all)
}

fn ask(db: &mut Db, sql: &str) -> QueryResult<Vec<String>> {
    let lines: Vec<Line> = each_backend!(db, conn => diesel::sql_query(sql).load(conn))?;
    Ok(lines.into_iter().map(|one| one.line).collect())
}

/// Primary keys go by their columns: some are written beside the column and have
/// no name of ours. SQLite keeps the names of constraints only in the text of the table.
fn constraints(sql: &str) -> Vec<String> {
    let words: Vec<&str> =
        sql.split([' ', '\n', '(', ',']).filter(|word| !word.is_empty()).collect();
    let table = words.get(2).copied().unwrap_or_default();
    let of = |three: &[&str]| match three {
        ["constraint", name, kind] if *kind != "primary" => {
            Some(format!("{table} constraint {name} {kind}"))
        }
        _ => None,
    };
    words.windows(3).filter_map(of).collect()
}

const SQLITE_COLUMNS: &str = "\
    select m.name || ' column ' || c.name || ' ' ||
        case lower(c.type) when 'blob' then 'bytes' when 'integer' then 'number'
            when 'bigint' then 'number' else lower(c.type) end ||
        case when c.\"notnull\" = 1 or c.pk > 0 then ' not null' else '' end ||
        coalesce(' default ' || c.dflt_value, '') as line
    from sqlite_master m join pragma_table_info(m.name) c
    where m.type = 'table' and m.name not like '\\_\\_%' escape '\\' and m.name not like 'sqlite%'";

const SQLITE_KEYS: &str = "\
    select m.name || ' key ' || (select group_concat(k.name, ', ')
        from (select name from pragma_table_info(m.name) where pk > 0 order by pk) k) as line
    from sqlite_master m
    where m.type = 'table' and m.name not like '\\_\\_%' escape '\\' and m.name not like 'sqlite%'
        and exists (select 1 from pragma_table_info(m.name) where pk > 0)";

const SQLITE_INDEXES: &str = "\
    select m.tbl_name || ' index ' || m.name || case l.\"unique\" when 1 then ' unique ' else ' ' end ||
        (select group_concat(coalesce(x.name, '?') || case x.desc when 1 then ' desc' else '' end, ', ')
         from (select name, desc from pragma_index_xinfo(m.name) where key = 1 order by seqno) x)
        as line
    from sqlite_master m join pragma_index_list(m.tbl_name) l on l.name = m.name
    where m.type = 'index' and m.sql is not null";

const PG_COLUMNS: &str = "\
    select table_name || ' column ' || column_name || ' ' ||
        case data_type when 'bytea' then 'bytes' when 'integer' then 'number'
            when 'bigint' then 'number' else data_type end ||
        case is_nullable when 'NO' then ' not null' else '' end ||
        coalesce(' default ' || split_part(column_default, '::', 1), '') as line
    from information_schema.columns
    where table_schema = current_schema() and table_name not like '\\_\\_%'";

const PG_KEYS: &str = "\
    select t.relname || ' key ' || (select string_agg(a.attname, ', ' order by k.place)
        from unnest(c.conkey) with ordinality as k(att, place)
        join pg_attribute a on a.attrelid = t.oid and a.attnum = k.att) as line
    from pg_constraint c join pg_class t on t.oid = c.conrelid
        join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and c.contype = 'p' and t.relname not like '\\_\\_%'";

const PG_CONSTRAINTS: &str = "\
    select t.relname || ' constraint ' || c.conname || ' ' ||
        case c.contype when 'u' then 'unique' when 'f' then 'foreign'
            else 'check' end as line
    from pg_constraint c join pg_class t on t.oid = c.conrelid
        join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema() and c.contype in ('u', 'f', 'c')
        and t.relname not like '\\_\\_%'";

const PG_INDEXES: &str = "\
    select t.relname || ' index ' || i.relname || case when x.indisunique then ' unique ' else ' ' end ||
        (select string_agg(coalesce(a.attname, '?') ||
             case when (x.indoption[k.place - 1] & 1) = 1 then ' desc' else '' end, ', ' order by k.place)
         from unnest(x.indkey::int2[]) with ordinality as k(att, place)
         left join pg_attribute a on a.attrelid = t.oid and a.attnum = k.att) as line
    from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
        join pg_namespace n on n.oid = t.relnamespace
    where n.nspname = current_schema()
        and not exists (select 1 from pg_constraint c where c.conindid = i.oid
            and c.contype in ('p', 'u'))";
