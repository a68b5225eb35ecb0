//! `keys root`, `keys init`, `keys operator`.

use std::path::{Path, PathBuf};

use bridge::ceremony::{
    HostKeys, Part, SEAL_KEYS, Secret, Who, Wish, next_set, say, say_with, split, write_private,
    write_public,
};
use bridge_contract::digest::{Digest, hex};
use bridge_contract::keys::{KeyEntry, Purpose, SigningKey};
use bridge_contract::place::{Environment, Host, Tenant};
use bridge_contract::spoken;
use clap::Args;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::super::Fallible;
use super::{Answer, fingerprint_line};

/// Which installation.
#[derive(Args)]
struct Installation {
    /// The town: 1 to 16 characters of a-z, 0-9 and -.
    #[arg(long)]
    tenant: String,
    /// `production`, `training` or `demo`.
    #[arg(long)]
    environment: String,
}

impl Installation {
    fn read(&self) -> Fallible<(Tenant, Environment)> {
        let environment = Environment::from_word(&self.environment)
            .ok_or("the environment is production, training or demo")?;
        Ok((Tenant::parse(&self.tenant)?, environment))
    }
}

#[derive(Args)]
pub(in super::super) struct Root {
    /// Where its files are made; nothing there is ever replaced.
    #[arg(long)]
    dir: PathBuf,
    /// Write three shares there, and no file with the key itself.
    #[arg(long)]
    shares: Option<PathBuf>,
}

#[derive(Args)]
pub(in super::super) struct Init {
    /// Where the folders are made; nothing there is ever replaced.
    #[arg(long)]
    dir: PathBuf,
    #[command(flatten)]
    installation: Installation,
    /// One host (`i`, `s`, `l`, `a`, `b`); without it all of them, with a root.
    #[arg(long, value_parser = super::host, requires = "root_pub")]
    host: Option<Host>,
    /// The root's public key, for the folder of the one host.
    #[arg(long)]
    root_pub: Option<PathBuf>,
    /// Where the shares of the opening keys are written; `shares` in `dir` when absent.
    #[arg(long)]
    shares: Option<PathBuf>,
    /// Opening keys a lane: one a week.
    #[arg(long, default_value_t = SEAL_KEYS, value_parser = clap::value_parser!(u32).range(1..=120))]
    weeks: u32,
}

#[derive(Args)]
pub(in super::super) struct Operator {
    /// The file of the private key; its public part is written beside it.
    #[arg(long)]
    out: PathBuf,
    #[command(flatten)]
    installation: Installation,
}

pub(super) fn root(order: &Root, answer: Answer) -> Fallible<()> {
    let (key, document) = SigningKey::generate();
    let kept = match &order.shares {
        Some(dir) => {
            let what = say_with("share_what_root", &[("tenant", "")]);
            let shares = write_shares(dir, "root", &what, Secret::Root, &document)?;
            answer.line(&say("root_shares"));
            (None, shares)
        }
        None => {
            let path = order.dir.join("root.key");
            write_private(&path, &document)?;
            let path = path.display().to_string();
            answer.line(&say_with("root_file", &[("path", &path)]));
            (Some(path), Vec::new())
        }
    };
    let public = hex(&key.verify_key().0) + "\n";
    let path = order.dir.join("root.pub");
    write_public(&path, public.as_bytes())?;
    let fingerprint = Digest::of(&key.verify_key().0);
    answer.line(&say("root_made"));
    answer.line(&fingerprint_line(&fingerprint));
    answer.facts(&json!({
        "root_key": kept.0, "shares": kept.1, "root_pub": path.display().to_string(),
        "fingerprint": spoken::fingerprint(&fingerprint),
    }))
}

