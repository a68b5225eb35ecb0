//! Withdrawals that meet a step of staff on the way.

use journeys::counter::{Counter, licence, photograph, readable};

/// NF-34, NF-29: a resident withdraws while the bridge stands and staff have accepted meanwhile. Once it
/// runs again the resident reads and is mailed that the withdrawal came too late, and it goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_that_came_too_late_is_told() {
    let mut counter = Counter::open();
    let picture = photograph();
    let taro = counter.registered("taro@example.jp").await;
    let (mut taro, slip) = counter.applies_with_account(taro, "甲野", &[licence(&picture)]).await;
    taro.follow("この申請の状況を見る").await;
    let mine = taro.page.path.clone();
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let inner = counter.town.kill("inner").expect("it ran");
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    taro.open(&mine).await.says("届きました");
    taro.follow("申請を取り下げる").await;
    taro.press("取り下げる", &[("reason", "不要になった")]).await.says("取り下げました");
    counter.town.revive(&inner).expect("it starts");

    counter.until(&mut taro, &mine, "取下げは間に合いませんでした").await;
    taro.page.says("受付済み").says("手続きが進んでいたためです");
    let until = std::time::Instant::now() + platform_testkit::PATIENCE;
    let told = || {
        let mails = counter.town.mail.mails_to("taro@example.jp");
        mails.iter().any(|mail| readable(&mail.raw).contains("取下げは間に合いませんでした"))
    };
    while !told() {
        assert!(std::time::Instant::now() < until, "no mail tells that it was too late");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    clerk.open("/inbox").await.says(&slip.number);
    counter.close();
}

/// NF-34, NF-29: behind the free time a resident asks to withdraw; staff do not agree and say why, the resident
/// reads and is mailed it, asks again, and the second time staff agree.
#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_asked_for_and_answered() {
    let counter = Counter::open();
    let picture = photograph();
    let taro = counter.registered("taro@example.jp").await;
    let (mut taro, slip) = counter.applies_with_account(taro, "甲野", &[licence(&picture)]).await;
    taro.follow("この申請の状況を見る").await;
    let mine = taro.page.path.clone();
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    counter.until(&mut taro, &mine, "取下げを申し出る").await;

    taro.follow("取下げを申し出る").await;
    taro.press("取下げを申し出る", &[]).await.says("取り下げたい理由を入力してください。");
    taro.press("取下げを申し出る", &[("reason", "転居することになったため")]).await;
    taro.page.says("取下げを申し出ました");
    counter.until(&mut clerk, "/inbox?withdrawal=asked", &slip.number).await;
    clerk.open(&desk).await.says("取下げの申出があります").says("転居することになったため");
    clerk.follow("申出を確認して返事する").await;
    clerk.press("取下げを認めない", &[]).await.says("理由を入力してください");
    clerk.press("取下げを認めない", &[("reason", "証明書を発行したため")]).await;
    clerk.page.says("取下げを認めませんでした");
    counter.until(&mut taro, &mine, "取下げの申出は認められませんでした").await;
    taro.page.says("証明書を発行したため").says("受付済み");
    let until = std::time::Instant::now() + platform_testkit::PATIENCE;
    let told = || {
        let mails = counter.town.mail.mails_to("taro@example.jp");
        mails.iter().any(|mail| readable(&mail.raw).contains("認められませんでした"))
    };
    while !told() {
        assert!(std::time::Instant::now() < until, "no mail tells the answer");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    taro.follow("取下げを申し出る").await;
    taro.press("取下げを申し出る", &[("reason", "やはり不要のため")]).await;
    counter.until(&mut clerk, &desk, "やはり不要のため").await;
    clerk.follow("申出を確認して返事する").await;
    clerk.press("取下げを認める", &[]).await.says("取下げを認めました");
    counter.until(&mut taro, &mine, "取下げの申出が認められました").await;
    taro.page.says("取り下げ済み");
    counter.close();
}
