//! Every page of both zones in Chromium, wide and narrow, the citizens' in six languages:
//! neither axe nor our own checks find anything. A route without a visit fails.

use std::collections::BTreeSet;

use journeys::counter::{Counter, licence, photograph, readable};
use journeys::server_b;
use journeys::visitor::{Attach, Visitor};
use journeys::walk::Walk;
use town::TERMINAL_CODE;

/// What is asked for by GET and is no page: files, pictures, redirects.
const NO_PAGES: &[&str] = &[
    "/still",
    "/terminal/here",
    "/terminal/still.css",
    "/terminal/over",
    "/procedures/{slug}/qr.svg",
    "/procedures/{slug}/files/{file}",
    "/procedures/designs/{id}/files/{file}",
    "/drafts/{id}",
    "/drafts/{id}/answers",
    "/applications/{id}/messages/uploads/{upload}",
    "/drafts/{id}/uploads/{upload}",
    "/cosign/{id}/files/{file}",
    "/applications/{id}/documents/{document}",
    "/applications/{id}/documents/{document}/qr.svg",
    "/applications/{id}/receipt/qr.svg",
    "/",
    "/login/saml",
    "/login/saml/enter",
    "/login/saml/metadata",
    "/account/totp/qr.svg",
    "/inbox/export/file",
    "/inbox/batches/{id}/rows/{place}",
    "/applications/{id}/attachments/{file}",
    "/applications/{id}/attachments/{file}/view",
    "/applications/{id}/attachments/{file}/framed",
    "/applications/{id}/attachments.zip",
    "/inquiries/file",
    "/inquiries/{id}/attachments/{file}",
    "/inquiries/{id}/attachments/{file}/view",
    "/applications/{id}/documents/{file}",
    "/applications/{id}/receipt.pdf",
    // The form of 却下, when the day of a correction is over.
    "/applications/{id}/expire",
    "/inbox/entry/{id}/scans/{file}",
    "/internal/drafts/{id}/scans/{file}",
    "/internal/applications/{id}/receipt.pdf",
    "/internal/applications/{id}/documents/{file}",
    "/procedures/file",
    "/procedures/{id}/qr.svg",
    "/procedures/{id}/definition",
    "/procedures/{id}/bundle",
    "/procedures/{id}/workbook",
    "/procedures/import/workbook",
    "/procedures/{id}/lists/{list}/file",
    "/procedures/{id}/invitations/{lot}/file",
    "/audit/disclosure/file",
    "/numbers/report/document",
    "/numbers/report/file",
    "/audit/export",
    "/staff/file",
    "/numbers/file",
    "/numbers/filling/file",
];

/// Pages that need more than the sample city offers: nothing of it runs full with a
/// waiting list, and news are mailed when a procedure is new. The zone's own tests come there
/// (`internet-zone/tests/zone/{line,news}.rs`).
const OUT_OF_REACH: [&str; 2] = ["/waiting/{id}", "/news/stop/{account}/{code}"];

/// Patterns that answer to GET, as the list of routes names them.
fn patterns(routes: &str, call: &str, with_get: &str) -> BTreeSet<String> {
    let calls = routes.split(call).skip(1);
    calls
        .filter_map(|rest| rest.split_once('"'))
        .filter(|(_, rest)| rest.starts_with(with_get))
        .map(|(pattern, _)| pattern.to_owned())
        .collect()
}

/// The languages of the citizens' pages.
const LANGUAGES: [&str; 6] = ["ja", "ja-easy", "en", "zh-Hans", "zh-Hant", "ko"];
/// Where a walk leaves what it found, for `cargo xtask accessibility`.
const RESULTS: &str = env!("CARGO_TARGET_TMPDIR");

/// NF-3, NF-5, NN-23, IK-3.6.1: every page a citizen can come to, in Chromium. Firefox and Safari are not
/// driven by a test; what they lack is (`old_browsers.rs`).
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_citizens_is_accessible() {
    let counter = Counter::open();
    let port = counter.town.citizens().port();
    let mut walk = Walk::at("citizens", port).await.in_languages(&LANGUAGES);
    let nobody = Visitor::new(counter.town.citizens());
    let words = [
        "/guide",
        "/manual",
        "/notices",
        "/terms",
        "/accessibility",
        "/accessibility/results",
        "/privacy",
    ];
    let fixed = words.iter().chain(&["/", "/procedures"]);
    let doors = ["/register", "/login", "/reset", "/lookup", "/lookup/lost", "/verify"];
    let open: Vec<(&str, &str)> = fixed.chain(&doors).map(|path| (*path, *path)).collect();
    walk.looks(&nobody, &open).await;
    let procedure = [
        ("/procedures/{slug}", "/procedures/juminhyo"),
        ("/procedures/{slug}/start", "/procedures/juminhyo/start"),
        ("/procedures/{slug}/guide", "/procedures/hikkoshi-guide/guide"),
        ("/procedures/{slug}/guide/list", "/procedures/hikkoshi-guide/guide/list?r=1&o=0.1"),
    ];
    walk.looks(&nobody, &procedure).await;

    guests_and_drafts(&counter, &mut walk).await;
    one_application(&counter, &mut walk).await;
    an_account(&counter, &mut walk).await;
    an_invitation(&counter, &mut walk).await;
    a_terminal(&counter, &mut walk).await;
    let routes = include_str!("../../internet-zone/web/src/routes.rs");
    let pages = NO_PAGES.iter().copied().filter(|path| *path != "/");
    let but: Vec<&str> = pages.chain(OUT_OF_REACH).collect();
    walk.ends(patterns(routes, ".route(\"", ", get("), &but, RESULTS, "citizens").await;
    counter.close();
}

