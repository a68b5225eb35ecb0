//! Finding a procedure, and its period.

use domain::forms::definition::{FormFile, Listing};
use internet_zone_store::By;
use internet_zone_store::identity::accounts;
use jiff::{SignedDuration, Timestamp};

use crate::applying::{clock, survey};
use crate::browser::{Browser, encode};
use crate::qr;
use crate::support::{Zone, publish, publish_as_written, sample};

/// NF-9, IK-2.1.2b, NB-2.5, NF-53: kana, width, parts of words and categories find the same
/// procedure.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_is_found_by_words_and_readings() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for words in ["住民票", "じゅうみんひょう", "ジュウミンヒョウ", "ｼﾞｭｳﾐﾝ", "写し　住民", "寫し"]
    {
        browser.get(&format!("/procedures?q={}", encode(words))).await;
        browser.is(200).says("住民票の写しの請求");
    }
    browser.get("/procedures?q=zzzz").await.says("見つかりませんでした").says("別のことば");
    browser.get("/procedures?category=jobs").await.says("職員採用試験の申込");
    assert!(!browser.text().contains("児童手当"), "{}", browser.text());
    zone.close().await;
}

/// NF-9: a slip of the finger finds the procedure and says that it only comes near.
#[tokio::test(flavor = "multi_thread")]
async fn a_word_with_a_slip_still_finds_the_procedure() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get(&format!("/procedures?q={}", encode("じゅうみひょう"))).await;
    browser.says("近いものを表示しています").says("住民票の写しの請求");
    zone.close().await;
}

/// NF-28, NF-53, IK-2.1.2b: event of life, department, audience, age and reading narrow the list, together
/// and each alone. Age and sex are typed here.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_is_found_by_what_it_is_for() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    let (record, allowance) = ("住民票の写しの請求", "児童手当");
    for (query, listed, left_out) in [
        ("life=birth", allowance, record),
        ("life=moving", record, allowance),
        ("row=sa", record, "zzzz"),
        ("audience=corporation", "広報みらい", record),
        ("age=３０&life=death", record, allowance),
    ] {
        browser.get(&format!("/procedures?{query}")).await.is(200).says(listed);
        assert!(!browser.text().contains(left_out), "{query}: {}", browser.text());
    }
    let desk = sample("juminhyo").department;
    browser.get(&format!("/procedures?department={}", desk.as_str())).await.is(200).says(record);
    assert!(!browser.text().contains(allowance), "{}", browser.text());
    assert!(browser.html().contains(&format!("value=\"{}\" selected", desk.as_str())));
    browser.get("/procedures?age=many&row=zz").await.is(200).says(record).says(allowance);

    let mut check = sample("sodaigomi-genmen");
    check.revision += 1;
    check.sex = Some(domain::forms::definition::Sex::Female);
    check.title = domain::forms::definition::Words::from("女性の健診の案内");
    publish_as_written(&zone.store(), &check, 1 + zone.clock.now().as_microsecond()).await;
    for () in platform_testkit::patiently() {
        browser.get("/procedures?sex=female").await;
        if browser.text().contains("女性の健診の案内") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    browser.says("女性の健診の案内").says(record);
    assert!(browser.html().contains("value=\"female\" selected"), "{}", browser.html());
    browser.get("/procedures?sex=male").await.is(200).says(record);
    assert!(!browser.text().contains("女性の健診の案内"), "{}", browser.text());
    browser.get("/procedures?sex=nobody").await.is(200).says("女性の健診の案内");
    zone.close().await;
}

