"""Names that are programs, turn text around, cannot be seen or never end: on every page they are just names."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from tests.cast import ANNA, NOORD
from tests.portal_doors import Doors, Visitor
from tests.sharing_town import HEAD_CT, study

from beeldpas.demo.check.page import Page
from beeldpas.domain.study import Accession
from beeldpas.formats.fhir import values
from beeldpas.portal.directory import Directory

NAMES = {
    "a script": "<script>alert(1)</script>",
    "an attribute": '" onmouseover="alert(1)" x=\'',
    "a template": "{{ 7*7 }}{% for x in range(9) %}{{ x }}{% endfor %}${7*7}#{7*7}",
    "an image": "<img src=x onerror=alert(1)>",
    "the end of a page": "</textarea></title></script><h1>Betaal hier</h1>",
    "a link": "javascript:alert(1)",
    "a comment": "<!-- x --><![CDATA[ y ]]>",
    "turned around": "Jansen\u202egnp.exe\u2066",
    "what cannot be seen": "Jan\u200b\u200d\ufeffsen\x00\x07\x1b[31m",
    "a very long one": "Jansen" * 400,
    "accents without an end": "Z" + "\u0301" * 300,
}

REFUSED_IN_FORMS = {"what cannot be seen", "a very long one", "accents without an end"}


class Reader(HTMLParser):
    """What a browser would make of a page: its elements and their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))


def harmless(page: Page) -> None:
    """Nothing of a name became a part of the page."""
    assert page.status < 500, page.text
    if not page.headers.get("content-type", "").startswith("text/html"):
        return
    reader = Reader(page.html)
    for tag, attributes in reader.elements:
        assert not [name for name in attributes if name.startswith("on")], page.url
        assert tag != "script" or attributes.get("src", "").startswith("/static/"), page.url  # type: ignore[union-attr]
        assert tag != "img" or (attributes.get("src") or "").startswith(("/static/", "data:image/")), page.url
        for name in ("href", "action", "src", "formaction"):
            assert not (attributes.get(name) or "").strip().lower().startswith("javascript:"), page.url
    assert page.html.count("<h1") == 1, page.url
    assert "Betaal hier</h1>" not in page.html
    assert "{{ 7*7 }}49" not in page.html and ">49<" not in page.html
    assert "\x00" not in page.html and "\x1b" not in page.html


@pytest.mark.parametrize("kind", NAMES)
@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_hostile_name_is_only_a_name_on_every_page(doors: Doors, kind: str, language: str) -> None:
    name, town = NAMES[kind], doors.town
    told = values.text(name)  # as everything comes in that a registry or a hospital says
    hostile = replace(study(HEAD_CT, NOORD, description=told), body_part=told, accessions=(Accession(told),))
    hospitals = tuple(replace(one, name=told, phone=told) for one in town.house.directory.hospitals)
    holding = replace(hostile.holdings[0], hospital=told)
    town.registry.studies[ANNA.bsn.reveal()] = (replace(hostile, holdings=(holding,)),)
    object.__setattr__(town.house, "directory", Directory(hospitals))
    here = town.hospitals.holds["noord"][HEAD_CT]
    named = replace(here, identity=replace(here.identity, name=told, patient_id=told))  # type: ignore[type-var]
    town.hospitals.holds["noord"][HEAD_CT] = named
    anna = await doors.patient(language=language)
    seen = [await anna.get(path) for path in ("/timeline", f"/studies/{HEAD_CT}")]
    typed = "dr. Dekker" if kind in REFUSED_IN_FORMS else name
    share_id, code, secret, made = await anna.share(for_whom=typed, note=typed)
    seen.append(made)
    dekker = doors.visitor(language)
    seen.append(await dekker.redeem(code, secret, name=name, organisation=name, function=name))
    seen.append(await dekker.redeem(code, secret))
    seen += [await dekker.get(path) for path in ("/s", f"/provider/shares/{share_id}")]
    seen += await _afterwards(anna, share_id)
    for page in seen:
        harmless(page)


async def _afterwards(anna: Visitor, share_id: str) -> list[Page]:
    paths = (
        "/shares",
        f"/shares/{share_id}",
        f"/shares/{share_id}/stop",
        "/log",
        "/log.json",
        f"/shares/{share_id}/code",
    )
    return [await anna.get(path) for path in paths]