fn path_of(link: &str) -> String {
    link.splitn(4, '/').nth(3).map_or_else(|| "/".to_owned(), |path| format!("/{path}"))
}

async fn guests_and_drafts(counter: &Counter, walk: &mut Walk) {
    let mut guest = counter.citizen().await;
    guest.open("/procedures/juminhyo/start").await;
    let agree = [("メールアドレス", "kyaku@example.jp"), ("agree", "利用規約に同意します")];
    guest.press("申請を始めるメールを送る", &agree).await;
    let link = path_of(&counter.link_to("kyaku@example.jp", "/guest/").await);
    walk.looks(&guest, &[("/guest/{token}", &link)]).await;

    let picture = photograph();
    let draft = counter.at_the_check("下書", "shitagaki@example.jp", &[licence(&picture)]).await;
    let check = draft.page.path.clone();
    let page = draft.page.link("修正").or_else(|| draft.page.link("変更")).expect("a way back");
    let page = page.split('#').next().unwrap_or_default().to_owned();
    let discard = check.replace("/check", "/discard");
    let pages = [
        ("/drafts/{id}/check", check.as_str()),
        ("/drafts/{id}/pages/{page}", &page),
        ("/drafts/{id}/discard", &discard),
    ];
    walk.looks(&draft, &pages).await;
    let back = check.replace("/check", "/return");
    let nobody = Visitor::new(counter.town.citizens());
    walk.looks(&nobody, &[("/drafts/{id}/return", &back)]).await;
}

async fn one_application(counter: &Counter, walk: &mut Walk) {
    let picture = photograph();
    let (mut hanako, slip) = counter
        .applies_for_residence_record("未来", "hanako@example.jp", &[licence(&picture)])
        .await;
    let receipt = hanako.page.path.clone();
    let mine = receipt.replace("/receipt", "");
    let pages = [
        ("/applications/{id}", mine.clone()),
        ("/applications/{id}/receipt", receipt),
        ("/applications/{id}/withdraw", format!("{mine}/withdraw")),
        ("/applications/{id}/messages", format!("{mine}/messages")),
    ];
    let pages: Vec<(&str, &str)> = pages.iter().map(|(one, path)| (*one, path.as_str())).collect();
    walk.looks(&hanako, &pages).await;
    lost_numbers(counter, walk).await;

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    clerk.follow("差し戻す").await;
    let asked = [("fields", "copies"), ("reason", "通数を確認してください。")];
    clerk.press("差し戻す", &asked).await.says("差戻し中");
    counter.until(&mut hanako, &mine, "通数を確認してください。").await;
    let correction = format!("{mine}/correction");
    let back = format!("{mine}/ask-withdrawal");
    let pages = [
        ("/applications/{id}/correction", correction.as_str()),
        ("/applications/{id}/ask-withdrawal", &back),
    ];
    walk.looks(&hanako, &pages).await;
    hanako.open(&correction).await;
    hanako.press("内容の確認へ進む", &[("copies", "3")]).await.says("3通");
    let check = format!("{correction}/check");
    walk.looks(&hanako, &[("/applications/{id}/correction/check", &check)]).await;
}

/// The way back by mail, for who lost the numbers.
async fn lost_numbers(counter: &Counter, walk: &mut Walk) {
    let mut lost = counter.citizen().await;
    lost.open("/lookup/lost").await;
    lost.press("メールを送る", &[("email", "hanako@example.jp")]).await;
    let link = path_of(&counter.link_to("hanako@example.jp", "/lookup/lost/").await);
    walk.looks(&lost, &[("/lookup/lost/{token}", &link)]).await;
    lost.open(&link).await;
    lost.press("申請を開く", &[]).await;
    walk.looks(&lost, &[("/lookup/found", "/lookup/found")]).await;
}

