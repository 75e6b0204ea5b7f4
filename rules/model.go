package rules

import _ "embed"

//go:embed en/model/en.model
var model string

// Model is the shipped lexicon and language model, as lm.Open reads it. The
// string is part of the program: nothing is copied or decoded.
func Model() string { return model }

//go:embed en/model/en.model.sha256
var modelSum string

// ModelSum is the SHA-256 of Model in hexadecimal, as sha256sum wrote it down: to
// work it out takes a run with a log longer than to read an article.
func ModelSum() string { return modelSum[:64] }

//go:embed en/model/calibration.tsv
var calibration string

// Calibration is the shipped calibration of every rule's evidence, as
// resolve.ParseTable reads it.
func Calibration() string { return calibration }

//go:embed en/model/classes.model
var classes string

// Classes is the shipped word classes, as lm.OpenClasses reads them.
func Classes() string { return classes }

//go:embed en/model/stray.model
var strayStops string

// StrayStops is the shipped net that judges full stops before capitals, as package
// detect reads it.
func StrayStops() string { return strayStops }

//go:embed en/model/quotehalf.model
var quoteHalf string

//go:embed en/model/lostmarks.model
var lostMarks string

// LostMarks is the shipped weights for marks within a sentence that left no trace:
// of quoted words, of words between dashes, of relative clauses.
func LostMarks() string { return lostMarks }

// QuoteHalf is the shipped weights for quotations that lost one mark.
func QuoteHalf() string { return quoteHalf }

//go:embed en/model/homograph.model
var homograph string

// Homograph is the shipped weights that tell its from it's and the like.
func Homograph() string { return homograph }

//go:embed en/lexicon/reporting-verbs.txt
var reportingVerbs string

// ReportingVerbs lists the verbs that introduce speech, one a line.
func ReportingVerbs() string { return reportingVerbs }

//go:embed en/lexicon/particle-verbs.txt
var particleVerbs string

// ParticleVerbs lists the forms of verbs that a particle may follow at the end of a clause,
// one a line: go on, put in.
func ParticleVerbs() string { return particleVerbs }

//go:embed en/lexicon/page-phrases.txt
var pagePhrases string

// PagePhrases lists what a page says to its reader and an article hardly does,
// one a line, in lower case; lines that begin with # say nothing.
func PagePhrases() string { return pagePhrases }

//go:embed en/lexicon/one-word-names.txt
var oneWordNames string

// OneWordNames lists names that are written in one word though their parts are
// words, one a line, as they are written; lines that begin with # say nothing.
func OneWordNames() string { return oneWordNames }

//go:embed en/lexicon/one-word-nouns.txt
var oneWordNouns string

// OneWordNouns lists words that a trade writes in one though their parts are words,
// one a line, in small letters and the singular; lines that begin with # say nothing.
func OneWordNouns() string { return oneWordNouns }

//go:embed en/lexicon/entities.txt
var entities string

// Entities lists names of several words that a small word joins, one a line.
func Entities() string { return entities }

//go:embed en/lexicon/translated-words.txt
var translatedWords string

// TranslatedWords lists small words as a translation there and back leaves them,
// each with the words that may have stood there before.
func TranslatedWords() string { return translatedWords }
