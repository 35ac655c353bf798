"""Dates: lists, absolute times, texts and DateObject, what lies between them and how they are written.

Times are of no zone: what the clock of the machine says. Source: Wolfram Language reference for DateList,
DateString, DatePlus, DateDifference, DateObject.
"""

from __future__ import annotations

from lyra_core.plugins import Value, module
from lyra_core.std_core.arguments import boolean
from lyra_core.values import Expression, List, Rational, S, String, expression
from lyra_core.values.number import REAL_TYPES, as_float
from lyra_core.values.symbol import Symbol

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

core = module("std::core")

_GRANULARITY = ("Year", "Month", "Day", "Hour", "Minute", "Instant")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SECONDS = {"Second": 1, "Minute": 60, "Hour": 3600, "Day": 86400, "Week": 604800}
_CALENDAR = {"Month": 1, "Quarter": 3, "Year": 12, "Decade": 120, "Century": 1200}


for _day in _DAYS:
    core.symbol(_day, f"A day of the week, as DayName gives it.\n\n>>> Head[{_day}]\nSymbol", attributes={"Protected"})
for _name in ("MixedMagnitude", "MixedUnit", "Quantity"):
    core.symbol(
        _name,
        f"What amounts of time are given with; `{_name}` itself computes nothing.\n\n>>> Head[{_name}]\nSymbol",
        attributes={"Protected"},
    )


# ---- reading


def _of_parts(values: tuple[Any, ...]) -> datetime | None:
    """Return the date of `{year, month, day, hour, minute, second}`; parts that are too large go into the next."""
    from datetime import datetime, timedelta

    parts = [as_float(x) for x in values]
    year, month = int(parts[0]), int(parts[1]) if len(parts) > 1 else 1
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    day = parts[2] if len(parts) > 2 else 1.0
    seconds = (parts[3] if len(parts) > 3 else 0.0) * 3600
    seconds += (parts[4] if len(parts) > 4 else 0.0) * 60
    seconds += parts[5] if len(parts) > 5 else 0.0
    try:
        return datetime(year, month, 1) + timedelta(days=day - 1, seconds=seconds)
    except (ValueError, OverflowError):
        return None


def _is_date_list(v: Any) -> bool:
    return v.__class__ is List and 0 < len(v.args) <= 6 and all(x.__class__ in REAL_TYPES for x in v.args)


def _date_of(v: Any) -> datetime | None:
    """Return a Python datetime for whatever stands for a date; None for anything else."""
    from datetime import datetime, timedelta

    if v is None:
        return datetime.now()
    if v.__class__ in REAL_TYPES:
        try:
            return datetime(1900, 1, 1) + timedelta(seconds=as_float(v))
        except OverflowError:
            return None
    if _is_date_list(v):
        return _of_parts(v.args)
    if v.__class__ is Expression and v.head is S.DateObject and v.args and _is_date_list(v.args[0]):
        return _of_parts(v.args[0].args)
    if v.__class__ is String:
        return _date_of_text(v.value)
    if v.__class__ is List and len(v.args) == 2 and v.args[0].__class__ is String and v.args[1].__class__ is List:
        elements = [x.value for x in v.args[1].args if x.__class__ is String]
        return _date_by_elements(v.args[0].value, elements)
    return None


