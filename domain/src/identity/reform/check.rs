//! Whether a reform fits the city: asked when it is read, when it is looked at, and on its day.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, City, Line, ReformFault, ReformFaultCode as Code};

/// Everything that does not fit, in the order of the lines.
#[must_use]
pub fn faults(lines: &[Line], city: &City) -> Vec<ReformFault> {
    let after = city.codes_after(lines);
    let closes: BTreeMap<&str, Option<&str>> = lines
        .iter()
        .filter(|line| matches!(line.change, Change::Close { .. }))
        .map(|line| (line.change.code(), line.change.heir()))
        .collect();
    let mut said = BTreeSet::new();
    let mut found = Vec::new();
    for line in lines {
        let change = &line.change;
        let mut wrong = |code, detail: &str| {
            found.push(ReformFault::new(code, line.number, detail));
        };
        let subject = match change {
            Change::Hand { code, procedure, .. } => (code.as_str(), procedure.as_str()),
            Change::Found { code, .. }
            | Change::Alter { code, .. }
            | Change::Close { code, .. } => (code.as_str(), ""),
        };
        if !said.insert(subject) {
            wrong(Code::Doubled, subject.0);
            continue;
        }
        let known = city.departments.get(change.code());
        match (change, known) {
            (Change::Found { .. }, Some(_)) => wrong(Code::Taken, change.code()),
            (
                Change::Alter { .. } | Change::Hand { .. } | Change::Close { .. },
                None | Some(false),
            ) => {
                wrong(Code::Unknown, change.code());
            }
            (Change::Found { .. }, None)
            | (Change::Alter { .. } | Change::Hand { .. } | Change::Close { .. }, Some(true)) => {}
        }
        if let Change::Hand { code, procedure, .. } = change {
            match city.procedures.iter().find(|one| one.id == *procedure) {
                None => wrong(Code::Procedure, procedure),
                Some(one) if !one.desks.contains(code) => wrong(Code::NotTheirs, &one.title),
                Some(_) => {}
            }
        }
        if let Some(heir) = change.heir()
            && let Some(code) = bad_heir((change.code(), heir), &after, &closes)
        {
            wrong(code, heir);
        }
    }
    found
}

/// What is wrong with who takes over.
fn bad_heir(
    (from, heir): (&str, &str),
    after: &BTreeSet<String>,
    closes: &BTreeMap<&str, Option<&str>>,
) -> Option<Code> {
    if heir == from {
        return Some(Code::Same);
    }
    if after.contains(heir) {
        return None;
    }
    if !closes.contains_key(heir) {
        return Some(Code::UnknownHeir);
    }
    let mut at = heir;
    for _ in 0..closes.len() {
        match closes.get(at).copied().flatten() {
            Some(next) if next == from => return Some(Code::Circle),
            Some(next) => at = next,
            None => break,
        }
    }
    Some(Code::HeirCloses)
}

#[cfg(test)]
mod tests {
    use super::super::{Known, read};
    use super::*;

    fn city() -> City {
        let known = |id: &str, slug: &str, title: &str, desk: &str| Known {
            id: id.to_owned(),
            slug: slug.to_owned(),
            title: title.to_owned(),
            desks: [desk.to_owned()].into(),
        };
        City {
            departments: [("1010", true), ("2020", true), ("3030", true), ("0900", false)]
                .map(|(code, open)| (code.to_owned(), open))
                .into(),
            procedures: vec![
                known("p1", "juminhyo", "住民票の写し", "1010"),
                known("p2", "teate", "手当", "2020"),
                known("p3", "teate-2", "手当", "2020"),
            ],
        }
    }

    fn codes(text: &str) -> Vec<(u64, Code)> {
        let head = "区分,所属コード,名称,電話番号,場所,引継先,手続\n";
        match read(format!("{head}{text}").as_bytes(), &city()) {
            Ok(_) => Vec::new(),
            Err(faults) => faults.iter().map(|it| (it.line, it.code)).collect(),
        }
    }

