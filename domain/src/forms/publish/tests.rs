use serde_json::{Value, json};

use super::*;

fn document(change: impl FnOnce(&mut Value)) -> Procedure {
    let mut document = json!({
        "id": "00000000000000000000000001", "revision": 1, "slug": "sample", "title": "見本",
        "summary": "見本です。", "department": "00000000000000000000000002",
        "pages": [{"id": "p", "title": "頁", "fields": [
            {"id": "kind", "label": "種類", "required": true, "kind": {"type": "choice", "options": [
                {"code": "a", "label": "A"}, {"code": "b", "label": "B"}]}},
            {"id": "count", "label": "数", "kind": {"type": "number", "min": 1, "max": 5}},
        ]}],
        "tests": [{"name": "普通", "today": "2026-04-01", "answers": {"kind": ["a"], "count": ["2"]}}],
    });
    change(&mut document);
    serde_json::from_value(document).unwrap()
}

fn codes(change: impl FnOnce(&mut Value)) -> Vec<ProblemCode> {
    problems(&document(change)).into_iter().map(|problem| problem.code).collect()
}

fn with_field(field: Value) -> Vec<ProblemCode> {
    codes(|d| d["pages"][0]["fields"].as_array_mut().unwrap().push(field))
}

#[test]
fn a_sound_document_has_no_problem() {
    assert_eq!(problems(&document(|_| {})), []);
    assert!(may_publish(&[]));
}

/// NF-22: each mistake of the person who makes the form is found before citizens meet it.
#[test]
fn every_mistake_is_found() {
    use ProblemCode as C;
    let text = |more: Value| {
        let mut field = json!({"id": "x", "label": "X", "kind": {"type": "text"}});
        for (key, value) in more.as_object().unwrap() {
            field[key] = value.clone();
        }
        field
    };
    for (field, expected) in [
        (text(json!({"id": "Name"})), C::BadId),
        (text(json!({"id": "not"})), C::BadId),
        (text(json!({"id": "kind"})), C::RepeatedId),
        (text(json!({"label": " "})), C::Empty),
        (text(json!({"when": "kind == "})), C::BadExpression),
        (text(json!({"when": "kind"})), C::BadExpression),
        (text(json!({"when": "nobody == 'a'"})), C::UnknownName),
        (text(json!({"when": "x == 'a'"})), C::LooksForward),
        (text(json!({"when": "kind == 'c'"})), C::UnknownOption),
        (text(json!({"when": "kind == 'a' and kind == 'b'"})), C::Unreachable),
        (text(json!({"when": "count > 3 and count < 2"})), C::Unreachable),
        (text(json!({"when": "false"})), C::Unreachable),
        (text(json!({"label": "マイナンバー（12桁）"})), C::AsksMyNumber),
        (text(json!({"label": "個人番号カードの番号"})), C::AsksMyNumber),
        (text(json!({"kind": {"type": "text", "pattern": "(a|b)", "sample": "a"}})), C::BadSample),
        (
            text(json!({"kind": {"type": "text", "pattern": "[0-9]{3}", "sample": "12"}})),
            C::BadSample,
        ),
        (text(json!({"kind": {"type": "text", "min": 9, "max": 3}})), C::Limits),
        (text(json!({"kind": {"type": "textarea", "max": 90000}})), C::TooMuch),
        (text(json!({"kind": {"type": "number", "min": 9, "max": 3}})), C::Limits),
        (text(json!({"kind": {"type": "file", "max_mb": 31}})), C::TooMuch),
        (
            text(json!({"kind": {"type": "choice", "options": [{"code": "a", "label": "A"}]}})),
            C::FewOptions,
        ),
        (
            text(json!({"kind": {"type": "choice", "options": [
            {"code": "a", "label": "A"}, {"code": "a", "label": "B"}]}})),
            C::RepeatedId,
        ),
        (
            text(json!({"kind": {"type": "choice", "options": [
            {"code": "a", "label": "A", "capacity": {"max": 0}}, {"code": "b", "label": "B"}]}})),
            C::BadCapacity,
        ),
        (
            text(json!({"kind": {"type": "multi", "min": 3, "options": [
            {"code": "a", "label": "A"}, {"code": "b", "label": "B"}]}})),
            C::Limits,
        ),
        (
            text(json!({"kind": {"type": "content", "picture": {"file": "map", "alt": "地図"}}})),
            C::UnknownFile,
        ),
        (
            text(
                json!({"kind": {"type": "content", "body": "文", "picture": {"file": "map", "alt": ""}}}),
            ),
            C::NoAlt,
        ),
        (text(json!({"kind": {"type": "content"}})), C::Empty),
        (text(json!({"checks": [{"rule": "len(x) > 2", "message": ""}]})), C::Empty),
        (text(json!({"required": "kind + 1"})), C::BadExpression),
    ] {
        let found = with_field(field.clone());
        assert!(found.contains(&expected), "{field}: {found:?}");
    }
}

