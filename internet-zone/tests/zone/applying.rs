//! From the first page to the receipt.

use jiff::Timestamp;
use platform_service::clock::Clock;

use crate::browser::Browser;
use crate::line::{choose, guest};
use crate::support::{Zone, link, pools, publish, sample};

pub(crate) fn clock() -> Clock {
    Clock::fixed("2026-06-01T00:00:00Z".parse::<Timestamp>().expect("a time"))
}

/// Fills in the survey up to the answers to check.
pub(crate) async fn survey(zone: &Zone, voice: &str) -> Browser {
    surveyed(Browser::new(zone.running.public_addr), voice).await
}

/// The same in a browser that is there.
pub(crate) async fn surveyed(mut browser: Browser, voice: &str) -> Browser {
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await;
    browser.says("質問が増えました");
    browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await.is(200);
    browser.submit("/pages/voice", &[("voice", voice)]).await;
    browser.is(200).says("内容の確認").says("まだ送信されていません");
    browser
}

/// Given name, its reading, and the words on the badge of who applies for the lectures (市民講座).
pub(crate) const HANAKO: (&str, &str, &str) = ("花子", "ハナコ", "はなこ");
/// Somebody else of the family.
pub(crate) const TARO: (&str, &str, &str) = ("太郎", "タロウ", "たろう");

/// Answers the first page of the lectures; [`crate::line::choose`] goes on from there.
pub(crate) async fn person(
    browser: &mut Browser,
    (given, kana, badge): (&str, &str, &str),
    email: &str,
) {
    let person = [
        ("name.family", "山田"),
        ("name.given", given),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", kana),
        ("badge", badge),
        ("birth.year", "1980"),
        ("birth.month", "4"),
        ("birth.day", "1"),
        ("phone", "09012345678"),
        ("email", email),
    ];
    browser.submit("/pages/person", &person).await.is(200);
}

/// The number and the secret on a receipt.
pub(crate) fn receipt(browser: &Browser) -> (String, String) {
    let text = browser.text();
    let after = |words: &str| {
        let (_, rest) = text.split_once(words).unwrap_or_else(|| panic!("no {words}: {text}"));
        rest.split_whitespace().next().unwrap_or_default().to_owned()
    };
    (after("受付番号 "), after("確認用の番号 "))
}

/// NF-4: a person without an account answers, sends, and gets a number; pressing
/// again, or going back and pressing again, shows the same receipt.
#[tokio::test(flavor = "multi_thread")]
async fn a_survey_is_sent_once_however_often_it_is_pressed() {
    let zone = Zone::open(clock()).await;
    let mut browser = survey(&zone, "字を大きくしてください").await;
    let check = browser.clone();
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let first = receipt(&browser);
    assert_eq!(first.0, "2026-000001-5");
    browser.says("2026年6月1日（月）9時00分00秒");

    let mut again = browser.clone();
    again.bytes = check.bytes.clone();
    again.submit("/submit", &[]).await.is(200);
    assert_eq!(receipt(&again), first);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..10 {
        let mut other = again.clone();
        other.bytes = check.bytes.clone();
        tries.spawn(async move {
            other.submit("/submit", &[]).await;
            receipt(&other)
        });
    }
    while let Some(one) = tries.join_next().await {
        assert_eq!(one.expect("no panic"), first);
    }
    zone.close().await;
}

/// NF-60: going back, saving and coming back later lose nothing.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_typed_is_lost() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    // Wrong as it is: what was chosen stays.
    browser.submit("/pages/about", &[("age_group", "40s")]).await.is(422);
    browser.says("みらい市とのかかわりを選んでください");
    assert!(browser.html().contains("<title>エラー："));
    assert!(browser.html().contains("<option value=\"40s\" selected>"), "{}", browser.html());
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    browser.submit("/pages/paper", &[("reads", "never"), ("_do", "back")]).await;
    assert!(browser.path.ends_with("/pages/about"), "{}", browser.path);
    browser.get(&draft).await;
    assert!(browser.path.ends_with("/pages/paper"), "{}", browser.path);
    assert!(browser.html().contains("value=\"never\" checked"), "{}", browser.html());
    zone.close().await;
}

