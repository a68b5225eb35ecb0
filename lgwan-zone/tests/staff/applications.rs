//! Applications from arrival to the end (NF-31, NF-34).

use std::collections::BTreeMap;
use std::io::Cursor;

use bridge_contract::messages::{
    Applicant, Correction, Delegate, ToStaff, Withdrawal, WithdrawalAsked,
};
use domain::applications::State;
use domain::ids::{AccountId, ApplicationId};
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::{self, Filter, Verdict};
use platform_testkit::on_both_databases;

use crate::backup::shelved;
use crate::browser::Browser;
use crate::desk::{Desk, Sent, incoming};

async fn on(url: String) -> Desk {
    Desk::on(&url, tempfile::tempdir().expect("a folder")).await
}

pub(crate) async fn arrive(desk: &Desk) -> ApplicationId {
    let files = [Sent::Picture("免許証.png"), Sent::Locked("委任状.pdf")];
    let sent = desk.submission(("山田", "花子"), &files).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    id
}

/// Messages of a kind to the citizens' zone.
async fn told(desk: &Desk, kind: i32) -> i64 {
    use diesel::RunQueryDsl as _;
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let sql = format!("select count(*) as items from outbox_items where kind = {kind}");
    let counted = desk.store.read(move |db| diesel::sql_query(sql).get_result::<Count>(db)).await;
    counted.expect("readable").items
}

async fn state(desk: &Desk, id: &ApplicationId) -> (String, i32) {
    let id = id.to_string();
    let row = desk.store.read(move |db| file::row(db, &id)).await.expect("readable");
    row.map(|row| (row.state, row.version)).expect("it is there")
}

pub(crate) async fn step(
    browser: &Browser,
    id: &ApplicationId,
    path: &str,
    fields: &[(&str, &str)],
) -> u16 {
    let page = format!("/applications/{id}");
    browser.post(&page, &format!("{page}/{path}"), fields).await.status.as_u16()
}

/// NF-16: staff see who filled in for whom, and find the application under both.
#[tokio::test(flavor = "multi_thread")]
async fn staff_see_who_filled_in_for_whom() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let mut sent = desk.submission(("山田", "花子"), &[]).await;
    let ToStaff::Submission(said) = &mut sent.message.message else { panic!("a submission") };
    said.applicant = Applicant::Represented {
        id: AccountId::from_bits(1),
        display_name: "山田 花子".to_owned(),
        email: "hanako@example.jp".to_owned(),
        by: Delegate {
            id: AccountId::from_bits(2),
            display_name: "鈴木 太郎".to_owned(),
            email: "taro@example.jp".to_owned(),
        },
    };
    let id = said.application_id.clone();
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let page = clerk.get(&format!("/applications/{id}")).await.text();
    for words in ["代理で入力した人", "鈴木 太郎 taro@example.jp", "山田 花子", "hanako@example.jp"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    for name in ["%E9%88%B4%E6%9C%A8", "%E5%B1%B1%E7%94%B0"] {
        let found = clerk.get(&format!("/inbox?q={name}")).await.text();
        assert!(found.contains(&format!("/applications/{id}")), "{name}: {found}");
    }
}

/// NF-36: one press takes a step for every application that was chosen; what somebody else took,
/// what cannot be done now and what is another department's is named, and the rest is done.
#[tokio::test(flavor = "multi_thread")]
async fn several_applications_are_taken_up_at_once() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let mut ids = Vec::new();
    for _ in 0..4 {
        ids.push(arrive(&desk).await);
    }
    let clerk = desk.logged_in("uketsuke").await;
    let boxes = clerk.get("/inbox?choose=all").await.text();
    assert_eq!(boxes.matches("name=\"one\"").count(), 4, "{boxes}");
    assert_eq!(boxes.matches(" checked>").count(), 4, "{boxes}");
    assert_eq!(step(&clerk, &ids[3], "accept", &[("seen", "1")]).await, 303);
    let chosen: Vec<String> = ids.iter().map(|id| format!("{id}:1")).collect();
    let mut fields: Vec<(&str, &str)> = chosen.iter().map(|one| ("one", one.as_str())).collect();
    fields.extend([
        ("do", "accept"),
        ("one", "nothing:1"),
        ("one", "broken"),
        ("back", "?state=arrived"),
    ]);
    let told = clerk.post("/inbox", "/inbox/steps", &fields).await;
    assert_eq!(told.status, 200);
    for words in ["3件を処理しました", "2件です", "今の状態ではできません", "見つかりません"]
    {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    assert!(told.text().contains("/inbox?state=arrived"));
    for id in &ids {
        assert_eq!(state(&desk, id).await, ("accepted".to_owned(), 2));
    }
    let other = desk.logged_in("kodomo").await;
    let told = other.post("/inbox", "/inbox/steps", &[("one", &chosen[0]), ("do", "review")]).await;
    assert_eq!((told.status.as_u16(), told.location().as_str()), (303, "/inbox?said=none_chosen"));
    let fields = [("one", chosen[0].as_str()), ("do", "start_review")];
    let told = other.post("/inbox", "/inbox/steps", &fields).await;
    assert!(
        told.text().contains("見つかりません") && !told.text().contains("山田"),
        "{}",
        told.text()
    );
    assert_eq!(state(&desk, &ids[0]).await, ("accepted".to_owned(), 2));
    desk.closes().await;
}

