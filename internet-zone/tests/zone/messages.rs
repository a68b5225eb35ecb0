//! What a citizen and the department write to each other.

use bridge_contract::messages::ToStaff;
use domain::applications::State;
use domain::forms::definition::Login;
use internet_zone_store::By;
use internet_zone_store::applications::messages::{self, Message, Writer};
use internet_zone_store::applications::told;
use internet_zone_web::places;
use jiff::SignedDuration;

use crate::applying::clock;
use crate::browser::Browser;
use crate::identity::{PASSWORD, hanako};
use crate::safety::outbox;
use crate::staff::{Sent, issue, issue_with, sent, state, vault};
use crate::support::{Zone, publish, sample};

/// Staff write about an application.
pub(crate) async fn staff_write(zone: &Zone, application: &str, words: &str) {
    let at = zone.clock.now().as_microsecond();
    let id = format!("staff-{at}");
    let new = Message {
        words_sealed: vault(zone).seal(places::message(&id), words.as_bytes()),
        id,
        application_id: application.to_owned(),
        at,
        writer: Writer::Staff,
        files: 0,
    };
    let by = By::system("test", at);
    assert!(zone.store().write(move |tx| messages::from_staff(tx, &by, &new)).await.expect("kept"));
}

/// NF-33: a citizen asks about an own application, once however often it is pressed; the answer is
/// read on the same page, and nobody else sees either.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_writes_and_reads_the_answer() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&format!("/applications/{id}")).await.says("担当の課にメッセージを送る");
    browser.get(&address).await.is(200).says("まだメッセージはありません");
    browser.says("担当：広報広聴課").says("電話：000-000-1302");
    let page = browser.bytes.clone();
    let words = "いつごろ届きますか。\r\n<b>お願いします</b>";
    browser.submit("/messages", &[("words", words)]).await.is(200).says("メッセージを送りました");
    assert!(browser.html().contains("&#60;b&#62;お願いします"), "{}", browser.html());
    browser.bytes = page;
    browser.submit("/messages", &[("words", words)]).await.is(200);
    let asked: Vec<String> = outbox(&zone)
        .await
        .into_iter()
        .filter_map(|(message, _)| match message {
            ToStaff::CitizenWrote(written) => Some(written.words),
            _ => None,
        })
        .collect();
    assert_eq!(asked, ["いつごろ届きますか。\n<b>お願いします</b>"]);
    let bytes = std::fs::read(zone.root.join("zone.db")).expect("the database");
    let plain = "いつごろ".as_bytes();
    assert!(!bytes.windows(plain.len()).any(|window| window == plain), "sealed at rest");

    staff_write(&zone, &id, "今週中に発送します。").await;
    browser.get(&format!("/applications/{id}")).await.says("担当の課からメッセージがあります");
    browser.get(&address).await.says("担当の課").says("今週中に発送します。");
    let mut other = Browser::new(zone.running.public_addr);
    other.get(&address).await.is(404);
    zone.close().await;
}

/// NF-7, NF-33: what cannot be sent is told at the field and stays there; nobody floods a
/// department.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_sent_stays_where_it_was_typed() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await.is(200);
    browser.submit("/messages", &[("words", " \r\n ")]).await.is(422).says("入力してください");
    let long = "あ".repeat(1_001);
    browser.submit("/messages", &[("words", &long)]).await.is(422).says("いま1001文字");
    assert!(browser.html().contains(&long), "it stays");
    for odd in ["a\u{7}b", "a\0b", "a\u{E001}b"] {
        browser.submit("/messages", &[("words", odd)]).await.is(422).says("使えない文字");
        let stays = odd.replace('\0', "\u{FFFD}");
        assert!(browser.html().contains(&stays), "{odd:?}: {}", browser.html());
    }
    // What nobody sees, as pasting brings it, stops nobody: it goes as it looks.
    let pasted = "か\u{3099}くせい\u{200B}です。\u{FEFF}";
    browser.submit("/messages", &[("words", pasted)]).await.is(200).says("メッセージを送りました");
    assert_eq!(written(&zone).await[0].0, "がくせいです。");
    for number in 1..20 {
        browser.get(&address).await;
        browser.submit("/messages", &[("words", &format!("質問{number}"))]).await.is(200);
    }
    browser.get(&address).await;
    browser.submit("/messages", &[("words", "まだあります")]).await.is(429).says("1日20件まで");
    zone.close().await;
}

