//! Procedures for whoever was invited (招待された人だけの手続).

use bridge_contract::messages::{ToStaff, invited_address, invited_code};
use domain::applications::GuestSecret;
use domain::forms::definition::{Listing, Login, Procedure};
use internet_zone_store::By;
use internet_zone_store::invitations::{self, Digest, NewInvitation};
use jiff::SignedDuration;

use crate::applying::clock;
use crate::browser::{Browser, encode};
use crate::delegates::taro;
use crate::identity::hanako;
use crate::safety::outbox;
use crate::staff::vault;
use crate::support::{Zone, link, publish, sample};

const DAY: i64 = 86_400_000_000;
const PAGE: &str = "/procedures/koho-anketo";
const GATE: &str = "/procedures/koho-anketo/invited";

/// The survey for the invited alone.
async fn zone(login: Login) -> (Zone, Procedure) {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    survey.listing = Listing::Invite;
    survey.access.login = login;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        if browser.get(PAGE).await.path == GATE {
            return (zone, survey);
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("the survey stays open: {}", browser.text());
}

fn code(n: u8) -> GuestSecret {
    GuestSecret::from_random([n; 10])
}

/// Hands an invitation out, as it arrives from the staff zone.
async fn invite(zone: &Zone, id: &str, of: &Procedure, digest: Digest, (uses, until): (i64, i64)) {
    let new = NewInvitation {
        id: id.to_owned(),
        procedure_id: of.id.as_str().to_owned(),
        key: invitations::key(&vault(zone), digest),
        uses,
        until: zone.clock.now().as_microsecond() + until,
    };
    let by = By::system("test", zone.clock.now().as_microsecond());
    let store = zone.store();
    let given =
        store.write(move |tx| invitations::given(tx, &by, &new.procedure_id.clone(), &[new]));
    assert_eq!(given.await.expect("written"), 1);
}

async fn shows<'a>(browser: &'a mut Browser, code: &str) -> &'a Browser {
    browser.get(GATE).await.is(200);
    browser.submit("/invited", &[("code", code)]).await
}

async fn fills(browser: &mut Browser) {
    browser.get(&format!("{PAGE}/start")).await.is(200);
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await;
    browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await.is(200);
    browser.submit("/pages/voice", &[("voice", "招かれました")]).await.is(200).says("内容の確認");
}

/// NF-45: the address alone opens nothing and names nothing; a code typed by hand does, for one
/// application, and staff are told which one was used, but not by whom where nobody is asked for.
#[tokio::test(flavor = "multi_thread")]
async fn a_code_opens_a_procedure_for_one_application() {
    let (zone, survey) = zone(Login::None).await;
    invite(&zone, "i1", &survey, invited_code(&survey.id, &code(1)), (1, 30 * DAY)).await;
    let mut stranger = Browser::new(zone.running.public_addr);
    stranger.get(&format!("/procedures?q={}", encode("広報みらい"))).await.is(200);
    assert!(!stranger.html().contains("koho-anketo"), "{}", stranger.text());
    for page in ["", "/start", "/files/map"] {
        stranger.get(&format!("{PAGE}{page}")).await.is(200).says("招待された方の手続き");
        assert_eq!(stranger.path, GATE);
        assert!(!stranger.html().contains("広報みらい"), "{}", stranger.text());
    }
    stranger.get(&format!("{PAGE}/qr.svg")).await.is(404);

    let mut invited = Browser::new(zone.running.public_addr);
    let typed = code(1).to_string().to_lowercase().replace('-', " ");
    shows(&mut invited, &typed).await.is(200).says("広報みらい");
    assert_eq!(invited.path, PAGE);
    assert!(!invited.html().contains("qr.svg"), "its address is nothing to hand on");
    fills(&mut invited).await;
    invited.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let told = outbox(&zone).await;
    let used: Vec<_> = told
        .iter()
        .filter_map(|(message, _)| match message {
            ToStaff::InvitationUsed(used) => {
                Some((used.invitation_id.as_str(), &used.application_id))
            }
            _ => None,
        })
        .collect();
    assert_eq!(used, [("i1", &None)]);
    invited.get(PAGE).await.says("招待された方の手続き");

    // Procedures that everybody sees have no such page.
    stranger.get("/procedures/juminhyo/invited").await.is(200).says("住民票の写しの請求");
    assert_eq!(stranger.path, "/procedures/juminhyo");
    stranger.get("/procedures/nothing/invited").await.is(404);
    zone.close().await;
}

/// NF-45: a code that is wrong, used, over or revoked gets one and the same answer, and so does the
/// code of another procedure; the link of a slip fills the code in and opens nothing by itself.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_does_not_open_it_gets_one_answer() {
    let (zone, survey) = zone(Login::None).await;
    let other = sample("juminhyo").id;
    for (id, n, of, until) in [
        ("used", 1, &survey.id, 30 * DAY),
        ("over", 2, &survey.id, DAY),
        ("revoked", 3, &survey.id, 30 * DAY),
        ("other", 4, &other, 30 * DAY),
    ] {
        invite(&zone, id, &survey, invited_code(of, &code(n)), (1, until)).await;
    }
    let mut invited = Browser::new(zone.running.public_addr);
    shows(&mut invited, &code(1).to_string()).await.is(200);
    fills(&mut invited).await;
    invited.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let by = By::system("test", zone.clock.now().as_microsecond());
    let store = zone.store();
    let revoked = store.write(move |tx| invitations::revoked(tx, &by, &["revoked".into()]));
    revoked.await.expect("written");
    zone.clock.advance(SignedDuration::from_hours(24));

    let mut anybody = Browser::new(zone.running.public_addr);
    shows(&mut anybody, &code(9).to_string()).await.is(422).says("この招待コードでは開けません");
    let wrong = anybody.text();
    for n in 1..=4 {
        shows(&mut anybody, &code(n).to_string()).await.is(422);
        assert_eq!(anybody.text(), wrong, "{n}");
        assert!(anybody.html().contains(&code(n).to_string()), "what was typed stays");
    }
    shows(&mut anybody, "1234").await.is(422).says("の形の16文字で入力");
    let slip = format!("{GATE}/{}", code(9));
    anybody.get(&slip).await.is(200);
    assert!(anybody.html().contains(&format!("value=\"{}\"", code(9))));
    anybody.get(PAGE).await.says("招待された方の手続き");
    zone.close().await;
}

