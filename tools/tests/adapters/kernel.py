#!/usr/bin/python3 -B
# SPDX-License-Identifier: MIT
"""The reference in the place of a kernel: it has the profile that it names
first, whatever is asked for, and tells nothing but what leaves.

    kernel.py GROVE PROFILE
"""
import re
import subprocess
import sys

ASKED = re.compile(rb'"profile":"[^"]*"')
# What `grove adapter` says in its hello, and what a kernel would say.
HELLO = ((re.compile(rb'"impl":"grove","version":"[^"]*"'),
          b'"impl":"linux","version":"9.9.1"'),
         (re.compile(rb'"tiers":\[[^]]*\]'), b'"tiers":["output"]'),
         (re.compile(rb'"profiles":\[[^]]*\]'), b'"profiles":["%s","linux-6.1","linux-6.12","linux-6.16","linux-6.18",'
          b'"linux-7.2"]'))
# Behind the packets, an answer of the reference has more.
TOLD = re.compile(rb',"(?:verdict|rule|x-rule)":(?:\[[^]]*\]|"[^"]*"|null)')


def said(line, profile):
    for pattern, text in HELLO:
        line = pattern.sub(text.replace(b"%s", profile), line, 1)
    return line


def main():
    grove, profile = sys.argv[1], sys.argv[2].encode()
    reference = subprocess.Popen([grove, "adapter"], stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
    for number, line in enumerate(sys.stdin.buffer):
        reference.stdin.write(
            ASKED.sub(b'"profile":"%s"' % profile, line, 1))
        reference.stdin.flush()
        answer = reference.stdout.readline()
        if not answer:
            break  # after "bye"
        sys.stdout.buffer.write(TOLD.sub(b"", answer) if number
                                else said(answer, profile))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
