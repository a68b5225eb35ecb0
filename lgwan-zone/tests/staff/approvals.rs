//! 決裁: a decision is told only after every stage approved it (NF-34).

use diesel::RunQueryDsl as _;
use domain::ids::ApplicationId;
use jiff::SignedDuration;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::{self, Filter};
use platform_testkit::on_both_databases;
use serde_json::{Value as Json, json};

use crate::browser::{Answer, Browser};
use crate::desk::Desk;

const PDF: &[u8] = b"%PDF-1.7\nthe words of a decision\n%%EOF\n";

/// A desk whose decisions need these stages.
async fn staged(url: &str, stages: Json) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| one["workflow"]["approvals"] = stages).await;
    desk
}

/// One whose decisions need 係長 (in whose place 課長 may act) and 課長 (in whose place somebody may act).
async fn approving(url: &str) -> Desk {
    let stages = json!([
        {"title": "係長", "staff": ["shinsa", "uketsuke"], "deputies": ["tetsuzuki"]},
        {"title": "課長", "staff": ["tetsuzuki"], "deputies": ["shinsa"]}
    ]);
    staged(url, stages).await
}

/// One where 手続 alone approves.
async fn approving_alone(url: &str) -> Desk {
    staged(url, json!([{"title": "課長", "staff": ["tetsuzuki"]}])).await
}

/// An application under review, in version 3.
async fn reviewed(desk: &Desk, clerk: &Browser) -> ApplicationId {
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        assert_eq!(does(clerk, &id, step, &[("seen", seen)]).await.status, 303);
    }
    id
}

async fn does(who: &Browser, id: &ApplicationId, what: &str, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/applications/{id}");
    who.post(&page, &format!("{page}/{what}"), fields).await
}

async fn proposes(who: &Browser, id: &ApplicationId) -> Answer {
    let fields = [("seen", "3"), ("event", "notify"), ("words", "要件を満たします")];
    does(who, id, "propose", &fields).await
}

/// Says something to the first decision `round` at a stage.
async fn says(who: &Browser, id: &ApplicationId, at: (&str, &str), what: (&str, &str)) -> Answer {
    let fields = [("round", at.0), ("stage", at.1), ("do", what.0), ("words", what.1)];
    does(who, id, "approval", &fields).await
}

async fn tells(who: &Browser, id: &ApplicationId) -> Answer {
    let form = format!("/applications/{id}/result");
    who.upload(&form, &form, &[("kind", "none"), ("seen", "3")], None).await
}

async fn stands(desk: &Desk, id: &ApplicationId) -> (String, i32) {
    let id = id.to_string();
    let row = desk.store.read(move |db| file::row(db, &id)).await.expect("readable");
    row.map(|row| (row.state, row.version)).expect("it is there")
}

