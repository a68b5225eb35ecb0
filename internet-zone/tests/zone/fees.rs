//! 手数料: told on its page, before sending, on the receipt and afterwards; never another sum than was told.

use domain::forms::definition::{PayWhen, Procedure, Words};
use serde_json::json;

use crate::applying::{clock, receipt};
use crate::browser::Browser;
use crate::messages::staff_write;
use crate::support::{Zone, publish_as_written, sample};

/// The survey with two questions and a fee instead of its own.
fn library(revision: u32, yen: i64) -> Procedure {
    let mut document = sample("koho-anketo");
    document.revision = revision;
    document.summary = Words::from(format!("{revision}回目の案内です。").as_str());
    document.export = None;
    document.routing = Vec::new();
    document.tests = Vec::new();
    document.pay = serde_json::from_value(json!({
        "ways": ["counter"], "note": {"ja": "お渡しの日までに**お支払いください**。", "en": "Pay by the day you get it."}
    }))
    .expect("it reads");
    document.pages = serde_json::from_value(json!([
        {"id": "copies", "title": "複写", "fields": [
            {"id": "sheets", "label": "枚数", "required": true, "kind": {"type": "number", "min": 1, "max": 50}},
            {"id": "color", "label": "カラー", "kind": {"type": "choice", "options": [
                {"code": "yes", "label": "カラー"}, {"code": "no", "label": "白黒"}]}}]},
        {"id": "costs", "title": "お支払い", "fields": [
            {"id": "fee", "label": {"ja": "複写の手数料", "en": "Copying fee"}, "kind": {"type": "fee", "lines": [
                {"id": "sheets", "label": {"ja": "複写", "en": "Copies"}, "amount": format!("sheets * {yen}")},
                {"id": "color", "label": "カラーの追加", "amount": 50, "when": "color == 'yes'"}]}}]}
    ]))
    .expect("it reads");
    document
}

/// Publishes it and waits until citizens see it.
pub(crate) async fn published(zone: &Zone, document: &Procedure) {
    let at = zone.clock.now().as_microsecond() + i64::from(document.revision);
    publish_as_written(&zone.store(), document, at).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo").await;
        if browser.text().contains(document.summary.ja()) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("it was never shown");
}

async fn filled(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/copies", &[("sheets", "20"), ("color", "yes")]).await.is(200);
    browser
}

/// NF-33: the lines and the sum stand on their page, before sending, on the receipt and on the page of
/// the application; an amount somebody writes into the form counts for nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_fee_is_told_everywhere_and_cannot_be_forged() {
    let zone = Zone::open(clock()).await;
    published(&zone, &library(2, 10)).await;
    let mut browser = filled(&zone).await;
    browser.says("複写200円").says("カラーの追加50円").says("合計250円").says("窓口で支払う");
    let forged = [("fee", "0"), ("fee.sheets", "0"), ("fee.color", "0")];
    browser.submit("/pages/costs", &forged).await.is(200).says("内容の確認");
    browser.says("複写：200円").says("合計250円").says("お渡しの日までに");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    browser.says("複写の手数料").says("合計250円").says("窓口で支払う");
    let (number, _) = receipt(&browser);
    let application = browser.path.trim_end_matches("/receipt").to_owned();
    browser.get(&application).await.is(200).says(&number).says("合計250円");
    zone.close().await;
}

