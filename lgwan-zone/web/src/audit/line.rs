//! One event in words.

use std::collections::BTreeMap;

use lgwan_zone_store::QueryError;
use lgwan_zone_store::api::keys;
use lgwan_zone_store::applications::file;
use lgwan_zone_store::audit::{Event, Line, Zone};
use lgwan_zone_store::identity::staff;
use platform_store::Db;

use crate::site::TEXTS;
use crate::words;

/// Names for the ids of some lines.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Log-in id and name, by staff id.
    staff: BTreeMap<String, (String, String)>,
    /// Name of the business system, by id of its key.
    keys: BTreeMap<String, String>,
    /// Receipt number, by application id.
    numbers: BTreeMap<String, String>,
}

/// An event as a page or a file shows it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) seq: i64,
    /// Whose log.
    pub(super) zone: &'static str,
    pub(super) at: String,
    /// What stands for the person in the system: a log-in id, `account:…`.
    pub(super) id: String,
    pub(super) actor: String,
    pub(super) act: String,
    pub(super) object: String,
    pub(super) result: &'static str,
    pub(super) ok: bool,
    pub(super) detail: String,
    pub(super) ip: String,
    pub(super) session: String,
}

impl Names {
    /// The names of the people and applications of these lines.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub(super) fn of(db: &mut Db, lines: &[Line]) -> Result<Self, QueryError> {
        let parts = || lines.iter().flat_map(|one| [&one.event.actor, &one.event.object]);
        let ids = |kind: &str| {
            let mut ids: Vec<String> =
                parts().filter_map(|part| part.strip_prefix(kind)).map(str::to_owned).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        let mut names = Self::default();
        for some in ids("staff:").chunks(500) {
            let people = staff::names(db, some)?;
            names.staff.extend(people.into_iter().map(|(id, login, name)| (id, (login, name))));
        }
        for some in ids("key:").chunks(500) {
            names.keys.extend(keys::names(db, some)?);
        }
        for some in ids("application:").chunks(500) {
            let rows = file::rows(db, some)?;
            names.numbers.extend(rows.into_iter().map(|row| (row.id, row.number)));
        }
        Ok(names)
    }

    /// A line in words. Without names, staff are only 職員: neither who it was nor from where.
    pub(super) fn row(&self, line: &Line, with_names: bool) -> Row {
        let event = &line.event;
        let hidden = !with_names && event.actor.starts_with("staff:");
        let shown = |text: &str| if hidden { String::new() } else { text.to_owned() };
        let (id, actor) = self.actor(&event.actor, with_names);
        Row {
            seq: line.seq,
            zone: zone(line.zone),
            at: words::second(event.at),
            id,
            actor,
            act: TEXTS.get(&format!("audit.act.{}", event.act)).unwrap_or(&event.act).to_owned(),
            object: self.object(&event.object, with_names),
            result: TEXTS
                .get(&format!("audit.result.{}", event.result))
                .unwrap_or_else(|| TEXTS.text("audit.result.failed")),
            ok: event.result == "ok",
            detail: detail(event),
            ip: shown(&event.ip),
            session: shown(&event.session),
        }
    }

    fn actor(&self, actor: &str, with_names: bool) -> (String, String) {
        let (kind, id) = actor.split_once(':').unwrap_or((actor, ""));
        let word = TEXTS.get(&format!("audit.actor.{kind}")).unwrap_or(kind).to_owned();
        match kind {
            "staff" if !with_names => (String::new(), word),
            "staff" => match self.staff.get(id) {
                Some((login, name)) => (login.clone(), name.clone()),
                None => (actor.to_owned(), word),
            },
            "key" => match self.keys.get(id) {
                Some(name) => (actor.to_owned(), name.clone()),
                None => (actor.to_owned(), word),
            },
            _ => (actor.to_owned(), word),
        }
    }

    fn object(&self, object: &str, with_names: bool) -> String {
        let (kind, id) = object.split_once(':').unwrap_or((object, ""));
        let word = TEXTS.get(&format!("audit.kind.{kind}")).unwrap_or(kind);
        let id = match kind {
            "staff" if !with_names => "",
            "staff" => self.staff.get(id).map_or(id, |(_, name)| name.as_str()),
            "key" => self.keys.get(id).map_or(id, String::as_str),
            "application" => self.numbers.get(id).map_or(id, String::as_str),
            _ => id,
        };
        format!("{word} {id}").trim_end().to_owned()
    }
}

/// Whose log, in words.
pub(super) fn zone(zone: Zone) -> &'static str {
    TEXTS.text(match zone {
        Zone::Staff => "audit.zone.staff",
        Zone::Citizens => "audit.zone.citizens",
    })
}

/// What else was noted, in words (NF-41): the whole of it when the catalogue has it, else `key=value`
/// and single words one by one. What has no words stays as it was noted; files have it as noted, too.
fn detail(event: &Event) -> String {
    let noted = event.detail.as_str();
    if let Some(whole) = TEXTS.get(&format!("audit.detail.{noted}")) {
        return whole.to_owned();
    }
    let part = |text: &str| match text.split_once('=') {
        None => word(text).to_owned(),
        Some((key, value)) => match TEXTS.get(&format!("audit.part.{key}")) {
            Some(_) => TEXTS.fill(&format!("audit.part.{key}"), &[("value", &word(value))]),
            None => text.to_owned(),
        },
    };
    noted.split(' ').map(part).collect::<Vec<String>>().join(" ")
}

fn word(noted: &str) -> &str {
    TEXTS.get(&format!("audit.word.{noted}")).unwrap_or(noted)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn said(noted: &str) -> String {
        detail(&Event::new(Timestamp::UNIX_EPOCH, "system", "identity.login", "x").detail(noted))
    }

    /// NF-41: an auditor reads words; numbers, ids and what has no words stay as they were noted.
    #[test]
    fn what_was_noted_is_said_in_words() {
        for (noted, words) in [
            ("revision=1", "版: 1"),
            ("off_hours", "開庁時間外の管理者のログイン"),
            ("2026-000123-4 arrived -> accepted", "2026-000123-4 受付待ち → 受付済"),
            ("from=clerk to=administrator", "変更前: 業務担当者 変更後: システム管理者"),
            ("done=3 not_now=1", "実行: 3件 状態が合わない: 1件"),
            ("correction:reviewing", "差戻し中(審査中から)"),
            ("wrong password", "パスワード違い"),
            ("unheard=1 of", "unheard=1 of"),
            ("", ""),
        ] {
            assert_eq!(said(noted), words);
        }
    }
}
