//! 意見照会: a department asks another one, which sees what was chosen for it and nothing else.

use domain::ids::ApplicationId;
use jiff::SignedDuration;
use lgwan_zone::config::{DepartmentReminders, Reminders};
use lgwan_zone::reminders::Reminder;
use lgwan_zone_store::applications::{file, inquiries};
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::letters;
use lgwan_zone_store::shelf::Shelf;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::browser::{Answer, Browser};
use crate::city::{CHILDREN, CITIZENS};
use crate::desk::{Desk, Sent, mails_nowhere};

const CHILDREN_MAIL: &str = "kodomo@mirai.lgwan.example";
const CITIZENS_MAIL: &str = "shimin@mirai.lgwan.example";

/// A desk that sends mails, though nobody takes them here.
async fn on(url: &str) -> Desk {
    let desk = Desk::on_with(url, tempfile::tempdir().expect("a folder"), |config| {
        let own = DepartmentReminders { to: vec![CHILDREN_MAIL.to_owned()], ..Default::default() };
        config.reminders.departments.insert("kodomo".to_owned(), own);
        config.mail = Some(mails_nowhere());
    })
    .await;
    desk.publishes_with(|one| one["notify"] = json!({ "staff_mail": [CITIZENS_MAIL] })).await;
    desk
}

/// An application under review with two files: its page and the ids of the files.
async fn reviewed(desk: &Desk, clerk: &Browser) -> (ApplicationId, String, [String; 2]) {
    let files = [Sent::Picture("間取り図.png"), Sent::Picture("免許証.png")];
    let sent = desk.submission(("山田", "花子"), &files).await;
    let id = sent.message.message.application().expect("a submission").clone();
    let files = [0, 1].map(|place: usize| sent.message.parts[place].attachment_id.to_string());
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    (id, page, files)
}

/// Asks こども課 with the answer to 使いみち and these others.
async fn asks(clerk: &Browser, page: &str, more: &[(&str, &str)]) -> Answer {
    let form = format!("{page}/inquiries/new");
    let mut fields = vec![
        ("department", CHILDREN),
        ("question", "=1+1 入園の要件に支障はありますか。"),
        ("due", "2026-11-27"),
        ("fields", "reason"),
    ];
    fields.extend(more);
    clerk.post(&form, &format!("{page}/inquiries"), &fields).await
}

async fn stored(desk: &Desk, id: &ApplicationId) -> Vec<inquiries::Request> {
    let id = id.to_string();
    let all = desk.store.read(move |db| inquiries::of(db, &id)).await.expect("readable");
    all.into_iter().map(|(one, _)| one).collect()
}

async fn acts(desk: &Desk, id: &ApplicationId) -> Vec<String> {
    let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
    let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
    let acts = log.iter().rev().map(|one| one.event.act.trim_start_matches("applications."));
    acts.filter(|act| act.starts_with("inquir") || *act == "file_read").map(str::to_owned).collect()
}

/// Says something to a request as it stands.
async fn says(who: &Browser, inquiry: &str, turns: &str, fields: &[(&str, &str)]) -> Answer {
    let page = format!("/inquiries/{inquiry}");
    let fields: Vec<(&str, &str)> = fields.iter().copied().chain([("turns", turns)]).collect();
    who.post(&page, &page, &fields).await
}