pub(super) fn init(order: &Init, answer: Answer) -> Fallible<()> {
    let (tenant, environment) = order.installation.read()?;
    let shares = order.shares.clone().unwrap_or_else(|| order.dir.join("shares"));
    if let (Some(host), Some(root)) = (order.host, &order.root_pub) {
        let root = super::read(root)?;
        let at = (tenant, environment);
        let (part, mut facts) = host_keys(order, host, at, (&shares, &root), answer)?;
        let path = order.dir.join(format!("{host}.part"));
        write_public(&path, &part.to_bytes())?;
        let path = path.display().to_string();
        answer.line(&say_with("host_next", &[("path", &path)]));
        answer.line(&fingerprint_line(&part.fingerprint()));
        facts["part"] = json!(path);
        facts["fingerprint"] = json!(spoken::fingerprint(&part.fingerprint()));
        return answer.facts(&facts);
    }
    let (root, document) = SigningKey::generate();
    let offline = order.dir.join("offline");
    let public = hex(&root.verify_key().0) + "\n";
    let (root_key, root_pub) = (offline.join("root.key"), offline.join("root.pub"));
    write_private(&root_key, &document)?;
    write_public(&root_pub, public.as_bytes())?;
    let (mut parts, mut hosts) = (Vec::new(), Vec::new());
    for host in Host::ALL {
        let (at, more) = ((tenant, environment), (shares.as_path(), public.as_bytes()));
        let (part, facts) = host_keys(order, *host, at, more, answer)?;
        parts.push(part);
        hosts.push(facts);
    }
    let set = next_set(&Wish { parts, ..Wish::default() })?;
    for host in Host::ALL {
        write_public(&order.dir.join(host.word()).join("keyset"), &set.sign(&root))?;
    }
    answer.line(&say_with("all_made", &[("dir", &order.dir.display().to_string())]));
    answer.line(&say_with("all_offline", &[("dir", &offline.display().to_string())]));
    answer.line(&fingerprint_line(&set.fingerprint()));
    answer.facts(&json!({
        "hosts": hosts, "root_key": root_key.display().to_string(),
        "root_pub": root_pub.display().to_string(), "version": set.version,
        "fingerprint": spoken::fingerprint(&set.fingerprint()),
    }))
}

/// Makes a host's keys, and says where. Their shares are durable before any of them is.
fn host_keys(
    order: &Init,
    host: Host,
    (tenant, environment): (Tenant, Environment),
    (shares, root): (&Path, &[u8]),
    answer: Answer,
) -> Fallible<(Part, Value)> {
    let made = HostKeys::make(host, tenant, environment, order.weeks);
    let places =
        [("host", host.word()), ("tenant", tenant.as_str()), ("environment", environment.word())];
    let what = say_with("share_what_seed", &places);
    let paths = write_shares(shares, host.word(), &what, Secret::Seed, made.seed.as_slice())?;
    let folder = order.dir.join(host.word());
    for (name, bytes) in &made.private {
        write_private(&folder.join(name), bytes)?;
    }
    write_public(&folder.join("root.pub"), root)?;
    answer.line(&say_with("host_made", &[("host", host.word())]));
    answer.line(&say_with("host_shares", &[("paths", &paths.join(" "))]));
    let dir = folder.display().to_string();
    Ok((made.part, json!({ "host": host.word(), "dir": dir, "shares": paths })))
}

/// Writes the three shares of a secret as texts to print; says where.
pub(super) fn write_shares(
    dir: &Path,
    name: &str,
    what: &str,
    kind: Secret,
    secret: &[u8],
) -> Fallible<Vec<String>> {
    let mut paths = Vec::new();
    for (share, number) in split(kind, secret).iter().zip(1..) {
        let title = say_with("share_title", &[("number", &format!("{number}"))]);
        let keep = say("share_keep");
        let text = Zeroizing::new(format!("{title}\n{what}\n{keep}\n\n{}\n", share.as_str()));
        let path = dir.join(format!("{name}-{number}.txt"));
        write_private(&path, text.as_bytes())?;
        paths.push(path.display().to_string());
    }
    Ok(paths)
}

pub(super) fn operator(order: &Operator, answer: Answer) -> Fallible<()> {
    let (tenant, environment) = order.installation.read()?;
    let (key, document) = SigningKey::generate();
    let public = key.verify_key().0;
    let entry =
        KeyEntry { purpose: Purpose::Operator, public, valid_from: 0, valid_until: u64::MAX };
    let id = entry.id().to_string();
    let part = Part { tenant, environment, who: Who::Operator, keys: vec![entry] };
    let path = order.out.with_extension("part");
    write_private(&order.out, &document)?;
    write_public(&path, &part.to_bytes())?;
    let (key, path) = (order.out.display().to_string(), path.display().to_string());
    answer.line(&say_with("operator_made", &[("path", &key), ("part", &path)]));
    answer.line(&fingerprint_line(&part.fingerprint()));
    answer.facts(&json!({
        "key": key, "id": id, "part": path,
        "fingerprint": spoken::fingerprint(&part.fingerprint()),
    }))
}
