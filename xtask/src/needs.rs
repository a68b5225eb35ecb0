//! What the tests need beside a Rust toolchain and a C compiler.

use std::path::Path;
use std::process::Command;

use crate::{Fallible, succeed};

struct Need {
    what: &'static str,
    package: &'static str,
    there: fn() -> bool,
}

const NEEDS: [Need; 15] = [
    Need { what: "Chromium", package: "chromium", there: || program("chromium") },
    Need { what: "ChromeDriver", package: "chromium-driver", there: || program("chromedriver") },
    Need { what: "PostgreSQL server", package: "postgresql", there: postgres },
    Need { what: "pdftotext", package: "poppler-utils", there: || program("pdftotext") },
    Need { what: "qpdf", package: "qpdf", there: || program("qpdf") },
    Need { what: "openssl", package: "openssl", there: || program("openssl") },
    Need { what: "clamd", package: "clamav-daemon", there: || program("clamd") },
    Need { what: "c-icap", package: "c-icap", there: || program("c-icap") },
    Need {
        what: "c-icap's virus scan",
        package: "libc-icap-mod-virus-scan",
        there: virus_scan_service,
    },
    Need { what: "strace", package: "strace", there: || program("strace") },
    Need { what: "libfaketime", package: "libfaketime", there: faketime },
    Need { what: "ip", package: "iproute2", there: || program("ip") },
    Need { what: "Python with venv", package: "python3-venv", there: venv },
    Need { what: "xmlsec1", package: "xmlsec1", there: || program("xmlsec1") },
    Need { what: "a CJK font", package: "fonts-noto-cjk", there: font },
];

/// Installs what is missing when it may; otherwise says exactly what to install.
pub(crate) fn provide() -> Fallible<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        from_pypi();
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
    let (what, list) = (what.join(", "), packages.join(" "));
    if !(program("apt-get") && rustix::process::geteuid().is_root()) {
        return Err(format!("missing: {what}. Install with: sudo apt-get install {list}").into());
    }
    println!("xtask: installing {list}");
    let apt = |arguments: &[&str]| {
        succeed(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt(&["-qq", "update"])?;
    apt(&[&["-qq", "-y", "--no-install-recommends", "install"][..], &packages[..]].concat())?;
    match missing.iter().find(|need| !(need.there)()) {
        None => {
            from_pypi();
            Ok(())
        }
        Some(need) => Err(format!("{} is still missing after installing it", need.what).into()),
    }
}

/// What the tests run with Python. Without one of them its own tests fail and say so; the others are
/// run all the same.
fn from_pypi() {
    python("schemathesis", "the schema fuzzer");
    python("pysaml2", "the identity provider");
}

/// Puts a Python program under `target/NAME` in the versions of `xtask/NAME.txt`.
fn python(name: &str, what: &str) {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{name}.txt"));
    let place = target().join(name);
    let kept = place.join("installed.txt");
    let wanted = std::fs::read(&list).unwrap_or_default();
    if std::fs::read(&kept).is_ok_and(|kept| kept == wanted) {
        return;
    }
    println!("xtask: installing {what}");
    let made =
        succeed(Command::new("/usr/bin/python3").args(["-m", "venv", "--clear"]).arg(&place))
            .and_then(|()| {
                let pip = Command::new(place.join("bin/pip"))
                    .args(["--quiet", "--disable-pip-version-check", "install", "--requirement"])
                    .arg(&list)
                    .status()?;
                if !pip.success() {
                    return Err("pip could not install it".into());
                }
                std::fs::write(&kept, &wanted)?;
                Ok(())
            });
    if let Err(why) = made {
        println!("xtask: {what} is missing: {why}. It comes from PyPI");
    }
}

fn target() -> std::path::PathBuf {
    let own = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(own, Into::into)
}

fn venv() -> bool {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut pythons =
        folders.filter(|one| one.file_name().to_string_lossy().starts_with("python3"));
    program("python3") && pythons.any(|one| one.path().join("ensurepip").exists())
}

fn program(name: &str) -> bool {
    ["/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]
        .iter()
        .any(|folder| Path::new(folder).join(name).exists())
}

fn postgres() -> bool {
    std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .any(|version| version.path().join("bin/initdb").exists())
}

fn virus_scan_service() -> bool {
    ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"]
        .iter()
        .any(|folder| Path::new(folder).join("c_icap/virus_scan.so").exists())
}

fn faketime() -> bool {
    ["x86_64", "aarch64"].iter().any(|cpu| {
        Path::new(&format!("/usr/lib/{cpu}-linux-gnu/faketime/libfaketime.so.1")).exists()
    })
}

fn font() -> bool {
    Command::new("fc-list")
        .args([":lang=ja", "family"])
        .output()
        .is_ok_and(|families| !families.stdout.is_empty())
}
