//! axe-core on the page in front of us (JIS X 8341-3, NN-23).

use thirtyfour::WebDriver;

const AXE: &str = include_str!("../vendor/axe-core/axe.min.js");

/// Runs the rules of WCAG 2.2 A and AA and best practice; one line a violation.
///
/// # Panics
/// When the script cannot run.
pub async fn violations(window: &WebDriver) -> Vec<String> {
    window.execute(AXE, vec![]).await.expect("axe-core loads");
    let run = r"
        const done = arguments[arguments.length - 1];
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] })
            .then(found => done(found.violations.map(one => one.id + ': ' + one.help + ' '
                + one.nodes.slice(0, 5).map(node => node.html + ' ' + node.failureSummary).join(' | '))),
                error => done(['axe: ' + error]));";
    let found = window.execute_async(run, vec![]).await.expect("axe-core runs");
    found.convert().expect("a list of texts")
}
