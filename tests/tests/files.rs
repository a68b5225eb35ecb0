//! What citizens attach: looked at before it is sent, told in words, rebuilt.

use journeys::browser::{Browser, Screen, Script};
use journeys::counter::{Counter, licence, photograph};
use journeys::cuts::BreakingLine;
use journeys::papers;
use journeys::visitor::Attach;

const PDF: &str = "application/pdf";

/// NF-32, IK-3.5.3: before sending, the citizen reads what will not survive, and a
/// file that cannot be rebuilt is refused at once with what to do about it.
#[tokio::test(flavor = "multi_thread")]
async fn the_citizen_reads_before_sending_what_becomes_of_a_file() {
    let counter = Counter::open();
    let mut citizen = counter.at_the_files("先読", "sakiyomi@example.jp").await;
    let broken = papers::broken_pdf();
    let file = Attach { input: "identity", name: "壊れた.pdf", media: PDF, bytes: &broken };
    let kind = [("identity_kind", "driver")];
    citizen.press_with("ファイルを追加", &kind, &[file]).await;
    citizen.page.says("「壊れた.pdf」は受け取れません。").says("保存し直して");
    let script = papers::pdf_with_script("with a script");
    let file = Attach { input: "identity", name: "証明.pdf", media: PDF, bytes: &script };
    citizen.press_with("ファイルを追加", &[], &[file]).await.says("ファイルを追加しました");
    citizen
        .page
        .says("証明.pdf")
        .says("自動で動くプログラムは届きません")
        .is_silent_on("壊れた.pdf");
    citizen.press("次へ進む", &[("declaration", "確認しました")]).await;
    citizen
        .page
        .says("内容を確認してください")
        .says("証明.pdf")
        .says("自動で動くプログラムは届きません");
    counter.close();
}

/// NF-32, IK-3.5.3: a protected file asks for its password where it was added; a
/// wrong one is said to be wrong, the right one opens it on its way, and staff
/// read the file without needing it.
#[tokio::test(flavor = "multi_thread")]
async fn a_protected_file_is_opened_with_the_password_the_citizen_gives() {
    let counter = Counter::open();
    let mut citizen = counter.at_the_files("鍵山", "kagiyama@example.jp").await;
    let locked = papers::pdf_with_password("behind a password", "Sakura-2026");
    let file = Attach { input: "identity", name: "保護.pdf", media: PDF, bytes: &locked };
    let kind = [("identity_kind", "driver"), ("declaration", "確認しました")];
    citizen.press_with("ファイルを追加", &kind, &[file]).await;
    let question = "「保護.pdf」のパスワード";
    citizen.page.says("パスワードで保護されています").says(question);
    citizen.press("次へ進む", &[]).await.says("パスワードを入力するか");
    citizen.press("パスワードを確かめる", &[(question, "sakura-2026")]).await;
    citizen.page.says("「保護.pdf」のパスワードが違います");
    citizen.press("パスワードを確かめる", &[(question, "Sakura-2026")]).await;
    citizen.page.says("パスワードを確かめました").is_silent_on(question);
    citizen.press("次へ進む", &[]).await.says("内容を確認してください").is_silent_on("Sakura");
    citizen.press("この内容で申請する", &[]).await.says("申請が届きました");
    let slip = journeys::counter::slip(&citizen.page);

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    clerk.page.says("無害化済").is_silent_on("Sakura");
    let desk = clerk.page.path.clone();
    let rebuilt = papers::attachment_at(&mut clerk, &desk, 0).await;
    assert_eq!(papers::words_of(&rebuilt).trim(), "behind a password");
    counter.close();
}

/// The first answer to a piece says that it came too slowly, and the first one to the end of the file is
/// lost on its way, although both are there.
const ANSWERS_LOST: &str = r"
    var proto = XMLHttpRequest.prototype, open = proto.open, lost = {};
    var real = Object.getOwnPropertyDescriptor(proto, 'status').get;
    proto.open = function (method, path) {
      this.asked = method + ' ' + path;
      return open.apply(this, arguments);
    };
    Object.defineProperty(proto, 'status', { get: function () {
      var is = real.call(this);
      var kind = is !== 200 ? '' : /[/]finish$/.test(this.asked) ? 'end'
        : /^POST .*[/]uploads[/][^/]+$/.test(this.asked) ? 'piece' : '';
      if (kind && !lost[kind]) {
        lost[kind] = this;
        sessionStorage.setItem('lost', (sessionStorage.getItem('lost') || '') + ' ' + kind);
      }
      return kind && lost[kind] === this ? { piece: 408, end: 503 }[kind] : is;
    } });";

