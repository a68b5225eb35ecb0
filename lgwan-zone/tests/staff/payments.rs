//! 納付: when a fee is due, whether it was paid, and what waits for it.

use std::collections::BTreeMap;

use bridge_contract::messages::Correction;
use domain::ids::ApplicationId;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::applications::rows::Application;
use lgwan_zone_store::audit::{self, Filter};
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::desk::{Desk, answer, incoming};
use crate::entry::sent_over;

const PDF: &[u8] = b"%PDF-1.7\nthe words of a decision\n%%EOF\n";

/// A desk whose procedure charges for the copy, and more for a part of the household.
async fn charging(url: &str, when: &str, approvals: serde_json::Value) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| {
        let fields = one["pages"][1]["fields"].as_array_mut().expect("questions");
        fields.push(json!({"id": "cost", "label": "手数料", "kind": {"type": "fee", "lines": [
            {"id": "copy", "label": "写し", "amount": 300},
            {"id": "part", "label": "抄本", "amount": 200, "when": "kind == 'part'"}]}}));
        one["pay"] = json!({"when": when, "ways": ["counter"]});
        one["workflow"]["approvals"] = approvals;
    })
    .await;
    desk
}

/// An application under review that costs 300 yen, in version 3.
async fn reviewed(desk: &Desk, clerk: &Browser) -> (ApplicationId, String) {
    let mut sent = desk.submission(("山田", "花子"), &[]).await;
    answer(&mut sent, "cost", "300");
    answer(&mut sent, "cost.copy", "300");
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    (id, page)
}

async fn row(desk: &Desk, id: &ApplicationId) -> Application {
    let id = id.to_string();
    desk.store.read(move |db| file::row(db, &id)).await.expect("readable").expect("it is there")
}

async fn records(who: &Browser, page: &str, fields: &[(&str, &str)]) -> Answer {
    who.post("/inbox", &format!("{page}/payment"), fields).await
}

async fn tells(who: &Browser, page: &str) -> Answer {
    tells_of(who, page, "3").await
}

async fn tells_of(who: &Browser, page: &str, seen: &str) -> Answer {
    let form = format!("{page}/result");
    who.upload(&form, &form, &[("kind", "none"), ("seen", seen)], None).await
}

/// Asks for another kind of copy at version 3 and takes in the answer, which costs 200 yen more: version 5.
async fn raised(desk: &Desk, clerk: &Browser, (id, page): (&ApplicationId, &str)) {
    let form = format!("{page}/correction");
    let ask = [("fields", "kind"), ("reason", "種類を"), ("due", "2026-12-01"), ("seen", "3")];
    assert_eq!(clerk.post(&form, &form, &ask).await.status, 303);
    let sent = Correction {
        application_id: id.clone(),
        round: 1,
        answers: BTreeMap::from([("kind".to_owned(), vec!["part".to_owned()])]),
        attachments: Vec::new(),
        by: None,
    };
    let sent = incoming(50, sent.into(), None, Vec::new(), Vec::new());
    desk.arrives(sent).await.expect("taken in");
    let now = row(desk, id).await;
    assert_eq!((now.state.as_str(), now.version), ("reviewing", 5));
}

