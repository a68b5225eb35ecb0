//! The zone comes back from a backup.

use std::process::Command;

use bridge_lanes::operate::mark_generation;
use lgwan_zone::commands::verify_audit;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::Verdict;
use platform_store::Store;
use platform_store::backup::{self, Made, NotDone, Plan};
use platform_store::files::Files;
use platform_testkit::on_both_databases;
use platform_testkit::postgres::fresh_database;

use crate::desk::{Desk, Sent};

fn made(desk: &Desk, to: &std::path::Path) -> Made {
    let (url, files) = (&desk.config.database.url, &desk.config.folders.files);
    backup::make(&Plan { url, files, to, keep: 7, at: desk.clock.now() }).expect("a generation")
}

async fn arrives(desk: &Desk, family: &str) -> String {
    let sent = desk.submission((family, "花子"), &[Sent::Picture("証明.png")]).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    id
}

async fn is_there(store: &Store, id: &str) -> bool {
    let id = id.to_owned();
    store.read(move |db| file::row(db, &id)).await.expect("readable").is_some()
}

pub(crate) fn shelved(files: &std::path::Path) -> Vec<(String, Vec<u8>)> {
    let folder = Files::open(files).expect("a folder");
    let later = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1 << 33);
    let shelves = folder.shelves().expect("readable");
    let names = shelves.iter().flat_map(|shelf| folder.aged(shelf, later).expect("readable"));
    names.map(|name| (name.clone(), folder.get(&name).expect("readable"))).collect()
}

on_both_databases!(
    /// NN-12, IK-3.1.1o, MN-8.2a, NN-4: what was taken in before the backup is there after it was
    /// restored where nothing is, with every file, and its operation log holds; the service runs on
    /// meanwhile, and what came later is asked for by the lanes.
    the_zone_comes_back_from_a_backup,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let before = arrives(&desk, "山田").await;
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().join("backups");
        let made = made(&desk, &to);
        let kept = shelved(&desk.config.folders.files);
        assert_eq!((made.files, kept.len()), (1, 1));
        let after = arrives(&desk, "佐藤").await;

        let sqlite = url.starts_with("sqlite:");
        let back = folder.path().join("back");
        let new = if sqlite { format!("sqlite:{}", back.join("staff.db").display()) } else { fresh_database() };
        let left = backup::restore(&made.folder, &new, &back.join("files")).expect("restored");
        assert_eq!(left.is_none(), sqlite);
        if let Some(dump) = left {
            let restored = Command::new("pg_restore").args(["--no-owner", "--dbname", &new]).arg(dump).output();
            let restored = restored.expect("pg_restore runs");
            assert!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
        }
        let store = lgwan_zone::open_copy(&new).expect("it opens");
        assert!(is_there(&store, &before).await && !is_there(&store, &after).await);
        assert!(is_there(&desk.store, &after).await, "the zone itself runs on");
        assert_eq!(shelved(&back.join("files")), kept);
        drop(store);
        let mut config = desk.config.clone();
        config.database.url = new.clone();
        let log = verify_audit(&config, None).await.expect("readable");
        assert!(matches!(log.own.verdict, Verdict::Whole { .. }), "{log:?}");
        let again = backup::restore(&made.folder, &new, &back.join("files")).expect_err("taken");
        assert!(matches!(again, NotDone::Taken(_)), "{again}");

        let (now, record) = (desk.clock.now(), lgwan_zone_store::lanes::ordered);
        let noted = mark_generation(&desk.store, &made, lgwan_zone::open_copy, now, record).await;
        match (sqlite, noted) {
            (true, Ok(words)) => assert!(words.contains(&format!("backup {} holds: ", made.name)), "{words}"),
            (false, Err(words)) => assert!(words.to_string().contains("no generation"), "{words}"),
            (_, other) => panic!("{other:?}"),
        }
        let names: Vec<String> = std::fs::read_dir(&to)
            .expect("readable")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .filter(|name| name != "lock")
            .collect();
        assert_eq!(names, [made.name], "what was restored to verify it is gone");
        desk.closes().await;
    }
);