/// NF-8: a postal code fills the address, an impossible date is explained, files
/// are looked at by content, and the whole application arrives with mails.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_with_an_address_asks_for_a_certificate() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/juminhyo/start").await;
    let fields = [("email", "taro@example.jp"), ("agree", "yes")];
    browser.submit("/start", &fields).await.says("メールを確認してください");
    let path = link(&zone, "taro@example.jp", 1);
    let action = path.clone();
    browser.get(&path).await.says("taro@example.jp");
    browser.submit(&action, &[]).await.is(200).says("請求する方");

    let mut person = vec![
        ("applicant.family", "山田"),
        ("applicant.given", "太郎"),
        ("applicant.family_kana", "やまだ"),
        ("applicant.given_kana", "ﾀﾛｳ"),
        ("birth.era", "showa"),
        ("birth.year", "64"),
        ("birth.month", "1"),
        ("birth.day", "8"),
        ("home.postal", "９８０－０８１１"),
        ("phone", "０９０－１２３４－５６７８"),
        ("relation", "self"),
    ];
    let page = "/pages/applicant";
    let lookup: Vec<_> = person.iter().copied().chain([("_do", "postal:home")]).collect();
    browser.upload(page, &lookup, &[]).await.is(200).says("郵便番号から住所を入力しました");
    assert!(browser.html().contains("value=\"仙台市青葉区\""));
    person.extend([
        ("home.prefecture", "宮城県"),
        ("home.city", "仙台市青葉区"),
        ("home.town", "一番町１－２－３"),
    ]);
    browser.upload(page, &person, &[]).await.is(422);
    browser.says("生年月日の「昭和64年1月8日」は「平成元年1月8日」です");
    for (name, value) in &mut person {
        if *name == "birth.era" {
            *value = "heisei";
        } else if *name == "birth.year" {
            *value = "元";
        }
    }
    browser.upload(page, &person, &[]).await.is(200).says("必要な証明書");
    let certificate = [("kind", "whole"), ("copies", "２"), ("purpose", "company")];
    browser.submit("/pages/certificate", &certificate).await.is(200);
    let delivery = [("delivery", "post"), ("send_to", "home")];
    browser.submit("/pages/delivery", &delivery).await;
    browser.submit("/pages/delivery", &delivery).await.is(200).says("本人確認書類");

    let page = "/pages/identity";
    let kind = ("identity_kind", "driver");
    browser
        .upload(page, &[kind, ("_do", "upload")], &[("identity", "免許証.png", b"MZ\x90\0")])
        .await;
    browser.is(422).says("「免許証.png」は受け取れない種類のファイルです");
    let png = b"\x89PNG\r\n\x1a\nrest of a picture";
    browser.upload(page, &[kind, ("_do", "upload")], &[("identity", "免許証.png", png)]).await;
    browser.is(200).says("免許証.png（1KB）");
    browser.upload(page, &[kind, ("declaration", "yes")], &[]).await.is(200);
    browser
        .says("平成元年1月8日（1989年1月8日）")
        .says("宮城県仙台市青葉区一番町")
        .says("ヤマダ タロウ");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let (number, _) = receipt(&browser);
    let mails = zone.mails.wait_for("taro@example.jp", 2);
    let words = crate::support::words(&mails[1].raw);
    assert!(words.contains(&number) && words.contains("住民票の写しの請求"), "{words}");
    assert!(!words.contains("山田") && !words.contains("仙台"), "{words}");
    zone.close().await;
}

/// NF-49: who meets a full choice at the end is told which one, and keeps everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_choice_is_named_and_everything_stays() {
    let zone = Zone::open(clock()).await;
    let mut browser = guest(&zone, "taro@example.jp").await;
    choose(&mut browser).await;

    // The last seat goes to somebody else.
    let store = zone.store();
    let koza = sample("shimin-koza");
    let seats =
        |(pool, max): (String, i64)| if pool == "course.phone" { (pool, 0) } else { (pool, max) };
    let none = pools(&koza).into_iter().map(seats).collect();
    publish(&store, &koza, none, zone.clock.now().as_microsecond()).await;
    browser.submit("/submit", &[]).await.is(422).says("定員に達しました").says("山田");
    assert!(browser.html().contains("/pages/course#q-course"), "{}", browser.html());
    zone.close().await;
}

/// NF-7: a NUL or another character nobody sees is told at its field, sent as a form or with files;
/// everything else stays filled in.
#[tokio::test(flavor = "multi_thread")]
async fn a_character_nobody_sees_is_told_at_its_field() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/shimin-koza/start").await;
    browser.submit("/start", &[("email", "taro@example.jp"), ("agree", "yes")]).await;
    let path = link(&zone, "taro@example.jp", 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    for (odd, by_form) in
        [("山\0田", true), ("山\0田", false), ("山\u{7}田", true), ("山\u{7}田", false)]
    {
        let person = [
            ("name.family", odd),
            ("name.given", "太郎"),
            ("name.family_kana", "ヤマダ"),
            ("name.given_kana", "タロウ"),
            ("badge", "たろう"),
            ("phone", "09012345678"),
        ];
        if by_form {
            browser.submit("/pages/person", &person).await.is(422);
        } else {
            browser.upload("/pages/person", &person, &[]).await.is(422);
        }
        let html = browser.html();
        let (_, after) = html.split_once("name=\"name.family\"").expect("the field");
        let error = after.find("目に見えない文字").or_else(|| html.find("目に見えない文字"));
        assert!(error.is_some(), "{odd:?}: {}", browser.text());
        for kept in ["太郎", "ヤマダ", "09012345678", "たろう"] {
            assert!(html.contains(&format!("value=\"{kept}\"")), "{odd:?} {kept}: {html}");
        }
        assert!(!html.contains('\0'));
    }
    zone.close().await;
}
