//! Publishing by two people: one proposes a revision, another releases it or sends it back.

use domain::ids::ProcedureId;
use lgwan_zone::commands::{PublishError, load_city, publish};
use lgwan_zone_store::By;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::procedures::{self, Closed};
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::city::{self, COPY};
use crate::designs::Design;
use crate::desk::Desk;
use crate::reforms::office;

/// A desk that publishes with four eyes, and a second manager of the same department.
async fn two_managers(url: &str) -> (Desk, Browser, Browser) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::on_with(url, folder, |config| config.publishing.four_eyes = true).await;
    let mut city = city::city();
    city["staff"] = json!([{
        "login_id": "dairi", "name": "代理 七海", "role": "procedure_manager",
        "departments": ["shimin"]
    }]);
    let file = desk.file("second.json", &city.to_string());
    let made = load_city(&desk.config, &desk.clock, &file, None, true).await.expect("a city");
    let made = made.into_iter().map(|one| (one.login_id, (one.password, one.totp_secret)));
    desk.passwords.extend(made);
    let (one, other) = (desk.logged_in("tetsuzuki").await, desk.logged_in("dairi").await);
    (desk, one, other)
}

/// A design that is ready, up to the last look.
async fn designed(manager: &Browser) -> (Design, String) {
    let design = Design::begun(manager.clone(), "夏の講座").await;
    design.adds("p1", &[("kind", "text"), ("label", "団体名")]).await;
    let look = design.sends("/release", &[]).await.location();
    (design, look)
}

async fn does(who: &Browser, look: &str, fields: &[(&str, &str)]) -> Answer {
    let all: Vec<_> = [("revision", "1")].iter().chain(fields).copied().collect();
    who.post(look, look, &all).await
}

async fn published(desk: &Desk) -> usize {
    desk.store.read(|db| procedures::list(db, None)).await.expect("readable").len()
}

/// Acts about publishing, in their order.
async fn acts(desk: &Desk) -> Vec<String> {
    let all = desk.store.read(|db| audit::search(db, &Filter::default(), 500)).await;
    let all = all.expect("a log").into_iter().rev().map(|one| one.event.act);
    let wanted = ["propos", "releas", "published"];
    let all = all.filter_map(|act| act.strip_prefix("procedures.").map(str::to_owned));
    all.filter(|act| wanted.iter().any(|part| act.contains(part))).collect()
}

