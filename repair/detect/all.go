package detect

import (
	"slices"
	"strings"

	"copydesk/rules"
)

// All lists every detector, in the order of the rounds. One line a detector.
var All = []Detector{
	mojibake,
	entity,
	leftoverTag,
	control,
	invisible,
	ligature,
	decomposed,
	wide,
	lookalike,
	lost,
	boilerplateHovercard,
	boilerplateHeadline,
	boilerplateRepeated,
	characterPage,
	mergedPage,
	spacingPage,
	splitPage,
	hyphenPage,
	possessivePage,
	contractionPage,
	quotePage,
	dashPage,
	breakGluedHeading,
	breakTranscript,
	splitDateline,
	mergedWords,
	breakPullQuote,
	spacingLostAfter,
	spacingLostBeside,
	spacingAddedBeside,
	spacingBeforeMark,
	spacingLooseQuote,
	spacingPaddedBreak,
	splitClitic,
	splitWord,
	hyphenSpace,
	hyphenCompound,
	contractionBare,
	contractionWord,
	contractionIts,
	possessiveMisplaced,
	possessiveStripped,
	possessiveLost,
	breakLower,
	breakUpper,
	breakMissing,
	duplicateWord,
	duplicateLetter,
	duplicateComma,
	duplicatePhrase,
	movedAcrossStop,
	movedInSentence,
	clauseForNoun,
	garbledHere,
	smallWord,
	verbForm,
	quoteStripped,
	quoteEcho,
	quoteHalf,
	quoteFragment,
	dashDateline,
	dashApposition,
	dashPair,
	relativeComma,
}

// Shipped lists every detector and every shipped rule file, and those of the
// given sets. A rule file whose ID is taken replaces what had it.
func Shipped(more ...*rules.Set) []Detector { return with(rules.Shipped(), more) }

// Running is Shipped without the examples of shipped rule files: what an engine
// needs.
func Running(more ...*rules.Set) []Detector { return with(rules.Running(), more) }

func with(shipped *rules.Set, more []*rules.Set) []Detector {
	list := slices.Concat(All, FromRules(shipped))
	for _, set := range more {
		for _, d := range FromRules(set) {
			if i := slices.IndexFunc(list, func(o Detector) bool { return o.ID == d.ID }); i >= 0 {
				list[i] = d
			} else {
				list = append(list, d)
			}
		}
	}
	return list
}

// ByID sorts detectors by their IDs, for people.
func ByID(list []Detector) []Detector {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b Detector) int { return strings.Compare(a.ID, b.ID) })
	return list
}
