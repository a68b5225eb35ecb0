//! 日時の枠 at the desk: the list of a day, the column of the list as a file, the designer.

use serde_json::json;

use crate::designs::Design;
use crate::desk::Desk;
use platform_testkit::on_both_databases;

async fn with_calendar(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|definition| {
        let visit = json!({"id": "visit", "label": "相談の日時", "kind": {
            "type": "slot", "dates": ["2026-12-01", "2026-12-02"], "times": ["10:00", "14:00"],
            "minutes": 30, "capacity": {"max": 3}}});
        definition["pages"][1]["fields"].as_array_mut().expect("questions").push(visit);
    })
    .await;
    desk
}

on_both_databases!(
    /// NF-49: staff list the applications of a day, and the day and time stand in words in the list, on the
    /// application and in the file of the list.
    the_list_of_a_day_shows_who_comes,
    |url: String| async move {
        let desk = with_calendar(&url).await;
        for (given, slot) in [("花子", "2026-12-01T14:00"), ("次郎", "2026-12-02T10:00")] {
            let mut sent = desk.submission(("山田", given), &[]).await;
            crate::desk::answer(&mut sent, "visit", slot);
            desk.arrives(sent).await.expect("taken in");
        }
        let clerk = desk.logged_in("uketsuke").await;
        let whole = clerk.get("/inbox").await.text();
        assert!(whole.contains("山田 花子") && whole.contains("山田 次郎"), "{whole}");
        let first = clerk.get("/inbox?slot=2026-12-01").await.text();
        assert!(first.contains("山田 花子") && !first.contains("山田 次郎"), "{first}");
        assert!(first.contains("2026年12月1日（火）14:00"), "{first}");
        let none = clerk.get("/inbox?slot=2026-12-03").await.text();
        assert!(!none.contains("山田 花子"), "{none}");
        let found = clerk.get("/inbox?slot=2026-12-02&q=%E5%B1%B1%E7%94%B0").await.text();
        assert!(found.contains("山田 次郎") && !found.contains("山田 花子"), "{found}");
        desk.closes().await;
    }
);

/// NB-2.5: a calendar is designed by days of the week, times and seats; what is no day or time is said and
/// not kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_calendar_is_designed_without_a_formula() {
    let desk = Desk::open().await;
    let design = Design::begun(desk.logged_in("tetsuzuki").await, "相談").await;
    let id = design.adds("p1", &[("kind", "slot"), ("label", "相談の日時")]).await;
    let question = format!("/questions/{id}");
    let form = |from: &'static str, times: &'static str| {
        [
            ("label", "相談の日時"),
            ("slot_weekdays", "wed"),
            ("slot_weekdays", "thu"),
            ("slot_from", from),
            ("slot_until", "令和9年3月31日"),
            ("slot_times", times),
            ("slot_minutes", "30"),
            ("cutoff_days", "1"),
            ("cutoff_at", "17:00"),
            ("slot_seats", "3"),
            ("show", "few"),
            ("hold_minutes", "15"),
            ("do", "stay"),
        ]
    };
    for (from, times, words) in
        [("来月", "10:00", "日付は、1行に1つ"), ("2026-12-01", "十時", "時刻は 9:30 のように")]
    {
        let refused = design.sends(&question, &form(from, times)).await;
        assert_eq!(refused.status, 422, "{words}");
        assert!(refused.text().contains(words), "{}", refused.text());
        assert!(
            refused.text().contains(from) && refused.text().contains(times),
            "what was typed stays"
        );
    }
    let kept = design.sends(&question, &form("2026-12-01", "14:00\n9:30")).await;
    assert_eq!(kept.status, 303, "{}", kept.text());
    let page = design.sees(&question).await;
    assert!(page.contains("09:30\n14:00") && page.contains("value=\"2027-03-31\""), "{page}");
    assert!(page.contains("value=\"wed\" checked"), "{page}");
    let preview = design.sees("/preview").await;
    assert!(preview.contains("相談の日時"), "{preview}");
    desk.closes().await;
}
