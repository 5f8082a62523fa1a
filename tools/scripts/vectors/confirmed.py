# SPDX-License-Identifier: MIT
"""The kernels that gave a vector's answers, as its field `confirmed` has them,
and why others could not be asked: `x-unasked`, by profile.
"""

MODEL = "model"
UNASKED = "x-unasked"

# What a kernel is asked, and what it has to answer.
ASKED = ("op", "config", "input", "expect")


def profile_of(kernel):
    """Of linux-6.18.44 it is linux-6.18."""
    return ".".join(kernel.split(".")[:2])


def order(kernel):
    """By version, as numbers."""
    return [int(number) for number in kernel.partition("-")[2].split(".")]


def answer(expect, profile):
    """What is expected under a profile, which may be that of another."""
    while isinstance(expect[profile], str):
        profile = expect[profile].removeprefix("= ")
    return expect[profile]


def words(expect, kernels):
    """The field's value: the kernels, and "model" where a profile's answer is
    not that of one of them.
    """
    told = [answer(expect, profile_of(kernel)) for kernel in kernels]
    lacks = any(answer(expect, profile) not in told for profile in expect)
    return sorted(kernels, key=order) + [MODEL] * lacks


def kernels(vector):
    """Those of a vector."""
    return [name for name in vector.get("confirmed", []) if name != MODEL]


def update(vector, kernel, agrees, reason):
    """Notes that a kernel gave the answers, or the reason why it could not be
    asked; what other kernels of its series said counts no more.
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


def keep(vector, stored):
    """Keeps what kernels said of a vector that asks and expects the same."""
    if all(vector[name] == stored[name] for name in ASKED):
        told = kernels(vector)
        of_these = {profile_of(kernel) for kernel in told}
        told += [kernel for kernel in kernels(stored)
                 if profile_of(kernel) not in of_these]
        vector["confirmed"] = words(vector["expect"], told)
        if UNASKED in stored:
            vector[UNASKED] = stored[UNASKED]


def lacks(vector):
    """The profiles whose kernel neither confirmed the vector nor says why
    not.
    """
    told = {profile_of(kernel) for kernel in kernels(vector)}
    return [profile for profile in sorted(vector["expect"], key=order)
            if profile not in told and profile not in vector.get(UNASKED, {})]
