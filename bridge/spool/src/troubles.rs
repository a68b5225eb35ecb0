//! What operators must hear of, from host to host in signed heads: the staff zone tells
//! of the hosts before it, too (I21).

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use bridge_contract::head::{Head, LARGEST_HEAD, Trouble};
use bridge_contract::keys::KeySet;
use bridge_contract::place::{Host, Lane};
use jiff::{SignedDuration, Timestamp};
use platform_service::halts::Halts;

/// A head is signed anew every ten seconds; after so long without one the sender, or the
/// link to it, is down. With the next head of this host and the next look at L it is told
/// within a minute.
const PATIENCE: SignedDuration = SignedDuration::from_secs(35);

/// What stopped on this host, or is in need.
#[must_use]
pub fn troubles_of(host: Host, halts: &Halts) -> Vec<Trouble> {
    let stopped = halts.all().into_iter().map(|halt| Trouble {
        host,
        stopped: true,
        part: halt.part,
        code: halt.code.to_owned(),
        detail: String::new(),
    });
    let needs = halts.warnings().into_iter().map(|need| Trouble {
        host,
        stopped: false,
        part: need.part,
        code: need.code.to_owned(),
        detail: need.detail,
    });
    stopped.chain(needs).collect()
}

/// What the sender of a lane said last of itself and of those before it; and, when no heads
/// come, that nothing is heard of it. `here` says so; it listens `since`.
#[must_use]
pub fn troubles_heard(
    spool: &Path,
    lane: Lane,
    keys: &KeySet,
    (here, since, now): (Host, Timestamp, Timestamp),
) -> Vec<Trouble> {
    let path = spool.join(lane.word()).join("head");
    // Whoever was never heard is as silent as one that fell silent.
    let head = fs::read(&path).ok().and_then(|bytes| Head::open(&bytes, lane, keys).ok());
    let came =
        head.as_ref().and_then(|_| fs::metadata(&path).and_then(|file| file.modified()).ok());
    let came = came.and_then(|came| Timestamp::try_from(came).ok()).unwrap_or(since);
    let last = head.as_ref().map_or_else(|| "—".to_owned(), |head| head.at.to_string());
    let mut troubles = head.map(|head| head.lists.troubles).unwrap_or_default();
    // What a host says is about itself, and about hosts whose heads it hears.
    troubles.retain(|trouble| trouble.host != here);
    if now.duration_since(came) > PATIENCE {
        troubles.push(Trouble {
            host: here,
            stopped: false,
            part: format!("lane {lane} silent"),
            code: "silent".to_owned(),
            detail: last,
        });
    }
    troubles
}

/// The file beside the generations in which server A says what it and B are in need of: a
/// head of `exp` that goes to nobody but the staff zone. `docs/wire/export.md`.
pub const FROM_SERVER_A: &str = ".server-a";

/// What server A said last, in the folder that it shares with the staff zone.
#[must_use]
pub fn server_a_says(folder: &Path, keys: &KeySet) -> Option<Head> {
    // Others may write there, too: nothing but a signed head of a head's size is read.
    let mut bytes = Vec::new();
    let file = File::open(folder.join(FROM_SERVER_A)).ok()?;
    file.take(LARGEST_HEAD as u64 + 1).read_to_end(&mut bytes).ok()?;
    let mut head = Head::open(&bytes, Lane::Exp, keys).ok()?;
    let outward = |trouble: &Trouble| matches!(trouble.host, Host::ServerA | Host::ServerB);
    head.lists.troubles.retain(outward);
    Some(head)
}

#[cfg(test)]
mod tests {
    use bridge_contract::bundle::Signer;
    use bridge_contract::digest::Digest;
    use bridge_contract::head::Lists;
    use bridge_contract::keys::{KeyFolder, new_keys};
    use bridge_contract::place::{Environment, Tenant};
    use platform_service::halts::Need;

    use super::*;

