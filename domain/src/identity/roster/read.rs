//! From a file to people, each wrong line named.

use std::collections::{BTreeMap, BTreeSet};

use super::{Row, is_name, read_login_id};
use crate::applications::LONGEST_POST;
use crate::codes::codes;
use crate::identity::{Role, read_email};
use crate::spreadsheet::{Line, NotSheet, Sheet, TableFault};

/// Most people of one list.
pub const MAX_ROWS: usize = 30_000;

/// Headings of the file; the last three may be missing.
pub const COLUMNS: [&str; 6] = ["職員番号", "氏名", "所属", "メールアドレス", "役割", "役職"];

/// Columns without which a file is no list of staff.
const NEEDED: usize = 3;

codes! {
    /// What is wrong with a list of staff, one catalogue entry each.
    pub enum RosterFaultCode in "identity.roster_fault" {
        /// Neither UTF-8 nor CP932.
        NotText = "not_text",
        /// The heading has no column of this name: `detail`.
        NoColumn = "no_column",
        /// There is nobody on it.
        Nothing = "nothing",
        /// More than [`MAX_ROWS`] people.
        TooMany = "too_many",
        /// The line has too many or too few values.
        Width = "width",
        /// No log-in id can be made of `detail`.
        LoginId = "login_id",
        /// The number stands on an earlier line as well.
        Doubled = "doubled",
        /// The name is missing or too long.
        Name = "name",
        /// There is no department of this code: `detail`.
        Department = "department",
        /// No department, and the role needs one.
        NoDepartment = "no_department",
        /// `detail` is no e-mail address.
        Email = "email",
        /// There is no role of this name: `detail`.
        Role = "role",
        /// `detail` is no role that somebody can have in one department alone.
        RoleThere = "role_there",
        /// `detail` is no post of a department of this person.
        Post = "post",
    }
}

/// One thing wrong with a list.
pub type RosterFault = TableFault<RosterFaultCode>;

/// A list as read: the people that can be taken, and the lines that cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    /// People, in the order of the file.
    pub rows: Vec<Row>,
    /// What is wrong with the other lines.
    pub faults: Vec<RosterFault>,
}

/// What the city knows and a list may name.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Codes of departments.
    pub departments: BTreeSet<String>,
    /// Roles by the names that staff know.
    pub roles: BTreeMap<String, Role>,
}

impl Roster {
    /// Reads a file.
    ///
    /// # Errors
    /// The [`RosterFault`] that makes the whole file useless.
    pub fn read(file: &[u8], known: &Known) -> Result<Self, RosterFault> {
        let whole = |code, detail: &str| RosterFault::new(code, 0, detail);
        let sheet = Sheet::read(file).map_err(|why| match why {
            NotSheet::NotText => whole(RosterFaultCode::NotText, ""),
            NotSheet::Nothing => whole(RosterFaultCode::Nothing, ""),
        })?;
        let places = COLUMNS.map(|title| sheet.column(title));
        for (title, place) in COLUMNS.iter().zip(places).take(NEEDED) {
            if place.is_none() {
                return Err(RosterFault::new(RosterFaultCode::NoColumn, 1, title));
            }
        }
        if sheet.lines.is_empty() {
            return Err(whole(RosterFaultCode::Nothing, ""));
        }
        if sheet.lines.len() > MAX_ROWS {
            return Err(whole(RosterFaultCode::TooMany, &MAX_ROWS.to_string()));
        }
        let (mut rows, mut faults) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for line in &sheet.lines {
            let wrong = |code, detail: &str| RosterFault::new(code, line.number, detail);
            if !sheet.fits(line) {
                faults.push(wrong(RosterFaultCode::Width, &line.values.len().to_string()));
                continue;
            }
            match row(line, places, known) {
                Err((code, detail)) => faults.push(wrong(code, &detail)),
                Ok(row) if seen.insert(row.login_id.clone()) => rows.push(row),
                Ok(row) => faults.push(wrong(RosterFaultCode::Doubled, &row.login_id)),
            }
        }
        Ok(Self { rows, faults })
    }
}

