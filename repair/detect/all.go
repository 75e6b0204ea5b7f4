package detect

// All lists every detector, in the order of the rounds. One line a detector.
var All = []Detector{
	mojibake,
	entity,
	boilerplateLines,
	splitDateline,
	mergedWords,
	spacingLostAfter,
	spacingBeforeMark,
	splitClitic,
	splitWord,
	hyphenSpace,
	contractionBare,
	possessiveMisplaced,
	possessiveLost,
	breakLower,
	breakUpper,
	duplicateWord,
}
