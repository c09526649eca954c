"""What somebody at the terminal is told: where to go, who to be there, and what is running."""

from collections.abc import Iterable

from rich.console import Console
from rich.table import Table

from beeldpas.demo.curation import COLLECTIONS, LARGE
from beeldpas.demo.floor import Floor
from beeldpas.demo.other_registries import LANGUAGES
from beeldpas.demo.people import PATIENTS, PROVIDERS, STAFF, STANDING_IN, Patient, Provider, Staff


def introduce(console: Console, floor: Floor, late: str, *, slow: str, with_pacs: bool) -> None:
    """Print addresses, people and roles."""
    portal = floor["portal"].base_url
    for title, url, people in (
        ("Patient", f"{portal}/", [(patient.name, _history(floor, patient)) for patient in PATIENTS]),
        ("For somebody else", f"{portal}/", [(one.person.name, one.about[1]) for one in STANDING_IN]),
        ("Care provider", f"{portal}/s", [(provider.name, _work(provider)) for provider in PROVIDERS]),
        ("Helpdesk", f"{portal}/helpdesk", [(member.name, _role(member)) for member in STAFF]),
    ):
        console.print(f"[bold]{title}[/bold]: {url}", soft_wrap=True)
        console.print(_table(("Sign in as", "Who that is"), people))
    places = [(place.name, place.base_url, _remark(floor, place.name, late, slow)) for place in floor.places.values()]
    places.append(("s3", f"http://127.0.0.1:{floor.s3_port}", "the store of zuid"))
    if with_pacs:
        places.append(
            ("pacs", f"http://127.0.0.1:{floor.pacs_ports[0]}", "Orthanc, behind zuid; one study of Emil's")
        )
    places.append(("pseudonyms", "a socket, no port", "alone has the keys of people's names"))
    console.print("[bold]What is running[/bold]")
    console.print(_table(("Program", "Address", ""), places))
    console.print(f"Mails to patients, none of which leave this machine: {floor.mails}", soft_wrap=True)
    if floor.ca_file:
        console.print(f"Trust this authority in your browser, for this demo only: {floor.ca_file}", soft_wrap=True)
    console.print(f"Logs: {floor.logs}", soft_wrap=True)
    console.print("Ctrl-C stops everything.")


def _history(floor: Floor, patient: Patient) -> str:
    """Say at which hospitals a patient has how many studies."""
    counts = {
        hospital: sum(1 for one in COLLECTIONS if (one.patient, one.hospital) == (patient, hospital))
        + ((LARGE.patient, LARGE.hospital) == (patient, hospital))
        for hospital in floor.hospitals
    }
    held = [f"{hospital.gateway_id} {count}" for hospital, count in counts.items() if count]
    return f"studies: {', '.join(held)}" if held else "no studies anywhere"


def _remark(floor: Floor, name: str, late: str, slow: str) -> str:
    hospital = floor.kinds.get(name)
    remarks = [f"the registry before {hospital.gateway_id}, {LANGUAGES[name]}"] if hospital else []
    if name == late:
        remarks.append("late when asked what it has")
    elif name == slow:
        remarks.append("late at first, and when nobody asked for ten minutes")
    return "; ".join(remarks)


def _work(provider: Provider) -> str:
    return ", ".join(relation.entity_name for relation in provider.relations)


def _role(member: Staff) -> str:
    return ", ".join(member.roles)


def _table(headings: tuple[str, ...], rows: Iterable[Iterable[str]]) -> Table:
    """Lay out names, addresses and remarks; in a narrow terminal the remarks give way, an address never does."""
    table = Table(box=None, padding=(0, 2, 0, 2), header_style="dim")
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1])
    for row in rows:
        table.add_row(*row)
    return table
