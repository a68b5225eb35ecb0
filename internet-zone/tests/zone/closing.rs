//! Closing an account: what goes, what stays, and how what stays is found.

use std::time::Duration;

use domain::applications::State;
use domain::forms::definition::{Login, OncePer, Window, Words};

use crate::applying::clock;
use crate::browser::Browser;
use crate::cosigners;
use crate::delegates::taro;
use crate::fees::published;
use crate::identity::{PASSWORD, hanako};
use crate::line::course;
use crate::mypage::{self, WALK};
use crate::staff::state;
use crate::support::{Zone, sample, words};

const PAGE: &str = "/account/close";

/// The `nth` mail to an address that says this, from 1.
pub(crate) async fn mail(zone: &Zone, to: &str, said: &str, nth: usize) -> String {
    for () in platform_testkit::patiently() {
        let all = zone.mails.mails_to(to).into_iter().map(|mail| words(&mail.raw));
        if let Some(mail) = all.filter(|mail| mail.contains(said)).nth(nth - 1) {
            return mail;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no mail to {to} says {said:?} {nth} times");
}

/// The path of the link in a mail.
pub(crate) fn path_in(mail: &str) -> String {
    let line = mail.lines().find(|line| line.starts_with("http://")).expect("a link");
    format!("/{}", line.trim().splitn(4, '/').nth(3).expect("a path"))
}

/// Number and secret of the only application a mail names.
fn numbers(mail: &str) -> (String, String) {
    let behind = |word: &str| {
        let line = mail.lines().find_map(|line| line.trim().strip_prefix(word));
        line.unwrap_or_else(|| panic!("no {word}: {mail}")).to_owned()
    };
    (behind("受付番号："), behind("確認用の番号："))
}

/// 花子 sends a form in her name; gives the application.
async fn sends(zone: &Zone, hanako: &mut Browser) -> String {
    course(zone, 1).await;
    mypage::begins(hanako, "はなこ").await;
    mypage::sends(hanako, &WALK).await;
    hanako.says("申請が届きました");
    hanako.path.split('/').nth(2).expect("an id").to_owned()
}

/// 太郎 asks 花子 to agree to his form, and she agrees.
async fn agrees(taro: &mut Browser, hanako: &mut Browser) {
    let draft = cosigners::filled(taro, "two").await;
    taro.get(&format!("{draft}/cosigners")).await.is(200);
    cosigners::ask(taro, "hanako@example.jp").await;
    taro.is(200).says("返事待ち");
    hanako.get("/mypage").await.is(200);
    let html = hanako.html();
    let link = html.split("href=\"").find(|rest| rest.starts_with("/cosign/")).expect("a link");
    let link = link.split('"').next().expect("an address");
    hanako.get(link).await.is(200);
    hanako.submit(link, &[]).await.is(200).says("同意しました");
}

/// 花子 registers her address a second time.
async fn registers_again(zone: &Zone) -> Browser {
    let mut new = Browser::new(zone.running.public_addr);
    new.get("/register").await;
    new.submit("/register", &[("email", "hanako@example.jp")]).await.is(200);
    let path = path_in(&mail(zone, "hanako@example.jp", "/register/", 2).await);
    let fields =
        [("name.family", "未来"), ("name.given", "花子"), ("password", PASSWORD), ("agree", "yes")];
    new.get(&path).await.is(200);
    new.submit(&path, &fields).await.is(200).says("未来 花子さん");
    new
}

/// NF-17, NF-64: where a person may apply once, an account that is closed and registered anew is no second
/// turn; that something is kept for it is said before.
#[tokio::test(flavor = "multi_thread")]
async fn who_closes_an_account_has_no_second_turn() {
    let zone = Zone::open(clock()).await;
    let mut document = sample("koho-anketo");
    document.revision += 1;
    document.summary = Words::from("一人一回の調査です。");
    (document.export, document.routing, document.tests) = (None, Vec::new(), Vec::new());
    document.access.login = Login::Account;
    document.access.once_per =
        Some(OncePer { key: "account".to_owned(), window: Window::FiscalYear });
    document.pages = serde_json::from_value(serde_json::json!([
        {"id": "one", "title": "質問", "fields": [
            {"id": "q", "label": "ご意見", "kind": {"type": "text"}}]}]))
    .expect("it reads");
    published(&zone, &document).await;
    let mut hanako = hanako(&zone).await;
    hanako.get("/procedures/koho-anketo/start").await.is(200);
    hanako.submit("/start", &[]).await.is(200);
    hanako.submit("/pages/one", &[("q", "はい")]).await.is(200).says("内容の確認");
    hanako.submit("/submit", &[]).await.is(200).says("申請が届きました");
    hanako.get(PAGE).await.is(200).says("同じメールアドレスで二回目の申請はできません");
    hanako.submit(PAGE, &[("current", PASSWORD)]).await.is(200).says("退会しました");
    let mut new = registers_again(&zone).await;
    new.get("/procedures/koho-anketo/start").await;
    new.says("すでにこの手続きの申請が届いています");
    zone.close().await;
}

/// NF-17, NF-16: everything that ends and everything that stays is listed, the password is asked for, the
/// other people are told; afterwards nothing opens with the account any more, the application is found
/// with the numbers of the mail, and the same address registers anew.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_closed_and_what_was_sent_is_still_found() {
    let zone = Zone::open(clock()).await;
    let (mut hanako, mut taro) = (hanako(&zone).await, taro(&zone).await);
    let application = sends(&zone, &mut hanako).await;
    agrees(&mut taro, &mut hanako).await;
    hanako.get("/delegates/ask").await.is(200);
    let wish = [("email", "taro@example.jp"), ("until", "令和8年12月31日"), ("scope", "all")];
    hanako.submit("/delegates/ask", &wish).await.is(200).says("返事待ち");
    hanako.get("/procedures/juminhyo/start").await.is(200);
    hanako.submit("/start", &[]).await.is(200);

    hanako.get("/account").await.is(200);
    assert!(hanako.html().contains(&format!("href=\"{PAGE}\"")), "the way there");
    hanako.get(PAGE).await.is(200);
    for listed in [
        "なくなるもの",
        "住民票の写しの請求",
        "放課後児童クラブ",
        "taro@example.jp",
        "市に残るもの",
        "審査が終わっていない申請",
        "「市民講座の申込」受付番号：",
    ] {
        hanako.says(listed);
    }
    let wrong = [("current", "これはちがうパスワードのはずです")];
    hanako.submit(PAGE, &wrong).await.is(422).says("現在のパスワードが違います");
    hanako.get("/mypage").await.says("山田 花子さん");
    let mut other_window = hanako.clone();
    hanako.get(PAGE).await.is(200);
    hanako.submit(PAGE, &[("current", PASSWORD)]).await.is(200).says("退会しました");
    assert_eq!(hanako.path, "/account/closed");
    assert!(hanako.cookie("__Host-madoguchi").is_none());

    let told = mail(&zone, "hanako@example.jp", "利用者登録を削除しました", 1).await;
    let (number, secret) = numbers(&told);
    mail(&zone, "taro@example.jp", "利用者登録をやめました", 1).await;

    // Nothing opens with it any more: not the session of another window, not the password.
    other_window.get("/mypage").await;
    assert!(other_window.path.starts_with("/login"), "{}", other_window.path);
    let mut login = Browser::new(zone.running.public_addr);
    login.get("/login").await;
    let typed = [("email", "hanako@example.jp"), ("password", PASSWORD)];
    login.submit("/login", &typed).await.is(422).says("メールアドレスかパスワードが違います");
    taro.get("/delegates").await.is(200);
    assert!(!taro.text().contains("花子"), "{}", taro.text());

    let mut guest = Browser::new(zone.running.public_addr);
    guest.get("/lookup").await;
    guest.submit("/lookup", &[("number", &number), ("secret", &secret)]).await.is(200);
    assert_eq!(guest.path, format!("/applications/{application}"));
    state(&zone, &application, State::Accepted, "").await;
    guest.get(&format!("/applications/{application}")).await.is(200).says(&number);

    // The same address is new again, and brings nothing of before along.
    let mut new = registers_again(&zone).await;
    assert!(!new.text().contains("入力を続ける"), "{}", new.text());
    // What is not decided may be taken over by whoever proves the address.
    new.says("このメールアドレスで送信した申請や、入力途中の申請があります").says(&number);
    new.submit("/mypage/earlier", &[]).await.is(200).says("申請を引き継ぎました");
    new.get(&format!("/applications/{application}")).await.is(200).says(&number);
    zone.close().await;
}

/// NF-17: whoever has sent nothing gets a mail without numbers.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_anything_is_closed_too() {
    let zone = Zone::open(clock()).await;
    let mut hanako = hanako(&zone).await;
    hanako.get(PAGE).await.is(200).says("送信した申請はありません");
    hanako.submit(PAGE, &[("current", PASSWORD)]).await.is(200).says("退会しました");
    let told = mail(&zone, "hanako@example.jp", "利用者登録を削除しました", 1).await;
    assert!(!told.contains("受付番号"), "{told}");
    hanako.get("/account").await;
    assert!(hanako.path.starts_with("/login"), "{}", hanako.path);
    zone.close().await;
}
