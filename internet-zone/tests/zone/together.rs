//! Several applications of one person: the same item is asked once.

use bridge_contract::messages::Source;
use domain::forms::definition::Login;
use internet_zone_store::applications::together;

use crate::applying::{HANAKO, TARO, clock, person};
use crate::browser::Browser;
use crate::identity::hanako;
use crate::line::choose;
use crate::safety::submissions;
use crate::support::{Zone, link, publish, sample};

/// IK-2.1.2c, NF-55: the guide leads to one start for several procedures; what is sent of the first
/// fills the same questions of the next, staff are told where it came from, and what the person had
/// typed there stays.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_of_one_fills_the_others() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/hikkoshi-guide/guide").await.is(200);
    browser.submit("/guide", &[("kind", "in")]).await;
    let date = [("kind", "in"), ("date.year", "2026"), ("date.month", "6"), ("date.day", "5")];
    browser.submit("/guide", &date).await;
    browser.submit("/guide", &[("people", "child"), ("needs", "yes")]).await;
    browser.submit("/guide", &[("large", "no")]).await.says("必要な手続きをまとめて申請する");
    let wish = "/together?p=shimin-koza&p=juminhyo&p=koho-anketo&p=nothing";
    browser.get(wish).await.is(200).says("登録せずに申請する");
    assert!(browser.html().contains("/login?next=/together"), "{}", browser.html());
    browser.get("/together?p=koho-anketo").await.is(200);
    assert!(browser.path.starts_with("/login?next=/together"), "{}", browser.path);

    let mut hanako = hanako(&zone).await;
    hanako.get(wish).await.is(200).says("市民講座").says("住民票").says("別に申し込むもの");
    let page = hanako.clone();
    hanako.submit("/together", &[]).await.is(422).says("1つ以上選んでください");
    hanako.bytes = page.bytes.clone();
    let both = [("p", "shimin-koza"), ("p", "juminhyo"), ("p", "koho-anketo")];
    hanako.submit("/together", &both).await.is(200).says("参加する方");
    let first = hanako.path.clone();
    // Pressed twice: the same two drafts.
    let mut again = hanako.clone();
    again.bytes = page.bytes.clone();
    again.submit("/together", &both).await.is(200);
    assert_eq!(again.path, first);
    again.get("/mypage").await;
    assert_eq!(again.text().matches("住民票の写しの請求").count(), 2, "title and link to discard");

    // The second one is begun: its name is changed, the rest is not touched.
    let draft = first.split("/pages").next().expect("a draft").trim_start_matches("/drafts/");
    let draft = draft.to_owned();
    let other = zone.store().read(move |db| together::others(db, &draft)).await.expect("readable");
    let other = format!("/drafts/{}", other[0]);
    let mut second = hanako.clone();
    second.get(&other).await.is(200).says("請求する方");
    let typed = [("applicant.family", "鈴木"), ("applicant.given", "一郎"), ("_do", "save")];
    second.upload("/pages/applicant", &typed, &[]).await;

    person(&mut hanako, HANAKO, "hanako@example.jp").await;
    choose(&mut hanako).await;
    hanako.submit("/submit", &[]).await.is(200).says("申請が届きました");
    hanako.says("つづけて申請する手続き").says("2項目を、いま送信した内容から引き継いであります");
    hanako.get(&other).await.is(200);
    let html = hanako.html();
    assert!(html.contains("value=\"鈴木\"") && html.contains("value=\"09012345678\""), "{html}");
    assert!(html.contains("value=\"1980\"") || html.contains("value=\"55\""), "{html}");

    let fields = [
        ("applicant.family", "鈴木"),
        ("applicant.given", "一郎"),
        ("applicant.family_kana", "スズキ"),
        ("applicant.given_kana", "イチロウ"),
        ("birth.year", "1980"),
        ("birth.month", "4"),
        ("birth.day", "1"),
        ("home.postal", "9800811"),
        ("home.prefecture", "宮城県"),
        ("home.city", "仙台市青葉区"),
        ("home.town", "一番町１－２－３"),
        ("phone", "09099998888"),
        ("relation", "self"),
    ];
    hanako.upload("/pages/applicant", &fields, &[]).await.is(200).says("必要な証明書");
    let certificate = [("kind", "whole"), ("copies", "1"), ("purpose", "company")];
    hanako.submit("/pages/certificate", &certificate).await.is(200);
    let delivery = [("delivery", "post"), ("send_to", "home")];
    hanako.submit("/pages/delivery", &delivery).await;
    hanako.submit("/pages/delivery", &delivery).await.is(200).says("本人確認書類");
    let png = b"\x89PNG\r\n\x1a\nrest of a picture";
    let kind = [("identity_kind", "driver"), ("declaration", "yes")];
    hanako.upload("/pages/identity", &kind, &[("identity", "免許証.png", png)]).await.is(200);
    hanako.submit("/submit", &[]).await.is(200).says("申請が届きました");
    assert!(!hanako.text().contains("つづけて申請する手続き"), "nothing is left");

    let sent = submissions(&zone).await;
    let record = sent.iter().find(|one| one.answers.contains_key("copies")).expect("it was sent");
    let told = |input: &str| record.provenance.get(input).map(|from| (from.source, from.changed));
    assert_eq!(told("birth"), Some((Source::Past, false)));
    assert_eq!(told("phone"), Some((Source::Past, true)), "carried over, then changed");
    assert_eq!(
        told("applicant.family"),
        Some((Source::Account, true)),
        "never touched by the first"
    );
    zone.close().await;
}