on_both_databases!(
    /// NF-34: 到達→受付→審査→結果通知→完了, each with history and audit record.
    an_application_goes_the_whole_way,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let id = arrive(&desk).await;
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get(&format!("/applications/{id}")).await.text();
        for words in ["受付待ち", "山田", "世帯全員", "無害化済", "パスワードで保護されているため"] {
            assert!(page.contains(words), "{words}");
        }
        assert_eq!(step(&clerk, &id, "accept", &[("seen", "1")]).await, 303);
        assert_eq!(step(&clerk, &id, "review", &[("seen", "2")]).await, 303);
        let form = format!("/applications/{id}/result");
        let fields = [
            ("kind", "designed"),
            ("document_number", "み市民第1号"),
            ("title", "交付決定通知書"),
            ("addressee", "山田 花子 様"),
            ("body", "{number} について決定しました。"),
            ("seen", "3"),
        ];
        let answer = clerk.upload(&form, &form, &fields, None).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        let page = clerk.get(&format!("/applications/{id}")).await.text();
        let link = page.split("/documents/").nth(1).and_then(|rest| rest.split('"').next());
        let link = format!("/applications/{id}/documents/{}", link.expect("a document"));
        assert!(clerk.get(&link).await.bytes.starts_with(b"%PDF-"));
        assert_eq!(step(&clerk, &id, "finish", &[("seen", "4")]).await, 303);
        assert_eq!(state(&desk, &id).await, ("done".to_owned(), 5));

        let object = format!("application:{id}");
        let filter = Filter { object: Some(object), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let acts: Vec<&str> = log.iter().rev().map(|one| one.event.act.as_str()).collect();
        let (looks, acts): (Vec<&str>, Vec<&str>) =
            acts.into_iter().partition(|act| *act == "applications.viewed");
        assert!(!looks.is_empty(), "who looked at it is on record");
        let expected = ["arrived", "accept", "start_review", "notify", "finish"];
        let expected: Vec<String> = expected.iter().map(|a| format!("applications.{a}")).collect();
        assert_eq!(acts, expected);
        let verdict = audit::verify(&desk.store, None, audit::Log::Own).await.expect("a verdict");
        assert!(matches!(verdict, Verdict::Whole { .. }), "{verdict:?}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-31, NF-34: answers that break the rules of the form arrive all the same, and
    /// staff are told which to look at again; good answers carry no such note.
    answers_that_do_not_hold_arrive_with_a_note,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept"]).await;
        let note = "入力内容の再確認が必要";
        let clerk = desk.logged_in("uketsuke").await;
        let good = arrive(&desk).await;
        let page = clerk.get(&format!("/applications/{good}")).await.text();
        assert!(!page.contains(note), "{page}");

        let mut sent = desk.submission(("鈴木", "一郎"), &[]).await;
        let ToStaff::Submission(submission) = &mut sent.message.message else {
            panic!("a submission")
        };
        submission.answers.insert("kind".to_owned(), vec!["everything".to_owned()]);
        submission.answers.insert("phone".to_owned(), vec!["+1 555".to_owned()]);
        let bad = submission.application_id.clone();
        desk.arrives(sent).await.expect("taken in");
        let page = clerk.get(&format!("/applications/{bad}")).await.text();
        let noted = page.split(note).nth(1).and_then(|rest| rest.split("</ul>").next());
        let noted = noted.expect("a note");
        assert!(noted.contains("写しの種類") && noted.contains("電話番号"), "{noted}");
        assert!(!noted.contains("氏名"), "{noted}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-31: a message that comes twice is taken in once.
    a_submission_that_comes_twice_is_there_once,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[Sent::Picture("a.png")]).await;
        desk.arrives(sent.clone()).await.expect("taken in");
        desk.arrives(sent).await.expect("passed over");
        let clerk = desk.logged_in("uketsuke").await;
        let list = clerk.get("/inbox").await.text();
        assert_eq!(list.matches("href=\"/applications/").count(), 1);
        assert!(list.contains("受付待ち<b>1</b>"), "the count is right as well");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: the second of two clerks is told what the first did.
    two_clerks_do_not_decide_over_each_other,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let id = arrive(&desk).await;
        let (one, two) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let correction = format!("/applications/{id}/correction");
        let fields =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "1")];
        assert_eq!(step(&one, &id, "accept", &[("seen", "1")]).await, 303);
        let late = two.post(&correction, &correction, &fields).await;
        assert_eq!(late.status, 409);
        assert!(late.text().contains("ほかの職員がこの申請を先に処理したため"), "{}", late.text());
        assert!(late.text().contains("受付済"));
        assert_eq!(state(&desk, &id).await, ("accepted".to_owned(), 2));

        // What was typed stands in the form, with who did what since; sent again it is done.
        let text = late.text();
        for words in ["受け付けました", "受付 三郎", ">電話番号を</textarea>", "value=\"2026-12-01\""] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(text.contains("name=\"seen\" value=\"2\""), "{text}");
        assert!(text.contains("value=\"phone\" checked") && !text.contains("value=\"kind\" checked"));
        let again: Vec<(&str, &str)> =
            fields.iter().copied().map(|(name, value)| (name, if name == "seen" { "2" } else { value })).collect();
        assert_eq!(two.post(&correction, &correction, &again).await.status, 303);

        // What cannot be done any more is not offered, and the words are still there.
        let reject = format!("/applications/{id}/reject");
        let page = format!("/applications/{id}");
        let late = one.post(&page, &reject, &[("reason", "要件を満たしません"), ("seen", "2")]).await;
        assert_eq!(late.status, 409);
        let text = late.text();
        for words in [">要件を満たしません</textarea>", "もう行えません", "審査 四葉", "電話番号を"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        assert!(!text.contains("class=\"button button-stop\""), "nothing to press: {text}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: a PDF that is too large, even for the whole request, is told by its name with the limit; what was
    /// typed stays. The preview does without it.
    a_pdf_that_is_too_large_takes_nothing_with_it,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let id = arrive(&desk).await;
        let clerk = desk.logged_in("uketsuke").await;
        for (path, seen) in [("accept", "1"), ("review", "2")] {
            assert_eq!(step(&clerk, &id, path, &[("seen", seen)]).await, 303);
        }
        let form = format!("/applications/{id}/result");
        let fields = |kind| {
            [
                ("kind", kind),
                ("document_number", "み市民第1号"),
                ("title", "交付決定通知書"),
                ("body", "申請を認めます。"),
                ("note", "窓口へどうぞ"),
                ("seen", "3"),
            ]
        };
        let large = vec![b'0'; 25_000_000];
        let file = Some(("pdf", "決定書.pdf", large.as_slice()));
        let told = clerk.upload(&form, &form, &fields("uploaded"), file).await;
        assert_eq!(told.status, 422, "{}", told.text());
        for words in ["「決定書.pdf」は10MBより大きい", "href=\"#pdf\"", "み市民第1号", ">申請を認めます。</textarea>", ">窓口へどうぞ</textarea>"] {
            assert!(told.text().contains(words), "{words}: {}", told.text());
        }
        assert_eq!(state(&desk, &id).await, ("reviewing".to_owned(), 3));
        let preview = clerk.upload(&form, &format!("{form}/preview"), &fields("designed"), file).await;
        assert!(preview.bytes.starts_with(b"%PDF-"), "{}", preview.text());
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: a result that was written while somebody else went on is given back with the file to be
    /// chosen again, and no file is kept for it.
    a_result_that_comes_second_is_given_back,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let id = arrive(&desk).await;
        let (one, two) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        for (path, seen) in [("accept", "1"), ("review", "2")] {
            assert_eq!(step(&one, &id, path, &[("seen", seen)]).await, 303);
        }
        let (page, result) = (format!("/applications/{id}"), format!("/applications/{id}/result"));
        let designed = [
            ("kind", "designed"),
            ("title", "結果のお知らせ"),
            ("addressee", "山田 花子 様"),
            ("body", "申請を認めます。"),
            ("note", "窓口へどうぞ"),
            ("seen", "2"),
        ];
        let late = two.upload(&page, &result, &designed, None).await;
        assert_eq!(late.status, 409, "{}", late.text());
        for words in ["審査を始めました", "受付 三郎", ">申請を認めます。</textarea>", ">窓口へどうぞ</textarea>", "結果のお知らせ"] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        assert!(!late.text().contains("もう一度選んで"), "no file was chosen: {}", late.text());
        let stored = || shelved(&desk.config.folders.files).len();
        let before = stored();
        let fields = [("kind", "uploaded"), ("pdf_title", "決定書"), ("seen", "2")];
        let file = ("pdf", "決定書.pdf", b"%PDF-1.7\n%%EOF\n".as_slice());
        let late = two.upload(&page, &result, &fields, Some(file)).await;
        assert_eq!(late.status, 409);
        for words in ["もう一度選んで", "value=\"決定書\"", "value=\"uploaded\" checked"] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        assert_eq!(stored(), before, "no file for a step that was not taken");
        let again: Vec<(&str, &str)> = designed
            .iter()
            .copied()
            .map(|(name, value)| (name, if name == "seen" { "3" } else { value }))
            .collect();
        assert_eq!(two.upload(&page, &result, &again, None).await.status, 303);
        assert_eq!(state(&desk, &id).await.0, "notified");
        let late = one.upload(&page, &result, &again, None).await;
        assert_eq!(late.status, 409);
        assert!(late.text().contains("もう行えません") && late.text().contains("申請を認めます。"), "{}", late.text());
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33, NF-34: a note that cannot be kept stays in its field; what is typed about an application that
    /// is another department's meanwhile is given back.
    a_note_that_cannot_be_kept_stays_in_its_field,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept"]).await;
        let id = arrive(&desk).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (page, notes) = (format!("/applications/{id}"), format!("/applications/{id}/notes"));
        let long = "確".repeat(2_001);
        let refused = clerk.post(&page, &notes, &[("words", &long)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.text().contains("メモは1文字以上、2,000文字以内"));
        assert!(refused.text().contains(&format!(">{long}</textarea>")), "it stays");
        assert_eq!(clerk.post(&page, &notes, &[("words", " ")]).await.status, 422);
        assert_eq!(clerk.post(&page, &notes, &[("words", "電話した")]).await.status, 303);
        assert!(clerk.get(&page).await.text().contains("電話した"));
        let other = desk.logged_in("kodomo").await;
        let refused = other.post("/inbox", &notes, &[("words", "こちらの課でした")]).await;
        assert_eq!(refused.status, 404);
        assert!(refused.text().contains("入力したメモ") && refused.text().contains("こちらの課でした"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: 差戻し asks for the flagged fields; the answer becomes a new round.
    a_correction_comes_back_to_the_desk_that_asked,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let id = arrive(&desk).await;
        let clerk = desk.logged_in("uketsuke").await;
        let form = format!("/applications/{id}/correction");
        let nothing = clerk.post(&form, &form, &[("seen", "1"), ("due", "2026-11-20")]).await;
        assert_eq!(nothing.status, 422);
        for words in ["1つ以上選んで", "理由を入力", "今日より後"] {
            assert!(nothing.text().contains(words), "{words}");
        }
        let fields =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "1")];
        assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
        assert_eq!(state(&desk, &id).await.0, "correction:arrived");

        let answers = BTreeMap::from([("phone".to_owned(), vec!["0399999999".to_owned()])]);
        let sent = Correction {
            application_id: id.clone(),
            round: 1,
            answers,
            attachments: Vec::new(),
            by: Some(Delegate {
                id: AccountId::from_bits(7),
                display_name: "鈴木 太郎".to_owned(),
                email: "taro@example.jp".to_owned(),
            }),
        };
        let corrected = incoming(50, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(corrected.clone()).await.expect("taken in");
        desk.arrives(corrected).await.expect("passed over");
        assert_eq!(state(&desk, &id).await, ("arrived".to_owned(), 3));
        let page = clerk.get(&format!("/applications/{id}")).await.text();
        assert!(page.contains("補正1回目") && page.contains("補正前:"), "{page}");
        assert!(page.contains("世帯全員"), "the other answers stay");
        assert!(page.contains("代理人 鈴木 太郎"), "who sent it (NF-16): {page}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34: what was answered under a condition of the day stays when the correction comes on a later one, and
    /// is not called doubtful for it.
    a_correction_on_a_later_day_keeps_what_was_sent,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            let pages = one["pages"].as_array_mut().expect("pages");
            let mut fields = pages.iter_mut().flat_map(|page| page["fields"].as_array_mut().expect("fields"));
            let reason = fields.find(|field| field["id"] == "reason").expect("a question");
            reason["when"] = "today() < date('2026-11-24')".into();
            let moved = serde_json::json!({"id": "moved", "label": "引っ越した日",
                "kind": {"type": "date", "min": "today() - 14", "max": "today()"}});
            one["pages"][1]["fields"].as_array_mut().expect("fields").push(moved);
        })
        .await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = arrive(&desk).await;
        let form = format!("/applications/{id}/correction");
        let wish =
            [("fields", "phone"), ("fields", "moved"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "1")];
        assert_eq!(clerk.post(&form, &form, &wish).await.status, 303);
        desk.clock.advance(jiff::SignedDuration::from_hours(24 * 5));
        let said = [("phone", "0399999999"), ("moved", "2026-11-24")];
        let answers = said.map(|(input, said)| (input.to_owned(), vec![said.to_owned()])).into();
        let attachments = Vec::new();
        let sent = Correction { application_id: id.clone(), round: 1, answers, attachments, by: None };
        desk.arrives(incoming(50, sent.into(), None, Vec::new(), Vec::new())).await.expect("taken in");
        let of = id.to_string();
        let rounds = desk.store.read(move |db| Ok((file::answers(db, &of, 0)?, file::answers(db, &of, 1)?)));
        let (Some(first), Some(second)) = rounds.await.expect("readable") else { panic!("two rounds") };
        assert_eq!((second.changed.as_str(), &second.doubts), ("[\"moved\",\"phone\"]", &first.doubts));
        assert!(second.answers.contains("銀行の手続きのため"), "{}", second.answers);

        // The day that was good in the first correction is good in the second, which does not ask for it.
        let seen = state(&desk, &id).await.1.to_string();
        let wish =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-11"), ("seen", seen.as_str())];
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.post(&form, &form, &wish).await.status, 303);
        let answers = BTreeMap::from([("phone".to_owned(), vec!["0388888888".to_owned()])]);
        let sent = Correction { application_id: id.clone(), round: 2, answers, attachments: Vec::new(), by: None };
        desk.arrives(incoming(51, sent.into(), None, Vec::new(), Vec::new())).await.expect("taken in");
        let of = id.to_string();
        let third = desk.store.read(move |db| file::answers(db, &of, 2)).await.expect("readable");
        let third = third.expect("a third round");
        assert_eq!((third.changed.as_str(), third.doubts), ("[\"phone\"]", second.doubts));
        desk.closes().await;
    }
);

/// NF-34: the applicant takes it back; after the decision nothing changes.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_ends_an_application_that_is_not_decided() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let (open, decided) = (arrive(&desk).await, arrive(&desk).await);
    let clerk = desk.logged_in("uketsuke").await;
    let form = format!("/applications/{decided}/refuse");
    let fields = [("reason", "あて先が違います"), ("seen", "1")];
    assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
    for (serial, id) in [(60, &open), (61, &decided)] {
        let sent =
            Withdrawal { application_id: id.clone(), reason: "不要になった".to_owned() };
        let message = incoming(serial, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(message).await.expect("taken in");
    }
    assert_eq!(state(&desk, &open).await.0, "withdrawn");
    assert_eq!(state(&desk, &decided).await.0, "refused_entry");
    // The one is told as a state like any other, the other that the withdrawal was not taken, with the
    // state and the words as they are.
    assert_eq!(told(&desk, 47).await, 1);
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit/export?act=applications").await.text();
    assert!(log.contains("applications.withdrawal_late"), "{log}");
    let id = decided.to_string();
    let words = desk.store.read(move |db| file::words_told(db, &id, State::RefusedEntry)).await;
    assert_eq!(words.expect("readable"), "あて先が違います");
    let id = open.to_string();
    let words = desk.store.read(move |db| file::words_told(db, &id, State::Reviewing)).await;
    assert_eq!(words.expect("readable"), "");
    desk.closes().await;
}

/// NF-34, NF-59: what the applicant asks to withdraw stands in the inbox and before a decision; a request that
/// is taken back before it came, or taken back later, waits for nobody; what is decided ends it.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_withdraw_waits_for_an_answer() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let id = arrive(&desk).await;
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    let request = |serial: u64, request: &str, reason: Option<&str>| {
        let sent = WithdrawalAsked {
            application_id: id.clone(),
            request_id: request.to_owned(),
            reason: reason.map(str::to_owned),
        };
        incoming(serial, sent.into(), None, Vec::new(), Vec::new())
    };
    let form = format!("{page}/withdrawal");
    desk.arrives(request(70, "early", None)).await.expect("taken in");
    desk.arrives(request(71, "early", Some("先に取り消した申出"))).await.expect("taken in");
    assert_eq!(clerk.get(&form).await.status, 409, "nobody waits");
    desk.arrives(request(72, "one", Some("転居のため"))).await.expect("taken in");
    let shown = clerk.get("/inbox?withdrawal=asked").await.text();
    assert!(shown.contains("取下げの申出 <b>1件</b>") && shown.contains(&page), "{shown}");
    let result = clerk.get(&format!("{page}/result")).await.text();
    assert!(result.contains("取下げの申出があります"), "{result}");
    desk.arrives(request(73, "one", None)).await.expect("taken in");
    assert_eq!(clerk.get(&form).await.status, 409, "it was taken back");
    desk.arrives(request(74, "two", Some("事情が変わった"))).await.expect("taken in");
    assert!(clerk.get(&form).await.text().contains("事情が変わった"));
    let old = [("request", "one"), ("answer", "grant"), ("seen", "3")];
    assert_eq!(clerk.post(&form, &form, &old).await.status, 409, "another one was read");
    let empty = [("request", "two"), ("answer", "decline"), ("seen", "3")];
    assert_eq!(clerk.post(&form, &form, &empty).await.status, 422, "why not must be said");
    let (before, states) = (told(&desk, 47).await, told(&desk, 4).await);
    let no =
        [("request", "two"), ("answer", "decline"), ("reason", "審査が済んだため"), ("seen", "3")];
    assert_eq!(
        clerk.post(&form, &form, &no).await.location(),
        format!("{page}?said=decline_withdrawal")
    );
    assert_eq!(state(&desk, &id).await, ("reviewing".to_owned(), 3));
    assert_eq!(told(&desk, 47).await, before + 1);
    desk.arrives(request(75, "three", Some("もう一度お願いします"))).await.expect("taken in");
    let stale =
        [("request", "three"), ("answer", "grant"), ("seen", "2"), ("reason", "了解しました")];
    let clash = clerk.post(&form, &form, &stale).await;
    assert_eq!(clash.status, 409);
    assert!(clash.text().contains("了解しました"), "what was typed: {}", clash.text());
    let yes = [("request", "three"), ("answer", "grant"), ("seen", "3")];
    assert_eq!(
        clerk.post(&form, &form, &yes).await.location(),
        format!("{page}?said=grant_withdrawal")
    );
    assert_eq!(state(&desk, &id).await.0, "withdrawn");
    assert_eq!(told(&desk, 4).await, states + 1, "the applicant is told");
    let shown = clerk.get(&page).await.text();
    for words in [
        "取下げを認めました",
        "取下げを認めませんでした",
        "審査が済んだため",
        "申出を取り消しました",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    desk.arrives(request(76, "four", Some("遅れて届いた申出"))).await.expect("taken in");
    assert!(!clerk.get("/inbox").await.text().contains("取下げの申出 <b>"), "nothing waits");
    desk.closes().await;
}

/// NF-34: stages without a desk are passed by the system.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_without_desks_finishes_by_itself() {
    let desk = Desk::open().await;
    desk.publishes(&[]).await;
    let id = arrive(&desk).await;
    assert_eq!(state(&desk, &id).await.0, "done");
    desk.closes().await;
}

