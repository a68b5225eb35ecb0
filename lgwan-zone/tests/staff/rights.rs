//! Every route for every role: a route without a row here fails (NF-38, NF-39).

use std::collections::BTreeSet;

use lgwan_zone_store::audit::{self, Filter};

use crate::city::{CHILDREN, COPY};
use crate::desk::{Desk, Sent};

/// Who gets through to a route: administrator, procedure manager, clerk,
/// auditor. Nobody else ever does.
pub(crate) const TABLE: &[(&str, &str, [bool; 4])] = &[
    ("GET", "/", [true; 4]),
    ("GET", "/login/code", [true; 4]),
    ("POST", "/login/code", [true; 4]),
    ("GET", "/account", [true; 4]),
    ("GET", "/keys", [true; 4]),
    ("GET", "/manual", [true; 4]),
    ("GET", "/manual/administrator", [true, false, false, true]),
    ("GET", "/account/proof", [true; 4]),
    ("POST", "/account/proof", [true; 4]),
    ("GET", "/account/totp", [true; 4]),
    ("GET", "/account/totp/qr.svg", [true; 4]),
    ("POST", "/account/totp", [true; 4]),
    ("GET", "/account/recovery", [true; 4]),
    ("POST", "/account/recovery", [true; 4]),
    ("POST", "/account/sessions", [true; 4]),
    ("GET", "/account/password", [true; 4]),
    ("POST", "/account/password", [true; 4]),
    ("GET", "/staff", [true, false, false, true]),
    ("GET", "/staff/file", [true, false, false, true]),
    ("GET", "/staff/rosters", [true, false, false, true]),
    ("POST", "/staff/rosters", [true, false, false, false]),
    ("GET", "/staff/rosters/{id}", [true, false, false, true]),
    ("POST", "/staff/rosters/{id}", [true, false, false, false]),
    ("GET", "/staff/reforms", [true, false, false, true]),
    ("POST", "/staff/reforms", [true, false, false, false]),
    ("GET", "/staff/reforms/{id}", [true, false, false, true]),
    ("POST", "/staff/reforms/{id}", [true, false, false, false]),
    ("POST", "/staff/reforms/{id}/roster", [true, false, false, false]),
    ("POST", "/staff/passwords", [true, false, false, false]),
    ("GET", "/staff/posts", [true, false, false, true]),
    ("POST", "/staff/posts", [true, false, false, false]),
    ("GET", "/staff/sessions", [true, false, false, true]),
    ("POST", "/staff/{id}/sessions", [true, false, false, false]),
    ("GET", "/staff/keys", [true, false, false, true]),
    ("GET", "/staff/keys/new", [true, false, false, false]),
    ("POST", "/staff/keys/new", [true, false, false, false]),
    ("GET", "/staff/keys/{id}", [true, false, false, true]),
    ("POST", "/staff/keys/{id}/release", [true, false, false, true]),
    ("POST", "/staff/keys/{id}/secret", [true, false, false, false]),
    ("POST", "/staff/keys/{id}/revoke", [true, false, false, false]),
    ("POST", "/staff/keys/{id}/turn", [true, false, false, false]),
    ("GET", "/staff/webhooks", [true, false, false, true]),
    ("GET", "/staff/webhooks/new", [true, false, false, false]),
    ("POST", "/staff/webhooks/new", [true, false, false, false]),
    ("GET", "/staff/webhooks/{id}", [true, false, false, true]),
    ("POST", "/staff/webhooks/{id}", [true, false, false, false]),
    ("POST", "/staff/webhooks/{id}/release", [true, false, false, true]),
    ("GET", "/staff/new", [true, false, false, false]),
    ("POST", "/staff/new", [true, false, false, false]),
    ("POST", "/staff/{id}/disable", [true, false, false, false]),
    ("POST", "/staff/{id}/enable", [true, false, false, false]),
    ("POST", "/staff/{id}/password", [true, false, false, false]),
    ("GET", "/staff/{id}/app", [true, false, false, true]),
    ("POST", "/staff/{id}/app", [true, false, false, false]),
    ("GET", "/inbox", DESK),
    ("POST", "/inbox/steps", DESK),
    ("POST", "/inbox/batches", DESK),
    ("GET", "/inbox/batches/{id}", DESK),
    ("POST", "/inbox/batches/{id}", DESK),
    ("GET", "/inbox/batches/{id}/rows/{place}", DESK),
    ("GET", "/inbox/documents", DESK),
    ("POST", "/inbox/documents", DESK),
    ("GET", "/inbox/export", DESK),
    ("GET", "/inbox/export/file", DESK),
    ("GET", "/inbox/labels", MANAGER),
    ("POST", "/inbox/labels", MANAGER),
    ("POST", "/inbox/labels/{id}", MANAGER),
    ("GET", "/inbox/phrases", DESK),
    ("POST", "/inbox/phrases", DESK),
    ("POST", "/inbox/phrases/{id}", DESK),
    ("GET", "/inbox/columns", DESK),
    ("POST", "/inbox/columns", DESK),
    ("POST", "/inbox/columns/{id}", DESK),
    ("GET", "/inbox/filters", DESK),
    ("POST", "/inbox/filters", DESK),
    ("POST", "/inbox/filters/{id}", DESK),
    ("GET", "/inbox/entry", DESK),
    ("POST", "/inbox/entry", DESK),
    ("GET", "/inbox/entry/{id}", DESK),
    ("POST", "/inbox/entry/{id}", DESK),
    ("GET", "/inbox/entry/{id}/scans/{file}", DESK),
    ("GET", "/internal", [true; 4]),
    ("POST", "/internal/procedures/{id}", [true; 4]),
    ("GET", "/internal/drafts/{id}", [true; 4]),
    ("POST", "/internal/drafts/{id}", [true; 4]),
    ("GET", "/internal/drafts/{id}/scans/{file}", [true; 4]),
    ("GET", "/internal/applications/{id}", [true; 4]),
    ("POST", "/internal/applications/{id}/correction", [true; 4]),
    ("POST", "/internal/applications/{id}/withdraw", [true; 4]),
    ("GET", "/internal/applications/{id}/receipt.pdf", [true; 4]),
    ("GET", "/internal/applications/{id}/documents/{file}", [true; 4]),
    ("GET", "/applications/{id}/staff-fields", DESK),
    ("POST", "/applications/{id}/staff-fields", DESK),
    ("POST", "/applications/{id}/entry", DESK),
    ("GET", "/applications/{id}/receipt.pdf", DESK),
    ("POST", "/applications/{id}/withdraw", DESK),
    ("GET", "/applications/{id}", DESK),
    ("POST", "/applications/{id}/accept", DESK),
    ("POST", "/applications/{id}/review", DESK),
    ("POST", "/applications/{id}/finish", DESK),
    ("GET", "/applications/{id}/correction", DESK),
    ("POST", "/applications/{id}/correction", DESK),
    ("GET", "/applications/{id}/reject", DESK),
    ("POST", "/applications/{id}/reject", DESK),
    ("GET", "/applications/{id}/refuse", DESK),
    ("POST", "/applications/{id}/refuse", DESK),
    ("GET", "/applications/{id}/close", MANAGER),
    ("POST", "/applications/{id}/close", MANAGER),
    ("GET", "/applications/{id}/reopen", MANAGER),
    ("POST", "/applications/{id}/reopen", MANAGER),
    ("GET", "/applications/{id}/expire", DESK),
    ("POST", "/applications/{id}/expire", DESK),
    ("GET", "/applications/{id}/hand-over", DESK),
    ("POST", "/applications/{id}/hand-over", DESK),
    ("POST", "/applications/{id}/charge", DESK),
    ("GET", "/applications/{id}/withdrawal", DESK),
    ("POST", "/applications/{id}/withdrawal", DESK),
    ("GET", "/applications/{id}/result", DESK),
    ("POST", "/applications/{id}/result", DESK),
    ("POST", "/applications/{id}/result/preview", DESK),
    ("POST", "/applications/{id}/propose", DESK),
    ("POST", "/applications/{id}/approval", DESK),
    ("GET", "/applications/{id}/check", DESK),
    ("POST", "/applications/{id}/check", DESK),
    ("GET", "/applications/{id}/attachments/{file}/framed", DESK),
    ("GET", "/applications/{id}/inquiries/new", DESK),
    ("POST", "/applications/{id}/inquiries", DESK),
    ("POST", "/applications/{id}/inquiries/{inquiry}", DESK),
    ("GET", "/inquiries", DESK),
    ("GET", "/inquiries/file", DESK),
    ("GET", "/inquiries/{id}", DESK),
    ("POST", "/inquiries/{id}", DESK),
    ("GET", "/inquiries/{id}/attachments/{file}", DESK),
    ("GET", "/inquiries/{id}/attachments/{file}/view", DESK),
    ("POST", "/applications/{id}/notes", DESK),
    ("POST", "/applications/{id}/hold", DESK),
    ("POST", "/applications/{id}/payment", DESK),
    ("POST", "/applications/{id}/labels", DESK),
    ("POST", "/applications/{id}/messages", DESK),
    ("GET", "/applications/{id}/attachments/{file}", DESK),
    ("GET", "/applications/{id}/attachments/{file}/view", DESK),
    ("GET", "/applications/{id}/attachments.zip", DESK),
    ("GET", "/applications/{id}/documents/{file}", DESK),
    ("GET", "/procedures", [true; 4]),
    ("GET", "/procedures/file", [true; 4]),
    ("GET", "/procedures/import", MANAGER),
    ("POST", "/procedures/import", MANAGER),
    ("GET", "/procedures/imports/{id}", MANAGER),
    ("POST", "/procedures/imports/{id}", MANAGER),
    ("GET", "/procedures/imports/{id}/own", MANAGER),
    ("POST", "/procedures/imports/{id}/own", MANAGER),
    ("GET", "/procedures/bundles/{id}", MANAGER),
    ("POST", "/procedures/bundles/{id}", MANAGER),
    ("GET", "/procedures/{id}/bundle", MANAGER),
    ("GET", "/procedures/designs", MANAGER),
    ("GET", "/procedures/designs/new", MANAGER),
    ("POST", "/procedures/designs/new", MANAGER),
    ("GET", "/procedures/designs/{id}", MANAGER),
    ("POST", "/procedures/designs/{id}", MANAGER),
    ("GET", "/procedures/designs/{id}/pages/{page}", MANAGER),
    ("POST", "/procedures/designs/{id}/pages/{page}", MANAGER),
    ("GET", "/procedures/designs/{id}/add/{into}", MANAGER),
    ("POST", "/procedures/designs/{id}/add/{into}", MANAGER),
    ("GET", "/procedures/designs/{id}/questions/{field}", MANAGER),
    ("POST", "/procedures/designs/{id}/questions/{field}", MANAGER),
    ("GET", "/procedures/designs/{id}/conditions/{of}/{part}", MANAGER),
    ("POST", "/procedures/designs/{id}/conditions/{of}/{part}", MANAGER),
    ("GET", "/procedures/designs/{id}/calculations/{field}", MANAGER),
    ("POST", "/procedures/designs/{id}/calculations/{field}", MANAGER),
    ("GET", "/procedures/designs/{id}/settings/{section}", MANAGER),
    ("POST", "/procedures/designs/{id}/settings/{section}", MANAGER),
    ("GET", "/procedures/designs/{id}/files", MANAGER),
    ("POST", "/procedures/designs/{id}/files", MANAGER),
    ("GET", "/procedures/designs/{id}/files/{file}", MANAGER),
    ("GET", "/procedures/designs/{id}/texts/{lang}", MANAGER),
    ("POST", "/procedures/designs/{id}/texts/{lang}", MANAGER),
    ("GET", "/procedures/designs/{id}/preview", MANAGER),
    ("POST", "/procedures/designs/{id}/preview", MANAGER),
    ("POST", "/procedures/designs/{id}/release", MANAGER),
    ("GET", "/procedures/designs/{id}/trial", MANAGER),
    ("POST", "/procedures/designs/{id}/trial", MANAGER),
    ("POST", "/procedures/{id}/design", MANAGER),
    ("POST", "/procedures/{id}/copy", MANAGER),
    ("GET", "/procedures/{id}", [true; 4]),
    ("GET", "/procedures/{id}/compare", [true; 4]),
    ("POST", "/procedures/{id}/rebase", MANAGER),
    ("GET", "/procedures/templates", MANAGER),
    ("POST", "/procedures/templates", MANAGER),
    ("GET", "/procedures/templates/form", MANAGER),
    ("POST", "/procedures/templates/preview", MANAGER),
    ("POST", "/procedures/templates/{id}", MANAGER),
    ("GET", "/procedures/bank", MANAGER),
    ("GET", "/procedures/bank/{id}", MANAGER),
    ("POST", "/procedures/bank/{id}", MANAGER),
    ("POST", "/procedures/bank/{id}/take", MANAGER),
    ("POST", "/procedures/{id}/bank", MANAGER),
    ("GET", "/procedures/{id}/workbook", [true; 4]),
    ("GET", "/procedures/import/workbook", MANAGER),
    ("GET", "/procedures/{id}/qr.svg", [true; 4]),
    ("GET", "/procedures/{id}/definition", [true; 4]),
    ("GET", "/procedures/{id}/lists/{list}", MANAGER),
    ("POST", "/procedures/{id}/lists/{list}", MANAGER),
    ("GET", "/procedures/{id}/lists/{list}/file", [true; 4]),
    ("GET", "/procedures/{id}/invitations", MANAGER),
    ("POST", "/procedures/{id}/invitations", MANAGER),
    ("GET", "/procedures/{id}/invitations/{lot}", MANAGER),
    ("POST", "/procedures/{id}/invitations/{lot}", MANAGER),
    ("GET", "/procedures/{id}/invitations/{lot}/slips", MANAGER),
    ("GET", "/procedures/{id}/invitations/{lot}/file", MANAGER),
    ("POST", "/procedures/{id}/close", MANAGER),
    ("POST", "/procedures/{id}/reopen", MANAGER),
    ("GET", "/exports", [true; 4]),
    ("GET", "/exports/new", [true, false, false, false]),
    ("POST", "/exports/new", [true, false, false, false]),
    ("GET", "/exports/gaiji", [true; 4]),
    ("POST", "/exports/gaiji", [true, false, false, false]),
    ("GET", "/exports/{job}", [true; 4]),
    ("POST", "/exports/{job}/run", [true, false, false, false]),
    ("POST", "/exports/{job}/held", [true, false, false, false]),
    ("GET", "/exports/{job}/generations/{number}", [true; 4]),
    ("POST", "/exports/{job}/generations/{number}/repeat", [true, false, false, false]),
    ("POST", "/exports/{job}/requests/{request}", [true, false, false, false]),
    ("GET", "/numbers", [true; 4]),
    ("GET", "/numbers/file", [true; 4]),
    ("GET", "/numbers/filling", [true; 4]),
    ("GET", "/numbers/filling/file", [true; 4]),
    ("GET", "/numbers/report", [true; 4]),
    ("GET", "/numbers/report/file", [true; 4]),
    ("GET", "/numbers/report/document", [true; 4]),
    ("GET", "/numbers/incidents", [true; 4]),
    ("GET", "/numbers/incidents/new", [true, false, false, false]),
    ("POST", "/numbers/incidents/new", [true, false, false, false]),
    ("GET", "/numbers/incidents/{id}", [true; 4]),
    ("POST", "/numbers/incidents/{id}", [true, false, false, false]),
    ("GET", "/bridge", [true; 4]),
    ("GET", "/bridge/aside", [true; 4]),
    ("POST", "/bridge/aside", [true, false, false, false]),
    ("GET", "/bridge/lanes/{lane}", [true; 4]),
    ("GET", "/bridge/lanes/{lane}/{epoch}/{seq}", [true; 4]),
    ("POST", "/bridge/lanes/{lane}/{epoch}/{seq}/replay", [true, false, false, false]),
    ("GET", "/audit", [false, false, false, true]),
    ("GET", "/audit/export", [false, false, false, true]),
    ("GET", "/audit/disclosure", [false, false, false, true]),
    ("GET", "/audit/disclosure/file", [false, false, false, true]),
    ("GET", "/audit/alerts", [false, false, false, true]),
    ("POST", "/audit/alerts/{id}", [false, false, false, true]),
    ("GET", "/audit/verify", [false, false, false, true]),
    ("GET", "/retention", [true, false, false, true]),
    ("GET", "/retention/new", [true, false, false, true]),
    ("POST", "/retention/new", [true, false, false, true]),
    ("GET", "/retention/rules/{id}", [true, false, false, true]),
    ("POST", "/retention/rules/{id}", [true, false, false, true]),
    ("GET", "/retention/tombstones", [true, false, false, true]),
];
const DESK: [bool; 4] = [false, true, true, false];
const MANAGER: [bool; 4] = [false, true, false, false];

