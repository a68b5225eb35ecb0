//! Several people sign one application.

use domain::applications::{Origin, State};
use domain::forms::Answers;
use internet_zone::jobs::stale;
use internet_zone_store::By;
use internet_zone_store::applications::drafts::{self, Saved};
use internet_zone_store::applications::told::{self, NewCorrection};
use internet_zone_web::applications::Asked;
use jiff::SignedDuration;
use platform_testkit::TempDir;

use crate::applying::clock;
use crate::browser::Browser;
use crate::delegates::{action, subjects, taro};
use crate::identity::{PASSWORD, hanako};
use crate::safety::only_submission;
use crate::staff::{state, vault};
use crate::support::{Zone, publish, sample};
use crate::sweep::site_of;

const CHILD: [(&str, &str); 6] = [
    ("child.family", "山田"),
    ("child.given", "光"),
    ("child.family_kana", "ヤマダ"),
    ("child.given_kana", "ヒカル"),
    ("grade", "2"),
    ("parents", "two"),
];

/// Fills in the club's form up to the check page; gives the draft.
pub(crate) async fn filled(hanako: &mut Browser, parents: &str) -> String {
    hanako.get("/procedures/gakudo-nyukai/start").await.is(200);
    hanako.submit("/start", &[]).await.is(200);
    let draft = hanako.path.split("/pages").next().expect("a draft").to_owned();
    let mut child = CHILD.to_vec();
    child[5].1 = parents;
    hanako.submit("/pages/child", &child).await.is(200);
    let reason = [("reason", "2人とも昼間は仕事です。"), ("_do", "upload")];
    let proof = ("proof", "勤務証明書.png", b"\x89PNG\r\n\x1a\nrest of a picture".as_slice());
    hanako.upload("/pages/care", &reason, &[proof]).await.is(200).says("勤務証明書.png");
    hanako.upload("/pages/care", &reason[..1], &[]).await.is(200).says("内容の確認");
    draft
}

pub(crate) async fn ask(hanako: &mut Browser, email: &str) {
    hanako
        .submit(
            "/cosigners",
            &[("name.other_parent.1", "鈴木 太郎"), ("email.other_parent.1", email)],
        )
        .await;
}

/// Signs in again after the clock moved on.
async fn signed_in(zone: &Zone, email: &str) -> Browser {
    let mut browser = Browser::new(zone.running.public_addr);
    browser.get("/login").await;
    browser.submit("/login", &[("email", email), ("password", PASSWORD)]).await.is(200);
    browser
}

