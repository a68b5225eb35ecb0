//! Entries of lists, rows of choices, months and times, without script.

use std::collections::BTreeMap;

use bridge_contract::messages::ToStaff;
use domain::forms::definition::Procedure;

use crate::applying::clock;
use crate::browser::Browser;
use crate::safety::outbox;
use crate::support::{Zone, publish, sample};

/// At the page about the newsletter.
async fn paper(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("lives", "live")]).await.is(200);
    browser.submit("/pages/about", &[("lives", "live"), ("years", "3")]).await.is(200);
    browser.says("広報みらいを受け取る場所");
    browser
}

/// NF-61: an entry is looked for and chosen by buttons; what is not on the list is refused, with
/// what there is; the other answers stay.
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_of_a_list_is_chosen_without_script() {
    let zone = Zone::open(clock()).await;
    let mut browser = paper(&zone).await;
    let page = |place, button| {
        vec![("reads", "every"), ("place", place), ("last_issue.year", "2026"), ("_do", button)]
    };
    browser.submit("/pages/paper", &page("ﾐﾗｲ書店", "find:place")).await.is(200);
    browser.says("リストから選んでください").says("株式会社みらい書店 東店（東地区）");
    assert!(browser.html().contains("value=\"2026\""), "{}", browser.html());
    assert!(!browser.text().contains("中央図書館"), "{}", browser.text());
    browser.submit("/pages/paper", &page("ない場所", "find:place")).await.is(200);
    browser.says("リストに見つかりません");
    browser.submit("/pages/paper", &page("さくら郵便局", "next")).await.is(422);
    browser.says("同じ名前のものがいくつかあります").says("さくら郵便局（西地区）");
    browser.submit("/pages/paper", &page("さくら郵便局", "pick:place:7")).await.is(200);
    assert!(browser.html().contains("name=\"place.district\" value=\"西地区\""));
    browser.submit("/pages/paper", &page("さくら", "pick:place:99999")).await.is(200);
    browser.submit("/pages/paper", &page("さくら", "pick:none:x")).await.is(200);
    zone.close().await;
}

/// NF-8: rows of choices, a month and a time are read as people write them and shown before sending.
#[tokio::test(flavor = "multi_thread")]
async fn rows_of_choices_months_and_times_are_read_and_shown() {
    let zone = Zone::open(clock()).await;
    let mut browser = paper(&zone).await;
    let mut page = vec![
        ("reads", "every"),
        ("opinion.letters", "poor"),
        ("opinion.photos", "good"),
        ("last_issue.era", "reiwa"),
        ("last_issue.year", "8"),
        ("last_issue.month", "13"),
        ("reading_time", "夜"),
        ("place", "ひがしこうみんかん"),
    ];
    browser.submit("/pages/paper", &page).await.is(422);
    browser.says("ある年月を入力してください").says("時刻を入力してください");
    page[5].1 = "5";
    page[6].1 = "午後８時";
    browser.submit("/pages/paper", &page).await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/check")).await.is(200);
    for words in [
        "文字の大きさ：よくない",
        "写真やイラスト：よい",
        "令和8年5月（2026年5月）",
        "20:00",
        "東公民館",
    ] {
        browser.says(words);
    }
    zone.close().await;
}

/// NF-7, NF-60: a name arrives as it is written: with a chosen form of a kanji (IVS), with a character
/// beyond the first plane, with a compatibility kanji, or Latin without any reading; nothing folds it, on no
/// page and not on the way.
#[tokio::test(flavor = "multi_thread")]
async fn a_name_arrives_as_it_is_written() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    let name = |furigana: &str, single: bool| {
        serde_json::json!({"id": "about", "title": "本人", "fields": [{
            "id": "name", "label": "氏名", "required": true,
            "kind": {"type": "name", "furigana": furigana, "single": single},
        }]})
    };
    survey.tests = Vec::new();
    survey.revision += 1;
    survey.pages = vec![serde_json::from_value(name("required", false)).expect("a page")];
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    for (family, given, kana) in [
        ("葛\u{E0100}城", "辻\u{E0101}子", "カツラギ"),
        ("𠮷野", "\u{2A6B2}", "ヨシノ"),
        ("\u{FA11}", "祐\u{FA4F}", "サキ"),
        ("髙橋", "﨑", "タカハシ"),
    ] {
        let sent = arrives(
            &zone,
            &survey,
            &[
                ("name.family", family),
                ("name.given", given),
                ("name.family_kana", kana),
                ("name.given_kana", "ハナコ"),
            ],
        )
        .await;
        let arrived = ["name.family", "name.given"].map(|input| sent[input].join(""));
        assert_eq!(arrived, [family, given]);
    }
    survey.revision += 1;
    survey.pages = vec![serde_json::from_value(name("optional", true)).expect("a page")];
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 2).await;
    let latin = "María-José O’Neill van der Straße";
    let sent = arrives(&zone, &survey, &[("name.family", latin), ("name.single", "yes")]).await;
    assert_eq!(sent["name.family"], [latin]);
    zone.close().await;
}