/// IK-2.1.2d1: a layout for machines is published only when it keeps their rules; another one may
/// break them.
#[test]
fn a_layout_for_machines_keeps_their_rules() {
    use ProblemCode as C;
    let found = |machines: bool, column: Value, more: Value| {
        let document = document(|d| {
            let fields = d["pages"][0]["fields"].as_array_mut().unwrap();
            fields.push(json!({"id": "day", "label": "日", "kind": {"type": "date"}}));
            fields.push(
                json!({"id": "why", "label": "理由", "kind": {"type": "choice", "other": "z",
                "options": [{"code": "a", "label": "A"}, {"code": "z", "label": "その他"}]}}),
            );
            d["export"] = json!({"name": "x", "version": 1, "code_table": true,
                "machine_readable": machines, "columns": [column, more]});
        });
        let form = Compiled::new(document).unwrap();
        let layout = form.procedure().export.clone().unwrap();
        let found = unreadable(&form, &layout).into_iter();
        found.map(|problem| (problem.at, problem.code)).collect::<Vec<_>>()
    };
    let column = |id: &str, source: Value| json!({"id": id, "header": id, "source": source});
    let dated = |id: &str, dates: &str| json!({"id": id, "header": id, "source": {"input": "day"}, "dates": dates});
    let plain = column("b", json!({"input": "count"}));
    let first = |code| vec![("export.columns[0]".to_owned(), code)];

    assert_eq!(found(true, dated("a", "wareki"), plain.clone()), first(C::ExportEra));
    assert_eq!(found(true, dated("a", "era_digit"), dated("b", "era_letter")).len(), 2);
    assert_eq!(found(true, dated("a", "wareki"), dated("b", "iso")), Vec::new());
    for source in [json!({"input": "why"}), json!({"label": "why"})] {
        let (chosen, words) = (column("a", source), column("b", json!({"input": "why.other"})));
        assert_eq!(found(true, chosen.clone(), plain.clone()), first(C::ExportOther));
        assert_eq!(found(true, chosen, words), Vec::new());
    }
    let unit = |source: Value| json!({"join": [source, {"fixed": "通"}]});
    let (with, key) = (unit(json!({"input": "count"})), unit(json!({"system": "receipt_number"})));
    assert_eq!(found(true, column("a", with), plain.clone()), first(C::ExportUnit));
    assert_eq!(found(true, column("a", key), plain.clone()), Vec::new());
    assert_eq!(found(false, dated("a", "wareki"), plain), Vec::new());
}

/// IK-2.1.2d1: codes for machines go with the list of them.
#[test]
fn codes_for_machines_need_their_list() {
    let export = |codes: bool| {
        let columns = json!([{"id": "a", "header": "A", "source": {"input": "kind"}}]);
        json!({"name": "x", "version": 1, "columns": columns, "machine_readable": true,
            "code_table": codes})
    };
    assert!(!codes(|d| d["export"] = export(true)).contains(&ProblemCode::ExportCodes));
    assert!(codes(|d| d["export"] = export(false)).contains(&ProblemCode::ExportCodes));
}

