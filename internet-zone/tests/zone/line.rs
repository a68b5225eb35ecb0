//! Seats on the pages: kept, full, waited for.

use domain::applications::{Origin, State};
use domain::forms::definition::{Capacity, FieldKind, OncePer, Seats, Window};
use jiff::SignedDuration;

use crate::applying::{TARO, clock, person, receipt, survey};
use crate::browser::Browser;
use crate::mypage::{WALK, sends};
use crate::staff::{asks, state};
use crate::support::{Zone, link, pools, publish, publish_as_written, sample, words};

/// The lecture with one seat for the telephones, kept for ten minutes; one may wait.
pub(crate) async fn course(zone: &Zone, waitlist: u32) {
    course_until(zone, waitlist, None).await;
}

/// The same, for which nobody can apply any more from a moment on.
pub(crate) async fn course_until(zone: &Zone, waitlist: u32, until: Option<&str>) {
    let change = |capacity: &mut Capacity| {
        (capacity.max, capacity.hold_minutes, capacity.waitlist) = (1, 10, waitlist);
    };
    course_with(zone, until, change).await;
}

/// The same with other seats for the telephones.
async fn course_with(zone: &Zone, until: Option<&str>, change: impl Fn(&mut Capacity)) {
    let phone = |code: &str, capacity: &mut Capacity| {
        if code == "phone" {
            change(capacity);
        }
    };
    courses_with(zone, until, phone).await;
}

/// The same with other seats for every course.
async fn courses_with(zone: &Zone, until: Option<&str>, change: impl Fn(&str, &mut Capacity)) {
    let mut lecture = sample("shimin-koza");
    lecture.open.until = until.map(|until| until.parse().expect("a time"));
    for field in lecture.pages.iter_mut().flat_map(|page| &mut page.fields) {
        let FieldKind::Choice(choice) = &mut field.kind else { continue };
        for option in &mut choice.options {
            if let Some(capacity) = &mut option.capacity {
                change(&option.code, capacity);
            }
        }
    }
    lecture.revision += 1;
    lecture.access.once_per = None;
    lecture.summary = domain::forms::definition::Words::from("席を確かめる講座です。");
    publish_as_written(&zone.store(), &lecture, 1 + zone.clock.now().as_microsecond()).await;
    // The shelf looks twice a second.
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/shimin-koza").await;
        if browser.text().contains("席を確かめる講座") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
}

/// A guest at the page with the courses.
pub(crate) async fn guest(zone: &Zone, email: &str) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/shimin-koza/start").await;
    browser.submit("/start", &[("email", email), ("agree", "yes")]).await;
    let path = link(zone, email, 1);
    browser.get(&path).await;
    browser.submit(&path, &[]).await.is(200);
    person(&mut browser, TARO, email).await;
    browser
}

/// Chooses the course and comes to the answers to check.
pub(crate) async fn choose(browser: &mut Browser) {
    let course = [("course", "phone"), ("date", "dec5")];
    browser.submit("/pages/course", &course).await.is(200);
    browser.submit("/pages/confirm", &[("rules", "yes")]).await.is(200).says("内容の確認");
}

/// NF-49: a choice is kept for whoever made it, until its time is over; others see that
/// it is full, and may wait only when they were told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_is_kept_then_waited_for_and_moves_up() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.says("9時10分まで、席を確保しています");
    let mut second = guest(&zone, "jiro@example.jp").await;
    second.says("満員（キャンセル待ちを受付中：いま0件）");
    choose(&mut second).await;
    second.says("「スマートフォン入門」は満員です").says("キャンセル待ちを申し込む");
    second.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    second.says("次があなたの順番です");
    let (number, secret) = receipt(&second);
    assert!(words(&zone.mails.wait_for("jiro@example.jp", 2)[1].raw).contains("まだ申込みは確定"));
    let mut third = guest(&zone, "saburo@example.jp").await;
    assert!(third.html().contains("value=\"phone\" disabled"), "{}", third.html());
    third.says("満員");
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");

    // With number and secret the place in the line is found from any device.
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get("/lookup").await;
    phone.submit("/lookup", &[("number", &number), ("secret", &secret)]).await;
    phone.is(200).says("キャンセル待ち").says(&number);
    third.get(&phone.path.clone()).await.is(404);

    let application = first.path.trim_end_matches("/receipt").to_owned();
    first.get(&format!("{application}/withdraw")).await;
    // A reason that is too long is given back whole, and nothing happened.
    let long = format!("{}終", "あ".repeat(500));
    first.submit("/withdraw", &[("reason", long.as_str())]).await.is(422).says(&long);
    first.says("500文字以内で入力してください");
    first.submit("/withdraw", &[]).await.is(200).says("取り下げました");
    let mails = zone.mails.wait_for("jiro@example.jp", 3);
    assert!(words(&mails[2].raw).contains(&number), "{}", words(&mails[2].raw));
    let place = phone.path.clone();
    phone.get(&place).await.is(200).says("いまの状況").says(&number);
    zone.close().await;
}

