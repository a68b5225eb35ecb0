//! One browser in the town hall for everybody (IK-2.1.2a2).

use bridge_contract::digest::Digest;
use bridge_contract::messages::ToStaff;
use domain::forms::definition::Words;
use internet_zone::config::{LimitConfig, TerminalConfig};
use internet_zone::jobs::sweep;
use internet_zone_store::applications::drafts;
use internet_zone_store::terminals;
use internet_zone_store::vault::Vault;
use jiff::SignedDuration;
use platform_service::config::Within;
use platform_service::secret;
use platform_testkit::TempDir;

use crate::applying::{clock, person, receipt};
use crate::browser::Browser;
use crate::line::{choose, course, guest};
use crate::safety::outbox;
use crate::support::{Zone, link, publish, sample, words};
use crate::sweep::{draft, site};

const CODE: &str = "0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefghjk";
const MARK: &str = "__Host-madoguchi-terminal";

/// A zone with one terminal.
async fn zone() -> Zone {
    Zone::open_with(clock(), "127.0.0.1:0", None, |config| {
        config.terminals.push(TerminalConfig {
            name: "市民課 1番".to_owned(),
            code_sha256: Digest::of(CODE.as_bytes()).hex(),
            idle_seconds: Within::new(180).expect("in bounds"),
            warn_seconds: Within::new(60).expect("in bounds"),
        });
    })
    .await
}

/// A browser that is the terminal.
async fn terminal(zone: &Zone) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/terminal").await.is(200);
    browser
        .submit("/terminal", &[("code", CODE)])
        .await
        .is(200)
        .says("この端末は「市民課 1番」です");
    browser
}

/// The survey at the terminal, up to the answers to check.
async fn survey(zone: &Zone) -> Browser {
    let mut browser = terminal(zone).await;
    browser.get("/procedures/koho-anketo/start").await.says("アカウントやメールアドレスがなくても");
    browser.submit("/start", &[("agree", "yes")]).await.is(200).says("スマートフォンで続ける");
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    let paper = [
        ("reads", "always"),
        ("rating", "4"),
        ("last_issue.year", "2026"),
        ("last_issue.month", "4"),
    ];
    browser.submit("/pages/paper", &paper).await.says("質問が増えました");
    browser.submit("/pages/paper", &paper).await.is(200);
    browser.submit("/pages/voice", &[("voice", "窓口から")]).await.is(200).says("内容の確認");
    browser
}

async fn drafts_left(zone: &Zone) -> usize {
    let found = zone.store().read(|db| drafts::expired(db, i64::MAX, 100)).await;
    found.expect("readable").len()
}

/// IK-2.1.2a2: the code makes a browser the terminal, whatever else is typed does not; without a
/// terminal there is no such page.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_code_makes_a_terminal() {
    let none = Zone::open(clock()).await;
    Browser::new(none.running.public_addr).get("/terminal").await.is(404);
    none.close().await;

    let zone = zone().await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/terminal").await;
    browser
        .submit("/terminal", &[("code", "guessed")])
        .await
        .is(422)
        .says("この符号の端末はありません");
    browser.get("/").await.is(200);
    assert!(!browser.html().contains("/terminal/end"), "an ordinary browser has no such button");
    for path in ["/terminal/over", "/terminal/ended", "/terminal/still", "/terminal/here"] {
        browser.get(path).await.is(404);
    }
    let typed = CODE.to_uppercase();
    let typed = format!("{} {}", &typed[..26], &typed[26..]);
    browser.get("/terminal").await;
    browser.submit("/terminal", &[("code", &typed)]).await.is(200).says("市民課 1番");
    browser.get("/").await.is(200);
    assert!(
        browser.html().contains("class=\"terminal\"") && browser.html().contains("/terminal/end")
    );
    browser.set_cookie(MARK, "a;b");
    browser.get("/").await.is(200);
    assert!(!browser.html().contains("/terminal/end"), "a made-up mark is none");
    zone.close().await;
}

