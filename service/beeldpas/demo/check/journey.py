"""The whole journey, chapter by chapter, in the order in which people live it."""

from contextlib import AsyncExitStack

import httpx2

from beeldpas.demo.check.page import Missing
from beeldpas.demo.check.stage import Opened, SeenEnough, Stage
from beeldpas.demo.check.steps import (
    downloading,
    identity,
    logs,
    mails,
    pins,
    proving,
    redeeming,
    revoking,
    scope,
    secrecy,
    sharing,
    staging,
    verifying,
)
from beeldpas.demo.check.steps.signing_in import check_sign_in
from beeldpas.demo.check.steps.timeline import check_late_registry, check_late_timeline, check_timeline


async def walk(stage: Stage) -> None:
    """Walk the journey; what cannot go on is a finding too, and ends it."""
    async with AsyncExitStack() as browsers:
        try:
            await _walk(stage, browsers)
        except SeenEnough:
            return
        except (Missing, httpx2.HTTPError, OSError, LookupError, ValueError) as error:
            stage.expect("the journey goes on", False, f"{type(error).__name__}: {error}")
        stage.findings.chapter("No secret in any log")
        secrecy.check_logs_hold_no_secret(stage)


async def _walk(stage: Stage, browsers: AsyncExitStack) -> None:
    chapter = stage.chapter
    patient = await browsers.enter_async_context(stage.browser())
    chapter("Sign in")
    timeline = await check_sign_in(stage, patient)
    chapter("Timeline")
    await check_timeline(stage, timeline)
    await check_late_timeline(stage, patient)
    if stage.floor.kinds:
        await check_late_registry(stage, patient)
    chapter("Mails are asked for")
    await mails.give_address(stage, patient)
    chapter("Share and letter")
    share = await sharing.check_sharing(stage, patient)
    chosen = sharing.choice(stage)
    chapter("PIN")
    guessed = await sharing.make_share(stage, patient, "Geraden", chosen[:1])
    await pins.check_pins(stage, patient, guessed)
    chapter("Redeem")
    doctor = await browsers.enter_async_context(stage.browser(narrow=True))
    overview = await redeeming.check_self_declared(stage, patient, doctor, share)
    colleague = await browsers.enter_async_context(stage.browser(narrow=True))
    second = await sharing.make_share(stage, patient, "Dr. D. Dekker", chosen)
    other_overview = await redeeming.check_signed_in(stage, patient, colleague, second)
    chapter("Download from the hospitals")
    await downloading.check_downloads(stage, doctor, overview, share)
    await downloading.check_own_download(stage, patient, timeline)
    downloading.check_relay(stage)
    chapter("Check the downloads offline")
    await verifying.check_offline(stage)
    chapter("Outside the grant")
    await scope.check_scope(stage, doctor, overview, share)
    chapter("Revoke")
    stopped, kept = Opened(doctor, overview, share), Opened(colleague, other_overview, second)
    await revoking.check_revoking(stage, patient, stopped, kept)
    chapter("Mails")
    await mails.check_mails(stage, patient, (share, second), guessed, share)
    chapter("Patient's log and hospitals' logs")
    await logs.check_logs(stage, patient)
    chapter("The log, proven elsewhere")
    await proving.check_log_proof(stage)
    if not stage.floor.kinds:  # of the registries' protocols, ours alone carries fingerprints
        chapter("Whose a study is")
        await identity.check_identity(stage)
    chapter("A study that is in a PACS")
    await staging.check_staging(stage)
