#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""Makes inputs of the target `port` of vectors: seeds.py VECTORS FOLDER

Each vector of the JSON files of VECTORS gives one input for each profile that
expects something of its own.
"""
import json
import pathlib
import sys

LOSSLESS, NO_UDP, TRUSTED, GSO, FRAGLIST, HASH = 1, 2, 4, 8, 32, 128
FLUSH, VNET, HASHED = 1, 2, 8
# In the order of vectors/ports/rust/src/profile.rs.
PROFILES = ("linux-6.1", "linux-6.12", "linux-6.16", "linux-6.18", "linux-7.2")


def entry(value):
    """The bytes of a packet or a flush. Wrong checksums stay wrong."""
    if "packet" not in value:
        return bytes([FLUSH])
    packet, vnet = (bytes.fromhex(value.get(name, ""))
                    for name in ("packet", "vnet"))
    hashed = value["hash"].to_bytes(4, "little") if "hash" in value else b""
    return (bytes([VNET * bool(vnet) | HASHED * bool(hashed)]) +
            len(packet).to_bytes(2, "little") + vnet + hashed + packet)


def seed(vector, profile):
    """The input of a vector; None if the target has no such configuration."""
    config = vector.get("config", {})
    if (config.keys() - {"max_flows", "udp", "csum", "mode",
                         "fraglist", "hash"} or
            profile not in PROFILES or
            not 1 <= config.get("max_flows", 8) <= 64 or
            any(len(value.get("packet", "")) >= 1 << 17
                for value in vector["input"])):
        return None
    flags = (LOSSLESS * (config.get("mode") == "lossless") |
             NO_UDP * (not config.get("udp", True)) |
             TRUSTED * (config.get("csum") == "trusted") |
             FRAGLIST * config.get("fraglist", False) |
             HASH * config.get("hash", False) |
             GSO * (vector["op"] == "gso"))
    data = bytes([PROFILES.index(profile), flags,
                  config.get("max_flows", 8) - 1])
    data += b"".join(map(entry, vector["input"]))
    return data if len(data) < 1 << 16 else None


def main():
    source, folder = map(pathlib.Path, sys.argv[1:])
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(source.rglob("*.json")):
        content = json.loads(path.read_text("utf-8"))
        for vector in content.get("vectors", ()):
            for profile, answer in vector["expect"].items():
                data = seed(vector, profile)
                if data and not isinstance(answer, str):
                    (folder / f"{vector['id']}-{profile}").write_bytes(data)


if __name__ == "__main__":
    main()
