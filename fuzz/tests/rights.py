#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""What fuzz/run says if a target cannot ask the kernel."""

import os
import unittest

from tests import support

RUN = support.ROOT / "fuzz/run"


class Rights(support.Test):
    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_no_node(self):
        self.refuse("diff_gro: /dev/net/tun: No such file or directory; "
                    "`grove doctor` says what helps",
                    "unshare", "--mount", "sh", "-ec",
                    'mount -t tmpfs none /dev/net; exec "$@"', "sh", RUN,
                    "diff_gro", status=support.SKIPPED)

    @unittest.skipUnless(support.HAS_TUN, support.NEEDS_TUN)
    def test_no_namespaces(self):
        self.refuse("diff_gso: no network namespace can be made; run it as "
                    "root, or let `grove doctor` say what helps",
                    "unshare", "--user", "--map-root-user", "sh", "-c",
                    'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"',
                    "sh", *support.without_rights(RUN, "diff_gso"),
                    status=support.SKIPPED, env=support.environment(
                        HOME=os.fspath(self.folder)))


support.main()