/// NF-31: a submission for another definition than the published one is set aside.
#[tokio::test(flavor = "multi_thread")]
async fn a_submission_for_an_unknown_definition_is_set_aside() {
    use bridge_contract::digest::Digest;
    use bridge_contract::messages::ToStaff;
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let mut sent = desk.submission(("山田", "花子"), &[]).await;
    let ToStaff::Submission(message) = &mut sent.message.message else { panic!("a submission") };
    message.definition_sha256 = Digest::of(b"another");
    let refused = desk.arrives(sent).await.expect_err("poison");
    assert!(refused.contains("another definition"), "{refused}");
    desk.closes().await;
}

/// NF-24, NS-2: the list as CSV, with the answers as columns, safe in a spreadsheet; each time it is
/// taken out, the operation log says who took what, and in which form.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_out_as_csv() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let sent = desk.submission(("=HYPERLINK(1)", "花子"), &[]).await;
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let path = format!("/inbox/export/file?procedure={}", crate::city::COPY);
    let answer = clerk.get(&path).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let text = answer.text();
    assert!(text.starts_with('\u{FEFF}') && text.contains("\"世帯全員\""), "{text}");
    assert!(text.contains("\"'=HYPERLINK(1)"), "{text}");
    let sjis = clerk.get(&format!("{path}&encoding=cp932")).await;
    assert_eq!(sjis.headers["content-type"], "text/csv; charset=Shift_JIS");
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit/export?act=applications").await.text();
    let taken: Vec<&str> =
        log.lines().filter(|it| it.contains("applications.list_taken")).collect();
    assert_eq!(taken.len(), 2, "{log}");
    assert!(taken.iter().all(|line| line.contains("uketsuke")), "{log}");
    assert!(taken[0].contains("Cp932") && taken[1].contains("answers: true"), "{log}");
    assert!(taken[1].contains("?procedure="), "whose data it was: {log}");
    let sent: Vec<&str> = log.lines().filter(|it| it.contains("applications.list_sent")).collect();
    assert_eq!(sent.len(), 2, "how much of it left: {log}");
    let rows = text.lines().count() - 1;
    assert!(sent[1].contains(&format!("rows={rows} files=0")), "{log}");
    desk.closes().await;
}

