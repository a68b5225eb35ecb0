//! The ceremony of keys, with the program itself.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use bridge_contract::bundle::Signer;
use bridge_contract::digest::{Digest, hex};
use bridge_contract::head::{Head, Lists};
use bridge_contract::keys::{KeyEntry, KeyFolder, KeyId, KeySet, Purpose, SigningKey};
use bridge_contract::place::{Host, Lane};
use bridge_spool::{install_keys, newest_seen};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::command::{bridge, words};
use crate::town::{Capitals, Sender, Town, wait_until};

/// A table with the papers of a ceremony.
struct Table(tempfile::TempDir);

impl Table {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs `bridge keys …` while somebody types; words that begin with `@` are files on the table.
    fn run(&self, line: &str, typed: &str) -> Output {
        let place = |word: &str| match word.strip_prefix('@') {
            Some(name) => self.path(name).display().to_string(),
            None => word.to_owned(),
        };
        let mut order = bridge();
        order.arg("keys").args(line.split_whitespace().map(place));
        order.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut order = order.spawn().expect("it runs");
        let mut keyboard = order.stdin.take().expect("a pipe");
        keyboard.write_all(typed.as_bytes()).expect("it asks");
        drop(keyboard);
        order.wait_with_output().expect("it ended")
    }

    fn keys(&self, line: &str) -> Result<String, String> {
        let output = self.run(line, "");
        if output.status.success() { Ok(words(&output)) } else { Err(words(&output)) }
    }

    /// What a program is told.
    fn facts(&self, line: &str) -> Value {
        self.document(self.run(&format!("{line} --json"), ""))
    }

    /// The one document on the standard output; nothing of a private file is in it.
    fn document(&self, output: Output) -> Value {
        assert!(output.status.success(), "{}", words(&output));
        let said = String::from_utf8(output.stdout).expect("UTF-8");
        for (path, bytes) in contents(self.0.path()) {
            match path.extension().and_then(OsStr::to_str) {
                Some("key") => {
                    let seed = if bytes.len() == 32 { &bytes[..] } else { &bytes[SEED..SEED + 32] };
                    assert!(!seed.windows(8).any(|some| said.contains(&hex(some))), "{path:?}");
                }
                Some("txt") => {
                    let text = String::from_utf8(bytes).expect("UTF-8");
                    let share = text.lines().next_back().expect("a share");
                    assert!(!said.contains(share), "{path:?}");
                }
                _ => {}
            }
        }
        serde_json::from_str(&said).unwrap_or_else(|why| panic!("{why}: {said}"))
    }

    fn good(&self, line: &str) -> String {
        self.keys(line).unwrap_or_else(|why| panic!("{line}: {why}"))
    }

    fn refused(&self, line: &str) -> String {
        match self.keys(line) {
            Ok(said) => panic!("{line} went through: {said}"),
            Err(why) => why,
        }
    }
}

/// Where the 32 bytes of a key begin in its PKCS #8 document.
const SEED: usize = 16;

/// A text among facts.
fn text<'a>(facts: &'a Value, field: &str) -> &'a str {
    facts[field].as_str().unwrap_or_else(|| panic!("{field} in {facts}"))
}

/// The files that facts name.
fn files(facts: &Value, field: &str) -> Vec<PathBuf> {
    let list = facts[field].as_array().unwrap_or_else(|| panic!("{field} in {facts}"));
    let files: Vec<PathBuf> =
        list.iter().map(|path| PathBuf::from(path.as_str().expect("a path"))).collect();
    assert!(files.iter().all(|path| path.is_file()), "{files:?}");
    files
}

/// The first digits of the last fingerprint in what was printed.
fn digits(said: &str) -> String {
    let line = said.lines().rfind(|line| line.contains("指紋  ")).expect("a fingerprint");
    line.split("指紋  ").nth(1).expect("behind the word")[..4].to_owned()
}

const OF: &str = "--tenant mirai --environment demo";