/// NF-49: who needs more seats than are left is told so, and not that there are none.
#[tokio::test(flavor = "multi_thread")]
async fn who_needs_more_than_is_left_is_told_so() {
    let zone = Zone::open(clock()).await;
    let change = |capacity: &mut Capacity| {
        (capacity.max, capacity.hold_minutes, capacity.waitlist) = (3, 0, 0);
        capacity.units = Some("2".to_owned());
    };
    course_with(&zone, None, change).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let mut second = guest(&zone, "jiro@example.jp").await;
    choose(&mut second).await;
    second.submit("/submit", &[]).await.is(409).says("必要な数（2）に足りません");
    second.says("数を減らすか、別のものを選んでください").says("山田");
    zone.close().await;
}

const PHONE: [(&str, &str); 2] = [("course", "phone"), ("date", "dec5")];

/// What was just sent comes back for the course to be corrected; gives the address of the correction, which is
/// open.
async fn asked_for_the_course(zone: &Zone, browser: &mut Browser) -> String {
    asked_for(zone, browser, "course").await
}

/// The same for another question.
async fn asked_for(zone: &Zone, browser: &mut Browser, field: &str) -> String {
    let id = browser.path.split('/').nth(2).expect("an id").to_owned();
    state(zone, &id, State::Correction(Origin::Arrived), "").await;
    asks(zone, &id, &[field], "講座を確かめてください。").await;
    let address = format!("/applications/{id}/correction");
    browser.get(&address).await.is(200);
    address
}

/// NF-49, NF-34: a correction that chooses what has too few seats left says so at the question, with
/// everything filled in; another choice is sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_that_needs_more_than_is_left_is_told_so() {
    let zone = Zone::open(clock()).await;
    let change = |code: &str, capacity: &mut Capacity| {
        (capacity.hold_minutes, capacity.waitlist) = (0, 0);
        capacity.max = if code == "phone" { 3 } else { 8 };
        capacity.units = Some("2".to_owned());
    };
    courses_with(&zone, None, change).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let mut second = guest(&zone, "jiro@example.jp").await;
    sends(&mut second, &WALK).await;
    second.says("申請が届きました");
    asked_for_the_course(&zone, &mut second).await;

    second.submit("/correction", &PHONE).await.is(200).says("修正した内容の確認");
    second.submit("/correction/submit", &[]).await.is(409).says("必要な数（2）に足りません");
    second.says("講座を確かめてください");
    let html = second.html();
    assert!(html.contains("href=\"#f-course"), "the summary leads to the question: {html}");
    assert!(html.contains("value=\"phone\" checked"), "{html}");
    assert!(html.contains("value=\"dec5\" selected"), "{html}");
    second.submit("/correction", &WALK).await.is(200).says("質問が増えました");
    second.submit("/correction", &WALK).await.is(200).says("修正した内容の確認");
    second.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// NF-49, NF-34: a choice that gets full before the correction is sent is named at its question, on the page
