//! What is lost when a program dies in the middle: nothing.

use journeys::counter::{Counter, licence, photograph};
use town::Database;

/// MN-8.2a, NN-4: every program of the town is killed in turn while applications
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

/// IK-3.5.7a, NN-18: LGWAN dials out; nothing on its side of the bridge listens
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
