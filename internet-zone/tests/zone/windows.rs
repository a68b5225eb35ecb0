//! Two windows on one draft, and coming back after the session ended.

use jiff::SignedDuration;

use crate::applying::clock;
use crate::browser::Browser;
use crate::identity::{PASSWORD, hanako};
use crate::support::{Zone, link};

const ABOUT: &str = "/pages/about";
const BOTH: &str = "どちらの内容を使うか選んでください";

/// 花子 with the first page of the survey in front of her, nothing answered.
async fn about(zone: &Zone) -> Browser {
    let mut browser = hanako(zone).await;
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    assert!(browser.path.ends_with(ABOUT), "{}", browser.path);
    browser
}

/// The same person's other window on the same page.
async fn other_window(first: &Browser) -> Browser {
    let mut other = first.clone();
    let path = first.path.clone();
    other.get(&path).await.is(200);
    other
}

/// The saved answers of the page, as it is drawn anew.
async fn saved(window: &Browser) -> String {
    let mut again = window.clone();
    let page = again.path.split('?').next().unwrap_or_default().to_owned();
    again.get(&page).await.is(200);
    again.html()
}

/// NF-60, NB-2.5: what two windows answered differently is shown side by side, nothing is
/// overwritten before somebody chose, and the choice counts field by field.
#[tokio::test(flavor = "multi_thread")]
async fn two_windows_never_overwrite_each_other_in_silence() {
    let zone = Zone::open(clock()).await;
    let mut first = about(&zone).await;
    let mut second = other_window(&first).await;
    first.submit(ABOUT, &[("age_group", "40s"), ("lives", "work"), ("_do", "save")]).await.is(200);
    second.submit(ABOUT, &[("age_group", "50s"), ("lives", "study"), ("_do", "next")]).await;
    second.is(409).says(BOTH).says("40代").says("50代").says("働いている").says("通学している");
    let kept = saved(&first).await;
    assert!(kept.contains("<option value=\"40s\" selected>"), "nothing changed yet");

    let picks = [("_pick:age_group", "theirs"), ("_pick:lives", "mine"), ("_do", "merge")];
    second.submit(ABOUT, &picks).await.is(200).says("選んだ内容で保存しました");
    let html = saved(&second).await;
    assert!(html.contains("<option value=\"40s\" selected>"), "{html}");
    assert!(html.contains("value=\"study\" checked"), "{html}");
    assert!(!html.contains("value=\"work\" checked"), "{html}");
    zone.close().await;
}

/// NF-60: a whole version can be chosen with one press.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_version_is_chosen_at_once() {
    let zone = Zone::open(clock()).await;
    for (which, age, lives) in [("merge:theirs", "40s", "work"), ("merge:mine", "50s", "study")] {
        let mut first = Browser::new(zone.running.public_addr);
        first.get("/procedures/koho-anketo/start").await;
        first.submit("/start", &[("agree", "yes")]).await.is(200);
        let mut second = other_window(&first).await;
        let theirs = [("age_group", "40s"), ("lives", "work"), ("_do", "save")];
        first.submit(ABOUT, &theirs).await.is(200);
        second.submit(ABOUT, &[("age_group", "50s"), ("lives", "study")]).await.is(409).says(BOTH);
        second.submit(ABOUT, &[("_do", which)]).await.is(200);
        let html = saved(&second).await;
        assert!(html.contains(&format!("<option value=\"{age}\" selected>")), "{which}: {html}");
        assert!(html.contains(&format!("value=\"{lives}\" checked")), "{which}: {html}");
    }
    zone.close().await;
}

