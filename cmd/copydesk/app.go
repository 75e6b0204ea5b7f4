package main

import (
	"errors"
	"io"
)

// app is what every subcommand shares.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// Exit codes of the contract.
const (
	exitFindings    = 1
	exitUsage       = 2
	exitSkipped     = 3
	exitInterrupted = 130
)

// exitError carries an exit code; a nil error inside means that all has been
// said already.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

func usageError(err error) error { return &exitError{exitUsage, err} }

func exitCode(err error) int {
	var e *exitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &e):
		return e.code
	}
	return exitUsage
}
