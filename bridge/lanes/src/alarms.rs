//! What an operator must hear of within a minute (I21, NS-2): a lane that is halted,
//! numbers that are missing, a neighbour that says nothing, what waits too long, what
//! was set aside. Told at `/readyz`, on the pages of operators, by mail; each alarm
//! ends by itself when its cause is gone.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, Trouble};
use bridge_contract::keys::{KeySet, LiveKeys};
use bridge_contract::place::Lane;
use bridge_contract::request::{RANGES, Request};
use bridge_spool::{Unsent, missing, server_a_says};
use jiff::{SignedDuration, Timestamp};
use platform_service::clock::Clock;
use platform_service::halts::{Halts, Need};
use platform_service::shutdown::Shutdown;
use platform_store::Store;

use crate::status::{self, Receiving, Sending, Status};

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(10);
/// A gap or a tail that lasts so long is an alarm. With two looks it is told within a minute.
const PATIENCE: SignedDuration = SignedDuration::from_secs(35);
/// Heads are signed every ten seconds. So many looks with the same words, or with none where there
/// were some, are a sender that stopped, or a link that is down: no clock has a say in it.
const SILENT_LOOKS: u32 = 4;
/// The same of server A, whose words lie on a share.
const SILENT_LOOKS_AT_A: u32 = 5;
/// What the far end has not confirmed after so long.
const LATE: SignedDuration = SignedDuration::from_mins(10);

/// What other hosts can say that there are words for.
const CODES: [&str; 20] = [
    "halted",
    "lost",
    "ahead_of_database",
    "restored",
    "not_rebuilt",
    "no_signing_key",
    "overtaken",
    "panicked",
    "spool",
    "silent",
    "late",
    "set_aside",
    "spool_warn",
    "spool_alarm",
    "spool_full",
    "not_packed",
    "folder_away",
    "unopened",
    "unconfined",
    "mails_lost",
];
/// Anything else that a newer host may say.
const ELSEWHERE: &str = "elsewhere";

/// What a lane has been heard to have, by the head in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heard {
    /// The sender's newest bundle, by its signed head.
    last: (u32, u64),
    /// Hash of the head, and when it was signed. The age of the file says nothing: a mover may copy the
    /// same head again and again, or keep the time of the far end's clock.
    word: (Digest, Timestamp),
    /// What it promises and the folder does not have.
    missing: Option<Request>,
    /// What operators must hear of at the hosts before this one.
    troubles: Vec<Trouble>,
}

/// Looks at one zone's lanes again and again.
pub struct AlarmSetup {
    /// The zone's database.
    pub store: Store,
    /// The spool folder, above the lanes.
    pub spool: PathBuf,
    /// The installation's key set.
    pub keys: Arc<LiveKeys>,
    /// The lanes this zone fetches from its spool.
    pub receives: &'static [Lane],
    /// The folder it shares with server A, if it has one.
    pub server_a: Option<PathBuf>,
    /// The time alarms are reckoned from.
    pub clock: Clock,
    /// Where they are told.
    pub halts: Halts,
    /// What the zone's fullest lane holds back is told here.
    pub unsent: Unsent,
    /// Ends the task.
    pub shutdown: Shutdown,
}

