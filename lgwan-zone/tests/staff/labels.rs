//! 付箋 on applications and conditions of the list kept under a name.

use domain::ids::ApplicationId;
use jiff::SignedDuration;
use lgwan_zone_store::applications::inbox::{self, From, Order, Place, Wish};
use lgwan_zone_store::applications::labels::{self, Label};
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::city::{CHILDREN, CITIZENS};
use crate::desk::Desk;

const LABELS: &str = "/inbox/labels";

async fn on(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes(&["accept", "review", "notify"]).await;
    desk
}

/// One a minute, so that the list has an order.
async fn arrive(desk: &Desk, given: &str) -> ApplicationId {
    desk.clock.advance(SignedDuration::from_mins(1));
    let sent = desk.submission(("山田", given), &[]).await;
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    id
}

async fn made(desk: &Desk, manager: &Browser, name: &str, colour: &str) -> Label {
    let sent = manager.post(LABELS, LABELS, &[("name", name), ("colour", colour)]).await;
    assert_eq!(sent.location(), "/inbox/labels?said=label_made", "{}", sent.text());
    let all = stored(desk, CITIZENS).await;
    all.into_iter().find(|one| one.name == name).expect("made")
}

async fn stored(desk: &Desk, department: &str) -> Vec<Label> {
    let ids = vec![department.to_owned()];
    desk.store.read(move |db| labels::of_departments(db, &ids)).await.expect("readable")
}

async fn ended(browser: &Browser, path: &str) -> String {
    for _ in 0..5_000 {
        let answer = browser.get(path).await;
        if !answer.headers.contains_key("refresh") {
            return answer.text();
        }
    }
    panic!("the batch does not end");
}

/// Names of the applicants in the list, in its order.
async fn listed(browser: &Browser, path: &str) -> Vec<&'static str> {
    let page = browser.get(path).await.text();
    let table = page.split("<tbody>").nth(1).unwrap_or_default().to_owned();
    let mut found: Vec<(usize, &str)> = ["花子", "次郎", "三郎"]
        .into_iter()
        .filter_map(|name| Some((table.find(&format!("山田 {name}"))?, name)))
        .collect();
    found.sort_unstable();
    found.into_iter().map(|(_, name)| name).collect()
}