/// IK-2.1.2a2: nothing leads away from a terminal, nothing is kept or saved there.
#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_keeps_nothing_and_leads_nowhere() {
    let zone = zone().await;
    let mut procedure = sample("koho-anketo");
    procedure.description =
        Words::from("[市の案内](https://city.example/a)と[別の手続き](/procedures/juminhyo)");
    procedure.revision += 1;
    publish(&zone.store(), &procedure, Vec::new(), zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    let mut shown = false;
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo").await.is(200);
        shown = browser.html().contains("href=\"https://city.example/a\"");
        if shown {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(shown, "elsewhere it is a link");

    let mut terminal = terminal(&zone).await;
    terminal.get("/procedures/koho-anketo").await.is(200).says("市の案内 (https://city.example/a)");
    assert!(!terminal.html().contains("href=\"https://city.example"), "{}", terminal.html());
    assert!(terminal.html().contains("href=\"/procedures/juminhyo\""), "own pages stay links");
    for path in ["/", "/procedures", "/nowhere", "/procedures/koho-anketo/qr.svg"] {
        terminal.get(path).await;
        assert_eq!(terminal.headers["cache-control"], "no-store", "{path}");
    }
    let of_file = |slug: &str| {
        let procedure = sample(slug);
        let file = procedure.files.iter().find(|file| file.listed)?;
        Some(format!("/procedures/{slug}/files/{}", file.id))
    };
    let slugs = crate::support::sample_procedures().into_iter().map(|one| one.slug);
    let path = slugs.into_iter().find_map(|slug| of_file(&slug)).expect("a form to download");
    terminal.get(&path).await.is(403).says("この端末では保存できません");
    assert!(!terminal.headers.contains_key("content-disposition"));
    zone.close().await;
}

/// IK-2.1.2a2: 終了 takes session, unsent answers and every cookie of the visit, says so, and
/// leaves the terminal ready for the next person.
#[tokio::test(flavor = "multi_thread")]
async fn finishing_wipes_everything_at_once() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    browser
        .get(&format!("{}?lang=en", browser.path.clone()))
        .await
        .is(200)
        .says("Check your answers");
    let check = browser.path.clone();
    assert_eq!(drafts_left(&zone).await, 1);
    let before = browser.clone();
    browser.submit("/terminal/end", &[]).await.is(200).says("終了しました").says("消しました");
    assert_eq!(browser.cookie(MARK), Some(CODE));
    let kept = browser.cookie_header();
    assert_eq!(kept, format!("{MARK}={CODE}"), "nothing else is left");
    assert_eq!(drafts_left(&zone).await, 0);
    assert!(!browser.html().contains("http-equiv"), "nothing is left to wipe");
    // The way back leads to nothing, even with the old session.
    let mut back = before;
    back.get(&check).await.is(404);
    browser.get(&check).await.is(404);
    browser.get("/").await.is(200);
    assert!(!browser.html().contains("http-equiv"), "a fresh start page rests");
    zone.close().await;
}

/// IK-2.1.2a2: without script, too, a page that nobody touches asks, counts down and wipes; going
/// on keeps what was typed.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_there_is_asked_then_wiped() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    let check = browser.path.clone();
    let next = |browser: &Browser| {
        let html = browser.html();
        let (_, rest) = html.split_once("http-equiv=\"refresh\" content=\"").expect("it leads on");
        let line =
            rest.split_once('"').expect("closed").0.replace("&#38;", "&").replace("&amp;", "&");
        let (seconds, address) = line.split_once(";url=").expect("an address");
        (seconds.parse::<i64>().expect("seconds"), address.to_owned())
    };
    let (seconds, still) = next(&browser);
    assert_eq!(seconds, 180);
    browser.get(&still).await.is(200).says("まだお使いですか").says("60秒以内に");
    assert!(browser.html().contains(&format!("href=\"{check}\"")), "{}", browser.html());
    let mut counted = Vec::new();
    loop {
        let (seconds, address) = next(&browser);
        counted.push(seconds);
        browser.get(&address).await.is(200);
        if address == "/terminal/over" {
            break;
        }
        assert_eq!(drafts_left(&zone).await, 1, "not yet");
    }
    assert_eq!(counted, [10; 6]);
    browser.says("終了しました");
    assert_eq!(drafts_left(&zone).await, 0);

    let mut away = survey(&zone).await;
    zone.clock.advance(SignedDuration::from_secs(180 + 60 + 21));
    let path = away.path.clone();
    away.get(&path).await;
    assert!(!away.text().contains("内容の確認"), "the session ended by itself: {}", away.text());
    zone.close().await;
}

/// IK-2.1.2a2: what was begun at a visit that nobody ended goes with its session.
#[tokio::test]
async fn a_visit_nobody_ended_is_swept_away() {
    let folder = TempDir::new();
    let site = site(folder.path(), &clock());
    let far = site.micros() + 86_400_000_000;
    let (left, owner) = draft(&site, far, &site.new_id()).await;
    let (other, _) = draft(&site, far, &site.new_id()).await;
    let noted = left.clone();
    site.store.write(move |tx| terminals::begun(tx, &noted, &owner)).await.expect("noted");
    sweep::sweep(&site, &LimitConfig::default()).await.expect("swept");
    let now = site.micros();
    let found = site.store.read(move |db| {
        Ok((drafts::find(db, &left, now)?.is_some(), drafts::find(db, &other, now)?.is_some()))
    });
    assert_eq!(found.await.expect("readable"), (false, true));
}

