# SPDX-License-Identifier: MIT
"""The captures: which programs talk to each other, and what is kept of it."""

import shutil
import subprocess

from scripts.record import guest
from scripts.record.network import A4, A6, B4, B6, HERE

CAPTURES = {}  # by name: (what is in it, a function of a Network)

NGINX = """\
daemon off;
user root;
pid {work}/nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path {work}/body;
    sendfile on;
    client_max_body_size 10m;
    server {{
        listen 80;
        listen [::]:80;
        root {work}/www;
        dav_methods PUT;
    }}
}}
"""


def capture(name, about):
    """Adds a function to the captures."""
    def add(function):
        CAPTURES[name] = about, function
        return function
    return add


# ---- HTTP ------------------------------------------------------------------


def web_server(net, namespace):
    net.random_file("www/file", 400000)
    config = net.work / "nginx.conf"
    config.write_text(NGINX.format(work=net.work))
    net.serve(namespace, 80, "t", "nginx", "-c", config)


def download(net, last, address):
    """Gets the first bytes of the file, up to number `last`."""
    net.run(net.b, "curl", "-sS", "-r", f"0-{last}", "-o", "/dev/null",
            f"http://{address}/file")


@capture("http-download", "nginx sends 250 kB to curl, IPv4; both directions")
def http_download(net):
    net.link_veth()
    web_server(net, net.a)
    with net.recorded("http-download", (net.b, "eth0"), "1-300"):
        download(net, 249999, A4)


@capture("http-upload", "curl puts 200 kB to nginx, IPv4; both directions")
def http_upload(net):
    net.link_veth()
    web_server(net, net.b)
    up = net.random_file("up", 200000)
    with net.recorded("http-upload", (net.b, "any"), "1-240",
                      "-y", "LINUX_SLL", f"host {A4}"):
        net.run(net.a, "curl", "-sS", "-T", up, f"http://{B4}/up")


@capture("http-vlan", "nginx sends 120 kB to curl, IPv6 in VLAN 42")
def http_vlan(net):
    net.link_vlan()
    web_server(net, net.a)
    with net.recorded("http-vlan", (net.m, "trunk1"), "1-200"):
        download(net, 119999, f"[{A6}]")


# ---- iperf3 ----------------------------------------------------------------


def iperf(net, *words):
    """iperf3 from A to B."""
    net.serve(net.b, 5201, "t", "iperf3", "-s", "-1")
    net.run(net.a, "iperf3", *words)


@capture("iperf3-tcp4", "iperf3, one TCP stream, IPv4; what the receiver gets")
def iperf3_tcp4(net):
    net.link_veth()
    with net.recorded("iperf3-tcp4", (net.b, "eth0"), "1-100",
                      "-Q", "in", "--nano", form="nsecpcap"):
        iperf(net, "-c", B4, "-n", "4M")


@capture("iperf3-tcp4-8",
         "iperf3, eight TCP streams, IPv4; what the receiver gets")
def iperf3_tcp4_8(net):
    net.link_veth()
    # Some way into the transfer, where all eight streams send.
    with net.recorded("iperf3-tcp4-8", (net.b, "eth0"), "601-850",
                      "-Q", "in", "--nano", form="nsecpcap"):
        iperf(net, "-c", B4, "-P", "8", "-n", "4M")


@capture("iperf3-tcp6", "iperf3, one TCP stream, IPv6; what the receiver gets")
def iperf3_tcp6(net):
    net.link_veth()
    with net.recorded("iperf3-tcp6", (net.b, "eth0"), "301-390", "-Q", "in"):
        iperf(net, "-c", B6, "-n", "4M")


@capture("iperf3-tcp6-8",
         "iperf3, eight TCP streams, IPv6; what the receiver gets")
def iperf3_tcp6_8(net):
    net.link_veth()
    with net.recorded("iperf3-tcp6-8", (net.b, "eth0"), "1-110", "-Q", "in"):
        iperf(net, "-c", B6, "-P", "8", "-n", "4M")


@capture("iperf3-udp4",
         "iperf3, UDP of 1200 bytes, IPv4; what the receiver gets")
def iperf3_udp4(net):
    net.link_veth()
    with net.recorded("iperf3-udp4", (net.b, "any"), "1-80",
                      "-y", "LINUX_SLL2", "-Q", "in"):
        iperf(net, "-c", B4, "-u", "-l", "1200", "-b", "800M", "-k", "400")


@capture("iperf3-udp6",
         "iperf3, UDP of 1420 bytes, IPv6; what the receiver gets")
def iperf3_udp6(net):
    net.link_veth()
    with net.recorded("iperf3-udp6", (net.b, "eth0"), "1-60", "-Q", "in",
                      form="pcapng"):
        iperf(net, "-c", B6, "-u", "-l", "1420", "-b", "400M", "-k", "400")


# ---- a lossy link ----------------------------------------------------------


@capture("lossy-tcp4",
         "iperf3 over a link that drops, swaps, doubles and damages, IPv4")
