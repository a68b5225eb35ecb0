//! What has had its time goes, what somebody still needs stays.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use bridge_contract::keys::OpenKey;
use bridge_contract::{Environment, Tenant};
use domain::postal::PostalBook;
use internet_zone::config::LimitConfig;
use internet_zone::jobs::{self, orphans, sweep};
use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, DraftFile, NewDraft, Save, Saved};
use internet_zone_store::identity::guests::{self, NewGuest};
use internet_zone_store::identity::sessions::{self, NewSession};
use internet_zone_store::identity::tokens::{self, NewToken, Purpose};
use internet_zone_store::identity::{Owner, consents};
use internet_zone_store::post::Post;
use internet_zone_store::procedures::{self, Department};
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
use crate::support::publish_as_written;

const HOUR: i64 = 3_600_000_000;

/// The parts a sweep needs, without pages, lanes or a sweep of their own.
pub(crate) fn site(folder: &Path, clock: &Clock) -> Site {
    let url = format!("sqlite:{}/zone.db", folder.display());
    let journal = Box::new(Chain::new("internet"));
    let migrations = internet_zone_store::migrations();
    let store = Store::open(&StoreConfig::at(url), migrations, journal).expect("a database");
    site_of(store, folder, clock)
}

/// The same with a database that is there already.
pub(crate) fn site_of(store: Store, folder: &Path, clock: &Clock) -> Site {
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
            sessions::open(tx, &by, &session(3), None, None)?;
            sessions::open(tx, &by, &session(4), None, None)
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

/// IK-3.5.1a, MN-7.2: who came without an account is forgotten with the address and the consent when
/// nothing of theirs is left; who has something unsent stays, and so does who came lately.
#[tokio::test]
async fn guests_are_forgotten_when_nothing_is_left() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let file = put(&site, folder.path(), SignedDuration::ZERO);
    let (_, typing) = draft(&site, site.micros() + 90 * 24 * HOUR, &file).await;
    let (gone, by) = (site.new_id(), By::system("test", site.micros()));
    let email = |n: u8| Some((vec![n; 32], vec![n]));
    let admit = async |id: &str, email: Option<(Vec<u8>, Vec<u8>)>| {
        let new = NewGuest { id: id.to_owned(), email, at: site.micros() };
        site.store.write(move |tx| guests::admit(tx, &new)).await.expect("written")
    };
    admit(&gone, email(1)).await;
    let back = site.new_id();
    admit(&back, email(2)).await;
    let owner = Owner::Guest(gone.clone());
    let agreement =
        consents::Agreement { id: site.new_id(), version: "1".to_owned(), sha256: vec![1; 32] };
    let agreed = owner.clone();
    site.store
        .write(move |tx| consents::agree(tx, &by, &agreed, &agreement))
        .await
        .expect("written");
    let mut round = jobs::guests::Round::default();
    clock.advance(SignedDuration::from_hours(29 * 24));
    assert_eq!(jobs::guests::look(&site, &mut round).await.expect("a look"), 0);
    assert_eq!(admit(&site.new_id(), email(2)).await, back, "the same address is the same guest");
    clock.advance(SignedDuration::from_hours(2 * 24));
    assert_eq!(jobs::guests::look(&site, &mut round).await.expect("a look"), 1);
    let typing = typing.guest().expect("a guest").to_owned();
    let left = site.store.read(move |db| {
        let agreed = consents::agreed(db, &owner, "1")?;
        Ok((guests::old(db, "", i64::MAX, 10)?, agreed))
    });
    let (mut left, agreed) = left.await.expect("readable");
    left.sort();
    let mut expected = vec![back, typing];
    expected.sort();
    assert_eq!((left, agreed), (expected, false));
    assert_eq!(jobs::guests::look(&site, &mut round).await.expect("a look"), 0, "a new round");
}

/// What is published, closed or renamed is noticed by the next look, and a look without a change reads one
/// row.
#[tokio::test]
async fn a_look_notices_what_was_published() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let refresh = async || site.shelf.refresh(&site.store).await.expect("readable");
    assert!(!refresh().await, "nothing is there");
    let mut procedure = crate::support::sample("juminhyo");
    for revision in 1..=2 {
        procedure.revision = revision;
        // The clock stands still: the time of publication does not tell them apart.
        publish_as_written(&site.store, &procedure, site.micros()).await;
        assert!(refresh().await, "revision {revision}");
        assert!(!refresh().await);
    }
    let department = Department {
        id: "d1".to_owned(),
        name: "市民課".to_owned(),
        phone: String::new(),
        place: String::new(),
    };
    site.store
        .write(move |tx| procedures::replace_departments(tx, &[department]))
        .await
        .expect("written");
    assert!(refresh().await);
    assert_eq!(site.shelf.shown().department("d1").map(|one| one.name.as_str()), Some("市民課"));
    let (id, by) = (procedure.id.as_str().to_owned(), By::system("test", site.micros()));
    let closed = site.store.write(move |tx| procedures::close(tx, &by, (&id, None), by.at));
    assert!(closed.await.expect("written") && refresh().await);
    assert!(site.shelf.shown().by_slug("juminhyo").is_none());
}

/// The name of a procedure in a list is read without the rest of its form, also of an older revision.
#[tokio::test]
async fn a_list_names_revisions_without_reading_their_forms() {
    let (folder, clock) = (TempDir::new(), clock());
    let site = site(folder.path(), &clock);
    let mut procedure = crate::support::sample("juminhyo");
    for (revision, title) in [(1, "住民票の写し"), (2, "住民票の交付")] {
        (procedure.revision, procedure.title) = (revision, title.into());
        publish_as_written(&site.store, &procedure, site.micros()).await;
    }
    site.shelf.refresh(&site.store).await.expect("readable");
    let id = procedure.id.as_str();
    for (revision, title) in
        [(1, "住民票の写し"), (2, "住民票の交付"), (1, "住民票の写し"), (9, "")]
    {
        let found = site.shelf.title(&site.store, id, revision).await.expect("readable");
        assert_eq!(found.ja(), title, "{revision}");
    }
}