/// NF-3, NF-56: the network is cut twice in the middle of a file, and answers are lost. The page says so
/// and goes on where it was; nothing is sent all over again, nothing chosen or typed meanwhile is lost,
/// and staff receive the file once.
#[tokio::test(flavor = "multi_thread")]
async fn a_cut_network_costs_the_citizen_nothing() {
    let counter = Counter::open();
    let citizen = counter.at_the_files("切断", "setsudan@example.jp").await;
    let photo = papers::png_of(1_100, 1_000);
    let size = photo.len() as u64;
    assert!(size > 3_000_000, "several pieces: {size}");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("免許証.png");
    std::fs::write(&file, &photo).expect("written");

    let line = BreakingLine::before(counter.town.citizens(), &[1_600_000, 2_900_000]).await;
    let site = format!("http://localhost:{}", line.port);
    let browser = Browser::open(Screen::Phone, Script::On).await;
    browser.takes_over(&site, citizen.cookies()).await;
    browser.goto(&format!("{site}{}", citizen.page.path)).await;
    browser.click("[name='identity_kind'][value='passport']").await;
    browser.chooses("identity", &file).await;
    browser.window.execute(ANSWERS_LOST, vec![]).await.expect("it runs");
    browser.press("ファイルを追加").await;
    browser.says("ファイルを追加しました").await;
    browser.says("免許証.png").await;
    assert_eq!(line.fallen(), 2, "the line was cut");
    let lost = "return sessionStorage.getItem('lost')";
    let lost = browser.window.execute(lost, vec![]).await.expect("it runs");
    let lost = lost.convert::<Option<String>>().expect("a text");
    assert_eq!(lost.as_deref(), Some(" piece end"), "answers were lost");
    // What was on its way at a cut is sent again, a piece of 1 MiB at most each time.
    let most = size + 2 * 1_100_000 + 300_000;
    assert!(line.sent() < most, "{} bytes for a file of {size}", line.sent());
    browser.click("[name='declaration']").await;
    browser.press("次へ進む").await;
    browser.says("内容を確認してください").await;
    browser.says("パスポート").await;
    browser.press("この内容で申請する").await;
    browser.says("申請が届きました").await;
    let number = browser.text_of(".panel-number").await;
    browser.close().await;

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &number).await;
    clerk.page.says("免許証.png");
    let desk = clerk.page.path.clone();
    let rebuilt = papers::attachment_at(&mut clerk, &desk, 0).await;
    assert!(papers::same_pixels(&photo, &rebuilt), "every pixel arrived");
    counter.close();
}

/// NF-60, NF-7: without script a file goes with its form, however large it is. It is told at its question with what
/// to do, and all else that was chosen stays.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_beyond_any_size_is_told_at_its_question_without_script() {
    let counter = Counter::open();
    let citizen = counter.at_the_files("巨大", "kyodai@example.jp").await;
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("旅行の動画.mov");
    let film = std::fs::File::create(&file).expect("made");
    film.set_len(1_300_000_000).expect("a file with holes");

    let site = format!("http://localhost:{}", counter.town.citizens().port());
    let browser = Browser::open(Screen::Narrow, Script::Off).await;
    browser.takes_over(&site, citizen.cookies()).await;
    browser.goto(&format!("{site}{}", citizen.page.path)).await;
    browser.click("[name='identity_kind'][value='passport']").await;
    browser.chooses("identity", &file).await;
    browser.click("[name='declaration']").await;
    browser.press("次へ進む").await;
    browser.says("「旅行の動画.mov」が大きすぎます").await;
    browser.text_of("[name='identity_kind'][value='passport']:checked").await;
    browser.text_of("[name='declaration']:checked").await;
    browser.close().await;
    counter.close();
}

