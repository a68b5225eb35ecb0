//! The worked example of a plug-in (`deploy/examples/register`) against the real service.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Output;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::identity::KeyScope;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;

use crate::city::{CITIZENS, COPY};
use crate::desk::Desk;

const PLUGIN: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/examples/register/register.py");

/// A network that carries everything, but loses the answer to the first result that is told.
async fn losing(to: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("bound");
    let lost = Arc::new(AtomicBool::new(false));
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(carry(caller, to, Arc::clone(&lost)));
        }
    });
    addr
}

async fn carry(caller: TcpStream, to: SocketAddr, lost: Arc<AtomicBool>) {
    let service = TcpStream::connect(to).await.expect("it listens");
    let ((mut from, mut back), (mut answer, mut on)) = (caller.into_split(), service.into_split());
    let mut head = vec![0; 4096];
    let read = from.read(&mut head).await.unwrap_or(0);
    let line = String::from_utf8_lossy(&head[..read]).into_owned();
    let loses = line.starts_with("POST") && line.contains("/result ");
    let loses = loses && !lost.swap(true, Ordering::SeqCst);
    on.write_all(&head[..read]).await.expect("it takes");
    tokio::spawn(async move { tokio::io::copy(&mut from, &mut on).await });
    let mut bytes = Vec::new();
    let _ = answer.read_to_end(&mut bytes).await;
    if !loses {
        let _ = back.write_all(&bytes).await;
    }
}

async fn runs(site: SocketAddr, key: &Path, folder: &Path) -> Output {
    let run = Command::new("python3")
        .arg(PLUGIN)
        .args(["--site", &format!("http://{site}"), "--procedure", COPY, "--pause", "0.01"])
        .args(["--columns", "name.family,name.given,kind,reason"])
        .arg("--key-file")
        .arg(key)
        .arg("--folder")
        .arg(folder)
        .output();
    let run = tokio::time::timeout(std::time::Duration::from_secs(600), run).await;
    run.expect("it ends").expect("python3 is installed by `cargo xtask test`")
}

/// IK-2.1.2d2, NF-35: a plug-in takes what staff accepted into its register, issues the documents,
/// and does nothing twice although an answer is lost and it runs again; what is not accepted waits.
#[tokio::test(flavor = "multi_thread")]
async fn a_plug_in_registers_and_issues_documents() {
    let desk = Desk::open().await;
    desk.publishes(&["accept", "review", "notify"]).await;
    let mut wish: Vec<_> = KeyScope::ALL.map(|scope| ("scopes", scope.key())).to_vec();
    wish.extend([("departments", CITIZENS), ("procedures", COPY)]);
    let system = desk.system(&wish).await;
    let (taken, waiting) = (desk.applied("花子").await, desk.applied("次郎").await);
    let clerk = desk.logged_in("uketsuke").await;
    let page = format!("/applications/{taken}");
    let step = clerk.post(&page, &format!("{page}/accept"), &[("seen", "1")]).await;
    assert_eq!(step.status, 303, "{}", step.text());

    let key = desk.file("key.txt", &system.secret);
    let folder = key.parent().expect("a folder").join("register");
    let network = losing(desk.address()).await;
    // The machine went down over the first line, then over one behind it.
    std::fs::create_dir(&folder).expect("a folder");
    for broken in ["受付", "2026-0000"] {
        let mut register = std::fs::OpenOptions::new();
        let register = register.create(true).append(true).open(folder.join("register.csv"));
        register.and_then(|mut it| it.write_all(broken.as_bytes())).expect("written");
        let run = runs(network, &key, &folder).await;
        let said = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.success() && said.is_empty(), "{said}");
    }
    let register = std::fs::read_to_string(folder.join("register.csv")).expect("a register");
    assert_eq!(register.lines().count(), 2, "{register}");
    assert!(register.contains("山田,花子,all,銀行の手続きのため"), "{register}");

    let done = system.get(&format!("/api/v1/applications/{taken}")).await.json();
    assert_eq!(done["state"], "done");
    assert_eq!(done["documents"].as_array().map(Vec::len), Some(1), "issued once: {done}");
    let untouched = system.get(&format!("/api/v1/applications/{waiting}")).await.json();
    assert_eq!((&untouched["state"], &untouched["version"]), (&"arrived".into(), &1.into()));
    let shown = clerk.get(&page).await.text();
    assert!(shown.contains("登録済証") && shown.contains("住民記録システム"));
    desk.closes().await;
}
