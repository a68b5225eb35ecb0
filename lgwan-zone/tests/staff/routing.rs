//! Applications that their answers bring to another department.

use lgwan_zone::commands::publish;
use serde_json::json;

use crate::city;
use crate::desk::Desk;

/// NF-48, NF-54: the answers choose the department; its clerk has the application on the desk, the
/// procedure's own department sees nothing of it, and other answers go where they always went.
#[tokio::test(flavor = "multi_thread")]
async fn the_answers_choose_the_department() {
    let desk = Desk::open().await;
    let mut definition = city::definition(&["accept"]);
    definition["routing"] = json!([
        {"when": "kind == 'part'", "department": city::CITIZENS},
        {"when": "kind == 'all' and name.family == '児玉'", "department": city::CHILDREN},
    ]);
    let file = desk.file("procedure.json", &definition.to_string());
    publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await.expect("published");
    let mut pages = Vec::new();
    for family in ["児玉", "山田"] {
        let sent = desk.submission((family, "花子"), &[]).await;
        let id = sent.message.message.application().expect("a submission").clone();
        desk.arrives(sent).await.expect("taken in");
        pages.push(format!("/applications/{id}"));
    }
    for (login_id, shown) in [("kodomo", [200, 404]), ("uketsuke", [404, 200])] {
        let clerk = desk.logged_in(login_id).await;
        let inbox = clerk.get("/inbox").await.text();
        for (page, status) in pages.iter().zip(shown) {
            assert_eq!(clerk.get(page).await.status, status, "{login_id} {page}");
            assert_eq!(inbox.contains(page.as_str()), status == 200, "{login_id} {page}");
        }
    }
    let clerk = desk.logged_in("kodomo").await;
    let accepted = clerk.post(&pages[0], &format!("{}/accept", pages[0]), &[("seen", "1")]).await;
    assert_eq!(accepted.status, 303, "{}", accepted.text());
    // The department that decides takes out what it decides, under the procedure's name, with answers.
    assert!(clerk.get("/inbox").await.text().contains(&format!("value=\"{}\"", city::COPY)));
    let csv = clerk.get("/inbox/export/file").await.text();
    assert!(csv.contains("住民票の写し"), "the name of another department's procedure: {csv}");
    let csv = clerk.get(&format!("/inbox/export/file?procedure={}", city::COPY)).await.text();
    assert!(
        csv.contains("児玉") && csv.contains("\"世帯全員\"") && !csv.contains("山田 花子"),
        "{csv}"
    );
    desk.closes().await;
}

/// NF-48: a way to a department that does not exist is found before publishing, by the page and by
/// the command.
#[tokio::test(flavor = "multi_thread")]
async fn a_route_to_no_department_is_not_published() {
    let desk = Desk::open().await;
    let mut definition = city::definition(&["accept"]);
    definition["routing"] =
        json!([{"when": "kind == 'all'", "department": "00000000000000000000000099"}]);
    let file = desk.file("procedure.json", &definition.to_string());
    let refused = publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await;
    assert!(refused.is_err_and(|why| why.to_string().contains("routing[0].department")));
    let browser = desk.logged_in("tetsuzuki").await;
    let (page, text) = ("/procedures/import", definition.to_string());
    let sent = browser.upload(page, page, &[("text", &text)], None).await;
    let preview = browser.get(&sent.location()).await;
    assert!(preview.text().contains("部署が登録されていません"), "{}", preview.text());
    assert!(!preview.text().contains("name=\"revision\""), "nothing to publish");
    desk.closes().await;
}
