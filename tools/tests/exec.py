#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove accumulate and grove diff: the options that they refuse, and the
profile of the adapter that they ask.

    exec.py GROVE
"""
import json

import support

GROVE = support.program_argument()
FAKE = str(support.TOOLS / "tests/adapters/fake.py")

# The reference as an adapter: with all profiles, or with one in its hello.
ADAPTER = f"'{GROVE}' adapter"
ONE_PROFILE = (f"{ADAPTER} | sed -u "
               "'s/\"profiles\":[^]]*]/\"profiles\":[\"linux-6.12\"]/'")
# The reference with the answers of another profile than was asked for.
OTHER_PROFILE = f"sed -u 's/linux-7.2/linux-6.12/; /bye/q' | {ADAPTER}"

# The reference, which crashes at each packet of UDP over IPv4.
CRASHES = f"sed -uE '/\"45.{{16}}11/Q' | {ADAPTER}"
# The same, but it answers that question, and dies at the next one.
CRASHES_LATER = CRASHES.replace("Q", "q")


def run(*args, **options):
    return support.run(GROVE, *args, **options)


class Test(support.Test):
    def expect(self, status, line, *args):
        """The exit status is right, and stderr has only this line."""
        done = run(*args)
        self.assertEqual((done.returncode, done.stderr, done.stdout),
                         (status, line + "\n", ""), args)

    def accumulated(self, *args):
        done = run("accumulate", "--batches", "1000", *args, text=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""), args)
        return done.stdout


class Refusals(Test):
    def test_options(self):
        for options, why in (
                (["--inputs", "--vectors"], "--inputs and --vectors: give one"),
                (["--vectors", "--inputs"], "--inputs and --vectors: give one"),
                (["--inputs", "--exec", "false"],
                 "--inputs and --exec: give one"),
                (["--inputs", "--kernel"], "--inputs and --kernel: give one"),
                (["--exec", "false", "--kernel"],
                 "--exec and --kernel: give one")):
            self.expect(2, f"grove accumulate: {why} of them", "accumulate",
                        *options)
        self.expect(2, "grove accumulate: --op gos: give gro or gso",
                    "accumulate", "--op", "gos")
        self.expect(2, "grove accumulate: --op gso and --layers: these batches "
                    "are for op gro; leave one of them out",
                    "accumulate", "--op", "gso", "--layers")

    def test_adapter(self):
        for command in "accumulate", "diff":
            self.expect(
                2, "grove: --exec 'false': the adapter crashed: exit status 1; "
                "it must answer as vectors/README.md says",
                command, "--exec", "false")

    def test_profile(self):
        for command in "accumulate", "diff":
            self.expect(
                2, f"grove: --exec '{FAKE}': it has no profile linux-6.1; "
                "choose another by --profile",
                command, "--exec", FAKE, "--profile", "linux-6.1")
            done = run(command, "--exec", ADAPTER)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertRegex(
                done.stderr, r"^grove: --exec '.*': not one profile "
                r"but \d+, or one unknown here; choose by --profile\n$")

    def test_name_of_profile(self):
        for name, words in (
                ("linux-5", "no such profile; the newest is linux-7.2"),
                ("linux-6.18:fixed_id_needs_df=yes",
                 "not the canonical name; write "
                 "linux-6.16:takes_tunnels=yes"),
                ("linux-6.1:uso=yes", "the profile's name has an unknown "
                 "column, or one twice; SPEC.md, section 2, lists them"),
                ("linux-6.1:takes_uso=1", "the profile has a value that no "
                 "kernel has; SPEC.md, section 2, lists them")):
            for command in (["accumulate"], ["diff"], ["kernel"],
                            ["check", "."], ["explain", "x.pcap"],
                            ["gen", "-o", "y", "x.pcap"]):
                self.expect(2, f"grove {command[0]}: --profile {name}: {words}",
                            *command, "--profile", name)

    def test_profile_of_columns(self):
        """An adapter that has a row also has the row with other values."""
        name = "linux-6.12:min_tcp_gso_size=0"
        options = "--op", "gso", "--profile"
        ours = self.accumulated(*options, name)
        self.assertEqual(self.accumulated(*options, name, "--exec", ADAPTER),
                         ours)
        self.assertNotEqual(self.accumulated(*options, "linux-6.12"), ours)

    def test_alias(self):
        name = "linux-7.2:checks_tunnel_length=yes"
        self.assertEqual(self.accumulated("--profile", "linux-7.3"),
                         self.accumulated("--profile", name))

    def test_skipped(self):
        self.expect(
            77, "grove: batch 7: no answer: the adapter has no op gro",
            "accumulate", "--first", "7", "--exec", f"{FAKE} no-op")

    def test_failed(self):
        self.expect(
            1, "grove: batch 0: no answer: the adapter crashed: exit status 0",
            "accumulate", "--exec", f"{FAKE} leave")

    def test_given_up(self):
        for command in "accumulate", "diff":
            self.expect(
                2, "grove: batch 0: fake 1: it answered 0 of 1 questions and "
                "is asked no more: no answer in 2 s: did the adapter flush "
                "stdout?", command, "--timeout", "2000", "--exec",
                f"PROCESSES=/dev/null {FAKE} deaf")

    def test_crash(self):
        """The vector expects the answer of the reference."""
        done = run("diff", "--profile", "linux-6.18", "--exec", CRASHES)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("expected no answer (the adapter crashed: ", done.stdout)
        words, vector = done.stdout.split("as a vector, which expects the "
                                          "answer of grove:\n")
        self.assertRegex(words, r"^batch \d+ of seed 1 differs")
        self.assertNotIn("error", json.loads(vector)["expect"]["linux-6.18"])

    def test_a_crash_that_another_question_causes(self):
        done = run("diff", "--profile", "linux-6.18", "--exec", CRASHES_LATER)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        self.assertRegex(done.stdout, r"^batch \d+ of seed 1 differs, but not "
                         "when asked again; it depends on earlier questions:\n"
                         "the answer is output, expected no answer .*\n$")


class Asked(Test):
    def test_profile(self):
        """It is that of the option, or else the only one of the adapter."""
        expected = self.accumulated("--profile", "linux-6.12")
        self.assertNotEqual(self.accumulated(), expected)
        self.assertEqual(self.accumulated("--exec", ONE_PROFILE), expected)
        self.assertEqual(self.accumulated("--exec", ADAPTER, "--profile",
                                          "linux-6.12"), expected)

    def test_vector(self):
        """The vector that diff prints can be read and shows the difference."""
        for op in "gro", "gso":
            done = run("diff", "--exec", OTHER_PROFILE, "--profile",
                       "linux-7.2", "--batches", "1000", "--op", op)
            self.assertEqual(done.returncode, 1, done.stderr)
            words, vector = done.stdout.split("as a vector, ", 1)
            path = self.write("v.json", json.dumps({
                "schema": 1, "suite": "s", "spec": "1.0", "notes": {},
                "vectors": [json.loads(vector.split(":\n", 1)[1])]}))
            self.assertEqual(run("check", path).returncode, 1, words)
            self.run_well(GROVE, "check", "--exec", OTHER_PROFILE, path)


support.main()
