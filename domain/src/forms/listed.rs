//! Finding an entry of a list however people write it (NF-61): width, kana, old kanji, and the ways
//! to say 株式会社 do not matter.

use unicode_normalization::UnicodeNormalization;

use crate::forms::definition::{List, Lookup};
use crate::text::{new_form, search_key, trim};

/// Most entries that are offered for choosing.
pub const MOST_OFFERED: usize = 20;

/// A list whose entries are folded once.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) list: List,
    /// By column, then by entry.
    keys: Vec<Vec<String>>,
}

/// What was found for a typed text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hit {
    /// One entry.
    One(usize),
    /// Several that cannot be told apart by what was typed.
    Several,
    /// None.
    Nothing,
}

impl Listed {
    pub(super) fn new(list: &List) -> Self {
        let of = |column| list.rows.iter().map(|row| row.get(column)).map(key_of).collect();
        Self { keys: (0..list.columns.len()).map(of).collect(), list: list.clone() }
    }

    /// A value of an entry.
    pub(super) fn value(&self, row: usize, column: usize) -> &str {
        self.list.rows.get(row).and_then(|row| row.get(column)).map_or("", String::as_str)
    }

    /// What an entry is called where it is chosen: さくら小学校（西区）.
    pub(super) fn label(&self, kind: &Lookup, row: usize) -> String {
        let columns = kind.keep.iter().filter_map(|id| self.list.column(id));
        let kept: Vec<&str> =
            columns.map(|at| self.value(row, at)).filter(|value| !value.is_empty()).collect();
        let name = self.value(row, 0);
        if kept.is_empty() { name.to_owned() } else { format!("{name}（{}）", kept.join("、")) }
    }

    /// The entry that is meant. `kept` are the values stored with an earlier choice: they tell
    /// entries of the same name apart.
    pub(super) fn hit(
        &self,
        (kind, narrow): (&Lookup, Option<&str>),
        typed: &str,
        kept: &[(usize, &str)],
    ) -> Hit {
        let key = list_key(typed);
        if key.is_empty() {
            return Hit::Nothing;
        }
        for column in columns(&self.list, kind) {
            let same = |row: &usize| self.keys[column][*row] == key;
            let all: Vec<usize> = self.within(kind, narrow).filter(same).collect();
            match all[..] {
                [] => {}
                [one] => return Hit::One(one),
                [..] => return self.told_apart(kind, &all, typed, kept),
            }
        }
        Hit::Nothing
    }

    /// The one that is meant of several with the same key: which is written like this, with these values
    /// beside it (of those that store the same any one will do), or which alone has the values.
    fn told_apart(&self, kind: &Lookup, all: &[usize], typed: &str, kept: &[(usize, &str)]) -> Hit {
        let sent =
            |at: usize| kept.iter().find(|(column, _)| *column == at).map_or("", |one| one.1);
        let is_written = |row: &usize| {
            let mut columns = kind.keep.iter().filter_map(|id| self.list.column(id));
            trim(self.value(*row, 0)) == typed && columns.all(|at| self.value(*row, at) == sent(at))
        };
        if let Some(one) = all.iter().copied().find(is_written) {
            return Hit::One(one);
        }
        let has_values =
            |row: &usize| kept.iter().all(|(column, value)| self.value(*row, *column) == *value);
        let mut fitting = all.iter().copied().filter(has_values);
        match (fitting.next(), fitting.next()) {
            (Some(one), None) => Hit::One(one),
            _ => Hit::Several,
        }
    }

    /// Entries to choose from, the best first, and how many there are in all.
    pub(super) fn offers(
        &self,
        (kind, narrow): (&Lookup, Option<&str>),
        typed: &str,
    ) -> (Vec<usize>, usize) {
        let key = list_key(typed);
        let mut found: Vec<(u8, usize)> = self
            .within(kind, narrow)
            .filter_map(|row| {
                let rank = |column: usize| rank(&self.keys[column][row], &key);
                columns(&self.list, kind).filter_map(rank).min().map(|rank| (rank, row))
            })
            .collect();
        found.sort_unstable();
        let all = found.len();
        (found.into_iter().take(MOST_OFFERED).map(|(_, row)| row).collect(), all)
    }

    /// The entries that are meant at all. A value that is not known yet means none.
    fn within<'l>(&'l self, kind: &Lookup, value: Option<&'l str>) -> impl Iterator<Item = usize> {
        let column = kind.narrow.as_ref().and_then(|narrow| self.list.column(&narrow.column));
        (0..self.list.rows.len())
            .filter(move |row| column.is_none_or(|at| value == Some(self.value(*row, at))))
    }
}

/// The columns an entry is found by, the name first.
fn columns<'l>(list: &'l List, kind: &'l Lookup) -> impl Iterator<Item = usize> + 'l {
    std::iter::once(0).chain(kind.find_by.iter().filter_map(|id| list.column(id)))
}

/// How well a key fits what was typed; the whole list when nothing was.
fn rank(key: &str, typed: &str) -> Option<u8> {
    if key == typed {
        Some(0)
    } else if key.starts_with(typed) {
        Some(1)
    } else {
        key.contains(typed).then_some(2)
    }
}

fn key_of(value: Option<&String>) -> String {
    value.map_or_else(String::new, |value| list_key(value))
}

/// Words for kinds of bodies, as people write them or leave them out.
const BODIES: [&str; 14] = [
    "特定非営利活動法人",
    "一般社団法人",
    "公益社団法人",
    "一般財団法人",
    "公益財団法人",
    "社会福祉法人",
    "株式会社",
    "有限会社",
    "合同会社",
    "合資会社",
    "合名会社",
    "医療法人",
    "学校法人",
    "宗教法人",
];
/// Their short forms, in brackets.
const SHORT: [&str; 13] =
    ["株", "有", "同", "資", "名", "特非", "一社", "公社", "一財", "公財", "福", "医", "学"];

/// The key under which an entry is found.
#[must_use]
pub fn list_key(text: &str) -> String {
    let mut plain: String = text.nfkc().filter(|c| !c.is_whitespace()).map(new_form).collect();
    for short in SHORT {
        plain = plain.replace(&format!("({short})"), "");
    }
    let bare = BODIES.iter().fold(plain.clone(), |name, body| name.replace(body, ""));
    // A body whose whole name is such a word keeps it.
    search_key(if bare.is_empty() { &plain } else { &bare })
}

#[cfg(test)]
mod tests {
    use super::list_key;

    /// NF-61: the same company however it is written.
    #[test]
    fn writings_of_a_name_share_a_key() {
        for other in [
            "(株)みらい商店",
            "㈱みらい商店",
            "みらい商店　株式会社",
            "ミライ商店",
            "ﾐﾗｲ商店（株）",
            "株式會社みらい商店",
        ] {
            assert_eq!(list_key("株式会社みらい商店"), list_key(other), "{other}");
        }
        assert_ne!(list_key("株式会社"), "");
        assert_ne!(list_key("みらい株"), list_key("みらい"));
    }
}
