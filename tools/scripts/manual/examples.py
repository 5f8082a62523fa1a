# SPDX-License-Identifier: MIT
"""The examples of the man pages. tools/tests/manual.py runs each of them."""

CAPTURE = "vectors/captures/iperf3-tcp4.pcap"
PORT = "python3 vectors/ports/python/adapter.py"

# For each command, what the example does and its line for a shell. They run in
# the sources of grove.
OF = {
    "grove": [
        ("What GRO does with a capture, and why:",
         f"grove explain {CAPTURE}"),
        ("Does a port give what the kernel gives?",
         f"grove check --exec '{PORT}' vectors/rules/tcp.json"),
    ],
    "explain": [
        ("Each packet with the rule that decided about it:",
         f"grove explain {CAPTURE}"),
        ("A page with a picture of the flows:",
         f"grove explain --html page.html {CAPTURE}"),
        ("The lengths of the super-packets:",
         f"grove explain --json {CAPTURE} | jq 'select(.type == \"output\").len"
         "'"),
    ],
    "gen": [
        ("Vectors of a capture, without a kernel that confirms them:",
         f"grove gen --unconfirmed {CAPTURE} -o vectors.json"),
    ],
    "check": [
        ("The reference:", "grove check vectors/rules/tcp.json"),
        ("A port, behind an adapter; the results as JUnit:",
         f"grove check --exec '{PORT}' --junit result.xml "
         "vectors/rules/tcp.json"),
    ],
    "format": [
        ("Are these files in canonical form?",
         "grove format --check vectors/rules/tcp.json"),
    ],
    "diff": [
        ("Is what lossless mode merges split into the same packets again?",
         "grove diff --op roundtrip"),
    ],
    "accumulate": [
        ("The hash of the answers to a thousand batches:",
         "grove accumulate --batches 1000 | sha256sum"),
        ("And to a thousand batches with VLAN tags and tunnels:",
         "grove accumulate --layers --batches 1000 | sha256sum"),
    ],
}