/// IK-2.1.2d1: a condition of a column reads before it is published, also where the column may stay
/// empty.
#[test]
fn the_condition_of_a_column_reads() {
    let with = |when: &str, optional: bool| {
        let columns = json!([{"id": "a", "header": "A", "source": {"input": "count"},
            "optional": optional, "when": when}]);
        let export = json!({"name": "x", "version": 1, "columns": columns});
        let found = problems(&document(|d| d["export"] = export)).into_iter();
        found.map(|problem| (problem.at, problem.code)).collect::<Vec<_>>()
    };
    let at = |place: &str| format!("export.columns[0]{place}");
    assert_eq!(with("kind == 'b'", true), Vec::new());
    assert_eq!(with("kid == 'b'", true), [(at(".when"), ProblemCode::BadExpression)]);
    assert_eq!(with("kid == 'b'", false), [(at(""), ProblemCode::BadColumn)]);
}

/// NF-22: a question that may be answered in part is named once, with what hangs on it; what is sure of the
/// opposite, limits and whole dates are not named.
#[test]
fn what_hangs_on_a_date_known_in_part_is_named_once() {
    let told = |partial: bool, more: Value| {
        let born = json!({"id": "born", "label": "生年月日",
            "kind": {"type": "date", "partial": partial}});
        let found = problems(&document(|d| {
            d["pages"][0]["fields"].as_array_mut().unwrap().extend([born, more]);
            d["access"] = json!({"cosigners": [{"id": "parent", "who": "保護者",
                "when": "age(born) < 18"}]});
        }));
        let unsure = found.into_iter().filter(|one| one.code == ProblemCode::UnsureDate);
        unsure.map(|one| (one.at, one.detail, one.severity)).collect::<Vec<_>>()
    };
    let named = |at: &str, detail: &str| (at.to_owned(), detail.to_owned(), Severity::Warning);
    let born = |by: &str| named("pages[0].fields[2].kind.partial", &format!("born: {by}"));
    let when =
        |text: &str| json!({"id": "x", "label": "X", "when": text, "kind": {"type": "text"}});
    let calc = json!({"id": "x", "label": "X", "kind": {"type": "calc", "value": "age(born)"}});
    let late = json!({"id": "x", "label": "X", "kind": {"type": "date", "min": "born"}});
    assert_eq!(told(true, when("age(born) < 18")), [born("access.cosigners, x")]);
    assert_eq!(told(true, calc), [born("access.cosigners, x")]);
    assert_eq!(told(true, when("not (age(born) < 18)")), [born("access.cosigners")]);
    assert_eq!(told(true, when("answered(born)")), [born("access.cosigners")]);
    assert_eq!(told(true, late), [born("access.cosigners")]);
    assert_eq!(told(false, when("age(born) < 18")), Vec::new());
    let rows = json!({"id": "rows", "label": "家族", "kind": {"type": "repeat", "row": "{n}人目", "max": 3,
        "fields": [{"id": "child", "label": "子", "kind": {"type": "date", "partial": true}},
            {"id": "y", "label": "Y", "when": "child > born", "kind": {"type": "text"}}]}});
    let both = [
        born("access.cosigners, y"),
        named("pages[0].fields[3].kind.fields[0].kind.partial", "child: y"),
    ];
    assert_eq!(told(true, rows), both);
}