fn row(
    line: &Line,
    places: [Option<usize>; COLUMNS.len()],
    known: &Known,
) -> Result<Row, (RosterFaultCode, String)> {
    let values = places.map(|at| at.and_then(|at| line.values.get(at)).map_or("", String::as_str));
    let [login_id, name, departments, email, role, posts] = values;
    let bad = |code, detail: &str| (code, detail.to_owned());
    let id = read_login_id(login_id).ok_or_else(|| bad(RosterFaultCode::LoginId, login_id))?;
    if !is_name(name) {
        return Err(bad(RosterFaultCode::Name, name));
    }
    let email = match (places[3], email) {
        (None, _) => None,
        (Some(_), "") => Some(String::new()),
        (Some(_), typed) => {
            Some(read_email(typed).ok_or_else(|| bad(RosterFaultCode::Email, typed))?)
        }
    };
    let role = match role {
        "" => None,
        typed => {
            let named = known.roles.get(typed).copied().or_else(|| Role::parse(typed));
            Some(named.ok_or_else(|| bad(RosterFaultCode::Role, typed))?)
        }
    };
    let mut roles = BTreeMap::new();
    let mut own = BTreeSet::new();
    for part in parts(departments) {
        let (code, named) = halves(part);
        if let Some(named) = named {
            let found = known.roles.get(named).copied().or_else(|| Role::parse(named));
            let found = found.filter(|role| Role::OF_A_DEPARTMENT.contains(role));
            let found = found.ok_or_else(|| bad(RosterFaultCode::RoleThere, named))?;
            roles.insert(code.clone(), found.key().to_owned());
        }
        own.insert(code);
    }
    let departments = own;
    if let Some(code) = departments.iter().find(|code| !known.departments.contains(*code)) {
        return Err(bad(RosterFaultCode::Department, code));
    }
    let needs = !matches!(role, Some(Role::Administrator | Role::Auditor));
    if departments.is_empty() && needs {
        return Err(bad(RosterFaultCode::NoDepartment, ""));
    }
    let posts = match places[5] {
        None => None,
        Some(_) => {
            Some(titles(posts, &departments).map_err(|part| bad(RosterFaultCode::Post, part))?)
        }
    };
    let role = role.map(|role| role.key().to_owned());
    Ok(Row { login_id: id, name: name.to_owned(), email, role, departments, roles, posts })
}

/// The parts of one value; spreadsheets of offices part them in many ways.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let parting = |c: char| c.is_whitespace() || "/;,、，／；・".contains(c);
    value.split(parting).filter(|part| !part.is_empty())
}

/// A code, and what is said of it behind `=`.
fn halves(part: &str) -> (String, Option<&str>) {
    match part.split_once(['=', '＝']) {
        Some((code, said)) => (crate::text::narrow(code.trim()), Some(said.trim())),
        None => (crate::text::narrow(part), None),
    }
}

