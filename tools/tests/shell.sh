#!/bin/bash
# SPDX-License-Identifier: MIT
# Runs shellcheck on all shell scripts, which must find nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mapfile -t scripts < <(find .ci .clusterfuzzlite fuzz tools -type f -exec \
    awk 'FNR == 1 && /^#!\/bin\/(ba)?sh/ { print FILENAME } { nextfile }' {} +)
shellcheck --external-sources "${scripts[@]}"