/// What is wrong with the label or the hint of one more question: what stops, and what is to be looked at.
fn asked(label: &str, hint: &str) -> (Vec<ProblemCode>, Vec<ProblemCode>) {
    let field = json!({"id": "x", "label": label, "hint": hint, "kind": {"type": "text"}});
    let change = |d: &mut Value| d["pages"][0]["fields"].as_array_mut().unwrap().push(field);
    let found = problems(&document(change)).into_iter();
    let own = found.filter(|one| one.at.ends_with(".label") || one.at.ends_with(".hint"));
    let (errors, warnings): (Vec<_>, Vec<_>) = own.partition(|p| p.severity == Severity::Error);
    let codes = |found: Vec<Problem>| found.into_iter().map(|one| one.code).collect();
    (codes(errors), codes(warnings))
}

/// NF-22: what a law lets only some ask for and what the law guards is a warning at publication;
/// look-alikes are none.
#[test]
fn what_only_some_may_ask_for_is_a_warning() {
    use ProblemCode as C;
    for (label, expected) in [
        ("健康保険の被保険者番号", C::AsksInsuranceNumber),
        ("保険者番号・記号", C::AsksInsuranceNumber),
        ("基礎年金番号（10桁）", C::AsksPensionNumber),
        ("カード番号", C::AsksCard),
        ("クレジットカード会社", C::AsksCard),
        ("添付したPDFのパスワード", C::AsksPassword),
        ("これまでの病歴", C::AsksSensitive),
        ("宗教", C::AsksSensitive),
    ] {
        assert_eq!(asked(label, ""), (vec![], vec![expected]), "{label}");
    }
    for label in [
        "在留カード番号",
        "図書館の利用者カード番号",
        "雇用保険被保険者番号",
        "加入している年金",
        "受付番号",
        "電話番号",
        "パスワードを忘れた理由",
    ] {
        assert_eq!(asked(label, ""), (vec![], vec![]), "{label}");
    }
    let guarded = [C::AsksInsuranceNumber, C::AsksPensionNumber, C::AsksSensitive];
    let all: Vec<C> = C::ALL.iter().copied().filter(|code| code.is_guarded()).collect();
    assert_eq!(all, guarded, "what is confirmed before it is published");
}

/// NF-22: the number of a card and a password stop the publication, in the label and where the hint asks
/// for them; a hint that says to leave them out, or speaks of a file's password, does not.
#[test]
fn what_nobody_may_ask_for_stops_the_publication() {
    use ProblemCode as C;
    for (label, hint, expected) in [
        ("クレジットカードの番号", "", C::AsksCard),
        ("ｾｷｭﾘﾃｨｺｰﾄﾞ", "裏面の3桁", C::AsksCard),
        ("ログインのパスワード", "", C::AsksPassword),
        ("暗証番号（4桁）", "", C::AsksPassword),
        ("番号", "クレジットカード番号を入力してください。", C::AsksCard),
        ("合い言葉", "4桁の暗証番号を記入してください", C::AsksPassword),
        ("番号", "個人番号を記入してください。", C::AsksMyNumber),
    ] {
        assert_eq!(asked(label, hint), (vec![expected], vec![]), "{label} {hint}");
    }
    for hint in [
        "パスワードは入力しないでください。",
        "マイナンバーや暗証番号は記入せず、空欄のままにしてください。",
        "PDFにパスワードがあるときは、送る前に外してください。",
        "ファイルのパスワードは、添付のあとで入力します。",
        "マイナンバーカードに記載された住所を入力してください。",
        "窓口で信条を尋ねることはありません。氏名を入力してください。",
    ] {
        assert_eq!(asked("備考", hint).0, [], "{hint}");
    }
}

