//! What the staff zone tells, as the citizen sees it.

use domain::applications::{Origin, Stage, State, WithdrawUntil};
use domain::forms::Answers;
use domain::forms::definition::{Field, Required, Words};
use internet_zone_store::By;
use internet_zone_store::applications::told::{self, NewCorrection, NewDocument, NewState};
use internet_zone_store::applications::{drafts, gone, status, withdrawal_requests};
use internet_zone_store::procedures::{self, Department};
use internet_zone_store::vault::{Vault, sha256};
use internet_zone_web::applications::Asked;
use internet_zone_web::places;
use jiff::SignedDuration;
use platform_service::clock::Clock;
use platform_store::files::Files;

use crate::applying::{clock, survey};
use crate::browser::Browser;
use crate::support::{Zone, publish, sample};

pub(crate) struct Sent {
    pub(crate) browser: Browser,
    pub(crate) id: String,
}

pub(crate) async fn sent(zone: &Zone) -> Sent {
    let mut browser = survey(zone, "前の意見").await;
    browser.submit("/submit", &[]).await.is(200);
    let id = browser.path.split('/').nth(2).expect("an id").to_owned();
    Sent { browser, id }
}

pub(crate) fn vault(zone: &Zone) -> Vault {
    let key = platform_service::secret::read_key(&zone.root.join("keys/draft.key")).expect("a key");
    Vault::new(&key, "mirai")
}

pub(crate) async fn state(zone: &Zone, id: &str, state: State, note: &str) {
    let new = NewState {
        application_id: id.to_owned(),
        state,
        at: zone.clock.now().as_microsecond(),
        note: note.to_owned(),
        expected: String::new(),
    };
    let by = By::system("test", new.at);
    assert!(zone.store().write(move |tx| told::state(tx, &by, &new)).await.expect("told"));
}

/// Asks for fields to be corrected, with nothing in them; gives the moment in microseconds.
pub(crate) async fn asks(zone: &Zone, id: &str, fields: &[&str], reason: &str) -> i64 {
    let asked = Asked {
        reason: reason.to_owned(),
        fields: fields.iter().map(|field| (*field).to_owned()).collect(),
        prefill: Answers::new(),
        context: Answers::new(),
    };
    let at = zone.clock.now().as_microsecond();
    let new = NewCorrection {
        application_id: id.to_owned(),
        round: 1,
        asked_sealed: asked.seal(&vault(zone), id, 1),
        due: "2026-06-30".to_owned(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| told::correction(tx, &by, &new)).await.expect("told");
    at
}

/// NF-34: only the flagged field is open; the answer crosses and the way goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_opens_only_what_was_flagged() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    let asked = Asked {
        reason: "くわしく書いてください。".to_owned(),
        fields: vec!["voice".to_owned()],
        prefill: Answers::from([("voice", "前の意見")]),
        context: Answers::new(),
    };
    let at = zone.clock.now().as_microsecond();
    let new = NewCorrection {
        application_id: id.clone(),
        round: 1,
        asked_sealed: asked.seal(&vault(&zone), &id, 1),
        due: "2026-06-30".to_owned(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| told::correction(tx, &by, &new)).await.expect("told");

    browser.get(&format!("/applications/{id}")).await.says("修正をお願いします");
    browser.says("くわしく書いてください。").says("2026年6月30日（火）");
    browser.get(&format!("/applications/{id}/correction")).await.is(200).says("前の意見");
    assert!(!browser.text().contains("年代"), "only the flagged question is asked");
    let typed = [("voice", "写真を大きくしてください"), ("reads", "always")];
    browser.upload("/correction", &typed, &[]).await.is(200).says("修正した内容の確認");
    browser.says("写真を大きくしてください");
    let check = browser.bytes.clone();
    browser.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    browser.bytes = check;
    browser.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    browser.get(&format!("/applications/{id}/correction")).await.is(410);
    zone.close().await;
}

