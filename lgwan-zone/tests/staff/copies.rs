//! Procedures made from others.

use crate::city::{self, COPY};
use crate::desk::Desk;

/// NF-65: a copy has its own id, name and address, and is looked at before it is published; the
/// procedure it was made from stays as it is.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_is_copied() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let manager = desk.logged_in("tetsuzuki").await;
    let show = format!("/procedures/{COPY}");
    let own = manager.post(&show, &format!("{show}/copy"), &[]).await.location();
    let page = manager.get(&own).await.text();
    assert!(page.contains("value=\"住民票の写しの請求の写し\""), "{page}");
    let slug = page.split("name=\"slug\" value=\"").nth(1).and_then(|it| it.split('"').next());
    let slug = slug.expect("an address").to_owned();
    let department = page.split("name=\"department\" value=\"").nth(1);
    let department = department.and_then(|it| it.split('"').next()).expect("one").to_owned();
    for (title, address, words) in [
        ("", slug.as_str(), "手続名を100文字以内で"),
        ("写し", "Ａ", "アドレスは半角の英小文字"),
        ("写し", slug.trim_end_matches("-2"), "ほかの手続が使っています"),
    ] {
        let fields = [("title", title), ("slug", address), ("department", &department)];
        let refused = manager.post(&own, &own, &fields).await;
        assert_eq!(refused.status, 422, "{words}");
        assert!(refused.text().contains(words), "{words}: {}", refused.text());
    }
    let fields = [("title", "住民票の写し(郵送)"), ("slug", &slug), ("department", &department)];
    let preview = manager.post(&own, &own, &fields).await.location();
    let published = manager.post(&preview, &preview, &[("revision", "1")]).await.location();
    assert!(published.ends_with("?said=published") && !published.contains(COPY), "{published}");
    let list = manager.get("/procedures").await.text();
    assert!(list.contains("住民票の写し(郵送)") && list.contains("住民票の写しの請求"), "{list}");
    desk.closes().await;
}

/// NF-66: the definition of another city becomes a procedure of an own department; who is told of
/// arrivals there is not told here.
#[tokio::test(flavor = "multi_thread")]
async fn a_definition_of_another_city_becomes_an_own_one() {
    let desk = Desk::open().await;
    let manager = desk.logged_in("tetsuzuki").await;
    let mut definition = city::definition(&["accept"]);
    definition["department"] = "0000000000000000000000zzzz".into();
    definition["notify"] = serde_json::json!({"staff_mail": ["other@city.example.jp"]});
    let import = "/procedures/import";
    let text = definition.to_string();
    let file = Some(("file", "other.json", text.as_bytes()));
    let own = manager.upload(import, import, &[], file).await.location();
    assert!(own.ends_with("/own"), "{own}");
    let page = manager.get(&own).await.text();
    assert!(page.contains("value=\"住民票の写しの請求\""), "its name is free here: {page}");
    let fields = [("title", "住民票"), ("slug", "juminhyo-2"), ("department", city::CITIZENS)];
    let preview = manager.post(&own, &own, &fields).await.location();
    let published = manager.post(&preview, &preview, &[("revision", "1")]).await.location();
    assert!(published.ends_with("?said=published"), "{published}");
    let page = manager.get(published.trim_end_matches("?said=published")).await.text();
    assert!(page.contains("市民課") && !page.contains("other@city.example.jp"), "{page}");
    let other = desk.logged_in("uketsuke").await;
    assert_eq!(other.get(&own).await.status, 403);
    desk.closes().await;
}
