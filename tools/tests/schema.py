#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The JSON Schemas accept all that grove writes, and refuse what is wrong.

    schema.py GROVE

grove refuses the same files and lines as the schemas.
"""
import copy
import gzip
import json
from pathlib import Path

import jsonschema
import support

GROVE = support.program_argument()
VECTORS = support.ROOT / "vectors"


def load(path):
    data = Path(path).read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = gzip.decompress(data)
    return json.loads(data)


def validator(name, part="#"):
    schema = load(VECTORS / name)
    jsonschema.Draft202012Validator.check_schema(schema)
    resolver = jsonschema.RefResolver(VECTORS.as_uri() + "/" + name, schema)
    return jsonschema.Draft202012Validator({"$ref": name + part},
                                           resolver=resolver)


FILE = validator("vector.schema.json")
LINE = validator("adapter.schema.json")
REQUEST = validator("adapter.schema.json", "#/$defs/request")
ANSWER = validator("adapter.schema.json", "#/$defs/answer")

# A file with every possible field.
PACKETS = [{"packet": "45AA"}, {"flush": True},
           {"packet": "4500", "vnet": "00" * 24}]
VNET = {"flags": 1, "gso_type": 1, "hdr_len": 40, "gso_size": 9,
        "csum_start": 20, "csum_offset": 16, "outer_th_offset": 34,
        "inner_nh_offset": 50}
OUTPUT = {"output": [{"vnet": VNET, "packet": "45", "of": [0]},
                     {"header": "", "payload": [[0, 0, 1], [1, 1, 1]]}],
          "verdict": ["held", "merged"], "rule": [None, "GRO-IN-001"]}
GRO = {"id": "a-1.b_2", "title": "t", "rules": ["GRO-IN-001"], "flags": ["f"],
       "op": "gro",
       "config": {"max_flows": 1, "udp": True, "csum": "verify",
                  "mode": "linux", "link": "ethernet",
                  "tunnels": ["ipip", "gre", "geneve:6081", "pppoe"],
                  "vnet_len": 24, "max_bytes": 65535},
       "input": PACKETS, "expect": {"linux-6.18": OUTPUT, "b": "= linux-6.18"},
       "confirmed": ["model"], "source": {"pcap": "p", "packets": [1]},
       "x-free": {"any": 1}}
GSO = {"id": "gso", "title": "", "rules": ["GSO-IN-001"], "op": "gso",
       "input": [{"packet": ""}], "expect": {"linux-6.18": {
           "rejected": "EINVAL"}}}
GOOD = {"schema": 1, "suite": "s", "spec": "1.0", "x-more": [],
        "notes": {"f": {"about": "a", "effect": "e", "links": ["l"]}},
        "vectors": [GRO, GSO]}

# A field of the file and its new value; None removes the field.
GRO_AT = ("vectors", 0)
GSO_AT = ("vectors", 1)
OUTPUT_AT = (*GRO_AT, "expect", "linux-6.18")
FAULTS = [
    (("schema",), 2), (("schema",), None), (("suite",), None),
    (("spec",), 1), (("vectors",), {}), (("more",), 1),
    (("notes", "f", "about"), None), (("notes", "f", "more"), 1),
    ((*GRO_AT, "id"), "A"), ((*GRO_AT, "id"), ""), ((*GRO_AT, "id"), None),
    ((*GRO_AT, "title"), None), ((*GRO_AT, "rules"), []),
    ((*GRO_AT, "rules"), None), ((*GRO_AT, "rules", 0), "GRO-1"),
    ((*GRO_AT, "rules", 0), "-001"), ((*GRO_AT, "rules", 0), "GRO-IN-001 "),
    ((*GRO_AT, "flags"), "f"), ((*GRO_AT, "op"), "gr"),
    ((*GRO_AT, "more"), 1), ((*GRO_AT, "confirmed"), "model"),
    ((*GRO_AT, "source", "more"), 1), ((*GRO_AT, "source", "pcap"), None),
    ((*GRO_AT, "source", "packets", 0), -1),
    ((*GRO_AT, "config", "max_flows"), 0),
    ((*GRO_AT, "config", "max_flows"), 65537),
    ((*GRO_AT, "config", "udp"), 1), ((*GRO_AT, "config", "csum"), "yes"),
    ((*GRO_AT, "config", "mode"), "yes"), ((*GRO_AT, "config", "link"), "tap"),
    ((*GRO_AT, "config", "tunnels"), "ipip"),
    ((*GRO_AT, "config", "tunnels"), ["ipip"] * 9),
    ((*GRO_AT, "config", "tunnels", 0), "sit"),
    ((*GRO_AT, "config", "tunnels", 2), "geneve"),
    ((*GRO_AT, "config", "tunnels", 2), "geneve:0"),
    ((*GRO_AT, "config", "tunnels", 3), "pppoe:1"),
    ((*GRO_AT, "config", "vnet_len"), 20),
    ((*GRO_AT, "config", "max_bytes"), 65534),
    ((*GRO_AT, "config", "max_bytes"), 524281), ((*GRO_AT, "config", "more"), 1),
    ((*GRO_AT, "input"), None), ((*GRO_AT, "input", 0, "packet"), "4"),
    ((*GRO_AT, "input", 0, "packet"), "4x"),
    ((*GRO_AT, "input", 0, "packet"), None),
    ((*GRO_AT, "input", 0, "flush"), True),
    ((*GRO_AT, "input", 0, "more"), 1),
    ((*GRO_AT, "input", 1, "flush"), False),
    ((*GRO_AT, "input", 2, "vnet"), "00"),
    ((*GRO_AT, "expect"), {}), ((*GRO_AT, "expect", "b"), "linux-6.18"),
    ((*GRO_AT, "expect", "b"), {"rejected": "EINVAL"}),
    ((*OUTPUT_AT, "output"), None), ((*OUTPUT_AT, "more"), 1),
    ((*OUTPUT_AT, "output", 0, "vnet", "flags"), 256),
    ((*OUTPUT_AT, "output", 0, "vnet", "gso_size"), None),
    ((*OUTPUT_AT, "output", 0, "vnet", "gso_size"), 65536),
    ((*OUTPUT_AT, "output", 0, "vnet", "inner_nh_offset"), 65536),
    ((*OUTPUT_AT, "output", 0, "vnet", "more"), 1),
    ((*OUTPUT_AT, "output", 0, "header"), ""),
    ((*OUTPUT_AT, "output", 0, "packet"), None),
    ((*OUTPUT_AT, "output", 0, "of", 0), -1),
    ((*OUTPUT_AT, "output", 1, "header"), None),
    ((*OUTPUT_AT, "output", 1, "payload", 0), [0, 0]),
    ((*OUTPUT_AT, "output", 1, "payload", 0), [0, 0, -1]),
    ((*OUTPUT_AT, "verdict", 0), "kept"), ((*OUTPUT_AT, "rule", 0), 1),
    ((*GSO_AT, "input"), []), ((*GSO_AT, "input", 0), {"flush": True}),
    ((*GSO_AT, "input"), [{"packet": ""}, {"packet": ""}]),
    ((*GSO_AT, "expect", "linux-6.18", "rejected"), 22),
    ((*GSO_AT, "expect", "linux-6.18", "more"), 1),
]

RUN = {"cmd": "run", "seq": 1, "op": "gro", "profile": "linux-6.18",
       "config": {},
       "input": PACKETS[:2] + [{"packet": "4500", "vnet": "00" * 10}]}
RUN_GSO = {**RUN, "op": "gso", "input": PACKETS[:1]}
REQUEST_FAULTS = [
    (("op",), "x"), (("seq",), "1"), (("seq",), None), (("profile",), None),
    (("input",), None), (("input", 0), {}), (("more",), 1), (("op",), "gso"),
]
ANSWER_FAULTS = [
    (("seq",), None), (("output", 0, "packet"), "4"), (("output", 0), {}),
    (("verdict", 0), "kept"), (("more",), 1), (("output",), None),
]


def change(document, place, value):
    document = copy.deepcopy(document)
    at = document
    for step in place[:-1]:
        at = at[step]
    if value is None:
        del at[place[-1]]
    else:
        at[place[-1]] = value
    return document


def run(*args, text=None):
    return support.run(GROVE, *args, input=text, timeout=120)


def ask(*requests):
    done = run("adapter", text="".join(json.dumps(r) + "\n" for r in requests))
    return [json.loads(line) for line in done.stdout.splitlines()]


class Test(support.Test):
    def read_status(self, document):
        """The exit status of grove check; 2: it cannot read the file."""
        path = self.write("v.json", json.dumps(document))
        return run("check", path).returncode


class File(Test):
    def test_everything_is_allowed(self):
        FILE.validate(GOOD)
        self.assertNotEqual(self.read_status(GOOD), 2)

    def test_every_fault_is_refused(self):
        for place, value in FAULTS:
            with self.subTest(place=place, value=value):
                bad = change(GOOD, place, value)
                self.assertFalse(FILE.is_valid(bad))
                self.assertEqual(self.read_status(bad), 2)

    def test_files_of_gen(self):
        for capture in sorted((VECTORS / "captures").glob("*.pcap*")):
            out = self.folder / "out.json"
            done = run("gen", "--unconfirmed", str(capture), "-o", str(out))
            self.assertEqual(done.returncode, 0, done.stderr)
            FILE.validate(load(out))
            self.assertEqual(run("check", str(out)).returncode, 0)

    def test_files_in_the_repository(self):
        ids = []
        paths = sorted(p for p in VECTORS.rglob("*.json*")
                       if not p.name.endswith(".schema.json")
                       and p.relative_to(VECTORS).parts[0]
                       not in ("packages", "peers"))
        self.assertTrue(paths)
        for path in paths:
            content = load(path)
            ids += [vector["id"] for vector in content["vectors"]]
            if path.suffix == ".gz":  # it has many vectors, which are alike
                content["vectors"] = content["vectors"][::200]
            FILE.validate(content)
        self.assertEqual(len(ids), len(set(ids)), "an id is used twice")


class Line(Test):
    def test_answers_of_the_server(self):
        requests = [{"cmd": "hello", "protocol": 1}, RUN,
                    {**RUN, "profile": "none"}, {**RUN, "x-more": 1},
                    RUN_GSO, {**RUN_GSO, "input": [{"packet": ""}]},
                    {"cmd": "what"}, {**RUN, "input": 1}]
        answers = ask(*requests)
        self.assertEqual(len(answers), len(requests))
        for answer in answers:
            ANSWER.validate(answer)
            LINE.validate(answer)
        self.assertIn("output", answers[4])
        self.assertIn("rejected", answers[5])
        for request in requests[:6] + [{"cmd": "bye"}]:
            REQUEST.validate(request)

    def test_lines_of_the_client(self):
        lines = [self.folder / "requests", self.folder / "answers"]
        path = self.write("v.json", json.dumps(GOOD))
        command = f"tee {lines[0]} | '{GROVE}' adapter | tee {lines[1]}"
        done = run("check", "--exec", command, path)
        self.assertLess(done.returncode, 2, done.stderr)
        requests = [json.loads(line) for line in
                    lines[0].read_text(encoding="ascii").splitlines()]
        self.assertEqual([r["cmd"] for r in requests],
                         ["hello", "run", "run", "bye"])
        for request in requests:
            REQUEST.validate(request)
        for line in lines[1].read_text(encoding="ascii").splitlines():
            ANSWER.validate(json.loads(line))

    def test_bad_requests_are_refused(self):
        for place, value in REQUEST_FAULTS:
            with self.subTest(place=place, value=value):
                bad = change(RUN, place, value)
                self.assertFalse(REQUEST.is_valid(bad))
                self.assertIn("error", ask(bad)[0])

    def test_bad_answers_are_refused(self):
        good = ask(RUN)[0]
        ANSWER.validate(good)
        for place, value in ANSWER_FAULTS:
            with self.subTest(place=place, value=value):
                self.assertFalse(ANSWER.is_valid(change(good, place, value)))


support.main()
