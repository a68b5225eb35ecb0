//! What is lost when a program dies in the middle: nothing.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use faults::ledger::press;
use journeys::counter::{Counter, licence, photograph};
use journeys::server_b;
use load::{inbox, survey};
use tokio::task::JoinSet;
use town::Database;

/// MN-8.2a: every program of the town is killed in turn while applications
/// cross; each application arrives at the desk once.
#[tokio::test(flavor = "multi_thread")]
async fn killing_each_program_loses_and_doubles_nothing() {
    kill_each(Counter::open()).await;
}

/// The same with both zones on PostgreSQL.
#[tokio::test(flavor = "multi_thread")]
async fn killing_each_program_loses_and_doubles_nothing_on_postgres() {
    kill_each(Counter::open_with(Database::Postgres)).await;
}

async fn kill_each(mut counter: Counter) {
    let picture = photograph();
    let mut numbers = Vec::new();
    for (round, name) in
        ["internet-zone", "outer", "relay", "inner", "lgwan-zone"].into_iter().enumerate()
    {
        let email = format!("round{round}@example.jp");
        // Ready to send; the press and the kill come at the same moment.
        let mut citizen = counter.at_the_check("耐久", &email, &[licence(&picture)]).await;
        let post = citizen.filled("この内容で申請する", &[], &[]);
        let sent = tokio::spawn(async move {
            citizen.send(post.clone()).await;
            (citizen, post)
        });
        if name == "internet-zone" {
            // This one answers the citizen: kill it after the answer, before the crossing.
            let (citizen, _) = sent.await.expect("sent");
            numbers.push(journeys::counter::slip(&citizen.page).number);
            counter.town.kill_and_restart(name).unwrap_or_else(|error| panic!("{error}"));
        } else {
            counter.town.kill_and_restart(name).unwrap_or_else(|error| panic!("{error}"));
            let (citizen, _) = sent.await.expect("sent");
            numbers.push(journeys::counter::slip(&citizen.page).number);
        }
    }
    let mut clerk = counter.staff("s0101").await;
    for number in &numbers {
        counter.until(&mut clerk, "/inbox", number).await;
    }
    let text = clerk.page.text();
    for number in &numbers {
        assert_eq!(text.matches(number.as_str()).count(), 1, "{number} in {text}");
    }
    assert_eq!(text.matches("耐久").count(), numbers.len(), "{text}");
    assert_eq!(counter.town.fallen(), None);
    counter.close();
}

/// People who press at the same time, and forms that each of them sends.
const PEOPLE: usize = 8;
const EACH: usize = 10;

