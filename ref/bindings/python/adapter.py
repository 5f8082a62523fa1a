# SPDX-License-Identifier: MIT
"""The package behind the adapter protocol of vectors/README.md. It trusts its
runner: the port to Python shows how every line is checked.
"""

import json
import sys

import grove

LINE_MAX = 64 * 2**20

HELLO = {"impl": "grove-python", "version": "1.0",
         "profiles": grove.profiles(), "ops": ["gro", "gso"],
         "tiers": ["output", "verdict", "rule"]}

# The fields of a configuration, each with the option for its value.
CONFIG = {
    "max_flows": lambda value: ("max_flows", value),
    "udp": lambda value: ("no_udp", not value),
    "csum": lambda value: ("csum_trusted", value == "trusted"),
    "mode": lambda value: ("lossless", value == "lossless"),
    "link": lambda value: ("link", grove.Link[value.upper()]),
    "tunnels": lambda value: ("tunnels", [tunnel(name) for name in value]),
    "vnet_len": lambda value: ("vnet_len", value),
    "max_bytes": lambda value: ("max_bytes", value),
    "fraglist": lambda value: ("fraglist", value),
    "hash": lambda value: ("hash", value),
}

VNET = "flags", "gso_type", "hdr_len", "gso_size", "csum_start", "csum_offset"
OF_TUNNELS = "outer_th_offset", "inner_nh_offset"


def tunnel(name):
    """Such as gre and vxlan:4789."""
    kind, _, port = name.partition(":")
    protocol = grove.Protocol[kind.upper().replace("-", "_")]
    return grove.Tunnel(protocol, int(port or 0))


def vnet_fields(vnet):
    words = [int.from_bytes(vnet[at:at + 2], "little")
             for at in range(2, len(vnet), 2)]
    fields = dict(zip(VNET, [*vnet[:2], *words]))
    if len(vnet) == 24:
        fields.update(zip(OF_TUNNELS, words[-2:]))
    return fields


def output(vnet, packet, **more):
    return {"vnet": vnet_fields(vnet), "packet": packet.hex(), **more}


def read_entry(entry):
    """The packet and its virtio header, which may be None."""
    vnet = entry.get("vnet")
    return bytes.fromhex(entry["packet"]), vnet and bytes.fromhex(vnet)


def run_gro(profile, options, entries):
    table = grove.Table(profile, **{"max_flows": 8, **options},
                        max_packets=max(1, len(entries)))
    for entry in entries:
        if "flush" in entry:
            table.flush()
        else:
            table.receive(*read_entry(entry), entry.get("hash", 0))
    table.flush()
    fates = table.fates()
    return {"output": [output(o.vnet, o.packet, of=o.of)
                       for o in table.outputs()],
            "verdict": [fate.verdict for fate in fates],
            "rule": [fate.rule for fate in fates]}


def run_gso(profile, options, entries):
    options = {name: options[name] for name in ("link", "vnet_len")
               if name in options}
    try:
        segments = grove.split(*read_entry(entries[0]), profile, **options)
    except grove.Rejected:
        return {"rejected": "EINVAL"}
    return {"output": [output(*segment) for segment in segments]}


def run(request):
    try:
        options = dict(CONFIG[name](value)
                       for name, value in request.get("config", {}).items())
        answer = run_gro if request["op"] == "gro" else run_gso
        return answer(request["profile"], options, request["input"])
    except (grove.Error, KeyError) as error:
        return {"skipped": {"reason": str(error)}}


def main():
    for line in sys.stdin:
        request = json.loads(line)
        if request["cmd"] == "bye":
            break
        answer = HELLO
        if request["cmd"] == "run":
            answer = {"seq": request["seq"], **run(request)}
        text = json.dumps(answer)
        if len(text) >= LINE_MAX:
            text = json.dumps({"seq": request["seq"],
                               "error": "the answer is a line over 64 MiB"})
        print(text, flush=True)


main()
