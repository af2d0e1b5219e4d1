// What the scripts say, in the page's language (written into the page by the layout).

const element = document.getElementById('texts');
const texts = element ? JSON.parse(element.textContent) : {};

/** The sentence for `key`, with each `{name}` replaced from `values`. */
export function text(key, values = {}) {
  return Object.entries(values).reduce(
    (sentence, [name, value]) => sentence.replaceAll(`{${name}}`, value),
    texts[key] ?? key,
  );
}