/// The survey with one more question, as citizens find it.
async fn with_question(zone: &Zone, field: Field) {
    let mut survey = sample("koho-anketo");
    let drawn = format!("id=\"q-{}\"", field.id);
    survey.pages[0].fields.push(field);
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    for () in platform_testkit::patiently() {
        let mut looks = Browser::new(zone.running.public_addr);
        looks.get("/procedures/koho-anketo/start").await;
        looks.submit("/start", &[("agree", "yes")]).await;
        if looks.html().contains(&drawn) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// NF-8, NF-34: a correction looks a postal code up as the form does: the places of a code are there to
/// choose from, a code without one is told at its field.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_chooses_among_the_places_of_a_postal_code() {
    let zone = Zone::open(clock()).await;
    let office = sample("setsubi-hojo");
    let mut fields = office.pages.into_iter().flat_map(|page| page.fields);
    let mut office = fields.find(|field| field.id == "office").expect("an address");
    office.required = Required::default();
    with_question(&zone, office).await;
    let Sent { mut browser, id } = sent(&zone).await;
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    asks(&zone, &id, &["office"], "所在地を確かめてください。").await;
    browser.get(&format!("/applications/{id}/correction")).await.is(200);
    let look = |code| [("office.postal", code), ("_do", "postal:office")];
    browser.submit("/correction", &look("9999999")).await.is(422).says("郵便番号");
    browser.submit("/correction", &look("4980000")).await.is(200).says("弥富市").says("木曽岬町");
    let choose = [("office.postal", "4980000"), ("_do", "place:office:1")];
    browser.submit("/correction", &choose).await.is(200);
    assert!(browser.html().contains("value=\"桑名郡木曽岬町\""), "{}", browser.html());
    zone.close().await;
}

/// NF-7, NF-34: in a correction, too, each class of bad input is told at its question, and what was typed
/// beside it stands there.
#[tokio::test(flavor = "multi_thread")]
async fn bad_input_in_a_correction_costs_nothing_beside_it() {
    let zone = Zone::open(clock()).await;
    let mut fields = sample("juminhyo").pages.into_iter().flat_map(|page| page.fields);
    let mut identity = fields.find(|field| field.id == "identity").expect("a question for files");
    identity.required = Required::default();
    identity.checks = Vec::new();
    with_question(&zone, identity).await;
    let Sent { mut browser, id } = sent(&zone).await;
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    let flagged = ["identity", "last_issue", "reading_time", "place", "voice"];
    asks(&zone, &id, &flagged, "確かめてください。").await;
    browser.get(&format!("/applications/{id}/correction")).await.is(200);

    let good = [
        ("last_issue.year", "2026"),
        ("last_issue.month", "4"),
        ("reading_time", "07:30"),
        ("place", "東公民館"),
        ("voice", "写真を大きくしてください"),
    ];
    let book = "長".repeat(1_001);
    for (field, odd, words) in [
        ("voice", book.as_str(), "文字以内"),
        ("voice", "字が\u{7}小さい", "目に見えない文字"),
        ("voice", "字が\0小さい", "目に見えない文字"),
        ("voice", "髙\u{E001}", "2文字目は、この端末だけの文字（外字）です"),
        ("last_issue.month", "13", "ある年月を入力してください"),
        ("reading_time", "昼ごろ", "時刻を入力してください"),
        ("place", "ない場所", "リストにありません"),
    ] {
        let typed = good.map(|(name, value)| (name, if name == field { odd } else { value }));
        browser.submit("/correction", &typed).await.is(422).says(words);
        let beside = if field == "voice" { "value=\"東公民館\"" } else { "写真を大きく" };
        assert!(browser.html().contains(beside), "{odd}: {}", browser.html());
    }
    browser.upload("/correction", &good, &[("identity", "空.png", &b""[..])]).await.is(422);
    browser.says("「空.png」は中身が空です").says("写真を大きくしてください");
    browser.submit("/correction", &good).await.is(200).says("修正した内容の確認");
    zone.close().await;
}

/// A letter of 15 bytes arrives for an application.
pub(crate) async fn issue(zone: &Zone, application: &str, document: &str) {
    issue_with(zone, application, document, None).await;
}

/// The same as a file of a message.
pub(crate) async fn issue_with(
    zone: &Zone,
    application: &str,
    document: &str,
    message: Option<&str>,
) {
    let vault = vault(zone);
    let files = Files::open(zone.root.join("files")).expect("the folder");
    files.put(document, &vault.seal(places::document(document), b"%PDF-1.7 letter")).expect("put");
    let at = zone.clock.now().as_microsecond();
    let new = NewDocument {
        id: document.to_owned(),
        application_id: application.to_owned(),
        name_sealed: vault.seal(places::document_name(document), "決定通知.pdf".as_bytes()),
        media: "application/pdf".to_owned(),
        size: 15,
        file_id: document.to_owned(),
        sha256: sha256(b"%PDF-1.7 letter"),
        message_id: message.map(str::to_owned),
    };
    let by = By::system("test", at);
    assert!(zone.store().write(move |tx| told::document(tx, &by, &new)).await.expect("told"));
}

/// NF-31: an issued document is downloaded as it was, and its opening is shown.
#[tokio::test(flavor = "multi_thread")]
async fn an_issued_document_is_downloaded() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let document = "01kn35e000w8yseg2nqk02mezz";
    issue(&zone, &id, document).await;
    browser.get(&format!("/applications/{id}")).await.says("決定通知.pdf");
    browser.get(&format!("/applications/{id}/documents/{document}")).await.is(200);
    assert_eq!(&browser.bytes[..], b"%PDF-1.7 letter");
    assert_eq!(browser.headers["content-type"], "application/pdf");
    browser.get(&format!("/applications/{id}")).await.says("はじめて開いた日時");
    zone.close().await;
}

