//! The answers of an earlier application in a new one.

use journeys::counter::{Counter, licence, photograph};

/// NF-58, NF-7, NB-2.5: an application is the start of another one. Its answers come back from
/// the staff zone, files and declarations are asked anew, staff read where each answer
/// is from, and nobody else gets them.
#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_application_is_the_start_of_a_new_one() {
    let counter = Counter::open();
    let picture = photograph();
    let taro = counter.registered("taro@example.jp").await;
    let (mut taro, first) = counter.applies_with_account(taro, "過去", &[licence(&picture)]).await;
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &first.number).await;
    let desk = clerk.page.path.clone();

    taro.follow("この申請の状況を見る").await;
    let mine = taro.page.path.clone();
    taro.press("この内容をもとに、新しく申請する", &[]).await;
    taro.page.says("項目を引き継ぎました").says("本人確認書類の画像").says("確認事項");
    clerk.open(&desk).await.says("この内容を新しい申請に引き継ぎました");
    taro.follow("入力へ進む").await.says("請求する方");
    assert!(taro.page.html().contains("一番町1丁目2番3号"), "the address came back");
    for heading in ["証明書の種類", "受け取り方法", "本人確認書類"] {
        taro.press("次へ進む", &[]).await.says(heading);
    }
    taro.press("次へ進む", &[]).await.says("本人確認書類の画像のファイルを追加してください");
    taro.press_with("ファイルを追加", &[], &[licence(&picture)]).await;
    taro.press("次へ進む", &[("declaration", "確認しました")]).await.says("2通");
    taro.press("この内容で申請する", &[]).await.says("申請が届きました");
    let second = journeys::counter::slip(&taro.page);
    counter.takes_up(&mut clerk, &second.number).await;
    clerk.page.says("過去の申請から転記");

    let mut other = counter.registered("hanako@example.jp").await;
    other.open(&mine).await;
    assert_eq!(other.page.status, 404);
    counter.close();
}