/// Root, five hosts with two opening keys a lane, two operators, the first key set.
fn first_ceremony(table: &Table) -> String {
    table.good("root --dir @root --shares @safe");
    let mut parts = String::new();
    for host in Host::ALL {
        table.good(&format!(
            "init --dir @hosts --host {host} --root-pub @root/root.pub --weeks 2 \
             --shares @safe {OF}"
        ));
        parts += &format!(" --part @hosts/{host}.part");
    }
    for name in ["one", "two"] {
        table.good(&format!("operator --out @{name}.key {OF}"));
        parts += &format!(" --part @{name}.part");
    }
    table.good(&format!(
        "set sign --root-share @safe/root-1.txt --root-share @safe/root-3.txt{parts} --out @set1"
    ))
}

/// NN-18, NF-32: from nothing to a host that can start, by the runbook.
#[test]
fn a_whole_ceremony_makes_hosts_that_can_start() {
    let table = Table::new();
    let said = first_ceremony(&table);
    assert!(!table.path("root/root.key").exists(), "the root is in shares only");
    for host in Host::ALL {
        let install = format!("install @set1 --dir @hosts/{host} --spool @spool-{host}");
        let wrong = if digits(&said) == "0000" { "1111" } else { "0000" };
        let refused = table.refused(&format!("{install} --confirm {wrong}"));
        assert!(refused.contains("指紋が合いません"), "{refused}");
        assert!(!table.path(&format!("hosts/{host}/keyset")).exists());
        let done = table.good(&format!("{install} --confirm {}", digits(&said)));
        assert!(done.contains("はじめての鍵の一覧（第1版）"), "{done}");
        assert!(done.contains("署名・接続・開封"), "every new private key wants a start: {done}");
        let check = format!("check --dir @hosts/{host} --host {host} --spool @spool-{host}");
        // Two keys a lane are few.
        let found = table.keys(&check).unwrap_or_else(|few| few);
        assert!(found.contains("鍵に問題はありません") || found.contains("残り2個"), "{found}");
        assert!(!found.contains("秘密鍵がありません"), "{found}");
    }
    let shown = table.good("show --dir @hosts/s --json");
    let shown: Value = serde_json::from_str(&shown).expect("JSON");
    assert_eq!((shown["version"].as_u64(), shown["tenant"].as_str()), (Some(1), Some("mirai")));
    let operators = shown["keys"].as_array().expect("a list").iter();
    assert_eq!(operators.filter(|key| key["purpose"] == "operator").count(), 2);
}

/// NN-18: a program can hold a ceremony: each order tells it in one document, without a secret,
/// what the next one needs.
#[test]
fn every_order_of_a_ceremony_answers_a_program() {
    let table = Table::new();
    let root = table.facts("root --dir @root --shares @safe");
    assert_eq!((&root["root_key"], files(&root, "shares").len()), (&Value::Null, 3));
    let (mut parts, mut brought) = (String::new(), Vec::new());
    for host in Host::ALL {
        let root_pub = text(&root, "root_pub");
        let made = table.facts(&format!(
            "init --dir @hosts --host {host} --root-pub {root_pub} --weeks 2 --shares @safe {OF}"
        ));
        assert_eq!((text(&made, "host"), files(&made, "shares").len()), (host.word(), 3));
        assert!(Path::new(text(&made, "dir")).join("tls.key").is_file(), "{made}");
        parts += &format!(" --part {}", text(&made, "part"));
        brought.push(json!({ "part": made["part"], "fingerprint": made["fingerprint"] }));
    }
    let operator = table.facts(&format!("operator --out @one.key {OF}"));
    assert!(Path::new(text(&operator, "key")).is_file(), "{operator}");
    parts += &format!(" --part {}", text(&operator, "part"));
    brought.push(json!({ "part": operator["part"], "fingerprint": operator["fingerprint"] }));

    let shares = "--root-share @safe/root-1.txt --root-share @safe/root-3.txt";
    let signed = table.facts(&format!("set sign {shares}{parts} --out @set1"));
    assert_eq!((&signed["version"], &signed["parts"]), (&json!(1), &Value::from(brought)));
    let key_set = text(&signed, "key_set");
    let install = format!("install {key_set} --dir @hosts/s --spool @spool --json");
    let digits = &text(&signed, "fingerprint")[..4];
    let wrong = table.run(&install, if digits == "0000" { "1111\n" } else { "0000\n" });
    assert!(!wrong.status.success() && wrong.stdout.is_empty(), "{}", words(&wrong));
    let asked = table.run(&install, &format!("{digits}\n"));
    let read = String::from_utf8_lossy(&asked.stderr).into_owned();
    assert!(read.contains("はじめての鍵の一覧") && read.contains("4けた"), "{read}");
    let first = json!({
        "before": null, "version": 1, "fingerprint": signed["fingerprint"], "changes": [],
    });
    assert_eq!(table.document(asked), first);

    let id = text(&operator, "id");
    let sign = format!("set sign {shares} --before {key_set} --drop {id} --out @set2");
    let signed = table.facts(&sign);
    let install = "install @set2 --dir @hosts/s --spool @spool";
    let confirmed = format!("{install} --confirm {}", &text(&signed, "fingerprint")[..4]);
    let installed = table.facts(&confirmed);
    assert_eq!((&installed["before"], &installed["version"]), (&json!(1), &json!(2)));
    let [change] = installed["changes"].as_array().expect("a list").as_slice() else {
        panic!("{installed}")
    };
    assert_eq!((text(change, "change"), text(&change["key"], "id")), ("removed", id));
    assert_eq!(table.facts("show --dir @hosts/s")["version"], 2);
    let restore = "escrow restore @safe/s-1.txt @safe/s-2.txt --host s --weeks 2 --into @back";
    assert_eq!(table.facts(restore)["restored"], 2);
    let root = table.facts("escrow restore @safe/root-1.txt @safe/root-2.txt --into @root.key");
    let split = format!("escrow split {} --shares @safe-2", text(&root, "root_key"));
    assert_eq!(files(&table.facts(&split), "shares").len(), 3);
    let done = table.facts("destroy-done --dir @hosts/s --spool @spool");
    assert_eq!(done, json!({ "destroyed": [] }));
}

