//! A database of its own and things to put into it.

use bridge_contract::keys::OpenKey;
use bridge_contract::{Environment, Tenant};
use domain::forms::Answers;
use internet_zone_store::By;
use internet_zone_store::applications::accept::{self, Accepted, NewApplication};
use internet_zone_store::applications::drafts::{self, NewDraft};
use internet_zone_store::identity::Owner;
use internet_zone_store::identity::guests::{self, NewGuest};
use internet_zone_store::post::{Letter, NewSubmission, Post, Sender};
use internet_zone_store::procedures::{self, NewRevision};
use jiff::Timestamp;
use platform_audit::Chain;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Store, StoreConfig};

/// Some time in the middle of a fiscal year.
pub(crate) const NOW: &str = "2026-06-01T00:00:00Z";

/// A database with one procedure in it.
#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) procedure: String,
    pub(crate) post: Post,
}

impl Fixture {
    /// Opens the database at `url`; the procedure has these pools of seats.
    pub(crate) async fn open(url: String, pools: &[(&str, i64)]) -> Self {
        let clock = Clock::fixed(NOW.parse::<Timestamp>().expect("a time"));
        let journal = Box::new(Chain::new("internet"));
        let migrations = internet_zone_store::migrations();
        let store = Store::open(&StoreConfig::at(url), migrations, journal).expect("a database");
        let (key, _) = OpenKey::generate();
        let tenant = Tenant::parse("mirai").expect("a good name");
        let post = Post::new(tenant, Environment::Demo, key.seal_key());
        let fixture = Self { store, procedure: ids::new(&clock), clock, post };
        fixture.publish(1, pools).await;
        fixture
    }

    pub(crate) fn id(&self) -> String {
        ids::new(&self.clock)
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().as_microsecond()
    }

    pub(crate) fn by(&self) -> By {
        By::system("test", self.now())
    }

    /// Publishes a revision of the procedure.
    pub(crate) async fn publish(
        &self,
        revision: i64,
        pools: &[(&str, i64)],
    ) -> procedures::Published {
        let new = NewRevision {
            procedure_id: self.procedure.clone(),
            revision,
            slug: "koza".to_owned(),
            sha256: vec![0; 32],
            document: format!("{{\"revision\":{revision}}}").into_bytes(),
            files: Vec::new(),
            pools: pools.iter().map(|(pool, max)| ((*pool).to_owned(), *max)).collect(),
            at: self.now(),
        };
        let by = self.by();
        self.store.write(move |tx| procedures::publish(tx, &by, &new)).await.expect("published")
    }

    /// A guest with a draft that is ready to be sent.
    pub(crate) async fn draft(&self) -> (String, Owner) {
        let (guest, id) = (self.id(), self.id());
        let owner = Owner::Guest(guest.clone());
        let new = NewDraft {
            id: id.clone(),
            procedure_id: self.procedure.clone(),
            revision: 1,
            owner: owner.clone(),
            correction: None,
            answers_sealed: vec![1, 2, 3],
            expires_at: self.now() + 86_400_000_000,
        };
        let by = self.by();
        self.store
            .write(move |tx| {
                guests::admit(tx, &NewGuest { id: guest, email: None, at: by.at })?;
                drafts::begin(tx, &by, &new)
            })
            .await
            .expect("a draft");
        (id, owner)
    }

    pub(crate) fn letter(&self, id: &str) -> Letter {
        let submission = NewSubmission {
            id,
            procedure_id: &self.procedure,
            revision: 1,
            definition: &[0; 32],
            sender: Sender::Nobody,
            answers: &Answers::new(),
            provenance: Vec::new(),
            files: Vec::new(),
        };
        self.post.submission(submission).expect("good identifiers")
    }

    /// An application from a draft, taking these pools.
    pub(crate) fn application(&self, draft: &str, owner: Owner, pools: &[&str]) -> NewApplication {
        let id = self.id();
        NewApplication {
            letter: self.letter(&id),
            id,
            draft_id: draft.to_owned(),
            draft_version: 0,
            procedure_id: self.procedure.clone(),
            revision: 1,
            owner: Some(owner),
            grant_to: None,
            contact_sealed: None,
            secret: None,
            pools: pools.iter().map(|pool| (*pool).to_owned()).collect(),
            once: None,
            closes_at: None,
        }
    }

    pub(crate) async fn accept(&self, new: NewApplication) -> Accepted {
        let (by, clock) = (self.by(), self.clock.clone());
        self.store
            .write(move |tx| accept::accept(tx, &by, &clock, new, Box::new(|_| None)))
            .await
            .expect("an outcome")
    }

    /// Seats taken in a pool.
    pub(crate) async fn taken(&self, pool: &str) -> i64 {
        let (procedure, pool) = (self.procedure.clone(), pool.to_owned());
        let pools = self.store.read(move |db| procedures::pools(db, &procedure)).await;
        pools.expect("the pools").into_iter().find(|p| p.pool == pool).map_or(0, |p| p.taken)
    }
}
