//! 審査の確認項目: points of a review, marked beside the files.

use std::collections::BTreeMap;

use bridge_contract::messages::Correction;
use domain::ids::ApplicationId;
use lgwan_zone_store::applications::{file, review};
use lgwan_zone_store::audit::{self, Filter};
use platform_testkit::on_both_databases;
use serde_json::{Value, json};

use crate::browser::{Answer, Browser};
use crate::city::COPY;
use crate::desk::{Desk, Sent, incoming};

fn points(unmarked: &str) -> Value {
    json!({
        "stages": ["accept", "review", "notify"], "withdraw_until": "decided", "unmarked": unmarked,
        "points": [
            {"id": "k1", "title": "氏名が証明書と同じか", "help": "裏面も見る。"},
            {"id": "k2", "title": "使いみちに合うか"},
            {"id": "k3", "title": "委任状があるか", "optional": true}
        ]
    })
}

async fn on(url: &str, unmarked: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| one["workflow"] = points(unmarked)).await;
    desk
}

async fn reviewed(desk: &Desk, clerk: &Browser) -> (ApplicationId, String, Vec<String>) {
    let files = [Sent::Picture("表.png"), Sent::Picture("裏.png")];
    let sent = desk.submission(("山田", "花子"), &files).await;
    let id = sent.message.message.application().expect("a submission").clone();
    let parts = sent.message.parts.iter();
    let mut files: Vec<String> = parts.map(|part| part.attachment_id.to_string()).collect();
    // Files of one moment stand in the order of their ids.
    files.sort_unstable();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    (id, page, files)
}

async fn marks(who: &Browser, page: &str, fields: &[(&str, &str)]) -> Answer {
    let check = format!("{page}/check");
    who.post(&check, &check, fields).await
}

async fn tells(who: &Browser, page: &str) -> Answer {
    let form = format!("{page}/result");
    who.upload(&form, &form, &[("kind", "none"), ("seen", "3")], None).await
}

async fn stands(desk: &Desk, id: &ApplicationId) -> String {
    let id = id.to_string();
    let row = desk.store.read(move |db| file::row(db, &id)).await.expect("readable");
    row.expect("it is there").state
}

