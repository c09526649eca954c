// Which of our names wear which component of NL Design System's Utrecht library. Its rules come in under our own names
// and elements, so that a page says `class="button"`, and what no page wears does not travel.
import type { AtRule, ChildNode, Plugin, Rule } from "postcss";

const FIELD = ':is(input[type="text"], input[type="date"], input[type="email"], input[type="search"])';

/** Utrecht's class, without its first word, and what wears it here. */
const WORN: ReadonlyMap<string, string> = new Map([
  ["document", "body"],
  ["heading-1", "h1"],
  ["heading-2", "h2"],
  ["heading-3", "h3"],
  ["heading-4", "h4"],
  ["paragraph", "p"],
  ["paragraph--lead", ".lead"],
  ["link", "a:not(.button)"],
  ["link--html-a", "a:not(.button)"],
  ["link-button", ".link-button"],
  ["link-button--html-button", "button.link-button"],
  ["skip-link", ".skip"],
  ["skip-link--visible-on-focus", ".skip"],
  ["button", ".button"],
  ["button--primary-action", ".button:not(.plain)"],
  ["button--secondary-action", ".button.plain"],
  ["button--danger", ".danger"],
  ["button--hover", ".button.shows-hover"],
  ["button--focus-visible", ".button.shows-focus"],
  ["button--active", ".button.shows-active"],
  ["button--disabled", ".button.shows-disabled"],
  ["action-group", ".actions"],
  ["alert", ".notice"],
  ["alert--info", ".notice:not(.attention, .good, .danger)"],
  ["alert--ok", ".notice.good"],
  ["alert--warning", ".notice.attention"],
  ["alert--error", ".notice.danger"],
  ["status-badge", ".tag"],
  ["status-badge--neutral", ".tag:not(.good, .attention, .danger)"],
  ["status-badge--safe", ".tag.good"],
  ["status-badge--warning", ".tag.attention"],
  ["status-badge--danger", ".tag.danger"],
  ["number-badge", ".steps > li::before"],
  ["data-list", ".summary"],
  ["data-list__item-key", ":is(.summary dt)"],
  ["data-list__item-value", ":is(.summary dd)"],
  ["data-list__item-value--html-dd", ":is(.summary dd)"],
  ["table", "table"],
  ["table--html-table", "table"],
  ["table-container", ".scroll"],
  ["form-field", ".field"],
  ["form-field--invalid", ".has-error"],
  ["form-field-description", ".hint"],
  ["form-field-error-message", ".error-text"],
  ["form-label", "label"],
  ["form-label--checkbox", "label.choice"],
  ["form-fieldset", "fieldset"],
  ["form-fieldset--html-fieldset", "fieldset"],
  ["form-fieldset__legend", "legend"],
  ["form-fieldset__legend--html-legend", "legend"],
  ["textbox", FIELD],
  ["textbox--html-input", FIELD],
  ["textarea", "textarea"],
  ["textarea--html-textarea", "textarea"],
  ["select", "select"],
  ["select--html-select", "select"],
  ["page-header", ".bar"],
  ["nav-bar", ".menu"],
  ["page-footer", ".foot"],
]);

/** Return the selector as it is worn here, or nothing when it names what nobody wears. */
export function worn(selector: string): string | undefined {
  let everybody = true;
  const named = selector.replace(/\.utrecht-([\w-]+)/g, (whole, name: string) => {
    const wearer = WORN.get(name);
    everybody &&= wearer !== undefined;
    return wearer ?? whole;
  });
  return everybody ? named : undefined;
}

/** A step of PostCSS that gives Utrecht's rules to our names and drops the others. */
export const utrecht: Plugin = {
  postcssPlugin: "wear-utrecht",
  Once(root) {
    const isTheirs = (node: ChildNode) => node.source?.input.file?.includes("@utrecht") ?? false;
    root.walkRules((rule: Rule) => {
      if (!isTheirs(rule) || !rule.selector.includes("utrecht")) return;
      const selectors = rule.selectors.map(worn).filter((one) => one !== undefined);
      if (selectors.length === 0) rule.remove();
      else rule.selectors = selectors;
    });
    root.walkAtRules((rule: AtRule) => {
      if (isTheirs(rule) && (rule.name === "keyframes" || rule.nodes?.length === 0)) rule.remove();
    });
  },
};
