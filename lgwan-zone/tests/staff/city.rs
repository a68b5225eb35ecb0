//! An invented city of two departments and five people.

use serde_json::{Value, json};

/// 市民課.
pub(crate) const CITIZENS: &str = "00000000000000000000000001";
/// こども課.
pub(crate) const CHILDREN: &str = "00000000000000000000000002";
/// The procedure of 市民課.
pub(crate) const COPY: &str = "00000000000000000000000011";

/// The city file of the sample.
pub(crate) const SAMPLE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/sample-city/city.json");

/// The city file.
pub(crate) fn city() -> Value {
    json!({
        "departments": [
            {"id": CITIZENS, "code": "shimin", "name": "市民課", "phone": "000-000-0001"},
            {"id": CHILDREN, "code": "kodomo", "name": "こども課"}
        ],
        "staff": [
            {"login_id": "kanri", "name": "管理 一郎", "role": "administrator"},
            {"login_id": "tetsuzuki", "name": "手続 二子", "role": "procedure_manager", "departments": ["shimin"]},
            {"login_id": "uketsuke", "name": "受付 三郎", "role": "clerk", "departments": ["shimin"]},
            {"login_id": "shinsa", "name": "審査 四葉", "role": "clerk", "departments": ["shimin"]},
            {"login_id": "kodomo", "name": "児童 五月", "role": "clerk", "departments": ["kodomo"]},
            {"login_id": "kansa", "name": "監査 六助", "role": "auditor"}
        ]
    })
}

/// A definition with a name, a choice and a file.
pub(crate) fn definition(stages: &[&str]) -> Value {
    json!({
        "id": COPY, "revision": 1, "slug": "juminhyo", "department": CITIZENS,
        "title": "住民票の写しの請求", "summary": "住民票の写しを郵送で請求します。",
        "workflow": {"stages": stages, "withdraw_until": "decided"},
        "pages": [
            {"id": "person", "title": "請求する方", "fields": [
                {"id": "name", "label": "氏名", "required": true, "kind": {"type": "name"}},
                {"id": "phone", "label": "電話番号", "kind": {"type": "phone"}}
            ]},
            {"id": "copies", "title": "請求の内容", "fields": [
                {"id": "kind", "label": "写しの種類", "required": true, "kind": {"type": "choice", "options": [
                    {"code": "all", "label": "世帯全員"}, {"code": "part", "label": "世帯の一部"}]}},
                {"id": "reason", "label": "使いみち", "kind": {"type": "textarea"}},
                {"id": "proof", "label": "本人確認書類", "kind": {"type": "file", "max": 3}}
            ]}
        ]
    })
}
