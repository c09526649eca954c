// Making elements: text goes in as text, never as HTML, since titles and reports come from others.

type Child = Node | string;
type Fields = Record<string, string | number | boolean | undefined>;

/** Make an element with attributes; `false` and undefined leave an attribute out, `true` gives it without a value. */
export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  fields: Fields = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : String(value));
  }
  made.append(...children);
  return made;
}

/** A button with a visible text that does something. */
export function button(label: string, act: () => void, fields: Fields = {}): HTMLButtonElement {
  const made = make("button", { type: "button", ...fields }, label);
  made.addEventListener("click", act);
  return made;
}

/** A labelled choice of one out of several. */
export function choice(label: string, options: readonly (readonly [string, string])[], act: (value: string) => void) {
  const list = make("select", {}, ...options.map(([value, name]) => make("option", { value }, name)));
  list.addEventListener("change", () => act(list.value));
  return { field: make("label", { class: "viewer-choice" }, make("span", {}, label), list), list };
}