async fn an_account(counter: &Counter, walk: &mut Walk) {
    let mut taro = counter.citizen().await;
    taro.open("/register").await;
    taro.press("メールを送る", &[("email", "taro@example.jp")]).await;
    let link = path_of(&counter.link_to("taro@example.jp", "/register/").await);
    walk.looks(&taro, &[("/register/{token}", &link)]).await;
    taro.open(&link).await;
    let person = [
        ("name.family", "未来"),
        ("name.given", "太郎"),
        ("name.family_kana", "ミライ"),
        ("name.given_kana", "タロウ"),
        ("password", "夕焼け小焼けの赤とんぼを見た日"),
        ("agree", "利用規約に同意します"),
    ];
    taro.press("登録する", &person).await;
    walk.looks(&taro, &[("/together", "/together?p=juminhyo&p=shimin-koza")]).await;
    let own = [
        "/mypage",
        "/account",
        "/account/close",
        "/account/closed",
        "/account/email",
        "/account/news",
        "/account/password",
        "/logout",
    ];
    walk.looks(&taro, &own.map(|path| (path, path))).await;
    walk.looks(&taro, &[("/procedures", "/procedures?mine=yes")]).await;
    taro.open("/account/email").await;
    let new = [("email", "taro.new@example.jp"), ("current", "夕焼け小焼けの赤とんぼを見た日")];
    taro.press("確認のメールを送る", &new).await;
    let link = counter.link_to("taro.new@example.jp", "/account/email/").await;
    walk.looks(&taro, &[("/account/email/{token}", &path_of(&link))]).await;
    delegates(&mut taro, walk).await;
    cosigners(counter, &mut taro, walk).await;
    let picture = photograph();
    let (mut taro, _) = counter.applies_with_account(taro, "再度", &[licence(&picture)]).await;
    taro.follow("この申請の状況を見る").await;
    taro.press("この内容をもとに、新しく申請する", &[]).await.says("引き継ぎました");
    let copy = taro.page.path.clone();
    walk.looks(&taro, &[("/drafts/{id}/copy", &copy)]).await;

    let mut lost = counter.citizen().await;
    lost.open("/reset").await;
    lost.press("メールを送る", &[("email", "taro@example.jp")]).await;
    let link = counter.link_to("taro@example.jp", "/reset/").await;
    walk.looks(&lost, &[("/reset/{token}", &path_of(&link))]).await;
}

/// So many days from today, or before it: `2026-11-20`.
fn day(from_today: i64) -> String {
    let time = std::time::Duration::from_secs(86_400 * from_today.unsigned_abs());
    let now = platform_service::clock::Clock::system().now();
    let then = if from_today < 0 { now - time } else { now + time };
    then.strftime("%Y-%m-%d").to_string()
}

/// A procedure for the invited alone, and codes to it.
async fn invited_alone(counter: &Counter) -> (Visitor, String) {
    let until = day(100);
    let mut manager = counter.staff("s0002").await;
    let document = include_str!("../../deploy/sample-city/procedures/05-koho-anketo.json")
        .replacen("01kn35e000wn5drhnp8mbz2wx4", "01kn35e000wn5drhnp8mbz2wx5", 1)
        .replacen("\"koho-anketo\"", "\"iin-anketo\", \"listing\": \"invite\"", 1)
        .replacen("\"listing\": \"public\",", "", 1);
    manager.open("/procedures/import").await;
    manager.press("点検する", &[("text", &document)]).await.says("公開前の確認");
    manager.press("公開する", &[]).await.says("公開しました");
    manager.follow("招待").await;
    let list = manager.page.path.clone();
    let wish = [
        ("label", "広報委員"),
        ("kind", "コードを印刷して渡す"),
        ("count", "2"),
        ("uses", "1"),
        ("until", &until),
    ];
    manager.press("招待を作る", &wish).await.says("招待を作りました").says("使えます");
    (manager, list)
}

/// The code of the first slip of the invitations in front of the manager.
async fn first_code(manager: &mut Visitor) -> String {
    let slips = manager.follow("コードの紙を印刷").await.html();
    let (_, rest) = slips.split_once("class=\"secret\">").expect("a code");
    rest.split('<').next().expect("a code").trim().to_owned()
}

/// Comes in with the code of a slip, once the invitation has crossed the bridge.
async fn comes_in(visitor: &mut Visitor, slip: &str) {
    for () in platform_testkit::patiently() {
        visitor.open(slip).await;
        visitor.press("手続きを開く", &[]).await;
        if visitor.page.path == "/procedures/iin-anketo" {
            break;
        }
        // Who shows a wrong code every second is stopped.
        tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    }
    visitor.page.says("広報みらい");
}

/// NF-45: staff invite, and with the code of a slip a citizen comes in.
async fn an_invitation(counter: &Counter, walk: &mut Walk) {
    let until = day(100);
    let (mut manager, list) = invited_alone(counter).await;
    let code = first_code(&mut manager).await;
    let mut invited = counter.citizen().await;
    let gate = "/procedures/iin-anketo/invited";
    counter.until(&mut invited, gate, "招待された方の手続き").await;
    invited.press("確認のメールを送る", &[("email", "iin@example.jp")]).await;
    let slip = format!("{gate}/{code}");
    let pages =
        [("/procedures/{slug}/invited", gate), ("/procedures/{slug}/invited/{code}", &slip)];
    walk.looks(&invited, &pages).await;
    comes_in(&mut invited, &slip).await;
    let mail = counter.town.mail.wait_for("iin@example.jp", 1);
    assert!(readable(&mail[0].raw).contains("招待はありません"));
    manager.open(&list).await;
    let wish = [
        ("label", "広報委員長"),
        ("kind", "メールアドレスを登録する"),
        ("addresses", "iin@example.jp"),
        ("uses", "1"),
        ("until", &until),
    ];
    manager.press("招待を作る", &wish).await.says("招待を作りました");
    // A lane keeps the order: when a later invitation has crossed, so has this one.
    manager.open(&list).await;
    let wish = [
        ("label", "広報委員の補欠"),
        ("kind", "コードを印刷して渡す"),
        ("count", "1"),
        ("uses", "1"),
        ("until", &until),
    ];
    manager.press("招待を作る", &wish).await.says("招待を作りました");
    let code = first_code(&mut manager).await;
    comes_in(&mut counter.citizen().await, &format!("{gate}/{code}")).await;
    let mut by_mail = counter.citizen().await;
    by_mail.open(gate).await;
    by_mail.press("確認のメールを送る", &[("email", "iin@example.jp")]).await;
    let link = counter.link_to("iin@example.jp", "/invited/").await;
    walk.looks(&by_mail, &[("/invited/{token}", &path_of(&link))]).await;
}

