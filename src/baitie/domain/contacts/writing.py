"""Telephone numbers as the people of a country write them, by the tables of `phonenumbers`."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from baitie.kernel.phone import PhoneNumber


def written_for(number: PhoneNumber, region: str | None) -> str:
    """The whole number as it is written in `region` (an ISO code): personal data where it is somebody's.

    A number of that country is written without its country code, as it is dialled there: 0571-2688 0100,
    138 0013 8000, 95588 in China, 2888 1234 in Hong Kong. Any other has its country code: +852 2888 1234.
    """
    try:
        parsed = phonenumbers.parse(number.e164())
    except NumberParseException:  # no such country code
        return number.e164()
    if parsed.country_code != phonenumbers.country_code_for_region(region or ""):
        return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL)
    is_with_area_code = region == "CN" and written.startswith("0")
    return written.replace(" ", "-", 1) if is_with_area_code else written
