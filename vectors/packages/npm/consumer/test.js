// SPDX-License-Identifier: CC0-1.0
const fs = require('fs');
const { folder } = require('grove-vectors');

let count = 0;
for (const kind of ['rules', 'golden', 'generated']) {
  for (const name of fs.readdirSync(`${folder}/vectors/${kind}`)) {
    const text = fs.readFileSync(`${folder}/vectors/${kind}/${name}`, 'utf8');
    count += JSON.parse(text).vectors.length; // ask your GRO, and compare
  }
}
console.log(`${count} vectors`);
