"""Distances and bearings on a spherical earth."""

from __future__ import annotations

from math import asin, atan2, cos, degrees, radians, sin, sqrt

from lyra_core.plugins import Real, String, Value, module

globe = module("acme::globe")

_RADII = {"Kilometers": 6371.0, "Miles": 3958.7613, "NauticalMiles": 3440.0694}

EarthRadius = globe.constant("EarthRadius", 6371.0, "The mean radius of the earth in kilometres.")


@globe.function(
    attributes={"Listable"}, options={"Unit": '"Kilometers"'}, messages={"unit": "The unit `1` is unknown."}
)
def Haversine(lat1: Real, lon1: Real, lat2: Real, lon2: Real, *, Unit: Value = None) -> Value:
    """Give the distance of two points on the globe, in degrees of latitude and longitude.

    `Haversine[0, 0, 0, 90]` gives `10007.543398010284`. The option Unit is "Kilometers", "Miles" or
    "NauticalMiles".
    """
    radius = _RADII.get(Unit.value if isinstance(Unit, String) else "Kilometers" if Unit is None else "")
    if radius is None:
        return None
    a, b = radians(lat1), radians(lat2)
    half = sin((b - a) / 2) ** 2 + cos(a) * cos(b) * sin(radians(lon2 - lon1) / 2) ** 2
    return 2 * radius * asin(sqrt(half))


@globe.function(attributes={"Listable"})
def Bearing(lat1: Real, lon1: Real, lat2: Real, lon2: Real) -> Real:
    """Give the direction in which a great circle leaves the first point, in degrees from the north.

    `Bearing[0, 0, 0, 90]` gives `90.`.
    """
    a, b, d = radians(lat1), radians(lat2), radians(lon2 - lon1)
    return degrees(atan2(sin(d) * cos(b), cos(a) * sin(b) - sin(a) * cos(b) * cos(d))) % 360