/// IK-2.1.2c, NF-55, NF-62: without an account one mail opens several procedures; what is sent of one
/// fills the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_begins_several_with_one_address() {
    let zone = Zone::open(clock()).await;
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/together?p=shimin-koza&p=juminhyo&p=koho-anketo").await.is(200);
    guest.says("登録せずに申請する").says("市民講座").says("別に申し込むもの");
    let page = guest.bytes.clone();
    guest.submit("/together", &[("email", "だれか"), ("agree", "yes")]).await.is(422);
    assert!(guest.html().contains("value=\"だれか\""), "{}", guest.html());
    guest.bytes = page;
    let typed = [("email", "kyaku@example.jp"), ("agree", "yes")];
    guest.submit("/together", &typed).await.is(200).says("メールを確認してください");
    let opens = link(&zone, "kyaku@example.jp", 1);
    guest.get(&opens).await.is(200).says("2つの手続き");
    guest.submit(&opens, &[]).await.is(200).says("申請する手続き");
    assert!(guest.path.starts_with("/together?p=shimin-koza"), "{}", guest.path);
    assert!(!guest.html().contains("name=\"agree\""), "agreed to already: {}", guest.html());
    let both = [("p", "shimin-koza"), ("p", "juminhyo")];
    guest.submit("/together", &both).await.is(200).says("参加する方");
    let draft = guest.path.split("/pages").next().expect("a draft").trim_start_matches("/drafts/");
    let draft = draft.to_owned();
    let other = zone.store().read(move |db| together::others(db, &draft)).await.expect("readable");
    assert_eq!(other.len(), 1, "two were begun");
    person(&mut guest, TARO, "kyaku@example.jp").await;
    choose(&mut guest).await;
    guest.submit("/submit", &[]).await.is(200).says("つづけて申請する手続き");
    guest.get(&format!("/drafts/{}", other[0])).await.is(200).says("請求する方");
    assert!(guest.html().contains("value=\"09012345678\""), "{}", guest.html());
    zone.close().await;
}

/// IK-2.1.2c: whether somebody must be known is set for each procedure; what is registered (name,
/// day of birth, address, telephone) fills its questions.
#[tokio::test(flavor = "multi_thread")]
async fn each_procedure_says_who_must_be_known_and_is_filled_from_the_account() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    hanako.get("/account").await.is(200).says("生年月日");
    let person = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", "ハナコ"),
        ("birth", "昭和64年1月8日"),
        ("sex", "female"),
        ("address.postal", "9800811"),
        ("address.prefecture", "宮城県"),
        ("address.city", "仙台市青葉区"),
        ("address.town", "一番町１－２－３"),
        ("phone", "09012345678"),
    ];
    hanako.submit("/account", &person).await.is(422).says("実際にある日付で入力してください");
    assert!(hanako.html().contains("value=\"昭和64年1月8日\""), "what was typed stays");
    let mut right = person;
    right[4].1 = "昭和64年1月7日";
    hanako.submit("/account", &right).await.is(200);
    assert!(hanako.html().contains("value=\"1989-01-07\""), "{}", hanako.html());
    let said = [
        (Login::None, "入力をはじめる", "申請を始めるメールを送る"),
        (Login::Email, "申請を始めるメールを送る", "利用者登録とログインが必要です"),
        (Login::Account, "利用者登録とログインが必要です", "申請を始めるメールを送る"),
    ];
    for (step, (login, shown, hidden)) in (1_u32..).zip(said) {
        let mut procedure = sample("juminhyo");
        (procedure.access.login, procedure.access.once_per) = (login, None);
        procedure.revision += step;
        procedure.summary =
            domain::forms::definition::Words::from(format!("第{step}版です。").as_str());
        let at = zone.clock.now().as_microsecond() + i64::from(step);
        publish(&zone.store(), &procedure, crate::support::pools(&procedure), at).await;
        let mut nobody = Browser::new(zone.running.public_addr);
        for () in platform_testkit::patiently() {
            nobody.get("/procedures/juminhyo").await;
            if nobody.text().contains(&format!("第{step}版")) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        nobody.get("/procedures/juminhyo/start").await.is(200).says(shown);
        assert!(!nobody.text().contains(hidden), "{login:?}: {}", nobody.text());
        hanako.get("/procedures/juminhyo/start").await.is(200);
        hanako.submit("/start", &[]).await.is(200).says("請求する方");
        let known = hanako.html().contains("value=\"ヤマダ\"") && hanako.html().contains("9800811");
        assert_eq!(known, login != Login::None, "{login:?}: {}", hanako.html());
    }
    zone.close().await;
}
