#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing is found by shellcheck in any shell script.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
grep -rlZE '^#!/bin/(ba)?sh' .ci .clusterfuzzlite fuzz tools | xargs -0 shellcheck
