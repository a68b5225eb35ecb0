//! Files that come in pieces.

use internet_zone_store::applications::orphans;
use internet_zone_store::applications::uploads::{self, Appended, Begun, NewUpload, Piece};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

const MB: i64 = 1_000_000;

fn new(zone: &Fixture, draft: &str, owner: &str, size: i64) -> NewUpload {
    let (id, at) = (zone.id(), zone.now());
    NewUpload {
        mark: id.clone().into_bytes(),
        id,
        draft_id: draft.to_owned(),
        owner: owner.to_owned(),
        input: "photo".to_owned(),
        name_sealed: vec![1],
        size,
        network: "192.0.2".to_owned(),
        at,
        expires_at: at + 1_000,
    }
}

async fn begin(zone: &Fixture, new: &NewUpload) -> Begun {
    let new = new.clone();
    zone.store.write(move |tx| uploads::begin(tx, &new)).await.expect("an outcome")
}

async fn append(zone: &Fixture, upload: &str, at: i64, size: i64) -> (String, Appended) {
    let piece = Piece { id: zone.id(), at, size };
    let (id, upload, until) = (piece.id.clone(), upload.to_owned(), zone.now() + 1_000);
    let kept = zone.store.write(move |tx| uploads::append(tx, &upload, &piece, until)).await;
    (id, kept.expect("an outcome"))
}

async fn received(zone: &Fixture, new: &NewUpload, owner: &str) -> Option<i64> {
    let (draft, id, owner) = (new.draft_id.clone(), new.id.clone(), owner.to_owned());
    let now = zone.now();
    let found = zone.store.read(move |db| uploads::find(db, (&draft, &owner), &id, now)).await;
    found.expect("readable").map(|found| found.received)
}

on_both_databases!(
    /// NF-56: a piece goes on exactly where the last one ended, once, within the size that was
    /// said, and belongs to who began it.
    a_piece_goes_on_where_the_last_one_ended,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        let file = new(&zone, &draft, "guest:1", 10);
        assert_eq!(begin(&zone, &file).await, Begun::New);
        let (first, kept) = append(&zone, &file.id, 0, 4).await;
        assert_eq!(kept, Appended::Yes);
        let mut lost = Vec::new();
        for (at, size) in [(0, 4), (2, 4), (5, 1), (4, 7)] {
            let (piece, kept) = append(&zone, &file.id, at, size).await;
            assert_eq!(kept, Appended::Elsewhere, "{at} {size}");
            lost.push(piece);
        }
        let (last, kept) = append(&zone, &file.id, 4, 6).await;
        assert_eq!(kept, Appended::Yes);
        assert_eq!(received(&zone, &file, "guest:1").await, Some(10));
        assert_eq!(received(&zone, &file, "guest:2").await, None, "another person's");
        let again = NewUpload { id: zone.id(), ..file.clone() };
        let Begun::Before(found) = begin(&zone, &again).await else { panic!("found again") };
        assert_eq!((found.id.as_str(), found.received), (file.id.as_str(), 10));

        let id = file.id.clone();
        let pieces = zone.store.read(move |db| uploads::pieces(db, &id)).await.expect("readable");
        assert_eq!(pieces, [first.clone(), last.clone()]);
        let all: Vec<String> = [first, last].into_iter().chain(lost).collect();
        let named = zone.store.read(move |db| orphans::unnamed(db, &all)).await;
        assert_eq!(named.expect("readable"), Vec::<String>::new(), "a row names every piece");
    }
);

on_both_databases!(
    /// NF-56: one person has ten unfinished files of 200 MB together at most; what is forgotten
    /// makes room.
    unfinished_files_have_their_limit,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        for _ in 0..uploads::MOST {
            assert_eq!(begin(&zone, &new(&zone, &draft, "guest:1", MB)).await, Begun::New);
        }
        assert_eq!(begin(&zone, &new(&zone, &draft, "guest:1", MB)).await, Begun::NoRoom);
        let large = new(&zone, &draft, "guest:2", uploads::MOST_BYTES - MB);
        assert_eq!(begin(&zone, &large).await, Begun::New);
        assert_eq!(begin(&zone, &new(&zone, &draft, "guest:2", 2 * MB)).await, Begun::NoRoom);
        assert_eq!(begin(&zone, &new(&zone, &draft, "guest:2", MB)).await, Begun::New);
        let id = large.id.clone();
        let remove = move |tx: &mut platform_store::Tx<'_>| uploads::remove(tx, &id);
        assert!(zone.store.write(remove.clone()).await.expect("an outcome"));
        assert!(!zone.store.write(remove).await.expect("an outcome"), "once");
        assert_eq!(begin(&zone, &new(&zone, &draft, "guest:2", 2 * MB)).await, Begun::New);
    }
);

on_both_databases!(
    /// NF-56: what is only announced takes nobody's room; what came of one network leaves room for the
    /// others, and what is forgotten gives all of it back.
    announced_bytes_take_nobodys_room,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        let mut files = Vec::new();
        for person in 0..30 {
            let file = new(&zone, &draft, &format!("guest:{person}"), uploads::MOST_BYTES);
            assert_eq!(begin(&zone, &file).await, Begun::New, "{person}");
            files.push(file);
        }
        for file in &files[..5] {
            assert_eq!(append(&zone, &file.id, 0, uploads::MOST_BYTES).await.1, Appended::Yes);
        }
        let (lost, kept) = append(&zone, &files[5].id, 0, MB).await;
        assert_eq!(kept, Appended::Full, "this network has its share");
        assert_eq!(received(&zone, &files[5], "guest:5").await, Some(0), "it can go on later");
        let named = zone.store.read(move |db| orphans::unnamed(db, &[lost])).await;
        assert_eq!(named.expect("readable"), Vec::<String>::new(), "a row names the piece");
        assert_eq!(begin(&zone, &new(&zone, &draft, "guest:30", MB)).await, Begun::Full);
        let elsewhere =
            NewUpload { network: "198.51.100".to_owned(), ..new(&zone, &draft, "guest:31", MB) };
        assert_eq!(begin(&zone, &elsewhere).await, Begun::New);
        assert_eq!(append(&zone, &elsewhere.id, 0, MB).await.1, Appended::Yes);

        let id = files[0].id.clone();
        zone.store.write(move |tx| uploads::remove(tx, &id)).await.expect("an outcome");
        assert_eq!(append(&zone, &files[5].id, 0, uploads::MOST_BYTES).await.1, Appended::Yes);
    }
);

on_both_databases!(
    /// NF-56: what nobody goes on with is found when its time is over or its draft is gone.
    unfinished_files_end,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (draft, _) = zone.draft().await;
        let kept = new(&zone, &draft, "guest:1", MB);
        let lost = new(&zone, "00000000000000000000000009", "guest:1", MB);
        begin(&zone, &kept).await;
        begin(&zone, &lost).await;
        let now = zone.now();
        let over = |at: i64| zone.store.read(move |db| uploads::over(db, at, 10));
        let found = over(now).await.expect("readable");
        assert_eq!(found, std::slice::from_ref(&lost.id));
        assert_eq!(over(now + 1_000).await.expect("readable").len(), 2);
    }
);