/// The second parent is asked by mail, signs in, sees everything with the file, and
/// agrees; a change ends the agreement and says so; it is sent only when it is agreed to as it is;
/// both follow it afterwards, and the staff zone learns who agreed to what.
#[tokio::test(flavor = "multi_thread")]
async fn the_other_parent_agrees_before_it_is_sent() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    let draft = filled(&mut hanako, "two").await;
    hanako.says("もう一人の保護者").says("まだお願いしていません");
    assert!(!hanako.html().contains("/submit\""), "nothing can be sent yet");
    hanako.get(&format!("{draft}/cosigners")).await.is(200).says("連署のお願い");
    hanako.submit("/cosigners", &[]).await.is(422).says("名前を入力してください");
    ask(&mut hanako, "hanako@example.jp").await;
    hanako.is(422).says("申請する方のメールアドレスです");
    assert!(hanako.html().contains("value=\"鈴木 太郎\""), "what was typed stays");
    ask(&mut hanako, "taro@example.jp").await;
    hanako.is(200).says("返事待ち");
    let mail = subjects(&zone, "taro@example.jp", 3);
    assert!(mail.contains("山田 花子さんが") && mail.contains("/cosign/"), "{mail}");
    let link = mail.lines().rfind(|line| line.contains("/cosign/")).expect("a link");
    let path = link.trim().splitn(4, '/').nth(3).expect("a path");
    let path = format!("/{path}");

    // The link alone opens nothing: a stranger must sign in, she cannot sign for him.
    let mut stranger = Browser::new(zone.running.public_addr);
    stranger.get(&path).await;
    assert!(stranger.path.starts_with("/login"), "{}", stranger.path);
    hanako.get(&path).await.is(404);

    taro.get("/mypage")
        .await
        .says("同意（連署）をお願いされている申請")
        .says("山田 花子さんの申請");
    taro.get(&path).await.is(200).says("放課後児童クラブ").says("2人とも昼間は仕事です");
    let seen = taro.clone();
    let file = taro.html();
    let file = file.split("href=\"").find(|rest| rest.contains("/files/")).expect("the file");
    let file = file.split('"').next().expect("an address").to_owned();
    taro.get(&file).await.is(200);
    assert!(taro.headers["content-disposition"].to_str().expect("ASCII").starts_with("attachment"));
    hanako.get(&file).await.is(404);
    taro.bytes = seen.bytes.clone();
    taro.submit(&path, &[]).await.is(200).says("同意しました");
    assert!(subjects(&zone, "hanako@example.jp", 3).contains("必要な方の同意がそろいました"));

    // She changes an answer: his agreement is void, both know, and it cannot be sent.
    hanako.get(&format!("{draft}/pages/child")).await.is(200).says("その同意は無効になり");
    let mut child = CHILD.to_vec();
    child[4].1 = "3";
    hanako.submit("/pages/child", &child).await.is(200);
    assert!(subjects(&zone, "taro@example.jp", 4).contains("あなたの同意は無効になりました"));
    taro.get(&path).await.is(410).says("いま答えられません");
    hanako.get(&format!("{draft}/check")).await.says("内容が変わり無効");
    assert!(!hanako.html().contains("/submit\""));

    // Asked again, he has an old page open: what he sees is not what he would sign.
    hanako.get(&format!("{draft}/cosigners")).await;
    let again = action(&hanako, "/again");
    hanako.submit(&again, &[]).await.is(200).says("返事待ち");
    taro.bytes = seen.bytes;
    taro.submit(&path, &[]).await.is(409).says("もう一度確認してから答えて").says("3年生");
    taro.submit(&path, &[]).await.is(200).says("同意しました");
    hanako.get(&format!("{draft}/check")).await.says("全員が同意しました");
    hanako.submit("/submit", &[]).await.is(200).says("申請が届きました").says("鈴木 太郎");
    let application = hanako.path.trim_end_matches("/receipt").to_owned();

    let (sent, _) = only_submission(&zone).await;
    let [signed] = sent.cosigners.as_slice() else { panic!("one co-signer") };
    assert_eq!(
        (signed.email.as_str(), signed.display_name.as_str()),
        ("taro@example.jp", "鈴木 太郎")
    );
    assert_eq!((signed.kind.as_str(), signed.named.as_str()), ("other_parent", "鈴木 太郎"));
    assert_eq!(
        signed.content,
        sent.agreed(sent.answers.clone()).digest(),
        "the digest of what arrives"
    );

    // He finds it on his page, reads, and changes nothing.
    assert!(
        subjects(&zone, "taro@example.jp", 6).contains("あなたが連署した次の申請が送信されました")
    );
    taro.get(&path).await.is(200).says("あなたは、この申請に連署しました");
    assert_eq!(taro.path, application);
    taro.get("/mypage").await.says("同意（連署）した申請").says("放課後児童クラブの入会申込");
    for closed in ["withdraw", "correction", "messages"] {
        taro.get(&format!("{application}/{closed}")).await.is(404);
    }
    hanako.get(&format!("{application}/withdraw")).await.is(200);
    hanako.submit("/withdraw", &[("reason", "引っ越します")]).await.is(200);
    assert!(subjects(&zone, "taro@example.jp", 7).contains("申請した方が取り下げました"));
    zone.close().await;
}

