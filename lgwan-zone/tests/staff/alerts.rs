//! What the logs give away is noticed, told and answered.

use bridge_contract::digest::Digest;
use bridge_contract::messages::{EventsTold, ToldEvent};
use jiff::SignedDuration;
use lgwan_zone::config::DetectionConfig;
use lgwan_zone::detection::look;
use lgwan_zone_store::By;
use lgwan_zone_store::alerts::{self, Finding, Rule};
use lgwan_zone_store::audit::{self, Zone};
use platform_service::halts::Halts;
use platform_testkit::on_both_databases;

use crate::desk::{Desk, incoming};

on_both_databases!(
    /// IK-3.5.5: passwords tried from one place are noticed by themselves and raised as an alarm for
    /// operators once; it stays until an auditor has written down what they found out, and the
    /// administrator cannot put it aside.
    a_spray_is_noticed_told_and_answered,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (limits, halts) = (DetectionConfig::default(), Halts::default());
        let looks = async || look(&desk.store, &desk.clock, &limits, &halts).await.expect("looked");
        let stranger = desk.browser();
        for n in 0..25 {
            let login = format!("nobody{n}");
            let fields = [("login_id", login.as_str()), ("password", "Spring2026!")];
            stranger.post("/login", "/login", &fields).await;
        }
        let auditor = desk.logged_in("kansa").await;
        for _ in 0..2 {
            looks().await;
        }
        let needs = halts.warnings();
        assert_eq!(needs.len(), 1, "{needs:?}");
        assert_eq!((needs[0].code, needs[0].detail.as_str()), ("spray", "25"));

        let page = auditor.get("/audit/alerts").await.text();
        assert!(page.contains("ログインの失敗") && page.contains("127.0.0.1"), "{page}");
        let path = page.split("action=\"").find(|rest| rest.starts_with("/audit/alerts/"));
        let path = path.and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
        let answers = async |remark: &str| {
            auditor.post("/audit/alerts", &path, &[("remark", remark)]).await.status.as_u16()
        };
        let admin = desk.logged_in("kanri").await;
        let refused = admin.post("/staff", &path, &[("remark", "何でもない")]).await;
        assert_eq!(refused.status, 403);
        assert_eq!(answers(" ").await, 422);
        assert_eq!(answers("情報政策課に確認。訓練だった。").await, 303);
        assert_eq!(answers("情報政策課に確認。訓練だった。").await, 303, "a second press");
        assert_eq!(answers("別の話").await, 409);
        looks().await;
        assert_eq!(halts.warnings(), [], "the same hour is the same alert");
        let page = auditor.get("/audit/alerts").await.text();
        assert!(page.contains("訓練だった") && !page.contains("<textarea"), "{page}");
        let log = auditor.get("/audit?act=audit").await.text();
        assert!(log.contains("不審な操作の検知") && log.contains("検知の確認"), "{log}");

        desk.clock.advance(SignedDuration::from_hours(12));
        desk.logged_in("kanri").await;
        looks().await;
        looks().await;
        let needs = halts.warnings();
        assert_eq!(needs.iter().map(|need| need.code).collect::<Vec<_>>(), ["off_hours"]);
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.5: of more alerts than the page shows those nobody has answered come first, and each answer brings up
    /// the next; the page and the daily report say how many there are.
    every_open_alert_can_be_answered,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (by, clock) = (By::system(desk.clock.now()), desk.clock.clone());
        let made = desk.store.write(move |tx| {
            for seq in 0..203 {
                let one = Finding {
                    rule: Rule::Grant,
                    subject: format!("staff:{seq}"),
                    zone: Zone::Staff,
                    at: clock.now(),
                    count: 1,
                    once: Some(seq),
                };
                let id = platform_service::ids::new(&clock);
                alerts::notice(tx, &by, &id, &one)?;
            }
            Ok(())
        });
        made.await.expect("written");
        let auditor = desk.logged_in("kansa").await;
        for open in [203, 202] {
            let page = auditor.get("/audit/alerts").await.text();
            assert_eq!(page.matches("<textarea").count(), 200);
            assert!(page.contains(&format!("未確認の{open}件を先に")), "{page}");
            let path = page.split("action=\"").find(|rest| rest.starts_with("/audit/alerts/"));
            let path = path.and_then(|rest| rest.split('"').next()).expect("a form").to_owned();
            let answered = auditor.post("/audit/alerts", &path, &[("remark", "申請どおり")]).await;
            assert_eq!(answered.status, 303);
        }
        let now = desk.clock.now();
        let days = desk.store.read(move |db| audit::days(db, now, now)).await.expect("counted");
        assert_eq!((days.unanswered, days.open.len()), (201, 100));
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-3.5.5: an answer covers an hour of what goes on, and not the night: what still goes on then is a new alert.
    what_goes_on_after_the_answer_is_told_again,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (limits, halts) = (DetectionConfig::default(), Halts::default());
        let mut told = Vec::new();
        for _ in 0..4 {
            let stranger = desk.browser();
            for n in 0..25 {
                let login = format!("nobody{n}");
                let fields = [("login_id", login.as_str()), ("password", "Spring2026!")];
                stranger.post("/login", "/login", &fields).await;
            }
            look(&desk.store, &desk.clock, &limits, &halts).await.expect("looked");
            told.push(halts.warnings().len());
            let by = By::system(desk.clock.now());
            let answered = desk.store.write(move |tx| {
                for one in alerts::open(tx.db)? {
                    alerts::seen(tx, &by, &one.id, "調査中")?;
                }
                Ok(())
            });
            answered.await.expect("written");
            desk.clock.advance(SignedDuration::from_mins(50));
        }
        assert_eq!(told, [1, 0, 0, 1], "within the hour after the answer it is known");
        let known = desk.store.read(|db| alerts::newest(db, 10)).await.expect("alerts");
        assert_eq!(known.len(), 2);
        desk.closes().await;
    }
);

