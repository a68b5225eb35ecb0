//! What is done to many applications at once: documents matched by number, a step for the whole
//! list (NF-36).

use bridge_contract::messages::{Applicant, ToStaff};
use diesel::RunQueryDsl as _;
use domain::ids::ApplicationId;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::batches::{self, Outcome, Row, Stage};
use lgwan_zone_store::{fillings, numbers};
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::desk::{Desk, arrive, row};

const DOCUMENTS: &str = "/inbox/documents";
const PDF: &[u8] = b"%PDF-1.7\nthe words of a decision\n%%EOF\n";

async fn on(url: &str, stages: &[&str]) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes(stages).await;
    desk
}

async fn step(browser: &Browser, id: &ApplicationId, path: &str, seen: &str) {
    let page = format!("/applications/{id}");
    let answer = browser.post(&page, &format!("{page}/{path}"), &[("seen", seen)]).await;
    assert_eq!(answer.status, 303, "{path}: {}", answer.text());
}

/// Applications under review, with their numbers.
async fn reviewed(desk: &Desk, clerk: &Browser, count: usize) -> Vec<(ApplicationId, String)> {
    let mut all = Vec::new();
    for _ in 0..count {
        let id = arrive(desk).await;
        step(clerk, &id, "accept", "1").await;
        step(clerk, &id, "review", "2").await;
        let number = row(desk, &id).await.number;
        all.push((id, number));
    }
    all
}

/// The page of a batch once no row waits.
pub(crate) async fn ended(browser: &Browser, path: &str) -> String {
    for _ in 0..5_000 {
        let answer = browser.get(path).await;
        if !answer.headers.contains_key("refresh") {
            return answer.text();
        }
    }
    panic!("the batch does not end");
}

