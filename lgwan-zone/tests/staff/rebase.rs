//! 版の移し替え: applications in flight go on under a newer revision.

use std::collections::BTreeMap;

use bridge_contract::messages::Correction;
use diesel::RunQueryDsl as _;
use lgwan_zone_store::applications::file;
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::city::COPY;
use crate::desk::{Desk, arrive, incoming, row};

/// Messages of this kind that were put on their way.
async fn told(desk: &Desk, kind: i32) -> i64 {
    #[derive(diesel::QueryableByName)]
    struct Count {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        items: i64,
    }
    let counted = desk.store.read(move |db| {
        let query = format!("select count(*) as items from outbox_items where kind = {kind}");
        diesel::sql_query(query).get_result::<Count>(db)
    });
    counted.await.expect("readable").items
}

/// The page of a batch once no row waits.
async fn ended(browser: &Browser, path: &str) -> String {
    for _ in 0..5_000 {
        let answer = browser.get(path).await;
        if !answer.headers.contains_key("refresh") {
            return answer.text();
        }
    }
    panic!("the batch does not end");
}

fn compare() -> String {
    format!("/procedures/{COPY}/compare?from=1&to=2")
}

/// What moving these comes to: the page of the batch.
async fn looks(manager: &Browser, fields: &[(&str, &str)]) -> String {
    let answer = manager.post(&compare(), &format!("/procedures/{COPY}/rebase"), fields).await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location()
}

on_both_databases!(
    /// NF-37, NF-58: who is in flight is moved to the newer revision by state or one by one, after a page
    /// that says what falls away; what was answered stays to be read, and nothing moves back.
    those_in_flight_go_on_under_the_newer_revision,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let (plain, asked) = (arrive(&desk).await, arrive(&desk).await);
        let form = format!("/applications/{asked}/correction");
        let fields =
            [("fields", "phone"), ("reason", "番号を"), ("due", "2026-12-01"), ("seen", "1")];
        assert_eq!(manager.post(&form, &form, &fields).await.status, 303);
        desk.publishes_with(|one| {
            one["pages"][1]["fields"].as_array_mut().expect("fields").remove(1);
        })
        .await;
        let page = manager.get(&compare()).await.text();
        assert!(page.contains("新しい版への移し替え") && page.contains("移す申請の状態"), "{page}");
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get(&compare()).await.text();
        assert!(!page.contains("移す申請の状態"), "who leads the procedure moves: {page}");
        let nothing = looks(&manager, &[("do", "all"), ("state", "no such state")]).await;
        assert_eq!(nothing, format!("/procedures/{COPY}/compare?said=none_chosen"));

        let wish = [("do", "all"), ("state", "arrived"), ("state", "accepted")];
        let path = looks(&manager, &wish).await;
        let page = manager.get(&path).await.text();
        for words in [
            "「住民票の写しの請求」の第2版への移し替え",
            "1件のうち1件を処理できます",
            "新しい版にない質問（今の回答は記録に残ります）：使いみち",
            "移した申請は、前の版に戻せません",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!((row(&desk, &plain).await.revision, told(&desk, 54).await), (1, 0));
        assert_eq!(manager.post(&path, &path, &[("do", "start")]).await.location(), path);
        assert!(ended(&manager, &path).await.contains("1件を処理しました"));
        let moved = row(&desk, &plain).await;
        assert_eq!((moved.revision, moved.version, moved.state.as_str()), (2, 2, "arrived"));
        assert_eq!(told(&desk, 54).await, 1, "the citizens' zone is told the revision");
        let page = clerk.get(&format!("/applications/{plain}")).await.text();
        for words in [
            "手続の新しい版に移しました",
            "第1版から第2版に移しました。",
            "前の版だけにある質問",
            "銀行の手続きのため",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(manager.post(&path, &path, &[("do", "undo")]).await.status, 409);

        // What the applicant corrects goes on under the form they see; what was moved is there already.
        let (waits, there) = (format!("{asked}:2"), format!("{plain}:2"));
        let wish = [("do", "chosen"), ("one", waits.as_str()), ("one", there.as_str())];
        let page = manager.get(&looks(&manager, &wish).await).await.text();
        for words in ["2件のうち0件", "今の状態ではできません", "すでにそうなっています"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert_eq!(row(&desk, &asked).await.revision, 1);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-58: whose answers do not satisfy the newer revision stays, or is moved and asked for just
    /// the new questions when that is chosen; the answer is checked by the newer revision.
    who_misses_an_answer_stays_or_is_asked_for_it,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let all = [arrive(&desk).await, arrive(&desk).await];
        desk.publishes_with(|one| {
            let fields = one["pages"][0]["fields"].as_array_mut().expect("fields");
            fields.push(serde_json::json!(
                {"id": "area", "label": "お住まいの地区", "required": true, "kind": {"type": "text"}}
            ));
        })
        .await;
        let wish = [("do", "all"), ("state", "arrived")];
        let path = looks(&manager, &wish).await;
        let page = manager.get(&path).await.text();
        for words in [
            "2件のうち0件を処理できます",
            "新しい版で答えが必要な質問：お住まいの地区",
            "足りない質問だけを申請者に答えてもらう",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        manager.post(&path, &path, &[("do", "start"), ("missing", "stay")]).await;
        assert!(ended(&manager, &path).await.contains("0件を処理しました"));
        assert_eq!((row(&desk, &all[0]).await.revision, told(&desk, 54).await), (1, 0));

        let path = looks(&manager, &wish).await;
        let faulty = [("do", "start"), ("missing", "ask"), ("due", "2026-11-20")];
        let back = manager.post(&path, &path, &faulty).await;
        assert_eq!(back.status, 422);
        for words in ["理由を入力", "期限は今日より後の日付"] {
            assert!(back.text().contains(words), "{words}: {}", back.text());
        }
        let reason = "新しい様式では地区もうかがいます。";
        let start =
            [("do", "start"), ("missing", "ask"), ("reason", reason), ("due", "2026-12-18")];
        assert_eq!(manager.post(&path, &path, &start).await.location(), path);
        assert!(ended(&manager, &path).await.contains("2件を処理しました"));
        assert_eq!((told(&desk, 54).await, told(&desk, 5).await), (2, 2));
        for id in &all {
            let row = row(&desk, id).await;
            assert_eq!((row.revision, row.version), (2, 3));
            assert_eq!(row.state, "correction:arrived");
            let id = id.to_string();
            let asked = desk.store.read(move |db| file::correction(db, &id, 1)).await;
            let asked = asked.expect("readable").expect("it was asked");
            assert_eq!((asked.fields.as_str(), asked.reason.as_str()), ("[\"area\"]", reason));
        }
        let answers = BTreeMap::from([("area".to_owned(), vec!["中央".to_owned()])]);
        let attachments = Vec::new();
        let application_id = all[0].clone();
        let sent = Correction { application_id, round: 1, answers, attachments, by: None };
        let sent = incoming(50, sent.into(), None, Vec::new(), Vec::new());
        desk.arrives(sent).await.expect("taken in");
        let row = row(&desk, &all[0]).await;
        assert_eq!((row.state.as_str(), row.round), ("arrived", 1));
        let page = manager.get(&format!("/applications/{}", all[0])).await.text();
        assert!(page.contains("中央") && page.contains("銀行の手続きのため"), "{page}");
        desk.closes().await;
    }
);