/// Open to everybody: they lead in and out.
pub(crate) const OPEN: &[(&str, &str)] = &[
    ("GET", "/login"),
    ("POST", "/login"),
    ("GET", "/login/saml"),
    ("POST", "/login/saml"),
    ("GET", "/login/saml/enter"),
    ("GET", "/login/saml/metadata"),
    ("POST", "/logout"),
];

/// An account of each role, in their order.
pub(crate) const ROLES: [&str; 4] = ["kanri", "tetsuzuki", "uketsuke", "kansa"];

/// NF-38: every route has a row in the table.
#[test]
fn every_route_has_a_row() {
    let routes = lgwan_zone_web::routes::routes();
    let routes: BTreeSet<(String, &str)> =
        routes.iter().map(|route| (route.method.to_string(), route.path)).collect();
    let rows = TABLE.iter().map(|(method, path, _)| (*method, *path)).chain(OPEN.iter().copied());
    let rows: BTreeSet<(String, &str)> =
        rows.map(|(method, path)| (method.to_owned(), path)).collect();
    assert_eq!(routes, rows);
}

/// NF-38, NF-39, MN-7.1a: the table of routes × roles holds over HTTP, and nobody gets in
/// without log-in.
#[tokio::test(flavor = "multi_thread")]
async fn the_table_of_rights_holds_for_every_route() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let stranger = desk.browser();
    for (method, path, _) in TABLE {
        let answer = stranger.asks(method, &real(path)).await;
        assert_eq!(answer.status, 303, "{method} {path} without log-in");
        let door = answer.location();
        assert_eq!(door.split("?to=").next(), Some("/login"), "{method} {path}");
    }
    for (place, login_id) in ROLES.iter().enumerate() {
        let browser = desk.logged_in(login_id).await;
        for (method, path, allowed) in TABLE {
            let answer = browser.asks(method, &real(path)).await;
            // A form without token is refused as well, with other words.
            let denied = answer.status == 403 && answer.text().contains("あなたの役割では");
            assert_eq!(!denied, allowed[place], "{login_id} {method} {path}: {}", answer.status);
        }
    }
    desk.closes().await;
}

