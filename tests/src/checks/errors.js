// After a form was refused: each error is told above, at its place, and to who hears the page.
const found = [];
const show = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 200);
const summary = document.querySelector('.error-summary');
if (!summary) return ['no list of errors'];
// Without script the list is the first thing in main.
if (document.scripts.length && document.activeElement !== summary) found.push('the list of errors does not have the focus');
if (!document.title.startsWith('エラー')) found.push('the title does not begin with エラー: ' + document.title);
const plain = text => text.replace(/^[＊※*\s]+/, '').trim();
for (const link of summary.querySelectorAll('li a')) {
    const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!place) { found.push(show(link) + ' leads nowhere'); continue; }
    const box = place.closest('fieldset, .field') || place;
    const marked = place.getAttribute('aria-invalid') === 'true' || box.querySelector('[aria-invalid=true]') ||
        box.querySelector('.error-text');
    if (!marked) found.push(show(place) + ' is not marked as wrong');
    const said = [place, box, ...box.querySelectorAll('[aria-describedby]')]
        .flatMap(one => (one.getAttribute('aria-describedby') || '').split(' '))
        .map(id => id && document.getElementById(id)).filter(Boolean)
        .concat(Array.from(box.querySelectorAll('.error-text')))
        .some(one => plain(one.textContent).includes(plain(link.textContent)));
    if (!said) found.push(show(place) + ' is not described by: ' + link.textContent.trim());
}
return found;
