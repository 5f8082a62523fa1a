// SPDX-License-Identifier: CC0-1.0

package consumer

import (
	"encoding/json"
	"io/fs"
	"testing"

	vectors "@MODULE@"
)

type suite struct{ Vectors []struct{ ID, Op string } }

func TestVectors(t *testing.T) {
	names, _ := fs.Glob(vectors.Files, "vectors/*/*.json")
	count := 0
	for _, name := range names {
		text, _ := vectors.Files.ReadFile(name)
		var s suite
		if err := json.Unmarshal(text, &s); err != nil {
			t.Fatal(name, err)
		}
		count += len(s.Vectors) // ask your GRO, and compare
	}
	t.Logf("%d vectors", count)
}