/// Failed log-ins of citizens from one place, now.
fn attempts(desk: &Desk, count: usize) -> Vec<ToldEvent> {
    let one = ToldEvent {
        at: desk.clock.now(),
        actor: "visitor".to_owned(),
        session: "0123456789abcdef".to_owned(),
        ip: "198.51.100.4".to_owned(),
        act: "identity.sign_in_failed".to_owned(),
        object: "network:9".to_owned(),
        result: "refused".to_owned(),
        detail: String::new(),
    };
    vec![one; count]
}

on_both_databases!(
    /// IK-3.5.5, NF-41: what the citizens' zone tells hours late, as the bridge stood still, is noticed as well,
    /// once, beside what goes on now.
    a_spray_that_is_told_late_is_noticed,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let (limits, halts) = (DetectionConfig::default(), Halts::default());
        let mut events = attempts(&desk, 25);
        desk.clock.advance(SignedDuration::from_hours(5));
        events.extend(attempts(&desk, 22));
        let told = EventsTold { first: 1, prev: Digest::ZERO, events };
        let message = incoming(801, told.into(), None, Vec::new(), Vec::new());
        desk.arrives(message).await.expect("taken in");
        for _ in 0..2 {
            look(&desk.store, &desk.clock, &limits, &halts).await.expect("looked");
            let known = desk.store.read(|db| alerts::newest(db, 10)).await.expect("alerts");
            let counts: Vec<i64> = known.iter().map(|one| one.count).collect();
            assert_eq!(counts, [22, 25], "the newer one first");
        }
        assert_eq!(halts.warnings().len(), 2);
        desk.clock.advance(SignedDuration::from_hours(25));
        look(&desk.store, &desk.clock, &limits, &halts).await.expect("looked");
        let known = desk.store.read(|db| alerts::newest(db, 10)).await.expect("alerts");
        assert_eq!(known.len(), 2);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-41, NN-21: events under the highest number there is, from a citizens' zone that was taken over, are kept
    /// like others, and the lane goes on.
    events_numbered_beyond_reason_are_taken_in,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        let told = EventsTold { first: u64::MAX, prev: Digest::ZERO, events: attempts(&desk, 2) };
        let message = incoming(802, told.into(), None, Vec::new(), Vec::new());
        desk.arrives(message).await.expect("taken in");
        desk.closes().await;
    }
);
