//! A procedure is published anew while somebody fills it in.

use domain::forms::Answers;
use domain::forms::definition::{Field, FieldKind, Login, OncePer, Procedure, Required, Window};
use internet_zone_store::applications::drafts::{self, Save};
use internet_zone_store::applications::status;
use internet_zone_web::applications::{Earlier, taken_over};
use internet_zone_web::shelf::Shelf;

use crate::applying::{HANAKO, clock, person, survey};
use crate::browser::Browser;
use crate::delegates;
use crate::identity::{PASSWORD, hanako};
use crate::line::{self, choose};
use crate::staff::vault;
use crate::support::{Zone, link, pools, publish, sample};

fn field<'p>(procedure: &'p mut Procedure, id: &str) -> &'p mut Field {
    let mut fields = procedure.pages.iter_mut().flat_map(|page| &mut page.fields);
    fields.find(|field| field.id == id).expect("a field")
}

/// The survey a revision on: one option is gone, one question is new on the first page, and the last
/// page has another address.
async fn publish_newer(zone: &Zone) {
    let mut newer = sample("koho-anketo");
    newer.revision += 1;
    if let FieldKind::Choice(choice) = &mut field(&mut newer, "age_group").kind {
        choice.options.retain(|option| option.code != "40s");
    }
    let mut area = field(&mut newer, "voice").clone();
    area.id = "area".to_owned();
    area.label = "お住まいの地区".into();
    area.required = Required::Fixed(true);
    newer.pages[0].fields.push(area);
    newer.pages[2].id = "words".to_owned();
    publish(&zone.store(), &newer, Vec::new(), 1 + zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    let page = browser.path.clone();
    for () in platform_testkit::patiently() {
        if browser.get(&page).await.text().contains("お住まいの地区") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not shown: {}", browser.text());
}

const TITLE: &str = "手続きの内容が新しくなりました";

/// NF-60: what fell away stands there with its answer, what is new leads to its question, until both
/// were read; the rest is as it was answered, and it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_newer_revision_takes_the_answers_over_and_names_the_rest() {
    let zone = Zone::open(clock()).await;
    let mut browser = survey(&zone, "字を大きくしてください").await;
    let checked = browser.clone();
    publish_newer(&zone).await;
    // Sent as it was checked: nothing arrives, and it says why.
    browser.bytes = checked.bytes.clone();
    browser.submit("/submit", &[]).await.is(200).says(TITLE).says("まだ送信されていません");
    browser.says("新しい質問に合わないため、外した答え： 年代40代");
    browser.says("新しく答えていただく質問").says("お住まいの地区").says("字を大きくしてください");
    let draft = browser.path.split("/check").next().expect("a draft").to_owned();
    browser.get(&draft).await.is(200).says(TITLE);
    assert!(browser.path.ends_with("/pages/about"), "where it is asked newly: {}", browser.path);
    assert!(browser.html().contains("value=\"work\" checked"), "{}", browser.html());
    let about = [("age_group", "50s"), ("lives", "work"), ("area", "中央")];
    let seen = [("age_group", ""), ("lives", "work"), ("area", "中央"), ("_do", "seen")];
    let mut read = browser.clone();
    read.submit("/pages/about", &seen).await.is(200);
    assert!(!read.text().contains(TITLE), "it was read");
    assert!(read.html().contains("中央"), "what was typed beside it is kept");
    read.submit("/pages/about", &about).await.is(200);
    let paper = [("reads", "never"), ("why_not", "small")];
    read.get(&format!("{draft}/pages/paper")).await.is(200);
    assert!(read.html().contains("value=\"never\" checked"), "{}", read.html());
    read.submit("/pages/paper", &paper).await.is(200);
    read.get(&format!("{draft}/check")).await.is(200).says("50代").says("中央");
    read.says("字を大きくしてください");
    read.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.close().await;
}

/// NF-60: a page drawn from the older revision is saved as it was meant, by the script and by a button,
/// though its address is gone and one of its options too.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_on_a_page_of_the_older_revision_is_kept() {
    let zone = Zone::open(clock()).await;
    let mut browser = survey(&zone, "はじめの意見").await;
    let draft = browser.path.replace("/check", "");
    browser.get(&format!("{draft}/pages/voice")).await.is(200);
    let mut about = browser.clone();
    about.get(&format!("{draft}/pages/about")).await.is(200);
    publish_newer(&zone).await;
    let mut script = browser.clone();
    script.submit("/pages/voice", &[("voice", "打っている意見"), ("_do", "keep")]).await.is(200);
    assert!(script.html().contains("入力した内容は保存しました"), "{}", script.html());
    // Another window has moved the draft over meanwhile.
    let mut other = browser.clone();
    other.get(&format!("{draft}/check")).await.is(200).says(TITLE).says("打っている意見");
    browser.submit("/pages/voice", &[("voice", "書き終えた意見")]).await.is(200).says(TITLE);
    browser.says("年代40代");
    browser.get(&format!("{draft}/pages/words")).await.is(200).says("書き終えた意見");
    // The option that is gone, chosen on a page of before: named, not taken in silence.
    about.submit("/pages/about", &[("age_group", "40s"), ("lives", "visit")]).await.is(200);
    about.says("年代40代").says("お住まいの地区");
    about.get(&format!("{draft}/check")).await.is(200).says("ときどき訪れる");
    about.says("書き終えた意見");
    zone.close().await;
}

