//! The way of one application, through the town's real programs.

use domain::applications::ReceiptNumber;
use journeys::counter::{Counter, licence, photograph};
use journeys::papers;
use journeys::server_b;
use journeys::visitor::Attach;
use town::Order;

/// NF-4, NF-31, NF-32, NF-33, NF-34, NF-47, IK-2.1.2d1, IK-3.5.7b, NB-2.5, NF-29, IK-2.1.1a: an
/// application goes in, is sent back, corrected, decided, its document fetched, and its data picked
/// up by the business system. Of IK-2.1.1a the news of each step; news of useful services are not built.
#[tokio::test(flavor = "multi_thread")]
async fn one_application_goes_the_whole_way() {
    let counter = Counter::open();
    let picture = photograph();
    let script = papers::pdf_with_script("driving licence of Hanako");
    let second =
        Attach {
            input: "identity", name: "免許証.pdf", media: "application/pdf", bytes: &script
        };
    let (mut hanako, slip) = counter
        .applies_for_residence_record("未来", "hanako@example.jp", &[licence(&picture), second])
        .await;
    let told = counter.town.mail.wait_for("hanako@example.jp", 2);
    assert!(journeys::counter::readable(&told[1].raw).contains(&slip.number));
    hanako.follow("この申請の状況を見る").await.says("届きました");
    let mine = hanako.page.path.clone();

    // Staff of the right department see it, rebuilt; others do not.
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    let told = counter.town.mail.wait_for("shimin@mirai.lgwan.example", 1);
    let words = journeys::counter::readable(&told[0].raw);
    assert!(words.contains(&slip.number) && !words.contains("未来"), "{words}");
    clerk.page.says("未来").says("090-1234-5678").says("2通").says("無害化済");
    let desk = clerk.page.path.clone();
    let mut other = counter.staff("s0102").await;
    other.open(&desk).await;
    assert_eq!(other.page.status, 404, "another department may not even know of it");

    let rebuilt = papers::attachment_at(&mut clerk, &desk, 1).await;
    assert!(rebuilt.starts_with(b"%PDF-"));
    assert!(!contains(&rebuilt, b"JavaScript") && !contains(&rebuilt, b"/JS"));
    assert_eq!(papers::words_of(&rebuilt).trim(), "driving licence of Hanako");

    clerk.open(&desk).await;
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    counter.until(&mut hanako, &mine, "受付済み").await;
    counter.until(&mut hanako, &mine, "結果をお知らせする日の目安").await;
    clerk.press("審査を始める", &[]).await;
    counter.until(&mut hanako, &mine, "審査中").await;

    // Sent back: only what was flagged is open.
    clerk.follow("差し戻す").await;
    let asked = [("fields", "copies"), ("reason", "通数をもう一度確認してください。")];
    clerk.press("差し戻す", &asked).await.says("差戻し中");
    counter.until(&mut hanako, &mine, "通数をもう一度確認してください。").await;
    hanako.follow("修正する").await.says("通数").is_silent_on("証明書の種類");
    hanako.press("内容の確認へ進む", &[("copies", "3")]).await.says("3通");
    hanako.press("この内容で送り直す", &[]).await;
    counter.until(&mut clerk, &desk, "補正1回目").await;
    clerk.page.says("3通").says("補正前: 2通").says("審査中");

    // Decided; the document is issued and opened.
    clerk.follow("承認して結果を通知する").await;
    clerk.press("承認して結果を通知する", &[("kind", "designed"), ("note", "郵送します。")]).await;
    clerk.page.says("結果を通知しました");
    counter.until(&mut hanako, &mine, "受け取れる書類").await;
    let document = hanako.page.link("通知").expect("the document is listed");
    let pdf = hanako.open(&document).await.body.clone();
    let words = papers::words_of(&pdf);
    assert!(words.contains(&slip.number), "{words}");
    assert!(words.contains("みらい市長"), "{words}");
    verified_by_anybody(&counter, &slip.number, &words).await;
    clerk.open(&desk).await;
    clerk.press("完了にする", &[]).await;
    counter.until(&mut hanako, &mine, "完了").await;
    counter.until(&mut clerk, &desk, "申請者が開いた日時").await;

    // Out to the business system, and its receipt back.
    let mut administrator = counter.staff("s0001").await;
    administrator.open("/exports").await;
    counter.until(&mut administrator, "/exports/juminhyo", "未取込").await;
    let generation = server_b::first_generation(&counter, "juminhyo");
    let data = server_b::checked_data(&generation);
    assert!(contains(&data, slip.number.as_bytes()), "{}", String::from_utf8_lossy(&data));
    server_b::takes(&generation, 1);
    counter.until(&mut administrator, "/exports/juminhyo", "取込済").await;
    evidence_of_both_zones_agrees(&counter);
    each_step_was_told(&counter, "hanako@example.jp", &slip.number);
    counter.close();
}