/// The counter terminal in the town hall, and the telephone that takes over.
async fn a_terminal(counter: &Counter, walk: &mut Walk) {
    let mut visitor = counter.citizen().await;
    visitor.open("/terminal").await;
    visitor.press("設定する", &[("code", TERMINAL_CODE)]).await.says("市民課 1番");
    visitor.open("/procedures/koho-anketo/start").await;
    visitor.press("入力をはじめる", &[("agree", "利用規約に同意します")]).await;
    let draft = visitor.page.path.split("/pages").next().expect("a draft").to_owned();
    let hand_over = format!("{draft}/handover");
    visitor.open(&hand_over).await;
    visitor.press("二次元コードを表示する", &[]).await.says("読み取ってください");
    let code = visitor.page.path.clone();
    let pages = [
        ("/terminal", "/terminal"),
        ("/terminal/still", "/terminal/still"),
        ("/terminal/ended", "/terminal/ended"),
        ("/drafts/{id}/handover", &hand_over),
        ("/drafts/{id}/handover/{turn}", &code),
    ];
    walk.looks(&visitor, &pages).await;
    visitor.open(&hand_over).await;
    visitor
        .press("メールを送って終了する", &[("email", "madoguchi@example.jp")])
        .await
        .says("終了しました");
    let link = counter.link_to("madoguchi@example.jp", "/handover/").await;
    let nobody = Visitor::new(counter.town.citizens());
    walk.looks(&nobody, &[("/handover/{code}", &path_of(&link))]).await;
}

/// Asking somebody to act for the account, and taking it back.
async fn delegates(taro: &mut Visitor, walk: &mut Walk) {
    let until = day(180);
    taro.open("/delegates/ask").await;
    let wish = [
        ("email", "jiro@example.jp"),
        ("scope", "代理を受け付けるすべての手続き"),
        ("until", &until),
    ];
    taro.press("依頼のメールを送る", &wish).await.says("返事待ち");
    let end = taro.page.link("依頼を取り消す").expect("a link");
    let pages = [
        ("/delegates", "/delegates"),
        ("/delegates/ask", "/delegates/ask"),
        ("/delegates/{id}/end", &end),
    ];
    walk.looks(taro, &pages).await;
}