def _date_of_text(text: str) -> datetime | None:
    """Read a date as people write it: ISO, `31/10/1991`, `6 June 1991`, `June 6, 1991`, a year alone."""
    import re
    from datetime import datetime

    text = text.strip()
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    clock = re.search(r"\s+(\d{1,2}):(\d\d)(?::(\d\d(?:\.\d+)?))?$", text)
    hour = minute = second = 0.0
    if clock is not None:
        hour, minute, second = float(clock[1]), float(clock[2]), float(clock[3] or 0)
        text = text[: clock.start()]
    text = re.sub(r"^[A-Za-z]+,?\s+(?=\d|[A-Za-z]+\s+\d)", lambda m: "" if _day_index(m[0]) is not None else m[0], text)
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    words = [month for month in map(_month_index, re.findall(r"[A-Za-z]+", text)) if month is not None]
    year: int | None = None
    month, day = 1, 1
    if words and len(numbers) == 2:
        month = words[0]
        day, year = numbers if numbers[1] > 31 else numbers[::-1]
    elif words and len(numbers) == 1:
        month, year = words[0], numbers[0]
    elif words or re.search(r"[A-Za-z]", text):
        return None
    elif len(numbers) == 3:
        if numbers[0] > 31:
            year, month, day = numbers
        else:
            first, other, year = numbers
            month, day = (other, first) if first > 12 else (first, other)
    elif len(numbers) == 2 and numbers[0] > 31:
        year, month = numbers
    elif len(numbers) == 2 and numbers[1] > 31:
        month, year = numbers
    elif len(numbers) == 1 and len(text) == 4:
        year = numbers[0]
    if year is None or not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    return _of_parts((year, month, day, hour, minute, second))


def _month_index(word: str) -> int | None:
    word = word.capitalize()
    for i, name in enumerate(_MONTHS, 1):
        if word == name or (len(word) == 3 and name.startswith(word)):
            return i
    return None


def _day_index(word: str) -> int | None:
    word = word.strip(" ,\t").capitalize()
    for i, name in enumerate(_DAYS):
        if word == name or (len(word) == 3 and name.startswith(word)):
            return i
    return None


_ELEMENT_PATTERNS = {
    "Year": r"(?P<year>\d{4})",
    "YearShort": r"(?P<short>\d\d)",
    "Month": r"(?P<month>\d\d?)",
    "MonthShort": r"(?P<month>\d\d?)",
    "MonthName": r"(?P<word>[A-Za-z]+)",
    "MonthNameShort": r"(?P<word>[A-Za-z]{3})",
    "Day": r"(?P<day>\d\d?)",
    "DayShort": r"(?P<day>\d\d?)",
    "DayName": r"[A-Za-z]+",
    "DayNameShort": r"[A-Za-z]{3}",
    "Hour": r"(?P<hour>\d\d?)",
    "Hour24": r"(?P<hour>\d\d?)",
    "Hour12": r"(?P<hour>\d\d?)",
    "Minute": r"(?P<minute>\d\d?)",
    "Second": r"(?P<second>\d\d?(?:\.\d+)?)",
    "AMPM": r"(?P<half>[AaPp][Mm])",
}


def _date_by_elements(text: str, elements: list[str]) -> datetime | None:
    """Read a date by its elements; where no separator is named between two, any may stand there."""
    import re

    pieces: list[str] = []
    before = False
    for element in elements:
        pattern = _ELEMENT_PATTERNS.get(element)
        if pattern is None:
            pieces.append(re.escape(element))
            before = False
        else:
            pieces.append((r"[^0-9A-Za-z]*" if before else "") + pattern)
            before = True
    try:
        found = re.fullmatch("".join(pieces), text.strip())
    except re.error:
        return None
    if found is None:
        return None
    parts = found.groupdict()
    year = int(parts.get("year") or 1900)
    if parts.get("short"):
        short = int(parts["short"])
        year = short + (2000 if short < 69 else 1900)
    month = int(parts.get("month") or 1)
    if parts.get("word"):
        named = _month_index(parts["word"])
        if named is None:
            return None
        month = named
    hour = float(parts.get("hour") or 0)
    if parts.get("half"):
        hour = hour % 12 + (12 if parts["half"].lower() == "pm" else 0)
    return _of_parts(
        (
            year,
            month,
            int(parts.get("day") or 1),
            hour,
            float(parts.get("minute") or 0),
            float(parts.get("second") or 0),
        )
    )


# ---- lists and numbers


