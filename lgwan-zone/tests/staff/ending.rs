//! What the office ends: 職権終了 without a decision, 期限切れ of a correction that did not come.

use std::collections::BTreeMap;

use bridge_contract::messages::{Correction, WithdrawalAsked};
use domain::ids::ApplicationId;
use jiff::SignedDuration;
use lgwan_zone_store::audit::{self, Filter};
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::desk::{Desk, incoming, row};

async fn on(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| {
        one["workflow"]["approvals"] = json!([{ "title": "係長", "staff": ["shinsa"] }]);
        one["workflow"]["expected_days"] = json!(10);
    })
    .await;
    desk
}

async fn arrived(desk: &Desk) -> (ApplicationId, String) {
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    (id, page)
}

/// States that were told to the citizens' zone.
async fn told(desk: &Desk) -> i64 {
    use diesel::RunQueryDsl as _;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let counted = desk.store.read(|db| {
        diesel::sql_query("select count(*) as items from outbox_items where kind = 4")
            .get_result::<Count>(db)
    });
    counted.await.expect("readable").items
}

async fn sends(who: &Browser, path: &str, reason: &str, seen: &str) -> Answer {
    let (page, _) = path.rsplit_once('/').expect("the page of the application");
    who.post(page, path, &[("reason", reason), ("seen", seen)]).await
}

