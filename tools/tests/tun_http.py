#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove tun: tun_http.py GROVE MEBIBYTES. Large files by HTTP, both ways.

nginx is on the right and curl on the left. The files arrive with the right
SHA-256, with and without offloads, over paths of several MTUs and over one that
loses and reorders packets.
"""

import hashlib
import pathlib
import subprocess

import tun_world

CONFIGURATION = """\
user root;
pid {folder}/pid;
error_log {folder}/log;
events {{}}
http {{
    access_log off;
    sendfile on;
    client_max_body_size 0;
    client_body_temp_path {folder}/body;
    server {{
        listen 80;
        listen [::]:80;
        root {folder}/www;
        dav_methods PUT;
    }}
}}
"""


def make_file(path, size):
    """Writes random bytes, the same in each run; returns their SHA-256."""
    with path.open("wb") as out:
        subprocess.run(
            f"head -c {size} /dev/zero | openssl enc -aes-128-ctr -nosalt "
            "-K 00112233445566778899aabbccddeeff "
            "-iv 00000000000000000000000000000000",
            shell=True, check=True, stdout=out)
    return digest(path)


def digest(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def transfer(left, right, folder, version, sha256):
    """Copies the file to the left and then back to the right."""
    folder = pathlib.Path(folder)
    configuration = folder / "nginx.conf"
    configuration.write_text(CONFIGURATION.format(folder=folder))
    # nginx goes to the background when it listens.
    right.run("nginx", "-c", configuration)
    address = right.addresses[int(version)]
    url = f"http://[{address}]" if version == "6" else f"http://{address}"
    got = left.run("sh", "-c", f"curl -gsSf '{url}/file' |"
                   "openssl dgst -sha256 -r")
    assert got.split()[0] == sha256, ("download", version, got)
    left.run("curl", "-gsSf", "-T", folder / "www/file", f"{url}/copy")
    copy = folder / "www/copy"
    assert digest(copy) == sha256, ("upload", version)
    copy.unlink()


def outer(world):
    folder = pathlib.Path(world.folder)
    (folder / "www").mkdir()
    file = folder / "www/file"

    sha256 = make_file(file, world.size)
    for version in 4, 6:
        statistics = world.between(transfer, folder, version, sha256)
        for side in statistics:
            assert side["merged"] > 0 and side["split"] > 0, side
            assert side["packets_per_write"] > 1, side
        tun_world.lossless(statistics)

    # Each packet is read and written alone, so that more bytes show nothing.
    sha256 = make_file(file, world.size // 8)
    for version in 4, 6:
        statistics = world.between(transfer, folder, version, sha256,
                                   options=["--no-offload"])
        for side in statistics:
            assert side["merged"] == 0 and side["split"] == 0, side
        tun_world.lossless(statistics)

    for mtu in 1280, 9000, 65535:
        for version in 4, 6:
            statistics = world.between(transfer, folder, version, sha256,
                                       mtu=mtu)
            tun_world.lossless(statistics)
            # At the largest MTU hardly any packet needs to be split.
            split = all(side["split"] > 0 for side in statistics)
            assert split or mtu == 65535, statistics

    sha256 = make_file(file, world.size // 64)
    for version, options in ((4, []), (6, ["--no-offload"])):
        statistics = world.between(
            transfer, folder, version, sha256,
            options=["--drop", "50", "--swap", "20", "--seed", "3", *options])
        for side in statistics:
            assert side["test_dropped"] > 0, side
        assert any(side["test_swapped"] > 0 for side in statistics), statistics


if __name__ == "__main__":
    tun_world.main(globals(), outer)
