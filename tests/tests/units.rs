//! The systemd units and the sample settings against the programs they are for.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use journeys::counter::Counter;
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
    let fields = source.lines().filter_map(|line| line.strip_prefix("    pub "));
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
    for name in names {
        assert!(administrator.contains(&format!("`{name}`")), "the setting {name}");
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
