//! What applicants and staff write to each other.

use bridge_contract::digest::Digest;
use bridge_contract::keys::SigningKey;
use bridge_contract::messages::{
    CitizenWrote, Declared, Delegate, DocumentOpened, FilesWritten, HoldReason, Outcome, Part,
    Rebuilt, Removed, ToStaff, Verdict,
};
use domain::ids::{AccountId, ApplicationId, AttachmentId, DocumentId};
use lgwan_zone_store::applications::{file, messages};
use lgwan_zone_store::notices::{self, MESSAGE};
use lgwan_zone_web::letters;
use platform_testkit::on_both_databases;

use crate::desk::{Desk, PNG, incoming};

/// How many messages an application has.
async fn kept(desk: &Desk, application: &ApplicationId) -> usize {
    let id = application.to_string();
    desk.store.read(move |db| messages::of(db, &id)).await.expect("readable").0.len()
}

fn wrote(application: &ApplicationId, number: u8, words: &str, by: Option<Delegate>) -> ToStaff {
    CitizenWrote {
        application_id: application.clone(),
        message_id: format!("message-{number}"),
        by,
        words: words.to_owned(),
        files: 0,
    }
    .into()
}

on_both_databases!(
    /// NF-33, NF-59: what an applicant writes stands with the application and on top of the inbox until
    /// somebody answers it or says that none is needed; staff of the department are told by mail,
    /// and nobody else sees it.
    an_applicant_is_answered,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_telling(&["accept"], &["shimin@mirai.lgwan.example"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let ToStaff::Submission(submission) = &sent.message.message else { panic!("one") };
        let application = submission.application_id.clone();
        desk.arrives(sent).await.expect("it arrives");
        let question = "いつごろ届きますか。<b>";
        let first = incoming(50, wrote(&application, 1, question, None), None, Vec::new(), Vec::new());
        desk.arrives(first.clone()).await.expect("taken in");
        desk.arrives(first).await.expect("passed over");
        let by = Delegate {
            id: AccountId::from_bits(7),
            display_name: "鈴木 太郎".to_owned(),
            email: "taro@example.jp".to_owned(),
        };
        let second = wrote(&application, 2, "代理の者です。", Some(by));
        let second = incoming(51, second, None, Vec::new(), Vec::new());
        desk.arrives(second).await.expect("taken in");

        let now = desk.clock.now().as_microsecond();
        let due = desk.store.read(move |db| notices::due(db, now, 10)).await.expect("readable");
        let mails: Vec<_> = due.iter().filter(|one| one.round == MESSAGE).collect();
        assert_eq!(mails.len(), 1, "one mail until it is sent");
        let (subject, body) = letters::written(mails[0], "https://shokuin.mirai.lgwan.example");
        assert!(subject.contains("メッセージが届きました"), "{subject}");
        assert!(!body.contains("いつごろ") && !body.contains("山田"), "{body}");

        let clerk = desk.logged_in("uketsuke").await;
        let path = format!("/applications/{application}");
        let inbox = clerk.get("/inbox").await.text();
        assert!(inbox.contains("返信を待っているメッセージ"), "{inbox}");
        assert!(inbox.contains(&format!("{path}#talk")), "{inbox}");
        assert!(inbox.contains("返信を待っているメッセージ（1件）"), "{inbox}");
        assert_eq!(inbox.matches("新しいメッセージ 2").count(), 2, "on top and in the list: {inbox}");
        let page = clerk.get(&path).await.text();
        assert!(page.contains("いつごろ届きますか。&#60;b&#62;"), "{page}");
        assert!(page.contains("代理人 鈴木 太郎") && page.contains("申請者が返信を待っています"));

        let action = format!("{path}/messages");
        let other = desk.logged_in("kodomo").await;
        assert!(!other.get("/inbox").await.text().contains("返信を待っている"));
        let fields = [("message", "横から"), ("key", "1")];
        assert_eq!(other.upload("/inbox", &action, &fields, None).await.status, 404);
        for bad in ["", " \n ", "a\u{7}", &"あ".repeat(1_001)] {
            let fields = [("message", bad), ("key", "1")];
            let answer = clerk.upload(&path, &action, &fields, None).await;
            assert_eq!(answer.status, 422, "{bad:?}");
            assert!(answer.text().contains("1文字以上、1,000文字以内"), "{}", answer.text());
        }
        assert_eq!(kept(&desk, &application).await, 2);
        let answer = [("message", "今週中に\r\n発送します。"), ("key", "1")];
        for _ in 0..2 {
            assert_eq!(clerk.upload(&path, &action, &answer, None).await.status, 303);
        }
        assert_eq!(kept(&desk, &application).await, 3, "pressed twice, sent once");
        // Another clerk who did not see it is told first, and what was typed stays.
        let colleague = desk.logged_in("shinsa").await;
        let second = [("message", "来週発送します。"), ("key", "2"), ("heard", "2")];
        let late = colleague.upload(&path, &action, &second, None).await;
        assert_eq!(late.status, 409);
        for words in ["まだ送っていません", "受付 三郎", "今週中に\n発送します。", ">来週発送します。</textarea>", "name=\"heard\" value=\"3\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        assert_eq!(kept(&desk, &application).await, 3);
        let page = clerk.get(&path).await.text();
        assert!(page.contains("今週中に\n発送します。") && !page.contains("返信を待っています"), "{page}");
        assert!(!clerk.get("/inbox").await.text().contains("返信を待っている"));

        let third = incoming(52, wrote(&application, 3, "ありがとう。", None), None, Vec::new(), Vec::new());
        desk.arrives(third).await.expect("taken in");
        assert!(clerk.get("/inbox").await.text().contains("返信を待っている"));
        let settled = clerk.upload(&path, &action, &[("do", "settle")], None).await;
        assert_eq!(settled.status, 303);
        let id = application.to_string();
        let (all, asks) = desk.store.read(move |db| messages::of(db, &id)).await.expect("readable");
        assert_eq!((all.len(), asks), (4, false));
        desk.closes().await;
    }
);

/// The files of a message as they come out of the bridge: one rebuilt, one held.
pub(crate) fn files(
    application: &ApplicationId,
    message: &str,
) -> (ToStaff, Vec<Verdict>, Vec<Part>) {
    let declared = |number: u128, name: &str| Declared {
        id: AttachmentId::from_bits(number),
        field: String::new(),
        name: name.to_owned(),
        media: "image/png".to_owned(),
        size: 8,
        sha256: Digest::of(name.as_bytes()),
    };
    let attachments = vec![declared(71, "診断書.png"), declared(72, "保護.pdf")];
    let rebuilt = Outcome::Rebuilt(Rebuilt {
        out_sha256: Digest::of(PNG),
        size: PNG.len() as u64,
        media: "image/png".to_owned(),
        name: "診断書.png".to_owned(),
        removed: vec![Removed { what: "metadata".to_owned(), place: String::new(), count: 1 }],
    });
    let key = SigningKey::generate().0;
    let outcomes = [rebuilt, Outcome::Held(HoldReason::Encrypted)];
    let verdict = |(file, outcome): (&Declared, Outcome)| {
        Verdict::sign(application, file.id.clone(), file.sha256, outcome, 1, &key)
    };
    let verdicts = attachments.iter().zip(outcomes).map(verdict).collect();
    let parts = vec![Part { attachment_id: AttachmentId::from_bits(71), bytes: PNG.to_vec() }];
    let sent = FilesWritten {
        application_id: application.clone(),
        message_id: message.to_owned(),
        attachments,
    };
    (sent.into(), verdicts, parts)
}

on_both_databases!(
    /// NF-32, NF-33: staff read a message before its files are rebuilt; those come into the thread with
    /// what was taken out or why one is held, once, and are opened like the files of the form.
    files_of_a_message_come_behind_it,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let application = sent.message.message.application().expect("one").clone();
        desk.arrives(sent).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        let path = format!("/applications/{application}");

        let (lost, verdicts, parts) = files(&application, "message-9");
        let lost = incoming(59, lost, None, verdicts, parts);
        assert!(desk.arrives(lost).await.expect_err("set aside").contains("message"), "no such message");
        let words = CitizenWrote {
            application_id: application.clone(),
            message_id: "message-1".to_owned(),
            by: None,
            words: "診断書を送ります。".to_owned(),
            files: 2,
        };
        desk.arrives(incoming(60, words.into(), None, Vec::new(), Vec::new())).await.expect("in");
        let page = clerk.get(&path).await.text();
        assert!(page.contains("診断書を送ります。"), "{page}");
        assert!(page.contains("添付ファイル2個を無害化しています"), "{page}");

        let (enclosed, verdicts, parts) = files(&application, "message-1");
        let enclosed = incoming(61, enclosed, None, verdicts, parts);
        desk.arrives(enclosed.clone()).await.expect("taken in");
        desk.arrives(enclosed).await.expect("passed over");
        let page = clerk.get(&path).await.text();
        assert!(!page.contains("無害化しています"), "{page}");
        assert_eq!(page.matches("<strong class=\"break\">診断書.png").count(), 1, "{page}");
        assert!(page.contains("保護.pdf") && page.contains("パスワード"), "why it is held: {page}");
        assert!(page.contains("添付ファイルはありません"), "the form has none: {page}");
        let file = format!("{path}/attachments/{}", AttachmentId::from_bits(71));
        let opened = clerk.get(&format!("{file}/view")).await;
        assert_eq!((opened.status.as_u16(), &opened.bytes[..]), (200, PNG));
        let held = format!("{path}/attachments/{}", AttachmentId::from_bits(72));
        assert_eq!(clerk.get(&held).await.status, 404, "nothing of it is here");
        let other = desk.logged_in("kodomo").await;
        assert_eq!(other.get(&file).await.status, 404);
        stand_in_lists_and_interface(&desk, &application).await;
        desk.closes().await;
    }
);

/// NF-24, NF-33, IK-2.1.2d2: the list of the desk, its CSV and the interface for business systems have what
/// came with a message, and no longer as new once somebody answered.
async fn stand_in_lists_and_interface(desk: &Desk, application: &ApplicationId) {
    let clerk = desk.logged_in("uketsuke").await;
    let inbox = clerk.get("/inbox").await.text();
    assert!(inbox.contains("新しいメッセージ 1（ファイル2）"), "{inbox}");
    let sheet = clerk.get("/inbox/export/file").await.text();
    let mut lines = sheet.lines();
    let heads: Vec<&str> = lines.next().expect("heads").split(',').collect();
    let at = heads.iter().position(|head| head.contains("申請者のメッセージ数")).expect("a column");
    let cells: Vec<&str> = lines.next().expect("a line").split(',').collect();
    assert_eq!(
        (cells[at].trim_matches('"'), cells[at + 1].trim_matches('"')),
        ("1", "2"),
        "{sheet}"
    );

    let system = desk.able().await;
    let told = system.get(&format!("/api/v1/applications/{application}")).await.json();
    crate::api::fits("Application", &told);
    assert_eq!(told["asks"], true);
    assert_eq!(told["files"], serde_json::json!([]), "the form has none");
    let message = &told["messages"][0];
    assert_eq!(
        (&message["by"], &message["words"]),
        (&"applicant".into(), &"診断書を送ります。".into())
    );
    let files = message["files"].as_array().expect("files");
    assert_eq!(files.len(), 2);
    let outcomes: Vec<&str> = files.iter().filter_map(|one| one["outcome"].as_str()).collect();
    assert_eq!(outcomes, ["rebuilt", "held"]);
    let id = files[0]["id"].as_str().expect("an id");
    let taken = system.get(&format!("/api/v1/applications/{application}/files/{id}")).await;
    assert_eq!(&taken.bytes[..], PNG);

    let (path, action) =
        (format!("/applications/{application}"), format!("/applications/{application}/messages"));
    let fields = [("message", "受け取りました。"), ("key", "9")];
    assert_eq!(clerk.upload(&path, &action, &fields, None).await.status, 303);
    assert!(!clerk.get("/inbox").await.text().contains("新しいメッセージ"));
    let told = system.get(&format!("/api/v1/applications/{application}")).await.json();
    assert_eq!((&told["asks"], &told["messages"][1]["by"]), (&false.into(), &"staff".into()));
}

on_both_databases!(
    /// NF-31, NF-33: staff send files with an answer, once however often it is pressed; what cannot be
    /// sent is told at the input and the words stay; when the applicant opened a file stands beside it.
    staff_send_files_with_an_answer,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let application = sent.message.message.application().expect("one").clone();
        desk.arrives(sent).await.expect("it arrives");
        let clerk = desk.logged_in("uketsuke").await;
        let path = format!("/applications/{application}");
        let action = format!("{path}/messages");
        let fields = [("message", "様式を送ります。"), ("key", "1")];
        let large = vec![b'x'; 10_000_001];
        for (name, bytes, told) in [
            ("空.pdf", &b""[..], "「空.pdf」は中身が空です"),
            ("様式.exe", b"MZ", "「様式.exe」は送れない種類"),
            ("偽.pdf", b"%PDF-1.7 cut off", "「偽.pdf」は送れない種類"),
            ("大.pdf", &large, "「大.pdf」は10MBより大きい"),
        ] {
            let answer = clerk.upload(&path, &action, &fields, Some(("files", name, bytes))).await;
            assert_eq!(answer.status, 422, "{name}");
            let page = answer.text();
            assert!(page.contains(told) && page.contains("様式を送ります。</textarea>"), "{page}");
        }
        let pdf: &[u8] = b"%PDF-1.7 form %%EOF";
        let four = [("files", "1.pdf", pdf); 4];
        let answer = clerk.upload_all(&path, &action, &fields, &four).await;
        assert_eq!(answer.status, 422);
        assert!(answer.text().contains("ファイルは3個まで"), "{}", answer.text());
        assert_eq!(kept(&desk, &application).await, 0, "nothing was sent");

        let two = [("files", "様式.pdf", pdf), ("files", "記入例.docx", &b"PK\x03\x04 example"[..])];
        for _ in 0..2 {
            assert_eq!(clerk.upload_all(&path, &action, &fields, &two).await.status, 303);
        }
        let id = application.to_string();
        let read = desk.store.read(move |db| {
            Ok((messages::of(db, &id)?.0, messages::files_of(db, &id)?.1, file::whole(db, &id)?))
        });
        let (all, documents, whole) = read.await.expect("readable");
        assert_eq!((all.len(), documents.len()), (1, 2), "pressed twice, sent once");
        assert!(whole.expect("it is there").documents.is_empty(), "nothing was issued");
        let page = clerk.get(&path).await.text();
        assert!(page.contains("様式.pdf") && page.contains("記入例.docx"), "{page}");
        let form = documents.iter().find(|one| one.file_name == "様式.pdf").expect("it is kept");
        let document = format!("{path}/documents/{}", form.id);
        assert_eq!(&clerk.get(&document).await.bytes[..], pdf);

        let opened = DocumentOpened {
            application_id: application.clone(),
            document_id: DocumentId::parse(&form.id).expect("an id"),
            at: desk.clock.now(),
        };
        let opened = incoming(70, opened.into(), None, Vec::new(), Vec::new());
        desk.arrives(opened).await.expect("taken in");
        let page = clerk.get(&path).await.text();
        let talk = page.split("id=\"talk\"").nth(1).expect("the thread");
        assert!(talk.contains("申請者が開いた日時"), "{talk}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-33: words a department uses again and again are kept for it, filled into a message with number and
    /// procedure, changed and dropped; another department has none of them.
    words_of_the_department_are_filled_in,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes(&["accept", "review", "notify"]).await;
        let sent = desk.submission(("山田", "花子"), &[]).await;
        let number = sent.message.arrival.clone().and_then(|one| one.number).expect("a number");
        let id = sent.message.message.application().expect("a submission").to_string();
        desk.arrives(sent).await.expect("taken in");
        let clerk = desk.logged_in("uketsuke").await;
        let all = "/inbox/phrases";
        let words = "{procedure}({number})の書類を送ってください。";
        let fields = [("title", "書類のお願い"), ("words", words)];
        let kept = clerk.post(all, all, &fields).await;
        assert_eq!(kept.location(), "/inbox/phrases?said=phrase_kept", "{}", kept.text());
        let twice = clerk.post(all, all, &fields).await;
        assert_eq!(twice.status, 422);
        assert!(twice.text().contains("同じ題名の定型文があります"));
        let empty = clerk.post(all, all, &[("title", ""), ("words", "")]).await.text();
        assert!(empty.contains("題名を40文字以内で"), "{empty}");

        let list = clerk.get(all).await.text();
        let phrase = list.split("?change=").nth(1).and_then(|rest| rest.split('#').next());
        let phrase = phrase.expect("a link").to_owned();
        let page = clerk.get(&format!("/applications/{id}?phrase={phrase}")).await.text();
        let filled = format!("住民票の写しの請求({number})の書類を送ってください。</textarea>");
        assert!(page.contains(&filled), "{page}");

        let other = desk.logged_in("kodomo").await;
        assert!(!other.get(all).await.text().contains("書類のお願い"));
        let foreign = [("id", phrase.as_str()), ("title", "x"), ("words", "y")];
        assert_eq!(other.post(all, all, &foreign).await.status, 404);
        assert_eq!(other.post(all, &format!("{all}/{phrase}"), &[]).await.status, 404);

        let changed =
            [("id", phrase.as_str()), ("title", "お願い"), ("words", "書類をお願いします。")];
        assert_eq!(clerk.post(all, all, &changed).await.status, 303);
        assert!(clerk.get(all).await.text().contains("書類をお願いします。"));
        clerk.post(all, &format!("{all}/{phrase}"), &[]).await;
        assert!(clerk.get(all).await.text().contains("定型文はまだありません"));
        desk.closes().await;
    }
);
