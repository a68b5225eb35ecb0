//! Numbers of a period.

use bridge_contract::messages::{
    Filling, FillingCount, FillingCounted, MissedWord, ToStaff, Usage, UsageCount, UsageCounted,
    WordsMissed,
};
use domain::ids::ProcedureId;
use jiff::SignedDuration;
use lgwan_zone_store::numbers::{self, Number};
use platform_testkit::on_both_databases;

use crate::city::COPY;
use crate::desk::{Desk, incoming};

fn used(visits: u64, starts: u64, downloads: u64) -> UsageCounted {
    let procedure_id = Some(ProcedureId::parse(COPY).expect("an id"));
    let count = |procedure_id, what, count| UsageCount { procedure_id, what, count };
    UsageCounted {
        day: "2026-11-20".parse().expect("a day"),
        counts: vec![
            count(None, Usage::Visit, visits),
            count(procedure_id.clone(), Usage::Start, starts),
            count(procedure_id, Usage::Download, downloads),
        ],
    }
}

on_both_databases!(
    /// NF-25, IK-2.1.3: what citizens did with the pages, what arrived and how long it took stand
    /// in a table and a file for any period; a message that comes late or twice changes nothing.
    numbers_of_a_period_are_shown,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        for (serial, told) in [(901, used(1_500, 8, 21)), (902, used(900, 3, 7)), (903, used(1_500, 8, 21))] {
            desk.arrives(incoming(serial, told.into(), None, Vec::new(), Vec::new())).await.expect("taken in");
        }
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let path = format!("/applications/{}", submission.application_id);
        desk.arrives(sent).await.expect("it arrives");
        desk.clock.advance(SignedDuration::from_hours(36));
        let clerk = desk.logged_in("uketsuke").await;
        let done = clerk.post(&path, &format!("{path}/accept"), &[("seen", "1")]).await;
        assert_eq!(done.status, 303, "{}", done.text());
        let file = clerk.get("/numbers/file?since=2026-11-01&until=2026-11-30").await.text();
        let sum = file.lines().last().expect("a sum");
        assert!(sum.starts_with("合計,,0,8,1,"), "{file}");
        assert!(sum.ends_with(",1,0,0,21,12%,1.5日,1,0,0,0,0,0"), "{file}");
        let page = clerk.get("/numbers").await.text();
        assert!(page.contains("<dd>1,500</dd>"), "{page}");
        let open = page.split_once("<dt>手続の数</dt><dd>").map(|(_, rest)| rest);
        assert!(open.is_some_and(|rest| rest.starts_with("1<")), "one procedure: {page}");
        assert!(page.contains("最も多いのは2026-11-20で1件です"), "{page}");
        let before = clerk.get("/numbers?since=2026-10-01&until=2026-10-31").await.text();
        assert!(!before.contains("1,500") && before.contains("<rect"), "{before}");
        assert!(before.contains("この期間に届いた申請はありません") && !before.contains("いちばん上の線"));
        desk.closes().await;
    }
);

fn missed(day: &str, words: &[(&str, u64)]) -> WordsMissed {
    let word = |(word, count): &(&str, u64)| MissedWord { word: (*word).to_owned(), count: *count };
    WordsMissed { day: day.parse().expect("a day"), words: words.iter().map(word).collect() }
}

on_both_databases!(
    /// NF-25: a long period is added up where it lies, so that what is read does not grow with its days;
    /// the lines of the file come to its sum, with those of a procedure nobody here knows.
    a_long_period_is_added_up_where_it_lies,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let unknown = ProcedureId::from_bits(77);
        let both = [ProcedureId::parse(COPY).expect("an id"), unknown.clone()];
        let days = [("2026-09-01", 5), ("2026-09-02", 7), ("2026-11-20", 21)];
        for (serial, (day, count)) in (940..).zip(days) {
            let counts = both.clone().map(|id| UsageCount {
                procedure_id: Some(id),
                what: Usage::Download,
                count,
            });
            let told = UsageCounted { day: day.parse().expect("a day"), counts: Vec::from(counts) };
            let item = incoming(serial, told.into(), None, Vec::new(), Vec::new());
            desk.arrives(item).await.expect("taken in");
        }
        let read = desk.store.read(|db| {
            let (since, until) = ("2026-09-01", "2026-11-30");
            Ok((numbers::by_procedure(db, since, until)?, numbers::by_day(db, since, until)?))
        });
        let (procedures, days) = read.await.expect("readable");
        let totals = |all: &[Number]| all.iter().map(|one| one.total).collect::<Vec<i64>>();
        assert_eq!((totals(&procedures), totals(&days)), (vec![33, 33], vec![10, 14, 42]));

        let clerk = desk.logged_in("uketsuke").await;
        let file = clerk.get("/numbers/file?since=2026-09-01&until=2026-11-30").await.text();
        let line = format!("{},,0,0,0,0,0,0,0,33,", unknown.as_str());
        assert!(file.contains(&line), "{file}");
        let sum = file.lines().last().expect("a sum");
        assert!(sum.starts_with("合計,,0,0,0,0,0,0,0,66,"), "{file}");
        let page = clerk.get("/numbers?since=2026-09-01&until=2026-11-30").await.text();
        assert!(page.contains(unknown.as_str()) && page.contains(">33</td>"), "{page}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-9, NF-25: staff see which words citizens did not find, most first, for any period; a message
    /// that comes late or twice changes nothing.
    words_nobody_found_are_shown,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let told = [
            missed("2026-11-19", &[("ドッグラン", 6)]),
            missed("2026-11-20", &[("ドッグラン", 9), ("<b>町内会", 11)]),
            missed("2026-11-20", &[("ドッグラン", 7)]),
            missed("2026-10-03", &[("雪かき", 5)]),
        ];
        for (serial, told) in (910..).zip(told) {
            let item = incoming(serial, told.into(), None, Vec::new(), Vec::new());
            desk.arrives(item).await.expect("taken in");
        }
        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get("/numbers?since=2026-11-01&until=2026-11-30").await.text();
        let (first, second) = (page.find("ドッグラン"), page.find("&#60;b&#62;町内会"));
        assert!(first.is_some() && first < second, "{page}");
        assert!(page.contains(">15</td>") && page.contains(">11</td>") && !page.contains("雪かき"));
        let before = clerk.get("/numbers?since=2026-10-01&until=2026-10-31").await.text();
        assert!(before.contains("雪かき") && !before.contains("ドッグラン"), "{before}");
        desk.closes().await;
    }
);