fn code(zone: &Zone, path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let key = secret::read_key(&zone.root.join("keys/draft.key")).expect("the key");
    let hash = Vault::new(&key, "mirai").index("hand-over", &format!("{} {}", parts[2], parts[4]));
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// IK-2.1.2a2: the code on the screen opens the answers on the citizen's own telephone, once, and
/// closes them at the terminal.
#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_code_takes_the_answers_along() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    let draft = browser.path.trim_end_matches("/check").to_owned();
    browser.get(&format!("{draft}/handover")).await.is(200).says("二次元コードで移す");
    browser.submit("/handover", &[]).await.is(200).says("二次元コードを読み取ってください");
    assert!(browser.html().contains("<svg"), "{}", browser.html());
    let screen = browser.path.clone();
    let secret = code(&zone, &screen);
    assert!(!browser.html().contains(&secret), "the code is in the picture alone");
    browser.get(&format!("/handover/{secret}")).await.is(409).says("窓口の端末では開けません");
    browser.get(&screen).await.is(200).says("二次元コードを読み取ってください");

    let mut phone = Browser::new(zone.running.public_addr);
    phone.get(&format!("/handover/{secret}")).await.is(200).says("お使いの端末に移します");
    let mut late = phone.clone();
    phone
        .submit(&format!("/handover/{secret}"), &[])
        .await
        .is(200)
        .says("内容の確認")
        .says("窓口から");
    late.submit(&format!("/handover/{secret}"), &[]).await.is(410);
    let mut old = browser.clone();
    old.get(&format!("{draft}/check")).await;
    assert!(!old.text().contains("窓口から"), "the terminal has it no more: {}", old.text());
    browser.get(&screen).await.is(200).says("終了しました").says("読み取った端末で入力できます");
    assert_eq!(drafts_left(&zone).await, 1);
    phone.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let sent = outbox(&zone).await;
    assert!(sent.iter().all(|(message, _)| !matches!(message, ToStaff::SentAtTerminal(_))));
    zone.close().await;
}

/// IK-2.1.2a2: the way to go on by mail ends the visit and keeps the answers for whoever opens it.
#[tokio::test(flavor = "multi_thread")]
async fn a_mailed_link_takes_the_answers_along() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    let draft = browser.path.trim_end_matches("/check").to_owned();
    browser.get(&format!("{draft}/handover")).await;
    let by_mail = browser.html().rfind("<form ").expect("a form");
    let mut form = browser.clone();
    form.bytes = browser.html()[by_mail..].to_owned().into();
    let mut wrong = form.clone();
    wrong.submit("/handover", &[("email", "nobody")]).await.is(422);
    form.submit("/handover", &[("email", "hana@example.jp")])
        .await
        .is(200)
        .says("リンクをメールで送りました");
    assert_eq!(drafts_left(&zone).await, 1);
    let mut phone = Browser::new(zone.running.public_addr);
    let path = link(&zone, "hana@example.jp", 1);
    phone.get(&path).await.is(200);
    phone.submit(&path, &[]).await.is(200).says("窓口から");
    zone.close().await;
}

/// IK-2.1.2a2, IK-2.1.3: what is sent at a terminal says at which one; the receipt goes to an
/// address once typed, and a procedure that asks others for an address asks for none here.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_at_a_terminal_says_so() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました").says("この画面を撮影");
    let (number, secret) = receipt(&browser);
    let sent = outbox(&zone).await;
    let named = sent.iter().find_map(|(message, _)| match message {
        ToStaff::SentAtTerminal(sent) => Some(sent.clone()),
        _ => None,
    });
    let application = browser.path.split('/').nth(2).expect("an id").to_owned();
    let named = named.expect("it says so");
    assert_eq!(
        (named.terminal.as_str(), named.application_id.as_str()),
        ("市民課 1番", application.as_str())
    );

    browser.submit("/receipt/mail", &[("email", "nobody")]).await.says("の形で入力してください");
    browser
        .submit("/receipt/mail", &[("email", "hana@example.jp")])
        .await
        .says("控えをメールで送りました");
    let mails = zone.mails.wait_for("hana@example.jp", 1);
    let mail = words(&mails[0].raw);
    assert!(mail.contains(&number) && !mail.contains(&secret), "{mail}");

    browser.submit("/terminal/end", &[]).await.is(200);
    browser.get(&format!("/applications/{application}")).await;
    assert!(!browser.text().contains(&number), "the next person sees nothing");

    browser.get("/procedures/juminhyo/start").await.is(200);
    assert!(!browser.html().contains("name=\"email\""), "{}", browser.text());
    let mut elsewhere = Browser::new(zone.running.public_addr);
    elsewhere.get("/procedures/juminhyo/start").await.is(200);
    assert!(elsewhere.html().contains("name=\"email\""));
    zone.close().await;
}