/// NF-24: the list as a spreadsheet with the columns a department keeps under a name, and as an archive
/// with the rebuilt files of each application in a folder of its number.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_goes_out_with_chosen_columns_and_with_files() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let sent = desk.submission(("=HYPERLINK(1)", "花子"), &[Sent::Picture("免許証.png")]).await;
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let copy = crate::city::COPY;
    let at = format!("/inbox/columns?procedure={copy}");
    let keep = |name: &'static str, columns: &[&'static str]| {
        let mut form = vec![("procedure", copy), ("name", name)];
        form.extend(columns.iter().map(|column| ("column", *column)));
        form.extend([("place-kind", "1"), ("place-_number", "２")]);
        form
    };
    for (name, columns, words) in
        [("", &["kind"][..], "名前を40文字以内で"), ("種類", &[], "列を1つ以上選んでください")]
    {
        let refused = clerk.post(&at, "/inbox/columns", &keep(name, columns)).await;
        assert_eq!(refused.status, 422, "{words}");
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    let kept = clerk.post(&at, "/inbox/columns", &keep("種類", &["_number", "kind"])).await;
    assert_eq!(kept.status, 303, "{}", kept.text());
    let again = clerk.post(&at, "/inbox/columns", &keep("種類", &["kind"])).await;
    assert!(again.text().contains("同じ名前のひな形があります"), "{}", again.text());
    let choice = clerk.get(&format!("/inbox/export?procedure={copy}")).await.text();
    let set = choice.split("name=\"columns\" value=\"").nth(2).expect("the set is offered");
    let set = set.split('"').next().expect("its id");
    let list = format!("/inbox/export/file?procedure={copy}");
    let csv = clerk.get(&format!("{list}&columns={set}")).await.text();
    let lines: Vec<&str> = csv.trim_start_matches('\u{FEFF}').lines().collect();
    assert_eq!(lines[0], "\"写しの種類\",\"受付番号\"", "the order that was typed: {csv}");
    assert!(lines[1].starts_with("\"世帯全員\",\"") && lines.len() == 2, "{csv}");
    let number = lines[1].split('"').nth(3).expect("a number");

    let answer = clerk.get(&format!("{list}&encoding=xlsx")).await;
    let name = answer.headers["content-disposition"].to_str().expect("a name").to_owned();
    assert!(name.contains(".xlsx"), "{name}");
    let mut book = zip::ZipArchive::new(Cursor::new(answer.bytes.to_vec())).expect("a workbook");
    let sheet = book.by_name("xl/worksheets/sheet1.xml").expect("a sheet");
    let sheet = std::io::read_to_string(sheet).expect("text");
    assert!(sheet.contains(&format!(">{number}<")), "{sheet}");
    assert!(sheet.contains(">=HYPERLINK(1)") && !sheet.contains("<f>"), "text, never run: {sheet}");

    let answer = clerk.get(&format!("{list}&encoding=zip")).await;
    let mut archive = zip::ZipArchive::new(Cursor::new(answer.bytes.to_vec())).expect("an archive");
    let names: Vec<String> =
        archive.file_names().map(|name| name.expect("a name").into_owned()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let file = format!("{number}/免許証.png");
    let picture = std::io::read_to_string(archive.by_name("一覧.csv").expect("the list"));
    assert!(picture.expect("text").contains(number));
    let size = archive.by_name(&file).expect("the file").size();
    assert!(size > 0, "{names:?}");

    // Another department may neither take it out nor touch the columns.
    let other = desk.logged_in("kodomo").await;
    assert_eq!(other.get(&at).await.status, 404);
    let drop = format!("/inbox/columns/{set}");
    assert_eq!(other.post("/account/password", &drop, &[]).await.status, 404);
    assert_eq!(clerk.post(&at, &drop, &[]).await.status, 303);
    let gone = clerk.get(&format!("{list}&columns={set}")).await.text();
    assert!(gone.contains("申請者"), "all columns again: {gone}");
    desk.closes().await;
}

/// NF-32: staff see a rebuilt picture, and never a held file.
#[tokio::test(flavor = "multi_thread")]
async fn a_rebuilt_file_is_shown_and_cannot_run() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let sent =
        desk.submission(("山田", "花子"), &[Sent::Picture("a.png"), Sent::Locked("b.pdf")]).await;
    let ids: Vec<String> =
        sent.message.message.attachments().iter().map(|one| one.id.to_string()).collect();
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let shown = clerk.get(&format!("/applications/{id}/attachments/{}/view", ids[0])).await;
    assert!(shown.bytes.starts_with(&[0x89, b'P', b'N', b'G']));
    let policy = shown.headers["content-security-policy"].to_str().expect("ASCII");
    assert!(policy.contains("sandbox"), "{policy}");
    let held = clerk.get(&format!("/applications/{id}/attachments/{}", ids[1])).await;
    assert_eq!(held.status, 404);
    desk.closes().await;
}

