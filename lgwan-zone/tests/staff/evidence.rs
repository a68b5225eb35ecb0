//! The operation logs of both zones: searched, saved, disclosed.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{Applicant, Delegate, EventsTold, ToStaff, ToldEvent};
use domain::ids::{AccountId, ApplicationId};
use jiff::SignedDuration;
use lgwan_zone_store::audit::{self, Verdict};
use platform_testkit::on_both_databases;

use crate::desk::{Desk, incoming};

fn event(desk: &Desk, actor: &str, act: &str, object: String) -> ToldEvent {
    ToldEvent {
        at: desk.clock.now(),
        actor: actor.to_owned(),
        session: "0123456789abcdef".to_owned(),
        ip: "198.51.100.4".to_owned(),
        act: act.to_owned(),
        object,
        result: "ok".to_owned(),
        detail: String::new(),
    }
}

/// 花子 applies, and the citizens' zone tells what she did; another person did things too.
async fn told(desk: &Desk) -> (ApplicationId, String, String) {
    desk.publishes(&["accept", "review", "notify"]).await;
    let sent = desk.submission(("山田", "花子"), &[]).await;
    let ToStaff::Submission(said) = &sent.message.message else { panic!("a submission") };
    let id = said.application_id.clone();
    let number = sent.message.arrival.clone().and_then(|one| one.number).expect("a number");
    desk.arrives(sent).await.expect("taken in");
    let hanako = AccountId::from_bits(1).as_str().to_owned();
    let person = format!("account:{hanako}");
    let other = format!("account:{}", AccountId::from_bits(77).as_str());
    let events = vec![
        event(desk, &person, "identity.signed_in", person.clone()),
        event(desk, &person, "applications.arrived", format!("application:{id}")),
        event(desk, &other, "identity.signed_in", other.clone()),
        event(desk, &person, "identity.=cmd", person.clone()),
    ];
    let told = EventsTold { first: 1, prev: Digest::ZERO, events };
    for serial in [801, 802] {
        let message = incoming(serial, told.clone().into(), None, Vec::new(), Vec::new());
        desk.arrives(message).await.expect("taken in");
    }
    (id, number, hanako)
}