on_both_databases!(
    /// NB-2.5, NF-42: with four eyes a revision goes out when somebody else releases it; nobody
    /// releases their own, what is sent back comes with its reason, and everything is in the log.
    somebody_else_releases_what_was_proposed,
    |url: String| async move {
        let (desk, one, other) = two_managers(&url).await;
        let (design, look) = designed(&one).await;
        let page = one.get(&look).await.text();
        assert!(page.contains("公開を申請する") && !page.contains(">公開する<"), "{page}");
        let proposed = does(&one, &look, &[("do", "propose")]).await.location();
        assert!(proposed.ends_with("?said=proposed"), "{proposed}");
        assert_eq!(does(&one, &look, &[("do", "propose")]).await.location(), proposed, "once more");
        assert_eq!(published(&desk).await, 0);

        let own = one.get(&look).await.text();
        assert!(own.contains("取り下げる") && !own.contains("value=\"release\""), "{own}");
        assert_eq!(does(&one, &look, &[("do", "release")]).await.status, 409);
        assert_eq!(published(&desk).await, 0, "nobody releases their own");

        let list = other.get("/procedures").await.text();
        assert!(list.contains("公開を待っている申請 1件") && list.contains(&look), "{list}");
        let seen = other.get(&look).await.text();
        assert!(seen.contains("手続 二子さんが") && seen.contains("戻す理由"), "{seen}");
        let long = "長".repeat(1_001);
        for (reason, shown) in [(" ", ""), (long.as_str(), long.as_str())] {
            let bad = does(&other, &look, &[("do", "return"), ("reason", reason)]).await;
            assert_eq!(bad.status, 422);
            let text = bad.text();
            assert!(text.contains("戻す理由を1,000文字以内で入力してください。"), "{text}");
            assert!(text.contains(shown), "what was typed stays");
        }
        let back = [("do", "return"), ("reason", "団体名を必須にしてください")];
        assert_eq!(does(&other, &look, &back).await.location(), "/procedures?said=returned");
        let told = one.get("/procedures").await.text();
        assert!(
            told.contains("代理 七海さんが") && told.contains("団体名を必須にしてください"),
            "{told}"
        );

        // Proposed again; a change of the design voids it.
        assert_eq!(does(&one, &look, &[("do", "propose")]).await.status, 303);
        design.adds("p1", &[("kind", "phone")]).await;
        let void = other.get(&look).await.text();
        assert!(void.contains("無効になりました"), "{void}");
        assert_eq!(does(&other, &look, &[("do", "release")]).await.status, 409);
        assert_eq!(does(&one, &look, &[("do", "propose")]).await.status, 409);

        let look = design.sends("/release", &[]).await.location();
        assert_eq!(does(&one, &look, &[("do", "propose")]).await.status, 303);
        let done = does(&other, &look, &[("do", "release")]).await.location();
        assert!(done.ends_with("?said=published"), "{done}");
        assert_eq!(published(&desk).await, 1);
        let again = does(&other, &look, &[("do", "release")]).await.location();
        assert_eq!(again, done, "pressed twice, published once");
        assert_eq!(does(&one, &look, &[("do", "release")]).await.status, 409, "somebody else was first");
        let closed = one.get(&design.base).await.location();
        assert_eq!(Some(closed.as_str()), done.strip_suffix("?said=published"));
        let told = one.get("/procedures").await.text();
        assert!(told.contains("代理 七海さんが") && told.contains("に公開しました"), "{told}");

        // The same words again need nobody else, and are published once however often it is pressed.
        for step in ["close", "reopen", "reopen"] {
            assert_eq!(one.post(&closed, &format!("{closed}/{step}"), &[]).await.status, 303);
        }
        let expected = [
            "proposed",
            "proposal_returned",
            "proposed",
            "proposal_voided",
            "proposed",
            "design_published",
            "published",
            "released",
            "published",
        ];
        assert_eq!(acts(&desk).await, expected);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.5: a release that is pressed twice at once sends the revision out once, and both presses are told so.
    a_release_pressed_twice_counts_once,
    |url: String| async move {
        let (desk, one, other) = two_managers(&url).await;
        let (_, look) = designed(&one).await;
        assert_eq!(does(&one, &look, &[("do", "propose")]).await.status, 303);
        let release = [("do", "release")];
        let (a, b) = tokio::join!(does(&other, &look, &release), does(&other, &look, &release));
        assert!(a.status == 303 && b.status == 303, "{} {}", a.status, b.status);
        assert_eq!(acts(&desk).await.iter().filter(|act| *act == "published").count(), 1);
        desk.closes().await;
    }
);

/// NB-2.5: the command at the machine obeys the setting as well; a reason lets one person publish,
/// stands in the log, and voids what was proposed.
#[tokio::test(flavor = "multi_thread")]
async fn the_command_needs_a_reason_where_two_people_publish() {
    let url = platform_testkit::TempDir::new();
    let (desk, one, _) = two_managers(&url.sqlite_url()).await;
    let file = desk.file("procedure.json", &city::definition(&["accept"]).to_string());
    for alone in [None, Some(" ")] {
        let refused =
            publish(&desk.config, &desk.clock, "tetsuzuki", std::slice::from_ref(&file), alone)
                .await;
        assert!(matches!(refused, Err(PublishError::FourEyes)), "{refused:?}");
    }
    let text = city::definition(&["accept"]).to_string();
    let import = "/procedures/import";
    let look = one.upload(import, import, &[("text", text.as_str())], None).await.location();
    assert_eq!(does(&one, &look, &[("do", "propose")]).await.status, 303);
    let reason = Some("災害の受付を夜間に始めるため");
    publish(&desk.config, &desk.clock, "tetsuzuki", &[file], reason).await.expect("published");
    assert!(one.get(&look).await.text().contains("無効になりました"));
    let filter = Filter { object: Some(format!("procedure:{COPY}")), ..Filter::default() };
    let log = desk.store.read(move |db| audit::search(db, &filter, 10)).await.expect("a log");
    let alone = log.iter().find(|one| one.event.act == "procedures.released_alone");
    assert_eq!(alone.expect("it is in the log").event.detail, "災害の受付を夜間に始めるため");
    desk.closes().await;
}

/// NF-22: what a law guards is published by who says that they looked at it, and the log keeps what was
/// looked at.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_law_guards_is_published_by_who_looked() {
    let desk = Desk::open().await;
    let manager = desk.logged_in("tetsuzuki").await;
    let mut definition = city::definition(&["accept"]);
    definition["pages"][1]["fields"][1]["label"] = "これまでの病歴".into();
    let text = definition.to_string();
    let (import, file) = ("/procedures/import", Some(("file", "a.json", text.as_bytes())));
    let look = manager.upload(import, import, &[], file).await.location();
    let page = manager.get(&look).await.text();
    assert!(page.contains("要配慮個人情報") && page.contains("name=\"looked\""), "{page}");
    let refused = does(&manager, &look, &[("do", "publish")]).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("チェックを付けてください"), "{}", refused.text());
    assert_eq!(published(&desk).await, 0);
    let done = does(&manager, &look, &[("do", "publish"), ("looked", "1")]).await.location();
    assert!(done.ends_with("?said=published"), "{done}");
    let log = desk.store.read(|db| audit::search(db, &Filter::default(), 500)).await;
    let log = log.expect("readable");
    let one = log.iter().find(|one| one.event.act == "procedures.published").expect("logged");
    assert!(one.event.detail.ends_with("guarded asks_sensitive"), "{}", one.event.detail);
    desk.closes().await;
}

on_both_databases!(
    /// NF-10, NF-50: whoever closes closes the revision they looked at; one that was published in between stays open,
    /// and citizens are told nothing.
    a_closing_that_was_overtaken_closes_nothing,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        desk.publishes_with(|one| one["revision"] = 2.into()).await;
        let id = ProcedureId::parse(COPY).expect("an id");
        let (by, office) = (By::cli(desk.clock.now()), office(&desk));
        let closed = desk.store.write(move |tx| {
            let mut all = Vec::new();
            for revision in [1, 2, 2] {
                let message = office.closed(&id, u32::try_from(revision).unwrap_or(0), by.at);
                let done = procedures::close(tx, &by, (COPY, revision), &message)?;
                let state = procedures::find(tx.db, COPY)?.expect("there").state;
                all.push((done, state));
            }
            Ok(all)
        });
        let expected = [
            (Closed::Overtaken, "published".to_owned()),
            (Closed::Done, "closed".to_owned()),
            (Closed::Already, "closed".to_owned()),
        ];
        assert_eq!(closed.await.expect("written"), expected);
        desk.closes().await;
    }
);