def _seconds_of(date: datetime) -> float:
    return date.second + date.microsecond / 1e6


def _full_list(date: datetime) -> List:
    return List((date.year, date.month, date.day, date.hour, date.minute, _seconds_of(date)))


def _object(date: datetime) -> Expression:
    return expression(S.DateObject, (List((date.year, date.month, date.day)), String("Day")))


@core.function(attributes={"Protected"})
def AbsoluteTime(date: Value = None) -> Value:
    """Give the seconds since the beginning of 1900, now or at a date.

    >>> AbsoluteTime[{1970, 1, 1}]
    2208988800
    """
    from datetime import datetime

    if date.__class__ in REAL_TYPES:
        return date
    found = _date_of(date)
    if found is None:
        return None
    elapsed = found - datetime(1900, 1, 1)
    if elapsed.microseconds == 0 and date is not None and (date.__class__ is not List or _is_date_list(date)):
        return elapsed.days * 86400 + elapsed.seconds
    return elapsed.total_seconds()


@core.function(attributes={"Protected"})
@core.function(name="Date", attributes={"Protected"})
def DateList(date: Value = None) -> Value:
    """Give {year, month, day, hour, minute, second}, now or of a date; {text, elements} tells how a text is read.

    >>> {DateList[{2024, 14, 1}], DateList["6 June 1991"], DateList[{"31/10/91", {"Day", "Month", "YearShort"}}]}
    {{2025, 2, 1, 0, 0, 0.}, {1991, 6, 6, 0, 0, 0.}, {1991, 10, 31, 0, 0, 0.}}
    """
    found = _date_of(date)
    return None if found is None else _full_list(found)


@core.function(attributes={"Protected"})
def DateObject(date: Value, *rest: Value) -> Value:
    """A date with how exact it is: "Year", "Month", "Day", "Hour", "Minute" or "Instant".

    >>> {DateObject[{2020, 4, 15}], DateObject["6 June 1991"], DateObject[{2020, 13}]}
    {DateObject[{2020, 4, 15}, "Day"], DateObject[{1991, 6, 6}, "Day"], DateObject[{2021, 1}, "Month"]}
    """
    if rest or date.__class__ is Expression:
        return date if not rest and date.__class__ is Expression and date.head is S.DateObject else None
    found = _date_of(date)
    if found is None:
        return None
    if _is_date_list(date):
        count = len(date.args)
    else:
        count = 3 if (found.hour, found.minute, found.second, found.microsecond) == (0, 0, 0, 0) else 6
    parts: list[Any] = [*_full_list(found).args[:count]]
    if count < 6:
        return expression(S.DateObject, (List(tuple(parts)), String(_GRANULARITY[count - 1])))
    return expression(S.DateObject, (List(tuple(parts)), String("Instant"), String("Gregorian"), 0.0))


# ---- texts


def _clock_12(date: datetime) -> int:
    return (date.hour - 1) % 12 + 1