    /// I21: what I needs is heard at S as it was said; a sender that falls silent is named
    /// by the host that misses it.
    #[test]
    fn troubles_are_heard_and_so_is_silence() {
        let dir = tempfile::tempdir().expect("a folder");
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(&dir.path().join("keys")).expect("written");
        let folder = KeyFolder::open(&dir.path().join("keys/i")).expect("a complete folder");
        let key = folder.signer(Lane::Raw).expect("a key of I");
        let signer =
            Signer { tenant, environment: Environment::Demo, key_set_version: 1, key: &key };
        let halts = Halts::default();
        halts.warn(Need {
            part: "spool".to_owned(),
            code: "spool_full",
            detail: "97 % / 12 %".to_owned(),
            why: String::new(),
        });
        let said = troubles_of(Host::Internet, &halts);
        let lists = Lists { troubles: said.clone(), ..Lists::default() };
        let place = (1, 0, Digest::ZERO);
        let head = Head::sign_with(Lane::Raw, place, lists, Timestamp::UNIX_EPOCH, &signer);
        fs::create_dir(dir.path().join("raw")).expect("a folder");
        let path = dir.path().join("raw/head");
        fs::write(&path, head).expect("written");
        let came = fs::metadata(&path).and_then(|file| file.modified()).expect("ours");
        let came = Timestamp::try_from(came).expect("in range");
        let heard_at = |seconds| {
            let now = came + SignedDuration::from_secs(seconds);
            troubles_heard(dir.path(), Lane::Raw, folder.set(), (Host::Sanitizer, came, now))
        };
        assert_eq!(heard_at(30), said);

        let codes: Vec<(Host, String)> =
            heard_at(60).into_iter().map(|trouble| (trouble.host, trouble.code)).collect();
        let said_by_s =
            |code: &str, detail: &str| (Host::Sanitizer, code.to_owned(), detail.to_owned());
        let expected = [(Host::Internet, "spool_full"), (Host::Sanitizer, "silent")];
        assert_eq!(codes, expected.map(|(host, code)| (host, code.to_owned())));
        fs::write(&path, b"forged").expect("written");
        assert_eq!(heard_at(1), [], "only a signed head is believed");
        fs::remove_file(&path).expect("ours");
        assert_eq!(heard_at(1), [], "it may have begun just now");
        let [never] = heard_at(60).try_into().expect("one trouble");
        assert_eq!((never.host, never.code, never.detail), said_by_s("silent", "—"));
    }

    /// I21: server A speaks for itself and for B, and for nobody else; what lies there and is
    /// not signed by it says nothing.
    #[test]
    fn server_a_speaks_for_itself_and_for_b() {
        let dir = tempfile::tempdir().expect("a folder");
        let tenant = Tenant::parse("mirai").expect("a good name");
        new_keys(tenant, Environment::Demo).write(dir.path()).expect("written");
        let keys = |host: &str| KeyFolder::open(&dir.path().join(host)).expect("a complete folder");
        let trouble = |host| Trouble {
            host,
            stopped: true,
            part: "lane exp".to_owned(),
            code: "halted".to_owned(),
            detail: String::new(),
        };
        let said = |host: &str, lane| {
            let folder = keys(host);
            let key = folder.signer(lane).expect("a key of the host");
            let signer =
                Signer { tenant, environment: Environment::Demo, key_set_version: 1, key: &key };
            let troubles = [Host::ServerA, Host::ServerB, Host::Internet].map(trouble).to_vec();
            let lists = Lists { troubles, ..Lists::default() };
            let place = (1, 0, Digest::ZERO);
            Head::sign_with(lane, place, lists, Timestamp::UNIX_EPOCH, &signer)
        };
        let heard = || server_a_says(dir.path(), keys("l").set());
        assert_eq!(heard(), None);
        let path = dir.path().join(FROM_SERVER_A);
        fs::write(&path, said("a", Lane::Exp)).expect("written");
        let troubles = heard().expect("signed by A").lists.troubles;
        assert_eq!(troubles, [Host::ServerA, Host::ServerB].map(trouble));
        for other in [said("b", Lane::Exr), vec![7; 1 << 20], Vec::new()] {
            fs::write(&path, other).expect("written");
            assert_eq!(heard(), None);
        }
    }
}
