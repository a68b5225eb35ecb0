//! Forms with files.

use axum::Router;
use axum::routing::{get, post};
use platform_web::form::BodyLimit;
use platform_web::multipart::{Part, Upload};
use platform_web::{Reply, Trouble, Visitor};
use tokio::io::AsyncWriteExt as _;

use crate::desk::{Answer, Desk, read_answer};

const MULTIPART: &str = "Content-Type: multipart/form-data; boundary=XX\r\n";

/// Says in one line what arrived; files may have 1,000 bytes.
async fn list(mut upload: Upload) -> Result<String, Trouble> {
    let mut seen = Vec::new();
    while let Some(part) = upload.next().await? {
        seen.push(match part {
            Part::Text { name, value } => format!("{name}={value}"),
            Part::File(file) => {
                let (name, file_name, media) =
                    (file.name.clone(), file.file_name.clone(), file.media.clone());
                match file.within(1_000).await? {
                    Some(bytes) => format!("{name}:{file_name}:{media}:{}", bytes.len()),
                    None => return Err(Reply::too_large("web.too_large").into()),
                }
            }
        });
    }
    Ok(seen.join(" "))
}

/// The same where every file is skipped.
async fn sizes(mut upload: Upload) -> Result<String, Trouble> {
    let mut seen = Vec::new();
    while let Some(part) = upload.next().await? {
        seen.push(match part {
            Part::Text { name, value } => format!("{name}={value}"),
            Part::File(file) => {
                let name = file.file_name.clone();
                let size = file.skip().await?;
                format!("{name}:{size}")
            }
        });
    }
    Ok(seen.join(" "))
}

struct Counter {
    desk: Desk,
    token: String,
    cookies: String,
}

impl Counter {
    async fn open() -> Self {
        Self::open_for(8_000).await
    }

    /// The same for requests of so many bytes.
    async fn open_for(most: u64) -> Self {
        let page = get(async |visitor: Visitor| visitor.token()).post(list);
        let limit = axum::Extension(BodyLimit(most));
        let routes = Router::new().route("/", page).route("/sizes", post(sizes));
        let desk = Desk::open(routes.layer(limit)).await;
        let cookies = desk.get("/", "").await.cookie_line("s1");
        let token = desk.get("/", &cookies).await.body;
        Self { desk, token, cookies }
    }

    fn token_part(&self) -> String {
        text("_csrf", &self.token)
    }

    async fn send(&self, parts: &[String]) -> Answer {
        self.send_to("/", parts).await
    }

    async fn send_to(&self, path: &str, parts: &[String]) -> Answer {
        let body = parts.concat() + "--XX--\r\n";
        let more = format!("{MULTIPART}{}", self.cookies);
        self.desk.post(path, &more, body.as_bytes()).await
    }
}

fn text(name: &str, value: &str) -> String {
    format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
}

fn file(name: &str, file_name: &str, content: &str) -> String {
    format!(
        "--XX\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: image/png\r\n\r\n{content}\r\n"
    )
}

#[tokio::test]
async fn texts_and_files_arrive_in_order() {
    let counter = Counter::open().await;
    let parts = [
        counter.token_part(),
        text("note", "備考\r\n二行目"),
        file("photo", "顔写真.png", "12345"),
        file("empty", "", ""),
        file("photo", "C:\\写真\\..\\b.png", ""),
    ];
    let answer = counter.send(&parts).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(
        answer.body,
        "note=備考\r\n二行目 photo:顔写真.png:image/png:5 photo:b.png:image/png:0"
    );
}

/// MN-7.2: nothing of a request is looked at before its token, and a token
/// behind a file proves nothing.
#[tokio::test]
async fn a_file_before_the_token_is_refused() {
    let counter = Counter::open().await;
    let photo = file("photo", "a.png", "12345");
    let late = [photo.clone(), counter.token_part()];
    assert_eq!(counter.send(&late).await.status, 403);
    assert_eq!(counter.send(&[photo]).await.status, 403);
    assert_eq!(counter.send(&[text("_csrf", &"0".repeat(64))]).await.status, 403);
    assert_eq!(counter.send(&[]).await.status, 403);
    let token_as_file = file("_csrf", "x", &counter.token);
    assert_eq!(counter.send(&[token_as_file]).await.status, 403);
}

