//! What the tests need beside a Rust toolchain and a C compiler.

use std::path::Path;
use std::process::Command;

use crate::{Fallible, succeed};

struct Need {
    what: &'static str,
    package: &'static str,
    there: fn() -> bool,
}

const NEEDS: [Need; 12] = [
    Need { what: "Chromium", package: "chromium", there: || program("chromium") },
    Need { what: "ChromeDriver", package: "chromium-driver", there: || program("chromedriver") },
    Need { what: "PostgreSQL server", package: "postgresql", there: postgres },
    Need { what: "pdftotext", package: "poppler-utils", there: || program("pdftotext") },
    Need { what: "qpdf", package: "qpdf", there: || program("qpdf") },
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
    Need { what: "a CJK font", package: "fonts-noto-cjk", there: font },
];

/// Installs what is missing when it may; otherwise says exactly what to install.
pub(crate) fn provide() -> Fallible<()> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
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
        None => Ok(()),
        Some(need) => Err(format!("{} is still missing after installing it", need.what).into()),
    }
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
