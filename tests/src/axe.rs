//! axe-core on the page in front of us (JIS X 8341-3, NN-23).

use serde_json::Value;
use thirtyfour::WebDriver;

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");

/// What a rule said of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Looked at something, and nothing was wrong.
    Passed,
    /// There is nothing on the page that the rule is about.
    Absent,
    /// A person has to look.
    Unsure,
    /// Something is wrong.
    Violated,
}

/// One rule on one page.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Name of the rule.
    pub rule: String,
    /// Success criteria it belongs to (`1.1.1`); none for good practice.
    pub criteria: Vec<String>,
    /// What it said.
    pub verdict: Verdict,
    /// What is wrong, for a violation.
    pub words: String,
}

/// Runs the rules of WCAG 2.2 A and AA and best practice.
///
/// # Panics
/// When the script cannot run.
pub async fn outcomes(window: &WebDriver) -> Vec<Outcome> {
    window.execute(AXE, vec![]).await.expect("axe-core loads");
    let run = r"
        const done = arguments[arguments.length - 1];
        const kinds = ['passes', 'inapplicable', 'incomplete', 'violations'];
        const runOnly = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const words = one => one.help + ' ' + one.nodes.slice(0, 5)
            .map(node => node.html + ' ' + node.failureSummary).join(' | ');
        axe.run(document, { runOnly, resultTypes: ['violations'] })
            .then(found => done(kinds.map(kind => found[kind].map(one =>
                [one.id, one.tags.join(' '), kind === 'violations' ? words(one) : '']))),
                error => done([[], [], [], [['axe', '', String(error)]]]));";
    let found = window.execute_async(run, vec![]).await.expect("axe-core runs");
    let kinds = [Verdict::Passed, Verdict::Absent, Verdict::Unsure, Verdict::Violated];
    let lists = found.json().as_array().cloned().unwrap_or_default();
    assert_eq!(lists.len(), kinds.len(), "axe-core says something else");
    let of_kind = |(verdict, list): (Verdict, Value)| {
        let list = list.as_array().cloned().unwrap_or_default();
        list.into_iter().map(move |one| outcome(&one, verdict))
    };
    kinds.into_iter().zip(lists).flat_map(of_kind).collect()
}

fn outcome(one: &Value, verdict: Verdict) -> Outcome {
    let text = |place: usize| one[place].as_str().unwrap_or_default().to_owned();
    let criteria = text(1).split(' ').filter_map(criterion).collect();
    Outcome { rule: text(0), criteria, verdict, words: text(2) }
}

/// The criterion in a tag: `wcag143` is 1.4.3, `wcag1412` is 1.4.12.
fn criterion(tag: &str) -> Option<String> {
    let digits = tag.strip_prefix("wcag")?;
    let all = digits.bytes().all(|byte| byte.is_ascii_digit());
    (all && digits.len() >= 3)
        .then(|| format!("{}.{}.{}", &digits[..1], &digits[1..2], &digits[2..]))
}