on_both_databases!(
    /// NF-41, NF-42: what both zones logged about one application or one citizen is put together
    /// for a request for disclosure, to print and to save, without the names of staff unless
    /// asked for; nobody else's records are in it, and that it was made is recorded.
    everything_about_one_citizen_is_disclosed,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (id, number, hanako) = told(&desk).await;
        desk.clock.advance(SignedDuration::from_mins(5));
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get(&format!("/applications/{id}")).await.status, 200);
        assert_eq!(clerk.get("/audit/disclosure").await.status, 403);

        let auditor = desk.logged_in("kansa").await;
        let of = format!("/audit/disclosure?of={number}");
        let page = auditor.get(&of).await.text();
        for words in [&*number, "山田 花子", "市民側", "申請の到達", "申請の閲覧", &*hanako, "198.51.100.4"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("uketsuke"), "no clerk is named: {page}");
        assert!(!page.contains(">ログイン</td>"), "a log-in belongs to no application: {page}");

        let whole = format!("{of}&scope=person&names=shown");
        let page = auditor.get(&whole).await.text();
        assert!(page.contains(">ログイン</td>"), "{page}");
        let file = auditor.get(&whole.replace("disclosure?", "disclosure/file?")).await.text();
        let lines: Vec<&str> = file.lines().collect();
        let of_hanako = lines.iter().filter(|line| line.contains("198.51.100.4")).count();
        assert_eq!(of_hanako, 3, "{file}");
        assert!(file.contains("uketsuke"), "{file}");
        let other = AccountId::from_bits(77);
        assert!(!file.contains(other.as_str()), "{file}");
        let by_account = auditor.get(&format!("/audit/disclosure?of={hanako}")).await.text();
        assert!(by_account.contains(&number), "{by_account}");

        let nobody = auditor.get("/audit/disclosure?of=2026-9999-9999").await.text();
        assert!(nobody.contains("見つかりません"), "{nobody}");
        let log = auditor.get(&format!("/audit?object={number}&act=audit")).await.text();
        assert!(log.contains("開示用の記録の表示"), "{log}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-41, NF-42: of an application somebody filled in for another person, a disclosure for who filled
    /// it in tells what they did, and nothing of that other person.
    a_disclosure_tells_nothing_of_third_parties,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let mut sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(said) = &mut sent.message.message else { panic!("a submission") };
        let application = format!("application:{}", said.application_id);
        let (hanako, taro) = (AccountId::from_bits(501), AccountId::from_bits(502));
        let mail = || "hanako@example.jp".to_owned();
        said.applicant = Applicant::Represented {
            id: hanako.clone(),
            display_name: "山田 花子".to_owned(),
            email: mail(),
            by: Delegate { id: taro.clone(), display_name: "山田 太郎".to_owned(), email: mail() },
        };
        desk.arrives(sent).await.expect("taken in");
        let (hers, his) = (format!("account:{}", hanako.as_str()), format!("account:{}", taro.as_str()));
        let mut read = event(&desk, &hers, "applications.corrected", application.clone());
        read.ip = "203.0.113.9".to_owned();
        let events = vec![event(&desk, &his, "applications.arrived", application), read];
        let told = EventsTold { first: 1, prev: Digest::ZERO, events };
        let message = incoming(801, told.into(), None, Vec::new(), Vec::new());
        desk.arrives(message).await.expect("taken in");

        let auditor = desk.logged_in("kansa").await;
        let of = async |id: &AccountId| {
            auditor.get(&format!("/audit/disclosure?of={}", id.as_str())).await.text()
        };
        let his = of(&taro).await;
        assert!(his.contains("198.51.100.4"), "what he did: {his}");
        assert!(!his.contains("203.0.113.9") && !his.contains(hanako.as_str()), "{his}");
        let hers = of(&hanako).await;
        assert!(hers.contains("203.0.113.9") && hers.contains("198.51.100.4"), "hers is whole: {hers}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-42, MN-7.1b, NN-11, NS-2: the logs of both zones are searched by period, person, thing,
    /// kind, outcome and zone, and saved whole with user id, time and what was done in every row,
    /// safe to open, as UTF-8 and as Shift_JIS.
    the_logs_are_searched_and_saved,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (_, number, hanako) = told(&desk).await;
        desk.clock.advance(SignedDuration::from_mins(5));
        let auditor = desk.logged_in("kansa").await;
        let rows = async |query: &str| {
            let page = auditor.get(&format!("/audit?{query}")).await.text();
            page.matches("<tr><th scope=\"row\"").count()
        };
        assert_eq!(rows("zone=citizens").await, 4);
        assert_eq!(rows(&format!("zone=citizens&actor={number}")).await, 3);
        assert_eq!(rows(&format!("actor={hanako}&act=applications")).await, 1);
        assert_eq!(rows(&format!("object={number}&zone=citizens")).await, 1);
        assert_eq!(rows("zone=citizens&result=refused").await, 0);
        assert_eq!(rows("zone=citizens&until=2026-11-19").await, 0);
        assert_eq!(rows("zone=citizens&since=2026-11-20&until=2026-11-20").await, 4);
        assert_eq!(rows("actor=kansa&result=ok&act=identity").await, 1);

        let file = auditor.get("/audit/export?zone=citizens").await;
        let text = file.text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 5, "{text}");
        assert!(lines[0].contains("日時") && lines[0].contains("ユーザーID"), "{text}");
        for line in &lines[1..] {
            assert!(line.contains("account:") && line.contains("2026-11-20 10:00:00"), "{line}");
        }
        assert!(text.contains("\"identity.=cmd\""), "{text}");
        assert!(!text.contains("\"="), "no cell is a formula: {text}");
        let old = auditor.get("/audit/export?encoding=cp932&act=identity").await;
        let media = old.headers[http::header::CONTENT_TYPE].to_str().expect("ASCII").to_owned();
        assert_eq!(media, "text/csv; charset=Shift_JIS");
        assert!(old.bytes.windows(4).any(|four| four == b"kans"), "the auditor's own log-in");
        let log = auditor.get("/audit?act=audit").await.text();
        assert!(log.contains("zone=citizens"), "what was taken out is recorded: {log}");
        let checked = auditor.get("/audit/verify").await.text();
        assert_eq!(checked.matches("書かれたときのままです").count(), 3, "{checked}");
        // To read is no risk; to carry the log away wants a proof of the last minutes (IK-3.5.2b).
        desk.clock.advance(SignedDuration::from_mins(6));
        assert_eq!(auditor.get("/audit?zone=citizens").await.status, 200);
        for file in ["/audit/export?zone=citizens", "/audit/disclosure/file?of=1"] {
            let door = auditor.get(file).await.location();
            assert!(door.starts_with("/account/proof?to=%2Faudit%2F"), "{door}");
        }
        desk.closes().await;
    }
);

