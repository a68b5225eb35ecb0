//! A form with rows, sums and exits, filled in without script.

use crate::applying::clock;
use crate::browser::Browser;
use crate::support::{Zone, link};

/// A guest at the first page of the form for shops.
async fn shop(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/setsubi-hojo/start").await;
    browser.submit("/start", &[("email", "shop@example.jp"), ("agree", "yes")]).await;
    let path = link(zone, "shop@example.jp", 1);
    let action = path.clone();
    browser.get(&path).await;
    browser.submit(&action, &[]).await.is(200).says("対象の確認");
    browser
}

/// NF-63: who cannot apply is told why and what to do instead, and gets no further; another answer
/// opens the form again.
#[tokio::test(flavor = "multi_thread")]
async fn an_exit_says_why_and_sends_nothing() {
    let zone = Zone::open(clock()).await;
    let mut browser = shop(&zone).await;
    browser.submit("/pages/target", &[("business", "none")]).await.is(422);
    browser.says("この補助金は申請できません").says("創業相談");
    assert!(!browser.html().contains("name=\"employees\""), "nothing behind it is asked");
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/check")).await.says("この補助金は申請できません");
    assert!(!browser.html().contains("/submit\""), "there is nothing to send");
    browser.get(&format!("{draft}/pages/target")).await;
    let fields = [("business", "corporation"), ("employees", "5")];
    browser.submit("/pages/target", &fields).await.is(200).says("質問が増えました");
    browser.submit("/pages/target", &fields).await.is(200).says("法人番号");
    zone.close().await;
}

/// NF-7, NF-60, NF-63: rows are added, moved and removed by buttons and keep what was typed; sums
/// are worked out by the server, and so is an account from 記号 and 番号.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_filled_in_and_sent_without_script() {
    let zone = Zone::open(clock()).await;
    let mut browser = shop(&zone).await;
    let target = [("business", "corporation"), ("employees", "５")];
    browser.submit("/pages/target", &target).await.is(200);
    let mut who = vec![
        ("number", "６０００－０２０１５１００９"),
        ("company", "みらい商店"),
        ("person.family", "山田"),
        ("person.given", "花子"),
        ("person.family_kana", "ヤマダ"),
        ("person.given_kana", "ハナコ"),
        ("office.postal", "1000005"),
        ("office.prefecture", "東京都"),
        ("office.city", "千代田区"),
        ("office.town", "丸の内1-1"),
        ("phone", "03-1234-5678"),
    ];
    browser.submit("/pages/who", &who).await.is(422).says("法人番号の数字にまちがいがあるようです");
    assert!(browser.html().contains("value=\"６０００－０２０１５１００９\""));
    who[0].1 = "Ｔ５０００－０２０１５１００９";
    browser.submit("/pages/who", &who).await.is(200).says("1件目の設備");

    let first = [
        ("items.1.item", "セルフレジ"),
        ("items.1.sort", "register"),
        ("items.1.price", "３００，０００"),
        ("items.1.pieces", "2"),
    ];
    let press = |fields: &[(&'static str, &'static str)], button: &'static str| {
        let mut all = fields.to_vec();
        all.push(("_do", button));
        all
    };
    browser.submit("/pages/cost", &press(&first, "row:add:items:1")).await.is(200);
    browser.says("入力欄を追加しました").says("2件目の設備");
    assert!(browser.html().contains("value=\"セルフレジ\""), "{}", browser.html());
    let both = [
        first.as_slice(),
        &[
            ("items.2.item", "LED照明"),
            ("items.2.sort", "energy"),
            ("items.2.price", "12345"),
            ("items.2.pieces", "x"),
        ],
    ]
    .concat();
    browser.submit("/pages/cost", &press(&both, "row:up:items:1")).await.is(200);
    let html = browser.html();
    let at = |words: &str| html.find(words).unwrap_or_else(|| panic!("no {words}: {html}"));
    assert!(at("value=\"LED照明\"") < at("value=\"セルフレジ\""), "the rows changed places");
    assert!(html.contains("name=\"items.1.pieces\"") && html.contains("value=\"x\""));

    // As typed on the page: the rows have changed places.
    let moved = [
        ("items.1.item", "LED照明"),
        ("items.1.sort", "energy"),
        ("items.1.price", "12345"),
        ("items.1.pieces", "x"),
        ("items.2.item", "セルフレジ"),
        ("items.2.sort", "register"),
        ("items.2.price", "300000"),
        ("items.2.pieces", "2"),
        ("plan", "電気代が減ります。"),
    ];
    browser.submit("/pages/cost", &moved).await.is(422);
    browser.says("1件目の設備 台数は数字で入力してください");
    let mut right = moved;
    right[3].1 = "10";
    browser.submit("/pages/cost", &press(&right, "calc:total")).await.is(200);
    browser.says("723,450円").says("361,000円");
    browser.submit("/pages/cost", &press(&right, "row:remove:items:0")).await.is(200);
    browser.says("入力欄を削除しました").says("600,000円");
    let last = [
        ("items.1.item", "セルフレジ"),
        ("items.1.sort", "register"),
        ("items.1.price", "300000"),
        ("items.1.pieces", "2"),
        ("total", "999"),
    ];
    browser.submit("/pages/cost", &last).await.is(422).says("記号と番号だけを入力してください");
    let account = [
        ("account.yucho_symbol", "１０１８０"),
        ("account.yucho_number", "12345671"),
        ("account.holder", "カ）ミライショウテン"),
    ];
    let last = [last.as_slice(), &account].concat();
    browser.submit("/pages/cost", &last).await.is(200).says("申請の内容");
    browser.submit("/pages/promise", &[("truth", "yes")]).await.is(200).says("内容の確認");
    browser.says("1件目の設備 品名").says("費用の合計").says("600,000円").says("300,000円");
    browser.says("ゆうちょ銀行（9900）").says("普通 1234567").says("ｶ)ﾐﾗｲｼﾖｳﾃﾝ");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.close().await;
}
