//! 担当者: who of the department is in charge of an application.

use diesel::RunQueryDsl as _;
use domain::ids::ApplicationId;
use lgwan_zone_store::applications::charge;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::letters;
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::city::CHILDREN;
use crate::desk::{Desk, mails_nowhere};

/// A desk that sends mails, though nobody takes them here; everybody has an address.
async fn on(url: &str, told: bool) -> Desk {
    let desk = Desk::on_with(url, tempfile::tempdir().expect("a folder"), |config| {
        config.reminders.in_charge = told;
        config.mail = Some(mails_nowhere());
    })
    .await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let given = desk.store.write(|tx| {
        diesel::sql_query("update staff set email = login_id || '@mirai.lgwan.example'")
            .execute(tx.db)
    });
    given.await.expect("written");
    desk
}

async fn arrived(desk: &Desk, name: (&str, &str)) -> (ApplicationId, String) {
    let sent = desk.submission(name, &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    (id, page)
}

pub(crate) async fn person(desk: &Desk, login_id: &'static str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Named {
        #[diesel(sql_type = diesel::sql_types::Text)]
        id: String,
    }
    let found = desk.store.read(move |db| {
        diesel::sql_query(format!("select id from staff where login_id = '{login_id}'"))
            .get_result::<Named>(db)
    });
    found.await.expect("an account").id
}

/// A batch of the list that is looked at and worked off: its address and its page.
async fn all_done(browser: &Browser, fields: &[(&str, &str)]) -> (String, String) {
    let path = browser.post("/inbox", "/inbox/batches", fields).await.location();
    assert!(path.starts_with("/inbox/batches/"), "{path}");
    let page = worked_off(browser, &path).await;
    (path, page)
}

/// The page of a batch that was begun, once no row waits.
async fn worked_off(browser: &Browser, path: &str) -> String {
    assert_eq!(browser.post(path, path, &[("do", "start")]).await.location(), path);
    for _ in 0..5_000 {
        let answer = browser.get(path).await;
        if !answer.headers.contains_key("refresh") {
            return answer.text();
        }
    }
    panic!("the batch does not end");
}

async fn holder(desk: &Desk, id: &ApplicationId) -> Option<String> {
    let id = id.to_string();
    desk.store.read(move |db| charge::holder(db, &id)).await.expect("readable")
}

/// Recipients and bodies of the mails to who is in charge.
async fn mails(desk: &Desk) -> Vec<(String, String)> {
    let due = desk.store.read(|db| letters::due(db, i64::MAX, 100)).await.expect("letters");
    let own = due.into_iter().filter(|one| one.subject.contains("担当者になりました"));
    own.map(|one| (one.recipient, one.body)).collect()
}

