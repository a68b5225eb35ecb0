//! Applications that came on paper, by phone or by fax and are entered by staff (IK-2.1.2a3).

use bridge_lanes::Leapt;
use diesel::RunQueryDsl as _;
use jiff::SignedDuration;
use lgwan_zone_store::applications::{entered, file, inbox};
use lgwan_zone_store::lanes::{self, Lane};
use lgwan_zone_store::notices::{self, TOLD};
use lgwan_zone_web::letters;
use platform_service::halts::Halt;
use platform_testkit::on_both_databases;

use crate::browser::{Answer, Browser};
use crate::city;
use crate::desk::Desk;
use crate::signatory::run;

const PDF: &[u8] = b"%PDF-1.7\nscan\n%%EOF\n";
const SHOWN: [(&str, &str); 5] = [
    ("_shown", "name"),
    ("_shown", "phone"),
    ("_shown", "kind"),
    ("_shown", "reason"),
    ("_shown", "proof"),
];
const PERSON: [(&str, &str); 6] = [
    ("name.family", "山田"),
    ("name.given", "花子"),
    ("name.family_kana", "ヤマダ"),
    ("name.given_kana", "ハナコ"),
    ("kind", "all"),
    ("reason", "銀行の手続きのため"),
];

/// Begins an entry; gives the address of its page.
async fn begins(clerk: &Browser, channel: &str, day: &str) -> String {
    let wish = [("procedure", city::COPY), ("channel", channel), ("received_on", day)];
    let begun = clerk.post("/inbox/entry", "/inbox/entry", &wish).await;
    assert_eq!(begun.status, 303, "{}", begun.text());
    begun.location()
}

/// Sends the page with these fields over the usual ones.
async fn presses(
    clerk: &Browser,
    page: &str,
    head: (&str, &str, &str),
    more: &[(&str, &str)],
    file: Option<(&str, &str, &[u8])>,
) -> Answer {
    let (seen, channel, day) = head;
    let mut fields = vec![("_seen", seen), ("_channel", channel), ("_received_on", day)];
    fields.extend(SHOWN);
    fields.extend(PERSON);
    fields.extend(more);
    clerk.upload(page, page, &fields, file).await
}

/// The application behind the page of an entry that was sent.
async fn made(desk: &Desk, clerk: &Browser, page: &str, number: &str) -> String {
    let done = clerk.get(page).await.text();
    let at = done.find(number).unwrap_or_else(|| panic!("{number} in {done}"));
    let whole: String =
        done[at..].chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    let found = desk.store.read(move |db| inbox::id_of(db, &whole)).await.expect("readable");
    found.expect("an application of this number")
}

/// The application of somebody who stood at the counter, as its clerk entered it; gives its id.
async fn taken_in(desk: &Desk, clerk: &Browser) -> String {
    let page = begins(clerk, "counter", "2026-11-20").await;
    let head = ("1", "counter", "2026-11-20");
    let sent = presses(clerk, &page, head, &[("_do", "send")], None).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    made(desk, clerk, &page, "2026-900000001-").await
}