/// What went out with messages: words with how many files follow, then those files.
async fn written(zone: &Zone) -> Vec<(String, Vec<String>)> {
    let read = |message: ToStaff| match message {
        ToStaff::CitizenWrote(wrote) => Some((wrote.words, vec![wrote.files.to_string()])),
        ToStaff::FilesWritten(sent) => {
            assert!(sent.attachments.iter().all(|file| file.field.is_empty()));
            let names = sent.attachments.into_iter().map(|file| file.name).collect();
            Some((String::new(), names))
        }
        _ => None,
    };
    outbox(zone).await.into_iter().filter_map(|(message, _)| read(message)).collect()
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n picture of a certificate";

/// NF-33, NF-56: files wait sealed beside what is typed until it is sent; they go behind the words,
/// once; a file that could not be taken over is told where it was sent.
#[tokio::test(flavor = "multi_thread")]
async fn a_citizen_sends_files_with_a_message() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await.is(200).says("送るファイル").says("1ファイル10MBまで、3個まで");
    let typed = [("words", "診断書を送ります。"), ("_do", "upload")];
    browser.upload("/messages", &typed, &[("files", "診断書.png", PNG)]).await.is(200);
    browser.says("ファイルを追加しました").says("診断書.png");
    // The page is opened anew: words and file are still there.
    browser.get(&address).await.is(200).says("診断書を送ります。").says("診断書.png");
    let typed = [("words", "診断書を送ります。"), ("_do", "upload")];
    browser.upload("/messages", &typed, &[("files", "別紙.png", PNG)]).await.says("別紙.png");
    let spare = browser.html();
    let named =
        |part: &&str| part.split("</span>").next().is_some_and(|it| it.contains("別紙.png"));
    let spare = spare.split("attached-name").skip(1).find(named).expect("two files");
    let spare = spare.split("value=\"remove:").nth(1).and_then(|rest| rest.split('"').next());
    let remove = format!("remove:{}", spare.expect("an identifier"));
    browser.submit("/messages", &[("words", "診断書を送ります。"), ("_do", &remove)]).await.is(200);
    browser.says("ファイルを削除しました").says("診断書.png");
    assert!(!browser.text().contains("別紙.png"));

    let page = browser.bytes.clone();
    let words = [("words", "診断書を送ります。"), ("_do", "next")];
    browser.submit("/messages", &words).await.is(200).says("メッセージを送りました");
    browser.says("送ったファイル").says("診断書.png");
    browser.bytes = page;
    browser.submit("/messages", &words).await.is(200);
    let went = written(&zone).await;
    assert_eq!(went.len(), 2, "pressed twice, sent once: {went:?}");
    assert_eq!(went[0], ("診断書を送ります。".to_owned(), vec!["1".to_owned()]));
    assert_eq!(went[1], (String::new(), vec!["診断書.png".to_owned()]));
    let bytes = std::fs::read(zone.root.join("zone.db")).expect("the database");
    for plain in ["診断書", "picture of a certificate"] {
        let plain = plain.as_bytes();
        assert!(!bytes.windows(plain.len()).any(|window| window == plain), "sealed at rest");
    }

    let file = outbox(&zone).await.into_iter().find_map(|(message, _)| match message {
        ToStaff::FilesWritten(sent) => Some(sent.attachments[0].id.to_string()),
        _ => None,
    });
    let (by, wanted) = (By::system("test", zone.clock.now().as_microsecond()), id.clone());
    let file = file.expect("it went");
    let store = zone.store();
    let held =
        store.write(move |tx| told::held(tx, &by, (&wanted, &file), "encrypted", |_| Vec::new()));
    assert!(held.await.expect("told"));
    browser.get(&address).await.says("安全のために受け取れませんでした").says("保護を外して");
    browser.get(&format!("/applications/{id}")).await.says("受け取れなかったものがあります");
    zone.close().await;
}

