//! Secrets are in their files, and nowhere else where somebody looks: not in arguments, not in the
//! environment, not in a log.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD_NO_PAD;

use crate::desk::Desk;

/// Every program of the town.
const PROGRAMS: [&str; 7] =
    ["internet-zone", "outer", "relay", "inner", "lgwan-zone", "export", "drop"];
/// Files of a key folder that everybody may read.
const PUBLIC: [&str; 2] = ["keyset", "root.pub"];
/// Where the 32 bytes of a key begin in its PKCS #8 document.
const SEED: usize = 16;

/// NN-18, NS-2: after applications crossed and staff logged in, no program shows a key or a password
/// in its arguments, its environment or what it wrote into its log.
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_in_arguments_environment_or_logs() {
    let mut desk = Desk::open();
    desk.gets(&["鍵"]).await;
    desk.compares().await;
    let root = desk.town().plan.root.clone();
    let secrets = secrets(&root);
    assert!(secrets.len() > 20, "{} secrets of five hosts and many people", secrets.len());

    let mut looked = Vec::new();
    for role in PROGRAMS {
        let id = desk.town().id_of(role).expect("it runs");
        for what in ["cmdline", "environ"] {
            let bytes = fs::read(format!("/proc/{id}/{what}")).expect("ours");
            looked.push((format!("{what} of {role}"), bytes));
        }
    }
    for entry in fs::read_dir(root.join("logs")).expect("readable") {
        let path = entry.expect("readable").path();
        let bytes = fs::read(&path).expect("readable");
        assert!(!bytes.is_empty() || !path.ends_with("lgwan-zone.log"), "somebody logs");
        looked.push((path.display().to_string(), bytes));
    }
    for (place, bytes) in &looked {
        for (name, forms) in &secrets {
            let found = forms.iter().any(|form| holds(bytes, form));
            assert!(!found, "{name} is in {place}");
        }
    }
    desk.close();
}

/// Each secret of the town as somebody might write it: raw, in hexadecimal digits, in base 64.
fn secrets(root: &Path) -> Vec<(String, Vec<Vec<u8>>)> {
    let mut found = Vec::new();
    for host in ["i", "s", "l", "a", "b"] {
        keys(&root.join(host).join("keys"), &mut found);
    }
    let accounts = fs::read(root.join("accounts.json")).expect("readable");
    let accounts: serde_json::Value = serde_json::from_slice(&accounts).expect("a list");
    for account in accounts.as_array().expect("a list") {
        for name in ["password", "totp_secret"] {
            let said = account[name].as_str().map(|word| word.as_bytes().to_vec());
            found.extend(
                said.map(|word| (format!("{name} of {}", account["login_id"]), vec![word])),
            );
        }
    }
    found
}

fn keys(folder: &Path, found: &mut Vec<(String, Vec<Vec<u8>>)>) {
    for entry in fs::read_dir(folder).expect("readable") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            keys(&path, found);
        } else if !PUBLIC.iter().any(|name| path.ends_with(name)) {
            let file = fs::read(&path).expect("readable");
            let seed = if file.len() == 32 {
                &file[..]
            } else {
                file.get(SEED..SEED + 32).expect("a key")
            };
            let hex: String = seed.iter().map(|byte| format!("{byte:02x}")).collect();
            // The last digits of base 64 depend on what follows.
            let base64 = BASE64_STANDARD_NO_PAD.encode(seed).as_bytes()[..40].to_vec();
            let forms = vec![seed.to_vec(), hex.into_bytes(), base64];
            found.push((path.display().to_string(), forms));
        }
    }
}

fn holds(bytes: &[u8], form: &[u8]) -> bool {
    bytes.windows(form.len()).any(|window| window == form)
}
