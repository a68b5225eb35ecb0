//! The systemd units and the sample settings against the programs they are for.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use journeys::counter::{Counter, licence, photograph};
use town::Plan;

/// NS-2, NN-18, MN-7.1a: the sample settings are good as they stand; the credentials that a unit
/// names are enough for its program, and without any one of them it refuses to start: no process
/// sees a key it has no use for.
#[tokio::test]
async fn each_unit_is_given_the_keys_it_needs_and_no_others() {
    let counter = Counter::open();
    let plan = &counter.town.plan;
    let folder = tempfile::tempdir().expect("a folder");
    let units = units(&plan.house.join("deploy/systemd"));
    assert_eq!(units.len(), 7, "{:?}", units.keys());
    for (unit, Unit { command, credentials }) in &units {
        let given = folder.path().join(unit);
        fs::create_dir(&given).expect("a folder");
        for (name, from) in credentials {
            hand_over(&plan.root.join(from), &given, name)
                .unwrap_or_else(|error| panic!("{unit}: {from}: {error}"));
        }
        let sample = plan.house.join(format!("deploy/profiles/{unit}.toml"));
        let sample = fs::read_to_string(&sample).expect("sample settings");
        let config = folder.path().join(format!("{unit}.toml"));
        fs::write(&config, here(&sample, unit, &given, plan)).expect("ours");
        let program = plan.programs.join(&command[0]);
        assert!(checks(&program, &command[1], &config), "{unit}: {credentials:?} are too few");
        for name in credentials.keys() {
            let aside = folder.path().join("aside");
            fs::rename(&given, &aside).expect("ours");
            fs::create_dir(&given).expect("a folder");
            for (other, from) in credentials.iter().filter(|(other, _)| *other != name) {
                hand_over(&plan.root.join(from), &given, other).expect("handed over before");
            }
            assert!(!checks(&program, &command[1], &config), "{unit} has no use for {name}");
            fs::remove_dir_all(&given).expect("ours");
            fs::rename(&aside, &given).expect("ours");
        }
    }
    counter.close();
}

/// What systemd reads of a unit: its own file and what all have in common, by setting.
fn effective(folder: &Path, file: &str) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in [file, "madoguchi-.service.d/10-common.conf"] {
        let text = fs::read_to_string(folder.join(file)).expect("readable");
        let lines = text.lines().filter(|line| !line.starts_with(['#', '[']));
        for (key, value) in lines.filter_map(|line| line.split_once('=')) {
            all.entry(key.to_owned()).or_default().push(value.to_owned());
        }
    }
    all
}

/// Walls that no unit goes without.
const WALLS: [(&str, &str); 26] = [
    ("NoNewPrivileges", "yes"),
    ("CapabilityBoundingSet", ""),
    ("AmbientCapabilities", ""),
    ("ProtectSystem", "strict"),
    ("ProtectHome", "yes"),
    ("ProtectProc", "invisible"),
    ("ProcSubset", "pid"),
    ("ProtectClock", "yes"),
    ("ProtectHostname", "yes"),
    ("ProtectKernelLogs", "yes"),
    ("ProtectKernelModules", "yes"),
    ("ProtectKernelTunables", "yes"),
    ("ProtectControlGroups", "yes"),
    ("PrivateTmp", "yes"),
    ("PrivateDevices", "yes"),
    ("PrivateUsers", "yes"),
    ("LockPersonality", "yes"),
    ("MemoryDenyWriteExecute", "yes"),
    ("RestrictRealtime", "yes"),
    ("RestrictSUIDSGID", "yes"),
    ("RestrictNamespaces", "yes"),
    ("RemoveIPC", "yes"),
    ("SystemCallArchitectures", "native"),
    ("IPAddressDeny", "any"),
    ("IPAddressAllow", "localhost"),
    ("LimitCORE", "0"),
];
/// Where libraries lie.
const LIBRARIES: [&str; 4] = ["/usr/lib", "-/usr/lib64", "-/lib", "-/lib64"];
/// A unit: its name, families of sockets, programs, folders, and whether it asks for resources.
type Own = (&'static str, &'static str, &'static [&'static str], &'static [&'static str], bool);