on_both_databases!(
    /// NF-33: points are marked beside the files; where the procedure says so no decision is told
    /// before, by page, by a whole list or by number; who marked what when stays, and is in the log.
    a_decision_waits_for_the_points_of_the_review,
    |url: String| async move {
        let desk = on(&url, "refuse").await;
        let (clerk, other) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let (id, page, files) = reviewed(&desk, &clerk).await;
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("0項目を確認しました（全3項目）"), "{shown}");
        let warned = clerk.get(&format!("{page}/result")).await.text();
        assert!(warned.contains("すべて確認するまで") && warned.contains("使いみちに合うか"), "{warned}");
        assert!(!warned.contains("委任状があるか"), "it is optional");
        let early = tells(&clerk, &page).await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("審査の確認項目が残っている"), "{}", early.text());
        let form = format!("{page}/reject");
        let reason = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(clerk.post(&form, &form, &reason).await.status, 409, "no is a decision too");
        assert_eq!(stands(&desk, &id).await, "reviewing");

        // The files beside: the first, then by a button that keeps the marks.
        let check = format!("{page}/check");
        let shown = clerk.get(&check).await;
        let policy = shown.headers["content-security-policy"].to_str().expect("text").to_owned();
        assert!(policy.contains("frame-src 'self'") && policy.contains("frame-ancestors 'none'"));
        let shown = shown.text();
        for words in ["1 / 2", "表.png", "裏.png", "次のファイル", "裏面も見る。", "銀行の手続きのため"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let next = format!("file:{}", files[1]);
        let first = [("mark_k1", "fine"), ("seen_k1", "0"), ("do", next.as_str())];
        let done = marks(&clerk, &page, &first).await;
        assert_eq!(done.location(), format!("{check}?said=checked&file={}", files[1]));
        let second = clerk.get(&done.location()).await.text();
        assert!(second.contains("2 / 2") && second.contains("前のファイル"), "{second}");
        assert!(second.contains("受付 三郎"), "{second}");

        // Somebody else marked it in between: nothing is lost, nothing is overwritten unseen.
        let theirs = [("mark_k1", "flaw"), ("note_k1", "期限切れ"), ("seen_k1", "1")];
        assert_eq!(marks(&other, &page, &theirs).await.status, 303);
        let late = [("mark_k1", "exempt"), ("note_k1", "わたしのメモ"), ("seen_k1", "1")];
        let late = marks(&clerk, &page, &late).await;
        assert_eq!(late.status, 409);
        for words in ["ほかの職員が先に確認した", "わたしのメモ", "name=\"seen_k1\" value=\"2\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        let long = "あ".repeat(501);
        let bad = [("note_k2", "印がない"), ("mark_k3", "fine"), ("note_k3", long.as_str())];
        let bad = marks(&clerk, &page, &bad).await;
        assert_eq!(bad.status, 422);
        for words in ["印も付けてください", "500文字以内", "印がない"] {
            assert!(bad.text().contains(words), "{words}: {}", bad.text());
        }

        assert_eq!(tells(&clerk, &page).await.status, 409, "one is left");
        let rest = [("mark_k1", "flaw"), ("note_k1", "期限切れ"), ("mark_k2", "exempt"), ("seen_k2", "0")];
        assert_eq!(marks(&clerk, &page, &rest).await.status, 303);
        let id_text = id.to_string();
        let all = desk.store.read(move |db| review::all(db, &id_text)).await.expect("readable");
        assert_eq!((all["k1"].len(), all["k2"].len()), (2, 1), "what is the same is not kept twice");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("2項目を確認しました") && shown.contains("不備 1件"), "{shown}");
        let warned = clerk.get(&format!("{page}/result")).await.text();
        assert!(warned.contains("「不備」の印が付いた項目"), "{warned}");
        assert_eq!(tells(&clerk, &page).await.status, 303);
        assert_eq!(stands(&desk, &id).await, "notified");
        let reopen = desk.logged_in("tetsuzuki").await.get(&format!("{page}/reopen")).await;
        assert_eq!(reopen.status, 200);
        assert!(!reopen.text().contains("「不備」の印"), "decisions wait for it, 再開 does not");

        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 99)).await.expect("a log");
        let reviewed = log.iter().filter(|one| one.event.act == "applications.reviewed").count();
        assert_eq!(reviewed, 3);
        let stranger = desk.logged_in("kodomo").await;
        assert_eq!(stranger.get(&check).await.status, 404);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33, NF-34: a correction asks for another look: what was marked before stands beside the point, is marked
    /// anew as the same or not, and is named before the decision until it is; who marks on a page that was drawn
    /// before the correction came marked the older answers.
    a_correction_wants_another_look,
    |url: String| async move {
        let desk = on(&url, "refuse").await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page, _) = reviewed(&desk, &clerk).await;
        let first = [
            ("round", "0"),
            ("mark_k1", "fine"),
            ("seen_k1", "0"),
            ("note_k1", "原本と同じ"),
            ("mark_k2", "fine"),
            ("seen_k2", "0"),
        ];
        assert_eq!(marks(&clerk, &page, &first).await.status, 303);
        let form = format!("{page}/correction");
        let ask = [("fields", "reason"), ("reason", "使いみちを"), ("due", "2026-12-01"), ("seen", "3")];
        assert_eq!(clerk.post(&form, &form, &ask).await.status, 303);
        let sent = Correction {
            application_id: id.clone(),
            round: 1,
            answers: BTreeMap::from([("reason".to_owned(), vec!["年金の手続き".to_owned()])]),
            attachments: Vec::new(),
            by: None,
        };
        let sent = incoming(50, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(sent).await.expect("taken in");

        let check = format!("{page}/check");
        let shown = clerk.get(&check).await.text();
        assert_eq!(shown.matches("補正の前の回答で確認しています").count(), 2, "{shown}");
        assert!(!shown.contains("value=\"fine\" checked"), "marked anew: {shown}");
        assert!(shown.contains("原本と同じ") && shown.contains("name=\"round\" value=\"1\""), "{shown}");
        let warned = clerk.get(&format!("{page}/result")).await.text();
        assert!(warned.contains("補正の前の回答で確認したまま"), "{warned}");

        let same = [("round", "1"), ("mark_k1", "fine"), ("seen_k1", "1"), ("note_k1", "原本と同じ")];
        assert_eq!(marks(&clerk, &page, &same).await.status, 303);
        let late = [("round", "0"), ("mark_k2", "exempt"), ("seen_k2", "1")];
        assert_eq!(marks(&clerk, &page, &late).await.status, 303);
        let of = id.to_string();
        let all = desk.store.read(move |db| review::all(db, &of)).await.expect("readable");
        let rounds = |point: &str| all[point].iter().map(|one| one.round).collect::<Vec<_>>();
        assert_eq!((rounds("k1"), rounds("k2")), (vec![1, 0], vec![0, 0]));
        let shown = clerk.get(&check).await.text();
        assert_eq!(shown.matches("補正の前の回答で確認しています").count(), 1, "{shown}");
        let again = [("round", "1"), ("mark_k2", "exempt"), ("seen_k2", "2")];
        assert_eq!(marks(&clerk, &page, &again).await.status, 303);
        let warned = clerk.get(&format!("{page}/result")).await.text();
        assert!(!warned.contains("補正の前の回答で確認したまま"), "{warned}");
        desk.closes().await;
    }
);

