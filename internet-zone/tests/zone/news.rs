//! News by mail for who asked for them.

use std::collections::{BTreeSet, HashMap};

use http::Method;
use internet_zone::jobs::bulletins as job;
use internet_zone_store::By;
use internet_zone_store::bulletins::{self, NewBulletin};
use internet_zone_store::identity::accounts::{self, NewAccount};
use internet_zone_store::mail;
use internet_zone_web::letters::{Letter, Template};
use internet_zone_web::news::{announcement, topics};
use internet_zone_web::places;
use internet_zone_web::site::{Notice, Site};
use jiff::SignedDuration;
use platform_testkit::TempDir;

use crate::applying::clock;
use crate::browser::Browser;
use crate::closing::mail as mail_to;
use crate::identity::hanako;
use crate::support::Zone;
use crate::sweep::site;

const PAGE: &str = "/account/news";

fn residence() -> BTreeSet<String> {
    topics(&["residence".to_owned()], &[])
}

/// A new procedure about homes.
fn procedure(slug: &str) -> NewBulletin {
    NewBulletin {
        id: format!("procedure:{slug}"),
        topics: residence(),
        title: "{\"ja\":\"空き家の届出\",\"en\":\"Vacant houses\"}".to_owned(),
        path: format!("/procedures/{slug}"),
    }
}

/// An account that wishes for these topics.
async fn account(site: &Site, email: &str, wishes: BTreeSet<String>) -> String {
    let id = site.new_id();
    let new = NewAccount {
        id: id.clone(),
        email_index: email.as_bytes().to_vec(),
        email_sealed: site.vault.seal(places::account_email(&id), email.as_bytes()),
        profile_sealed: vec![1],
        password_hash: "hash".to_owned(),
    };
    let (by, me) = (By::system("test", site.micros()), id.clone());
    site.store
        .write(move |tx| {
            accounts::register(tx, &by, &new)?;
            bulletins::choose(tx, &by, &me, &wishes)
        })
        .await
        .expect("registered");
    id
}

async fn put(site: &Site, new: NewBulletin) -> bool {
    let at = site.micros();
    site.store.write(move |tx| bulletins::put(tx, &new, at)).await.expect("written")
}

/// The letters that wait, by address.
async fn waiting(site: &Site) -> HashMap<String, Vec<Letter>> {
    let now = site.micros();
    let due = site.store.read(move |db| mail::due(db, now, 1_000)).await.expect("readable");
    let mut all: HashMap<String, Vec<Letter>> = HashMap::new();
    for one in due {
        let letter = Letter::open(&site.vault, &one.id, &one.letter_sealed).expect("ours");
        all.entry(letter.to.clone()).or_default().push(letter);
    }
    all
}

async fn tell(site: &Site, looks: usize) {
    for _ in 0..looks {
        job::tell(site, site.micros()).await.expect("told");
    }
}

/// IK-2.1.1a: whoever wished for it is told once, however often the zone looks; others are not, nor is
/// who wished for it only afterwards. An announcement goes the same way.
#[tokio::test]
async fn who_asked_for_it_is_told_once() {
    let folder = TempDir::new();
    let clock = clock();
    let site = site(folder.path(), &clock);
    account(&site, "hanako@example.jp", residence()).await;
    account(&site, "taro@example.jp", topics(&["jobs".to_owned()], &[])).await;
    account(&site, "jiro@example.jp", BTreeSet::new()).await;
    assert!(put(&site, procedure("akiya")).await);
    assert!(!put(&site, procedure("akiya")).await, "the same one is not told twice");
    clock.advance(SignedDuration::from_secs(1));
    account(&site, "late@example.jp", residence()).await;
    tell(&site, 4).await;
    let told = waiting(&site).await;
    assert_eq!(told.keys().collect::<Vec<_>>(), ["hanako@example.jp"], "nobody else");
    let letters = &told["hanako@example.jp"];
    assert_eq!(letters.len(), 1, "once");
    assert_eq!(letters[0].template, Template::NewProcedure);
    assert!(letters[0].args["stop"].contains("/news/stop/"), "{:?}", letters[0].args);

    clock.advance(SignedDuration::from_secs(1));
    let notice = Notice {
        title: "水道料金の減免".to_owned(),
        body: "申請を受け付けます。".to_owned(),
        date: "2026-06-01".parse().expect("a day"),
        urgent: false,
        topics: residence(),
    };
    assert!(put(&site, announcement(&notice)).await);
    assert!(!put(&site, announcement(&notice)).await, "a start later it is the same");
    tell(&site, 4).await;
    let told = waiting(&site).await;
    assert_eq!(told["hanako@example.jp"].len(), 2);
    assert_eq!(told["late@example.jp"].len(), 1);
    assert_eq!(told["late@example.jp"][0].template, Template::Announced);
}

/// IK-2.1.1a: many are told a few at a time, each once, and not while other mails wait.
#[tokio::test]
async fn many_are_told_a_few_at_a_time() {
    let folder = TempDir::new();
    let clock = clock();
    let site = site(folder.path(), &clock);
    for n in 0..150 {
        account(&site, &format!("p{n}@example.jp"), residence()).await;
    }
    put(&site, procedure("akiya")).await;
    tell(&site, 5).await;
    assert_eq!(waiting(&site).await.len(), 100, "no more while they wait");
    let now = site.micros();
    let due = site.store.read(move |db| mail::due(db, now, 1_000)).await.expect("readable");
    let first: BTreeSet<String> = waiting(&site).await.into_keys().collect();
    site.store
        .write(move |tx| due.iter().try_for_each(|one| mail::forget(tx, &one.id)))
        .await
        .expect("sent");
    tell(&site, 3).await;
    let second: BTreeSet<String> = waiting(&site).await.into_keys().collect();
    assert_eq!((second.len(), first.intersection(&second).count()), (50, 0));
}

