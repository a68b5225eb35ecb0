// After the walk: what was not reached, what came out of turn, what could not be seen.
const walk = window.tabWalk;
const show = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160);
const found = { 'tab-walk': [], 'focus-order': [], 'focus-visible': [], 'skip-link': [], 'on-focus': [] };
if (location.href !== walk.address) found['on-focus'].push('the focus led to ' + location.href);
const first = [];
for (const [element, outline] of walk.seen) {
    if (first.includes(element)) continue;
    first.push(element);
    if (!outline && element !== document.body) found['focus-visible'].push(show(element));
}
for (const one of walk.wanted) {
    if (!first.includes(one)) found['tab-walk'].push(show(one) + ' is not reached');
}
// Places in two trees cannot be compared.
const order = first.filter(one => walk.wanted.includes(one) && one.getRootNode() === document);
for (let place = 1; place < order.length; place += 1) {
    const after = order[place - 1].compareDocumentPosition(order[place]) & Node.DOCUMENT_POSITION_FOLLOWING;
    if (!after) found['focus-order'].push(show(order[place]) + ' comes after ' + show(order[place - 1]));
}
const skip = first[0];
const target = skip && skip.getAttribute('href') && document.querySelector(skip.getAttribute('href'));
if (!target || !target.matches('main')) found['skip-link'].push('the first stop does not lead to main');
return found;
