# SPDX-License-Identifier: MIT
"""The files of the suites: comparing them with what was made, and writing
them.
"""

import json

from scripts import command, stored
from scripts.vectors import canonical, confirmed, suites

# Differences of a suite that are shown.
SHOWN = 5

# The fields of a vector with the results of kernels.
CONFIRMED = ("confirmed", confirmed.UNASKED)


def path_of(folder, suite):
    """The file of a suite. Generated suites are long, and are packed."""
    end = ".json.gz" if suite.startswith("generated/") else ".json"
    return folder / f"{suite}{end}"


def content_of(suite, vectors):
    used = {flag for vector in vectors for flag in vector["flags"]}
    return {"schema": 1, "suite": suite, "spec": "1.0",
            "notes": {name: {**note, "links": []}
                      for name, note in suites.notes().items()
                      if name in used},
            "vectors": vectors}


def there(path):
    """The content of the file; {} if there is no file."""
    with command.advising("restore it, or choose another folder by -o"):
        try:
            return stored.load(path)
        except FileNotFoundError:
            return {}


def by_id(content, path):
    try:
        return {vector["id"]: vector for vector in content.get("vectors", [])}
    except (AttributeError, KeyError, TypeError) as error:
        raise command.Problem(f"{path}: not a vector file; restore it"
                              ) from error


def checked(vector):
    """A vector without the results of kernels."""
    return {name: value for name, value in vector.items()
            if name not in CONFIRMED}


def changes(new, old):
    """The differences between a made vector and the stored one."""
    new, old = checked(new), checked(old)
    yield from (f"{name} is {old.get(name)}, and {value} is made"
                for name, value in new.items() if old.get(name) != value)
    yield from (f"{name} is somebody else's" for name in old
                if name not in new)


def differences(made, content, path):
    """The differences between made content and the stored content. Results of
    kernels are not compared.
    """
    new, old = by_id(made, path), by_id(content, path)
    yield from (f"{name} is missing" for name in new if name not in old)
    yield from (f"{name} is made no more" for name in old if name not in new)
    yield from (f"{name}: {change}" for name in new if name in old
                for change in changes(new[name], old[name]))
    if list(new) != list(old):
        yield "another order"
    if {**made, "vectors": []} != {**content, "vectors": []}:
        yield "notes, or what else stands above the vectors"


def with_confirmed(content, old):
    """The content, with the results of kernels that vectors in `old` have."""
    vectors = []
    for vector in content["vectors"]:
        results = {name: value
                   for name, value in old.get(vector["id"], {}).items()
                   if name in CONFIRMED}
        vectors.append({**vector, **results})
    return {**content, "vectors": vectors}


def problems(grove, path, content):
    """The differences between the stored file and this content."""
    old = there(path)
    content = with_confirmed(content, by_id(old, path))
    text = canonical.text(grove, content)
    if old and text == stored.text(str(path), path.read_bytes()):
        return []
    return list(differences(json.loads(text), old, path)) or [
        "not in canonical form"]


def check(grove, folder, made):
    """Whether the stored suites are the same; prints the first differences."""
    same = True
    for suite, content in made.items():
        found = problems(grove, path_of(folder, suite), content)
        same = same and not found
        for difference in found[:SHOWN]:
            print(f"{suite}: {difference[:500]}")
        if len(found) > SHOWN:
            print(f"{suite}: and {len(found) - SHOWN} more")
    return same


def strangers(folder, names):
    """Whether there are files that belong to no suite; prints them."""
    known = {path_of(folder, suite) for suite in names}
    found = [path for name in suites.FOLDERS
             for path in sorted((folder / name).glob("*.json*"))
             if path not in known]
    for path in found:
        print(f"{path}: no suite makes it")
    return bool(found)


def write(grove, folder, made):
    """Writes the suites; what other kernels confirmed is kept."""
    for suite, content in made.items():
        path = path_of(folder, suite)
        content = json.loads(canonical.text(grove, content))
        old = by_id(there(path), path)
        for vector in content["vectors"]:
            if vector["id"] in old:
                confirmed.keep(vector, old[vector["id"]])
        with command.advising("choose another place by -o"):
            path.parent.mkdir(parents=True, exist_ok=True)
        canonical.store(grove, path, content)
