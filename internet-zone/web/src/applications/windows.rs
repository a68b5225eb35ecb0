//! Two windows on one draft. A page tells what it was drawn from: a mark of each
//! answer, and which window it is. What only the other window changed stays, what
//! only this one changed is saved; what both changed differently is asked, never
//! overwritten in silence (NF-60).

use std::collections::{BTreeMap, BTreeSet};

use domain::forms::check::SHOWN;
use domain::forms::definition::{Field, FieldKind};
use domain::forms::inputs::field_of;
use domain::forms::{Answers, Checked};
use internet_zone_store::vault::Vault;
use platform_service::ids;
use platform_web::{Reply, Trouble};
use serde::{Deserialize, Serialize};

use super::access::OpenDraft;
use super::attach;
use super::filled::Filled;
use crate::site::Site;
use crate::urls;

/// Input that carries the marks of what the page was drawn from.
pub(super) const WAS: &str = "_was";
/// Input that names the window and counts what it sent: `ID.TURN`.
pub(super) const WINDOW: &str = "_window";
/// Input that names the field somebody was in.
pub(super) const AT: &str = "_at";

/// The mark of a question without an answer.
const NOTHING: &str = "-";
/// Tries against other windows that save at the same moment.
const TRIES: usize = 5;

/// Who saved an answer last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Hand {
    /// The drawn page: eight random characters.
    pub(crate) window: String,
    /// Counts what that page sent.
    pub(crate) turn: u32,
}

/// What a page was drawn from, as the page itself tells it.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Drawn {
    hand: Hand,
    /// Marks by field.
    was: BTreeMap<String, String>,
    /// The mark of a page that has nothing but words.
    #[serde(default)]
    words: String,
}

impl Drawn {
    /// A page that is drawn now from these answers.
    pub(super) fn now<'f>(
        vault: &Vault,
        draft: &str,
        answers: &Answers,
        fields: impl IntoIterator<Item = &'f Field>,
    ) -> Self {
        let hand = Hand { window: ids::token()[..8].to_owned(), turn: 0 };
        let was = marks(vault, draft, answers, fields);
        Self { hand, was, words: String::new() }
    }

    /// A page with nothing but words, drawn now from what this marks.
    pub(super) fn of_words(was: String) -> Self {
        let hand = Hand { window: ids::token()[..8].to_owned(), turn: 0 };
        Self { hand, words: was, ..Self::default() }
    }

    /// What a page that was sent tells.
    pub(super) fn read(filled: &Filled) -> Self {
        let (window, turn) = filled.text(WINDOW).rsplit_once('.').unwrap_or(("", "0"));
        let hand = Hand { window: window.to_owned(), turn: turn.parse().unwrap_or(0) };
        let pairs = filled.text(WAS).split_ascii_whitespace();
        let was = pairs.filter_map(|pair| pair.split_once('='));
        let was = was.map(|(id, mark)| (id.to_owned(), mark.to_owned())).collect();
        Self { hand, was, words: String::new() }
    }

    /// The value of [`WAS`].
    pub(super) fn was(&self) -> String {
        let pairs: Vec<String> = self.was.iter().map(|(id, mark)| format!("{id}={mark}")).collect();
        if pairs.is_empty() { self.words.clone() } else { pairs.join(" ") }
    }

    /// The value of [`WINDOW`].
    pub(super) fn window(&self) -> String {
        format!("{}.{}", self.hand.window, self.hand.turn)
    }

    /// The same window after a save: it shows what was saved, and still the old
    /// answers where the other window's were kept.
    fn after(mut self, saved: BTreeMap<String, String>, theirs: &BTreeSet<String>) -> Self {
        for (id, mark) in saved {
            if !theirs.contains(&id) {
                self.was.insert(id, mark);
            }
        }
        self
    }
}

/// Whether two windows can differ about it: files are added and removed one by
/// one, and nobody types the rest.
fn is_typed(field: &Field) -> bool {
    use FieldKind::{Calc, Content, Exit, Fee, File};
    !matches!(field.kind, File(_) | Calc(_) | Fee(_) | Exit(_) | Content(_))
}

/// Keyed marks of the answers of these fields.
fn marks<'f>(
    vault: &Vault,
    draft: &str,
    answers: &Answers,
    fields: impl IntoIterator<Item = &'f Field>,
) -> BTreeMap<String, String> {
    let mut given: BTreeMap<&str, Vec<(&str, &[String])>> = BTreeMap::new();
    for (input, values) in answers.iter().filter(|(input, _)| answers.answered(input)) {
        given.entry(field_of(input)).or_default().push((input, values));
    }
    let mark = |field: &Field| match given.get(field.id.as_str()) {
        None => NOTHING.to_owned(),
        Some(inputs) => {
            let text = serde_json::to_string(&(draft, inputs)).unwrap_or_default();
            let hash = vault.index("answer", &text);
            hash.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
        }
    };
    let typed = fields.into_iter().filter(|field| is_typed(field));
    typed.map(|field| (field.id.clone(), mark(field))).collect()
}

/// The form in a window: its fields, how it is checked, what is stored of it.
pub(super) struct Form<'a> {
    pub(super) fields: Vec<&'a Field>,
    pub(super) check: &'a (dyn Fn(&OpenDraft, &Answers) -> Checked + Send + Sync),
    pub(super) lay: &'a (dyn Fn(&OpenDraft, &Answers) -> Answers + Send + Sync),
}