/// Of each unit: the families of sockets it may make, what it may run, the folders it writes in
/// beside its own and the spool, and whether it may ask for resources of others. All of them talk
/// over a network: to a neighbour, a proxy, a database or a mail server.
const OWN: [Own; 8] = [
    ("internet-zone", ZONE, &["internet-zone", "-sanitizer", "-sanitizer-worker"], &[], true),
    ("lgwan-zone", ZONE, &["lgwan-zone"], &["/srv/madoguchi/exports"], false),
    ("bridge-outer", ROLE, &["bridge"], &[], false),
    ("bridge-relay", ROLE, &["bridge", "sanitizer", "sanitizer-worker"], &[], true),
    ("bridge-inner", ROLE, &["bridge"], &[], false),
    ("bridge-export", ROLE, &["bridge"], &["/srv/madoguchi/exports"], false),
    ("bridge-drop", ROLE, &["bridge"], &["/srv/madoguchi/drop"], false),
    // It starts the tools of PostgreSQL, wherever they lie, and holds no key.
    ("backup@", ZONE, &[], &["/var/lib/madoguchi/%i", "/var/backups/madoguchi/%i"], true),
];
const ROLE: &str = "AF_INET AF_INET6";
/// A database or a log of the same host is reached by a file.
const ZONE: &str = "AF_INET AF_INET6 AF_UNIX";

/// NN-18, NS-2, NF-32: every unit has the walls that systemd can raise: nothing can be gained, nothing of
/// the system written, no call, family of sockets or program beyond the unit's own used, and nobody
/// reached who is not named. A new unit is written down here first.
#[test]
fn every_unit_has_its_walls() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/systemd");
    let files = fs::read_dir(&folder).expect("the units").flatten();
    let mut found: Vec<String> = files
        .filter_map(|file| file.file_name().into_string().ok())
        .filter_map(|name| {
            Some(name.strip_suffix(".service")?.strip_prefix("madoguchi-")?.to_owned())
        })
        .collect();
    found.sort();
    let mut known = OWN.map(|(unit, ..)| unit);
    known.sort_unstable();
    assert_eq!(found, known);

    let mut users = BTreeMap::new();
    for (unit, families, programs, writes, resources) in OWN {
        let has = effective(&folder, &format!("madoguchi-{unit}.service"));
        let all = |key: &str| has.get(key).cloned().unwrap_or_default();
        for (key, value) in WALLS {
            assert_eq!(all(key), [value], "{unit}: {key}");
        }
        assert_eq!(all("RestrictAddressFamilies"), [families], "{unit}");
        assert!(all("PrivateNetwork").is_empty(), "{unit} talks over a network");
        let writes: Vec<&str> = writes.iter().copied().chain(["/var/spool/madoguchi"]).collect();
        let may: Vec<String> = all("ReadWritePaths")
            .iter()
            .flat_map(|line| line.split(' '))
            .map(str::to_owned)
            .collect();
        assert_eq!(may, writes, "{unit}");
        let calls = all("SystemCallFilter");
        for filter in ["@system-service", "~@privileged"] {
            assert!(calls.iter().any(|one| one == filter), "{unit}: {filter}");
        }
        assert_eq!(calls.iter().any(|one| one == "~@resources"), !resources, "{unit}");
        // What the walls of our own need is all that is allowed beside.
        let beside = calls.iter().filter(|one| !one.starts_with(['@', '~']));
        for call in beside.flat_map(|line| line.split(' ')) {
            let walls = ["landlock_", "seccomp", "setrlimit", "prlimit64"];
            assert!(walls.iter().any(|wall| call.starts_with(wall)), "{unit}: {call}");
        }
        let program = |name: &&str| match name.strip_prefix('-') {
            Some(name) => format!("-/usr/bin/{name}"),
            None => format!("/usr/bin/{name}"),
        };
        let run: Vec<String> =
            programs.iter().map(program).chain(LIBRARIES.map(str::to_owned)).collect();
        match programs.is_empty() {
            true => assert!(all("NoExecPaths").is_empty(), "{unit}"),
            false => {
                assert_eq!(all("NoExecPaths"), ["/"], "{unit}");
                assert_eq!(all("ExecPaths"), [run.join(" ")], "{unit}");
            }
        }
        assert!(has.contains_key("MemoryMax") && has.contains_key("TasksMax"), "{unit}");
        let [user] = all("User").try_into().unwrap_or_else(|of| panic!("{unit}: {of:?}"));
        assert!(user.starts_with("madoguchi-"), "{unit} runs as {user}");
        // A backup runs as the zone whose database it reads.
        assert!(user.ends_with("%i") || users.insert(user, unit).is_none(), "{unit}");
        assert!(
            all("DynamicUser").is_empty() && !has.contains_key("SupplementaryGroups"),
            "{unit}"
        );
    }
}