def lossy_tcp4(net):
    net.link_lossy("--drop", "4", "--swap", "4", "--double", "2", "--damage",
                   "2")
    with net.recorded("lossy-tcp4", (net.b, "tun0"), "1-250", "-Q", "in"):
        iperf(net, "-c", B4, "-n", "2M")


@capture("lossy-tcp6", "the same with ECN and congestion marks, IPv6")
def lossy_tcp6(net):
    net.link_lossy("--drop", "2", "--swap", "3", "--mark", "5")
    for namespace in net.a, net.b:
        net.run(namespace, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/tcp_ecn")
    with net.recorded("lossy-tcp6", (net.b, "tun0"), "1-220", "-Q", "in"):
        iperf(net, "-c", B6, "-n", "2M")


# ---- SSH, DNS and QUIC -----------------------------------------------------


def make_keys(net):
    for name in "host", "user":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        net.work / name], check=True)
    shutil.copy(net.work / "user.pub", net.work / "authorized")


@capture("ssh-keystrokes", "ssh: a person types; both directions")
def ssh_keystrokes(net):
    net.link_veth()
    make_keys(net)
    subprocess.run(["mkdir", "-p", "/run/sshd"], check=True)
    net.serve(net.b, 22, "t", shutil.which("sshd"), "-D", "-e",
              "-f", "/dev/null", "-h", net.work / "host", "-o", "UsePAM=no",
              "-o", "StrictModes=no", "-o", f"PidFile={net.work}/sshd.pid",
              "-o", f"AuthorizedKeysFile={net.work}/authorized",
              "-o", "PermitRootLogin=yes")
    with net.recorded("ssh-keystrokes", (net.b, "eth0"), "1-400",
                      form="pcapng"):
        net.run(net.a, HERE / "type.py", "ssh", "-tt", "-F", "/dev/null",
                "-i", net.work / "user",
                "-o", f"UserKnownHostsFile={net.work}/known",
                "-o", "StrictHostKeyChecking=no", f"root@{B4}", "/bin/sh")


@capture("dns",
         "dig asks dnsmasq over UDP and TCP, IPv4 and IPv6; both directions")
def dns(net):
    net.link_veth()
    net.serve(net.b, 53, "u", "dnsmasq", "--keep-in-foreground", "--no-resolv",
              "--no-hosts", "--user=root", "--conf-file=/dev/null",
              "--local=/example/", f"--pid-file={net.work}/dnsmasq.pid",
              "--address=/www.example/192.0.2.80",
              "--address=/www.example/2001:db8::80",
              f"--txt-record=long.example,{'x' * 250}")
    with net.recorded("dns", (net.b, "any"), "1-300", "-y", "LINUX_SLL2",
                      "port", "53"):
        for server in B4, B6:
            for how in "+notcp", "+tcp":
                net.run(net.a, "dig", f"@{server}", how, "+tries=1",
                        "www.example", "A", "www.example", "AAAA",
                        "none.example", "A", "long.example", "TXT")


@capture("quic", "ngtcp2 sends 200 kB over QUIC, IPv6; both directions")
def quic(net):
    net.link_veth()
    net.random_file("quic/file", 200000)
    key, certificate = net.work / "quic.key", net.work / "quic.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec",
         "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=server.example", "-keyout", key, "-out", certificate],
        check=True, stderr=subprocess.DEVNULL)
    net.serve(net.a, 4433, "u", shutil.which("gtlsserver"), "-q",
              "-d", net.work / "quic", A6, 4433, key, certificate)
    with net.recorded("quic", (net.b, "eth0"), "1-240"):
        net.run(net.b, "gtlsclient", "-q", "--exit-on-all-streams-close", A6,
                "4433", "https://server.example/file")


# ---- tunnels and VLAN tags, by the devices of a guest's kernel -------------


def tunnel(name, about, module, *words):
    """Adds a capture of tunnel.sh with these words."""
    @capture(name, about)
    def record(net):
        guest.record(net.work / "raw", [module], *words)
        net.keep(net.work / "raw", name, "1-200", "pcap")


tunnel("tunnel-vxlan", "iperf3 in VXLAN over IPv4, with outer checksums; both "
       "directions", "vxlan", "4", "vxlan", "id", "42", "dstport", "4789",
       "udpcsum")
tunnel("tunnel-geneve", "iperf3 in GENEVE over IPv6; both directions",
       "geneve", "6", "geneve", "id", "42", "dstport", "6081")
tunnel("tunnel-gre", "iperf3 in GRE with a key and checksums, IPv4; both "
       "directions", "ip_gre", "4", "gre", "key", "42", "csum")
tunnel("tunnel-ipip", "iperf3 in IPv4 in IPv4; both directions", "ipip", "4",
       "ipip")
tunnel("tunnel-vlan", "iperf3 in VLAN 42 of 802.1ad; both directions", "8021q",
       "4", "vlan", "proto", "802.1ad", "id", "42")