/// to check it, too; a correction is not told to wait in a line.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_whose_choice_got_full_is_told_so() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let mut slow = guest(&zone, "jiro@example.jp").await;
    sends(&mut slow, &WALK).await;
    slow.says("申請が届きました");
    let address = asked_for_the_course(&zone, &mut slow).await;
    slow.submit("/correction", &PHONE).await.is(200).says("修正した内容の確認");
    let mut fast = guest(&zone, "taro@example.jp").await;
    choose(&mut fast).await;
    fast.submit("/submit", &[]).await.is(200).says("申請が届きました");

    slow.submit("/correction/submit", &[]).await.is(409);
    slow.says("「スマートフォン入門」は定員に達しました").says("満員");
    let html = slow.html();
    assert!(html.contains("href=\"#f-course"), "the summary leads to the question: {html}");
    assert!(html.contains("value=\"phone\" checked"), "{html}");
    assert!(html.contains("value=\"dec5\" selected"), "{html}");
    assert!(!slow.text().contains("キャンセル待ち"), "{}", slow.text());
    slow.get(&format!("{address}/check")).await.is(409).says("は定員に達しました");
    slow.submit("/correction", &PHONE).await.is(422).says("は定員に達しました");
    slow.submit("/correction", &WALK).await.is(200).says("質問が増えました");
    slow.submit("/correction", &WALK).await.is(200).says("修正した内容の確認");
    slow.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// NF-49, NF-34: the last seat is not full for who has it: a browser sends it with the correction, which a choice
/// that is disabled would not be.
#[tokio::test(flavor = "multi_thread")]
async fn who_has_the_last_seat_keeps_it_in_a_correction() {
    let zone = Zone::open(clock()).await;
    course(&zone, 0).await;
    let mut browser = guest(&zone, "taro@example.jp").await;
    choose(&mut browser).await;
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    asked_for_the_course(&zone, &mut browser).await;
    let saves = [PHONE[0], PHONE[1], ("_do", "save")];
    browser.submit("/correction", &saves).await.is(200);
    let html = browser.html();
    assert!(html.contains("value=\"phone\" checked"), "{html}");
    assert!(!html.contains("value=\"phone\" checked disabled"), "{html}");
    assert!(!browser.text().contains("満員"), "{}", browser.text());
    browser.submit("/correction", &PHONE).await.is(200).says("修正した内容の確認");
    browser.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// NF-49, NF-34: a correction of the number that seats are counted by gives back what it needs no more; one that
/// needs more than there is says at its question how many it needs and can have, with everything filled in.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_of_the_number_moves_seats() {
    let zone = Zone::open(clock()).await;
    let change = |capacity: &mut Capacity| {
        (capacity.max, capacity.hold_minutes, capacity.waitlist) = (2, 0, 0);
        capacity.units = Some("count(heard)".to_owned());
    };
    course_with(&zone, None, change).await;
    let two = [("heard", "paper"), ("heard", "web")];
    let mut first = guest(&zone, "taro@example.jp").await;
    first.submit("/pages/course", &PHONE).await.is(200);
    let all = [two[0], two[1], ("rules", "yes")];
    first.submit("/pages/confirm", &all).await.is(200).says("内容の確認");
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    asked_for(&zone, &mut first, "heard").await;
    first.submit("/correction", &two[..1]).await.is(200).says("修正した内容の確認");
    first.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");

    let mut second = guest(&zone, "jiro@example.jp").await;
    choose(&mut second).await;
    second.submit("/submit", &[]).await.is(200).says("申請が届きました");
    asked_for(&zone, &mut second, "heard").await;
    second.submit("/correction", &two).await.is(200).says("修正した内容の確認");
    second.submit("/correction/submit", &[]).await.is(409).says("必要な数は2ですが");
    second.says("「スマートフォン入門」は、空きが足りません").says("含めて1までです");
    let html = second.html();
    assert!(html.contains("href=\"#f-heard"), "the summary leads to the question: {html}");
    assert!(html.contains("value=\"paper\" checked"), "{html}");
    assert!(html.contains("value=\"web\" checked"), "{html}");
    second.submit("/correction", &two[..1]).await.is(200).says("修正した内容の確認");
    second.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    zone.close().await;
}

