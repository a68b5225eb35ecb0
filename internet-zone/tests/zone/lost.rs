//! What was sent with an address and without an account: taken over, and found again.

use crate::applying::{clock, receipt};
use crate::browser::Browser;
use crate::closing::{mail, path_in};
use crate::identity::hanako;
use crate::line::{choose, course, guest};
use crate::support::Zone;

const ADDRESS: &str = "hanako@example.jp";

/// Somebody without an account sends a form with 花子's address, and another one waits for a seat with it.
async fn sent_and_waiting(zone: &Zone) -> [(String, String); 2] {
    course(zone, 1).await;
    let mut first = guest(zone, ADDRESS).await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let arrived = receipt(&first);
    first.get("/procedures/shimin-koza/start").await.is(200);
    first.submit("/start", &[("agree", "yes")]).await.is(200);
    let person = [
        ("name.family", "山田"),
        ("name.given", "光"),
        ("name.family_kana", "ヤマダ"),
        ("name.given_kana", "ヒカル"),
        ("badge", "ひかる"),
        ("birth.year", "1990"),
        ("birth.month", "4"),
        ("birth.day", "1"),
        ("phone", "09012345678"),
        ("email", ADDRESS),
    ];
    first.submit("/pages/person", &person).await.is(200);
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    [arrived, receipt(&first)]
}

async fn looks_up(zone: &Zone, (number, secret): &(String, String)) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/lookup").await;
    browser.submit("/lookup", &[("number", number), ("secret", secret)]).await;
    browser
}

/// NF-17, NF-31: what was sent with an address before it had an account is offered to the account that
/// proves the same address, and is its own after one press; the numbers open it no more. Another account
/// is offered nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_before_is_taken_over_with_one_press() {
    let zone = Zone::open(clock()).await;
    let both = sent_and_waiting(&zone).await;
    let mut taro = crate::delegates::taro(&zone).await;
    let offer = "このメールアドレスで送信した申請や、入力途中の申請があります";
    taro.get("/mypage").await.is(200);
    assert!(!taro.text().contains(offer), "{}", taro.text());

    let mut hanako = registered(&zone).await;
    hanako.get("/mypage").await.is(200).says(offer).says(&both[0].0).says(&both[1].0);
    hanako.says("受付番号と確認用の番号では、開けなくなります");
    looks_up(&zone, &both[0]).await.is(200);
    hanako.submit("/mypage/earlier", &[]).await.is(200).says("申請を引き継ぎました");
    assert!(!hanako.text().contains(offer), "{}", hanako.text());
    hanako.says("「市民講座の申込」の順番を見る").says("送信した申請").says(&both[0].0);
    for one in &both {
        looks_up(&zone, one).await.is(422);
    }
    let html = hanako.html();
    let link = html.split("href=\"").find(|rest| rest.starts_with("/applications/")).expect("it");
    let link = link.split('"').next().expect("an address").to_owned();
    hanako.get(&link).await.is(200).says(&both[0].0);
    taro.get(&link).await.is(404);
    hanako.get("/mypage").await;
    assert!(!hanako.text().contains(offer), "offered once: {}", hanako.text());
    zone.close().await;
}

/// Registers 花子 where mails came to her before.
async fn registered(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    browser.submit("/register", &[("email", ADDRESS)]).await.is(200);
    let path = path_in(&mail(zone, ADDRESS, "/register/", 1).await);
    let fields = [
        ("name.family", "山田"),
        ("name.given", "花子"),
        ("password", crate::identity::PASSWORD),
        ("agree", "yes"),
    ];
    browser.get(&path).await.is(200);
    browser.submit(&path, &fields).await.is(200).says("山田 花子さん");
    browser
}

/// NF-31: who lost the numbers comes back by a link to the address that was proven, once a link; whoever
/// asks with whatever address reads the same, and an address without anything gets no mail.
#[tokio::test(flavor = "multi_thread")]
async fn lost_numbers_are_made_up_for_by_mail() {
    let zone = Zone::open(clock()).await;
    let both = sent_and_waiting(&zone).await;
    let mut pages = Vec::new();
    for email in [ADDRESS, "nobody@example.jp"] {
        let mut asks = Browser::new(zone.running.public_addr);
        asks.get("/lookup").await.is(200);
        assert!(asks.html().contains("href=\"/lookup/lost\""), "the way there");
        asks.get("/lookup/lost").await.is(200);
        asks.submit("/lookup/lost", &[("email", "hanako(at)")]).await.is(422);
        asks.submit("/lookup/lost", &[("email", email)]).await.is(200);
        pages.push(asks.text());
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("申請がないメールアドレスには届きません"), "{}", pages[0]);
    let path = path_in(&mail(&zone, ADDRESS, "/lookup/lost/", 1).await);
    assert!(zone.mails.mails_to("nobody@example.jp").is_empty());

    let mut back = Browser::new(zone.running.public_addr);
    back.get(&path).await.is(200).says(ADDRESS);
    assert!(!back.text().contains(&both[0].0), "opening the link shows nothing yet");
    back.submit(&path, &[]).await.is(200).says(&both[0].0).says(&both[1].0);
    let html = back.html();
    for start in ["/applications/", "/waiting/"] {
        let link = html.split("href=\"").find(|rest| rest.starts_with(start)).expect("a link");
        let link = link.split('"').next().expect("an address");
        back.get(link).await.is(200);
        if start == "/applications/" {
            assert!(back.html().contains("href=\"/lookup/found\""), "the way back to the others");
        }
        let mut stranger = Browser::new(zone.running.public_addr);
        stranger.get(link).await.is(404);
    }
    Browser::new(zone.running.public_addr).get(&path).await.is(410);
    // The numbers go on to work, and a session without any is led to them.
    let one = looks_up(&zone, &both[0]).await;
    assert!(!one.is(200).html().contains("href=\"/lookup/found\""), "there is no other");
    let mut nobody = Browser::new(zone.running.public_addr);
    nobody.get("/lookup/found").await.is(200);
    assert_eq!(nobody.path, "/lookup");
    // Many mails to one address are not sent, and the page tells nothing of it.
    let mut asks = Browser::new(zone.running.public_addr);
    for _ in 0..6 {
        asks.get("/lookup/lost").await;
        asks.submit("/lookup/lost", &[("email", ADDRESS)]).await.is(200);
        assert_eq!(asks.text(), pages[0]);
    }
    mail(&zone, ADDRESS, "/lookup/lost/", 2).await;
    let links = zone.mails.mails_to(ADDRESS).len();
    assert!(links < 12, "{links}: so many are not sent");
    zone.close().await;
}

/// NF-17: who proves an address as a new account is told of nothing that was sent with another one.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_anything_earlier_is_offered_nothing() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    hanako.get("/mypage").await.is(200);
    assert!(!hanako.html().contains("/mypage/earlier"), "{}", hanako.html());
    zone.close().await;
}
