//! The monthly report and the register of what happened to the service.

use bridge_contract::messages::{Uptime, UptimeTold, Usage, UsageCount, UsageCounted};
use domain::ids::ProcedureId;
use jiff::{SignedDuration, Timestamp};
use lgwan_zone_store::uptime;
use platform_testkit::on_both_databases;

use crate::browser::{Answer, Browser};
use crate::city::COPY;
use crate::desk::{Desk, incoming};

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// What the citizens' zone tells of its hours.
async fn works(desk: &Desk, serial: u64, since: &str, until: &str) {
    let stretches = vec![Uptime { since: at(since), until: at(until) }];
    let told = UptimeTold { stretches }.into();
    desk.arrives(incoming(serial, told, None, Vec::new(), Vec::new())).await.expect("taken in");
}

async fn writes(admin: &Browser, path: &str, fields: &[(&str, &str)]) -> Answer {
    admin.post("/numbers/incidents/new", path, fields).await
}

on_both_databases!(
    /// NB-9, NN-1, IK-3.3.1: the report of a month says applications by procedure and in all,
    /// downloads of forms, availability against its goal, and what stood still, broke or was
    /// changed; as a page, as a file in UTF-8 and Shift_JIS, and as a document.
    the_report_of_a_month_says_what_the_contract_asks,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        desk.arrives(sent).await.expect("it arrives");
        let procedure_id = Some(ProcedureId::parse(COPY).expect("an id"));
        let answered = |what, count| UsageCount { procedure_id: None, what, count };
        let counts = vec![
            UsageCount { procedure_id, what: Usage::Download, count: 21 },
            answered(Usage::Ms300, 940),
            answered(Usage::Ms2000, 12),
            answered(Usage::Slower, 48),
        ];
        let used = UsageCounted { day: "2026-11-20".parse().expect("a day"), counts };
        desk.arrives(incoming(901, used.into(), None, Vec::new(), Vec::new())).await.expect("taken in");
        // The whole of November but an hour and a half, of which an hour was announced.
        works(&desk, 902, "2026-10-31T15:00:00Z", "2026-11-10T00:00:00Z").await;
        works(&desk, 903, "2026-11-10T01:30:00Z", "2026-11-30T00:00:00Z").await;
        works(&desk, 904, "2026-11-10T01:30:00Z", "2026-12-02T00:00:00Z").await;
        works(&desk, 905, "2026-11-10T01:30:00Z", "2026-11-20T00:00:00Z").await;
        desk.clock.advance(SignedDuration::from_hours(24 * 12));
        let now = platform_store::time::to_micros(desk.clock.now());
        desk.store.write(move |tx| uptime::note(tx, now)).await.expect("noted");

        let admin = desk.logged_in("kanri").await;
        let announced = [
            ("kind", "stop"), ("affected", "both"), ("title", "月例の保守"),
            ("began", "2026-11-10T09:00"), ("ended", "2026-11-10T10:00"), ("stopped", "yes"),
            ("happened", "=保守のため停止しました。"), ("cause", ""), ("measure", "予告どおり再開"),
        ];
        let answer = writes(&admin, "/numbers/incidents/new", &announced).await;
        assert_eq!(answer.status, 303, "{}", answer.text());

        let more = [
            ("fault", "citizens", "添付を追加できない", "2026-11-12T09:00", "2026-11-12T15:30", "設定の誤り"),
            ("change", "staff", "一覧の並べ替えの改修", "2026-11-15T18:00", "2026-11-15T18:10", "要望"),
        ];
        for (kind, affected, title, began, ended, cause) in more {
            let fields = [
                ("kind", kind), ("affected", affected), ("title", title), ("began", began),
                ("ended", ended), ("stopped", "no"), ("happened", title), ("cause", cause),
                ("measure", "直しました。"),
            ];
            let answer = writes(&admin, "/numbers/incidents/new", &fields).await;
            assert_eq!(answer.status, 303, "{title}: {}", answer.text());
        }

        let clerk = desk.logged_in("uketsuke").await;
        let page = clerk.get("/numbers/report?month=2026-11").await.text();
        for words in [
            "添付を追加できない", "2026-11-12 15:30", "一覧の並べ替えの改修", "2026-11-15 18:10",
            "運用報告 2026年11月", "99.93%", "99.50%以上", "達成", "95.20%", "95.00%以上",
            "1,000画面のうち、95%が2秒以内に", "30分", "月例の保守", "2026-11-10 10:00",
        ] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(page.contains("記録なし"), "half an hour nobody explained: {page}");
        assert!(clerk.get("/numbers/report").await.text().contains("2026年11月"), "the month before");

        let file = clerk.get("/numbers/report/file?month=2026-11").await.text();
        assert!(file.contains("\"利用状況\",\"\",\"申請\",\"1\""), "{file}");
        let line = file.lines().find(|line| line.contains("様式のダウンロード") && line.contains("手続ごと"));
        assert!(line.is_some_and(|line| line.ends_with(",\"21\"")), "{file}");
        assert!(file.contains("\"稼働率\",\"99.93%\""), "{file}");
        assert!(file.contains("\"応答時間(市民側の画面)\",\"2026-11-20\",\"3秒以内に応答した画面の割合\",\"95.20%\""), "{file}");
        assert!(file.contains("\"'=保守のため停止しました。\""), "no cell is a formula: {file}");
        let old = clerk.get("/numbers/report/file?month=2026-11&encoding=cp932").await;
        assert!(old.headers[http::header::CONTENT_TYPE].to_str().expect("ASCII").contains("Shift_JIS"));
        let document = clerk.get("/numbers/report/document?month=2026-11").await;
        assert_eq!(document.headers[http::header::CONTENT_TYPE], "application/pdf");
        assert!(document.bytes.starts_with(b"%PDF-"), "{}", document.text());
        let other = clerk.get("/numbers/report?month=2026-10").await.text();
        assert!(!other.contains("月例の保守") && other.contains("―"), "nothing is known: {other}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.1b: faults are written down in one form with time, reach, cause and measure, corrected
    /// without losing who did it, and read by everybody; who saw an older version is told so.
    faults_are_kept_in_a_register,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let admin = desk.logged_in("kanri").await;
        let form = admin.get("/numbers/incidents/new").await.text();
        let id = form.split("name=\"id\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let id = id.expect("an id");
        let fault = |ended: &'static str| {
            [
                ("kind", "fault"), ("affected", "citizens"), ("title", "申請できない"),
                ("began", "2026-11-19T09:00"), ("ended", ended), ("stopped", "yes"),
                ("happened", "送信できませんでした。"), ("cause", "回線"), ("measure", "切替"),
            ]
        };
        let mut fields = fault("").to_vec();
        fields.push(("id", id));
        for _ in 0..2 {
            let answer = writes(&admin, "/numbers/incidents/new", &fields).await;
            assert_eq!(answer.status, 303, "{}", answer.text());
        }
        let list = desk.logged_in("kansa").await.get("/numbers/incidents").await.text();
        assert_eq!(list.matches("申請できない").count(), 1, "pressed twice, written once: {list}");
        assert!(list.contains("継続中"), "{list}");

        let path = format!("/numbers/incidents/{id}");
        let mut fields = fault("2026-11-19T10:00").to_vec();
        fields.push(("seen", "1"));
        assert_eq!(writes(&admin, &path, &fields).await.status, 303);
        assert_eq!(writes(&admin, &path, &fields).await.status, 303, "a second press");
        let mut late = fault("2026-11-19T11:00").to_vec();
        late.push(("seen", "1"));
        let overtaken = writes(&admin, &path, &late).await;
        assert_eq!(overtaken.status, 409);
        for words in ["今の内容", "入力した内容</h2>", "2026-11-19 10:00", "value=\"2026-11-19T11:00\"", "name=\"seen\" value=\"2\""] {
            assert!(overtaken.text().contains(words), "{words}: {}", overtaken.text());
        }
        for (name, value) in [
            ("began", "昨日"), ("ended", "2026-11-18T10:00"), ("ended", "2026-12-01T10:00"),
            ("title", " "), ("happened", ""), ("kind", "x"), ("affected", ""),
        ] {
            let mut wrong = fields.clone();
            wrong.retain(|field| field.0 != name);
            wrong.push((name, value));
            assert_eq!(writes(&admin, &path, &wrong).await.status, 422, "{name}={value}");
        }
        let clerk = desk.logged_in("uketsuke").await;
        let shown = clerk.get(&path).await.text();
        assert!(shown.contains("回線") && shown.contains("2026-11-19 10:00"), "{shown}");
        assert!(!shown.contains("<textarea"), "only the administrator writes: {shown}");
        let log = desk.logged_in("kansa").await.get("/audit?act=numbers").await.text();
        assert_eq!(log.matches("<tr><th scope=\"row\"").count(), 2, "{log}");
        desk.closes().await;
    }
);
