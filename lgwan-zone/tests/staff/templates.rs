//! 通知文のひな形: made by those who design, used for one result and for many (NF-47).

use std::process::Command;

use domain::ids::ApplicationId;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::{self, Filter};
use lgwan_zone_store::templates::{self, Template};
use platform_testkit::on_both_databases;

use crate::backup::shelved;
use crate::batches::ended;
use crate::browser::{Answer, Browser};
use crate::city::{self, CITIZENS, COPY};
use crate::desk::{Desk, answer};

const LIST: &str = "/procedures/templates";
const FORM: &str = "/procedures/templates/form";
/// Another procedure of 市民課.
const OTHER: &str = "00000000000000000000000012";

const BODY: &str = "{name} 様の{procedure}({number})です。\n{if kind == 'all'}\n世帯全員の写しを交付します。\n\
                    {else}\n{answer:kind}の写しを交付します。\n{end}\n使いみち:{answer:reason}";

async fn on(url: &str) -> Desk {
    let desk = Desk::on(url, tempfile::tempdir().expect("a folder")).await;
    desk.publishes(&["accept", "review", "notify"]).await;
    desk
}

/// Keeps a text of a procedure or department.
async fn keeps(manager: &Browser, owner: &str, more: &[(&str, &str)]) -> Answer {
    let form = format!("{FORM}?for={owner}");
    let mut fields = vec![
        ("for", owner),
        ("name", "交付決定"),
        ("title", "{procedure}の決定"),
        ("addressee", "{name} 様"),
        ("body", BODY),
        ("note", "{number}の文書です。"),
    ];
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend(more);
    manager.post(&form, LIST, &fields).await
}

async fn stored(desk: &Desk) -> Vec<Template> {
    let of = ([CITIZENS.to_owned()], [COPY.to_owned(), OTHER.to_owned()]);
    desk.store.read(move |db| templates::of(db, &of.0, &of.1)).await.expect("readable")
}

/// An application under review: of whom, and which copies.
async fn reviewed(desk: &Desk, clerk: &Browser, name: &str, kind: &str) -> ApplicationId {
    let name = name.split_once(' ').expect("two names");
    let mut sent = desk.submission(name, &[]).await;
    answer(&mut sent, "kind", kind);
    let id = sent.message.message.application().expect("a submission").clone();
    desk.arrives(sent).await.expect("taken in");
    let page = format!("/applications/{id}");
    for (step, seen) in [("accept", "1"), ("review", "2")] {
        let done = clerk.post(&page, &format!("{page}/{step}"), &[("seen", seen)]).await;
        assert_eq!(done.status, 303, "{}", done.text());
    }
    id
}