/// Somebody who does not agree says why, and another person can be asked; a request
/// ends after two weeks, and the applicant hears of it; who is not needed is not asked.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_else_is_asked_when_one_does_not_agree_or_answer() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    let draft = filled(&mut hanako, "one").await;
    assert!(hanako.html().contains("/submit\""), "one parent needs nobody else");
    hanako.get(&format!("{draft}/pages/child")).await;
    hanako.submit("/pages/child", &CHILD).await.is(200);
    hanako.get(&format!("{draft}/cosigners")).await.is(200);
    ask(&mut hanako, "taro@example.jp").await;
    hanako.is(200);
    taro.get("/mypage").await;
    let html = taro.html();
    let path = html.split("href=\"").find(|rest| rest.starts_with("/cosign/")).expect("a link");
    let path = path.split('"').next().expect("an address").to_owned();
    taro.get(&path).await.is(200);
    // Two forms lead to one address; the second one declines.
    let decline = |browser: &mut Browser| {
        let html = browser.html();
        let (head, rest) = html.split_once("value=\"agree\"").expect("the form that agrees");
        let head = &head[..head.rfind("<form ").expect("a form")];
        browser.bytes = format!("{head}{}", rest.split_once("</form>").expect("its end").1).into();
    };
    decline(&mut taro);
    taro.submit(&path, &[]).await.is(422).says("理由を入力してください");
    decline(&mut taro);
    taro.submit(&path, &[("reason", "話か\u{3099}まだです。話し合って\u{200B}から決めます")])
        .await
        .is(200)
        .says("返事をしました");
    assert!(subjects(&zone, "hanako@example.jp", 3).contains("「同意しない」との返事"));
    hanako.get(&format!("{draft}/cosigners")).await.says("話がまだです。話し合ってから決めます");
    let replace = action(&hanako, "/replace");
    hanako.submit(&replace, &[]).await.is(200).says("お願いを取り消しました");
    taro.get(&path).await.is(404);
    assert!(subjects(&zone, "taro@example.jp", 4).contains("取り消されました"));

    // A name as it was copied: it is taken as it looks.
    let jiro = [
        ("name.other_parent.1", "鈴木 し\u{3099}ろう\u{200E}"),
        ("email.other_parent.1", "jiro@example.jp"),
    ];
    hanako.submit("/cosigners", &jiro).await.is(200).says("返事待ち").says("鈴木 じろう");
    assert!(subjects(&zone, "jiro@example.jp", 1).contains("あなたにお願いしています"));
    zone.clock.advance(SignedDuration::from_hours(24 * 14 + 1));
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    assert!(subjects(&zone, "hanako@example.jp", 4).contains("期限までに返事がありませんでした"));
    let mut hanako = signed_in(&zone, "hanako@example.jp").await;
    hanako
        .get(&format!("{draft}/cosigners"))
        .await
        .is(200)
        .says("返事の期限切れ")
        .says("もう一度お願いする");
    zone.close().await;
}

/// 花子's form with the agreement of 太郎, and its draft; he has three mails by then, she has three.
async fn agreed(zone: &Zone) -> (Browser, Browser, String) {
    let (mut hanako, mut taro) = (hanako(zone).await, taro(zone).await);
    let draft = filled(&mut hanako, "two").await;
    hanako.get(&format!("{draft}/cosigners")).await.is(200);
    ask(&mut hanako, "taro@example.jp").await;
    hanako.is(200);
    let _ = subjects(zone, "taro@example.jp", 3);
    taro.get("/mypage").await;
    let html = taro.html();
    let path = html.split("href=\"").find(|rest| rest.starts_with("/cosign/")).expect("a link");
    let path = path.split('"').next().expect("an address").to_owned();
    taro.get(&path).await.is(200);
    taro.submit(&path, &[]).await.is(200).says("同意しました");
    assert!(subjects(zone, "hanako@example.jp", 3).contains("必要な方の同意がそろいました"));
    (hanako, taro, draft)
}

/// Who agreed hears of it when the draft is thrown away.
#[tokio::test(flavor = "multi_thread")]
async fn who_agreed_hears_that_the_draft_is_gone() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro, draft) = agreed(&zone).await;
    hanako.get(&format!("{draft}/discard")).await.is(200);
    hanako.submit("/discard", &[]).await.is(200);
    let told = subjects(&zone, "taro@example.jp", 4);
    assert!(told.contains("お願いは、取り消されました"), "{told}");
    taro.get("/mypage").await.is(200);
    assert!(!taro.text().contains("放課後児童クラブ"), "{}", taro.text());
    zone.close().await;
}