on_both_databases!(
    /// IK-2.1.2a3: what came by post is entered with the checks of the form; a fault is taken with a
    /// reason that stays; deadlines count from the day of receipt; then it is an application like
    /// any other, but nothing of it goes to the citizens' zone. Pressing twice makes one.
    an_application_on_paper_is_entered_like_any_other,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|definition| {
            definition["workflow"]["expected_days"] = 10.into();
            let more = serde_json::json!([
                {"id": "visit", "label": "受け取りの日時", "kind": {"type": "slot",
                    "dates": ["2026-12-01"], "times": ["14:00"], "minutes": 30, "capacity": {"max": 3}}},
                {"id": "died", "label": "亡くなった日", "kind": {"type": "date", "partial": true}},
                {"id": "cost", "label": "手数料", "kind": {"type": "fee", "lines": [
                    {"id": "copy", "label": "写し", "amount": 300}]}}]);
            let fields = definition["pages"][1]["fields"].as_array_mut().expect("questions");
            fields.extend(more.as_array().expect("a list").clone());
            definition["pay"] = serde_json::json!({"ways": ["counter"]});
        })
        .await;
        let clerk = desk.logged_in("uketsuke").await;
        let list = clerk.get("/inbox/entry").await.text();
        assert!(list.contains("住民票の写しの請求") && list.contains("入力途中の申請はありません"), "{list}");
        for (channel, day) in [("online", "2026-11-18"), ("post", "2026-11-21"), ("post", "2024-01-01")] {
            let wish = [("procedure", city::COPY), ("channel", channel), ("received_on", day)];
            assert_eq!(clerk.post("/inbox/entry", "/inbox/entry", &wish).await.status, 422, "{channel} {day}");
        }
        let page = begins(&clerk, "post", "2026-11-18").await;
        let blank = clerk.get(&page).await.text();
        assert!(blank.contains("日、または月と日が分からないときは、空けておいてください。"), "{blank}");
        let other = desk.logged_in("shinsa").await;
        assert_eq!(other.get(&page).await.status, 404, "a draft is of its clerk alone");

        let head = ("1", "post", "2026-11-18");
        let send = ("_do", "send");
        let program = Some(("proof", "scan.pdf", &b"MZ\x90\x00"[..]));
        let refused = presses(&clerk, &page, head, &[("phone", "12"), send], program).await;
        assert_eq!(refused.status, 422);
        let words = refused.text();
        assert!(words.contains("「scan.pdf」は追加できません"), "{words}");
        assert!(words.contains("電話番号を市外局番から正しく"), "{words}");
        assert!(words.contains("_reason:phone") && !words.contains("_reason:name"), "{words}");
        let stale = presses(&clerk, &page, head, &[("phone", "12"), send], None).await;
        assert_eq!(stale.status, 409, "saved elsewhere since");

        let head = ("2", "post", "2026-11-18");
        let more = [
            ("phone", "12"),
            ("_reason:phone", "申請書の記載のまま"),
            ("_email", "hanako@example.jp"),
            ("_shown", "visit"),
            ("visit", "2026-12-01T14:00"),
            ("_shown", "died"),
            ("died.era", "showa"),
            ("died.year", "50"),
            ("died.month", "4"),
            ("died.day", ""),
            ("_shown", "cost"),
            send,
        ];
        let scan = Some(("proof", "申請書.pdf", PDF));
        let sent = presses(&clerk, &page, head, &more, scan).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, page.clone()), "{}", sent.text());
        let again = presses(&clerk, &page, head, &more, None).await;
        assert_eq!((again.status.as_u16(), again.location()), (303, page.clone()), "pressed twice");
        let id = made(&desk, &clerk, &page, "2026-900000001-").await;
        let path = format!("/applications/{id}");

        let shown = clerk.get(&path).await.text();
        for words in ["郵送", "申請書の記載のまま", "申請書.pdf", "職員が取込み", "入力内容の再確認が必要", "2026-11-18 00:00",
            "昭和50年4月（1975年4月）、日は不明"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        assert!(!shown.contains("申請者に送る"), "nobody reads a message: {shown}");
        let (row, whole) = {
            let id = id.clone();
            let read = desk.store.read(move |db| Ok((file::row(db, &id)?, file::whole(db, &id)?)));
            let (row, whole) = read.await.expect("readable");
            (row.expect("a row"), whole.expect("a file"))
        };
        let end: jiff::Timestamp = "2026-12-03T15:00:00Z".parse().expect("a time");
        assert_eq!(row.deadline_at, Some(end.as_microsecond()), "ten open days from the 18th");
        let attached = format!("{path}/attachments/{}", whole.attachments[0].id);
        assert_eq!(clerk.get(&attached).await.bytes, PDF);
        let receipt = desk.folder.path().join("receipt.pdf");
        let printed = clerk.get(&format!("{path}/receipt.pdf")).await.bytes;
        std::fs::write(&receipt, printed).expect("written");
        let receipt = run("pdftotext", &[receipt.to_str().expect("a path"), "-"]);
        for words in ["受け取りの日時", "2026年12月1日（火）14:00", "手数料", "300円"] {
            assert!(receipt.contains(words), "{words}: {receipt}");
        }

        let before = sent_over(&desk).await;
        let step = clerk.post(&path, &format!("{path}/accept"), &[("seen", "1")]).await;
        assert_eq!(step.status, 303, "{}", step.text());
        let after = sent_over(&desk).await;
        assert_eq!(after, before, "the other zone knows nothing of it");
        let now = desk.clock.now().as_microsecond();
        let due = desk.store.read(move |db| notices::due(db, now, 10)).await.expect("readable");
        let told: Vec<_> = due.iter().filter(|one| one.round == TOLD).collect();
        assert_eq!(told.len(), 1, "one mail of the newest state");
        assert_eq!(told[0].recipient, "hanako@example.jp");
        let (subject, body) = letters::written(told[0], "https://shokuin.mirai.lgwan.example");
        assert!(body.contains("受付済") && !body.contains("https") && !subject.contains("山田"), "{body}");

        let file = clerk.get("/numbers/file?since=2026-11-01&until=2026-11-30").await.text();
        assert!(file.lines().last().expect("a sum").ends_with(",0,1,0,0,0,0"), "{file}");
        let log = desk.logged_in("kansa").await.get("/audit?act=applications").await.text();
        assert!(log.contains("紙・電話の申請の入力") && log.contains("理由を付けて受付"), "{log}");
        desk.closes().await;
    }
);