/// NF-22: and so are mistakes around the form.
#[test]
fn mistakes_around_the_form_are_found() {
    use ProblemCode as C;
    let check = |change: fn(&mut Value), expected: C| {
        let found = codes(change);
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
    };
    check(|d| d["slug"] = json!("住民票"), C::BadSlug);
    check(|d| d["id"] = json!("70000000000000000000000001"), C::TrialId);
    check(|d| d["title"] = json!(""), C::Empty);
    check(|d| d["mode"] = json!("download"), C::FormAndMode);
    check(|d| d["pages"] = json!([]), C::FormAndMode);
    check(|d| d["pages"][0]["fields"] = json!([]), C::EmptyPage);
    check(|d| d["total_mb"] = json!(51), C::TooMuch);
    assert_eq!(codes(|d| d["total_mb"] = json!(50)), []);
    check(|d| d["staff_of"] = json!(["00000000000000000000000002"]), C::StaffOfPublic);
    let staff = |kind: &str| json!([{"id": "shelf", "label": "書庫", "kind": {"type": kind}}]);
    assert!(!codes(|d| d["staff_fields"] = staff("text")).contains(&C::NotAtDesk));
    check(
        |d| d["staff_fields"] = json!([{"id": "x", "label": "y", "kind": {"type": "file"}}]),
        C::NotAtDesk,
    );
    check(
        |d| d["staff_fields"] = json!([{"id": "kind", "label": "y", "kind": {"type": "text"}}]),
        C::RepeatedId,
    );
    check(|d| d["capacity"] = json!({"max": 0}), C::BadCapacity);
    check(
        |d| {
            d["open"] =
                json!({"from": "2026-05-01T00:00:00+09:00", "until": "2026-04-01T00:00:00+09:00"})
        },
        C::BadPeriod,
    );
    check(
        |d| d["access"] = json!({"login": "email", "once_per": {"key": "account"}}),
        C::BadOncePer,
    );
    check(|d| d["access"] = json!({"once_per": {"key": "field:count"}}), C::BadOncePer);
    check(
        |d| d["access"] = json!({"login": "email", "delegates": "forbidden"}),
        C::DelegatesUnknown,
    );
    check(
        |d| d["files"] = json!([{"id": "f", "title": "様式", "name": "f.exe", "media": "application/x-dosexec", "base64": ["QUJD"]}]),
        C::BadFile,
    );
    check(
        |d| d["files"] = json!([{"id": "f", "title": "様式", "name": "f.pdf", "media": "application/pdf", "base64": ["A"]}]),
        C::BadFile,
    );
    check(|d| d["export"] = json!({"name": "x", "version": 1, "columns": []}), C::Empty);
    check(
        |d| d["export"] = json!({"name": "x", "version": 1, "columns": [{"id": "a", "header": "A", "source": {"input": "nobody"}}]}),
        C::BadColumn,
    );
    check(
        |d| d["export"] = json!({"name": "x", "version": 1, "columns": [{"id": "a", "header": "A", "source": {"label": "count"}}]}),
        C::BadColumn,
    );
    for column in [
        json!({"source": {"staff": "nobody"}}),
        json!({"source": {"staff_label": "kind"}}),
        json!({"source": {"first": [{"input": "kind"}, {"input": "nobody"}]}}),
        json!({"source": {"input": "kind"}, "when": "nobody == 'a'"}),
        json!({"source": {"input": "kind"}, "when": "kind"}),
    ] {
        let mut columns = json!([column]);
        columns[0]["id"] = json!("a");
        columns[0]["header"] = json!("A");
        let found = codes(|d| d["export"] = json!({"name": "x", "version": 1, "columns": columns}));
        assert!(found.contains(&C::BadColumn), "{column}: {found:?}");
    }
    check(|d| d["tests"] = json!([]), C::NoTest);
    check(|d| d["tests"][0]["answers"] = json!({"count": ["9"]}), C::TestFails);
    check(|d| d["tests"][0]["hidden"] = json!(["count"]), C::TestFails);
}