on_both_databases!(
    /// NF-33: labels are made by who leads the department, put on and off one by one, for chosen
    /// applications and for the whole list; the list is narrowed by them, the history tells of them.
    labels_are_put_on_and_found,
    |url: String| async move {
        let desk = on(&url).await;
        let (one, two, _) =
            (arrive(&desk, "花子").await, arrive(&desk, "次郎").await, arrive(&desk, "三郎").await);
        let clerk = desk.logged_in("uketsuke").await;
        let manager = desk.logged_in("tetsuzuki").await;
        assert_eq!(clerk.get(LABELS).await.status, 403, "clerks make none");
        let label = made(&desk, &manager, "至急", "red").await;
        let again = manager.post(LABELS, LABELS, &[("name", "至急"), ("colour", "blue")]).await;
        assert_eq!(again.status, 422);
        assert!(again.text().contains("同じ文字のラベルがあります"), "{}", again.text());
        for bad in ["", "二十文字を超えるとても長い名前のラベルは付けられない"] {
            let sent = manager.post(LABELS, LABELS, &[("name", bad), ("colour", "red")]).await;
            assert_eq!(sent.status, 422, "{bad}");
            assert!(sent.text().contains("20文字以内で入力してください"));
        }

        // One by one, on its page.
        let page = format!("/applications/{one}");
        let put = [("label", label.id.as_str())];
        let sent = clerk.post(&page, &format!("{page}/labels"), &put).await;
        assert_eq!(sent.location(), format!("{page}?said=labelled"));
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("ラベルを付けました") && shown.contains("label-red"), "{shown}");
        let narrowed = format!("/inbox?label={}", label.id);
        assert_eq!(listed(&clerk, &narrowed).await, ["花子"]);

        // It goes along from state to state.
        let step = clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await;
        assert_eq!(step.status, 303, "{}", step.text());
        assert_eq!(listed(&clerk, &format!("{narrowed}&state=accepted")).await, ["花子"]);
        assert!(listed(&clerk, &format!("{narrowed}&state=arrived")).await.is_empty());

        // Chosen ones of the list.
        let chosen = [
            ("one", format!("{one}:2")),
            ("one", format!("{two}:1")),
            ("do", "label_on".to_owned()),
            ("tag", label.id.clone()),
        ];
        let chosen: Vec<(&str, &str)> = chosen.iter().map(|(a, b)| (*a, b.as_str())).collect();
        let said = clerk.post("/inbox", "/inbox/steps", &chosen).await.text();
        assert!(said.contains("1件を処理しました。処理しなかった申請は1件です。"), "{said}");
        assert!(said.contains("すでにそうなっています"), "{said}");
        assert_eq!(listed(&clerk, &narrowed).await, ["次郎", "花子"]);
        assert_eq!(listed(&clerk, &format!("{narrowed}&q=%E5%B1%B1%E7%94%B0")).await.len(), 2);

        // Everything that meets the conditions, as a batch.
        let whole = [("do", "label_on"), ("tag", label.id.as_str()), ("back", "?order=oldest")];
        let path = clerk.post("/inbox", "/inbox/batches", &whole).await.location();
        let looked = clerk.get(&path).await.text();
        assert!(looked.contains("ラベル「至急」を付ける"), "{looked}");
        assert_eq!(listed(&clerk, &narrowed).await.len(), 2, "nothing is done yet");
        assert_eq!(clerk.post(&path, &path, &[("do", "start")]).await.location(), path);
        let page = ended(&clerk, &path).await;
        assert!(page.contains("1件を処理しました"), "{page}");
        assert_eq!(listed(&clerk, &narrowed).await, ["三郎", "次郎", "花子"]);
        assert_eq!(listed(&clerk, &format!("{narrowed}&order=oldest")).await, [
            "花子", "次郎", "三郎"
        ]);
        let csv = clerk.get(&format!("/inbox/export/file?label={}&state=accepted", label.id)).await;
        let csv = csv.text();
        assert!(csv.contains("花子") && !csv.contains("次郎"), "{csv}");

        // Taken off: a colleague's label stays.
        let other = made(&desk, &manager, "要確認", "blue").await;
        let page = format!("/applications/{two}");
        let shinsa = desk.logged_in("shinsa").await;
        let sent = shinsa
            .post(&page, &format!("{page}/labels"), &[("label", &other.id), ("label", &label.id),
                ("was", &label.id)])
            .await;
        assert_eq!(sent.status, 303);
        let sent =
            clerk.post(&page, &format!("{page}/labels"), &[("was", label.id.as_str())]).await;
        assert_eq!(sent.status, 303);
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("ラベルを外しました"), "{shown}");
        assert_eq!(listed(&clerk, &format!("/inbox?label={}", other.id)).await, ["次郎"]);
        assert_eq!(listed(&clerk, &narrowed).await, ["三郎", "花子"]);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33, NF-39: a label that is used no more stays where it is and goes nowhere else; another
    /// department's is as if it were not there.
    a_label_ends_and_stays_in_its_department,
    |url: String| async move {
        let desk = on(&url).await;
        let (one, two) = (arrive(&desk, "花子").await, arrive(&desk, "次郎").await);
        let (clerk, manager) =
            (desk.logged_in("uketsuke").await, desk.logged_in("tetsuzuki").await);
        let label = made(&desk, &manager, "至急", "red").await;
        let put = |id: &ApplicationId| (format!("/applications/{id}"), label.id.clone());
        let (page, id) = put(&one);
        clerk.post(&page, &format!("{page}/labels"), &[("label", &id)]).await;

        let at = format!("{LABELS}/{}", label.id);
        let other = desk.logged_in("kodomo").await;
        assert_eq!(other.post("/inbox", &at, &[("do", "end")]).await.status, 403);
        assert!(!other.get("/inbox").await.text().contains("至急"));
        let foreign = other.get(&format!("/inbox?label={}", label.id)).await.text();
        assert!(foreign.contains("ほかの課のものです") && !foreign.contains("花子"), "{foreign}");

        let fields = [("name", "最優先"), ("colour", "purple")];
        let sent = manager.post(LABELS, &at, &fields).await;
        assert_eq!(sent.location(), "/inbox/labels?said=label_changed");
        let sent = manager.post(LABELS, &at, &[("do", "end")]).await;
        assert_eq!(sent.location(), "/inbox/labels?said=label_changed");
        let shown = clerk.get(&page).await.text();
        assert!(shown.contains("最優先") && shown.contains("label-purple"), "{shown}");
        let (page, id) = put(&two);
        clerk.post(&page, &format!("{page}/labels"), &[("label", &id)]).await;
        let narrowed = format!("/inbox?label={}", label.id);
        assert_eq!(listed(&clerk, &narrowed).await, ["花子"], "it goes nowhere else");
        assert!(clerk.get(&narrowed).await.text().contains("使用をやめたもの"));
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33: a list by label is read in pages, each way, by arrival and by deadline, and never shows
    /// what lies in a department that was not asked for.
    a_list_by_label_turns_its_pages,
    |url: String| async move {
        let desk = on(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let label = made(&desk, &manager, "至急", "red").await;
        let mut all = Vec::new();
        for _ in 0..5 {
            let id = arrive(&desk, "花子").await.to_string();
            let (by, label, wanted) = (lgwan_zone_store::By::cli(desk.clock.now()), label.clone(), id.clone());
            let put = desk.store.write(move |tx| {
                let row = lgwan_zone_store::applications::file::row(tx.db, &wanted)?;
                labels::put(tx, &by, &row.expect("there"), &label)
            });
            assert_eq!(put.await.expect("written"), labels::Put::Done);
            all.push(id);
        }
        let wish = |departments: &[&str], from: From, order: Order| Wish {
            inquiries: false,
            uncorrected: None,
            withdrawals: false,
            in_charge: None,
            uncharged: false,
            departments: departments.iter().map(|one| (*one).to_owned()).collect(),
            states: Vec::new(),
            procedure: None,
            label: Some(label.id.clone()),
            slot_day: None,
            since: None,
            until: None,
            deadline_by: None,
            order,
            from,
            rows: 2,
        };
        let page = async |wish: Wish| {
            let page = desk.store.read(move |db| inbox::page(db, &wish)).await.expect("readable");
            let ids: Vec<String> = page.lines.iter().map(|line| line.id.clone()).collect();
            let places: Vec<Place> =
                page.lines.iter().map(|line| line.place(Order::Oldest)).collect();
            (ids, places, page.earlier, page.later)
        };
        let (first, places, earlier, later) =
            page(wish(&[CITIZENS], From::Top, Order::Oldest)).await;
        assert_eq!((first.as_slice(), earlier, later), (&all[..2], false, true));
        let behind = From::After(places[1].clone());
        let (second, places, ..) = page(wish(&[CITIZENS], behind, Order::Oldest)).await;
        assert_eq!(second, all[2..4]);
        let before = From::Before(places[0].clone());
        let (back, ..) = page(wish(&[CITIZENS], before, Order::Oldest)).await;
        assert_eq!(back, all[..2]);
        let (newest, ..) = page(wish(&[CITIZENS], From::Top, Order::Newest)).await;
        assert_eq!(newest, [all[4].clone(), all[3].clone()]);
        assert!(page(wish(&[CHILDREN], From::Top, Order::Newest)).await.0.is_empty());
        let none = page(wish(&[CITIZENS], From::Top, Order::Deadline)).await.0;
        assert!(none.is_empty(), "nothing is promised here");
        desk.closes().await;
    }
);

/// NF-33: conditions are kept under a name, replaced under the same one, and are nobody else's.
#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_kept_under_a_name() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let clerk = desk.logged_in("uketsuke").await;
    let keep = |query: &'static str| [("back", query), ("name", "受付待ちの古い順")];
    let shown = "/inbox?state=arrived&order=oldest";
    let sent = clerk.post(shown, "/inbox/filters", &keep("?state=arrived&order=oldest")).await;
    assert_eq!(sent.location(), format!("{shown}&said=filter_kept"));
    let list = clerk.get("/inbox").await.text();
    assert!(list.contains("受付待ちの古い順"), "{list}");
    assert!(
        list.contains("href=\"/inbox?state=arrived&amp;order=oldest\"")
            || list.contains("href=\"/inbox?state=arrived&#38;order=oldest\""),
        "{list}"
    );
    let sent = clerk.post(shown, "/inbox/filters", &keep("?state=arrived&due=nonsense")).await;
    assert_eq!(sent.location(), "/inbox?state=arrived&said=filter_replaced");
    let nothing = clerk.post(shown, "/inbox/filters", &keep("")).await;
    assert_eq!(nothing.status, 422);
    assert!(nothing.text().contains("名前を付けて保存してください"));

    let colleague = desk.logged_in("shinsa").await;
    assert!(!colleague.get("/inbox").await.text().contains("受付待ちの古い順"));
    let kept = clerk.get("/inbox/filters").await.text();
    let at = kept.split("action=\"/inbox/filters/").nth(1).expect("a form");
    let path = format!("/inbox/filters/{}", at.split('"').next().expect("an id"));
    colleague.post("/account/password", &path, &[]).await;
    assert!(clerk.get("/inbox").await.text().contains("受付待ちの古い順"), "it is not theirs");
    clerk.post("/inbox/filters", &path, &[]).await;
    assert!(!clerk.get("/inbox").await.text().contains("受付待ちの古い順"));
    for name in 0..20 {
        let name = format!("条件{name}");
        let fields = [("back", "?state=done"), ("name", name.as_str())];
        assert_eq!(clerk.post(shown, "/inbox/filters", &fields).await.status, 303);
    }
    let full = clerk.post(shown, "/inbox/filters", &keep("?state=done")).await;
    assert_eq!(full.status, 409);
    assert!(full.text().contains("20個までです"));
    desk.closes().await;
}
