# SPDX-License-Identifier: MIT
"""What the pages show: the results of all peers, and what is known of each."""

import json
import pathlib
import re

from scripts import command, spec, stored
from scripts.peers import questions

# From the worst one; as tools/judge/level.h.
KINDS = ("crashes", "hangs", "refused", "loses", "duplicates", "accepts",
         "launders", "changes", "reorders")

# Fields that matter to a receiver, from the one that matters most. What is not
# here is in between.
WORST = ("payload", "packet length", "number of segments",
         "TCP sequence number", "TCP flags", "TCP acknowledgment number",
         "TCP window", "TCP options", "IPv6 payload length", "UDP length")
LEAST = ("IPv4 header checksum", "IPv4 flags and fragment offset",
         "IPv4 identification")


def weight(kind, field):
    """Harm is sorted by this: the worst first."""
    if field in WORST:
        return KINDS.index(kind), 0, WORST.index(field)
    if field in LEAST:
        return KINDS.index(kind), 2, LEAST.index(field)
    return KINDS.index(kind), 1, 0


# An item of a list ends at a blank line, or where the next one begins.
ITEM_END = re.compile(r"\n\n|\n(?=- )")
PSEUDO_VERSION = re.compile(r"v0\.0\.0-(\d{8})\d{6}-[0-9a-f]{12}")


class Peer:
    """A peer with its results."""

    def __init__(self, root, path):
        self.name = path.stem
        self.folder = root / "tools/peers" / self.name
        self.result = stored.load(path)
        self.about = stored.load(self.folder / "about.json")
        self.check = self.result["check"]
        self.rules = self.result["rules"]

    @property
    def version(self):
        """Its version, without its name; of a Go module without tags, its
        date.
        """
        version = self.check["implementation"].rsplit(" ", 1)[1]
        dated = PSEUDO_VERSION.fullmatch(version)
        return dated[1] if dated else version

    @property
    def title(self):
        return self.about["title"]

    def groups(self):
        """What is unsafe, the worst first: of vectors, and then of batches
        only. Each has `seen`.
        """
        found = {}
        for group in self.check["groups"]:
            found[key(group)] = {**group, "seen": "vectors"}
        for comparison in self.result["diff"].values():
            for group in comparison["groups"]:
                found.setdefault(key(group), {**group, "seen": "batches"})
        return sorted(found.values(), key=lambda group: weight(
            group["kind"], group.get("field", "")))

    def batches(self, op, kind, field):
        """In how many random batches that was seen."""
        return sum(one["count"] for one in
                   self.result["diff"].get(op, {"unsafe": []})["unsafe"]
                   if (one["kind"], one["field"]) == (kind, field))

    def confirmed(self, group):
        """How the failure was confirmed, or None."""
        return self.about["confirmed"].get(key(group))

    def share(self):
        """How many of the packets that Linux merges it merges, or None."""
        beside = self.check["beside_linux"]
        possible = beside["packets"] - beside["linux_outputs"]
        return (beside["packets"] - beside["outputs"]) / possible \
            if possible else None


def key(group):
    return f"{group['op']} {group['kind']} {group.get('field', '')}"


def peers(root):
    """All peers that have results; those of others come before our own."""
    found = [Peer(root, path) for path in
             sorted((root / "vectors/peers").glob("*.json"))]
    ours = {"linux": 1, "port-go": 2, "port-python": 2, "port-rust": 2}
    return sorted(found, key=lambda peer: (ours.get(peer.name, 0), peer.name))


def vectors(root):
    """All vectors of rules/, by id."""
    return {vector["id"]: vector for _, _, content in
            questions.load(root, ("rules",)) for vector in content["vectors"]}


def by_rule(shown):
    """The peers that the table of rules has."""
    return [peer for peer in shown if peer.about.get("by_rule", True)]


def rules(root, shown):
    """(id, text of SPEC.md) of the rules, those with the worst harm first."""
    def worst(rule):
        return min((weight(cell["worst"]["kind"], cell["worst"]["field"])
                    for peer in shown
                    if "worst" in (cell := peer.rules.get(rule, {}))),
                   default=(len(KINDS), 0, 0))

    text = (root / "SPEC.md").read_text(encoding="utf-8")
    texts = {match[1]: sentence(text, match)
             for match in spec.DEFINITION.finditer(text)}
    asked = [rule for rule in texts
             if any(rule in peer.rules for peer in shown)]
    return [(rule, texts[rule]) for rule in sorted(asked, key=worst)]


def sentence(text, definition):
    """What SPEC.md says first about the rule that is defined there, in a row of
    a table or in an item of a list.
    """
    if definition[0].startswith("|"):
        said = definition[0].split(" | ")[1]
    else:
        item = ITEM_END.split(text[definition.start():], maxsplit=1)[0]
        said = item.split("**: ", 1)[-1].split("): ", 1)[-1]
        said = " ".join(said.split()).split(". ")[0]
    return said.replace("`", "").strip()


def reports(root):
    """The reports to upstream: path, title and severity."""
    for path in sorted((root / "vectors/peers/reports").glob("*.md")):
        lines = path.read_text(encoding="utf-8").splitlines()
        severity = next((line.removeprefix("Severity: ") for line in lines
                         if line.startswith("Severity: ")), None)
        if severity is None:
            raise command.Problem(f"{path}: no line \"Severity: ...\"; add it")
        yield pathlib.Path(path.name), lines[0].removeprefix("# "), severity


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def unconfirmed(root):
    """What is unsafe in a peer and was not confirmed, in a line each."""
    for peer in peers(root):
        seen = {key(group) for group in peer.groups()}
        seen.update(key({"op": op, **one})
                    for op, found in peer.result["diff"].items()
                    for one in found["unsafe"])
        for failure in sorted(seen - set(peer.about["confirmed"])):
            yield (f"tools/peers/{peer.name}/about.json: \"{failure}\" is not "
                   "confirmed; read the peer's code, and say what you found")
