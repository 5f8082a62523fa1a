# SPDX-License-Identifier: CC0-1.0
"""Test vectors for GRO and GSO, confirmed by Linux. FILES has vectors/,
manifest.json and SPEC.md; vectors/README.md describes them."""

import importlib.resources

FILES = importlib.resources.files(__name__)