/// NF-9: whose profile does not open finds procedures as everybody else does, without being offered to search by it.
#[tokio::test(flavor = "multi_thread")]
async fn a_profile_that_does_not_open_filters_nothing() {
    let zone = Zone::open(clock()).await;
    let mut hanako = crate::identity::hanako(&zone).await;
    let box_of_own = "登録した情報に合う手続きだけ";
    let facts = [("name.family", "山田"), ("name.given", "花子"), ("birth", "昭和59年5月6日")];
    hanako.get("/account").await;
    hanako.submit("/account", &facts).await.is(200);
    hanako.get("/procedures").await.is(200).says(box_of_own);
    let index = crate::staff::vault(&zone).index("email", "hanako@example.jp");
    let found = zone.store().read(move |db| accounts::find_by_email(db, &index)).await;
    let me = found.expect("readable").expect("registered").id;
    let by = By::system("test", zone.clock.now().as_microsecond());
    let store = zone.store();
    let broken = store.write(move |tx| accounts::save_profile(tx, &by, &me, &[1]));
    broken.await.expect("written");
    hanako.get("/procedures?mine=yes").await.is(200).says("住民票の写しの請求");
    assert!(!hanako.text().contains(box_of_own), "{}", hanako.text());
    zone.close().await;
}

/// NF-28, NF-57: who signed in may ask for what fits the registered age and sex. Nobody is asked, nothing
/// happens unless they tick the box, the address says neither, and nobody else is offered it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_registered_narrows_the_search_when_it_is_wished() {
    use domain::forms::definition::{Ages, Sex, Words};
    let zone = Zone::open(clock()).await;
    let at = zone.clock.now().as_microsecond();
    let mut health = sample("sodaigomi-genmen");
    health.revision += 1;
    health.sex = Some(Sex::Female);
    health.title = Words::from("女性の健診の案内");
    publish_as_written(&zone.store(), &health, 1 + at).await;
    let mut pension = sample("koho-anketo");
    pension.revision += 1;
    pension.ages = Some(Ages { from: Some(65), until: None });
    pension.title = Words::from("65歳からの案内");
    publish_as_written(&zone.store(), &pension, 1 + at).await;
    let mut nobody = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        nobody.get("/procedures?mine=yes").await.is(200);
        let text = nobody.text();
        if text.contains("女性の健診の案内") && text.contains("65歳からの案内") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    nobody.says("女性の健診の案内").says("65歳からの案内");
    assert!(!nobody.html().contains("name=\"mine\""), "{}", nobody.html());

    let mut taro = crate::delegates::taro(&zone).await;
    taro.get("/procedures?mine=yes").await.is(200).says("65歳からの案内");
    taro.says("利用者情報に生年月日か性別を登録すると");
    taro.get("/account").await.is(200);
    let facts = [
        ("name.family", "鈴木"),
        ("name.given", "太郎"),
        ("birth", "昭和59年5月6日"),
        ("sex", "male"),
    ];
    taro.submit("/account", &facts).await.is(200);
    assert!(taro.html().contains("href=\"/procedures?mine=yes\""), "the way there");
    taro.get("/procedures").await.is(200).says("女性の健診の案内").says("65歳からの案内");
    taro.says("登録した情報に合う手続きだけ").says("42歳 / 男性");
    taro.get("/procedures?mine=yes").await.is(200).says("住民票の写しの請求");
    let text = taro.text();
    assert!(!text.contains("女性の健診の案内") && !text.contains("65歳からの案内"), "{text}");
    assert!(taro.html().contains("value=\"yes\" checked"), "{}", taro.html());
    assert!(taro.html().contains("name=\"age\" inputmode=\"numeric\" value=\"\""));
    zone.close().await;
}

/// NF-11: a procedure without a form shows its files, counts them and takes no application.
#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_downloaded_and_counted() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/sodaigomi-genmen").await.says("様式のダウンロード");
    let html = browser.html();
    let (_, rest) = html.split_once("href=\"/procedures/sodaigomi-genmen/files/").expect("a file");
    let file =
        format!("/procedures/sodaigomi-genmen/files/{}", rest.split('"').next().expect("a path"));
    for _ in 0..2 {
        browser.get(&file).await.is(200);
        assert!(
            browser.headers["content-disposition"]
                .to_str()
                .expect("ASCII")
                .starts_with("attachment")
        );
    }
    let id = sample("sodaigomi-genmen").id.as_str().to_owned();
    let count =
        zone.store().read(move |db| internet_zone_store::procedures::downloads(db, &id)).await;
    assert_eq!(count.expect("readable"), 2);
    browser
        .get("/procedures/sodaigomi-genmen/start")
        .await
        .is(404)
        .says("オンラインでは申請できません");
    browser.get("/procedures/sodaigomi-genmen/files/nothing").await.is(404);
    zone.close().await;
}

