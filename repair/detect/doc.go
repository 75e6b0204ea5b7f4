// Package detect holds every detector, one file a family, and the one list of
// them all. A detector gives evidence; it does not decide.
package detect
