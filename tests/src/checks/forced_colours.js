// With the colours of the system: what was told by a background still has an edge.
const found = [];
const shown = element => element.getClientRects().length > 0 && !element.closest('[aria-hidden=true]');
const show = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160);
if (!matchMedia('(forced-colors: active)').matches) return ['the colours of the system are not on'];
const edges = 'button:not(.button-link), .button, .input, .tag, .notice, .panel, .error-summary';
for (const one of document.querySelectorAll(edges)) {
    const own = getComputedStyle(one);
    const edge = ['Top', 'Right', 'Bottom', 'Left'].some(side =>
        own['border' + side + 'Style'] !== 'none' && parseFloat(own['border' + side + 'Width']) >= 1);
    if (shown(one) && !edge) found.push(show(one) + ' has no edge');
}
for (const one of document.querySelectorAll('header nav [aria-current]')) {
    const own = getComputedStyle(one);
    const told = parseInt(own.fontWeight, 10) >= 700 || parseFloat(own.borderBottomWidth) >= 2;
    if (shown(one) && !told) found.push(show(one) + ' is not told from the others');
}
return found;