on_both_databases!(
    /// NF-35, MN-7.1a: another department is asked, reads the chosen answer and file and nothing else,
    /// asks back, is reminded and answers; both sides see the whole talk, and the log has every turn.
    another_department_is_asked_and_sees_only_what_was_chosen,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page, [plan, licence]) = reviewed(&desk, &clerk).await;
        let other = desk.logged_in("kodomo").await;
        assert!(clerk.get(&page).await.text().contains("ほかの課に意見を求めていません"));

        // What cannot be asked is told, and everything stays.
        let form = format!("{page}/inquiries/new");
        let bad = [("department", CITIZENS), ("question", ""), ("due", "2026-11-19"), ("fields", "kind")];
        let refused = clerk.post(&form, &format!("{page}/inquiries"), &bad).await;
        assert_eq!(refused.status, 422);
        for words in ["意見を求める課を選んで", "2,000文字以内で", "今日以降の日"] {
            assert!(refused.text().contains(words), "{words}");
        }
        assert!(refused.text().contains("value=\"kind\" checked"), "{}", refused.text());
        assert!(stored(&desk, &id).await.is_empty());

        let asked = asks(&clerk, &page, &[("files", &plan), ("files", "not-a-file")]).await;
        assert_eq!(asked.location(), format!("{page}?said=inquiry_asked#inquiries"));
        let request = stored(&desk, &id).await.remove(0);
        assert_eq!((request.fields(), request.files()), (vec!["reason".to_owned()], vec![plan.clone()]));
        let inquiry = request.id.as_str();
        let shown = clerk.get("/inbox?inquiry=open").await.text();
        assert!(shown.contains("山田 花子") && shown.contains("照会中だけ"), "{shown}");

        // The other department: the list, the request, and nothing of the person.
        let inbox = other.get("/inbox").await.text();
        assert!(inbox.contains("回答を待っている意見照会") && !inbox.contains("花子"), "{inbox}");
        let list = other.get("/inquiries").await.text();
        assert!(list.contains("住民票の写しの請求") && list.contains("11月27日"), "{list}");
        let there = format!("/inquiries/{inquiry}");
        let shown = other.get(&there).await.text();
        for words in ["入園の要件に支障は", "銀行の手続きのため", "間取り図.png", "市民課"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        for hidden in ["花子", "0312345678", "世帯全員", "免許証", "hanako@"] {
            assert!(!shown.contains(hidden), "{hidden}: {shown}");
        }
        assert_eq!(other.get(&format!("{there}/attachments/{plan}/view")).await.status, 200);
        for path in [
            format!("{there}/attachments/{licence}"),
            format!("{there}/attachments/{licence}/view"),
            page.clone(),
            format!("/applications/{id}/attachments/{plan}"),
            format!("/applications/{id}/attachments.zip"),
            "/inquiries/00000000000000000000000099".to_owned(),
        ] {
            assert_eq!(other.get(&path).await.status, 404, "{path}");
        }
        for file in ["/inquiries/file", "/inbox/export/file"] {
            let csv = other.get(file).await.text();
            for hidden in ["花子", "0312345678", "銀行の手続き"] {
                assert!(!csv.contains(hidden), "{file} {hidden}: {csv}");
            }
        }
        let file = other.get("/inquiries/file").await;
        assert_eq!(file.headers["cache-control"], "no-store");
        assert!(file.text().contains(",'=1+1 入園の要件に支障は"), "never run: {}", file.text());

        // Nobody else comes in by the address; the attempt is in the log.
        let stranger = desk.logged_in("shinsa").await;
        assert_eq!(stranger.get(&there).await.status, 404, "who asks looks at the application");
        let filter = Filter { object: Some(format!("inquiry:{inquiry}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 9)).await.expect("a log");
        assert_eq!(log.len(), 3, "two files that were not chosen, one request of others: {log:?}");
        assert!(log.iter().all(|one| one.event.act == "identity.refused"));

        // Back and forth.
        let silent = says(&other, inquiry, "0", &[("do", "answer"), ("opinion", "objection")]).await;
        assert_eq!(silent.status, 422, "an objection says why");
        assert!(silent.text().contains("value=\"objection\" checked"), "{}", silent.text());
        let back = [("do", "ask_back"), ("words", "いつから入園しますか。")];
        assert_eq!(says(&other, inquiry, "0", &back).await.status, 303);
        let early = [("do", "answer"), ("opinion", "no_objection"), ("words", "")];
        assert_eq!(says(&other, inquiry, "1", &early).await.status, 409, "it waits for a reply");
        let turn = format!("{page}/inquiries/{inquiry}");
        let remind = [("do", "remind"), ("turns", "1")];
        assert_eq!(clerk.post(&page, &turn, &remind).await.status, 409, "they asked back");
        let reply = [("do", "reply"), ("turns", "1"), ("words", "4月からです。")];
        assert_eq!(clerk.post(&page, &turn, &reply).await.status, 303);
        let remind = [("do", "remind"), ("turns", "2")];
        assert_eq!(clerk.post(&page, &turn, &remind).await.status, 303);
        let again = clerk.post(&page, &turn, &[("do", "remind"), ("turns", "3")]).await;
        assert!(again.text().contains("今日すでに催促しています"), "{}", again.text());

        // Deciding meanwhile warns.
        for form in ["result", "reject"] {
            let warned = clerk.get(&format!("{page}/{form}")).await.text();
            assert!(warned.contains("こども課の意見を待っています"), "{form}: {warned}");
        }
        // Letters that nobody takes are given up after three days.
        let mut mails = mails_of(&desk).await;
        desk.clock.advance(SignedDuration::from_hours(24 * 10));
        let clerk = desk.logged_in("uketsuke").await;
        let other = desk.logged_in("kodomo").await;
        assert!(other.get("/inquiries").await.text().contains("期限を過ぎた意見照会が1件"));
        let answer = [("do", "answer"), ("opinion", "conditional"), ("words", "面談のうえで。")];
        assert_eq!(says(&other, inquiry, "3", &answer).await.status, 303);
        assert_eq!(says(&other, inquiry, "3", &answer).await.status, 409, "once");
        let shown = clerk.get(&page).await.text();
        for words in ["条件付き", "面談のうえで。", "いつから入園しますか。", "4月からです。", "催促しました"] {
            assert!(shown.contains(words), "{words}: {shown}");
            assert!(other.get(&there).await.text().contains(words), "{words} on the other side");
        }
        assert!(!clerk.get(&format!("{page}/result")).await.text().contains("意見を待っています"));
        assert!(!clerk.get("/inbox?inquiry=open").await.text().contains("山田 花子"));

        let acts = acts(&desk, &id).await;
        let told = [
            "inquiry_ask",
            "inquiry_viewed",
            "file_read",
            "inquiries_taken",
            "inquiry_ask_back",
            "inquiry_reply",
            "inquiry_remind",
            "inquiry_answer",
            "inquiry_viewed",
        ];
        for act in told.iter().filter(|act| **act != "inquiries_taken") {
            assert!(acts.iter().any(|one| one == act), "{act}: {acts:?}");
        }
        mails.extend(mails_of(&desk).await);
        for (to, words) in [
            (CHILDREN_MAIL, "意見照会が届きました"),
            (CHILDREN_MAIL, "意見照会の回答をお願いします"),
            (CHILDREN_MAIL, "意見照会の質問に返事がありました"),
            (CITIZENS_MAIL, "意見照会について質問がありました"),
            (CITIZENS_MAIL, "意見照会に回答がありました"),
        ] {
            assert!(mails.iter().any(|one| one.0 == to && one.1.contains(words)), "{words}: {mails:?}");
        }
        assert!(!mails.iter().any(|one| one.1.contains("花子")), "{mails:?}");
        desk.closes().await;
    }
);

/// Recipient and text of the letters that wait: nobody takes them here.
async fn mails_of(desk: &Desk) -> Vec<(String, String)> {
    let later = desk.clock.now().as_microsecond() + 1_000_000_000_000;
    let all = desk.store.read(move |db| letters::due(db, later, 99)).await.expect("readable");
    let texts =
        all.into_iter().map(|one| (one.recipient, format!("{}\n{}", one.subject, one.body)));
    texts.filter(|(_, text)| text.contains("意見照会")).collect()
}

on_both_databases!(
    /// NF-35: the name is shown when it was ticked; what is taken back, and what a decision went on
    /// without, shows nothing any more; the daily reminder names what is near its day.
    what_is_taken_back_or_decided_shows_nothing_any_more,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let other = desk.logged_in("kodomo").await;
        let (id, page, [plan, _]) = reviewed(&desk, &clerk).await;
        for _ in 0..2 {
            let done = asks(&clerk, &page, &[("files", &plan), ("named", "yes")]).await;
            assert_eq!(done.status, 303, "{}", done.text());
        }
        let all = stored(&desk, &id).await;
        let (first, second) = (all[0].id.as_str(), all[1].id.as_str());
        assert!(other.get(&format!("/inquiries/{first}")).await.text().contains("山田 花子"));

        let own = DepartmentReminders { to: vec![CHILDREN_MAIL.to_owned()], ..Default::default() };
        let mut settings = Reminders::default();
        settings.departments.insert("kodomo".to_owned(), own);
        let reminder = Reminder {
            store: desk.store.clone(),
            shelf: Shelf::default(),
            clock: desk.clock.clone(),
            settings,
            staff_url: "https://shokuin.mirai.lgwan.example".to_owned(),
        };
        desk.clock.advance(SignedDuration::from_hours(24 * 5));
        assert!(reminder.look().await.expect("looked"), "Wednesday, two days before");
        let letters = mails_of(&desk).await;
        let near = letters.iter().find(|one| one.1.contains("■意見照会 2件"));
        let near = near.unwrap_or_else(|| panic!("{letters:?}"));
        assert!(near.1.contains("/inquiries") && !near.1.contains("花子"), "{}", near.1);

        let clerk = desk.logged_in("uketsuke").await;
        let other = desk.logged_in("kodomo").await;
        let turn = format!("{page}/inquiries/{first}");
        let back = clerk.post(&page, &turn, &[("do", "take_back"), ("turns", "0")]).await;
        assert_eq!(back.status, 303, "{}", back.text());
        let form = format!("{page}/reject");
        let reason = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(clerk.post(&form, &form, &reason).await.status, 303);
        for (inquiry, words) in [(first, "照会を取り消しました"), (second, "結果が決まったため")] {
            let shown = other.get(&format!("/inquiries/{inquiry}")).await.text();
            assert!(shown.contains(words) && shown.contains("照会が終わったため"), "{shown}");
            assert!(!shown.contains("花子") && !shown.contains("銀行の手続き"), "{shown}");
            let file = format!("/inquiries/{inquiry}/attachments/{plan}");
            assert_eq!(other.get(&file).await.status, 404);
        }
        let late = says(&other, second, "1", &[("do", "answer"), ("opinion", "no_objection")]).await;
        assert_eq!(late.status, 409);
        let again = asks(&clerk, &page, &[]).await;
        assert_eq!(again.status, 409, "nobody is asked about what is decided");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-42, NF-41: whose data left with the list of inquiries, or with a list that a business system
    /// read, is disclosed with who took it, and a reading of the whole application as well.
    whose_data_left_with_other_lists_is_disclosed,
    |url: String| async move {
        let desk = on(&url).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page, _) = reviewed(&desk, &clerk).await;
        assert_eq!(asks(&clerk, &page, &[]).await.status, 303);
        let wanted = id.to_string();
        let row = desk.store.read(move |db| file::row(db, &wanted)).await.expect("readable");
        let number = row.expect("an application").number;
        let system = desk.able().await;
        // A code of the authenticator app counts once.
        desk.clock.advance(SignedDuration::from_secs(30));
        let (other, auditor) = (desk.logged_in("kodomo").await, desk.logged_in("kansa").await);
        let of = format!("/audit/disclosure?of={number}");
        let of_list = |page: &str| page.split("id=\"left\"").nth(1).unwrap_or_default().to_owned();
        let none = "ファイルに含まれて出力されたことはありません";
        assert!(of_list(&auditor.get(&of).await.text()).contains(none));

        // A list of a department that was asked nothing has nobody in it.
        assert_eq!(clerk.get("/inquiries/file").await.status, 200);
        assert!(of_list(&auditor.get(&of).await.text()).contains(none));
        assert_eq!(other.get("/inquiries/file").await.status, 200);
        let left = of_list(&auditor.get(&of).await.text());
        assert!(left.contains("意見照会の一覧(CSV)") && left.contains(&number), "{left}");
        assert_eq!(left.matches("<tr><th scope=\"row\"").count(), 1, "{left}");

        system.get("/api/v1/applications").await.done();
        assert_eq!(system.get(&format!("/api/v1/applications/{id}")).await.status, 200);
        let page = auditor.get(&of).await.text();
        let left = of_list(&page);
        for words in ["業務システムが読み取った一覧(API)", "住民記録システム"] {
            assert!(left.contains(words), "{words}: {left}");
        }
        assert_eq!(left.matches("<tr><th scope=\"row\"").count(), 2, "{left}");
        assert!(page.contains("申請の取得"), "{page}");
        desk.closes().await;
    }
);