/// NF-2, NF-10, NN-23: every page of staff.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_staff_is_accessible() {
    let counter = Counter::open();
    let mut walk = Walk::at("staff", counter.town.staff().port()).await;
    walk.looks(&Visitor::new(counter.town.staff()), &[("/login", "/login")]).await;
    desks(&counter, &mut walk).await;

    let mut manager = counter.staff("s0002").await;
    manager.open("/procedures/import").await;
    let document = include_str!("../../deploy/sample-city/procedures/01-juminhyo.json");
    manager.press("点検する", &[("text", document)]).await.says("公開前の確認");
    let preview = manager.page.path.clone();
    manager.open("/procedures").await;
    let shown = manager.page.link("住民票").expect("a procedure");
    let survey = manager.page.link("広報みらい").expect("a procedure with a list");
    let list = format!("{survey}/lists/places");
    let compared = format!("{shown}/compare?from=1&to=1");
    let pages = [
        ("/procedures", "/procedures"),
        ("/procedures/import", "/procedures/import"),
        ("/procedures/imports/{id}", &preview),
        ("/procedures/{id}", &shown),
        ("/procedures/{id}/compare", &compared),
        ("/procedures/{id}/lists/{list}", &list),
    ];
    walk.looks(&manager, &pages).await;
    manager.open("/inbox/labels").await;
    let colours = [("至急", "赤"), ("要確認", "黄"), ("書類待ち", "青緑"), ("電話済", "紫")];
    for (name, colour) in colours {
        manager.press("ラベルを作る", &[("name", name), ("colour", colour)]).await.says(name);
    }
    manager.open("/inbox?order=oldest").await;
    manager.press("保存する", &[("name", "古い順")]).await.says("条件を保存しました");
    let pages =
        ["/inbox", "/inbox/labels", "/inbox/filters", "/inbox/phrases"].map(|path| (path, path));
    walk.looks(&manager, &pages).await;
    let columns = shown.replace("/procedures/", "/inbox/columns?procedure=");
    manager.open(&columns).await;
    manager.press("保存する", &[("name", "全部")]).await.says("列のひな形を保存しました");
    let choice = shown.replace("/procedures/", "/inbox/export?procedure=");
    walk.looks(&manager, &[("/inbox/columns", &columns), ("/inbox/export", &choice)]).await;
    let text = shown.replace("/procedures/", "/procedures/templates/form?for=p:");
    manager.open(&text).await;
    let named = [("name", "交付決定"), ("body", "{number}について決定しました。")];
    manager.press("保存", &named).await.says("ひな形を保存しました");
    let pages =
        [("/procedures/templates", "/procedures/templates"), ("/procedures/templates/form", &text)];
    walk.looks(&manager, &pages).await;
    manager.open(&shown).await;
    manager.press("質問集に入れる", &[]).await.says("質問集に入れました");
    let kept = manager.page.path.clone();
    walk.looks(
        &manager,
        &[("/procedures/bank", "/procedures/bank"), ("/procedures/bank/{id}", &kept)],
    )
    .await;
    manager.open(&shown).await;
    let own = manager.press("写しを作る", &[]).await.path.clone();
    walk.looks(&manager, &[("/procedures/imports/{id}/own", &own)]).await;
    designer(&mut manager, &mut walk).await;
    let (mut inviting, list) = invited_alone(&counter).await;
    let lot = inviting.page.path.clone();
    let slips = inviting.follow("コードの紙を印刷").await.path.clone();
    let pages = [
        ("/procedures/{id}/invitations", list.as_str()),
        ("/procedures/{id}/invitations/{lot}", &lot),
        ("/procedures/{id}/invitations/{lot}/slips", &slips),
    ];
    walk.looks(&inviting, &pages).await;
    manager.open(&format!("{shown}/bundle")).await;
    let bundle = manager.page.body.clone();
    manager.open("/procedures/import").await;
    let file = Attach {
        input: "file",
        name: "juminhyo-1.madoguchi.json",
        media: "application/json",
        bytes: &bundle,
    };
    let brought = manager.press_with("点検する", &[], &[file]).await.path.clone();
    walk.looks(&manager, &[("/procedures/bundles/{id}", &brought)]).await;

    let mut admin = counter.staff("s0001").await;
    // What is risky first and alone: five minutes after a log-in it asks who it is.
    walk.looks(&admin, &[("/account/totp", "/account/totp")]).await;
    let own = ["/account/proof", "/account/recovery"];
    walk.looks(&admin, &own.map(|path| (path, path))).await;
    keys(&counter, &mut admin, &mut walk).await;
    webhooks(&counter, &mut admin, &mut walk).await;
    let list = "職員番号,氏名,所属,役割\n900001,新人 太郎,,監査担当者\n900002,名無し,なし,\n";
    admin.open("/staff/rosters").await;
    let file =
        Attach { input: "file", name: "異動.csv", media: "text/csv", bytes: list.as_bytes() };
    let roster = admin.press_with("取り込んで内容を見る", &[], &[file]).await.path.clone();
    walk.looks(&admin, &[("/staff/rosters/{id}", &roster)]).await;
    let reform = "区分,所属コード,名称,電話番号,場所,引継先,手続\n新設,9090,こども未来課,03-0000-0000,2階,,\n";
    admin.open("/staff/reforms").await;
    let file =
        Attach { input: "file", name: "改正.csv", media: "text/csv", bytes: reform.as_bytes() };
    let reform = admin.press_with("取り込んで内容を見る", &[], &[file]).await.path.clone();
    walk.looks(&admin, &[("/staff/reforms/{id}", &reform)]).await;
    admin.open("/staff").await;
    let list = admin.page.html();
    let mut ids = list.split("/staff/").filter_map(|rest| Some(rest.split_once("/disable")?.0));
    let app = format!("/staff/{}/app", ids.find(|id| id.len() == 26).expect("somebody"));
    walk.looks(&admin, &[("/staff/{id}/app", app.as_str())]).await;
    let pages = [
        "/staff",
        "/staff/new",
        "/staff/reforms",
        "/staff/posts",
        "/staff/rosters",
        "/numbers",
        "/numbers/filling",
        "/numbers/report",
        "/numbers/incidents",
        "/numbers/incidents/new",
        "/exports",
        "/exports/new",
        "/exports/gaiji",
        "/bridge",
        "/keys",
        "/manual",
        "/manual/administrator",
        "/staff/sessions",
    ];
    walk.looks(&admin, &pages.map(|path| (path, path))).await;
    admin.open("/numbers/incidents/new").await;
    let yesterday = day(-1);
    let (began, ended) = (format!("{yesterday}T10:00"), format!("{yesterday}T10:30"));
    let fault = [
        ("kind", "fault"),
        ("affected", "both"),
        ("title", "送信できない"),
        ("began", &began),
        ("ended", &ended),
        ("happened", "10時から30分間、申請を送れませんでした。"),
    ];
    admin.press("保存する", &fault).await;
    let entry = admin.page.link("送信できない").expect("an entry");
    let report = format!("/numbers/report?month={}", &yesterday[..7]);
    let pages = [("/numbers/incidents/{id}", &*entry), ("/numbers/report", &report)];
    walk.looks(&admin, &pages).await;
    let period = "/retention/new?class=applications&years=5&months=";
    admin.open(period).await;
    let why = [("reason", "文書規程の別表による。")];
    let rule = admin.press("この期間を提案する", &why).await.path.clone();
    let pages = [
        ("/retention", "/retention"),
        ("/retention/new", period),
        ("/retention/rules/{id}", &rule),
        ("/retention/tombstones", "/retention/tombstones?check=1"),
    ];
    walk.looks(&admin, &pages).await;
    let lane = "/bridge/lanes/pub.doc";
    let pages = [
        ("/bridge/aside", "/bridge/aside"),
        ("/bridge/lanes/{lane}", lane),
        ("/bridge/lanes/{lane}/{epoch}/{seq}", &format!("{lane}/1/1")),
    ];
    walk.looks(&admin, &pages).await;
    a_generation(&counter, &mut walk, admin.clone()).await;
    let mut half = Visitor::new(counter.town.staff());
    half.open("/login").await;
    let facts = counter.town.facts().expect("accounts");
    let accounts = facts["accounts"].as_array().expect("a list");
    let account = accounts.iter().find(|one| one["login_id"] == "s0001").expect("there");
    let password = account["password"].as_str().expect("text");
    half.press("ログイン", &[("login_id", "s0001"), ("password", password)]).await;
    walk.looks(&half, &[("/login/code", "/login/code")]).await;

    let auditor = counter.staff("s0901").await;
    walk.looks(
        &auditor,
        &["/audit", "/audit/alerts", "/audit/disclosure", "/audit/verify"].map(|path| (path, path)),
    )
    .await;
    let routes = include_str!("../../lgwan-zone/web/src/routes.rs");
    walk.ends(patterns(routes, " get(\"", ","), NO_PAGES, RESULTS, "staff").await;
    counter.close();
}

