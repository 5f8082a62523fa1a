#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""grove profile: the profile of an adapter, answers that no profile gives, and
what cannot be asked. test_measure.c tests all profiles.

    profile.py GROVE
"""

import json
import re
import unittest

import support
from scripts import profiles

GROVE = support.program_argument()
ADAPTER = f"'{GROVE}' adapter"
ROW = "linux-6.12:min_tcp_gso_size=0"

# The reference with another first byte in each packet that leaves.
WRONG = f"{ADAPTER} | sed -u '/\"output\":/s/\"packet\":\"45/\"packet\":\"46/g'"
# The reference under another name.
OLD_KERNEL = (f"{ADAPTER} | sed -u '1s/\"version\":\"[^\"]*\"/"
              "\"version\":\"6.12.43\"/; 1s/\"grove\"/\"NAME\"/'")
# An adapter that is asked one op only.
NO_GSO = f"{ADAPTER} | sed -u 's/\"gro\",\"gso\"/\"gro\"/'"


def run(*args, **options):
    return support.run(GROVE, "profile", *args, **options)


class Profile(support.Test):
    def test_each_row(self):
        for row in profiles.profiles():
            done = self.expect_status(0, run("--exec", ADAPTER, "--profile",
                                             row.name))
            first, *rest = done.stdout.splitlines()
            self.assertRegex(first, rf"^grove .*: {row.name}$")
            for column, line in zip(profiles.columns(), rest):
                value = profiles.text_of(row.values[column.name])
                self.assertRegex(line, rf"^  {column.name} +{value} ")

    def test_json(self):
        done = self.expect_status(0, run("--json", "--exec", ADAPTER,
                                         "--profile", ROW))
        said = json.loads(done.stdout)
        self.assertEqual((said["profile"], said["misfits"]), (ROW, []))
        found = {column["name"]: column for column in said["columns"]}
        self.assertEqual([*found],
                         [column.name for column in profiles.columns()])
        self.assertEqual(found["min_tcp_gso_size"]["value"], 0)
        self.assertIs(found["takes_uso"]["value"], True)
        for column in found.values():
            self.assertIsInstance(column["vector"], str)
            self.assertIsNone(column["reason"])

    def test_known_defects(self):
        """A kernel behind the protocol is known by its name, too."""
        for impl, expected in (("linux", ["tiny-segments"]), ("mine", [])):
            options = ("--exec", OLD_KERNEL.replace("NAME", impl), "--profile",
                       ROW)
            said = json.loads(self.expect_status(0, run("--json",
                                                        *options)).stdout)
            self.assertEqual([one["id"] for one in said["defects"]], expected)
            text = self.expect_status(0, run(*options)).stdout
            self.assertEqual(
                re.findall("(?m)^known defect (.+): Linux 6.12.43 ", text),
                expected)

    def test_answers_of_no_profile(self):
        options = "--exec", WRONG, "--profile", "linux-6.12"
        done = self.expect_status(1, run(*options))
        self.assertIn("tcp-cwr-each: no profile gives this answer. The nearest "
                      "one differs:\n    output 0: packet byte 0 ", done.stdout)
        said = json.loads(self.expect_status(1, run("--json",
                                                    *options)).stdout)
        self.assertIn("tcp-cwr-each",
                      [misfit["vector"] for misfit in said["misfits"]])

    def test_what_is_not_shown(self):
        done = self.expect_status(0, run("--exec", NO_GSO, "--profile",
                                         "linux-7.2"))
        self.assertRegex(done.stdout, "(?m)^  probes_tcp +no +not shown: the "
                         "adapter has no op gso; the value is that of "
                         "linux-7.2$")

    def test_refusals(self):
        for options, words in (
                (["--profile", "linux-6.1"],
                 "--profile: it is for --exec; the kernel is asked without a "
                 "name"),
                (["--exec", ADAPTER], "choose by --profile"),
                (["--exec", "false"],
                 "the adapter crashed: exit status 1; it must answer as "
                 "vectors/README.md says"),
                (["more"], "more")):
            self.refuse(words, GROVE, "profile", *options)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_the_kernel(self):
        said = json.loads(self.expect_status(0, run("--json")).stdout)
        self.assertEqual(said["misfits"], [])
        adapter = json.loads(self.expect_status(0, run(
            "--json", "--exec", f"'{GROVE}' kernel")).stdout)
        self.assertEqual(adapter["columns"], said["columns"])

    @unittest.skipUnless(support.has_rights(), "only root can drop capabilities")
    def test_without_rights(self):
        self.refuse("the kernel cannot be asked", "unshare", "--user",
                    "--map-root-user", "sh", "-c",
                    'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"',
                    "sh", *support.without_rights(GROVE, "profile"), status=77)


support.main()
