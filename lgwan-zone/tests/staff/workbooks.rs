//! Procedures made in a spreadsheet.

use crate::city::COPY;
use crate::desk::Desk;

/// NF-37: a definition is saved as a workbook and brought back unchanged; the template becomes a new
/// procedure; a damaged one changes nothing. What was pasted beside a file that is refused stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_goes_to_a_spreadsheet_and_back() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let import = "/procedures/import";

    let saved = manager.get(&format!("/procedures/{COPY}/workbook")).await;
    assert_eq!(saved.status, 200);
    let sent = manager.upload(import, import, &[], Some(("file", "a.xlsx", &saved.bytes))).await;
    let preview = manager.get(&sent.location()).await.text();
    assert!(preview.contains("違いはありません"), "{preview}");

    let template = manager.get("/procedures/import/workbook").await;
    let file = Some(("file", "見本.xlsx", &template.bytes[..]));
    let first = manager.upload(import, import, &[], file).await.location();
    let page = manager.get(&first).await.text();
    assert!(page.contains("施設の見学") && page.contains("新しい手続(第1版)"), "{page}");
    let published = manager.post(&first, &first, &[("revision", "1")]).await.location();
    assert!(published.ends_with("?said=published"), "{published}");
    let second = manager.upload(import, import, &[], file).await.location();
    assert!(manager.get(&second).await.text().contains("新しい手続(第1版)"), "not the same one");

    let cut = &template.bytes[..template.bytes.len() / 2];
    for (file, words) in
        [(cut, "ファイルが壊れているか"), (b"PK\x03\x04", "ファイルが壊れているか")]
    {
        let pasted = [("text", "貼り付けた定義")];
        let file = Some(("file", "x.xlsx", file));
        let refused = manager.upload(import, import, &pasted, file).await;
        assert_eq!(refused.status, 422);
        for words in [words, "貼り付けた定義"] {
            assert!(refused.text().contains(words), "{words}: {}", refused.text());
        }
    }
    let large = "x".repeat(9 * 1024 * 1024);
    let file = Some(("file", "定義.json", large.as_bytes()));
    let refused = manager.upload(import, import, &[("text", "貼り付けた定義")], file).await;
    assert_eq!(refused.status, 422);
    for words in ["「定義.json」は大きすぎます", "8MBまでのもの", "貼り付けた定義"]
    {
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    desk.closes().await;
}