/// NF-24: the files of an application go out together, named after it, each under its own name and
/// whole; what is held stays, and the log says that they were taken.
#[tokio::test(flavor = "multi_thread")]
async fn the_files_of_an_application_go_out_together() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let files = [Sent::Picture("a.png"), Sent::Picture("a.png"), Sent::Locked("b.pdf")];
    let sent = desk.submission(("山田", "花子"), &files).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let page = clerk.get(&format!("/applications/{id}")).await.text();
    let one = page.split("/attachments/").filter_map(|rest| rest.split_once('"'));
    let one = one.map(|(id, _)| id).find(|id| id.len() == 26).expect("a file that can be opened");
    let picture = clerk.get(&format!("/applications/{id}/attachments/{one}")).await.bytes;
    let packed = clerk.get(&format!("/applications/{id}/attachments.zip")).await;
    assert_eq!(packed.headers["content-type"], "application/zip");
    let times =
        |needle: &[u8]| packed.bytes.windows(needle.len()).filter(|it| *it == needle).count();
    assert_eq!(times(&picture), 2, "both, as they are");
    assert!(times(b"a.png") > 0 && times(b"a (2).png") > 0 && times(b"b.pdf") == 0);
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit/export?act=applications").await.text();
    let taken = log.lines().filter(|it| it.contains("applications.files_taken"));
    assert_eq!(taken.filter(|it| it.contains("uketsuke")).count(), 1, "{log}");
    desk.closes().await;
}

