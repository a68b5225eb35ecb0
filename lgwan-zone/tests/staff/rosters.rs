//! Lists of staff, handed in by an administrator.

use jiff::SignedDuration;
use lgwan_zone::commands::publish;
use lgwan_zone::rosters::take_over;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::rosters::{self, NewRoster};
use platform_testkit::on_both_databases;

use crate::browser::{Answer, Browser};
use crate::city::{self, CHILDREN, COPY};
use crate::desk::Desk;

const LISTS: &str = "/staff/rosters";

async fn hands_in(browser: &Browser, text: &str, whole: bool) -> Answer {
    let fields: &[(&str, &str)] = if whole { &[("whole", "1")] } else { &[] };
    let file = Some(("file", "異動.csv", text.as_bytes()));
    browser.upload(LISTS, LISTS, fields, file).await
}

/// NB-7.1, NF-40, NF-10, NF-21: a list is looked at before anything happens; each wrong line is named, and
/// the good ones can be taken over. Who joined can log in with the password that is handed out.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_looked_at_and_taken_over() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let list = "職員番号,氏名,所属,メールアドレス\n\
        uketsuke,受付 三郎,shimin/kodomo,uketsuke@city.example.jp\n\
        900001,新人 太郎,shimin,\n900002,名無し,nowhere,\n";
    let sent = hands_in(&admin, list, true).await;
    let at = sent.location();
    assert!(at.ends_with("?said=not_whole"), "{at}");
    let page = admin.get(&at).await.text();
    for words in
        ["読めない行が1行", "4行目: 「nowhere」", "新人 太郎", "所属: 市民課 → ", "一部の名簿"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("利用を止める</h2>"), "with wrong lines nobody is stopped");
    assert!(
        !admin.get("/staff?words=900001").await.text().contains("新人"),
        "nothing happened yet"
    );

    let path = at.trim_end_matches("?said=not_whole").to_owned();
    assert_eq!(admin.post(&path, &path, &[("do", "apply")]).await.status, 303);
    let page = admin.get(&path).await.text();
    assert!(page.contains("作成1人、変更1人、停止0人"), "{page}");
    let twice = admin.post("/staff/new", &path, &[("do", "apply")]).await;
    assert_eq!(twice.status, 409, "a list is taken over once");

    let nobody = desk.browser();
    let wrong = [("login_id", "900001"), ("password", "")];
    assert_eq!(nobody.post("/login", "/login", &wrong).await.status, 422);
    let page = admin.get("/staff?without=1").await.text();
    let id = page.split("name=\"one\" value=\"").nth(1).and_then(|it| it.split('"').next());
    let one = [("one", id.expect("a person"))];
    let (first, second) = tokio::join!(
        admin.post("/staff", "/staff/passwords", &one),
        admin.post("/staff", "/staff/passwords", &one)
    );
    let mut pages = vec![first, second];
    pages.retain(|page| page.status == 200);
    assert_eq!(pages.len(), 1, "pressed twice, one password is handed out");
    let handed = pages[0].text();
    let password = handed.split("class=\"secret\">").nth(1).and_then(|it| it.split('<').next());
    let right = [("login_id", "900001"), ("password", password.expect("a password"))];
    let entered = nobody.post("/login", "/login", &right).await;
    assert_eq!(entered.location(), "/account/password", "an own password comes first");
    desk.closes().await;
}

/// NB-7.1: a file that is larger than the page takes is named there with the limit.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_too_large_is_told_on_its_page() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let told = hands_in(&admin, &"x".repeat(13 * 1024 * 1024), true).await;
    assert_eq!(told.status, 422, "{}", told.text());
    let ticked = "name=\"whole\" value=\"1\" checked";
    for words in ["「異動.csv」は大きすぎます", "8MBまでのもの", "href=\"#file\"", ticked]
    {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    desk.closes().await;
}