on_both_databases!(
    /// NF-15: where the fee is paid with the application, no result is told before it is recorded as paid or
    /// somebody wrote why not, by page or in bulk; the record says who, when, how and how much, and is undone
    /// with a reason. A refusal waits for nothing.
    a_result_waits_for_the_fee_of_the_application,
    |url: String| async move {
        let desk = charging(&url, "at_application", json!([])).await;
        let (clerk, other) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let (id, page) = reviewed(&desk, &clerk).await;
        let shown = clerk.get(&page).await.text();
        for words in ["手数料と納付", "300円", "申請のとき", "未確認", "手数料の納付を確認していない"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let form = clerk.get(&format!("{page}/result")).await.text();
        assert!(form.contains("手数料の納付を確認していない"), "{form}");
        let no = clerk.get(&format!("{page}/reject")).await.text();
        assert!(!no.contains("手数料の納付を確認していない"), "{no}");
        let early = tells(&clerk, &page).await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("手数料の納付を確認していない"), "{}", early.text());
        let name = format!("{}.pdf", row(&desk, &id).await.number);
        let sent =
            clerk.upload("/inbox/documents", "/inbox/documents", &[], Some(("files", &name, PDF)));
        let batch = sent.await.location();
        assert_eq!(clerk.post(&batch, &batch, &[("do", "start")]).await.status, 303);
        let mut ended = clerk.get(&batch).await;
        for _ in 0..5_000 {
            if !ended.headers.contains_key("refresh") {
                break;
            }
            ended = clerk.get(&batch).await;
        }
        assert!(ended.text().contains("手数料の納付を確認していません"), "{}", ended.text());
        assert_eq!(row(&desk, &id).await.state, "reviewing");

        let paid = |line: &'static str, day: &'static str| {
            [
                ("line", line),
                ("do", "paid"),
                ("yen", "３００"),
                ("paid_on", day),
                ("way", "counter"),
                ("words", "領収12"),
                ("tell", "yes"),
            ]
        };
        let future = records(&clerk, &page, &paid("0", "2026-11-21")).await;
        assert_eq!(future.status, 422);
        assert!(future.text().contains("領収12"), "{}", future.text());
        let before = sent_over(&desk).await;
        for _ in 0..2 {
            let done = records(&clerk, &page, &paid("0", "2026-11-19")).await;
            assert_eq!(done.location(), format!("{page}?said=payment_paid"), "{}", done.text());
        }
        assert_eq!(sent_over(&desk).await, before + 1, "the applicant is told once");
        let late = records(&other, &page, &paid("0", "2026-11-18")).await;
        assert_eq!(late.status, 409);
        for typed in ["領収12", "2026-11-18", "３００"] {
            assert!(late.text().contains(typed), "{typed}: {}", late.text());
        }
        let shown = clerk.get(&page).await.text();
        for words in
            ["確認済み", "2026-11-19　窓口　300円", "領収12", "手数料300円のお支払いを確認しました"]
        {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains("手数料の納付を確認していない"), "{shown}");

        let undo = [("line", "1"), ("do", "undone"), ("words", "")];
        assert_eq!(records(&clerk, &page, &undo).await.status, 422, "why?");
        let undo = [("line", "1"), ("do", "undone"), ("words", "別の申請の分でした")];
        assert_eq!(records(&other, &page, &undo).await.status, 303);
        assert_eq!(tells(&clerk, &page).await.status, 409, "it is not paid any more");
        let waived = [("line", "2"), ("do", "waived"), ("sum", "300"), ("words", "後納のため")];
        assert_eq!(records(&clerk, &page, &waived).await.status, 303);
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("納付を待ちません") && shown.contains("後納のため"), "{shown}");
        assert_eq!(tells(&clerk, &page).await.status, 303);
        assert_eq!(row(&desk, &id).await.state, "notified");

        let stranger = desk.logged_in("kodomo").await;
        assert_eq!(records(&stranger, &page, &paid("3", "2026-11-19")).await.status, 404);
        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 99)).await.expect("a log");
        let acts = log.iter().rev().map(|one| one.event.act.trim_start_matches("applications."));
        let acts: Vec<&str> = acts.filter(|act| act.starts_with("payment_")).collect();
        assert_eq!(acts, ["payment_paid", "payment_undone", "payment_waived"]);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15, NF-34: a correction that raises the fee opens the payment again: the page says by how much, the
    /// applicant is asked for the rest, and no result is told before that is paid, too. What is undone is missing
    /// again.
    a_raised_fee_is_waited_for_again,
    |url: String| async move {
        let desk = charging(&url, "at_application", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let paid = |line: &'static str, yen: &'static str| {
            [
                ("line", line),
                ("do", "paid"),
                ("yen", yen),
                ("paid_on", "2026-11-19"),
                ("way", "counter"),
                ("words", ""),
            ]
        };
        assert_eq!(records(&clerk, &page, &paid("0", "300")).await.status, 303);
        raised(&desk, &clerk, (&id, &page)).await;
        let shown = clerk.get(&page).await.text();
        for words in [
            "手数料の納付を確認していない",
            "不足があります",
            "確認した金額は300円です。いまの手数料のうち200円は",
            "手数料は500円です。まだお支払いを確認していない200円を",
            "name=\"yen\" value=\"200\"",
        ] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let early = tells_of(&clerk, &page, "5").await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("いまの手数料に足りない"), "{}", early.text());
        let asked = [("line", "1"), ("do", "asked"), ("sum", "500"), ("words", "200円をお願いします")];
        let before = sent_over(&desk).await;
        assert_eq!(records(&clerk, &page, &asked).await.status, 303);
        assert_eq!(sent_over(&desk).await, before + 1, "the applicant is asked for the rest");
        assert_eq!(tells_of(&clerk, &page, "5").await.status, 409, "asked for is not paid");
        assert_eq!(records(&clerk, &page, &paid("2", "200")).await.status, 303);
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("確認済み") && !shown.contains("不足があります"), "{shown}");
        let undo = [("line", "3"), ("do", "undone"), ("words", "別の申請の分でした")];
        assert_eq!(records(&clerk, &page, &undo).await.status, 303);
        assert_eq!(tells_of(&clerk, &page, "5").await.status, 409, "the rest is missing again");
        let waived = [("line", "4"), ("do", "waived"), ("sum", "500"), ("words", "不足分は減免のため")];
        assert_eq!(records(&clerk, &page, &waived).await.status, 303);
        assert_eq!(tells_of(&clerk, &page, "5").await.status, 303);
        assert_eq!(row(&desk, &id).await.state, "notified");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15: a payment that was recorded below the fee falls short, as those do that an earlier version let pass: the
    /// page has what records the rest, or why nobody waits for it, and then the result is told.
    a_payment_below_the_fee_has_a_way_on,
    |url: String| async move {
        let desk = charging(&url, "at_application", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let paid = |line, yen| {
            [("line", line), ("do", "paid"), ("yen", yen), ("paid_on", "2026-11-19"), ("way", "counter")]
        };
        assert_eq!(records(&clerk, &page, &paid("0", "250")).await.status, 303);
        assert_eq!(tells(&clerk, &page).await.status, 409);
        let shown = clerk.get(&page).await.text();
        for words in ["不足があります", "name=\"yen\" value=\"50\"", "value=\"paid\"", "value=\"waived\""] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(records(&clerk, &page, &paid("1", "50")).await.status, 303);
        assert_eq!(tells(&clerk, &page).await.status, 303);
        assert_eq!(row(&desk, &id).await.state, "notified");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15, NF-34, NF-36: that a fee is not waited for covers the fee as it was then; the first look of a batch
    /// names what a correction added.
    a_raised_fee_is_not_waived_yet,
    |url: String| async move {
        let desk = charging(&url, "at_application", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let waived = |line, sum| [("line", line), ("do", "waived"), ("sum", sum), ("words", "減免のため")];
        assert_eq!(records(&clerk, &page, &waived("0", "300")).await.status, 303);
        raised(&desk, &clerk, (&id, &page)).await;
        let name = format!("{}.pdf", row(&desk, &id).await.number);
        let file = Some(("files", &*name, PDF));
        let sent = clerk.upload("/inbox/documents", "/inbox/documents", &[], file).await;
        let looked = clerk.get(&sent.location()).await.text();
        assert!(looked.contains("手数料の納付を確認していません"), "{looked}");
        assert!(looked.contains("1件のうち0件を処理できます"), "{looked}");
        assert_eq!(tells_of(&clerk, &page, "5").await.status, 409);
        let late = records(&clerk, &page, &waived("1", "300")).await;
        assert_eq!(late.status, 409, "more than the page told is not waived");
        assert!(late.text().contains("減免のため"), "{}", late.text());
        assert_eq!(records(&clerk, &page, &waived("1", "500")).await.status, 303);
        assert_eq!(tells_of(&clerk, &page, "5").await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15: where the fee is paid after the review, nothing is due before staff say so; they tell the
    /// applicant how much and how, once, and no result waits for it.
    after_the_review_a_fee_is_due_when_staff_say_so,
    |url: String| async move {
        let desk = charging(&url, "after_review", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let shown = clerk.get(&page).await.text();
        for words in ["審査のあと", "まだ案内していません", "手数料は300円です。", "お支払いの方法：窓口"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let other = [("line", "0"), ("do", "asked"), ("sum", "250"), ("words", "12月10日までに250円を")];
        let refused = records(&clerk, &page, &other).await;
        assert_eq!(refused.status, 409, "another sum than the page told");
        assert!(refused.text().contains("12月10日までに250円を"), "{}", refused.text());
        let words = "12月10日までに300円をお支払いください。";
        let asked = [("line", "0"), ("do", "asked"), ("sum", "300"), ("words", words)];
        let before = sent_over(&desk).await;
        for _ in 0..2 {
            let done = records(&clerk, &page, &asked).await;
            assert_eq!(done.location(), format!("{page}?said=payment_asked"), "{}", done.text());
        }
        assert_eq!(sent_over(&desk).await, before + 1, "the applicant is asked once");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("未確認") && shown.contains("12月10日までに300円"), "{shown}");
        let again = [("line", "1"), ("do", "asked"), ("sum", "300"), ("words", "もう一度")];
        assert_eq!(records(&clerk, &page, &again).await.status, 409, "it is asked for");
        assert_eq!(tells(&clerk, &page).await.status, 303);
        assert_eq!(row(&desk, &id).await.state, "notified");
        let paid = [
            ("line", "1"),
            ("do", "paid"),
            ("yen", "250"),
            ("paid_on", "2026-11-20"),
            ("way", "slip"),
        ];
        assert_eq!(records(&clerk, &page, &paid).await.status, 303, "also after the result");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("確認した金額は250円です"), "{shown}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15: a decision is not put before its approvers while its fee is not recorded as paid.
    an_unpaid_decision_is_not_proposed,
    |url: String| async move {
        let stages = json!([{"title": "係長", "staff": ["shinsa"]}]);
        let desk = charging(&url, "at_application", stages).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (_, page) = reviewed(&desk, &clerk).await;
        let propose = format!("{page}/propose");
        let fields = [("seen", "3"), ("event", "notify"), ("words", "")];
        let early = clerk.post(&page, &propose, &fields).await;
        assert_eq!(early.status, 409);
        assert!(early.text().contains("手数料の納付を確認していない"), "{}", early.text());
        let waived = [("line", "0"), ("do", "waived"), ("sum", "300"), ("words", "減免のため")];
        assert_eq!(records(&clerk, &page, &waived).await.status, 303);
        assert_eq!(clerk.post(&page, &propose, &fields).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15: what was refused is not asked for any more; that it was paid before is recorded and undone all the
    /// same.
    what_was_refused_is_not_asked_for,
    |url: String| async move {
        let desk = charging(&url, "after_review", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let why = [("seen", "3"), ("reason", "要件を満たさないため")];
        assert_eq!(clerk.post(&page, &format!("{page}/reject"), &why).await.status, 303);
        assert_eq!(row(&desk, &id).await.state, "rejected");
        assert!(!clerk.get(&page).await.text().contains("支払いを案内する"));
        let asked = [("line", "0"), ("do", "asked"), ("sum", "300"), ("words", "お支払いください。")];
        let before = sent_over(&desk).await;
        assert_eq!(records(&clerk, &page, &asked).await.status, 409);
        assert_eq!(sent_over(&desk).await, before, "the applicant hears nothing");
        let paid = [("line", "0"), ("do", "paid"), ("yen", "300"), ("paid_on", "2026-11-20"), ("way", "counter")];
        assert_eq!(records(&clerk, &page, &paid).await.status, 303);
        let undo = [("line", "1"), ("do", "undone"), ("words", "返金したため")];
        assert_eq!(records(&clerk, &page, &undo).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-15, NF-36: the first look of a batch names a fee that is not recorded, also of documents, and none of
    /// the files is kept for it; what is recorded meanwhile is looked at anew.
    a_batch_names_what_is_not_paid_at_the_first_look,
    |url: String| async move {
        let desk = charging(&url, "at_application", json!([])).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = reviewed(&desk, &clerk).await;
        let name = format!("{}.pdf", row(&desk, &id).await.number);
        let upload = async || {
            let file = Some(("files", &*name, PDF));
            let sent = clerk.upload("/inbox/documents", "/inbox/documents", &[], file).await;
            clerk.get(&sent.location()).await.text()
        };
        let looked = upload().await;
        assert!(looked.contains("手数料の納付を確認していません"), "{looked}");
        assert!(looked.contains("1件のうち0件を処理できます"), "{looked}");
        let waived = [("line", "0"), ("do", "waived"), ("sum", "300"), ("words", "減免のため")];
        assert_eq!(records(&clerk, &page, &waived).await.status, 303);
        let looked = upload().await;
        assert!(looked.contains("1件のうち1件を処理できます"), "{looked}");
        desk.closes().await;
    }
);