/// NF-49, NF-60: a choice that gets full while the form lies there stays chosen, with its mark; a browser sends
/// it, so nothing is lost by saving, and the answer names it.
#[tokio::test(flavor = "multi_thread")]
async fn a_saved_choice_that_got_full_is_named() {
    let zone = Zone::open(clock()).await;
    course(&zone, 0).await;
    let mut slow = guest(&zone, "jiro@example.jp").await;
    let page = slow.path.clone();
    let saves = [PHONE[0], PHONE[1], ("_do", "save")];
    slow.submit("/pages/course", &saves).await.is(200);
    let mut fast = guest(&zone, "taro@example.jp").await;
    choose(&mut fast).await;
    fast.submit("/submit", &[]).await.is(200).says("申請が届きました");

    slow.get(&page).await.is(200).says("満員");
    let html = slow.html();
    assert!(html.contains("value=\"phone\" checked"), "{html}");
    assert!(!html.contains("value=\"phone\" checked disabled"), "{html}");
    let keeps = [PHONE[0], PHONE[1], ("_do", "keep")];
    slow.submit("/pages/course", &keeps).await.is(200);
    slow.get(&page).await.is(200);
    assert!(slow.html().contains("value=\"phone\" checked"), "{}", slow.html());
    slow.submit("/pages/course", &PHONE)
        .await
        .is(422)
        .says("「スマートフォン入門」は定員に達しました");
    assert!(slow.html().contains("value=\"dec5\" selected"), "{}", slow.html());
    sends(&mut slow, &WALK).await;
    slow.says("申請が届きました");
    zone.close().await;
}

/// NF-49: who needs more seats than could be kept is not told that they are.
#[tokio::test(flavor = "multi_thread")]
async fn some_of_the_seats_are_not_told_as_all() {
    let zone = Zone::open(clock()).await;
    let change = |capacity: &mut Capacity| {
        (capacity.max, capacity.hold_minutes, capacity.waitlist) = (2, 10, 0);
        capacity.units = Some("count(heard)".to_owned());
    };
    course_with(&zone, None, change).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.says("席を確保しています");
    let mut second = guest(&zone, "jiro@example.jp").await;
    let course = [("course", "phone"), ("date", "dec5")];
    second.submit("/pages/course", &course).await.is(200);
    let two = [("heard", "paper"), ("heard", "web"), ("rules", "yes")];
    second.submit("/pages/confirm", &two).await.is(200).says("内容の確認");
    assert!(!second.text().contains("席を確保しています"), "{}", second.text());
    second.submit("/submit", &[]).await.is(409).says("必要な数（2）に足りません");
    zone.close().await;
}

/// NF-49: a page that was drawn while there was a seat does not send anybody into the
/// line unasked; leaving the line is one press.
#[tokio::test(flavor = "multi_thread")]
async fn nobody_waits_without_agreeing() {
    let zone = Zone::open(clock()).await;
    course(&zone, 1).await;
    let mut slow = guest(&zone, "taro@example.jp").await;
    choose(&mut slow).await;
    zone.clock.advance(SignedDuration::from_mins(11));
    let mut fast = guest(&zone, "jiro@example.jp").await;
    choose(&mut fast).await;
    fast.submit("/submit", &[]).await.is(200).says("申請が届きました");
    slow.submit("/submit", &[]).await.is(409).says("確認している間に満員になりました");
    slow.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    let place = slow.path.clone();
    slow.submit(&place, &[]).await.is(200).says("キャンセル待ちを取りやめました");
    slow.get(&place).await.is(404);
    zone.close().await;
}

/// NF-50, NF-60: a guest whose session ended comes back by mail when the period is over, too, and reads
/// what was typed; nobody begins by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_comes_back_after_the_period() {
    let zone = Zone::open(clock()).await;
    course_until(&zone, 1, Some("2026-06-01T01:00:00Z")).await;
    let mut browser = guest(&zone, "taro@example.jp").await;
    let draft = browser.path.split("/pages").next().expect("a draft").to_owned();
    zone.clock.advance(SignedDuration::from_hours(2));
    browser.get(&draft).await.is(200).says("続けるためのリンクを送ります");
    browser.submit("/return", &[]).await.is(200).says("メールを送りました");
    let path = link(&zone, "taro@example.jp", 2);
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get(&path).await.is(200).says("入力の続きを開きます");
    phone.submit(&path, &[]).await.is(200).says("この申請は送信されていません").says("山田");
    phone.get("/procedures/shimin-koza/start").await.is(410);
    zone.close().await;
}

