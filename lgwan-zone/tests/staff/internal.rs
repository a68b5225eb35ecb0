//! 庁内の申請: what staff apply for themselves.

use diesel::RunQueryDsl as _;
use lgwan_zone::commands::publish;
use lgwan_zone_store::applications::inquiries;
use lgwan_zone_store::notices::{self, OWN};
use lgwan_zone_web::letters;
use platform_testkit::on_both_databases;

use crate::batches::ended;
use crate::browser::{Answer, Browser};
use crate::charge::person;
use crate::city::{self, CHILDREN, CITIZENS, COPY};
use crate::desk::Desk;
use crate::entry::sent_over;

const FORM: [(&str, &str); 11] = [
    ("_shown", "name"),
    ("_shown", "phone"),
    ("_shown", "kind"),
    ("_shown", "reason"),
    ("_shown", "proof"),
    ("name.family", "児童"),
    ("name.given", "五月"),
    ("name.family_kana", "ジドウ"),
    ("name.given_kana", "サツキ"),
    ("kind", "all"),
    ("reason", "研修に出るため"),
];

/// A desk whose one procedure is an internal one.
async fn internal(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| one["listing"] = "internal".into()).await;
    desk
}

/// Begins an internal application; gives the address of its draft.
async fn begins(staff: &Browser) -> String {
    let begun = staff.post("/internal", &format!("/internal/procedures/{COPY}"), &[]).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    begun.location()
}

async fn sends(staff: &Browser, page: &str, seen: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![("_seen", seen), ("_do", "send")];
    fields.extend(FORM);
    fields.extend(more);
    staff.upload(page, page, &fields, None).await
}

/// An internal application of this person, sent; its id.
pub(crate) async fn applies(staff: &Browser) -> String {
    let page = begins(staff).await;
    let sent = sends(staff, &page, "1", &[("phone", "")]).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    made(staff, &page).await
}

/// The id of the application behind a draft that was sent.
async fn made(staff: &Browser, page: &str) -> String {
    let to = staff.get(page).await.location();
    to.strip_prefix("/internal/applications/").expect("it was sent").to_owned()
}

