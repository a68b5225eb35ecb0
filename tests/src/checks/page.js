// What a script can see on the page in front of it, beyond axe. Gives back, for each
// check that ran, what is wrong: { "reflow": [], "targets": ["<a …> 30 px"] }.
// arguments: whether the window is wide.
const wide = arguments[0];
const found = {};
const all = (selector, root) => Array.from((root || document).querySelectorAll(selector));
const style = element => getComputedStyle(element);
const folded = element => element.closest('details:not([open])') && !element.closest('summary');
const shown = element => element.getClientRects().length > 0 && style(element).visibility === 'visible' &&
    !folded(element) && !element.closest('[aria-hidden=true]');
const show = element => element.outerHTML.replace(/\s+/g, ' ').slice(0, 160);
const check = (name, elements, wrong) => {
    const list = found[name] = found[name] || [];
    for (const element of elements) {
        const why = wrong(element);
        if (why) list.push(show(element) + ' ' + why);
    }
};
const buttonlike = 'button, .button, select, textarea, summary, ' +
    'input:not([type=hidden]):not([type=radio]):not([type=checkbox])';

// Nothing is wider than the screen, nothing is cut off.
const overflow = name => {
    const over = document.documentElement.scrollWidth - window.innerWidth;
    const list = found[name] = found[name] || [];
    if (over > 0) {
        const far = all('body *').filter(one => shown(one) &&
            one.getBoundingClientRect().right > window.innerWidth + 0.5 && !one.closest('.table-scroll'));
        list.push(over + ' px wider than the screen: ' + far.slice(-2).map(show).join(' | '));
    }
    check(name, all('body *'), one => {
        const own = style(one);
        const cuts = own.overflowX === 'hidden' || own.overflowX === 'clip';
        const hides = one.clientWidth <= 1 || own.clip !== 'auto' || one.matches('input, textarea, select');
        return cuts && !hides && one.scrollWidth > one.clientWidth + 1 && 'is cut off';
    });
};
overflow('reflow');

check('media', all('audio, video, object, embed, iframe'), () => 'plays');
check('still', all('marquee, blink'), () => 'moves');
found.still.push(...document.getAnimations().filter(one => one.playState === 'running')
    .map(one => 'an animation of ' + show(one.effect.target)));

check('headings', all('h1, h2, h3, h4, h5, h6'), one => shown(one) && !one.textContent.trim() && 'is empty');
if (all('h1').length !== 1) found.headings.push(all('h1').length + ' h1');

// One thing a name.
check('ids', all('[id]'), one => all('[id]').find(other => other.id === one.id) !== one && 'has the id of another');

check('titles', [document.head], () => !document.title.trim() && 'no title');

// Words in the letters of another language say which; what the visitor wrote (translate=no) and
// a single letter are no language.
const letters = [[/[\u3041-\u3096\u30a1-\u30fa]{2}/, 'ja'], [/[\uac00-\ud7a3]{2}/, 'ko']];
check('languages', all('body *'), one => {
    if (['SCRIPT', 'STYLE', 'TEXTAREA', 'OPTION'].includes(one.tagName) || one.closest('[translate=no]')) return false;
    const own = Array.from(one.childNodes).filter(node => node.nodeType === 3).map(node => node.data).join('');
    const lang = one.closest('[lang]').lang;
    const other = letters.find(([letter, its]) => letter.test(own) && lang !== its);
    return other && own.trim().slice(0, 40) + ' is ' + other[1] + ' in ' + lang;
});

// A link in a text is known without its colour.
check('colour', all('main p a[href], main li a[href], main dd a[href]'), one => {
    const own = style(one);
    const line = own.textDecorationLine.includes('underline') || parseFloat(own.borderTopWidth) > 0 ||
        own.boxShadow !== 'none' || parseInt(own.fontWeight, 10) >= 700;
    return shown(one) && !line && 'is told by its colour alone';
});

// What the eye meets first is what comes first.
check('order', all('body *'), one => {
    const own = style(one);
    if (own.order !== '0') return 'is moved by order';
    const kept = Array.from(one.children).filter(child => !child.hasAttribute('aria-hidden'));
    return own.display.includes('flex') && own.flexDirection.includes('reverse') && kept.length > 1 && 'is reversed';
});
check('focus-order', all('[tabindex]'), one => one.tabIndex > 0 && 'jumps the queue');

// What must be filled in says so in words.
check('required', all('[required], [aria-required=true]'), one => {
    const box = one.closest('fieldset') || one.closest('.field') || one.parentElement;
    return shown(one) && document.documentElement.lang === 'ja' && !/必須/.test(box.textContent) && 'does not say 必須';
});
check('labels', all('input:not([type=hidden]), select, textarea'), one => {
    const words = Array.from(one.labels || []).some(label => label.textContent.trim());
    return shown(one) && !words && !one.getAttribute('aria-label') && !one.getAttribute('aria-labelledby') && 'has no label';
});

// 44 px for a thumb; a choice is its label. A bare box in a table has 24.
check('targets', all(buttonlike), one => {
    const box = one.getBoundingClientRect();
    return shown(one) && box.height < 43.5 && Math.round(box.height) + ' px high';
});
check('targets', all('input[type=radio], input[type=checkbox]'), one => {
    const boxes = [one, ...Array.from(one.labels || [])].map(it => it.getBoundingClientRect().height);
    const least = one.closest('td') && !(one.labels || []).length ? 24 : 43.5;
    return shown(one) && Math.max(...boxes) < least && Math.round(Math.max(...boxes)) + ' px high';
});

// Letters at twice their size, and further apart: everything is still there.
if (wide) {
    document.documentElement.style.fontSize = '200%';
    overflow('text-200');
    document.documentElement.style.fontSize = '';
} else {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; ' +
        'word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }');
    document.adoptedStyleSheets = [sheet];
    overflow('text-spacing');
    document.adoptedStyleSheets = [];
}

// Choosing something sends nothing and leads nowhere.
if (!wide) {
    const sent = [];
    const listen = event => { event.preventDefault(); sent.push(event.type); };
    document.addEventListener('submit', listen, true);
    const address = location.href;
    check('on-input', all('main select, main input[type=radio], main input[type=checkbox]'), one => {
        sent.length = 0;
        for (const kind of ['input', 'change']) one.dispatchEvent(new Event(kind, { bubbles: true }));
        return (sent.length > 0 || location.href !== address) && 'sends the form when it changes';
    });
    document.removeEventListener('submit', listen, true);
}

// The links around every page, in their order.
const around = all('header a[href], footer a[href]').filter(one => !one.closest('.view-menu, .skip-link'));
return { found, title: document.title, around: around.map(one => [one.getAttribute('href'), one.textContent.trim()]) };
