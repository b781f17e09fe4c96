"""The dimensions in which name cards differ: industry, kind of callee, language, and how much a lock screen shows."""

from dataclasses import dataclass
from enum import StrEnum

from baitie.kernel.disclosure import Disclosure
from baitie.kernel.purpose import Purpose


class Industry(StrEnum):
    """Industry (行业) of the enterprise that calls. `ANY` marks templates that serve every industry."""

    ANY = "any"
    FINANCE = "finance"
    INSURANCE = "insurance"
    SECURITIES = "securities"
    EDUCATION = "education"
    REAL_ESTATE = "real_estate"
    HEALTH = "health"
    ECOMMERCE = "ecommerce"
    AFTER_SALES = "after_sales"
    GOVERNMENT = "government"
    LOGISTICS = "logistics"
    DELIVERY = "delivery"  # meals and parcels by rider
    NEW_ENERGY_VEHICLE = "new_energy_vehicle"
    LAW_FIRM = "law_firm"
    PROPERTY = "property"  # property management


class CalleeSegment(StrEnum):
    """Callee segment (客群): what the enterprise knows of the person it calls. `ANY` knows nothing."""

    ANY = "any"
    HIGH_VALUE = "high_value"
    ACTIVE = "active"
    SILENT = "silent"
    COMPLAINING = "complaining"


DISCLOSURE_BY_PURPOSE = {Purpose.COLLECTION: Disclosure.IDENTITY, Purpose.RISK_WARNING: Disclosure.MATTER}
"""The most that a purpose allows, `REFERENCE` where it is not named: a lock screen shows no debt and no danger."""

DISCLOSURE_BY_INDUSTRY = {Industry.HEALTH: Disclosure.MATTER, Industry.LAW_FIRM: Disclosure.MATTER}
"""The most that an industry allows: a department or a case is sensitive by itself."""

LANGUAGE_CHAINS = {"zh-CN": ("zh-CN",), "zh-HK": ("zh-HK", "zh-CN"), "en": ("en",)}
"""Languages that may stand in for the wanted one, in order: who reads traditional Chinese can read simplified."""


def disclosure_max(purpose: Purpose, industry: Industry) -> Disclosure:
    """The most that a card for this purpose in this industry may disclose."""
    allowed = DISCLOSURE_BY_PURPOSE.get(purpose), DISCLOSURE_BY_INDUSTRY.get(industry)
    return min((each for each in allowed if each), key=lambda each: each.rank, default=Disclosure.REFERENCE)


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Cell (矩阵格) of the matrix of cards: a purpose in an industry, for a kind of callee, in a language."""

    purpose: Purpose
    industry: Industry = Industry.ANY
    segment: CalleeSegment = CalleeSegment.ANY
    language: str = "zh-CN"

    def __str__(self) -> str:
        return f"{self.purpose.value}/{self.industry.value}/{self.segment.value}/{self.language}"