/// NF-40: a list of a transfer waits for its day; then people move together, and what they may
/// not see any more is closed at once. A whole list stops who is not on it, never an administrator.
#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_happens_on_its_day() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let clerk = desk.logged_in("uketsuke").await;
    let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,kodomo\ntetsuzuki,手続 次郎,shimin\n";
    let path = hands_in(&admin, list, true).await.location();
    let page = admin.get(&path).await.text();
    for words in ["利用を止める", "一覧にないシステム管理者", "全職員の名簿"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    let today = [("do", "wait"), ("day", "2026-11-20")];
    let refused = admin.post(&path, &path, &today).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("明日以降の日"));
    let day = [("do", "wait"), ("day", "2026-11-21")];
    assert_eq!(admin.post(&path, &path, &day).await.status, 303);
    take_over(&desk.store, &desk.clock).await.expect("nothing is due");
    assert_eq!(clerk.get("/inbox").await.status, 200);

    desk.clock.advance(SignedDuration::from_hours(14));
    take_over(&desk.store, &desk.clock).await.expect("taken over");
    assert_eq!(clerk.get("/inbox").await.location(), "/login?to=%2Finbox", "moved");
    let moved = desk.logged_in("uketsuke").await.get("/account").await.text();
    assert!(moved.contains("こども課") && !moved.contains("市民課"), "{moved}");
    let stopped = [("login_id", "kansa"), ("password", desk.passwords["kansa"].0.as_str())];
    assert_eq!(desk.browser().post("/login", "/login", &stopped).await.status, 422);
    let admin = desk.logged_in("kanri").await;
    assert_eq!(admin.get("/staff").await.status, 200);
    let back = "職員番号,氏名,所属\nkansa,監査 六郎,shimin\n";
    let path = hands_in(&admin, back, false).await.location();
    let page = admin.get(&path).await.text();
    assert!(page.contains("一覧にいて、利用を止めてある職員"), "who is stopped is named: {page}");
    desk.closes().await;
}

/// NF-40: a list that waits for its day stands on the page of lists until then, whatever is handed in later.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_waits_stays_on_the_page() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,kodomo\n";
    let waits = hands_in(&admin, list, false).await.location();
    let day = [("do", "wait"), ("day", "2026-11-25")];
    assert_eq!(admin.post(&waits, &waits, &day).await.status, 303);
    let mut later = Vec::new();
    for _ in 0..21 {
        desk.clock.advance(SignedDuration::from_secs(1));
        later.push(hands_in(&admin, list, false).await.location());
    }
    let page = admin.get(LISTS).await.text();
    let shown = |path: &str| page.contains(&format!("href=\"{path}\""));
    assert!(shown(&waits) && page.contains("2026-11-25に反映"), "{page}");
    assert!(!shown(&later[0]) && shown(&later[1]), "of the others the newest 20: {page}");
    assert!(!page.contains("だけを先に表示しています"), "{page}");
    desk.closes().await;
}

/// NF-40, NB-6.5: a list that goes with a reform stands on the page of lists as long as the reform waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_of_a_reform_that_waits_stays_on_the_page() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let lines = "区分,所属コード,名称,電話番号,場所,引継先,手続\n変更,kodomo,子ども課,,,,\n";
    let file = Some(("file", "組織改正.csv", lines.as_bytes()));
    let reform = admin.upload("/staff/reforms", "/staff/reforms", &[], file).await.location();
    let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,kodomo\n";
    let file = Some(("file", "異動.csv", list.as_bytes()));
    let goes = admin.upload(&reform, &format!("{reform}/roster"), &[], file).await.location();
    let day = [("do", "wait"), ("day", "2026-11-25")];
    assert_eq!(admin.post(&reform, &reform, &day).await.status, 303);
    let mut later = Vec::new();
    for _ in 0..21 {
        desk.clock.advance(SignedDuration::from_secs(1));
        later.push(hands_in(&admin, list, false).await.location());
    }
    let shown = |page: &str, path: &str| page.contains(&format!("href=\"{path}\""));
    let page = admin.get(LISTS).await.text();
    assert!(shown(&page, &goes) && page.contains("組織改正と同時に反映"), "{page}");
    assert_eq!(page.matches(&format!("href=\"{goes}\"")).count(), 1, "{page}");
    assert!(!shown(&page, &later[0]) && shown(&page, &later[1]), "beside it the newest 20: {page}");

    assert_eq!(admin.post(&reform, &reform, &[("do", "drop")]).await.status, 303);
    let page = admin.get(LISTS).await.text();
    assert!(!shown(&page, &goes), "given up with the reform, it is one of the others: {page}");
    desk.closes().await;
}