/// IK-2.1.2a2, NF-49: who waits for a seat without an address is promised no mail.
#[tokio::test(flavor = "multi_thread")]
async fn who_waits_without_an_address_is_promised_no_mail() {
    let zone = zone().await;
    course(&zone, 1).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let mut browser = terminal(&zone).await;
    browser.get("/procedures/shimin-koza/start").await.is(200);
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    person(&mut browser, ("次郎", "ジロウ", "じろう"), "jiro@example.jp").await;
    choose(&mut browser).await;
    browser.says("メールアドレスを確認していない方には、メールは届きません");
    browser.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    browser.says("メールは届きません。受付番号と確認用の番号を控えて");
    zone.close().await;
}

/// IK-2.1.2a2, NF-60: without script the question stands on the page that somebody fills in, and going on
/// saves what was typed; where nobody answers, the page leads to the end by itself.
#[tokio::test(flavor = "multi_thread")]
async fn going_on_without_script_keeps_what_was_typed() {
    let zone = zone().await;
    let mut browser = survey(&zone).await;
    let check = browser.path.clone();
    let page = check.replace("/check", "/pages/voice");
    browser.get(&page).await.is(200);
    let html = browser.html();
    assert!(html.contains("まだお使いですか") && html.contains("60秒以内に"), "{html}");
    assert!(html.contains("content=\"240;url=/terminal/over\""), "{html}");
    assert!(html.contains("form=\"filled\" name=\"_do\" value=\"save\""), "{html}");
    let typed = [("voice", "まだ書いている途中です"), ("_do", "save")];
    browser.submit("/pages/voice", &typed).await.is(200);
    assert!(browser.html().contains("まだ書いている途中です"), "{}", browser.html());
    assert_eq!(drafts_left(&zone).await, 1);
    browser.get("/terminal/still.css").await.is(200);
    assert_eq!(browser.html(), ".terminal-ask{animation-delay:180s!important}");
    zone.close().await;
}

/// IK-2.1.2a2, NF-60: here nobody is asked for an address, so no page promises a way back that there is not:
/// not at the terminal, and not on the own device that takes it along.
#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_can_come_back_to_is_not_promised() {
    const PERSON: &str = "/pages/person";
    let zone = zone().await;
    course(&zone, 1).await;
    let mut browser = terminal(&zone).await;
    browser.get("/procedures/shimin-koza/start").await.is(200);
    browser.submit("/start", &[("agree", "yes")]).await.is(200);
    browser.says("送信しないまま終了すると、入力した内容は消えます");
    browser.submit(PERSON, &[("name.family", "山田"), ("_do", "save")]).await.is(200);
    browser.says("保存しました。送信しないまま終了すると、入力した内容は消えます");
    assert!(!browser.text().contains("あとで続きから入力できます"), "{}", browser.text());
    assert!(!browser.text().contains("30分以内"), "{}", browser.text());

    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    browser.get(&format!("{draft}/handover")).await.is(200);
    browser.submit("/handover", &[]).await.is(200);
    let take = format!("/handover/{}", code(&zone, &browser.path));
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get(&take).await.is(200);
    phone.submit(&take, &[]).await.is(200).says("最後の操作から30分以内に、この端末で");
    assert!(!phone.text().contains("保存の期限"), "{}", phone.text());
    phone.submit(PERSON, &[("name.family", "山田"), ("_do", "save")]).await.is(200);
    phone.says("30分以内に、この端末で続けてください");
    assert!(!phone.text().contains("あとで続きから入力できます"), "{}", phone.text());
    zone.clock.advance(SignedDuration::from_mins(31));
    phone.get(&draft).await.is(410).says("登録もメールアドレスの確認もしていないため");
    assert!(!phone.text().contains("この手続きは"), "{}", phone.text());
    zone.close().await;
}