/// NF-34: every stage of an approval is another person, so there are as many as stages, unless the procedure
/// lets one person approve several; who holds a post is not known here.
#[test]
fn stages_of_an_approval_need_people_enough() {
    let few = |stages: &[&[&str]], same: &str| {
        let stage = |people: &&[&str]| json!({"title": "決裁", "staff": people});
        let stages: Vec<Value> = stages.iter().map(stage).collect();
        let found = codes(|d| {
            d["workflow"] = json!({
                "stages": ["review"], "approvals": stages, "same_person": same});
        });
        assert!(!found.contains(&ProblemCode::BadApprovals), "{found:?}");
        found.contains(&ProblemCode::FewApprovers)
    };
    assert!(few(&[&["a"], &["a"]], "forbidden"));
    assert!(!few(&[&["a"], &["a"]], "allowed"));
    assert!(!few(&[&["a", "b"], &["a"]], "forbidden"), "b approves first");
    assert!(few(&[&["a", "b"], &["a", "b"], &["b", "a"]], "forbidden"));
    assert!(!few(&[&["a", "b"], &["b", "c"], &["a"]], "forbidden"), "each gives way");
    assert!(!few(&[&["a"], &["@課長"], &["@課長"]], "forbidden"));
}

/// NF-22: a stored case says what must be wrong.
/// NF-55: a guide asks for nothing that names a person and leads somewhere; other procedures lead
/// nowhere.
#[test]
fn a_guide_asks_for_nothing_that_names_a_person() {
    let guide = |change: fn(&mut Value)| {
        codes(|d| {
            d["mode"] = json!("guide");
            d["pages"] = json!([{"id": "one", "title": "一", "fields": [
                {"id": "kind", "label": "どれ", "kind": {"type": "choice", "options": [
                    {"code": "a", "label": "あ"}, {"code": "b", "label": "い"}]}},
            ]}]);
            d["tests"] = json!([{"name": "あ", "today": "2026-06-01", "answers": {"kind": ["a"]},
                "outcomes": ["juminhyo"]}]);
            d["outcomes"] = json!([{"when": "kind == 'a'", "procedure": "juminhyo"}]);
            change(d);
        })
    };
    assert_eq!(guide(|_| ()), []);
    let asks = guide(|d| {
        d["pages"][0]["fields"][0] =
            json!({"id": "kind", "label": "氏名", "kind": {"type": "text"}});
    });
    assert!(asks.contains(&ProblemCode::NotInGuides), "{asks:?}");
    let astray = guide(|d| d["outcomes"][0]["when"] = json!("kind == 'c'"));
    assert!(astray.contains(&ProblemCode::UnknownOption), "{astray:?}");
    assert_eq!(
        guide(|d| d["outcomes"] = json!([])),
        [ProblemCode::FormAndMode, ProblemCode::TestFails]
    );
    assert_eq!(
        guide(|d| d["tests"][0]["answers"]["kind"] = json!(["b"])),
        [ProblemCode::TestFails]
    );
    assert_eq!(guide(|d| d["outcomes"][0] = json!({"procedure": ""}))[0], ProblemCode::Empty);
    let other = codes(|d| d["outcomes"] = json!([{"procedure": "juminhyo"}]));
    assert_eq!(other, [ProblemCode::FormAndMode]);
}

#[test]
fn a_case_may_expect_faults() {
    let found = problems(&document(|d| {
        d["tests"] = json!([{
            "name": "多すぎる", "today": "2026-04-01", "answers": {"count": ["9"]},
            "faults": ["kind: forms.required_choice", "count: forms.too_large"],
        }]);
    }));
    assert_eq!(found, []);
}

/// NF-22, NF-48: a case that names another department than the routing gives for its answers fails.
#[test]
fn a_case_that_names_another_department_fails() {
    let found = |department: &str| {
        problems(&document(|d| {
            d["routing"] =
                json!([{"when": "kind == 'a'", "department": "00000000000000000000000003"}]);
            d["tests"][0]["department"] = json!(department);
        }))
    };
    assert_eq!(found("00000000000000000000000003"), []);
    let own = found("00000000000000000000000002");
    let [one] = &own[..] else { panic!("{own:?}") };
    assert_eq!((one.at.as_str(), one.code), ("tests[0]", ProblemCode::TestFails));
    assert_eq!(one.detail, "普通: department 00000000000000000000000003");
    assert!(!may_publish(&own));
}

