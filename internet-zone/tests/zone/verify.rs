//! Anybody checks a receipt or a document by its code.

use domain::applications::{CheckCode, ReceiptNumber, State};
use internet_zone_store::vault::sha256;
use jiff::SignedDuration;

use crate::applying::{clock, receipt};
use crate::browser::Browser;
use crate::qr;
use crate::staff::{Sent, issue, sent, state};
use crate::support::Zone;

/// What stands behind the last 照合コード on a page.
fn code(browser: &Browser) -> String {
    let text = browser.text();
    let (_, rest) = text.rsplit_once("照合コード：").unwrap_or_else(|| panic!("no code: {text}"));
    rest.chars().take(11).collect()
}

/// Where the two-dimensional code on a page leads, without the town's own host.
fn scanned(page: &Browser) -> String {
    let address = qr::read(&page.html());
    let (_, path) = address.split_once("://").expect("an address");
    format!("/{}", path.split_once('/').expect("a path").1)
}

async fn check<'a>(browser: &'a mut Browser, number: &str, code: &str) -> &'a Browser {
    browser.get("/verify").await.is(200);
    browser.submit("/verify", &[("number", number), ("code", code)]).await
}

/// NF-31, NF-46: whoever holds a receipt learns that the town has it, since when, and whether it was taken
/// back; nothing of the person and nothing of the decision.
#[tokio::test(flavor = "multi_thread")]
async fn anybody_checks_a_receipt_by_its_code() {
    let zone = Zone::open(clock()).await;
    let Sent { browser, id } = sent(&zone).await;
    let (number, secret) = receipt(&browser);
    let code = code(&browser);
    assert!(browser.html().contains(&format!("/applications/{id}/receipt/qr.svg")));
    let mut holder = browser.clone();
    holder.get(&format!("/applications/{id}/receipt/qr.svg")).await.is(200);
    assert_eq!(holder.headers["content-type"], "image/svg+xml");
    let scanned = scanned(&holder);

    let mut anybody = Browser::new(zone.running.public_addr);
    anybody.get(&format!("/applications/{id}/receipt/qr.svg")).await.is(404);
    // The two-dimensional code fills both in; one press checks them.
    assert_eq!(scanned, format!("/verify?number={number}&code={code}"));
    anybody.get(&scanned).await.is(200);
    assert!(anybody.html().contains(&format!("value=\"{code}\"")), "{}", anybody.html());
    let typed = [("number", number.replace('-', "")), ("code", code.to_lowercase())];
    let typed: Vec<(&str, &str)> = typed.iter().map(|(name, it)| (*name, it.as_str())).collect();
    anybody.submit("/verify", &typed).await.is(200).says("市の受付の記録と合っています");
    anybody.says("広報みらい").says(&number).says("2026年6月1日（月）9時00分00秒");
    for hidden in [secret.as_str(), "前の意見", "40代", &id] {
        assert!(!anybody.html().contains(hidden), "{hidden}");
    }

    state(&zone, &id, State::Rejected, "要件を満たさないため").await;
    check(&mut anybody, &number, &code).await.is(200).says("合っています");
    assert!(!anybody.text().contains("認められませんでした") && !anybody.text().contains("要件"));
    state(&zone, &id, State::Withdrawn, "").await;
    check(&mut anybody, &number, &code).await.is(200).says("あとから取り下げられています");
    zone.close().await;
}

/// NF-31, NF-46: whoever holds a document learns when it was issued, how large it is, and its fingerprint.
#[tokio::test(flavor = "multi_thread")]
async fn anybody_checks_an_issued_document_by_its_code() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let (number, _) = receipt(&browser);
    let of_receipt = code(&browser);
    let document = "01kn35e000w8yseg2nqk02mezz";
    issue(&zone, &id, document).await;
    browser.get(&format!("/applications/{id}")).await.says("決定通知.pdf");
    let code = code(&browser);
    assert_ne!(code, of_receipt);
    browser.get(&format!("/applications/{id}/documents/{document}/qr.svg")).await.is(200);
    let leads = scanned(&browser);
    assert_eq!(leads, format!("/verify?number={number}&code={code}"));
    let mut telephone = Browser::new(zone.running.public_addr);
    telephone.get(&leads).await.is(200);
    let filled = telephone.html();
    assert!(filled.contains(&format!("value=\"{code}\"")) && filled.contains(&number), "{filled}");

    let mut anybody = Browser::new(zone.running.public_addr);
    check(&mut anybody, &number, &code).await.is(200).says("市の発行の記録と合っています");
    let hash: String =
        sha256(b"%PDF-1.7 letter").iter().map(|byte| format!("{byte:02x}")).collect();
    anybody.says("15バイト").says(&hash);
    assert!(!anybody.html().contains("決定通知.pdf"), "a name may name the person");
    zone.close().await;
}

/// NF-31: a slip of the finger is told at its field; a number nobody has and a code of another
/// paper get the same answer.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_does_not_fit_tells_nothing() {
    let zone = Zone::open(clock()).await;
    let Sent { browser, .. } = sent(&zone).await;
    let (number, _) = receipt(&browser);
    let right = code(&browser);
    let other = CheckCode::of_hash(&[9; 8]).to_string();
    let nobody = ReceiptNumber::new(2026, 999).expect("a number").to_string();

    let mut anybody = Browser::new(zone.running.public_addr);
    check(&mut anybody, &number, &other).await.is(422).says("市の記録にありません");
    let wrong = anybody.text();
    check(&mut anybody, &nobody, &right).await.is(422);
    assert_eq!(anybody.text(), wrong);

    let slip = number.replace("-5", "-4");
    check(&mut anybody, &slip, &right).await.is(422).says("受付番号の数字がどこか違っています");
    assert!(anybody.html().contains(&format!("value=\"{right}\"")), "what was typed stays");
    check(&mut anybody, &number, "ABCDE-FGHJK").await.is(422).says("どこか違っています");
    check(&mut anybody, "", "").await.is(422).says("の形で入力").says("の10文字で入力");
    zone.close().await;
}

/// NF-31: guessing is slowed down for each number, and for each network: nobody closes the page for
/// others. Both end by themselves, and a right code costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn guessing_codes_is_slowed_down() {
    let zone = Zone::open(clock()).await;
    let Sent { browser, .. } = sent(&zone).await;
    let (number, _) = receipt(&browser);
    let (right, other) = (code(&browser), CheckCode::of_hash(&[9; 8]).to_string());
    let mut anybody = Browser::new(zone.running.public_addr);
    for _ in 0..70 {
        check(&mut anybody, &number, &right).await.is(200);
    }
    for _ in 0..3 {
        check(&mut anybody, &number, &other).await.is(422);
    }
    check(&mut anybody, &number, &right).await.is(429);

    let mut stopped = 0;
    for serial in 2..70 {
        let guessed = ReceiptNumber::new(2026, serial).expect("a number").to_string();
        check(&mut anybody, &guessed, &other).await;
        stopped += usize::from(anybody.status == 429);
    }
    assert_eq!(stopped, 68 - 57, "60 wrong tries a minute");
    anybody.says("照合を一時的に止めています").says("1分ほど待って");
    let mut elsewhere = Browser::from(zone.running.public_addr, [127, 9, 9, 9]);
    let guessed = ReceiptNumber::new(2026, 71).expect("a number").to_string();
    check(&mut elsewhere, &guessed, &other).await.is(422);
    zone.clock.advance(SignedDuration::from_secs(60));
    check(&mut anybody, &number, &right).await.is(200);
    zone.close().await;
}