/// What business systems may ask.
async fn keys(counter: &Counter, admin: &mut Visitor, walk: &mut Walk) {
    admin.open("/staff/keys/new").await;
    let wish = [
        ("name", "住民記録システム"),
        ("purpose", "住民票の写しの請求を受け取る。"),
        ("scopes", "申請を読む(applications.read)"),
        ("departments", "市民課"),
    ];
    counter.risks(admin, "s0001", ("キーを作る", &wish)).await.says("承認待ち");
    admin.open("/staff/keys").await;
    let key = admin.page.link("住民記録システム").expect("a key");
    let mut auditor = counter.staff("s0901").await;
    auditor.open(&key).await;
    counter.risks(&mut auditor, "s0901", ("承認する", &[])).await.says("キーを承認しました");
    admin.open(&key).await;
    let shows = counter.risks(admin, "s0001", ("キーを表示する", &[])).await;
    shows.says("APIキーを作りました");
    walk.looks(
        admin,
        &[
            ("/staff/keys/{id}", key.as_str()),
            ("/staff/keys", "/staff/keys"),
            ("/staff/keys/new", "/staff/keys/new"),
        ],
    )
    .await;
}

/// What business systems are told.
async fn webhooks(counter: &Counter, admin: &mut Visitor, walk: &mut Walk) {
    admin.open("/staff/webhooks/new").await;
    let wish =
        [("url", "http://127.0.0.1:9/hook"), ("events", "受付済になった(application.accepted)")];
    counter.risks(admin, "s0001", ("作る", &wish)).await.says("Webhookを作りました");
    let shown = admin.page.link("Webhookの画面へ").expect("a link");
    let pages = [
        ("/staff/webhooks", "/staff/webhooks"),
        ("/staff/webhooks/new", "/staff/webhooks/new"),
        ("/staff/webhooks/{id}", shown.as_str()),
    ];
    walk.looks(admin, &pages).await;
}

/// Every page of the designer, of a procedure with a condition and a calculation.
async fn designer(manager: &mut Visitor, walk: &mut Walk) {
    manager.open("/procedures").await;
    let shown = manager.page.link("設備導入補助金").expect("a procedure with a calculation");
    manager.open(&shown).await;
    let base = manager.press("画面で編集する", &[]).await.path.clone();
    let pages = [
        ("/procedures/designs", "/procedures/designs".to_owned()),
        ("/procedures/designs/new", "/procedures/designs/new".to_owned()),
        ("/procedures/designs/{id}", base.clone()),
        ("/procedures/designs/{id}/pages/{page}", format!("{base}/pages/cost")),
        ("/procedures/designs/{id}/add/{into}", format!("{base}/add/cost")),
        ("/procedures/designs/{id}/questions/{field}", format!("{base}/questions/plan")),
        ("/procedures/designs/{id}/conditions/{of}/{part}", format!("{base}/conditions/plan/when")),
        ("/procedures/designs/{id}/calculations/{field}", format!("{base}/calculations/total")),
        ("/procedures/designs/{id}/settings/{section}", format!("{base}/settings/applicants")),
        ("/procedures/designs/{id}/files", format!("{base}/files")),
        ("/procedures/designs/{id}/texts/{lang}", format!("{base}/texts/en?page=cost")),
        ("/procedures/designs/{id}/preview", format!("{base}/preview")),
        ("/procedures/designs/{id}/trial", format!("{base}/trial")),
    ];
    let pages: Vec<(&str, &str)> = pages.iter().map(|(one, path)| (*one, path.as_str())).collect();
    walk.looks(manager, &pages).await;
}