/// NF-51: a picture of the form is shown with its words for those who cannot see it, is no form to
/// download, and is not counted.
#[tokio::test(flavor = "multi_thread")]
async fn a_picture_of_the_form_is_shown_with_its_words() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    let picture = b"\x89PNG\r\n\x1a\nthe rest of a picture";
    let file = serde_json::json!({
        "id": "map", "title": "窓口の地図", "name": "map.png", "media": "image/png",
        "listed": false, "base64": FormFile::pieces(picture),
    });
    let text = serde_json::json!({
        "id": "where", "label": "", "kind": {"type": "content", "body": "窓口の場所です。",
            "picture": {"file": "map", "alt": "窓口は1階の東側、階段の隣です。"}},
    });
    survey.files.push(serde_json::from_value(file).expect("a file"));
    survey.pages[0].fields.insert(0, serde_json::from_value(text).expect("a text"));
    survey.revision += 1;
    let at = zone.clock.now().as_microsecond() + 1;
    publish(&zone.store(), &survey, Vec::new(), at).await;
    let image = "<img src=\"/procedures/koho-anketo/files/map\" \
                 alt=\"窓口は1階の東側、階段の隣です。\">";
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo/start").await;
        browser.submit("/start", &[("agree", "yes")]).await.is(200);
        if browser.html().contains(image) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(browser.html().contains(image), "{}", browser.html());
    browser.get("/procedures/koho-anketo/files/map").await.is(200);
    assert_eq!(browser.headers["content-type"], "image/png");
    let shown = browser.headers["content-disposition"].to_str().expect("ASCII");
    assert!(shown.starts_with("inline"), "{shown}");
    browser.get("/procedures/koho-anketo").await.is(200);
    assert!(!browser.html().contains("files/map"), "{}", browser.html());
    let id = survey.id.as_str().to_owned();
    let count =
        zone.store().read(move |db| internet_zone_store::procedures::downloads(db, &id)).await;
    assert_eq!(count.expect("readable"), 0);
    zone.close().await;
}

/// NF-44, NF-46, NF-52: a procedure has its own address, a code of that address for a leaflet, and
/// says what to have ready.
#[tokio::test(flavor = "multi_thread")]
async fn a_procedure_has_an_address_and_its_code() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures/juminhyo").await.is(200).says("住民票の写しの請求");
    for item in sample("juminhyo").items_to_bring {
        browser.says(item.ja());
    }
    browser.get("/procedures/juminhyo/qr.svg").await.is(200);
    assert_eq!(browser.headers["content-type"], "image/svg+xml");
    for slug in ["juminhyo", "koho-anketo", "hikkoshi-guide"] {
        browser.get(&format!("/procedures/{slug}/qr.svg")).await.is(200);
        let drawn = String::from_utf8(browser.bytes.to_vec()).expect("SVG");
        let address = qr::read(&drawn);
        assert!(address.starts_with("http://127.0.0.1:"), "{address}");
        assert!(address.ends_with(&format!("/procedures/{slug}")), "{address}");
    }
    browser.get("/procedures/nothing").await.is(404);
    zone.close().await;
}

