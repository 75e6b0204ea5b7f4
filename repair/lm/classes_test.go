package lm

import (
	"fmt"
	"testing"
)

// Words between the same neighbours fall into one class, others do not.
func TestClassesTellNeighbours(t *testing.T) {
	var sentences [][]Word
	for i := range classAlone + 400 {
		// The most frequent words are neighbours only; every third one is of a kind.
		left, right := Key(fmt.Sprintf("before%c", 'a'+i%3)), Key(fmt.Sprintf("behind%c", 'a'+i%3))
		for range 40 {
			sentences = append(sentences, []Word{left, Key(fmt.Sprintf("word%c%c%c", 'a'+i/676, 'a'+i/26%26, 'a'+i%26)), right})
		}
	}
	var tr ClassTrainer
	for _, s := range sentences {
		tr.Count(s)
	}
	tr.Choose()
	for _, s := range sentences {
		tr.Learn(s)
	}
	data, err := tr.Build(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := OpenClasses(string(data))
	if err != nil {
		t.Fatal(err)
	}
	of := func(i int) uint8 { return c.Of(Key(fmt.Sprintf("word%c%c%c", 'a'+i/676, 'a'+i/26%26, 'a'+i%26))) }
	kinds := map[uint8]map[int]bool{}
	for i := range classAlone + 400 {
		if k := of(i); k > 0 {
			if kinds[k] == nil {
				kinds[k] = map[int]bool{}
			}
			kinds[k][i%3] = true
		}
	}
	if len(kinds) == 0 {
		t.Fatal("no word has a class")
	}
	for k, of := range kinds {
		if len(of) > 1 {
			t.Errorf("class %d holds words of %d kinds", k, len(of))
		}
	}
	if _, err := OpenClasses("copydesk classes 0\n"); err == nil {
		t.Error("a file of another version opens")
	}
}