/// NF-32: a file that was held is told in words, with what to do.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_file_is_explained() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let vault = vault(&zone);
    let (by, wanted) = (By::system("test", zone.clock.now().as_microsecond()), id.clone());
    zone.store()
        .write(move |tx| {
            told::held(tx, &by, (&wanted, "of-the-form"), "encrypted", |row| {
                vault.seal(places::held_name(row), "履歴書.pdf".as_bytes())
            })
        })
        .await
        .expect("told");
    browser.get(&format!("/applications/{id}")).await;
    browser.says("履歴書.pdf").says("保護を外して").says("申請は届いています");
    zone.close().await;
}

/// NF-32: every reason for holding a file has its words for the citizen.
#[test]
fn every_reason_to_hold_a_file_is_explained() {
    for reason in bridge_contract::messages::HoldReason::ALL {
        let key = format!("applications.hold.{}", reason.word());
        assert!(internet_zone_web::TEXTS.get(&key).is_some(), "{key}");
    }
}

/// IK-3.5.1a: when staff's rule of two people took an application, what is left of it here goes too:
/// state, documents with their files, messages. Told again it changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_of_an_application_goes_with_it() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let (mut other, kept) = {
        let kept = sent(&zone).await;
        (kept.browser, kept.id)
    };
    let document = "01kn35e000w8yseg2nqk02mezz";
    issue(&zone, &id, document).await;
    state(&zone, &id, State::Done, "").await;
    let page = format!("/applications/{id}");
    browser.get(&format!("{page}/messages")).await.is(200);
    let words = [("words", "ありがとうございました。"), ("_do", "next")];
    browser.submit("/messages", &words).await.is(200);
    let files = Files::open(zone.root.join("files")).expect("the folder");
    assert!(files.get(document).is_ok());

    for first in [true, false] {
        let (wanted, by) = (id.clone(), By::system("test", zone.clock.now().as_microsecond()));
        let went = zone.store().write(move |tx| gone::forget(tx, &by, &wanted)).await;
        assert_eq!(went.expect("written"), first);
    }
    for path in [page.clone(), format!("{page}/messages"), format!("{page}/documents/{document}")] {
        browser.get(&path).await.is(404);
    }
    other.get(&format!("/applications/{kept}")).await.is(200);
    let doomed = zone.store().read(|db| drafts::doomed(db, 9)).await.expect("readable");
    assert!(doomed.contains(&document.to_owned()) || files.get(document).is_err(), "{doomed:?}");
    let store = zone.store();
    let log = store.read(|db| {
        let filter = platform_audit::Filter::default();
        platform_audit::search(db, platform_audit::Log::Own, &filter, 50)
    });
    let log = log.await.expect("readable");
    assert_eq!(log.iter().filter(|one| one.event.act == "applications.gone").count(), 1);
    zone.close().await;
}

/// NF-31, NF-34: who applied reads whom to call, and after it was handed over which department is in charge
/// now and what did not change; no change is told as long as it is where it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn the_department_in_charge_is_told_after_it_changed() {
    let zone = Zone::open(clock()).await;
    let department = Department {
        id: "00000000000000000000000077".to_owned(),
        name: "こども未来課".to_owned(),
        phone: "000-000-0077".to_owned(),
        place: String::new(),
    };
    let Sent { mut browser, id } = sent(&zone).await;
    let page = format!("/applications/{id}");
    assert!(!browser.get(&page).await.text().contains("担当の課が変わりました"));
    browser.says("広報広聴課").says("電話：000-000-1302");
    let by = By::system("test", zone.clock.now().as_microsecond());
    let (known, unknown) = (id.clone(), "01k9nosuchapplication00000".to_owned());
    let store = zone.store();
    let done = store.write(move |tx| {
        let mut all = procedures::departments(tx.db)?;
        all.push(department.clone());
        procedures::replace_departments(tx, &all)?;
        assert!(!told::department(tx, &by, &unknown, &department.id)?);
        told::department(tx, &by, &known, &department.id)
    });
    assert!(done.await.expect("told"));
    // The list of departments is read again by a job, which whatever is sent wakes.
    let until = std::time::Instant::now() + platform_testkit::PATIENCE;
    while !browser.get(&page).await.text().contains("こども未来課") {
        assert!(std::time::Instant::now() < until, "{}", browser.text());
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    browser.says("000-000-0077").says("担当の課が変わりました。手続きのやり直しはいりません。");
    browser.says("届きました");
    zone.close().await;
}