on_both_databases!(
    /// NF-36, NF-47: each file finds its application by the number in its name; what would happen
    /// is shown first, good files are not held up by bad ones, and nothing is done twice.
    documents_are_matched_by_number_and_given_out,
    |url: String| async move {
        let desk = on(&url, &["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let all = reviewed(&desk, &clerk, 4).await;
        let waiting = arrive(&desk).await;
        let early = row(&desk, &waiting).await.number;
        let names: Vec<String> = all.iter().map(|(_, number)| format!("{number}.pdf")).collect();
        let again = format!("{}_2.pdf", all[2].1);
        let early = format!("{early}.pdf");
        let files: Vec<(&str, &str, &[u8])> = vec![
            ("files", &names[0], PDF),
            ("files", &names[1], PDF),
            ("files", &names[2], PDF),
            ("files", &again, PDF),
            ("files", &names[3], b"MZ is no PDF"),
            ("files", "2026-999999-1.pdf", PDF),
            ("files", "notice.pdf", PDF),
            ("files", &early, PDF),
        ];
        let sent = clerk.upload_all(DOCUMENTS, DOCUMENTS, &[("note", "別紙のとおり")], &files).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let path = sent.location();
        let page = clerk.get(&path).await.text();
        for words in [
            "8件のうち2件を処理できます",
            "2件を処理する",
            "同じ申請のファイルが2つ以上あります",
            "PDFファイルではありません",
            "ファイル名に受付番号がありません",
            "今の状態ではできません",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(row(&desk, &all[0].0).await.state, "reviewing", "nothing is done yet");
        let other = desk.logged_in("shinsa").await;
        assert_eq!(other.get(&path).await.status, 404, "it is its maker's");

        // A colleague decides one in between.
        let form = format!("/applications/{}/reject", all[1].0);
        let fields = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(other.post(&form, &form, &fields).await.status, 303);
        let start = [("do", "start")];
        assert_eq!(clerk.post(&path, &path, &start).await.location(), path);
        let page = ended(&clerk, &path).await;
        assert!(page.contains("1件を処理しました"), "{page}");
        assert!(page.contains("確かめた後に、ほかの職員が変更しました"), "{page}");
        assert_eq!(row(&desk, &all[0].0).await.state, "notified");
        assert_eq!(row(&desk, &all[1].0).await.state, "rejected", "not overwritten");
        assert_eq!(row(&desk, &all[2].0).await.state, "reviewing");
        let twice = clerk.post("/inbox/documents", &path, &start).await.location();
        assert_eq!(twice, format!("{path}?said=before"));

        let id = all[0].0.to_string();
        let whole = desk.store.read(move |db| file::whole(db, &id)).await.expect("readable");
        let documents = whole.expect("it is there").documents;
        assert_eq!(documents.len(), 1);
        assert_eq!((documents[0].file_name.as_str(), documents[0].size), (&*names[0], 39));
        assert_eq!(documents[0].title, "住民票の写しの請求について(通知)");
        let link = format!("/applications/{}/documents/{}", all[0].0, documents[0].id);
        assert_eq!(clerk.get(&link).await.bytes.as_ref(), PDF);
        desk.closes().await;
    }
);

/// NF-36, NF-39: a number of another department is as unknown as one that never was; a batch that
/// is given up does nothing and can never begin.
#[tokio::test(flavor = "multi_thread")]
async fn another_departments_number_is_unknown() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let clerk = desk.logged_in("uketsuke").await;
    let all = reviewed(&desk, &clerk, 1).await;
    let name = format!("{}.pdf", all[0].1);
    let other = desk.logged_in("kodomo").await;
    let sent = other.upload(DOCUMENTS, DOCUMENTS, &[], Some(("files", &name, PDF))).await;
    let page = other.get(&sent.location()).await.text();
    assert!(
        page.contains("申請が見つかりません") && !page.contains(&all[0].0.to_string()),
        "{page}"
    );

    let sent = clerk.upload(DOCUMENTS, DOCUMENTS, &[], Some(("files", &name, PDF))).await;
    let path = sent.location();
    assert_eq!(clerk.post(&path, &path, &[("do", "drop")]).await.status, 303);
    let started = clerk.post(DOCUMENTS, &path, &[("do", "start")]).await.location();
    assert_eq!(started, format!("{path}?said=before"));
    assert!(clerk.get(&path).await.text().contains("やめました。何も行っていません。"));
    assert_eq!(row(&desk, &all[0].0).await.state, "reviewing");
    let nothing = clerk.upload(DOCUMENTS, DOCUMENTS, &[("note", "x")], None).await;
    assert_eq!(nothing.status, 422);
    desk.closes().await;
}

on_both_databases!(
    /// NF-36: a step for every application that meets the conditions, on this page or not; what a
    /// colleague changed in between stays as it is and is named.
    a_step_is_taken_for_the_whole_list,
    |url: String| async move {
        let desk = on(&url, &["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let mut all = Vec::new();
        for _ in 0..60 {
            all.push(arrive(&desk).await);
        }
        step(&clerk, &all[59], "accept", "1").await;
        let wish = [("do", "accept"), ("back", "?order=oldest")];
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let page = clerk.get(&path).await.text();
        assert!(page.contains("59件のうち59件を処理できます"), "{page}");
        let other = desk.logged_in("shinsa").await;
        step(&other, &all[0], "accept", "1").await;
        assert_eq!(clerk.post(&path, &path, &[("do", "start")]).await.status, 303);
        let page = ended(&clerk, &path).await;
        assert!(page.contains("58件を処理しました") && page.contains("1件です"), "{page}");
        for id in &all {
            let row = row(&desk, id).await;
            assert_eq!((row.state.as_str(), row.version), ("accepted", 2));
        }
        // Every row of the log says from where it was pressed, though a worker did it.
        let filter = Filter { object: Some(format!("application:{}", all[7])), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let done = log.iter().find(|one| one.event.act == "applications.accept").expect("the step");
        assert!(!done.event.ip.is_empty() && !done.event.session.is_empty(), "{:?}", done.event);
        let left = clerk.get(&format!("{path}?left=1")).await.text();
        assert_eq!(left.matches("href=\"/applications/").count(), 1, "{left}");
        let nothing = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        assert_eq!(nothing, "/inbox?order=oldest&said=none_fits");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-36: a row and its outcome stand together; a row that has one is never done again.
    a_row_is_settled_once,
    |url: String| async move {
        let desk = on(&url, &["accept"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = arrive(&desk).await;
        let wish = [("do", "accept"), ("back", "")];
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let batch = path.trim_start_matches("/inbox/batches/").to_owned();
        let waiting = desk.store.read(move |db| batches::waiting(db, &batch, 10)).await;
        let row: Row = waiting.expect("readable").pop().expect("a row");
        assert_eq!(row.application_id, Some(id.to_string()));
        let settled = desk.store.write(move |tx| {
            let first = batches::settle(tx, &row, Outcome::Missing)?;
            Ok((first, batches::settle(tx, &row, Outcome::Done)?))
        });
        assert_eq!(settled.await.expect("written"), (true, false));
        assert_eq!(clerk.post(&path, &path, &[("do", "start")]).await.status, 303);
        assert!(ended(&clerk, &path).await.contains("0件を処理しました"));
        assert_eq!(self::row(&desk, &id).await.state, "arrived");
        desk.closes().await;
    }
);

/// Sends applications without an address for notices: nobody outside hears of a step.
async fn arrive_unmailed(desk: &Desk) -> ApplicationId {
    let mut sent = desk.submission(("山田", "花子"), &[]).await;
    let message = match &mut sent.message.message {
        ToStaff::Submission(message) => message,
        other => panic!("no submission: {other:?}"),
    };
    message.applicant = Applicant::Anonymous;
    let id = message.application_id.clone();
    desk.arrives(sent).await.expect("taken in");
    id
}

on_both_databases!(
    /// NF-36: what a batch did is taken back row by row; what the applicant was mailed, what a
    /// colleague went on with and what was told stays, and each says why.
    a_batch_is_taken_back_where_nobody_was_told,
    |url: String| async move {
        let desk = on(&url, &["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let quiet =
            [arrive_unmailed(&desk).await, arrive_unmailed(&desk).await, arrive_unmailed(&desk).await];
        let mailed = arrive(&desk).await;
        let wish = [("do", "accept"), ("back", "?order=oldest")];
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let early = clerk.post(&path, &path, &[("do", "undo")]).await;
        assert_eq!(early.status, 409, "it has not begun");
        clerk.post(&path, &path, &[("do", "start")]).await;
        assert!(ended(&clerk, &path).await.contains("4件を処理しました"));
        step(&clerk, &quiet[1], "review", "2").await;

        let undo = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        let page = clerk.get(&undo).await.text();
        for words in [
            "まとめて行った処理の取消",
            "4件のうち2件を処理できます",
            "申請者に知らせたため、取り消せません",
            "確かめた後に、ほかの職員が変更しました",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(row(&desk, &quiet[0]).await.state, "accepted", "nothing is done yet");
        let twice = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        assert_eq!(twice, undo, "one at a time");
        let other = desk.logged_in("shinsa").await;
        step(&other, &quiet[2], "review", "2").await;
        clerk.post(&undo, &undo, &[("do", "start")]).await;
        assert!(ended(&clerk, &undo).await.contains("1件を処理しました"));
        let states = [
            (&quiet[0], "arrived", 3),
            (&quiet[1], "reviewing", 3),
            (&quiet[2], "reviewing", 3),
            (&mailed, "accepted", 2),
        ];
        for (id, state, version) in states {
            let row = row(&desk, id).await;
            assert_eq!((row.state.as_str(), row.version), (state, version));
        }
        let shown = clerk.get(&format!("/applications/{}", quiet[0])).await.text();
        assert!(shown.contains("まとめて行った処理を取り消しました"), "{shown}");
        let again = clerk.post(&undo, &undo, &[("do", "undo")]).await;
        assert_eq!(again.status, 409, "an undo is not undone");
        let arrived = clerk.get("/inbox?state=arrived").await.text();
        assert!(arrived.contains("1件を表示しています"), "{arrived}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-36, NF-25: what was done to chosen applications can be taken back as well, an end with what was
    /// counted of it; what was told stays, and is counted once.
    chosen_ones_are_taken_back,
    |url: String| async move {
        let desk = on(&url, &["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = arrive_unmailed(&desk).await;
        step(&clerk, &id, "accept", "1").await;
        step(&clerk, &id, "review", "2").await;
        let result = format!("/applications/{id}/result");
        let fields = [
            ("kind", "designed"),
            ("document_number", "み市民第1号"),
            ("title", "交付決定通知書"),
            ("addressee", "山田 花子 様"),
            ("body", "決定しました。"),
            ("seen", "3"),
        ];
        let told = clerk.upload(&result, &result, &fields, None).await;
        assert_eq!(told.status, 303, "{}", told.text());
        let chosen = format!("{id}:4");
        let fields = [("one", chosen.as_str()), ("do", "finish"), ("back", "?state=notified")];
        let page = clerk.post("/inbox", "/inbox/steps", &fields).await.text();
        assert!(page.contains("1件を処理しました"), "{page}");
        assert_eq!(done_today(&desk).await, 1);
        let kept = page.split("/inbox/batches/").nth(1).expect("a link");
        let path = format!("/inbox/batches/{}", kept.split('"').next().expect("an id"));
        let undo = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        clerk.post(&undo, &undo, &[("do", "start")]).await;
        assert!(ended(&clerk, &undo).await.contains("1件を処理しました"));
        assert_eq!(row(&desk, &id).await.state, "notified");
        assert_eq!(done_today(&desk).await, 0);
        assert_eq!(decided_today(&desk).await, 1, "what was told stays decided");
        step(&clerk, &id, "finish", "6").await;
        assert_eq!((done_today(&desk).await, decided_today(&desk).await), (1, 1));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-36: one reason is typed for many decisions; without it nothing begins, each applicant reads
    /// it, what cannot be done now stays, and what was told is not taken back.
    many_are_decided_for_one_reason,
    |url: String| async move {
        let desk = on(&url, &["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let all = reviewed(&desk, &clerk, 2).await;
        let early = [arrive(&desk).await, arrive(&desk).await];
        let chosen = [format!("{}:3", all[0].0), format!("{}:3", all[1].0), format!("{}:1", early[0])];
        let mut fields: Vec<(&str, &str)> = chosen.iter().map(|one| ("one", one.as_str())).collect();
        fields.push(("do", "reject_chosen"));
        let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
        let page = clerk.get(&path).await.text();
        for words in
            ["まとめて処理(却下する)", "3件のうち2件を処理できます", "今の状態ではできません", "name=\"reason\""]
        {
            assert!(page.contains(words), "{words}: {page}");
        }
        let bare = clerk.post(&path, &path, &[("do", "start"), ("reason", " ")]).await;
        assert_eq!(bare.status, 422);
        assert!(bare.text().contains("理由を入力してください。"), "{}", bare.text());
        assert_eq!(row(&desk, &all[0].0).await.state, "reviewing", "nothing began");
        let reason = "予算の上限に達したため";
        let start = [("do", "start"), ("reason", reason)];
        assert_eq!(clerk.post(&path, &path, &start).await.location(), path);
        let page = ended(&clerk, &path).await;
        assert!(page.contains("2件を処理しました") && page.contains(reason), "{page}");
        for (id, _) in &all {
            assert_eq!(row(&desk, id).await.state, "rejected");
            let shown = clerk.get(&format!("/applications/{id}")).await.text();
            assert!(shown.contains(reason), "{shown}");
        }
        assert_eq!(row(&desk, &early[0]).await.state, "arrived");
        let undo = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        let page = clerk.get(&undo).await.text();
        assert!(page.contains("2件のうち0件を処理できます"), "{page}");

        let fields = [("do", "refuse_entry"), ("back", "?state=arrived")];
        let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
        let start = [("do", "start"), ("reason", "あて先が違うため")];
        clerk.post(&path, &path, &start).await;
        assert!(ended(&clerk, &path).await.contains("2件を処理しました"));
        for id in &early {
            assert_eq!(row(&desk, id).await.state, "refused_entry");
        }
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-36: many are asked to correct the same questions by the same day; a form with a slip is
    /// given back as it was typed, each applicant is asked, and what was asked is not taken back.
    many_are_asked_to_correct_the_same,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|definition| definition["workflow"]["correction_days"] = 15.into())
            .await;
        let clerk = desk.logged_in("uketsuke").await;
        let all = [arrive(&desk).await, arrive(&desk).await];
        let fields = [("do", "ask_correction"), ("back", "?state=arrived")];
        let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
        let page = clerk.get(&path).await.text();
        assert!(page.contains("すべての項目を直せるようにする") && page.contains("使いみち"), "{page}");
        assert!(page.contains("value=\"2026-12-07\""), "the office is closed on Saturday 5: {page}");
        let words = "使いみちを具体的に書いてください。";
        let faulty = [("do", "start"), ("scope", "some"), ("reason", words), ("due", "2026-11-20")];
        let back = clerk.post(&path, &path, &faulty).await;
        assert_eq!(back.status, 422);
        for told in ["直してもらう項目を1つ以上選んでください。", "期限は今日より後の日付", words]
        {
            assert!(back.text().contains(told), "{told}: {}", back.text());
        }
        let told = outbox(&desk).await;
        let whole = [
            ("do", "start"),
            ("scope", "some"),
            ("fields", "reason"),
            ("fields", "no_such_question"),
            ("reason", words),
            ("due", "2026-12-18"),
        ];
        assert_eq!(clerk.post(&path, &path, &whole).await.location(), path);
        assert!(ended(&clerk, &path).await.contains("2件を処理しました"));
        assert_eq!(outbox(&desk).await - told, 4, "each is told its state and what to correct");
        for id in &all {
            let row = row(&desk, id).await;
            assert_eq!(row.state, "correction:arrived");
            assert_eq!(row.due.as_deref(), Some("2026-12-18"));
            let id = id.to_string();
            let asked = desk.store.read(move |db| file::correction(db, &id, 1)).await;
            let asked = asked.expect("readable").expect("it was asked");
            assert_eq!(asked.fields, "[\"reason\"]");
            assert_eq!(asked.reason, words);
        }
        let undo = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        let page = clerk.get(&undo).await.text();
        assert!(page.contains("申請者に知らせたため、取り消せません"), "{page}");

        let more = arrive(&desk).await;
        let chosen = format!("{more}:1");
        let fields = [("one", chosen.as_str()), ("do", "ask_correction_chosen")];
        let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
        let start = [("do", "start"), ("scope", "every"), ("reason", words), ("due", "2026-12-18")];
        clerk.post(&path, &path, &start).await;
        assert!(ended(&clerk, &path).await.contains("1件を処理しました"));
        let id = more.to_string();
        let asked = desk.store.read(move |db| file::correction(db, &id, 1)).await;
        let asked = asked.expect("readable").expect("it was asked").fields;
        for field in ["name", "phone", "kind", "reason", "proof"] {
            assert!(asked.contains(field), "{field}: {asked}");
        }
        desk.closes().await;
    }
);

/// Messages that were ever put on their way.
async fn outbox(desk: &Desk) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let counted = desk.store.read(|db| {
        diesel::sql_query("select count(*) as items from outbox_items").get_result::<Count>(db)
    });
    counted.await.expect("readable").items
}

async fn done_today(desk: &Desk) -> i64 {
    let day = domain::calendar::date_in_japan(desk.clock.now());
    let day = day.to_string();
    let read = desk.store.read(move |db| numbers::between(db, &day, &day));
    let numbers = read.await.expect("readable");
    numbers.iter().filter(|one| one.what == numbers::What::Done).map(|one| one.total).sum()
}

/// Decisions of today of which it is counted how long they took.
async fn decided_today(desk: &Desk) -> i64 {
    let day = domain::calendar::date_in_japan(desk.clock.now()).to_string();
    let read = desk.store.read(move |db| fillings::leads(db, &day, &day));
    read.await.expect("readable").values().map(fillings::Lead::decisions).sum()
}

/// NF-36: every stage and outcome is stored under a word that reads back.
#[test]
fn stages_and_outcomes_read_back() {
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::parse(outcome.code()), Some(outcome));
    }
    for stage in [Stage::Looked, Stage::Running, Stage::Done, Stage::Dropped] {
        assert_eq!(Stage::parse(stage.code()), Some(stage));
    }
    assert_eq!(Stage::parse("another"), None);
}

/// NF-47, MN-7.2: of too many documents at once none is kept, and none stays on the disk.
#[tokio::test(flavor = "multi_thread")]
async fn of_too_many_documents_none_stays() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let clerk = desk.logged_in("uketsuke").await;
    let all = reviewed(&desk, &clerk, 2).await;
    let kept = || {
        let folder = std::fs::read_dir(&desk.config.folders.files).expect("a folder");
        let shelves = folder.map(|one| one.expect("an entry").path());
        shelves.flat_map(|one| std::fs::read_dir(one).expect("a shelf")).count()
    };
    let before = kept();
    let names: Vec<String> = all.iter().map(|(_, number)| format!("{number}.pdf")).collect();
    let mut files: Vec<(&str, &str, &[u8])> =
        names.iter().map(|name| ("files", name.as_str(), PDF)).collect();
    // The second are more than a form has parts.
    for count in [501, 2_001] {
        files.resize(count, ("files", "notice.pdf", PDF));
        let typed = [("title", "許可の通知書"), ("note", "窓口でも渡せます。")];
        let sent = clerk.upload_all(DOCUMENTS, DOCUMENTS, &typed, &files).await;
        assert_eq!(sent.status, 422, "{count}: {}", sent.text());
        for (_, words) in typed {
            assert!(sent.text().contains(words), "{count}, {words}: {}", sent.text());
        }
        assert_eq!(kept(), before, "{count}: nothing names them");
    }
    desk.closes().await;
}