on_both_databases!(
    /// NF-34: stages approve in their order, a deputy in somebody's place (代決), and a return
    /// goes to the clerk and not to the citizen; who said what when is shown and in the log.
    a_decision_is_told_once_every_stage_approved_it,
    |url: String| async move {
        let desk = approving(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (first, head) = (desk.logged_in("shinsa").await, desk.logged_in("tetsuzuki").await);
        let id = reviewed(&desk, &clerk).await;
        let page = format!("/applications/{id}");
        assert!(!clerk.get(&page).await.text().contains("承認して結果を通知する"));
        let early = tells(&clerk, &id).await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("決裁が済んでいない"), "{}", early.text());

        assert_eq!(proposes(&clerk, &id).await.status, 303);
        assert_eq!(proposes(&clerk, &id).await.status, 409, "one decision at a time");
        assert!(first.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        let named = clerk.get("/inbox").await.text();
        assert!(!named.contains("あなたの決裁を待つ"), "named, but it is their own: {named}");
        let own = says(&clerk, &id, ("1", "0"), ("approve", "")).await;
        assert_eq!(own.status, 403, "nobody approves what they proposed");
        let later = says(&head, &id, ("1", "1"), ("approve", "")).await;
        assert_eq!(later.status, 409, "the second stage is not there yet");
        let silent = says(&first, &id, ("1", "0"), ("return", "")).await;
        assert_eq!(silent.status, 422, "a return says why");
        let back = says(&first, &id, ("1", "0"), ("return", "計算の根拠を添えてください")).await;
        assert_eq!(back.status, 303);
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("計算の根拠を添えてください"), "{shown}");
        assert_eq!(stands(&desk, &id).await, ("reviewing".to_owned(), 3), "the citizen sees nothing");

        assert_eq!(proposes(&clerk, &id).await.status, 303);
        assert_eq!(says(&head, &id, ("2", "0"), ("approve", "出張中のため")).await.status, 303);
        assert!(first.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        assert_eq!(tells(&clerk, &id).await.status, 409, "the second stage is missing");
        assert_eq!(says(&first, &id, ("2", "1"), ("approve", "課長の代わりに")).await.status, 303);
        assert!(!first.get("/inbox").await.text().contains("あなたの決裁を待つ"));
        let shown = clerk.get(&page).await.text();
        for words in ["手続 二子(代決)", "審査 四葉(代決)", "決裁が済みました"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let reject = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(does(&clerk, &id, "reject", &reject).await.status, 409, "that was not approved");
        assert_eq!(tells(&clerk, &id).await.status, 303);
        assert_eq!(stands(&desk, &id).await, ("notified".to_owned(), 4));

        let object = format!("application:{id}");
        let filter = Filter { object: Some(object), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let acts = log.iter().rev().map(|one| one.event.act.trim_start_matches("applications."));
        let acts: Vec<&str> = acts.filter(|act| *act != "viewed").skip(3).collect();
        let told =
            ["propose", "return_inside", "propose", "approve_deputy", "approve_deputy", "notify"];
        assert_eq!(acts, told);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: each stage is another person and none who put it forward, also of requests at the same time; who
    /// approved an earlier stage may return it, and then every stage begins anew.
    each_stage_is_another_person,
    |url: String| async move {
        let desk = approving(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (first, head) = (desk.logged_in("shinsa").await, desk.logged_in("tetsuzuki").await);
        let id = reviewed(&desk, &clerk).await;
        let page = format!("/applications/{id}");
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        let both = tokio::join!(
            says(&head, &id, ("1", "0"), ("approve", "出張中のため")),
            says(&head, &id, ("1", "1"), ("approve", ""))
        );
        assert_eq!(both.0.status, 303, "{}", both.0.text());
        assert!(matches!(both.1.status.as_u16(), 403 | 409), "{}", both.1.text());
        let shown = head.get(&page).await.text();
        assert!(shown.contains("前の段階をあなたが決裁したため") && !shown.contains("value=\"approve\""), "{shown}");
        assert!(!head.get("/inbox").await.text().contains("あなたの決裁を待つ"), "it waits for another");
        assert!(first.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        let both = tokio::join!(
            says(&head, &id, ("1", "1"), ("approve", "")),
            says(&head, &id, ("1", "1"), ("approve", "急ぐため"))
        );
        for guessed in [both.0, both.1] {
            assert_eq!(guessed.status, 403);
            let text = guessed.text();
            assert!(text.contains("前の段階を決裁した人のため、この段階は決裁できません"), "{text}");
        }
        assert_eq!(tells(&clerk, &id).await.status, 409, "it is not approved");
        assert_eq!(says(&head, &id, ("1", "1"), ("return", "根拠を")).await.status, 303);

        // The chain begins anew, and who approved before may again.
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        assert_eq!(says(&first, &id, ("2", "0"), ("approve", "")).await.status, 303);
        assert_eq!(says(&first, &id, ("2", "1"), ("approve", "")).await.status, 403);
        assert_eq!(says(&head, &id, ("2", "1"), ("approve", "")).await.status, 303);
        assert_eq!(tells(&clerk, &id).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: a procedure of a very small office lets one person approve several stages; who put it forward still
    /// approves none.
    a_small_office_may_let_one_person_approve_twice,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["workflow"]["same_person"] = "allowed".into();
            one["workflow"]["approvals"] = json!([
                {"title": "係長", "staff": ["tetsuzuki"]},
                {"title": "課長", "staff": ["tetsuzuki", "uketsuke"]}
            ]);
        })
        .await;
        let (clerk, head) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let id = reviewed(&desk, &clerk).await;
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        assert_eq!(says(&head, &id, ("1", "0"), ("approve", "")).await.status, 303);
        assert!(head.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        assert_eq!(says(&clerk, &id, ("1", "1"), ("approve", "")).await.status, 403);
        assert_eq!(says(&head, &id, ("1", "1"), ("approve", "")).await.status, 303);
        assert_eq!(tells(&clerk, &id).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-36: what changes the application voids a decision; documents given out in bulk
    /// wait for the approval as well.
    a_decision_is_void_when_the_application_changes,
    |url: String| async move {
        let desk = approving(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let first = desk.logged_in("shinsa").await;
        let (id, other) = (reviewed(&desk, &clerk).await, reviewed(&desk, &clerk).await);
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        let correction =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "3")];
        assert_eq!(does(&first, &id, "correction", &correction).await.status, 303);
        assert!(!first.get("/inbox").await.text().contains("あなたの決裁を待つ"));
        let late = says(&first, &id, ("1", "0"), ("approve", "")).await;
        assert_eq!(late.status, 409);
        assert!(clerk.get(&format!("/applications/{id}")).await.text().contains("やり直しが必要"));

        let row = { let other = other.to_string(); desk.store.read(move |db| file::row(db, &other)) };
        let name = format!("{}.pdf", row.await.expect("readable").expect("it is there").number);
        let sent = clerk.upload("/inbox/documents", "/inbox/documents", &[], Some(("files", &name, PDF)));
        let page = clerk.get(&sent.await.location()).await.text();
        assert!(page.contains("決裁が済んでいません") && page.contains("0件を処理できます"), "{page}");
        desk.closes().await;
    }
);

/// Registers who holds posts, a line each.
async fn posts(desk: &Desk, lines: &str) -> Answer {
    // A code of the authenticator app works once.
    desk.clock.advance(SignedDuration::from_secs(31));
    let admin = desk.logged_in("kanri").await;
    admin.post("/staff/posts", "/staff/posts", &[("do", "give"), ("lines", lines)]).await
}

on_both_databases!(
    /// NF-34, NB-6.5: a stage names a post of the department; whoever holds it when it is looked at
    /// approves, also after people changed meanwhile; a vacant post is told before anything waits.
    a_post_approves_whoever_holds_it,
    |url: String| async move {
        let stages = json!([{"title": "課長", "staff": ["@課長"], "deputies": ["@課長補佐"]}]);
        let desk = staged(&url, stages).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = reviewed(&desk, &clerk).await;
        let page = format!("/applications/{id}");
        assert!(clerk.get(&page).await.text().contains("課長：（いません）"));
        let vacant = proposes(&clerk, &id).await;
        assert_eq!(vacant.status, 409);
        assert!(vacant.text().contains("役職に就いている職員がいない"), "{}", vacant.text());

        let bad = "なし課, 課長, shinsa\n市民課, 課長, dareka\n市民課, 課長\n市民課,課長,kodomo";
        let refused = posts(&desk, bad).await;
        assert_eq!(refused.status, 422);
        for words in ["1行目：この所属", "2行目：この職員ID", "3行目：", "4行目：この職員は"] {
            assert!(refused.text().contains(words), "{words}: {}", refused.text());
        }
        assert!(refused.text().contains("市民課, 課長, dareka"), "what was typed stays");
        assert_eq!(posts(&desk, "市民課, 課長, shinsa").await.status, 303);
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        let (first, second) = (desk.logged_in("shinsa").await, desk.logged_in("tetsuzuki").await);
        assert!(first.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        assert!(first.get(&page).await.text().contains("課長：審査 四葉"));
        assert!(!second.get("/inbox").await.text().contains("あなたの決裁を待つ"));

        // People change while it waits.
        assert_eq!(posts(&desk, "shimin, @課長, tetsuzuki").await.status, 303);
        desk.clock.advance(SignedDuration::from_secs(31));
        let admin = desk.logged_in("kanri").await;
        let list = admin.get("/staff/posts").await.text();
        let form = list.split("<form").find(|one| one.contains("name=\"staff\"") && one.contains("審査 四葉")).expect("a form");
        let value = |name: &str| {
            let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).expect("a value");
            rest.split('"').next().expect("a value").to_owned()
        };
        let (department, staff) = (value("department"), value("staff"));
        let fields =
            [("do", "take"), ("department", &*department), ("title", "課長"), ("staff", &*staff)];
        let taken = admin.post("/staff/posts", "/staff/posts", &fields).await;
        assert_eq!(taken.status, 303, "{}", taken.text());
        let gone = admin.post("/staff/posts", "/staff/posts", &fields).await;
        assert_eq!(gone.status, 404);
        assert!(!first.get("/inbox").await.text().contains("あなたの決裁を待つ"));
        let late = says(&first, &id, ("1", "0"), ("approve", "")).await;
        assert_eq!(late.status, 403, "no longer theirs");
        assert!(second.get("/inbox").await.text().contains("あなたの決裁を待つ申請 1件"));
        assert_eq!(says(&second, &id, ("1", "0"), ("approve", "")).await.status, 303);
        assert_eq!(tells(&clerk, &id).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: where the procedure says so, 不受理 is a decision like any other: no clerk ends an application
    /// alone, and what was approved is told.
    a_refusal_at_the_entry_is_approved_where_the_procedure_says_so,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["workflow"]["refuse_entry"] = "approved".into();
            one["workflow"]["approvals"] = json!([{"title": "課長", "staff": ["tetsuzuki"]}]);
        })
        .await;
        let (clerk, head) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let id = sent.message.message.application().expect("a submission").clone();
        desk.arrives(sent).await.expect("taken in");
        let refuse = [("reason", "手続が違うため"), ("seen", "1")];
        assert_eq!(does(&clerk, &id, "refuse", &refuse).await.status, 409);
        assert_eq!(stands(&desk, &id).await, ("arrived".to_owned(), 1));
        let shown = clerk.get(&format!("/applications/{id}")).await.text();
        assert!(shown.contains("value=\"refuse_entry\"") && !shown.contains("value=\"notify\""), "{shown}");
        let result = [("seen", "1"), ("event", "notify"), ("words", "早すぎる")];
        assert_eq!(does(&clerk, &id, "propose", &result).await.status, 409);
        let proposal = [("seen", "1"), ("event", "refuse_entry"), ("words", "手続が違います")];
        assert_eq!(does(&clerk, &id, "propose", &proposal).await.status, 303);
        assert_eq!(does(&clerk, &id, "refuse", &refuse).await.status, 409, "not approved yet");
        assert_eq!(says(&head, &id, ("1", "0"), ("approve", "")).await.status, 303);
        let told = does(&clerk, &id, "refuse", &refuse).await;
        assert_eq!(told.status, 303, "{}", told.text());
        assert_eq!(stands(&desk, &id).await, ("refused_entry".to_owned(), 2));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: nothing is put before stages that have nobody to approve them beside who puts it forward, or not
    /// each another person; a colleague puts it forward instead.
    a_decision_is_not_put_before_nobody,
    |url: String| async move {
        let stages = json!([
            {"title": "係長", "staff": ["uketsuke", "shinsa"]},
            {"title": "課長", "staff": ["shinsa"], "deputies": ["uketsuke", "kodomo"]}
        ]);
        let desk = staged(&url, stages).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = reviewed(&desk, &clerk).await;
        let few = proposes(&clerk, &id).await;
        assert_eq!(few.status, 409);
        assert!(few.text().contains("決裁できる職員が足りない"), "{}", few.text());
        assert!(few.text().contains("要件を満たします"), "what was typed stays");
        let head = desk.logged_in("tetsuzuki").await;
        assert_eq!(proposes(&head, &id).await.status, 303);

        desk.publishes_with(|one| {
            one["revision"] = 2.into();
            one["workflow"]["approvals"] = json!([{"title": "課長", "staff": ["uketsuke"]}]);
        })
        .await;
        let id = reviewed(&desk, &clerk).await;
        let alone = proposes(&clerk, &id).await;
        assert_eq!(alone.status, 409);
        assert!(alone.text().contains("「課長」を決裁できる職員がいない"), "{}", alone.text());
        assert_eq!(proposes(&head, &id).await.status, 303);
        desk.closes().await;
    }
);

/// Changes the account of 手続.
async fn changes(desk: &Desk, what: &str) {
    let sql = format!("update staff set {what} where login_id = 'tetsuzuki'");
    let changed = desk.store.write(move |tx| diesel::sql_query(sql).execute(tx.db).map(drop));
    changed.await.expect("changed");
}

on_both_databases!(
    /// NF-34: when the last who could approve a stage is gone, or works at no desk any more, the page says so
    /// and whoever works with the application returns the decision; while there is somebody, nobody else does.
    a_decision_that_waits_for_nobody_is_returned,
    |url: String| async move {
        const NOBODY: &str = "決裁できる職員が、いまはいません";
        let desk = approving_alone(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = reviewed(&desk, &clerk).await;
        let page = format!("/applications/{id}");
        for (round, gone, back) in [
            ("1", "role = 'auditor'", "role = 'procedure_manager'"),
            ("2", "disabled_at = 1", "disabled_at = null"),
        ] {
            assert_eq!(proposes(&clerk, &id).await.status, 303);
            assert!(!clerk.get(&page).await.text().contains(NOBODY));
            let early = says(&clerk, &id, (round, "0"), ("return", "取り下げます")).await;
            assert_eq!(early.status, 403, "somebody is there to approve");
            changes(&desk, gone).await;
            let shown = clerk.get(&page).await.text();
            assert!(shown.contains(NOBODY), "{gone}: {shown}");
            assert!(shown.contains("value=\"return\"") && !shown.contains("value=\"approve\""), "{shown}");
            let approved = says(&clerk, &id, (round, "0"), ("approve", "")).await;
            assert_eq!(approved.status, 403, "nobody approves in their place");
            let returned = says(&clerk, &id, (round, "0"), ("return", "課長が異動したため")).await;
            assert_eq!(returned.status, 303, "{}", returned.text());
            let shown = clerk.get(&page).await.text();
            assert!(shown.contains("課長が異動したため") && shown.contains("担当者に差し戻されました"), "{shown}");
            assert_eq!(proposes(&clerk, &id).await.status, 409, "nothing is put before nobody");
            changes(&desk, back).await;
        }
        assert_eq!(stands(&desk, &id).await, ("reviewing".to_owned(), 3), "the citizen sees nothing");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-39: who became an auditor approves nothing, named or by a post: what waits for them is returned, and
    /// nothing is put before them.
    an_auditor_is_nobody_who_approves,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["workflow"]["approvals"] =
                json!([{"title": "課長", "staff": ["tetsuzuki", "@課長"]}]);
        })
        .await;
        assert_eq!(posts(&desk, "市民課, 課長, shinsa").await.status, 303);
        let clerk = desk.logged_in("uketsuke").await;
        let id = reviewed(&desk, &clerk).await;
        let page = format!("/applications/{id}");
        assert_eq!(proposes(&clerk, &id).await.status, 303);
        for (person, left) in [("tetsuzuki", true), ("shinsa", false)] {
            let text = format!("update staff set role = 'auditor' where login_id = '{person}'");
            let made = desk.store.write(move |tx| diesel::sql_query(text).execute(tx.db).map(drop));
            made.await.expect("an auditor");
            let shown = clerk.get(&page).await.text();
            assert_eq!(!shown.contains("決裁できる職員が、いまはいません"), left, "{person}: {shown}");
        }
        let back = says(&clerk, &id, ("1", "0"), ("return", "課長が異動したため")).await;
        assert_eq!(back.status, 303, "{}", back.text());
        let again = proposes(&clerk, &id).await;
        assert_eq!(again.status, 409);
        assert!(again.text().contains("「課長」を決裁できる職員がいない"), "{}", again.text());
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-36: the first look of a batch names a decision that is not approved; an approved one is told.
    a_batch_names_at_once_what_is_not_approved,
    |url: String| async move {
        let desk = approving_alone(&url).await;
        let (clerk, head) = (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let (id, other) = (reviewed(&desk, &clerk).await, reviewed(&desk, &clerk).await);
        let reject = [("seen", "3"), ("event", "reject"), ("words", "要件を満たしません")];
        assert_eq!(does(&clerk, &id, "propose", &reject).await.status, 303);
        assert_eq!(says(&head, &id, ("1", "0"), ("approve", "")).await.status, 303);
        let chosen = [format!("{id}:3"), format!("{other}:3")];
        let mut fields: Vec<(&str, &str)> = chosen.iter().map(|one| ("one", one.as_str())).collect();
        fields.push(("do", "reject_chosen"));
        let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
        let page = clerk.get(&path).await.text();
        assert!(page.contains("2件のうち1件を処理できます") && page.contains("決裁が済んでいません"), "{page}");
        desk.closes().await;
    }
);
