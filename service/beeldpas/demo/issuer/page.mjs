// The pages as text: no script, no picture, nothing fetched; readable at any width, usable by keyboard only.
import { createHash } from 'node:crypto';

const STYLE = `
:root { color-scheme: light dark; font: 1.125rem/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 40rem; padding: 1rem; }
fieldset { border: 1px solid; border-radius: .25rem; margin: 0 0 1.5rem; padding: .5rem 1rem 1rem; }
legend { font-weight: 700; }
label { display: block; padding: .375rem 0; }
ul { list-style: none; padding: 0; }
li { margin: 0 0 .75rem; }
button { font: inherit; min-height: 3rem; padding: .5rem 1rem; text-align: left; width: 100%; cursor: pointer; }
button.plain { text-align: center; width: auto; }
button:focus-visible, input:focus-visible { outline: 3px solid; outline-offset: 3px; }
.note { border-left: .375rem solid; padding-left: 1rem; }
small { display: block; }
`;
export const STYLE_HASH = `sha256-${createHash('sha256').update(STYLE).digest('base64')}`;

const WORDS = {
  nl: {
    note: 'Dit is een demonstratie. Alle mensen op deze pagina zijn verzonnen.',
    level: 'Hoe logt u in?',
    who: 'Wie bent u?',
    cancel: 'Annuleren',
    goneTitle: 'Deze inlogpoging is verlopen',
    gone: 'Ga terug naar de site waar u vandaan kwam en log opnieuw in.',
  },
  en: {
    note: 'This is a demonstration. All people on this page are made up.',
    level: 'How do you sign in?',
    who: 'Who are you?',
    cancel: 'Cancel',
    goneTitle: 'This sign-in has expired',
    gone: 'Go back to the site where you came from and sign in again.',
  },
};

/** The page on which one of the made-up people is chosen. */
export function signInPage(config, language) {
  const words = WORDS[language];
  return page(config.title[language], language, `
<p class="note">${words.note}</p>
<form method="post">
${levelChoice(config.levels ?? [], words, language)}
<fieldset>
<legend>${words.who}</legend>
<ul>
${config.people.map((person) => personButton(person, language)).join('\n')}
</ul>
</fieldset>
<button class="plain" name="cancel" value="yes">${words.cancel}</button>
</form>`);
}

/** The page for a sign-in that is over or was never begun. */
export function errorPage(config, language) {
  const words = WORDS[language];
  return page(words.goneTitle, language, `<p>${words.gone}</p>`);
}

function levelChoice(levels, words, language) {
  if (levels.length === 0) return '';
  const choices = levels.map((level) => `<label><input type="radio" name="level" value="${escape(level.value)}"${
    level.chosen ? ' checked' : ''}> ${escape(level.label[language])}</label>`);
  return `<fieldset>\n<legend>${words.level}</legend>\n${choices.join('\n')}\n</fieldset>`;
}

function personButton(person, language) {
  const about = person.about ? `<small>${escape(person.about[language])}</small>` : '';
  return `<li><button name="person" value="${escape(person.id)}">${escape(person.name)}${about}</button></li>`;
}

function page(title, language, body) {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
</main>
</body>
</html>
`;
}

function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
