//! Lists of a procedure, replaced by a file.

use serde_json::json;

use lgwan_zone::commands::publish;

use crate::city;
use crate::desk::Desk;

async fn desk() -> Desk {
    let desk = Desk::open().await;
    let mut definition = city::definition(&["accept"]);
    definition["lists"] = json!([{"id": "places", "title": "配布場所", "columns": [
        {"id": "name", "title": "施設名"}, {"id": "kana", "title": "よみ"},
    ], "rows": [["中央図書館", "ちゅうおうとしょかん"]]}]);
    let file = desk.file("procedure.json", &definition.to_string());
    publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await.expect("published");
    desk
}

/// NF-61: a list is saved, changed in a spreadsheet and brought back; it is looked at and published
/// like any other definition, and the rest of the definition stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_replaced_by_a_file_of_a_spreadsheet() {
    let desk = desk().await;
    let browser = desk.logged_in("tetsuzuki").await;
    let (show, page) =
        (format!("/procedures/{}", city::COPY), format!("/procedures/{}/lists/places", city::COPY));
    assert!(browser.get(&show).await.text().contains("配布場所"));
    let file = browser.get(&format!("{page}/file")).await;
    assert!(file.text().contains("中央図書館"), "{}", file.text());
    let (windows, _) = domain::cp932::encode("よみ,施設名\r\nひがし,東公民館\r\nにし,西公民館\r\n");
    let sent = browser.upload(&page, &page, &[], Some(("file", "places.csv", &windows))).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    let preview = sent.location();
    assert!(browser.get(&show).await.text().contains("（1件）"), "not published yet");
    let published = browser.post(&preview, &preview, &[("revision", "2")]).await;
    assert_eq!(published.status, 303, "{}", published.text());
    let now = browser.get(&page).await;
    assert!(
        now.text().contains("西公民館") && !now.text().contains("中央図書館"),
        "{}",
        now.text()
    );
    assert!(browser.get(&show).await.text().contains("（2件）"));
    desk.closes().await;
}

/// NF-61: a wrong file is told line by line, and the list stays as it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_file_changes_nothing() {
    let desk = desk().await;
    let browser = desk.logged_in("tetsuzuki").await;
    let page = format!("/procedures/{}/lists/places", city::COPY);
    let file = "施設名,よみ\n東公民館,ひがし\n,にし\n".as_bytes();
    for (file, words) in [
        (Some(("file", "a.csv", file)), "3行目"),
        (Some(("file", "a.csv", "名前\n館\n".as_bytes())), "「施設名」という見出しがありません"),
        (Some(("file", "a.xlsx", &b"PK\x03\x04\xff\xfe"[..])), "CSVとして読めません"),
        (None, "1件も入っていません"),
    ] {
        let answer = browser.upload(&page, &page, &[], file).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(words), "{}", answer.text());
        assert!(answer.text().contains("中央図書館"), "{}", answer.text());
    }
    desk.closes().await;
}