/// NN-18: all hosts at once, for a program.
#[test]
fn a_small_towns_ceremony_answers_a_program() {
    let table = Table::new();
    let made = table.facts(&format!("init --dir @new --weeks 2 {OF}"));
    let hosts = made["hosts"].as_array().expect("a list");
    let named: Vec<&str> = hosts.iter().map(|host| text(host, "host")).collect();
    assert_eq!(named, Host::ALL.iter().map(|host| host.word()).collect::<Vec<_>>());
    assert!(hosts.iter().all(|host| files(host, "shares").len() == 3), "{made}");
    for field in ["root_key", "root_pub"] {
        assert!(Path::new(text(&made, field)).is_file(), "{field} in {made}");
    }
    let shown = table.facts(&format!("show --dir {}", text(&hosts[0], "dir")));
    for field in ["version", "fingerprint"] {
        assert_eq!(shown[field], made[field], "{field}");
    }
    let alone = table.facts("root --dir @alone");
    assert!(Path::new(text(&alone, "root_key")).is_file() && alone["shares"] == json!([]));
}

/// NN-18: a second set changes what it says, is refused from another root, and the
/// first one cannot come back.
#[test]
fn a_later_set_is_told_in_words_and_never_goes_back() {
    let table = Table::new();
    let first = digits(&first_ceremony(&table));
    table.good(&format!("install @set1 --dir @hosts/i --spool @spool --confirm {first}"));
    let again = format!("init --dir @new --host i --root-pub @root/root.pub --weeks 2 {OF}");
    table.good(&again);
    let root = "--root-share @safe/root-2.txt --root-share @safe/root-3.txt";
    let sign = format!("set sign {root} --before @set1 --part @new/i.part --out @set2");
    let refused = table.refused(&sign);
    assert!(refused.contains("--turn raw=NUMBER"), "{refused}");
    let said = table.good(&format!("{sign} --turn raw=500"));
    let install =
        format!("install @set2 --dir @hosts/i --spool @spool --confirm {}", digits(&said));
    let done = table.good(&install);
    for word in ["第1版 から 第2版 へ", "番号の変更", "0番から499番まで", "500番から", "追加"]
    {
        assert!(done.contains(word), "{word} in {done}");
    }
    let back =
        table.refused(&format!("install @set1 --dir @hosts/i --spool @spool --confirm {first}"));
    assert!(back.contains("older than version 2"), "{back}");
    table.good("root --dir @stranger");
    let forged = "set sign --root-key @stranger/root.key --part @hosts/i.part --part @hosts/s.part \
                  --part @hosts/l.part --part @hosts/a.part --part @hosts/b.part --out @forged";
    let forged = digits(&table.good(forged));
    let install = format!("install @forged --dir @hosts/i --spool @spool --confirm {forged}");
    assert!(table.refused(&install).contains("not signed by the root"));
    let one = table.refused("set sign --root-share @safe/root-2.txt --before @set1 --out @set3");
    assert!(one.contains("two different shares"), "{one}");
}