/// MN-7.2: the token alone is not enough from another site.
#[tokio::test]
async fn an_upload_from_another_site_is_refused() {
    let counter = Counter::open().await;
    let body = counter.token_part() + "--XX--\r\n";
    let more = format!("{MULTIPART}{}Origin: https://evil.example\r\n", counter.cookies);
    assert_eq!(counter.desk.post("/", &more, body.as_bytes()).await.status, 403);
}

/// NN-21: a file, and a request, have their size; the visitor reads why.
#[tokio::test]
async fn what_is_too_large_is_refused_with_words() {
    let counter = Counter::open().await;
    let one = [counter.token_part(), file("photo", "a.png", &"x".repeat(1_001))];
    let many: Vec<String> = std::iter::once(counter.token_part())
        .chain((0..20).map(|n| file("photo", &format!("{n}.png"), &"x".repeat(900))))
        .collect();
    for parts in [&one[..], &many[..]] {
        let answer = counter.send(parts).await;
        assert_eq!(answer.status, 413, "{answer:?}");
        assert!(answer.body.contains("送られた内容が大きすぎます"), "{answer:?}");
    }
}

/// NF-60, NN-21: what was typed behind a file arrives however long the file is, when it is skipped: it is not
/// counted.
#[tokio::test]
async fn what_stands_behind_a_skipped_file_arrives() {
    let counter = Counter::open_for(200_000).await;
    let long = |name: &str, bytes: usize| file("photo", name, &"x".repeat(bytes));
    let parts = [
        counter.token_part(),
        text("before", "1"),
        long("a.png", 700_000),
        long("b.png", 40_000_000),
        text("behind", "2"),
    ];
    let answer = counter.send_to("/sizes", &parts).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "before=1 a.png:700000 b.png:40000000 behind=2")
    );
}

/// NF-60, NN-21: a browser shows an answer only to what it could send whole, so a request is read to its end
/// however far it is beyond what a route takes.
#[tokio::test]
async fn a_request_far_too_large_is_sent_whole_and_refused_with_words() {
    let counter = Counter::open().await;
    let (piece, pieces) = (vec![b'x'; 1_000_000], 300);
    let whole = file("photo", "a.mov", "\u{0}");
    let (before, behind) = whole.split_once('\u{0}').expect("a place");
    let (before, behind) = (counter.token_part() + before, format!("{behind}--XX--\r\n"));
    let length = before.len() + piece.len() * pieces + behind.len();
    let head = format!(
        "POST / HTTP/1.1\r\nHost: desk\r\nContent-Length: {length}\r\n{MULTIPART}{}\r\n",
        counter.cookies
    );
    let mut line = counter.desk.connect().await;
    let start = head + &before;
    line.write_all(start.as_bytes()).await.expect("it is read");
    for _ in 0..pieces {
        line.write_all(&piece).await.expect("it is read to its end");
    }
    line.write_all(behind.as_bytes()).await.expect("it is read to its end");
    let answer = read_answer(&mut line).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.body.contains("送られた内容が大きすぎます"), "{answer:?}");
}

/// NF-7, NN-21: a text may be as long as in a form without files, so that its question can say what is
/// wrong; all texts of a request together have their size.
#[tokio::test]
async fn a_long_text_arrives_whole() {
    let counter = Counter::open_for(3_000_000).await;
    let book = "本".repeat(200_000);
    let answer = counter.send(&[counter.token_part(), text("note", &book)]).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body.len(), "note=".len() + book.len());
    let two = [counter.token_part(), text("a", &book), text("b", &book)];
    let answer = counter.send(&two).await;
    assert_eq!(answer.status, 413, "{answer:?}");
    assert!(answer.body.contains("送られた内容が大きすぎます"), "{answer:?}");
}

/// NN-21: texts that are no text, and requests that break off, are refusals.
#[tokio::test]
async fn a_broken_upload_is_refused() {
    let counter = Counter::open().await;
    let nul = counter.send(&[counter.token_part(), text("note", "a\0b")]).await;
    assert_eq!((nul.status, nul.body.as_str()), (200, "note=a\u{FFFD}b"), "its field refuses it");
    let open =
        counter.token_part() + "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nxx";
    let more = format!("{MULTIPART}{}", counter.cookies);
    let answer = counter.desk.post("/", &more, open.as_bytes()).await;
    assert_eq!(answer.status, 400);
    assert!(answer.body.contains("通信が途中で切れた"), "{answer:?}");
}
