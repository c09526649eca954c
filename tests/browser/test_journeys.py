"""The four journeys in Chromium, with the keyboard only, on a phone and on a hospital's computer."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from tests.browser.people import PHONE, Person, Stage, handed_over, share, sign_in

pytestmark = pytest.mark.timeout(300)


def redeem(person: Person, pin: str) -> None:
    """Fill in the link page as somebody who does not sign in."""
    person.fill("^Naam", "Dr. D. Dekker")
    person.fill("^Organisatie", "Kliniek De Linde")
    person.fill("^Functie", "radioloog")
    person.strike()


def download(person: Person, name: str) -> zipfile.ZipFile:
    """Press a download button and read the archive that arrives."""
    with person.page.expect_download(timeout=120_000) as arriving:
        person.press(name, stays=True)
    return zipfile.ZipFile(io.BytesIO(Path(arriving.value.path()).read_bytes()))


def test_a_patient_signs_in_and_sees_the_whole_history(stage: Stage) -> None:
    anna = stage.person("anna", PHONE)
    anna.go("/")
    anna.look("phone-start")
    sign_in(anna)
    anna.look("phone-timeline")
    for hospital in ("Ziekenhuis Noord", "Ziekenhuis West", "Ziekenhuis Zuid"):
        assert hospital in anna.text
    assert "geeft nu geen antwoord" not in anna.text
    anna.press("^CT-scan van het hoofd")
    anna.look("phone-study")
    with download(anna, "Onderzoek downloaden") as archive:
        assert archive.testzip() is None
        assert any(name.endswith("DICOMDIR") for name in archive.namelist())


def test_a_patient_shares_and_shows_the_code_at_the_desk(stage: Stage) -> None:
    anna = stage.person("anna", PHONE)
    sign_in(anna)
    anna.press("^Toegang geven")
    assert "Kies eerst een onderzoek" in anna.text
    anna.look("phone-nothing-chosen")
    share(anna, 0, 3)
    anna.look("phone-shared")
    link, code, pin, _ = handed_over(anna)
    assert pin not in anna.text
    anna.press("QR-code tonen", stays=True)
    picture = Image.open(io.BytesIO(anna.page.screenshot(full_page=True)))
    (read,) = zxingcpp.read_barcodes(picture)
    assert read.text == link
    anna.press("Pincode tonen", stays=True)
    assert pin in anna.text
    assert not anna.page.locator(".qr").is_visible()
    anna.look("phone-pin")
    anna.page.emulate_media(media="print")
    assert pin not in anna.text
    anna.page.emulate_media(media="screen")
    with anna.page.expect_download() as arriving:
        anna.press("Brief downloaden", stays=True)
    assert Path(arriving.value.path()).read_bytes().startswith(b"%PDF-")
    assert code


def test_a_doctor_opens_the_link_and_has_the_images_within_two_screens(stage: Stage) -> None:
    anna, doctor = stage.person("anna", PHONE), stage.person("dekker")
    sign_in(anna)
    address = share(anna, 0, 3)
    link, code, pin, _ = handed_over(anna)
    doctor.go(link)
    assert doctor.page.url == f"{stage.portal}/s"
    assert "Anna" not in doctor.text
    assert doctor.page.input_value("#code") == code
    doctor.page.keyboard.type("000000")
    doctor.look("desktop-link")
    redeem(doctor, pin)
    assert "U kunt het nog 9 keer proberen" in doctor.text
    doctor.look("desktop-pin-wrong")
    doctor.fill("^Pincode", pin)
    doctor.strike()
    assert doctor.title == "Beelden van uw patiënt"
    assert "Anna Jansen" in doctor.text
    doctor.look("desktop-overview")
    with download(doctor, "Alles downloaden") as archive:
        assert archive.testzip() is None
    anna.go(address)
    assert "Gebruikt door Kliniek De Linde" in anna.text
    anna.look("phone-share-used")


def test_the_helpdesk_pauses_and_stops_a_share_and_the_doctor_reads_why_nothing_opens(stage: Stage) -> None:
    anna, doctor, fatima = stage.person("anna", PHONE), stage.person("dekker"), stage.person("fatima")
    sign_in(anna)
    address = share(anna, 0)
    link, _, pin, reference = handed_over(anna)
    doctor.go(link)
    doctor.page.keyboard.type(pin)
    redeem(doctor, pin)
    overview = doctor.page.url
    paused_by_helpdesk(fatima, reference)
    doctor.press("Alles downloaden")
    assert doctor.title == "Deze toegang is tijdelijk stopgezet"
    doctor.look("desktop-paused")
    anna.go(address)
    anna.look("phone-share-paused")
    anna.press("Weer aanzetten")
    assert "Tijdelijk stopgezet" not in anna.text
    doctor.go(overview)
    assert doctor.title == "Beelden van uw patiënt"
    anna.press("Bellen met een belcode")
    anna.press("Belcode maken")
    anna.look("phone-call-code")
    stopped_with_the_caller(fatima, reference, anna.page.locator(".pin").inner_text())
    doctor.press("Alles downloaden")
    assert doctor.title == "Deze toegang is gestopt"
    doctor.look("desktop-stopped")
    anna.go(address)
    assert "Gestopt op" in anna.text
    anna.go("/log")
    assert f"de toegang {reference} gestopt" in anna.text
    anna.look("phone-log")


def paused_by_helpdesk(fatima: Person, reference: str) -> None:
    """Sign in, find a share by what the caller reads out, and pause it."""
    fatima.go("/helpdesk")
    fatima.press("Inloggen als medewerker")
    fatima.press("Fatima")
    fatima.page.keyboard.type(reference.lower())  # the focus is in the one field
    fatima.look("desktop-helpdesk")
    fatima.strike()
    assert fatima.title == f"Toegang {reference}"
    fatima.look("desktop-helpdesk-share")
    fatima.press("^Tijdelijk stopzetten")
    fatima.press("De patiënt vroeg het zelf", "Space", stays=True)
    fatima.look("desktop-helpdesk-pause")
    fatima.press("Ja, tijdelijk stopzetten")
    assert fatima.title == f"Toegang {reference} is tijdelijk stopgezet"
    fatima.look("desktop-helpdesk-paused")


def stopped_with_the_caller(fatima: Person, reference: str, call_code: str) -> None:
    """Take the patient's call by their code, and stop the share for good."""
    fatima.press("Volgende beller")
    fatima.page.keyboard.type(call_code)
    fatima.strike()
    assert fatima.title == "Beller aan de lijn"
    fatima.look("desktop-helpdesk-call")
    fatima.press(reference)
    fatima.press("^Toegang stoppen")
    fatima.press("De patiënt vroeg het zelf", "Space", stays=True)
    fatima.press("^Belcode", "Space", stays=True)
    fatima.look("desktop-helpdesk-stop")
    fatima.press("Ja, toegang stoppen")
    assert fatima.title == f"Toegang {reference} is gestopt"
    fatima.look("desktop-helpdesk-stopped")