/// Posts with their departments; who has one department need not name it. A title may hold what parts
/// codes: 主任・係長.
fn titles<'a>(
    value: &'a str,
    departments: &BTreeSet<String>,
) -> Result<BTreeSet<(String, String)>, &'a str> {
    let mut all = BTreeSet::new();
    let parts = value.split(|c: char| "/;,、，／；\r\n".contains(c)).map(str::trim);
    for part in parts.filter(|part| !part.is_empty()) {
        let (code, title) = match (halves(part), departments.first()) {
            ((code, Some(title)), _) => (code, title),
            ((_, None), Some(only)) if departments.len() == 1 => (only.clone(), part),
            ((_, None), _) => return Err(part),
        };
        let title = title.trim_start_matches('@');
        // Two posts that nothing parts are no title.
        let plain = !title.contains(['=', '＝']);
        let fits = plain && (1..=LONGEST_POST).contains(&title.chars().count());
        if !departments.contains(&code) || !fits {
            return Err(part);
        }
        all.insert((code, title.to_owned()));
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Known {
        let departments = ["1010", "2020"].map(str::to_owned).into();
        let roles = [("監査担当者".to_owned(), Role::Auditor)].into();
        Known { departments, roles }
    }

    /// NB-7.1: number, name, department and address are enough; a role and several departments may
    /// stand there; Windows may have written it.
    #[test]
    fn a_list_of_the_personnel_office_is_read() {
        let text = "氏名,職員番号,所属,メールアドレス\r\n山田 花子,０１２３４５,1010／2020,y@city.example.jp\r\n,,,\r\n乙,A-7,2020,\r\n";
        let (windows, lost) = crate::cp932::encode(text);
        assert!(lost.is_empty());
        for file in [text.as_bytes(), &windows] {
            let read = Roster::read(file, &known()).unwrap();
            assert!(read.faults.is_empty(), "{:?}", read.faults);
            let row = |id: &str, name: &str, email: &str, codes: &[&str]| Row {
                login_id: id.to_owned(),
                name: name.to_owned(),
                email: Some(email.to_owned()),
                role: None,
                departments: codes.iter().map(|&code| code.to_owned()).collect(),
                roles: BTreeMap::new(),
                posts: None,
            };
            let first = row("012345", "山田 花子", "y@city.example.jp", &["1010", "2020"]);
            assert_eq!(read.rows, [first, row("a-7", "乙", "", &["2020"])]);
        }
        let text = "職員番号,氏名,所属,役割\n123,丙,,監査担当者\n124,丁,1010,procedure_manager\n";
        let read = Roster::read(text.as_bytes(), &known()).unwrap();
        let roles: Vec<_> = read.rows.iter().map(Row::role).collect();
        assert_eq!(roles, [Some(Role::Auditor), Some(Role::ProcedureManager)]);
        assert!(read.rows.iter().all(|row| row.email.is_none()), "no column says nothing");
    }

    /// NB-7.1, NF-38: a department may have a role of its own, and posts stand in a column of theirs.
    #[test]
    fn a_department_has_a_role_of_its_own_and_posts() {
        use RosterFaultCode as Code;
        let mut known = known();
        known.roles.insert("手続管理者".to_owned(), Role::ProcedureManager);
        let text = "職員番号,氏名,所属,役職\n\
            111,甲,1010/2020＝手続管理者,2020=主任・係長/1010=@主査\n112,乙,1010=clerk,課長\n113,丙,1010,\n\
            114,丁,1010=監査担当者,\n115,戊,1010/2020,係長\n116,己,1010,2020=係長\n\
            117,庚,1010/2020,1010=係長 2020=主査\n";
        let read = Roster::read(text.as_bytes(), &known).unwrap();
        let [first, second, third] = read.rows.as_slice() else { panic!("{read:?}") };
        assert_eq!(first.role_in("2020"), Some(Role::ProcedureManager));
        assert_eq!((first.role_in("1010"), second.role_in("1010")), (None, Some(Role::Clerk)));
        let posts = |all: &[(&str, &str)]| -> Option<BTreeSet<(String, String)>> {
            Some(
                all.iter().map(|(code, title)| ((*code).to_owned(), (*title).to_owned())).collect(),
            )
        };
        assert_eq!(first.posts, posts(&[("2020", "主任・係長"), ("1010", "主査")]));
        assert_eq!(second.posts, posts(&[("1010", "課長")]));
        assert_eq!(third.posts, posts(&[]));
        let faults: Vec<_> = read.faults.iter().map(|it| (it.line, it.code)).collect();
        assert_eq!(
            faults,
            [(5, Code::RoleThere), (6, Code::Post), (7, Code::Post), (8, Code::Post)]
        );
    }

    /// NB-7.1: each wrong line is named; the good ones stay.
    #[test]
    fn wrong_lines_are_named_and_good_ones_stay() {
        use RosterFaultCode as Code;
        let text = "職員番号,氏名,所属,メールアドレス,役割\n\
            111,甲,1010,,\n1,乙,1010,,\n112,,1010,,\n113,丙,9999,,\n114,丁,,,\n\
            115,戊,1010,nobody,\n116,己,1010,,王\n111,庚,1010,,\n117,辛\n118,壬,2020,,\n";
        let read = Roster::read(text.as_bytes(), &known()).unwrap();
        let names: Vec<_> = read.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["甲", "壬"]);
        let faults: Vec<_> = read.faults.iter().map(|it| (it.line, it.code)).collect();
        let wanted = [
            (3, Code::LoginId),
            (4, Code::Name),
            (5, Code::Department),
            (6, Code::NoDepartment),
            (7, Code::Email),
            (8, Code::Role),
            (9, Code::Doubled),
            (10, Code::Width),
        ];
        assert_eq!(faults, wanted);
        for (file, code) in [
            (&b""[..], Code::Nothing),
            ("職員番号,氏名,所属\n".as_bytes(), Code::Nothing),
            ("番号,氏名\n1,甲\n".as_bytes(), Code::NoColumn),
            (b"\xFF\xFE\x00", Code::NotText),
        ] {
            assert_eq!(Roster::read(file, &known()).unwrap_err().code, code);
        }
    }
}
