//! An application that came to the wrong department.

use journeys::counter::{Counter, licence, photograph, readable};

/// NF-34, NF-31, NF-29: a clerk hands a misrouted application to the department in charge; the resident is
/// mailed, reads who is in charge, and what happens there; the first department has it no more.
#[tokio::test(flavor = "multi_thread")]
async fn a_misrouted_application_finds_its_department() {
    let counter = Counter::open();
    let picture = photograph();
    let taro = counter.registered("taro@example.jp").await;
    let (mut taro, slip) = counter.applies_with_account(taro, "甲野", &[licence(&picture)]).await;
    taro.follow("この申請の状況を見る").await;
    let mine = taro.page.path.clone();
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    clerk.follow("ほかの課に引き継ぐ").await.says("今の担当部署");
    let wish = [("department", "こども家庭課"), ("reason", "児童手当の申請のため")];
    clerk.press("引き継ぐ", &wish).await.says("ほかの課に引き継ぎました");
    clerk.open(&desk).await;
    assert_eq!(clerk.page.status, 404);

    counter.until(&mut taro, &mine, "こども家庭課").await;
    taro.page.says("担当の課が変わりました");
    assert!(!taro.page.html().contains("児童手当"), "the reason is for colleagues");
    let until = std::time::Instant::now() + platform_testkit::PATIENCE;
    let told = || {
        let mails = counter.town.mail.mails_to("taro@example.jp");
        mails.iter().any(|mail| readable(&mail.raw).contains("こども家庭課"))
    };
    while !told() {
        assert!(std::time::Instant::now() < until, "no mail tells who is in charge");
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }

    let mut other = counter.staff("s0102").await;
    other.open(&desk).await.says("児童手当の申請のため");
    other.press("受け付ける", &[]).await.says("受け付けました");
    counter.until(&mut taro, &mine, "受付済み").await;
    taro.page.says("こども家庭課");
    counter.close();
}
