//! The published form as questions on a page.

use domain::forms::Answers;
use domain::forms::check::SHOWN;
use platform_web::FormData;

pub(crate) mod fee;
pub(crate) mod question;
pub(crate) mod rows;
pub(crate) mod slots;
pub(crate) mod sniff;
pub(crate) mod words;

pub(crate) use question::{Asked, Attached, Question, Shape, file_input};

/// The answers as typed, with the list of fields the page showed.
pub(crate) fn sent(form: &FormData) -> Answers {
    let mut answers = Answers::new();
    for (name, values) in form.by_name() {
        answers.put(name, values);
    }
    if form.has(SHOWN) {
        answers.put(SHOWN, form.all(SHOWN).map(str::to_owned).collect());
    }
    answers
}
