// Before something that cannot be undone: what will happen, a button that does it, a way back.
const main = document.querySelector('main');
const found = [];
if (!main.querySelector('form[method=post] button')) found.push('nothing to press');
if (!main.querySelector('a[href]')) found.push('no way back');
return found;
