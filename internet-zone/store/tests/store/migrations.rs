//! The twins of the migrations.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn read(engine: &str, step: &str, file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    fs::read_to_string(path.join(step).join(file)).expect("a migration")
}

fn steps(engine: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let entries = fs::read_dir(path).expect("the migrations");
    entries.map(|e| e.expect("an entry").file_name().into_string().expect("ASCII")).collect()
}

/// Both engines get the same steps with the same tables and columns.
#[test]
fn the_migrations_are_twins() {
    assert_eq!(steps("sqlite"), steps("postgres"));
    for step in steps("sqlite").iter().skip(2) {
        let plain = |engine: &str, way: &str| {
            read(engine, step, way).replace("bytea", "blob").replace("bigint", "integer")
        };
        for way in ["up.sql", "down.sql"] {
            assert_eq!(plain("sqlite", way), plain("postgres", way), "{step}");
        }
    }
}

/// NF-43: the tables of the operation log and of the lanes are those their packages ask for.
#[test]
fn shared_tables_are_as_their_packages_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let asked = |path: &str| fs::read_to_string(root.join(path)).expect("the tables of a package");
    for engine in ["sqlite", "postgres"] {
        let audit = asked(&format!("platform/audit/ddl/{engine}.sql"));
        let lanes = asked(&format!("bridge/lanes/ddl/{engine}.sql"));
        assert_eq!(read(engine, "2026-11-01-000001_audit", "up.sql"), audit, "{engine}");
        assert_eq!(read(engine, "2026-11-01-000002_lanes", "up.sql"), lanes, "{engine}");
        let apart = asked(&format!("bridge/lanes/ddl/apart.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-21-000020_apart_lanes", "up.sql"), apart, "{engine}");
        let release = asked(&format!("bridge/lanes/ddl/release.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-21-000021_release_lanes", "up.sql"), release, "{engine}");
        let told = asked(&format!("platform/audit/ddl/told.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-21-000067_told_audit", "up.sql"), told, "{engine}");
        let turns = asked(&format!("bridge/lanes/ddl/turns.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-21-000022_turn_lanes", "up.sql"), turns, "{engine}");
        let sealed = asked(&format!("bridge/lanes/ddl/sealed.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-22-000010_sealed_lanes", "up.sql"), sealed, "{engine}");
        let entries = asked(&format!("bridge/lanes/ddl/entries.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-26-000262_entries_lanes", "up.sql"), entries, "{engine}");
        let again = asked(&format!("bridge/lanes/ddl/again.{engine}.sql"));
        assert_eq!(read(engine, "2026-11-26-000263_again_lanes", "up.sql"), again, "{engine}");
    }
}
