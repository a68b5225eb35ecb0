//! What operators must hear of, from host to host in signed heads: the staff zone tells
//! of the hosts before it, too (I21).

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::time::{Duration, Instant};

use bridge_contract::digest::Digest;
use bridge_contract::head::{Head, LARGEST_HEAD, Trouble};
use bridge_contract::keys::KeySet;
use bridge_contract::place::{Host, Lane};
use jiff::Timestamp;
use platform_service::halts::Halts;

/// A head is signed anew every ten seconds; after so long without one the sender, or the
/// link to it, is down. With the next head of this host and the next look at L it is told
/// within a minute.
const PATIENCE: Duration = Duration::from_secs(35);

/// What the sender of a lane said last, and since when it says nothing newer. The age of the file is not that
/// of the word: a mover may copy the same head again and again, or keep the time of the far end's clock.
#[derive(Clone, Copy, Debug)]
pub struct LastWord {
    /// Hash of the head, and when it was signed.
    word: Option<(Digest, Timestamp)>,
    since: Instant,
}

impl LastWord {
    /// Nothing was heard yet by who listens since then.
    #[must_use]
    pub const fn none(since: Instant) -> Self {
        Self { word: None, since }
    }

    fn hear(&mut self, word: (Digest, Timestamp), now: Instant) {
        if self.word != Some(word) {
            *self = Self { word: Some(word), since: now };
        }
    }
}

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

/// What the sender of a lane said last of itself and of those before it; and, when it says nothing
/// newer, that nothing is heard of it. `here` says so; `last` is remembered from look to look.
#[must_use]
pub fn troubles_heard(
    spool: &Path,
    lane: Lane,
    keys: &KeySet,
    (here, now): (Host, Instant),
    last: &mut LastWord,
) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    // Whoever was never heard is as silent as one that fell silent.
    let bytes = fs::read(spool.join(lane.word()).join("head")).unwrap_or_default();
    if let Ok(head) = Head::open(&bytes, lane, keys) {
        last.hear((Digest::of(&bytes), head.at), now);
        troubles = head.lists.troubles;
    }
    // What a host says is about itself, and about hosts whose heads it hears.
    troubles.retain(|trouble| trouble.host != here);
    if now.saturating_duration_since(last.since) > PATIENCE {
        troubles.push(Trouble {
            host: here,
            stopped: false,
            part: format!("lane {lane} silent"),
            code: "silent".to_owned(),
            detail: last.word.map_or_else(|| "—".to_owned(), |(_, at)| at.to_string()),
        });
    }
    troubles
}

/// The file beside the generations in which server A says what it and B are in need of: a
/// head of `exp` that goes to nobody but the staff zone. `docs/wire/export.md`.
pub const FROM_SERVER_A: &str = ".server-a";

/// The folder beside the generations in which server A leaves one empty file, `<job>.<generation>`, for each of
/// which the business system said that it failed. `docs/wire/export.md`.
pub const FAILED: &str = ".failed";

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
        let sign = |second| {
            let at = Timestamp::from_second(second).expect("in range");
            Head::sign_with(Lane::Raw, place, lists.clone(), at, &signer)
        };
        fs::create_dir(dir.path().join("raw")).expect("a folder");
        let path = dir.path().join("raw/head");
        let begin = Instant::now();
        let mut last = LastWord::none(begin);
        let mut heard_at = |second| {
            let now = begin + Duration::from_secs(second);
            let here = (Host::Sanitizer, now);
            troubles_heard(dir.path(), Lane::Raw, folder.set(), here, &mut last)
        };
        assert_eq!(heard_at(30), [], "it may have begun just now");
        let [never] = heard_at(60).try_into().expect("one trouble");
        let said_by_s =
            |code: &str, detail: &str| (Host::Sanitizer, code.to_owned(), detail.to_owned());
        assert_eq!((never.host, never.code, never.detail), said_by_s("silent", "—"));

        fs::write(&path, sign(0)).expect("written");
        assert_eq!(heard_at(70), said);
        // A mover that goes on copying an old head makes a new file of it, and no new word.
        fs::remove_file(&path).expect("ours");
        fs::write(&path, sign(0)).expect("written");
        let codes: Vec<(Host, String)> =
            heard_at(110).into_iter().map(|trouble| (trouble.host, trouble.code)).collect();
        let expected = [(Host::Internet, "spool_full"), (Host::Sanitizer, "silent")];
        assert_eq!(codes, expected.map(|(host, code)| (host, code.to_owned())));
        fs::write(&path, sign(10)).expect("written");
        assert_eq!(heard_at(120), said, "it is back");

        fs::write(&path, b"forged").expect("written");
        assert_eq!(heard_at(130), [], "only a signed head is believed");
        let [silent] = heard_at(160).try_into().expect("one trouble");
        let at = "1970-01-01T00:00:10Z";
        assert_eq!((silent.host, silent.code, silent.detail), said_by_s("silent", at));
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
