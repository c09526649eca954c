"""The policies as a page for people: what is allowed and refused, in the sentences of the policies themselves."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from beeldpas.policy.cases import Case, cases
from beeldpas.policy.rules import Rule, rules

_HEAD = """# What is allowed

Everything that may happen is one of the verbs below, and each time the policies in `policies/` are asked: who, what,
about what, under which circumstances. What nothing permits is refused, a forbid beats every permit, and a question
that does not fit the schema is a refusal. The log names the policy that decided.

This page is made from the policies; do not change it by hand.

## Changing a policy

1. Write what you want as one sentence, above the rule that means it, in the file where it belongs. It gets an `@id`
   that nothing else has; a `forbid` also gets a `@refusal`: the name of the text that a person then reads
   (`frontend/locales`, `state.<name>.title`).
2. Write the cases: in `policies/cases/<verb>/ALLOW` what must be possible, in `DENY` what must not, at least as many.
   Name each file as the sentence that it proves. One of them must fail without your rule.
3. Ask whether all is well: written as Cedar writes it, right about every case, and each rule needed by one.
4. Make this page anew.

```sh
beeldpas policies format policies
beeldpas policies check policies
beeldpas policies document policies > docs/policies.md
make check
```

A hospital adds forbids of its own at its gateway without touching these: [operations.md](operations.md).
"""


def document(folder: Path) -> str:
    """Return the page, in Markdown. Raises: OSError; Malformed("policy_case")."""
    found, known = rules(folder), cases(folder)
    lines = [_HEAD, "## Verb by verb", ""]
    for verb in sorted({case.verb for case in known}):
        lines += _verb(verb, found, known)
    lines += ["## Policy by policy", "", "| policy | what it means | cases |", "|---|---|---|"]
    lines += [_row(rule, known) for rule in found]
    return "\n".join(lines) + "\n"


def _verb(verb: str, found: Iterable[Rule], known: Iterable[Case]) -> Iterator[str]:
    about = [rule for rule in found if verb in rule.verbs]
    yield f"### {verb}"
    for effect, title in (("permit", "Allowed"), ("forbid", "Refused, whatever else is allowed")):
        sentences = [f"- {rule.sentence} (`{rule.id}`)" for rule in about if rule.effect == effect]
        if sentences:
            yield from (f"{title}:", "", *sentences, "")
    mine = [case for case in known if case.verb == verb]
    for allowed, title in ((True, "For example, allowed"), (False, "For example, refused")):
        examples = "; ".join(case.sentence for case in mine if case.expected.allowed == allowed)
        yield from (f"{title}: {examples}.", "")


def _row(rule: Rule, known: Iterable[Case]) -> str:
    deciding = sum(case.expected.policy == rule.id for case in known)
    reads = f" A person reads `{rule.refusal}`." if rule.refusal else ""
    return f"| `{rule.id}` | {rule.sentence}{reads} | {deciding} |"
