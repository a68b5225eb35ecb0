//! Every word the domain and the bridge may ask for is in the catalogue.

use bridge_words::{HOLDS, SOURCES};
use domain::applications::{Event, State};
use domain::forms::publish::ProblemCode;
use domain::identity::reform::ReformFaultCode;
use domain::identity::roster::RosterFaultCode;
use lgwan_zone_store::lanes::{self, Lane};

use crate::site::TEXTS;

/// The words of `bridge_contract`, which this package does not know.
mod bridge_words {
    pub(super) const HOLDS: [&str; 11] = [
        "encrypted",
        "macro_only",
        "broken",
        "unsupported",
        "too_large",
        "too_complex",
        "timeout",
        "active_only",
        "scanner_hit",
        "worker_fault",
        "wrong_password",
    ];
    pub(super) const SOURCES: [&str; 8] =
        ["account", "lookup", "past", "card", "corporate", "invitation", "link", "staff"];
}

/// NF-34: every state and event has its words.
#[test]
fn states_and_events_have_words() {
    for state in State::ALL {
        assert!(TEXTS.get(state.name_key()).is_some(), "{state}");
    }
    for event in Event::ALL {
        for key in ["applications.act", "audit.act.applications"] {
            let key = format!("{key}.{}", event.key());
            assert!(TEXTS.get(&key).is_some(), "{key}");
        }
    }
}

/// NF-32: every reason to hold a file has a sentence, every source of an answer too.
#[test]
fn reasons_and_sources_have_words() {
    for reason in HOLDS {
        assert!(TEXTS.get(&format!("applications.held.{reason}")).is_some(), "{reason}");
    }
    for source in SOURCES {
        assert!(TEXTS.get(&format!("applications.provenance.{source}")).is_some(), "{source}");
    }
}

/// NS-2: every alarm, kind of message and state of a bundle has its words.
#[test]
fn alarms_kinds_and_states_of_bundles_have_words() {
    for code in crate::bridge::alarms::CODES {
        assert!(TEXTS.get(&format!("bridge.alarm.{code}")).is_some(), "{code}");
    }
    for lane in [Lane::In, Lane::PubCtl] {
        for word in (0..=u16::from(u8::MAX)).filter_map(|kind| lanes::kind_word(lane, kind)) {
            assert!(TEXTS.get(&format!("bridge.kind.{word}")).is_some(), "{word}");
        }
    }
    for state in ["allocated", "ready", "stored", "ingested", "released", "received"] {
        assert!(TEXTS.get(&format!("bridge.code.{state}")).is_some(), "{state}");
    }
}

/// NF-22: every problem of a definition has a sentence.
#[test]
fn problems_of_a_definition_have_words() {
    for code in ProblemCode::ALL {
        assert!(TEXTS.get(code.key()).is_some(), "{}", code.key());
    }
}

/// Every refusal says what happened and what to do next.
#[test]
fn every_refusal_has_both_sentences() {
    let keys: Vec<&str> = TEXTS.keys().collect();
    for what in keys.iter().filter(|key| key.ends_with(".what")) {
        let next = what.replace(".what", ".next");
        assert!(keys.contains(&next.as_str()), "{next}");
    }
}

/// Pages hold no words of their own, and every key they name has words.
#[test]
fn templates_take_every_word_from_the_catalogue() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for folder in ["templates", "../../platform/web/templates"] {
        let faults = platform_testkit::templates::faults(&here.join(folder), &|key| {
            TEXTS.get(key).is_some()
        });
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}

/// NB-7.1: everything that can be wrong with a list of staff has its words.
#[test]
fn faults_of_lists_of_staff_have_words() {
    for code in RosterFaultCode::ALL {
        assert!(TEXTS.get(code.key()).is_some(), "{}", code.key());
    }
}

/// NB-6.5: everything that can be wrong with a reform has its words.
#[test]
fn faults_of_reforms_have_words() {
    for code in ReformFaultCode::ALL {
        assert!(TEXTS.get(code.key()).is_some(), "{}", code.key());
    }
}

