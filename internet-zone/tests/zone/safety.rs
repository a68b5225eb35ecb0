//! What must not happen.

use std::path::Path;

use bridge_contract::messages::{Arrival, RawItem, Submission, ToStaff};
use bridge_contract::seal::Aad;
use bridge_contract::wire::decode;
use bridge_contract::{Environment, Lane, Tenant};
use diesel::prelude::*;
use diesel::sql_types::{Binary, Integer, Text};
use domain::applications::ReceiptNumber;

use crate::applying::{clock, receipt, survey};
use crate::browser::Browser;
use crate::identity::hanako;
use crate::support::Zone;

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).expect("a file")));
        }
    }
    found
}

fn holds(bytes: &[u8], needle: &str) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle.as_bytes())
}

#[derive(QueryableByName)]
struct Item {
    #[diesel(sql_type = Text)]
    uuid: String,
    #[diesel(sql_type = Integer)]
    kind: i32,
    #[diesel(sql_type = Binary)]
    stamp: Vec<u8>,
    #[diesel(sql_type = Binary)]
    sealed: Vec<u8>,
}

/// The one submission that waits for the other side, as that side reads it.
pub(crate) async fn only_submission(zone: &Zone) -> (Box<Submission>, Arrival) {
    let mut sent = outbox(zone).await;
    assert_eq!(sent.len(), 1);
    let (ToStaff::Submission(sent), arrival) = sent.remove(0) else { panic!("not a submission") };
    (sent, arrival)
}

/// Every application that waits for the bridge.
pub(crate) async fn submissions(zone: &Zone) -> Vec<Submission> {
    let sent = outbox(zone).await.into_iter();
    let submission = |(message, _)| match message {
        ToStaff::Submission(sent) => Some(*sent),
        _ => None,
    };
    sent.filter_map(submission).collect()
}

/// Everything that waits for the bridge, as the other side reads it.
pub(crate) async fn outbox(zone: &Zone) -> Vec<(ToStaff, Arrival)> {
    let waiting = "select uuid, kind, stamp, sealed from outbox_items \
         join outbox_sealed on item = id order by id";
    let items: Vec<Item> =
        zone.store().read(move |db| diesel::sql_query(waiting).load(db)).await.expect("readable");
    let open = |item: &Item| {
        let aad = Aad {
            tenant: Tenant::parse("mirai").expect("a good name"),
            environment: Environment::Demo,
            lane: Lane::Raw,
            uuid: &item.uuid,
            kind: u16::try_from(item.kind).expect("a kind"),
        };
        let content = zone.sanitizer.open(&item.sealed, &aad).expect("sealed to the right key");
        let raw: RawItem = decode(&content).expect("canonical");
        let message = decode::<ToStaff>(&raw.message).expect("canonical");
        (message, decode(&item.stamp).expect("canonical"))
    };
    items.iter().map(open).collect()
}

/// IK-3.4.1: what is typed is on no disk of this zone in the clear, neither as a draft
/// nor after it was sent, and the other side reads exactly what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_is_nowhere_in_the_clear() {
    const CANARY: &str = "かなりあの歌声ZQ7Q";
    let zone = Zone::open(clock()).await;
    let mut browser = survey(&zone, CANARY).await;
    let clear = |when: &str| {
        for (name, bytes) in files(&zone.root) {
            assert!(!holds(&bytes, CANARY), "{when}: {name}");
            assert!(
                !holds(&bytes, "hanako@example.jp") || name.contains("/mails/"),
                "{when}: {name}"
            );
        }
    };
    hanako(&zone).await;
    clear("draft");
    browser.submit("/submit", &[]).await.is(200);
    let (number, _) = receipt(&browser);
    clear("sent");

    let (sent, arrival) = only_submission(&zone).await;
    assert_eq!(sent.answers["voice"], [CANARY]);
    assert_eq!(arrival.number, Some(number));
    zone.close().await;
}

/// MN-7.2: a form without its token, or with that of another browser, changes nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_form_is_refused() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/register").await;
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.bytes = browser.bytes.clone();
    other.submit("/register", &[("email", "x@example.jp")]).await.is(403);
    let media = "application/x-www-form-urlencoded";
    let body = "email=x%40example.jp".into();
    other.send(http::Method::POST, "/register", media, body).await;
    other.is(403).says("確認できませんでした");
    assert!(zone.mails.mails_to("x@example.jp").is_empty());
    zone.close().await;
}

/// NF-38: drafts, applications and receipts of others look as if they did not exist.
#[tokio::test(flavor = "multi_thread")]
async fn others_see_nothing() {
    let zone = Zone::open(clock()).await;
    let mut owner = survey(&zone, "ないしょ").await;
    let draft = owner.path.trim_end_matches("/check").to_owned();
    let mut stranger = hanako(&zone).await;
    for path in
        [format!("{draft}/check"), format!("{draft}/pages/about"), format!("{draft}/discard")]
    {
        stranger.get(&path).await.is(404);
        assert!(!stranger.text().contains("ないしょ"), "{path}");
    }
    owner.submit("/submit", &[]).await.is(200);
    let application = owner.path.trim_end_matches("/receipt").to_owned();
    for path in [
        "",
        "/receipt",
        "/withdraw",
        "/ask-withdrawal",
        "/correction",
        "/documents/01kn35e000w8yseg2nqk02mezz",
    ] {
        stranger.get(&format!("{application}{path}")).await.is(404);
        assert!(!stranger.text().contains("2026-000001"), "{path}");
    }
    zone.close().await;
}

