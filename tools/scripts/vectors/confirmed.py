# SPDX-License-Identifier: MIT
"""The field `confirmed` of a vector: the kernels that gave its answers. The
field `x-unasked` has, by profile, the reason why a kernel could not be asked.
There is at most one kernel of each profile; vectors/KERNELS.md lists all that
were asked.
"""

import functools

from scripts import profiles
from scripts.kernels import releases, suites

MODEL = "model"
UNASKED = "x-unasked"

# The fields that a kernel is asked.
ASKED = ("op", "config", "input")


@functools.cache
def asked_releases():
    """The profile of each release that was asked everything."""
    return {one.name: one.profile for one in releases.read()}


# The profiles of kernels that are asked now; learn() adds them.
learnt = {}


def learn(kernel, profile):
    """Notes the profile that a kernel was found to have."""
    learnt[kernel] = profile


def profile_of(kernel):
    """The profile of a kernel, as it was measured: linux-6.18 for
    linux-6.18.44. A release that was not asked has the profile of its series.
    """
    return learnt.get(kernel) or profile_of_release(kernel)


@functools.cache
def profile_of_release(kernel):
    release = kernel.removeprefix("linux-")
    series = f"linux-{suites.series_of(release)}"
    return asked_releases().get(
        release, profiles.aliases().get(series, series))


def order(kernel):
    """A key to sort kernels and profiles by their versions."""
    return suites.order(kernel)


def answer(expect, profile):
    """The expected answer of a profile, which may name another profile."""
    while isinstance(expect[profile], str):
        profile = expect[profile].removeprefix("= ")
    return expect[profile]


@functools.cache
def values_read(profile, rules):
    """The values of a profile in the columns that these rules read."""
    values = profiles.values_of(profile)
    return [values[column.name] for column in profiles.columns()
            if set(column.rules) & set(rules)]


def stand_in(vector, profile):
    """The profile of the field `expect` whose answer a kernel of this profile
    must give, or None.
    """
    if profile in vector["expect"]:
        return profile
    rules = tuple(vector["rules"])
    return next((other for other in vector["expect"] if values_read(
        other, rules) == values_read(profile, rules)), None)


def words(vector, names):
    """The value of the field: the kernels, and "model" if none of them gave the
    answer of some profile.
    """
    expect = vector["expect"]
    asked = {stand_in(vector, profile_of(name)) for name in names} - {None}
    told = [answer(expect, profile) for profile in asked]
    lacks = any(answer(expect, profile) not in told for profile in expect)
    return sorted(names, key=order) + [MODEL] * lacks


def kernels(vector):
    """The kernels that confirmed a vector."""
    return [name for name in vector.get("confirmed", []) if name != MODEL]


def update(vector, kernel, agrees, reason):
    """Notes that a kernel gave the answers, or the reason why it could not be
    asked. This replaces the results of other kernels of its profile.
    """
    profile = profile_of(kernel)
    others = [name for name in kernels(vector) if profile_of(name) != profile]
    vector["confirmed"] = words(vector, others + [kernel] * agrees)
    unasked = {name: why for name, why in vector.pop(UNASKED, {}).items()
               if name != profile}
    if reason:
        unasked[profile] = reason
    if unasked:
        vector[UNASKED] = {name: unasked[name]
                           for name in sorted(unasked, key=order)}


def expects_the_same(profile, *vectors):
    """Whether the vectors have the same answer of the profile."""
    answers = [answer(vector["expect"], profile) for vector in vectors
               if profile in vector["expect"]]
    return len(answers) == len(vectors) and answers[0] == answers[-1]


def keep(vector, stored):
    """Keeps the results of kernels if the vector asks the same, and expects the
    same answer of them. Other profiles may be new, or have another answer.
    """
    if any(vector[name] != stored[name] for name in ASKED):
        return
    told = kernels(vector)
    of_these = {profile_of(kernel) for kernel in told}
    told += [kernel for kernel in kernels(stored)
             if profile_of(kernel) not in of_these
             and expects_the_same(stand_in(vector, profile_of(kernel)), vector,
                                  stored)]
    vector["confirmed"] = words(vector, told)
    unasked = {profile: why for profile, why in stored.get(UNASKED, {}).items()
               if expects_the_same(profile, vector, stored)}
    if unasked:
        vector[UNASKED] = unasked


def lacks(vector):
    """The profiles whose kernel did not confirm the vector and gave no reason.
    """
    told = {profile_of(kernel) for kernel in kernels(vector)}
    return [profile for profile in sorted(vector["expect"], key=order)
            if profile not in told and profile not in vector.get(UNASKED, {})]