/// The most exposed that systemd may find a unit, in tenths.
const EXPOSED: &str = "17";

/// NN-18, NS-2: systemd itself takes every unit, and finds none exposed.
#[test]
fn systemd_takes_every_unit_and_finds_none_exposed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/systemd");
    let folder = folder.canonicalize().expect("the units");
    let asked = |words: &[&str]| {
        let mut analyze = Command::new("systemd-analyze");
        // Ours first, then those of the system that ours wait for.
        analyze.args(words).env("SYSTEMD_UNIT_PATH", format!("{}:", folder.display()));
        analyze.output()
    };
    if let Err(why) = asked(&["--version"]) {
        assert!(std::env::var_os("CI").is_none(), "systemd-analyze is needed: {why}");
        eprintln!("NOT RUN: systemd-analyze is missing here ({why}; apt-get install systemd)");
        return;
    }
    for (unit, ..) in OWN {
        let unit = format!("madoguchi-{}.service", unit.replace('@', "@lgwan-zone"));
        let done = asked(&["verify", "--man=no", &unit]).expect("it runs");
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        // Our programs are not installed here.
        let faults = said.lines().filter(|line| line.contains("madoguchi"));
        let faults: Vec<&str> = faults.filter(|line| !line.contains("is not executable")).collect();
        assert!(faults.is_empty(), "{unit}: {faults:#?}");
        let threshold = format!("--threshold={EXPOSED}");
        let done = asked(&["security", "--offline=true", &threshold, &unit]).expect("it runs");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        assert!(done.status.success() && said.contains("Overall exposure"), "{unit}: {said}");
    }
    let timer = asked(&["verify", "--man=no", "madoguchi-backup@lgwan-zone.timer"]);
    assert!(timer.expect("it runs").status.success());
}

/// What is secret in a town: private keys, and what people and operators log in with.
fn secrets(counter: &Counter) -> BTreeMap<String, Vec<u8>> {
    let root = &counter.town.plan.root;
    let mut all = BTreeMap::new();
    let mut folders: Vec<PathBuf> =
        ["i", "s", "l", "a", "b"].map(|host| root.join(host).join("keys")).to_vec();
    folders.push(root.join("offline"));
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).expect("keys").flatten().map(|entry| entry.path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                folders.push(path);
            } else if name != "keyset" && !name.ends_with(".pub") {
                let bytes = fs::read(&path).expect("ours");
                // Of a PKCS#8 document only the key itself is secret.
                let own = if bytes.len() >= 48 && bytes.starts_with(&[0x30]) {
                    &bytes[16..48]
                } else {
                    &bytes
                };
                all.insert(path.display().to_string(), own.trim_ascii().to_vec());
            }
        }
    }
    let facts = counter.town.facts().expect("the accounts");
    for account in facts["accounts"].as_array().into_iter().flatten() {
        for what in ["password", "totp_secret"] {
            if let Some(secret) = account[what].as_str() {
                let name = format!("{what} of {}", account["login_id"]);
                all.insert(name, secret.as_bytes().to_vec());
            }
        }
    }
    all
}

/// How a program might write bytes: as they are, in hexadecimal, as a list of numbers.
fn forms(secret: &[u8]) -> [Vec<u8>; 3] {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let list: Vec<String> = secret.iter().map(u8::to_string).collect();
    [secret.to_vec(), hex.into_bytes(), list.join(", ").into_bytes()]
}

/// Programs that all run while an application with files crosses.
const OVERLOOKED: [&str; 5] =
    ["bridge", "internet-zone", "lgwan-zone", "sanitizer", "sanitizer-worker"];