/// NF-22: a language in which the title is told is asked for everywhere; what it has not is counted and
/// named, and stops nothing.
#[test]
fn texts_without_a_translation_are_named() {
    let told = |d: &mut Value| {
        d["title"] = json!({"ja": "見本", "en": "Sample"});
        d["pages"][0]["title"] = json!({"ja": "頁", "en": "Page"});
    };
    let found = problems(&document(told));
    let [one] = &found[..] else { panic!("{found:?}") };
    assert_eq!((one.code, one.severity), (ProblemCode::Untranslated, Severity::Warning));
    assert_eq!(one.detail, "en (5): 見本です。, 種類, A, …");
    let korean = problems(&document(|d| d["pages"][0]["title"] = json!({"ja": "頁", "ko": "쪽"})));
    assert_eq!(korean, [], "the procedure is not offered in Korean");
}

#[test]
fn only_errors_stop_the_publication() {
    let warned = problems(&document(|d| d["tests"] = json!([])));
    assert_eq!(warned.len(), 1);
    assert!(may_publish(&warned));
    let unsure = problems(&document(|d| {
        d["pages"][0]["fields"][1]["when"] = json!("kind == 'a'");
        d["pages"][0]["fields"].as_array_mut().unwrap().push(
            json!({"id": "x", "label": "X", "when": "count * count == 49", "kind": {"type": "text"}}),
        );
    }));
    assert_eq!(
        unsure.iter().map(|p| (p.severity, p.code)).collect::<Vec<_>>(),
        [(Severity::Warning, ProblemCode::Unreachable)]
    );
}

/// NF-63: a question that is asked from a day on, or for what somebody writes beside an option, can be reached;
/// one that was asked until a day that is long over cannot.
#[test]
fn what_is_asked_from_a_day_on_can_be_reached() {
    let found = |when: &str| -> Vec<(Severity, ProblemCode)> {
        let document = document(|d| {
            let fields = d["pages"][0]["fields"].as_array_mut().unwrap();
            fields.push(
                json!({"id": "why", "label": "理由", "kind": {"type": "choice", "other": "z",
                "options": [{"code": "a", "label": "A"}, {"code": "z", "label": "その他"}]}}),
            );
            fields.push(json!({"id": "x", "label": "X", "when": when, "kind": {"type": "text"}}));
        });
        problems(&document).iter().map(|problem| (problem.severity, problem.code)).collect()
    };
    for when in [
        "today() >= date('2027-10-01')",
        "kind == 'a' and today() > date('2027-10-01') and today() < date('2028-04-01')",
        "why.other == '転居'",
        "answered(why.other) and len(why.other) > 20",
    ] {
        assert_eq!(found(when), [], "{when}");
    }
    let never = [(Severity::Warning, ProblemCode::Unreachable)];
    assert_eq!(found("today() < date('2020-04-01')"), never);
    assert_eq!(found("today() > date('2027-10-01') and today() < date('2027-10-01')"), never);
}

/// NF-22: a page that could be filled in and never sent is found before anybody does.
#[test]
fn a_page_of_too_many_inputs_is_not_published() {
    let told = |rows: u32, questions: usize, kind: &str| -> Vec<(String, String, Severity)> {
        let question =
            |n: usize| json!({"id": format!("f{n}"), "label": "欄", "kind": {"type": kind}});
        let fields: Vec<Value> = (0..questions).map(question).collect();
        let group = json!({"id": "family", "label": "家族",
            "kind": {"type": "repeat", "row": "{n}人目", "max": rows, "fields": fields}});
        let found =
            problems(&document(|d| d["pages"][0]["fields"].as_array_mut().unwrap().push(group)));
        let found = found.into_iter().filter(|one| one.code == ProblemCode::TooManyInputs);
        found.map(|one| (one.at, one.detail, one.severity)).collect()
    };
    let much = |inputs: &str| vec![("pages[0]".to_owned(), inputs.to_owned(), Severity::Error)];
    // Beside the group: two questions of one input, each with its mark, and the mark of the group.
    assert_eq!(told(50, 18, "text"), []);
    assert_eq!(told(46, 20, "text"), []);
    assert_eq!(told(50, 20, "text"), much("2055"));
    assert_eq!(told(50, 8, "text"), []);
    assert_eq!(told(50, 8, "date"), much("2055"));
}

