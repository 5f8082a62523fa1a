# SPDX-License-Identifier: MIT
"""Drafts of what a kernel lacks in SPEC.md, from what differs: groups with the
same cause, a column for each cause, vectors, and a page.
"""

import collections
import dataclasses
import json

from scripts import outfile
from scripts.vectors import canonical, judge

PAGE, REPORT, VECTORS = "page.md", "report.json", "vectors.json"

TYPES = {0: "no super-packet", 1: "TCPV4", 3: "UDP", 4: "TCPV6", 5: "UDP_L4"}
PROTOCOLS = {6: "TCP", 17: "UDP"}
NEEDS_CSUM, ECN = 1, 0x80

# Of a group, so many vectors are kept, the smallest ones.
KEPT = 5


def shape(one):
    """In what way the answers differ, in words."""
    kernel, reference = judge.seen(one.kernel), judge.seen(one.reference)
    for answer, who, other in ((one.kernel, "the kernel", one.reference),
                               (one.reference, "the reference", one.kernel)):
        if not answer.get("output") and other.get("output"):
            return f"{who} refuses or drops it"
        if "rejected" in answer and "rejected" not in other:
            return f"{who} refuses what is dropped"
    if len(kernel) != len(reference):
        more = "more" if len(kernel) > len(reference) else "fewer"
        return f"{more} packets leave the kernel"
    names = {name for (vnet, _), (other, _) in zip(kernel, reference)
             for name in {**vnet, **other}
             if vnet.get(name) != other.get(name)}
    if names:
        return f"another {', '.join(sorted(names))}"
    return "other bytes"


def size(one):
    return (len(one.vector["input"]),
            sum(len(entry.get("packet", "")) for entry in one.vector["input"]))


def features(entry):
    """What can be seen of a packet; values of two packets are compared."""
    packet = bytes.fromhex(entry["packet"])
    vnet = bytes.fromhex(entry.get("vnet", "00" * 10))
    version = packet[0] >> 4 if packet else None
    at = {4: 9, 6: 6}.get(version, len(packet))
    protocol = packet[at] if at < len(packet) else None
    kind = vnet[1] & ~ECN
    return {
        "IP version": version,
        "protocol": PROTOCOLS.get(protocol, protocol),
        "NEEDS_CSUM": "yes" if vnet[0] & NEEDS_CSUM else "no",
        "gso_type": TYPES.get(kind, kind),
        "ECN bit": "yes" if vnet[1] & ECN else "no",
        "gso_size": int.from_bytes(vnet[4:6], "little"),
        "length": len(packet)}


def packets(differences):
    return [entry for one in differences for entry in one.vector["input"]
            if "packet" in entry]


def in_common(differences):
    """What all packets have in common: words for each feature."""
    told = [features(entry) for entry in packets(differences)]
    for name in told[0]:
        values = {one[name] for one in told}
        if name in ("gso_size", "length"):
            yield f"{name} {min(values)} to {max(values)}" \
                if len(values) > 1 else f"{name} {values.pop()}"
        elif len(values) == 1 and None not in values:
            yield f"{name}: {values.pop()}"


@dataclasses.dataclass
class Group:
    """Differences of the same op, shape and rules."""

    op: str
    shape: str
    rules: tuple
    members: list

    @property
    def least(self):
        return self.members[0]

    @property
    def common(self):
        return list(in_common(self.members))


def groups(differences):
    """The groups, those with the smallest vectors first."""
    found = collections.defaultdict(list)
    for one in sorted(differences, key=size):
        found[one.vector["op"], shape(one), tuple(one.rules)].append(one)
    return [Group(*key, members) for key, members in found.items()]


@dataclasses.dataclass
class Cause:
    """Groups that one column may explain."""

    number: int
    groups: list
    explained: str | None  # a profile that gives all answers of the kernel

    @property
    def column(self):
        return f"new_column_{self.number}"

    @property
    def members(self):
        return [one for group in self.groups for one in group.members]

    @property
    def rules(self):
        """The rules that decided, the most frequent one first."""
        counts = collections.Counter(
            rule for one in self.members for rule in one.rules)
        return [rule for rule, _ in counts.most_common()]


def alike(group, other):
    """Whether two groups have the same cause, most likely."""
    return group.shape == other.shape or set(group.rules) & set(other.rules)


def clusters(of_all):
    """Lists of groups with the same cause."""
    left = list(of_all)
    while left:
        cluster, more = [], [left[0]]
        while more:
            cluster += more
            left = [one for one in left if one not in more]
            more = [one for one in left
                    if any(alike(one, other) for other in cluster)]
        yield cluster


def causes(differences, explain):
    """A cause for each cluster of groups. `explain` names the profile that
    gives all answers of the kernel, or None.
    """
    return [Cause(number, cluster,
                  explain([one for group in cluster for one in group.members]))
            for number, cluster in enumerate(clusters(groups(differences)), 1)]


