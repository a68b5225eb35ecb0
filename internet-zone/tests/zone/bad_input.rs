//! Input no form was made for: each class gets words with a next step, everything else stays.
//! `docs/rooms/applications.md` names the test of every class.

use platform_service::config::Within;

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::{Zone, link, publish, sample};

/// A guest with a proven address at the first page of a form.
async fn guest(zone: &Zone, slug: &str, email: &str) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get(&format!("/procedures/{slug}/start")).await;
    browser.submit("/start", &[("email", email), ("agree", "yes")]).await;
    let path = link(zone, email, 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    browser
}

const PERSON: [(&str, &str); 10] = [
    ("name.family", "山田"),
    ("name.given", "太郎"),
    ("name.family_kana", "ヤマダ"),
    ("name.given_kana", "タロウ"),
    ("badge", "たろう"),
    ("birth.year", "1980"),
    ("birth.month", "4"),
    ("birth.day", "1"),
    ("phone", "09012345678"),
    ("email", "taro@example.jp"),
];

/// The same person with one answer changed.
fn with(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    PERSON.iter().map(|(own, held)| (*own, if *own == name { value } else { *held })).collect()
}

/// NF-7, NF-60: a text that is too long, of other letters than asked for, or with a character of
/// this machine alone is told at its field; what was typed stands there, and everything else.
#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_too_long_or_of_other_letters_is_told_at_its_field() {
    let zone = Zone::open(clock()).await;
    let mut browser = guest(&zone, "shimin-koza", "taro@example.jp").await;
    for (field, odd, words) in [
        ("badge", "たろうたろうたろうたろうたろうたろうたろう", "20文字以内"),
        ("badge", "太郎", "ひらがなで入力してください"),
        ("name.family", "山\u{e001}", "この端末だけの文字（外字）です"),
        ("phone", "電話なし", "電話番号"),
    ] {
        browser.submit("/pages/person", &with(field, odd)).await.is(422).says(words);
        let html = browser.html();
        assert!(html.contains("<title>エラー："), "{odd}");
        for (name, value) in with(field, odd) {
            // What belongs to this machine alone cannot be shown again as it was.
            if !value.contains('\u{e001}') {
                assert!(html.contains(&format!("value=\"{value}\"")), "{odd}: {name} is lost");
            }
        }
    }
    browser.submit("/pages/person", &PERSON).await.is(200);
    zone.close().await;
}

/// NF-61: nobody goes on with what is not on the list; it stays where it was typed, with the way to
/// the list.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_on_the_list_goes_no_further() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("lives", "work")]).await.is(200);
    let paper = [("reads", "always"), ("rating", "4"), ("place", "ない場所")];
    while browser.submit("/pages/paper", &paper).await.status == 200 {
        browser.says("質問が増えました");
    }
    browser.is(422).says("リストにありません").says("表示されたものから選んでください");
    assert!(browser.html().contains("value=\"ない場所\""), "{}", browser.html());
    assert!(browser.html().contains("value=\"always\" checked"), "{}", browser.html());
    zone.close().await;
}

/// NF-56: a file of no bytes or of too many, sent by a form without script, is refused by its name
/// with what to do; the other answers of the page stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_empty_or_too_large_is_told_by_its_name() {
    let zone = Zone::open(clock()).await;
    let mut browser = guest(&zone, "juminhyo", "taro@example.jp").await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/pages/identity")).await.is(200);
    let mut large = b"\x89PNG\r\n\x1a\n".to_vec();
    large.resize(8_000_001, b'x');
    let fields = [("identity_kind", "passport"), ("_do", "upload")];
    for (name, bytes, words) in [
        ("空.png", &b""[..], "「空.png」は中身が空です"),
        ("大きい.png", &large, "「大きい.png」が大きすぎます。1ファイル8MBまで"),
    ] {
        browser.upload("/pages/identity", &fields, &[("identity", name, bytes)]).await.is(422);
        browser.says(words);
        assert!(browser.html().contains("value=\"passport\" checked"), "{name}");
    }
    zone.close().await;
}

/// NF-56, NF-60: files larger than a whole request may be, sent by a form without script, are refused by
/// their names; what was typed stays and is saved, also what stands behind them on the page.
#[tokio::test(flavor = "multi_thread")]
async fn files_larger_than_a_request_cost_nothing_typed() {
    let zone = Zone::open(clock()).await;
    let mut browser = guest(&zone, "juminhyo", "taro@example.jp").await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    let identity = format!("{draft}/pages/identity");
    browser.get(&identity).await.is(200);
    let film = vec![b'x'; 70_000_000];
    let files = [("identity", "動画.mov", &film[..]), ("identity", "続き.mov", &film[..])];
    let behind = [("identity_kind", "passport"), ("_do", "next")];
    browser.upload_then("/pages/identity", &[], &files, &behind).await.is(422);
    browser.says("「動画.mov」が大きすぎます。1ファイル8MBまで").says("「続き.mov」が大きすぎます");
    assert!(browser.html().contains("value=\"passport\" checked"), "{}", browser.html());
    browser.get(&identity).await.is(200);
    assert!(browser.html().contains("value=\"passport\" checked"), "it is saved");
    zone.close().await;
}