/// NF-22: staff have all pages in one form: what none of them could send is told, and stops the publication
/// where nobody else applies.
#[test]
fn more_inputs_than_staff_can_send_are_told() {
    let told = |rows: u32, change: Value| -> Vec<(ProblemCode, String, String, Severity)> {
        let group = |id: &str| {
            let question = |n: usize| json!({"id": format!("{id}{n}"), "label": "欄", "kind": {"type": "text"}});
            let fields: Vec<Value> = (0..18).map(question).collect();
            json!({"id": id, "label": "家族",
                "kind": {"type": "repeat", "row": "{n}人目", "max": rows, "fields": fields}})
        };
        let found = problems(&document(|d| {
            d["pages"][0]["fields"].as_array_mut().unwrap().push(group("family"));
            let second = json!({"id": "q", "title": "次", "fields": [group("others")]});
            d["pages"].as_array_mut().unwrap().push(second);
            for (key, value) in change.as_object().unwrap() {
                d[key] = value.clone();
            }
        }));
        let inputs = [ProblemCode::TooManyInputs, ProblemCode::TooManyForStaff];
        let found = found.into_iter().filter(|one| inputs.contains(&one.code));
        found.map(|one| (one.code, one.at, one.detail, one.severity)).collect()
    };
    let much = |inputs: &str, severity: Severity| {
        vec![(ProblemCode::TooManyForStaff, "pages".to_owned(), inputs.to_owned(), severity)]
    };
    // Each page can be sent. Of a row 18 questions with their marks, and its key; beside the rows six.
    for listing in ["public", "invite", "internal"] {
        assert_eq!(told(25, json!({"listing": listing})), [], "{listing}");
    }
    for listing in ["public", "unlisted", "invite"] {
        assert_eq!(
            told(26, json!({"listing": listing})),
            much("1930", Severity::Warning),
            "{listing}"
        );
    }
    assert_eq!(told(26, json!({"listing": "internal"})), much("1930", Severity::Error));
    assert_eq!(told(50, json!({"mode": "guide"})), [], "nobody enters a guide for others");
}

/// NF-63: what follows two conditions that contradict each other is never shown.
#[test]
fn a_chain_of_conditions_that_contradict_is_unreachable() {
    let found = codes(|d| {
        let fields = d["pages"][0]["fields"].as_array_mut().unwrap();
        fields.push(
            json!({"id": "first", "label": "1", "when": "kind == 'a'", "kind": {"type": "text"}}),
        );
        fields.push(json!({"id": "second", "label": "2", "when": "kind == 'b' and answered(first)", "kind": {"type": "text"}}));
    });
    assert_eq!(found, [ProblemCode::Unreachable]);
}

/// The bytes that are hashed do not hang on the order in which keys were written.
#[test]
fn the_canonical_bytes_are_the_same_for_the_same_document() {
    let first = document(|_| {}).canonical_json().unwrap();
    let again = Procedure::from_json(&first).unwrap();
    assert_eq!(again, document(|_| {}));
    assert_eq!(again.canonical_json().unwrap(), first);
    assert!(first.starts_with(b"{\"access\":{\"login\":\"account\"}"));
    let unknown = String::from_utf8(first).unwrap().replacen("\"slug\"", "\"slag\"", 1);
    assert!(Procedure::from_json(unknown.as_bytes()).is_err());
    assert!(
        Procedure::from_json(&vec![b' '; crate::forms::definition::MAX_DOCUMENT_BYTES + 1])
            .is_err()
    );
}