fn filled(counts: &[(&str, Filling, u64)]) -> FillingCounted {
    let procedure_id = ProcedureId::parse(COPY).expect("an id");
    let count = |(page, what, count): &(&str, Filling, u64)| FillingCount {
        procedure_id: procedure_id.clone(),
        page: (*page).to_owned(),
        what: *what,
        count: *count,
    };
    let counts = counts.iter().map(count).collect();
    FillingCounted { day: "2026-11-20".parse().expect("a day"), counts }
}

on_both_databases!(
    /// NF-25, IK-2.1.3: where people stop, what comes back with faults, on which devices, and how long a
    /// decision takes stand as a picture, in tables and in a file; a late message changes nothing.
    how_forms_are_filled_in_is_shown,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let told = [
            filled(&[
                ("person", Filling::Reached, 40),
                ("person", Filling::Passed, 30),
                ("person", Filling::Faulty, 7),
                ("copies", Filling::Reached, 30),
                ("copies", Filling::Passed, 27),
                ("_check", Filling::Reached, 27),
                ("_check", Filling::Passed, 25),
                ("", Filling::StartPhone, 25),
                ("", Filling::StartDesk, 15),
                ("", Filling::SentPhone, 10),
                ("", Filling::SentDesk, 15),
                ("<b>older", Filling::Reached, 1),
            ]),
            filled(&[("person", Filling::Reached, 12)]),
        ];
        for (serial, told) in (920..).zip(told) {
            let item = incoming(serial, told.into(), None, Vec::new(), Vec::new());
            desk.arrives(item).await.expect("taken in");
        }
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let path = format!("/applications/{}", submission.application_id);
        desk.arrives(sent).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        for (step, seen) in [("accept", "1"), ("review", "2")] {
            let done = clerk.post(&path, &format!("{path}/{step}"), &[("seen", seen)]).await;
            assert_eq!(done.status, 303, "{}", done.text());
        }
        desk.clock.advance(SignedDuration::from_hours(72));
        let clerk = desk.logged_in("uketsuke").await;
        let reject = format!("{path}/reject");
        let fields = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(clerk.post(&reject, &reject, &fields).await.status, 303);

        let page = clerk.get("/numbers/filling?since=2026-11-01&until=2026-11-30").await.text();
        for words in [
            "やめた人が最も多いのは「請求する方」で10件です。",
            "<rect",
            "25%",
            "スマートフォン・タブレット",
            "40%",
            "今の版にないページ（&#60;b&#62;older）",
            "<dt>中央値（半分がこの日数までに決定）</dt><dd>3日</dd>",
            "<dt>決定した件数</dt><dd>1</dd>",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        let file = clerk.get("/numbers/filling/file?since=2026-11-01&until=2026-11-30").await.text();
        assert!(file.contains("請求する方,40,30,10,25%,7,"), "{file}");
        assert!(file.contains("手続全体,,,,,,25,10,40%,15,15,100%,0,0,―,1,3.0日,3日,3日"), "{file}");
        let before = clerk.get("/numbers/filling?since=2026-10-01&until=2026-10-31").await.text();
        assert!(!before.contains("で10件です") && before.contains("<dd>―</dd>"), "{before}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-25, NN-21: a citizens' zone that was taken over tells what it likes: counts stay numbers that
    /// can be added up, and every page of figures answers.
    counts_beyond_reason_are_cut,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        for (serial, day) in [(950, "2026-11-18"), (960, "2026-11-19")] {
            let many = u64::MAX;
            let told: [ToStaff; 3] = [
                UsageCounted { day: day.parse().expect("a day"), ..used(many, many, many) }.into(),
                FillingCounted {
                    day: day.parse().expect("a day"),
                    ..filled(&[("person", Filling::Reached, many), ("", Filling::StartDesk, many)])
                }
                .into(),
                missed(day, &[("ドッグラン", many)]).into(),
            ];
            for (serial, told) in (serial..).zip(told) {
                let item = incoming(serial, told, None, Vec::new(), Vec::new());
                desk.arrives(item).await.expect("taken in");
            }
        }
        let clerk = desk.logged_in("uketsuke").await;
        let days = "?since=2026-11-01&until=2026-11-30";
        let page = clerk.get(&format!("/numbers{days}")).await;
        assert_eq!(page.status, 200, "{}", page.text());
        assert!(page.text().contains("<dd>2,000,000,000</dd>"), "{}", page.text());
        for path in ["/numbers/file", "/numbers/filling", "/numbers/filling/file"] {
            let page = clerk.get(&format!("{path}{days}")).await;
            assert_eq!(page.status, 200, "{path}: {}", page.text());
        }
        let report = clerk.get("/numbers/report?month=2026-11").await;
        assert_eq!(report.status, 200, "{}", report.text());
        desk.closes().await;
    }
);