/// A job that takes what is on the desks, its first generation, and a record it was not taken in.
async fn a_generation(counter: &Counter, walk: &mut Walk, mut admin: Visitor) {
    let states = ["arrived", "accepted", "reviewing", "notified", "done", "rejected"];
    let definition = serde_json::json!({
        "job": "ichiran", "procedures": ["01kn35e000p10vamgtbq15jnjc"], "states": states,
        "layout": {"name": "ichiran", "version": 1, "columns": [
            {"id": "number", "header": "受付番号", "source": {"system": "receipt_number"}}
        ]}
    })
    .to_string();
    admin.open("/exports/new").await;
    admin.press("取り込む", &[("definition", &definition)]).await.says("取り込みました");
    admin.press("今すぐ出力する", &[]).await;
    let generation = server_b::first_generation(counter, "ichiran");
    let data = server_b::checked_data(&generation);
    let text = String::from_utf8(data).expect("UTF-8");
    let number = text.lines().nth(1).expect("a record").trim_matches('"').to_owned();
    server_b::fails(&generation, &format!("{number},住所コードがありません\n"));
    counter.until(&mut admin, "/exports/ichiran", "取込エラー").await;
    let page = "/exports/ichiran/generations/1";
    admin.open(page).await.says(&number).says("住所コードがありません");
    let pages =
        [("/exports/{job}", "/exports/ichiran"), ("/exports/{job}/generations/{number}", page)];
    walk.looks(&admin, &pages).await;
}

/// NF-26, NN-23, NF-62: what the pages say of bad input is accessible too, wide and narrow.
#[tokio::test(flavor = "multi_thread")]
async fn answers_to_bad_input_are_accessible() {
    let counter = Counter::open();
    let (citizens, staff) = (counter.town.citizens(), counter.town.staff());
    let guest = [
        ("/login", "ログイン"),
        ("/register", "メールを送る"),
        ("/lookup", "確認する"),
        ("/procedures/koho-anketo/start", "入力をはじめる"),
        ("/procedures/juminhyo/start", "申請を始めるメールを送る"),
        ("/procedures/hikkoshi-guide/guide", "次へ進む"),
    ];
    let mut walk = Walk::at("citizens", citizens.port()).await;
    walk.refused(&Visitor::new(citizens), &guest).await;
    walk.ends(BTreeSet::new(), &[], RESULTS, "citizens-refused").await;
    let mut walk = Walk::at("staff", staff.port()).await;
    walk.refused(&Visitor::new(staff), &[("/login", "ログイン")]).await;
    let admin = counter.staff("s0001").await;
    let forms = [
        ("/staff/new", "作る"),
        ("/staff/keys/new", "キーを作る"),
        ("/account/password", "変更する"),
    ];
    walk.refused(&admin, &forms).await;
    let picture = photograph();
    let (_, slip) = counter
        .applies_for_residence_record("誤入力", "gonyuryoku@example.jp", &[licence(&picture)])
        .await;
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    clerk.press("受け付ける", &[]).await;
    clerk.press("審査を始める", &[]).await;
    let (reject, back) = (format!("{desk}/reject"), format!("{desk}/correction"));
    let forms = [(reject.as_str(), "却下する"), (back.as_str(), "差し戻す")];
    walk.refused(&clerk, &forms).await;
    walk.ends(BTreeSet::new(), &[], RESULTS, "staff-refused").await;
    counter.close();
}

/// What a member of staff applies for themselves: the list, the form, what became of it.
async fn an_internal(clerk: &mut Visitor, walk: &mut Walk) {
    clerk.open("/internal").await;
    walk.looks(clerk, &[("/internal", "/internal")]).await;
    clerk.press("入力を始める", &[]).await.says("送信する");
    let page = clerk.page.path.clone();
    walk.looks(clerk, &[("/internal/drafts/{id}", page.as_str())]).await;
    clerk.press("送信する", &[("course", "窓口の応対")]).await.says("職員が申請しました");
    let page = clerk.page.path.clone();
    walk.looks(clerk, &[("/internal/applications/{id}", page.as_str())]).await;
}

/// What came by post: the choice, the form, and what can be done with it.
async fn an_entry(clerk: &mut Visitor, walk: &mut Walk) {
    clerk.open("/inbox/entry").await;
    walk.looks(clerk, &[("/inbox/entry", "/inbox/entry")]).await;
    clerk.press("入力を始める", &[("channel", "郵送")]).await.says("この内容で受け付ける");
    let page = clerk.page.path.clone();
    walk.looks(clerk, &[("/inbox/entry/{id}", page.as_str())]).await;
}

