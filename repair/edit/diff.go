package edit

import (
	"slices"
	"unicode/utf8"
)

// maxDiffEdits bounds the work of Diff, which is (len(before)+len(after)) times
// it: beyond, two texts have so little in common that one edit says it better.
const maxDiffEdits = 64

// Shrink trims what an edit has in common with the text it replaces, at both
// ends, cutting only between code points. The result may change nothing.
func Shrink(src string, e Edit) Edit {
	old := src[e.Start:e.End]
	p := commonPrefix(old, e.New)
	s := commonSuffix(old[p:], e.New[p:])
	return Edit{Span{e.Start + p, e.End - s}, e.New[p : len(e.New)-s]}
}

func boundary(s string, i int) bool { return i <= 0 || i >= len(s) || utf8.RuneStart(s[i]) }

func commonPrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && (!boundary(a, n) || !boundary(b, n)) {
		n--
	}
	return n
}

func commonSuffix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && (!boundary(a, len(a)-n) || !boundary(b, len(b)-n)) {
		n--
	}
	return n
}

// Diff returns small edits that turn before into after, cut between code
// points: Apply(before, Diff(before, after)) is after. Texts that differ a lot
// give one edit; equal texts none.
func Diff(before, after string) []Edit {
	if before == after {
		return nil
	}
	whole := Shrink(before, Edit{Span{0, len(before)}, after})
	if whole.Len() == 0 || whole.New == "" {
		return []Edit{whole}
	}
	x, y := runeStarts(before[whole.Start:whole.End]), runeStarts(whole.New)
	old := before[whole.Start:whole.End]
	xs := func(i int) string { return old[x[i]:x[i+1]] }
	ys := func(i int) string { return whole.New[y[i]:y[i+1]] }
	n, m := len(x)-1, len(y)-1
	// Myers's greedy algorithm, keeping the frontier of every step.
	var trace [][]int
	v := make([]int, 2*maxDiffEdits+3)
	mid := maxDiffEdits + 1
	found := -1
search:
	for d := 0; d <= maxDiffEdits; d++ {
		for k := -d; k <= d; k += 2 {
			i := 0
			if d > 0 {
				if k == -d || k != d && v[mid+k-1] < v[mid+k+1] {
					i = v[mid+k+1]
				} else {
					i = v[mid+k-1] + 1
				}
			}
			for i < n && i-k < m && i-k >= 0 && xs(i) == ys(i-k) {
				i++
			}
			v[mid+k] = i
			if i >= n && i-k >= m {
				found = d
				break search
			}
		}
		trace = append(trace, slices.Clone(v))
	}
	if found < 0 {
		return []Edit{whole}
	}
	var out []Edit // from the last to the first
	add := func(i0, i1, j0, j1 int) {
		e := Edit{Span{whole.Start + x[i0], whole.Start + x[i1]}, whole.New[y[j0]:y[j1]]}
		if k := len(out) - 1; k >= 0 && out[k].Start == e.End {
			out[k].Start, out[k].New = e.Start, e.New+out[k].New
			return
		}
		out = append(out, e)
	}
	i, j := n, m
	for d := found; d > 0; d-- {
		v, k := trace[d-1], i-j
		pk := k - 1
		if k == -d || k != d && v[mid+k-1] < v[mid+k+1] {
			pk = k + 1
		}
		pi := v[mid+pk]
		pj := pi - pk
		if pk > k {
			add(pi, pi, pj, pj+1)
		} else {
			add(pi, pi+1, pj, pj)
		}
		i, j = pi, pj
	}
	slices.Reverse(out)
	if check, err := Apply(before, out); err != nil || check != after {
		return []Edit{whole} // invalid UTF-8 at a cut: the plain answer is always right
	}
	return out
}

// runeStarts lists where the code points of s begin, and its length.
func runeStarts(s string) []int {
	at := make([]int, 0, len(s)+1)
	for i := range s {
		at = append(at, i)
	}
	return append(at, len(s))
}
