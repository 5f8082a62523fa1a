# SPDX-License-Identifier: MIT
"""The adapter protocol, version 1, of vectors/README.md: a JSON object a line
on standard input, an answer for each on standard output."""

import binascii
import json
import re
import sys

from config import PROFILES, Config, profile_of
from split import split
from table import Table
from vnet import Vnet

LINE_MAX = 64 * 2**20

HELLO = {"impl": "grove-python", "version": "1.0",
         "profiles": list(PROFILES), "ops": ["gro", "gso"],
         "tiers": ["output", "verdict", "rule"]}

CONFIG = {
    "max_flows": lambda v: type(v) is int and 1 <= v <= 65536,
    "udp": lambda v: type(v) is bool,
    "csum": lambda v: v in ("verify", "trusted"),
    "mode": lambda v: v in ("linux", "lossless"),
    "link": lambda v: v in ("none", "ethernet"),
    "tunnels": lambda v: (type(v) is list and len(v) <= 8
                          and all(map(is_tunnel, v))),
    "vnet_len": lambda v: type(v) is int and v in (10, 12, 24),
    "max_bytes": lambda v: type(v) is int and 65535 <= v <= 524280,
    "fraglist": lambda v: type(v) is bool,
    "hash": lambda v: type(v) is bool,
}


TUNNEL = re.compile("ipip|gre|pppoe|(?:vxlan|vxlan-gpe|geneve):([1-9][0-9]{0,4})")


def is_tunnel(name):
    match = isinstance(name, str) and TUNNEL.fullmatch(name)
    return bool(match) and int(match[1] or 0) < 2**16


class Skipped(Exception):
    pass


class Error(Exception):
    pass


def expect(condition, message):
    if not condition:
        raise Error(message)


def only_fields(thing, where, *names):
    expect(isinstance(thing, dict), f"{where}: not an object")
    for name in thing:
        expect(name in names, f"{where}: unknown field {name!a}")


def read_object(pairs):
    thing = dict(pairs)
    expect(len(thing) == len(pairs), "line: a field stands twice")
    return thing


def read_config(request):
    name = request.get("profile")
    expect(isinstance(name, str), "profile: not a string")
    profile = profile_of(name)
    if profile is None:
        raise Skipped(f"profile {name!a} is unknown")
    config = request.get("config", {})
    if not isinstance(config, dict):
        raise Skipped("config: not an object")
    for name, value in config.items():
        if name not in CONFIG:
            raise Skipped(f"config: unknown field {name!a}")
        if not CONFIG[name](value):
            raise Skipped(f"config.{name}: unknown value")
    config = Config(profile, **config)
    if config.tunnels and config.lossless and not config.all_are_told:
        raise Skipped("config.tunnels: not in lossless mode")
    has_more = config.lossless or config.ethernet or config.tunnels
    if config.max_bytes > 65535 and has_more:
        raise Skipped("config.max_bytes: not in lossless mode, with a link or "
                      "in tunnels")
    if config.fraglist and (has_more or config.max_bytes > 65535):
        raise Skipped("config.fraglist: not in lossless mode, with a link, in "
                      "tunnels or with a larger max_bytes")
    if config.hash and (config.lossless or config.fraglist
                        or config.max_bytes > 65535):
        raise Skipped("config.hash: not in lossless mode, with fraglist or "
                      "with a larger max_bytes")
    return config


def read_input(request, config):
    """A list of (bytes, Vnet, hash), and of None where a poll ends."""
    expect(isinstance(request.get("input"), list), "input: not a list")
    return [read_entry(entry, config.vnet_len) for entry in request["input"]]


def read_entry(entry, vnet_len):
    if isinstance(entry, dict) and "flush" in entry:
        only_fields(entry, "input", "flush")
        expect(entry["flush"] is True, "flush: only true has a meaning")
        return None
    only_fields(entry, "input", "packet", "vnet", "hash")
    vnet = read_hex(entry.get("vnet", "00" * vnet_len))
    expect(len(vnet) == vnet_len, "vnet: not vnet_len bytes")
    hash = entry.get("hash", 0)
    expect(type(hash) is int and 0 <= hash < 2**32,
           "hash: not a number of 32 bits")
    return read_hex(entry.get("packet")), Vnet.from_wire(vnet), hash


def read_hex(text):
    expect(isinstance(text, str), "not a string of hex digits")
    return binascii.unhexlify(text)


def write_output(vnet, data, **more):
    output = {"packet": data.hex(), **more}
    if vnet != Vnet():
        output["vnet"] = vnet.fields()
    return output


def run_gro(config, entries):
    table = Table(config)
    told = []
    for entry in entries:
        if entry is None:
            table.flush()
        else:
            told.append(table.receive(*entry))
    table.flush()
    return {"output": [write_output(vnet, data, of=of)
                       for vnet, data, of in table.to_write],
            "verdict": [verdict for verdict, _ in told],
            "rule": [rule for _, rule in told]}


def run_gso(config, entries):
    expect(len(entries) == 1 and entries[0], "input: not one packet")
    data, vnet, _ = entries[0]
    segments = split(data, vnet, config)
    if segments is None:
        return {"rejected": "EINVAL"}
    return {"output": [write_output(*one) for one in segments]}


def run(request):
    only_fields({name: None for name in request if name[:2] != "x-"},
                "request", "cmd", "seq", "op", "profile", "config", "input")
    expect(request.get("op") in ("gro", "gso"), "op: neither gro nor gso")
    config = read_config(request)
    entries = read_input(request, config)
    return (run_gro if request["op"] == "gro" else run_gso)(config, entries)


def answer(line):
    """None at bye."""
    seq = {}
    try:
        expect(len(line) <= LINE_MAX, "line: over 64 MiB")
        request = json.loads(line.decode(), object_pairs_hook=read_object)
        expect(isinstance(request, dict), "line: not an object")
        if type(request.get("seq")) is int:
            seq = {"seq": request["seq"]}
        command = request.get("cmd")
        if command == "bye":
            return None
        if command == "hello":
            expect(request.get("protocol") == 1, "protocol: not 1")
            return HELLO
        expect(command == "run", "cmd: unknown")
        expect(seq, "seq: not a whole number")
        return {**seq, **run(request)}
    except Skipped as skipped:
        return {**seq, "skipped": {"reason": str(skipped)}}
    except (Error, ValueError, RecursionError) as error:
        return {**seq, "error": str(error)}


def main():
    for line in sys.stdin.buffer:
        reply = answer(line)
        if reply is None:
            break
        text = json.dumps(reply, separators=(",", ":"))
        if len(text) >= LINE_MAX:
            text = json.dumps({"seq": reply["seq"],
                               "error": "answer: over 64 MiB"})
        print(text, flush=True)


if __name__ == "__main__":
    main()
