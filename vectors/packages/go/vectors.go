// SPDX-License-Identifier: CC0-1.0

// Package vectors has test vectors for GRO and GSO, confirmed by Linux.
package vectors

import "embed"

// Files has vectors/, manifest.json and SPEC.md. vectors/README.md describes
// them.
//
//go:embed vectors manifest.json SPEC.md
var Files embed.FS