/// NF-40: that some of the lists that wait are left out is said when there are more than are shown.
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_wait_are_cut_with_a_word() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    for (numbers, cut) in [(0..50, false), (50..51, true)] {
        let by = By::cli(desk.clock.now());
        let kept = desk.store.write(move |tx| {
            for number in numbers {
                let new = NewRoster {
                    id: format!("{number:026}"),
                    file_name: format!("異動{number}.csv"),
                    whole: false,
                    rows: Vec::new(),
                    faults: Vec::new(),
                };
                rosters::keep(tx, &by, &new)?;
                rosters::wait(tx, &by, &new.id, "2026-11-25")?;
            }
            Ok(())
        });
        kept.await.expect("kept");
        let page = admin.get(LISTS).await.text();
        assert_eq!(page.matches("2026-11-25に反映").count(), 50, "{page}");
        assert_eq!(page.contains("50件だけを先に表示しています"), cut, "{page}");
    }
    desk.closes().await;
}

/// Hands a list in, sees that these words are on its page, and takes it over.
async fn takes_over(browser: &Browser, list: &str, words: &[&str]) {
    let path = hands_in(browser, list, false).await.location();
    let page = browser.get(&path).await.text();
    for words in words {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert_eq!(browser.post(&path, &path, &[("do", "apply")]).await.status, 303);
}

/// NB-7.1, NF-40: a list without the column of addresses leaves everybody's; one that has it and says nothing
/// takes it away, and says so before.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_without_addresses_leaves_them() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let head = "職員番号,氏名,所属";
    let list =
        format!("{head},メールアドレス\nuketsuke,受付 三郎,shimin,uketsuke@city.example.jp\n");
    takes_over(&admin, &list, &["uketsuke@city.example.jp"]).await;
    let without = format!("{head}\nuketsuke,受付 三郎,shimin\n");
    let path = hands_in(&admin, &without, false).await.location();
    let page = admin.get(&path).await.text();
    assert!(page.contains("変わるところはありません"), "{page}");
    let moved = format!("{head}\nuketsuke,受付 三郎,kodomo\n900001,新人 太郎,shimin\n");
    takes_over(&admin, &moved, &["所属: 市民課 → こども課", "新人 太郎"]).await;
    let saved = admin.get("/staff/file").await.text();
    assert!(saved.contains("kodomo,uketsuke@city.example.jp"), "{saved}");
    let empty = format!("{head},メールアドレス\nuketsuke,受付 三郎,kodomo,\n");
    takes_over(&admin, &empty, &["uketsuke@city.example.jp → なし"]).await;
    let saved = admin.get("/staff/file").await.text();
    assert!(!saved.contains("uketsuke@city.example.jp"), "{saved}");
    desk.closes().await;
}

on_both_databases!(
    /// NF-38, NF-39, NB-7.1: somebody with several departments (兼務) has in each the role that is named
    /// for it: manages procedures there and not here, on the pages and at the command line. What a list
    /// does not name stays; posts are as its column says; what is lost is lost at once.
    a_role_is_one_of_a_department,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let admin = desk.logged_in("kanri").await;
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get("/procedures/designs").await.status, 403);
        let list = "職員番号,氏名,所属,役職\n\
            uketsuke,受付 三郎,shimin/kodomo=手続管理者,kodomo=係長/shimin=@主査\n\
            shinsa,審査 四葉,shimin=監査担当者,\nkodomo,児童 五月,kodomo,shimin=課長\n";
        let words = [
            "こども課(手続管理者)",
            "市民課の主査",
            "「監査担当者」は、所属ごとに付けられる役割ではありません",
            "役職「shimin=課長」を読めません",
        ];
        takes_over(&admin, list, &words).await;
        assert_eq!(clerk.get("/inbox").await.status, 303, "who has another role logs in anew");

        let clerk = desk.logged_in("uketsuke").await;
        let account = clerk.get("/account").await.text();
        assert!(account.contains("市民課、こども課(手続管理者)"), "{account}");
        assert_eq!(clerk.get("/procedures/designs").await.status, 200);
        let close = format!("/procedures/{COPY}/close");
        let page = format!("/procedures/{COPY}");
        assert_eq!(clerk.get(&page).await.status, 200, "as a clerk of 市民課");
        assert_eq!(clerk.post("/account/password", &close, &[]).await.status, 403);
        let mut theirs = city::definition(&["accept"]);
        theirs["id"] = "00000000000000000000000012".into();
        theirs["slug"] = "hoiku".into();
        theirs["department"] = CHILDREN.into();
        for (name, definition, may) in [
            ("theirs.json", theirs, true),
            ("ours.json", city::definition(&["accept", "review"]), false),
        ] {
            let file = desk.file(name, &definition.to_string());
            let done = publish(&desk.config, &desk.clock, "uketsuke", &[file], None).await;
            assert_eq!(done.is_ok(), may, "{name}: {done:?}");
        }
        let posts = admin.get("/staff/posts").await.text();
        assert!(posts.contains("係長") && posts.contains("主査"), "{posts}");

        let saved = admin.get("/staff/file").await.text();
        assert!(saved.contains("kodomo=手続管理者/shimin"), "{saved}");
        assert!(saved.contains("kodomo=係長/shimin=主査"), "{saved}");
        for same in [saved.as_str(), "職員番号,氏名,所属\nuketsuke,受付 三郎,shimin/kodomo\n"] {
            let path = hands_in(&admin, same, false).await.location();
            let page = admin.get(&path).await.text();
            assert!(page.contains("変わるところはありません"), "{page}");
        }

        let list = "職員番号,氏名,所属,役職\nuketsuke,受付 三郎,shimin/kodomo=業務担当者,\n";
        let words = ["こども課(手続管理者)、市民課 → こども課(業務担当者)、市民課", "市民課の主査 → なし"];
        takes_over(&admin, list, &words).await;
        assert_eq!(clerk.get("/procedures/designs").await.status, 303, "its log-ins are over");
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get("/procedures/designs").await.status, 403);
        let posts = admin.get("/staff/posts").await.text();
        assert!(!posts.contains("係長") && !posts.contains("主査"), "{posts}");
        desk.closes().await;
    }
);

