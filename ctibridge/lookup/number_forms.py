"""How one number may be written: for who has to find it again in text."""

from collections.abc import Iterable

import phonenumbers

from ctibridge.domain.erasure import Written

_ABROAD = ("00", "011")


def written(e164: str, outside_line_prefixes: Iterable[str] = ()) -> Written:
    """outside_line_prefixes: that PBXs put before external numbers. Raises ValueError for what is no E.164."""
    try:
        number = phonenumbers.parse(e164, None)
    except phonenumbers.NumberParseException:
        raise ValueError("no number in E.164") from None
    national = phonenumbers.national_significant_number(number)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    home = phonenumbers.ndd_prefix_for_region(region, strip_non_digits=True) or ""
    outside = [prefix for prefix in outside_line_prefixes if prefix]
    before = {home, *_ABROAD, *outside, *(prefix + one for prefix in outside for one in (home, *_ABROAD))}
    return Written(str(number.country_code), national, tuple(sorted(before - {""})))
