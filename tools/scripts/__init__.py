# SPDX-License-Identifier: MIT
"""The Python code of the commands in tools/.

A command NAME stays one executable file, tools/NAME. If it needs more than
that file, the rest is the package scripts/NAME. What several commands share
is a module beside these packages. Python looks for modules in the folder of
the script first, so that `from scripts import command` finds this package
without any setting. For code elsewhere, tests and fuzz/run, PYTHONPATH names
tools/.
"""
