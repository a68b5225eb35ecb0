//! Parts that stop, and what operators see and read of it at L (I21, NS-2).

use std::time::{Duration, Instant};

use load::client::Connection;
use load::inbox;
use load::person::Person;
use platform_testkit::smtp::readable;
use town::Program;

use crate::desk::Desk;

/// Time in which an alarm stands everywhere, and in which it is gone. Only an optimised build is
/// measured: what a debug build beside other work needs says nothing.
const A_MINUTE: Duration =
    if cfg!(debug_assertions) { platform_testkit::PATIENCE } else { Duration::from_secs(60) };
/// Who reads the mails of alarms, by the settings of the town.
const OPERATOR: &str = "unyo@mirai.lgwan.example";

/// What must be told of parts that stopped: at `/readyz`, and in words.
struct Told {
    parts: [&'static str; 2],
    ready: [&'static str; 2],
    words: [&'static str; 2],
}

const ALL: [Told; 2] = [
    Told {
        parts: ["outer", "drop"],
        ready: ["warning: host s lane raw silent", "warning: host a lane exr silent"],
        words: ["無害化サーバー(S)から:申請(受付時):", "連携サーバーAから:取込の結果:"],
    },
    Told {
        parts: ["inner", "export"],
        ready: ["warning: lane in silent", "warning: server a"],
        words: ["申請(無害化後):相手からの合図", "連携サーバーAからの合図が途絶え"],
    },
];

/// The page of operators, as somebody who may read it.
async fn page(desk: &mut Desk) -> std::io::Result<String> {
    let place = desk.place();
    let site = place.town.staff();
    let mut connection = Connection::open(site).await?;
    let mut clerk = Person::new(site, &mut connection);
    inbox::log_in(place, &mut clerk, "s0104").await?;
    clerk.open("/bridge").await?;
    Ok(clerk.page)
}

fn says(desk: &mut Desk) -> String {
    desk.town().program("lgwan-zone").map_or(String::new(), town::Running::says)
}

fn mails(desk: &mut Desk) -> String {
    let all = desk.town().mail.mails_to(OPERATOR);
    all.iter().map(|mail| readable(&mail.raw)).collect()
}

/// I21, NS-2: a part that stops anywhere on the way, also at servers A and B, stands at `/readyz` of the
/// staff service, on its page and in a mail within a minute, named after its host, and goes by itself
/// when the part is back.
#[tokio::test(flavor = "multi_thread")]
async fn what_stopped_is_told_within_a_minute() {
    let mut desk = Desk::open();
    desk.gets(&["前"]).await;
    desk.compares().await;
    for Told { parts, ready, words } in ALL {
        let stopped: Vec<Program> =
            parts.iter().map(|part| desk.town().kill(part).expect("it runs")).collect();
        let until = Instant::now() + A_MINUTE;
        loop {
            let (said, mailed) = (says(&mut desk), mails(&mut desk));
            let mut told = ready.iter().all(|line| said.contains(line));
            told &= words.iter().all(|one| mailed.contains(one));
            // A log-in is work for a machine; it comes when the rest is there.
            let late = Instant::now() > until;
            let shown =
                if told || late { page(&mut desk).await.expect("a page") } else { String::new() };
            if told && words.iter().all(|one| shown.contains(one)) {
                break;
            }
            assert!(Instant::now() < until, "{parts:?}: {said}\n{shown}\n{mailed}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        tokio::task::block_in_place(|| {
            for program in &stopped {
                desk.town().revive(program).unwrap_or_else(|error| panic!("{error}"));
            }
        });
        let until = Instant::now() + A_MINUTE;
        loop {
            let said = says(&mut desk);
            if said.starts_with("ok") && !ready.iter().any(|line| said.contains(line)) {
                break;
            }
            assert!(Instant::now() < until, "{parts:?} are back: {said}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
    desk.gets(&["後"]).await;
    desk.compares().await;
    desk.close();
}