/// Arguments and environment of every process of these programs, by program and kind, again and
/// again until told to stop.
fn overlooked(programs: &Path, stop: &AtomicBool) -> BTreeMap<String, BTreeSet<Vec<u8>>> {
    let mut seen: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    while !stop.load(Ordering::SeqCst) {
        for process in fs::read_dir("/proc").expect("Linux").flatten().map(|entry| entry.path()) {
            let Ok(program) = fs::read_link(process.join("exe")) else { continue };
            let Ok(name) = program.strip_prefix(programs) else { continue };
            // Tests lie a folder deeper.
            if name.components().count() == 1 {
                for kind in ["cmdline", "environ"] {
                    let Ok(bytes) = fs::read(process.join(kind)) else { continue };
                    seen.entry(format!("{} {kind}", name.display())).or_default().insert(bytes);
                }
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    seen
}

/// NN-18, MN-7.1a, NF-32: no key, password or code is ever in the arguments or the environment of a
/// process, where others of the host could read it, nor in a log: not of the services and roles, and
/// not of the sanitizers and workers that they start while an application with files crosses.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_arguments_environment_or_logs() {
    let counter = Counter::open();
    let plan = counter.town.plan.clone();
    let programs = plan.programs.canonicalize().expect("built");
    let picture = photograph();
    let mut seen: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    let mut numbers: Vec<String> = Vec::new();
    for () in platform_testkit::patiently() {
        let stop = Arc::new(AtomicBool::new(false));
        let (here, told) = (programs.clone(), Arc::clone(&stop));
        let looking = std::thread::spawn(move || overlooked(&here, &told));
        let email = format!("himitsu{}@example.jp", numbers.len());
        let (_, slip) =
            counter.applies_for_residence_record("秘密", &email, &[licence(&picture)]).await;
        let mut clerk = counter.staff("s0101").await;
        counter.until(&mut clerk, "/inbox", &slip.number).await;
        counter.staff("s0001").await;
        numbers.push(slip.secret);
        stop.store(true, Ordering::SeqCst);
        for (place, texts) in looking.join().expect("it looked") {
            seen.entry(place).or_default().extend(texts);
        }
        // A worker may come and go between two looks.
        if OVERLOOKED.iter().all(|program| seen.contains_key(&format!("{program} cmdline"))) {
            break;
        }
    }
    for program in OVERLOOKED {
        assert!(seen.contains_key(&format!("{program} cmdline")), "{program} was not seen");
    }
    let mut places = seen;
    for log in fs::read_dir(plan.root.join("logs")).expect("logs").flatten() {
        let bytes = fs::read(log.path()).expect("ours");
        places.entry(log.path().display().to_string()).or_default().insert(bytes);
    }
    let mut all = secrets(&counter);
    assert!(all.len() > 40, "{:?}", all.keys());
    for (n, secret) in numbers.into_iter().enumerate() {
        all.insert(format!("確認用の番号 {n}"), secret.into_bytes());
    }
    for (name, secret) in &all {
        assert!(secret.len() >= 8, "{name} is short");
        for form in forms(secret) {
            for (place, texts) in &places {
                let found = texts
                    .iter()
                    .any(|text| text.windows(form.len()).any(|window| window == form.as_slice()));
                assert!(!found, "{name} is in {place}");
            }
        }
    }
    counter.close();
}

/// A credential as systemd hands it over: a file by its name, the files of a folder as `NAME_FILE`.
fn hand_over(from: &Path, given: &Path, name: &str) -> std::io::Result<()> {
    if !from.is_dir() {
        return fs::copy(from, given.join(name)).map(|_| ());
    }
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let file = format!("{name}_{}", entry.file_name().to_string_lossy());
        fs::copy(entry.path(), given.join(file))?;
    }
    Ok(())
}

/// Sample settings with this machine's places.
fn here(sample: &str, unit: &str, credentials: &Path, plan: &Plan) -> String {
    let place = |path: PathBuf| path.display().to_string();
    // No unit is given the password before a city has one.
    let password = credentials.with_extension("password");
    fs::write(&password, "secret").expect("ours");
    let folder = format!("/run/credentials/madoguchi-{unit}.service");
    sample
        .replace(&format!("{folder}/smtp.password"), &place(password))
        .replace(&folder, &place(credentials.to_owned()))
        .replace("/usr/bin", &place(plan.programs.clone()))
        .replace("/usr/share/madoguchi/utf_ken_all.csv", &place(plan.house.join(POSTAL)))
        .replace("/usr/share/madoguchi/NotoSansJP-Regular.otf", &place(plan.house.join(TYPEFACE)))
}

const POSTAL: &str = "deploy/sample-city/postal.csv";
const TYPEFACE: &str = "lgwan-zone/fonts/NotoSansJP-Regular.otf";

struct Unit {
    /// Program and its first argument.
    command: [String; 2],
    /// Name of the credential, and the key file below the hosts' folders.
    credentials: BTreeMap<String, String>,
}

/// By name without `madoguchi-`.
fn units(folder: &Path) -> BTreeMap<String, Unit> {
    let files = fs::read_dir(folder).expect("the units").flatten().map(|entry| entry.path());
    let services = files.filter(|path| path.extension().is_some_and(|it| it == "service"));
    // A template, for a backup, holds no key.
    services.filter(|path| !path.display().to_string().contains('@')).map(read).collect()
}

fn read(path: PathBuf) -> (String, Unit) {
    let text = fs::read_to_string(&path).expect("readable");
    let after = |line: &str, key: &str| line.strip_prefix(key).map(str::to_owned);
    let start = text.lines().find_map(|line| after(line, "ExecStart=/usr/bin/"));
    let start = start.unwrap_or_else(|| panic!("{}: starts nothing", path.display()));
    let mut words = start.split(' ').map(str::to_owned);
    let command = [words.next().unwrap_or_default(), words.next().unwrap_or_default()];
    let credentials = text
        .lines()
        .filter_map(|line| after(line, "LoadCredential="))
        .map(|line| {
            let (name, from) = line.split_once(":/etc/madoguchi/keys/").expect("a key file");
            let (host, file) = from.split_once('/').expect("of a host");
            (name.to_owned(), format!("{host}/keys/{file}"))
        })
        .collect();
    let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let name = name.strip_prefix("madoguchi-").expect("the common prefix").to_owned();
    (name, Unit { command, credentials })
}

/// Whether the program finds its settings and keys good.
fn checks(program: &Path, role: &str, config: &Path) -> bool {
    let mut check = Command::new(program);
    match role {
        "serve" => check.arg("check-config").arg("--config").arg(config),
        role => check.arg(role).arg("--config").arg(config).arg("--check-config"),
    };
    check.output().expect("the program runs").status.success()
}

/// The names of settings: the public fields of a zone's settings.
fn settings(source: &str) -> Vec<&str> {
    // What no file says is no setting.
    let said = source.lines().zip(source.lines().skip(1));
    let said = said.filter(|(before, _)| !before.starts_with("    #[serde(skip"));
    let fields = said.filter_map(|(_, line)| line.strip_prefix("    pub "));
    fields
        .filter_map(|line| line.split_once(": "))
        .map(|(name, _)| name)
        .filter(|name| {
            name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
        })
        .collect()
}

/// NB-6.6: the manuals of citizens, staff and administrators keep up with the service: each entry of the
/// staff menu and each setting stands in its manual, and so does what the citizens' pages call things.
#[test]
fn the_manuals_name_what_the_service_has() {
    let manual = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/manuals").join(name);
        fs::read_to_string(path).expect("a manual")
    };
    let [citizen, staff, administrator] =
        ["citizen.md", "staff.md", "administrator.md"].map(manual);
    let frame = include_str!("../../lgwan-zone/web/texts/ja/frame.toml");
    let (_, menu) = frame.split_once("[menu]\n").expect("the menu");
    let entries = menu.lines().take_while(|line| !line.is_empty());
    let entries: Vec<(&str, &str)> = entries.filter_map(|line| line.split_once(" = ")).collect();
    assert!(entries.len() > 7, "{entries:?}");
    for (key, words) in entries.into_iter().filter(|(key, _)| *key != "home") {
        let words = words.trim_matches('"');
        let found = staff.contains(words) || administrator.contains(words);
        assert!(found, "{key}: {words}");
    }
    let both = [
        include_str!("../../internet-zone/src/config.rs"),
        include_str!("../../lgwan-zone/src/config.rs"),
    ];
    let names: Vec<&str> = both.iter().flat_map(|zone| settings(zone)).collect();
    assert!(names.len() > 90, "{}", names.len());
    for name in &names {
        assert!(administrator.contains(&format!("`{name}`")), "the setting {name}");
    }
    // Nor does the manual name what would stop the service from starting.
    let elsewhere = ["url", "readers", "closed", "open"];
    let (_, tables) = administrator.split_once("\n## 設定ファイル\n").expect("the settings");
    let (tables, _) = tables.split_once("\n## ").expect("what stands behind them");
    for row in tables.lines().filter(|line| line.starts_with("| `")) {
        let cells = row.split('|').take(3);
        for name in cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)) {
            assert!(names.contains(&name) || elsewhere.contains(&name), "{name} is none: {row}");
        }
    }
    let pages = [
        include_str!("../../internet-zone/web/texts/ja/applications.toml"),
        include_str!("../../internet-zone/web/texts/ja/identity.toml"),
    ];
    for words in
        ["代理人", "マイページ", "申請状況の確認", "この内容で申請する", "申請を取り下げる"]
    {
        assert!(citizen.contains(words), "{words}");
        let on_page = format!(" = \"{words}\"\n");
        assert!(pages.iter().any(|page| page.contains(&on_page)), "no page says {words}");
    }
}