/// Messages to the citizens' zone so far, once all have a number: nobody takes them here.
pub(crate) async fn sent_over(desk: &Desk) -> u64 {
    for () in platform_testkit::patiently() {
        let sending =
            desk.store.read(bridge_lanes::status::status).await.expect("readable").sending;
        if sending.iter().all(|lane| lane.waiting == 0) {
            return sending.iter().map(|lane| lane.unconfirmed).sum();
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the sender gives numbers in time");
}

on_both_databases!(
    /// IK-2.1.2a3, MN-8.2a, I14: a database that was set back gives no number of the desk that was given
    /// after its backup, nor behind an earlier leap; every lane that is sent from here may find it out, one that
    /// stops for another reason changes nothing.
    numbers_of_the_desk_go_on_far_behind_those_of_a_database_that_was_set_back,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let stops = [
            (Lane::PubCtl, "restored"),
            (Lane::PubDoc, "restored"),
            (Lane::PubCtl, "halted"),
            (Lane::PubCtl, "ahead_of_database"),
        ];
        for (lane, code) in stops {
            let (part, why) = (format!("lane {lane}"), String::new());
            let halt = Halt { part, code, why, at: desk.clock.now() };
            let before = Leapt::new();
            let stopped =
                desk.store.write(move |tx| lanes::stopped(tx, lane, &halt, &before)).await;
            stopped.expect("recorded");
        }
        let clerk = desk.logged_in("uketsuke").await;
        let page = begins(&clerk, "phone", "2026-11-20").await;
        let head = ("1", "phone", "2026-11-20");
        let sent = presses(&clerk, &page, head, &[("_do", "send")], None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        made(&desk, &clerk, &page, "2026-900300001-").await;

        // Started again and again while it is held: a desk has numbers all the same.
        let at = desk.clock.now();
        for _ in 0..900 {
            let (part, why) = (format!("lane {}", Lane::PubCtl), String::new());
            let halt = Halt { part, code: "restored", why, at };
            let before = Leapt::from([("desk:2026".to_owned(), 500_000)]);
            let stopped =
                desk.store.write(move |tx| lanes::stopped(tx, Lane::PubCtl, &halt, &before)).await;
            let leapt = stopped.expect("recorded");
            assert!(leapt["desk:2026"] >= 600_000, "{leapt:?}");
        }
        let page = begins(&clerk, "fax", "2026-11-20").await;
        let head = ("1", "fax", "2026-11-20");
        let sent = presses(&clerk, &page, head, &[("_do", "send")], None).await;
        let mark = sent.text();
        let mark = mark.split("name=\"_alike\" value=\"").nth(1);
        let mark = mark.and_then(|rest| rest.split('"').next()).expect("the same person again");
        let (more, head) = ([("_alike", mark), ("_do", "send")], ("2", "fax", "2026-11-20"));
        let sent = presses(&clerk, &page, head, &more, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        made(&desk, &clerk, &page, "2026-990000001-").await;
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3: a second application of the same person is hinted at before it is made, and never
    /// stopped; what was left for a month is dropped.
    the_same_person_is_hinted_at,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        desk.arrives(sent).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        let page = begins(&clerk, "phone", "2026-11-20").await;
        let head = ("1", "phone", "2026-11-20");
        let hinted = presses(&clerk, &page, head, &[("_do", "send")], None).await;
        assert_eq!(hinted.status, 422);
        let words = hinted.text();
        assert!(words.contains("同じ人の申請かもしれません") && words.contains("同じ手続"), "{words}");
        assert!(words.contains("<title>エラー：") && words.contains("href=\"#alike\""), "{words}");
        let mark = words.split("name=\"_alike\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let more = [("_alike", mark.expect("a mark")), ("_do", "send")];
        let head = ("2", "phone", "2026-11-20");
        let sent = presses(&clerk, &page, head, &more, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        made(&desk, &clerk, &page, "2026-900000001-").await;

        let left = begins(&clerk, "fax", "2026-11-20").await;
        let scan = Some(("proof", "FAX.pdf", PDF));
        let saved = presses(&clerk, &left, ("1", "fax", "2026-11-20"), &[("_do", "save")], scan).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        let shown = clerk.get(&left).await.text();
        let href = shown.split("href=\"").find(|rest| rest.contains("/scans/")).and_then(|r| r.split('"').next());
        assert_eq!(clerk.get(href.expect("a scan")).await.bytes, PDF);
        desk.clock.advance(SignedDuration::from_hours(31 * 24));
        let files = platform_store::files::Files::open(&desk.config.folders.files).expect("files");
        // A file that no row names goes after a day; a scan of a draft and a file on its way stay.
        let (nameless, large) = ("0nameless00000000000000000", "f".repeat(64));
        files.put(nameless, PDF).expect("kept");
        files.put(&large, PDF).expect("kept");
        let (mut round, mut gone) = (Default::default(), 0);
        for _ in 0..20 {
            let place = (&desk.store, &files);
            let looked = lgwan_zone::orphans::drop_nameless(place, &desk.clock, &mut round).await;
            gone += looked.expect("a look");
        }
        assert_eq!(gone, 1, "that one and no other");
        assert!(files.get(nameless).is_err() && files.get(&large).is_ok());
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get(href.expect("a scan")).await.bytes, PDF);
        lgwan_zone::entries::drop_left(&desk.store, &files, &desk.clock).await.expect("dropped");
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get(&left).await.status, 404);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3: a scan that is too large is told by its name with the limit; what was typed beside it is saved.
    a_scan_that_is_too_large_takes_nothing_with_it,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let page = begins(&clerk, "post", "2026-11-20").await;
        let head = ("1", "post", "2026-11-20");
        let large = vec![b'0'; 21_000_000];
        let scan = Some(("proof", "図面.pdf", large.as_slice()));
        let told = presses(&clerk, &page, head, &[("_do", "save")], scan).await;
        assert_eq!(told.status, 422, "{}", told.text());
        for words in ["「図面.pdf」は20MBより大きい", "href=\"#f-proof\"", "<title>エラー："] {
            assert!(told.text().contains(words), "{words}: {}", told.text());
        }
        assert!(clerk.get(&page).await.text().contains("銀行の手続きのため"), "it is saved");
        desk.closes().await;
    }
);

/// IK-2.1.2a3: of scans that are more than a page may bring, the one beyond is told by its name; what was typed
/// is saved.
#[tokio::test(flavor = "multi_thread")]
async fn scans_that_are_too_large_together_take_nothing_with_them() {
    let desk = Desk::open().await;
    desk.publishes(&["accept"]).await;
    let clerk = desk.logged_in("uketsuke").await;
    let page = begins(&clerk, "post", "2026-11-20").await;
    let large = vec![b'0'; 20_000_000];
    let names: Vec<String> = (1..=7).map(|n| format!("図面{n}.pdf")).collect();
    let files: Vec<(&str, &str, &[u8])> =
        names.iter().map(|name| ("proof", name.as_str(), large.as_slice())).collect();
    let mut fields = vec![("_seen", "1"), ("_channel", "post"), ("_received_on", "2026-11-20")];
    fields.extend(SHOWN);
    fields.extend(PERSON);
    fields.push(("_do", "save"));
    let told = clerk.upload_all(&page, &page, &fields, &files).await;
    assert_eq!(told.status, 422, "{}", told.text());
    for words in ["「図面7.pdf」は追加できません。一度に", "合わせて120MBまで", "href=\"#f-proof\""]
    {
        assert!(told.text().contains(words), "{words}: {}", told.text());
    }
    assert!(!told.text().contains("「図面6.pdf」は追加できません。一度に"), "{}", told.text());
    assert!(clerk.get(&page).await.text().contains("銀行の手続きのため"), "it is saved");
    desk.closes().await;
}

on_both_databases!(
    /// IK-2.1.2a3: who is held back because an answer brought a question is led to it, even when it may be left.
    a_question_that_an_answer_brought_is_told,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|definition| {
            let fields = definition["pages"][1]["fields"].as_array_mut().expect("questions");
            fields.push(serde_json::json!({
                "id": "sheets", "label": "通数", "when": "kind == 'all'", "kind": {"type": "text"}}));
        })
        .await;
        let clerk = desk.logged_in("uketsuke").await;
        let page = begins(&clerk, "phone", "2026-11-20").await;
        let head = ("1", "phone", "2026-11-20");
        let told = presses(&clerk, &page, head, &[("_do", "send")], None).await;
        assert_eq!(told.status, 422, "{}", told.text());
        for words in ["答えにより項目が増えました", "href=\"#f-sheets\"", "<title>エラー："] {
            assert!(told.text().contains(words), "{words}: {}", told.text());
        }
        let (head, more) = (("2", "phone", "2026-11-20"), [("_shown", "sheets"), ("_do", "send")]);
        let sent = presses(&clerk, &page, head, &more, None).await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3: every draft has its words in the list and is deleted there by its clerk alone, also when it
    /// cannot be opened any more; a list that does not show all says so.
    a_draft_that_cannot_be_opened_is_deleted_from_the_list,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = taken_in(&desk, &clerk).await;
        let path = format!("/applications/{id}");
        let hand = [("department", city::CHILDREN), ("reason", "こども課の担当"), ("seen", "1")];
        let form = format!("{path}/hand-over");
        let handed = clerk.post(&form, &form, &hand).await;
        assert_eq!(handed.status, 303, "{}", handed.text());

        let other = desk.logged_in("kodomo").await;
        let ask = [("seen", "2"), ("fields", "phone"), ("reason", "電話番号がありません。"), ("due", "2026-12-01")];
        let asked = other.post(&path, &format!("{path}/correction"), &ask).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        let page = other.post(&path, &format!("{path}/entry"), &[]).await.location();
        let list = other.get("/inbox/entry").await.text();
        let link = format!("<a href=\"{page}\">住民票の写しの請求</a>");
        assert!(list.contains(&link), "a procedure of another department: {list}");

        let moves = format!(
            "update staff_departments set department_id = '{}' \
             where staff_id in (select id from staff where login_id = 'kodomo')",
            city::CITIZENS
        );
        let moved = desk.store.write(move |tx| diesel::sql_query(moves).execute(tx.db).map(drop));
        moved.await.expect("in another department");
        let other = desk.logged_in("kodomo").await;
        assert_eq!(other.get(&page).await.status, 404, "the application is not theirs any more");
        let discard = [("_do", "discard")];
        let refused = clerk.upload("/inbox/entry", &page, &discard, None).await;
        assert_eq!(refused.status, 404, "a draft is of its clerk alone");
        assert!(other.get("/inbox/entry").await.text().contains(&format!("action=\"{page}\"")));
        let gone = other.upload("/inbox/entry", &page, &discard, None).await;
        assert_eq!(gone.location(), "/inbox/entry?said=discarded", "{}", gone.text());
        let list = other.get("/inbox/entry?said=discarded").await.text();
        for words in ["入力途中の申請を削除しました。", "入力途中の申請はありません。"] {
            assert!(list.contains(words), "{words}: {list}");
        }
        let log = desk.logged_in("kansa").await.get("/audit?act=applications").await.text();
        assert!(log.contains("入力途中の申請の削除"), "{log}");

        for _ in 0..50 {
            begins(&clerk, "fax", "2026-11-20").await;
        }
        assert!(!clerk.get("/inbox/entry").await.text().contains("50件まで"));
        begins(&clerk, "fax", "2026-11-20").await;
        let list = clerk.get("/inbox/entry").await.text();
        assert!(list.contains("50件まで表示しています"), "{list}");
        assert_eq!(list.matches("href=\"/inbox/entry/").count(), 50);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3, NF-34: staff enter what the applicant answered to a correction, only where it was
    /// asked for, and note a withdrawal. Neither is possible for what came online.
    a_correction_and_a_withdrawal_are_entered,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = taken_in(&desk, &clerk).await;
        let path = format!("/applications/{id}");
        let ask = [("seen", "1"), ("fields", "phone"), ("reason", "電話番号がありません。"), ("due", "2026-12-01")];
        let asked = clerk.post(&path, &format!("{path}/correction"), &ask).await;
        assert_eq!(asked.status, 303, "{}", asked.text());
        assert!(clerk.get(&path).await.text().contains("補正の内容を入力する"));

        let begun = clerk.post(&path, &format!("{path}/entry"), &[]).await;
        let twice = clerk.post(&path, &format!("{path}/entry"), &[]).await;
        assert_eq!(begun.location(), twice.location(), "one draft for one correction");
        let page = begun.location();
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("name=\"phone\"") && !shown.contains("name=\"name.family\""), "{shown}");
        let fields = [
            ("_seen", "1"),
            ("_channel", "phone"),
            ("_received_on", "2026-11-20"),
            ("_shown", "phone"),
            ("_shown", "name"),
            ("name.family", "鈴木"),
            ("phone", "025-000-0000"),
            ("_do", "send"),
        ];
        let sent = clerk.upload(&page, &page, &fields, None).await;
        assert_eq!((sent.status.as_u16(), sent.location()), (303, format!("{path}?said=corrected")), "{}", sent.text());
        let shown = clerk.get(&path).await.text();
        assert!(shown.contains("補正1回目") && shown.contains("025") && !shown.contains("鈴木"), "{shown}");

        let withdrawn = clerk.post(&path, &format!("{path}/withdraw"), &[("seen", "3"), ("reason", "電話で申出")]).await;
        assert_eq!(withdrawn.status, 303, "{}", withdrawn.text());
        assert!(clerk.get(&path).await.text().contains("取下げ"));

        let online = desk.submission(("佐藤", "一"), &[]).await;
        let online_id = online.message.message.application().expect("one").to_string();
        desk.arrives(online).await.expect("it arrives");
        let path = format!("/applications/{online_id}");
        assert_eq!(clerk.get(&format!("{path}/receipt.pdf")).await.status, 409);
        let reason = [("seen", "1"), ("reason", "電話で申出")];
        assert_eq!(clerk.post(&path, &format!("{path}/withdraw"), &reason).await.status, 409);
        let known = desk.store.read(move |db| entered::of(db, &online_id)).await.expect("readable");
        assert_eq!(known, None);
        desk.closes().await;
    }
);

