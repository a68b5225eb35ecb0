//! A manual as HTML: what `docs/manuals` are written in, which is more than the small markdown that
//! people type. Headings, lists within lists, tables, code; everything else is text, and all text is
//! escaped (W4).

use crate::markdown::{escape, inline};

/// A manual, ready to be shown.
pub struct Manual {
    /// Its first heading.
    pub title: String,
    /// Id and words of each chapter.
    pub chapters: Vec<(String, String)>,
    /// The text below the title, finished HTML. Chapters are `<h2>`.
    pub body: String,
}

/// Renders a manual.
#[must_use]
pub fn manual(text: &str) -> Manual {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let title = lines.first().and_then(|line| line.strip_prefix("# "));
    let mut made = Manual {
        title: title.unwrap_or_default().to_owned(),
        chapters: Vec::new(),
        body: String::with_capacity(text.len() * 2),
    };
    made.blocks(&lines[usize::from(title.is_some())..]);
    made
}

impl Manual {
    fn blocks(&mut self, lines: &[&str]) {
        let mut at = 0;
        while let Some(line) = lines.get(at) {
            let rest = &lines[at..];
            at += match Block::of(line) {
                Block::Nothing => 1,
                Block::Heading(level, words) => {
                    self.heading(level, words);
                    1
                }
                Block::Code => self.code(rest),
                Block::Table => self.table(rest),
                Block::Item(tag, _) => self.list(tag, rest),
                Block::Text => self.paragraph(rest),
            };
        }
    }

    fn heading(&mut self, level: u8, words: &str) {
        if level == 2 {
            let id = format!("chapter-{}", self.chapters.len() + 1);
            self.body.push_str(&format!("<h2 id=\"{id}\">"));
            self.chapters.push((id, words.to_owned()));
        } else {
            self.body.push_str("<h3>");
        }
        words_of(words, &mut self.body);
        self.body.push_str(&format!("</h{level}>\n"));
    }

    fn code(&mut self, lines: &[&str]) -> usize {
        let inner = lines.iter().skip(1).take_while(|line| Block::of(line) != Block::Code);
        self.body.push_str("<pre><code>");
        let mut count = 0;
        for line in inner {
            escape(line, &mut self.body);
            self.body.push('\n');
            count += 1;
        }
        self.body.push_str("</code></pre>\n");
        count + 2
    }

    /// The first row is the head, the second one is drawn by it.
    fn table(&mut self, lines: &[&str]) -> usize {
        let rows: Vec<Vec<&str>> = lines
            .iter()
            .take_while(|line| Block::of(line) == Block::Table)
            .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
            .collect();
        let head = rows.first().cloned().unwrap_or_default();
        self.body.push_str("<table class=\"table-cards\" role=\"table\">\n<thead role=\"rowgroup\"><tr role=\"row\">");
        for cell in &head {
            self.body.push_str("<th scope=\"col\" role=\"columnheader\">");
            words_of(cell, &mut self.body);
            self.body.push_str("</th>");
        }
        self.body.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
        for row in rows.iter().skip(2) {
            self.body.push_str("<tr role=\"row\">");
            for (cell, label) in row.iter().zip(&head) {
                self.body.push_str("<td role=\"cell\" data-label=\"");
                escape(label, &mut self.body);
                self.body.push_str("\">");
                words_of(cell, &mut self.body);
                self.body.push_str("</td>");
            }
            self.body.push_str("</tr>\n");
        }
        self.body.push_str("</tbody></table>\n");
        rows.len()
    }

    /// Items of one kind, each with the indented lines below it.
    fn list(&mut self, tag: &str, lines: &[&str]) -> usize {
        self.body.push_str(&format!("<{tag}>\n"));
        let mut at = 0;
        while let Some((width, first)) = lines.get(at).and_then(|line| Block::item(line, tag)) {
            let below = lines[at + 1..].iter().take_while(|line| is_below(line)).count();
            let mut item = vec![first];
            item.extend(lines[at + 1..=at + below].iter().map(|line| dedented(line, width)));
            self.body.push_str("<li>");
            self.item(&item);
            self.body.push_str("</li>\n");
            at += 1 + below;
        }
        self.body.push_str(&format!("</{tag}>\n"));
        at
    }

    /// Its words stand in the item itself; only what follows them is a block.
    fn item(&mut self, lines: &[&str]) {
        let words = lines.iter().take_while(|line| Block::of(line) == Block::Text).count();
        words_of(&joined(&lines[..words]), &mut self.body);
        self.blocks(&lines[words..]);
    }

    fn paragraph(&mut self, lines: &[&str]) -> usize {
        let count = lines.iter().take_while(|line| Block::of(line) == Block::Text).count();
        self.body.push_str("<p>");
        words_of(&joined(&lines[..count]), &mut self.body);
        self.body.push_str("</p>\n");
        count
    }
}