/// NF-42, NN-11: a file of any length goes out whole, each event once, newest first.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_goes_out_whole() {
    let desk = Desk::open().await;
    let mut prev = Digest::ZERO;
    for part in 0..9_u64 {
        let mut events = Vec::new();
        for n in 0..500_u64 {
            desk.clock.advance(SignedDuration::from_millis(((part * 500 + n) % 3 / 2) as i64));
            events.push(event(&desk, "visitor", "identity.sign_in_failed", format!("network:{n}")));
        }
        let told = EventsTold { first: part * 500 + 1, prev, events };
        desk.arrives(incoming(700 + part, told.into(), None, Vec::new(), Vec::new()))
            .await
            .expect("taken in");
        prev = last_hash(&desk).await;
    }
    let auditor = desk.logged_in("kansa").await;
    let text = auditor.get("/audit/export?zone=citizens").await.text();
    let numbers: Vec<i64> = text
        .lines()
        .skip(1)
        .map(|line| {
            line.split("\",\"").nth(1).and_then(|cell| cell.parse().ok()).expect("a number")
        })
        .collect();
    assert_eq!(numbers, (1..=4_500).rev().collect::<Vec<_>>());
    desk.closes().await;
}

/// Hash of the last event that was told.
async fn last_hash(desk: &Desk) -> Digest {
    match audit::verify(&desk.store, None, audit::Log::Other).await.expect("readable") {
        Verdict::Whole { head, .. } => Digest(head.try_into().expect("32 bytes")),
        Verdict::Broken { seq, why } => panic!("{seq}: {why}"),
    }
}

on_both_databases!(
    /// NF-41, NF-42, NF-24: whose data left with a list is noted with the list, so that a disclosure names
    /// it; a list without the person is none of theirs, and who took it is named only when asked for.
    whose_data_left_with_a_list_is_disclosed,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (_, number, hanako) = told(&desk).await;
        let (clerk, auditor) = (desk.logged_in("uketsuke").await, desk.logged_in("kansa").await);
        let of = format!("/audit/disclosure?of={number}");
        let none = "ファイルに含まれて出力されたことはありません";
        assert_eq!(clerk.get("/inbox/export/file?since=2027-01-01").await.status, 200);
        let page = auditor.get(&of).await.text();
        assert!(page.contains(none), "{page}");
        let list = clerk.get("/inbox/export/file?encoding=zip").await;
        assert_eq!((list.status.as_u16(), list.bytes.is_empty()), (200, false));
        desk.clock.advance(SignedDuration::from_mins(4));
        assert!(clerk.get("/inbox/export/file").await.text().contains(&number));
        let page = auditor.get(&of).await.text();
        let of_list = |page: &str| page.split("id=\"left\"").nth(1).unwrap_or_default().to_owned();
        let left = of_list(&page);
        assert!(!left.contains(none) && !left.contains("受付 三郎"), "{left}");
        for words in ["ZIP(一覧のCSVと、申請ごとの添付ファイル)", "CSV・UTF-8", &*number] {
            assert!(left.contains(words), "{words}: {left}");
        }
        assert_eq!(left.matches("<tr><th scope=\"row\"").count(), 2, "each file once: {left}");
        let person = format!("/audit/disclosure?of={hanako}&names=shown");
        let left = of_list(&auditor.get(&person).await.text());
        assert!(left.contains("受付 三郎"), "{left}");
        for other in ["until=2026-11-19", "since=2026-11-21"] {
            assert!(auditor.get(&format!("{of}&{other}")).await.text().contains(none), "{other}");
        }
        let same = format!("{of}&since=2026-11-20&until=2026-11-20");
        assert_eq!(of_list(&auditor.get(&same).await.text()).matches("<tr><th scope=\"row\"").count(), 2);
        desk.closes().await;
    }
);