/// NF-34, NF-58: an application that was moved to a newer revision is corrected by that revision's form,
/// also when the word of it came before the revision; an older word changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_opens_with_the_revision_it_was_moved_to() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let mut newer = sample("koho-anketo");
    newer.revision += 1;
    let mut area = {
        let mut fields = newer.pages.iter().flat_map(|page| &page.fields);
        fields.find(|field| field.id == "voice").expect("a question").clone()
    };
    area.id = "area".to_owned();
    area.label = "お住まいの地区".into();
    area.required = Required::Fixed(true);
    newer.pages[0].fields.push(area);
    let revision = i64::from(newer.revision);
    let told = async |id: &str, revision: i64| {
        let (id, by) = (id.to_owned(), By::system("test", zone.clock.now().as_microsecond()));
        let done = zone.store().write(move |tx| told::revision(tx, &by, &id, revision)).await;
        done.expect("written")
    };
    let stands = async || {
        let wanted = id.clone();
        let found = zone.store().read(move |db| status::find(db, &wanted)).await;
        found.expect("readable").expect("it is there").revision
    };
    assert!(!told("01k9nosuchapplication00000", revision).await);
    assert!(told(&id, revision).await);
    assert_eq!(stands().await, revision - 1, "the revision is not here yet");

    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    let at = asks(&zone, &id, &["area"], "新しい様式では地区もうかがいます。").await;
    let page = format!("/applications/{id}/correction");
    browser.get(&page).await.is(503).says("新しい様式が、まだ届いていません");
    publish(&zone.store(), &newer, Vec::new(), at + 1).await;
    assert_eq!(stands().await, revision);
    assert!(told(&id, revision - 1).await);
    assert_eq!(stands().await, revision, "an older one changes nothing");

    browser.get(&page).await.is(200).says("お住まいの地区");
    assert!(!browser.text().contains("年代"), "only what is missing is asked");
    browser.upload("/correction", &[("area", "")], &[]).await.is(422).says("お住まいの地区");
    browser
        .upload("/correction", &[("area", "中央")], &[])
        .await
        .is(200)
        .says("修正した内容の確認");
    browser.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// NF-34, NF-63: a correction is judged by the day the application was sent on: a form that leads elsewhere from
