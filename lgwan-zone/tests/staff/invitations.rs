//! Invitations to a procedure, as staff hand them out (招待).

use bridge_contract::messages::{InvitationUsed, ToStaff};
use lgwan_zone::commands::publish;
use platform_testkit::on_both_databases;

use crate::browser::Browser;
use crate::city::{self, COPY};
use crate::desk::{Desk, incoming};

async fn desk(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|definition| definition["listing"] = "invite".into()).await;
    desk
}

fn list() -> String {
    format!("/procedures/{COPY}/invitations")
}

/// The name of the next lot, as the form carries it.
async fn next(manager: &Browser) -> String {
    let page = manager.get(&list()).await.text();
    let (_, rest) = page.split_once("name=\"id\" value=\"").expect("a form");
    rest.split('"').next().expect("an id").to_owned()
}

/// What stands in the first column of a lot, and the identifiers of what may be revoked.
fn named(page: &str) -> Vec<String> {
    let cells = page.split("<th scope=\"row\"").skip(1);
    let text = |cell: &str| cell.split_once('>')?.1.split('<').next().map(str::to_owned);
    cells.filter_map(text).collect()
}

on_both_databases!(
    /// NF-45: a manager hands out codes to print, once however often it is pressed; the list counts what
    /// was sent by them and names the applications; what is revoked is no longer printed.
    codes_are_handed_out_counted_and_revoked,
    |url: String| async move {
        let desk = desk(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        assert!(manager.get(&format!("/procedures/{COPY}")).await.text().contains(&list()));
        let id = next(&manager).await;
        let wish = [
            ("id", id.as_str()),
            ("label", "説明会の参加者"),
            ("kind", "code"),
            ("count", "３"),
            ("uses", "2"),
            ("until", "2026-12-31"),
        ];
        for _ in 0..2 {
            let made = manager.post(&list(), &list(), &wish).await;
            assert_eq!(made.status, 303, "{}", made.text());
            assert_eq!(made.location(), format!("{}/{id}?said=invited", list()));
        }
        let lot = format!("{}/{id}", list());
        let page = manager.get(&lot).await.text();
        let codes = named(&page);
        assert_eq!(codes.len(), 3, "{page}");
        assert!(codes.iter().all(|code| code.len() == 19), "{codes:?}");
        assert!(page.contains("2026-12-31") && page.contains("使えます"), "{page}");
        let ids: Vec<&str> =
            page.split("name=\"revoke\" value=\"").skip(1).map(|rest| &rest[..26]).collect();

        // The citizens' zone tells of a use, twice the same item: counted once.
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let application = submission.application_id.clone();
        let used = InvitationUsed {
            invitation_id: ids[0].to_owned(),
            application_id: Some(application.clone()),
        };
        desk.arrives(incoming(80, used.into(), None, Vec::new(), Vec::new())).await.expect("in");
        desk.arrives(sent).await.expect("it arrives");
        let nobody = InvitationUsed { invitation_id: ids[0].to_owned(), application_id: None };
        desk.arrives(incoming(81, nobody.into(), None, Vec::new(), Vec::new())).await.expect("in");
        let page = manager.get(&lot).await.text();
        assert!(page.contains("使用済み"), "two of two: {page}");
        assert!(page.contains(&format!("/applications/{application}")), "{page}");
        let clerk = desk.logged_in("uketsuke").await;
        let whole = clerk.get(&format!("/applications/{application}")).await.text();
        assert!(whole.contains("説明会の参加者") && !whole.contains(&codes[0]), "{whole}");

        let ended = manager.post(&lot, &lot, &[("revoke", ids[1])]).await;
        assert_eq!(ended.location(), format!("{lot}?said=uninvited"));
        let slips = manager.get(&format!("{lot}/slips")).await.text();
        assert!(slips.contains(&codes[2]) && slips.contains("<svg"), "{slips}");
        assert!(!slips.contains(&codes[0]) && !slips.contains(&codes[1]), "used and revoked");
        let file = manager.get(&format!("{lot}/file")).await.text();
        assert!(file.contains(&format!("/procedures/juminhyo/invited/{}", codes[2])), "{file}");
        assert!(file.contains("取消し") && file.contains("使用済み"), "{file}");
        manager.post(&lot, &lot, &[("revoke", "all")]).await;
        let page = manager.get(&lot).await.text();
        assert!(!page.contains("使えます") && !page.contains("name=\"revoke\""), "{page}");
        let auditor = desk.logged_in("kansa").await;
        let log = auditor.get("/audit?act=procedures").await.text();
        for act in ["招待の作成", "招待の取消し", "招待の印刷・保存"] {
            assert!(log.contains(act), "{act}: {log}");
        }
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-45: addresses are invited one a line, twice the same counts once; wrong lines are told by their
    /// number and what was typed stays. Nothing of them crosses but digests.
    addresses_are_invited,
    |url: String| async move {
        let desk = desk(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let id = next(&manager).await;
        let wish = |addresses: &'static str, until: &'static str| {
            let id = id.clone();
            vec![
                ("id".to_owned(), id),
                ("label".to_owned(), "委員".to_owned()),
                ("kind".to_owned(), "address".to_owned()),
                ("addresses".to_owned(), addresses.to_owned()),
                ("uses".to_owned(), "1".to_owned()),
                ("until".to_owned(), until.to_owned()),
            ]
        };
        for (addresses, until, told) in [
            ("hana@example.jp\nだれか\n", "2026-12-31", "2行目はメールアドレスではありません"),
            ("", "2026-12-31", "メールアドレスを1つ以上"),
            ("hana@example.jp", "2026-01-01", "今日から2年以内"),
            ("hana@example.jp", "9999-12-31", "今日から2年以内"),
            ("hana@example.jp", "2026-02-30", "今日から2年以内"),
        ] {
            let fields = wish(addresses, until);
            let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
            let answer = manager.post(&list(), &list(), &fields).await;
            assert_eq!(answer.status, 422);
            let page = answer.text();
            assert!(page.contains(told), "{told}: {page}");
            assert!(page.contains(addresses.lines().next().unwrap_or("委員")), "it stays: {page}");
        }
        let fields = wish("hana@example.jp\r\n\r\n Hana@Example.jp,\r\nｔａｒｏ＠example.jp", "2026-12-31");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (&**n, &**v)).collect();
        let made = manager.post(&list(), &list(), &fields).await;
        assert_eq!(made.status, 303, "{}", made.text());
        let lot = format!("{}/{id}", list());
        let page = manager.get(&lot).await.text();
        assert_eq!(named(&page), ["hana@example.jp", "taro@example.jp"], "{page}");
        assert_eq!(manager.get(&format!("{lot}/slips")).await.status, 303, "nothing to cut");

        let other = desk.logged_in("uketsuke").await;
        assert_eq!(other.get(&lot).await.status, 403, "clerks hand out none");
        let open = format!("/procedures/{COPY}/invitations/00000000000000000000000009");
        assert_eq!(manager.get(&open).await.status, 404);
        let mut open = city::definition(&["accept", "review", "notify"]);
        open["revision"] = 2.into();
        let file = desk.file("procedure.json", &open.to_string());
        publish(&desk.config, &desk.clock, "tetsuzuki", &[file], None).await.expect("published");
        let refused = manager.get(&list()).await;
        assert_eq!(refused.status, 409);
        assert!(refused.text().contains("招待の手続ではありません"), "{}", refused.text());
        desk.closes().await;
    }
);
