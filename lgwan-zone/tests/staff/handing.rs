//! 所管替え: an application that came to the wrong department goes to the one in charge.

use diesel::RunQueryDsl as _;
use domain::ids::ApplicationId;
use lgwan_zone::config::DepartmentReminders;
use lgwan_zone_store::applications::{file, inbox};
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::letters;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::city::{CHILDREN, CITIZENS};
use crate::desk::{Desk, mails_nowhere};

const CHILDREN_MAIL: &str = "kodomo@mirai.lgwan.example";

/// A desk that sends mails, though nobody takes them here; one stage approves decisions.
async fn on(url: &str) -> Desk {
    let desk = Desk::on_with(url, tempfile::tempdir().expect("a folder"), |config| {
        let own = DepartmentReminders { to: vec![CHILDREN_MAIL.to_owned()], ..Default::default() };
        config.reminders.departments.insert("kodomo".to_owned(), own);
        config.mail = Some(mails_nowhere());
    })
    .await;
    desk.publishes_with(|one| {
        one["workflow"]["approvals"] = json!([{ "title": "係長", "staff": ["shinsa"] }]);
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

async fn hands(who: &Browser, page: &str, (to, reason, seen): (&str, &str, &str)) -> Answer {
    let form = format!("{page}/hand-over");
    who.post(&form, &form, &[("department", to), ("reason", reason), ("seen", seen)]).await
}

/// What the inbox counts in a department, for one state.
async fn counted(desk: &Desk, department: &str, state: &str) -> i64 {
    let (departments, state) = (vec![department.to_owned()], state.to_owned());
    let all = desk.store.read(move |db| inbox::counts(db, &departments, None)).await;
    all.expect("readable").into_iter().filter(|one| one.0 == state).map(|one| one.1).sum()
}

/// Messages that tell the citizens' zone of another department.
async fn told(desk: &Desk) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let counted = desk.store.read(|db| {
        diesel::sql_query("select count(*) as items from outbox_items where kind = 48")
            .get_result::<Count>(db)
    });
    counted.await.expect("readable").items
}

on_both_databases!(
    /// NF-34, NF-33: an application that came to the wrong department goes to the one in charge with its
    /// label, its count and its history; the old department sees it no more, the applicant is told.
    a_misrouted_application_goes_to_the_department_in_charge,
    |url: String| async move {
        let desk = on(&url).await;
        let (clerk, manager) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let other = desk.logged_in("kodomo").await;
        let (id, page) = arrived(&desk).await;
        let label = [("name", "至急"), ("colour", "red")];
        assert_eq!(manager.post("/inbox/labels", "/inbox/labels", &label).await.status, 303);
        let shown = clerk.get(&page).await.text();
        let at = shown.find("name=\"label\" value=\"").expect("a label") + 20;
        let on = [("label", &shown[at..at + 26])];
        assert_eq!(clerk.post(&page, &format!("{page}/labels"), &on).await.status, 303);
        assert_eq!(other.get(&page).await.status, 404);

        // What cannot be done is told at its place, and what was typed stays.
        let bad = hands(&clerk, &page, (CITIZENS, "", "1")).await;
        assert_eq!(bad.status, 422);
        for words in ["引き継ぐ課を、一覧から選んでください", "理由を入力してください"] {
            assert!(bad.text().contains(words), "{words}: {}", bad.text());
        }
        let bad = hands(&clerk, &page, ("no such department", "手当の申請のため", "1")).await;
        assert_eq!(bad.status, 422);
        assert!(bad.text().contains("手当の申請のため"), "{}", bad.text());
        assert_eq!((counted(&desk, CITIZENS, "arrived").await, told(&desk).await), (1, 0));

        let done = hands(&clerk, &page, (CHILDREN, "児童手当の申請のため", "1")).await;
        assert_eq!(done.location(), "/inbox?said=handed_over", "{}", done.text());
        assert!(clerk.get("/inbox?said=handed_over").await.text().contains("ほかの課に引き継ぎました"));
        assert_eq!(clerk.get(&page).await.status, 404, "the old department sees it no more");
        let shown = other.get(&page).await.text();
        for words in ["市民課 → こども課", "児童手当の申請のため", "前の担当部署: 市民課", "至急"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(counted(&desk, CITIZENS, "arrived").await, 0);
        assert_eq!(counted(&desk, CHILDREN, "arrived").await, 1);
        assert!(other.get("/inbox").await.text().contains("山田 花子"));
        assert_eq!(told(&desk).await, 1, "the applicant is told");
        let due = desk.store.read(|db| letters::due(db, i64::MAX, 10)).await.expect("letters");
        let mails: Vec<_> = due.iter().map(|one| (&*one.recipient, one.body.clone())).collect();
        assert!(matches!(mails[..], [(CHILDREN_MAIL, _)]), "{mails:?}");
        assert!(mails[0].1.contains("引継ぎ元:市民課") && !mails[0].1.contains("花子"), "{mails:?}");

        // The way goes on where it was; nothing of it is told to who has no right.
        let step = other.post(&page, &format!("{page}/accept"), &[("seen", "2")]).await;
        assert_eq!(step.status, 303, "{}", step.text());
        let object = format!("application:{id}");
        let filter = Filter { object: Some(object), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let handed: Vec<_> =
            log.iter().filter(|one| one.event.act == "applications.hand_over").collect();
        assert_eq!(handed.len(), 1);
        let detail = &handed[0].event.detail;
        assert!(detail.contains(CHILDREN) && !detail.contains("児童"), "{detail}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: nothing is handed over that others have before them, that somebody else changed, or that is
    /// decided; what was typed is given back each time.
    what_others_have_before_them_is_not_handed_over,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let first = desk.logged_in("shinsa").await;
        let (id, page) = arrived(&desk).await;
        assert_eq!(clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await.status, 303);
        let late = hands(&clerk, &page, (CHILDREN, "あて先の間違い", "1")).await;
        assert_eq!(late.status, 409);
        for words in ["受け付けました", "あて先の間違い", "value=\"2\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        assert_eq!(clerk.post(&page, &format!("{page}/review"), &[("seen", "2")]).await.status, 303);

        let form = format!("{page}/inquiries/new");
        let ask = [("department", CHILDREN), ("question", "支障は"), ("due", "2026-11-27")];
        assert_eq!(clerk.post(&form, &format!("{page}/inquiries"), &ask).await.status, 303);
        let asking = hands(&clerk, &page, (CHILDREN, "あて先の間違い", "3")).await;
        assert_eq!(asking.status, 409);
        assert!(asking.text().contains("ほかの課の意見を待っている"), "{}", asking.text());
        assert!(asking.text().contains("あて先の間違い"), "{}", asking.text());
        let shown = clerk.get(&page).await.text();
        let at = shown.find(&format!("{page}/inquiries/")).expect("the request");
        let inquiry = &shown[at..at + page.len() + 11 + 26];
        let back = [("turns", "0"), ("do", "take_back")];
        assert_eq!(clerk.post(&page, inquiry, &back).await.status, 303);

        let propose = [("event", "notify"), ("words", "要件を満たす"), ("seen", "3")];
        assert_eq!(clerk.post(&page, &format!("{page}/propose"), &propose).await.status, 303);
        let approving = hands(&clerk, &page, (CHILDREN, "あて先の間違い", "3")).await;
        assert_eq!(approving.status, 409);
        assert!(approving.text().contains("決裁に回しているため"), "{}", approving.text());
        let back = [("round", "1"), ("stage", "0"), ("do", "return"), ("words", "課が違う")];
        assert_eq!(first.post(&page, &format!("{page}/approval"), &back).await.status, 303);
        let done = hands(&clerk, &page, (CHILDREN, "あて先の間違い", "3")).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let row = id.to_string();
        let row = desk.store.read(move |db| file::row(db, &row)).await.expect("readable");
        let row = row.expect("it is there");
        assert_eq!((&*row.department_id, &*row.state, row.version), (CHILDREN, "reviewing", 4));

        // What is over stays where it was decided.
        let (_, page) = arrived(&desk).await;
        let refuse = [("reason", "対象外のため"), ("seen", "1")];
        assert_eq!(clerk.post(&page, &format!("{page}/refuse"), &refuse).await.status, 303);
        assert!(!clerk.get(&page).await.text().contains("hand-over"));
        let form = format!("{page}/hand-over");
        assert_eq!(clerk.get(&form).await.status, 409);
        let sent = [("department", CHILDREN), ("reason", "あて先の間違い"), ("seen", "2")];
        let over = clerk.post(&page, &form, &sent).await;
        assert_eq!(over.status, 409);
        assert!(over.text().contains("終わった申請は、引き継げません"), "{}", over.text());
        assert_eq!(told(&desk).await, 1);
        desk.closes().await;
    }
);