/// Sends what the applicant said on the phone to a correction.
async fn corrects(
    clerk: &Browser,
    (path, page): (&str, &str),
    (seen, day): (&str, &str),
    phone: &str,
) -> Answer {
    let head = [("_seen", seen), ("_channel", "phone"), ("_received_on", day)];
    let said = [("_shown", "phone"), ("phone", phone), ("_do", "send")];
    let fields: Vec<(&str, &str)> = head.into_iter().chain(said).collect();
    clerk.upload(path, page, &fields, None).await
}

on_both_databases!(
    /// IK-2.1.2a3, NF-34: of two clerks who enter the same correction the second gets back what was typed, on the
    /// page and of the saved draft, and reads who was first; the next correction begins anew, and was not received
    /// before it was asked for. A wrong day of receipt stays in its field.
    a_draft_of_a_correction_ends_with_it,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let clerk = desk.logged_in("uketsuke").await;
        let other = desk.logged_in("shinsa").await;
        let id = taken_in(&desk, &clerk).await;
        let path = format!("/applications/{id}");
        let (ask, entry) = (format!("{path}/correction"), format!("{path}/entry"));
        let wish = |seen| {
            [("seen", seen), ("fields", "phone"), ("reason", "電話番号を確かめます。"), ("due", "2026-12-01")]
        };
        assert_eq!(clerk.post(&path, &ask, &wish("1")).await.status, 303);
        let late = clerk.post(&path, &entry, &[]).await.location();
        let first = other.post(&path, &entry, &[]).await.location();
        assert_ne!(late, first, "each their own");
        let typed = [
            ("_seen", "1"),
            ("_channel", "phone"),
            ("_received_on", "2026-11-20"),
            ("_shown", "phone"),
            ("phone", "03-1111-2222"),
            ("_do", "save"),
        ];
        let saved = clerk.upload(&path, &late, &typed, None).await;
        assert_eq!(saved.status, 303, "{}", saved.text());
        desk.clock.advance(SignedDuration::from_mins(1));
        let sent = corrects(&other, (&path, &first), ("1", "2026-11-20"), "025-000-0000").await;
        assert_eq!(sent.status, 303, "{}", sent.text());
        let sent = corrects(&clerk, (&path, &late), ("2", "2026-11-20"), "03-1111-2222").await;
        for told in [sent, clerk.get(&late).await] {
            assert_eq!(told.status, 409);
            for words in ["2026-11-20 10:01に審査 四葉が先に受け付けました", "電話番号：03"] {
                assert!(told.text().contains(words), "{words}: {}", told.text());
            }
            assert!(!told.text().contains("山田"), "what was not asked for: {}", told.text());
        }

        desk.clock.advance(SignedDuration::from_hours(72));
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.post(&path, &ask, &wish("3")).await.status, 303);
        let told = clerk.get(&late).await;
        assert_eq!(told.status, 409);
        assert!(told.text().contains("前の差戻しの補正のために"), "{}", told.text());
        let page = clerk.post(&path, &entry, &[]).await.location();
        assert_ne!(page, late, "what was typed for the first correction is not offered for the second");
        assert_eq!(clerk.get(&late).await.status, 404, "it is gone");
        let told = corrects(&clerk, (&path, &late), ("2", "2026-11-23"), "03-1111-2222").await;
        assert_eq!(told.status, 404, "{}", told.text());
        for words in ["入力した内容", "03-1111-2222"] {
            assert!(told.text().contains(words), "{words}: {}", told.text());
        }
        let shown = clerk.get(&page).await.text();
        for words in ["value=\"025", "name=\"_received_on\" value=\"2026-11-23\""] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let early = corrects(&clerk, (&path, &page), ("1", "2026-11-22"), "03-1111-2222").await;
        assert_eq!(early.status, 422, "{}", early.text());
        for words in ["差戻しをした日(2026-11-23)", "name=\"_received_on\" value=\"2026-11-22\""] {
            assert!(early.text().contains(words), "{words}: {}", early.text());
        }

        desk.clock.advance(SignedDuration::from_hours(24));
        let clerk = desk.logged_in("uketsuke").await;
        let sent = corrects(&clerk, (&path, &page), ("2", "2026-11-23"), "03-1111-2222").await;
        assert_eq!(sent.location(), format!("{path}?said=corrected"), "{}", sent.text());
        let whole = desk.store.read(move |db| file::whole(db, &id)).await.expect("readable");
        let asked = whole.expect("a file").corrections;
        let after = asked.iter().filter(|one| one.answered_at.is_some_and(|at| at >= one.asked_at));
        assert_eq!((after.count(), asked.len()), (2, 2), "answered after it was asked: {asked:?}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3, NF-34: a correction that staff enter on a later day is judged by the day of the application:
    /// nothing beside what was asked for changes.
    a_correction_entered_on_a_later_day_keeps_what_was_sent,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| {
            let pages = one["pages"].as_array_mut().expect("pages");
            let fields = pages[0]["fields"].as_array_mut().expect("fields");
            let late = serde_json::json!({"id": "late", "label": "終わり",
                "when": "today() > date('2026-11-23')", "kind": {"type": "exit", "body": "窓口へどうぞ。"}});
            fields.insert(0, late);
        })
        .await;
        let clerk = desk.logged_in("uketsuke").await;
        let id = taken_in(&desk, &clerk).await;
        let path = format!("/applications/{id}");
        let ask = format!("{path}/correction");
        let wish =
            [("seen", "1"), ("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01")];
        assert_eq!(clerk.post(&path, &ask, &wish).await.status, 303);
        desk.clock.advance(SignedDuration::from_hours(24 * 5));
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.post(&path, &format!("{path}/entry"), &[]).await.location();
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("name=\"phone\"") && !shown.contains("窓口へどうぞ。"), "{shown}");
        let sent = corrects(&clerk, (&path, &page), ("1", "2026-11-25"), "03-1111-2222").await;
        assert_eq!(sent.location(), format!("{path}?said=corrected"), "{}", sent.text());
        let whole = desk.store.read(move |db| file::answers(db, &id, 1)).await.expect("readable");
        let whole = whole.expect("answers");
        assert_eq!(whole.changed, "[\"phone\"]");
        assert!(whole.answers.contains("銀行の手続きのため"), "{}", whole.answers);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.2a3: staff note what they find in questions of their own; every version stays, two clerks
    /// do not overwrite each other, and the questions are on no citizen's form. NF-24: they go out with the
    /// list, and so do answers to questions that a later revision does not have any more.
    staff_fill_in_questions_of_their_own,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|definition| {
            definition["staff_fields"] = serde_json::json!([
                {"id": "shelf", "label": "書庫の番号", "required": true, "kind": {"type": "text", "max": 5}},
                {"id": "fee", "label": "免除", "kind": {"type": "choice", "options": [
                    {"code": "yes", "label": "する"}, {"code": "no", "label": "しない"}]}}
            ]);
        })
        .await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let id = sent.message.message.application().expect("one").to_string();
        desk.arrives(sent).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        let path = format!("/applications/{id}");
        let page = format!("{path}/staff-fields");
        assert!(clerk.get(&path).await.text().contains("職員用の項目"));
        let faulty = clerk.post(&page, &page, &[("_seen", "0"), ("shelf", "とても長い番号")]).await;
        assert_eq!(faulty.status, 422);
        assert!(faulty.text().contains("5文字以内"), "{}", faulty.text());
        let noted = [("_seen", "0"), ("shelf", "A-1"), ("fee", "yes")];
        assert_eq!(clerk.post(&page, &page, &noted).await.status, 303);
        let late = [("_seen", "0"), ("shelf", "B-2"), ("fee", "no")];
        let late = clerk.post(&page, &page, &late).await;
        assert_eq!(late.status, 409, "two clerks");
        for words in ["value=\"B-2\"", "書庫の番号：A-1", "受付 三郎", "name=\"_seen\" value=\"1\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        // A question that the second clerk left alone takes what the first one noted.
        let alone = clerk.post(&page, &page, &[("_seen", "0"), ("shelf", "C-3")]).await;
        assert_eq!(alone.status, 409);
        assert!(alone.text().contains("value=\"yes\" checked"), "{}", alone.text());
        let moved = [("_seen", "1"), ("shelf", "B-2"), ("fee", "yes")];
        assert_eq!(clerk.post(&page, &page, &moved).await.status, 303);
        let shown = clerk.get(&path).await.text();
        assert!(shown.contains("B-2") && shown.contains("職員用の項目を記入しました"), "{shown}");
        assert!(clerk.get(&page).await.text().contains("A-1"), "what it was before stays");
        let entry = begins(&clerk, "post", "2026-11-20").await;
        assert!(!clerk.get(&entry).await.text().contains("書庫の番号"), "no question for applicants");
        let other = desk.logged_in("kodomo").await;
        assert_eq!(other.get(&page).await.status, 404);

        // A revision without a question, and with other words for an option: the file has what staff
        // noted, the answer to the old question, and the words that were chosen from.
        desk.publishes_with(|definition| {
            definition["revision"] = serde_json::json!(2);
            definition["staff_fields"] = serde_json::json!([
                {"id": "shelf", "label": "書庫の番号", "kind": {"type": "text", "max": 5}}]);
            let fields = definition["pages"][1]["fields"].as_array_mut().expect("questions");
            fields.retain(|field| field["id"] != "reason");
            fields[0]["kind"]["options"][0]["label"] = serde_json::json!("全員分");
        })
        .await;
        let csv = clerk.get(&format!("/inbox/export/file?procedure={}", crate::city::COPY)).await.text();
        let lines: Vec<&str> = csv.lines().collect();
        assert!(lines[0].ends_with("\"書庫の番号\",\"使いみち(今の手続にはない項目)\""), "{csv}");
        assert!(lines[1].ends_with("\"B-2\",\"銀行の手続きのため\""), "{csv}");
        assert!(lines[1].contains("\"世帯全員\"") && !csv.contains("全員分"), "{csv}");
        desk.closes().await;
    }
);