/// NF-33, NF-36: documents given out in bulk wait for the points as well; where the procedure only
/// warns, a decision is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_batch_waits_too_and_a_warning_does_not_stop() {
    let desk = Desk::open().await;
    desk.publishes_with(|one| one["workflow"] = points("refuse")).await;
    let clerk = desk.logged_in("uketsuke").await;
    let (id, _, _) = reviewed(&desk, &clerk).await;
    let row = {
        let id = id.to_string();
        desk.store.read(move |db| file::row(db, &id))
    };
    let number = row.await.expect("readable").expect("it is there").number;
    let pdf = b"%PDF-1.7\nthe words of a decision\n%%EOF\n";
    let name = format!("{number}.pdf");
    let file = Some(("files", name.as_str(), &pdf[..]));
    let path = clerk.upload("/inbox/documents", "/inbox/documents", &[], file).await.location();
    assert_eq!(clerk.post(&path, &path, &[("do", "start")]).await.status, 303);
    let mut ended = clerk.get(&path).await;
    for _ in 0..5_000 {
        if !ended.headers.contains_key("refresh") {
            break;
        }
        ended = clerk.get(&path).await;
    }
    assert!(ended.text().contains("審査の確認項目が残っています"), "{}", ended.text());
    assert_eq!(stands(&desk, &id).await, "reviewing");

    desk.publishes_with(|one| {
        one["revision"] = json!(2);
        one["workflow"] = points("warn");
    })
    .await;
    let (id, page, _) = reviewed(&desk, &clerk).await;
    let warned = clerk.get(&format!("{page}/result")).await.text();
    assert!(
        warned.contains("確認していない項目があります") && !warned.contains("すべて確認するまで")
    );
    assert_eq!(tells(&clerk, &page).await.status, 303);
    assert_eq!(stands(&desk, &id).await, "notified");
    desk.closes().await;
}

/// NB-2.5, NF-37: points are made, ordered and taken out in the designer, travel in a workbook and are
/// told by the comparison of revisions.
#[tokio::test(flavor = "multi_thread")]
async fn points_are_designed() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let shown = format!("/procedures/{COPY}");
    let design = manager.post(&shown, &format!("{shown}/design"), &[]).await.location();
    let section = format!("{design}/settings/review");
    let version = |page: &str| {
        let rest = page.split("name=\"version\" value=\"").nth(1).expect("a version");
        rest.split('"').next().expect("a number").to_owned()
    };
    let mut now = version(&manager.get(&section).await.text());
    for title in ["氏名が同じか", "期限が切れていないか"] {
        let fields = [
            ("version", now.as_str()),
            ("do", "point:add"),
            ("new_point", title),
            ("unmarked", "refuse"),
        ];
        let sent = manager.post(&section, &section, &fields).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        now = version(&manager.get(&section).await.text());
    }
    let empty = [("version", now.as_str()), ("do", "save"), ("point_0", ""), ("point_1", "期限")];
    let refused = manager.post(&section, &section, &empty).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("確認することを入力してください"), "{}", refused.text());
    let fields = [
        ("version", now.as_str()),
        ("do", "point:up:1"),
        ("unmarked", "refuse"),
        ("point_0", "氏名が同じか"),
        ("point_1", "期限が切れていないか"),
        ("point_help_1", "右上を見る。"),
        ("point_optional_1", "yes"),
    ];
    let sent = manager.post(&section, &section, &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let shown = manager.get(&section).await.text();
    let place = |words: &str| shown.find(words).unwrap_or_else(|| panic!("{words}: {shown}"));
    assert!(place("value=\"期限が切れていないか\"") < place("value=\"氏名が同じか\""));
    // What is set beside it stays.
    let desk_section = format!("{design}/settings/desk");
    let fields = [
        ("version", version(&shown)),
        ("do", "save".to_owned()),
        ("stages", "accept".to_owned()),
        ("stages", "review".to_owned()),
        ("stages", "notify".to_owned()),
        ("expected_days", "3".to_owned()),
        ("correction_days", "14".to_owned()),
    ];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, &**value)).collect();
    let sent = manager.post(&desk_section, &desk_section, &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let shown = manager.get(&section).await.text();
    assert!(shown.contains("右上を見る。") && shown.contains("氏名が同じか"), "{shown}");
    let now = version(&manager.get(&design).await.text());
    let fields = [("version", now.as_str())];
    let released = manager.post(&design, &format!("{design}/release"), &fields).await;
    assert_eq!(released.status, 303, "{}", released.text());
    let look = manager.get(&released.location()).await.text();
    assert!(look.contains("審査の確認項目"), "{look}");
    desk.closes().await;
}