/// NF-31: whoever is handed the paper finds on it where to check it, and the city's record says when it
/// was issued; with another code it says nothing.
async fn verified_by_anybody(counter: &Counter, number: &str, words: &str) {
    let page = format!("http://localhost:{}/verify", counter.town.citizens().port());
    assert!(words.contains(&page), "{words}");
    let (_, rest) = words.split_once("照合コード").expect("the code");
    let code: String = rest.trim_start().chars().take(11).collect();
    let mut anybody = counter.citizen().await;
    anybody.open(&format!("/verify?number={number}&code={code}")).await;
    anybody.press("照合する", &[]).await.says("市の発行の記録と合っています").says(number);
    anybody.page.is_silent_on("未来");
    anybody.open("/verify").await;
    let wrong = [("number", number), ("code", "00000-00000")];
    anybody.press("照合する", &wrong).await.is_silent_on("市の発行の記録と合っています");
}

/// NF-29: a request for correction and every new state come by mail in the language the applicant read
/// last, with the name of the procedure in that language, although staff wrote in Japanese. Which steps
/// are told cannot be set for a procedure: all are.
#[tokio::test(flavor = "multi_thread")]
async fn news_of_an_application_come_in_the_language_of_its_reader() {
    let counter = Counter::open();
    let picture = photograph();
    let citizen = counter.registered("gaikoku@example.jp").await;
    let (mut citizen, slip) =
        counter.applies_with_account(citizen, "外国", &[licence(&picture)]).await;
    citizen.open("/mypage?lang=en").await;
    let mail = |says: &str| mail_that_says(&counter, "gaikoku@example.jp", says);
    // What was sent in Japanese is answered in Japanese.
    assert!(mail("受付番号").contains(&slip.number));
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    clerk.follow("差し戻す").await;
    let asked = [("fields", "copies"), ("reason", "通数をもう一度確認してください。")];
    clerk.press("差し戻す", &asked).await.says("差戻し中");
    let correction = mail("needs to be corrected");
    assert!(correction.contains("Procedure: Request a copy of your"), "{correction}");
    assert!(correction.contains(&slip.number), "{correction}");
    assert!(!correction.contains("通数") && !correction.contains("受付番号"), "{correction}");

    citizen.open("/mypage?lang=ko").await;
    clerk.page.says("差戻し中");
    let desk = clerk.page.path.clone();
    let path = link_of(&correction);
    citizen.open(&format!("{path}/correction?lang=ja")).await;
    citizen.press("内容の確認へ進む", &[("copies", "3")]).await.says("3通");
    citizen.press("この内容で送り直す", &[]).await;
    citizen.open("/mypage?lang=ko").await;
    counter.until(&mut clerk, &desk, "補正1回目").await;
    clerk.press("受け付ける", &[]).await.says("受け付けました");
    let state = mail("절차:");
    assert!(state.contains(&slip.number), "{state}");
    assert!(!state.contains("手続き") && !state.contains("受付"), "{state}");
    counter.close();
}

/// The first mail to somebody that says this, once it comes.
fn mail_that_says(counter: &Counter, address: &str, says: &str) -> String {
    let mut come = 1;
    loop {
        let mails = counter.town.mail.wait_for(address, come);
        let mut mails = mails.iter().map(|mail| journeys::counter::readable(&mail.raw));
        match mails.find(|mail| mail.contains(says)) {
            Some(mail) => return mail,
            None => come += 1,
        }
    }
}

/// The path a mail leads to.
fn link_of(mail: &str) -> String {
    let line = mail.lines().find(|line| line.starts_with("http://")).expect("a link");
    format!("/{}", line.trim().splitn(4, '/').nth(3).expect("a path"))
}

/// Every step is told by a mail of its own (NF-29): where the application stands, that something is to
/// be mended and until when, that a document waits; never what was applied for.
fn each_step_was_told(counter: &Counter, address: &str, number: &str) {
    let wanted = [
        "「受付済み」です",
        "「審査中」です",
        "修正のお願いがあります",
        "「結果のお知らせ」です",
        "書類を受け取れます",
        "「完了」です",
    ];
    let mut come = 2 + wanted.len();
    loop {
        let mails = counter.town.mail.wait_for(address, come);
        let mails: Vec<String> =
            mails.iter().map(|mail| journeys::counter::readable(&mail.raw)).collect();
        let told = |words: &str| mails.iter().any(|it| it.contains(words) && it.contains(number));
        if wanted.iter().all(|words| told(words)) {
            assert!(mails.iter().all(|it| !it.contains("一番町") && !it.contains("090-1234")));
            return;
        }
        come = mails.len() + 1;
    }
}