/// NF-17: a procedure without registration says that no name is told, unless its form asks for one.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_asked_for_a_name_is_not_promised_to_stay_unnamed() {
    let zone = Zone::open(clock()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    let promise = "お名前を知らせずに送れます";
    browser.get("/procedures/koho-anketo").await.is(200).says(promise);
    let mut survey = sample("koho-anketo");
    let name = serde_json::json!({"id": "who", "label": "氏名", "kind": {"type": "name"}});
    survey.pages[0].fields.push(serde_json::from_value(name).expect("a field"));
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo").await.is(200);
        if !browser.text().contains(promise) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.says("登録なしで、だれでも申請できます");
    assert!(!browser.text().contains(promise), "{}", browser.text());
    zone.close().await;
}

/// NF-45: a procedure that is not listed is found by its address only, one of staff not at all: they
/// fill it in on LGWAN.
#[tokio::test(flavor = "multi_thread")]
async fn an_unlisted_procedure_is_found_by_its_address_only() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/procedures?q=koho").await;
    browser.get("/procedures/koho-anketo").await.is(200);
    assert!(!browser.html().contains("noindex"), "{}", browser.html());
    for (listing, status) in [(Listing::Unlisted, 200), (Listing::Internal, 404)] {
        survey.listing = listing;
        survey.revision += 1;
        let at = i64::from(survey.revision) + zone.clock.now().as_microsecond();
        publish(&zone.store(), &survey, Vec::new(), at).await;
        let words = format!("/procedures?q={}", encode("広報みらい"));
        let mut listed = true;
        for () in platform_testkit::patiently() {
            browser.get(&words).await.is(200);
            listed = browser.html().contains("/procedures/koho-anketo\"");
            browser.get("/procedures/koho-anketo").await;
            if !listed && browser.status.as_u16() == status {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        assert!(!listed, "{listing:?}");
        assert_eq!(browser.status.as_u16(), status, "{listing:?}");
        // Search engines list it no more than we do.
        let kept_out = browser.html().contains("content=\"noindex, nofollow\"");
        assert_eq!(kept_out, status == 200, "{listing:?}: {}", browser.html());
    }
    zone.close().await;
}

/// NF-50: before and after the period the page says so; who is filling in has the grace.
#[tokio::test(flavor = "multi_thread")]
async fn the_period_opens_and_closes_by_itself() {
    let zone = Zone::open(clock()).await;
    let mut survey = sample("koho-anketo");
    let time = |text: &str| Some(text.parse::<Timestamp>().expect("a time"));
    survey.open.from = time("2026-06-01T01:00:00Z");
    survey.open.until = time("2026-06-01T02:00:00Z");
    survey.open.grace_seconds = 600;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), 1 + zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        browser.get("/procedures/koho-anketo").await;
        if browser.text().contains("に始まります") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    browser.says("受付は2026年6月1日（月）10時00分に始まります");
    browser.get("/procedures/koho-anketo/start").await.is(409).says("まだ受け付けていません");
    zone.clock.advance(SignedDuration::from_hours(1));
    let mut filling = Browser::new(zone.running.public_addr);
    filling.get("/procedures/koho-anketo/start").await.is(200);
    filling.submit("/start", &[("agree", "yes")]).await.is(200);
    let draft = filling.path.clone();
    // The session needs a request now and then; the last one is in the grace.
    for minutes in [25, 25, 15] {
        zone.clock.advance(SignedDuration::from_mins(minutes));
        filling.get(&draft).await.is(200);
    }
    browser.get("/procedures/koho-anketo/start").await.is(410).says("受付期間が終わりました");
    zone.clock.advance(SignedDuration::from_mins(5));
    let mut late = Browser::new(zone.running.public_addr);
    late.get("/procedures/koho-anketo").await.is(200).says("受付は終わりました");
    zone.close().await;
}

/// A survey that closes an hour from now, with ten minutes of grace, as the shelf shows it.
async fn closing_soon(zone: &Zone) {
    let mut survey = sample("koho-anketo");
    let end = "2026-06-01T01:00:00Z".parse::<Timestamp>().expect("a time");
    survey.open.until = Some(end);
    survey.open.grace_seconds = 600;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), 1 + zone.clock.now().as_microsecond()).await;
    let mut browser = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        if browser.get("/procedures/koho-anketo").await.text().contains("10時00分") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("not shown: {}", browser.text());
}

