# SPDX-License-Identifier: MIT
"""The picture of README.md: five packets become one super-packet, and back.

It shows the super-packet of frames 17 to 21 of iperf3-tcp4.pcap, which is in
the lines of `grove explain` below it. Lengths are in pixels.
"""

PACKETS = 5
PAYLOAD = 1448
HEADERS = 52  # IPv4 and TCP with timestamps

WIDTH, HEIGHT = 760, 226
LEFT, RIGHT, TOP = 20, 320, 54
ROW, GAP = 24, 8
MIDDLE = TOP + (PACKETS * (ROW + GAP) - GAP) // 2
VIRTIO_BOX, IP_BOX, TCP_BOX, PAYLOAD_BOX = 78, 34, 40, 54

# The class of what is drawn, its colour in light and in dark mode.
COLOURS = (
    ("page", "#ffffff", "#0d1117"),
    ("text", "#1f2328", "#e6edf3"),
    ("line", "#59636e", "#9198a1"),
    ("virtio", "#e9d8fd", "#553c9a"),
    ("ip", "#bee3f8", "#1c4f7c"),
    ("tcp", "#fed7aa", "#7c3a0c"),
    ("payload", "#c6f6d5", "#1c5a35"),
)

ALTERNATIVE = (f"GRO turns {PACKETS} packets of one TCP connection into one "
               "super-packet with a virtio_net_hdr, and GSO splits it again.")


def style():
    """Light colours, and dark ones for readers who prefer these."""
    def rules(column, indent):
        return "".join(f"{indent}.{colour[0]} {{ fill: {colour[column]} }}\n"
                       for colour in COLOURS)

    def line(column):
        return dict((colour[0], colour[column]) for colour in COLOURS)["line"]

    return (
        "<style>\n"
        "text { font: 13px sans-serif }\n"
        ".small { font-size: 12px }\n"
        ".title { font-weight: bold }\n"
        ".middle { text-anchor: middle }\n"
        f"path, rect {{ stroke: {line(1)} }}\n"
        f"{rules(1, '')}"
        "@media (prefers-color-scheme: dark) {\n"
        f"  path, rect {{ stroke: {line(2)} }}\n"
        f"{rules(2, '  ')}"
        "}\n"
        "</style>\n")


def text(x, y, words, classes=""):
    classes = f"text {classes}".rstrip()
    return f'<text class="{classes}" x="{x}" y="{y}">{words}</text>\n'


def boxes(x, y, row):
    """A row of boxes, each with its label in the middle."""
    drawn = ""
    for kind, width, label in row:
        drawn += (f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" '
                  f'height="{ROW}"/>\n')
        drawn += text(x + width // 2, y + 16, label, "small middle")
        x += width
    return drawn


def arrow(x, y, length):
    """From x to the right, or to the left if the length is negative."""
    tip = 8 if length > 0 else -8
    return (f'<path class="line" d="M{x} {y} h{length}" '
            'stroke-width="2"/>\n'
            f'<path class="line" d="M{x + length} {y} l{-tip} -5 v10 z"/>\n')


def headers():
    return [("ip", IP_BOX, "IP"), ("tcp", TCP_BOX, "TCP")]


def payload(number):
    return "payload", PAYLOAD_BOX, f"data {number}"


def packets():
    """The column of packets on the left."""
    drawn = text(LEFT, TOP - 28, f"{PACKETS} packets of one TCP connection",
                 "title")
    drawn += text(LEFT, TOP - 10, f"{HEADERS + PAYLOAD} bytes each", "small")
    for i in range(PACKETS):
        drawn += boxes(LEFT, TOP + i * (ROW + GAP),
                       headers() + [payload(i + 1)])
    return drawn


def super_packet():
    """The row on the right, and what it saves."""
    row = [("virtio", VIRTIO_BOX, "virtio hdr")] + headers()
    row += [payload(i + 1) for i in range(PACKETS)]
    total = HEADERS + PACKETS * PAYLOAD
    return (
        text(RIGHT, MIDDLE - 52, "1 super-packet", "title") +
        text(RIGHT, MIDDLE - 34, f"{total} bytes, gso_size {PAYLOAD}",
             "small") +
        boxes(RIGHT, MIDDLE - ROW // 2, row) +
        text(RIGHT, MIDDLE + 38, "one write(2), and one pass through the "
             f"network stack instead of {PACKETS}", "small"))


def svg():
    """The whole picture, as text."""
    end = LEFT + IP_BOX + TCP_BOX + PAYLOAD_BOX
    start, length = end + 20, RIGHT - end - 40
    middle = start + length // 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n'
        "<!-- made by tools/readme -->\n"
        f"<title>{ALTERNATIVE}</title>\n"
        f"{style()}"
        f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" '
        f'height="{HEIGHT - 1}" rx="6"/>\n'
        f"{packets()}"
        f"{text(middle, MIDDLE - 22, 'GRO', 'title middle')}"
        f"{arrow(start, MIDDLE - 14, length)}"
        f"{arrow(start + length, MIDDLE + 14, -length)}"
        f"{text(middle, MIDDLE + 34, 'GSO', 'title middle')}"
        f"{super_packet()}"
        "</svg>\n")
