# SPDX-License-Identifier: MIT
"""Corpora as they are stored: fuzz/corpus/TARGET_seed_corpus.zip.

An archive is named as OSS-Fuzz names it. Its members are the inputs, without
folders; the name of each is the SHA-1 of its content. The same inputs make the
same bytes on every machine: members are sorted, have no time, and are not
compressed, since compressors differ.
"""

import contextlib
import fcntl
import hashlib
import io
import zipfile

from driver import common
from scripts import outfile
from scripts.command import Problem

# The repository holds this much and no more. It also bounds what is unpacked.
MOST_BYTES = 2 * 1024 * 1024
UNPACKED = common.STATE / "corpus"
MODE = 0o100644 << 16
UNIX = 3


def path_of(target):
    """The archive of a target."""
    return common.CORPUS / f"{target}_seed_corpus.zip"


def name_of(content):
    """The name of an input with this content."""
    return hashlib.sha1(content).hexdigest()


def pack(inputs):
    """The bytes of an archive of these inputs."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(
                {name_of(content): content for content in inputs}.items()):
            member = zipfile.ZipInfo(name)
            member.create_system = UNIX
            member.external_attr = MODE
            archive.writestr(member, content)
    return packed.getvalue()


def unpack(data):
    """The inputs in an archive, by name; ValueError if it is not ours."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
            raise ValueError(f"over {MOST_BYTES} bytes")
        inputs = {name: archive.read(name) for name in archive.namelist()}
    for name, content in inputs.items():
        if name != name_of(content):
            raise ValueError(f"{name}: its name is not the SHA-1 of its "
                             "content")
    if pack(inputs.values()) != data:
        raise ValueError("written by another program")
    if not inputs:
        raise ValueError("no inputs")
    return inputs


def load(target):
    """The bytes of a target's archive."""
    path = path_of(target)
    try:
        return path.read_bytes()
    except OSError as error:
        raise Problem(f"{path}: {error.strerror}; restore it, or make it with "
                      f"fuzz/run seeds {target}") from error


def inputs_of(target, data):
    """The inputs in these bytes of a target's archive, by name."""
    try:
        return unpack(data)
    except (zipfile.BadZipFile, ValueError, NotImplementedError,
            RuntimeError, EOFError) as error:
        raise Problem(f"{path_of(target)}: {error}; restore it, or make it "
                      f"with fuzz/run seeds {target}") from error


@contextlib.contextmanager
def lock(folder):
    """Waits until no other process unpacks into this folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def seeds(target, into=UNPACKED):
    """A folder with the inputs of a target as files. They are unpacked if the
    archive has changed since the last time.
    """
    data = load(target)
    digest = hashlib.sha256(data).hexdigest()
    folder = into / target
    stamp = into / f"{target}.sha256"
    with lock(into):
        if folder.is_dir() and stamp.exists() \
                and stamp.read_text(encoding="ascii") == digest:
            return folder
        inputs = inputs_of(target, data)
        stamp.unlink(missing_ok=True)
        common.fresh_folder(folder)
        for name, content in inputs.items():
            (folder / name).write_bytes(content)
        stamp.write_text(digest, encoding="ascii")
    return folder


def size(target):
    """Bytes of all inputs of a target."""
    return sum(map(len, inputs_of(target, load(target)).values()))


def write(target, contents):
    """Makes these inputs the corpus of a target. After an error it is the old
    one."""
    common.CORPUS.mkdir(exist_ok=True)
    outfile.write(path_of(target), pack(contents), "make room for it")