def test_a_patient_stops_a_share_in_two_steps_and_it_says_what_remains(stage: Stage) -> None:
    anna = stage.person("anna", PHONE)
    sign_in(anna)
    share(anna, 1)
    anna.press("Mijn toegang")
    anna.look("phone-shares")
    anna.press("^Toegang stoppen")
    anna.look("phone-stop")
    anna.press("Ja, toegang stoppen")
    assert anna.title == "U heeft de toegang gestopt"
    assert "Wat eerder is gedownload, blijft bij de zorgverlener" in anna.text
    anna.look("phone-stopped")


def test_a_secretary_with_paper_only_and_no_scripts_gets_the_images(stage: Stage) -> None:
    anna = stage.person("anna", java_script_enabled=False)
    anna.go("/")
    page = anna.page
    page.get_by_role("link", name="Inloggen met DigiD").click()
    page.get_by_role("button", name="Anna Jansen").click()
    page.locator("input[name=study]").nth(2).check()
    page.get_by_role("button", name="Toegang geven").click()
    page.get_by_label("Voor wie is het?").fill("Kliniek De Linde")
    page.get_by_role("button", name="Verder").click()
    page.get_by_role("button", name="Toegang geven").click()
    _, code, pin, _ = handed_over(anna)
    secretary = stage.person("secretary", java_script_enabled=False).page
    secretary.goto(f"{stage.portal}/s")
    secretary.get_by_label("Toegangscode").fill(code.lower().replace("0", "o").replace(" ", "-"))
    secretary.get_by_label("Pincode", exact=True).fill(pin)
    secretary.get_by_label("Naam", exact=True).fill("J. de Boer")
    secretary.get_by_label("Organisatie").fill("Kliniek De Linde")
    secretary.get_by_role("button", name="Beelden openen").click()
    with secretary.expect_download() as arriving:
        secretary.get_by_role("button", name="Alles downloaden").first.click()
    assert zipfile.ZipFile(arriving.value.path()).testzip() is None


def test_a_doctor_who_signs_in_types_nothing_twice(stage: Stage) -> None:
    anna, doctor = stage.person("anna", PHONE), stage.person("evers")
    sign_in(anna)
    share(anna, 0)
    link, _, pin, _ = handed_over(anna)
    doctor.go(link)
    doctor.page.keyboard.type(pin)
    doctor.press("Inloggen als zorgverlener")
    doctor.press("Dr. E. Evers")
    assert doctor.title == "Voor welke organisatie werkt u nu?"
    doctor.look("desktop-workplace")
    doctor.press("^Verder")
    assert "Dr. E. Evers, Ziekenhuis Oost" in doctor.text
    doctor.look("desktop-link-signed-in")
    doctor.press("Beelden openen")
    assert doctor.title == "Beelden van uw patiënt"
    assert "ingelogd als zorgverlener" in doctor.text