/// What a PDF says.
fn said(pdf: &[u8]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.pdf");
    std::fs::write(&path, pdf).expect("written");
    let out = Command::new("pdftotext").arg(&path).arg("-").output().expect("pdftotext");
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// What was issued about an application: title, what it says, and how it ended.
async fn issued(desk: &Desk, id: &ApplicationId) -> (Vec<(String, String)>, String) {
    let id = id.to_string();
    let whole = desk.store.read(move |db| file::whole(db, &id)).await.expect("readable");
    let whole = whole.expect("it is there");
    let files = platform_store::files::Files::open(&desk.config.folders.files).expect("files");
    let documents = whole
        .documents
        .iter()
        .map(|one| (one.title.clone(), said(&files.get(&one.file_id).expect("a file"))));
    (documents.collect(), whole.application.state)
}

on_both_databases!(
    /// NF-47, NB-2.5: a manager makes a text for results with answers and conditions; what does not read
    /// is told with its line and everything stays; two managers do not overwrite each other; a clerk
    /// uses it for one result, may change it there, and cannot change the text.
    a_text_for_results_is_designed_and_used,
    |url: String| async move {
        let desk = on(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let owner = format!("p:{COPY}");
        let page = manager.get(&format!("{FORM}?for={owner}")).await.text();
        for words in ["{answer:kind}", "写しの種類", "{number}", "住民票の写しの請求"] {
            assert!(page.contains(words), "{words}: {page}");
        }
        assert!(!page.contains("{answer:proof}"), "a file has no words: {page}");
        for (name, value, told) in [
            ("body", "よい\n{nmae} 様", "2行目"),
            ("body", "{answer:proof}", "proofという質問"),
            ("body", "{if kind == 'most'}\nあ\n{end}", "条件が読み取れません"),
            ("body", "{if kind == 'all'}\nあ", "条件の終わりの行がありません"),
            ("body", "{if kind == 'all'}\n{if kind == 'all'}\n{end}", "別の条件は入れられません"),
            ("body", "あ\n{end}", "対応する条件の行がありません"),
            ("body", "", "本文を入力してください"),
            ("name", "", "ひな形の名前は1文字以上"),
            ("title", &"長".repeat(101), "長すぎます"),
        ] {
            let bad = keeps(&manager, &owner, &[(name, value)]).await;
            assert_eq!(bad.status, 422, "{value}");
            assert!(bad.text().contains(told), "{told}: {}", bad.text());
            assert!(bad.text().contains("{number}の文書です。"), "the rest stays: {}", bad.text());
        }
        let for_all = keeps(&manager, &format!("d:{CITIZENS}"), &[]).await;
        assert_eq!(for_all.status, 422);
        assert!(for_all.text().contains("1つの手続のひな形でだけ"), "{}", for_all.text());
        assert!(stored(&desk).await.is_empty());

        // The sample has both parts and the names of what will stand there.
        let fields = [("for", owner.as_str()), ("title", "決定"), ("addressee", ""), ("body", BODY), ("note", "")];
        let sample = manager.post(LIST, &format!("{LIST}/preview"), &fields).await;
        assert_eq!(sample.status, 200, "{}", sample.text());
        let text = said(&sample.bytes);
        for words in ["世帯全員の写し", "［写しの種類］の写し", "［申請者名］様"] {
            assert!(text.contains(words), "{words}: {text}");
        }

        let kept = keeps(&manager, &owner, &[]).await;
        assert_eq!(kept.location(), format!("{LIST}?said=template_kept"));
        let taken = keeps(&manager, &owner, &[]).await;
        assert!(taken.text().contains("同じ名前のひな形があります"), "{}", taken.text());
        let template = stored(&desk).await.remove(0);
        let other = desk.logged_in("tetsuzuki").await;
        let changed = [("id", template.id.as_str()), ("version", "1"), ("title", "決定のお知らせ")];
        assert_eq!(keeps(&manager, &owner, &changed).await.status, 303);
        let late = [("id", template.id.as_str()), ("version", "1"), ("note", "窓口へ")];
        let late = keeps(&other, &owner, &late).await;
        assert_eq!(late.status, 409);
        for words in ["手続 二子", "決定のお知らせ", "窓口へ", "name=\"version\" value=\"2\""] {
            assert!(late.text().contains(words), "{words}: {}", late.text());
        }
        let moved = [("id", template.id.as_str()), ("version", "1"), ("for", &format!("d:{CITIZENS}"))];
        assert_eq!(keeps(&manager, &owner, &moved).await.status, 404, "a text stays where it is");

        // A clerk uses it and cannot change it.
        let clerk = desk.logged_in("uketsuke").await;
        assert_eq!(clerk.get(LIST).await.status, 403);
        let id = reviewed(&desk, &clerk, "山田 花子", "part").await;
        let result = format!("/applications/{id}/result");
        let page = clerk.get(&result).await.text();
        assert!(page.contains("交付決定") && !page.contains("世帯の一部の写しを"), "{page}");
        let filled = clerk.get(&format!("{result}?template={}", template.id)).await.text();
        for words in ["世帯の一部の写しを交付します。", "使いみち:銀行の手続きのため", "決定のお知らせ", "山田 花子 様", "の文書です。"] {
            assert!(filled.contains(words), "{words}: {filled}");
        }
        assert!(!filled.contains("世帯全員の写し") && !filled.contains("{if"), "{filled}");

        // The procedure goes on without the question: the text says so and is not used.
        desk.publishes_with(|one| {
            one["revision"] = 2.into();
            let fields = one["pages"][1]["fields"].as_array_mut().expect("fields");
            fields.retain(|field| field["id"] != "reason");
        })
        .await;
        let list = manager.get(LIST).await.text();
        assert!(list.contains("使えません") && list.contains("reasonという質問"), "{list}");
        let filled = clerk.get(&format!("{result}?template={}", template.id)).await.text();
        assert!(filled.contains("使いみち:銀行"), "what was applied for before is as it was: {filled}");
        let newer = reviewed(&desk, &clerk, "山田 花子", "part").await;
        let refused = clerk.get(&format!("/applications/{newer}/result?template={}", template.id)).await;
        assert!(refused.text().contains("この申請では使えません"), "{}", refused.text());

        let dropped = manager.post(LIST, &format!("{LIST}/{}", template.id), &[]).await;
        assert_eq!(dropped.location(), format!("{LIST}?said=template_dropped"));
        assert!(stored(&desk).await.is_empty());
        let filter = Filter { object: Some(format!("template:{}", template.id)), ..Filter::default() };
        let log = desk.store.read(move |db| audit::search(db, &filter, 9)).await.expect("a log");
        let acts: Vec<&str> = log.iter().rev().map(|one| one.event.act.as_str()).collect();
        assert_eq!(acts, ["templates.kept", "templates.kept", "templates.dropped"]);
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-36, NF-47: one text tells the results of many, each with its own document; whoever cannot be
    /// printed, was changed meanwhile or applied for something else is named and stays as it is.
    many_results_are_told_by_one_text,
    |url: String| async move {
        let desk = on(&url).await;
        desk.publishes_with(|one| {
            one["id"] = OTHER.into();
            one["slug"] = "tekishutsu".into();
        })
        .await;
        let manager = desk.logged_in("tetsuzuki").await;
        assert_eq!(keeps(&manager, &format!("p:{COPY}"), &[]).await.status, 303);
        let elsewhere = [("name", "よその決定"), ("body", "決定します。")];
        assert_eq!(keeps(&manager, &format!("p:{OTHER}"), &elsewhere).await.status, 303);
        let all = stored(&desk).await;
        let of = |name: &str| all.iter().find(|one| one.name == name).expect("kept").id.clone();
        let (text, wrong) = (of("交付決定"), of("よその決定"));

        let clerk = desk.logged_in("uketsuke").await;
        let whole = reviewed(&desk, &clerk, "山田 花子", "all").await;
        let part = reviewed(&desk, &clerk, "鈴木 一郎", "part").await;
        let odd = reviewed(&desk, &clerk, "\u{e000} 三郎", "all").await;
        let moved = reviewed(&desk, &clerk, "佐藤 次郎", "all").await;
        let inbox = clerk.get("/inbox").await.text();
        assert!(inbox.contains("交付決定") && inbox.contains("value=\"notify_chosen\""), "{inbox}");

        // A text of another procedure does nothing; nothing chosen, nothing done.
        let wish = [("do", "notify"), ("back", ""), ("template", wrong.as_str())];
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let looked = clerk.get(&path).await.text();
        assert!(looked.contains("このひな形の手続の申請ではありません"), "{looked}");
        assert!(!looked.contains("value=\"start\""), "nothing to begin: {looked}");
        let none = [("do", "notify_chosen"), ("back", ""), ("template", text.as_str())];
        let none = clerk.post("/inbox", "/inbox/batches", &none).await.location();
        assert!(none.ends_with("said=none_chosen"), "{none}");
        let stranger = desk.logged_in("kodomo").await;
        let theirs = [("do", "notify"), ("back", ""), ("template", text.as_str())];
        let none = stranger.post("/inbox", "/inbox/batches", &theirs).await.location();
        assert!(none.ends_with("said=none_chosen"), "not theirs: {none}");

        let stored_files = || shelved(&desk.config.folders.files).len();
        let before = stored_files();
        let chosen: Vec<String> =
            [&whole, &part, &odd, &moved].iter().map(|id| format!("{id}:3")).collect();
        let mut wish = vec![("do", "notify_chosen"), ("back", ""), ("template", text.as_str())];
        wish.extend(chosen.iter().map(|one| ("one", one.as_str())));
        let path = clerk.post("/inbox", "/inbox/batches", &wish).await.location();
        let looked = clerk.get(&path).await.text();
        assert!(looked.contains("4件のうち4件を処理できます") && looked.contains("「交付決定」"), "{looked}");
        let sample = clerk.get(&format!("{path}/rows/2")).await;
        let words = said(&sample.bytes);
        assert!(words.contains("鈴木一郎様") && words.contains("世帯の一部の写し"), "{words}");
        let odd_sample = clerk.get(&format!("{path}/rows/3")).await;
        assert_eq!(odd_sample.status, 409);
        assert!(odd_sample.text().contains("文書に使えない文字"), "{}", odd_sample.text());
        assert_eq!(clerk.get(&format!("{path}/rows/9")).await.status, 404);
        assert_eq!(stranger.get(&format!("{path}/rows/2")).await.status, 404);

        // The text is changed and a colleague goes on with one before the button is pressed.
        let other = desk.logged_in("shinsa").await;
        let changed = [("id", text.as_str()), ("version", "1"), ("body", "別の文です。")];
        assert_eq!(keeps(&manager, &format!("p:{COPY}"), &changed).await.status, 303);
        let page = format!("/applications/{moved}");
        let reject = [("reason", "要件を満たさないため"), ("seen", "3")];
        assert_eq!(other.post(&page, &format!("{page}/reject"), &reject).await.status, 303);
        assert_eq!(clerk.post(&path, &path, &[("do", "start")]).await.status, 303);
        let mut done = clerk.get(&path).await;
        for _ in 0..5_000 {
            if !done.headers.contains_key("refresh") {
                break;
            }
            done = clerk.get(&path).await;
        }
        let done = done.text();
        for words in ["2件を処理しました", "文書に使えない文字があります", "ほかの職員が変更しました"] {
            assert!(done.contains(words), "{words}: {done}");
        }
        let (documents, state) = issued(&desk, &whole).await;
        assert_eq!((documents.len(), state.as_str()), (1, "notified"));
        assert_eq!(documents[0].0, "住民票の写しの請求の決定");
        for words in ["山田花子様", "世帯全員の写しを交付します。", "銀行の手続きのため", "照合コード"] {
            assert!(documents[0].1.contains(words), "as it was looked at, {words}: {}", documents[0].1);
        }
        let (documents, _) = issued(&desk, &part).await;
        assert!(documents[0].1.contains("鈴木一郎様") && documents[0].1.contains("世帯の一部の写し"));
        assert_eq!(issued(&desk, &odd).await, (Vec::new(), "reviewing".to_owned()));
        assert_eq!(issued(&desk, &moved).await, (Vec::new(), "rejected".to_owned()));
        assert_eq!(stored_files(), before + 2, "no file is left for what was not told");
        let shown = clerk.get(&format!("/applications/{whole}")).await.text();
        assert!(shown.contains("の文書です。"), "the applicant reads the note: {shown}");

        // What was told stays told.
        let undo = clerk.post(&path, &path, &[("do", "undo")]).await.location();
        let undo = clerk.get(&undo).await.text();
        assert!(undo.contains("結果を申請者に通知したため、取り消せません"), "{undo}");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-47, NF-34: a notice of a refusal says why and where and until when somebody may object (行政手続法8条,
    /// 行政不服審査法82条), whatever was answered: a text without is not kept, and what is issued has both, with the
    /// authority of the department from the settings.
    a_refusal_says_why_and_where_to_object,
    |url: String| async move {
        let desk = on(&url).await;
        let manager = desk.logged_in("tetsuzuki").await;
        let owner = format!("p:{COPY}");
        let new = manager.get(&format!("{FORM}?for={owner}&kind=refusal")).await.text();
        assert!(new.contains("{reason}") && new.contains("{remedy}"), "{new}");
        let refusal = ("kind", "refusal");
        for (body, told) in [
            ("認めません。\n{remedy}", "行政手続法8条"),
            ("認めません。\n{reason}", "行政不服審査法82条"),
            ("{reason}\n{if kind == 'all'}\n{remedy}\n{end}", "行政不服審査法82条"),
        ] {
            let bad = keeps(&manager, &owner, &[refusal, ("name", "却下通知"), ("body", body)]).await;
            assert_eq!(bad.status, 422, "{body}");
            assert!(bad.text().contains(told), "{told}: {}", bad.text());
        }
        let result = keeps(&manager, &owner, &[("body", "{remedy}")]).await;
        assert!(result.text().contains("却下・不受理の通知文の本文でだけ"), "{}", result.text());
        let body = "認めません。\n理由\n{reason}\n教示\n{remedy}";
        let good = [refusal, ("name", "却下通知"), ("title", "却下の通知"), ("body", body)];
        assert_eq!(keeps(&manager, &owner, &good).await.status, 303);
        let template = stored(&desk).await.remove(0).id;

        let clerk = desk.logged_in("uketsuke").await;
        let id = reviewed(&desk, &clerk, "山田 花子", "part").await;
        let page = format!("/applications/{id}");
        let results = clerk.get(&format!("{page}/result")).await.text();
        assert!(!results.contains("却下通知"), "it tells no result: {results}");
        let path = format!("{page}/reject");
        let form = clerk.get(&path).await.text();
        assert!(form.contains(&format!("value=\"{template}\" selected")), "{form}");
        let fields = [("seen", "3"), ("reason", "要件を満たさないため"), ("notice", template.as_str())];
        let looked: Vec<_> = fields.iter().copied().chain([("do", "preview")]).collect();
        let sample = clerk.post(&path, &path, &looked).await;
        assert_eq!(sample.status, 200, "{}", sample.text());
        let sample = said(&sample.bytes);
        assert!(sample.contains("要件を満たさないため"));
        assert!(sample.contains("発行するときに入ります"), "no code before it is decided: {sample}");
        let nothing = [("seen", "3"), ("reason", "要件を満たさないため"), ("notice", ""), ("do", "preview")];
        assert_eq!(clerk.post(&path, &path, &nothing).await.status, 422, "nothing to look at, nothing told");
        let gone = [("seen", "3"), ("reason", "要件を満たさないため"), ("notice", COPY)];
        assert_eq!(clerk.post(&path, &path, &gone).await.status, 422);
        let late = [("seen", "2"), ("reason", "要件を満たさないため"), ("notice", template.as_str())];
        assert_eq!(clerk.post(&path, &path, &late).await.status, 409);
        let told = clerk.post(&path, &path, &fields).await;
        assert_eq!(told.status, 303, "{}", told.text());
        let (documents, state) = issued(&desk, &id).await;
        assert_eq!(state, "rejected");
        let [(title, text)] = &documents[..] else { panic!("{documents:?}") };
        assert_eq!(title, "却下の通知");
        for words in ["要件を満たさないため", "3か月以内に、みらい市長に対して審査請求", "みらい市を被告として", "6か月以内"] {
            assert!(text.contains(words), "{words}: {text}");
        }
        let remedies = desk.config.remedy.as_ref().expect("a setting").remedies();
        assert!(remedies.of("kodomo").contains("みらい市教育委員会に対して"), "another authority");
        desk.closes().await;
    }
);

on_both_databases!(
    /// NF-34, NF-36, NF-47, IK-2.1.2d2: by whatever way somebody is refused, the notice says why and where to object;
    /// where the procedure wants one, nothing is refused without it, and each way says so.
    every_refusal_carries_the_instruction,
    |url: String| async move {
        let desk = Desk::on(&url, tempfile::tempdir().expect("a folder")).await;
        desk.publishes_with(|one| one["workflow"]["refusal_notice"] = "required".into()).await;
        let system = desk.able().await;
        let clerk = desk.logged_in("uketsuke").await;
        let mut ids = Vec::new();
        for name in ["山田 花子", "鈴木 一郎", "佐藤 次郎"] {
            ids.push(reviewed(&desk, &clerk, name, "part").await);
        }
        let [page, key, batch] = &ids[..] else { panic!("{ids:?}") };
        let why = "要件を満たさないため";
        let reject = format!("/applications/{page}/reject");
        let form = clerk.get(&reject).await.text();
        assert!(form.contains("教示のある通知書を付けないと、却下・不受理にできません"), "{form}");
        let bare = clerk.post(&reject, &reject, &[("seen", "3"), ("reason", why)]).await;
        assert_eq!(bare.status, 422);
        assert!(bare.text().contains("教示のある通知書を付けてください"), "{}", bare.text());
        let asked = format!("/api/v1/applications/{key}/reject");
        let body = serde_json::json!({ "reason": why });
        let bare = system.post(&asked, "reject-bare-1", 3, Some(body.clone())).await;
        assert_eq!(bare.refused(409), "api.no_notice");
        let chosen = format!("{batch}:3");
        let batched = async || {
            let fields = [("one", &*chosen), ("do", "reject_chosen")];
            let path = clerk.post("/inbox", "/inbox/batches", &fields).await.location();
            let start = [("do", "start"), ("reason", why)];
            assert_eq!(clerk.post(&path, &path, &start).await.status, 303);
            ended(&clerk, &path).await
        };
        let said = batched().await;
        assert!(said.contains("通知文のひな形がありません"), "{said}");
        for id in &ids {
            assert_eq!(issued(&desk, id).await.1, "reviewing", "nobody was refused");
        }

        let manager = desk.logged_in("tetsuzuki").await;
        let mut newer = city::definition(&["accept", "review", "notify"]);
        newer["revision"] = 2.into();
        newer["workflow"]["refusal_notice"] = "required".into();
        let (import, newer) = ("/procedures/import", newer.to_string());
        let publishes = manager.upload(import, import, &[("text", &newer)], None).await.location();
        let missing = "市民課には却下・不受理の通知文のひな形がありません";
        assert!(manager.get(&publishes).await.text().contains(missing));
        let body_of = "認めません。\n理由\n{reason}\n教示\n{remedy}";
        let text = [("kind", "refusal"), ("name", "却下通知"), ("title", "却下の通知"), ("body", body_of)];
        assert_eq!(keeps(&manager, &format!("p:{COPY}"), &text).await.status, 303);
        let template = stored(&desk).await.remove(0).id;
        assert!(!manager.get(&publishes).await.text().contains(missing));
        let form = clerk.get(&reject).await.text();
        assert!(!form.contains("付けない</option>"), "{form}");
        let fields = [("seen", "3"), ("reason", why), ("notice", template.as_str())];
        assert_eq!(clerk.post(&reject, &reject, &fields).await.status, 303);
        let done = system.post(&asked, "reject-whole-1", 3, Some(body)).await;
        assert_eq!(done.done()["state"], "rejected");
        let said = batched().await;
        assert!(said.contains("1件を処理しました"), "{said}");
        for id in &ids {
            let (documents, state) = issued(&desk, id).await;
            assert_eq!(state, "rejected");
            let [(title, text)] = &documents[..] else { panic!("{documents:?}") };
            assert_eq!(title, "却下の通知");
            for words in [why, "3か月以内に、みらい市長に対して審査請求"] {
                assert!(text.contains(words), "{words}: {text}");
            }
        }
        desk.closes().await;
    }
);