on_both_databases!(
    /// NF-33, NF-59: somebody of the department is put in charge, is mailed once without anything of the
    /// applicant, finds what is theirs, and is in charge no more when it goes to another department.
    an_application_has_somebody_in_charge,
    |url: String| async move {
        let desk = on(&url, true).await;
        let (clerk, other) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let (id, page) = arrived(&desk, ("山田", "花子")).await;
        let (second, _) = arrived(&desk, ("鈴木", "一郎")).await;
        let (own, shinsa) = (person(&desk, "uketsuke").await, person(&desk, "shinsa").await);
        let form = format!("{page}/charge");
        let foreign = person(&desk, "kodomo").await;
        let refused = clerk.post(&page, &form, &[("person", &*foreign)]).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text().contains("この申請の課の職員ではない"), "{}", refused.text());
        for _ in 0..2 {
            let done = clerk.post(&page, &form, &[("person", &*shinsa)]).await;
            assert_eq!(done.location(), format!("{page}?said=charged"), "{}", done.text());
        }
        let told = mails(&desk).await;
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].0, "shinsa@mirai.lgwan.example");
        assert!(told[0].1.contains(&page) && !told[0].1.contains("花子"), "{told:?}");
        assert!(clerk.get(&page).await.text().contains("担当者を決めました"));

        let mine = other.get(&format!("/inbox?charge={shinsa}")).await.text();
        assert!(mine.contains("山田 花子") && !mine.contains("鈴木 一郎"), "{mine}");
        assert!(mine.contains("古い順に2,000件まで"), "{mine}");
        for (state, there) in [("arrived", true), ("reviewing", false)] {
            let narrowed = other.get(&format!("/inbox?charge={shinsa}&state={state}")).await.text();
            assert_eq!(narrowed.contains("山田 花子"), there, "{state}: {narrowed}");
        }
        // What narrows the list narrows its file.
        let narrowed = format!("charge={shinsa}&withdrawal=asked&correction=late");
        let choice = other.get(&format!("/inbox/export?{narrowed}")).await.text();
        for (name, value) in [("charge", &*shinsa), ("withdrawal", "asked"), ("correction", "late")] {
            let kept = format!("<input type=\"hidden\" name=\"{name}\" value=\"{value}\">");
            assert!(choice.contains(&kept), "{kept}: {choice}");
        }
        let file = other.get(&format!("/inbox/export/file?charge={shinsa}")).await.text();
        assert!(file.contains("花子") && !file.contains("一郎"), "{file}");
        assert!(other.get("/inbox").await.text().contains("<td data-label=\"担当者\">審査 四葉</td>"));
        let chosen = [format!("{id}:1"), format!("{second}:1")];
        let several =
            [("one", &*chosen[0]), ("one", &*chosen[1]), ("person", &*own), ("do", "charge_chosen")];
        let done = all_done(&clerk, &several).await.1;
        assert!(done.contains("2件を処理しました"), "{done}");
        assert_eq!(mails(&desk).await.len(), 1, "who takes it does not write to themselves");
        let mine = clerk.get(&format!("/inbox?charge={own}")).await.text();
        assert!(mine.contains("山田 花子") && mine.contains("鈴木 一郎"), "{mine}");
        let ended = format!("/applications/{second}");
        let refuse = format!("{ended}/refuse");
        let fields = [("seen", "1"), ("reason", "あて先が違います")];
        assert_eq!(clerk.post(&refuse, &refuse, &fields).await.status, 303);
        let over = clerk.post(&ended, &format!("{ended}/charge"), &[("person", "")]).await;
        assert_eq!(over.status, 409, "it is over, and nothing is said to be kept");
        let none = clerk.post(&page, &form, &[("person", "")]).await;
        assert_eq!(none.status, 303, "{}", none.text());
        assert!(clerk.get(&page).await.text().contains("担当者を外しました"));

        assert_eq!(clerk.post(&page, &form, &[("person", &*own)]).await.status, 303);
        let hand = format!("{page}/hand-over");
        let fields = [("department", CHILDREN), ("reason", "児童手当のため"), ("seen", "1")];
        assert_eq!(clerk.post(&hand, &hand, &fields).await.status, 303);
        let wanted = [id.to_string()];
        let left = desk.store.read(move |db| charge::of(db, &wanted)).await.expect("readable");
        assert!(left.is_empty(), "{left:?}");
        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let acts = |act: &str| log.iter().filter(|one| one.event.act == act).count();
        assert_eq!(acts("applications.put_in_charge"), 3);
        assert_eq!(acts("applications.nobody_in_charge"), 1);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-59: a town that does not want these mails sends none.
    nobody_in_charge_is_mailed_where_the_town_does_not_want_it,
    |url: String| async move {
        let desk = on(&url, false).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (_, page) = arrived(&desk, ("山田", "花子")).await;
        let shinsa = person(&desk, "shinsa").await;
        let done = clerk.post(&page, &format!("{page}/charge"), &[("person", &*shinsa)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        assert!(clerk.get(&page).await.text().contains("審査 四葉"));
        assert!(mails(&desk).await.is_empty());
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-36, NF-33, NF-59: everything that meets the conditions gets somebody in charge at once, looked at
    /// first, with one mail; whom a colleague put in charge in between stays, nobody of another department
    /// is named, and what was done is taken back.
    many_get_somebody_in_charge_and_it_is_taken_back,
    |url: String| async move {
        let desk = on(&url, true).await;
        let (clerk, other) = (desk.logged_in("uketsuke").await, desk.logged_in("shinsa").await);
        let (own, shinsa) = (person(&desk, "uketsuke").await, person(&desk, "shinsa").await);
        let (first, first_page) = arrived(&desk, ("山田", "花子")).await;
        let (second, second_page) = arrived(&desk, ("鈴木", "一郎")).await;
        let (third, third_page) = arrived(&desk, ("佐藤", "次郎")).await;
        for page in [&first_page, &third_page] {
            let whom = if *page == first_page { &*shinsa } else { &*own };
            let put = clerk.post(page, &format!("{page}/charge"), &[("person", whom)]).await;
            assert_eq!(put.status, 303, "{}", put.text());
        }
        assert_eq!(mails(&desk).await.len(), 1);

        let foreign = person(&desk, "kodomo").await;
        let refused = [("do", "charge"), ("person", &*foreign), ("back", "")];
        let refused = clerk.post("/inbox", "/inbox/batches", &refused).await;
        assert_eq!(refused.status, 409, "{}", refused.text());
        assert!(refused.text().contains("あなたの課の職員ではない"), "{}", refused.text());

        // Looked at first: nothing is done, and who is in charge already is told.
        let wish = [("do", "charge"), ("person", &*shinsa), ("back", "")];
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let looked = clerk.get(&path).await.text();
        for words in ["担当者を「審査 四葉」にする", "3件のうち2件を処理できます", "すでにそうなっています"] {
            assert!(looked.contains(words), "{words}: {looked}");
        }
        assert_eq!(holder(&desk, &second).await, None);
        let changed = other.post(&third_page, &format!("{third_page}/charge"), &[("person", "")]).await;
        assert_eq!(changed.status, 303, "{}", changed.text());
        let done = worked_off(&clerk, &path).await;
        assert!(done.contains("1件を処理しました"), "{done}");
        assert!(done.contains("確かめた後に、ほかの職員が変更しました"), "{done}");
        assert_eq!(holder(&desk, &second).await.as_deref(), Some(&*shinsa));
        assert_eq!(holder(&desk, &third).await, None, "a colleague's choice stays");
        let told = mails(&desk).await;
        assert_eq!(told.len(), 2, "one mail for all of them: {told:?}");
        assert!(told.iter().any(|(_, body)| body.contains(&format!("/inbox?charge={shinsa}"))));
        assert!(told.iter().all(|(_, body)| !body.contains("一郎")), "{told:?}");
        assert!(clerk.get(&second_page).await.text().contains("担当者を決めました"));

        // Taken back: who was in charge before is again; once only.
        let undone = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        let looked = clerk.get(&undone).await.text();
        assert!(looked.contains("担当者を元に戻す") && looked.contains("1件のうち1件"), "{looked}");
        let done = worked_off(&clerk, &undone).await;
        assert!(done.contains("1件を処理しました"), "{done}");
        assert_eq!(holder(&desk, &second).await, None);
        assert_eq!(holder(&desk, &first).await.as_deref(), Some(&*shinsa), "it was not of the batch");
        assert_eq!(clerk.post(&undone, &undone, &[("do", "undo")]).await.status, 409);

        // Nobody, for chosen ones.
        let one = format!("{first}:1");
        let (_, done) =
            all_done(&clerk, &[("one", &*one), ("person", ""), ("do", "charge_chosen")]).await;
        assert!(done.contains("担当者を外す") && done.contains("1件を処理しました"), "{done}");
        assert_eq!(holder(&desk, &first).await, None);
        let filter = Filter { object: Some(format!("application:{second}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        let acts = |act: &str| log.iter().filter(|one| one.event.act == act).count();
        assert_eq!(acts("applications.put_in_charge"), 1);
        assert_eq!(acts("applications.nobody_in_charge"), 1);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33, NF-40: who leaves the department, or whose account is stopped, is in charge of nothing there any more;
    /// the history of each application says so, and the list of what nobody is in charge of has it.
    who_leaves_is_in_charge_no_more,
    |url: String| async move {
        let desk = on(&url, false).await;
        let clerk = desk.logged_in("uketsuke").await;
        let (id, page) = arrived(&desk, ("山田", "花子")).await;
        let (_, second) = arrived(&desk, ("鈴木", "一郎")).await;
        let (_, third) = arrived(&desk, ("佐藤", "次郎")).await;
        let (own, shinsa) = (person(&desk, "uketsuke").await, person(&desk, "shinsa").await);
        for (page, person) in [(&page, &shinsa), (&second, &own), (&third, &shinsa)] {
            let put = clerk.post(page, &format!("{page}/charge"), &[("person", &**person)]).await;
            assert_eq!(put.status, 303, "{}", put.text());
        }
        // What is over keeps who was in charge, until it is reopened.
        let refuse = format!("{third}/refuse");
        let fields = [("seen", "1"), ("reason", "あて先が違います")];
        assert_eq!(clerk.post(&refuse, &refuse, &fields).await.status, 303);
        let admin = desk.logged_in("kanri").await;
        let stop = format!("/staff/{shinsa}/disable");
        assert_eq!(admin.post("/staff", &stop, &[]).await.status, 303);
        let shown = clerk.get(&page).await.text();
        for words in ["担当者なしになりました", "審査 四葉", "(決めていない)"] {
            assert!(shown.contains(words), "{words}: {shown}");
        }
        let nobodys = clerk.get("/inbox?charge=none").await.text();
        assert!(nobodys.contains("山田 花子") && !nobodys.contains("鈴木 一郎"), "{nobodys}");
        assert!(!nobodys.contains("佐藤 次郎"), "it is over: {nobodys}");
        let file = clerk.get("/inbox/export/file?charge=none").await.text();
        assert!(file.contains("花子") && !file.contains("一郎"), "{file}");
        assert!(clerk.get(&third).await.text().contains("審査 四葉"));
        let manager = desk.logged_in("tetsuzuki").await;
        let reopen = format!("{third}/reopen");
        let fields = [("seen", "2"), ("reason", "取り違えていたため")];
        assert_eq!(manager.post(&reopen, &reopen, &fields).await.status, 303);
        assert!(clerk.get("/inbox?charge=none").await.text().contains("佐藤 次郎"));

        let list = "職員番号,氏名,所属\nuketsuke,受付 三郎,kodomo\n";
        let lists = "/staff/rosters";
        let sent = admin.upload(lists, lists, &[], Some(("file", "異動.csv", list.as_bytes()))).await;
        let path = sent.location();
        assert_eq!(admin.post(&path, &path, &[("do", "apply")]).await.status, 303);
        let nobodys = manager.get("/inbox?charge=none").await.text();
        assert!(nobodys.contains("鈴木 一郎"), "{nobodys}");
        let filter = Filter { object: Some(format!("application:{id}")), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 100)).await.expect("a log");
        assert!(log.iter().any(|one| one.event.act == "applications.left_charge"));
        desk.closes().await;
    }
);