/// NF-32: a file that the second look on arrival does not know as one of ours is
/// held: staff read so, can open nothing, and the citizen is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_our_encoders_did_not_write_is_held_on_arrival() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let sent = desk.submission(("山田", "花子"), &[Sent::Foreign("a.png"), Sent::Picture("b.png")]);
    let sent = sent.await;
    let ids: Vec<String> =
        sent.message.message.attachments().iter().map(|one| one.id.to_string()).collect();
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let clerk = desk.logged_in("uketsuke").await;
    let page = clerk.get(&format!("/applications/{id}")).await;
    let words = "安全な形へ作り直している途中で処理が止まりました。";
    assert!(page.text().contains(words), "{}", page.text());
    for place in ["", "/view"] {
        let path = format!("/applications/{id}/attachments/{}{place}", ids[0]);
        assert_eq!(clerk.get(&path).await.status, 404, "{path}");
    }
    let other = clerk.get(&format!("/applications/{id}/attachments/{}", ids[1])).await;
    assert_eq!(other.status, 200, "the other file arrives");
    desk.closes().await;
}

/// NF-32: staff read what a scanner calls the malware, and which file no scanner saw.
#[tokio::test(flavor = "multi_thread")]
async fn what_scanners_said_reaches_staff() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let files = [Sent::Infected("a.pdf"), Sent::Unscanned("b.png")];
    let sent = desk.submission(("山田", "花子"), &files).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");
    let page = desk.logged_in("uketsuke").await.get(&format!("/applications/{id}")).await;
    for words in ["Win.Test.EICAR_HDB-1", "ウイルス検査(ClamAV)に応答がなく"] {
        assert!(page.text().contains(words), "{words}: {}", page.text());
    }
    desk.closes().await;
}