/// NF-15: when the fee is paid stands wherever it is told, and on the procedure's page before anybody
/// begins; in the language of the reader.
#[tokio::test(flavor = "multi_thread")]
async fn when_a_fee_is_paid_is_told_everywhere() {
    let zone = Zone::open(clock()).await;
    let mut document = library(2, 10);
    document.pay.when = Some(PayWhen::AfterReview);
    published(&zone, &document).await;
    let later = "ご案内が届くまで、お支払いは必要ありません。";
    let mut browser = filled(&zone).await;
    browser.says("お支払いの時期").says(later);
    browser.submit("/pages/costs", &[]).await.is(200).says("内容の確認").says(later);
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました").says(later);
    let application = browser.path.trim_end_matches("/receipt").to_owned();
    browser.get(&application).await.is(200).says(later);
    // Staff ask for it with a message: the page says where to look, and no more that nothing is due.
    let id = application.trim_start_matches("/applications/");
    staff_write(&zone, id, "手数料は250円です。お支払いください。").await;
    browser.get(&application).await.is(200).says("お支払いの案内があれば、そのとおりに");
    assert!(!browser.text().contains(later), "{}", browser.text());
    browser.get("/procedures/koho-anketo").await.is(200).says("手数料").says(later);
    browser.get("/procedures/koho-anketo?lang=en").await.is(200);
    browser.says("When to pay").says("You do not need to pay until then.");

    let mut first = library(3, 10);
    first.pay.when = Some(PayWhen::AtApplication);
    published(&zone, &first).await;
    let mut browser = filled(&zone).await;
    browser.says("申請のときにお支払いください。");
    browser.get("/procedures/koho-anketo").await.says("窓口で支払う");
    zone.close().await;
}

/// NF-15, NF-33: whoever has nothing to pay is told that it is nothing, and not when and how to pay it.
#[tokio::test(flavor = "multi_thread")]
async fn who_pays_nothing_is_not_told_how_to_pay() {
    let zone = Zone::open(clock()).await;
    let mut document = library(2, 0);
    document.pay.when = Some(PayWhen::AtApplication);
    published(&zone, &document).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo").await.says("申請のときにお支払いください。");
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/copies", &[("sheets", "20"), ("color", "no")]).await.is(200);
    let tells_nothing = |browser: &Browser| {
        browser.says("合計0円");
        let text = browser.text();
        assert!(!text.contains("お支払いください") && !text.contains("窓口で支払う"), "{text}");
    };
    tells_nothing(&browser);
    tells_nothing(browser.submit("/pages/costs", &[]).await.is(200).says("内容の確認"));
    tells_nothing(browser.submit("/submit", &[]).await.is(200).says("申請が届きました"));
    let application = browser.path.trim_end_matches("/receipt").to_owned();
    tells_nothing(browser.get(&application).await.is(200));
    zone.close().await;
}

/// NF-33: nothing is silently dearer: when a new revision changes the sum while somebody fills in, both
/// sums are told before anything is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_sum_is_told_before_it_is_sent() {
    let zone = Zone::open(clock()).await;
    published(&zone, &library(2, 10)).await;
    let mut browser = filled(&zone).await;
    browser.submit("/pages/costs", &[]).await.is(200).says("合計250円");
    published(&zone, &library(3, 20)).await;
    browser.submit("/submit", &[]).await.says("もう一度確認してください");
    browser.says("複写の手数料が変わりました。前に表示した金額は250円、いまの金額は450円です。");
    browser.says("合計450円").says("20");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました").says("合計450円");
    zone.close().await;
}

/// NF-33: a form whose fee cannot be worked out goes no further, and says what to look at; everything
/// else stays filled in.
#[tokio::test(flavor = "multi_thread")]
async fn a_fee_without_an_amount_goes_no_further() {
    let zone = Zone::open(clock()).await;
    let mut document = library(2, 10);
    document.pages[0].fields[0].required = domain::forms::definition::Required::Fixed(false);
    published(&zone, &document).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/copies", &[("sheets", ""), ("color", "yes")]).await.is(200);
    browser.submit("/pages/costs", &[]).await.is(422).says("複写の手数料を計算できません");
    browser.submit("/pages/costs", &[("_do", "back")]).await.is(200);
    assert!(browser.html().contains("value=\"yes\" checked"), "{}", browser.html());
    browser.submit("/pages/copies", &[("sheets", "3"), ("color", "yes")]).await.is(200);
    browser.says("合計80円");
    zone.close().await;
}