/// NF-38: a role of one department is used from the addresses of that role alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_of_a_department_has_its_networks() {
    let desk = Desk::with(|config| {
        config.networks.procedure_manager = vec!["127.0.0.2/32".parse().expect("a network")];
    })
    .await;
    let admin = desk.logged_in("kanri").await;
    takes_over(&admin, "職員番号,氏名,所属\nuketsuke,受付 三郎,shimin/kodomo=手続管理者\n", &[])
        .await;
    let clerk = desk.logged_in("uketsuke").await;
    let account = clerk.get("/account").await.text();
    assert!(account.contains("市民課") && !account.contains("こども課"), "{account}");
    assert_eq!(clerk.get("/procedures/designs").await.status, 403);
    let there = clerk.from("127.0.0.2");
    assert_eq!(there.get("/procedures/designs").await.status, 200);
    desk.closes().await;
}

on_both_databases!(
    /// NB-7.1: a list of 12,000 people, saved as a file and handed in again, changes nothing; no name of
    /// it is calculated by a spreadsheet on the way.
    a_saved_list_changes_nothing,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let admin = desk.logged_in("kanri").await;
        let mut list = "職員番号,氏名,所属,役割\n".to_owned();
        for number in 0..12_000 {
            list.push_str(&format!("{number:06},職員{number},shimin/kodomo,業務担当者\n"));
        }
        list = list.replace(",職員7,", ",=HYPERLINK(1),");
        let path = hands_in(&admin, &list, false).await.location();
        assert_eq!(admin.post(&path, &path, &[("do", "apply")]).await.status, 303);
        let page = admin.get("/staff?words=%E8%81%B7%E5%93%A11&page=2").await.text();
        assert!(page.contains("前の50人") && page.contains("次の50人"), "{page}");
        let saved = admin.get("/staff/file").await;
        assert_eq!(saved.headers["cache-control"], "no-store");
        let saved = saved.text();
        assert!(saved.contains("000007,'=HYPERLINK(1),"), "text, never run");
        assert_eq!(saved.lines().count(), 12_007);
        let path = hands_in(&admin, &saved, true).await.location();
        let page = admin.get(&path).await.text();
        assert!(page.contains("変わるところはありません"), "{page}");
        desk.closes().await;
    }
);

/// What is wrong with a person of a list of 12,000, one in 300: the line as it stands there and the
/// words it is named with.
fn wrong(number: usize) -> Option<(String, &'static str)> {
    let line = |id: &str, name: &str, rest: &str| format!("{id},{name},{rest}");
    let id = format!("{number:06}");
    (number % 300 == 7).then(|| match number / 300 % 4 {
        0 => (line(&id, "甲野", "nowhere"), "「nowhere」という所属コードはありません。"),
        1 => (line(&id, "", "shimin"), "氏名を60文字以内で入れてください。"),
        2 => (line("x", "甲野", "shimin"), "職員番号「x」は使えません。"),
        _ => (line(&id, "甲野", "shimin,余り"), "見出しと項目の数が合いません(4個)。"),
    })
}