/// Goes on in steps short enough for the session.
async fn wait(zone: &Zone, browser: &mut Browser, minutes: &[i64]) {
    let here = browser.path.clone();
    for minutes in minutes {
        zone.clock.advance(SignedDuration::from_mins(*minutes));
        browser.get(&here).await.is(200);
    }
}

/// NF-50: who is filling in when the period ends is told so, and may send until the last second of the
/// grace; a second later nothing is sent, and every answer can still be read.
#[tokio::test(flavor = "multi_thread")]
async fn the_grace_holds_to_the_second() {
    let zone = Zone::open(clock()).await;
    closing_soon(&zone).await;
    let mut early = survey(&zone, "間に合った意見").await;
    early.says("この手続きの受付は、2026年6月1日（月）10時00分00秒までです");
    let mut late = survey(&zone, "間に合わなかった意見").await;
    for minutes in [25, 25] {
        wait(&zone, &mut early, &[minutes]).await;
        wait(&zone, &mut late, &[0]).await;
    }
    zone.clock.advance(SignedDuration::from_mins(10));
    let here = early.path.clone();
    early.get(&here).await.is(200).says("受付期間は2026年6月1日（月）10時00分00秒に終わりました");
    early.says("入力中の方は、2026年6月1日（月）10時10分00秒まで送信できます");
    let here = late.path.clone();
    late.get(&here).await.is(200).says("この内容で申請する");
    zone.clock.advance(SignedDuration::from_secs(599));
    early.submit("/submit", &[]).await.is(200).says("申請が届きました");
    zone.clock.advance(SignedDuration::from_secs(1));
    late.submit("/submit", &[])
        .await
        .is(410)
        .says("入力中の方の送信も2026年6月1日（月）10時10分00秒に");
    late.says("この申請は送信されていません").says("間に合わなかった意見");
    assert!(!late.html().contains("/submit\""), "nothing to press");
    assert!(!late.html().contains("#q-"), "nothing to change");
    zone.close().await;
}

/// NF-50, NF-60: what is on a page when the period ends is kept when it is sent, by button or while
/// typing; then it can be read and saved as a file, and not changed.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_when_the_period_ends_is_kept() {
    let zone = Zone::open(clock()).await;
    closing_soon(&zone).await;
    let mut browser = survey(&zone, "はじめの意見").await;
    let page = browser.path.replace("/check", "/pages/voice");
    browser.get(&page).await.is(200);
    wait(&zone, &mut browser, &[25, 25, 15]).await;
    browser.says("まで送信できます");
    zone.clock.advance(SignedDuration::from_mins(5));
    let mut script = browser.clone();
    script.submit("/pages/voice", &[("voice", "打っている意見"), ("_do", "keep")]).await.is(200);
    let told = script.html();
    assert!(told.contains("受付期間は2026年6月1日（月）10時00分00秒に終わり"), "{told}");
    browser.submit("/pages/voice", &[("voice", "最後に書いた意見")]).await.is(200);
    assert!(browser.path.ends_with("/check"), "{}", browser.path);
    browser.says("この申請は送信されていません").says("最後に書いた意見");
    browser.says("2026年6月4日").says("入力した内容をファイルに保存する");
    browser.get(&page).await.is(200).says("最後に書いた意見");
    assert!(browser.path.ends_with("/check"), "the page leads to what can be read");
    let file = page.replace("/pages/voice", "/answers");
    browser.get(&file).await.is(200);
    let text = browser.html();
    assert!(browser.headers["content-disposition"].to_str().expect("ASCII").contains("attachment"));
    for words in ["広報", "最後に書いた意見", "申請として送信したものではありません"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    let mut stranger = Browser::new(zone.running.public_addr);
    stranger.get(&file).await;
    assert!(!stranger.html().contains("最後に書いた意見"), "{}", stranger.path);
    zone.close().await;
}