/// NF-7, NF-56: a file that cannot be sent is told by its name; words and the other files stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_sent_is_told_by_its_name() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await;
    let large = [PNG, &vec![0_u8; 10_000_001]].concat();
    for (name, bytes, told) in [
        ("空.png", &b""[..], "「空.png」は中身が空です"),
        ("大きい.png", &large, "「大きい.png」が大きすぎます。1ファイル10MBまで"),
        ("実行.exe", &b"MZ\x90\0 program"[..], "「実行.exe」は受け取れない種類のファイルです"),
    ] {
        for button in ["upload", "next"] {
            let typed = [("words", "これを送ります。"), ("_do", button)];
            browser.upload("/messages", &typed, &[("files", name, bytes)]).await.is(422);
            browser.says(told).says("これを送ります。");
        }
    }
    // More than a whole request may bring, before what was typed.
    let film = vec![b'x'; 70_000_000];
    let films = [("files", "動画.mov", &film[..]), ("files", "続き.mov", &film[..])];
    let typed = [("words", "これも送ります。"), ("_do", "next")];
    browser.upload_then("/messages", &[], &films, &typed).await.is(422);
    browser
        .says("「動画.mov」が大きすぎます")
        .says("「続き.mov」が大きすぎます")
        .says("これも送ります。");
    let typed = [("words", "これを送ります。"), ("_do", "upload")];
    for number in 1..=3 {
        let name = format!("{number}.png");
        browser.upload("/messages", &typed, &[("files", &name, PNG)]).await.is(200);
    }
    browser.upload("/messages", &typed, &[("files", "4.png", PNG)]).await.is(422);
    browser.says("3個まで").says("1.png").says("3.png").says("これを送ります。");
    browser.submit("/messages", &[("words", ""), ("_do", "next")]).await.is(422);
    browser.says("メッセージを入力してください").says("3.png");
    assert!(written(&zone).await.is_empty(), "nothing went");
    let mut other = Browser::new(zone.running.public_addr);
    other.get(&address).await.is(404);
    zone.close().await;
}

/// NF-31, NF-33: what staff send with a message is downloaded from it, and its opening is told; it is
/// no issued document.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_staff_are_downloaded_from_the_message() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let at = zone.clock.now().as_microsecond();
    let new = Message {
        words_sealed: vault(&zone).seal(places::message("answer"), "様式です。".as_bytes()),
        id: "answer".to_owned(),
        application_id: id.clone(),
        at,
        writer: Writer::Staff,
        files: 2,
    };
    let by = By::system("test", at);
    let kept = zone.store().write(move |tx| messages::from_staff(tx, &by, &new)).await;
    assert!(kept.expect("kept"));
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await.says("様式です。").says("ファイル2個を準備しています");

    let (issued, enclosed) = ("01kn35e000w8yseg2nqk02mez1", "01kn35e000w8yseg2nqk02mez2");
    issue(&zone, &id, issued).await;
    issue_with(&zone, &id, enclosed, Some("answer")).await;
    browser.get(&address).await.says("届いたファイル").says("ファイル1個を準備しています");
    let html = browser.html();
    assert!(html.contains(enclosed) && !html.contains(issued), "{html}");
    browser.get(&format!("/applications/{id}")).await;
    let html = browser.html();
    assert!(html.contains(issued) && !html.contains(enclosed), "{html}");
    browser.get(&format!("/applications/{id}/documents/{enclosed}")).await.is(200);
    assert_eq!(&browser.bytes[..], b"%PDF-1.7 letter");
    browser.get(&address).await.says("はじめて開いた日時");
    let opened = outbox(&zone).await.into_iter().any(|(message, _)| {
        matches!(message, ToStaff::DocumentOpened(opened) if opened.document_id.as_str() == enclosed)
    });
    assert!(opened, "staff hear of it");
    zone.close().await;
}

/// NF-60: a step of staff takes nothing of a message that is not sent yet; a page that was drawn with
/// a file never sends without it.
#[tokio::test(flavor = "multi_thread")]
async fn a_step_of_staff_leaves_an_unsent_message_alone() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await;
    let typed = [("words", "診断書を送ります。"), ("_do", "upload")];
    browser.upload("/messages", &typed, &[("files", "診断書.png", PNG)]).await.is(200);
    state(&zone, &id, State::Accepted, "受け付けました").await;
    let page = browser.clone();
    browser.get(&address).await.is(200).says("診断書を送ります。").says("診断書.png");
    browser.submit("/messages", &[("words", "診断書を送ります。"), ("_do", "next")]).await.is(200);
    let went = written(&zone).await;
    assert_eq!(went[0].1, ["1"], "with its file: {went:?}");
    assert_eq!(went[1].1, ["診断書.png"]);

    // The other window still shows the file that went: it says so and sends nothing.
    let mut other = page;
    other.submit("/messages", &[("words", "もう一度"), ("_do", "next")]).await.is(200);
    other.says("まだ送信していません").says("もう一度");
    assert_eq!(written(&zone).await.len(), 2, "nothing went without its file");
    zone.close().await;
}