/// NF-41, NF-42: everything either zone writes into its operation log has words for the auditor.
#[test]
fn everything_that_is_logged_has_words() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut acts = std::collections::BTreeSet::new();
    for folder in [
        "src",
        "../store/src",
        "../../internet-zone/store/src",
        "../../platform/audit/src",
        "../../bridge/lanes/src/operate",
    ] {
        collect(&here.join(folder), &mut acts);
    }
    let rooms = [
        "api",
        "identity",
        "applications",
        "documents",
        "procedures",
        "exports",
        "numbers",
        "bridge",
        "audit",
    ];
    for room in rooms {
        let some = acts.iter().any(|act| act.starts_with(&format!("{room}.")));
        assert!(some, "no act of {room} was found");
    }
    for act in acts {
        assert!(TEXTS.get(&format!("audit.act.{act}")).is_some(), "{act}");
        let room = act.split('.').next().unwrap_or_default();
        assert!(crate::audit::ROOMS.contains(&room), "nobody can ask for {act}");
        assert!(TEXTS.get(&format!("audit.room.{room}")).is_some(), "{room}");
    }
}

/// NF-41: what either zone notes beside an act as `key=value` has words for the auditor.
#[test]
fn everything_that_is_noted_has_words() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut keys = std::collections::BTreeSet::new();
    for folder in ["../store/src", "../../internet-zone/store/src"] {
        noted(&here.join(folder), &mut keys);
    }
    assert!(keys.contains("revision") && keys.contains("round"), "{keys:?}");
    for key in keys {
        assert!(TEXTS.get(&format!("audit.part.{key}")).is_some(), "{key}");
    }
}

/// The keys of `key={value}` in the texts of source files.
fn noted(folder: &std::path::Path, keys: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            noted(&path, keys);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source file");
        for (at, _) in text.match_indices("={") {
            let before = &text[..at];
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            let key = &before[before.trim_end_matches(plain).len()..];
            let opens = before[..before.len() - key.len()].ends_with(['"', ' ']);
            if opens && !key.is_empty() {
                keys.insert(key.to_owned());
            }
        }
    }
}

/// The acts that source files record: the first `room.verb` behind a call that records, and the
/// words of the citizens' zone's list of acts.
fn collect(folder: &std::path::Path, acts: &mut std::collections::BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, acts);
            continue;
        }
        let text = std::fs::read_to_string(&path).expect("a source");
        let calls =
            ["record(", "refused(", "failed(", "taken_out(", "noted(", "Event::new(", "self.done("];
        for call in calls {
            for behind in text.split(call).skip(1) {
                let end = behind.find(';').unwrap_or(behind.len());
                let quoted = behind[..end].split('"').skip(1).step_by(2).find(|word| is_act(word));
                acts.extend(quoted.map(str::to_owned));
            }
        }
        if path.ends_with("internet-zone/store/src/record.rs") {
            let words = text.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next());
            acts.extend(words.filter(|word| is_act(word)).map(str::to_owned));
        }
    }
}

fn is_act(word: &str) -> bool {
    let plain =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    word.split_once('.').is_some_and(|(room, verb)| plain(room) && plain(verb))
}

/// NB-2.5: every kind of question, every edit and every way to ask has words a clerk reads.
#[test]
fn everything_the_designer_names_has_words() {
    use domain::forms::design::condition::Op;
    use domain::forms::design::{Kind, Part, What};
    let kinds = Kind::ALL.iter().flat_map(|kind| {
        let of = |part: &str| format!("design.{part}.{}", kind.word());
        [kind.key().to_owned(), of("kind_use"), of("sketch")]
    });
    let ops = Op::ALL
        .iter()
        .flat_map(|op| [op.key().to_owned(), format!("design.op_asked.{}", op.word())]);
    let parts = Part::ALL.iter().map(|part| part.key().to_owned());
    let edits = What::ALL.iter().map(|what| what.key().to_owned());
    for key in kinds.chain(ops).chain(parts).chain(edits) {
        assert!(TEXTS.get(&key).is_some(), "{key}");
    }
}