/// NF-60: what only one window changed is kept from each, and said.
#[tokio::test(flavor = "multi_thread")]
async fn changes_at_different_places_are_joined() {
    let zone = Zone::open(clock()).await;
    let mut first = about(&zone).await;
    let mut second = other_window(&first).await;
    first.submit(ABOUT, &[("age_group", "40s"), ("_do", "save")]).await.is(200);
    second.submit(ABOUT, &[("lives", "work")]).await;
    second.is(200).says("ほかの画面で保存された内容と合わせて保存しました");
    assert!(second.path.contains(ABOUT), "it is shown before it goes on: {}", second.path);
    let html = saved(&second).await;
    assert!(html.contains("<option value=\"40s\" selected>"), "{html}");
    assert!(html.contains("value=\"work\" checked"), "{html}");
    zone.close().await;
}

/// NF-60: one window is never asked about what it saved itself, not even when its
/// person goes back and sends the old page again.
#[tokio::test(flavor = "multi_thread")]
async fn going_back_in_one_window_asks_nothing() {
    let zone = Zone::open(clock()).await;
    let mut window = about(&zone).await;
    let page = window.clone();
    window.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    let mut back = window.clone();
    (back.bytes, back.path) = (page.bytes.clone(), page.path.clone());
    back.submit(ABOUT, &[("age_group", "60s"), ("lives", "work")]).await.is(200);
    assert!(back.path.ends_with("/pages/paper"), "{}", back.path);
    let mut again = page.clone();
    assert!(saved(&again).await.contains("<option value=\"60s\" selected>"));
    again.bytes = page.bytes;
    zone.close().await;
}

/// NF-60: a save while somebody types answers with a word, keeps what is half
/// typed, never lets a late one replace a newer one, and stops at a clash.
#[tokio::test(flavor = "multi_thread")]
async fn typing_is_kept_and_a_clash_is_told() {
    let zone = Zone::open(clock()).await;
    let mut first = about(&zone).await;
    let page = first.clone();
    let mut second = other_window(&first).await;
    let window = |turn: u32| {
        let html = page.html();
        let (_, rest) = html.split_once("name=\"_window\" value=\"").expect("the window");
        format!("{}.{turn}", rest.split('.').next().unwrap_or_default())
    };
    let (one, two) = (window(1), window(2));
    // The hidden input of the page comes first and counts: replace it in the page.
    let at_turn = |turn: &str| {
        let mut sent = page.clone();
        sent.bytes = page.html().replace(&window(0), turn).into();
        sent
    };
    let keep = [("age_group", "40s"), ("_do", "keep")];
    first = at_turn(&two);
    first.submit(ABOUT, &keep).await.is(200);
    assert_eq!(first.headers["content-type"], "application/json");
    assert!(first.html().contains("\"saved\":\"9時00分\""), "{}", first.html());
    assert!(saved(&page).await.contains("<option value=\"40s\" selected>"));
    // What was sent earlier and arrives later is stale.
    let mut late = at_turn(&one);
    late.submit(ABOUT, &[("age_group", "u20"), ("_do", "keep")]).await.is(200);
    assert!(saved(&page).await.contains("<option value=\"40s\" selected>"));

    second.submit(ABOUT, &[("age_group", "50s"), ("_do", "keep")]).await.is(409);
    assert!(saved(&page).await.contains("<option value=\"40s\" selected>"));
    zone.clock.advance(SignedDuration::from_mins(31));
    let mut ended = at_turn("later.9");
    ended.submit(ABOUT, &keep).await.is(401);
    zone.close().await;
}

/// NF-60, NF-18: whoever was too slow signs in and is back at the very field, with
/// everything they typed; it is saved when they go on.
#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_leads_back_to_the_very_field() {
    let zone = Zone::open(clock()).await;
    let mut browser = about(&zone).await;
    zone.clock.advance(SignedDuration::from_mins(31));
    let html =
        browser.html().replace("name=\"_at\" value=\"\"", "name=\"_at\" value=\"age_group\"");
    browser.bytes = html.into();
    browser.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    browser.says("ログインの有効期限が切れました").says("入力した内容は残っています");
    let wrong = [("email", "hanako@example.jp"), ("password", "違います違います違います")];
    browser.submit("/login", &wrong).await.is(422).says("入力した内容は残っています");
    let right = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    browser.submit("/login", &right).await.is(200).says("まだ保存していません");
    assert!(browser.path.ends_with(ABOUT), "{}", browser.path);
    assert_eq!(browser.fragment, "f-age_group");
    assert!(browser.html().contains("<option value=\"40s\" selected>"), "{}", browser.html());
    browser.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    assert!(browser.path.ends_with("/pages/paper"), "{}", browser.path);
    zone.close().await;
}

