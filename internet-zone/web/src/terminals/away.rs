//! No way out of a terminal: links to other places become words with their address.

/// A page whose links lead to our own pages only. What was typed is escaped, so every tag is one
/// of ours, and links stand in no links.
pub(super) fn bare(html: &str) -> String {
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(begin) = rest.find("<a ") {
        let (before, link) = rest.split_at(begin);
        out.push_str(before);
        let Some((tag, behind)) = link.split_once('>') else { break };
        let Some((words, after)) = behind.split_once("</a>") else { break };
        match target(tag).filter(|target| leads_away(target)) {
            Some(target) if target == words => out.push_str(&format!("<span>{words}</span>")),
            Some(target) => out.push_str(&format!("<span>{words} ({target})</span>")),
            None => out.push_str(&format!("{tag}>{words}</a>")),
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn target(tag: &str) -> Option<&str> {
    tag.split_once("href=\"")?.1.split('"').next()
}

fn leads_away(target: &str) -> bool {
    target.starts_with("//") || !target.starts_with(['/', '#', '?'])
}

#[cfg(test)]
mod tests {
    use super::bare;

    /// IK-2.1.2a2: nobody leaves the service at a counter terminal.
    #[test]
    fn links_to_other_places_are_words() {
        let own =
            "<p><a class=\"b\" href=\"/procedures?q=1\">探す</a> <a href=\"#main\">本文</a></p>";
        assert_eq!(bare(own), own);
        let away = "<p><a href=\"https://city.example/a\">市の案内</a>と\
                    <a href=\"https://city.example/b\">https://city.example/b</a>。</p>";
        assert_eq!(
            bare(away),
            "<p><span>市の案内 (https://city.example/a)</span>と<span>https://city.example/b</span>。</p>"
        );
        for elsewhere in ["//evil.example", "mailto:a@b.example", "tel:000", "javascript:1"] {
            let page = format!("<a href=\"{elsewhere}\">x</a>");
            assert_eq!(bare(&page), format!("<span>x ({elsewhere})</span>"));
        }
    }
}
