//! The macros of `templates/platform`, drawn as a zone draws them.

use askama::Template;
use platform_web::Catalogue;
use platform_web::fields::{Choice, Field, Problem};
use platform_web::pager::{Pager, PagerView};

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"{% import "platform/form.html" as form %}{% import "platform/parts.html" as parts %}
{% call parts::skip_link(t) %}{% endcall %}
{% call form::summary(t, problems) %}{% endcall %}
<form method="post" novalidate>
{% call form::csrf("token") %}{% endcall %}
{% for f in lines %}{% call form::input(t, f) %}{% endcall %}{% endfor %}
{% call form::textarea(t, text) %}{% endcall %}
{% call form::select(t, choice) %}{% endcall %}
{% call form::radios(t, choice) %}{% endcall %}
{% call form::checkboxes(t, choice) %}{% endcall %}
{% call form::group(t, date) %}{% endcall %}
{% call form::file(t, file) %}{% endcall %}
</form>
{% call parts::pager(t, pager) %}{% endcall %}
{% call parts::steps("3の1番目：連絡先", steps) %}{% endcall %}"#
)]
struct Sample<'a> {
    t: &'a Catalogue,
    problems: Vec<Problem>,
    lines: Vec<Field>,
    text: Field,
    choice: Field,
    date: Field,
    file: Field,
    pager: PagerView,
    steps: Vec<(&'a str, &'a str)>,
}

fn drawn() -> String {
    let t = Catalogue::load(&[]).expect("our own texts are TOML");
    let mail = Field::new("mail", "メールアドレス")
        .required()
        .hint("半角で入力してください。")
        .kind("email")
        .autocomplete("email")
        .value("\"><script>")
        .error("メールアドレスの形ではありません。");
    let part =
        |name: &str, label: &str, width| Field::new(name, label).width(width).inputmode("numeric");
    let date = Field::new("birth", "生年月日").required().parts(vec![
        part("birth.year", "年", 4),
        part("birth.month", "月", 2).error("月は1から12です。"),
    ]);
    let choices = vec![Choice::new("a", "甲").among(["a"]), Choice::new("b", "乙")];
    let problems = [&mail, &date].into_iter().flat_map(Field::problems).collect();
    let page = Sample {
        t: &t,
        problems,
        lines: vec![mail, Field::new("q", "検索")],
        text: Field::new("note", "備考").optional().value("一行目\n二行目"),
        choice: Field::new("kind", "種類").required().choices(choices),
        date,
        file: Field::new("photo", "写真").optional(),
        pager: Pager::new(Some("2"), 10, 25).links(|n| format!("?page={n}")),
        steps: vec![("連絡先", "now"), ("確認", "later")],
    };
    page.render().expect("the macros draw")
}

fn position(page: &str, part: &str) -> usize {
    page.find(part).unwrap_or_else(|| panic!("{part} in {page}"))
}

/// NN-23: a question reads label, help, input, error, and the input names the
/// last two.
#[test]
fn a_question_is_read_in_order() {
    let page = drawn();
    let label = position(
        &page,
        "<label class=\"label\" for=\"f-mail\">メールアドレス<span class=\"need need-required\">※必須</span>",
    );
    let hint = position(&page, "id=\"f-mail-hint\"");
    let input =
        position(&page, "aria-invalid=\"true\" aria-describedby=\"f-mail-error f-mail-hint\"");
    let error = position(&page, "id=\"f-mail-error\">＊メールアドレスの形ではありません。");
    assert!(label < hint && hint < input && input < error);
}

/// NN-23: the summary leads to each question in its own words; a question of
/// several inputs is named by its legend.
#[test]
fn every_line_of_the_summary_leads_to_an_input() {
    let page = drawn();
    for id in ["f-mail", "f-birth-month"] {
        position(&page, &format!("<a href=\"#{id}\">"));
        position(&page, &format!("id=\"{id}\" name="));
    }
    position(&page, "<legend class=\"label\">生年月日");
}

/// NN-23: no id twice, so that every label finds its input. (The sample shows
/// one question as list, as radio buttons and as check boxes.)
#[test]
fn ids_are_unique_within_a_question() {
    let page = drawn();
    for id in ["f-mail", "f-kind-2", "f-birth-year", "f-photo", "main"] {
        let count = page.matches(&format!(" id=\"{id}\"")).count();
        let expected = match id {
            "f-kind-2" => 2,
            "main" => 0,
            _ => 1,
        };
        assert_eq!(count, expected, "{id}");
    }
}

/// MN-7.2, MN-7.4: what was typed comes back as text, never as markup.
#[test]
fn typed_markup_is_shown_as_text() {
    let page = drawn();
    assert!(!page.contains("<script"), "{page}");
    position(&page, "value=\"&#34;&#62;&#60;script&#62;\"");
    position(&page, "rows=\"5\">\n一行目\n二行目</textarea>");
}

#[test]
fn the_pager_says_where_one_is() {
    let page = drawn();
    position(&page, "25件中 11〜20件目");
    position(&page, "href=\"?page=2\" aria-current=\"page\" aria-label=\"2ページ目\"");
    position(&page, "rel=\"next\" href=\"?page=3\"");
}