on_both_databases!(
    /// NB-2.1, NF-45: a member of staff of any department finds an internal procedure on LGWAN, fills in the
    /// form as themselves, corrects only what was asked, reads the result; the deciding department meets it
    /// in its inbox, others do not find it, and nothing of it goes to the citizens' zone.
    staff_apply_for_an_internal_procedure,
    |url: String| async move {
        let desk = internal(&url).await;
        let address = "update staff set email = 'satsuki@mirai.lgwan.example' where login_id = 'kodomo'";
        let told = desk.store.write(move |tx| diesel::sql_query(address).execute(tx.db).map(drop));
        told.await.expect("an address");
        let before = sent_over(&desk).await;
        let staff = desk.logged_in("kodomo").await;
        assert!(staff.get("/internal").await.text().contains("住民票の写しの請求"));
        let page = begins(&staff).await;
        let shown = staff.get(&page).await.text();
        assert!(!shown.contains("_received_on") && !shown.contains("_channel"), "{shown}");
        let faulty = sends(&staff, &page, "1", &[("phone", "12")]).await;
        assert_eq!(faulty.status, 422, "the rules of the form hold");
        assert!(!faulty.text().contains("_reason:phone"), "nobody excuses themselves");
        let more = [("phone", "12"), ("_reason:phone", "このまま")];
        assert_eq!(sends(&staff, &page, "2", &more).await.status, 422);
        for login_id in ["shinsa", "kansa"] {
            let other = desk.logged_in(login_id).await;
            assert_eq!(other.get(&page).await.status, 404, "a draft is of one person");
        }
        let sent = sends(&staff, &page, "3", &[("phone", "025-000-0000")]).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, page.clone()), "{}", sent.text());
        let id = made(&staff, &page).await;
        let (own, path) = (format!("/internal/applications/{id}"), format!("/applications/{id}"));
        let shown = staff.get(&own).await.text();
        for words in ["2026-900000001-", "受付待ち", "職員が申請しました", "研修に出るため"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(staff.get(&path).await.status, 404, "the desk is another department's");
        let receipt = staff.get(&format!("{own}/receipt.pdf")).await;
        assert!(receipt.bytes.starts_with(b"%PDF-"));

        let clerk = desk.logged_in("uketsuke").await;
        assert!(clerk.get("/inbox").await.text().contains("児童 五月"));
        let shown = clerk.get(&path).await.text();
        for words in ["庁内(職員が自分で申請)", "職員(庁内の申請)", "「庁内の申請」の画面で"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert_eq!(clerk.get(&own).await.status, 404, "its applicant's page is of one person");
        let ask = [("seen", "1"), ("fields", "phone"), ("reason", "内線の番号を書いてください。"), ("due", "2026-12-01")];
        let asked = clerk.post(&path, &format!("{path}/correction"), &ask).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let refused = clerk.post(&path, &format!("{path}/entry"), &[]).await;
        assert_eq!(refused.status, 409, "nobody corrects for somebody who has a page");

        let shown = staff.get(&own).await.text();
        assert!(shown.contains("内線の番号を書いてください。") && shown.contains("2026-12-01までに"), "{shown}");
        let begun = staff.post(&own, &format!("{own}/correction"), &[]).await;
        let twice = staff.post(&own, &format!("{own}/correction"), &[]).await;
        assert_eq!(begun.location(), twice.location(), "one draft for one correction");
        let page = begun.location();
        let shown = staff.get(&page).await.text();
        assert!(shown.contains("name=\"phone\"") && !shown.contains("name=\"name.family\""), "{shown}");
        let more = [("phone", "025-000-1234"), ("name.family", "別人")];
        let sent = sends(&staff, &page, "1", &more).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, format!("{own}?said=corrected")), "{}", sent.text());
        let shown = clerk.get(&path).await.text();
        assert!(shown.contains("補正1回目") && shown.contains("1234") && !shown.contains("別人"), "{shown}");

        for (step, seen) in [("accept", "3"), ("review", "4")] {
            let step = clerk.post(&path, &format!("{path}/{step}"), &[("seen", seen)]).await;
            assert_eq!(step.status, 303, "{}", step.text());
        }
        let form = format!("{path}/result");
        let fields = [("seen", "5"), ("kind", "designed"), ("title", "決定通知書"), ("body", "参加を認めます。")];
        let told = clerk.upload(&form, &form, &fields, None).await;
        assert_eq!(told.status, 303, "{}", told.text());
        let shown = staff.get(&own).await.text();
        let link = shown.split(&format!("{own}/documents/")).nth(1).and_then(|rest| rest.split('"').next());
        let document = format!("{own}/documents/{}", link.expect("a document"));
        assert!(staff.get(&document).await.bytes.starts_with(b"%PDF-"));
        assert!(shown.contains("結果通知済"), "{shown}");
        let opened = clerk.get(&path).await.text();
        assert!(opened.contains("申請者が交付文書を開きました"), "{opened}");

        assert_eq!(sent_over(&desk).await, before, "the citizens' zone knows nothing of it");
        let now = desk.clock.now().as_microsecond();
        let due = desk.store.read(move |db| notices::due(db, now, 50)).await.expect("readable");
        let told: Vec<_> = due.iter().filter(|one| one.round == OWN).collect();
        assert_eq!(told.len(), 1, "one mail of the newest state");
        assert_eq!(told[0].recipient, "satsuki@mirai.lgwan.example");
        let (_, body) = letters::written(told[0], "https://shokuin.mirai.lgwan.example");
        let url = format!("https://shokuin.mirai.lgwan.example{own}");
        assert!(body.contains(&url) && body.contains("結果通知済") && !body.contains("児童"), "{body}");
        let file = clerk.get("/numbers/file?since=2026-11-01&until=2026-11-30").await.text();
        assert!(file.lines().last().expect("a sum").ends_with(",0,0,0,0,0,1"), "{file}");
        let log = desk.logged_in("kansa").await.get("/audit?act=applications").await.text();
        assert!(log.contains("庁内の申請の送信") && log.contains("庁内の申請の入力の開始"), "{log}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.1: who is held back because an answer brought a question is led to it; an own draft is deleted from
    /// the list.
    a_question_that_an_answer_brought_is_told_and_a_draft_goes_from_the_list,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["listing"] = "internal".into();
            let fields = one["pages"][1]["fields"].as_array_mut().expect("questions");
            fields.push(serde_json::json!({
                "id": "sheets", "label": "通数", "when": "kind == 'all'", "kind": {"type": "text"}}));
        })
        .await;
        let staff = desk.logged_in("kodomo").await;
        let page = begins(&staff).await;
        let told = sends(&staff, &page, "1", &[("phone", "")]).await;
        assert_eq!(told.status, 422, "{}", told.text());
        for words in ["答えにより項目が増えました", "href=\"#f-sheets\"", "<title>エラー："] {
            assert!(told.text().contains(words), "{words}: {}", told.text());
        }
        let sent = sends(&staff, &page, "2", &[("phone", ""), ("_shown", "sheets")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());

        let page = begins(&staff).await;
        assert!(staff.get("/internal").await.text().contains(&format!("action=\"{page}\"")));
        let discard = [("_do", "discard")];
        let other = desk.logged_in("shinsa").await;
        assert_eq!(other.upload("/internal", &page, &discard, None).await.status, 404);
        let gone = staff.upload("/internal", &page, &discard, None).await;
        assert_eq!(gone.location(), "/internal?said=discarded", "{}", gone.text());
        assert_eq!(staff.get(&page).await.status, 404);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.1, NF-45: what citizens may use is no internal procedure; an own internal application is taken
    /// back by its applicant alone, with a reason; after the period nothing is sent, and what was filled in stays.
    what_is_internal_is_taken_back_and_ends_with_its_period,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let staff = desk.logged_in("kodomo").await;
        assert!(staff.get("/internal").await.text().contains("今、職員向けの手続はありません"));
        let begin = format!("/internal/procedures/{COPY}");
        assert_eq!(staff.post("/internal", &begin, &[]).await.status, 404);
        desk.publishes_with(|one| {
            one["revision"] = 2.into();
            one["listing"] = "internal".into();
            one["open"] = serde_json::json!({"until": "2026-11-25T15:00:00Z"});
        })
        .await;
        let page = begins(&staff).await;
        let sent = sends(&staff, &page, "1", &[("phone", "")]).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let id = made(&staff, &page).await;
        let (own, path) = (format!("/internal/applications/{id}"), format!("/applications/{id}"));
        let reason = [("seen", "1"), ("reason", "日程が合わないため")];
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.post(&path, &format!("{path}/withdraw"), &reason).await.status, 409);
        let take_back = format!("{own}/withdraw");
        assert_eq!(clerk.post(&path, &take_back, &reason).await.status, 404);
        let silent = staff.post(&own, &take_back, &[("seen", "1"), ("reason", "")]).await;
        assert_eq!(silent.status, 422, "{}", silent.text());
        assert_eq!(staff.post(&own, &take_back, &reason).await.location(), format!("{own}?said=withdraw"));
        assert!(staff.get(&own).await.text().contains("取下げ"));
        let twice = staff.post(&own, &take_back, &reason).await;
        assert_eq!(twice.status, 409);
        assert!(twice.text().contains("日程が合わないため"), "what was typed: {}", twice.text());

        let page = begins(&staff).await;
        desk.clock.advance(jiff::SignedDuration::from_hours(24 * 7));
        let staff = desk.logged_in("kodomo").await;
        let late = sends(&staff, &page, "1", &[("phone", "")]).await;
        assert_eq!(late.status, 409, "{}", late.text());
        assert!(late.text().contains("入力した内容は保存しています"), "{}", late.text());
        assert!(staff.get(&page).await.text().contains("研修に出るため"));
        assert!(staff.get("/internal").await.text().contains("今は受付期間ではありません"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.1, NF-60: a revision that is published while somebody fills in is the one they apply under: what they
    /// answered goes along, what fell away is named, and a page of the older form loses nothing. Nor does a page
    /// that was overtaken by another one.
    a_newer_revision_takes_an_own_draft_along,
    |url: String| async move {
        let desk = internal(&url).await;
        let staff = desk.logged_in("kodomo").await;
        let page = begins(&staff).await;
        desk.publishes_with(|one| {
            one["revision"] = 2.into();
            one["listing"] = "internal".into();
            one["pages"][1]["fields"][1] =
                serde_json::json!({"id": "day", "label": "使う日", "required": true, "kind": {"type": "text"}});
        })
        .await;
        let old = [("_revision", "1"), ("phone", "025-111-1111")];
        let moved = sends(&staff, &page, "1", &old).await;
        assert_eq!(moved.status, 409, "{}", moved.text());
        for words in ["様式が新しくなりました", "使いみち：研修に出るため", "使う日", "五月", "name=\"_revision\" value=\"2\""] {
            assert!(moved.text().contains(words), "{words}: {}", moved.text());
        }
        let shown = staff.get(&page).await.text();
        assert!(shown.contains("025") && shown.contains("使う日"), "it is saved: {shown}");
        assert!(!shown.contains("様式が新しくなりました"), "it is said once: {shown}");

        let more = [("_revision", "2"), ("_shown", "day"), ("day", "12月10日"), ("phone", "025-222-2222")];
        let late = sends(&staff, &page, "1", &more).await;
        assert_eq!(late.status, 409);
        for words in ["別の画面で先に保存", "12月10日", "name=\"_seen\" value=\"2\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        assert!(!staff.get(&page).await.text().contains("12月10日"), "not saved unseen");
        let sent = sends(&staff, &page, "2", &more).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let id = made(&staff, &page).await;
        let row = desk.store.read(move |db| lgwan_zone_store::applications::file::row(db, &id)).await;
        assert_eq!(row.expect("readable").map(|row| row.revision), Some(2));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.1, NF-38: a procedure for the staff of some departments is on the list of those alone; for everybody
    /// else it is not there, neither when they begin nor, when it was narrowed meanwhile, when they send.
    a_procedure_for_some_departments_is_theirs_alone,
    |url: String| async move {
        let desk = internal(&url).await;
        let staff = desk.logged_in("kodomo").await;
        let page = begins(&staff).await;
        desk.publishes_with(|one| {
            one["revision"] = 2.into();
            one["listing"] = "internal".into();
            one["staff_of"] = serde_json::json!([CITIZENS]);
        })
        .await;
        assert!(staff.get("/internal").await.text().contains("今、職員向けの手続はありません"));
        let begin = format!("/internal/procedures/{COPY}");
        assert_eq!(staff.post("/internal", &begin, &[]).await.status, 404);
        let late = sends(&staff, &page, "1", &[("phone", "")]).await;
        assert_eq!(late.status, 404, "{}", late.text());
        assert!(late.text().contains("あなたの所属からは申請できません"), "{}", late.text());
        assert!(staff.get(&page).await.text().contains("研修に出るため"), "what was typed is theirs");

        let colleague = desk.logged_in("uketsuke").await;
        assert!(colleague.get("/internal").await.text().contains("住民票の写しの請求"));
        let page = begins(&colleague).await;
        assert_eq!(sends(&colleague, &page, "1", &[("phone", "")]).await.status, 303);
        let id = made(&colleague, &page).await;
        desk.publishes_with(|one| {
            one["revision"] = 3.into();
            one["listing"] = "internal".into();
            one["staff_of"] = serde_json::json!([CHILDREN]);
        })
        .await;
        let own = format!("/internal/applications/{id}");
        assert_eq!(colleague.get(&own).await.status, 200, "what was sent stays its applicant's");
        assert!(staff.get("/internal").await.text().contains("住民票の写しの請求"));
        let log = desk.logged_in("kansa").await.get("/audit?result=refused").await.text();
        assert!(log.contains(&format!("手続 {COPY}")), "who tried is recorded: {log}");
        desk.closes().await;
    }
);

/// NB-2.1, NF-22: departments that do not exist, or that stand at a procedure for citizens, stop the publication.
#[tokio::test(flavor = "multi_thread")]
async fn staff_of_no_department_are_found_before_publishing() {
    let desk = Desk::open().await;
    let mut definition = city::definition(&["accept"]);
    definition["listing"] = "internal".into();
    definition["staff_of"] = serde_json::json!([CITIZENS, "00000000000000000000000099"]);
    let file = desk.file("procedure.json", &definition.to_string());
    let refused = publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await;
    assert!(refused.is_err_and(|why| why.to_string().contains("staff_of[1]")));
    definition["listing"] = "public".into();
    definition["staff_of"] = serde_json::json!([CITIZENS]);
    let browser = desk.logged_in("tetsuzuki").await;
    let (page, text) = ("/procedures/import", definition.to_string());
    let sent = browser.upload(page, page, &[("text", &text)], None).await;
    let preview = browser.get(&sent.location()).await.text();
    assert!(preview.contains("申請できる部署を選べるのは"), "{preview}");
    desk.closes().await;
}

on_both_databases!(
    /// NB-2.1, NF-45, NF-39: whoever applied for themselves reads it at the desk, is told that others decide it,
    /// and takes no step of it: not by a page, not by a guessed address, not among several, not as 担当者.
    nobody_decides_what_they_applied_for_themselves,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            one["listing"] = "internal".into();
            one["workflow"]["approvals"] = serde_json::json!([{"title": "係長", "staff": ["uketsuke", "tetsuzuki"]}]);
        })
        .await;
        let (staff, clerk) = (desk.logged_in("tetsuzuki").await, desk.logged_in("shinsa").await);
        let id = applies(&staff).await;
        let path = format!("/applications/{id}");
        let shown = staff.get(&path).await.text();
        assert!(shown.contains("ご自身が出した庁内の申請のため"), "{shown}");
        for act in ["accept", "refuse", "charge", "hand-over", "notes", "labels"] {
            assert!(!shown.contains(&format!("{path}/{act}\"")), "{act}: {shown}");
        }
        for (act, fields) in [
            ("accept", &[("seen", "1")] as &[_]),
            ("refuse", &[("seen", "1"), ("reason", "日程が合わないため")]),
            ("reopen", &[("seen", "1"), ("reason", "やり直すため")]),
            ("correction", &[("seen", "1"), ("fields", "phone"), ("reason", "x"), ("due", "2026-12-01")]),
            ("propose", &[("seen", "1"), ("event", "notify"), ("words", "よい")]),
            ("approval", &[("round", "1"), ("stage", "0"), ("do", "approve")]),
            ("charge", &[("person", "")]),
            ("notes", &[("words", "早く")]),
        ] {
            let refused = staff.post(&path, &format!("{path}/{act}"), fields).await;
            assert_eq!(refused.status, 403, "{act}: {}", refused.text());
            assert!(refused.text().contains("ご自身が出した庁内の申請のため"), "{act}: {}", refused.text());
        }
        for form in ["result", "reject", "refuse"] {
            assert_eq!(staff.get(&format!("{path}/{form}")).await.status, 403, "{form}");
        }
        let chosen = format!("{id}:1");
        let fields = [("one", &*chosen), ("do", "accept")];
        let said = staff.post("/inbox", "/inbox/steps", &fields).await.text();
        assert!(said.contains("申請した職員本人が処理することはできません"), "{said}");
        let colleague = person(&desk, "shinsa").await;
        for act in ["refuse_entry_chosen", "charge_chosen"] {
            let wish = [("one", &*chosen), ("person", &*colleague), ("do", act)];
            let batch = staff.post("/inbox", "/inbox/batches", &wish).await.location();
            let looked = staff.get(&batch).await.text();
            assert!(looked.contains("申請した職員本人が処理することはできません"), "{act}: {looked}");
            let start = [("do", "start"), ("reason", "日程が合わないため")];
            assert_eq!(staff.post(&batch, &batch, &start).await.status, 303, "{act}");
            let said = ended(&staff, &batch).await;
            assert!(said.contains("申請した職員本人が処理することはできません"), "{act}: {said}");
        }

        let own = person(&desk, "tetsuzuki").await;
        let foreign = clerk.post(&path, &format!("{path}/charge"), &[("person", &*own)]).await;
        assert_eq!(foreign.status, 409);
        assert!(foreign.text().contains("この庁内の申請を出した本人"), "{}", foreign.text());
        assert!(!clerk.get(&path).await.text().contains(&format!("<option value=\"{own}\"")));
        for (step, seen) in [("accept", "1"), ("review", "2")] {
            let step = clerk.post(&path, &format!("{path}/{step}"), &[("seen", seen)]).await;
            assert_eq!(step.status, 303, "{}", step.text());
        }
        let fields = [("seen", "3"), ("event", "notify"), ("words", "要件を満たします")];
        assert_eq!(clerk.post(&path, &format!("{path}/propose"), &fields).await.status, 303);
        assert!(!staff.get("/inbox").await.text().contains("あなたの決裁を待つ"));
        let fields = [("round", "1"), ("stage", "0"), ("do", "approve")];
        assert_eq!(staff.post(&path, &format!("{path}/approval"), &fields).await.status, 403);
        let head = desk.logged_in("uketsuke").await;
        assert_eq!(head.post(&path, &format!("{path}/approval"), &fields).await.status, 303);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NB-2.1, NF-35: whoever applied reads what their own department is asked about it, and says nothing to it: not
    /// on the page, not by a guessed address; the attempt is recorded.
    nobody_gives_an_opinion_on_what_they_applied_for_themselves,
    |url: String| async move {
        let desk = internal(&url).await;
        let (staff, clerk) = (desk.logged_in("kodomo").await, desk.logged_in("uketsuke").await);
        let id = applies(&staff).await;
        let page = format!("/applications/{id}");
        let ask = [("department", CHILDREN), ("question", "研修に出られますか。"), ("due", "2026-11-27"), ("fields", "reason")];
        let asked = clerk.post(&format!("{page}/inquiries/new"), &format!("{page}/inquiries"), &ask).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let of = id.clone();
        let stored = async || {
            let of = of.clone();
            let all = desk.store.read(move |db| inquiries::of(db, &of)).await.expect("readable");
            all.into_iter().map(|(one, _)| one).next().expect("a request")
        };
        let there = format!("/inquiries/{}", stored().await.id);
        let shown = staff.get(&there).await.text();
        assert!(shown.contains("ご自身が出した庁内の申請についての意見照会"), "{shown}");
        assert!(!shown.contains("name=\"opinion\""), "{shown}");
        for (act, opinion) in [("answer", "no_objection"), ("ask_back", "")] {
            let says = [("turns", "0"), ("do", act), ("opinion", opinion), ("words", "出られます")];
            let refused = staff.post("/inquiries", &there, &says).await;
            assert_eq!(refused.status, 403, "{act}: {}", refused.text());
            assert!(refused.text().contains("出られます"), "what was typed: {}", refused.text());
        }
        assert_eq!(stored().await.turns, 0, "nothing was said");
        let log = desk.logged_in("kansa").await.get("/audit?result=refused").await.text();
        let tried = format!("意見照会 {}", there.trim_start_matches("/inquiries/"));
        assert!(log.contains(&tried), "who tried is recorded: {log}");
        desk.closes().await;
    }
);
