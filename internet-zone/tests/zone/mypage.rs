//! The own page: one list of what to do now.

use domain::applications::{Origin, State};
use domain::forms::Answers;
use internet_zone_store::By;
use internet_zone_store::applications::told::{self, NewCorrection, NewState};
use internet_zone_web::applications::Asked;

use crate::applying::{HANAKO, clock, person};
use crate::browser::Browser;
use crate::cosigners;
use crate::delegates::taro;
use crate::identity::hanako;
use crate::line::course;
use crate::messages::staff_write;
use crate::staff::{issue, state, vault};
use crate::support::Zone;

/// Somebody signed in begins the form of the lectures and answers its first page.
pub(crate) async fn begins(browser: &mut Browser, badge: &str) {
    browser.get("/procedures/shimin-koza/start").await.is(200);
    browser.submit("/start", &[]).await.is(200);
    person(browser, (HANAKO.0, HANAKO.1, badge), "hanako@example.jp").await;
}

/// Chooses a lecture and sends the form.
pub(crate) async fn sends(browser: &mut Browser, course: &[(&str, &str)]) {
    browser.submit("/pages/course", course).await.is(200);
    if browser.path.ends_with("/pages/course") {
        browser.submit("/pages/course", course).await.is(200);
    }
    browser.submit("/pages/confirm", &[("rules", "yes")]).await.is(200).says("内容の確認");
    browser.submit("/submit", &[]).await.is(200);
}

pub(crate) const WALK: [(&str, &str); 3] =
    [("course", "history"), ("date", "dec5"), ("walk", "no")];
const PHONE: [(&str, &str); 2] = [("course", "phone"), ("date", "dec5")];

/// Checks that these follow each other on the page.
fn in_order(browser: &Browser, words: &[&str]) {
    let text = browser.text();
    let mut from = 0;
    for word in words {
        let at = text[from..].find(word);
        from += at.unwrap_or_else(|| panic!("{word:?} is not behind the others: {text}"));
    }
}