/// What a window sent.
pub(super) struct Sent {
    pub(super) raw: Answers,
    pub(super) drawn: Drawn,
    /// Fields for which the stored answer was chosen.
    pub(super) picks: BTreeSet<String>,
    /// Inputs filled in by the postal-code look-up.
    pub(super) looked_up: BTreeSet<String>,
    /// How many pages are answered when this one is right.
    pub(super) reaches: Option<i64>,
}

/// What became of it.
pub(super) enum Kept {
    /// Everything is saved.
    Saved {
        /// What was found wrong.
        checked: Checked,
        /// Whether answers of another window were kept.
        joined: bool,
        /// What the window shows now.
        drawn: Drawn,
    },
    /// Nothing is saved: another window saved something else.
    Clash(Clash),
}

/// Answers on which two windows differ.
pub(super) struct Clash {
    /// What this window sent.
    pub(super) raw: Answers,
    /// The draft as it would be with that.
    pub(super) mine: Answers,
    /// The fields in question, in the order of the page.
    pub(super) fields: Vec<String>,
}

struct Split {
    theirs: BTreeSet<String>,
    both: Vec<String>,
}

fn split(site: &Site, open: &OpenDraft, form: &Form<'_>, mine: &Answers, sent: &Sent) -> Split {
    let (vault, draft) = (&site.vault, &open.draft.id);
    let stored = marks(vault, draft, &open.content.answers, form.fields.iter().copied());
    let mine = marks(vault, draft, mine, form.fields.iter().copied());
    let mut split = Split { theirs: BTreeSet::new(), both: Vec::new() };
    for (id, now) in form.fields.iter().filter_map(|field| stored.get_key_value(&field.id)) {
        if mine.get(id) == Some(now) {
            continue;
        }
        let shown = sent.raw.get(SHOWN).is_none_or(|shown| shown.contains(id));
        let asked = shown || sent.raw.iter().any(|(input, _)| field_of(input) == id);
        let own = open.content.hands.get(id).filter(|hand| hand.window == sent.drawn.hand.window);
        match (own, sent.drawn.was.get(id)) {
            // It was not even on this page.
            _ if !asked => split.theirs.insert(id.clone()),
            // This window saved it itself; what it sent before is stale.
            (Some(own), _) if own.turn <= sent.drawn.hand.turn => false,
            (Some(_), _) => split.theirs.insert(id.clone()),
            (None, Some(was)) if mine.get(id) == Some(was) => split.theirs.insert(id.clone()),
            (None, Some(was)) if was == now => false,
            (None, None) if now == NOTHING => false,
            (None, Some(_) | None) => {
                split.both.push(id.clone());
                false
            }
        };
    }
    split
}

/// Puts the stored answers of these fields into what was sent.
fn take_stored(raw: &mut Answers, stored: &Answers, fields: &BTreeSet<String>) {
    if fields.is_empty() {
        return;
    }
    raw.retain(|input| input == SHOWN || !fields.contains(field_of(input)));
    let mut shown = raw.get(SHOWN).map(<[String]>::to_vec);
    for (input, values) in stored.iter().filter(|(input, _)| fields.contains(field_of(input))) {
        raw.put(input, values.to_vec());
        if let Some(shown) = &mut shown {
            // A question of a row is named by group, key and its own id.
            shown.push(input.splitn(4, '.').take(3).collect::<Vec<_>>().join("."));
        }
    }
    if let Some(mut shown) = shown {
        shown.extend(fields.iter().cloned());
        raw.put(SHOWN, shown);
    }
}

/// Checks what a window sent and saves it, right or wrong, unless another window
/// saved something else meanwhile.
pub(super) async fn keep(
    site: &Site,
    open: &mut OpenDraft,
    form: &Form<'_>,
    sent: Sent,
) -> Result<Kept, Trouble> {
    for _ in 0..TRIES {
        let mut raw = sent.raw.clone();
        take_stored(&mut raw, &open.content.answers, &sent.picks);
        let mut checked = (form.check)(open, &raw);
        let split = split(site, open, form, &checked.answers, &sent);
        if !split.theirs.is_empty() {
            take_stored(&mut raw, &open.content.answers, &split.theirs);
            checked = (form.check)(open, &raw);
        }
        let answers = (form.lay)(open, &checked.answers);
        if !split.both.is_empty() {
            return Ok(Kept::Clash(Clash { raw, mine: answers, fields: split.both }));
        }
        let (vault, draft) = (&site.vault, open.draft.id.clone());
        let before = marks(vault, &draft, &open.content.answers, form.fields.iter().copied());
        let after = marks(vault, &draft, &answers, form.fields.iter().copied());
        let mut content = open.content.clone();
        for (id, mark) in &after {
            if before.get(id) != Some(mark) {
                content.hands.insert(id.clone(), sent.drawn.hand.clone());
            }
        }
        content.answers = answers;
        content.looked_up.extend(sent.looked_up.iter().cloned());
        content.left = None;
        if let Some(reached) = sent.reaches.filter(|_| checked.is_clean()) {
            open.draft.reached = open.draft.reached.max(reached);
        }
        if attach::store_once(site, open, content, attach::Change::default()).await? {
            let joined = !split.theirs.is_empty();
            let drawn = sent.drawn.after(after, &split.theirs);
            return Ok(Kept::Saved { checked, joined, drawn });
        }
    }
    Err(Reply::conflict("applications.busy").link(urls::draft(&open.draft.id)).into())
}