/// NF-45: two who fill in by one code: the second is told before anything is sent, keeps the answers,
/// and sends them by another code.
#[tokio::test(flavor = "multi_thread")]
async fn who_comes_second_by_one_code_loses_nothing() {
    let (zone, survey) = zone(Login::None).await;
    for n in [1, 2] {
        let id = format!("i{n}");
        invite(&zone, &id, &survey, invited_code(&survey.id, &code(n)), (1, 30 * DAY)).await;
    }
    let mut first = Browser::new(zone.running.public_addr);
    let mut second = Browser::new(zone.running.public_addr);
    for browser in [&mut first, &mut second] {
        shows(browser, &code(1).to_string()).await.is(200);
        fills(browser).await;
    }
    let draft = second.path.clone();
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    second.submit("/submit", &[]).await.is(409).says("招待が使えなくなりました");
    second.says("入力した内容は残っています");
    shows(&mut second, &code(2).to_string()).await.is(200);
    second.get(&draft).await.is(200).says("招かれました");
    second.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.close().await;
}

/// NF-45: guessing codes is slowed down for each network: nobody closes the page for others. It ends by
/// itself, and a code that stands costs nothing.
#[tokio::test(flavor = "multi_thread")]
async fn guessing_invitations_is_slowed_down() {
    let (zone, survey) = zone(Login::None).await;
    invite(&zone, "i1", &survey, invited_code(&survey.id, &code(1)), (100, 30 * DAY)).await;
    let mut anybody = Browser::new(zone.running.public_addr);
    for _ in 0..65 {
        let mut invited = Browser::new(zone.running.public_addr);
        shows(&mut invited, &code(1).to_string()).await.is(200);
    }
    let mut stopped = 0;
    for n in 100..170 {
        shows(&mut anybody, &code(n).to_string()).await;
        stopped += usize::from(anybody.status == 429);
    }
    assert_eq!(stopped, 10, "60 wrong codes a minute");
    anybody.says("確認を一時的に止めています").says("1分ほど待って");
    let mut elsewhere = Browser::from(zone.running.public_addr, [127, 9, 9, 9]);
    shows(&mut elsewhere, &code(1).to_string()).await.is(200);
    zone.clock.advance(SignedDuration::from_secs(60));
    shows(&mut anybody, &code(1).to_string()).await.is(200);
    zone.close().await;
}

/// NF-45: an invited address opens the procedure once it is proven, on whatever device, and is not
/// asked for again; an address that was not invited gets the same page and another mail.
#[tokio::test(flavor = "multi_thread")]
async fn an_invited_address_is_proven_by_mail() {
    let (zone, survey) = zone(Login::Email).await;
    let digest = invited_address(&survey.id, "Hana@example.jp");
    invite(&zone, "i1", &survey, digest, (1, 30 * DAY)).await;
    let mut pages = Vec::new();
    for email in ["hana@Example.jp", "dare@example.jp"] {
        let mut browser = Browser::new(zone.running.public_addr);
        browser.get(PAGE).await.is(200);
        browser.submit("/invited-address", &[("email", "nobody")]).await.is(422);
        browser.submit("/invited-address", &[("email", email)]).await.is(200);
        pages.push(browser.text());
    }
    assert_eq!(pages[0], pages[1]);
    let refused = zone.mails.wait_for("dare@example.jp", 1);
    let refused = crate::support::words(&refused[0].raw);
    assert!(refused.contains("招待はありません") && !refused.contains("/invited/"), "{refused}");

    let path = link(&zone, "hana@Example.jp", 1);
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get(&path).await.is(200).says("hana@Example.jp");
    let mut late = phone.clone();
    phone.submit(&path, &[]).await.is(200).says("広報みらい");
    late.submit(&path, &[]).await.is(410);
    phone.get(&format!("{PAGE}/start")).await.is(200);
    assert!(!phone.html().contains("name=\"email\""), "{}", phone.text());
    fills(&mut phone).await;
    phone.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let application = phone.path.split('/').nth(2).expect("an id").to_owned();
    let told = outbox(&zone).await;
    assert!(told.iter().any(|(message, _)| matches!(message, ToStaff::InvitationUsed(used)
        if used.application_id.as_ref().is_some_and(|id| id.as_str() == application))));
    zone.close().await;
}

/// NF-45: who is signed in with an invited address needs no code.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_an_invited_address_goes_straight_in() {
    let (zone, survey) = zone(Login::Account).await;
    let digest = invited_address(&survey.id, "hanako@example.jp");
    invite(&zone, "i1", &survey, digest, (1, 30 * DAY)).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    hanako.get(PAGE).await.is(200).says("広報みらい");
    taro.get(PAGE).await.is(200).says("招待された方の手続き");
    zone.close().await;
}
