//! News for who asked for them.

use std::collections::BTreeSet;

use diesel::prelude::*;
use diesel::sql_types::Text;
use internet_zone_store::bulletins::{self, Bulletin, NewBulletin};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;
use crate::mandates::account;

/// What the operation log says of an act.
#[derive(QueryableByName)]
struct Logged {
    #[diesel(sql_type = Text)]
    detail: String,
}

fn topics(all: &[&str]) -> BTreeSet<String> {
    all.iter().map(|topic| (*topic).to_owned()).collect()
}

async fn choose(zone: &Fixture, account: &str, all: &[&str]) {
    let (by, account, all) = (zone.by(), account.to_owned(), topics(all));
    zone.store.write(move |tx| bulletins::choose(tx, &by, &account, &all)).await.expect("chosen");
}

async fn next(zone: &Fixture, of: &Bulletin, limit: i64) -> Vec<String> {
    let of = of.clone();
    let people = zone.store.read(move |db| bulletins::recipients(db, &of, limit)).await;
    people.expect("readable").into_iter().map(|account| account.id).collect()
}

async fn due(zone: &Fixture) -> Option<Bulletin> {
    zone.store.read(bulletins::due).await.expect("readable")
}

async fn advance(zone: &Fixture, of: &Bulletin, last: Option<&str>) -> bool {
    let (of, last, now) = (of.clone(), last.map(str::to_owned), zone.now());
    let moved = zone.store.write(move |tx| bulletins::advance(tx, &of, last.as_deref(), now));
    moved.await.expect("an outcome")
}

on_both_databases!(
    /// IK-2.1.1a: an account that wishes for two topics of one piece of news is one recipient; of two who
    /// tell at the same moment one goes on; when nobody is left it is done.
    news_go_to_each_account_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let mut all = Vec::new();
        for email in ["hanako", "taro", "jiro"] {
            all.push(account(&zone, email).await);
        }
        all.sort_unstable();
        choose(&zone, &all[0], &["category.jobs", "life.moving"]).await;
        choose(&zone, &all[1], &["life.moving"]).await;
        choose(&zone, &all[2], &["category.other"]).await;
        let new = NewBulletin {
            id: "procedure:one".to_owned(),
            topics: topics(&["category.jobs", "life.moving"]),
            title: "{\"ja\":\"新しい手続き\"}".to_owned(),
            path: "/procedures/one".to_owned(),
        };
        let (again, at) = (new.clone(), zone.now());
        assert!(zone.store.write(move |tx| bulletins::put(tx, &new, at)).await.expect("written"));
        assert!(!zone.store.write(move |tx| bulletins::put(tx, &again, at)).await.expect("there"));

        let first = due(&zone).await.expect("it is due");
        assert_eq!(next(&zone, &first, 10).await, all[..2]);
        assert_eq!(next(&zone, &first, 1).await, all[..1]);
        assert!(advance(&zone, &first, Some(&all[0])).await);
        assert!(!advance(&zone, &first, Some(&all[0])).await, "the other one was faster");
        let second = due(&zone).await.expect("it is due");
        assert_eq!(next(&zone, &second, 10).await, all[1..2]);
        // Who does not wish for it any more is not told.
        choose(&zone, &all[1], &[]).await;
        assert!(next(&zone, &second, 10).await.is_empty());
        assert!(advance(&zone, &second, None).await);
        assert_eq!(due(&zone).await, None);
    }
);

on_both_databases!(
    /// IK-2.1.1a: who stops the news wishes for nothing; a mail program may press again, and that is no act.
    news_are_stopped_once,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (one, other) = (account(&zone, "hanako").await, account(&zone, "taro").await);
        choose(&zone, &one, &["category.jobs", "life.moving"]).await;
        choose(&zone, &other, &["category.jobs"]).await;
        for _ in 0..2 {
            let (by, me) = (zone.by(), one.clone());
            zone.store.write(move |tx| bulletins::stop(tx, &by, &me)).await.expect("stopped");
        }
        let (me, taro) = (one.clone(), other.clone());
        let left = zone.store.read(move |db| {
            let query = "select detail from audit_events where detail = 'topics=0'";
            let acts = diesel::sql_query(query).load::<Logged>(db)?;
            Ok((bulletins::wishes(db, &me)?, bulletins::wishes(db, &taro)?, acts))
        });
        let (mine, others, acts) = left.await.expect("readable");
        assert_eq!((mine.len(), others), (0, vec!["category.jobs".to_owned()]));
        let acts: Vec<String> = acts.into_iter().map(|act| act.detail).collect();
        assert_eq!(acts, ["topics=0"]);
    }
);

on_both_databases!(
    /// IK-2.1.1a: who was not told yet of a procedure that is taken away is not told any more, also where
    /// somebody was telling at that moment.
    what_is_gone_is_no_news,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let me = account(&zone, "hanako").await;
        choose(&zone, &me, &["life.moving"]).await;
        let new = NewBulletin {
            id: "procedure:one".to_owned(),
            topics: topics(&["life.moving"]),
            title: "{\"ja\":\"新しい手続き\"}".to_owned(),
            path: "/procedures/one".to_owned(),
        };
        let (again, at) = (new.clone(), zone.now());
        assert!(zone.store.write(move |tx| bulletins::put(tx, &new, at)).await.expect("written"));
        let telling = due(&zone).await.expect("it is due");
        zone.store.write(move |tx| bulletins::over(tx, "procedure:one", at)).await.expect("gone");
        assert!(!advance(&zone, &telling, Some(&me)).await);
        assert_eq!(due(&zone).await, None);
        assert!(!zone.store.write(move |tx| bulletins::put(tx, &again, at)).await.expect("known"));
    }
);
