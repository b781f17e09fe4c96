"""The terms of each presented number, from `[numbers]` of baitie.toml."""

from baitie.app.campaign.campaign import PresentedNumber
from baitie.domain.numberpool import NumberTerms
from baitie.files.organisation_settings import NumberSettings, OrganisationSettings
from baitie.kernel.phone import PhoneNumber


def settings_of_number(settings: OrganisationSettings, number: PhoneNumber) -> NumberSettings:
    """What is set for a number; the defaults where nothing is."""
    return settings.numbers.get(number.e164().removeprefix("+"), NumberSettings())


def presented_number(settings: OrganisationSettings, number: PhoneNumber) -> PresentedNumber:
    """A number as a campaign presents it."""
    own, enterprise = settings_of_number(settings, number), settings.enterprise
    terms = NumberTerms(
        attempts_max_per_day=own.attempts_max_per_day,
        warm_up_attempts_per_day=own.warm_up_attempts_per_day,
        rest_after_attempts=own.rest_after_attempts,
        rest_s=own.rest_s,
        region=own.region or enterprise.default_region,
    )
    return PresentedNumber(number, enterprise.calls_in_flight_max_per_number, terms)
