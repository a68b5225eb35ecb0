//! The question bank.

use crate::city::COPY;
use crate::desk::Desk;

/// NF-37: a question is kept, found by its words, and put into a procedure as a copy with an id of
/// its own; where copies went is known, and what was taken out of the bank is offered no longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_kept_found_and_put_into_a_procedure() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let show = format!("/procedures/{COPY}");
    let fields = [("field", "phone"), ("name", "日中の連絡先")];
    let kept = manager.post(&show, &format!("{show}/bank"), &fields).await.location();
    assert!(kept.ends_with("?said=bank_kept"), "{kept}");
    let item = kept.trim_end_matches("?said=bank_kept").to_owned();

    for words in ["電話", "連絡先", ""] {
        let path = format!("/procedures/bank?q={}", lgwan_zone_web::words::in_query(words));
        assert!(manager.get(&path).await.text().contains(&item), "{words}");
    }
    let none = manager.get("/procedures/bank?q=%25").await.text();
    assert!(none.contains(&item), "a sign of the search is no word");
    let none = manager.get("/procedures/bank?q=nashi").await.text();
    assert!(!none.contains(&item), "{none}");

    let choose = format!("{item}?procedure={COPY}");
    let page = manager.get(&choose).await.text();
    assert!(page.contains("<option value=\"copies\">請求の内容</option>"), "{page}");
    let take = [("procedure", COPY), ("page", "copies")];
    let preview = manager.post(&choose, &format!("{item}/take"), &take).await.location();
    let seen = manager.get(&preview).await.text();
    assert!(seen.contains("ページ「請求の内容」 › 質問「電話番号」"), "{seen}");
    let published = manager.post(&preview, &preview, &[("revision", "2")]).await.location();
    assert!(published.ends_with("?said=published"), "{published}");
    assert!(manager.get(&item).await.text().contains("住民票の写しの請求"));
    let nowhere = [("procedure", COPY), ("page", "nowhere")];
    assert_eq!(manager.post(&choose, &format!("{item}/take"), &nowhere).await.status, 409);

    let named = manager.post(&item, &item, &[("name", " ")]).await.location();
    assert!(named.ends_with("bank_unnamed"), "{named}");
    manager.post(&item, &item, &[("name", "連絡先の電話")]).await;
    assert!(manager.get("/procedures/bank").await.text().contains("連絡先の電話"));
    let gone = manager.post(&item, &item, &[("do", "retire")]).await.location();
    assert!(gone.ends_with("bank_retired"), "{gone}");
    assert_eq!(manager.get(&item).await.status, 404);
    desk.closes().await;
}
