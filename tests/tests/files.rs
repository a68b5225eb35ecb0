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