/// NF-49: the wait ends with the period of the procedure: who waited is told, nothing is kept, and
/// a seat that gets free later is given to nobody.
#[tokio::test(flavor = "multi_thread")]
async fn the_wait_ends_with_the_period() {
    let zone = Zone::open(clock()).await;
    course_until(&zone, 1, Some("2026-06-02T08:15:00Z")).await;
    let mut first = guest(&zone, "taro@example.jp").await;
    choose(&mut first).await;
    first.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let mut second = guest(&zone, "jiro@example.jp").await;
    choose(&mut second).await;
    second.submit("/submit", &[]).await.is(200).says("キャンセル待ちを受け付けました");
    second.says("受付の期間が終わるまでに空きが出ないとき");
    let (number, secret) = receipt(&second);

    zone.clock.advance(SignedDuration::from_hours(48));
    // Anything that is sent wakes the jobs.
    survey(&zone, "意見").await.submit("/submit", &[]).await.is(200);
    let told = words(&zone.mails.wait_for("jiro@example.jp", 3)[2].raw);
    assert!(told.contains(&number) && told.contains("申込みは成立していません"), "{told}");
    let mut phone = Browser::new(zone.running.public_addr);
    phone.get("/lookup").await;
    phone.submit("/lookup", &[("number", &number), ("secret", &secret)]).await.is(422);
    zone.close().await;
}

/// What a page says of the seats for the telephones, published as the n-th revision.
async fn said(zone: &Zone, n: u32, show: Seats, seats: u32) -> String {
    let mut lecture = sample("shimin-koza");
    lecture.open.until = None;
    lecture.access.once_per = None;
    lecture.revision += n;
    lecture.summary = format!("{n}回目の講座です。").as_str().into();
    for field in lecture.pages.iter_mut().flat_map(|page| &mut page.fields) {
        let FieldKind::Choice(choice) = &mut field.kind else { continue };
        for option in choice.options.iter_mut().filter(|option| option.code == "phone") {
            let capacity = option.capacity.as_mut().expect("it has seats");
            (capacity.max, capacity.show, capacity.waitlist) = (seats, show, 0);
        }
    }
    publish_as_written(&zone.store(), &lecture, i64::from(n) + zone.clock.now().as_microsecond())
        .await;
    let mut browser = Browser::new(zone.running.public_addr);
    let patience = std::time::Instant::now() + platform_testkit::PATIENCE;
    while !browser.get("/procedures/shimin-koza").await.text().contains(lecture.summary.ja()) {
        assert!(std::time::Instant::now() < patience, "{}", browser.text());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let html = guest(zone, &format!("nr{n}@example.jp")).await.html();
    let (_, option) = html.split_once("value=\"phone\"").expect("the option");
    let option = option.split("type=\"radio\"").next().expect("its words");
    let words = [format!("残り{seats}"), "残りわずか".to_owned(), "満員".to_owned()];
    words.into_iter().find(|words| option.contains(words)).unwrap_or_default()
}

/// NF-49: of the same seats a page says how many are left, that few are, or nothing until they are gone, as
/// the procedure says.
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_shown_as_the_procedure_says() {
    let zone = Zone::open(clock()).await;
    let mut n = 0;
    for (show, many, few) in [
        (Seats::Left, "残り20", "残り2"),
        (Seats::Few, "", "残りわずか"),
        (Seats::Full, "", ""),
        (Seats::None, "", ""),
    ] {
        for (seats, words) in [(20, many), (2, few)] {
            n += 1;
            assert_eq!(said(&zone, n, show, seats).await, words, "{show:?} {seats}");
        }
    }
    zone.close().await;
}

/// NF-34: an application that was taken up while the page to take it back was open stays; the page says
/// so and where to ask.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_up_meanwhile_is_not_taken_back() {
    let zone = Zone::open(clock()).await;
    course(&zone, 0).await;
    let mut browser = guest(&zone, "taro@example.jp").await;
    choose(&mut browser).await;
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let application = browser.path.trim_end_matches("/receipt").to_owned();
    let id = application.rsplit('/').next().expect("an id").to_owned();
    browser.get(&format!("{application}/withdraw")).await.is(200);
    state(&zone, &id, State::Accepted, "").await;
    state(&zone, &id, State::Reviewing, "").await;
    state(&zone, &id, State::Notified, "").await;
    browser.submit("/withdraw", &[]).await.is(409).says("取り下げられません").says("担当の課");
    browser.get(&format!("{application}/withdraw")).await.is(409).says("取り下げられません");
    browser.get(&application).await.is(200);
    assert!(!browser.text().contains("取り下げました"), "{}", browser.text());
    zone.close().await;
}

