"""XML from outside: what has a DTD, in any encoding, is not read, and neither is what is nested without end."""

import pytest

from beeldpas.domain.errors import Malformed
from beeldpas.formats.sound_xml import parse, text

BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "entity bomb": f'<!DOCTYPE a [<!ENTITY l0 "lol">{BOMB}]><a>&l11;</a>',
    "bomb in an attribute": f'<!DOCTYPE a [<!ENTITY l0 "lol">{BOMB}]><a b="&l11;"/>',
    "file": '<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/passwd">]><a>&f;</a>',
    "network": '<!DOCTYPE a SYSTEM "http://169.254.169.254/latest"><a/>',
    "parameter entity": '<!DOCTYPE a [<!ENTITY % p SYSTEM "http://169.254.169.254/">%p;]><a/>',
    "empty dtd": "<!DOCTYPE a><a/>",
    "deep": "<a>" * 100_000,
    "deep and closed": "<a>" * 1_000 + "</a>" * 1_000,
    "unknown entity": "<a>&nothing;</a>",
    "no xml": "<h1>Welcome to nginx!",
    "nothing": "",
    "control character": "<a>\x00</a>",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("document", HOSTILE.values(), ids=HOSTILE)
def test_hostile_xml_is_refused(document: str, encoding: str) -> None:
    with pytest.raises(Malformed) as refused:
        parse(document.encode(encoding))
    assert refused.value.reason == "xml"


def test_sound_xml_is_read_and_what_only_instructs_programs_is_left_out() -> None:
    root = parse(b'<?xml version="1.0"?><a><?php evil ?><!-- words --><b> x </b><b>&lt;&#233;</b></a>')
    assert [text(one) for one in root] == ["x", "<é"]
    assert text(root.find("c")) == ""
