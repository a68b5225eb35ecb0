//! A small markdown as HTML: paragraphs, lists,
//! headings, bold, links to `https:` and own paths. Everything else is text, and
//! all text is escaped (W4).

/// Renders a text. Headings begin at `<h3>`, below those of the page.
#[must_use]
pub fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let mut open = Open::Nothing;
    for line in text.lines().map(str::trim_end) {
        if line.trim().is_empty() {
            open.close(&mut out);
        } else if let Some(heading) = line.strip_prefix("## ") {
            open.close(&mut out);
            out.push_str("<h3>");
            inline(heading, &mut out);
            out.push_str("</h3>\n");
        } else if let Some(item) = line.strip_prefix("- ") {
            open.list(&mut out);
            out.push_str("<li>");
            inline(item, &mut out);
            out.push_str("</li>\n");
        } else {
            open.paragraph(&mut out);
            inline(line, &mut out);
        }
    }
    open.close(&mut out);
    out
}

#[derive(PartialEq, Eq)]
enum Open {
    Nothing,
    Paragraph,
    List,
}

impl Open {
    fn close(&mut self, out: &mut String) {
        match std::mem::replace(self, Self::Nothing) {
            Self::Nothing => {}
            Self::Paragraph => out.push_str("</p>\n"),
            Self::List => out.push_str("</ul>\n"),
        }
    }

    fn list(&mut self, out: &mut String) {
        if *self != Self::List {
            self.close(out);
            out.push_str("<ul>\n");
            *self = Self::List;
        }
    }

    fn paragraph(&mut self, out: &mut String) {
        if *self == Self::Paragraph {
            out.push_str("<br>\n");
            return;
        }
        self.close(out);
        out.push_str("<p>");
        *self = Self::Paragraph;
    }
}

/// Bold and links within a line.
pub(crate) fn inline(line: &str, out: &mut String) {
    let mut rest = line;
    while !rest.is_empty() {
        let special =
            rest.find("**").into_iter().chain(rest.find('[')).chain(rest.find("https://")).min();
        let Some(at) = special else { break };
        escape(&rest[..at], out);
        rest = &rest[at..];
        let taken =
            bold(rest, out).or_else(|| named_link(rest, out)).or_else(|| bare_link(rest, out));
        let taken = taken.unwrap_or_else(|| {
            let one = rest.chars().next().map_or(0, char::len_utf8);
            escape(&rest[..one], out);
            one
        });
        rest = &rest[taken..];
    }
    escape(rest, out);
}

fn bold(text: &str, out: &mut String) -> Option<usize> {
    let (inner, _) = text.strip_prefix("**")?.split_once("**")?;
    out.push_str("<strong>");
    escape(inner, out);
    out.push_str("</strong>");
    Some(inner.len() + 4)
}

fn named_link(text: &str, out: &mut String) -> Option<usize> {
    let (name, behind) = text.strip_prefix('[')?.split_once("](")?;
    let (target, _) = behind.split_once(')')?;
    if name.contains('[') || !is_link(target) {
        return None;
    }
    link(target, name, out);
    Some(name.len() + target.len() + 4)
}

fn bare_link(text: &str, out: &mut String) -> Option<usize> {
    let end = text
        .find(|c: char| !c.is_ascii_graphic() || "<>\"'`()[]{}|\\^".contains(c))
        .unwrap_or(text.len());
    let target = text[..end].trim_end_matches(['.', ',']);
    if !text.starts_with("https://") || target.len() <= "https://".len() {
        return None;
    }
    link(target, target, out);
    Some(target.len())
}

fn is_link(target: &str) -> bool {
    target.starts_with("https://")
        && target.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"'<>".contains(&byte))
        || crate::html::is_own_path(target)
}

fn link(target: &str, name: &str, out: &mut String) {
    out.push_str("<a href=\"");
    escape(target, out);
    out.push_str("\">");
    escape(name, out);
    out.push_str("</a>");
}

pub(crate) fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_headings_and_links_are_drawn() {
        let text = "## 概要\n一行目\n二行目\n\n- 本人\n- **家族**\n\n[市の案内](https://city.example/a)を見る https://city.example/b。";
        assert_eq!(
            html(text),
            "<h3>概要</h3>\n<p>一行目<br>\n二行目</p>\n<ul>\n<li>本人</li>\n<li><strong>家族</strong></li>\n</ul>\n\
             <p><a href=\"https://city.example/a\">市の案内</a>を見る <a href=\"https://city.example/b\">https://city.example/b</a>。</p>\n"
        );
    }

    /// MN-7.2: a document cannot bring markup or script into a page.
    #[test]
    fn markup_and_other_schemes_stay_text() {
        let drawn = html(
            "<script>alert(1)</script> [x](javascript:alert(1)) [y](//evil.example) [z](https://a\"onclick=1)",
        );
        assert!(!drawn.contains("<script"), "{drawn}");
        let links: Vec<&str> = drawn.split("href=").skip(1).collect();
        assert_eq!(links.len(), 1, "{drawn}");
        assert!(links[0].starts_with("\"https://a\">"), "{drawn}");
        assert!(html("**開いたまま [も").contains("**開いたまま [も"));
    }
}
