// Package arrow holds one property test: tables that another implementation of
// Parquet writes go through copydesk and are read by that implementation again
// (apache/arrow-go; the tool itself uses parquet-go). It is a module of its own so
// that arrow-go, which takes half a minute to compile, stays out of the tool's.
package arrow