/// Sends a form of one page once it is shown, and reads what crosses.
async fn arrives(
    zone: &Zone,
    form: &Procedure,
    person: &[(&str, &str)],
) -> BTreeMap<String, Vec<String>> {
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo/start").await.is(200);
        browser.submit("/start", &[("agree", "yes")]).await.is(200);
        browser.submit("/pages/about", person).await;
        if browser.path.split('?').next().is_some_and(|path| path.ends_with("/check")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    for (_, value) in person.iter().filter(|(input, _)| input.ends_with("family")) {
        assert!(browser.html().contains(value), "{value}: {}", browser.text());
    }
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let sent = outbox(zone).await;
    let newest = sent.into_iter().rev().find_map(|(message, _)| match message {
        ToStaff::Submission(sent) => Some(*sent),
        _ => None,
    });
    let newest = newest.expect("it crosses");
    assert_eq!(newest.revision, form.revision);
    newest.answers
}

/// NF-63, NF-61: an order, something of one's own, a day with its time, a default and a look-up in a row
/// are answered without script; what is wrong is told with the next step and keeps what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn wishes_are_put_into_an_order_and_written_beside() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    let options = serde_json::json!([
        {"code": "road", "label": "道路"}, {"code": "park", "label": "公園"}, {"code": "other", "label": "その他"},
    ]);
    survey.tests = Vec::new();
    survey.revision += 1;
    survey.pages = vec![
        serde_json::from_value(serde_json::json!({"id": "about", "title": "希望", "fields": [
            {"id": "first", "label": "直したいもの", "kind": {"type": "multi", "ranked": true, "options": [
                {"code": "road", "label": "道路"}, {"code": "park", "label": "公園"}]}},
            {"id": "why", "label": "きっかけ", "required": true,
                "kind": {"type": "choice", "other": "other", "options": options}},
            {"id": "met", "label": "気づいた日時", "kind": {"type": "date", "time": true}},
            {"id": "answer", "label": "返事", "required": true, "default": "no", "kind": {"type": "choice", "options": [
                {"code": "yes", "label": "ほしい"}, {"code": "no", "label": "いらない"}]}},
            {"id": "shops", "label": "店", "kind": {"type": "repeat", "row": "{n}軒目", "max": 3, "min": 1, "fields": [
                {"id": "shop", "label": "店の名前", "kind": {"type": "lookup", "list": "places", "keep": ["district"]}}]}},
        ]}))
        .expect("a page"),
    ];
    let list = survey.lists.first().expect("a list").id.clone();
    let text = serde_json::to_string(&survey.pages)
        .expect("JSON")
        .replace("\"places\"", &format!("\"{list}\""));
    survey.pages = serde_json::from_str(&text).expect("pages");
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo/start").await;
        browser.submit("/start", &[("agree", "yes")]).await.is(200);
        if browser.text().contains("直したいもの") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.says("「その他」の内容").says("時刻（例：9:30）").says("2位");
    let html = browser.html();
    let default = html.split("name=\"answer\" value=\"no\"").nth(1).expect("the default");
    assert!(default.trim_start().starts_with("checked"), "{default}");
    let page = |road, why, written, time, shop, button| {
        vec![
            ("first.road", road),
            ("first.park", "1"),
            ("why", why),
            ("why.other", written),
            ("met.era", "reiwa"),
            ("met.year", "8"),
            ("met.month", "5"),
            ("met.day", "20"),
            ("met.time", time),
            ("answer", "no"),
            ("shops", "1"),
            ("shops.1.shop", shop),
            ("_do", button),
        ]
    };
    browser.submit("/pages/about", &page("1", "road", "橋", "", "ない店", "next")).await.is(422);
    browser
        .says("1位に選んだものが2つあります")
        .says("「その他」を選んでいないのに")
        .says("日付と時刻の両方を入力してください")
        .says("リストにありません");
    assert!(browser.html().contains("value=\"橋\"") && browser.html().contains("value=\"ない店\""));
    browser.submit("/pages/about", &page("2", "other", "", "夜", "", "next")).await.is(422);
    browser.says("「その他」の内容を入力してください").says("時刻を入力してください");
    let pressed = page("2", "other", "橋", "9時5分", "ﾐﾗｲ書店", "find:shops.1.shop");
    browser.submit("/pages/about", &pressed).await.is(200);
    browser.says("リストから選んでください").says("株式会社みらい書店 東店（東地区）");
    let html = browser.html();
    let before = html.split("株式会社みらい書店 東店（東地区）").next().expect("an entry");
    let (_, pick) = before.rsplit_once("value=\"pick:shops.1.shop:").expect("its button");
    let pick = format!("pick:shops.1.shop:{}", pick.split('"').next().expect("a number"));
    let pick: &'static str = Box::leak(pick.into_boxed_str());
    browser
        .submit("/pages/about", &page("2", "other", "橋", "9時5分", "ﾐﾗｲ書店", pick))
        .await
        .is(200);
    assert!(
        browser.html().contains("name=\"shops.1.shop.district\" value=\"東地区\""),
        "{}",
        browser.html()
    );
    let sent = page("2", "other", "橋", "9時5分", "株式会社みらい書店 東店", "next");
    browser.submit("/pages/about", &sent).await.is(200);
    let draft = browser.path.split("/check").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/check")).await.is(200);
    for words in [
        "1位 公園",
        "2位 道路",
        "その他：橋",
        "2026年5月20日） 9:05",
        "いらない",
        "みらい書店 東店",
    ] {
        browser.says(words);
    }
    zone.close().await;
}