    /// NB-6.5: a reform founds, renames, merges, splits and abolishes departments; who takes over may
    /// be a department that it founds.
    #[test]
    fn a_reform_of_every_kind_is_read() {
        let text = "引継先,区分,所属コード,名称,手続\n\
            ,新設,４０４０,こども未来課,\n\
            4040,移管,1010,,juminhyo\n4040,廃止,2020,,\n,変更,1010,市民窓口課,\n4040,廃止,3030,,\n";
        let (windows, lost) = crate::cp932::encode(text);
        assert!(lost.is_empty());
        let lines = read(&windows, &city()).expect("nothing is wrong");
        let said: Vec<_> = lines.iter().map(|it| (it.number, it.change.code())).collect();
        assert_eq!(said, [(2, "4040"), (3, "1010"), (4, "2020"), (5, "1010"), (6, "3030")]);
        assert_eq!(
            lines[1].change,
            Change::Hand {
                code: "1010".to_owned(),
                procedure: "p1".to_owned(),
                heir: "4040".to_owned(),
            }
        );
        let after: Vec<_> = city().codes_after(&lines).into_iter().collect();
        assert_eq!(after, ["1010", "4040"]);
        let kept = serde_json::to_string(&lines).expect("written");
        assert_eq!(serde_json::from_str::<Vec<Line>>(&kept).expect("read"), lines);
    }

    /// NB-6.5: each wrong line is named with what is wrong with it.
    #[test]
    fn every_wrong_line_is_named() {
        let long = "あ".repeat(61);
        for (text, fault) in [
            ("統合,1010,,,,2020,\n".to_owned(), Code::Kind),
            ("新設,<b>,課,,,,\n".to_owned(), Code::Code),
            ("新設,4040,,,,,\n".to_owned(), Code::Name),
            (format!("変更,1010,{long},,,,\n"), Code::Name),
            (format!("変更,1010,,{long},,,\n"), Code::Contact),
            ("新設,1010,課,,,,\n".to_owned(), Code::Taken),
            ("新設,0900,課,,,,\n".to_owned(), Code::Taken),
            ("変更,0900,課,,,,\n".to_owned(), Code::Unknown),
            ("廃止,9999,,,,1010,\n".to_owned(), Code::Unknown),
            ("廃止,1010,,,,9999,\n".to_owned(), Code::UnknownHeir),
            ("廃止,1010,,,,0900,\n".to_owned(), Code::UnknownHeir),
            ("廃止,1010,,,,1010,\n".to_owned(), Code::Same),
            ("移管,1010,,,,,juminhyo\n".to_owned(), Code::NoHeir),
            ("移管,1010,,,,2020,nani\n".to_owned(), Code::Procedure),
            ("移管,2020,,,,1010,手当\n".to_owned(), Code::Ambiguous),
            ("移管,2020,,,,1010,juminhyo\n".to_owned(), Code::NotTheirs),
            ("廃止,1010\n".to_owned(), Code::Width),
        ] {
            assert_eq!(codes(&text), [(2, fault)], "{text}");
        }
        assert_eq!(codes("変更,1010,甲課,,,,\n廃止,1010,,,,2020,\n"), [(3, Code::Doubled)]);
        assert_eq!(codes(""), [(0, Code::Nothing)]);
        let bare = read("名称\n甲\n".as_bytes(), &city()).expect_err("no reform");
        assert_eq!((bare[0].code, bare[0].detail.as_str()), (Code::NoColumn, "区分"));
    }

    /// NB-6.5: departments that take over from each other in a circle, or from one that is abolished
    /// as well, are named.
    #[test]
    fn nothing_is_handed_on_in_a_circle() {
        let pair = "廃止,1010,,,,2020,\n廃止,2020,,,,1010,\n";
        assert_eq!(codes(pair), [(2, Code::Circle), (3, Code::Circle)]);
        let three = "廃止,1010,,,,2020,\n廃止,2020,,,,3030,\n廃止,3030,,,,1010,\n";
        assert_eq!(codes(three).len(), 3);
        assert!(codes(three).iter().all(|(_, code)| *code == Code::Circle));
        let chain = "廃止,1010,,,,2020,\n廃止,2020,,,,3030,\n";
        assert_eq!(codes(chain), [(2, Code::HeirCloses)]);
    }
}
