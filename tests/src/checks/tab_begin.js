// Before the walk with the Tab key: remembers what gets the focus, and how it looks then.
// Gives back how many keys it takes to come around once.
if (document.activeElement) document.activeElement.blur();
const walk = window.tabWalk = { seen: [], address: location.href };
document.addEventListener('focusin', event => {
    const own = getComputedStyle(event.target);
    const outline = own.outlineStyle !== 'none' && parseFloat(own.outlineWidth) >= 2;
    walk.seen.push([event.target, outline]);
}, true);
const folded = element => element.closest('details:not([open])') && element.tagName !== 'SUMMARY';
const shown = element => element.getClientRects().length > 0 && !folded(element) &&
    getComputedStyle(element).visibility === 'visible';
const groups = new Set();
walk.wanted = Array.from(document.querySelectorAll(
    'a[href], button, input, select, textarea, summary, [tabindex]')).filter(one => {
    if (one.disabled || one.tabIndex < 0 || !shown(one)) return false;
    if (one.type !== 'radio') return true;
    // One of a group of choices: the chosen one, or the first.
    const group = Array.from(document.getElementsByName(one.name)).filter(it => it.form === one.form && !it.disabled);
    return one === (group.find(it => it.checked) || group[0]);
});
const parts = walk.wanted.filter(one => /^(date|time|month|week|datetime-local)$/.test(one.type)).length;
return walk.wanted.length + 8 * parts + 1;
