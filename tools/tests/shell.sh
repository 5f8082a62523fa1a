#!/bin/bash
# SPDX-License-Identifier: MIT
# shellcheck finds nothing in the shell scripts.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
grep -rlZE '^#!/bin/(ba)?sh' .ci .clusterfuzzlite fuzz tools | xargs -0 shellcheck
