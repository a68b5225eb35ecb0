//! A database of its own and things to put into it.

use std::collections::BTreeSet;

use bridge_contract::keys::OpenKey;
use bridge_contract::{Environment, Tenant};
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::applications::{Rules, WithdrawUntil};
use domain::forms::Answers;
use internet_zone_store::By;
use internet_zone_store::applications::accept::{self, Accepted, NewApplication};
use internet_zone_store::applications::drafts::{self, NewDraft};
use internet_zone_store::applications::seats::Seat;
use internet_zone_store::applications::withdraw::{self, Withdrawn};
use internet_zone_store::identity::Owner;
use internet_zone_store::identity::guests::{self, NewGuest};
use internet_zone_store::post::{Letter, NewSubmission, Post, Sender};
use internet_zone_store::procedures::{self, NewPool, NewRevision, Pool};
use jiff::Timestamp;
use platform_audit::Chain;
use platform_service::clock::Clock;
use platform_service::ids;
use platform_store::{Store, StoreConfig, StoreError, Tx};

/// Some time in the middle of a fiscal year.
pub(crate) const NOW: &str = "2026-06-01T00:00:00Z";

/// A row with an identifier.
#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    id: String,
}

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
        let procedure = ids::new(&clock);
        let fixture = Self::beside(url, procedure, clock);
        fixture.publish(1, pools).await;
        fixture
    }

    /// Opens a database that is there already.
    pub(crate) fn beside(url: String, procedure: String, clock: Clock) -> Self {
        let journal = Box::new(Chain::new("internet"));
        let migrations = internet_zone_store::migrations();
        let store = Store::open(&StoreConfig::at(url), migrations, journal).expect("a database");
        let (key, _) = OpenKey::generate();
        let tenant = Tenant::parse("mirai").expect("a good name");
        let post = Post::new(tenant, Environment::Demo, key.seal_key());
        Self { store, clock, procedure, post }
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

    /// Publishes a revision of the procedure without waiting lists.
    pub(crate) async fn publish(
        &self,
        revision: i64,
        pools: &[(&str, i64)],
    ) -> procedures::Published {
        let pool = |(pool, max): &(&str, i64)| NewPool::from(((*pool).to_owned(), *max));
        self.publish_pools(revision, pools.iter().map(pool).collect()).await
    }

    /// Publishes a revision of the procedure.
    pub(crate) async fn publish_pools(
        &self,
        revision: i64,
        pools: Vec<NewPool>,
    ) -> procedures::Published {
        let new = NewRevision {
            procedure_id: self.procedure.clone(),
            revision,
            slug: "koza".to_owned(),
            sha256: vec![0; 32],
            document: format!("{{\"revision\":{revision}}}").into_bytes(),
            files: Vec::new(),
            pools,
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
            delegate: None,
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
            cosigners: Vec::new(),
        };
        self.post.submission(submission).expect("good identifiers")
    }

    /// An application from a draft, taking these pools.
    pub(crate) fn application(&self, draft: &str, owner: Owner, pools: &[&str]) -> NewApplication {
        let id = self.id();
        NewApplication {
            letter: self.letter(&id),
            terminal: None,
            invitation: None,
            id,
            draft_id: draft.to_owned(),
            draft_version: 0,
            procedure_id: self.procedure.clone(),
            revision: 1,
            owner: Some(owner),
            grant_to: None,
            contact_sealed: None,
            secret: None,
            seats: pools.iter().map(|pool| Seat { pool: (*pool).to_owned(), units: 1 }).collect(),
            waits: false,
            once: None,
            left: None,
            closes_at: None,
            charged_sealed: None,
            seat_ends_at: None,
            shares: Vec::new(),
            cosigned: None,
        }
    }

    pub(crate) async fn accept(&self, new: NewApplication) -> Accepted {
        self.try_accept(new).await.expect("an outcome")
    }

    /// The same where another process may be faster.
    pub(crate) async fn try_accept(&self, new: NewApplication) -> Result<Accepted, StoreError> {
        let (by, clock) = (self.by(), self.clock.clone());
        let accept = move |tx: &mut Tx<'_>| {
            accept::accept(tx, &by, &clock, new, Box::new(|_, _| Vec::new()))
        };
        self.store.write(accept).await
    }

    /// So many drafts of so many guests, in one go: draft and guest.
    pub(crate) async fn drafts(&self, count: usize) -> Vec<(String, String)> {
        let people: Vec<_> = (0..count).map(|_| (self.id(), self.id())).collect();
        let (made, by, procedure_id) = (people.clone(), self.by(), self.procedure.clone());
        let begun = self.store.write(move |tx| {
            for (id, guest) in made {
                let new = NewDraft {
                    id,
                    procedure_id: procedure_id.clone(),
                    revision: 1,
                    owner: Owner::Guest(guest.clone()),
                    delegate: None,
                    correction: None,
                    answers_sealed: vec![1],
                    expires_at: by.at + 86_400_000_000,
                };
                guests::admit(tx, &NewGuest { id: guest, email: None, at: by.at })?;
                drafts::begin(tx, &by, &new)?;
            }
            Ok(())
        });
        begun.await.expect("drafts");
        people
    }

    /// Applications that hold seats.
    pub(crate) async fn seated(&self) -> BTreeSet<String> {
        self.ids("select distinct application_id as id from held_seats").await
    }

    /// What a question for identifiers finds.
    pub(crate) async fn ids(&self, sql: &'static str) -> BTreeSet<String> {
        let rows = self.store.read(move |db| diesel::sql_query(sql).load::<Named>(db)).await;
        rows.expect("readable").into_iter().map(|row| row.id).collect()
    }

    /// Seats taken in a pool.
    pub(crate) async fn taken(&self, pool: &str) -> i64 {
        self.pool(pool).await.taken
    }

    /// A pool as it is now.
    pub(crate) async fn pool(&self, pool: &str) -> Pool {
        let (procedure, pool) = (self.procedure.clone(), pool.to_owned());
        let pools = self.store.read(move |db| procedures::pools(db, &procedure)).await;
        pools.expect("the pools").into_iter().find(|p| p.pool == pool).expect("the pool")
    }

    /// Withdraws an application.
    pub(crate) async fn withdraw(&self, id: &str) -> Withdrawn {
        let letter = self.post.withdrawal(self.id(), id, String::new()).expect("good identifiers");
        let rules = Rules::new(&[], WithdrawUntil::Decided);
        let (by, id) = (self.by(), id.to_owned());
        let done = self.store.write(move |tx| withdraw::withdraw(tx, &by, &id, rules, letter));
        done.await.expect("an outcome")
    }
}
