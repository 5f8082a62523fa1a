# SPDX-License-Identifier: MIT
"""The field `confirmed` of a vector: the kernels that gave its answers. The
field `x-unasked` has, by profile, the reason why a kernel could not be asked.
"""

MODEL = "model"
UNASKED = "x-unasked"

# The fields that a kernel is asked.
ASKED = ("op", "config", "input")


def profile_of(kernel):
    """The profile of a kernel: linux-6.18 for linux-6.18.44."""
    return ".".join(kernel.split(".")[:2])


def order(kernel):
    """The version as numbers, to sort by."""
    return [int(number) for number in kernel.partition("-")[2].split(".")]


def answer(expect, profile):
    """The expected answer of a profile, which may name another profile."""
    while isinstance(expect[profile], str):
        profile = expect[profile].removeprefix("= ")
    return expect[profile]


def words(expect, kernels):
    """The value of the field: the kernels, and "model" if none of them gave the
    answer of some profile.
    """
    told = [answer(expect, profile_of(kernel)) for kernel in kernels]
    lacks = any(answer(expect, profile) not in told for profile in expect)
    return sorted(kernels, key=order) + [MODEL] * lacks


def kernels(vector):
    """The kernels that confirmed a vector."""
    return [name for name in vector.get("confirmed", []) if name != MODEL]


def update(vector, kernel, agrees, reason):
    """Notes that a kernel gave the answers, or the reason why it could not be
    asked. This replaces the results of other kernels of its series.
    """
    profile = profile_of(kernel)
    others = [name for name in kernels(vector) if profile_of(name) != profile]
    vector["confirmed"] = words(vector["expect"], others + [kernel] * agrees)
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
             and expects_the_same(profile_of(kernel), vector, stored)]
    vector["confirmed"] = words(vector["expect"], told)
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