on_both_databases!(
    /// NF-33: an open application that may be of the same person is named on the page; what is over, and
    /// what another department has, is not.
    an_application_of_the_same_person_is_named,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let (one, two) = (arrive(&desk).await, arrive(&desk).await);
        let clerk = desk.logged_in("uketsuke").await;
        let page = format!("/applications/{one}");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("同じ人の申請かもしれないものが"), "{shown}");
        assert!(shown.contains(&format!("href=\"/applications/{two}\"")), "{shown}");
        let fields = [("reason", "あて先が違います"), ("seen", "1")];
        assert_eq!(step(&clerk, &two, "refuse", &fields).await, 303);
        let shown = clerk.get(&page).await.text();
        assert!(!shown.contains("同じ人の申請かもしれないものが"), "{shown}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-24, NF-35, NF-36: a search by name that finds more than the page looks at: the page says that it
    /// shows the newest, the file has every one of them, まとめて処理 takes all; a name of nothing but marks
    /// finds nobody.
    a_name_that_many_bear_is_taken_out_whole,
    |url: String| async move {
        let desk = on(url).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        for _ in 0..505 {
            desk.arrives(desk.submission(("佐藤", "花子"), &[]).await).await.expect("taken in");
        }
        desk.arrives(desk.submission(("鈴木", "花子"), &[]).await).await.expect("taken in");
        let clerk = desk.logged_in("uketsuke").await;
        let words = lgwan_zone_web::words::in_query;
        let (name, nobody) = (words("佐藤"), words("・"));
        let page = clerk.get(&format!("/inbox?q={name}")).await.text();
        assert!(page.contains("新しいほうから一部だけ"), "{page}");
        let csv = clerk.get(&format!("/inbox/export/file?q={name}")).await.text();
        let numbers: std::collections::BTreeSet<&str> =
            csv.lines().skip(1).filter_map(|line| line.split('"').nth(1)).collect();
        assert_eq!((numbers.len(), csv.lines().count()), (505, 506), "each once");
        let back = format!("?q={name}");
        let fields = [("do", "accept"), ("back", back.as_str())];
        let made = clerk.post("/inbox", "/inbox/batches", &fields).await;
        let batch = clerk.get(&made.location()).await.text();
        assert!(batch.contains("505件"), "{batch}");
        let page = clerk.get(&format!("/inbox?q={nobody}")).await.text();
        assert!(!page.contains("鈴木"), "nobody is called so");
        let none = clerk.get(&format!("/inbox/export/file?q={nobody}")).await.text();
        assert_eq!(none.lines().count(), 1, "{none}");
        desk.closes().await;
    }
);