/// NN-18, NS-2: an auditor's check of what both zones hand out.
fn evidence_of_both_zones_agrees(counter: &Counter) {
    let dir = tempfile::tempdir().expect("a folder");
    let [sent, taken] = ["i.jsonl", "l.jsonl"].map(|name| dir.path().join(name));
    for (zone, file) in [(Order::Internet, &sent), (Order::Lgwan, &taken)] {
        let file = file.to_str().expect("UTF-8");
        counter.town.order(zone, &["evidence", "-o", file]).expect("written");
    }
    let beside = ["--beside", taken.to_str().expect("UTF-8"), "--json"];
    let said = counter.town.order(Order::Verify(&sent), &beside).expect("it holds");
    let said: serde_json::Value = serde_json::from_str(&said).expect("JSON");
    let lane = |word: &str| {
        let all = said["agreements"].as_array().expect("a list");
        all.iter().find(|one| one["lane"] == word).expect("the lane").clone()
    };
    for word in ["raw", "pub.ctl", "pub.doc"] {
        assert!(lane(word)["both"].as_u64() >= Some(1), "{said}");
        assert_eq!(lane(word)["received_only"], 0, "{said}");
    }
}

/// NF-31, NF-64: one press, a second press and a press after going back give the
/// same receipt; nothing arrives twice.
#[tokio::test(flavor = "multi_thread")]
async fn pressing_twice_sends_once() {
    let counter = Counter::open();
    let picture = photograph();
    let citizen = counter.at_the_check("二度", "nido@example.jp", &[licence(&picture)]).await;
    let post = citizen.filled("この内容で申請する", &[], &[]);
    let mut tries = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let (mut citizen, post) = (citizen.clone(), post.clone());
        tries.spawn(async move {
            citizen.send(post).await;
            journeys::counter::slip(&citizen.page)
        });
    }
    let slips = tries.join_all().await;
    assert!(slips.iter().all(|slip| *slip == slips[0]), "{slips:?}");
    let mut clerk = counter.staff("s0101").await;
    counter.until(&mut clerk, "/inbox", &slips[0].number).await;
    assert_eq!(clerk.page.text().matches("二度").count(), 1);
    counter.close();
}

/// NF-32: a file that cannot be rebuilt, and that nobody looked at before it was
/// sent, is held; the application arrives all the same, and both sides read why.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_rebuilt_is_held_with_a_reason() {
    let counter = Counter::open_without_look_ahead();
    let broken = papers::broken_pdf();
    let file =
        Attach { input: "identity", name: "証明.pdf", media: "application/pdf", bytes: &broken };
    let (mut citizen, slip) =
        counter.applies_for_residence_record("保留", "horyu@example.jp", &[file]).await;
    let mut clerk = counter.staff("s0101").await;
    counter.takes_up(&mut clerk, &slip.number).await;
    clerk.page.says("保留").says("壊れているため、開けません。");
    citizen.follow("この申請の状況を見る").await;
    let mine = citizen.page.path.clone();
    counter.until(&mut citizen, &mine, "受け取れなかったファイル").await;
    citizen.page.says("ファイルが壊れているため");
    counter.close();
}

/// NF-31: a guest finds the application again with number and secret, and a wrong
/// secret says nothing about the number.
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_looks_up_with_number_and_secret() {
    let counter = Counter::open();
    let picture = photograph();
    let (_, slip) = counter
        .applies_for_residence_record("照会", "shokai@example.jp", &[licence(&picture)])
        .await;
    let mut elsewhere = counter.citizen().await;
    elsewhere.open("/lookup").await;
    let wrong = [("number", slip.number.as_str()), ("secret", "AAAA-AAAA-AAAA-AAAA")];
    elsewhere.press("確認する", &wrong).await.says("受付番号か確認用の番号が違います");
    let slipped = [("number", "2026-999999-9"), ("secret", "AAAA-AAAA-AAAA-AAAA")];
    elsewhere.press("確認する", &slipped).await.says("受付番号の数字がどこか違っています");
    let nobodys = ReceiptNumber::new(2026, 999_999).expect("a number").to_string();
    let unknown = [("number", nobodys.as_str()), ("secret", "AAAA-AAAA-AAAA-AAAA")];
    elsewhere.press("確認する", &unknown).await.says("受付番号か確認用の番号が違います");
    let right = [("number", slip.number.as_str()), ("secret", slip.secret.as_str())];
    elsewhere.press("確認する", &right).await.says("いまの状況").says(&slip.number);
    counter.close();
}

fn contains(hay: &[u8], needle: &[u8]) -> bool {
    hay.windows(needle.len()).any(|part| part == needle)
}
