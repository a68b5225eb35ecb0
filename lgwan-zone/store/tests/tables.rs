//! The twin migrations say the same in the words of each engine.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn folders(engine: &str) -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
    let names = fs::read_dir(root).expect("readable").filter_map(Result::ok);
    names.filter_map(|one| one.file_name().into_string().ok()).collect()
}

fn text(engine: &str, folder: &str, file: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations");
    fs::read_to_string(root.join(engine).join(folder).join(file)).expect("readable")
}

/// The same steps, tables, columns and constraints on both databases.
#[test]
fn both_databases_have_the_same_tables() {
    assert_eq!(folders("sqlite"), folders("postgres"));
    for folder in folders("sqlite").iter().filter(|name| !shared(name)) {
        let postgres = text("postgres", folder, "up.sql").replace(" collate \"C\"", "");
        assert_eq!(text("sqlite", folder, "up.sql"), postgres, "{folder}");
        assert_eq!(text("sqlite", folder, "down.sql"), text("postgres", folder, "down.sql"));
    }
}

fn shared(folder: &str) -> bool {
    folder.ends_with("_audit") || folder.ends_with("_lanes")
}

/// NF-43: the tables of the operation log and of the lanes are those of their
/// packages, word for word.
#[test]
fn the_log_and_the_lanes_have_the_tables_of_their_packages() {
    for engine in ["sqlite", "postgres"] {
        for (folder, tables) in [
            ("2026-11-01-000001_audit", "platform/audit/ddl/"),
            ("2026-11-01-000002_lanes", "bridge/lanes/ddl/"),
            ("2026-11-21-000020_apart_lanes", "bridge/lanes/ddl/apart."),
            ("2026-11-21-000021_release_lanes", "bridge/lanes/ddl/release."),
            ("2026-11-21-000022_turn_lanes", "bridge/lanes/ddl/turns."),
            ("2026-11-22-000010_sealed_lanes", "bridge/lanes/ddl/sealed."),
            ("2026-11-26-000262_entries_lanes", "bridge/lanes/ddl/entries."),
            ("2026-11-26-000263_again_lanes", "bridge/lanes/ddl/again."),
            ("2026-11-21-000067_mirror_audit", "platform/audit/ddl/mirror."),
            ("2026-11-23-000041_tombstones_audit", "platform/audit/ddl/tombstones."),
        ] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let ddl = fs::read_to_string(root.join(format!("{tables}{engine}.sql")));
            let ddl = ddl.expect("readable");
            assert_eq!(text(engine, folder, "up.sql"), ddl, "{engine} {folder}");
        }
    }
}
