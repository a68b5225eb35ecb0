//! 匿名アンケート of the sample city: the procedure that the load applies for.
//! Nobody's address is needed, so no mail holds it up; conditions, choices with
//! limits and free text are checked as in every other form.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::client::Connection;
use crate::person::{Fields, Paper, Person, text_between};

const START: &str = "/procedures/koho-anketo/start";
/// The same survey with a file, which [`with_papers`] makes.
const ENCLOSING: &str = "koho-shiryo";
/// Its input.
const PAPER: &str = "papers";

/// What people answer, whatever the page.
const ANSWERS: &[(&str, Fields<'static>)] = &[
    ("about", &[("age_group", "40s"), ("lives", "live"), ("lives", "work"), ("years", "12")]),
    (
        "paper",
        &[
            ("reads", "sometimes"),
            ("rating", "4"),
            ("topics", "event"),
            ("topics", "child"),
            ("form", "both"),
        ],
    ),
    ("voice", &[("voice", VOICE)]),
];

const VOICE: &str = "毎月楽しみに読んでいます。催しの案内は、申し込みの締め切りを大きく書いてもらえると助かります。\
    子育ての記事は、保育園の空き状況や一時預かりの予約のしかたをもう少しくわしく知りたいです。\
    字の大きさは今のままで読みやすいですが、写真の説明の字が小さく感じます。";

/// Forms that are filled in and only need to be sent: one list a client.
///
/// # Errors
/// When a page does not follow on the one before.
pub async fn filled(
    site: SocketAddr,
    clients: usize,
    each: usize,
) -> io::Result<Vec<Vec<Arc<[u8]>>>> {
    let mut people = JoinSet::new();
    for _ in 0..clients {
        people.spawn(async move {
            let mut connection = Connection::open(site).await?;
            let mut ready = Vec::with_capacity(each);
            for _ in 0..each {
                let mut person = Person::new(site, &mut connection);
                fill(&mut person).await?;
                ready.push(person.post(&submit_of(&person.page)?, &[]));
            }
            Ok(ready)
        });
    }
    people.join_all().await.into_iter().collect()
}

/// What one person says, and the file they send along.
pub type Saying = (String, Option<Paper>);

/// Forms that say these words, one for each, filled in and ready to be sent.
///
/// # Errors
/// When a page does not follow on the one before.
pub async fn saying(site: SocketAddr, all: Vec<Saying>) -> io::Result<Vec<Arc<[u8]>>> {
    let fill = |(words, paper): Saying| async move {
        let mut connection = Connection::open(site).await?;
        let mut person = Person::new(site, &mut connection);
        fill_saying(&mut person, &words, paper.as_ref()).await?;
        Ok::<_, io::Error>(person.post(&submit_of(&person.page)?, &[]))
    };
    let people: Vec<_> = all.into_iter().map(|one| tokio::spawn(fill(one))).collect();
    let mut ready = Vec::with_capacity(people.len());
    for person in people {
        ready.push(person.await.map_err(io::Error::other)??);
    }
    Ok(ready)
}

/// The survey of the sample city as another procedure, with a question for a text file on
/// its last page: its document and its address.
///
/// # Errors
/// When the document is not the one this was written for.
pub fn with_papers(document: &str) -> io::Result<(String, &'static str)> {
    let mut survey: Value = serde_json::from_str(document)?;
    survey["id"] = json!("01kn35e000wn5drhnp8mbz2wx9");
    survey["slug"] = json!(ENCLOSING);
    let fields = survey["pages"]
        .as_array_mut()
        .and_then(|pages| pages.last_mut())
        .and_then(|page| page["fields"].as_array_mut())
        .ok_or_else(|| io::Error::other("a survey without pages"))?;
    fields.push(json!({
        "id": PAPER,
        "label": { "ja": "資料", "easy": "資料（しりょう）", "en": "Papers" },
        "kind": { "type": "file", "max": 2, "max_mb": 10, "types": ["text"] },
    }));
    Ok((survey.to_string(), ENCLOSING))
}

/// Goes from the start to the page that asks to check everything.
///
/// # Errors
/// When a page does not follow on the one before.
pub async fn fill(person: &mut Person<'_>) -> io::Result<()> {
    fill_saying(person, VOICE, None).await
}

async fn fill_saying(
    person: &mut Person<'_>,
    words: &str,
    paper: Option<&Paper>,
) -> io::Result<()> {
    let enclosing = format!("/procedures/{ENCLOSING}/start");
    let start = if paper.is_some() { enclosing.as_str() } else { START };
    person.open(start).await?;
    person.send(start, &[("agree", "yes")]).await?;
    // A page may come twice: once more with the questions that an answer opened.
    for _ in 0..2 * ANSWERS.len() {
        let path = action_of(&person.page)?;
        let name = path.rsplit('/').next().unwrap_or_default();
        let Some((_, answers)) = ANSWERS.iter().find(|(page, _)| *page == name) else { break };
        let said = |(field, answer): &(&'static str, &'static str)| {
            (*field, if *field == "voice" { words } else { answer })
        };
        let answers = answers.iter().map(said);
        let fields: Vec<(&str, &str)> = [("_do", "next")].into_iter().chain(answers).collect();
        match paper.filter(|_| name == "voice") {
            Some(paper) => person.enclose(&path, &fields, (PAPER, paper)).await?,
            None => person.send(&path, &fields).await?,
        }
    }
    submit_of(&person.page).map(drop)
}

/// Where the check page's form goes.
///
/// # Errors
/// When the page is another one.
pub fn submit_of(page: &str) -> io::Result<String> {
    action_of(page).and_then(|action| {
        if action.ends_with("/submit") {
            Ok(action)
        } else {
            Err(io::Error::other(format!("not the check page but {action}")))
        }
    })
}

/// Where the form of the page in front goes.
pub(crate) fn action_of(page: &str) -> io::Result<String> {
    let main = page.split_once("<main").map_or(page, |(_, main)| main);
    text_between(main, "<form method=\"post\" action=\"", "\"")
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("a page without a form"))
}