async fn correction(zone: &Zone, id: &str, due: &str) {
    state(zone, id, State::Correction(Origin::Arrived), "").await;
    let asked = Asked {
        reason: "よみを直してください。".to_owned(),
        fields: vec!["badge".to_owned()],
        prefill: Answers::new(),
        context: Answers::new(),
    };
    let at = zone.clock.now().as_microsecond();
    let new = NewCorrection {
        application_id: id.to_owned(),
        round: 1,
        asked_sealed: asked.seal(&vault(zone), id, 1),
        due: due.to_owned(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| told::correction(tx, &by, &new)).await.expect("told");
}

/// NF-58, NF-33, NF-31: one list says what to do, until when and by which link, what ends first on top;
/// what was read or fetched leaves it; everything else stands below with the day the result is expected.
#[tokio::test(flavor = "multi_thread")]
async fn one_list_says_what_to_do_now_and_until_when() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    hanako.get("/mypage").await.says("いま、あなたがすることはありません");
    hanako.says("送信した申請はまだありません");

    let mut ids = Vec::new();
    for badge in ["いち", "に", "さん", "よん"] {
        begins(&mut hanako, badge).await;
        sends(&mut hanako, &WALK).await;
        hanako.says("申請が届きました");
        ids.push(hanako.path.split('/').nth(2).expect("an id").to_owned());
    }
    correction(&zone, &ids[0], "2026-06-10").await;
    staff_write(&zone, &ids[1], "集合場所をお知らせします。").await;
    let document = "01kn35e000w8yseg2nqk02mezz";
    issue(&zone, &ids[2], document).await;
    let new = NewState {
        application_id: ids[3].clone(),
        state: State::Accepted,
        at: zone.clock.now().as_microsecond(),
        note: String::new(),
        expected: "2026-06-20".to_owned(),
    };
    let by = By::system("test", new.at);
    assert!(zone.store().write(move |tx| told::state(tx, &by, &new)).await.expect("told"));
    // 太郎 takes the only seat for the telephones; she waits, and he asks her to agree to his form.
    begins(&mut taro, "たろう").await;
    sends(&mut taro, &PHONE).await;
    taro.says("申請が届きました");
    begins(&mut hanako, "ご").await;
    sends(&mut hanako, &PHONE).await;
    hanako.says("キャンセル待ちを受け付けました");
    let draft = cosigners::filled(&mut taro, "two").await;
    taro.get(&format!("{draft}/cosigners")).await.is(200);
    cosigners::ask(&mut taro, "hanako@example.jp").await;
    taro.is(200).says("返事待ち");
    begins(&mut hanako, "ろく").await;

    hanako.get("/mypage").await.is(200);
    let title = "「市民講座の申込」";
    in_order(
        &hanako,
        &[
            "いまやること",
            "新しいメッセージ",
            &format!("{title}についてのメッセージを読む"),
            "新しい書類",
            &format!("{title}の書類を受け取る"),
            "入力途中",
            &format!("{title}の入力を続ける"),
            "修正をお願いしています",
            &format!("{title}を修正して送り直す"),
            "期限：2026年6月10日（水）",
            "同意（連署）をお願いされている申請",
            "の内容を確認して返事をする",
            "期限：2026年6月15日（月）",
            "鈴木 太郎さんの申請",
            "キャンセル待ち",
            &format!("{title}の順番を見る"),
            "送信した申請",
            "結果をお知らせする日の目安：2026年6月20日（土）",
        ],
    );
    let html = hanako.html();
    for link in [
        format!("href=\"/applications/{}/correction\"", ids[0]),
        format!("href=\"/applications/{}/messages\"", ids[1]),
        format!("href=\"/applications/{}\"", ids[2]),
        format!("href=\"/applications/{}\"", ids[3]),
    ] {
        assert_eq!(html.matches(&link).count(), 1, "{link}: {html}");
    }
    for lang in ["en", "easy", "zh-Hans", "zh-Hant", "ko", "ja"] {
        hanako.get(&format!("/mypage?lang={lang}")).await.is(200);
    }

    // What was read and fetched is not to do any more, and stands below.
    hanako.get(&format!("/applications/{}/messages", ids[1])).await.says("集合場所");
    hanako.get(&format!("/applications/{}/documents/{document}", ids[2])).await.is(200);
    hanako.get("/mypage").await;
    let text = hanako.text();
    assert!(!text.contains("新しいメッセージ") && !text.contains("新しい書類"), "{text}");
    let (_, below) = text.split_once("送信した申請").expect("the rest");
    assert_eq!(below.matches("受付番号").count(), 3, "{below}");
    // Another message is news again.
    zone.clock.advance(jiff::SignedDuration::from_mins(1));
    staff_write(&zone, &ids[1], "雨のときは中止です。").await;
    hanako.get("/mypage").await.says("新しいメッセージ");
    zone.close().await;
}

/// NF-58: with many applications the rest comes page by page, and what is to do stands on the first.
#[tokio::test(flavor = "multi_thread")]
async fn the_rest_comes_page_by_page() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let mut hanako = hanako(&zone).await;
    let mut first = String::new();
    for n in 0..22 {
        begins(&mut hanako, "はなこ").await;
        sends(&mut hanako, &WALK).await;
        hanako.says("申請が届きました");
        if n == 0 {
            first = hanako.path.split('/').nth(2).expect("an id").to_owned();
        }
    }
    correction(&zone, &first, "").await;
    let count = |browser: &Browser| browser.text().matches("受付番号").count();
    hanako.get("/mypage").await.says("いまやること").says("を修正して送り直す");
    assert_eq!(count(&hanako), 21, "one to correct, twenty below: {}", hanako.text());
    hanako.get("/mypage?page=2").await.is(200).says("送信した申請");
    assert!(!hanako.text().contains("いまやること"), "{}", hanako.text());
    assert_eq!(count(&hanako), 1, "{}", hanako.text());
    zone.close().await;
}
