//! What changed between two revisions, and who is still on the older one.

use lgwan_zone::commands::publish;

use crate::city::{self, COPY};
use crate::desk::Desk;

/// NF-37, NF-58: before publishing and afterwards a person reads what changes and which
/// applications in flight stand on the older revision, with the answers that would not carry over.
#[tokio::test(flavor = "multi_thread")]
async fn a_revision_is_compared_before_and_after_it_is_published() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");

    let mut new = city::definition(&["accept", "review", "notify"]);
    let fields = new["pages"][1]["fields"].as_array_mut().expect("fields");
    fields[0]["kind"]["options"][0] = serde_json::json!({"code": "house", "label": "世帯"});
    fields.remove(1);
    new["pages"][0]["fields"][1]["required"] = true.into();
    let manager = desk.logged_in("tetsuzuki").await;
    let text = new.to_string();
    let import = "/procedures/import";
    let file = Some(("file", "new.json", text.as_bytes()));
    let preview = manager.upload(import, import, &[], file).await.location();
    let page = manager.get(&preview).await.text();
    for words in [
        "公開中の版（第1版）との違い",
        "ページ「請求する方」 › 質問「電話番号」",
        "必須",
        "任意",
        "選択肢「世帯全員」",
        "質問「使いみち」",
        "第1版",
        &id,
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let published = manager.post(&preview, &preview, &[("revision", "2")]).await.location();
    assert!(published.ends_with("?said=published"), "{published}");

    let show = manager.get(&format!("/procedures/{COPY}")).await.text();
    let link = format!("/procedures/{COPY}/compare?from=1&amp;to=2");
    assert!(show.contains(&link), "{show}");
    let path = link.replace("&amp;", "&");
    let page = manager.get(&path).await.text();
    assert!(page.contains("質問「使いみち」") && page.contains("削除"), "{page}");

    // Who may read definitions only learns how many, not which.
    let auditor = desk.logged_in("kansa").await;
    let seen = auditor.get(&path).await.text();
    assert!(seen.contains("1件") && !seen.contains(&id), "{seen}");
    let none = manager.get(&format!("/procedures/{COPY}/compare?from=1&to=9")).await;
    assert_eq!(none.status, 404);
    desk.closes().await;
}

/// NF-37: a revision that changed nothing says so.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_definition_twice_differs_in_nothing() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let file = desk.file("again.json", &city::definition(&["accept"]).to_string());
    publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await.expect("published");
    let auditor = desk.logged_in("kansa").await;
    let page = auditor.get(&format!("/procedures/{COPY}/compare")).await.text();
    assert!(
        page.contains("違いはありません") && page.contains("処理中の申請はありません"),
        "{page}"
    );
    desk.closes().await;
}

/// NF-37, NF-24: the list of procedures goes out as a file, each by its newest revision, and that it was
/// saved is recorded.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_procedures_goes_out_as_a_file() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review"]).await;
    let clerk = desk.logged_in("uketsuke").await;
    let file = clerk.get("/procedures/file").await.text();
    assert_eq!(file.lines().count(), 2, "{file}");
    for words in [COPY, "住民票の写しの請求", "/procedures/juminhyo", "市民課", "受付期間"]
    {
        assert!(file.contains(words), "{words}: {file}");
    }
    let book = clerk.get("/procedures/file?encoding=xlsx").await;
    assert!(book.status == 200 && book.bytes.starts_with(b"PK"));
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit?act=procedures").await.text();
    assert!(log.contains("手続の一覧の保存"), "{log}");
    desk.closes().await;
}