/// Looks until told to stop.
pub async fn watch_lanes(setup: AlarmSetup) {
    let mut seen = Seen::default();
    let mut told = BTreeSet::new();
    loop {
        match setup.store.read(status::status).await {
            Ok(status) => {
                setup.unsent.tell(fullest(&status));
                let (spool, keys, lanes) = (setup.spool.clone(), setup.keys.set(), setup.receives);
                let folder = setup.server_a.clone();
                let heard = tokio::task::spawn_blocking(move || {
                    let said = folder.and_then(|folder| server_a_says(&folder, &keys));
                    (heard_all(&spool, &keys, lanes), said)
                });
                let (heard, said) = heard.await.unwrap_or_default();
                let mut needs = seen.alarms(&status, &heard, setup.clock.now());
                needs.extend(seen.server_a(said.as_ref()));
                told = tell(&setup.halts, told, needs);
            }
            Err(error) => tracing::error!(%error, "the lanes cannot be looked at"),
        }
        tokio::select! {
            () = setup.shutdown.wait() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
    }
}

/// Bytes of the fullest lane that the far end is not known to have.
fn fullest(status: &Status) -> u64 {
    status.sending.iter().map(|one| one.bytes).max().unwrap_or_default()
}

/// Notes what is new, takes back what has passed.
fn tell(halts: &Halts, before: BTreeSet<String>, now: Vec<Need>) -> BTreeSet<String> {
    let parts: BTreeSet<String> = now.iter().map(|need| need.part.clone()).collect();
    for need in now {
        if !before.contains(&need.part) {
            tracing::error!(part = %need.part, why = %need.why, "a lane needs an operator");
        }
        halts.warn(need);
    }
    for part in before.difference(&parts) {
        tracing::info!(%part, "it has passed");
        halts.all_is_well(part);
    }
    parts
}

/// What was heard of the lanes that this zone fetches; `None` where there is no head.
fn heard_all(spool: &Path, keys: &KeySet, lanes: &[Lane]) -> BTreeMap<Lane, Option<Heard>> {
    lanes.iter().map(|lane| (*lane, heard(spool, *lane, keys))).collect()
}

fn heard(spool: &Path, lane: Lane, keys: &KeySet) -> Option<Heard> {
    let bytes = std::fs::read(spool.join(lane.word()).join("head")).ok()?;
    let head = Head::open(&bytes, lane, keys).ok()?;
    // A folder that cannot be read stops the lane, which is told of its own.
    let missing = missing(spool, lane, keys).ok().flatten();
    let (last, word) = ((head.epoch, head.seq), (Digest::of(&bytes), head.at));
    Some(Heard { last, word, missing, troubles: head.lists.troubles })
}

/// What somebody said last, when it was signed, and how many looks found nothing newer.
#[derive(Clone, Copy, Debug)]
struct Listened<W> {
    word: W,
    looks: u32,
}

impl<W: PartialEq> Listened<W> {
    /// After another look, which found this; `None` when nothing was ever heard.
    fn then(before: Option<Self>, found: Option<W>) -> Option<Self> {
        match (before, found) {
            (Some(before), found) if found.as_ref().is_none_or(|found| *found == before.word) => {
                Some(Self { looks: before.looks.saturating_add(1), ..before })
            }
            (_, found) => found.map(|word| Self { word, looks: 0 }),
        }
    }
}

/// What earlier looks saw: since when a lane is behind its head, and what was heard last.
#[derive(Debug, Default)]
struct Seen {
    behind: BTreeMap<Lane, ((u32, u64), Timestamp)>,
    heard: BTreeMap<Lane, Listened<(Digest, Timestamp)>>,
    server_a: Option<Listened<Timestamp>>,
}

impl Seen {
    fn alarms(
        &mut self,
        status: &Status,
        heard: &BTreeMap<Lane, Option<Heard>>,
        now: Timestamp,
    ) -> Vec<Need> {
        let mut needs = Vec::new();
        for one in &status.receiving {
            needs.extend(halted(one));
            needs.extend(gap(one, now));
            needs.extend(lost(one));
            needs.extend(set_aside(one));
            // `raw` is known at L by the word of others, and fetched by S.
            if let Some(heard) = heard.get(&one.lane) {
                needs.extend(heard.as_ref().and_then(|heard| self.tail(one, heard, now)));
                needs.extend(self.silence(one, heard.as_ref()));
            }
        }
        needs.extend(status.sending.iter().filter_map(|one| late(one, now)));
        let troubles = heard.values().flatten().flat_map(|heard| &heard.troubles);
        needs.extend(troubles.map(elsewhere));
        needs
    }

    /// The head says there is more, and it does not come.
    fn tail(&mut self, one: &Receiving, heard: &Heard, now: Timestamp) -> Option<Need> {
        let here = (one.epoch, one.seq);
        if heard.last <= here || one.halted.is_some() {
            self.behind.remove(&one.lane);
            return None;
        }
        let (at, since) = *self.behind.entry(one.lane).or_insert((here, now));
        if at != here {
            self.behind.insert(one.lane, (here, now));
            return None;
        }
        if now.duration_since(since) < PATIENCE {
            return None;
        }
        // Everything is here and is not taken in: that is told by the lane itself.
        let wanted = heard.missing.as_ref()?;
        let (words, code) = (wanted.words(), wanted.code());
        let why = format!("{words} do not come; at the sending end: replay --code {code}");
        Some(need(one.lane, "tail", format!("{words} / {code}"), why))
    }

    /// What server A says of itself and of B, and that it says nothing any more.
    fn server_a(&mut self, said: Option<&Head>) -> Vec<Need> {
        self.server_a = Listened::then(self.server_a, said.map(|head| head.at));
        let silent = self.server_a.filter(|last| last.looks >= SILENT_LOOKS_AT_A);
        let silent = silent.map(|last| Need {
            part: "server a".to_owned(),
            code: "unheard",
            detail: last.word.to_string(),
            why: format!("server A says nothing beside the generations since {}", last.word),
        });
        let troubles = said.map(|head| head.lists.troubles.as_slice()).unwrap_or_default();
        troubles.iter().map(elsewhere).chain(silent).collect()
    }

    /// A head is signed anew every ten seconds: one that stays the same is a link that is down, or a
    /// sender that stopped. A head that is gone, or that nobody signed, says nothing newer either; behind
    /// something that arrived, also where this process never heard one.
    fn silence(&mut self, one: &Receiving, heard: Option<&Heard>) -> Option<Need> {
        let came = (one.seq > 0).then_some(Listened { word: (Digest::ZERO, one.at), looks: 0 });
        let before = self.heard.get(&one.lane).copied().or(came);
        let last = Listened::then(before, heard.map(|heard| heard.word))?;
        self.heard.insert(one.lane, last);
        (last.looks >= SILENT_LOOKS).then(|| {
            let at = last.word.1;
            need(one.lane, "silent", at.to_string(), format!("nothing newer is heard than of {at}"))
        })
    }
}

fn halted(one: &Receiving) -> Option<Need> {
    let why = one.halted.as_ref()?;
    Some(need(one.lane, "halted", String::new(), format!("halted: {why}")))
}

fn gap(one: &Receiving, now: Timestamp) -> Option<Need> {
    let since = one.gaps_since.filter(|since| now.duration_since(*since) >= PATIENCE)?;
    let wanted = Request::of(one.lane, one.epoch, &one.gaps)?;
    let (words, code) = (wanted.words(), wanted.code());
    let why = format!("missing {words} since {since}; at the sending end: replay --code {code}");
    Some(need(one.lane, "gap", format!("{words} / {code}"), why))
}

/// What never came before the lane began anew stays told until somebody explains it.
fn lost(one: &Receiving) -> Option<Need> {
    let range = |(epoch, first, last): &(u32, u64, u64)| format!("e{epoch} {first}-{last}");
    let ranges: Vec<String> = one.lost.iter().take(RANGES).map(range).collect();
    let words = ranges.join(", ");
    let why = format!("{words} never came before the lane began anew; explain-gap ends this");
    (!ranges.is_empty()).then(|| need(one.lane, "lost", words, why))
}

fn set_aside(one: &Receiving) -> Option<Need> {
    let count = one.quarantined;
    (count > 0)
        .then(|| need(one.lane, "set_aside", count.to_string(), format!("{count} items set aside")))
}

fn late(one: &Sending, now: Timestamp) -> Option<Need> {
    let oldest = one.oldest.filter(|oldest| now.duration_since(*oldest) >= LATE)?;
    let count = one.waiting + one.unconfirmed;
    let why = format!("{count} items are not confirmed, the oldest is of {oldest}");
    Some(need(one.lane, "late", count.to_string(), why))
}

/// A trouble at a host before this one: `host i spool`.
fn elsewhere(trouble: &Trouble) -> Need {
    let Trouble { host, stopped, part, code, detail } = trouble;
    let what = if *stopped { "stopped" } else { "in need" };
    // It comes from a host that may be owned: numbers and names of parts, no sentences.
    let [part, code, detail] = [part, code, detail].map(|word| plain(word));
    Need {
        part: format!("host {host} {part}"),
        code: CODES.into_iter().find(|known| *known == code).unwrap_or(ELSEWHERE),
        detail: detail.to_owned(),
        why: format!("at host {host}: {part} {what}: {code} {detail}"),
    }
}

/// A word of another host if it is short and of printable ASCII.
fn plain(word: &str) -> &str {
    let good = word.len() <= 64 && word.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    if good { word } else { "?" }
}

fn need(lane: Lane, code: &'static str, detail: String, why: String) -> Need {
    Need { part: format!("lane {lane} {code}"), code, detail, why }
}

#[cfg(test)]
mod tests {
    use bridge_contract::place::Host;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).expect("in range")
    }

    fn word(second: i64) -> (Digest, Timestamp) {
        (Digest::of(&second.to_be_bytes()), at(second))
    }

    fn receiving(seq: u64) -> Receiving {
        Receiving {
            lane: Lane::In,
            epoch: 1,
            seq,
            halted: None,
            at: at(0),
            gaps: Vec::new(),
            gaps_since: None,
            lost: Vec::new(),
            quarantined: 0,
            waiting_parts: 0,
        }
    }

    fn look(seen: &mut Seen, one: Receiving, heard: Heard, second: i64) -> Vec<&'static str> {
        let status = Status { sending: Vec::new(), receiving: vec![one] };
        let heard = BTreeMap::from([(Lane::In, Some(heard))]);
        seen.alarms(&status, &heard, at(second)).into_iter().map(|need| need.code).collect()
    }

    /// I21: what the head promises and does not come is told within a minute, and the
    /// alarm ends when it comes.
    #[test]
    fn a_tail_that_does_not_come_is_told_within_a_minute() {
        let mut seen = Seen::default();
        let missing = Request::of(Lane::In, 1, &[(8, 9)]);
        let heard = |second| Heard {
            last: (1, 9),
            word: word(second),
            missing: missing.clone(),
            troubles: Vec::new(),
        };
        let told: Vec<i64> = (0..=60)
            .step_by(10)
            .filter(|second| look(&mut seen, receiving(7), heard(*second), *second) == ["tail"])
            .collect();
        assert_eq!(told, [40, 50, 60]);
        assert!(look(&mut seen, receiving(8), heard(70), 70).is_empty(), "it moves");
        assert!(look(&mut seen, receiving(9), heard(80), 80).is_empty(), "it is there");
    }

    /// I21: a neighbour that says nothing newer is told within a minute, whatever clocks say; so is one
    /// whose head is gone or was never signed, behind something that arrived.
    #[test]
    fn silence_is_told_within_a_minute() {
        let heard = |second| Heard {
            last: (1, 7),
            word: word(second),
            missing: None,
            troubles: Vec::new(),
        };
        let mut seen = Seen::default();
        let told = |seen: &mut Seen, heard: Option<Heard>, second: i64| {
            let status = Status { sending: Vec::new(), receiving: vec![receiving(7)] };
            let heard = BTreeMap::from([(Lane::In, heard)]);
            let needs = seen.alarms(&status, &heard, at(second)).into_iter();
            needs.map(|need| (need.code, need.detail)).collect::<Vec<_>>()
        };
        let silent = |second| vec![("silent", at(second).to_string())];
        for second in (0..=60).step_by(10) {
            let expected = if second < 40 { Vec::new() } else { silent(0) };
            assert_eq!(told(&mut seen, Some(heard(0)), second), expected, "{second}");
        }
        assert_eq!(told(&mut seen, Some(heard(61)), 70), [], "it is back");
        assert_eq!(told(&mut seen, Some(heard(61)), 9_000), [], "the clock jumped");
        assert_eq!(told(&mut seen, Some(heard(-500)), 80), [], "the far clock was set back");
        for second in [90, 100, 110] {
            assert_eq!(told(&mut seen, None, second), [], "{second}");
        }
        assert_eq!(told(&mut seen, None, 120), silent(-500), "the head is gone");

        let mut seen = Seen::default();
        for second in [0, 10, 20] {
            assert_eq!(told(&mut seen, None, second), [], "{second}");
        }
        assert_eq!(told(&mut seen, None, 30), silent(0), "after a start");
        let mut seen = Seen::default();
        let raw = Receiving { lane: Lane::Raw, ..receiving(7) };
        let begins = Status { sending: Vec::new(), receiving: vec![receiving(0), raw] };
        let heard = BTreeMap::from([(Lane::In, None)]);
        let never = (0..9).flat_map(|look| seen.alarms(&begins, &heard, at(look * 10)));
        assert_eq!(never.count(), 0, "nobody has sent anything yet, and raw is fetched elsewhere");
    }

    /// I21: what another host says of itself is an alarm here, named after it, and ends when
    /// it says it no longer; a word this version does not know is one, too.
    #[test]
    fn what_other_hosts_need_is_told_here() {
        let trouble = |code: &str| Trouble {
            host: Host::Internet,
            stopped: false,
            part: "spool".to_owned(),
            code: code.to_owned(),
            detail: "97 % / 12 %".to_owned(),
        };
        let needs = |troubles: Vec<Trouble>| {
            let heard = Heard { last: (1, 7), word: word(0), missing: None, troubles };
            let status = Status { sending: Vec::new(), receiving: Vec::new() };
            Seen::default().alarms(&status, &BTreeMap::from([(Lane::In, Some(heard))]), at(0))
        };
        let [full] = needs(vec![trouble("spool_full")]).try_into().expect("one alarm");
        assert_eq!((full.part.as_str(), full.code), ("host i spool", "spool_full"));
        assert_eq!(full.detail, "97 % / 12 %");
        let [new] = needs(vec![trouble("of_the_future")]).try_into().expect("one alarm");
        assert_eq!(new.code, "elsewhere");
        let wordy =
            Trouble { detail: "至急 03-0000-0000 へ電話".to_owned(), ..trouble("spool_full") };
        let [wordy] = needs(vec![wordy]).try_into().expect("one alarm");
        assert_eq!(wordy.detail, "?", "an owned host speaks to nobody");
        let halts = Halts::default();
        let told = tell(&halts, BTreeSet::new(), needs(vec![trouble("spool_full")]));
        assert_eq!(halts.warnings().len(), 1);
        tell(&halts, told, needs(Vec::new()));
        assert_eq!(halts.warnings(), []);
    }

    /// I21: what server A says of itself and of B is an alarm here, and so is its silence,
    /// within a minute of ten-second looks, whatever clocks say; a town without server A has
    /// none.
    #[test]
    fn server_a_is_heard_and_missed() {
        let head = |second, troubles: &[Trouble]| Head {
            lane: Lane::Exp,
            environment: bridge_contract::place::Environment::Demo,
            tenant: bridge_contract::place::Tenant::parse("mirai").expect("a good name"),
            epoch: 1,
            seq: 0,
            hash: bridge_contract::digest::Digest::ZERO,
            at: at(second),
            signer: bridge_contract::keys::KeyId([0; 8]),
            key_set_version: 1,
            lists: bridge_contract::head::Lists {
                troubles: troubles.to_vec(),
                ..Default::default()
            },
        };
        let halted = Trouble {
            host: Host::ServerB,
            stopped: true,
            part: "lane exp".to_owned(),
            code: "halted".to_owned(),
            detail: String::new(),
        };
        let mut seen = Seen::default();
        let mut look = |said: Option<Head>| -> Vec<(String, &'static str)> {
            let needs = seen.server_a(said.as_ref());
            needs.into_iter().map(|need| (need.part, need.code)).collect()
        };
        assert_eq!(look(None), [], "no server A, no alarm");
        let told = look(Some(head(10, &[halted])));
        assert_eq!(told, [("host b lane exp".to_owned(), "halted")]);
        assert_eq!(look(Some(head(4, &[]))), [], "a clock that was set back");
        let silent = || vec![("server a".to_owned(), "unheard")];
        for looks in 1..=6 {
            let expected = if looks < SILENT_LOOKS_AT_A { Vec::new() } else { silent() };
            assert_eq!(look(Some(head(4, &[]))), expected, "{looks}");
        }
        assert_eq!(look(None), silent(), "the folder is gone, too");
        assert_eq!(look(Some(head(5, &[]))), [], "it is back");
    }

    /// NS-2: a halt, a gap, items set aside and what waits too long are told.
    #[test]
    fn each_trouble_has_its_alarm() {
        let heard = Heard { last: (1, 7), word: word(100), missing: None, troubles: Vec::new() };
        let halted = Receiving { halted: Some("fork".to_owned()), ..receiving(7) };
        assert_eq!(look(&mut Seen::default(), halted, heard.clone(), 100), ["halted"]);
        let gap =
            |since| Receiving { gaps: vec![(3, 4)], gaps_since: Some(at(since)), ..receiving(7) };
        assert_eq!(look(&mut Seen::default(), gap(40), heard.clone(), 100), ["gap"]);
        assert!(look(&mut Seen::default(), gap(90), heard.clone(), 100).is_empty(), "a slow file");
        let aside = Receiving { quarantined: 2, ..receiving(7) };
        assert_eq!(look(&mut Seen::default(), aside, heard, 100), ["set_aside"]);
        let sending = Sending {
            lane: Lane::PubCtl,
            epoch: 1,
            head_seq: 3,
            stored_seq: 3,
            ingested_seq: 2,
            backup_seq: 0,
            waiting: 1,
            unconfirmed: 1,
            bytes: 2_000,
            oldest: Some(at(0)),
            set_aside: 0,
            receipt_at: None,
        };
        let status = Status { sending: vec![sending], receiving: Vec::new() };
        let told = |second| Seen::default().alarms(&status, &BTreeMap::new(), at(second)).len();
        assert_eq!((told(599), told(600)), (0, 1));
        assert_eq!((fullest(&status), fullest(&Status::default())), (2_000, 0));
    }
}