/// NF-60: while somebody was away another window answered: that is asked, too.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_before_signing_in_overwrites_nothing() {
    let zone = Zone::open(clock()).await;
    let mut browser = about(&zone).await;
    zone.clock.advance(SignedDuration::from_mins(31));
    browser.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    let right = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    let mut other = browser.clone();
    other.get("/login").await;
    other.submit("/login", &right).await.is(200);
    let draft = browser.path.split("/pages").next().unwrap_or_default().to_owned();
    other.get(&draft).await.is(200);
    other.submit(ABOUT, &[("age_group", "60s"), ("lives", "study"), ("_do", "save")]).await.is(200);
    browser.submit("/login", &right).await.is(200).says("まだ保存していません");
    browser.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(409).says("60代");
    zone.close().await;
}

/// NF-17, NF-60: a guest comes back by a link to the proven address; a stranger who
/// knows the draft's address gets nothing but that mail.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_comes_back_by_mail() {
    const PERSON: &str = "/pages/person";
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/shimin-koza/start").await;
    browser.submit("/start", &[("email", "taro@example.jp"), ("agree", "yes")]).await;
    let path = link(&zone, "taro@example.jp", 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    zone.clock.advance(SignedDuration::from_mins(31));
    browser.submit(PERSON, &[("name.family", "山田"), ("badge", "たろう")]).await;
    browser.is(200).says("入力した内容は残っています");
    assert!(!browser.html().contains("taro@example.jp"));
    let asks = browser.clone();
    browser.submit("/return", &[]).await.is(200).says("メールを送りました");
    // Links to begin other forms hold none back; too many of this one are said, and nothing is lost.
    let mut again = asks.clone();
    for _ in 0..2 {
        again = asks.clone();
        again.submit("/return", &[]).await.is(200).says("メールを送りました");
    }
    again.bytes = asks.bytes.clone();
    for _ in 0..2 {
        again.submit("/return", &[]).await;
    }
    again.is(429).says("入力した内容は、この画面に残っています");
    zone.clock.advance(SignedDuration::from_mins(1));
    again.submit("/return", &[]).await.is(200).says("メールを送りました");
    let path = link(&zone, "taro@example.jp", 5);
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get(&path).await.is(200);
    phone.submit(&path, &[]).await.is(200).says("まだ保存していません");
    assert!(phone.path.ends_with(PERSON), "{}", phone.path);
    assert!(phone.html().contains("value=\"山田\"") && phone.html().contains("value=\"たろう\""));
    zone.close().await;
}