/// NF-31, NF-32, NF-33: a citizen sends files with a message and reads beforehand what becomes of
/// them; staff read the words and open the rebuilt files; their answer brings a file back, and when
/// it was opened stands at the desk.
#[tokio::test(flavor = "multi_thread")]
async fn files_of_messages_cross_both_ways() {
    let counter = Counter::open();
    let picture = photograph();
    let (mut citizen, slip) = counter
        .applies_for_residence_record("往来", "ourai@example.jp", &[licence(&picture)])
        .await;
    let messages = format!("{}/messages", citizen.page.path.replace("/receipt", ""));
    let (add, send) = ("ファイルを追加", "送信する");
    let typed = [("words", "証明書を送ります。")];
    citizen.open(&messages).await;
    let broken = papers::broken_pdf();
    let file = Attach { input: "files", name: "壊れた.pdf", media: PDF, bytes: &broken };
    citizen.press_with(add, &typed, &[file]).await;
    citizen.page.says("「壊れた.pdf」は受け取れません。").says("証明書を送ります。");
    let script = papers::pdf_with_script("with a script");
    let file = Attach { input: "files", name: "証明.pdf", media: PDF, bytes: &script };
    citizen.press_with(add, &[], &[file]).await.says("自動で動くプログラムは届きません");
    let locked = papers::pdf_with_password("behind a password", "Sakura-2026");
    let file = Attach { input: "files", name: "保護.pdf", media: PDF, bytes: &locked };
    citizen.press_with(add, &[], &[file]).await.says("証明書を送ります。");
    let question = "「保護.pdf」のパスワード";
    citizen.press(send, &[]).await.says("パスワードを入力するか");
    citizen.press("パスワードを確かめる", &[(question, "Sakura-2026")]).await;
    citizen.page.says("パスワードを確かめました").says("証明書を送ります。");
    citizen.press(send, &[]).await.says("メッセージを送りました").says("送ったファイル");

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    counter.until(&mut clerk, &desk, "保護.pdf").await;
    clerk.page.says("証明書を送ります。").says("証明.pdf").is_silent_on("無害化しています");
    for (which, words) in [(1, "with a script"), (2, "behind a password")] {
        let rebuilt = papers::attachment_at(&mut clerk, &desk, which).await;
        let read = papers::words_of(&rebuilt);
        assert!(!String::from_utf8_lossy(&rebuilt).contains("JavaScript"));
        assert_eq!(read.trim(), words);
    }
    clerk.open(&desk).await;
    let letter = papers::pdf_with_script("a form to fill in");
    let file = Attach { input: "files", name: "様式.pdf", media: PDF, bytes: &letter };
    let answer = [("message", "様式を送ります。")];
    clerk.press_with("申請者に送る", &answer, &[file]).await.says("申請者はまだ開いていません");

    counter.until(&mut citizen, &messages, "様式.pdf").await;
    counter.until(&mut citizen, &messages, "様式を送ります。").await;
    let opened = citizen.follow("様式.pdf").await.body.to_vec();
    assert_eq!(opened, letter, "as staff sent it");
    citizen.open(&messages).await.says("はじめて開いた日時");
    counter.until(&mut clerk, &desk, "申請者が開いた日時").await;
    counter.close();
}

/// NF-32, NF-33: a file of a message that cannot be rebuilt is held. Staff and citizen read why, and
/// the citizen sends another one.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_file_of_a_message_is_told_on_both_sides() {
    let counter = Counter::open_without_look_ahead();
    let picture = photograph();
    let (mut citizen, slip) = counter
        .applies_for_residence_record("保留", "horyuu@example.jp", &[licence(&picture)])
        .await;
    let mine = citizen.page.path.replace("/receipt", "");
    let messages = format!("{mine}/messages");
    citizen.open(&messages).await;
    let broken = papers::broken_pdf();
    let file = Attach { input: "files", name: "壊れた.pdf", media: PDF, bytes: &broken };
    let typed = [("words", "証明書を送ります。")];
    citizen.press_with("送信する", &typed, &[file]).await.says("メッセージを送りました");

    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let desk = clerk.page.path.clone();
    counter.until(&mut clerk, &desk, "壊れた.pdf").await;
    clerk.page.says("証明書を送ります。").says("保留");
    counter.until(&mut citizen, &messages, "安全のために受け取れませんでした").await;
    citizen.page.says("もう一度送ってください");
    citizen.open(&mine).await.says("受け取れなかったものがあります");
    citizen.open(&messages).await;
    let file =
        Attach { input: "files", name: "別の形.png", media: "image/png", bytes: &picture };
    let typed = [("words", "画像にしました。")];
    citizen.press_with("送信する", &typed, &[file]).await.says("メッセージを送りました");
    counter.until(&mut clerk, &desk, "別の形.png").await;
    let rebuilt = papers::attachment_at(&mut clerk, &desk, 1).await;
    assert!(papers::same_pixels(&picture, &rebuilt), "every pixel arrived");
    counter.close();
}
