#!/bin/bash
# SPDX-License-Identifier: MIT
# ClusterFuzzLite looks for it here.
exec "$SRC/grove/fuzz/oss-fuzz/build.sh"