fn real(path: &str) -> String {
    path.replace("/procedures/{id}", &format!("/procedures/{COPY}"))
        .replace("{id}", CHILDREN)
        .replace("{file}", CHILDREN)
        .replace("{inquiry}", CHILDREN)
        .replace("{job}", "juminhyo")
        .replace("{number}", "1")
        .replace("{list}", "places")
        .replace("{lot}", CHILDREN)
        .replace("{lane}", "pub.ctl")
        .replace("{epoch}", "1")
        .replace("{seq}", "1")
        .replace("{request}", CHILDREN)
        .replace("{page}", "p1")
        .replace("{into}", "p1")
        .replace("{field}", "q1")
        .replace("{of}/{part}", "q1/when")
        .replace("{section}", "about")
        .replace("{place}", "1")
}

/// NF-39, NF-41: another department's application looks as if it did not exist: page,
/// steps, files, list, search. The attempt is recorded, and so is one at what is not there.
#[tokio::test(flavor = "multi_thread")]
async fn another_department_sees_nothing_of_an_application() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let sent = desk.submission(("山田", "花子"), &[Sent::Picture("免許証.png")]).await;
    let file = sent.message.parts[0].attachment_id.to_string();
    let id = sent.message.message.application().expect("a submission").to_string();
    desk.arrives(sent).await.expect("taken in");

    let own = desk.logged_in("uketsuke").await;
    assert_eq!(own.get(&format!("/applications/{id}")).await.status, 200);
    let other = desk.logged_in("kodomo").await;
    for path in [
        format!("/applications/{id}"),
        format!("/applications/{id}/correction"),
        format!("/applications/{id}/result"),
        format!("/applications/{id}/attachments/{file}"),
        format!("/applications/{id}/attachments.zip"),
    ] {
        let answer = other.get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(!answer.text().contains("山田"), "{path}");
    }
    let step = format!("/applications/{id}/accept");
    let answer = other.post("/account/password", &step, &[("seen", "1")]).await;
    assert_eq!(answer.status, 404);
    for path in ["/inbox", "/inbox?q=%E5%B1%B1%E7%94%B0", "/inbox/export/file"] {
        assert!(!other.get(path).await.text().contains("花子"), "{path}");
    }
    // Whoever guesses is on record whether they hit or not; what is no id is not repeated there.
    let nothing = "00000000000000000000009999";
    assert_eq!(other.get(&format!("/applications/{nothing}")).await.status, 404);
    assert_eq!(other.get("/applications/nonsense/check").await.status, 404);
    assert_eq!(other.get(&format!("/inquiries/{nothing}")).await.status, 404);
    let objects = [(format!("application:{id}"), 6), (format!("application:{nothing}"), 1)];
    let guesses = [("application".to_owned(), 1), (format!("inquiry:{nothing}"), 1)];
    for (object, times) in objects.into_iter().chain(guesses) {
        let filter = Filter {
            object: Some(object.clone()),
            result: Some("refused".to_owned()),
            ..Filter::default()
        };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        assert!(log.len() >= times, "{object}: {log:?}");
        assert!(log.iter().all(|one| one.event.act == "identity.refused"), "{object}: {log:?}");
    }
    let auditor = desk.logged_in("kansa").await;
    let log = auditor.get("/audit?act=identity&result=refused").await.text();
    assert!(log.contains("権限のない操作"), "the attempt is recorded");
    desk.closes().await;
}
