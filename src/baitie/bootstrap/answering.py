"""Puts `baitie answer` together: store, carrier and gateway, without anything being dialled."""

import os
import socket
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from baitie.adapters.clock import ScaledCivilClock, SystemRng
from baitie.app.campaign.answering_plan import AnsweringPlan
from baitie.app.inbound.answer_run import AnswerRun
from baitie.app.inbound.campaign_host import InboundPorts
from baitie.app.inbound.counts import InboundCounts
from baitie.bootstrap.assemble import clock_of, embedded_calls, prepare_recordings
from baitie.bootstrap.carriers import open_carrier
from baitie.bootstrap.stores import open_store
from baitie.domain.voicebot.script import Node, Script
from baitie.files.campaign_folder import CampaignFolder
from baitie.files.samples import refuse_samples
from baitie.kernel.errors import InputError, StoreError
from baitie.kernel.ids import CampaignId


class NotAnsweringError(InputError):
    """This campaign answers nobody. Set `answering.is_on = true` in its campaign.toml, and write the announcements."""

    code = "answering-off"


class OtherOrganisationError(InputError):
    """The campaigns belong to different organisations. Answer for one organisation at a time."""

    code = "other-organisation"


@dataclass(frozen=True, slots=True)
class AnsweringResult:
    """Result (接听结果) of answering: what came in, and why it ended early, if it did."""

    counts: InboundCounts
    problem: StoreError | None


async def answer_for(folders: Sequence[CampaignFolder], on_started: Callable[[AnswerRun], None]) -> AnsweringResult:
    """Answer for these campaigns until stopped; the first one's announcements, hours and trunk hold for all.

    Raises `NotAnsweringError`, `OtherOrganisationError`, `SettingsError` where real callers would hear the sample,
    errors of store and carrier.
    """
    first = folders[0]
    plan, prompts = shared_plan(folders)
    for folder in folders:
        refuse_samples(folder)
    settings = first.organisation.settings
    async with AsyncExitStack() as stack:
        store = open_store(settings)
        stack.callback(store.close)
        store.acquire_ownership(f"{socket.gethostname()}/{os.getpid()}")
        store.take_commands()  # given before this process was there: they were not meant for it
        clock, rng = clock_of(first, store), SystemRng()
        carrier = await open_carrier(first, clock.civil_now().isoformat(), {})
        stack.push_async_callback(carrier.close)
        calls = embedded_calls(replace(first, prompts=prompts), carrier, rng)
        await calls.start()
        stack.push_async_callback(calls.close)
        if plan.recordings is not None:
            prepare_recordings(plan.recordings)
        if isinstance(clock, ScaledCivilClock):
            carrier.begin()
            clock.begin()
        run = AnswerRun(plan, clock, rng, InboundPorts(calls.answering, store))
        on_started(run)
        return AnsweringResult(await run.run(tuple(folder.campaign for folder in folders)), run.problem)


def shared_plan(folders: Sequence[CampaignFolder]) -> tuple[AnsweringPlan, Mapping[str, Path]]:
    """The plan of the first campaign serving the scripts of all, and the prompts under names that tell them apart."""
    first = folders[0]
    plan = first.campaign.answering
    if plan is None:
        raise NotAnsweringError(campaign=first.campaign.campaign_id)
    prompts = dict(first.prompts)
    scripts: dict[CampaignId, Script] = dict(plan.scripts)
    for folder in folders[1:]:
        if folder.organisation.settings.store != first.organisation.settings.store:
            raise OtherOrganisationError(campaign=folder.campaign.campaign_id)
        campaign_id = folder.campaign.campaign_id
        scripts[campaign_id] = _under(campaign_id, folder.campaign.script)
        prompts.update({f"{campaign_id}/{name}": file for name, file in folder.prompts.items()})
    return replace(plan, scripts=scripts), prompts


def _under(campaign_id: CampaignId, script: Script) -> Script:
    """The script with its prompts under the campaign's name: two campaigns may both have a `greeting`."""

    def renamed(node: Node) -> Node:
        return replace(node, prompts=tuple(f"{campaign_id}/{prompt}" for prompt in node.prompts))

    return replace(script, nodes={name: renamed(node) for name, node in script.nodes.items()})