/// NN-18: the opening keys of a lost host come back from any two shares of it.
#[test]
fn a_lost_hosts_opening_keys_come_back_from_two_shares() {
    let table = Table::new();
    first_ceremony(&table);
    let files = |dir: &Path| {
        let folder = fs::read_dir(dir.join("open.raw")).expect("readable");
        let mut names: Vec<PathBuf> = folder.map(|entry| entry.expect("readable").path()).collect();
        names.sort();
        names.into_iter().map(|path| fs::read(path).expect("readable")).collect::<Vec<_>>()
    };
    let before = files(&table.path("hosts/s"));
    assert_eq!(before.len(), 2);
    for (one, two, into) in [(1, 2, "x"), (1, 3, "y"), (3, 2, "z")] {
        let restore = format!("escrow restore @safe/s-{one}.txt @safe/s-{two}.txt");
        let said = table.good(&format!("{restore} --host s --weeks 2 --into @{into}"));
        assert!(said.contains("開封鍵 2個"), "{said}");
        assert_eq!(files(&table.path(into)), before);
    }
    let mixed = table.refused("escrow restore @safe/s-1.txt @safe/l-2.txt --host s --into @w");
    assert!(mixed.contains("different secrets"), "{mixed}");
    let root = table.refused("escrow restore @safe/root-1.txt @safe/root-2.txt --host s --into @w");
    assert!(root.contains("求められたものの控えではありません"), "{root}");
    table.good("escrow restore @safe/root-1.txt @safe/root-2.txt --into @back/root.key");
    table.good("escrow split @back/root.key --shares @safe-2");
    assert!(table.path("safe-2/root-3.txt").exists());
}

/// Every file below a folder, by its path.
fn contents(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(dir).expect("readable") {
        let path = entry.expect("readable").path();
        match path.is_dir() {
            true => all.extend(contents(&path)),
            false => drop(all.insert(path.clone(), fs::read(&path).expect("readable"))),
        }
    }
    all
}

