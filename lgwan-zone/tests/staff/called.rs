//! Mails to those something waits for: who approves a decision next, who may release a revision.

use diesel::RunQueryDsl as _;
use domain::ids::ApplicationId;
use lgwan_zone::commands::load_city;
use lgwan_zone_store::letters;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::Browser;
use crate::city;
use crate::designs::Design;
use crate::desk::{Desk, mails_nowhere};

/// A desk that sends mails, though nobody takes them here.
async fn on(url: &str) -> Desk {
    Desk::on_with(url, tempfile::tempdir().expect("a folder"), |config| {
        config.publishing.four_eyes = true;
        config.mail = Some(mails_nowhere());
    })
    .await
}

/// Everybody but one gets an address.
async fn reachable(desk: &Desk, but: &'static str) {
    let given = desk.store.write(move |tx| {
        diesel::sql_query(format!(
            "update staff set email = login_id || '@mirai.lgwan.example' where login_id <> '{but}'"
        ))
        .execute(tx.db)
    });
    given.await.expect("written");
}

/// Names a role for the departments of somebody.
async fn leads(desk: &Desk, login_id: &'static str, role: &'static str) {
    let given = desk.store.write(move |tx| {
        diesel::sql_query(format!(
            "update staff_departments set role = '{role}' \
             where staff_id in (select id from staff where login_id = '{login_id}')"
        ))
        .execute(tx.db)
    });
    given.await.expect("written");
}

/// Recipients and bodies of the letters of this kind that wait, sorted; the letters of the day, which the
/// service writes by itself, are others.
async fn letters(desk: &Desk) -> Vec<(String, String)> {
    let due = desk.store.read(|db| letters::due(db, i64::MAX, 100)).await.expect("letters");
    let asks = due.into_iter().filter(|one| one.subject.contains("お願いします"));
    let mut all: Vec<_> = asks.map(|one| (one.recipient, one.body)).collect();
    all.sort_unstable();
    all
}

async fn reviewed(desk: &Desk, clerk: &Browser) -> (ApplicationId, String) {
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    (id, page)
}

async fn proposes(clerk: &Browser, page: &str) {
    let fields = [("seen", "3"), ("event", "notify"), ("words", "要件を満たします")];
    assert_eq!(clerk.post(page, &format!("{page}/propose"), &fields).await.status, 303);
}

on_both_databases!(
    /// NF-59, NF-34: whoever approves next is told by mail once, stage by stage, without anything of the
    /// applicant: not who proposed, the deputies only where there is nobody else, nobody where the
    /// procedure says so.
    whoever_approves_next_is_told_by_mail,
    |url: String| async move {
        let desk = on(&url).await;
        let stages = json!([
            {"title": "係長", "staff": ["shinsa", "uketsuke"], "deputies": ["tetsuzuki"]},
            {"title": "課長", "staff": ["kodomo"], "deputies": ["tetsuzuki"]}
        ]);
        desk.publishes_with(|one| one["workflow"]["approvals"] = stages.clone()).await;
        reachable(&desk, "kanri").await;
        let (clerk, first) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let (_, page) = reviewed(&desk, &clerk).await;
        assert!(letters(&desk).await.is_empty());
        proposes(&clerk, &page).await;
        let told = letters(&desk).await;
        let [(to, body)] = &told[..] else { panic!("{told:?}") };
        assert_eq!(to, "shinsa@mirai.lgwan.example");
        for words in ["段階:係長", "住民票の写しの請求", &page] {
            assert!(body.contains(words), "{words}: {body}");
        }
        assert!(!body.contains("花子") && !body.contains("要件"), "{body}");

        // The second stage names somebody of another department: the deputy is told.
        let say = [("round", "1"), ("stage", "0"), ("do", "approve"), ("words", "")];
        assert_eq!(first.post(&page, &format!("{page}/approval"), &say).await.status, 303);
        let told: Vec<String> = letters(&desk).await.into_iter().map(|one| one.0).collect();
        assert_eq!(told, ["shinsa@mirai.lgwan.example", "tetsuzuki@mirai.lgwan.example"]);

        // A return asks nobody to approve.
        let head = desk.logged_in("tetsuzuki").await;
        let say = [("round", "1"), ("stage", "1"), ("do", "return"), ("words", "根拠を")];
        assert_eq!(head.post(&page, &format!("{page}/approval"), &say).await.status, 303);
        assert_eq!(letters(&desk).await.len(), 2);

        desk.publishes_with(|one| {
            one["revision"] = json!(2);
            one["workflow"]["approvals"] = stages.clone();
            one["notify"] = json!({ "approval_mail": "off" });
        })
        .await;
        let (_, page) = reviewed(&desk, &clerk).await;
        proposes(&clerk, &page).await;
        assert_eq!(letters(&desk).await.len(), 2, "the procedure wants none");
        assert!(first.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5, NF-59, NF-38: a revision that was proposed is told to the others who may release it, by the
    /// role they have in its department, not to who proposed it and not to who has no address.
    who_may_release_a_revision_is_told_by_mail,
    |url: String| async move {
        let mut desk = on(&url).await;
        let mut city = city::city();
        city["staff"] = json!([
            {"login_id": "dairi", "name": "代理 七海", "role": "procedure_manager",
             "departments": ["shimin"]},
            {"login_id": "hoka", "name": "他課 八重", "role": "procedure_manager",
             "departments": ["kodomo"]},
            {"login_id": "musen", "name": "無線 九郎", "role": "procedure_manager",
             "departments": ["shimin"]},
            {"login_id": "ouen", "name": "応援 十和", "role": "procedure_manager",
             "departments": ["shimin"]}
        ]);
        let file = desk.file("more.json", &city.to_string());
        let made = load_city(&desk.config, &desk.clock, &file, None, true).await.expect("a city");
        let made = made.into_iter().map(|one| (one.login_id, (one.password, one.totp_secret)));
        desk.passwords.extend(made);
        reachable(&desk, "musen").await;
        // A clerk who leads here, and a manager who lends a hand.
        leads(&desk, "uketsuke", "procedure_manager").await;
        leads(&desk, "ouen", "clerk").await;
        let manager = desk.logged_in("tetsuzuki").await;
        let design = Design::begun(manager.clone(), "夏の講座").await;
        design.adds("p1", &[("kind", "text"), ("label", "団体名")]).await;
        let look = design.sends("/release", &[]).await.location();
        let propose = [("revision", "1"), ("do", "propose")];
        assert_eq!(manager.post(&look, &look, &propose).await.status, 303);
        let told = letters(&desk).await;
        let [(first, body), (second, _)] = &told[..] else { panic!("{told:?}") };
        let both = ["dairi@mirai.lgwan.example", "uketsuke@mirai.lgwan.example"];
        assert_eq!([first, second], both);
        assert!(body.contains("夏の講座") && body.contains(&look), "{body}");
        desk.closes().await;
    }
);
