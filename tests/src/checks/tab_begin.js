// Before the walk with the Tab key: remembers what gets the focus, and how it looks then.
// Gives back how many keys it takes to come around once.
if (document.activeElement) document.activeElement.blur();
const walk = window.tabWalk = { seen: [], address: location.href };
// What a page shows in a tree of its own has its stops there; the way between two of them is heard there alone.
const roots = [document].concat(Array.from(document.querySelectorAll('*'), one => one.shadowRoot).filter(Boolean));
for (const root of roots) {
    root.addEventListener('focusin', event => {
        const at = event.composedPath()[0];
        const own = getComputedStyle(at);
        const outline = own.outlineStyle !== 'none' && parseFloat(own.outlineWidth) >= 2;
        walk.seen.push([at, outline]);
    }, true);
}
const folded = element => element.closest('details:not([open])') && element.tagName !== 'SUMMARY';
const shown = element => element.getClientRects().length > 0 && !folded(element) &&
    getComputedStyle(element).visibility === 'visible';
const groups = new Set();
walk.wanted = roots.flatMap(root => Array.from(root.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex]'))).filter(one => {
    if (one.disabled || one.tabIndex < 0 || !shown(one)) return false;
    if (one.type !== 'radio') return true;
    // One of a group of choices: the chosen one, or the first.
    const named = one.getRootNode().querySelectorAll('[name="' + CSS.escape(one.name) + '"]');
    const group = Array.from(named).filter(it => it.form === one.form && !it.disabled);
    return one === (group.find(it => it.checked) || group[0]);
});
const parts = walk.wanted.filter(one => /^(date|time|month|week|datetime-local)$/.test(one.type)).length;
return walk.wanted.length + 8 * parts + 1;
