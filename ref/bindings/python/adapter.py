# SPDX-License-Identifier: MIT
"""adapter.py PORT: the package behind the adapter protocol, which the port to
Python in the folder PORT speaks.
"""

import sys

sys.path.insert(0, sys.argv[1])

import adapter as protocol  # noqa: E402
import grove  # noqa: E402
from vnet import Vnet  # noqa: E402


def wire(vnet):
    words = (vnet.hdr_len, vnet.gso_size, vnet.csum_start, vnet.csum_offset)
    return bytes((vnet.flags, vnet.gso_type)) + b"".join(
        word.to_bytes(2, "little") for word in words)


def run_gro(config, entries):
    table = grove.Table(
        config.name, max_flows=config.max_flows,
        max_packets=max(1, len(entries)), lossless=config.lossless,
        no_udp=not config.udp, csum_trusted=config.csum == "trusted")
    for entry in entries:
        if entry is None:
            table.flush()
        else:
            data, vnet = entry
            table.receive(data, wire(vnet))
    table.flush()
    fates = table.fates()
    return {"output": [protocol.write_output(Vnet.from_wire(output.vnet),
                                             output.packet, of=output.of)
                       for output in table.outputs()],
            "verdict": [fate.verdict for fate in fates],
            "rule": [fate.rule for fate in fates]}


def run_gso(config, entries):
    protocol.expect(len(entries) == 1 and entries[0], "input: not one packet")
    data, vnet = entries[0]
    try:
        segments = list(grove.split(data, wire(vnet), config.name))
    except grove.Error:
        return {"rejected": "EINVAL"}
    return {"output": [protocol.write_output(Vnet.from_wire(vnet), packet)
                       for vnet, packet in segments]}


def read_config(request, read=protocol.read_config):
    """The configuration of the port, with the name of the profile."""
    config = read(request)
    if (config.ethernet or config.tunnels or config.vnet_len != 10
            or config.max_bytes != 65535):
        raise protocol.Skipped("the package has no links, tunnels and "
                               "max_bytes")
    config.name = request["profile"]
    return config


protocol.HELLO = {**protocol.HELLO, "impl": "grove-python",
                  "profiles": grove.profiles()}
protocol.read_config = read_config
protocol.run_gro = run_gro
protocol.run_gso = run_gso
protocol.main()