_ELEMENTS: dict[str, Any] = {
    "Year": lambda d: f"{d.year:04}",
    "YearShort": lambda d: f"{d.year % 100:02}",
    "QuarterName": lambda d: f"Quarter {(d.month + 2) // 3}",
    "QuarterNameShort": lambda d: f"Q{(d.month + 2) // 3}",
    "Quarter": lambda d: str((d.month + 2) // 3),
    "Month": lambda d: f"{d.month:02}",
    "MonthShort": lambda d: str(d.month),
    "MonthName": lambda d: _MONTHS[d.month - 1],
    "MonthNameShort": lambda d: _MONTHS[d.month - 1][:3],
    "MonthNameInitial": lambda d: _MONTHS[d.month - 1][0],
    "Week": lambda d: f"{d.isocalendar()[1]:02}",
    "WeekShort": lambda d: str(d.isocalendar()[1]),
    "Day": lambda d: f"{d.day:02}",
    "DayShort": lambda d: str(d.day),
    "DayName": lambda d: _DAYS[d.weekday()],
    "DayNameShort": lambda d: _DAYS[d.weekday()][:3],
    "DayNameInitial": lambda d: _DAYS[d.weekday()][0],
    "Hour": lambda d: f"{d.hour:02}",
    "HourShort": lambda d: str(d.hour),
    "Hour24": lambda d: f"{d.hour:02}",
    "Hour24Short": lambda d: str(d.hour),
    "Hour12": lambda d: f"{_clock_12(d):02}",
    "Hour12Short": lambda d: str(_clock_12(d)),
    "AMPM": lambda d: "AM" if d.hour < 12 else "PM",
    "AMPMLowerCase": lambda d: "am" if d.hour < 12 else "pm",
    "Minute": lambda d: f"{d.minute:02}",
    "MinuteShort": lambda d: str(d.minute),
    "Second": lambda d: f"{d.second:02}",
    "SecondShort": lambda d: str(d.second),
    "SecondExact": lambda d: f"{d.second:02}.{d.microsecond:06}".rstrip("0"),
    "Millisecond": lambda d: f"{d.microsecond // 1000:03}",
    "ISODate": lambda d: f"{d.year:04}-{d.month:02}-{d.day:02}",
    "ISODateTime": lambda d: d.strftime("%Y-%m-%dT%H:%M:%S"),
    "ISOYearDay": lambda d: d.strftime("%Y-%j"),
    "Date": lambda d: _written(d, "DayName", " ", "DayShort", " ", "MonthName", " ", "Year"),
    "DateShort": lambda d: _written(d, "DayNameShort", " ", "DayShort", " ", "MonthNameShort", " ", "Year"),
    "DateTime": lambda d: _written(d, "Date", " ", "Time"),
    "DateTimeShort": lambda d: _written(d, "DateShort", " ", "Time"),
    "Time": lambda d: _written(d, "Hour24", ":", "Minute", ":", "Second"),
}


def _written(date: datetime, *elements: str) -> str:
    return "".join([_ELEMENTS[e](date) if e in _ELEMENTS else e for e in elements])


def _is_form(v: Any) -> bool:
    if v.__class__ is String:
        return v.value in _ELEMENTS
    return v.__class__ is List and bool(v.args) and all(x.__class__ is String for x in v.args)


@core.function(attributes={"Protected"})
def DateString(*arguments: Value) -> Value:
    """Give a date as text: now, of a date, with a list of parts such as "Year" and "MonthName", or "ISODate".

    Time zones and languages are not supported.

    >>> {DateString[{2024, 3, 9}, "ISODate"], DateString[{2024, 3, 9}, {"Day", ".", "Month", ".", "Year"}]}
    {"2024-03-09", "09.03.2024"}
    >>> {DateString[{2024, 3, 9}], DateString[DateObject[{2024, 3, 9}]]}
    {"Sat 9 Mar 2024 00:00:00", "Sat 9 Mar 2024"}
    """
    date, form = None, None
    if len(arguments) == 2:
        date, form = arguments
    elif len(arguments) == 1:
        date, form = (None, arguments[0]) if _is_form(arguments[0]) else (arguments[0], None)
    elif arguments:
        return None
    found = _date_of(date)
    if found is None:
        return None
    if form is None:
        if date.__class__ is String:
            return date
        granularity = date.args[1] if date.__class__ is Expression and len(date.args) > 1 else None
        return String(_written(found, _DEFAULT_FORMS.get(getattr(granularity, "value", ""), "DateTimeShort")))
    parts = form.args if form.__class__ is List else (form,)
    if not all(x.__class__ is String for x in parts):
        return None
    return String(_written(found, *[x.value for x in parts]))


_DEFAULT_FORMS = {"Day": "DateShort", "Year": "Year"}


@core.function(attributes={"Protected"})
def DateValue(*arguments: Value) -> Value:
    """Give an element of a date, such as "Year" or "DayName", or a list of them; now without a date.

    >>> DateValue[{2024, 3, 9}, {"Year", "MonthName", "Quarter"}]
    {2024, "March", 1}
    """
    if not 1 <= len(arguments) <= 2:
        return None
    wanted = arguments[-1]
    found = _date_of(arguments[0] if len(arguments) == 2 else None)
    if found is None:
        return None
    if wanted.__class__ is List:
        return List(tuple([expression(S.DateValue, (arguments[0], each)) for each in wanted.args]))
    if wanted.__class__ is not String or wanted.value not in _ELEMENTS:
        return None
    if wanted.value == "Second":
        return _seconds_of(found)
    text = _ELEMENTS[wanted.value](found)
    return int(text) if text.isdigit() else String(text)


# ---- calendars


@core.function(attributes={"Protected"})
def LeapYearQ(date: Value) -> Value:
    """Whether the year of a date is a leap year: a list, a text or a date object, not a number alone.

    >>> {LeapYearQ[{2024}], LeapYearQ[{1900, 1, 1}], LeapYearQ["2000"]}
    {True, False, True}
    """
    from calendar import isleap

    if date.__class__ in REAL_TYPES:
        return boolean(False)
    found = _date_of(date)
    return None if found is None else boolean(isleap(found.year))


@core.function(attributes={"Protected"})
def DayName(date: Value = None) -> Value:
    """Give the day of the week of a date as a symbol.

    >>> DayName[{2024, 1, 1}]
    Monday
    """
    found = _date_of(date)
    return None if found is None else getattr(S, _DAYS[found.weekday()])


def _step_of(v: Any) -> list[tuple[Any, str]] | None:
    """Return (number, unit) of each part of `n`, `{n, unit}`, a list of these, or Quantity[n, unit]."""
    if v.__class__ in REAL_TYPES:
        return [(v, "Day")]
    if v.__class__ is Expression and v.head is S.Quantity and len(v.args) == 2:
        v = List(v.args)
    if v.__class__ is String:
        v = List((1, v))
    if v.__class__ is not List or not v.args:
        return None
    if len(v.args) == 2 and v.args[0].__class__ in REAL_TYPES and v.args[1].__class__ is String:
        unit = _unit(v.args[1].value)
        return None if unit is None else [(v.args[0], unit)]
    found: list[tuple[Any, str]] = []
    for each in v.args:
        part = _step_of(each) if each.__class__ is not String else None
        if part is None:
            return None
        found += part
    return found


def _unit(name: str) -> str | None:
    for form in (name, name[:-1], name[:-3] + "y"):
        if form in _SECONDS or form in _CALENDAR or form == "BusinessDay":
            return form
    return None


def _moved(date: datetime, step: list[tuple[Any, str]]) -> datetime | None:
    from calendar import monthrange
    from datetime import timedelta

    try:
        for number, unit in step:
            if unit == "BusinessDay":
                if number.__class__ is not int or abs(number) > 10**6:
                    return None
                left, way = abs(number), 1 if number > 0 else -1
                while left:
                    date += timedelta(days=way)
                    left -= date.weekday() < 5
            elif unit in _CALENDAR:
                if number.__class__ is not int:
                    return None
                months = date.year * 12 + date.month - 1 + number * _CALENDAR[unit]
                year, month = months // 12, months % 12 + 1
                date = date.replace(year=year, month=month, day=min(date.day, monthrange(year, month)[1]))
            else:
                date += timedelta(seconds=as_float(number) * _SECONDS[unit])
    except (ValueError, OverflowError):
        return None
    return date


@core.function(attributes={"Protected"})
def DatePlus(date: Value, *rest: Value) -> Value:
    """Give the date that lies some days after another, or {n, "Month"} and the like; a list or a date object as given.

    >>> {DatePlus[{2010, 2, 5}, 73], DatePlus[{2024, 1, 31}, {1, "Month"}], DatePlus[{2020, 1, 1}, {{1, "Week"}, -1}]}
    {{2010, 4, 19}, {2024, 2, 29}, {2020, 1, 7}}
    """
    if len(rest) > 1:
        return None
    start, step = (date, rest[0]) if rest else (None, date)
    found, parts = _date_of(start), _step_of(step)
    made = None if found is None or parts is None else _moved(found, parts)
    if made is None:
        return None
    if start is not None and start.__class__ is Expression:
        return expression(S.DateObject, (List(_full_list(made).args[: len(start.args[0].args)]), *start.args[1:]))
    count = len(start.args) if start is not None and _is_date_list(start) else 6
    whole = all(unit in _CALENDAR or unit in ("Day", "Week", "BusinessDay") for _, unit in parts or [])
    return List(_full_list(made).args[: count if whole else 6])


@core.function(attributes={"Protected"})
def DayPlus(date: Value, days: Value, kind: Value = None) -> Value:
    """Give the day some days after a date, as a date object; "BusinessDay" counts Monday to Friday.

    >>> {DayPlus[{2024, 2, 28}, 1], DayPlus[{2024, 1, 15}, 10, "BusinessDay"]}
    {DateObject[{2024, 2, 29}, "Day"], DateObject[{2024, 1, 29}, "Day"]}
    """
    found = _date_of(date)
    if found is None or days.__class__ is not int:
        return None
    unit = "Day" if kind is None else kind.value if kind.__class__ is String else ""
    if unit in ("All", "Day"):
        unit = "Day"
    elif unit != "BusinessDay":
        return None
    made = _moved(found, [(days, unit)])
    return None if made is None else _object(made)


def _difference(first: datetime, second: datetime, unit: str) -> Any:
    """Return how many of a unit lie between two dates: whole ones exactly, else as a real."""
    if unit in _SECONDS:
        elapsed = second - first
        seconds = elapsed.days * 86400 + elapsed.seconds
        if elapsed.microseconds or seconds % _SECONDS[unit]:
            return elapsed.total_seconds() / _SECONDS[unit]
        return seconds // _SECONDS[unit]
    whole = (second.year - first.year) * 12 + second.month - first.month
    whole //= _CALENDAR[unit]
    reached = _moved(first, [(whole, unit)])
    if reached is not None and reached > second:
        whole -= 1
        reached = _moved(first, [(whole, unit)])
    after = _moved(first, [(whole + 1, unit)])
    if reached is None or after is None:
        return None
    if reached == second:
        return whole
    return whole + (second - reached).total_seconds() / (after - reached).total_seconds()


@core.function(attributes={"Protected"})
def DateDifference(first: Value, second: Value, unit: Value = None) -> Value:
    """Give the time from one date to another as a Quantity, in days or the unit that is named.

    >>> {DateDifference[{2042, 1, 4}, {2057, 1, 1}], DateDifference[{2010, 6, 1}, {2015, 1, 1}, "Hour"]}
    {Quantity[5476, "Days"], Quantity[40200, "Hours"]}
    """
    a, b = _date_of(first), _date_of(second)
    if a is None or b is None:
        return None
    if unit.__class__ is List:
        return _mixed_difference(a, b, unit)
    name = "Day" if unit is None else _unit(unit.value) if unit.__class__ is String else None
    if name is None or name == "BusinessDay":
        return None
    amount = _difference(a, b, name)
    return None if amount is None else expression(S.Quantity, (amount, String(_plural(name))))


def _plural(unit: str) -> str:
    return unit[:-1] + "ies" if unit.endswith("y") and unit != "Day" else unit + "s"


def _mixed_difference(first: datetime, second: datetime, units: List) -> Any:
    names = [_unit(u.value) if u.__class__ is String else None for u in units.args]
    if not names or any(name is None or name == "BusinessDay" for name in names):
        return None
    amounts: list[Any] = []
    for i, name in enumerate(names):
        amount = _difference(first, second, name or "")
        if amount is None:
            return None
        if i + 1 < len(names):
            amount = int(amount)
            moved = _moved(first, [(amount, name or "")])
            if moved is None:
                return None
            first = moved
        amounts.append(amount)
    plurals = List(tuple([String(_plural(name or "")) for name in names]))
    return expression(
        S.Quantity,
        (expression(S.MixedMagnitude, (List(tuple(amounts)),)), expression(S.MixedUnit, (plurals,))),
    )


@core.function(attributes={"Protected"})
def DayCount(first: Value, second: Value, kind: Value = None) -> Value:
    """Give the number of days from one date to another; a weekday's symbol counts these alone.

    >>> {DayCount[{2020, 1, 1}, {2020, 3, 1}], DayCount[{2024, 1, 1}, {2024, 1, 31}, Monday]}
    {60, 4}
    """
    from datetime import timedelta

    a, b = _date_of(first), _date_of(second)
    if a is None or b is None:
        return None
    days = (b.date() - a.date()).days
    if kind is None:
        return days
    wanted = _kind_of_day(kind)
    if wanted is None or abs(days) > 10**6:
        return None
    start, sign = (a, 1) if days >= 0 else (b, -1)
    return sign * sum([1 for i in range(1, abs(days) + 1) if (start + timedelta(days=i)).weekday() in wanted])


def _kind_of_day(v: Any) -> frozenset[int] | None:
    """Return the weekdays that `Monday` or "Weekday" names, counted from Monday."""
    name = v.value if v.__class__ is String else v.name if v.__class__ is Symbol else ""
    if name in _DAYS:
        return frozenset((_DAYS.index(name),))
    kinds = {"Weekday": range(5), "BusinessDay": range(5), "Weekend": (5, 6), "All": range(7), "EndOfMonth": None}
    found = kinds.get(name)
    return None if found is None else frozenset(found)


@core.function(attributes={"Protected"})
def DayRange(first: Value, last: Value, kind: Value = None) -> Value:
    """Give the days between two dates, both included, as date objects; a weekday's symbol selects these.

    >>> DayRange[{2020, 2, 28}, {2020, 3, 1}]
    {DateObject[{2020, 2, 28}, "Day"], DateObject[{2020, 2, 29}, "Day"], DateObject[{2020, 3, 1}, "Day"]}
    """
    from datetime import timedelta

    a, b = _date_of(first), _date_of(last)
    wanted = frozenset(range(7)) if kind is None else _kind_of_day(kind)
    if a is None or b is None or wanted is None:
        return None
    a, b = min(a, b), max(a, b)
    count = (b.date() - a.date()).days
    if count > 10**6:
        return None
    days = [a + timedelta(days=i) for i in range(count + 1)]
    return List(tuple([_object(day) for day in days if day.weekday() in wanted]))


@core.function(attributes={"Protected"})
def DateRange(first: Value, last: Value, step: Value = 1) -> Value:
    """Give the dates from one to another in steps of days, a unit or a Quantity, as date lists.

    >>> DateRange[{2024, 1, 31}, {2024, 3, 31}, "Month"]
    {{2024, 1, 31, 0, 0, 0.}, {2024, 2, 29, 0, 0, 0.}, {2024, 3, 31, 0, 0, 0.}}
    """
    a, b, parts = _date_of(first), _date_of(last), _step_of(step)
    if a is None or b is None or parts is None:
        return None
    dates: list[Any] = []
    for i in range(10**6):
        date = _moved(a, [(_multiple(number, i), unit) for number, unit in parts])
        if date is None or (i and date <= a):
            return None
        if date > b:
            return List(tuple(dates))
        dates.append(_full_list(date))
    return None


def _multiple(number: Any, i: int) -> Any:
    if number.__class__ is Rational:
        return as_float(number) * i
    return number * i