/// NF-56, NF-60: where the files of all requests fill the memory, a file sent by a form without script is
/// told at its question; what was typed beside it is saved.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_for_which_there_is_no_room_costs_nothing_typed() {
    let zone = Zone::open_with(clock(), "127.0.0.1:0", None, |config| {
        config.limits.upload_mb = Within::new(1).expect("in bounds");
    })
    .await;
    let mut browser = guest(&zone, "juminhyo", "taro@example.jp").await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    let identity = format!("{draft}/pages/identity");
    browser.get(&identity).await.is(200);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    png.resize(3_000_000, b'x');
    let fields = [("identity_kind", "passport"), ("_do", "upload")];
    let files = [("identity", "旅券.png", &png[..])];
    browser.upload("/pages/identity", &fields, &files).await.is(422);
    browser.says("「旅券.png」を受け取れませんでした").says("1分ほど待って");
    browser.get(&identity).await.is(200);
    assert!(browser.html().contains("value=\"passport\" checked"), "{}", browser.html());
    png.truncate(500_000);
    let files = [("identity", "旅券.png", &png[..])];
    browser.upload("/pages/identity", &fields, &files).await.is(200).says("旅券.png");
    zone.close().await;
}

/// NF-7, NF-60: a book pasted into a question of a page with files gets the words of that question, and
/// the rest of the page stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_book_is_told_at_its_question() {
    let zone = Zone::open(clock()).await;
    let mut juminhyo = sample("juminhyo");
    let mut fields = sample("koho-anketo").pages.into_iter().flat_map(|page| page.fields);
    let mut voice = fields.find(|field| field.id == "voice").expect("a text");
    voice.id = "story".to_owned();
    let page = juminhyo.pages.iter_mut().find(|page| page.id == "identity").expect("a page");
    page.fields.push(voice);
    juminhyo.revision += 1;
    juminhyo.summary = domain::forms::definition::Words::from("本を書く証明書です。");
    publish(&zone.store(), &juminhyo, Vec::new(), 1 + zone.clock.now().as_microsecond()).await;
    let mut looks = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        looks.get("/procedures/juminhyo").await;
        if looks.text().contains("本を書く証明書") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut browser = guest(&zone, "juminhyo", "taro@example.jp").await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/pages/identity")).await.is(200);
    let book = "吾輩は猫である。".repeat(20_000);
    let fields = [("identity_kind", "passport"), ("story", book.as_str())];
    browser.upload("/pages/identity", &fields, &[]).await.is(422).says("文字以内");
    let html = browser.html();
    assert!(html.contains("value=\"passport\" checked"), "the rest of the page");
    assert!(html.contains("吾輩は猫である。吾輩は"), "what was pasted can be shortened");
    zone.close().await;
}

/// NF-7, NF-60: on a page without files a pasted book gets the words of its question, too; what is larger than any
/// text is refused as a whole, although the route takes files of its size, and the draft stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_files_brings_no_more_than_text() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("lives", "work")]).await.is(200);
    while browser.path.ends_with("/pages/paper") {
        browser.submit("/pages/paper", &[("reads", "always"), ("rating", "4")]).await.is(200);
    }
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    let book = "吾輩は猫である。".repeat(20_000);
    browser.submit("/pages/voice", &[("voice", &book)]).await.is(422).says("文字以内");
    assert!(browser.html().contains("吾輩は猫である。吾輩は"), "what was pasted can be shortened");

    let library = "x".repeat(10_000_000);
    browser.submit("/pages/voice", &[("voice", &library)]).await.is(413);
    browser.says("送られた内容が大きすぎます").says("前のページに戻り");
    browser.get(&format!("{draft}/pages/about")).await.is(200);
    assert!(browser.html().contains("value=\"work\" checked"), "{}", browser.html());
    zone.close().await;
}

/// NF-64: the second application of the same person is refused with its reason before it is sent
/// twice; the draft stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_application_of_the_same_person_is_refused() {
    let zone = Zone::open(clock()).await;
    for (email, status) in [("taro@example.jp", 200), ("mata@example.jp", 409)] {
        let mut browser = guest(&zone, "shimin-koza", email).await;
        browser.submit("/pages/person", &PERSON).await.is(200);
        let course = [("course", "phone"), ("date", "dec5")];
        browser.submit("/pages/course", &course).await.is(200);
        browser.submit("/pages/confirm", &[("rules", "yes")]).await.is(200).says("内容の確認");
        let check = browser.path.clone();
        browser.submit("/submit", &[]).await.is(status);
        if status == 409 {
            browser.says("同じ方の申請がすでに届いている").says("申請状況の確認へ");
            browser.get(&check).await.is(200).says("山田");
        }
    }
    zone.close().await;
}

/// NF-7: ten thousand fields in one form are refused with words, names nested a thousand deep are
/// no answers, a text of brackets is a text; the draft stays as it was saved.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_fields_and_deep_names_harm_nothing() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    let about = format!("{draft}/pages/about");
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    browser.get(&about).await.is(200);

    let names: Vec<String> = (0..10_000).map(|n| format!("lives{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "work")).collect();
    browser.submit("/pages/about", &many).await.is(413).says("項目の数が多すぎます");
    browser.says("前のページに戻り");

    browser.get(&about).await.is(200);
    assert!(browser.html().contains("value=\"work\" checked"), "{}", browser.html());
    let (dots, brackets) = (format!("lives{}", ".1".repeat(1_000)), "[lives]".repeat(1_000));
    let deep = [("age_group", "40s"), ("lives", "work"), (&*dots, "x"), (&*brackets, "x")];
    browser.submit("/pages/about", &deep).await.is(200);
    while browser.path.ends_with("/pages/paper") {
        browser.submit("/pages/paper", &[("reads", "always"), ("rating", "4")]).await.is(200);
    }
    let nested = "[".repeat(900);
    browser.submit("/pages/voice", &[("voice", &nested)]).await.is(200).says(&nested);
    zone.close().await;
}