/// NF-60: what is typed of a message is saved while typing goes on and stands there again; another
/// window is not written over; once it is sent nothing of it comes back.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_typed_of_a_message_is_kept() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await;
    let page = browser.clone();
    browser.submit("/messages", &[("words", "はじめの"), ("_do", "keep")]).await.is(200);
    assert_eq!(browser.headers["content-type"], "application/json");
    assert!(browser.html().contains("\"saved\":\"9時00分\""), "{}", browser.html());
    let mut second = page.clone();
    second.get(&address).await.is(200).says("はじめの").says("9時00分に保存しました");
    second.submit("/messages", &[("words", "二つめの"), ("_do", "keep")]).await.is(200);
    let mut first = page.clone();
    first.submit("/messages", &[("words", "はじめの続き"), ("_do", "keep")]).await.is(410);
    assert!(first.html().contains("ほかの画面か端末で、このメッセージが"), "{}", first.html());
    // Nor by a window in which nothing was typed; the same words once more are no other ones.
    let mut idle = page.clone();
    idle.submit("/messages", &[("words", ""), ("_do", "keep")]).await.is(410);
    let mut again = page.clone();
    again.submit("/messages", &[("words", "二つめの"), ("_do", "keep")]).await.is(200);
    second.get(&address).await.says("二つめの");

    let sends = second.clone();
    second.submit("/messages", &[("words", "二つめの"), ("_do", "next")]).await.is(200);
    second.says("メッセージを送りました");
    // A save that comes late begins nothing anew.
    let mut late = sends;
    late.submit("/messages", &[("words", "二つめの"), ("_do", "keep")]).await.is(410);
    second.get(&address).await;
    assert!(!second.html().contains("二つめの</textarea>"), "{}", second.html());
    zone.close().await;
}

/// NF-60, NF-18: whoever wrote longer than the session lasted loses nothing: an account finds it after
/// signing in, a guest is given it back.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_outlives_the_session() {
    let zone = Zone::open(clock()).await;
    let Sent { mut browser, id } = sent(&zone).await;
    browser.get(&format!("/applications/{id}/messages")).await;
    zone.clock.advance(SignedDuration::from_mins(31));
    let words = [("words", "長い説明です。"), ("_do", "next")];
    browser.submit("/messages", &words).await.is(410).says("メッセージは送られていません");
    browser.says("長い説明です。").says("受付番号と確認用の番号");

    let mut survey = sample("koho-anketo");
    survey.access.login = Login::Email;
    survey.revision += 1;
    publish(&zone.store(), &survey, Vec::new(), zone.clock.now().as_microsecond() + 1).await;
    let mut looks = Browser::new(zone.running.public_addr);
    for () in platform_testkit::patiently() {
        looks.get("/procedures/koho-anketo/start").await;
        if looks.html().contains("name=\"email\"") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let mut browser = hanako(&zone).await;
    browser.get("/procedures/koho-anketo/start").await;
    browser.submit("/start", &[]).await.is(200);
    browser.submit("/pages/about", &[("age_group", "40s"), ("lives", "work")]).await.is(200);
    for _ in 0..2 {
        browser.submit("/pages/paper", &[("reads", "never"), ("why_not", "small")]).await.is(200);
    }
    browser.submit("/pages/voice", &[("voice", "意見")]).await.is(200).says("内容の確認");
    browser.submit("/submit", &[]).await.is(200).says("申請が届きました");
    let id = browser.path.split('/').nth(2).expect("an id").to_owned();
    let address = format!("/applications/{id}/messages");
    browser.get(&address).await.is(200);
    // Without a word saved before, it is given back; with one, it waits behind the sign-in.
    for (saved, told) in [("", "長い説明です。"), ("長い", "入力した内容は残っています")]
    {
        let right = [("email", "hanako@example.jp"), ("password", PASSWORD)];
        browser.get(&address).await;
        if browser.path.starts_with("/login") {
            browser.submit("/login", &right).await.is(200);
            browser.get(&address).await.is(200);
        }
        browser.submit("/messages", &[("words", saved), ("_do", "keep")]).await.is(200);
        browser.get(&address).await.is(200);
        zone.clock.advance(SignedDuration::from_mins(31));
        browser.submit("/messages", &words).await.says(told);
        if !saved.is_empty() {
            browser.submit("/login", &right).await.is(200);
            assert_eq!(browser.path, address);
            browser.says("まだ送信していません").says("長い説明です。");
            browser.submit("/messages", &words).await.is(200).says("メッセージを送りました");
        }
    }
    zone.close().await;
}