/// NB-7.1, NF-40: of a list of 12,000 people each of the 40 wrong lines is named, and the others wait
/// for their day and are taken over. Of a list that was cut off on its way nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn forty_wrong_lines_of_twelve_thousand_are_named() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let (mut list, mut named) = ("職員番号,氏名,所属\n".to_owned(), Vec::new());
    for number in 0..12_000 {
        match wrong(number) {
            Some((line, words)) => {
                list.push_str(&line);
                named.push(format!("<li>{}行目: {words}", number + 2));
            }
            None => list.push_str(&format!("{number:06},甲野{number},shimin/kodomo")),
        }
        list.push('\n');
    }
    assert_eq!(named.len(), 40);

    admin.upload_cut(LISTS, LISTS, ("file", "異動.csv", list.as_bytes())).await;
    assert!(!admin.get(LISTS).await.text().contains("これまでの名簿"), "nothing of half a list");

    let at = hands_in(&admin, &list, true).await.location();
    assert!(at.ends_with("?said=not_whole"), "{at}");
    let path = at.trim_end_matches("?said=not_whole").to_owned();
    let page = admin.get(&path).await.text();
    assert!(page.contains("読めない行が40行"), "{page}");
    for words in &named {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(page.contains("11960人"), "{page}");

    let day = [("do", "wait"), ("day", "2026-11-21")];
    assert_eq!(admin.post(&path, &path, &day).await.status, 303);
    take_over(&desk.store, &desk.clock).await.expect("nothing is due");
    let somebody = "/staff?words=011999";
    assert!(!admin.get(somebody).await.text().contains("甲野11999"), "they wait");
    desk.clock.advance(SignedDuration::from_hours(14));
    take_over(&desk.store, &desk.clock).await.expect("taken over");
    let admin = desk.logged_in("kanri").await;
    let page = admin.get(&path).await.text();
    assert!(page.contains("作成11960人、変更0人、停止0人"), "{page}");
    assert!(admin.get(somebody).await.text().contains("甲野11999"));
    // Nobody came of the first wrong line.
    assert!(!admin.get("/staff?words=000007").await.text().contains("甲野"));
    desk.closes().await;
}

/// NB-7.1: a file that is no list is told why, and nothing is kept of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_list_is_told_why() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    for (text, words) in [
        ("", "1人も入っていません"),
        ("番号,氏名\n1,甲\n", "「職員番号」という見出しがありません"),
        ("PK\u{0}", "CSVとして読めません"),
    ] {
        let answer = hands_in(&admin, text, false).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains(words), "{words}: {}", answer.text());
    }
    let page = admin.get(LISTS).await.text();
    assert!(!page.contains("これまでの名簿"));
    desk.closes().await;
}

/// NF-40, NF-24: the list of staff goes out as a spreadsheet and in Shift_JIS too; what Shift_JIS cannot
/// hold is named at the end of its line, and nothing is a formula.
#[tokio::test(flavor = "multi_thread")]
async fn the_list_of_staff_goes_out_in_every_shape() {
    let desk = Desk::open().await;
    let admin = desk.logged_in("kanri").await;
    let list = "職員番号,氏名,所属\nuketsuke,𠮷田 三郎,shimin\nshinsa,=HYPERLINK(1),shimin\n";
    let path = hands_in(&admin, list, false).await.location();
    assert_eq!(admin.post(&path, &path, &[("do", "apply")]).await.status, 303);
    let book = admin.get("/staff/file?encoding=xlsx").await;
    assert_eq!(book.headers["cache-control"], "no-store");
    assert!(book.headers["content-type"].to_str().expect("ASCII").ends_with("spreadsheetml.sheet"));
    assert!(book.bytes.starts_with(b"PK"));
    let old = admin.get("/staff/file?encoding=cp932").await;
    assert_eq!(old.headers["content-type"], "text/csv; charset=Shift_JIS");
    let said = |bytes: &[u8]| old.bytes.windows(bytes.len()).any(|part| part == bytes);
    assert!(said(b"2: U+20BB7") && said(b"'=HYPERLINK(1)"), "{}", old.text());
    let plain = admin.get("/staff/file").await.text();
    assert!(plain.contains("𠮷田 三郎"), "{plain}");
    desk.closes().await;
}