/// NF-60: a save while somebody types is never answered with a page: once another window sent the
/// form, or the question is gone, the words say so.
#[tokio::test(flavor = "multi_thread")]
async fn a_save_hears_that_another_window_sent_the_form() {
    let zone = Zone::open(clock()).await;
    let mut sends = about(&zone).await;
    let page = sends.clone();
    let elsewhere = "ほかの画面か端末で先に進んだか、送信されています";
    sends.submit(ABOUT, &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    let mut gone = page.clone();
    gone.bytes = page.html().replace(ABOUT, "/pages/nowhere").into();
    gone.submit("/pages/nowhere", &[("_do", "keep")]).await.is(410);
    assert!(gone.html().contains(elsewhere), "{}", gone.html());
    for _ in 0..2 {
        let paper = [("reads", "never"), ("why_not", "small")];
        sends.submit("/pages/paper", &paper).await.is(200);
    }
    sends.submit("/pages/voice", &[("voice", "意見")]).await.is(200).says("内容の確認");
    sends.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let mut late = page.clone();
    late.submit(ABOUT, &[("age_group", "50s"), ("_do", "keep")]).await.is(410);
    assert_eq!(late.headers["content-type"], "application/json");
    assert!(late.html().contains(elsewhere), "{}", late.html());
    zone.close().await;
}

/// NF-60: a form that asks nobody who they are promises no more than the session holds.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_asks_nobody_says_how_long_it_is_kept() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await.says("最後の操作から30分以内");
    assert!(!browser.text().contains("日間、続きから入力できます"), "{}", browser.text());
    browser.submit("/start", &[("agree", "yes")]).await.is(200).says("最後の操作から30分以内");
    assert!(!browser.text().contains("保存の期限"), "{}", browser.text());
    browser.submit(ABOUT, &[("age_group", "40s"), ("_do", "save")]).await.is(200);
    browser.says("保存しました。画面を閉じるときは、30分以内に、この端末で続けてください");
    assert!(!browser.text().contains("あとで続きから入力できます"), "{}", browser.text());

    let mut account = about(&zone).await;
    account.submit(ABOUT, &[("age_group", "40s"), ("_do", "save")]).await.is(200);
    account.says("保存の期限").says("あとで続きから入力できます");
    zone.close().await;
}

/// NF-60, NF-17: who signs in while a form is half filled in goes on with it; what somebody left in
/// another form on the same device does not come along.
#[tokio::test(flavor = "multi_thread")]
async fn signing_in_takes_the_unfinished_form_along() {
    let zone = Zone::open(clock()).await;
    hanako(&zone).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit(ABOUT, &[("age_group", "20s"), ("_do", "save")]).await.is(200);
    let left = browser.path.split('?').next().unwrap_or_default().to_owned();
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit(ABOUT, &[("age_group", "40s"), ("_do", "save")]).await.is(200);
    let page = browser.path.split('?').next().unwrap_or_default().to_owned();
    assert_ne!(left, page);
    let mut stranger = browser.clone();
    let draft = page.split("/pages").next().expect("a draft");
    let door = format!("/login?next={draft}");
    assert!(browser.html().contains(&format!("href=\"{door}\"")), "{}", browser.html());
    browser.get(&door).await;
    let right = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    browser.submit("/login", &right).await.is(200);
    browser.get(&page).await.is(200);
    assert!(browser.html().contains("<option value=\"40s\" selected>"), "{}", browser.html());
    browser.get("/mypage").await.says("の入力を続ける");
    assert_eq!(browser.text().matches("の入力を続ける").count(), 1, "{}", browser.text());
    browser.get(&left).await.is(404);
    // The session of before opens nothing any more.
    stranger.get(&page).await;
    assert!(stranger.path.starts_with("/login"), "{}", stranger.path);
    zone.close().await;
}

/// NF-60: what does not open is a fault of ours and stays as it is: an empty page would be saved over it.
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_open_is_never_written_over() {
    use diesel::{RunQueryDsl as _, sql_query};
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Binary)]
        answers_sealed: Vec<u8>,
    }
    let zone = Zone::open(clock()).await;
    let mut browser = about(&zone).await;
    let store = zone.store();
    let broken = "update drafts set answers_sealed = x'0102030405'";
    store.write(move |tx| sql_query(broken).execute(tx.db)).await.expect("broken");
    let mut page = browser.clone();
    page.submit(ABOUT, &[("age_group", "40s"), ("_do", "keep")]).await.is(500);
    browser.get(&browser.path.clone()).await.is(500);
    let read = "select answers_sealed from drafts";
    let rows = store.read(move |db| sql_query(read).load::<Row>(db)).await.expect("readable");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].answers_sealed, [1, 2, 3, 4, 5]);
    zone.close().await;
}
