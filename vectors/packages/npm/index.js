// SPDX-License-Identifier: CC0-1.0
'use strict';

// The folder that has vectors/, manifest.json and SPEC.md. vectors/README.md
// describes them.
exports.folder = __dirname;