/// NF-8: where the question allows it, the day or the month and the day may be left open; an impossible
/// month or year is told with the right one, and a question that asks for the whole date wants it.
#[tokio::test(flavor = "multi_thread")]
async fn a_date_is_taken_as_far_as_it_is_known() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    survey.tests = Vec::new();
    survey.revision += 1;
    survey.pages = vec![
        serde_json::from_value(serde_json::json!({"id": "about", "title": "除票", "fields": [
            {"id": "died", "label": "亡くなった日", "hint": "戸籍のとおり。", "required": true,
                "kind": {"type": "date", "partial": true, "max": "today()"}},
            {"id": "born", "label": "生年月日", "required": true, "kind": {"type": "date"}},
            {"id": "heir", "label": "相続人", "when": "age(born, died) < 18", "kind": {"type": "text"}},
        ]}))
        .expect("a page"),
    ];
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for _ in 0..100 {
        browser.get("/procedures/koho-anketo/start").await;
        browser.submit("/start", &[("agree", "yes")]).await.is(200);
        if browser.text().contains("亡くなった日") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.says("戸籍のとおり。 日、または月と日が分からないときは、空けておいてください。");
    let page = |died: [&'static str; 4], born: [&'static str; 4]| {
        vec![
            ("died.era", died[0]),
            ("died.year", died[1]),
            ("died.month", died[2]),
            ("died.day", died[3]),
            ("born.era", born[0]),
            ("born.year", born[1]),
            ("born.month", born[2]),
            ("born.day", born[3]),
            ("_do", "next"),
        ]
    };
    let born = ["showa", "5", "1", "1"];
    for (died, words) in [
        (["showa", "65", "", ""], "「昭和65年」は「平成2年」です"),
        (["", "1975", "13", ""], "「1975年13月」はありません"),
        (["showa", "50", "", "1"], "年から入力してください"),
        (["", "2117", "", ""], "以前の日付にしてください"),
    ] {
        browser.submit("/pages/about", &page(died, born)).await.is(422).says(words);
        assert!(browser.html().contains(&format!("value=\"{}\"", died[1])), "it stays as typed");
    }
    let sent = page(["showa", "50", "", ""], ["showa", "5", "1", ""]);
    browser.submit("/pages/about", &sent).await.is(422).says("年・月・日をすべて入力してください");
    browser.submit("/pages/about", &page(["showa", "50", "4", ""], born)).await.is(200);
    browser.says("昭和50年4月（1975年4月）、日は不明");
    let draft = browser.path.split("/check").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/pages/about")).await.is(200);
    let html = browser.html();
    let of = |part: &str| {
        html.split(&format!("name=\"died.{part}\"")).nth(1).expect("its box").to_owned()
    };
    assert!(of("year").split('>').next().is_some_and(|tag| tag.contains("value=\"1975\"")));
    assert!(of("month").split('>').next().is_some_and(|tag| tag.contains("value=\"4\"")));
    assert!(of("day").split('>').next().is_some_and(|tag| !tag.contains("value=\"1")));
    browser.submit("/pages/about", &page(["", "1975", "", ""], born)).await.is(200);
    browser.says("昭和50年（1975年）、月日は不明");
    zone.close().await;
}
