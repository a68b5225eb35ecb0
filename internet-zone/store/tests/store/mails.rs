//! Mails that wait.

use diesel::prelude::*;
use diesel::sql_types::Text;
use internet_zone_store::mail::{self, NewLetter};
use platform_testkit::on_both_databases;

use crate::fixture::Fixture;

#[derive(QueryableByName)]
struct Logged {
    #[diesel(sql_type = Text)]
    result: String,
    #[diesel(sql_type = Text)]
    detail: String,
}

on_both_databases!(
    /// NF-29: a mail that is never sent leaves the queue and stands in the log, in one transaction; one
    /// that was sent leaves no trace.
    a_mail_given_up_stands_in_the_log,
    |url: String| async move {
        let zone = Fixture::open(url, &[]).await;
        let (by, now) = (zone.by(), zone.now());
        let queued = zone.store.write(move |tx| {
            for id in ["sent", "lost"] {
                let letter = NewLetter { id: id.to_owned(), letter_sealed: vec![1] };
                mail::queue(tx, &letter, now)?;
            }
            mail::forget(tx, "sent")?;
            mail::give_up(tx, &by, "lost", "mail=register reason=550")
        });
        queued.await.expect("written");
        let (waiting, logged) = zone
            .store
            .read(|db| {
                let query = "select result, detail from audit_events where object like 'mail:%'";
                Ok((mail::waiting(db)?, diesel::sql_query(query).load::<Logged>(db)?))
            })
            .await
            .expect("readable");
        assert_eq!((waiting, logged.len()), (0, 1));
        assert_eq!(logged[0].result, "failed");
        assert_eq!(logged[0].detail, "mail=register reason=550");
    }
);