/// IK-2.1.1a: a topic that no procedure has just now is not on the page, and who wished for it before goes on to;
/// whoever chooses nothing at all is told of nothing.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_offered_just_now_stays_wished_for() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    let index = crate::staff::vault(&zone).index("email", "hanako@example.jp");
    let found = zone.store().read(move |db| accounts::find_by_email(db, &index)).await;
    let me = found.expect("readable").expect("registered").id;
    let (by, of) = (By::system("test", zone.clock.now().as_microsecond()), me.clone());
    let resting = BTreeSet::from(["category.resting".to_owned()]);
    zone.store().write(move |tx| bulletins::choose(tx, &by, &of, &resting)).await.expect("wished");
    let wishes = async || {
        let of = me.clone();
        zone.store().read(move |db| bulletins::wishes(db, &of)).await.expect("readable")
    };
    hanako.get(PAGE).await.is(200);
    assert!(!hanako.html().contains("category.resting"), "{}", hanako.html());
    hanako.submit(PAGE, &[("topics", "category.residence")]).await.is(200).says("保存しました");
    assert_eq!(wishes().await, ["category.residence", "category.resting"]);
    hanako.submit(PAGE, &[]).await.is(200).says("保存しました");
    assert_eq!(wishes().await, Vec::<String>::new());
    zone.close().await;
}

/// IK-2.1.1a: nothing is chosen by itself; what is chosen at the account comes by mail, and the link in the
/// mail stops it with one press, without signing in. Another link stops nothing.
#[tokio::test(flavor = "multi_thread")]
async fn news_are_chosen_at_the_account_and_stopped_from_the_mail() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    hanako.get("/account").await.is(200);
    assert!(hanako.html().contains(&format!("href=\"{PAGE}\"")), "the way there");
    hanako.get(PAGE).await.is(200).says("お知らせメール");
    assert!(!hanako.html().contains(" checked"), "off by default: {}", hanako.html());
    let topic = "category.residence";
    assert!(hanako.html().contains(&format!("value=\"{topic}\"")), "{}", hanako.html());
    let event = "life.moving";
    let chosen = [("topics", topic), ("topics", "category.nothing"), ("events", event)];
    hanako.submit(PAGE, &chosen).await.is(200).says("保存しました");
    assert_eq!(hanako.html().matches(" checked").count(), 2, "{}", hanako.html());
    hanako.submit(PAGE, &[("topics", topic)]).await.is(200);
    assert_eq!(hanako.html().matches(" checked").count(), 1, "{}", hanako.html());

    let new = procedure("akiya");
    let at = 1 + zone.clock.now().as_microsecond();
    zone.store().write(move |tx| bulletins::put(tx, &new, at)).await.expect("written");
    // Whatever is queued makes the zone look.
    hanako.get("/account").await;
    let facts = [("name.family", "山田"), ("name.given", "花"), ("phone", "0900000000")];
    hanako.submit("/account", &facts).await.is(200);
    let told = mail_to(&zone, "hanako@example.jp", "空き家の届出", 1).await;
    let stop = told.lines().find(|line| line.contains("/news/stop/")).expect("a link").trim();
    let stop = format!("/{}", stop.splitn(4, '/').nth(3).expect("a path"));

    let mut phone = Browser::new(zone.running.public_addr);
    let (mine, code) = stop.rsplit_once('/').expect("a code");
    let other: String = code.chars().rev().collect();
    phone.get(&format!("{mine}/{other}")).await.is(404);
    phone.get(&stop).await.is(200);
    hanako.get(PAGE).await;
    assert!(hanako.html().contains(" checked"), "opening the link stops nothing yet");
    phone.submit(&stop, &[]).await.is(200).says("お知らせメールを止めました");
    hanako.get(PAGE).await;
    assert!(!hanako.html().contains(" checked"), "{}", hanako.html());

    // A mail program finds the same link in the head of the mail and presses by itself, in either writing, without
    // cookie or token, as often as it likes.
    let mails = zone.mails.mails_to("hanako@example.jp").into_iter();
    let heads: Vec<String> = mails.map(|mail| mail.raw.replace("\r\n ", "")).collect();
    let named = |head: &&String| head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
    let head = heads.iter().find(named).expect("news");
    assert!(head.contains(&format!("{stop}>\r\n")), "{head}");
    assert!(!heads.iter().all(|head| named(&head)), "mails of no news have no such line");
    let form = "application/x-www-form-urlencoded";
    let pressed = "--cut\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--cut--\r\n";
    for (media, body) in
        [("multipart/form-data; boundary=cut", pressed), (form, "List-Unsubscribe=One-Click")]
    {
        hanako.submit(PAGE, &[("topics", topic)]).await.is(200);
        let mut program = Browser::new(zone.running.public_addr);
        for (path, body, status) in [
            (format!("{mine}/{other}"), body, 404),
            (stop.clone(), "List-Unsubscribe=No", 403),
            (stop.clone(), "", 403),
        ] {
            let media = if status == 404 { media } else { form };
            program.send(Method::POST, &path, media, body.into()).await;
            program.is(status);
        }
        hanako.get(PAGE).await;
        assert!(hanako.html().contains(" checked"), "nothing is stopped yet");
        for _ in 0..2 {
            program.send(Method::POST, &stop, media, body.into()).await;
            program.is(204);
        }
        hanako.get(PAGE).await;
        assert!(!hanako.html().contains(" checked"), "{}", hanako.html());
    }
    zone.close().await;
}
