"""What is measured inside a page, as functions of the browser; each returns the names of what is wrong."""

# How somebody who reads the result finds the thing: what it is, and the words on it.
_NAMED = """
const named = (one) => one.tagName.toLowerCase() + ' “'
  + (one.innerText || one.getAttribute('aria-label') || one.id || one.name || '').trim().slice(0, 40) + '”';
const shown = (one) => one.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })
  && one.getBoundingClientRect().width > 1 && one.getBoundingClientRect().height > 1;
const CONTROLS = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"], iframe';
const controls = () => [...document.querySelectorAll(CONTROLS)].filter((one) => shown(one) && !one.disabled);
"""


def measure(body: str, given: str = "") -> str:
    """Return a function of the browser with the words that all of them use; `given` is what it is told."""
    return f"({given}) => {{ {_NAMED} {body} }}"


SIDEWAYS = measure("""
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const wide = [...document.body.querySelectorAll('*')].filter((one) => shown(one)
    && (one.getBoundingClientRect().right > root.clientWidth + 1 || one.getBoundingClientRect().left < -1)
    && !one.closest('.scroll'));
  return [`scrolls ${root.scrollWidth - root.clientWidth} px sideways`, ...wide.slice(-2).map(named)];
""")
# WCAG 1.4.12: what is cut off when letters, words, lines and paragraphs stand further apart.
SPACING = """
* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }
"""
CUT_OFF = measure("""
  return [...document.body.querySelectorAll('*')].filter((one) => {
    const style = getComputedStyle(one);
    const hides = [style.overflowX, style.overflowY].some((way) => way === 'hidden' || way === 'clip');
    const small = one.clientHeight <= 1 || one.clientWidth <= 1; // said to screen readers only
    return hides && !small && shown(one) && one.innerText && !one.closest('[aria-hidden=true]')
      && (one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1);
  }).map(named);
""")
MOVING = measure("""
  const seconds = (text) => Math.max(...text.split(',').map((part) => parseFloat(part) || 0));
  return [...document.querySelectorAll('*')].filter((one) => {
    const style = getComputedStyle(one);
    return seconds(style.transitionDuration) > 0.01
      || (style.animationName !== 'none' && seconds(style.animationDuration) > 0.01)
      || style.scrollBehavior === 'smooth';
  }).map(named);
""")
# In forced colours backgrounds and shadows are gone: a button or field needs an edge.
EDGELESS = measure("""
  return controls().filter((one) => one.matches('button:not(.link-button), a.button, select, textarea, '
      + 'input:not([type=radio]):not([type=checkbox]):not([type=range])'))
    .filter((one) => !one.closest('#viewer canvas'))
    .filter((one) => getComputedStyle(one).borderBottomStyle === 'none'
      || parseFloat(getComputedStyle(one).borderBottomWidth) < 1)
    .map(named);
""")
# WCAG 2.5.8: a box or radio is as large as its label; a link in a sentence is as large as its line.
TARGETS = measure(
    """
  const area = (one) => (one.labels && one.matches('[type=radio], [type=checkbox]') ? [...one.labels] : [])
    .map((label) => label.getBoundingClientRect())
    .reduce((all, box) => ({ width: Math.max(all.width, box.width), height: Math.max(all.height, box.height) }),
      one.getBoundingClientRect());
  const inSentence = (one) => one.matches('a') && getComputedStyle(one).display === 'inline'
    && one.parentElement.innerText.trim().length > one.innerText.trim().length + 2;
  return controls().filter((one) => one.tabIndex >= 0 && !one.matches('.skip, iframe, [role=region]'))
    .filter((one) => !inSentence(one)
      && (area(one).height < least - 0.5 || area(one).width < Math.min(least, 24) - 0.5))
    .map((one) => `${named(one)} ${Math.round(area(one).width)}×${Math.round(area(one).height)}`);
""",
    given="least",
)
# Every control that Tab should come to; of a group of radios only one is a stop.
REACHABLE = measure("""
  const grouped = (one) => one.type === 'radio'
    && [...document.getElementsByName(one.name)].some((other) => other !== one
      && (other.checked || (!one.checked && other.compareDocumentPosition(one) & 4)));
  window.wanted = controls().filter((one) => one.tabIndex >= 0 && !(grouped(one) && !one.checked));
  window.met = new Set();
  return window.wanted.length;
""")
FOCUSED = measure("""
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return { fault: '', again: false };
  const again = window.met.has(one);
  window.met.add(one);
  const box = one.getBoundingClientRect();
  const carriers = [one, one.closest('label'), one.closest('.card'), one.nextElementSibling].filter(Boolean);
  const outlined = carriers.some((part) => getComputedStyle(part).outlineStyle !== 'none'
    && parseFloat(getComputedStyle(part).outlineWidth) >= 2);
  const inView = box.width > 0 && box.top < innerHeight && box.bottom > 0 && box.left < innerWidth && box.right > 0;
  const x = Math.min(Math.max(box.left + Math.min(box.width, 20) / 2, 1), innerWidth - 1);
  const y = Math.min(Math.max(box.top + Math.min(box.height, 20) / 2, 1), innerHeight - 1);
  const top = document.elementFromPoint(x, y);
  const covered = top && !one.contains(top) && !top.contains(one) && !one.labels?.[0]?.contains(top);
  const fault = !outlined ? ': focus is not shown' : !inView ? ': focus is out of view'
    : covered ? `: focus is covered by ${named(top)}` : '';
  return { fault: fault && named(one) + fault, again };
""")
MISSED = measure(
    "return window.wanted.filter((one) => !window.met.has(one)).map((one) => named(one) + ': Tab skips it');"
)
DRAWN_TWICE = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
SUMMARY = measure("""
  const summary = document.querySelector('[role=alert]');
  if (!summary) return ['no summary of errors'];
  const links = [...summary.querySelectorAll('a[href^="#"]')];
  const faults = links.filter((link) => !document.getElementById(link.hash.slice(1)))
    .map((link) => `${named(link)} leads nowhere`);
  if (!links.length) faults.push('the summary has no links');
  if (document.activeElement !== summary && !summary.contains(document.activeElement)) {
    faults.push('focus is elsewhere');
  }
  return faults;
""")
# `prefix`: what stands before a title that tells of mistakes.
FRAME = measure(
    """
  const faults = [];
  const headings = document.querySelectorAll('h1');
  if (headings.length !== 1) faults.push(`${headings.length} headings of the first level`);
  const same = (one, other) => one.replace(/\\s+/g, ' ').trim() === other.replace(/\\s+/g, ' ').trim();
  const heading = headings[0]?.innerText || '';
  if (!same(document.title, heading) && !same(document.title, `${prefix} ${heading}`))
    faults.push(`title “${document.title}” is not the heading`);
  const help = document.querySelector('aside.help');
  if (!help || !(document.querySelector('main').compareDocumentPosition(help) & 4)) faults.push('help is elsewhere');
  if (!document.querySelector('a.skip[href="#content"]')) faults.push('no link past the menu');
  return faults;
""",
    given="prefix",
)