def title(one):
    return f"{one.found}: {shape(one)}"


def vectors(kernel):
    """The content of a vector file with the kernel's answers."""
    made = []
    for cause in kernel.causes:
        for group in cause.groups:
            for one in group.members[:KEPT]:
                made.append({
                    "id": f"try-{len(made) + 1}", "title": title(one),
                    "rules": list(group.rules) or list(cause.rules)
                    or ["GRO-END-008" if group.op == "gro" else "GSO-OUT-006"],
                    "flags": [], "op": group.op,
                    "config": one.vector["config"],
                    "input": one.vector["input"],
                    "expect": {kernel.profile: {
                        name: value for name, value in one.kernel.items()
                        if name in ("output", "rejected")}},
                    "confirmed": [kernel.name]})
    return {"schema": 1, "suite": "try", "spec": "1.0", "notes": {},
            "vectors": made}


def describe(cause):
    """The paragraph for SPEC.md, as far as it can be known."""
    least = min(cause.members, key=size)
    return (f"With {cause.column}, {shape(least)}, where the reference has "
            f"{', '.join(least.rules) or 'no rule that decides'}. What all "
            f"known cases have in common: {'; '.join(in_common(cause.members))}"
            ".")


def definition(cause):
    """The line for ref/profile.def."""
    rules = " ".join(cause.rules) or "?"
    return (f'GROVE_COLUMN(bool, {cause.column}, (false, true), "{rules}",\n'
            f'             "{shape(min(cause.members, key=size))}")')


def show_group(group):
    yield (f"- op `{group.op}`: {group.shape}; rule in the reference: "
           f"{', '.join(group.rules) or 'none'}. {len(group.members)} shown, "
           f"the smallest one from `{group.least.found}`.")
    yield f"  In common: {'; '.join(group.common)}."


def show_cause(cause):
    yield f"## Cause {cause.number}"
    yield ""
    for group in cause.groups:
        yield from show_group(group)
    yield ""
    if cause.explained is not None:
        yield (f"The profile `{cause.explained}` gives all these answers. So a "
               "deciding vector of `grove profile` does not see what these "
               "packets show.")
    else:
        yield "No known profile gives these answers. The draft of a column:"
        yield ""
        yield "```c"
        yield definition(cause)
        yield "```"
        yield ""
        yield "The draft of a paragraph for SPEC.md:"
        yield ""
        yield f"> {describe(cause)}"
    least = min(cause.members, key=size)
    yield ""
    yield "The smallest vector, and the answer of the kernel:"
    yield ""
    yield "```json"
    for entry in least.vector["input"]:
        yield shortened(json.dumps(entry))
    yield shortened(json.dumps({name: value for name, value in
                                least.kernel.items()
                                if name in ("output", "rejected")}))
    yield "```"
    yield ""


def shortened(text):
    return text if len(text) < 400 else f"{text[:300]} ... {len(text)} bytes"


def page(kernel):
    """The page, in Markdown."""
    yield f"# {kernel.name}"
    yield ""
    yield f"The profile that its answers have: `{kernel.profile}`."
    if kernel.misfits:
        yield ("Answers of no profile, in deciding vectors: "
               f"{json.dumps(kernel.misfits)[:2000]}")
    yield ""
    if kernel.fits:
        yield "No difference."
    for cause in kernel.causes:
        yield from show_cause(cause)
    if kernel.causes:
        yield (f"`{VECTORS}` has {KEPT} vectors of each group at most. "
               "CONTRIBUTING.md says how a column is added.")


def report(kernel):
    """The same for programs."""
    return {"kernel": kernel.name, "profile": kernel.profile,
            "misfits": kernel.misfits,
            "causes": [{
                "column": cause.column if cause.explained is None else None,
                "explained": cause.explained, "rules": cause.rules,
                "groups": [{
                    "op": group.op, "shape": group.shape,
                    "rules": list(group.rules), "common": group.common,
                    "shown": len(group.members),
                    "smallest": {"from": group.least.found,
                                 "input": group.least.vector["input"]}}
                    for group in cause.groups]} for cause in kernel.causes]}


def write(grove, folder, kernel):
    """Writes the page, the report and the vectors into a folder."""
    remedy = "choose another place by --output"
    text = "\n".join(page(kernel)) + "\n"
    outfile.write(folder / PAGE, text.encode(), remedy)
    text = json.dumps(report(kernel), indent=1) + "\n"
    outfile.write(folder / REPORT, text.encode(), remedy)
    (folder / VECTORS).unlink(missing_ok=True)
    if kernel.causes:
        canonical.store(grove, folder / VECTORS, vectors(kernel))
