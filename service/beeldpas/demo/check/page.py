"""What a browser shows: the page's text, links and forms, read from its HTML as they stand there."""

from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

_SILENT: Final = frozenset({"script", "style", "template"})
_VOID: Final = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
)


class Missing(AssertionError):
    """A page does not hold what the journey needs next."""


@dataclass(slots=True)
class Form:
    """A form with the values it holds already; `buttons` are its named buttons (name, value)."""

    action: str
    method: str
    values: dict[str, str | list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    options: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Page:
    """An answer that a browser arrived at."""

    url: str
    status: int
    headers: dict[str, str]
    content: bytes

    @cached_property
    def html(self) -> str:
        """The answer as text."""
        return self.content.decode("utf-8", errors="replace")

    @cached_property
    def _parsed(self) -> "_Reader":
        reader = _Reader()
        reader.feed(self.html)
        return reader

    @property
    def text(self) -> str:
        """The words on the page, white space squeezed."""
        return " ".join(" ".join(self._parsed.words).split())

    @property
    def links(self) -> list[str]:
        """Where the page's links lead, absolute."""
        return [self.absolute(link) for link in self._parsed.links]

    @property
    def forms(self) -> list[Form]:
        """The forms of the page."""
        return self._parsed.forms

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Terms and what is said of them."""
        return [(" ".join(term.split()), " ".join(said.split())) for term, said in self._parsed.facts]

    def absolute(self, url: str) -> str:
        """Resolve an address against this page."""
        return urljoin(self.url, url)

    def marked(self, mark: str) -> str:
        """Return the words of the first element with this id or class. Raises: Missing."""
        found = self._parsed.marked.get(mark)
        if found is None:
            raise Missing(f"nothing marked {mark} at {self.place}")
        return " ".join("".join(found).split())

    def form(self, ending: str = "", *, having: str = "") -> Form:
        """Return the form whose action's path ends so and that has a field of this name. Raises: Missing."""
        for form in self.forms:
            path = urlsplit(self.absolute(form.action)).path
            if path.endswith(ending) and (not having or having in form.names):
                return form
        raise Missing(f"no form …{ending} with {having or 'any field'} at {self.place}")

    def link(self, part: str) -> str:
        """Return the first link whose address holds this. Raises: Missing."""
        for link in self.links:
            if part in link:
                return link
        raise Missing(f"no link with {part} at {self.place}")

    def links_with(self, part: str) -> list[str]:
        """Return every link whose address holds this, once each."""
        return list(dict.fromkeys(link for link in self.links if part in link))

    @property
    def place(self) -> str:
        """Where this is, for a message: host, path and status, never a query."""
        parts = urlsplit(self.url)
        return f"{parts.netloc}{parts.path} ({self.status})"


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.facts: list[tuple[str, str]] = []
        self.marked: dict[str, list[str]] = {}
        self._open: list[tuple[str, list[list[str]]]] = []
        self._form: Form | None = None
        self._select = ""
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag not in _VOID:
            self._open.append((tag, self._marks(given)))
        if tag in _SILENT:
            self._silent += 1
        elif tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "form":
            self._form = Form(given.get("action", ""), given.get("method", "get").lower())
            self.forms.append(self._form)
        elif self._form is not None:
            self._field(tag, given, self._form)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag in _SILENT and self._silent:
            self._silent -= 1
        elif tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)
            self._fact(data)
            for _, marks in self._open:
                for words in marks:
                    words.append(data)

    def _fact(self, data: str) -> None:
        kinds = {tag for tag, _ in self._open}
        if "dt" in kinds:
            self.facts.append((data, ""))
        elif "dd" in kinds and self.facts:
            term, said = self.facts[-1]
            self.facts[-1] = (term, said + data)

    def _marks(self, given: dict[str, str]) -> list[list[str]]:
        """Begin to gather words for each new id and class; the first element of its kind keeps them."""
        names = [*given.get("class", "").split(), given.get("id", "")]
        new = {name: list[str]() for name in names if name and name not in self.marked}
        self.marked |= new
        return list(new.values())

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name = given.get("name", "")
        if tag == "option" and self._select:
            form.options.setdefault(self._select, []).append(given.get("value", ""))
            if "selected" in given or self._select not in form.values:
                form.values[self._select] = given.get("value", "")
        elif tag == "select":
            self._select = name
            form.names.add(name)
        elif tag == "button" and name:
            form.names.add(name)
            form.buttons.append((name, given.get("value", "")))
        elif tag == "textarea" and name:
            form.names.add(name)
            form.values[name] = ""
        elif tag == "input" and name:
            self._input(name, given, form)

    def _input(self, name: str, given: dict[str, str], form: Form) -> None:
        form.names.add(name)
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind in ("checkbox", "radio"):
            form.options.setdefault(name, []).append(value or "on")
            if "checked" not in given:
                return
            value = value or "on"
        if kind == "submit":
            form.buttons.append((name, value))
            return
        _add(form.values, name, value, several=kind == "checkbox")


def _add(values: dict[str, str | list[str]], name: str, value: str, *, several: bool) -> None:
    before = values.get(name)
    if not several or before is None:
        values[name] = value
    else:
        values[name] = [*(before if isinstance(before, list) else [before]), value]