/// NF-17, NF-62: who proved an address a moment ago begins the next procedure without another mail, and
/// may take another address.
#[tokio::test(flavor = "multi_thread")]
async fn a_proven_address_is_not_proven_twice() {
    let zone = Zone::open(clock()).await;
    course(&zone, 0).await;
    let mut taro = guest(&zone, "taro@example.jp").await;
    let start = "/procedures/juminhyo/start";
    taro.get(start).await.is(200).says("先ほど確認した次のアドレス").says("taro@example.jp");
    taro.submit("/start", &[("agree", "yes")]).await.is(200);
    assert!(taro.path.starts_with("/drafts/"), "{}", taro.path);

    taro.get(&format!("{start}?other=yes")).await.is(200);
    taro.submit("/start", &[("agree", "yes")]).await.is(422).says("メールアドレス");
    taro.submit("/start", &[("email", "hanako@example.jp"), ("agree", "yes")]).await.is(200);
    let path = link(&zone, "hanako@example.jp", 1);
    taro.get(&path).await.is(200).says("hanako@example.jp");
    assert_eq!(zone.mails.wait_for("taro@example.jp", 1).len(), 1);
    zone.close().await;
}

/// NF-49: of a procedure without a seat left nobody begins to fill in: the start page says so and has no
/// button, and a page drawn before is answered with the next step; a draft goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_procedure_is_told_before_the_first_question() {
    let zone = Zone::open(clock()).await;
    let mut begun = guest(&zone, "taro@example.jp").await;
    let mut page = Browser::new(zone.running.public_addr);
    page.get("/procedures/shimin-koza/start").await.is(200);
    assert!(page.html().contains("name=\"email\""), "{}", page.html());
    let koza = sample("shimin-koza");
    let none =
        |(pool, max): (String, i64)| if pool == "procedure" { (pool, 0) } else { (pool, max) };
    let seats = pools(&koza).into_iter().map(none).collect();
    publish(&zone.store(), &koza, seats, zone.clock.now().as_microsecond()).await;
    let typed = [("email", "jiro@example.jp"), ("agree", "yes")];
    page.submit("/start", &typed).await.is(409).says("定員に達しました").says("空きが出ると");
    page.get("/procedures/shimin-koza/start").await.is(200).says("いまは新しく申請できません");
    assert!(!page.html().contains("name=\"email\""), "{}", page.html());
    begun.get("/procedures/shimin-koza/start").await.is(200).says("続きから入力する");
    zone.close().await;
}

/// NF-64: a guest whose confirmed address stands in the way is told before the first question: on the
/// start page, and on the page of the link.
#[tokio::test(flavor = "multi_thread")]
async fn a_second_application_of_an_address_is_told_at_the_start() {
    let zone = Zone::open(clock()).await;
    let mut koza = sample("shimin-koza");
    koza.revision += 1;
    koza.access.once_per = Some(OncePer { key: "email".into(), window: Window::Ever });
    koza.summary = domain::forms::definition::Words::from("おひとり一回の講座です。");
    publish_as_written(&zone.store(), &koza, 1 + zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/shimin-koza").await;
        if browser.text().contains("おひとり一回の講座") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut taro = guest(&zone, "taro@example.jp").await;
    let before = "すでにこの手続きの申請が届いています";
    let mut looks = taro.clone();
    looks.get("/procedures/shimin-koza/start").await.is(200);
    assert!(!looks.text().contains(before), "{}", looks.text());
    choose(&mut taro).await;
    taro.submit("/submit", &[]).await.is(200).says("申請が届きました");
    taro.get("/procedures/shimin-koza/start").await.is(200).says(before);

    let mut phone = Browser::new(zone.running.public_addr);
    phone.get("/procedures/shimin-koza/start").await.is(200);
    phone.submit("/start", &[("email", "taro@example.jp"), ("agree", "yes")]).await.is(200);
    phone.get(&link(&zone, "taro@example.jp", 3)).await.is(200).says(before);
    let mut jiro = Browser::new(zone.running.public_addr);
    jiro.get("/procedures/shimin-koza/start").await.is(200);
    jiro.submit("/start", &[("email", "jiro@example.jp"), ("agree", "yes")]).await.is(200);
    jiro.get(&link(&zone, "jiro@example.jp", 1)).await.is(200);
    assert!(!jiro.text().contains(before), "{}", jiro.text());
    zone.close().await;
}
