//! The small markdown of procedure documents, in the language of the reader.

use platform_web::markdown;

use crate::reader::marks;

/// A rendered text as a page of its own: its headings come right below that of
/// the page. What was typed is escaped, so every tag is one of ours.
pub(crate) fn as_page(html: &str) -> String {
    html.replace("<h3>", "<h2>").replace("</h3>", "</h2>")
}

/// Renders a text. A text that is left in Japanese says so in an element of its own.
pub(crate) fn html(text: &str) -> String {
    if marks::is_left(text) {
        return marks::left_html(&html(&marks::without(text)));
    }
    markdown::html(text)
}
