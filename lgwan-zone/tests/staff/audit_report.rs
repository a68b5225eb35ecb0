//! The daily report of both operation logs to auditors (IK-3.5.1a).

use jiff::SignedDuration;
use lgwan_zone::audit_report::AuditReport;
use lgwan_zone::config::DetectionConfig;
use lgwan_zone::detection;
use lgwan_zone_store::By;
use lgwan_zone_store::identity::staff::{self, NewStaff};
use lgwan_zone_store::letters;
use platform_service::halts::Halts;
use platform_testkit::on_both_databases;

use crate::desk::Desk;

async fn hired(desk: &Desk, login: &str, role: &str, email: &str) -> String {
    let id = platform_service::ids::new(&desk.clock);
    let new = NewStaff {
        id: id.clone(),
        login_id: login.to_owned(),
        display_name: login.to_owned(),
        email: email.to_owned(),
        role: role.to_owned(),
        password_hash: String::new(),
        totp_secret: None,
        must_change_password: true,
        departments: Vec::new(),
    };
    let by = By::cli(desk.clock.now());
    desk.store.write(move |tx| staff::create(tx, &by, &new)).await.expect("written");
    id
}

on_both_databases!(
    /// IK-3.5.1a, IK-3.5.5: every auditor who can log in gets one letter a day with what both logs
    /// hold, whoever looks and how often; it names nobody. After days at a standstill one letter
    /// tells of all of them.
    auditors_are_told_of_each_day_once,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        hired(&desk, "kansa2", "auditor", "kansa@mirai.lgwan.example").await;
        hired(&desk, "uketsuke2", "clerk", "shimin@mirai.lgwan.example").await;
        let gone = hired(&desk, "kansa3", "auditor", "moto@mirai.lgwan.example").await;
        let by = By::cli(desk.clock.now());
        let switched = desk.store.write(move |tx| staff::set_disabled(tx, &by, &gone, true)).await;
        assert!(switched.expect("written"));
        let stranger = desk.browser();
        for n in 0..25 {
            let login = format!("nobody{n}");
            let fields = [("login_id", login.as_str()), ("password", "Spring2026!")];
            stranger.post("/login", "/login", &fields).await;
        }
        let (limits, halts) = (DetectionConfig::default(), Halts::default());
        detection::look(&desk.store, &desk.clock, &limits, &halts).await.expect("looked");

        let report = AuditReport {
            store: desk.store.clone(),
            clock: desk.clock.clone(),
            hour: 7,
            staff_url: "https://shokuin.mirai.lgwan.example".to_owned(),
        };
        let queued = async || {
            let now = desk.clock.now().as_microsecond();
            desk.store.read(move |db| letters::due(db, now, 10)).await.expect("readable")
        };
        // 06:59 of the next day in Japan, then 07:00.
        desk.clock.advance(SignedDuration::from_mins(20 * 60 + 59));
        assert!(!report.look().await.expect("looked"), "not before the hour");
        desk.clock.advance(SignedDuration::from_mins(1));
        let other = report.clone();
        let (first, second) = tokio::join!(report.look(), other.look());
        let made = [first.expect("looked"), second.expect("looked")];
        assert_eq!(made.iter().filter(|made| **made).count(), 1, "{made:?}");
        let letters = queued().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        let letter = &letters[0];
        assert_eq!(letter.recipient, "kansa@mirai.lgwan.example");
        let subject = "【電子申請・監査】11月20日の操作記録(未確認の検知1件)";
        assert_eq!(letter.subject, subject);
        for words in ["・ログイン:拒否25件", "・1つの接続元からのログインの失敗(25回)", "/audit/alerts"] {
            assert!(letter.body.contains(words), "{words}: {}", letter.body);
        }
        assert!(!letter.body.contains("nobody"), "{}", letter.body);

        desk.clock.advance(SignedDuration::from_hours(3 * 24));
        assert!(report.look().await.expect("looked"));
        assert!(!report.look().await.expect("looked"), "once a day");
        let letters = queued().await;
        assert_eq!(letters.len(), 2);
        let later = &letters[1];
        assert!(later.subject.contains("11月21日から11月23日まで"), "{}", later.subject);
        assert!(later.body.contains("・監査日報を作った:成功1件"), "{}", later.body);
        desk.closes().await;
    }
);
