//! clamd itself, and c-icap with the service that asks it. Their data base has
//! one signature, of these tests.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use sanitizer::policy::{IcapMethod, Need};
use sanitizer_intermediate::{ChangedKind, HoldReason};
use tempfile::TempDir;
use zip::AesMode;
use zip::write::{FileOptions, SimpleFileOptions};

use super::{clamd, desk, icap};
use crate::desk::changed;
use crate::passwords::{WORD, password};

/// What the one signature knows.
const MALWARE: &str = "madoguchi-malware-of-the-tests";
/// clamd names a signature of a user's own data base like this.
const NAME: &str = "Madoguchi.Test.UNOFFICIAL";
/// How long the programs may take to start.
const PATIENCE: Duration = platform_testkit::PATIENCE;

/// Programs that end with the test.
struct Running(Vec<Child>);

impl Drop for Running {
    fn drop(&mut self) {
        for child in &mut self.0 {
            let _ended_already = child.kill();
            let _status = child.wait();
        }
    }
}

struct Scanners {
    folder: TempDir,
    clamd_port: u16,
    icap_port: u16,
    _running: Running,
}

impl Scanners {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("scan").tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        let [clamd_port, icap_port] = free_ports();
        std::fs::create_dir(at("db")).expect("a folder");
        let hex: String = MALWARE.bytes().map(|it| format!("{it:02x}")).collect();
        std::fs::write(at("db/own.ndb"), format!("Madoguchi.Test:0:*:{hex}\n")).expect("written");
        let clamd = format!(
            "Foreground yes\nDatabaseDirectory {}\nTemporaryDirectory {}\nLocalSocket {}\n\
             TCPAddr 127.0.0.1\nTCPSocket {clamd_port}\nStreamMaxLength 1M\n",
            at("db").display(),
            folder.path().display(),
            at("clamd.sock").display()
        );
        std::fs::write(at("clamd.conf"), clamd).expect("written");
        let libraries = c_icap_modules();
        let c_icap = format!(
            "PidFile {pid}\nCommandsSocket {control}\nPort 127.0.0.1:{icap_port}\n\
             StartServers 1\nMaxServers 1\nThreadsPerChild 4\nTmpDir {tmp}\n\
             ModulesDir {modules}\nServicesDir {modules}\nLoadMagicFile /etc/c-icap/c-icap.magic\n\
             ServerLog {log}\nAccessLog {log}\n\
             Service antivirus_module virus_scan.so\n\
             virus_scan.ScanFileTypes TEXT DATA EXECUTABLE ARCHIVE GIF JPEG MSOFFICE\n\
             virus_scan.Allow204Responces on\nvirus_scan.MaxObjectSize 1M\n\
             virus_scan.SendPercentData 5\nvirus_scan.StartSendPercentDataAfter 2M\n\
             virus_scan.DefaultEngine clamd\nModule common clamd_mod.so\n\
             clamd_mod.ClamdSocket {socket}\n",
            pid = at("c-icap.pid").display(),
            control = at("c-icap.ctl").display(),
            tmp = folder.path().display(),
            modules = libraries.display(),
            log = at("c-icap.log").display(),
            socket = at("clamd.sock").display(),
        );
        std::fs::write(at("c-icap.conf"), c_icap).expect("written");

        let mut running = Running(Vec::new());
        let config = at("clamd.conf").display().to_string();
        running.0.push(start("clamd", &["--config-file", &config]));
        wait_for(clamd_port);
        let config = at("c-icap.conf").display().to_string();
        running.0.push(start("c-icap", &["-N", "-f", &config]));
        wait_for(icap_port);
        Self { folder, clamd_port, icap_port, _running: running }
    }
}

fn start(program: &str, args: &[&str]) -> Child {
    Command::new(program)
        .args(args)
        .env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}; `cargo xtask test` installs it"))
}

fn free_ports() -> [u16; 2] {
    let listeners = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).expect("a port"));
    listeners.map(|it| it.local_addr().expect("an address").port())
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < PATIENCE, "nobody listens");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn c_icap_modules() -> PathBuf {
    let known = ["/usr/lib/x86_64-linux-gnu/c_icap", "/usr/lib/aarch64-linux-gnu/c_icap"];
    let found = known.iter().map(PathBuf::from).find(|it| it.join("virus_scan.so").exists());
    found.expect("libc-icap-mod-virus-scan; `cargo xtask test` installs it")
}

/// NF-32: clamd, on a port and on a socket, and an ICAP service let a harmless
/// file pass and hold what they know; both look into archives. What a password
/// opens they see, too.
#[test]
fn real_scanners_know_malware() {
    let scanners = Scanners::start();
    let bad = format!("before {MALWARE} after\n").repeat(400);
    let socket = scanners.folder.path().join("clamd.sock").display().to_string();
    let service = format!("icap://127.0.0.1:{}/virus_scan", scanners.icap_port);
    let slots = [
        clamd(&format!("127.0.0.1:{}", scanners.clamd_port), Need::Required),
        clamd(&socket, Need::Required),
        icap(&service, Need::Required, IcapMethod::Respmod),
        icap(&service, Need::Required, IcapMethod::Reqmod),
    ];
    for slot in slots {
        let desk = desk(slot.clone());
        for size in [1, 1_000, 300_000] {
            let good = "なにもない\n".repeat(size).into_bytes();
            desk.sends("a.txt", &good[..good.len().min(900_000)]).becomes("a.txt");
        }
        for (name, bytes) in [("b.txt", bad.clone().into_bytes()), ("b.zip", packed(&bad))] {
            let sent = desk.sends(name, &bytes);
            sent.is_held_with(HoldReason::ScannerHit);
            let told = sent.0.diagnosis.as_deref().unwrap_or_default();
            assert!(told.contains(NAME), "{slot:?} {name}: {told}");
        }
    }
    // What no scanner can look into as it was sent.
    let locked = locked(&bad);
    let by_clamd = desk(clamd(&socket, Need::Required));
    by_clamd.sends("d.zip", &locked).is_held_with(HoldReason::Encrypted);
    let opened = by_clamd.sends_with("d.zip", &locked, &password(WORD));
    opened.is_held_with(HoldReason::ScannerHit);
    assert_eq!(opened.0.malware.as_deref(), Some(NAME));
    let large = vec![b'a'; 3 << 20];
    by_clamd.sends("c.txt", &large).is_held_with(HoldReason::TooLarge);
    let unseen = desk(clamd(&socket, Need::IfAvailable)).sends("c.txt", &large).becomes("c.txt");
    assert_eq!(changed(&unseen, ChangedKind::NotScannedByClamd), 1, "staff read so");
}

fn packed(text: &str) -> Vec<u8> {
    with(text, SimpleFileOptions::default())
}

fn locked(text: &str) -> Vec<u8> {
    with(text, SimpleFileOptions::default().with_aes_encryption(AesMode::Aes256, WORD))
}

fn with(text: &str, options: FileOptions<'_, '_, ()>) -> Vec<u8> {
    use std::io::Write as _;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("b.txt", options).expect("a member");
    zip.write_all(text.as_bytes()).expect("a member");
    zip.finish().expect("an archive").into_inner()
}
