//! 標準処理期間: the deadline of an application, from its arrival to the decision (IK-2.1.1b).

use std::collections::BTreeMap;

use bridge_contract::messages::{Arrival, Correction};
use domain::applications::{Origin, State};
use domain::calendar::OfficeDays;
use domain::ids::ApplicationId;
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp};
use lgwan_zone::reminders::Reminder;
use lgwan_zone_store::applications::countdown;
use lgwan_zone_store::shelf::Shelf;
use platform_testkit::on_both_databases;
use serde_json::json;

use crate::desk::{Desk, arrive, incoming, row};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A desk whose procedure promises three open days. It is Friday 20 November 2026, 10:00;
/// Monday the 23rd is a holiday.
async fn promising(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes_with(|one| one["workflow"]["expected_days"] = json!(3)).await;
    desk
}

async fn last_day(desk: &Desk, id: &ApplicationId) -> Option<Date> {
    row(desk, id).await.deadline_at.map(countdown::last_day)
}

on_both_databases!(
    /// IK-2.1.1b: the period runs from the arrival, stands while the citizen
    /// corrects, goes on when the correction arrived in the citizens' zone, and ends with the
    /// decision. The citizen is told the same day.
    the_period_stands_while_the_citizen_corrects,
    |url: String| async move {
        let desk = promising(&url).await;
        let id = arrive(&desk).await;
        assert_eq!(last_day(&desk, &id).await, Some(date(2026, 11, 26)));
        let clerk = desk.logged_in("uketsuke").await;
        let page = format!("/applications/{id}");
        assert!(clerk.get(&page).await.text().contains("11月26日(あと3開庁日)"));
        let (now, arrived) = (desk.clock.now(), row(&desk, &id).await);
        let days = OfficeDays::default();
        assert_eq!(countdown::told(&arrived, State::Arrived, now, &days), None, "nobody accepted it");
        assert_eq!(countdown::told(&arrived, State::Accepted, now, &days), Some(date(2026, 11, 26)));

        let form = format!("{page}/correction");
        let fields =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "1")];
        assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
        let back = row(&desk, &id).await;
        assert_eq!((back.deadline_at, back.days_left), (None, Some(3)));
        assert_eq!(back.state, State::Correction(Origin::Arrived).key());
        assert!(clerk.get(&page).await.text().contains("止まっています(残り3開庁日)"));

        // It arrives on Tuesday 1 December and is taken in a day later.
        let at: Timestamp = "2026-12-01T01:00:00Z".parse().expect("a time");
        desk.clock.advance(DAY * 12);
        let answers = BTreeMap::from([("phone".to_owned(), vec!["0399999999".to_owned()])]);
        let sent = Correction {
            application_id: id.clone(),
            round: 1,
            answers,
            attachments: Vec::new(),
            by: None,
        };
        let arrival = Some(Arrival { number: None, at });
        let sent = incoming(50, sent.into(), arrival, Vec::new(), Vec::new());
        desk.arrives(sent).await.expect("taken in");
        assert_eq!(last_day(&desk, &id).await, Some(date(2026, 12, 4)));

        let clerk = desk.logged_in("uketsuke").await;
        let form = format!("{page}/refuse");
        let fields = [("reason", "あて先が違います"), ("seen", "3")];
        assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
        let ended = row(&desk, &id).await;
        assert_eq!((ended.deadline_at, ended.days_left), (None, None));
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.1b: the list can be narrowed to what is late or due this week, and runs by
    /// deadline page by page; what has no deadline is left out.
    the_list_is_narrowed_and_ordered_by_deadline,
    |url: String| async move {
        let desk = promising(&url).await;
        let late = arrive(&desk).await;
        desk.clock.advance(DAY * 7);
        let mut later = Vec::new();
        for _ in 0..51 {
            later.push(arrive(&desk).await);
        }
        desk.publishes_with(|one| one["revision"] = json!(2)).await;
        let free = arrive(&desk).await;
        assert_eq!(last_day(&desk, &free).await, None);
        // Friday 27 November: the first was due yesterday, the others on 2 December.
        let clerk = desk.logged_in("uketsuke").await;
        let link = |id: &ApplicationId| format!("href=\"/applications/{id}\"");
        let list = clerk.get("/inbox?due=late").await.text();
        assert!(list.contains(&link(&late)) && !list.contains(&link(&later[0])), "{list}");
        assert!(list.contains("1開庁日過ぎています(11月26日)"), "{list}");
        assert!(list.contains("期限切れ <b>1件</b>"), "{list}");
        let week = clerk.get("/inbox?due=week&state=arrived").await.text();
        assert_eq!(week.matches("href=\"/applications/").count(), 1, "{week}");

        let first = clerk.get("/inbox?order=deadline").await.text();
        let place = first.find(&link(&late)).expect("the nearest comes first");
        assert!(first[..place].matches("href=\"/applications/").count() == 0, "{first}");
        assert_eq!(first.matches("href=\"/applications/").count(), 50);
        let next = first.split("href=\"").filter_map(|part| part.split('"').next());
        let next = next.filter(|href| href.contains("after=")).last().expect("a next page");
        let next = next.replace("&#38;", "&").replace("&amp;", "&");
        let second = clerk.get(&next).await.text();
        assert_eq!(second.matches("href=\"/applications/").count(), 2, "{second}");
        assert!(!first.contains(&link(&free)) && !second.contains(&link(&free)));
        assert!(second.contains("期限のある申請だけを"), "{second}");

        let csv = clerk.get("/inbox/export/file?due=late").await.text();
        assert_eq!(csv.matches("2026-11-26").count(), 1, "{csv}");
        assert_eq!(csv.lines().count(), 2, "{csv}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// IK-2.1.1b: a day on which this town is closed is counted nowhere: not in the deadline, not in
    /// what clerks read, not in what the citizen is told, and nobody is reminded on it.
    one_calendar_of_the_town_is_used_everywhere,
    |url: String| async move {
        let folder = tempfile::tempdir().expect("a folder");
        let desk = Desk::on_with(&url, folder, |config| {
            let own = "closed = [\"11-24\", \"2026-11-26\"]\nopen = [\"2026-11-28\"]";
            config.office_days = toml::from_str(own).expect("settings");
        })
        .await;
        desk.publishes_with(|one| one["workflow"]["expected_days"] = json!(3)).await;
        let id = arrive(&desk).await;
        // Wednesday 25, Friday 27 and the Saturday on which the office is open.
        assert_eq!(last_day(&desk, &id).await, Some(date(2026, 11, 28)));
        let clerk = desk.logged_in("uketsuke").await;
        let page = format!("/applications/{id}");
        assert!(clerk.get(&page).await.text().contains("11月28日(あと3開庁日)"));
        assert!(clerk.get("/inbox").await.text().contains("11月28日(あと3開庁日)"));
        let accepted = clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await;
        assert_eq!(accepted.status, 303, "{}", accepted.text());
        let (now, days) = (desk.clock.now(), desk.config.office_days.days());
        let told = countdown::told(&row(&desk, &id).await, State::Accepted, now, &days);
        assert_eq!(told, Some(date(2026, 11, 28)), "the day the citizen is told");

        let mut settings = desk.config.reminders.clone();
        settings.days = days;
        let reminder = Reminder {
            store: desk.store.clone(),
            shelf: Shelf::default(),
            clock: desk.clock.clone(),
            settings,
            staff_url: "https://shokuin.mirai.lgwan.example".to_owned(),
        };
        desk.clock.advance(DAY * 4);
        assert!(!reminder.look().await.expect("looked"), "Tuesday 24: closed here");
        desk.clock.advance(DAY);
        assert!(reminder.look().await.expect("looked"), "Wednesday 25");

        // It goes back on Wednesday with two days left and comes on Thursday, when nobody works.
        let clerk = desk.logged_in("uketsuke").await;
        let form = format!("{page}/correction");
        let fields =
            [("fields", "phone"), ("reason", "電話番号を"), ("due", "2026-12-01"), ("seen", "2")];
        assert_eq!(clerk.post(&form, &form, &fields).await.status, 303);
        assert_eq!(row(&desk, &id).await.days_left, Some(2));
        let at: Timestamp = "2026-11-26T01:00:00Z".parse().expect("a time");
        desk.clock.advance(DAY);
        let sent = Correction {
            application_id: id.clone(),
            round: 1,
            answers: BTreeMap::from([("phone".to_owned(), vec!["0399999999".to_owned()])]),
            attachments: Vec::new(),
            by: None,
        };
        let arrival = Some(Arrival { number: None, at });
        desk.arrives(incoming(50, sent.into(), arrival, Vec::new(), Vec::new()))
            .await
            .expect("taken in");
        assert_eq!(last_day(&desk, &id).await, Some(date(2026, 11, 28)));
        desk.closes().await;
    }
);