/// An agreement that goes stale because the procedure is published anew tells signer and
/// applicant, without anybody saving; a new one is needed before it is sent.
#[tokio::test(flavor = "multi_thread")]
async fn an_agreement_that_goes_stale_by_itself_is_told() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, _taro, draft) = agreed(&zone).await;
    let mut newer = sample("gakudo-nyukai");
    newer.revision += 1;
    publish(&zone.store(), &newer, Vec::new(), zone.clock.now().as_microsecond()).await;
    // The page is of the new revision as soon as the shelf has it.
    while !hanako.get(&format!("{draft}/check")).await.text().contains("内容が変わり無効") {
        tokio::task::yield_now().await;
    }
    // Anything that is sent wakes the jobs.
    let mut other = Browser::new(zone.running.public_addr);
    other.get("/register").await;
    other.submit("/register", &[("email", "ichiro@example.jp")]).await.is(200);
    let told = subjects(&zone, "taro@example.jp", 4);
    assert!(told.contains("あなたの同意は無効になりました"), "{told}");
    let told = subjects(&zone, "hanako@example.jp", 4);
    assert!(told.contains("手続きの内容が新しくなったか"), "{told}");
    assert!(told.contains(&format!("{draft}/cosigners")), "{told}");
    hanako.get(&format!("{draft}/check")).await;
    assert!(!hanako.html().contains("/submit\""));
    zone.close().await;
}

/// A draft somebody agreed to is opened once, and again when it changed, when something was
/// published and on another day: a look costs nothing while nothing happens.
#[tokio::test(flavor = "multi_thread")]
async fn agreements_are_looked_at_when_something_changed() {
    let zone = Zone::open(clock()).await;
    let (_hanako, _taro, draft) = agreed(&zone).await;
    let folder = TempDir::new();
    let site = site_of(zone.store(), folder.path(), &zone.clock);
    let mut looked = stale::Looked::default();
    let mut opened = async || stale::look(&site, &mut looked).await.expect("a look");
    assert_eq!((opened().await, opened().await), (1, 0));

    let (id, now) = (draft.trim_start_matches("/drafts/").to_owned(), site.micros());
    let laid_in = site.store.write(move |tx| {
        let (draft, _) = drafts::find(tx.db, &id, now)?.expect("it is there");
        drafts::set_aside(tx, (&id, draft.version), &draft.answers_sealed)
    });
    assert_eq!(laid_in.await.expect("written"), Saved::Yes);
    assert_eq!((opened().await, opened().await), (1, 0), "answers were laid in");
    zone.clock.advance(SignedDuration::from_hours(24));
    assert_eq!((opened().await, opened().await), (1, 0), "another day");
    assert!(site.shelf.refresh(&site.store).await.expect("read"));
    assert_eq!(opened().await, 1, "what is published");
    zone.close().await;
}

/// NF-34: a correction of a co-signed application says why nobody agrees anew, and who agreed
/// hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_correction_says_what_becomes_of_agreements() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro, draft) = agreed(&zone).await;
    hanako.get(&format!("{draft}/check")).await.is(200);
    hanako.submit("/submit", &[]).await.is(200);
    let id = hanako.path.split('/').nth(2).expect("an id").to_owned();
    let _ = subjects(&zone, "taro@example.jp", 4);
    state(&zone, &id, State::Correction(Origin::Arrived), "").await;
    let asked = Asked {
        reason: "理由をくわしく書いてください。".to_owned(),
        fields: vec!["reason".to_owned()],
        prefill: Answers::from([("reason", "2人とも昼間は仕事です。")]),
        context: Answers::from([("parents", "two")]),
    };
    let at = zone.clock.now().as_microsecond();
    let new = NewCorrection {
        application_id: id.clone(),
        round: 1,
        asked_sealed: asked.seal(&vault(&zone), &id, 1),
        due: "2026-06-30".to_owned(),
        at,
    };
    let by = By::system("test", at);
    zone.store().write(move |tx| told::correction(tx, &by, &new)).await.expect("told");
    hanako.get(&format!("/applications/{id}/correction")).await.is(200);
    hanako.says("もう一度の同意は求めず").says("連署した方にもメールで知らせます");
    let typed = [("reason", "2人とも平日の昼間は仕事です。")];
    hanako.upload("/correction", &typed, &[]).await.is(200).says("修正した内容の確認");
    hanako.submit("/correction/submit", &[]).await.is(200).says("修正した内容を送りました");
    let told = subjects(&zone, "taro@example.jp", 5);
    assert!(told.contains("もう一度の同意は必要ありません"), "{told}");
    taro.get(&format!("/applications/{id}")).await.is(200).says("あなたは、この申請に連署しました");
    zone.close().await;
}
