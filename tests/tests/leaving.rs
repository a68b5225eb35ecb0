//! Somebody closes the account while the town still works on what they sent.

use std::time::Duration;

use journeys::counter::{Counter, licence, photograph, readable};

const ADDRESS: &str = "taro@example.jp";

/// The first mail to the address that says this.
async fn told(counter: &Counter, words: &str) -> String {
    for () in platform_testkit::patiently() {
        let all = counter.town.mail.mails_to(ADDRESS).into_iter();
        let mut said = all.map(|mail| readable(&mail.raw)).filter(|mail| mail.contains(words));
        if let Some(mail) = said.next() {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no mail to {ADDRESS} says {words:?}");
}

/// NF-17, NF-31, IK-2.1.1a: whoever closed the account still hears of what was sent, at the same address,
/// and opens it with the numbers of the mail; staff go on with it as before.
#[tokio::test(flavor = "multi_thread")]
async fn who_closed_the_account_still_hears_of_what_was_sent() {
    let counter = Counter::open();
    let picture = photograph();
    let taro = counter.registered(ADDRESS).await;
    let (mut taro, slip) = counter.applies_with_account(taro, "退会", &[licence(&picture)]).await;
    taro.open("/account").await;
    taro.follow("退会").await.says("住民票の写しの請求").says(&slip.number);
    let password = [("current", "夕焼け小焼けの赤とんぼを見た日")];
    taro.press("退会する", &password).await.says("退会しました");
    let mail = told(&counter, "確認用の番号：").await;
    assert!(mail.contains(&slip.number), "{mail}");
    let (_, secret) = mail.split_once("確認用の番号：").expect("it says so");
    let secret = secret.lines().next().unwrap_or_default().trim().to_owned();

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    let news = told(&counter, "いまの状況は「受付済み」です").await;
    assert!(news.contains(&slip.number) && news.contains("/lookup"), "{news}");

    let mut guest = counter.citizen().await;
    guest.open("/lookup").await;
    let numbers = [("number", slip.number.as_str()), ("secret", secret.as_str())];
    guest.press("確認する", &numbers).await.says("受付済み").says(&slip.number);
    counter.close();
}