/// What a line begins.
#[derive(PartialEq, Eq)]
enum Block<'a> {
    Nothing,
    /// Level, words.
    Heading(u8, &'a str),
    Code,
    Table,
    /// Element, width of the marker.
    Item(&'static str, usize),
    Text,
}

impl<'a> Block<'a> {
    fn of(line: &'a str) -> Self {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        match line {
            "" => Self::Nothing,
            _ if line.starts_with("```") => Self::Code,
            _ if line.starts_with('|') => Self::Table,
            _ if line.starts_with("- ") => Self::Item("ul", 2),
            _ if digits > 0 && line[digits..].starts_with(". ") => Self::Item("ol", digits + 2),
            _ => match (line.strip_prefix("### "), line.strip_prefix("## ")) {
                (Some(words), _) => Self::Heading(3, words),
                (None, Some(words)) => Self::Heading(2, words),
                (None, None) => Self::Text,
            },
        }
    }

    /// Width of the marker and the words behind it.
    fn item(line: &'a str, tag: &str) -> Option<(usize, &'a str)> {
        match Self::of(line) {
            Self::Item(own, width) if own == tag => Some((width, &line[width..])),
            _ => None,
        }
    }
}

/// Indented lines belong to the item above them, and so do empty lines between.
fn is_below(line: &str) -> bool {
    line.is_empty() || line.starts_with("  ")
}

fn dedented(line: &str, width: usize) -> &str {
    let indent = line.bytes().take_while(|byte| *byte == b' ').count();
    &line[indent.min(width)..]
}

/// Lines of one paragraph; Japanese needs no space where a line was broken.
fn joined(lines: &[&str]) -> String {
    let mut whole = String::new();
    for line in lines {
        let line = line.trim_start();
        let apart = whole.ends_with(|c: char| c.is_ascii_graphic())
            && line.starts_with(|c: char| c.is_ascii_graphic());
        if apart {
            whole.push(' ');
        }
        whole.push_str(line);
    }
    whole
}

/// Words with bold, code and links in them; what is bold may be code.
fn words_of(line: &str, out: &mut String) {
    let parts: Vec<&str> = line.split("**").collect();
    for (number, part) in parts.iter().enumerate() {
        let is_bold = number % 2 == 1 && number + 1 < parts.len();
        out.push_str(if is_bold { "<strong>" } else { "" });
        with_code(part, out);
        out.push_str(if is_bold { "</strong>" } else { "" });
    }
}

fn with_code(words: &str, out: &mut String) {
    let parts: Vec<&str> = words.split('`').collect();
    for (number, part) in parts.iter().enumerate() {
        if number % 2 == 1 && number + 1 < parts.len() {
            out.push_str("<code>");
            escape(part, out);
            out.push_str("</code>");
        } else {
            inline(part, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_lists_tables_and_code_are_drawn() {
        let text = "# 使い方\n\n本文の\n続き。\n## 一章\n### 節\n1. はじめ\n   続き\n\n   | 列 | 値 |\n   |---|---|\n   | 甲 | **`ab`** |\n\
                    2. つぎ\n   - 中\n- 外\n\n```\nrun <x>\n\n```\n## 二章\n終わり";
        let made = manual(text);
        assert_eq!(made.title, "使い方");
        let chapters: Vec<&str> = made.chapters.iter().map(|(_, words)| &**words).collect();
        assert_eq!(chapters, ["一章", "二章"]);
        for part in [
            "<p>本文の続き。</p>\n<h2 id=\"chapter-1\">一章</h2>\n<h3>節</h3>\n<ol>\n<li>はじめ続き",
            "<thead role=\"rowgroup\"><tr role=\"row\"><th scope=\"col\" role=\"columnheader\">列</th>",
            "<tr role=\"row\"><td role=\"cell\" data-label=\"列\">甲</td>",
            "data-label=\"値\"><strong><code>ab</code></strong></td>",
            "<li>つぎ<ul>\n<li>中</li>\n</ul>\n</li>\n</ol>\n<ul>\n<li>外</li>\n</ul>\n",
            "<pre><code>run &lt;x&gt;\n\n</code></pre>\n<h2 id=\"chapter-2\">二章</h2>",
        ] {
            assert!(made.body.contains(part), "{part}\n{}", made.body);
        }
    }

    /// MN-7.2: a manual brings no markup into a page, wherever it stands.
    #[test]
    fn markup_stays_text() {
        let made = manual("# x\n## <b>\n- <i>`<u>`\n\n| <s> |\n|---|\n| [y](javascript:x) |\n`<q>");
        for tag in ["<b>", "<i>", "<u>", "<s>", "<q>", "href"] {
            assert!(!made.body.contains(tag), "{tag}: {}", made.body);
        }
    }
}
