//! A design that is tried before it is published, the whole way (試験公開).

use journeys::counter::{Counter, slip};

/// What stands behind a mark, up to the next quote or tag.
fn behind(html: &str, mark: &str) -> String {
    let (_, rest) = html.split_once(mark).unwrap_or_else(|| panic!("no {mark:?} in: {html}"));
    let rest = rest.split(['<', '"']).next().unwrap_or_default().trim();
    format!("{mark}{rest}")
}

/// NB-2.5, NF-22: a design goes the real way before it is published: a citizen who has the address sends it, it
/// crosses the bridge, a clerk finds it where trials are and nowhere else; when the trial ends both sides have
/// nothing of it, and the procedure is as it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_design_is_tried_the_whole_way() {
    let counter = Counter::open();
    let mut manager = counter.staff("s0002").await;
    manager.open("/procedures").await;
    let shown = manager.page.link("広報みらい").expect("the survey");
    manager.open(&shown).await;
    let base = manager.press("画面で編集する", &[]).await.path.clone();
    let trial = format!("{base}/trial");
    manager.open(&trial).await;
    manager.press("試験公開する", &[]).await.says("試験公開中").says("SHA-256");
    let page = behind(&manager.page.html(), "/procedures/trial-");
    let list = behind(&manager.page.html(), "/inbox?procedure=");

    let mut citizen = counter.citizen().await;
    counter.until(&mut citizen, &page, "【試験】広報みらい").await;
    citizen.open(&format!("{page}/start")).await.says("【試験】");
    citizen.press("入力をはじめる", &[("agree", "利用規約に同意します")]).await.says("【試験】");
    citizen.press("次へ進む", &[("lives", "work")]).await.says("【試験】");
    citizen.press("次へ進む", &[("reads", "never")]).await.says("読まない理由");
    citizen.press("次へ進む", &[("why_not", "small")]).await.says("【試験】");
    citizen.press("次へ進む", &[]).await.says("内容の確認").says("【試験】");
    citizen.press("この内容で申請する", &[]).await.says("申請が届きました").says("【試験】");
    let number = slip(&citizen.page).number;

    let mut clerk = counter.staff("s0104").await;
    counter.until(&mut clerk, &list, &number).await;
    clerk.follow(&number).await.says("【試験】広報みらい");
    let desk = clerk.page.path.clone();
    clerk.open("/inbox").await.is_silent_on(&number);

    manager.open(&trial).await;
    manager.press("試験を終える", &[]).await.says("試験の申請を消しました");
    clerk.open(&desk).await.is_silent_on(&number);
    counter.until(&mut citizen, &page, "お探しの手続きのページはありません").await;
    citizen.open("/procedures/koho-anketo").await.says("広報みらい").is_silent_on("【試験】");
    counter.close();
}