/// the next day on still asks what was flagged.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_on_a_later_day_still_has_its_questions() {
    let midnight = Clock::fixed("2026-06-01T14:50:00Z".parse().expect("ten to midnight in Japan"));
    let zone = Zone::open(midnight).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let mut newer = sample("koho-anketo");
    newer.revision += 1;
    let late = serde_json::json!({"id": "late", "label": "終わり", "when": "today() > date('2026-06-01')",
        "kind": {"type": "exit", "body": "窓口へどうぞ。"}});
    newer.pages[0].fields.insert(0, serde_json::from_value(late).expect("a question"));
    let (of, revision) = (id.clone(), i64::from(newer.revision));
    publish(&zone.store(), &newer, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let by = By::system("test", zone.clock.now().as_microsecond());
    let told = zone.store().write(move |tx| told::revision(tx, &by, &of, revision)).await;
    assert!(told.expect("written"));
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    asks(&zone, &id, &["voice"], "くわしく書いてください。").await;

    zone.clock.advance(SignedDuration::from_mins(15));
    let page = format!("/applications/{id}/correction");
    browser.get(&page).await.is(200).says("くわしく書いてください。");
    assert!(browser.html().contains("id=\"q-voice\""), "{}", browser.html());
    assert!(!browser.text().contains("窓口へどうぞ。"), "{}", browser.text());
    let typed = [("voice", "写真を大きくしてください"), ("reads", "always")];
    browser.upload("/correction", &typed, &[]).await.is(200).says("修正した内容の確認");
    browser.says("写真を大きくしてください");
    browser.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// The office does not agree to the request that waits.
async fn declined(zone: &Zone, id: &str, words: &'static str) {
    let (of, by) = (id.to_owned(), By::system("test", zone.clock.now().as_microsecond()));
    let store = zone.store();
    let told = store.write(move |tx| {
        let open = withdrawal_requests::open(tx.db, &of)?.expect("it waits");
        withdrawal_requests::declined(tx, &by, (&of, &open.id), (by.at, words))
    });
    assert_eq!(told.await.expect("an outcome"), Some(true));
}

/// NF-34, NF-60: behind the free time the applicant asks with a reason, once however often it is pressed and three
/// times a day, and takes it back or reads why not; before and after it there is nothing to ask.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_asked_for_behind_the_free_time() {
    let zone = Zone::open(clock()).await;
    let mut form = sample("koho-anketo");
    form.title = Words::from("取下げを申し出る調査");
    (form.workflow.stages, form.workflow.withdraw_until) =
        (vec![Stage::Accept, Stage::Review], WithdrawUntil::Accepted);
    form.revision += 1;
    publish(&zone.store(), &form, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let patience = std::time::Instant::now() + platform_testkit::PATIENCE;
    let mut looks = Browser::new(zone.running.public_addr);
    while !looks.get("/procedures/koho-anketo").await.html().contains("取下げを申し出る調査")
    {
        assert!(std::time::Instant::now() < patience, "{}", looks.text());
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let Sent { mut browser, id } = sent(&zone).await;
    let page = format!("/applications/{id}");
    let ask = format!("{page}/ask-withdrawal");
    browser.get(&page).await.says("申請を取り下げる");
    browser.get(&ask).await.is(409).says("いまの段階では取下げを申し出られません");
    state(&zone, &id, State::Accepted, "").await;
    browser.get(&format!("{page}/withdraw")).await.is(409);
    browser.get(&ask).await.is(200).says("返事があるまで、申請の手続きは続きます");
    let form = browser.bytes.clone();
    browser.submit("/ask-withdrawal", &[("reason", " ")]).await.is(422);
    browser.says("取り下げたい理由を入力してください。");
    browser.submit("/ask-withdrawal", &[("reason", "転居のため")]).await.is(200);
    browser.says("取下げを申し出ました").says("受付済み");
    browser.bytes = form;
    browser.submit("/ask-withdrawal", &[("reason", "転居のため")]).await.is(200);
    browser.says("担当の課の返事を待っています");
    let shown = browser.bytes.clone();
    browser.submit("/ask-withdrawal/back", &[]).await.is(200).says("申出を取り消しました");
    browser.bytes = shown;
    browser.submit("/ask-withdrawal/back", &[]).await.is(409);
    browser.says("すでに返事があったか、取り消されています");

    // A reason that is too long is given back whole.
    let long = format!("{}終", "あ".repeat(500));
    browser.get(&ask).await.is(200);
    browser.submit("/ask-withdrawal", &[("reason", long.as_str())]).await.is(422);
    browser.says("500文字以内で入力してください").says(&long);
    browser.submit("/ask-withdrawal", &[("reason", "転居のため")]).await.is(200);
    declined(&zone, &id, "検査を始めたため").await;
    browser.get(&page).await.says("取下げの申出は認められませんでした");
    let told = browser.text().matches("検査を始めたため").count();
    assert_eq!(told, 2, "on top and on the way: {}", browser.text());
    // Three a day; what is not sent is given back.
    browser.get(&ask).await.is(200);
    browser.submit("/ask-withdrawal", &[("reason", "転居のため")]).await.is(200);
    declined(&zone, &id, "検査を始めたため").await;
    browser.get(&ask).await.is(200);
    browser.submit("/ask-withdrawal", &[("reason", "急な転居のため")]).await.is(429);
    browser.says("1日に3回までです").says("急な転居のため");
    browser.get(&page).await.says("取下げを申し出る");
    // Whose session ended meanwhile gets the words back, and nothing else.
    browser.get(&ask).await.is(200);
    zone.clock.advance(SignedDuration::from_mins(31));
    browser.submit("/ask-withdrawal", &[("reason", "夜の転居のため")]).await.is(410);
    browser.says("しばらく操作がなかったため").says("夜の転居のため");
    browser.get(&ask).await.is(404);
    let Sent { mut browser, id } = sent(&zone).await;
    let ask = format!("/applications/{id}/ask-withdrawal");
    state(&zone, &id, State::Accepted, "").await;
    browser.get(&ask).await.is(200);
    state(&zone, &id, State::Notified, "").await;
    browser.get(&ask).await.is(409);
    zone.close().await;
}
