//! What has had its time goes, what somebody still needs stays.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bridge_contract::keys::OpenKey;
use bridge_contract::{Environment, Tenant};
use domain::postal::PostalBook;
use internet_zone::config::LimitConfig;
use internet_zone::jobs::{orphans, sweep};
use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, DraftFile, NewDraft, Save, Saved};
use internet_zone_store::identity::Owner;
use internet_zone_store::identity::guests::{self, NewGuest};
use internet_zone_store::identity::sessions::{self, NewSession};
use internet_zone_store::identity::tokens::{self, NewToken, Purpose};
use internet_zone_store::post::Post;
use internet_zone_store::vault::Vault;
use internet_zone_web::shelf::Shelf;
use internet_zone_web::site::{City, Limits, Parts, Site};
use jiff::SignedDuration;
use platform_audit::Chain;
use platform_service::clock::Clock;
use platform_store::files::Files;
use platform_store::{Store, StoreConfig};
use platform_testkit::TempDir;
use platform_web::passwords::{Cost, Passwords};

use crate::applying::clock;

const HOUR: i64 = 3_600_000_000;

/// The parts a sweep needs, without pages, lanes or a sweep of their own.
pub(crate) fn site(folder: &Path, clock: &Clock) -> Site {
    let url = format!("sqlite:{}/zone.db", folder.display());
    let journal = Box::new(Chain::new("internet"));
    let migrations = internet_zone_store::migrations();
    let store = Store::open(&StoreConfig::at(url), migrations, journal).expect("a database");
    let tenant = Tenant::parse("mirai").expect("a good name");
    let (key, _) = OpenKey::generate();
    Site::new(Parts {
        store,
        clock: clock.clone(),
        vault: Arc::new(Vault::new(&[7; 32], tenant.as_str())),
        files: Files::open(folder.join("files")).expect("a folder"),
        shelf: Arc::new(Shelf::default()),
        post: Arc::new(Post::new(tenant, Environment::Demo, key.seal_key())),
        passwords: Passwords::new(Cost::CITIZEN).expect("usable"),
        postal: Arc::new(PostalBook::default()),
        look_ahead: None,
        wake: Box::new(|| ()),
        open: Box::new(|| true),
        city: City {
            name: "みらい市".to_owned(), contact: String::new(), base_url: String::new()
        },
        notices: Vec::new(),
        terminals: Vec::new(),
        limits: Limits::default(),
    })
}

/// Puts a file whose bytes were written this long before the site's now.
fn put(site: &Site, folder: &Path, age: SignedDuration) -> String {
    let name = site.new_id();
    site.files.put(&name, b"sealed").expect("a new name");
    let place = folder.join("files").join(&name[name.len() - 2..]).join(&name);
    let file = File::options().append(true).open(place).expect("it is there");
    file.set_modified((site.clock.now() - age).into()).expect("settable");
    name
}

/// A draft of a guest that ends at `expires_at`, with this file in it.
pub(crate) async fn draft(site: &Site, expires_at: i64, file: &str) -> (String, Owner) {
    let (guest, id, by) = (site.new_id(), site.new_id(), By::system("test", site.micros()));
    let owner = Owner::Guest(guest.clone());
    let new = NewDraft {
        id: id.clone(),
        procedure_id: site.new_id(),
        revision: 1,
        owner: owner.clone(),
        delegate: None,
        correction: None,
        answers_sealed: vec![1],
        expires_at,
    };
    let save = Save {
        id: id.clone(),
        version: 0,
        revision: 1,
        answers_sealed: vec![1],
        reached: 0,
        at: by.at,
        expires_at,
        add: Some(DraftFile {
            id: file.to_owned(),
            input: "photo".to_owned(),
            name_sealed: vec![1],
            media: "image/png".to_owned(),
            size: 6,
            sha256: vec![0; 32],
            look: String::new(),
            password_sealed: None,
        }),
        remove: None,
        finishes: None,
        voids: None,
    };
    let saved = site.store.write(move |tx| {
        guests::admit(tx, &NewGuest { id: guest, email: None, at: by.at })?;
        drafts::begin(tx, &by, &new)?;
        drafts::save(tx, &save)
    });
    assert_eq!(saved.await.expect("written"), Saved::Yes);
    (id, owner)
}

async fn has_draft(site: &Site, id: &str) -> bool {
    let id = id.to_owned();
    // Asked as of long ago: a draft that expired and is still there counts.
    site.store.read(move |db| drafts::find(db, &id, 0)).await.expect("readable").is_some()
}

/// Looks until every folder has had its turn.
async fn look_at_all(site: &Site) -> usize {
    let (mut round, mut gone) = (orphans::Round::default(), 0);
    for _ in 0..200 {
        gone += orphans::look(site, &mut round).await.expect("a look");
    }
    gone
}