async fn desks(counter: &Counter, walk: &mut Walk) {
    let picture = photograph();
    let mut clerk = counter.staff("s0101").await;
    let own = ["/inbox", "/inbox/documents", "/inbox/export", "/account", "/account/password"];
    let (mut kou, first) =
        counter.applies_for_residence_record("甲野", "kou@example.jp", &[licence(&picture)]).await;
    counter.takes_up(&mut clerk, &first.number).await;
    walk.looks(&clerk, &own.map(|path| (path, path))).await;
    let desk = clerk.page.path.clone();
    let name = format!("{}.pdf", first.number);
    let pdf = b"%PDF-1.7\n%%EOF\n";
    let file = Attach { input: "files", name: &name, media: "application/pdf", bytes: pdf };
    clerk.open("/inbox/documents").await;
    clerk.press_with("申請との対応を確かめる", &[], &[file]).await.says("今の状態ではできません");
    let batch = clerk.page.path.clone();
    walk.looks(&clerk, &[("/inbox/batches/{id}", batch.as_str())]).await;
    clerk.open("/inbox").await;
    clerk.press("差し戻す (条件に合う申請すべて)", &[]).await.says("直してもらう項目");
    let batch = clerk.page.path.clone();
    walk.looks(&clerk, &[("/inbox/batches/{id}", batch.as_str())]).await;
    an_entry(&mut clerk, walk).await;
    an_internal(&mut clerk, walk).await;
    clerk.open(&desk).await;
    let (correction, refuse) = (format!("{desk}/correction"), format!("{desk}/refuse"));
    let (noted, check) = (format!("{desk}/staff-fields"), format!("{desk}/check"));
    let hand = format!("{desk}/hand-over");
    let pages = [
        ("/applications/{id}", desk.as_str()),
        ("/applications/{id}/staff-fields", &noted),
        ("/applications/{id}/check", &check),
        ("/applications/{id}/correction", &correction),
        ("/applications/{id}/refuse", &refuse),
        ("/applications/{id}/hand-over", &hand),
    ];
    walk.looks(&clerk, &pages).await;
    let (manager, close) = (counter.staff("s0002").await, format!("{desk}/close"));
    walk.looks(&manager, &[("/applications/{id}/close", close.as_str())]).await;
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    clerk.press("審査を始める", &[]).await;
    an_inquiry(counter, &mut clerk, (&desk, &first.number), walk).await;
    let mine = kou.page.path.replace("/receipt", "");
    counter.until(&mut kou, &mine, "審査中").await;
    kou.follow("取下げを申し出る").await;
    kou.press("取下げを申し出る", &[("reason", "転居のため")]).await.says("申し出ました");
    counter.until(&mut clerk, &desk, "取下げの申出があります").await;
    let back = format!("{desk}/withdrawal");
    walk.looks(&clerk, &[("/applications/{id}/withdrawal", back.as_str())]).await;
    let (reject, result) = (format!("{desk}/reject"), format!("{desk}/result"));
    let pages =
        [("/applications/{id}/reject", reject.as_str()), ("/applications/{id}/result", &result)];
    walk.looks(&clerk, &pages).await;
    clerk.open(&reject).await;
    clerk.press("却下する", &[("reason", "要件を満たさないため")]).await.says("却下しました");
    let reopen = format!("{desk}/reopen");
    walk.looks(&manager, &[("/applications/{id}/reopen", reopen.as_str())]).await;
}

/// 意見照会: what another department is asked, and its side of it.
async fn an_inquiry(
    counter: &Counter,
    clerk: &mut Visitor,
    (desk, number): (&str, &str),
    walk: &mut Walk,
) {
    let form = format!("{desk}/inquiries/new");
    clerk.open(&form).await;
    walk.looks(clerk, &[("/applications/{id}/inquiries/new", form.as_str())]).await;
    let wish =
        [("department", "こども家庭課"), ("question", "支障はありますか。"), ("fields", "copies")];
    clerk.press("照会する", &wish).await.says("意見を照会しました");
    walk.looks(clerk, &[("/applications/{id}", desk)]).await;
    let mut other = counter.staff("s0102").await;
    other.open("/inquiries").await;
    let shown = other.page.link(number).expect("the request");
    let pages = [("/inquiries", "/inquiries"), ("/inquiries/{id}", &*shown)];
    walk.looks(&other, &pages).await;
}

/// Asking somebody to agree before it is sent, and the page on which they do.
async fn cosigners(counter: &Counter, taro: &mut Visitor, walk: &mut Walk) {
    taro.open("/procedures/gakudo-nyukai/start").await;
    taro.press("入力をはじめる", &[]).await.says("お子さま");
    let child = [
        ("child.family", "未来"),
        ("child.given", "光"),
        ("child.family_kana", "ミライ"),
        ("child.given_kana", "ヒカル"),
        ("grade", "2年生"),
        ("parents", "2人"),
    ];
    taro.press("次へ進む", &child).await;
    taro.press("次へ進む", &[("reason", "2人とも昼間は仕事です。")]).await.says("もう一人の保護者");
    taro.follow("同意をお願いする").await;
    let asked = taro.page.path.clone();
    walk.looks(taro, &[("/drafts/{id}/cosigners", &asked)]).await;
    let other = [("name.other_parent.1", "未来 桜"), ("email.other_parent.1", "sakura@example.jp")];
    taro.press("お願いのメールを送る", &other).await.says("返事待ち");
    let _ = counter.town.mail.wait_for("sakura@example.jp", 1);
    let mut sakura = counter.registered("sakura@example.jp").await;
    sakura.open("/mypage").await.says("同意（連署）をお願いされている申請");
    let page = sakura.page.link("放課後児童クラブの入会申込").expect("a link");
    walk.looks(&sakura, &[("/cosign/{id}", &page)]).await;
}
