//! What citizens attach: looked at before it is sent, told in words, rebuilt.

use journeys::counter::Counter;
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