/// NF-31: number and secret open the application; a wrong one tells nothing and is slowed down.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_looks_an_application_up() {
    let zone = Zone::open(clock()).await;
    let mut owner = survey(&zone, "こんにちは").await;
    owner.submit("/submit", &[]).await;
    let (number, secret) = receipt(&owner);
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/lookup").await;
    let mut wrong = guest.clone();
    let pages: Vec<String> = {
        let mut pages = Vec::new();
        let nobodys = ReceiptNumber::new(2026, 999_999).expect("a number").to_string();
        for number in [number.as_str(), nobodys.as_str()] {
            wrong
                .submit("/lookup", &[("number", number), ("secret", "AAAA-BBBB-CCCC-DDDD")])
                .await
                .is(422);
            pages.push(wrong.text());
        }
        pages
    };
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("受付番号か確認用の番号が違います"), "{}", pages[0]);
    let typed = secret.to_lowercase().replace('-', " ");
    guest.submit("/lookup", &[("number", &number), ("secret", &typed)]).await.is(200);
    guest.says("広報みらいについてのアンケート").says("届きました");
    let mut last = 0;
    for _ in 0..6 {
        wrong.submit("/lookup", &[("number", &number), ("secret", "AAAA-BBBB-CCCC-DDDD")]).await;
        last = wrong.status.as_u16();
        if last == 429 {
            break;
        }
    }
    assert_eq!(last, 429, "tries are slowed down");
    zone.close().await;
}

/// NF-7, NF-31: what no number and no secret looks like is told at its field, whether the number is
/// there or not, and what was typed beside it stays; such a slip counts as no try.
#[tokio::test(flavor = "multi_thread")]
async fn a_slip_in_a_look_up_is_told_at_its_field() {
    let zone = Zone::open(clock()).await;
    let mut owner = survey(&zone, "こんにちは").await;
    owner.submit("/submit", &[]).await;
    let (number, secret) = receipt(&owner);
    let last = number.chars().last().and_then(|digit| digit.to_digit(10)).expect("a digit");
    let slip = format!("{}{}", &number[..number.len() - 1], (last + 1) % 10);
    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/lookup").await;
    for _ in 0..8 {
        guest.submit("/lookup", &[("number", &slip), ("secret", &secret)]).await.is(422);
    }
    guest.says("受付番号の数字がどこか違っています。");
    assert!(guest.html().contains(&format!("value=\"{secret}\"")), "{}", guest.html());
    let cut = &secret[..secret.len() - 1];
    guest.submit("/lookup", &[("number", &number), ("secret", cut)]).await.is(422);
    guest.says("確認用の番号を、「7K3M-P9QA-2XWE-40ZT」の形の16文字で入力してください。");
    assert!(guest.html().contains(&format!("value=\"{number}\"")), "{}", guest.html());
    guest.submit("/lookup", &[("number", &number), ("secret", &secret)]).await.is(200);
    zone.close().await;
}

/// NF-31: tries are slowed down for the number, whoever makes them from wherever; another number is
/// opened from the same place all the while, and nothing tells the two apart but the wait.
#[tokio::test(flavor = "multi_thread")]
async fn a_look_up_is_slowed_down_for_its_number_alone() {
    let zone = Zone::open(clock()).await;
    let mut slips = Vec::new();
    for voice in ["ひとつめ", "ふたつめ"] {
        let mut owner = survey(&zone, voice).await;
        owner.submit("/submit", &[]).await.is(200);
        slips.push(receipt(&owner));
    }
    let (guessed, other) = (&slips[0], &slips[1]);
    let mut stranger = Browser::new(zone.running.public_addr);
    stranger.get("/lookup").await;
    let fresh = stranger.clone();
    let wrong = [("number", guessed.0.as_str()), ("secret", "AAAA-BBBB-CCCC-DDDD")];
    for _ in 0..8 {
        stranger.submit("/lookup", &wrong).await;
        if stranger.status.as_u16() == 429 {
            break;
        }
    }
    stranger.is(429);
    // A browser that was never seen meets the wait of that number, even with the right secret …
    let mut second = Browser::new(zone.running.public_addr);
    second.get("/lookup").await;
    second.submit("/lookup", &[("number", &guessed.0), ("secret", &guessed.1)]).await.is(429);
    // … and the one that tried opens another number at once.
    let mut same = stranger.clone();
    same.bytes = fresh.bytes.clone();
    same.submit("/lookup", &[("number", &other.0), ("secret", &other.1)]).await.is(200);
    same.says(&other.0);
    zone.clock.advance(jiff::SignedDuration::from_mins(21));
    second.get("/lookup").await;
    second.submit("/lookup", &[("number", &guessed.0), ("secret", &guessed.1)]).await.is(200);
    zone.close().await;
}

/// MN-7.2: every page carries the headers, and pages of a person are kept by no cache.
#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_hardened() {
    let zone = Zone::open(clock()).await;
    let mut browser = hanako(&zone).await;
    for path in [
        "/",
        "/procedures",
        "/mypage",
        "/nothing",
        "/login",
        "/terms",
        "/guide",
        "/privacy",
        "/accessibility",
        "/notices",
    ] {
        browser.get(path).await;
        let policy = browser.headers["content-security-policy"].to_str().expect("ASCII");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}");
        assert_eq!(browser.headers["x-frame-options"], "DENY", "{path}");
        assert_eq!(browser.headers["cache-control"], "no-store", "{path}");
        let html = browser.html();
        assert!(!html.contains(" style=\"") && !html.contains("onclick"), "{path}");
    }
    zone.close().await;
}