/// MN-8.2a, NF-4, NF-1, MN-4: while applications stream in and across, every program on their
/// way dies twice. Whoever got no answer presses again; every form has one
/// receipt, and every receipt is at the desk once.
#[tokio::test(flavor = "multi_thread")]
async fn dying_in_the_middle_of_a_stream_loses_and_doubles_nothing() {
    let mut counter = Counter::open();
    let site = counter.town.citizens();
    let filled = survey::filled(site, PEOPLE, EACH).await.expect("forms that wait to be sent");
    let mut people = JoinSet::new();
    for own in filled {
        people.spawn(async move {
            let mut receipts = Vec::new();
            for request in own {
                receipts.extend(press(site, vec![request]).await.expect("a receipt"));
                // Spread over the time in which the programs die.
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            receipts
        });
    }
    for _ in 0..2 {
        for name in ["internet-zone", "relay", "lgwan-zone", "outer", "inner"] {
            counter.town.kill_and_restart(name).unwrap_or_else(|error| panic!("{error}"));
        }
    }
    let receipts: Vec<String> = people.join_all().await.concat();
    let distinct: BTreeSet<&String> = receipts.iter().collect();
    assert_eq!(distinct.len(), PEOPLE * EACH, "each form has a receipt of its own");

    let mut clerk = counter.staff("s0104").await;
    let all = format!("すべて {}", PEOPLE * EACH);
    counter.until(&mut clerk, "/inbox", &all).await;
    let first = inbox::numbers(&clerk.page.html());
    clerk.follow("次の").await;
    let listed = [first, inbox::numbers(&clerk.page.html())].concat();
    let distinct: BTreeSet<&String> = listed.iter().collect();
    assert_eq!((listed.len(), distinct.len()), (PEOPLE * EACH, PEOPLE * EACH), "{listed:?}");
    assert_eq!(counter.town.fallen(), None);
    counter.close();
}

/// MN-8.2a, NN-18, I21: fifty faults in a row while people press: programs die, stand
/// still or run twice, disks fail or are full, clocks are wrong, databases come back
/// older, folders are filled with foreign, torn, bent or renumbered bundles, and
/// somebody has a stolen key; a bundle is lost and a part stops, and operators are told within
/// a minute. After each, I1 to I6, I13, I16, I18, I20 and I22 hold, at the end I11.
/// `cargo xtask faults bridge` runs as many as one wants.
#[tokio::test(flavor = "multi_thread")]
async fn fifty_faults_in_a_row_lose_and_double_nothing() {
    let scene = faults::Scene::open(Database::Sqlite, 50).expect("a town");
    let missing = scene.means.missing();
    assert!(missing.is_empty() || std::env::var_os("CI").is_none(), "left out: {missing:#?}");
    for kinds in missing {
        eprintln!("LEFT OUT: {kinds}");
    }
    let mut struck = 0;
    let run = faults::run(scene, 7, 50, |_| struck += 1).await;
    run.unwrap_or_else(|trouble| panic!("{trouble}"));
    assert_eq!(struck, 50);
}

/// IK-3.5.7b, MN-8.2a: servers A and B die again and again while a generation goes
/// out and its receipt comes back; the business system finds each record once.
#[tokio::test(flavor = "multi_thread")]
async fn dying_servers_of_the_business_side_lose_and_double_no_record() {
    let mut counter = Counter::open();
    let picture = photograph();
    let mut clerk = counter.staff("s0101").await;
    let mut sent = Vec::new();
    for family in ["搬出一", "搬出二"] {
        let email = format!("{}@example.jp", sent.len());
        let (_, slip) =
            counter.applies_for_residence_record(family, &email, &[licence(&picture)]).await;
        counter.takes_up(&mut clerk, &slip.number).await;
        counter.decides(&mut clerk).await;
        sent.push(slip.number);
        kill_both(&mut counter, 3);
    }
    let mut administrator = counter.staff("s0001").await;
    let until = Instant::now() + platform_testkit::PATIENCE;
    let generations = loop {
        let generations = server_b::generations(&counter, "juminhyo");
        let data = generations.iter().map(|one| server_b::checked_data(one)).collect::<Vec<_>>();
        let data = String::from_utf8_lossy(&data.concat()).into_owned();
        let found: Vec<usize> = sent.iter().map(|number| data.matches(number).count()).collect();
        assert!(found.iter().all(|times| *times <= 1), "{found:?}");
        if found.iter().all(|times| *times == 1) {
            break generations;
        }
        assert!(Instant::now() < until, "not all records came out: {found:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for generation in &generations {
        server_b::takes(generation, sent.len() / generations.len());
    }
    kill_both(&mut counter, 3);
    // Of two generations one is taken before the other.
    for () in platform_testkit::patiently() {
        let text = administrator.open("/exports/juminhyo").await.text();
        if text.contains("取込済") && !text.contains("未取込") {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    administrator.page.says("取込済").is_silent_on("未取込");
    assert_eq!(counter.town.fallen(), None);
    counter.close();
}

fn kill_both(counter: &mut Counter, times: usize) {
    for _ in 0..times {
        for name in ["export", "drop"] {
            counter.town.kill_and_restart(name).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}

/// NN-18: LGWAN dials out; nothing on its side of the bridge listens
/// but the staff pages and the operators' private ports.
#[tokio::test(flavor = "multi_thread")]
async fn the_lgwan_side_of_the_bridge_has_no_listener() {
    let counter = Counter::open();
    for (name, allowed) in [("inner", 1), ("export", 1), ("lgwan-zone", 2)] {
        let id = counter.town.id_of(name).expect("it runs");
        let listening = listening_sockets(id);
        assert_eq!(listening, allowed, "{name} listens on {listening} sockets");
    }
    counter.close();
}

/// Sockets in the LISTEN state that a process holds, by the kernel's own table.
fn listening_sockets(id: u32) -> usize {
    let table = ["tcp", "tcp6"]
        .map(|kind| std::fs::read_to_string(format!("/proc/{id}/net/{kind}")).unwrap_or_default())
        .concat();
    let listening: Vec<&str> = table
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>())
        .filter(|row| row.get(3) == Some(&"0A"))
        .filter_map(|row| row.get(9).copied())
        .collect();
    std::fs::read_dir(format!("/proc/{id}/fd"))
        .expect("it is our child")
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter_map(|target| {
            target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']').map(str::to_owned)
        })
        .filter(|inode| listening.contains(&inode.as_str()))
        .count()
}