/// NF-60, MN-7.2: an expired draft goes with its files, an open one stays with its own.
#[tokio::test]
async fn an_expired_draft_goes_with_its_files() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let age = SignedDuration::from_hours(1);
    let (old, kept) = (put(&site, folder.path(), age), put(&site, folder.path(), age));
    let (expired, _) = draft(&site, site.micros() + HOUR, &old).await;
    let (open, _) = draft(&site, site.micros() + 3 * HOUR, &kept).await;

    sweep::sweep(&site, &LimitConfig::default()).await.expect("a sweep");
    assert!(has_draft(&site, &expired).await, "nothing has had its time yet");

    clock.advance(SignedDuration::from_hours(2));
    sweep::sweep(&site, &LimitConfig::default()).await.expect("a sweep");
    assert!(!has_draft(&site, &expired).await);
    assert!(has_draft(&site, &open).await);
    assert!(site.files.get(&old).is_err());
    assert_eq!(site.files.get(&kept).expect("it is needed"), b"sealed");
    let doomed = site.store.read(|db| drafts::doomed(db, 10)).await.expect("readable");
    assert!(doomed.is_empty(), "{doomed:?}");
}

/// NF-60: the owner is told once, days before, and nobody is who is still typing.
#[tokio::test]
async fn an_owner_is_told_once_and_not_while_typing() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let file = put(&site, folder.path(), SignedDuration::ZERO);
    let (id, _) = draft(&site, site.micros() + 24 * HOUR, &file).await;
    let told = |id: String, now: i64| {
        let all = site.store.read(move |db| drafts::expiring(db, (now, i64::MAX, now), 10));
        async move { !all.await.expect("readable").iter().any(|draft| draft.id == id) }
    };
    sweep::sweep(&site, &LimitConfig::default()).await.expect("a sweep");
    assert!(!told(id.clone(), site.micros()).await, "it was saved just now");
    clock.advance(SignedDuration::from_hours(13));
    sweep::sweep(&site, &LimitConfig::default()).await.expect("a sweep");
    assert!(told(id, site.micros()).await);
}

/// NF-17: sessions end when idle, links of mails nobody followed when they are old.
#[tokio::test]
async fn idle_sessions_and_old_links_go() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let file = put(&site, folder.path(), SignedDuration::ZERO);
    let (_, owner) = draft(&site, site.micros() + 90 * 24 * HOUR, &file).await;
    let by = By::system("test", site.micros());
    let at = by.at;
    let token = move |hash: u8, hours: i64| NewToken {
        hash: vec![hash; 32],
        purpose: Purpose::Register,
        payload_sealed: vec![1],
        account_id: None,
        at,
        expires_at: at + hours * HOUR,
    };
    let session = move |hash: u8| NewSession {
        id_hash: vec![hash; 32],
        owner: owner.clone(),
        expires_at: at + 12 * HOUR,
    };
    site.store
        .write(move |tx| {
            tokens::issue(tx, &token(1, 1))?;
            tokens::issue(tx, &token(2, 24))?;
            sessions::open(tx, &by, &session(3), None)?;
            sessions::open(tx, &by, &session(4), None)
        })
        .await
        .expect("written");
    clock.advance(SignedDuration::from_mins(80));
    let now = site.micros();
    site.store.write(move |tx| sessions::touch(tx, &[4; 32], now)).await.expect("written");

    sweep::sweep(&site, &LimitConfig::default()).await.expect("a sweep");
    // Asked as of the beginning, so that only a deleted row is missing.
    let left = site.store.read(move |db| {
        let purpose = Purpose::Register;
        Ok([
            tokens::peek(db, &[1; 32], purpose, at)?.is_some(),
            tokens::peek(db, &[2; 32], purpose, at)?.is_some(),
            sessions::find(db, &[3; 32], at, HOUR)?.is_some(),
            sessions::find(db, &[4; 32], at, HOUR)?.is_some(),
        ])
    });
    assert_eq!(left.await.expect("readable"), [false, true, false, true]);
}

/// MN-7.2: a file that a failed save left behind goes after a day; one that a
/// row names stays however old it is, and so does one that may just be arriving.
#[tokio::test]
async fn a_file_without_a_row_goes_after_a_day() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    let named = put(&site, folder.path(), days(30));
    draft(&site, site.micros() + 90 * 24 * HOUR, &named).await;
    let lost: Vec<String> = (0..40).map(|_| put(&site, folder.path(), days(2))).collect();
    let arriving = put(&site, folder.path(), SignedDuration::from_hours(23));

    assert_eq!(look_at_all(&site).await, lost.len());
    assert!(lost.iter().all(|name| site.files.get(name).is_err()));
    assert_eq!(site.files.get(&named).expect("a row names it"), b"sealed");
    assert_eq!(site.files.get(&arriving).expect("it may get a row"), b"sealed");

    clock.advance(SignedDuration::from_hours(2));
    assert_eq!(look_at_all(&site).await, 1, "nobody named it in a day");
    assert!(site.files.get(&arriving).is_err());
    assert_eq!(look_at_all(&site).await, 0);
}