/// NF-32, NN-18, I13: one command destroys an opening key when the lane's sender says, signed, that
/// nothing is sealed to it any more; it names the file, touches no other, and never the last.
#[test]
fn a_key_that_is_done_with_is_destroyed_by_one_command() {
    let table = Table::new();
    let said = first_ceremony(&table);
    for host in ["i", "s"] {
        let install = format!("install @set1 --dir @hosts/{host} --spool @spool-{host}");
        table.good(&format!("{install} --confirm {}", digits(&said)));
    }
    let order = "destroy-done --dir @hosts/s --spool @spool-s";
    let before = contents(&table.path("hosts/s"));
    assert!(table.good(order).contains("消してよい開封鍵はありません"), "nobody said anything");

    let keys = |host: &str| KeyFolder::open(&table.path("hosts").join(host)).expect("a key folder");
    let listed: Vec<KeyId> = keys("s").set().seal_keys(Lane::Raw).map(|key| key.id()).collect();
    assert_eq!(listed.len(), 2);
    fs::create_dir_all(table.path("spool-s/raw")).expect("made");
    let says = |host: &str, lane: Lane, done: &[KeyId]| {
        let folder = keys(host);
        let (set, key) = (folder.set(), folder.signer(lane).expect("a key of this host"));
        let (tenant, environment) = (set.tenant, set.environment);
        let signer = Signer { tenant, environment, key_set_version: set.version, key: &key };
        let lists = Lists { done: done.to_vec(), ..Lists::default() };
        let place = (1, 9, Digest::ZERO);
        let head = Head::sign_with(Lane::Raw, place, lists, Timestamp::UNIX_EPOCH, &signer);
        fs::write(table.path("spool-s/raw/head"), head).expect("written");
    };
    says("s", Lane::In, &listed);
    assert!(table.good(order).contains("消してよい開封鍵はありません"), "not the sender's word");
    assert_eq!(contents(&table.path("hosts/s")), before);

    says("i", Lane::Raw, &listed);
    let told = table.good(order);
    let after = contents(&table.path("hosts/s"));
    let gone: Vec<&PathBuf> = before.keys().filter(|path| !after.contains_key(*path)).collect();
    let [gone] = gone.as_slice() else { panic!("{gone:?}") };
    assert!(gone.starts_with(table.path("hosts/s/open.raw")), "{gone:?}");
    assert!(told.contains("使い終えた開封鍵を消しました"), "{told}");
    assert!(told.contains(&gone.display().to_string()), "{told}");
    assert!(after.iter().all(|(path, bytes)| before.get(path) == Some(bytes)), "no other file");
    let left = keys("s").opening_files(Lane::Raw).expect("readable");
    let left: Vec<KeyId> = left.into_iter().map(|(_, key)| key.seal_key().id()).collect();
    assert_eq!(left, listed[1..], "the last one stays");
    assert!(table.good(order).contains("消してよい開封鍵はありません"), "it is done");
    table.good("escrow restore @safe/s-1.txt @safe/s-2.txt --host s --weeks 2 --into @hosts/s");
    assert_eq!(table.facts(order), json!({ "destroyed": [gone.display().to_string()] }));
    assert!(table.refused("destroy-done --dir @nowhere --spool @spool-s").contains("nowhere"));
}

/// I8, NF-32: roles that run take a new key set over: the signing key of a lane turns
/// at its number, and nobody is started anew.
#[tokio::test(flavor = "multi_thread")]
async fn a_signing_key_turns_at_its_number_while_everything_runs() {
    let town = Town::new();
    let root = fs::read(town.path("keys/offline/root.key")).expect("readable");
    let root = SigningKey::from_pkcs8(&root).expect("the root");
    let (next, document) = SigningKey::generate();
    let path = town.key_dir(Host::Sanitizer).join("sign.in.next.key");
    bridge::ceremony::write_private(&path, &document).expect("written");
    let roles = town.three_hosts(Capitals::of(&town)).await;
    let mut raw = Sender::open(&town, Host::Internet, Lane::Raw);
    raw.send(&[town.submission(1, &[])]);
    wait_until("the first arrived", || town.origins().len() == 1).await;

    let mut set: KeySet = town.keys(Host::Sanitizer).set().clone();
    let (purpose, public) = (Purpose::Sign(Lane::In), next.verify_key().0);
    for key in set.keys.iter_mut().filter(|key| key.purpose == purpose) {
        key.valid_until = 1;
    }
    set.keys.push(KeyEntry { purpose, public, valid_from: 2, valid_until: u64::MAX });
    set.version = 2;
    for host in [Host::Internet, Host::Sanitizer, Host::Lgwan] {
        install_keys(&set.sign(&root), &town.key_dir(host), &town.spool(host)).expect("installed");
    }
    raw.send(&[town.submission(2, &[])]);
    // A role that has not looked yet stops at the number its key ends with, or refuses
    // the bundle and fetches it again: both pass by themselves.
    wait_until("the second arrived", || town.origins().len() == 2).await;
    let signer = |seq: u64| {
        let name = format!("in/fetched/e1-{seq:016}.kb");
        let file = fs::read(town.spool(Host::Lgwan).join(name)).expect("there");
        let expect = bridge_contract::bundle::Expect { lane: Lane::In, keys: &set };
        let header =
            *bridge_contract::bundle::verify(&file, &expect).expect("signed").verified.header();
        (header.signer, header.key_set_version)
    };
    assert_ne!(signer(1).0, next.verify_key().id());
    assert_eq!(signer(2), (next.verify_key().id(), 2));
    assert_eq!(newest_seen(&town.spool(Host::Lgwan)), 2);
    assert!(KeyFolder::open(&town.key_dir(Host::Lgwan)).is_ok_and(|keys| keys.set().version == 2));
    town.stop(roles).await;
}
