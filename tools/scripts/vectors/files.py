# SPDX-License-Identifier: MIT
"""The files of the suites: whether they are what was made, and writing them.
"""

from scripts import command
from scripts.vectors import confirmed, layout, suites

# Differences of a suite that are shown.
SHOWN = 5


def path_of(folder, suite):
    """Generated suites are long and alike, and packed."""
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
    """What is in the file; {} if it is not there."""
    with command.advising("restore it, or choose another folder by -o"):
        try:
            return layout.load(path)
        except FileNotFoundError:
            return {}


def by_id(content, path):
    try:
        return {vector["id"]: vector for vector in content.get("vectors", [])}
    except (AttributeError, KeyError, TypeError) as error:
        raise command.Problem(f"{path}: not a vector file; restore it"
                              ) from error


def checked(vector):
    """All of a vector but what its kernels said."""
    return {name: value for name, value in vector.items()
            if name not in ("confirmed", confirmed.UNASKED)}


def changes(new, old):
    """Where a vector that is there is not the one that was made."""
    new, old = checked(new), checked(old)
    yield from (f"{name} is {old.get(name)}, and {value} is made"
                for name, value in new.items() if old.get(name) != value)
    yield from (f"{name} is somebody else's" for name in old
                if name not in new)


def differences(made, content, path):
    """Where what is there is not what was made, but for the kernels."""
    new, old = by_id(made, path), by_id(content, path)
    yield from (f"{name} is missing" for name in new if name not in old)
    yield from (f"{name} is made no more" for name in old if name not in new)
    yield from (f"{name}: {change}" for name in new if name in old
                for change in changes(new[name], old[name]))
    if list(new) != list(old):
        yield "another order"
    if {**made, "vectors": []} != {**content, "vectors": []}:
        yield "notes, or what else stands above the vectors"


def other_layout(path):
    """Is a plain file's text another than that of its content?"""
    return path.suffix == ".json" and path.exists() and (
        path.read_text(encoding="utf-8")
        != layout.text(layout.load(path)) + "\n")


def check(folder, made):
    """False, and the first differences, if what is stored is another."""
    same = True
    for suite, content in made.items():
        path = path_of(folder, suite)
        found = list(differences(content, there(path), path))
        if other_layout(path):
            found.append("another layout")
        same = same and not found
        for difference in found[:SHOWN]:
            print(f"{suite}: {difference[:500]}")
        if len(found) > SHOWN:
            print(f"{suite}: and {len(found) - SHOWN} more")
    return same


def strangers(folder, names):
    """True, and they are shown, if there are files that none of these suites
    makes.
    """
    known = {path_of(folder, suite) for suite in names}
    found = [path for name in suites.FOLDERS
             for path in sorted((folder / name).glob("*.json*"))
             if path not in known]
    for path in found:
        print(f"{path}: no suite makes it")
    return bool(found)


def write(folder, made):
    for suite, content in made.items():
        path = path_of(folder, suite)
        old = by_id(there(path), path)
        for vector in content["vectors"]:
            if vector["id"] in old:
                confirmed.keep(vector, old[vector["id"]])
        with command.advising("choose another place by -o"):
            path.parent.mkdir(parents=True, exist_ok=True)
        layout.store(path, content, "choose another place by -o")