/// The answers of an earlier application, as the staff zone sends them for a draft that waits.
async fn copy_comes(zone: &Zone, draft: &str, application: &str, answers: Answers) {
    let (store, shelf, vault) = (zone.store(), Shelf::default(), vault(zone));
    shelf.refresh(&store).await.expect("readable");
    let (draft, application) = (draft.to_owned(), application.to_owned());
    let at = zone.clock.now().as_microsecond();
    let saved = store.write(move |tx| {
        let (draft, _) = drafts::find(tx.db, &draft, at)?.expect("a draft");
        let revision = status::find(tx.db, &application)?.map(|known| known.revision);
        let earlier = Earlier { application: &application, revision, answers: Some(&answers) };
        let answers_sealed = taken_over((&vault, &shelf), &draft, earlier).expect("it waits");
        let save = Save {
            answers_sealed,
            id: draft.id,
            version: draft.version,
            revision: draft.revision,
            reached: draft.reached,
            at,
            expires_at: draft.expires_at,
            add: None,
            remove: None,
            finishes: None,
            voids: None,
        };
        drafts::save(tx, &save)
    });
    saved.await.expect("saved");
}

/// NF-58: an application that is made again after the form changed names the questions that are gone,
/// with what was answered to them; the rest is filled in.
#[tokio::test(flavor = "multi_thread")]
async fn what_an_earlier_application_said_and_is_not_asked_any_more_is_named() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    hanako.get("/procedures/shimin-koza/start").await.is(200);
    hanako.submit("/start", &[]).await.is(200).says("参加する方");
    person(&mut hanako, HANAKO, "hanako@example.jp").await;
    choose(&mut hanako).await;
    hanako.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let application = hanako.path.split('/').nth(2).expect("an id").to_owned();

    let mut newer = sample("shimin-koza");
    newer.revision += 1;
    newer.title = "新しい市民講座の申込".into();
    newer.pages[0].fields.retain(|field| field.id != "badge");
    publish(&zone.store(), &newer, Vec::new(), 1 + zone.clock.now().as_microsecond()).await;
    let mut shown = false;
    for () in platform_testkit::patiently() {
        hanako.get("/procedures/shimin-koza").await.is(200);
        shown = hanako.text().contains("新しい市民講座の申込");
        if shown {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(shown, "{}", hanako.text());
    hanako.get(&format!("/applications/{application}")).await.is(200);
    hanako.submit("/again", &[]).await.is(200).says("取り寄せています");
    let copy = hanako.path.clone();
    let draft = copy.split('/').nth(2).expect("an id").to_owned();
    let answers =
        Answers::from([("phone", "09012345678"), ("badge", "はなこ"), ("course", "phone")]);
    copy_comes(&zone, &draft, &application, answers).await;
    hanako.get(&copy).await.is(200).says("2個の項目を引き継ぎました");
    hanako.says("いまの様式にないため、引き継いでいない項目");
    hanako.says("名札に書くひらがな").says("はなこ");
    assert!(!hanako.text().contains("09012345678"), "what is carried over is not told as lost");
    zone.close().await;
}

/// Publishes a procedure anew and waits until its start page says these words.
async fn starts_with(zone: &Zone, newer: &Procedure, said: &str) {
    publish(&zone.store(), newer, pools(newer), 1 + zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get(&format!("/procedures/{}/start", newer.slug)).await.is(200);
        if browser.text().contains(said) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not shown: {}", browser.text());
}

/// Where the button of a page that says no leads.
fn button(browser: &Browser) -> String {
    let html = browser.html();
    let (_, rest) = html.split_once("class=\"button\" href=\"").expect("a button");
    rest.split('"').next().expect("an address").to_owned()
}

/// NF-17, NF-64: what wants an account since a guest began, or since the link was sent, takes nothing of a
/// guest: the answer is the way to an account, and what was typed stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_that_wants_an_account_now_takes_no_guest() {
    let zone = Zone::open(clock()).await;
    let mut taro = line::guest(&zone, "taro@example.jp").await;
    choose(&mut taro).await;
    let draft = taro.path.split("/check").next().expect("a draft").to_owned();
    let mut ichiro = line::guest(&zone, "ichiro@example.jp").await;
    choose(&mut ichiro).await;
    let mut jiro = Browser::new(zone.running.public_addr);
    jiro.get("/procedures/shimin-koza/start").await.is(200);
    jiro.submit("/start", &[("email", "jiro@example.jp"), ("agree", "yes")]).await.is(200);
    let begins = link(&zone, "jiro@example.jp", 1);
    jiro.get(&begins).await.is(200);

    let mut newer = sample("shimin-koza");
    newer.revision += 1;
    newer.access.login = Login::Account;
    starts_with(&zone, &newer, "利用者登録とログインが必要です").await;
    // It was checked as it was before: it is checked once more.
    taro.submit("/submit", &[]).await.is(200).says("内容の確認");
    taro.submit("/submit", &[]).await.is(409).says("利用者登録をした方だけ");
    taro.says("入力した内容は残っています");
    taro.get(&format!("{draft}/check")).await.is(200).says("スマートフォン入門");
    jiro.submit(&begins, &[]).await.is(409).says("手続きのページから申請");
    jiro.get(&begins).await.is(409);

    // The button leads to an account that takes it along.
    ichiro.submit("/submit", &[]).await.is(200).says("内容の確認");
    ichiro.submit("/submit", &[]).await.is(409).says("利用者登録をした方だけ");
    let door = button(&ichiro);
    ichiro.get(&door).await.is(200);
    let register = door.replace("/login?", "/register?");
    assert!(ichiro.html().contains(&register), "{}", ichiro.html());
    ichiro.get(&register).await.is(200);
    ichiro.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    let path = link(&zone, "ichiro@example.jp", 2);
    ichiro.get(&path).await.is(200);
    let new =
        [("name.family", "佐藤"), ("name.given", "一郎"), ("password", PASSWORD), ("agree", "yes")];
    ichiro.submit(&path, &new).await.is(200);
    let kept = door.split("next=").nth(1).expect("the draft").to_owned();
    assert!(ichiro.path.starts_with(&kept), "it goes on there: {}", ichiro.path);
    ichiro.get(&format!("{kept}/check")).await.is(200).says("スマートフォン入門");

    // Who registers with the same address on another device goes on with it.
    let mut account = delegates::taro(&zone).await;
    account.get("/mypage").await.is(200).says("市民講座の申込 入力途中");
    account.says("入力途中の申請があります");
    assert!(!account.text().contains("受付番号と確認用の番号では"), "{}", account.text());
    account.submit("/mypage/earlier", &[]).await.is(200).says("申請を引き継ぎました");
    account.get(&format!("{draft}/check")).await.is(200).says("スマートフォン入門");
    account.submit("/submit", &[]).await.is(200).says("申請が届きました");

    // Guests may apply again, and the link serves.
    newer.revision += 1;
    newer.access.login = Login::Email;
    starts_with(&zone, &newer, "申請を始めるメールを送る").await;
    jiro.get(&begins).await.is(200);
    jiro.submit(&begins, &[]).await.is(200).says("参加する方");
    zone.close().await;
}

/// NF-64: where people are known by their address since a guest began, one without an address does not send.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_that_knows_people_by_address_now_wants_one() {
    let zone = Zone::open(clock()).await;
    hanako(&zone).await;
    let mut known = survey(&zone, "紙を減らしてください").await;
    let mut browser = survey(&zone, "字を大きくしてください").await;
    let mut newer = sample("koho-anketo");
    newer.revision += 1;
    newer.access.login = Login::Email;
    newer.access.once_per = Some(OncePer { key: "email".into(), window: Window::Ever });
    starts_with(&zone, &newer, "申請を始めるメールを送る").await;
    browser.submit("/submit", &[]).await.is(200).says("内容の確認");
    browser.submit("/submit", &[]).await.is(409).says("メールアドレスの確認が必要になりました");

    // Who logs in from there goes on with what was typed.
    known.submit("/submit", &[]).await.is(200).says("内容の確認");
    known.submit("/submit", &[]).await.is(409).says("入力した内容のまま続けられます");
    let door = button(&known);
    known.get(&door).await.is(200);
    let right = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    known.submit("/login", &right).await.is(200);
    let kept = door.split("next=").nth(1).expect("the draft").to_owned();
    known.get(&format!("{kept}/check")).await.is(200).says("紙を減らしてください");
    known.submit("/submit", &[]).await.is(200).says("申請が届きました");

    // An address that is only for the mails is not asked for anew.
    newer.revision += 1;
    newer.access.once_per = None;
    newer.title = "新しいアンケート".into();
    starts_with(&zone, &newer, "新しいアンケート").await;
    let check = browser.path.replace("/submit", "/check");
    browser.get(&check).await.is(200).says("字を大きくしてください");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.close().await;
}