on_both_databases!(
    /// NF-34: who leads the department closes an application without a decision, with a reason the applicant
    /// reads; a clerk cannot, since it passes by whoever approves decisions; what is decided stays.
    the_office_closes_an_application_with_a_reason,
    |url: String| async move {
        let desk = on(&url).await;
        let (clerk, manager) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let (id, page) = arrived(&desk).await;
        let form = format!("{page}/close");
        for (step, seen) in [("accept", "1"), ("review", "2")] {
            let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
            assert_eq!(done.status, 303, "{}", done.text());
        }
        let propose = [("event", "notify"), ("words", "要件を満たす"), ("seen", "3")];
        assert_eq!(clerk.post(&page, &format!("{page}/propose"), &propose).await.status, 303);
        assert!(!clerk.get(&page).await.text().contains("職権で終了する"));
        assert_eq!(clerk.get(&form).await.status, 403);
        assert_eq!(row(&desk, &id).await.state, "reviewing");

        assert!(manager.get(&page).await.text().contains("職権で終了する"));
        let empty = sends(&manager, &form, " ", "3").await;
        assert_eq!(empty.status, 422);
        assert!(empty.text().contains("理由を入力してください"), "{}", empty.text());
        let before = told(&desk).await;
        let done = sends(&manager, &form, "同じ申請が二重に届いたため", "3").await;
        assert_eq!(done.location(), format!("{page}?said=close"), "{}", done.text());
        let closed = row(&desk, &id).await;
        assert_eq!((&*closed.state, closed.version, closed.deadline_at), ("closed", 4, None));
        assert_eq!(told(&desk).await, before + 1, "the applicant is told");
        let shown = manager.get(&page).await.text();
        for words in ["職権で終了しました", "同じ申請が二重に届いたため", "職権終了"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let shinsa = desk.logged_in("shinsa").await;
        assert!(!shinsa.get("/inbox").await.text().contains("あなたの決裁を待つ"));
        assert!(clerk.get("/inbox?state=closed").await.text().contains("山田 花子"));
        assert_eq!(sends(&manager, &form, "もう一度", "4").await.status, 409, "it is over");
        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        assert!(log.iter().any(|one| one.event.act == "applications.close"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, IK-2.1.1b: who leads the department takes up again what was ended, with a reason the applicant
    /// reads; the promised days begin anew, a clerk cannot, and what is not over stays as it is.
    what_was_ended_is_taken_up_again,
    |url: String| async move {
        let desk = on(&url).await;
        let (clerk, manager) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let (id, page) = arrived(&desk).await;
        let form = format!("{page}/reopen");
        assert_eq!(manager.get(&form).await.status, 409, "it is not over");
        let refuse = format!("{page}/refuse");
        let refused = sends(&clerk, &refuse, "あて先が違うため", "1").await;
        assert_eq!(refused.status, 303, "{}", refused.text());
        assert!(!clerk.get(&page).await.text().contains("再開する"));
        assert_eq!(clerk.get(&form).await.status, 403);
        assert_eq!(row(&desk, &id).await.deadline_at, None);

        assert!(manager.get(&page).await.text().contains("再開する"));
        let empty = sends(&manager, &form, "", "2").await;
        assert_eq!(empty.status, 422, "{}", empty.text());
        let stale = sends(&manager, &form, "取り違えていたため", "1").await;
        assert_eq!(stale.status, 409);
        assert!(stale.text().contains("取り違えていたため"), "what was typed: {}", stale.text());
        let before = told(&desk).await;
        let done = sends(&manager, &form, "取り違えていたため", "2").await;
        assert_eq!(done.location(), format!("{page}?said=reopen"), "{}", done.text());
        let open = row(&desk, &id).await;
        assert_eq!((&*open.state, open.version), ("reviewing", 3));
        assert!(open.deadline_at.is_some_and(|end| end > desk.clock.now().as_microsecond()));
        assert_eq!(told(&desk).await, before + 1, "the applicant is told");
        let shown = clerk.get(&page).await.text();
        for words in ["再開しました", "取り違えていたため", "あて先が違うため"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(clerk.get("/inbox?state=reviewing").await.text().contains("山田 花子"));
        assert_eq!(sends(&manager, &form, "もう一度", "3").await.status, 409, "it is open");
        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        assert!(log.iter().any(|one| one.event.act == "applications.reopen"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: a correction that did not come is made 期限切れ by a person, not before its day is over; one
    /// that was on its way counts, and the application goes on with the days that were left.
    a_correction_that_did_not_come_ends_the_application,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = arrived(&desk).await;
        let form = format!("{page}/expire");
        assert_eq!(clerk.get(&form).await.status, 409, "nothing was asked");
        let accept = clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await;
        assert_eq!(accept.status, 303);
        let ask =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "2")];
        let correction = format!("{page}/correction");
        assert_eq!(clerk.post(&correction, &correction, &ask).await.status, 303);
        let left = row(&desk, &id).await.days_left;
        assert!(left.is_some());
        desk.clock.advance(SignedDuration::from_hours(24 * 11));
        let clerk = desk.logged_in("uketsuke").await;
        assert!(!clerk.get(&page).await.text().contains("期限切れにする"), "it is the day");
        let early = sends(&clerk, &form, "補正がないため", "3").await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("補正の期限がまだ過ぎていない"), "{}", early.text());
        assert!(early.text().contains("補正がないため"), "what was typed: {}", early.text());

        desk.clock.advance(SignedDuration::from_hours(24));
        let clerk = desk.logged_in("uketsuke").await;
        assert!(clerk.get(&page).await.text().contains("期限切れにする"));
        let done = sends(&clerk, &form, "補正がないため", "3").await;
        assert_eq!(done.location(), format!("{page}?said=expire"), "{}", done.text());
        assert_eq!(row(&desk, &id).await.state, "expired:accepted");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("補正がないため、期限切れにしました"), "{shown}");
        assert!(!shown.contains("止まっています"), "no deadline of what is over: {shown}");
        assert!(!clerk.get("/inbox").await.text().contains("補正の期限が過ぎた"));
        assert!(clerk.get("/inbox?state=expired").await.text().contains("山田 花子"));

        let answers = BTreeMap::from([("phone".to_owned(), vec!["0399999999".to_owned()])]);
        let attachments = Vec::new();
        let sent =
            Correction { application_id: id.clone(), round: 1, answers, attachments, by: None };
        let sent = incoming(50, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(sent).await.expect("taken in");
        let back = row(&desk, &id).await;
        assert_eq!((&*back.state, back.version, back.round), ("accepted", 5, 1));
        assert!(back.deadline_at.is_some(), "the period goes on");
        assert!(clerk.get(&page).await.text().contains("03-9999-9999"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: what was made 期限切れ and taken up again is asked for a correction again, under a number of its
    /// own; an answer to the first request that was on its way meanwhile is kept where the application is.
    /// What the applicant asks for (取下げの申出) waits with it, whatever older request is taken back late.
    what_expired_and_was_taken_up_again_is_corrected_after_all,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (again, late) = (arrived(&desk).await, arrived(&desk).await);
        let ask = async |clerk: &Browser, page: &str, due: &str, seen: &str| {
            let wish = [("fields", "phone"), ("reason", "電話番号を"), ("due", due), ("seen", seen)];
            let form = format!("{page}/correction");
            let asked = clerk.post(&form, &form, &wish).await;
            assert_eq!(asked.status, 303, "{}", asked.text());
        };
        for (_, page) in [&again, &late] {
            let accept = clerk.post(page, &format!("{page}/accept"), &[("seen", "1")]).await;
            assert_eq!(accept.status, 303);
            ask(&clerk, page, "2026-12-01", "2").await;
        }
        let (_, page) = &late;
        let request_of = |serial: u64, request: &str, reason: Option<&str>| {
            let sent = WithdrawalAsked {
                application_id: late.0.clone(),
                request_id: request.to_owned(),
                reason: reason.map(str::to_owned),
            };
            incoming(serial, sent.into(), None, Vec::new(), Vec::new())
        };
        desk.arrives(request_of(49, "one", Some("転居のため"))).await.expect("taken in");
        let request = format!("{page}/withdrawal");
        assert_eq!(clerk.get(&request).await.status, 200);
        desk.clock.advance(SignedDuration::from_hours(24 * 12));
        let (clerk, manager) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        for (_, page) in [&again, &late] {
            let expired = sends(&clerk, &format!("{page}/expire"), "補正がないため", "3").await;
            assert_eq!(expired.status, 303, "{}", expired.text());
            let open = sends(&manager, &format!("{page}/reopen"), "連絡があったため", "4").await;
            assert_eq!(open.status, 303, "{}", open.text());
        }
        let answers = async |serial: u64, id: &ApplicationId, round: u32, phone: &str| {
            let answers = BTreeMap::from([("phone".to_owned(), vec![phone.to_owned()])]);
            let application_id = id.clone();
            let sent =
                Correction { application_id, round, answers, attachments: Vec::new(), by: None };
            let sent = incoming(serial, sent.into(), None, Vec::new(), Vec::new());
            desk.arrives(sent).await.expect("taken in");
        };
        let (id, page) = &again;
        ask(&clerk, page, "2026-12-20", "5").await;
        assert_eq!(row(&desk, id).await.state, "correction:reviewing");
        answers(50, id, 2, "0399999999").await;
        let back = row(&desk, id).await;
        assert_eq!((&*back.state, back.version, back.round), ("reviewing", 7, 2));
        assert!(clerk.get(page).await.text().contains("03-9999-9999"));
        answers(51, id, 1, "0388888888").await;
        assert_eq!(row(&desk, id).await.version, 7, "an older answer changes nothing");

        assert_eq!(clerk.get(&request).await.status, 409, "it was over with 期限切れ");
        let (id, page) = &late;
        answers(52, id, 1, "0377777777").await;
        // The citizens' zone passed over 期限切れ, so there the request still waits.
        let shown = clerk.get(&request).await;
        assert_eq!(shown.status, 200, "it waits again");
        assert!(shown.text().contains("転居のため"), "{}", shown.text());
        assert!(clerk.get("/inbox").await.text().contains("取下げの申出 <b>1件</b>"));
        let kept = row(&desk, id).await;
        assert_eq!((&*kept.state, kept.version, kept.round), ("reviewing", 6, 1));
        assert!(kept.deadline_at.is_some(), "the period goes on");
        assert!(clerk.get(page).await.text().contains("03-7777-7777"));
        ask(&clerk, page, "2026-12-20", "6").await;
        assert_eq!(row(&desk, id).await.state, "correction:reviewing");

        // A request that was over is taken back late, while a newer one waits.
        desk.clock.advance(SignedDuration::from_hours(24 * 20));
        let (clerk, manager) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let expired = sends(&clerk, &format!("{page}/expire"), "補正がないため", "7").await;
        assert_eq!(expired.status, 303, "{}", expired.text());
        let open = sends(&manager, &format!("{page}/reopen"), "連絡があったため", "8").await;
        assert_eq!(open.status, 303, "{}", open.text());
        desk.arrives(request_of(53, "two", Some("事情が変わった"))).await.expect("taken in");
        desk.arrives(request_of(54, "one", None)).await.expect("taken in");
        assert!(clerk.get(&request).await.text().contains("事情が変わった"));
        assert!(clerk.get("/inbox").await.text().contains("取下げの申出 <b>1件</b>"));
        desk.closes().await;
    }
);
