//! Marks inside texts, which become elements when the page is finished: words that are left in
//! Japanese, and readings of hard words. They are Unicode noncharacters (U+FDD0 and on), which no
//! text of people contains, and never leave the service.

/// Begin and end of what is left in Japanese.
const LEFT: (char, char) = ('\u{fdd0}', '\u{fdd1}');
/// Begin of a word with a reading, begin of the reading, end.
const RUBY: (char, char, char) = ('\u{fdd2}', '\u{fdd3}', '\u{fdd4}');
/// Where the page says that parts of it are left in Japanese, when there are any.
pub(crate) const NOTE: char = '\u{fdd5}';
/// Something is left in Japanese here, and has its own element.
const SEEN: char = '\u{fdd6}';
/// Begin of words that are Japanese by nature; ends like [`LEFT`].
const OWN: char = '\u{fdd7}';

const fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{fdd0}'..=OWN)
}

/// A text that is left in Japanese.
pub(crate) fn left(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{}{text}{}", LEFT.0, LEFT.1) }
}

/// Words that are Japanese by nature, such as the name of the town: no note is needed for them.
pub(crate) fn own(text: &str) -> String {
    format!("{OWN}{text}{}", LEFT.1)
}

/// Whether a text is left in Japanese as a whole.
pub(crate) fn is_left(text: &str) -> bool {
    text.starts_with(LEFT.0)
}

/// Finished HTML that is left in Japanese.
pub(crate) fn left_html(html: &str) -> String {
    format!("<div lang=\"ja\">{SEEN}{html}</div>")
}

/// A word with its reading.
pub(crate) fn ruby(word: &str, reading: &str) -> String {
    format!("{}{word}{}{reading}{}", RUBY.0, RUBY.1, RUBY.2)
}

/// A text without marks, for mails and scripts.
pub(crate) fn without(text: &str) -> String {
    if !text.contains(is_mark) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut reading = false;
    for letter in text.chars() {
        match letter {
            letter if letter == RUBY.1 => reading = true,
            letter if letter == RUBY.2 => reading = false,
            letter if is_mark(letter) || reading => {}
            letter => out.push(letter),
        }
    }
    out
}

/// A finished page: marks between tags become elements, those in tags and in elements that hold
/// text alone are taken out. `note` is put where [`NOTE`] stands when something is left.
pub(crate) fn drawn(html: &str, note: &str) -> String {
    let mut page = Page { out: String::with_capacity(html.len() + 1024), ..Page::default() };
    let mut rest = html;
    while let Some(begin) = rest.find('<') {
        let (text, tag) = rest.split_at(begin);
        page.text(text);
        let end = tag.find('>').map_or(tag.len(), |end| end + 1);
        let (tag, behind) = tag.split_at(end);
        page.bare = holds_text_alone(tag);
        page.out.push_str(&without(tag));
        rest = behind;
    }
    page.text(rest);
    let note = format!("<p class=\"partly\" role=\"note\">{note}</p>");
    page.out.replacen(NOTE, if page.left { &note } else { "" }, 1).replace(NOTE, "")
}

fn holds_text_alone(tag: &str) -> bool {
    let name: &str = tag.trim_start_matches('<').split([' ', '>', '\n']).next().unwrap_or_default();
    matches!(name, "title" | "option" | "textarea" | "script" | "style")
}

#[derive(Default)]
struct Page {
    out: String,
    /// Whether anything is left in Japanese.
    left: bool,
    /// Whether the element at hand holds text alone.
    bare: bool,
}

impl Page {
    /// What stands between two tags. An element that a mark opened is closed here at the latest.
    fn text(&mut self, text: &str) {
        if !text.contains(is_mark) {
            return self.out.push_str(text);
        }
        self.left |= text.contains([LEFT.0, SEEN]);
        if self.bare {
            return self.out.push_str(&without(text));
        }
        let (mut in_left, mut in_ruby) = (false, false);
        for letter in text.chars() {
            match letter {
                NOTE => self.out.push(NOTE),
                letter if (letter == LEFT.0 || letter == OWN) && !in_left => {
                    self.out.push_str("<span lang=\"ja\">");
                    in_left = true;
                }
                letter if letter == LEFT.1 && in_left => {
                    self.out.push_str("</span>");
                    in_left = false;
                }
                letter if letter == RUBY.0 && !in_ruby => {
                    self.out.push_str("<ruby>");
                    in_ruby = true;
                }
                letter if letter == RUBY.1 && in_ruby => self.out.push_str("<rt>"),
                letter if letter == RUBY.2 && in_ruby => {
                    self.out.push_str("</rt></ruby>");
                    in_ruby = false;
                }
                letter if is_mark(letter) => {}
                letter => self.out.push(letter),
            }
        }
        if in_ruby {
            self.out.push_str("</ruby>");
        }
        if in_left {
            self.out.push_str("</span>");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is not translated is told to the browser, and the page says so.
    #[test]
    fn words_left_in_japanese_get_their_language_and_the_page_a_note() {
        let page = format!("{NOTE}<h1>{}</h1><p>Send</p>", left("住民票"));
        let drawn = super::drawn(&page, "Partly Japanese");
        assert!(drawn.contains("<h1><span lang=\"ja\">住民票</span></h1><p>Send</p>"), "{drawn}");
        assert!(drawn.contains("Partly Japanese"), "{drawn}");
        assert_eq!(super::drawn(&format!("{NOTE}<p>Send</p>"), "x"), "<p>Send</p>");
    }

    #[test]
    fn readings_stand_above_words_and_never_in_attributes_or_titles() {
        let word = ruby("申請", "しんせい");
        let page =
            format!("<title>{word}</title><a title=\"{word}\">{word}</a><option>{word}</option>");
        assert_eq!(
            drawn(&page, ""),
            "<title>申請</title><a title=\"申請\"><ruby>申請<rt>しんせい</rt></ruby></a><option>申請</option>"
        );
        assert_eq!(without(&word), "申請");
    }

    /// MN-7.2: marks typed by a visitor open no element that stays open, and no tag of theirs.
    #[test]
    fn stray_marks_leave_the_page_whole() {
        let typed = format!("{}{}&lt;b&gt;{}", LEFT.0, RUBY.0, LEFT.0);
        let drawn = super::drawn(&format!("<p>{typed}</p>"), "");
        assert_eq!(drawn, "<p><span lang=\"ja\"><ruby>&lt;b&gt;</ruby></span></p>");
        let drawn = super::drawn(&format!("<p>{}a{}</p>", RUBY.1, RUBY.2), "");
        assert_eq!(drawn, "<p>a</p>");
    }
}
